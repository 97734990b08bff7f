"""NumPy's functions that move elements, on whole arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autodiff.errors import TraceError, user_location
from autodiff.graph.tree.leaves import items_within, kind_of
from autodiff.table import ops
from autodiff.table.arrays.indexing import concatenate, gather, stack
from autodiff.table.arrays.last_axes import triangle
from autodiff.table.arrays.reshaping import broadcast_to, reshape, transpose
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.capture.lists.listed_rows import laid_out, stacked
from autodiff.trace.memory.layouts import rows_first
from autodiff.trace.whole.fitting import Axes, Ints, axes
from autodiff.trace.whole.indices import get_item, set_item

__all__ = [
    "FUNCTIONS",
    "as_tracer",
    "joined",
    "mapped",
    "of_tracer",
    "reshaped",
    "set_listed",
    "tracer_in",
]

_Move: TypeAlias = Callable[[ArrayOperand], ArrayOperand]


def tracer_in(value: object) -> ArrayOperand | None:
    """The first whole array in nested lists, tuples, dicts and object arrays."""
    within = items_within(value, of_dicts=True)
    return next((one for one in within if isinstance(one, ArrayOperand)), None)


def as_tracer(value: object, like: ArrayOperand) -> ArrayOperand:
    """``value`` as one whole array like another: numbers as a constant, nested lists stacked."""
    if isinstance(value, ArrayOperand):
        return value
    if isinstance(value, np.ndarray) and kind_of(value) == "O":
        items = [as_tracer(one, like) for one in value.flat]
        flat = stack(items) if items else like.known(np.zeros(value.shape))
        return reshape(flat, value.shape)
    if isinstance(value, (list, tuple)) and tracer_in(value) is not None:
        parts, axis = laid_out(value)
        items = [as_tracer(one, like) for one in parts]
        shapes = {one.shape for one in items}
        if len(shapes) != 1:
            raise TraceError(
                f"{user_location()}: np.array: found items of shapes "
                f"{', '.join(map(str, shapes))}; expected one shape"
            )
        return stacked(items, axis)
    made: ArrayOperand = like.lifted(value, "add")
    return made


def set_listed(x: ArrayOperand, key: object, value: object) -> None:
    """``x[key] = value``, also of a list that holds traced numbers."""
    listed = isinstance(value, (list, tuple)) and tracer_in(value) is not None
    set_item(x, key, as_tracer(value, x) if listed else value)


def of_tracer(function: Callable[..., object]) -> Callable[..., object]:
    """A function whose first argument becomes a tracer."""

    @wraps(function)
    def call(a: object, *args: object, **kwargs: object) -> object:
        like = tracer_in((a, args, kwargs))
        assert like is not None
        return function(as_tracer(a, like), *args, **kwargs)

    return call


def _view(x: ArrayOperand, read: _Move, back: Callable[[object], object]) -> ArrayOperand:
    made = read(x)
    if not x.shape:
        made = made if made is not x else x.again()
        return made.as_doubtful_as(x)
    if made is x:
        made = x.again()
    return made.view_of(x, read, lambda whole, new: whole.assigned(back(new)))


def reshaped(x: ArrayOperand, *shape: object, order: str = "C", **named: object) -> ArrayOperand:
    """``np.reshape``."""
    given = named.get("newshape", named.get("shape", shape[0] if len(shape) == 1 else shape))
    wanted = [int(n) for n in (given if isinstance(given, (tuple, list)) else (given,))]
    if not rows_first(order, x.ndim):
        return reshaped(x.T, *wanted[::-1]).T
    if wanted.count(-1) == 1:
        rest = math.prod(n for n in wanted if n != -1)
        if rest and x.size % rest == 0:
            wanted[wanted.index(-1)] = x.size // rest
    if math.prod(wanted) != x.size or min(wanted, default=0) < 0:
        raise TraceError(
            f"{user_location()}: reshape: cannot put an array of shape {x.shape} into shape "
            f"{tuple(wanted)}"
        )
    new, own = tuple(wanted), x.shape
    layout = x.in_memory()
    only_units = [n for n in own if n != 1] == [n for n in new if n != 1]
    if layout is None and not only_units:
        return reshape(x, new).may_share(x)
    there = np.zeros(0) if layout is None else layout.reshape(new)
    if layout is None or np.may_share_memory(there, layout) or not x.size:
        made = _view(x, lambda a: reshape(a, new), lambda a: reshape(a, own))
    else:  # NumPy copies what does not lie side by side
        made = reshape(x.copy(), new)
    made.lie_as(None if layout is None else there)
    return made


def _ordered(x: ArrayOperand, order: Sequence[int]) -> object:
    new = tuple(order)
    back = tuple(int(i) for i in np.argsort(new))
    made = _view(x, lambda a: transpose(a, new), lambda a: transpose(a, back))
    layout = x.in_memory()
    made.lie_as(None if layout is None else np.transpose(layout, new))
    return made


def _transpose(x: ArrayOperand, axes: Ints | None = None, *more: int) -> object:
    if axes is None:
        return _ordered(x, range(x.ndim)[::-1])
    given = (axes, *more) if isinstance(axes, int) else tuple(axes)
    return _ordered(x, [int(i) % x.ndim for i in given])


def _swapaxes(x: ArrayOperand, axis1: int, axis2: int) -> object:
    order = list(range(x.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return _ordered(x, order)


def _moved(x: ArrayOperand, source: Ints, destination: Ints) -> object:
    sources = [int(s) % x.ndim for s in np.atleast_1d(source)]
    ends = [int(d) % x.ndim for d in np.atleast_1d(destination)]
    order = [i for i in range(x.ndim) if i not in sources]
    for end, start in sorted(zip(ends, sources, strict=True)):
        order.insert(end, start)
    return _ordered(x, order)


def _squeeze(x: ArrayOperand, axis: object = None) -> object:
    gone = axes(axis, x.ndim) if axis is not None else range(x.ndim)
    if axis is not None and any(x.shape[i] != 1 for i in gone):
        raise TraceError(
            f"{user_location()}: squeeze: axis {axis} of shape {x.shape} is not of length 1"
        )
    shape = [n for i, n in enumerate(x.shape) if not (i in gone and n == 1)]
    return reshaped(x, shape)


def _expand_dims(x: ArrayOperand, axis: object) -> object:
    count = len(axis) if isinstance(axis, tuple) else 1
    new = axes(axis, x.ndim + count)
    rest = iter(x.shape)
    return reshaped(x, [1 if i in new else next(rest) for i in range(x.ndim + count)])


def mapped(x: ArrayOperand, move: Callable[[object], object]) -> Any:
    """What a function that moves elements makes of ``x``: one gather by where they go.

    NumPy's own function is asked what it does to the places; zeros may come in.
    """
    places = np.asarray(move(np.arange(1, x.size + 1).reshape(x.shape)))
    flat = reshape(x, (x.size,))
    if places.size and not places.all():
        inside = (places > 0).astype(float)
        taken = gather(flat, x.known(np.maximum(places - 1, 0), True))
        return ops.where(x.known(inside), taken, 0.0)
    return gather(flat, x.known(places - 1, True))


def _require_known(function: Callable[..., object], *given: object) -> None:
    if tracer_in(given) is not None:
        raise TraceError(
            f"{user_location()}: np.{function.__name__}: where elements go cannot depend on a "
            "traced value; close over the numbers, or choose by np.where"
        )


def _moving(original: Callable[..., ArrayLike]) -> Callable[..., object]:
    def function(x: ArrayOperand, *args: object, **kwargs: object) -> object:
        _require_known(original, args, kwargs)
        made = mapped(x, lambda places: original(places, *args, **kwargs))
        there = np.empty(x.shape, np.int8)
        shares = np.may_share_memory(np.asarray(original(there, *args, **kwargs)), there)
        return made.may_share(x) if shares else made  # np.diag of a matrix, not of a vector

    return of_tracer(function)


def _flip(x: ArrayOperand, axis: object = None) -> object:
    turned = axes(axis, x.ndim)
    return get_item(x, tuple(slice(None, None, -1 if i in turned else None) for i in range(x.ndim)))


def _triangle(lower: bool) -> Callable[..., object]:
    def function(x: ArrayOperand, k: int = 0) -> ArrayOperand:
        if x.ndim == 1:  # NumPy's rows of a vector
            x = broadcast_to(x, (x.size, x.size))
        return triangle(x, lower, int(k))

    return of_tracer(function)


def _tile(x: ArrayOperand, reps: Ints) -> ArrayOperand:
    times = tuple(np.atleast_1d(reps).tolist())
    own = (1,) * (len(times) - x.ndim) + x.shape
    times = (1,) * (len(own) - len(times)) + times
    doubled = [n for pair in zip((1,) * len(own), own, strict=True) for n in pair]
    whole = [n for pair in zip(times, own, strict=True) for n in pair]
    made = broadcast_to(reshape(x, tuple(doubled)), tuple(whole))
    return reshape(made, tuple(t * n for t, n in zip(times, own, strict=True)))


def _roll(x: ArrayOperand, shift: Ints, axis: Ints | None = None) -> ArrayOperand:
    if axis is None and x.ndim != 1:
        return reshape(_roll(reshape(x, (x.size,)), shift, 0), x.shape)
    if axis is None:
        axis = 0
    for by, one in zip(np.atleast_1d(shift), np.atleast_1d(axis), strict=True):
        along = axes(int(one), x.ndim)[0]
        cut = -int(by) % x.shape[along] if x.shape[along] else 0
        if cut:
            before = (slice(None),) * along
            x = concatenate(
                [get_item(x, (*before, slice(cut, None))), get_item(x, (*before, slice(cut)))],
                along,
            )
    return x


def _half_turned(x: ArrayOperand, given: Axes, sign: int) -> ArrayOperand:
    """``np.fft.fftshift`` (1) and its inverse (-1)."""
    along = axes(given, x.ndim)
    return _roll(x, [sign * (x.shape[i] // 2) for i in along], list(along))


def _of_shape(function: Callable[..., object]) -> Callable[..., object]:
    """A function of NumPy that asks for the shape alone."""
    return lambda arr, *args, **kwargs: function(np.empty(np.shape(arr)), *args, **kwargs)


# --- joining and parting -----------------------------------------------------------------------


def joined(parts: Iterable[object], axis: object = 0) -> object:
    """``np.concatenate``."""
    like = tracer_in(parts)
    assert like is not None
    arrays = [as_tracer(part, like) for part in parts]
    if axis is None:
        arrays, axis = [reshape(a, (a.size,)) for a in arrays], 0
    return concatenate(arrays, axes(axis, arrays[0].ndim)[0])


def _stack(arrays: Iterable[object], axis: int = 0) -> object:
    like = tracer_in(arrays)
    assert like is not None
    items = [as_tracer(one, like) for one in arrays]
    if len({one.shape for one in items}) != 1:
        raise TraceError(
            f"{user_location()}: np.stack: shapes {', '.join(str(i.shape) for i in items)} differ"
        )
    return stack(items, axes(axis, items[0].ndim + 1)[0])


def _column_stack(arrays: Iterable[object]) -> object:
    like = tracer_in(arrays)
    assert like is not None
    items = [as_tracer(one, like) for one in arrays]
    columns = [reshape(a, (a.size, 1)) if a.ndim < 2 else a for a in items]
    return concatenate(columns, 1)


def _at_least(count: int) -> Callable[..., object]:
    def function(*arrays: ArrayLike) -> object:
        made: list[object] = []
        for array in arrays:
            like = tracer_in(array)
            if like is None:
                made.append((np.atleast_1d, np.atleast_2d)[count - 1](array))
                continue
            x = as_tracer(array, like)
            missing = max(count - x.ndim, 0)
            made.append(reshaped(x, (1,) * missing + x.shape) if missing else x)
        return made[0] if len(made) == 1 else tuple(made)

    return function


def _splitting(original: Callable[..., list[Any]]) -> Callable[..., object]:
    def function(x: ArrayOperand, indices_or_sections: Ints, axis: int = 0) -> list[object]:
        _require_known(original, indices_or_sections, axis)
        along = axes(axis, x.ndim)[0]
        places = original(np.arange(x.shape[along]), indices_or_sections)
        return [_range(x, part, along) for part in places]

    return function


_split = _splitting(np.split)


def _range(x: ArrayOperand, places: NDArray[np.integer], along: int) -> object:
    start = int(places[0]) if len(places) else 0
    return get_item(x, (*(slice(None),) * along, slice(start, start + len(places))))


def _append(arr: object, values: object, axis: object = None) -> object:
    return joined([arr, values], axis)


def _broadcast_to(x: ArrayOperand, shape: Ints, subok: bool = False) -> object:
    wanted = (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(map(int, shape))
    return _apart(broadcast_to(x, wanted), x).may_share(x)


def _apart(made: ArrayOperand, x: ArrayOperand) -> ArrayOperand:
    """``made``, as an object of its own."""
    return x.again() if made is x else made


def _broadcast_arrays(*arrays: object, **kwargs: object) -> tuple[ArrayOperand, ...]:
    like = tracer_in(arrays)
    assert like is not None
    items = [as_tracer(a, like) for a in arrays]
    shape = np.broadcast_shapes(*(a.shape for a in items))
    return tuple(_apart(broadcast_to(a, shape), a).may_share(a) for a in items)


def _meshgrid(*xi: object, indexing: str = "xy", sparse: bool = False, copy: bool = True) -> object:
    like = tracer_in(xi)
    assert like is not None
    items = [as_tracer(a, like) for a in xi]
    order = list(range(len(items)))
    if indexing == "xy" and len(items) > 1:
        order[:2] = [1, 0]
    made = []
    for i, x in enumerate(items):
        shape = [1] * len(items)
        shape[order[i]] = x.size
        made.append(reshape(x, tuple(shape)))
    return made if sparse else list(_broadcast_arrays(*made))


FUNCTIONS: dict[object, Callable[..., object]] = {
    np.reshape: of_tracer(reshaped),
    np.ravel: of_tracer(lambda x, order="C": reshaped(x, x.size, order=order)),
    np.transpose: of_tracer(_transpose),
    np.swapaxes: of_tracer(_swapaxes),
    np.moveaxis: of_tracer(_moved),
    np.squeeze: of_tracer(_squeeze),
    np.expand_dims: of_tracer(_expand_dims),
    np.flip: of_tracer(_flip),
    np.flipud: of_tracer(lambda x: _flip(x, 0)),
    np.fliplr: of_tracer(lambda x: _flip(x, 1)),
    np.tile: of_tracer(_tile),
    np.roll: of_tracer(_roll),
    np.fft.fftshift: of_tracer(lambda x, axes=None: _half_turned(x, axes, 1)),
    np.fft.ifftshift: of_tracer(lambda x, axes=None: _half_turned(x, axes, -1)),
    np.concatenate: joined,
    np.stack: _stack,
    np.column_stack: _column_stack,
    np.append: _append,
    np.atleast_1d: _at_least(1),
    np.atleast_2d: _at_least(2),
    np.split: of_tracer(_split),
    np.array_split: of_tracer(_splitting(np.array_split)),
    np.hsplit: of_tracer(lambda x, parts: _split(x, parts, 1 if x.ndim > 1 else 0)),
    np.vsplit: of_tracer(lambda x, parts: _split(x, parts, 0)),
    np.broadcast_to: of_tracer(_broadcast_to),
    np.broadcast_arrays: _broadcast_arrays,
    np.meshgrid: _meshgrid,
    np.tril: _triangle(True),
    np.triu: _triangle(False),
    **{f: _moving(f) for f in (np.diag, np.diagonal, np.rot90, np.repeat, np.delete, np.resize,
                               np.diagflat)},
    np.copy: of_tracer(lambda x, order="K": x.copy()),
    np.shape: of_tracer(lambda x: x.shape),
    **{f: _of_shape(f) for f in (np.diag_indices_from, np.tril_indices_from, np.triu_indices_from)},
    np.ndim: of_tracer(lambda x: x.ndim),
    np.size: of_tracer(lambda x, axis=None: x.size if axis is None else x.shape[axis]),
}  # fmt: skip
