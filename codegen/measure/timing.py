"""Timing: any callables, side by side, in interleaved rounds.

A machine that slows down for a moment then slows all of them.
"""

from __future__ import annotations

import gc
import timeit
from collections.abc import Callable, Mapping
from typing import Any

from autodiff.errors import ArgumentError
from autodiff.graph.tree.given import given_count

__all__ = ["SAMPLE", "Call", "Progress", "duration", "loops", "measure", "timer"]

Progress = Callable[[int, int], None]
Call = Callable[[], object] | tuple[Any, ...]

SAMPLE = 0.002  # seconds one timed loop should take
_BUDGET = 2.0  # seconds all rounds together should take
_FEWEST_ROUNDS = 3


def measure(
    callables: Mapping[str, Call], rounds: int = 11, progress: Progress | None = None
) -> dict[str, float]:
    """Median time of each call in nanoseconds, over interleaved rounds.

    Args:
        callables: Label -> a function of no arguments, or a tuple ``(function, *arguments)``.
        rounds: How often each is timed; fewer, but at least three, if one round takes long.
        progress: Called as ``progress(done, total)`` after each timed loop.

    Returns:
        Label -> nanoseconds a call.

    Raises:
        ArgumentError: if ``rounds`` is no count.

    >>> times = measure({"small": (sum, range(10)), "large": (sum, range(1000))})
    >>> times["small"] < times["large"]
    True
    """
    given_count("rounds", rounds)
    timers = {label: timer(call) for label, call in callables.items()}
    calibrated = {label: loops(watch) for label, watch in timers.items()}
    one_round = sum(count * seconds for count, seconds in calibrated.values())
    rounds = min(rounds, max(_FEWEST_ROUNDS, int(_BUDGET / max(one_round, 1e-9))))
    samples: dict[str, list[float]] = {label: [] for label in timers}
    for turn in range(rounds):
        for place, (label, watch) in enumerate(timers.items()):
            count = calibrated[label][0]
            samples[label].append(watch.timeit(count) / count * 1e9)
            if progress is not None:
                progress(turn * len(timers) + place + 1, rounds * len(timers))
    return {label: sorted(times)[rounds // 2] for label, times in samples.items()}


def timer(call: Call) -> timeit.Timer:
    """A timer whose loop calls the function directly, as a user's own code would.

    ``timeit`` switches the garbage collector off; in a user's program it runs, so here too.
    """
    function, *arguments = call if isinstance(call, tuple) and call else (call,)
    if not callable(function):
        raise ArgumentError(f"measure: found {function!r}; expected a function, or a tuple of one")
    names = [f"x{i}" for i in range(len(arguments))]
    scope = dict(zip(names, arguments, strict=True)) | {"function": function, "gc": gc}
    return timeit.Timer(f"function({', '.join(names)})", "gc.enable()", globals=scope)


def loops(watch: timeit.Timer) -> tuple[int, float]:
    """Calls per timed loop, and seconds a call; doubles as the warm-up."""
    count = 1
    while True:
        seconds = watch.timeit(count)
        if seconds >= SAMPLE / 2 or count >= 1_000_000:
            per_call = seconds / count
            return max(1, min(1_000_000, round(SAMPLE / max(per_call, 1e-9)))), per_call
        count *= 4


def duration(nanoseconds: float) -> str:
    """A time with three digits and its unit."""
    for limit, divisor, unit in ((999.5, 1.0, "ns"), (999.5e3, 1e3, "µs"), (999.5e6, 1e6, "ms")):
        if nanoseconds < limit:
            return f"{nanoseconds / divisor:.3g} {unit}"
    return f"{nanoseconds / 1e9:.3g} s"
