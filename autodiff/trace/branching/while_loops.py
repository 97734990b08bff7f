"""``while`` on a traced condition: an ``if`` that is repeated, more often than the example needs.

Where the condition still holds after the last repetition, a call raises: nothing is cut off in
silence, and nothing goes on for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.errors import TraceError
from autodiff.trace.branching.decisions import Decisions

__all__ = ["Repetitions"]

_MOST = 300  # at the example
_UNKNOWN = 40  # without numbers at the example
_MORE = 8  # besides twice as many as at the example


class Repetitions:
    """The repetitions of one ``while``.

    Args:
        decisions: What decides for the trace.
        place: The user's line.
        joinable: The condition of a test both of whose sides may run; None for others.
    """

    def __init__(
        self, decisions: Decisions | None, place: str, joinable: Callable[[object], Any]
    ) -> None:
        self._decisions, self._place, self._joinable = decisions, place, joinable
        self._count = 0
        self._limit: int | None = None
        self.test: object = False

    def goes(self, test: object) -> bool:
        """Whether there is one repetition more, with or without effect."""
        condition = self._joinable(test)
        decisions = self._decisions
        if condition is None or decisions is None:
            self.test = bool(test)
            return self.test
        self.test = test
        if self._limit is None:
            holds = decisions.at_example(condition.index)
            if holds is None:
                self._limit = max(_UNKNOWN, self._count)
            elif not holds:
                self._limit = 2 * self._count + _MORE
        if self._limit is None and self._count >= _MOST:
            raise TraceError(
                f"{self._place}: this loop does not end within {_MOST} repetitions at the example. "
                "Each repetition is recorded: loosen its tolerance, start nearer to its end, or "
                "repeat a fixed number of times: for _ in range(n)"
            )
        if self._limit is not None and self._count >= self._limit:
            decisions.refuse(condition.index, self._exceeded())
            return False
        self._count += 1
        return True

    def _exceeded(self) -> TraceError:
        return TraceError(
            f"{self._place}: this loop was compiled for up to {self._count} repetitions, and needs "
            "more here. Compile it at an example that repeats more often"
        )
