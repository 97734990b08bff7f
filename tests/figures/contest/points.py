"""The contest at single points: every library found, and numba and C by hand beside them."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
import tempfile
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np

from codegen.contest import Contest, contest
from codegen.measure.contest.case import Case, Contender, Prepared, SkipError
from codegen.measure.contest.remote import Remotes
from tests.examples_by_path import example
from tests.figures.contest.points_in_numba import BY_HAND
from tests.modules_by_path import module_at

__all__ = ["FUNCTIONS", "contest_of", "guests"]

# Functions of examples/benchmark.py, each with the name of its gradient by hand.
FUNCTIONS = {
    "rosenbrock": "rosenbrock",
    "rosenbrock_100": "rosenbrock",
    "black_scholes": "black_scholes",
    "network": "network",
    "camera": "camera",
}
_ROUNDS = 15  # of a few milliseconds each
_FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")


def _in_numba(name: str, case: Case) -> Prepared:
    try:
        import numba
    except ImportError:
        raise SkipError("not installed") from None
    gradient = numba.njit(BY_HAND[name])
    return Prepared((gradient, case.vector), lambda found: (found[0], found[1].tolist()))


def _module(name: str) -> ModuleType:
    """The module that calls the function written in C."""
    compiler, headers = shutil.which("cc"), sysconfig.get_path("include")
    if compiler is None or not Path(headers, "Python.h").exists():
        raise SkipError("there is no C compiler here, or Python's headers are missing")
    source = Path(__file__).with_name("points_by_hand.c")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "by_hand.so"
        named = f"-DFUNCTION={name}", f"-I{headers}"
        subprocess.run([compiler, *_FLAGS, *named, source, "-o", path, "-lm"], check=True)
        return module_at(path)


def _in_c(name: str, case: Case) -> Prepared:
    module, point, gradient = _module(name), case.vector.copy(), np.empty(len(case.inputs))
    module.bind(point.ctypes.data, point.size, gradient.ctypes.data)
    keep = module, point, gradient
    return Prepared(module.call, lambda value: (value, gradient.tolist()), keep=keep)


def guests(name: str) -> tuple[Contender, Contender]:
    """The gradients of a function that were written by hand."""
    return (
        Contender("numba by hand", "numba", partial(_in_numba, name)),
        Contender("C by hand -O3, bound", "", partial(_in_c, name), bound=True),
    )


def contest_of(function: str, remotes: Remotes | None = None) -> Contest:
    """The contest of a function, run by processes that are kept for others."""
    found = getattr(example("benchmark"), function)
    return contest(found, rounds=_ROUNDS, guests=guests(FUNCTIONS[function]), remotes=remotes)
