"""NumPy's functions that need the numbers in order: ``np.sort``, ``np.median``, ``np.quantile``.

A network of comparisons sorts whatever the numbers are: each of its steps puts two places in
order, so the program is the same for all inputs, and a derivative goes to the element it comes
from.  Where elements are equal, the network decides which comes first; nan comes last, as in NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autodiff.table import ops
from autodiff.table.arrays.array_row import Objects
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.libraries.constructors import as_array, holds_operands
from autodiff.trace.libraries.reductions import refuse
from autodiff.trace.whole.fitting import Axes, axes

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


def _sorted(name: str, a: object, axis: object) -> Objects:
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
    ordered: Objects = columns.reshape(first.shape)
    return ordered


def array_sort(
    a: object, axis: Any = -1, kind: object = None, order: object = None, *, stable: object = None
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


# --- shares of the way through -----------------------------------------------------------------


def array_median(skips_nan: bool) -> Callable[..., object]:
    """``np.median`` or ``np.nanmedian``."""
    name = "nanmedian" if skips_nan else "median"

    def median(
        a: object, axis: Axes = None, out: object = None, overwrite_input: bool = False,
        keepdims: object = False,
    ) -> object:  # fmt: skip
        if out is not None:
            refuse(f"np.{name}(out=...)", "Assign the result to a name")
        return _along(a, axis, keepdims, lambda ordered: _middle(ordered, skips_nan))

    return median


def array_quantile(name: str) -> Callable[..., object]:
    """``np.quantile``, ``np.percentile``, and those that skip nan."""
    whole = 1.0 if name.endswith("quantile") else 100.0

    def quantile(
        a: object, q: ArrayLike, axis: Axes = None, out: object = None,
        overwrite_input: bool = False, method: str = "linear", keepdims: object = False,
    ) -> object:  # fmt: skip
        skips_nan = name.startswith("nan")
        if out is not None:
            refuse(f"np.{name}(out=...)", "Assign the result to a name")
        if skips_nan and method != "linear":
            refuse(f"np.{name}(method={method!r})", "Method 'linear' can be; without nan, any")
        if holds_operands(q) or np.asarray(q).dtype.kind not in "fiu":
            refuse(f"np.{name} at traced shares", "Close over q")
        shares = np.asarray(q, float) / whole
        if not np.all((shares >= 0.0) & (shares <= 1.0)):
            refuse(f"np.{name} at {q!r}", f"Shares are from 0 to {whole:g}")
        between = _among_numbers if skips_nan else partial(_between, method=method)
        found = [
            as_array(_along(a, axis, keepdims, partial(between, share=float(share))))
            for share in shares.ravel()
        ]
        if shares.ndim == 0:
            return found[0][()] if found[0].ndim == 0 else found[0]
        return np.stack(found).reshape((*shares.shape, *found[0].shape))

    return quantile


def _along(
    a: object, axis: Axes, keepdims: object, found: Callable[[WholeArray], WholeArray]
) -> WholeArray:
    """What is found in the numbers in order, which lie along the first axis, nan last."""
    array = as_array(a)
    along = axes(axis, array.ndim)
    kept = [i for i in range(array.ndim) if i not in along]
    count = math.prod(array.shape[i] for i in along)
    first = np.transpose(array, (*along, *kept)).reshape((count, *(array.shape[i] for i in kept)))
    made = found(np.sort(first, axis=0))
    if keepdims is not True:
        return made
    return np.reshape(made, [1 if i in along else array.shape[i] for i in range(array.ndim)])


def _between(ordered: WholeArray, share: float, method: str) -> WholeArray:
    """What lies ``share`` of the way through; nan where any number is."""
    place = share * (len(ordered) - 1)
    if method != "linear":  # NumPy's answer for the places themselves says where it looks
        places = np.arange(float(len(ordered)))
        place = float(np.quantile(places, share, method=method))  # type: ignore[call-overload]
    low = int(place)
    found = _mixed(ordered[low], ordered[min(low + 1, len(ordered) - 1)], place - low)
    return np.where(np.isnan(ordered[-1]), ordered[-1], found)


def _mixed(low: WholeArray, high: WholeArray, rest: float) -> WholeArray:
    """As NumPy: from the nearer end."""
    if not rest:
        return low
    return low + (high - low) * rest if rest < 0.5 else high - (high - low) * (1.0 - rest)


def _middle(ordered: WholeArray, skips_nan: bool) -> Any:
    if skips_nan:
        count = _count(ordered)
        ends = (_chosen(ordered, np.floor(0.5 * (count + up))) for up in (-1.0, 0.0))
        return np.where(count > 0.0, sum(ends) / 2.0, math.nan)
    low, high = (len(ordered) - 1) // 2, len(ordered) // 2
    found = ordered[low] if low == high else (ordered[low] + ordered[high]) / 2.0
    return np.where(np.isnan(ordered[-1]), ordered[-1], found)


def _among_numbers(ordered: WholeArray, share: float) -> WholeArray:
    """What lies ``share`` of the way through those that are not nan."""
    count = _count(ordered)
    place = share * (count - 1.0)
    low = np.floor(place)
    rest = place - low
    start, end = _chosen(ordered, low), _chosen(ordered, np.minimum(low + 1.0, count - 1.0))
    found = np.where(rest < 0.5, start + (end - start) * rest, end - (end - start) * (1.0 - rest))
    return np.where(count > 0.0, found, math.nan)


def _count(ordered: WholeArray) -> WholeArray:
    count: WholeArray = np.sum(np.where(np.isnan(ordered), 0.0, 1.0), axis=0)
    return count


def _chosen(ordered: WholeArray, place: WholeArray) -> WholeArray:
    """The elements at places that depend on the numbers."""
    places = np.arange(float(len(ordered))).reshape((-1, *[1] * (ordered.ndim - 1)))
    chosen: WholeArray = np.sum(np.where(places == place, ordered, 0.0), axis=0)
    return chosen
