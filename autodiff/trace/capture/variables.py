"""What the variables of a loop hold: numbers and arrays, in tuples, lists and dicts.

These go from repetition to repetition; everything else has to stay what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, cast

import numpy as np

from autodiff.table.primitive import Operand
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.choices import UNBOUND, Unbound
from autodiff.trace.branching.list_places import is_place
from autodiff.trace.branching.objects.alternatives import Alternatives
from autodiff.trace.branching.objects.unsure import Unsure
from autodiff.trace.branching.objects.users_objects import fields_of, with_fields
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.uncapturable import UncapturableError, refused

__all__ = [
    "NOBODYS",
    "Copied",
    "Pair",
    "count_with",
    "is_counted",
    "is_leaf",
    "mutable_parts",
    "no_longer_whole",
    "note_sharing",
    "pairs_of",
    "replaced",
    "shape_of",
]

Pair = tuple[Any, Any]
_PLAIN = (bool, np.bool_, str, bytes, type(None))


_Leaf: TypeAlias = Callable[[object], object]
_Own: TypeAlias = Callable[[object], bool]
_Made: TypeAlias = Callable[[object, dict[str, object]], object]


class Copied:
    """A record as one repetition reads it: it goes nowhere else, for another stands for it."""

    last: object  # the record of the last repetition, itself


class _Nobodys(Copied, Unbound):
    """What is not known behind a loop, and asked for in vain; a choice of it and others, too."""

    __bool__ = __eq__ = __ne__ = __iter__ = __repr__ = __hash__ = refused
    __getitem__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = refused
    __index__ = __float__ = __array__ = __neg__ = __lt__ = __gt__ = refused
    __setattr__ = __setitem__ = __delattr__ = __call__ = refused

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # what Python and its tools ask of everything
            raise AttributeError(name)
        return refused()


NOBODYS = _Nobodys()
_Nobodys.last = NOBODYS


class Records(Protocol):
    """Which objects of users' classes are nothing but what they hold."""

    def is_copy(self, one: object) -> bool:
        """True for what a repetition began with."""
        ...

    def is_own(self, one: object) -> bool:
        """True for an object that a repetition made, or began with."""
        ...

    def left(self, one: object) -> None:
        """Note an object whose numbers are carried on."""
        ...


def _never(one: object) -> bool:
    return False


def is_leaf(value: object) -> bool:
    """True for a number or an array of numbers, traced or not."""
    if isinstance(value, (bool, np.bool_)):
        return False
    if isinstance(value, np.ndarray):
        return np.ndarray.dtype.__get__(value).kind in "fiu"
    return isinstance(value, (int, float, np.number, ArrayTracer, Known))


def is_counted(value: object) -> bool:
    """True for a whole number, traced or not."""
    return type(value) is int or is_place(value)


def count_with(values: Mapping[str, object], begun: Mapping[str, object]) -> None:
    """Let what stands for whole numbers be places, as long as these stay whole numbers."""
    for name, one in begun.items():
        if isinstance(one, ArrayTracer) and is_counted(values.get(name)):
            one.as_indices()


def no_longer_whole(
    values: Mapping[str, object], begun: Mapping[str, object], left: Mapping[str, object]
) -> dict[str, object]:
    """The variables that began as whole numbers and did not stay such, as other numbers."""
    names = [name for name, one in begun.items() if is_place(one) and not is_counted(left[name])]
    given = [values[name] for name in names]
    return {
        name: ArrayTracer(x.builder, x.index)
        if isinstance(x, ArrayTracer)
        else float(cast("int", x))
        for name, x in zip(names, given, strict=True)
    }


def shape_of(leaf: Any) -> tuple[int, ...]:
    """The shape of a leaf."""
    if isinstance(leaf, ArrayTracer):
        return leaf.shape
    return () if isinstance(leaf, Known) else np.shape(leaf)


def replaced(value: Any, leaf: _Leaf, own: _Own = _never, made: _Made = with_fields) -> Any:
    """``value`` with something else for each number and array in it.

    Args:
        value: The value.
        leaf: What is there instead.
        own: True for objects of users' classes that are replaced by others.
        made: Makes these others.
    """

    def inside(one: object) -> object:
        return replaced(one, leaf, own, made)

    if is_leaf(value):
        return leaf(value)
    if value is NOBODYS:
        return value
    if type(value) in (list, tuple):
        return type(value)([inside(one) for one in value])
    if type(value) is dict:
        return {key: inside(one) for key, one in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*[replaced(one, leaf, own, made) for one in value])
    if isinstance(value, Alternatives):
        return value.like(leaf(value.code), inside(value.held))
    if isinstance(value, Copied):
        raise UncapturableError
    if own(value):
        return made(value, {name: inside(one) for name, one in fields_of(value).items()})
    return value


def pairs_of(before: Any, after: Any, records: Records) -> Iterator[Pair]:
    """The numbers and arrays of two values of one variable, side by side.

    Args:
        before: What the repetition began with.
        after: What it left.
        records: Objects that are taken apart.

    Raises:
        UncapturableError: if they are not of one structure, or differ in what is no number.
    """
    if before is UNBOUND:
        yield from _bound_first(after, records)
    elif is_leaf(before) and is_leaf(after):
        text = isinstance(after, Known) and after.is_text  # which begins as nothing
        if text or shape_of(before) != shape_of(after):
            raise UncapturableError
        yield before, after
    elif type(before) is type(after) and isinstance(before, (list, tuple)):
        if len(before) != len(after):
            raise UncapturableError
        for one, other in zip(before, after, strict=True):
            yield from pairs_of(one, other, records)
    elif type(before) is type(after) is dict and [*before] == [*after]:
        for key in before:
            yield from pairs_of(before[key], after[key], records)
    elif isinstance(before, Alternatives) and isinstance(after, Alternatives):
        yield before.code, after.code
        if before.held is not None:
            yield from pairs_of(before.held, after.held, records)
    elif records.is_copy(before) and type(before) is type(after):
        records.left(after)
        yield from pairs_of(fields_of(before), fields_of(after), records)
    elif not _stays(before, after):
        raise UncapturableError


def _bound_first(after: object, records: Records) -> Iterator[Pair]:
    """``pairs_of`` for a variable without a value before."""
    inner: Iterable[object] = ()
    if is_leaf(after):
        yield UNBOUND, after
    elif isinstance(after, Alternatives):
        inner = after.code, after.held
    elif isinstance(after, (list, tuple)) and not isinstance(after, Copied):
        inner = after
    elif type(after) is dict:
        inner = after.values()
    elif records.is_own(after):
        records.left(after)
        inner = fields_of(after).values()
    elif not isinstance(after, (*_PLAIN, Copied)):
        raise UncapturableError
    for one in inner:
        yield from _bound_first(one, records)


def _stays(before: object, after: object) -> bool:
    """True for what no repetition changes."""
    if before is after:
        return True
    return type(before) is type(after) and isinstance(before, _PLAIN) and bool(before == after)


def mutable_parts(values: Iterable[object]) -> Iterator[object]:
    """What can be changed in place among the values, as often as it is there."""
    pending = [*values]
    while pending:
        one = pending.pop()
        if isinstance(one, ArrayTracer):
            if one.shape:
                yield one
        elif isinstance(one, np.ndarray):
            yield one
        elif isinstance(one, Unsure):
            continue  # itself, and no copy of it, is what a repetition appends to
        elif isinstance(one, (list, dict)):
            yield one
            pending += one.values() if isinstance(one, dict) else one
        elif isinstance(one, tuple):
            pending += one
        elif isinstance(one, Operand):
            continue


def note_sharing(
    left: Sequence[object],
    ends: Sequence[object],
    holding: Mapping[int, object],
    one_another: bool = False,
) -> None:
    """Note which arrays behind a loop may be views of others, or these themselves.

    Args:
        left: What the repetition left.
        ends: The same behind the loop.
        holding: Arrays that hold what the repetition had, by the ids of that.
        one_another: True if those that share memory in the repetition share it behind.
    """
    first = dict[int, object]()
    for x, end in zip(left, ends, strict=False):
        if isinstance(x, ArrayTracer) and x.shape and isinstance(end, ArrayTracer):
            others = [holding.get(id(x.whole))]
            others += [first.setdefault(id(x.whole), end)] if one_another else []
            for other in others:
                if isinstance(other, ArrayTracer) and other is not end:
                    end.may_share(other)
