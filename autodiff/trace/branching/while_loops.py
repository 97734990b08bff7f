"""``while`` on a traced condition: an ``if`` that is repeated, more often than the example needs.

Where the condition still holds after the last repetition, a call raises: nothing is cut off in
silence, and nothing goes on for ever.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from autodiff.errors import TraceError
from autodiff.trace.branching.decisions import Decisions
from autodiff.trace.placeholder import Tracer

__all__ = ["Computed", "Repetitions", "Step", "exceeded"]

# The names that an expression reads, and a function of what they hold (``source/own_steps.py``).
Computed: TypeAlias = tuple[Sequence[str], Callable[..., object]]
Step: TypeAlias = tuple[str, Computed]  # the name that is given what is computed

_MOST = 300  # at the example
_UNKNOWN = 40  # without numbers at the example
_MORE = 8  # besides twice as many as at the example


class Repetitions:
    """The repetitions of one ``while``.

    Args:
        decisions: What decides for the trace.
        place: File, line and column.
        joinable: The condition of a test both of whose sides may run; None for others.

    Attributes:
        test: The condition under which a repetition runs that is not recorded.
        records: True if a repetition is recorded, for all.
        asks: True if that repetition asks whether it runs.
    """

    def __init__(
        self, decisions: Decisions | None, place: str, joinable: Callable[[object], Tracer | None]
    ) -> None:
        file, line, _ = place.rsplit(":", 2)
        self._decisions, self._joinable = decisions, joinable
        self._line = f"{os.path.basename(file)}:{line}"
        self._count = 0
        self._limit: int | None = None
        self.test: object = False
        self.records = self.asks = False

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
                f"{self._line}: this loop does not end within {_MOST} repetitions at the example. "
                "Each repetition is recorded: loosen its tolerance, start nearer to its end, or "
                "repeat a fixed number of times: for _ in range(n)"
            )
        if self._limit is not None and self._count >= self._limit:
            decisions.refuse(condition.index, exceeded(self._line, self._count))
            return False
        self._count += 1
        return True

    def enter(self, variables: Mapping[str, object]) -> tuple[object, ...]:
        """The variables with which a repetition begins that is recorded."""
        raise NotImplementedError

    def leave(self, variables: Mapping[str, object]) -> tuple[object, ...]:
        """The variables after all repetitions."""
        raise NotImplementedError


def exceeded(line: str, count: int) -> TraceError:
    """What is raised where a loop goes on after so many repetitions."""
    return TraceError(
        f"{line}: this loop was compiled for up to {count} repetitions, and needs more here. "
        "Compile it at an example that repeats more often"
    )
