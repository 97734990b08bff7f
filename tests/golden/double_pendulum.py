"""Value and gradient of lagrangian(q, v).

From: lagrangian in double_pendulum.py, by Proofgrad 0.1.0.
Input: q (2 floats), v (2 floats).
Output: value_and_gradient gives the value and its derivatives by q, v, in this
    order; forward and backward are its halves.
"""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import cos, sin


def forward(q: list[float], v: list[float]) -> tuple[float, tuple[float, ...]]:
    """Value of lagrangian, and the residuals that backward needs."""
    try:
        q_0, q_1 = q
        v_0, v_1 = v
        v_0_scaled = 1.2 * v_0
        v_1_scaled = 0.9 * v_1
        v1 = 0.85 * (v_0_scaled * v_0_scaled) + 0.35 * (v_1_scaled * v_1_scaled)
        v_0_scaled2 = 0.756 * v_0
        v2 = v_0_scaled2 * v_1
        v3 = q_0 - q_1
        v4 = cos(v3)
        kinetic = v1 + v2 * v4
        potential = (-20.0124) * cos(q_0) - 6.1803 * cos(q_1)
        lagrangian = kinetic - potential
        return lagrangian, (
            q_0, q_1, v_1, v_0_scaled, v_1_scaled, v_0_scaled2, v2, v3, v4,
        )
    except Exception:
        return _forward_ieee(q, v)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[list[float], list[float]]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        q_0, q_1, v_1, v_0_scaled, v_1_scaled, v_0_scaled2, v2, v3, v4 = residuals
        v2_bar = cotangent * v4
        q_1_bar_1 = cotangent * v2 * sin(v3)
        q_0_bar = -(20.0124 * cotangent * sin(q_0)) - q_1_bar_1
        q_1_bar = q_1_bar_1 - cotangent * 6.1803 * sin(q_1)
        v_1_bar = v2_bar * v_0_scaled2 + 2.0 * (cotangent * 0.35) * v_1_scaled * 0.9
        v_0_bar = v2_bar * v_1 * 0.756 + 2.0 * (cotangent * 0.85) * v_0_scaled * 1.2
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
        v_0_scaled = 1.2 * v_0
        v_1_scaled = 0.9 * v_1
        v1 = 0.85 * (v_0_scaled * v_0_scaled) + 0.35 * (v_1_scaled * v_1_scaled)
        v_0_scaled2 = 0.756 * v_0
        v2 = v_0_scaled2 * v_1
        v3 = q_0 - q_1
        v4 = cos(v3)
        kinetic = v1 + v2 * v4
        potential = (-20.0124) * cos(q_0) - 6.1803 * cos(q_1)
        lagrangian = kinetic - potential

        # backward
        q_1_bar_1 = v2 * sin(v3)
        q_0_bar = (-20.0124) * sin(q_0) - q_1_bar_1
        q_1_bar = (-6.1803) * sin(q_1) + q_1_bar_1
        v_1_bar = v4 * v_0_scaled2 + 0.7 * v_1_scaled * 0.9
        v_0_bar = v4 * v_1 * 0.756 + 1.7 * v_0_scaled * 1.2
        return lagrangian, ([q_0_bar, q_1_bar], [v_0_bar, v_1_bar])
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
    v_0_scaled = 1.2 * v_0
    v_1_scaled = 0.9 * v_1
    v1 = 0.85 * (v_0_scaled * v_0_scaled) + 0.35 * (v_1_scaled * v_1_scaled)
    v_0_scaled2 = 0.756 * v_0
    v2 = v_0_scaled2 * v_1
    v3 = q_0 - q_1
    v4 = _cos(v3)
    kinetic = v1 + v2 * v4
    potential = (-20.0124) * _cos(q_0) - 6.1803 * _cos(q_1)
    lagrangian = kinetic - potential
    return lagrangian, (
        q_0, q_1, v_1, v_0_scaled, v_1_scaled, v_0_scaled2, v2, v3, v4,
    )


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[list[float], list[float]]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    q_0, q_1, v_1, v_0_scaled, v_1_scaled, v_0_scaled2, v2, v3, v4 = residuals
    v2_bar = cotangent * v4
    q_1_bar_1 = cotangent * v2 * _sin(v3)
    q_0_bar = -(20.0124 * cotangent * _sin(q_0)) - q_1_bar_1
    q_1_bar = q_1_bar_1 - cotangent * 6.1803 * _sin(q_1)
    v_1_bar = v2_bar * v_0_scaled2 + 2.0 * (cotangent * 0.35) * v_1_scaled * 0.9
    v_0_bar = v2_bar * v_1 * 0.756 + 2.0 * (cotangent * 0.85) * v_0_scaled * 1.2
    return ([q_0_bar, q_1_bar], [v_0_bar, v_1_bar])


def _value_and_gradient_ieee(
    q: list[float], v: list[float]
) -> tuple[float, tuple[list[float], list[float]]]:
    """Value of lagrangian, and its gradient."""
    q_0, q_1 = q
    v_0, v_1 = v

    # forward
    v_0_scaled = 1.2 * v_0
    v_1_scaled = 0.9 * v_1
    v1 = 0.85 * (v_0_scaled * v_0_scaled) + 0.35 * (v_1_scaled * v_1_scaled)
    v_0_scaled2 = 0.756 * v_0
    v2 = v_0_scaled2 * v_1
    v3 = q_0 - q_1
    v4 = _cos(v3)
    kinetic = v1 + v2 * v4
    potential = (-20.0124) * _cos(q_0) - 6.1803 * _cos(q_1)
    lagrangian = kinetic - potential

    # backward
    q_1_bar_1 = v2 * _sin(v3)
    q_0_bar = (-20.0124) * _sin(q_0) - q_1_bar_1
    q_1_bar = (-6.1803) * _sin(q_1) + q_1_bar_1
    v_1_bar = v4 * v_0_scaled2 + 0.7 * v_1_scaled * 0.9
    v_0_bar = v4 * v_1 * 0.756 + 1.7 * v_0_scaled * 1.2
    return lagrangian, ([q_0_bar, q_1_bar], [v_0_bar, v_1_bar])
