"""Functions whose parts have infinite slopes, with the derivative that there is, or None.

Where a function is not defined on one side, its derivative is that from the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad

__all__ = ["NOT_FOUND", "ROOTS"]

_TWO = np.zeros(2)

# Name, function, point, gradient, Hessian.
ROOTS: list[tuple[str, Callable[..., Any], tuple[Any, ...], Any, Any]] = [
    ("x sqrt(x)", lambda x: x * ad.sqrt(x), (0.0,), 0.0, None),
    ("sqrt(x)^2", lambda x: ad.sqrt(x) ** 2, (0.0,), 1.0, 0.0),
    ("sqrt(x)^3", lambda x: ad.sqrt(x) ** 3, (0.0,), 0.0, None),
    ("sqrt(x)^4", lambda x: ad.sqrt(x) ** 4, (0.0,), 0.0, 2.0),
    ("sqrt(x)^6", lambda x: ad.sqrt(x) ** 6, (0.0,), 0.0, 0.0),
    ("sqrt(x^4)", lambda x: ad.sqrt(x**4), (0.0,), 0.0, 2.0),
    ("sqrt(x^2)", lambda x: ad.sqrt(x * x), (0.0,), None, None),
    ("sqrt(x)", ad.sqrt, (0.0,), None, None),
    ("x^2 sqrt(x)", lambda x: x * x * ad.sqrt(x), (0.0,), 0.0, 0.0),
    ("sqrt(x) sqrt(x)", lambda x: ad.sqrt(x) * ad.sqrt(x), (0.0,), 1.0, 0.0),
    ("sqrt(x) sin x", lambda x: ad.sqrt(x) * np.sin(x), (0.0,), 0.0, None),
    ("cos(sqrt(x))", lambda x: np.cos(ad.sqrt(x)), (0.0,), -0.5, None),
    ("cosh(sqrt(x))", lambda x: np.cosh(ad.sqrt(x)), (0.0,), 0.5, None),
    ("sqrt(x) tanh(sqrt(x))", lambda x: ad.sqrt(x) * np.tanh(ad.sqrt(x)), (0.0,), 1.0, None),
    ("exp(x sqrt(x))", lambda x: np.exp(x * ad.sqrt(x)), (0.0,), 0.0, None),
    ("1 + x sqrt(x)", lambda x: 1.0 + x * ad.sqrt(x), (0.0,), 0.0, None),
    ("3x + x sqrt(x)", lambda x: 3.0 * x + x * ad.sqrt(x), (0.0,), 3.0, None),
    ("shifted", lambda x: (x - 2.0) * ad.sqrt(x - 2.0), (2.0,), 0.0, None),
    ("scaled", lambda x: 5.0 * ad.sqrt(7.0 * x) ** 2, (0.0,), 35.0, 0.0),
    ("mirrored", lambda x: -x * ad.sqrt(-x), (0.0,), 0.0, None),
    ("1 - x, squared root", lambda x: ad.sqrt(1.0 - x) ** 2, (1.0,), -1.0, 0.0),
    ("sqrt(1 - x^2)^2", lambda x: ad.sqrt(1.0 - x * x) ** 2, (1.0,), -2.0, -2.0),
    ("sqrt(1 - x^2)^3", lambda x: ad.sqrt(1.0 - x * x) ** 3, (1.0,), 0.0, None),
    ("cbrt(x)^3", lambda x: ad.cbrt(x) ** 3, (0.0,), 1.0, 0.0),
    ("cbrt(x)^4", lambda x: ad.cbrt(x) ** 4, (0.0,), 0.0, None),
    ("cbrt(x)^6", lambda x: ad.cbrt(x) ** 6, (0.0,), 0.0, 2.0),
    ("cbrt(x^3)", lambda x: ad.cbrt(x**3), (0.0,), 1.0, 0.0),
    ("x cbrt(x)", lambda x: x * ad.cbrt(x), (0.0,), 0.0, None),
    ("x^2 cbrt(x)", lambda x: x * x * ad.cbrt(x), (0.0,), 0.0, 0.0),
    ("cbrt(x)", ad.cbrt, (0.0,), None, None),
    ("x^0.5 x", lambda x: x**0.5 * x, (0.0,), 0.0, None),
    ("x^0.5 x^0.5", lambda x: x**0.5 * x**0.5, (0.0,), 1.0, 0.0),
    ("x^0.25, fourth power", lambda x: (x**0.25) ** 4, (0.0,), 1.0, 0.0),
    ("x^0.75, fourth power", lambda x: (x**0.75) ** 4, (0.0,), 0.0, 0.0),
    ("(x^2)^0.5 x", lambda x: (x * x) ** 0.5 * x, (0.0,), 0.0, None),
    ("(x^4)^0.5", lambda x: (x**4) ** 0.5, (0.0,), 0.0, 2.0),
    ("x^0.1 x^0.9", lambda x: x**0.1 * x**0.9, (0.0,), 1.0, 0.0),
    ("x^1.5", lambda x: x**1.5, (0.0,), 0.0, None),
    ("x^2.5", lambda x: x**2.5, (0.0,), 0.0, 0.0),
    ("norm^3", lambda v: np.linalg.norm(v) ** 3, (_TWO,), [0.0, 0.0], np.zeros((2, 2))),
    ("norm^2", lambda v: np.linalg.norm(v) ** 2, (_TWO,), [0.0, 0.0], 2.0 * np.eye(2)),
    ("norm^4", lambda v: np.linalg.norm(v) ** 4, (_TWO,), [0.0, 0.0], np.zeros((2, 2))),
    ("norm", np.linalg.norm, (_TWO,), None, None),
    ("cos(norm)", lambda v: np.cos(np.linalg.norm(v)), (_TWO,), [0.0, 0.0], -np.eye(2)),
    ("bell of a root", lambda v: np.exp(-ad.sqrt(v @ v) ** 2), (_TWO,), [0.0, 0.0],
     -2.0 * np.eye(2)),
    ("root of squares, cubed", lambda x, y: ad.sqrt(x * x + y * y) ** 3, (0.0, 0.0), (0.0, 0.0),
     np.zeros((2, 2))),
    ("root of squares, squared", lambda x, y: ad.sqrt(x * x + y * y) ** 2, (0.0, 0.0), (0.0, 0.0),
     2.0 * np.eye(2)),
    ("distance squared", lambda x, y: ad.sqrt((x - y) ** 2) ** 2, (3.0, 3.0), (0.0, 0.0),
     [[2.0, -2.0], [-2.0, 2.0]]),
    ("y sqrt(x)^2", lambda x, y: y * ad.sqrt(x) ** 2, (0.0, 3.0), (3.0, 0.0),
     [[0.0, 1.0], [1.0, 0.0]]),
    ("x y sqrt(x)", lambda x, y: x * y * ad.sqrt(x), (0.0, 2.0), (0.0, 0.0), None),
    ("a plain term beside", lambda x, y: x * ad.sqrt(x) + y * y, (0.0, 2.0), (0.0, 4.0), None),
    ("sqrt(x y)^2", lambda x, y: ad.sqrt(x * y) ** 2, (0.0, 2.0), (2.0, 0.0),
     [[0.0, 1.0], [1.0, 0.0]]),
    ("root of a power", lambda x: ad.sqrt(x) ** 2 * ad.cbrt(x) ** 3, (0.0,), 0.0, 2.0),
    ("acos(x)^2", lambda x: np.arccos(x) ** 2, (1.0,), -2.0, None),
    ("acos(x)^4", lambda x: np.arccos(x) ** 4, (1.0,), 0.0, 8.0),
    ("cos(acos(x))", lambda x: np.cos(np.arccos(x)), (1.0,), 1.0, None),
    ("acosh(x)^2", lambda x: np.arccosh(x) ** 2, (1.0,), 2.0, None),
    ("asin(x)", np.arcsin, (1.0,), None, None),
    ("abs and a root", lambda x: np.abs(x) * ad.sqrt(np.abs(x)), (0.0,), 0.0, None),
    ("relu and a root", lambda x: ad.relu(x) * ad.sqrt(ad.relu(x)), (0.0,), 0.0, None),
    ("cube root of a relu", lambda x: ad.cbrt(ad.relu(x)) ** 6, (0.0,), 0.0, None),
    ("sqrt of a max, squared", lambda x: ad.sqrt(np.maximum(x, 0.0)) ** 4, (0.0,), 0.0, None),
]  # fmt: skip
# What is lost in doubles a step away from the point: its derivative stays what the table says.
NOT_FOUND: list[tuple[str, Callable[..., Any], tuple[Any, ...], Any]] = [
    ("sixth power under a cube root", lambda x: ad.cbrt(x**6), (0.0,), 0.0),
    ("sin(asin(x)): pi / 2 is rounded", lambda x: np.sin(np.arcsin(x)), (1.0,), 1.0),
]  # fmt: skip
