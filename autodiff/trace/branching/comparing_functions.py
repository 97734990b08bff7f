"""What stands for ``min``, ``max``, ``sorted``, ``any`` and ``all`` in a function that branches.

They compare as Python's own do, and choose instead of branching.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autodiff.table import ops
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.arrays import OperandArray
from autodiff.trace.branching.choices import chosen, is_number, truth
from autodiff.trace.placeholder import Tracer

__all__ = ["COMPARING"]

_LONGEST_SORT = 12  # values that are sorted by comparing and exchanging


def largest(*args: object, **kwargs: object) -> object:
    """``max``."""
    return _extreme(builtins.max, ops.gt, args, kwargs)


def smallest(*args: object, **kwargs: object) -> object:
    """``min``."""
    return _extreme(builtins.min, ops.lt, args, kwargs)


def _extreme(
    plain: Callable[..., object],
    better: Callable[..., object],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> object:
    given = args[0] if len(args) == 1 else args
    if len(args) == 1 and not isinstance(given, (list, tuple, OperandArray, ArrayTracer)):
        given = args = ([*given],)
        given = args[0]
    items = [*given]
    if kwargs or not _are_numbers(items):
        return plain(*args, **kwargs)
    best = items[0]
    for item in items[1:]:
        best = chosen(better(item, best), item, best)
    return best


def ordered(items: Iterable[object], **kwargs: Any) -> object:
    """``sorted``."""
    found = [*items]
    if kwargs or not _are_numbers(found) or len(found) > _LONGEST_SORT:
        return builtins.sorted(found, **kwargs)
    for end in range(len(found) - 1, 0, -1):
        for i in range(end):
            swapped = ops.lt(found[i + 1], found[i])
            low = chosen(swapped, found[i + 1], found[i])
            found[i + 1] = chosen(swapped, found[i], found[i + 1])
            found[i] = low
    return found


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


def _are_numbers(items: Sequence[object]) -> bool:
    """True if all are numbers, and at least one is traced."""
    return (
        len(items) > 1 and all(map(is_number, items)) and any(isinstance(x, Tracer) for x in items)
    )


COMPARING: dict[str, Callable[..., object]] = {
    "min": smallest, "max": largest, "sorted": ordered, "any": some, "all": every,
}  # fmt: skip
