"""Value and gradient of piecewise(x, y), written by Proofgrad."""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import log, sqrt


def forward(x: float, y: float) -> tuple[float, tuple[float, ...]]:
    """Value of piecewise, and the residuals that backward needs."""
    try:
        x, y = float(x), float(y)
        v1 = x > 0.0 and y > x
        v2 = log(x)
        v3 = sqrt(1.0 + x * x)
        v4 = v2 * y if v1 else v3
        v5 = y - x
        v6 = 0.0 if x < 0.0 else 1.0 if x > 1.0 else x
        v7 = 0.0 if y <= 0.0 else y
        v8 = (v5 if v4 < v5 or v5 != v5 else v4) + v6 * v7 + abs(x)
        return v8, (x, y, v1, v2, v3, v4, v5, v6, v7)
    except Exception:
        return _forward_ieee(x, y)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        x, y, v1, v2, v3, v4, v5, v6, v7 = residuals
        v9 = 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x
        v10 = cotangent * v9
        v11 = cotangent * v6 if y > 0.0 else 0.0
        v12 = v10 + cotangent * v7 if 0.0 <= x and x <= 1.0 else v10
        v13 = v4 >= v5
        v14 = 0.5 * cotangent if v4 == v5 else cotangent
        v15 = v5 >= v4
        v16 = v11 + v14 if v15 else v11
        v17 = v12 - v14 if v15 else v12
        v18 = v17 + 2.0 * (0.5 * v14 / v3) * x if v13 and not v1 else v17
        v19 = v13 and v1
        y_bar = v16 + v14 * v2 if v19 else v16
        x_bar = v18 + v14 * y / x if v19 else v18
        return (x_bar, y_bar)
    except Exception:
        return _backward_ieee(residuals, cotangent)


def value_and_gradient(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of piecewise, and its gradient."""
    try:
        x, y = float(x), float(y)
        # forward
        v1 = x > 0.0 and y > x
        v2 = log(x)
        v3 = sqrt(1.0 + x * x)
        v4 = v2 * y if v1 else v3
        v5 = y - x
        v6 = 0.0 if x < 0.0 else 1.0 if x > 1.0 else x
        v7 = 0.0 if y <= 0.0 else y
        v8 = (v5 if v4 < v5 or v5 != v5 else v4) + v6 * v7 + abs(x)
        # backward
        v9 = 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x
        v10 = v6 if y > 0.0 else 0.0
        v11 = v9 + v7 if 0.0 <= x and x <= 1.0 else v9
        v12 = v4 >= v5
        v13 = 0.5 if v4 == v5 else 1.0
        v14 = v5 >= v4
        v15 = v10 + v13 if v14 else v10
        v16 = v11 - v13 if v14 else v11
        v17 = v16 + 2.0 * (0.5 * v13 / v3) * x if v12 and not v1 else v16
        v18 = v12 and v1
        y_bar = v15 + v13 * v2 if v18 else v15
        x_bar = v17 + v13 * y / x if v18 else v17
        return v8, (x_bar, y_bar)
    except Exception:
        return _value_and_gradient_ieee(x, y)


# The same steps with operations that never raise: 1.0 / 0.0 is inf, log(-1.0) is nan.


def _div(x: float, y: float) -> float:
    """x / y; a finite x over zero is an infinity, 0/0 is nan."""
    return x / y if y != 0.0 else x * math.copysign(math.inf, y)


def _log(x: float) -> float:
    """Natural logarithm; -inf at zero, nan below."""
    return math.log(x) if x > 0.0 else -math.inf if x == 0.0 else math.nan


def _sqrt(x: float) -> float:
    """Square root; nan below zero."""
    return math.sqrt(x) if x >= 0.0 else math.nan


def _forward_ieee(x: float, y: float) -> tuple[float, tuple[float, ...]]:
    """Value of piecewise, and the residuals that backward needs."""
    x, y = float(x), float(y)
    v1 = x > 0.0 and y > x
    v2 = _log(x)
    v3 = _sqrt(1.0 + x * x)
    v4 = v2 * y if v1 else v3
    v5 = y - x
    v6 = 0.0 if x < 0.0 else 1.0 if x > 1.0 else x
    v7 = 0.0 if y <= 0.0 else y
    v8 = (v5 if v4 < v5 or v5 != v5 else v4) + v6 * v7 + abs(x)
    return v8, (x, y, v1, v2, v3, v4, v5, v6, v7)


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    x, y, v1, v2, v3, v4, v5, v6, v7 = residuals
    v9 = 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x
    v10 = cotangent * v9
    v11 = cotangent * v6 if y > 0.0 else 0.0
    v12 = v10 + cotangent * v7 if 0.0 <= x and x <= 1.0 else v10
    v13 = v4 >= v5
    v14 = 0.5 * cotangent if v4 == v5 else cotangent
    v15 = v5 >= v4
    v16 = v11 + v14 if v15 else v11
    v17 = v12 - v14 if v15 else v12
    v18 = v17 + 2.0 * _div(0.5 * v14, v3) * x if v13 and not v1 else v17
    v19 = v13 and v1
    y_bar = v16 + v14 * v2 if v19 else v16
    x_bar = v18 + _div(v14 * y, x) if v19 else v18
    return (x_bar, y_bar)


def _value_and_gradient_ieee(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of piecewise, and its gradient."""
    x, y = float(x), float(y)
    # forward
    v1 = x > 0.0 and y > x
    v2 = _log(x)
    v3 = _sqrt(1.0 + x * x)
    v4 = v2 * y if v1 else v3
    v5 = y - x
    v6 = 0.0 if x < 0.0 else 1.0 if x > 1.0 else x
    v7 = 0.0 if y <= 0.0 else y
    v8 = (v5 if v4 < v5 or v5 != v5 else v4) + v6 * v7 + abs(x)
    # backward
    v9 = 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x
    v10 = v6 if y > 0.0 else 0.0
    v11 = v9 + v7 if 0.0 <= x and x <= 1.0 else v9
    v12 = v4 >= v5
    v13 = 0.5 if v4 == v5 else 1.0
    v14 = v5 >= v4
    v15 = v10 + v13 if v14 else v10
    v16 = v11 - v13 if v14 else v11
    v17 = v16 + 2.0 * _div(0.5 * v13, v3) * x if v12 and not v1 else v16
    v18 = v12 and v1
    y_bar = v15 + v13 * v2 if v18 else v15
    x_bar = v17 + _div(v13 * y, x) if v18 else v17
    return v8, (x_bar, y_bar)
