"""Run the contenders of a problem in turns, once their numbers agree."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.figures.contest.contenders import CONTENDERS, OURS, Call
from tests.figures.contest.problems import Problem

__all__ = ["Result", "prepared", "race"]

_ROUNDS, _SPAN = 9, 0.02  # rounds, and seconds of one
_CALM, _TRIALS = 0.05, 3  # how far quartiles lie apart at most, or all is measured again
_ALLOWED = 1e-8  # relative to the largest number


@dataclass(frozen=True)
class Result:
    """A problem, and microseconds a call.

    Args:
        problem: Its name.
        times: Of each contender that took part.
        build: Seconds from the function to its first result.
    """

    problem: str
    times: Mapping[str, float]
    build: Mapping[str, float]

    def ratio(self, name: str) -> float | None:
        """How many times as long as ours a contender takes."""
        time = self.times.get(name)
        return None if time is None else time / self.times[OURS[0]]


def race(problem: Problem, names: Iterable[str] = CONTENDERS) -> Result:
    """Measure a problem: the contenders that are prepared, in turns."""
    calls, build = prepared(problem, names)
    counts = {name: _count(call) for name, call in calls.items()}
    best: dict[str, list[float]] = {}
    for _ in range(_TRIALS):
        found = _rounds(calls, counts)
        if not best or _unrest(found) < _unrest(best):
            best = found
        if _unrest(best) <= _CALM:
            break
    times = {name: 1e6 * statistics.median(own) for name, own in best.items()}
    return Result(problem.name, times, build)


def prepared(
    problem: Problem, names: Iterable[str] = CONTENDERS
) -> tuple[dict[str, Call], dict[str, float]]:
    """Calls that give the same numbers, and the seconds to the first result of each.

    Args:
        problem: What is differentiated.
        names: The contenders; those that have nothing for it, or are not installed, are left out.

    Raises:
        ValueError: if a contender's numbers are others than ours.
    """
    calls: dict[str, Call] = {}
    build: dict[str, float] = {}
    results: dict[str, Any] = {}
    for name in names:
        start = time.perf_counter()
        try:
            call = CONTENDERS[name](problem)
        except ImportError:
            continue
        if call is not None:
            results[name] = _flat(call())
            build[name] = time.perf_counter() - start
            calls[name] = call
    _compare(problem, results)
    return calls, build


def _compare(problem: Problem, results: Mapping[str, Any]) -> None:
    expected = results[OURS[0]]
    scale = np.max(np.abs(expected))
    for name, found in results.items():
        off = float(np.max(np.abs(found - expected)) / scale)
        if not off <= _ALLOWED:
            raise ValueError(
                f"{problem.name}, {name}: found numbers that differ by {off:.0e}; expected those "
                f"of {OURS[0]}, to {_ALLOWED:.0e} of the largest"
            )


def _count(call: Call) -> int:
    """How many calls a round has."""
    call()
    start = time.perf_counter()
    call()
    return max(1, int(_SPAN / max(time.perf_counter() - start, 1e-7)))


def _rounds(calls: Mapping[str, Call], counts: Mapping[str, int]) -> dict[str, list[float]]:
    """The seconds of the processor that a call took in each round, rounds alternating."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(_ROUNDS):
        for name, call in calls.items():
            start = time.process_time()
            for _ in range(counts[name]):
                call()
            times[name].append((time.process_time() - start) / counts[name])
    return times


def _unrest(times: Mapping[str, list[float]]) -> float:
    """How far the quartiles of the rounds lie apart, of the median: who else worked here.

    That disturbs everybody.  So it is said of the middle contender: one that is restless alone, by
    its allocator say, would be so again.
    """
    apart = []
    for own in times.values():
        first, middle, third = statistics.quantiles(own, n=4)
        apart.append((third - first) / middle)
    return statistics.median(apart)


def _flat(result: Any) -> Any:
    """All numbers of a result."""
    parts: list[Any] = []
    stack = [result]
    while stack:
        top = stack.pop()
        if isinstance(top, (tuple, list)):
            stack += reversed(top)
        else:
            parts.append(np.ravel(np.asarray(top)))
    return np.concatenate(parts)
