"""What NumPy's own Python makes of others, part by part or of whole arrays: vectorize, block."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from inspect import unwrap
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autodiff.graph.tree.leaves import Floats
from autodiff.table.arrays.indexing import concatenate
from autodiff.table.arrays.reshaping import broadcast_to, reshape
from autodiff.trace.array_operand import ArrayOperand, WholeArray
from autodiff.trace.capture.calls.with_elements import each_element
from autodiff.trace.capture.lists.listed_rows import stacked
from autodiff.trace.whole.fitting import axes
from autodiff.trace.whole.moving import as_tracer, tracer_in

__all__ = ["FUNCTIONS", "for_each_element"]


def _along_axis(
    func1d: Callable[..., object], axis: int, arr: Any, *args: object, **kwargs: object
) -> WholeArray:
    along = axes(axis, arr.ndim)[0]
    moved = np.moveaxis(arr, along, -1)
    front = moved.shape[:-1]
    flat = reshape(moved, (int(np.prod(front)), moved.shape[-1]))

    def each(row: object) -> object:
        return func1d(row, *args, **kwargs)

    parts = [as_tracer(x, arr) for x in each_element(each, [flat], "np.apply_along_axis")]
    made = np.reshape(np.stack(parts), (*front, *parts[0].shape))
    return np.moveaxis(made, -1, along) if parts[0].ndim == 1 else made


def for_each_element(function: Callable[..., object], arrays: tuple[Any, ...]) -> object:
    """``function`` of each element of arrays that broadcast, as ``np.vectorize`` calls it."""
    like = tracer_in(arrays)
    assert like is not None
    shape = np.broadcast_shapes(*(np.shape(x) for x in arrays))
    flat = [reshape(broadcast_to(as_tracer(x, like), shape), (math.prod(shape),)) for x in arrays]
    parts = [as_tracer(x, like) for x in each_element(function, flat, "np.vectorize")]
    return stacked(parts).reshape(shape) if shape else parts[0]


def _block(arrays: object) -> object:
    """Lists inside lists, the innermost along the last axis."""
    like, depth, flat = tracer_in(arrays), 0, [arrays]
    assert like is not None
    while any(isinstance(x, list) for x in flat):
        depth += 1
        flat = [y for x in flat for y in (x if isinstance(x, list) else [x])]
    ndim = max(depth, *(as_tracer(x, like).ndim for x in flat))

    def joined(part: object, level: int) -> WholeArray:
        if isinstance(part, list):
            return concatenate([joined(x, level + 1) for x in part], ndim + level - depth)
        one = as_tracer(part, like)
        return reshape(one, (1,) * (ndim - one.ndim) + one.shape)

    return joined(arrays, 0)


def _vander(x: object, N: int | None = None, increasing: bool = False) -> object:  # noqa: N803  # NumPy's name
    one = _as_whole(x)
    count = one.size if N is None else N
    powers = [as_tracer(np.ones(one.shape), one), *[one] * (count > 1)][:count]
    while len(powers) < count:
        powers.append(powers[-1] * one)
    return np.stack(powers if increasing else powers[::-1], axis=-1)


def _insert(arr: object, obj: ArrayLike, values: object, axis: int | None = None) -> object:
    """By numbers in the places of elements, those of what is inserted behind all others."""
    x = _as_whole(arr, values)
    new = as_tracer(values, x)
    own = np.arange(x.size).reshape(x.shape)
    behind = x.size + np.arange(new.size).reshape(new.shape)
    both = concatenate([reshape(x, (x.size,)), reshape(new, (new.size,))], 0)
    return both[np.insert(own, obj, behind, axis)]  # type: ignore[arg-type]  # numbers


def _ediff1d(ary: object, to_end: object = None, to_begin: object = None) -> object:
    x = np.ravel(_as_whole(ary, to_end, to_begin))
    parts = [np.ravel(_as_whole(y, x)) for y in (to_begin, np.diff(x), to_end) if y is not None]
    return np.concatenate(parts)


def _atleast_3d(*arys: object) -> object:
    made = []
    for given in arys:
        x = _as_whole(given)
        shape = {0: (1, 1, 1), 1: (1, *x.shape, 1), 2: (*x.shape, 1)}.get(x.ndim, x.shape)
        made.append(reshape(x, shape))
    return made[0] if len(made) == 1 else tuple(made)


def _over_axes(func: Callable[..., WholeArray], a: object, axes_: Sequence[int] | int) -> object:
    x: WholeArray = _as_whole(a)
    for axis in axes(tuple(np.atleast_1d(axes_).tolist()), x.ndim):
        made = func(x, axis)
        x = made if made.ndim == x.ndim else np.expand_dims(made, axis)
    return x


def _geomspace(
    start: Floats,
    stop: Floats,
    num: int = 50,
    endpoint: bool = True,
    dtype: object = None,
    axis: int = 0,
) -> object:
    """Powers between the logarithms of both ends, which are themselves."""
    sign = np.sign(start)
    ends = np.log10(sign * start), np.log10(sign * stop)
    made = np.moveaxis(np.logspace(*ends, num, endpoint), 0, -1)
    exact = [0] * min(num, 1) + [num - 1] * (endpoint and num > 1)
    made = np.expand_dims(sign, -1) * made
    for place, end in zip(exact, (start, stop), strict=False):
        made = np.where(np.arange(num) == place, np.expand_dims(end, -1), made)
    return np.moveaxis(made, -1, axis)


def _polyder(p: object, m: int = 1) -> object:
    x = _as_whole(p)
    for _ in range(m):
        x = x[:-1] * as_tracer(np.arange(x.size - 1.0, 0.0, -1.0), x)
    return x


def _polyval(p: object, x: object) -> object:
    """Horner's rule."""
    terms = _as_whole(p, x)
    at = as_tracer(x, terms)
    total = terms[0] + as_tracer(np.zeros(at.shape), terms)
    for k in range(1, len(terms)):
        total = total * at + terms[k]
    return total


def _matrix_norm(x: ArrayLike, /, *, keepdims: bool = False, ord: str = "fro") -> object:  # noqa: A002  # NumPy's name
    return np.linalg.norm(x, ord=ord, axis=(-2, -1), keepdims=keepdims)  # type: ignore[call-overload]  # a name


def _vecdot(x1: object, x2: object, /, *, axis: int = -1) -> object:
    one = _as_whole(x1, x2)
    return np.sum(one * as_tracer(x2, one), axis=axis)


def _as_whole(*given: object) -> ArrayOperand:
    like = tracer_in(given)
    assert like is not None
    return as_tracer(given[0], like)


def _transposed(x: object, /) -> object:
    return np.swapaxes(_as_whole(x), -1, -2)


def _named(home: ModuleType, **ours: Callable[..., object]) -> dict[object, Callable[..., object]]:
    """Those that this NumPy has."""
    return {getattr(home, name): made for name, made in ours.items() if hasattr(home, name)}


_AS_WRITTEN = (
    "cumulative_prod", "cumulative_sum", "dsplit", "dstack", "logspace", "polyadd", "polysub",
    "rollaxis", "unstack",
)  # fmt: skip
FUNCTIONS: dict[object, Callable[..., object]] = {
    **_named(np, **{name: unwrap(getattr(np, name)) for name in _AS_WRITTEN if hasattr(np, name)}),
    **_named(np.linalg, cross=np.cross, matrix_transpose=_transposed),
    **_named(np.linalg, matrix_norm=_matrix_norm, vecdot=_vecdot),
    **_named(np, matrix_transpose=_transposed),
    np.apply_along_axis: _along_axis,
    np.apply_over_axes: _over_axes,
    np.atleast_3d: _atleast_3d,
    np.block: _block,
    np.ediff1d: _ediff1d,
    np.geomspace: _geomspace,
    np.insert: _insert,
    np.polyder: _polyder,
    np.polyval: _polyval,
    np.vander: _vander,
}
