"""The contest over arrays, training steps and loops as sections of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codegen.measure.timing import duration
from tests.figures.contest.contenders import CONTENDERS, OURS
from tests.figures.contest.race import Result

__all__ = ["CHART", "HOW_CALLED", "growth_table", "sections", "table"]

CHART = "examples/contest.svg"
HOW_CALLED = (
    "Every contender is called alike: with arrays of its own kind that are there already, for "
    "results that are new at each call; C is given the memory of its results too. Times are of "
    "one core's processor, the median of rounds in turns; in brackets, how many times as long as "
    "Proofgrad's machine code. JAX runs loops by `lax.scan`, PyTorch eagerly; C is compiled with "
    "`-O3 -march=native`, and uses no BLAS. Whoever gives other numbers ends the run."
)
_BUILT = (OURS[0], "JAX jit", "numba by hand")  # whose first result takes long


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(result: Result, name: str) -> str:
    time, ratio = result.times.get(name), result.ratio(name)
    if time is None or ratio is None:
        return "-"
    times = f"{ratio:.2g}" if ratio < 10.0 else f"{ratio:.0f}"
    return duration(1e3 * time) + ("" if name == OURS[0] else f" ({times}x)")


def _seconds(result: Result, name: str) -> str:
    return duration(1e9 * result.build[name]) if name in result.build else "-"


def table(results: Sequence[Result]) -> str:
    """One row a problem, one column a contender."""
    names = [n for n in CONTENDERS if any(n in r.times for r in results)]
    built = [n for n in _BUILT if n in names]
    rows = [["", *names, *(f"first result: {n}" for n in built)]]
    for result in results:
        cells = [_cell(result, n) for n in names]
        rows.append([result.problem, *cells, *(_seconds(result, n) for n in built)])
    rule = "|---|" + "---:|" * (len(rows[0]) - 1)
    return "\n".join([_row(rows[0]), rule, *map(_row, rows[1:])])


def growth_table(by_size: Mapping[int, Result]) -> str:
    """One row a contender, one column a size."""
    first = next(iter(by_size.values()))
    lines = [_row(["n", *map(str, by_size)]), "|---|" + "---:|" * len(by_size)]
    for name in first.times:
        lines.append(_row([name, *(_cell(result, name) for result in by_size.values())]))
    return "\n".join(lines)


def sections(
    tables: Mapping[str, Sequence[Result]], growing: Mapping[str, Mapping[int, Result]]
) -> str:
    """All tables, each under its heading.

    Args:
        tables: Results by heading.
        growing: Results by heading and size.
    """
    parts = [
        "# Arrays, steps of training, loops",
        HOW_CALLED,
        f"![Value and gradient, by contender]({CHART})",
    ]
    for heading, results in tables.items():
        parts += [f"## {heading}: value and gradient", table(results)]
    for heading, by_size in growing.items():
        parts += [f"## Growing: {heading}", growth_table(by_size)]
    return "\n\n".join(parts) + "\n"
