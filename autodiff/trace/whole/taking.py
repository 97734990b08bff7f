"""Elements of whole arrays by their places, and around them: take, pad, as_strided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autodiff.errors import TraceError, user_location
from autodiff.table.arrays.indexing import gather, place, take_along
from autodiff.table.arrays.reshaping import broadcast_to, reshape
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.whole.fitting import axes
from autodiff.trace.whole.indices import get_item
from autodiff.trace.whole.moving import mapped, of_tracer, tracer_in
from autodiff.trace.whole.scipy.where_traced import each_where_traced

__all__ = ["FUNCTIONS", "STRIDE_TRICKS", "strides_of"]

_REPEATING = ("edge", "reflect", "symmetric", "wrap")


def _take(x: ArrayOperand, indices: object, axis: object = None) -> object:
    if axis is None:
        return get_item(reshape(x, (x.size,)), indices)
    index = indices if isinstance(indices, ArrayOperand) else np.asarray(indices)
    return get_item(x, (*(slice(None),) * axes(axis, x.ndim)[0], index))


def _take_along(x: ArrayOperand, indices: object, axis: object = -1) -> object:
    if not isinstance(indices, ArrayOperand):
        indices = x.known(np.asarray(indices), True)
    if axis is None:
        return take_along(reshape(x, (x.size,)), indices, 0)
    along = axes(axis, x.ndim)[0]
    beside = [(*one.shape[:along], 1, *one.shape[along + 1 :]) for one in (x, indices)]
    whole = np.broadcast_shapes(*beside)
    x, indices = (
        broadcast_to(one, (*whole[:along], one.shape[along], *whole[along + 1 :]))
        for one in (x, indices)
    )
    return take_along(x, indices, along)


def _pad(x: ArrayOperand, pad_width: object, mode: str = "constant", **kwargs: Any) -> object:
    if mode not in ("constant", *_REPEATING) or kwargs.get("reflect_type", "even") != "even":
        raise TraceError(
            f"{user_location()}: np.pad(mode={mode!r}) computes what it adds, and cannot be traced "
            f"here; {', '.join(_REPEATING)} and constant can be"
        )
    if mode != "constant":
        return mapped(x, lambda places: np.pad(places, pad_width, mode, **kwargs))  # type: ignore[call-overload]
    widths = np.broadcast_to(np.asarray(pad_width, int), (x.ndim, 2))
    shape = tuple(int(a + n + b) for n, (a, b) in zip(x.shape, widths, strict=True))
    key = tuple((int(a), n, 1) for n, (a, _) in zip(x.shape, widths, strict=True))
    made = place(x, key, shape)
    filling = kwargs.get("constant_values", 0)
    if np.ndim(filling) == 0 and not isinstance(filling, ArrayOperand) and filling != 0:
        outside = np.pad(np.zeros(x.shape), widths, constant_values=filling)
        return made + x.known(outside)
    if np.ndim(filling):
        raise TraceError(f"{user_location()}: np.pad with several constant_values; give one")
    return made


def strides_of(x: ArrayOperand) -> tuple[int, ...]:
    """Bytes from one element to the next along each axis, as NumPy has them.

    Raises:
        TraceError: if that is not known, or not as in an array that is made anew.
    """
    layout = x.in_memory()
    if layout is None or not layout.flags.c_contiguous:
        raise TraceError(
            f"{user_location()}: how NumPy lays out this array is not known here; take a copy "
            "(x.copy()), or sliding_window_view"
        )
    return tuple(n * 8 for n in layout.strides)


def _as_strided(
    x: object, shape: Sequence[int] | None = None, strides: Sequence[int] | None = None,
    subok: bool = False, writeable: bool = True,
) -> object:  # fmt: skip
    """As NumPy's; the result is read, not assigned to."""
    if not isinstance(x, ArrayOperand):
        x = tracer_in(x)
        assert x is not None
    own = strides_of(x)
    shape, strides = x.shape if shape is None else shape, own if strides is None else strides
    lengths = (shape,) if isinstance(shape, int) else tuple(shape)
    steps = [np.arange(n) * step for n, step in zip(lengths, strides, strict=True)]
    places = sum(np.ix_(*steps), np.zeros(lengths, np.intp)) if lengths else np.zeros((), np.intp)
    if np.any(places % 8) or np.any(places < 0) or np.any(places >= 8 * x.size):
        raise TraceError(
            f"{user_location()}: as_strided with shape {lengths} and strides {tuple(strides)} "
            f"leaves an array of shape {x.shape}; its elements are 8 bytes apart"
        )
    made = gather(reshape(x, (x.size,)), x.known(places // 8, True))
    return made.may_share(x)


def _sliding_window_view(
    x: ArrayOperand, window_shape: int | tuple[int, ...], axis: int | tuple[int, ...] | None = None,
    *, subok: bool = False, writeable: bool = False,
) -> object:  # fmt: skip
    """As NumPy's, which finds the places; the result is read, not assigned to."""
    places = np.arange(x.size).reshape(x.shape)
    windows = sliding_window_view(places, window_shape, axis)
    made = gather(reshape(x, (x.size,)), x.known(np.ascontiguousarray(windows), True))
    return made.may_share(x)


FUNCTIONS: dict[object, Callable[..., object]] = {
    np.take: of_tracer(_take),
    np.take_along_axis: of_tracer(_take_along),
    np.pad: of_tracer(_pad),
    sliding_window_view: of_tracer(_sliding_window_view),
}
STRIDE_TRICKS = each_where_traced("numpy.lib.stride_tricks", {"as_strided": _as_strided})
