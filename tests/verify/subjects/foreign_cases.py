"""Gradients of somebody else's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from verify import Verdict, verify_gradient


def f(x: Any, y: Any) -> Any:
    """The function most tests differentiate."""
    return x * y + np.sin(x)


def g(w: Any) -> Any:
    """A function of an array."""
    return np.sum(w * w) + w[0] * w[1]


def verdict(gradient: Any, function: Callable[..., Any] = f, *examples: Any) -> Verdict:
    """Verdict on a gradient of ``f`` or another function."""
    return verify_gradient(function, *(examples or (1.0, 2.0)), gradient=gradient).verdict


def cosine(x: float) -> float:
    """A function no placeholder gets through."""
    return math.cos(float(repr(float(x))))
