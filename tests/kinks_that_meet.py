"""Functions that are smooth where their parts are not, with their true derivatives there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad

__all__ = ["FIRST", "SECOND"]


def _sigmoid(z: Any) -> Any:
    e = np.exp(-abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


# Name, function, point, gradient.
FIRST: list[tuple[str, Callable[..., Any], tuple[Any, ...], Any]] = [
    ("logistic loss", lambda m: np.maximum(-m, 0.0) + np.log1p(np.exp(-np.abs(m))), (0.0,), -0.5),
    ("stable sigmoid", _sigmoid, (0.0,), 0.25),
    ("symlog", lambda x: np.sign(x) * np.log1p(np.abs(x)), (0.0,), 1.0),
    ("relu, softplus", lambda z: ad.relu(z) + np.log1p(np.exp(-np.abs(z))), (0.0,), 0.5),
    ("scaled", lambda z: np.maximum(2 * z, 0.0) + np.log1p(np.exp(-2 * np.abs(z))), (0.0,), 1.0),
    ("two maxima", lambda x: np.maximum(x, 0.0) - np.maximum(-x, 0.0), (0.0,), 1.0),
    ("two clips", lambda x: np.clip(x, 0.0, 1.0) + np.clip(x, -1.0, 0.0), (0.0,), 1.0),
    ("two conditions", lambda x: np.where(x >= 0, x, 0.0) + np.where(x > 0, 0.0, x), (0.0,), 1.0),
    ("rotated", lambda x, y: np.maximum(x - y, 0.0) - np.maximum(y - x, 0.0), (2.0, 2.0),
     (1.0, -1.0)),
    ("an L1 term beside it", lambda w: 0.1 * abs(w) + np.maximum(-w, 0.0)
     + np.log1p(np.exp(-np.abs(w))), (0.0,), -0.5),
    ("an infinite slope beside it", lambda x, m: np.sqrt(x) + np.maximum(-m, 0.0)
     + np.log1p(np.exp(-np.abs(m))), (0.0, 0.0), (np.inf, -0.5)),
]  # fmt: skip
# Name, function, point, Hessian.
SECOND: list[tuple[str, Callable[..., Any], tuple[Any, ...], Any]] = [
    ("squared norm", lambda x: np.linalg.norm(x) ** 2, (np.zeros(2),), 2 * np.eye(2)),
    ("bell of a norm", lambda x: np.exp(-(np.linalg.norm(x) ** 2)), (np.zeros(2),), -2 * np.eye(2)),
    ("squared abs", lambda x: np.abs(x) ** 2, (0.0,), 2.0),
    ("cos of abs", lambda x: np.cos(np.abs(x)), (0.0,), -1.0),
    ("logistic loss", lambda z: np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))), (0.0,), 0.25),
    ("max times min", lambda x, y: np.maximum(x, y) * np.minimum(x, y), (1.0, 1.0),
     [[0, 1], [1, 0]]),
    ("abs of a negative", lambda x: np.abs(-(x**2)), (0.0,), 2.0),
    ("bell of a root", lambda x, y: np.exp(-(np.sqrt(x * x + y * y) ** 2)), (0.0, 0.0),
     -2 * np.eye(2)),
    ("cos of a root", lambda v: np.cos(np.sqrt(v @ v)), (np.zeros(2),), -np.eye(2)),
    ("third power of a root", lambda v: np.sqrt(np.sum(v**2)) ** 3, (np.zeros(2),),
     np.zeros((2, 2))),
    ("xlogy", ad.xlogy, (0.0, 2.0), [[0.0, 0.5], [0.5, 0.0]]),
]  # fmt: skip
