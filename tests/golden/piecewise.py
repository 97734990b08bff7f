"""Value and gradient of piecewise(x, y).

From: piecewise in test_emit_golden.py, by Proofgrad 0.1.0.
Input: x (float), y (float).
Output: value_and_gradient gives the value and its derivatives by x, y, in this
    order; forward and backward are its halves.
"""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import log, sqrt


def forward(x: float, y: float) -> tuple[float, tuple[float, ...]]:
    """Value of piecewise, and the residuals that backward needs."""
    try:
        x, y = float(x), float(y)
        v1 = x > 0.0 and y > x
        log_x = log(x)
        v2 = sqrt(1.0 + x * x)
        inside = log_x * y if v1 else v2
        v3 = y - x
        v4 = 0.0 if x < 0.0 else 1.0 if x > 1.0 else x
        v5 = 0.0 if y <= 0.0 else y
        piecewise = (v3 if inside < v3 or v3 != v3 else inside) + v4 * v5 + abs(x)
        return piecewise, (x, y, v1, log_x, v2, inside, v3, v4, v5)
    except Exception:
        return _forward_ieee(x, y)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        x, y, v1, log_x, v2, inside, v3, v4, v5 = residuals
        v6 = 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x
        x_bar_1 = cotangent * v6
        y_bar_1 = cotangent * v4 if y > 0.0 else 0.0
        x_bar_2 = x_bar_1 + cotangent * v5 if 0.0 <= x and x <= 1.0 else x_bar_1
        v7 = inside >= v3
        inside_bar = 0.5 * cotangent if inside == v3 else cotangent
        v8 = v3 >= inside
        y_bar_2 = y_bar_1 + inside_bar if v8 else y_bar_1
        x_bar_3 = x_bar_2 - inside_bar if v8 else x_bar_2
        x_bar_4 = x_bar_3 + 2.0 * (0.5 * inside_bar / v2) * x
        x_bar_5 = x_bar_4 if v7 and not v1 else x_bar_3
        v9 = v7 and v1
        y_bar = y_bar_2 + inside_bar * log_x if v9 else y_bar_2
        x_bar = x_bar_5 + inside_bar * y / x if v9 else x_bar_5
        return (x_bar, y_bar)
    except Exception:
        return _backward_ieee(residuals, cotangent)


def value_and_gradient(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of piecewise, and its gradient."""
    try:
        x, y = float(x), float(y)
        # forward
        v1 = x > 0.0 and y > x
        log_x = log(x)
        v2 = sqrt(1.0 + x * x)
        inside = log_x * y if v1 else v2
        v3 = y - x
        v4 = 0.0 if x < 0.0 else 1.0 if x > 1.0 else x
        v5 = 0.0 if y <= 0.0 else y
        piecewise = (v3 if inside < v3 or v3 != v3 else inside) + v4 * v5 + abs(x)

        # backward
        x_bar_1 = 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x
        y_bar_1 = v4 if y > 0.0 else 0.0
        x_bar_2 = x_bar_1 + v5 if 0.0 <= x and x <= 1.0 else x_bar_1
        v6 = inside >= v3
        inside_bar = 0.5 if inside == v3 else 1.0
        v7 = v3 >= inside
        y_bar_2 = y_bar_1 + inside_bar if v7 else y_bar_1
        x_bar_3 = x_bar_2 - inside_bar if v7 else x_bar_2
        x_bar_4 = x_bar_3 + 2.0 * (0.5 * inside_bar / v2) * x
        x_bar_5 = x_bar_4 if v6 and not v1 else x_bar_3
        v8 = v6 and v1
        y_bar = y_bar_2 + inside_bar * log_x if v8 else y_bar_2
        x_bar = x_bar_5 + inside_bar * y / x if v8 else x_bar_5
        return piecewise, (x_bar, y_bar)
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
    log_x = _log(x)
    v2 = _sqrt(1.0 + x * x)
    inside = log_x * y if v1 else v2
    v3 = y - x
    v4 = 0.0 if x < 0.0 else 1.0 if x > 1.0 else x
    v5 = 0.0 if y <= 0.0 else y
    piecewise = (v3 if inside < v3 or v3 != v3 else inside) + v4 * v5 + abs(x)
    return piecewise, (x, y, v1, log_x, v2, inside, v3, v4, v5)


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    x, y, v1, log_x, v2, inside, v3, v4, v5 = residuals
    v6 = 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x
    x_bar_1 = cotangent * v6
    y_bar_1 = cotangent * v4 if y > 0.0 else 0.0
    x_bar_2 = x_bar_1 + cotangent * v5 if 0.0 <= x and x <= 1.0 else x_bar_1
    v7 = inside >= v3
    inside_bar = 0.5 * cotangent if inside == v3 else cotangent
    v8 = v3 >= inside
    y_bar_2 = y_bar_1 + inside_bar if v8 else y_bar_1
    x_bar_3 = x_bar_2 - inside_bar if v8 else x_bar_2
    x_bar_4 = x_bar_3 + 2.0 * _div(0.5 * inside_bar, v2) * x
    x_bar_5 = x_bar_4 if v7 and not v1 else x_bar_3
    v9 = v7 and v1
    y_bar = y_bar_2 + inside_bar * log_x if v9 else y_bar_2
    x_bar = x_bar_5 + _div(inside_bar * y, x) if v9 else x_bar_5
    return (x_bar, y_bar)


def _value_and_gradient_ieee(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of piecewise, and its gradient."""
    x, y = float(x), float(y)
    # forward
    v1 = x > 0.0 and y > x
    log_x = _log(x)
    v2 = _sqrt(1.0 + x * x)
    inside = log_x * y if v1 else v2
    v3 = y - x
    v4 = 0.0 if x < 0.0 else 1.0 if x > 1.0 else x
    v5 = 0.0 if y <= 0.0 else y
    piecewise = (v3 if inside < v3 or v3 != v3 else inside) + v4 * v5 + abs(x)

    # backward
    x_bar_1 = 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x
    y_bar_1 = v4 if y > 0.0 else 0.0
    x_bar_2 = x_bar_1 + v5 if 0.0 <= x and x <= 1.0 else x_bar_1
    v6 = inside >= v3
    inside_bar = 0.5 if inside == v3 else 1.0
    v7 = v3 >= inside
    y_bar_2 = y_bar_1 + inside_bar if v7 else y_bar_1
    x_bar_3 = x_bar_2 - inside_bar if v7 else x_bar_2
    x_bar_4 = x_bar_3 + 2.0 * _div(0.5 * inside_bar, v2) * x
    x_bar_5 = x_bar_4 if v6 and not v1 else x_bar_3
    v8 = v6 and v1
    y_bar = y_bar_2 + inside_bar * log_x if v8 else y_bar_2
    x_bar = x_bar_5 + _div(inside_bar * y, x) if v8 else x_bar_5
    return piecewise, (x_bar, y_bar)
