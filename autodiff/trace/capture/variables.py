"""What the variables of a loop hold: numbers and arrays, in tuples, lists and dicts.

These go from repetition to repetition; everything else has to stay what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from autodiff.table.primitive import Operand
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.choices import UNBOUND
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.uncapturable import UncapturableError

__all__ = ["Copied", "Pair", "is_leaf", "mutable_parts", "pairs_of", "replaced", "shape_of"]

Pair = tuple[Any, Any]


class Copied:
    """A record as one repetition reads it: it goes nowhere else, for another stands for it."""

    last: object  # the record of the last repetition, itself


def is_leaf(value: object) -> bool:
    """True for a number or an array of numbers, traced or not."""
    if isinstance(value, (bool, np.bool_)):
        return False
    if isinstance(value, np.ndarray):
        return np.ndarray.dtype.__get__(value).kind in "fiu"
    return isinstance(value, (int, float, np.number, ArrayTracer, Known))


def shape_of(leaf: Any) -> tuple[int, ...]:
    """The shape of a leaf."""
    if isinstance(leaf, ArrayTracer):
        return leaf.shape
    return () if isinstance(leaf, Known) else np.shape(leaf)


def replaced(value: Any, leaf: Callable[[object], object]) -> Any:
    """``value`` with something else for each number and array in it."""
    if is_leaf(value):
        return leaf(value)
    if type(value) in (list, tuple):
        return type(value)([replaced(one, leaf) for one in value])
    if type(value) is dict:
        return {key: replaced(one, leaf) for key, one in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*[replaced(one, leaf) for one in value])
    if isinstance(value, Copied):
        raise UncapturableError
    return value


def pairs_of(before: Any, after: Any) -> Iterator[Pair]:
    """The numbers and arrays of two values of one variable, side by side.

    Raises:
        UncapturableError: if they are not of one structure, or differ in what is no number.
    """
    if before is UNBOUND and is_leaf(after):
        yield UNBOUND, after
    elif before is UNBOUND and type(after) in (list, tuple, dict):
        inner = after.values() if type(after) is dict else after
        for one in inner:
            yield from pairs_of(UNBOUND, one)
    elif is_leaf(before) and is_leaf(after):
        text = isinstance(after, Known) and after.is_text  # which begins as nothing
        if text or shape_of(before) != shape_of(after):
            raise UncapturableError
        yield before, after
    elif type(before) is type(after) and isinstance(before, (list, tuple)):
        if len(before) != len(after):
            raise UncapturableError
        for one, other in zip(before, after, strict=True):
            yield from pairs_of(one, other)
    elif type(before) is type(after) is dict and [*before] == [*after]:
        for key in before:
            yield from pairs_of(before[key], after[key])
    elif not _stays(before, after) and not (before is UNBOUND and isinstance(after, Copied)):
        raise UncapturableError


def _stays(before: object, after: object) -> bool:
    """True for what no repetition changes."""
    if before is after:
        return True
    plain = (bool, np.bool_, str, bytes, type(None))
    if before is UNBOUND:
        return isinstance(after, plain)
    return type(before) is type(after) and isinstance(before, plain) and bool(before == after)


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
        elif isinstance(one, (list, dict)):
            yield one
            pending += one.values() if isinstance(one, dict) else one
        elif isinstance(one, tuple):
            pending += one
        elif isinstance(one, Operand):
            continue
