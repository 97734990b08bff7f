"""What stands for ``min``, ``max``, ``sorted``, ``any`` and ``all`` in a function that branches.

They compare as Python's own do, and choose instead of branching; so do the methods of a list that
compare what it holds.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from autodiff.errors import user_location
from autodiff.table import ops
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.arrays import operand_array
from autodiff.trace.branching.choices import chosen, is_number, truth
from autodiff.trace.branching.list_places import item_at
from autodiff.trace.branching.objects.joined import met
from autodiff.trace.branching.objects.unsure import Unsure, is_unsure
from autodiff.trace.branching.objects.watched import Before, Watched
from autodiff.trace.branching.reachable import EVERY
from autodiff.trace.branching.restarts import At
from autodiff.trace.capture.lists.listed_rows import Row
from autodiff.trace.integers import whole_number
from autodiff.trace.placeholder import Tracer
from autodiff.trace.whole.moving import as_tracer

__all__ = ["Comparing"]

_FEW = 12  # values that are compared one by one
_Key = Callable[..., object]
_Meet = Callable[[object, object, object], object]


class _Owner(Protocol):
    """What runs both sides of branches."""

    apart: set[str]
    watched: Watched

    def refuse(self, test: object, error: Callable[[], Exception]) -> None:
        """Note that there is no result where a condition holds."""
        ...


class _Extreme(NamedTuple):
    """What was found, among which numbers, and what is better than another."""

    found: object
    numbers: Sequence[object]
    better: Callable[..., object]


class Comparing:
    """Functions that compare, in one trace.

    Args:
        owner: What runs both sides of branches.
        each: What a function gives for each of some values.
    """

    def __init__(
        self, owner: _Owner, each: Callable[[_Key, Sequence[object]], list[object]]
    ) -> None:
        self._owner, self._each = owner, each
        self._last = _Extreme(None, (), ops.gt)

    @property
    def functions(self) -> dict[str, object]:
        """The functions, by the names of those for which they stand."""
        return {
            "min": self.smallest, "max": self.largest, "sorted": self.ordered,
            "any": some, "all": every,
        }  # fmt: skip

    def method(self, x: object, name: str) -> object:
        """``x.name``, which may be a method of a list that compares what this holds."""
        own = {"index": self.index, "count": self.count, "sort": self.sort}
        if type(x) not in (list, tuple) or not x or name not in own:
            return getattr(x, name)
        return lambda *args, **kwargs: own[name](x, *args, **kwargs)  # type: ignore[operator]

    def largest(self, *args: object, key: _Key | None = None, **default: object) -> object:
        """``max``."""
        return self._extreme(builtins.max, ops.gt, args, key, default)

    def smallest(self, *args: object, key: _Key | None = None, **default: object) -> object:
        """``min``."""
        return self._extreme(builtins.min, ops.lt, args, key, default)

    def _extreme(
        self,
        plain: Callable[..., int],
        better: Callable[..., object],
        args: tuple[Any, ...],
        key: _Key | None,
        default: Mapping[str, object],
    ) -> object:
        unsure = args[0] if len(args) == 1 else None
        if key is None and isinstance(unsure, Unsure) and is_unsure(unsure):
            return unsure.extreme(better is ops.gt, [*default.values()], self._owner.refuse)
        items = [*(args[0] if len(args) == 1 else args)]
        place = f"{user_location()}:{plain.__name__}"
        if key is None and _are_numbers(items):
            best = _best(items, better, items, chosen)
            self._last = _Extreme(best, items, better)
            return best
        if key is None or not items:
            return plain(items, **default) if len(args) == 1 else plain(*args)
        keys = self._each(key, items)
        if not _are_numbers(keys) or place in self._owner.apart:
            return items[plain(range(len(keys)), key=keys.__getitem__)]
        if _is_long(keys) or all(type(x) is int for x in items):
            return self._watched(_at(items, _place_of(keys, better)), items, place)
        return _best(items, better, keys, self._meet(place))

    def _watched(self, made: object, items: Iterable[object], place: str) -> object:
        """What stands for one of some items, none of which may be changed if it can be."""
        if not is_number(made):
            self._owner.watched.keep(made, items, place)
        return made

    def _meet(self, place: str) -> _Meet:
        """What is x where a condition holds, and y elsewhere, of any two values."""
        owner = self._owner

        def meet(condition: object, x: object, y: object) -> object:
            with At(place, owner):
                return met(condition, x, y, Before(lambda: EVERY, owner.watched, place))

        return meet

    def ordered(
        self, items: Iterable[object], *, key: _Key | None = None, reverse: object = False
    ) -> list[object]:
        """``sorted``."""
        if key is None and isinstance(items, Unsure) and is_unsure(items):
            return items.ordered(bool(reverse))
        found = [*items]
        keys = found if key is None else self._each(key, found)
        place = f"{user_location()}:sorted"
        if not _are_numbers(keys) or place in self._owner.apart:
            order = sorted(range(len(keys)), key=keys.__getitem__, reverse=bool(reverse))  # type: ignore[arg-type]
            return [found[k] for k in order]
        if _is_long(keys) or (len(keys) > _FEW and key is None):
            rows = _in_order(found, keys, bool(reverse))
            return [self._watched(row, (x,), place) for row, x in zip(rows, found, strict=True)]
        whole = all(type(x) is int for x in found)
        later, keys, meet = ops.gt if reverse else ops.lt, [*keys], self._meet(place)
        for end in range(len(found) - 1, 0, -1):
            for i in range(end):
                swapped = later(keys[i + 1], keys[i])
                keys[i : i + 2] = _exchanged(chosen, swapped, keys[i], keys[i + 1])
                if key is not None:
                    found[i : i + 2] = _exchanged(meet, swapped, found[i], found[i + 1])
        if key is None:
            return keys
        return [*map(whole_number, found)] if whole else found

    def sort(self, x: list[object], **how: Any) -> None:
        """``x.sort()``."""
        x[:] = self.ordered(x, **how)

    def index(self, x: Sequence[object], value: object, *bounds: int) -> object:
        """``x.index(value)``."""
        items, last = [*x], self._last
        if bounds or not _are_numbers([value, *items]):
            return x.index(value, *bounds)
        if value is last.found and all(map(operator.is_, items, last.numbers)):
            return _place_of(items, last.better)
        there = [ops.where(ops.eq(one, value), 1.0, 0.0) for one in items]
        self._owner.refuse(
            ops.lt(sum(there), 1.0), lambda: ValueError("the value is not in the list")
        )
        return _place_of(there, ops.gt)

    def count(self, x: Sequence[object], value: object) -> object:
        """``x.count(value)``."""
        if not _are_numbers([value, *x]):
            return x.count(value)
        return whole_number(sum(ops.where(ops.eq(one, value), 1.0, 0.0) for one in x))


def _best(
    items: Sequence[object],
    better: Callable[..., object],
    keys: Sequence[object],
    meet: _Meet,
) -> object:
    """The first of some items whose key no other is better than."""
    best, kept = items[0], keys[0]
    for item, key in zip(items[1:], keys[1:], strict=True):
        replaced = better(key, kept)
        best, kept = meet(replaced, item, best), chosen(replaced, key, kept)
    return best


def _place_of(keys: Sequence[object], better: Callable[..., object]) -> object:
    """Where that is."""
    if _is_long(keys):
        numbers = _array(keys) if better is ops.gt else -_array(keys)
        nan = np.array(
            [math.inf, *[-math.inf] * (len(keys) - 1)]
        )  # which stays best if it is first
        return np.argmax(ops.where(ops.eq(numbers, numbers), numbers, nan))
    return whole_number(_best(range(len(keys)), better, keys, chosen))


def _at(items: Sequence[object], place: Any) -> Any:
    """The item at a traced place, or those at some."""
    if all(type(x) is int for x in items):
        steps = {*np.diff(np.array(items)).tolist()}
        if len(steps) < 2:
            return whole_number(place * (steps.pop() if steps else 1) + items[0])
    return _array(items, place)[place] if np.ndim(place) else item_at(items, place)


def _in_order(items: Sequence[Any], keys: Sequence[object], reverse: bool) -> list[object]:
    """Items in the order of their keys."""
    numbers = _array(keys)
    if all(map(operator.is_, items, keys)):
        rows = _rows(np.sort(numbers))
        return rows[::-1] if reverse else rows
    order = np.argsort(-numbers if reverse else numbers)
    if all(map(is_number, items)):
        return _rows(_at(items, order))
    first = items[0]
    columns = [*zip(*items, strict=True)] if isinstance(first, (tuple, list)) else []
    if not columns or not all(is_number(x) for column in columns for x in column):
        return [item_at(items, one) for one in order]  # which says what is wrong
    ordered = [_rows(_at(column, order)) for column in columns]
    return [type(first)(row) for row in zip(*ordered, strict=True)]


def _array(items: Sequence[object], like: object = None) -> Any:
    """Numbers as one array, like another."""
    like = next((x for x in items if isinstance(x, ArrayTracer)), like)
    if isinstance(like, ArrayTracer):
        return as_tracer([*items], like)
    return operand_array([*items], (len(items),))


def _rows(array: Iterable[object]) -> list[object]:
    """The numbers of an array, one by one."""
    if isinstance(array, ArrayTracer):
        return [Row(array, k) for k in range(len(array))]
    return [*array]


def _exchanged(meet: _Meet, swapped: object, x: object, y: object) -> tuple[object, object]:
    """Two values, the other way round where a condition holds."""
    return meet(swapped, y, x), meet(swapped, x, y)


def some(items: Iterable[object]) -> object:
    """``any``."""
    return _folded(items, False)


def every(items: Iterable[object]) -> object:
    """``all``."""
    return _folded(items, True)


def _folded(items: Iterable[object], conjunction: bool) -> object:
    found: object = conjunction
    for item in items:
        if not isinstance(item, Tracer) or (isinstance(item, ArrayTracer) and item.shape):
            if bool(item) is not conjunction:
                return not conjunction
            continue
        one = truth(item)
        if found is conjunction:
            found = one
        else:
            found = (ops.logical_and if conjunction else ops.logical_or)(found, one)
    return found


def _is_long(items: Sequence[object]) -> bool:
    """True for so many numbers that they are compared as an array, in a trace of whole arrays."""
    return len(items) > _FEW and any(isinstance(x, ArrayTracer) for x in items)


def _are_numbers(items: Sequence[object]) -> bool:
    """True if all are numbers, and at least one is traced."""
    return (
        len(items) > 1 and all(map(is_number, items)) and any(isinstance(x, Tracer) for x in items)
    )
