"""Value and gradient of eccentric_anomaly(M, e).

From: eccentric_anomaly in kepler.py, by Proofgrad 0.1.0.
Input: M (float), e (float).
Output: value_and_gradient gives the value and its derivatives by M, e, in this
    order; forward and backward are its halves.
"""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import cos, sin


def forward(M: float, e: float) -> tuple[float, tuple[float, ...]]:
    """Value of eccentric_anomaly, and the residuals that backward needs."""
    try:
        M, e = float(M), float(e)
        sin_M = sin(M)
        E = M + e * sin_M
        sin_E = sin(E)
        cos_E = cos(E)
        v1 = 1.0 - e * cos_E
        v2 = (E - e * sin_E - M) / v1
        E2 = E - v2
        sin_E2 = sin(E2)
        cos_E2 = cos(E2)
        v3 = 1.0 - e * cos_E2
        v4 = (E2 - e * sin_E2 - M) / v3
        E3 = E2 - v4
        sin_E3 = sin(E3)
        cos_E3 = cos(E3)
        v5 = 1.0 - e * cos_E3
        v6 = (E3 - e * sin_E3 - M) / v5
        E4 = E3 - v6
        sin_E4 = sin(E4)
        cos_E4 = cos(E4)
        v7 = 1.0 - e * cos_E4
        v8 = (E4 - e * sin_E4 - M) / v7
        E5 = E4 - v8
        sin_E5 = sin(E5)
        cos_E5 = cos(E5)
        v9 = 1.0 - e * cos_E5
        v10 = (E5 - e * sin_E5 - M) / v9
        E6 = E5 - v10
        sin_E6 = sin(E6)
        cos_E6 = cos(E6)
        v11 = 1.0 - e * cos_E6
        v12 = (E6 - e * sin_E6 - M) / v11
        E7 = E6 - v12
        return E7, (
            M, e, sin_M, sin_E, cos_E, v1, v2, sin_E2, cos_E2, v3, v4, sin_E3, cos_E3,
            v5, v6, sin_E4, cos_E4, v7, v8, sin_E5, cos_E5, v9, v10, sin_E6, cos_E6,
            v11, v12,
        )
    except Exception:
        return _forward_ieee(M, e)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        (
            M, e, sin_M, sin_E, cos_E, v1, v2, sin_E2, cos_E2, v3, v4, sin_E3, cos_E3,
            v5, v6, sin_E4, cos_E4, v7, v8, sin_E5, cos_E5, v9, v10, sin_E6, cos_E6,
            v11, v12,
        ) = residuals
        v13 = cotangent / v11
        v11_bar = v13 * v12
        E6_bar = cotangent + v11_bar * e * sin_E6 - v13 + v13 * e * cos_E6
        v14 = E6_bar / v9
        v9_bar = v14 * v10
        E5_bar = E6_bar + v9_bar * e * sin_E5 - v14 + v14 * e * cos_E5
        v15 = E5_bar / v7
        v7_bar = v15 * v8
        e_bar_1 = v13 * sin_E6 - v11_bar * cos_E6 - v9_bar * cos_E5 + v14 * sin_E5
        E4_bar = E5_bar + v7_bar * e * sin_E4 - v15 + v15 * e * cos_E4
        v16 = E4_bar / v5
        v5_bar = v16 * v6
        e_bar_2 = e_bar_1 - v7_bar * cos_E4 + v15 * sin_E4 - v5_bar * cos_E3
        E3_bar = E4_bar + v5_bar * e * sin_E3 - v16 + v16 * e * cos_E3
        v17 = E3_bar / v3
        v3_bar = v17 * v4
        E2_bar = E3_bar + v3_bar * e * sin_E2 - v17 + v17 * e * cos_E2
        v18 = E2_bar / v1
        v1_bar = v18 * v2
        e_bar_3 = (
            e_bar_2 + v16 * sin_E3 - v3_bar * cos_E2 + v17 * sin_E2 - v1_bar * cos_E
        )
        E_bar = E2_bar + v1_bar * e * sin_E - v18 + v18 * e * cos_E
        e_bar = e_bar_3 + v18 * sin_E + E_bar * sin_M
        M_bar = v13 + v14 + v15 + v16 + v17 + v18 + E_bar + E_bar * e * cos(M)
        return (M_bar, e_bar)
    except Exception:
        return _backward_ieee(residuals, cotangent)


def value_and_gradient(M: float, e: float) -> tuple[float, tuple[float, float]]:
    """Value of eccentric_anomaly, and its gradient."""
    try:
        M, e = float(M), float(e)
        # forward
        sin_M = sin(M)
        E = M + e * sin_M
        sin_E = sin(E)
        cos_E = cos(E)
        v1 = 1.0 - e * cos_E
        v2 = (E - e * sin_E - M) / v1
        E2 = E - v2
        sin_E2 = sin(E2)
        cos_E2 = cos(E2)
        v3 = 1.0 - e * cos_E2
        v4 = (E2 - e * sin_E2 - M) / v3
        E3 = E2 - v4
        sin_E3 = sin(E3)
        cos_E3 = cos(E3)
        v5 = 1.0 - e * cos_E3
        v6 = (E3 - e * sin_E3 - M) / v5
        E4 = E3 - v6
        sin_E4 = sin(E4)
        cos_E4 = cos(E4)
        v7 = 1.0 - e * cos_E4
        v8 = (E4 - e * sin_E4 - M) / v7
        E5 = E4 - v8
        sin_E5 = sin(E5)
        cos_E5 = cos(E5)
        v9 = 1.0 - e * cos_E5
        v10 = (E5 - e * sin_E5 - M) / v9
        E6 = E5 - v10
        sin_E6 = sin(E6)
        cos_E6 = cos(E6)
        v11 = 1.0 - e * cos_E6
        v12 = (E6 - e * sin_E6 - M) / v11
        E7 = E6 - v12

        # backward
        v13 = (-1.0) / v11
        v14 = v13 * v12
        v15 = 1.0 / v11
        E6_bar = 1.0 - v14 * e * sin_E6 + v13 + v15 * e * cos_E6
        v16 = E6_bar / v9
        v9_bar = v16 * v10
        E5_bar = E6_bar + v9_bar * e * sin_E5 - v16 + v16 * e * cos_E5
        v17 = E5_bar / v7
        v7_bar = v17 * v8
        e_bar_1 = v14 * cos_E6 + v15 * sin_E6 - v9_bar * cos_E5 + v16 * sin_E5
        E4_bar = E5_bar + v7_bar * e * sin_E4 - v17 + v17 * e * cos_E4
        v18 = E4_bar / v5
        v5_bar = v18 * v6
        e_bar_2 = e_bar_1 - v7_bar * cos_E4 + v17 * sin_E4 - v5_bar * cos_E3
        E3_bar = E4_bar + v5_bar * e * sin_E3 - v18 + v18 * e * cos_E3
        v19 = E3_bar / v3
        v3_bar = v19 * v4
        E2_bar = E3_bar + v3_bar * e * sin_E2 - v19 + v19 * e * cos_E2
        v20 = E2_bar / v1
        v1_bar = v20 * v2
        e_bar_3 = (
            e_bar_2 + v18 * sin_E3 - v3_bar * cos_E2 + v19 * sin_E2 - v1_bar * cos_E
        )
        E_bar = E2_bar + v1_bar * e * sin_E - v20 + v20 * e * cos_E
        e_bar = e_bar_3 + v20 * sin_E + E_bar * sin_M
        M_bar = v15 + v16 + v17 + v18 + v19 + v20 + E_bar + E_bar * e * cos(M)
        return E7, (M_bar, e_bar)
    except Exception:
        return _value_and_gradient_ieee(M, e)


# The same steps with operations that never raise: 1.0 / 0.0 is inf, log(-1.0) is nan.


def _div(x: float, y: float) -> float:
    """x / y; a finite x over zero is an infinity, 0/0 is nan."""
    return x / y if y != 0.0 else x * math.copysign(math.inf, y)


def _sin(x: float) -> float:
    """Sine; nan at the infinities."""
    return math.nan if math.isinf(x) else math.sin(x)


def _cos(x: float) -> float:
    """Cosine; nan at the infinities."""
    return math.nan if math.isinf(x) else math.cos(x)


def _forward_ieee(M: float, e: float) -> tuple[float, tuple[float, ...]]:
    """Value of eccentric_anomaly, and the residuals that backward needs."""
    M, e = float(M), float(e)
    sin_M = _sin(M)
    E = M + e * sin_M
    sin_E = _sin(E)
    cos_E = _cos(E)
    v1 = 1.0 - e * cos_E
    v2 = _div(E - e * sin_E - M, v1)
    E2 = E - v2
    sin_E2 = _sin(E2)
    cos_E2 = _cos(E2)
    v3 = 1.0 - e * cos_E2
    v4 = _div(E2 - e * sin_E2 - M, v3)
    E3 = E2 - v4
    sin_E3 = _sin(E3)
    cos_E3 = _cos(E3)
    v5 = 1.0 - e * cos_E3
    v6 = _div(E3 - e * sin_E3 - M, v5)
    E4 = E3 - v6
    sin_E4 = _sin(E4)
    cos_E4 = _cos(E4)
    v7 = 1.0 - e * cos_E4
    v8 = _div(E4 - e * sin_E4 - M, v7)
    E5 = E4 - v8
    sin_E5 = _sin(E5)
    cos_E5 = _cos(E5)
    v9 = 1.0 - e * cos_E5
    v10 = _div(E5 - e * sin_E5 - M, v9)
    E6 = E5 - v10
    sin_E6 = _sin(E6)
    cos_E6 = _cos(E6)
    v11 = 1.0 - e * cos_E6
    v12 = _div(E6 - e * sin_E6 - M, v11)
    E7 = E6 - v12
    return E7, (
        M, e, sin_M, sin_E, cos_E, v1, v2, sin_E2, cos_E2, v3, v4, sin_E3, cos_E3,
        v5, v6, sin_E4, cos_E4, v7, v8, sin_E5, cos_E5, v9, v10, sin_E6, cos_E6,
        v11, v12,
    )


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    (
        M, e, sin_M, sin_E, cos_E, v1, v2, sin_E2, cos_E2, v3, v4, sin_E3, cos_E3,
        v5, v6, sin_E4, cos_E4, v7, v8, sin_E5, cos_E5, v9, v10, sin_E6, cos_E6,
        v11, v12,
    ) = residuals
    v13 = _div(cotangent, v11)
    v11_bar = v13 * v12
    E6_bar = cotangent + v11_bar * e * sin_E6 - v13 + v13 * e * cos_E6
    v14 = _div(E6_bar, v9)
    v9_bar = v14 * v10
    E5_bar = E6_bar + v9_bar * e * sin_E5 - v14 + v14 * e * cos_E5
    v15 = _div(E5_bar, v7)
    v7_bar = v15 * v8
    e_bar_1 = v13 * sin_E6 - v11_bar * cos_E6 - v9_bar * cos_E5 + v14 * sin_E5
    E4_bar = E5_bar + v7_bar * e * sin_E4 - v15 + v15 * e * cos_E4
    v16 = _div(E4_bar, v5)
    v5_bar = v16 * v6
    e_bar_2 = e_bar_1 - v7_bar * cos_E4 + v15 * sin_E4 - v5_bar * cos_E3
    E3_bar = E4_bar + v5_bar * e * sin_E3 - v16 + v16 * e * cos_E3
    v17 = _div(E3_bar, v3)
    v3_bar = v17 * v4
    E2_bar = E3_bar + v3_bar * e * sin_E2 - v17 + v17 * e * cos_E2
    v18 = _div(E2_bar, v1)
    v1_bar = v18 * v2
    e_bar_3 = (
        e_bar_2 + v16 * sin_E3 - v3_bar * cos_E2 + v17 * sin_E2 - v1_bar * cos_E
    )
    E_bar = E2_bar + v1_bar * e * sin_E - v18 + v18 * e * cos_E
    e_bar = e_bar_3 + v18 * sin_E + E_bar * sin_M
    M_bar = v13 + v14 + v15 + v16 + v17 + v18 + E_bar + E_bar * e * _cos(M)
    return (M_bar, e_bar)


def _value_and_gradient_ieee(M: float, e: float) -> tuple[float, tuple[float, float]]:
    """Value of eccentric_anomaly, and its gradient."""
    M, e = float(M), float(e)
    # forward
    sin_M = _sin(M)
    E = M + e * sin_M
    sin_E = _sin(E)
    cos_E = _cos(E)
    v1 = 1.0 - e * cos_E
    v2 = _div(E - e * sin_E - M, v1)
    E2 = E - v2
    sin_E2 = _sin(E2)
    cos_E2 = _cos(E2)
    v3 = 1.0 - e * cos_E2
    v4 = _div(E2 - e * sin_E2 - M, v3)
    E3 = E2 - v4
    sin_E3 = _sin(E3)
    cos_E3 = _cos(E3)
    v5 = 1.0 - e * cos_E3
    v6 = _div(E3 - e * sin_E3 - M, v5)
    E4 = E3 - v6
    sin_E4 = _sin(E4)
    cos_E4 = _cos(E4)
    v7 = 1.0 - e * cos_E4
    v8 = _div(E4 - e * sin_E4 - M, v7)
    E5 = E4 - v8
    sin_E5 = _sin(E5)
    cos_E5 = _cos(E5)
    v9 = 1.0 - e * cos_E5
    v10 = _div(E5 - e * sin_E5 - M, v9)
    E6 = E5 - v10
    sin_E6 = _sin(E6)
    cos_E6 = _cos(E6)
    v11 = 1.0 - e * cos_E6
    v12 = _div(E6 - e * sin_E6 - M, v11)
    E7 = E6 - v12

    # backward
    v13 = _div((-1.0), v11)
    v14 = v13 * v12
    v15 = _div(1.0, v11)
    E6_bar = 1.0 - v14 * e * sin_E6 + v13 + v15 * e * cos_E6
    v16 = _div(E6_bar, v9)
    v9_bar = v16 * v10
    E5_bar = E6_bar + v9_bar * e * sin_E5 - v16 + v16 * e * cos_E5
    v17 = _div(E5_bar, v7)
    v7_bar = v17 * v8
    e_bar_1 = v14 * cos_E6 + v15 * sin_E6 - v9_bar * cos_E5 + v16 * sin_E5
    E4_bar = E5_bar + v7_bar * e * sin_E4 - v17 + v17 * e * cos_E4
    v18 = _div(E4_bar, v5)
    v5_bar = v18 * v6
    e_bar_2 = e_bar_1 - v7_bar * cos_E4 + v17 * sin_E4 - v5_bar * cos_E3
    E3_bar = E4_bar + v5_bar * e * sin_E3 - v18 + v18 * e * cos_E3
    v19 = _div(E3_bar, v3)
    v3_bar = v19 * v4
    E2_bar = E3_bar + v3_bar * e * sin_E2 - v19 + v19 * e * cos_E2
    v20 = _div(E2_bar, v1)
    v1_bar = v20 * v2
    e_bar_3 = (
        e_bar_2 + v18 * sin_E3 - v3_bar * cos_E2 + v19 * sin_E2 - v1_bar * cos_E
    )
    E_bar = E2_bar + v1_bar * e * sin_E - v20 + v20 * e * cos_E
    e_bar = e_bar_3 + v20 * sin_E + E_bar * sin_M
    M_bar = v15 + v16 + v17 + v18 + v19 + v20 + E_bar + E_bar * e * _cos(M)
    return E7, (M_bar, e_bar)
