"""NumPy's functions that read or store where a mask, or places, say: compress, choose, putmask."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.arrays.indexing import put_along
from autodiff.table.arrays.reshaping import reshape
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.integers import whole_number
from autodiff.trace.whole import moving
from autodiff.trace.whole.fitting import axes
from autodiff.trace.whole.indices import get_item, set_item
from autodiff.trace.whole.moving import as_tracer, tracer_in

__all__ = ["FUNCTIONS"]


def _compressed(condition: object, a: object, axis: object = None, out: object = None) -> object:
    x = _like_first(a, condition)
    condition = _as_mask(condition)
    if axis is None:
        x, axis = reshape(x, (x.size,)), 0
    return get_item(x, (*(slice(None),) * axes(axis, x.ndim)[0], condition))


def _extracted(condition: object, arr: object) -> object:
    x = _like_first(arr, condition)
    return get_item(reshape(x, (x.size,)), np.ravel(_as_mask(condition)))


def _as_mask(given: object) -> Any:
    """Numbers as truths: as an index they would be places."""
    return given if isinstance(given, ArrayOperand) else np.asarray(given, bool)


def _like_first(a: object, b: object) -> ArrayOperand:
    like = tracer_in((a, b))
    assert like is not None
    return as_tracer(a, like)


def _put_where(a: ArrayOperand, mask: object, values: ArrayLike) -> None:
    whole = np.ndim(values) and np.shape(values) == np.shape(a)
    if whole:
        set_item(a, ..., ops.where(mask, values, a))
    else:
        set_item(a, _as_mask(mask), values)


def _copied_to(
    dst: ArrayOperand, src: object, casting: str = "same_kind", where: object = True
) -> None:
    set_item(dst, ..., src if where is True else ops.where(where, src, dst))


def _stored_at(a: ArrayOperand, places: NDArray[np.intp], values: Any) -> None:
    """Store at places of the flat array, values over and over as far as they are needed."""
    new = reshape(as_tracer(values, a), (math.prod(np.shape(values)),))
    if new.size not in (1, places.size):
        new = get_item(new, np.arange(places.size) % new.size)
    set_item(a, np.unravel_index(places, a.shape), new)


def _fill_diagonal(a: ArrayOperand, val: object, wrap: bool = False) -> None:
    there = np.zeros(a.shape, bool)
    np.fill_diagonal(there, True, wrap)
    _stored_at(a, np.flatnonzero(there), val)


def _put(
    a: ArrayOperand, ind: ArrayLike, v: ArrayLike, mode: Literal["raise", "wrap", "clip"] = "raise"
) -> None:
    place = np.arange(a.size)
    _stored_at(a, np.take(place, np.ravel(ind), mode=mode), v)


def _put_along(
    arr: ArrayOperand, indices: ArrayOperand | NDArray[np.intp], values: object, axis: int | None
) -> None:
    if axis is None:
        raise TraceError(f"{user_location()}: np.put_along_axis: give an axis; put stores by place")
    along = axes(axis, arr.ndim)[0]
    if not isinstance(indices, ArrayOperand):
        places = np.arange(arr.size).reshape(arr.shape)
        places = np.take_along_axis(places, indices, along)
        set_item(arr, np.unravel_index(places, arr.shape), values)
        return
    if indices.shape != (*arr.shape[:along], 1, *arr.shape[along + 1 :]):
        raise TraceError(
            f"{user_location()}: np.put_along_axis: traced places of shape {indices.shape} may "
            f"name one place twice; give one for each row along axis {along}, or use np.where"
        )
    new = moving.FUNCTIONS[np.broadcast_to](as_tracer(values, arr), indices.shape)
    there = put_along(as_tracer(np.ones(indices.shape), arr), indices, along, arr.shape[along])
    set_item(arr, ..., ops.where(there, put_along(new, indices, along, arr.shape[along]), arr))


def _chosen(
    a: object, choices: Sequence[object], out: object = None, mode: str = "raise"
) -> object:
    """Each element from the array that the place says; nan where NumPy would raise."""
    count = len(choices)
    if mode != "raise":
        a = np.clip(a, 0, count - 1) if mode == "clip" else np.mod(a, count)  # type: ignore[call-overload]
    made: object = math.nan
    for k, choice in enumerate(choices):
        made = np.where(np.equal(a, k), choice, made)  # type: ignore[call-overload]
    return made


def _unravelled(
    indices: ArrayOperand, shape: Sequence[int] | int, order: str = "C"
) -> tuple[object, ...]:
    """The place along each axis; one that is outside has a last part that is outside."""
    lengths = list(shape) if isinstance(shape, Sequence) else [shape]
    turned = order == "C"
    left, places = indices, []
    for n in lengths[:0:-1] if turned else lengths[:-1]:
        places.append(left % n)
        left = whole_number((left - places[-1]) / n)
    return tuple([*places, left][:: -1 if turned else 1])


FUNCTIONS: dict[object, Callable[..., object]] = {
    np.unravel_index: _unravelled,
    np.choose: _chosen,
    np.fill_diagonal: _fill_diagonal,
    np.put: _put,
    np.put_along_axis: _put_along,
    np.compress: _compressed,
    np.extract: _extracted,
    np.putmask: _put_where,
    np.place: _put_where,
    np.copyto: _copied_to,
}
