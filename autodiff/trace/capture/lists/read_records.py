"""Records: what lists, tuples and dicts hold, one of them in each repetition of a loop.

A list of pairs or of dicts is gone over part by part: each part of the record that a repetition
reads is a number, an array or a text of its own.  What is read so is a copy, which nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np

from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.capture.by_repetition import Known, Owner
from autodiff.trace.capture.inner.carried_arrays import taken_at
from autodiff.trace.capture.lists.filled_lists import may_be_filled
from autodiff.trace.capture.uncapturable import UncapturableError, refused
from autodiff.trace.capture.variables import Copied, is_leaf, shape_of

__all__ = ["Line", "form_of", "one_of"]

_LONG = 12  # numbers of a list that is read as an array


class _Listed(list[object], Copied):
    """A record that is a list: it is a copy, so that nothing may change it."""

    __setitem__ = __delitem__ = __iadd__ = __imul__ = refused
    append = extend = insert = pop = remove = clear = sort = reverse = refused


class _Named(dict[object, object], Copied):
    """A record that is a dict."""

    __setitem__ = __delitem__ = __ior__ = refused
    update = setdefault = pop = popitem = clear = refused


class Line(Copied):
    """A record that is a list of many numbers.

    Args:
        numbers: The numbers, in the repetition that is recorded.
        last: Those of the last one.
        owner: The loop.
    """

    __setitem__ = __delitem__ = __iadd__ = __imul__ = __add__ = __radd__ = __mul__ = refused
    __bool__ = __eq__ = __ne__ = __repr__ = __hash__ = refused

    def __init__(self, numbers: ArrayTracer, last: object, owner: Owner) -> None:
        self.numbers, self.last, self._owner = numbers, last, owner

    def differs_with(self, key: object) -> bool:
        """True for a place that differs as the list does, from repetition to repetition."""
        return type(key) is Known and key.owner is self._owner

    def at(self, key: object) -> object:
        """The number at such a place."""
        return taken_at(self.numbers, [key])

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[object]:
        return iter(self.numbers)

    def __getitem__(self, key: int | slice) -> object:
        found = self.numbers[key]
        return [*found] if isinstance(key, slice) else found


def form_of(value: object) -> object:
    """What records have in common that may be gone over; None for what is no record."""
    if isinstance(value, str):
        return str
    if is_leaf(value):
        array = isinstance(value, np.ndarray) and np.ndarray.ndim.__get__(value)
        return None if array else shape_of(value)
    if type(value) is dict:
        return _of_parts((dict, *value), [*value.values()])
    if isinstance(value, (tuple, list)) and type(value) in (tuple, list):
        return _of_parts((type(value),), value)
    return None


def _of_parts(kind: tuple[object, ...], values: Sequence[object]) -> object:
    parts = [form_of(one) for one in values]
    return None if None in parts else (kind, *parts)


def one_of(x: Sequence[object] | dict[object, object], place: Known) -> object:
    """An element, at a place that differs."""
    keys = place.values
    try:
        if isinstance(x, dict):
            found = {key: x[key] for key in keys}
        else:
            keys = [range(len(x))[i] for i in keys]
            found = {i: x[i] for i in sorted({*keys})}
    except (LookupError, TypeError):
        raise UncapturableError from None
    number = {key: k for k, key in enumerate(found)}
    return _among([*found.values()], [number[key] for key in keys], place)


def _among(items: list[Any], where: list[int], place: Known) -> object:
    """One of a few values, in each repetition."""
    first = items[0]
    plain = (int, float, np.number)
    if all(isinstance(one, plain) for one in items) or all(type(one) is str for one in items):
        return place.like([items[k] for k in where])
    if all(map(is_leaf, items)):
        return place.owner.elements.listed([_plain(one) for one in items], where)
    if type(first) is list and len(first) >= _LONG and may_be_filled(items):
        numbers = [one for row in items for one in row]
        found = place.owner.elements.listed(numbers, where, len(first))
        return Line(cast(ArrayTracer, found), items[where[-1]], place.owner)
    if all(type(one) is type(first) and form_of(one) == form_of(first) for one in items):
        named = type(first) is dict
        columns = zip(*(one.values() if named else one for one in items), strict=True)
        parts = [_among([*column], where, place) for column in columns]
        if type(first) is tuple:
            return tuple(parts)
        made = _Named(zip(first, parts, strict=True)) if named else _Listed(parts)
        made.last = items[where[-1]]
        return made
    raise UncapturableError


def _plain(one: object) -> object:
    return one.tracer() if isinstance(one, Known) else one
