"""Elements of whole arrays by their places, and around them: take, pad, as_strided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autodiff.errors import TraceError, user_location
from autodiff.graph.tree.leaves import Floats
from autodiff.table.arrays.indexing import gather, place, take_along
from autodiff.table.arrays.reshaping import broadcast_to, reshape
from autodiff.trace.array_operand import ArrayOperand, WholeArray
from autodiff.trace.whole.fitting import Axes, axes
from autodiff.trace.whole.indices import get_item
from autodiff.trace.whole.moving import mapped, of_tracer, tracer_in
from autodiff.trace.whole.scipy.where_traced import each_where_traced

__all__ = ["FUNCTIONS", "STRIDE_TRICKS", "strides_of"]

_STATISTICS: dict[str, Callable[..., Floats]] = {
    "maximum": np.max, "mean": np.mean, "median": np.median, "minimum": np.min,
}  # fmt: skip
_COMPUTED = (*_STATISTICS, "linear_ramp")
_REPEATING = ("edge", "reflect", "symmetric", "wrap")


def _take(x: ArrayOperand, indices: object, axis: Axes = None, *, mode: str = "raise") -> object:
    if axis is None:
        x, axis = reshape(x, (x.size,)), 0
    along = axes(axis, x.ndim)[0]
    index = indices if isinstance(indices, ArrayOperand) else np.asarray(indices)
    count = x.shape[along]
    if mode == "wrap":
        index = np.mod(index, count)
    elif mode == "clip":
        index = np.clip(index, 0, count - 1)
    return get_item(x, (*(slice(None),) * along, index))


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
    if mode in _REPEATING and kwargs.get("reflect_type", "even") == "even":
        return mapped(x, lambda places: np.pad(places, pad_width, mode, **kwargs))  # type: ignore[call-overload]
    widths = np.broadcast_to(np.asarray(pad_width, int), (x.ndim, 2))
    several = np.ndim(kwargs.get("constant_values", 0)) > 0
    if mode in _COMPUTED or several:
        return _computed_beyond(x, widths.tolist(), mode, **kwargs)
    if mode != "constant":
        raise TraceError(
            f"{user_location()}: np.pad(mode={mode!r}) of this form cannot be traced; "
            f"{', '.join([*_REPEATING, *_COMPUTED])} and constant can be, with reflect_type='even'"
        )
    shape = tuple(int(a + n + b) for n, (a, b) in zip(x.shape, widths, strict=True))
    key = tuple((int(a), n, 1) for n, (a, _) in zip(x.shape, widths, strict=True))
    made = place(x, key, shape)
    filling = kwargs.get("constant_values", 0)
    if np.ndim(filling) == 0 and not isinstance(filling, ArrayOperand) and filling != 0:
        outside = np.pad(np.zeros(x.shape), widths, constant_values=filling)
        return made + x.known(outside)
    return made


def _computed_beyond(
    x: WholeArray, widths: Sequence[tuple[int, int]], mode: str, stat_length: object = None,
    end_values: object = 0.0, constant_values: object = 0.0,
) -> object:  # fmt: skip
    """``np.pad`` axis by axis, the corners of what was added for the axes before."""
    lengths, values = (
        np.broadcast_to(np.asarray(given), (x.ndim, 2)).tolist()
        for given in (stat_length, end_values if mode == "linear_ramp" else constant_values)
    )
    for axis, width in enumerate(widths):
        inner = np.swapaxes(x, axis, 0)
        parts: list[WholeArray] = [inner]
        for end in (0, 1):
            first = inner[::-1] if end else inner
            shape = (width[end], *inner.shape[1:])
            added = _beyond(first, shape, mode, lengths[axis][end], values[axis][end])
            parts.insert(len(parts) if end else 0, added[::-1] if end else added)
        x = np.swapaxes(np.concatenate(parts), 0, axis)
    return x


def _beyond(
    inner: WholeArray, shape: tuple[int, ...], mode: str, length: int | None, value: float
) -> WholeArray:
    """What comes before the first element."""
    if mode == "constant":
        return np.full(shape, value)
    if mode in _STATISTICS:
        return np.broadcast_to(_STATISTICS[mode](inner[:length], axis=0), shape)
    share = np.arange(shape[0]).reshape(-1, *[1] * (inner.ndim - 1)) / max(shape[0], 1)
    made: WholeArray = value + share * (inner[:1] - value)
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
