"""lagrangian_hessian, written by Proofgrad."""

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
        v1 = 0.756 * v_0
        v2 = q_0 - q_1
        v3 = cos(v2)
        v4 = sin(v2)
        v5 = v3 * (v1 * v_1)
        v6 = -(cos(q_0) * 20.0124) - v5
        v7 = v4 * v_1
        v8 = v4 * v1
        v9 = -v8
        v10 = (-0.756) * v7
        v11 = -(cos(q_1) * 6.1803) - v5
        v12 = v7 * 0.756
        v13 = 0.756 * v_1 * v4
        v14 = -v13
        v15 = 0.756 * v3
        return (
            [v6, v5, v5, v11],
            [v14, v9, v13, v8],
            [v10, v12, v9, v8],
            [2.448, v15, v15, 0.5670000000000001],
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
    v1 = 0.756 * v_0
    v2 = q_0 - q_1
    v3 = _cos(v2)
    v4 = _sin(v2)
    v5 = v3 * (v1 * v_1)
    v6 = -(_cos(q_0) * 20.0124) - v5
    v7 = v4 * v_1
    v8 = v4 * v1
    v9 = -v8
    v10 = (-0.756) * v7
    v11 = -(_cos(q_1) * 6.1803) - v5
    v12 = v7 * 0.756
    v13 = 0.756 * v_1 * v4
    v14 = -v13
    v15 = 0.756 * v3
    return (
        [v6, v5, v5, v11],
        [v14, v9, v13, v8],
        [v10, v12, v9, v8],
        [2.448, v15, v15, 0.5670000000000001],
    )
