"""Lists, dicts and objects that stand for one of two: which of them it is must not matter.

On one side of a branch a variable holds an object that was there before, on the other another one.
What stands for both is a third.  As long as nobody changes any of the three, nobody can tell; so
they are looked at again once the function has run, and if one has changed, the branch is left to
paths.
"""

from __future__ import annotations

from typing import Protocol

from autodiff.table import ops
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
        self._made = set[int]()

    def keep(self, made: object, sides: tuple[object, object], place: str) -> None:
        """Watch what stands for two objects, and the two."""
        self._made.add(id(made))
        self._kept += [(one, contents_of(one), place) for one in (made, *sides)]

    def require_one(self, one: object) -> None:
        """It must not matter which object it is.

        Raises:
            UnmergeableError: if it stands for two.
        """
        if id(one) in self._made:
            raise self.unmergeable(next(place for kept, _, place in self._kept if kept is one))

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
        ids: Which objects; who holds them goes on holding them.
        watched: What looks at them later; None: nobody does.
        place: The branch.
        every: True if what the sides give may be such objects.
    """

    def __init__(
        self,
        ids: frozenset[int],
        watched: Watched | None = None,
        place: str = "",
        every: bool = False,
    ) -> None:
        self.ids, self._watched, self.place, self._every = ids, watched, place, every

    def __contains__(self, one: object) -> bool:
        return id(one) in self.ids

    def keep(self, made: object, x: object, y: object) -> None:
        """Note that an object stands for two."""
        if self._watched is not None and (self._every or x in self or y in self):
            self._watched.keep(made, (x, y), self.place)

    @property
    def is_looked_at(self) -> bool:
        """False where nothing can be left to paths later."""
        return self._watched is not None

    def unmergeable(self, by_key: bool = False) -> UnmergeableError:
        """What leaves the branch to paths."""
        if self._watched is None:
            return UnmergeableError()
        return self._watched.unmergeable(self.place, by_key)

    def refuse(self, condition: object, found: object) -> None:
        """Note that there is no result where a condition holds: a number is used, and none there.

        Args:
            condition: The condition.
            found: What is there instead.

        Raises:
            UnmergeableError: if that is sure, or cannot be noted.
        """
        decisions = None if self._watched is None else self._watched.owner.decisions
        if decisions is None or not isinstance(condition, Tracer):
            if condition is False or condition == 0.0:
                return
            raise self.unmergeable()
        opposite = ops.logical_not(condition)
        excluded = {(condition.index, False), (opposite.index, True)}
        if excluded.isdisjoint(decisions.within):
            error = TypeError(f"found {found!r} where the function computes with a number")
            decisions.refuse(condition.index, error)


FRESH = Before(frozenset())  # everything was made by the sides themselves
