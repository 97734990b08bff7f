"""Value and gradient of f(x, y).

From: f in test_emit_golden.py, by Proofgrad 0.1.0.
Input: x (float), y (float).
Output: value_and_gradient gives the value and its derivatives by x, in this order;
    forward and backward are its halves.
"""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import exp


def forward(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of f, and the residuals that backward needs."""
    try:
        x, y = float(x), float(y)
        v1 = exp(x * y)
        f = v1 / y
        return f, (y, v1)
    except Exception:
        return _forward_ieee(x, y)


def backward(residuals: tuple[float, ...], cotangent: float = 1.0) -> float:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        y, v1 = residuals
        x_bar = cotangent / y * v1 * y
        return x_bar
    except Exception:
        return _backward_ieee(residuals, cotangent)


def value_and_gradient(x: float, y: float) -> tuple[float, float]:
    """Value of f, and its gradient."""
    try:
        x, y = float(x), float(y)
        # forward
        v1 = exp(x * y)
        f = v1 / y

        # backward
        x_bar = 1.0 / y * v1 * y
        return f, x_bar
    except Exception:
        return _value_and_gradient_ieee(x, y)


# The same steps with operations that never raise: 1.0 / 0.0 is inf, log(-1.0) is nan.


def _div(x: float, y: float) -> float:
    """x / y; a finite x over zero is an infinity, 0/0 is nan."""
    return x / y if y != 0.0 else x * math.copysign(math.inf, y)


def _exp(x: float) -> float:
    """Exponential; inf where it overflows."""
    try:
        return math.exp(x)
    except Exception:
        return math.inf


def _forward_ieee(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of f, and the residuals that backward needs."""
    x, y = float(x), float(y)
    v1 = _exp(x * y)
    f = _div(v1, y)
    return f, (y, v1)


def _backward_ieee(residuals: tuple[float, ...], cotangent: float = 1.0) -> float:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    y, v1 = residuals
    x_bar = _div(cotangent, y) * v1 * y
    return x_bar


def _value_and_gradient_ieee(x: float, y: float) -> tuple[float, float]:
    """Value of f, and its gradient."""
    x, y = float(x), float(y)
    # forward
    v1 = _exp(x * y)
    f = _div(v1, y)

    # backward
    x_bar = _div(1.0, y) * v1 * y
    return f, x_bar
