"""Value of lagrangian_hessian(q, v).

From: lagrangian_hessian in double_pendulum.py, by Proofgrad 0.1.0.
Input: q (2 floats), v (2 floats).
Output: evaluate gives 16 floats, a list for each array.
"""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import cos, sin


def evaluate(
    q: list[float], v: list[float]
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Result of lagrangian_hessian."""
    try:
        q_0, q_1 = q
        v_0, v_1 = v
        v_0_scaled = 0.756 * v_0
        v1 = q_0 - q_1
        v2 = cos(v1)
        v2_dot = sin(v1)
        v3 = v2 * (v_0_scaled * v_1)
        v4 = -(cos(q_0) * 20.0124) - v3
        v5 = v2_dot * v_1
        v6 = v2_dot * v_0_scaled
        v7 = -v6
        v8 = (-0.756) * v5
        v9 = -(cos(q_1) * 6.1803) - v3
        v10 = v5 * 0.756
        v11 = 0.756 * v2
        return (
            [v4, v3, v3, v9],
            [v8, v7, v10, v6],
            [v8, v10, v7, v6],
            [2.448, v11, v11, 0.5670000000000001],
        )
    except Exception:
        return _evaluate_ieee(q, v)


# The same steps with operations that never raise: 1.0 / 0.0 is inf, log(-1.0) is nan.


def _sin(x: float) -> float:
    """Sine; nan at the infinities."""
    return math.nan if math.isinf(x) else math.sin(x)


def _cos(x: float) -> float:
    """Cosine; nan at the infinities."""
    return math.nan if math.isinf(x) else math.cos(x)


def _evaluate_ieee(
    q: list[float], v: list[float]
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Result of lagrangian_hessian."""
    q_0, q_1 = q
    v_0, v_1 = v
    v_0_scaled = 0.756 * v_0
    v1 = q_0 - q_1
    v2 = _cos(v1)
    v2_dot = _sin(v1)
    v3 = v2 * (v_0_scaled * v_1)
    v4 = -(_cos(q_0) * 20.0124) - v3
    v5 = v2_dot * v_1
    v6 = v2_dot * v_0_scaled
    v7 = -v6
    v8 = (-0.756) * v5
    v9 = -(_cos(q_1) * 6.1803) - v3
    v10 = v5 * 0.756
    v11 = 0.756 * v2
    return (
        [v4, v3, v3, v9],
        [v8, v7, v10, v6],
        [v8, v10, v7, v6],
        [2.448, v11, v11, 0.5670000000000001],
    )
