"""Who takes part: one row a contender.

Everybody is called alike: with arrays of its own kind that are there, for a result that is new at
each call.  C is given the memory of its result too.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from codegen import compile_gradient
from tests.figures.contest.problems import Problem

__all__ = ["CONTENDERS", "OURS", "Call", "compiled"]

Call = Callable[[], Any]
_RATE = 1e-9  # of a training step: so small that every step does the same work
_FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC")
_SOURCES = ("contest/arrays_by_hand.c", "simulations_by_hand.c")


def _move(parameters: Sequence[Any], bars: Sequence[Any]) -> None:
    """Arrays of any kind, in place."""
    for p, bar in zip(parameters, bars, strict=True):
        p.__isub__(_RATE * bar)


def _stepping(problem: Problem, gradient: Callable[..., Any], arguments: tuple[Any, ...]) -> Call:
    """The call; of a step, with the parameters moved in place."""
    if not problem.step:
        return partial(gradient, *arguments)
    parameters = arguments[: problem.wrt]

    def step() -> Any:
        value, bars = gradient(*arguments)
        _move(parameters, bars)
        return value, bars

    return step


# --- ours ----------------------------------------------------------------------------------------


def compiled(problem: Problem, target: str, **options: Any) -> Any:
    """The gradient of a problem."""
    loss = problem.loss

    def of_arguments(*args: Any) -> Any:
        return loss(np, *args)

    return compile_gradient(
        of_arguments, *problem.arguments(), target=target, wrt=problem.chosen, **options
    )


def _native(problem: Problem) -> Call:
    return _stepping(problem, compiled(problem, "native"), problem.arguments())


def _numpy_text(problem: Problem) -> Call | None:
    if problem.scanned:
        return None  # NumPy on single numbers, a thousand times over
    return _stepping(problem, compiled(problem, "numpy"), problem.arguments())


# --- libraries -----------------------------------------------------------------------------------


def _jax(problem: Problem) -> Call:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    loss = partial(problem.loss, jnp)
    if problem.scanned:
        from tests.figures import simulations_in_jax

        loss = simulations_in_jax.PROGRAMS[problem.scanned]
    gradient = jax.value_and_grad(loss, argnums=problem.chosen)
    given = [jnp.asarray(x) for x in problem.arguments()]
    if not problem.step:
        run = jax.jit(gradient)
        return lambda: jax.block_until_ready(run(*given))

    def update(*arguments: Any) -> Any:
        value, bars = gradient(*arguments)
        moved = [p - _RATE * bar for p, bar in zip(arguments, bars, strict=False)]
        return (value, bars), moved

    run = jax.jit(update)

    def step() -> Any:
        result, given[: problem.wrt] = jax.block_until_ready(run(*given))
        return result

    return step


@cache
def _numpy_of_torch() -> SimpleNamespace:
    import torch

    torch.set_num_threads(1)
    named = SimpleNamespace(**vars(torch))
    named.max = lambda x, axis=None, keepdims=False: (
        torch.max(x) if axis is None else torch.amax(x, axis, keepdim=keepdims)
    )
    named.maximum = lambda x, y: torch.clamp(x, min=y)
    named.convolve = lambda x, k, _: torch.nn.functional.conv1d(
        x[None, None], k.flip(0)[None, None]
    )[0, 0]
    return named


def _torch(problem: Problem) -> Call | None:
    import torch

    if problem.scanned:
        return None  # a thousand steps of a loop, eagerly: minutes
    named = _numpy_of_torch()
    given = [torch.as_tensor(x) for x in problem.arguments()]
    parameters = [x.requires_grad_() for x in given[: problem.wrt]]

    def call() -> Any:
        value = problem.loss(named, *given)
        bars = torch.autograd.grad(value, parameters)
        if problem.step:
            with torch.no_grad():
                _move(parameters, bars)
        return value.detach(), bars

    return call


# --- by hand -------------------------------------------------------------------------------------


def _by_hand(problem: Problem) -> Call | None:
    if problem.by_hand is None:
        return None
    return _stepping(problem, problem.by_hand, problem.arguments())


def _numba(problem: Problem) -> Call | None:
    if problem.numba is None:
        return None
    import numba

    return _stepping(problem, numba.njit(problem.numba), problem.arguments())


@cache
def _library() -> ctypes.CDLL | None:
    """The functions written in C; None where no compiler is."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    sources = [str(Path(__file__).parents[1] / name) for name in _SOURCES]
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "by_hand.so")
        subprocess.run([compiler, *_FLAGS, *sources, "-o", path, "-lm"], check=True)
        return ctypes.CDLL(path)


def _c(problem: Problem) -> Call | None:
    library = _library() if problem.c else None
    if library is None:
        return None
    arguments = problem.arguments()
    bars = [np.empty_like(x) for x in arguments[: problem.wrt]]
    run = getattr(library, problem.c)
    run.restype = ctypes.c_double
    pointers = [ctypes.c_void_p(x.ctypes.data) for x in (*arguments, *bars)]
    count = len(arguments)
    given = (*pointers[:count], ctypes.c_long(problem.rows), *pointers[count:])

    def call() -> Any:
        return run(*given), bars, arguments  # they live as long as the pointers

    return lambda: call()[:2]


OURS = ("Proofgrad", "Proofgrad, NumPy text")
# Each makes what one call needs; None where it has nothing for the problem, ImportError where it is
# not installed.
CONTENDERS: dict[str, Callable[[Problem], Call | None]] = {
    OURS[0]: _native,
    OURS[1]: _numpy_text,
    "JAX jit": _jax,
    "PyTorch": _torch,
    "NumPy by hand": _by_hand,
    "numba by hand": _numba,
    "C by hand": _c,
}
