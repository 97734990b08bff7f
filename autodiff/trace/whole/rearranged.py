"""Functions of NumPy that its own source makes of others: as it has them, or of whole arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import unwrap
from typing import Any

import numpy as np

from autodiff.trace.array_operand import WholeArray
from autodiff.trace.whole.fitting import axes
from autodiff.trace.whole.moving import as_tracer, tracer_in

__all__ = ["FUNCTIONS"]

_AS_WRITTEN = (
    "cumulative_prod", "cumulative_sum", "dsplit", "dstack", "logspace", "polyadd", "polysub",
    "rollaxis", "unstack",
)  # fmt: skip


def _block(arrays: object) -> Any:
    """Lists inside lists, the innermost along the last axis."""
    like, depth, inner = tracer_in(arrays), 0, arrays
    assert like is not None
    while isinstance(inner, list):
        depth, inner = depth + 1, inner[0]
    flat: list[Any] = [arrays]
    while any(isinstance(x, list) for x in flat):
        flat = [y for x in flat for y in (x if isinstance(x, list) else [x])]
    ndim = max(depth, *(np.ndim(x) for x in flat))

    def joined(part: object, level: int) -> Any:
        if isinstance(part, list):
            return np.concatenate([joined(x, level + 1) for x in part], axis=level - depth)
        one = as_tracer(part, like)
        return np.reshape(one, (1,) * (ndim - one.ndim) + one.shape)

    return joined(arrays, 0)


def _vander(x: object, N: int | None = None, increasing: bool = False) -> Any:  # noqa: N803  # NumPy's name
    one = _as_whole(x)
    count = one.size if N is None else N
    powers = [np.ones(one.shape), *[one] * (count > 1)][:count]
    while len(powers) < count:
        powers.append(powers[-1] * one)
    return np.stack(powers if increasing else powers[::-1], axis=-1)


def _insert(arr: object, obj: Any, values: object, axis: int | None = None) -> Any:
    """By numbers in the places of elements, those of what is inserted behind all others."""
    x: Any = _as_whole(arr, values)
    new = as_tracer(values, x)
    own = np.arange(x.size).reshape(x.shape)
    behind = x.size + np.arange(new.size).reshape(new.shape)
    both: Any = np.concatenate([np.ravel(x), np.ravel(new)])
    return both[np.insert(own, obj, behind, axis)]


def _ediff1d(ary: object, to_end: object = None, to_begin: object = None) -> Any:
    x: Any = np.ravel(_as_whole(ary, to_end, to_begin))
    parts = [to_begin, np.diff(x), to_end]
    return np.concatenate([np.ravel(as_tracer(y, x)) for y in parts if y is not None])


def _atleast_3d(*arys: object) -> Any:
    made = []
    for given in arys:
        x = _as_whole(given)
        shape = {0: (1, 1, 1), 1: (1, *x.shape, 1), 2: (*x.shape, 1)}.get(x.ndim, x.shape)
        made.append(np.reshape(x, shape))
    return made[0] if len(made) == 1 else tuple(made)


def _over_axes(func: Callable[..., Any], a: object, axes_: Sequence[int] | int) -> Any:
    x = _as_whole(a)
    for axis in axes(tuple(np.atleast_1d(axes_).tolist()), x.ndim):
        made = func(x, axis)
        x = made if made.ndim == x.ndim else np.expand_dims(made, axis)
    return x


def _polyder(p: object, m: int = 1) -> Any:
    x = _as_whole(p)
    for _ in range(m):
        x = x[:-1] * np.arange(x.size - 1.0, 0.0, -1.0)
    return x


def _polyval(p: Any, x: Any) -> Any:
    """Horner's rule."""
    terms = _as_whole(p, x) if tracer_in([p]) is not None else np.atleast_1d(p)
    at = np.asarray(x) if isinstance(x, (list, tuple)) else x
    total = terms[0] + np.zeros(np.shape(at))
    for k in range(1, len(terms)):
        total = total * at + terms[k]
    return total


def _matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:  # noqa: A002  # NumPy's name
    return np.linalg.norm(x, ord=ord, axis=(-2, -1), keepdims=keepdims)


def _vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return np.sum(x1 * x2, axis=axis)


def _as_whole(*given: object) -> WholeArray:
    like = tracer_in(given)
    assert like is not None
    return as_tracer(given[0], like)


def _transposed(x: object, /) -> Any:
    return np.swapaxes(_as_whole(x), -1, -2)


def _named(home: Any, **ours: Callable[..., object]) -> dict[object, Callable[..., object]]:
    """Those that this NumPy has."""
    return {getattr(home, name): made for name, made in ours.items() if hasattr(home, name)}


FUNCTIONS: dict[object, Callable[..., object]] = {
    **_named(np, **{name: unwrap(getattr(np, name)) for name in _AS_WRITTEN if hasattr(np, name)}),
    **_named(np.linalg, cross=np.cross, matrix_transpose=_transposed),
    **_named(np.linalg, matrix_norm=_matrix_norm, vecdot=_vecdot),
    **_named(np, matrix_transpose=_transposed),
    np.apply_over_axes: _over_axes,
    np.atleast_3d: _atleast_3d,
    np.block: _block,
    np.ediff1d: _ediff1d,
    np.insert: _insert,
    np.polyder: _polyder,
    np.polyval: _polyval,
    np.vander: _vander,
}
