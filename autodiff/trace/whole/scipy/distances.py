"""``scipy.spatial.distance`` on whole arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autodiff.trace.array_operand import ArrayOperand, WholeArray
from autodiff.trace.whole.linear_algebra import refuse, tracers
from autodiff.trace.whole.scipy.where_traced import each_where_traced

__all__ = ["DISTANCE"]

_BETWEEN: dict[str, Callable[[WholeArray], object]] = {
    "chebyshev": lambda d: np.max(np.abs(d), axis=-1),
    "cityblock": lambda d: np.sum(np.abs(d), axis=-1),
    "euclidean": lambda d: np.linalg.norm(d, axis=-1),
    "sqeuclidean": lambda d: np.sum(d * d, axis=-1),
}


def _cosine(x: WholeArray, y: WholeArray) -> object:
    sizes = np.linalg.norm(x, axis=-1) * np.linalg.norm(y, axis=-1)
    return 1.0 - np.sum(x * y, axis=-1) / sizes


def _canberra(x: WholeArray, y: WholeArray) -> object:
    sizes = np.abs(x) + np.abs(y)
    return np.sum(np.abs(x - y) / np.where(sizes > 0.0, sizes, 1.0), axis=-1)


def _centred(x: WholeArray) -> WholeArray:
    made: WholeArray = x - np.mean(x, axis=-1, keepdims=True)
    return made


_OF_BOTH: dict[str, Callable[[WholeArray, WholeArray], object]] = {
    "braycurtis": lambda x, y: np.sum(np.abs(x - y), axis=-1) / np.sum(np.abs(x + y), axis=-1),
    "canberra": _canberra,
    "correlation": lambda x, y: _cosine(_centred(x), _centred(y)),
    "cosine": _cosine,
}


def _between(x: ArrayOperand, y: ArrayOperand, metric: object, given: Mapping[str, Any]) -> object:
    """Distances along the last axis."""
    if metric in _OF_BOTH and not given:
        return _OF_BOTH[str(metric)](x, y)
    if metric == "minkowski" and given.keys() <= {"p"}:
        return np.linalg.norm(x - y, ord=given.get("p", 2), axis=-1)
    if metric not in _BETWEEN or given:
        known = ", ".join([*_BETWEEN, *_OF_BOTH, "minkowski"])
        refuse(f"distances with metric={metric!r} cannot be traced; these can be: {known}")
    return _BETWEEN[str(metric)](x - y)


def _cdist(XA: object, XB: object, metric: object = "euclidean", **given: object) -> object:  # noqa: N803
    x, y = tracers(XA, XB)
    return _between(x[:, None, :], y[None, :, :], metric, given)


def _pdist(X: object, metric: object = "euclidean", **given: object) -> object:  # noqa: N803
    (x,) = tracers(X)
    i, j = np.triu_indices(x.shape[0], k=1)
    return _between(x[i], x[j], metric, given)


def _squareform(X: object) -> object:  # noqa: N803
    (x,) = tracers(X)
    if x.ndim == 2:
        return x[np.triu_indices(x.shape[0], k=1)]
    n = round((1.0 + np.sqrt(1.0 + 8.0 * x.size)) / 2.0)
    places = np.zeros((n, n), int)
    places[np.triu_indices(n, k=1)] = np.arange(x.size) + 1
    places += places.T
    return np.concatenate([x.known(np.zeros(1)), x])[places]


def _of_two(metric: str) -> Callable[..., object]:
    def distance(u: object, v: object) -> object:
        x, y = tracers(u, v)
        return _between(x, y, metric, {})

    return distance


DISTANCE = each_where_traced(
    "scipy.spatial.distance",
    {
        "cdist": _cdist,
        "pdist": _pdist,
        "squareform": _squareform,
        **{name: _of_two(name) for name in (*_BETWEEN, *_OF_BOTH)},
    },
)
