"""Lists, dicts and objects that stand for one of two: which of them it is must not matter.

On one side of a branch a variable holds an object that was there before, on the other another one.
What stands for both is a third.  As long as nobody changes any of the three, nobody can tell; so
they are looked at again once the function has run, and if one has changed, the branch is left to
paths.
"""

from __future__ import annotations

from autodiff.trace.branching.reachable import Contents, contents_of
from autodiff.trace.branching.restarts import UnmergeableError

__all__ = ["FRESH", "Before", "Watched"]


class Watched:
    """Objects that must not change any more."""

    def __init__(self) -> None:
        self._kept: list[tuple[object, Contents, str]] = []
        self._made = set[int]()

    def keep(self, made: object, sides: tuple[object, object], place: str) -> None:
        """Watch what stands for two objects, and the two."""
        self._made.add(id(made))
        self._kept += [(one, contents_of(one), place) for one in (made, *sides)]

    def place_of(self, one: object) -> str | None:
        """The branch behind which an object stands for two; None for all others."""
        if id(one) not in self._made:
            return None
        return next(place for kept, _, place in self._kept if kept is one)

    def require_unchanged(self, owner: object) -> None:
        """Raise if one has changed since then.

        Raises:
            UnmergeableError: naming the branch.
        """
        for one, contents, place in self._kept:
            if not contents_of(one).same(contents):
                error = UnmergeableError(place)
                error.owner = owner
                raise error


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
        self.ids, self._watched, self._place, self._every = ids, watched, place, every

    def __contains__(self, one: object) -> bool:
        return id(one) in self.ids

    def keep(self, made: object, x: object, y: object) -> None:
        """Note that an object stands for two."""
        if self._watched is not None and (self._every or x in self or y in self):
            self._watched.keep(made, (x, y), self._place)


FRESH = Before(frozenset())  # everything was made by the sides themselves
