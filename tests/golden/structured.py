"""Value and gradient of structured(p, weights).

From: structured in test_emit_golden.py, by Proofgrad 0.1.0.
Input: p_v1 (2 x 2 floats, row by row), p_import (2 floats), weights_0 (2 floats),
    weights_1_sin (float).
Output: value_and_gradient gives the value and its derivatives by p_v1, p_import,
    weights_0, weights_1_sin, in this order; forward and backward are its halves.
"""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import exp, pow, tanh


def forward(
    p_v1: list[float],
    p_import: list[float],
    weights_0: list[float],
    weights_1_sin: float,
) -> tuple[float, tuple[float, ...]]:
    """Value of structured, and the residuals that backward needs."""
    try:
        weights_1_sin = float(weights_1_sin)
        p_v1_0_0, p_v1_0_1, p_v1_1_0, p_v1_1_1 = p_v1
        p_import_0, p_import_1 = p_import
        weights_0_0, weights_0_1 = weights_0
        v1 = p_v1_0_0 * weights_0_0 + p_v1_0_1 * weights_0_1
        v2 = p_v1_1_0 * weights_0_0 + p_v1_1_1 * weights_0_1
        v3 = tanh(v1)
        v4 = tanh(v2)
        structured = v3 * p_import_0 + v4 * p_import_1 + pow(weights_1_sin, 3.0)
        return structured, (
            p_v1_0_0, p_v1_0_1, p_v1_1_0, p_v1_1_1, p_import_0, p_import_1, weights_0_0,
            weights_0_1, weights_1_sin, v1, v2, v3, v4,
        )
    except Exception:
        return _forward_ieee(p_v1, p_import, weights_0, weights_1_sin)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[list[float], list[float], list[float], float]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        (
            p_v1_0_0, p_v1_0_1, p_v1_1_0, p_v1_1_1, p_import_0, p_import_1, weights_0_0,
            weights_0_1, weights_1_sin, v1, v2, v3, v4,
        ) = residuals
        weights_1_sin_bar = 3.0 * cotangent * (weights_1_sin * weights_1_sin)
        p_import_1_bar = cotangent * v4
        p_import_0_bar = cotangent * v3
        v5 = exp((-2.0) * abs(v2))
        v6 = 1.0 + v5
        v2_bar = cotangent * p_import_1 * (4.0 * v5 / (v6 * v6))
        v7 = exp((-2.0) * abs(v1))
        v8 = 1.0 + v7
        v1_bar = cotangent * p_import_0 * (4.0 * v7 / (v8 * v8))
        p_v1_1_1_bar = v2_bar * weights_0_1
        p_v1_1_0_bar = v2_bar * weights_0_0
        p_v1_0_1_bar = v1_bar * weights_0_1
        weights_0_1_bar = v2_bar * p_v1_1_1 + v1_bar * p_v1_0_1
        p_v1_0_0_bar = v1_bar * weights_0_0
        weights_0_0_bar = v2_bar * p_v1_1_0 + v1_bar * p_v1_0_0
        return (
            [p_v1_0_0_bar, p_v1_0_1_bar, p_v1_1_0_bar, p_v1_1_1_bar],
            [p_import_0_bar, p_import_1_bar],
            [weights_0_0_bar, weights_0_1_bar],
            weights_1_sin_bar,
        )
    except Exception:
        return _backward_ieee(residuals, cotangent)


def value_and_gradient(
    p_v1: list[float],
    p_import: list[float],
    weights_0: list[float],
    weights_1_sin: float,
) -> tuple[float, tuple[list[float], list[float], list[float], float]]:
    """Value of structured, and its gradient."""
    try:
        weights_1_sin = float(weights_1_sin)
        p_v1_0_0, p_v1_0_1, p_v1_1_0, p_v1_1_1 = p_v1
        p_import_0, p_import_1 = p_import
        weights_0_0, weights_0_1 = weights_0

        # forward
        v1 = p_v1_0_0 * weights_0_0 + p_v1_0_1 * weights_0_1
        v2 = p_v1_1_0 * weights_0_0 + p_v1_1_1 * weights_0_1
        v3 = tanh(v1)
        v4 = tanh(v2)
        structured = v3 * p_import_0 + v4 * p_import_1 + pow(weights_1_sin, 3.0)

        # backward
        weights_1_sin_bar = 3.0 * (weights_1_sin * weights_1_sin)
        v5 = exp((-2.0) * abs(v2))
        v6 = 1.0 + v5
        v2_bar = p_import_1 * (4.0 * v5 / (v6 * v6))
        v7 = exp((-2.0) * abs(v1))
        v8 = 1.0 + v7
        v1_bar = p_import_0 * (4.0 * v7 / (v8 * v8))
        p_v1_1_1_bar = v2_bar * weights_0_1
        p_v1_1_0_bar = v2_bar * weights_0_0
        p_v1_0_1_bar = v1_bar * weights_0_1
        weights_0_1_bar = v2_bar * p_v1_1_1 + v1_bar * p_v1_0_1
        p_v1_0_0_bar = v1_bar * weights_0_0
        weights_0_0_bar = v2_bar * p_v1_1_0 + v1_bar * p_v1_0_0
        return structured, (
            [p_v1_0_0_bar, p_v1_0_1_bar, p_v1_1_0_bar, p_v1_1_1_bar],
            [v3, v4],
            [weights_0_0_bar, weights_0_1_bar],
            weights_1_sin_bar,
        )
    except Exception:
        return _value_and_gradient_ieee(p_v1, p_import, weights_0, weights_1_sin)


# The same steps with operations that never raise: 1.0 / 0.0 is inf, log(-1.0) is nan.


def _div(x: float, y: float) -> float:
    """x / y; a finite x over zero is an infinity, 0/0 is nan."""
    return x / y if y != 0.0 else x * math.copysign(math.inf, y)


def _pow(x: float, y: float) -> float:
    """C's pow: (-8.0) ** (1/3) is nan, never complex; 0.0 ** -1.0 is inf."""
    try:
        return math.pow(x, y)
    except Exception:
        if abs(y) % 2.0 == 1.0:  # exact; y % 2.0 rounds next to an odd number
            return math.copysign(math.inf, x)
        return math.nan if x < 0.0 and y % 1.0 != 0.0 else math.inf


def _exp(x: float) -> float:
    """Exponential; inf where it overflows."""
    try:
        return math.exp(x)
    except Exception:
        return math.inf


def _forward_ieee(
    p_v1: list[float],
    p_import: list[float],
    weights_0: list[float],
    weights_1_sin: float,
) -> tuple[float, tuple[float, ...]]:
    """Value of structured, and the residuals that backward needs."""
    weights_1_sin = float(weights_1_sin)
    p_v1_0_0, p_v1_0_1, p_v1_1_0, p_v1_1_1 = p_v1
    p_import_0, p_import_1 = p_import
    weights_0_0, weights_0_1 = weights_0
    v1 = p_v1_0_0 * weights_0_0 + p_v1_0_1 * weights_0_1
    v2 = p_v1_1_0 * weights_0_0 + p_v1_1_1 * weights_0_1
    v3 = tanh(v1)
    v4 = tanh(v2)
    structured = v3 * p_import_0 + v4 * p_import_1 + _pow(weights_1_sin, 3.0)
    return structured, (
        p_v1_0_0, p_v1_0_1, p_v1_1_0, p_v1_1_1, p_import_0, p_import_1, weights_0_0,
        weights_0_1, weights_1_sin, v1, v2, v3, v4,
    )


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[list[float], list[float], list[float], float]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    (
        p_v1_0_0, p_v1_0_1, p_v1_1_0, p_v1_1_1, p_import_0, p_import_1, weights_0_0,
        weights_0_1, weights_1_sin, v1, v2, v3, v4,
    ) = residuals
    weights_1_sin_bar = 3.0 * cotangent * (weights_1_sin * weights_1_sin)
    p_import_1_bar = cotangent * v4
    p_import_0_bar = cotangent * v3
    v5 = _exp((-2.0) * abs(v2))
    v6 = 1.0 + v5
    v2_bar = cotangent * p_import_1 * _div(4.0 * v5, v6 * v6)
    v7 = _exp((-2.0) * abs(v1))
    v8 = 1.0 + v7
    v1_bar = cotangent * p_import_0 * _div(4.0 * v7, v8 * v8)
    p_v1_1_1_bar = v2_bar * weights_0_1
    p_v1_1_0_bar = v2_bar * weights_0_0
    p_v1_0_1_bar = v1_bar * weights_0_1
    weights_0_1_bar = v2_bar * p_v1_1_1 + v1_bar * p_v1_0_1
    p_v1_0_0_bar = v1_bar * weights_0_0
    weights_0_0_bar = v2_bar * p_v1_1_0 + v1_bar * p_v1_0_0
    return (
        [p_v1_0_0_bar, p_v1_0_1_bar, p_v1_1_0_bar, p_v1_1_1_bar],
        [p_import_0_bar, p_import_1_bar],
        [weights_0_0_bar, weights_0_1_bar],
        weights_1_sin_bar,
    )


def _value_and_gradient_ieee(
    p_v1: list[float],
    p_import: list[float],
    weights_0: list[float],
    weights_1_sin: float,
) -> tuple[float, tuple[list[float], list[float], list[float], float]]:
    """Value of structured, and its gradient."""
    weights_1_sin = float(weights_1_sin)
    p_v1_0_0, p_v1_0_1, p_v1_1_0, p_v1_1_1 = p_v1
    p_import_0, p_import_1 = p_import
    weights_0_0, weights_0_1 = weights_0

    # forward
    v1 = p_v1_0_0 * weights_0_0 + p_v1_0_1 * weights_0_1
    v2 = p_v1_1_0 * weights_0_0 + p_v1_1_1 * weights_0_1
    v3 = tanh(v1)
    v4 = tanh(v2)
    structured = v3 * p_import_0 + v4 * p_import_1 + _pow(weights_1_sin, 3.0)

    # backward
    weights_1_sin_bar = 3.0 * (weights_1_sin * weights_1_sin)
    v5 = _exp((-2.0) * abs(v2))
    v6 = 1.0 + v5
    v2_bar = p_import_1 * _div(4.0 * v5, v6 * v6)
    v7 = _exp((-2.0) * abs(v1))
    v8 = 1.0 + v7
    v1_bar = p_import_0 * _div(4.0 * v7, v8 * v8)
    p_v1_1_1_bar = v2_bar * weights_0_1
    p_v1_1_0_bar = v2_bar * weights_0_0
    p_v1_0_1_bar = v1_bar * weights_0_1
    weights_0_1_bar = v2_bar * p_v1_1_1 + v1_bar * p_v1_0_1
    p_v1_0_0_bar = v1_bar * weights_0_0
    weights_0_0_bar = v2_bar * p_v1_1_0 + v1_bar * p_v1_0_0
    return structured, (
        [p_v1_0_0_bar, p_v1_0_1_bar, p_v1_1_0_bar, p_v1_1_1_bar],
        [v3, v4],
        [weights_0_0_bar, weights_0_1_bar],
        weights_1_sin_bar,
    )
