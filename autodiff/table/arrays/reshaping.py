"""Rows: broadcasts and sums, each other's transpose; shapes, orders of axes, running sums."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autodiff.table.arrays.array_row import ArrayRow, Numbers, Same, Shape, Use, shape_of
from autodiff.table.arrays.row_params import RowParams

__all__ = ["axes_of", "broadcast_to", "cumsum", "expand_dims", "full", "reshape", "sum_over",
           "transpose", "unbroadcast"]  # fmt: skip


def axes_of(axis: object, ndim: int) -> tuple[int, ...]:
    """The axes that NumPy's ``axis=`` names, in order.

    Raises:
        ValueError: if one does not exist or is named twice.
    """
    if axis is None:
        return tuple(range(ndim))
    named = axis if isinstance(axis, tuple) else (axis,)
    for one in named:
        if not isinstance(one, (int, np.integer)) or not -ndim <= one < ndim:
            raise ValueError(f"axis {one!r} is out of bounds for an array of {ndim} dimensions")
    axes = tuple(sorted(int(one) % ndim for one in named))
    if len(set(axes)) != len(axes):
        raise ValueError(f"axis {axis!r} names an axis twice")
    return axes


# --- broadcasting ------------------------------------------------------------------------------


def _infer_broadcast(x: Shape, *, shape: Shape) -> Shape:
    if np.broadcast_shapes(x, shape) != shape:
        raise ValueError(f"shape {x} does not broadcast to {shape}")
    return shape


_broadcast_to = ArrayRow(
    "broadcast_to",
    np.broadcast_to,
    (lambda g, use: unbroadcast(g, use.own, use.shape),),
    "", "", "",
    params=("shape",),
    infer=_infer_broadcast,
    spell=lambda params, shapes: f"np.broadcast_to({{0}}, {params['shape']})",
)  # fmt: skip


def broadcast_to(x: Same, shape: Shape) -> Same:
    """``x`` repeated to a shape."""
    return x if shape_of(x) == shape else _broadcast_to(x, shape=shape)


full = broadcast_to


def unbroadcast(g: Any, shape: Shape, whole: Shape) -> object:
    """The cotangent of what was broadcast from ``shape`` to ``whole``: the sums over copies.

    Args:
        g: The cotangent; it may be lazy.
        shape: What it is to be.
        whole: What it stands for.
    """
    missing = len(whole) - len(shape)
    own = (1,) * missing + shape
    given = shape_of(g)
    lazy = (1,) * (len(whole) - len(given)) + given
    summed = tuple(i for i in range(len(whole)) if own[i] == 1 and lazy[i] != 1)
    copies = math.prod(whole[i] for i in range(len(whole)) if own[i] == 1 and lazy[i] == 1)
    if summed:
        first = len(whole) - len(given)
        g = reshape(g, lazy) if first and any(i < first for i in summed) else g
        offset = len(whole) - len(shape_of(g))
        g = sum_over(g, tuple(i - offset for i in summed))
        kept = tuple(1 if i in summed else lazy[i] for i in range(len(whole)))
    else:
        kept = lazy
    if copies != 1:
        g = g * float(copies)
    # What is left of it broadcasts to ``shape``: no array of equal numbers is made.
    return g if math.prod(kept) == 1 and not shape_of(g) else reshape(g, kept[missing:])


# --- sums --------------------------------------------------------------------------------------


def _without(shape: Shape, axes: Sequence[int]) -> Shape:
    return tuple(n for i, n in enumerate(shape) if i not in axes)


def expand_dims(x: Same, axes: Sequence[int], ndim: int) -> Same:
    """``x`` with axes of length 1 put back where a reduction took them."""
    shape = list(shape_of(x))
    if not shape:
        return x
    for axis in sorted(axes):
        shape.insert(axis, 1)
    return reshape(x, tuple(shape))


def _expanded(g: object, use: Use) -> object:
    axes, given = use.params["axes"], shape_of(g)
    if len(given) < len(use.shape):  # lazy: axes in front are missing
        g = reshape(g, (1,) * (len(use.shape) - len(given)) + given) if given else g
    return expand_dims(g, axes, len(use.own))


def _axis_text(axes: Sequence[int], ndim: int) -> str:
    if len(axes) == ndim:
        return ""
    return f", axis={axes[0] if len(axes) == 1 else tuple(axes)}"


sum_ = ArrayRow(
    "sum",
    lambda x, axes: np.sum(x, axis=axes),
    (_expanded,),
    "", "", "",
    params=("axes",),
    infer=lambda x, *, axes: _without(x, axes),
    spell=lambda params, shapes: f"np.sum({{0}}{_axis_text(params['axes'], len(shapes[0]))})",
    lazy=True,
)  # fmt: skip


def sum_over(x: Same, axes: Sequence[int]) -> Same:
    """The sum over axes, which disappear."""
    return sum_(x, axes=tuple(axes)) if len(axes) else x


# --- shapes ------------------------------------------------------------------------------------


def _infer_reshape(x: Shape, *, shape: Shape) -> Shape:
    if math.prod(x) != math.prod(shape):
        raise ValueError(f"{math.prod(x)} numbers of shape {x} do not fill shape {shape}")
    return shape


def _spell_reshape(params: RowParams, shapes: tuple[Shape, ...]) -> str:
    shape, given = params["shape"], shapes[0]
    if not given:  # a number, which may be Python's own: it has no methods and no axes
        return f"np.broadcast_to({{0}}, {shape})"
    if [n for n in shape if n != 1] == [n for n in given if n != 1] and len(shape) > len(given):
        key = _newaxes(given, shape)
        if key:
            return f"{{0}}[{key}]"
    if len(shape) == 1:
        return "{0}.ravel()"
    if not shape:
        return "{0}.reshape(())"
    return f"{{0}}.reshape({', '.join(map(str, shape))})"


def _newaxes(given: Shape, shape: Shape) -> str:
    """``:, None`` if axes of length 1 are all that is new."""
    key, rest = [], list(given)
    for n in shape:
        if rest and rest[0] == n:
            key.append(":")
            rest.pop(0)
        else:
            key.append("None")
    return "" if rest else ", ".join(key)


_reshape = ArrayRow(
    "reshape",
    lambda x, shape: np.reshape(x, shape),  # noqa: PLW0108  # its names are NumPy's own
    (lambda g, use: reshape(g, use.own),),
    "", "", "",
    params=("shape",),
    infer=_infer_reshape,
    spell=_spell_reshape,
)  # fmt: skip


def reshape(x: Same, shape: Shape) -> Same:
    """The same numbers, row by row, in another shape."""
    return x if shape_of(x) == shape else _reshape(x, shape=shape)


def _infer_transpose(x: Shape, *, axes: Shape) -> Shape:
    if sorted(axes) != list(range(len(x))):
        raise ValueError(f"axes {axes} do not reorder those of shape {x}")
    return tuple(x[i] for i in axes)


def _spell_transpose(params: RowParams, shapes: tuple[Shape, ...]) -> str:
    axes = params["axes"]
    if axes == tuple(range(len(axes)))[::-1]:
        return "{0}.T"
    return f"np.transpose({{0}}, {axes})"


_transpose = ArrayRow(
    "transpose",
    np.transpose,
    (lambda g, use: transpose(g, tuple(int(i) for i in np.argsort(use.params["axes"]))),),
    "", "", "",
    params=("axes",),
    infer=_infer_transpose,
    spell=_spell_transpose,
)  # fmt: skip


def transpose(x: Same, axes: Shape) -> Same:
    """The array with its axes in another order."""
    return x if axes == tuple(range(len(axes))) else _transpose(x, axes=axes)


# --- running sums ------------------------------------------------------------------------------


def _cumsum_value(x: Numbers, axis: int, reverse: bool) -> object:
    if not reverse:
        return np.cumsum(x, axis=axis)
    return np.flip(np.cumsum(np.flip(x, axis), axis=axis), axis)


def _spell_cumsum(params: Mapping[str, object], shapes: tuple[Shape, ...]) -> str:
    axis, ndim = params["axis"], len(shapes[0])
    at = "" if ndim == 1 else f", axis={axis}"
    if not params["reverse"]:
        return f"np.cumsum({{0}}{at})"
    if ndim == 1:
        return "np.cumsum({0}[::-1])[::-1]"
    return f"np.flip(np.cumsum(np.flip({{0}}, {axis}), axis={axis}), {axis})"


_cumsum = ArrayRow(
    "cumsum",
    _cumsum_value,
    (lambda g, use: cumsum(g, use.params["axis"], not use.params["reverse"]),),
    "", "", "",
    params=("axis", "reverse"),
    infer=lambda x, *, axis, reverse: x,
    spell=_spell_cumsum,
)  # fmt: skip


def cumsum(x: Same, axis: int, reverse: bool = False) -> Same:
    """Running sums along an axis, from its end if ``reverse``."""
    return _cumsum(x, axis=axis, reverse=reverse)
