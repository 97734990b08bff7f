"""Measure: ``python -m tests.figures.contest [WORD ...]``, or ``--page FILE`` for all of it.

Problems whose name has one of the words, all by default, one line each; with ``--page``, the tables
of the points too, as Markdown, and the charts beside the examples.  Rows of a page are kept in
``--kept FILE`` as they are measured: after ``--seconds`` it ends with 3, and goes on when it is
started again.  To be started pinned and with one thread for everybody, as
``tests.figures.benchmarks`` does::

    taskset -c 1 env OPENBLAS_NUM_THREADS=1 JAX_PLATFORMS=cpu python -m tests.figures.contest
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from codegen.measure.contest.chart import draw_chart
from codegen.measure.contest.remote import Remotes
from codegen.measure.contest.results import Contest, page_text
from tests.figures.contest.chart import draw
from tests.figures.contest.kept import Kept, UnfinishedError
from tests.figures.contest.page import CHART, sections
from tests.figures.contest.points import FUNCTIONS, contest_of
from tests.figures.contest.problems import ARRAYS, GROWING, LOOPS, STEPS, Problem
from tests.figures.contest.race import Result, race

_ROOT = Path(__file__).resolve().parents[3]
_POINTS_CHART = "examples/benchmark.svg"
_TABLES: Mapping[str, Sequence[Problem]] = {
    "Arrays": ARRAYS,
    "Steps of training": STEPS,
    "Loops": LOOPS,
}


def _shown(result: Result) -> str:
    times = "  ".join(f"{n} {t:.1f} ({result.ratio(n):.2f})" for n, t in result.times.items())
    built = "  ".join(f"{n} {t:.2f}" for n, t in result.build.items())
    return f"{result.problem}: {times} us; first result: {built} s"


def _measured(problem: Problem) -> Result:
    result = race(problem)
    print(_shown(result), flush=True)
    return result


def _print_those(words: Sequence[str]) -> None:
    grown = [make(n) for make, sizes in GROWING.values() for n in sizes]
    problems = {p.name: p for p in (*ARRAYS, *STEPS, *LOOPS, *grown)}
    for name, problem in problems.items():
        if not words or any(word in name for word in words):
            _measured(problem)


def _write_page(page: Path, kept: Kept) -> None:
    def row(problem: Problem) -> Result:
        return kept.row(problem.name, lambda: _measured(problem))

    with closing(Remotes()) as remotes:
        points = [kept.row(name, lambda: _contest(name, remotes)) for name in FUNCTIONS]  # noqa: B023
    tables = {heading: [row(p) for p in rows] for heading, rows in _TABLES.items()}
    growing = {h: {n: row(f(n)) for n in sizes} for h, (f, sizes) in GROWING.items()}
    draw(tables, growing, _ROOT / CHART)
    draw_chart(points, _ROOT / _POINTS_CHART)
    page.write_text(page_text(points) + "\n" + sections(tables, growing), "utf-8")


def _contest(name: str, remotes: Remotes) -> Contest:
    found = contest_of(name, remotes)
    print(found.title, flush=True)
    return found


def _row_count() -> int:
    """How many rows a page has; what grows has some of another table's."""
    names = {p.name for rows in _TABLES.values() for p in rows}
    names |= {make(n).name for make, sizes in GROWING.values() for n in sizes}
    return len(names) + len(FUNCTIONS)


def main() -> None:
    """Print a line for each problem, or write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures.contest")
    parser.add_argument("words", nargs="*", help="parts of problems' names")
    parser.add_argument("--page", type=Path, help="write everything to this file")
    parser.add_argument("--kept", type=Path, default=_ROOT / "build/contest.json")
    parser.add_argument("--seconds", type=float, default=math.inf)
    asked = parser.parse_args()
    if asked.page is None:
        _print_those(asked.words)
        return
    try:
        _write_page(asked.page, Kept(asked.kept, asked.seconds, _row_count()))
    except UnfinishedError as unfinished:
        print(unfinished)
        sys.exit(3)


if __name__ == "__main__":
    main()
