"""Value and gradient of constants(x, y).

From: constants in test_emit_golden.py, by Proofgrad 0.1.0.
Input: x (float), y (float).
Output: value_and_gradient gives the value and its derivatives by x, y, in this
    order; forward and backward are its halves.
"""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import inf, pow


def forward(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of constants, and the residuals that backward needs."""
    try:
        x, y = float(x), float(y)
        x_scaled = x * (-2.5)
        v1 = (inf if x_scaled > inf else x_scaled) + 1e-300 * y - (-0.0)
        constants = v1 + pow(x, (-1.5)) + (-27.0) * y
        return constants, (x, x_scaled)
    except Exception:
        return _forward_ieee(x, y)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        x, x_scaled = residuals
        x_bar_1 = (-1.5) * cotangent * pow(x, (-2.5))
        y_bar = cotangent * (-27.0) + cotangent * 1e-300
        x_bar = x_bar_1 + cotangent * (-2.5) if x_scaled < inf else x_bar_1
        return (x_bar, y_bar)
    except Exception:
        return _backward_ieee(residuals, cotangent)


def value_and_gradient(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of constants, and its gradient."""
    try:
        x, y = float(x), float(y)
        # forward
        x_scaled = x * (-2.5)
        v1 = (inf if x_scaled > inf else x_scaled) + 1e-300 * y - (-0.0)
        constants = v1 + pow(x, (-1.5)) + (-27.0) * y

        # backward
        x_bar_1 = (-1.5) * pow(x, (-2.5))
        x_bar = x_bar_1 + (-2.5) if x_scaled < inf else x_bar_1
        return constants, (x_bar, (-27.0))
    except Exception:
        return _value_and_gradient_ieee(x, y)


# The same steps with operations that never raise: 1.0 / 0.0 is inf, log(-1.0) is nan.


def _pow(x: float, y: float) -> float:
    """C's pow: (-8.0) ** (1/3) is nan, never complex; 0.0 ** -1.0 is inf."""
    try:
        return math.pow(x, y)
    except Exception:
        if abs(y) % 2.0 == 1.0:  # exact; y % 2.0 rounds next to an odd number
            return math.copysign(math.inf, x)
        return math.nan if x < 0.0 and y % 1.0 != 0.0 else math.inf


def _forward_ieee(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of constants, and the residuals that backward needs."""
    x, y = float(x), float(y)
    x_scaled = x * (-2.5)
    v1 = (inf if x_scaled > inf else x_scaled) + 1e-300 * y - (-0.0)
    constants = v1 + _pow(x, (-1.5)) + (-27.0) * y
    return constants, (x, x_scaled)


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    x, x_scaled = residuals
    x_bar_1 = (-1.5) * cotangent * _pow(x, (-2.5))
    y_bar = cotangent * (-27.0) + cotangent * 1e-300
    x_bar = x_bar_1 + cotangent * (-2.5) if x_scaled < inf else x_bar_1
    return (x_bar, y_bar)


def _value_and_gradient_ieee(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of constants, and its gradient."""
    x, y = float(x), float(y)
    # forward
    x_scaled = x * (-2.5)
    v1 = (inf if x_scaled > inf else x_scaled) + 1e-300 * y - (-0.0)
    constants = v1 + _pow(x, (-1.5)) + (-27.0) * y

    # backward
    x_bar_1 = (-1.5) * _pow(x, (-2.5))
    x_bar = x_bar_1 + (-2.5) if x_scaled < inf else x_bar_1
    return constants, (x_bar, (-27.0))
