"""Figures of loops as machine code: ``python -m tests.figures.loops [NAME ...] [STEPS ...]``.

Value and gradient of programs over time, written as ordinary loops: what compiling takes without
and with its check, and a call against the contest's others.  Pin it to one core::

    taskset -c 0 env OPENBLAS_NUM_THREADS=1 JAX_PLATFORMS=cpu python -m tests.figures.loops
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from codegen import CompiledGradient, compile_gradient
from tests.figures.contest.contenders import compiled
from tests.figures.contest.problems import Problem, simulation
from tests.figures.contest.race import race
from tests.figures.simulations import PROGRAMS

_STEPS = (100, 1000, 10_000)


def _compiled(problem: Problem, check: bool) -> tuple[CompiledGradient, float]:
    """Ours, and the processor time that compiling took."""
    start = time.process_time()
    df = compiled(problem, "native", check=check)
    return df, time.process_time() - start


def _line(problem: Problem) -> str:
    _, plain = _compiled(problem, check=False)
    df, checked = _compiled(problem, check=True)
    result = race(problem)
    times = "; ".join(f"{n} {t:.1f} us ({result.ratio(n):.2f})" for n, t in result.times.items())
    return (
        f"{problem.name}: {times}; compile {plain:.2f} s, with check {checked:.2f} s, "
        f"{df.verdict}, {len(df.source.splitlines())} lines"
    )


def main(wanted: Sequence[str]) -> None:
    """Print a line for each program and number of steps."""
    names = [word for word in wanted if not word.isdigit()] or list(PROGRAMS)
    steps = [int(word) for word in wanted if word.isdigit()] or _STEPS
    compile_gradient(lambda x: x * x, 1.0, target="native")  # LLVM is loaded once
    for name in names:
        for n in steps:
            print(_line(simulation(name, n)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
