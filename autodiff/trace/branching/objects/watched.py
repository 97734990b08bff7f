"""Lists, dicts, objects and arrays that stand for one of some: which it is must not matter.

On one side of a branch a variable holds an object that was there before, on the other another one.
What stands for both is a third.  As long as nobody changes any of the three, nobody can tell; so
they are looked at again once the function has run, and if one has changed, the branch is left to
paths.  Arrays of the trace note themselves what was assigned to which, and may go on unread.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Protocol

import numpy as np

from autodiff.table import ops
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.decisions import Decisions
from autodiff.trace.branching.reachable import Contents, contents_of
from autodiff.trace.branching.restarts import UnmergeableError
from autodiff.trace.placeholder import Tracer

__all__ = ["FRESH", "Before", "Watched"]


class _Owner(Protocol):
    """What runs both sides of branches."""

    decisions: Decisions | None


class Watched:
    """Objects that must not change any more.

    Args:
        owner: What runs both sides of branches.
    """

    def __init__(self, owner: _Owner) -> None:
        self.owner = owner
        self._kept: list[tuple[object, Contents, str]] = []
        self._made: dict[int, tuple[object, str]] = {}

    def keep(self, made: object, of: Iterable[object], place: str) -> None:
        """Watch what stands for some objects, and these."""
        self._made[id(made)] = made, place
        for one in of:
            if isinstance(made, ArrayTracer) and isinstance(one, ArrayTracer):
                made.may_share(one, self.unmergeable(place))
            else:
                self._kept += [(x, contents_of(x), place) for x in (made, one)]

    def require_one(self, one: object) -> None:
        """It must not matter which object it is.

        Raises:
            UnmergeableError: if it stands for two.
        """
        if id(one) in self._made:
            raise self.unmergeable(self._made[id(one)][1])

    def unmergeable(self, place: str, by_key: bool = False) -> UnmergeableError:
        """What leaves a branch to paths."""
        error = UnmergeableError(place, by_key)
        error.owner = self.owner
        return error

    def require_unchanged(self) -> None:
        """Raise if one has changed since then.

        Raises:
            UnmergeableError: naming the branch.
        """
        for one, contents, place in self._kept:
            if not contents_of(one).same(contents):
                raise self.unmergeable(place)


class Before:
    """What was there before the sides of one branch ran.

    Args:
        there: Gives the ids of these objects; who holds them goes on holding them.
        watched: What looks at them later; None: nobody does.
        place: The branch.
        idle: True if nothing at all is done on its other side.
    """

    def __init__(
        self, there: Callable[[], Container[int]], watched: Watched | None = None, place: str = "",
        idle: bool = False,
    ) -> None:  # fmt: skip
        self._there, self.watched, self.place, self.idle = there, watched, place, idle

    def __contains__(self, one: object) -> bool:
        """True for what was there, and for what may share memory with it."""
        if isinstance(one, ArrayTracer) and (one._parent is not None or one._doubtful):
            return True
        if isinstance(one, np.ndarray) and one.base is not None:
            return True
        return id(one) in self._there()

    def keep(self, made: object, x: object, y: object) -> None:
        """Note that an object stands for two."""
        if self.watched is not None and (x in self or y in self):
            self.watched.keep(made, (x, y), self.place)

    @property
    def is_looked_at(self) -> bool:
        """False where nothing can be left to paths later."""
        return self.watched is not None

    def unmergeable(self, by_key: bool = False) -> UnmergeableError:
        """What leaves the branch to paths."""
        if self.watched is None:
            return UnmergeableError()
        return self.watched.unmergeable(self.place, by_key)

    def refuse(self, condition: object, found: object) -> None:
        """Note that there is no result where a condition holds: a number is used, and none there.

        Args:
            condition: The condition.
            found: What is there instead.

        Raises:
            UnmergeableError: if that is sure, or cannot be noted.
        """
        decisions = None if self.watched is None else self.watched.owner.decisions
        if decisions is None or not isinstance(condition, Tracer):
            if condition is False or condition == 0.0:
                return
            raise self.unmergeable()
        opposite = ops.logical_not(condition)
        excluded = {(condition.index, False), (opposite.index, True)}
        if excluded.isdisjoint(decisions.within):
            error = TypeError(f"found {found!r} where the function computes with a number")
            decisions.refuse(condition.index, error)


FRESH = Before(frozenset)  # everything was made by the sides themselves
