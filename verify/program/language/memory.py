"""What is shared, and when it may be changed.

Lists and arrays are known by every name that was given to them.  What was made before a ``try``
must not change inside it, for the change would survive an exception; nor may an expression that
runs under a condition change anything.  What an ``if`` changes on either side is put together
behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias

from verify.program.language.read_values import Array, List, Table, Value
from verify.program.language.refusal import OneSideAtATime, RefusedError

__all__ = ["Change", "Memory", "together"]


Owner: TypeAlias = List | Table | Array


class Change(NamedTuple):
    """A place that one side of an ``if`` wrote to."""

    owner: Owner
    key: Any
    before: object
    after: object


class _Region:
    """A part of the text in which changes of older things are refused, or noted down."""

    def __init__(self, start: int, why: str) -> None:
        self.start = start
        self.why = why  # "" if they are noted down
        self.changed: dict[tuple[int, object], tuple[Owner, Any, object]] = {}
        self.grown: dict[int, tuple[List, int]] = {}  # lists, and how long they were


class Memory:
    """Keeps the time, and the parts of the text that are being read."""

    def __init__(self) -> None:
        self._now = 0
        self._regions: list[_Region] = []

    def restart(self) -> None:
        """Forget what was being read."""
        self._now, self._regions = 0, []

    def clock(self) -> int:
        """The next moment."""
        self._now += 1
        return self._now

    @contextmanager
    def kept(self, why: str) -> Iterator[None]:
        """In here nothing that exists may change."""
        self._regions.append(_Region(self.clock(), why))
        try:
            yield
        finally:
            self._regions.pop()

    @contextmanager
    def undone(
        self, changes: list[Change], tails: list[tuple[List, list[Value]]]
    ) -> Iterator[None]:
        """What changes in here is undone: it is in ``changes``, what lists get in ``tails``."""
        region = _Region(self.clock(), "")
        self._regions.append(region)
        try:
            yield
        finally:
            self._regions.pop()
            for grown, length in region.grown.values():
                tails.append((grown, grown[length:]))
                del grown[length:]
            for owner, key, before in reversed(region.changed.values()):
                if type(owner) is List and key >= len(owner):
                    continue  # it is in what the list has got
                cells = owner.items if isinstance(owner, Array) else owner
                changes.append(Change(owner, key, before, cells[key]))
                cells[key] = before

    def change(self, owner: Owner, key: object, value: object) -> None:
        """``owner[key] = value``.

        Raises:
            RefusedError: if that is seen where it should not be.
        """
        self._check(owner)
        cells: Any = owner.items if isinstance(owner, Array) else owner
        for region in reversed(self._regions):
            if owner.born >= region.start:
                break
            if region.why:
                raise RefusedError(region.why)
            if isinstance(owner, Table) and key not in owner:
                raise RefusedError("a key that a dict has on one side of an if only")
            region.changed.setdefault((id(owner), key), (owner, key, cells[key]))
        cells[key] = value

    def grow(self, owner: List, at_end: bool = False) -> None:
        """Make sure that a list may change its length.

        Raises:
            RefusedError: if that is seen where it should not be.
            OneSideAtATime: if both sides of an if cannot be put together then.
        """
        self._check(owner)
        for region in reversed(self._regions):
            if owner.born >= region.start:
                break
            if region.why:
                raise RefusedError(region.why)
            if not at_end:
                raise OneSideAtATime
            region.grown.setdefault(id(owner), (owner, len(owner)))

    @staticmethod
    def _check(owner: List | Table | Array) -> None:
        if owner.born < 0:
            raise RefusedError(
                "changes an argument, which is the caller's, or a constant; change a copy"
            )
        if isinstance(owner, Array) and owner.shared:
            raise RefusedError("changes an array that shares its memory; change a copy")


def together(
    changed: Sequence[Change], changed_else: Sequence[Change]
) -> list[tuple[Owner, object, Value, Value]]:
    """What was written on either side of an if: owner, key, what each side leaves there."""
    cells: dict[tuple[int, object], tuple[Owner, object, list[Value]]] = {}
    for side, changes in enumerate((changed, changed_else)):
        for owner, key, old, new in changes:
            cells.setdefault((id(owner), key), (owner, key, [old, old]))[2][side] = new
    return [(owner, key, x, y) for owner, key, (x, y) in cells.values()]
