"""Lists some of whose elements may not be there: a branch appends them, or a test keeps them.

How many there are depends on values.  Such a list knows of each element under which condition it is
there; sums, extremes, lengths, single elements and loops over it choose by these.  Whatever else
asks for its elements has the branch left to paths, on each of which it is a list like any other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, cast

import numpy as np

from autodiff.table import ops
from autodiff.table.arrays.choosing import argmax
from autodiff.table.arrays.reshaping import cumsum, sum_over
from autodiff.table.primitive import Operand
from autodiff.trace.array_tracer import BUILDING, ArrayTracer
from autodiff.trace.branching.choices import is_number
from autodiff.trace.branching.restarts import UnmergeableError
from autodiff.trace.whole.chosen.chosen_rows import Selection
from autodiff.trace.whole.moving import as_tracer

__all__ = ["Entries", "Maybe", "Refuse", "Unsure", "entries_met", "is_unsure"]

Refuse = Callable[[object, Callable[[], Exception]], None]  # notes where there is no result


class Maybe(NamedTuple):
    """An element that is there where a condition holds."""

    value: object
    holds: object


class Entries:
    """What stands for a list that is appended to while a repetition is recorded."""

    appended: list[object]


class Unsure(list[object]):
    """A list that may hold such elements.

    Args:
        owner: What runs both sides of branches.
        items: What it begins with.
        place: The branch, or the test, by which elements are there or not.
    """

    def __init__(self, owner: object, items: Iterable[object] = (), place: str = "") -> None:
        super().__init__(items)
        self._owner, self.place = owner, place

    @property
    def entries(self) -> list[object]:
        """What is there, and what may be."""
        return [*list.__iter__(self)]

    def put(self, entries: Sequence[object]) -> None:
        """Hold these instead."""
        list.__setitem__(self, slice(None), entries)

    def extend(self, items: Iterable[object]) -> None:
        """Put these behind the others."""
        super().extend(_entries(items))

    def require_sure(self) -> None:
        """It is a list like any other.

        Raises:
            UnmergeableError: if that depends on values.
        """
        if is_unsure(self):
            error = UnmergeableError(self.place)
            error.owner = self._owner
            raise error

    # --- what it comes down to ---

    @property
    def pairs(self) -> list[tuple[object, object]]:
        """Each element with its condition, as a number."""
        return [(x.value, x.holds) if type(x) is Maybe else (x, True) for x in self.entries]

    def of(self, entries: Iterable[object]) -> Unsure:
        """Such a list of others."""
        return Unsure(self._owner, entries, self.place)

    def ordered(self, reverse: bool) -> Unsure:
        """Its elements in order: what is not there comes last."""
        chosen, count = self.selection(), self.length()
        sign = -1.0 if reverse else 1.0
        rows = sign * np.sort(ops.where(chosen.mask, sign * chosen.whole, math.inf))
        holds = ops.lt(chosen.mask.known(np.arange(float(len(rows)))), count)
        return self.of([Maybe(rows[k], holds[k]) for k in range(len(rows))])

    def _mask(self) -> ArrayTracer:
        """The conditions as one array."""
        builder = BUILDING.get()
        assert builder is not None
        like = ArrayTracer(builder, builder.literal(0.0))
        holds = [1.0 if holds is True else holds for _, holds in self.pairs]
        return cast("ArrayTracer", ops.ne(as_tracer(holds, like), 0.0))

    def selection(self) -> Selection:
        """The elements, of which each is a number, as what a mask chooses."""
        mask = self._mask()
        values: list[object] = [value for value, _ in self.pairs]
        if not all(map(is_number, values)):
            self.require_sure()
        return Selection(as_tracer(values, mask), mask)

    def length(self) -> object:
        """What ``len`` of it is."""
        if not is_unsure(self):
            return len(self)
        return sum_over(ops.where(self._mask(), 1, 0), (0,))

    def total(self) -> object:
        """The sum of its elements."""
        return np.sum(self.selection())

    def extreme(self, larger: bool, default: Sequence[object], refuse: Refuse) -> object:
        """``max`` or ``min`` of it.

        Args:
            larger: True for ``max``.
            default: What it is if there is nothing, if that is given.
            refuse: Notes that it is nothing, else.
        """
        chosen, count = self.selection(), self.length()
        found: object = np.max(chosen) if larger else np.min(chosen)
        if default:
            return ops.where(ops.gt(count, 0.0), found, default[0])
        name = "max" if larger else "min"
        refuse(ops.lt(count, 1.0), lambda: ValueError(f"{name}() arg is an empty sequence"))
        return found

    def at(self, key: int | Operand, refuse: Refuse) -> object:
        """An element, from the front or from the back."""
        mask, count = self._mask(), self.length()
        back = ops.add(count, key)
        before = ops.where(ops.lt(key, 0.0), back, key)
        beyond = ops.logical_or(ops.lt(before, 0.0), ops.ge(before, count))
        refuse(beyond, lambda: IndexError("list index out of range"))
        running = cumsum(ops.where(mask, 1.0, 0.0), 0)
        place = argmax(ops.where(ops.gt(running, before), 1.0, 0.0), 0)
        return self._taken([value for value, _ in self.pairs], mask, place)

    def _taken(self, values: Sequence[object], mask: ArrayTracer, place: object) -> object:
        first = values[0]
        if type(first) is tuple:
            columns = zip(*values, strict=True)
            return tuple([self._taken(column, mask, place) for column in columns])
        return as_tracer([*values], mask)[place]


def _entries(items: Iterable[object]) -> Iterable[object]:
    """What is appended with some items."""
    return items.entries if isinstance(items, Unsure) else items


def _guarded(name: str) -> Callable[..., object]:
    plain = getattr(list, name)

    def method(self: Unsure, *args: object, **kwargs: object) -> object:
        self.require_sure()
        return plain(self, *args, **kwargs)

    return method


def _joined(self: Unsure, other: object) -> object:
    """``self + other``."""
    if not isinstance(other, list):
        return NotImplemented
    return self.of([*self.entries, *_entries(other)])


def _joined_behind(self: Unsure, other: object) -> object:
    """``other + self``: a list would take the elements for ones that are there."""
    return self.of([*other, *self.entries]) if isinstance(other, list) else NotImplemented


def _grown(self: Unsure, other: Iterable[object]) -> Unsure:
    """``self += other``."""
    self.extend(other)
    return self


for _name, _method in (("__add__", _joined), ("__radd__", _joined_behind), ("__iadd__", _grown)):
    setattr(Unsure, _name, _method)
for _name in (
    "__iter__", "__len__", "__getitem__", "__setitem__", "__delitem__", "__reversed__",
    "__contains__", "__eq__", "__ne__", "__lt__", "__gt__", "__le__", "__ge__", "__mul__",
    "__rmul__", "__imul__", "copy", "count", "index", "insert", "pop", "remove", "reverse", "sort",
):  # fmt: skip
    setattr(Unsure, _name, _guarded(_name))


def is_unsure(x: object) -> bool:
    """True for a list whose length depends on values."""
    return isinstance(x, Unsure) and any(type(one) is Maybe for one in x.entries)


def entries_met(condition: object, x: Sequence[object], y: Sequence[object]) -> list[object]:
    """What a list holds of which one side of a branch left some elements, the other others."""
    same = 0
    while same < min(len(x), len(y)) and x[same] is y[same]:
        same += 1
    opposite = ops.logical_not(condition)
    return [
        *x[:same],
        *[_under(condition, one) for one in x[same:]],
        *[_under(opposite, one) for one in y[same:]],
    ]


def _under(condition: object, one: object) -> Maybe:
    if type(one) is not Maybe:
        return Maybe(one, condition)
    return Maybe(one.value, ops.logical_and(condition, one.holds))
