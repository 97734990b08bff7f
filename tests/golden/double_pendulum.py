"""Value and gradient of lagrangian(q, v), written by Proofgrad."""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import cos, sin


def forward(q: list[float], v: list[float]) -> tuple[float, tuple[float, ...]]:
    """Value of lagrangian, and the residuals that backward needs."""
    try:
        q_0, q_1 = q
        v_0, v_1 = v
        v1 = 1.2 * v_0
        v2 = 0.9 * v_1
        v3 = 0.756 * v_0
        v4 = v3 * v_1
        v5 = q_0 - q_1
        v6 = cos(v5)
        v7 = 0.85 * (v1 * v1) + 0.35 * (v2 * v2) + v4 * v6
        v8 = v7 - ((-20.0124) * cos(q_0) - 6.1803 * cos(q_1))
        return v8, (q_0, q_1, v_1, v1, v2, v3, v4, v5, v6)
    except Exception:
        return _forward_ieee(q, v)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[list[float], list[float]]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        q_0, q_1, v_1, v1, v2, v3, v4, v5, v6 = residuals
        v9 = cotangent * v6
        v10 = cotangent * v4 * sin(v5)
        q_0_bar = -(20.0124 * cotangent * sin(q_0)) - v10
        q_1_bar = v10 - cotangent * 6.1803 * sin(q_1)
        v_1_bar = v9 * v3 + 2.0 * (cotangent * 0.35) * v2 * 0.9
        v_0_bar = v9 * v_1 * 0.756 + 2.0 * (cotangent * 0.85) * v1 * 1.2
        return ([q_0_bar, q_1_bar], [v_0_bar, v_1_bar])
    except Exception:
        return _backward_ieee(residuals, cotangent)


def value_and_gradient(
    q: list[float], v: list[float]
) -> tuple[float, tuple[list[float], list[float]]]:
    """Value of lagrangian, and its gradient."""
    try:
        q_0, q_1 = q
        v_0, v_1 = v
        # forward
        v1 = 1.2 * v_0
        v2 = 0.9 * v_1
        v3 = 0.756 * v_0
        v4 = v3 * v_1
        v5 = q_0 - q_1
        v6 = cos(v5)
        v7 = 0.85 * (v1 * v1) + 0.35 * (v2 * v2) + v4 * v6
        v8 = v7 - ((-20.0124) * cos(q_0) - 6.1803 * cos(q_1))
        # backward
        v9 = v4 * sin(v5)
        q_0_bar = (-20.0124) * sin(q_0) - v9
        q_1_bar = (-6.1803) * sin(q_1) + v9
        v_1_bar = v6 * v3 + 0.7 * v2 * 0.9
        v_0_bar = v6 * v_1 * 0.756 + 1.7 * v1 * 1.2
        return v8, ([q_0_bar, q_1_bar], [v_0_bar, v_1_bar])
    except Exception:
        return _value_and_gradient_ieee(q, v)


# The same steps with operations that never raise: 1.0 / 0.0 is inf, log(-1.0) is nan.


def _sin(x: float) -> float:
    """Sine; nan at the infinities."""
    return math.nan if math.isinf(x) else math.sin(x)


def _cos(x: float) -> float:
    """Cosine; nan at the infinities."""
    return math.nan if math.isinf(x) else math.cos(x)


def _forward_ieee(q: list[float], v: list[float]) -> tuple[float, tuple[float, ...]]:
    """Value of lagrangian, and the residuals that backward needs."""
    q_0, q_1 = q
    v_0, v_1 = v
    v1 = 1.2 * v_0
    v2 = 0.9 * v_1
    v3 = 0.756 * v_0
    v4 = v3 * v_1
    v5 = q_0 - q_1
    v6 = _cos(v5)
    v7 = 0.85 * (v1 * v1) + 0.35 * (v2 * v2) + v4 * v6
    v8 = v7 - ((-20.0124) * _cos(q_0) - 6.1803 * _cos(q_1))
    return v8, (q_0, q_1, v_1, v1, v2, v3, v4, v5, v6)


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[list[float], list[float]]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    q_0, q_1, v_1, v1, v2, v3, v4, v5, v6 = residuals
    v9 = cotangent * v6
    v10 = cotangent * v4 * _sin(v5)
    q_0_bar = -(20.0124 * cotangent * _sin(q_0)) - v10
    q_1_bar = v10 - cotangent * 6.1803 * _sin(q_1)
    v_1_bar = v9 * v3 + 2.0 * (cotangent * 0.35) * v2 * 0.9
    v_0_bar = v9 * v_1 * 0.756 + 2.0 * (cotangent * 0.85) * v1 * 1.2
    return ([q_0_bar, q_1_bar], [v_0_bar, v_1_bar])


def _value_and_gradient_ieee(
    q: list[float], v: list[float]
) -> tuple[float, tuple[list[float], list[float]]]:
    """Value of lagrangian, and its gradient."""
    q_0, q_1 = q
    v_0, v_1 = v
    # forward
    v1 = 1.2 * v_0
    v2 = 0.9 * v_1
    v3 = 0.756 * v_0
    v4 = v3 * v_1
    v5 = q_0 - q_1
    v6 = _cos(v5)
    v7 = 0.85 * (v1 * v1) + 0.35 * (v2 * v2) + v4 * v6
    v8 = v7 - ((-20.0124) * _cos(q_0) - 6.1803 * _cos(q_1))
    # backward
    v9 = v4 * _sin(v5)
    q_0_bar = (-20.0124) * _sin(q_0) - v9
    q_1_bar = (-6.1803) * _sin(q_1) + v9
    v_1_bar = v6 * v3 + 0.7 * v2 * 0.9
    v_0_bar = v6 * v_1 * 0.756 + 1.7 * v1 * 1.2
    return v8, ([q_0_bar, q_1_bar], [v_0_bar, v_1_bar])
