"""NumPy's functions that need the numbers in order: ``np.sort``, ``np.median``, ``np.quantile``.

A network of comparisons sorts whatever the numbers are: each of its steps puts two places in
order, so the program is the same for all inputs, and a derivative goes to the element it comes
from.  Where elements are equal, the network decides which comes first; nan comes last, as in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from autodiff.table import ops
from autodiff.trace.libraries.constructors import as_array
from autodiff.trace.libraries.reductions import refuse

__all__ = ["array_median", "array_partition", "array_quantile", "array_sort"]

_LONGEST = 512  # elements: n log(n)^2 / 4 comparisons


@cache
def _network(count: int) -> tuple[tuple[int, int], ...]:
    """Pairs of places to put in order, one after the other: Batcher's odd-even merge sort."""
    return tuple((low, high) for low, high in _comparisons(count) if high < count)


def _comparisons(count: int) -> Iterator[tuple[int, int]]:
    size = 1
    while size < count:
        step = size
        while step:
            for start in range(step % size, count - step, 2 * step):
                for place in range(start, min(start + step, count - step)):
                    if place // (2 * size) == (place + step) // (2 * size):
                        yield place, place + step
            step //= 2
        size *= 2


def _in_order(numbers: Sequence[object]) -> list[object]:
    found = list(numbers)
    for low, high in _network(len(found)):
        x, y = found[low], found[high]
        swap = ops.logical_or(ops.gt(x, y), ops.ne(x, x))
        found[low], found[high] = ops.where(swap, y, x), ops.where(swap, x, y)
    return found


def _sorted(name: str, a: object, axis: object) -> Any:
    """The array in order along an axis, which comes first."""
    array = as_array(a)
    if axis is None or array.ndim == 0:
        array, axis = array.reshape(-1), 0
    if not isinstance(axis, (int, np.integer)):
        refuse(f"np.{name} over several axes", "Reshape them into one")
    first = np.moveaxis(array, axis, 0)
    if len(first) > _LONGEST:
        refuse(
            f"np.{name} of {len(first)} elements",
            f"Up to {_LONGEST} can be; close over the order (np.argsort of numbers), or write "
            "np.max, np.min, np.where",
        )
    columns = first.reshape(len(first), -1).copy()
    for i in range(columns.shape[1]):
        columns[:, i] = _in_order(list(columns[:, i]))
    return columns.reshape(first.shape)


def array_sort(
    a: Any, axis: Any = -1, kind: object = None, order: object = None, *, stable: object = None
) -> Any:
    """``np.sort``."""
    if order is not None:
        refuse("np.sort(order=...)", "Leave it out")
    array = as_array(a)
    made = _sorted("sort", array, axis)
    return made if axis is None else np.moveaxis(made, 0, axis)


def array_partition(
    a: object, kth: object, axis: object = -1, kind: object = None, order: object = None
) -> Any:
    """``np.partition``: in order all the more."""
    return array_sort(a, axis, order=order)


def array_median(
    a: object,
    axis: object = None,
    out: object = None,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> object:
    """``np.median``."""
    return _between("median", a, 0.5, axis, out, keepdims, "linear")


def array_quantile(name: str) -> Callable[..., object]:
    """``np.quantile`` or ``np.percentile``."""
    whole = 1.0 if name == "quantile" else 100.0

    def quantile(
        a: Any, q: Any, axis: Any = None, out: object = None, overwrite_input: bool = False,
        method: str = "linear", keepdims: bool = False, **other: object,
    ) -> object:  # fmt: skip
        if other:
            refuse(f"np.{name} with {', '.join(other)}", "Leave it out")
        shares = np.asarray(q)
        if shares.dtype.kind not in "fiu":
            refuse(f"np.{name} at traced shares", "Close over q")
        if shares.ndim == 0:
            return _between(name, a, float(q) / whole, axis, out, keepdims, method)
        found = [_between(name, a, float(s) / whole, axis, out, keepdims, method) for s in shares]
        return np.stack([as_array(one) for one in found])

    return quantile


def _between(
    name: str, a: Any, share: float, axis: Any, out: object, keepdims: bool, method: str
) -> Any:
    """What lies between the elements around ``share`` of the way through all of them."""
    if out is not None or method != "linear" or not 0.0 <= share <= 1.0:
        refuse(f"np.{name} of this form", "Between 0 and all, method='linear', and no out, can be")
    array = as_array(a)
    ordered = _sorted(name, array, axis)
    place = share * (len(ordered) - 1)
    low = int(place)
    rest, high = place - low, min(low + 1, len(ordered) - 1)
    found = ordered[low]
    if name == "median" and rest:
        found = (ordered[low] + ordered[high]) / 2.0
    elif rest:
        found = _mixed(ordered[low], ordered[high], rest)
    last = ordered[-1]  # nan, if there is any
    found = np.where(np.isnan(last), last, found)
    if keepdims:
        shape = [1] * array.ndim if axis is None else list(array.shape)
        if axis is not None:
            shape[axis] = 1
        return np.reshape(found, shape)
    return found


def _mixed(low: Any, high: Any, rest: float) -> Any:
    """As NumPy: from the nearer end."""
    return low + (high - low) * rest if rest < 0.5 else high - (high - low) * (1.0 - rest)
