"""Figures of loops as machine code: ``python -m tests.figures.loops [NAME ...] [STEPS ...]``.

Value and gradient of programs over time, written as ordinary loops: what compiling takes without
and with its check, and a call against JAX (jit, ``lax.scan``) and C by hand (``cc -O3``), where
these are there.  Rounds alternate; medians of processor time are compared.  Pin it to one core::

    taskset -c 0 env OPENBLAS_NUM_THREADS=1 JAX_PLATFORMS=cpu python -m tests.figures.loops
"""

from __future__ import annotations

import contextlib
import ctypes
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from codegen import CompiledGradient, compile_gradient
from tests.figures.array_loops import flat, rounds
from tests.figures.simulations import PROGRAMS, examples

_STEPS = (100, 1000, 10_000)
_BY_HAND = Path(__file__).with_name("simulations_by_hand.c")
_IN_C = {"garch": ((3,),), "hmm": ((4, 4), (4,))}  # shapes of the gradient


def _compiled(name: str, n: int, check: bool) -> tuple[CompiledGradient, float]:
    """Ours, and the processor time that compiling took."""
    args, count = examples(name, n)
    wrt = 0 if count == 1 else tuple(range(count))
    start = time.process_time()
    df = compile_gradient(PROGRAMS[name], *args, target="native", wrt=wrt, check=check)
    return df, time.process_time() - start


def _in_jax(name: str, n: int) -> Callable[[], Any]:
    import jax

    jax.config.update("jax_enable_x64", True)
    from tests.figures import simulations_in_jax

    args, count = examples(name, n)
    wrt = 0 if count == 1 else tuple(range(count))
    run = jax.jit(jax.value_and_grad(simulations_in_jax.PROGRAMS[name], argnums=wrt))
    given = [jax.numpy.asarray(x) for x in args]
    return lambda: jax.block_until_ready(run(*given))


def _library(folder: str) -> ctypes.CDLL | None:
    """The programs by hand, compiled; None where no compiler is."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    path = Path(folder) / "by_hand.so"
    flags = ["-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, str(_BY_HAND), "-o", str(path), "-lm"], check=True)
    return ctypes.CDLL(str(path))


def _in_c(library: ctypes.CDLL, name: str, n: int) -> Callable[[], Any]:
    args, _ = examples(name, n)
    run = getattr(library, name)
    run.restype = ctypes.c_double
    bars = [np.empty(shape) for shape in _IN_C[name]]
    kept = (*args, *bars)  # as long as there are pointers to them
    pointers = [ctypes.c_void_p(x.ctypes.data) for x in kept]
    given = (*pointers[: len(args)], ctypes.c_long(n), *pointers[len(args) :])
    return lambda: (run(*given), *kept[len(args) :])


def contenders(library: ctypes.CDLL | None, name: str, n: int) -> dict[str, Callable[[], Any]]:
    """What is compared."""
    df, _ = _compiled(name, n, check=False)
    found: dict[str, Callable[[], Any]] = {"native": partial(df, *examples(name, n)[0])}
    with contextlib.suppress(ImportError):
        found["jax"] = _in_jax(name, n)
    if library is not None and name in _IN_C:
        found["c"] = _in_c(library, name, n)
    return found


def _line(library: ctypes.CDLL | None, name: str, n: int) -> str:
    _, plain = _compiled(name, n, check=False)
    df, checked = _compiled(name, n, check=True)
    calls = contenders(library, name, n)
    right = flat(calls["native"]())
    off = max(float(np.max(np.abs(flat(c()) - right))) for c in calls.values())
    times = rounds(calls)
    own = times["native"]
    rivals = "".join(
        f"; {who} {t:.1f} ({own / t:.2f})" for who, t in times.items() if who != "native"
    )
    lines = len(df.source.splitlines())
    return (
        f"{name} {n}: {own:.1f} us{rivals}; compile {plain:.2f} s, with check {checked:.2f} s, "
        f"{df.verdict}, {lines} lines; differ by {off / np.max(np.abs(right)):.0e}"
    )


def main(wanted: Sequence[str]) -> None:
    """Print a line for each program and number of steps."""
    names = [word for word in wanted if not word.isdigit()] or list(PROGRAMS)
    steps = [int(word) for word in wanted if word.isdigit()] or _STEPS
    compile_gradient(lambda x: x * x, 1.0, target="native")  # LLVM is loaded once
    with tempfile.TemporaryDirectory() as folder:
        library = _library(folder)
        for name in names:
            for n in steps:
                print(_line(library, name, n), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
