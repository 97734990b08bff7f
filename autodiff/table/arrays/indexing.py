"""Rows: parts of arrays, and what puts parts back.

A *key* has one entry per axis: ``(start,)`` takes one place and drops the axis, ``(start, count,
step)`` takes so many places.  An index map is an operand, an array of whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autodiff.table.arrays.array_row import ArrayRow, Numbers, Same, Shape, Use, shape_of
from autodiff.table.arrays.reshaping import broadcast_to, reshape
from autodiff.table.arrays.row_params import Key, RowParams

__all__ = ["assign", "concatenate", "gather", "kept", "place", "put_along", "scatter_add",
           "slice_", "spelled_key", "stack", "take_along", "whole_numbers",
           "without_axis"]  # fmt: skip


@lru_cache(maxsize=1024)
def _python_key(key: Key) -> tuple[int | slice, ...]:
    return tuple(part[0] if len(part) == 1 else _python_slice(*part) for part in key)


def _python_slice(start: int, count: int, step: int) -> slice:
    stop: int | None = start + count * step
    return slice(start, None if step < 0 and stop is not None and stop < 0 else stop, step)


def kept(key: Key) -> Shape:
    """Shape of what a key takes."""
    return tuple(part[1] for part in key if len(part) == 3)


def _is_whole(key: Key, shape: Shape) -> bool:
    return all(part == (0, n, 1) for part, n in zip(key, shape, strict=True))


def _infer_slice(x: Shape, *, key: Key) -> Shape:
    if len(key) != len(x) or not all(len(p) == 1 or (len(p) == 3 and p[2]) for p in key):
        raise ValueError(f"key {key} does not fit shape {x}")
    for part, n in zip(key, x, strict=True):
        last = part[0] + (part[1] - 1) * part[2] if len(part) == 3 else part[0]
        if (len(part) == 1 or part[1]) and not (0 <= part[0] < n and 0 <= last < n):
            raise ValueError(f"key {key} reaches outside shape {x}")
    return kept(key)


def spelled_key(key: Key, shape: Shape) -> str:
    """As Python writes the key of an array of this shape."""
    parts = [_spelled(part, n) for part, n in zip(key, shape, strict=True)]
    while len(parts) > 1 and parts[-1] == ":":
        parts.pop()
    return ", ".join(parts)


def _spelled(part: tuple[int, ...], n: int) -> str:
    if len(part) == 1:
        return str(part[0])
    start, count, step = part
    stop = start + count * step
    if step > 0:
        first = str(start) if start else ""
        last = "" if stop >= n else str(stop)
        return f"{first}:{last}" if step == 1 else f"{first}:{last}:{step}"
    first = "" if start == n - 1 else str(start)
    return f"{first}:{'' if stop < 0 else stop}:{step}"


_slice = ArrayRow(
    "slice",
    lambda x, key: x[_python_key(key)],
    (lambda g, use: place(g, use.params["key"], use.own),),
    "", "", "",
    params=("key",),
    infer=_infer_slice,
    spell=lambda params, shapes: f"{{0}}[{spelled_key(params['key'], shapes[0])}]",
)  # fmt: skip


def slice_(x: Same, key: Key) -> Same:
    """The part of ``x`` at a key."""
    return x if _is_whole(key, shape_of(x)) else _slice(x, key=key)


def _zeros(shape: Shape, like: Numbers) -> Numbers:
    return np.full(shape, 0.0, dtype=object if like.dtype == object else np.float64)


def _place_value(x: Numbers, key: Key, shape: Shape) -> Numbers:
    out = _zeros(shape, x)
    out[_python_key(key)] = x if x.shape else x[()]  # an array of objects would hold the array
    return out


def _infer_place(x: Shape, *, key: Key, shape: Shape) -> Shape:
    if _infer_slice(shape, key=key) != x:
        raise ValueError(f"shape {x} does not fill key {key} of shape {shape}")
    return shape


_place = ArrayRow(
    "place",
    _place_value,
    (lambda g, use: slice_(g, use.params["key"]),),
    "", "", "",
    params=("key", "shape"),
    infer=_infer_place,
    spell=lambda params, shapes: _spell_place(params),
)  # fmt: skip


def _spell_place(params: RowParams) -> str:
    key, shape = params["key"], params["shape"]
    if all(len(part) == 3 and part[2] == 1 for part in key):
        widths = [(part[0], n - part[0] - part[1]) for part, n in zip(key, shape, strict=True)]
        return f"padded({{0}}, {', '.join(map(str, widths))})"
    parts = [f"({p[0]},)" if len(p) == 1 else f"{p}" for p in key]
    return f"placed({{0}}, ({', '.join(parts)},), {shape})"


def place(x: Same, key: Key, shape: Shape) -> Same:
    """Zeros of a shape with ``x`` at a key."""
    if _is_whole(key, shape):
        return x
    return _place(x, key=key, shape=shape)


def _assign_value(x: Numbers, y: Numbers, key: Key) -> Numbers:
    out = np.array(x, dtype=object if object in (x.dtype, y.dtype) else np.float64)
    out[_python_key(key)] = y if y.shape else y[()]
    return out


def _infer_assign(x: Shape, y: Shape, *, key: Key) -> Shape:
    if _infer_slice(x, key=key) != y:
        raise ValueError(f"shape {y} does not fill key {key} of shape {x}")
    return x


_assign = ArrayRow(
    "assign",
    _assign_value,
    (
        lambda g, use: assign(g, 0.0, use.params["key"]),
        lambda g, use: slice_(g, use.params["key"]),
    ),
    "", "", "",
    params=("key",),
    infer=_infer_assign,
    pushes=(
        lambda t, use: assign(t, 0.0, use.params["key"]),
        lambda t, use: place(t, use.params["key"], use.shape),
    ),
    spell=lambda params, shapes: f"assigned({{0}}, {{1}}, {params['key']})",
)  # fmt: skip


def assign(x: Same, y: Same, key: Key) -> Same:
    """A copy of ``x`` with ``y``, broadcast, at a key."""
    y = broadcast_to(y, kept(key))
    return y if _is_whole(key, shape_of(x)) else _assign(x, y, key=key)


# --- index maps --------------------------------------------------------------------------------


def whole_numbers(index: Numbers) -> Any:
    """An index map as NumPy takes it."""
    if index.dtype.kind in "iu":
        return index
    whole = index.astype(np.int64)
    if not np.array_equal(whole, index):
        raise IndexError("found an index that is no whole number")
    return whole


def _infer_gather(x: Shape, index: Shape, *, axis: int) -> Shape:
    if not 0 <= axis < len(x):
        raise ValueError(f"axis {axis} does not exist in shape {x}")
    return x[:axis] + index + x[axis + 1 :]


def _gather_value(x: Numbers, index: Numbers, axis: int) -> object:
    return np.take(x, whole_numbers(index), axis=axis)


def _spell_gather(params: RowParams, shapes: tuple[Shape, ...]) -> str:
    return f"{{0}}[{':, ' * params['axis']}{{1}}]"


_gather = ArrayRow(
    "gather",
    _gather_value,
    (
        lambda g, use: scatter_add(
            g, use.operands[1], use.params["axis"], use.own[use.params["axis"]]
        ),
        None,
    ),
    "", "", "",
    params=("axis",),
    infer=_infer_gather,
    spell=_spell_gather,
)  # fmt: skip


def gather(x: Same, index: Any, axis: int = 0) -> Same:
    """The places of an axis that an index map names."""
    made: Same = _gather(x, index, axis=axis)
    return made


def _infer_scatter(g: Shape, index: Shape, *, axis: int, size: int) -> Shape:
    if g[axis : axis + len(index)] != index:
        raise ValueError(f"index of shape {index} does not fit shape {g} at axis {axis}")
    return (*g[:axis], size, *g[axis + len(index) :])


def _scatter_value(g: Numbers, index: Any, axis: int, size: int) -> Numbers:
    index = whole_numbers(index)
    rest = g.shape[:axis], g.shape[axis + index.ndim :]
    flat = g.reshape(math.prod(rest[0]), index.size, math.prod(rest[1]))
    out = _zeros((size, flat.shape[0], flat.shape[2]), g)
    np.add.at(out, index.ravel(), np.moveaxis(flat, 1, 0))
    return np.moveaxis(out, 0, 1).reshape(*rest[0], size, *rest[1])


def _spell_scatter(params: Mapping[str, object], shapes: tuple[Shape, ...]) -> str:
    if len(shapes[0]) == len(shapes[1]) == 1:
        return f"np.bincount({{1}}, {{0}}, {params['size']})"
    return f"scatter_add({{0}}, {{1}}, {params['axis']}, {params['size']})"


_scatter_add = ArrayRow(
    "scatter_add",
    _scatter_value,
    (lambda g, use: gather(g, use.operands[1], use.params["axis"]), None),
    "", "", "",
    params=("axis", "size"),
    infer=_infer_scatter,
    spell=_spell_scatter,
)  # fmt: skip


def scatter_add(g: Same, index: Any, axis: int, size: int) -> Same:
    """Zeros to which ``g`` is added at the places that an index map names."""
    made: Same = _scatter_add(g, index, axis=axis, size=size)
    return made


def _infer_along(x: Shape, index: Shape, *, axis: int) -> Shape:
    if len(x) != len(index) or without_axis(x, axis) != without_axis(index, axis):
        raise ValueError(f"index of shape {index} does not fit shape {x} along axis {axis}")
    return index


def without_axis(shape: Shape, axis: int) -> Shape:
    """A shape, all its axes but one."""
    return shape[:axis] + shape[axis + 1 :]


def _put_value(g: Numbers, index: Numbers, axis: int, size: int) -> object:
    out = _zeros((*g.shape[:axis], size, *g.shape[axis + 1 :]), g)
    places = list(np.ogrid[tuple(slice(n) for n in g.shape)])
    places[axis] = whole_numbers(index)
    np.add.at(out, tuple(places), g)
    return out


_take_along = ArrayRow(
    "take_along",
    lambda x, index, axis: np.take_along_axis(x, whole_numbers(index), axis),
    (
        lambda g, use: put_along(
            g, use.operands[1], use.params["axis"], use.own[use.params["axis"]]
        ),
        None,
    ),
    "", "", "",
    params=("axis",),
    infer=_infer_along,
    spell=lambda params, shapes: f"np.take_along_axis({{0}}, {{1}}, {params['axis']})",
)  # fmt: skip
_put_along = ArrayRow(
    "put_along",
    _put_value,
    (lambda g, use: take_along(g, use.operands[1], use.params["axis"]), None),
    "", "", "",
    params=("axis", "size"),
    infer=lambda g, index, *, axis, size: (*g[:axis], size, *g[axis + 1 :]),
    spell=lambda params, shapes: f"put_along({{0}}, {{1}}, {params['axis']}, {params['size']})",
)  # fmt: skip


def take_along(x: Same, index: Any, axis: int) -> Same:
    """``np.take_along_axis``."""
    made: Same = _take_along(x, index, axis=axis)
    return made


def put_along(g: Same, index: Any, axis: int, size: int) -> Same:
    """Zeros to which ``g`` is added where ``take_along`` took it from."""
    made: Same = _put_along(g, index, axis=axis, size=size)
    return made


# --- joining -----------------------------------------------------------------------------------


def _infer_concatenate(*shapes: Shape, axis: int) -> Shape:
    first = shapes[0]
    if not 0 <= axis < len(first) or any(
        len(s) != len(first) or without_axis(s, axis) != without_axis(first, axis) for s in shapes
    ):
        raise ValueError(f"shapes {', '.join(map(str, shapes))} do not join along axis {axis}")
    return (*first[:axis], sum(s[axis] for s in shapes), *first[axis + 1 :])


def _part_key(use: Use) -> Key:
    axis = use.params["axis"]
    start = sum(s[axis] for s in use.shapes[: use.position])
    ranges = [(0, n, 1) for n in use.shape]
    ranges[axis] = (start, use.own[axis], 1)
    return tuple(ranges)


_concatenate = ArrayRow(
    "concatenate",
    lambda *xs, axis: np.concatenate(xs, axis=axis),
    (lambda g, use: slice_(g, _part_key(use)),),
    "", "", "",
    params=("axis",),
    infer=_infer_concatenate,
    pushes=(lambda t, use: place(t, _part_key(use), use.shape),),
    spell=lambda params, shapes: _spell_joined("concatenate", params, len(shapes)),
    variadic=True,
)  # fmt: skip


def _spell_joined(name: str, params: Mapping[str, object], count: int) -> str:
    items = ", ".join(f"{{{i}}}" for i in range(count)) + ("," if count == 1 else "")
    axis = f", axis={params['axis']}" if params["axis"] else ""
    return f"np.{name}(({items}){axis})"


def concatenate(xs: Sequence[Same], axis: int) -> Same:
    """Arrays joined along an axis."""
    return xs[0] if len(xs) == 1 else _concatenate(*xs, axis=axis)


def _infer_stack(*shapes: Shape, axis: int) -> Shape:
    if len(set(shapes)) != 1 or not 0 <= axis <= len(shapes[0]):
        raise ValueError(f"shapes {', '.join(map(str, shapes))} do not stack along axis {axis}")
    return (*shapes[0][:axis], len(shapes), *shapes[0][axis:])


def _layer(use: Use) -> Key:
    ranges: list[tuple[int, ...]] = [(0, n, 1) for n in use.own]
    ranges.insert(use.params["axis"], (use.position,))
    return tuple(ranges)


_stack = ArrayRow(
    "stack",
    lambda *xs, axis: np.stack(xs, axis=axis),
    (lambda g, use: slice_(g, _layer(use)),),
    "", "", "",
    params=("axis",),
    infer=_infer_stack,
    pushes=(lambda t, use: place(t, _layer(use), use.shape),),
    spell=lambda params, shapes: _spell_joined("stack", params, len(shapes)),
    variadic=True,
)  # fmt: skip


def stack(xs: Sequence[Same], axis: int = 0) -> Same:
    """Arrays of one shape as the layers of a new axis."""
    shape = np.broadcast_shapes(*map(shape_of, xs))
    if len(xs) == 1:
        return reshape(xs[0], (*shape[:axis], 1, *shape[axis:]))
    return _stack(*[broadcast_to(x, shape) for x in xs], axis=axis)
