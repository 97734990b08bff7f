"""Value and gradient of eccentric_anomaly(M, e), written by Proofgrad."""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import cos, sin


def forward(M: float, e_: float) -> tuple[float, tuple[float, ...]]:
    """Value of eccentric_anomaly, and the residuals that backward needs."""
    try:
        M, e_ = float(M), float(e_)
        v1 = sin(M)
        v2 = M + e_ * v1
        v3 = sin(v2)
        v4 = cos(v2)
        v5 = 1.0 - e_ * v4
        v6 = (v2 - e_ * v3 - M) / v5
        v7 = v2 - v6
        v8 = sin(v7)
        v9 = cos(v7)
        v10 = 1.0 - e_ * v9
        v11 = (v7 - e_ * v8 - M) / v10
        v12 = v7 - v11
        v13 = sin(v12)
        v14 = cos(v12)
        v15 = 1.0 - e_ * v14
        v16 = (v12 - e_ * v13 - M) / v15
        v17 = v12 - v16
        v18 = sin(v17)
        v19 = cos(v17)
        v20 = 1.0 - e_ * v19
        v21 = (v17 - e_ * v18 - M) / v20
        v22 = v17 - v21
        v23 = sin(v22)
        v24 = cos(v22)
        v25 = 1.0 - e_ * v24
        v26 = (v22 - e_ * v23 - M) / v25
        v27 = v22 - v26
        v28 = sin(v27)
        v29 = cos(v27)
        v30 = 1.0 - e_ * v29
        v31 = (v27 - e_ * v28 - M) / v30
        v32 = v27 - v31
        return v32, (
            M,
            e_,
            v1,
            v3,
            v4,
            v5,
            v6,
            v8,
            v9,
            v10,
            v11,
            v13,
            v14,
            v15,
            v16,
            v18,
            v19,
            v20,
            v21,
            v23,
            v24,
            v25,
            v26,
            v28,
            v29,
            v30,
            v31,
        )
    except Exception:
        return _forward_ieee(M, e_)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        (
            M, e_, v1, v3, v4, v5, v6, v8, v9, v10, v11, v13, v14, v15, v16, v18, v19,
            v20, v21, v23, v24, v25, v26, v28, v29, v30, v31,
        ) = residuals
        v33 = cotangent / v30
        v34 = v33 * v31
        v35 = cotangent + v34 * e_ * v28 - v33 + v33 * e_ * v29
        v36 = v35 / v25
        v37 = v36 * v26
        v38 = v35 + v37 * e_ * v23 - v36 + v36 * e_ * v24
        v39 = v38 / v20
        v40 = v39 * v21
        v41 = v33 * v28 - v34 * v29 - v37 * v24 + v36 * v23 - v40 * v19 + v39 * v18
        v42 = v38 + v40 * e_ * v18 - v39 + v39 * e_ * v19
        v43 = v42 / v15
        v44 = v43 * v16
        v45 = v42 + v44 * e_ * v13 - v43 + v43 * e_ * v14
        v46 = v45 / v10
        v47 = v46 * v11
        v48 = v45 + v47 * e_ * v8 - v46 + v46 * e_ * v9
        v49 = v48 / v5
        v50 = v49 * v6
        v51 = v41 - v44 * v14 + v43 * v13 - v47 * v9 + v46 * v8 - v50 * v4 + v49 * v3
        v52 = v48 + v50 * e_ * v3 - v49 + v49 * e_ * v4
        e_bar = v51 + v52 * v1
        M_bar = v33 + v36 + v39 + v43 + v46 + v49 + v52 + v52 * e_ * cos(M)
        return (M_bar, e_bar)
    except Exception:
        return _backward_ieee(residuals, cotangent)


def value_and_gradient(M: float, e_: float) -> tuple[float, tuple[float, float]]:
    """Value of eccentric_anomaly, and its gradient."""
    try:
        M, e_ = float(M), float(e_)
        # forward
        v1 = sin(M)
        v2 = M + e_ * v1
        v3 = sin(v2)
        v4 = cos(v2)
        v5 = 1.0 - e_ * v4
        v6 = (v2 - e_ * v3 - M) / v5
        v7 = v2 - v6
        v8 = sin(v7)
        v9 = cos(v7)
        v10 = 1.0 - e_ * v9
        v11 = (v7 - e_ * v8 - M) / v10
        v12 = v7 - v11
        v13 = sin(v12)
        v14 = cos(v12)
        v15 = 1.0 - e_ * v14
        v16 = (v12 - e_ * v13 - M) / v15
        v17 = v12 - v16
        v18 = sin(v17)
        v19 = cos(v17)
        v20 = 1.0 - e_ * v19
        v21 = (v17 - e_ * v18 - M) / v20
        v22 = v17 - v21
        v23 = sin(v22)
        v24 = cos(v22)
        v25 = 1.0 - e_ * v24
        v26 = (v22 - e_ * v23 - M) / v25
        v27 = v22 - v26
        v28 = sin(v27)
        v29 = cos(v27)
        v30 = 1.0 - e_ * v29
        v31 = (v27 - e_ * v28 - M) / v30
        v32 = v27 - v31
        # backward
        v33 = (-1.0) / v30
        v34 = v33 * v31
        v35 = 1.0 / v30
        v36 = 1.0 - v34 * e_ * v28 + v33 + v35 * e_ * v29
        v37 = v36 / v25
        v38 = v37 * v26
        v39 = v36 + v38 * e_ * v23 - v37 + v37 * e_ * v24
        v40 = v39 / v20
        v41 = v40 * v21
        v42 = v34 * v29 + v35 * v28 - v38 * v24 + v37 * v23 - v41 * v19 + v40 * v18
        v43 = v39 + v41 * e_ * v18 - v40 + v40 * e_ * v19
        v44 = v43 / v15
        v45 = v44 * v16
        v46 = v43 + v45 * e_ * v13 - v44 + v44 * e_ * v14
        v47 = v46 / v10
        v48 = v47 * v11
        v49 = v46 + v48 * e_ * v8 - v47 + v47 * e_ * v9
        v50 = v49 / v5
        v51 = v50 * v6
        v52 = v42 - v45 * v14 + v44 * v13 - v48 * v9 + v47 * v8 - v51 * v4 + v50 * v3
        v53 = v49 + v51 * e_ * v3 - v50 + v50 * e_ * v4
        e_bar = v52 + v53 * v1
        M_bar = v35 + v37 + v40 + v44 + v47 + v50 + v53 + v53 * e_ * cos(M)
        return v32, (M_bar, e_bar)
    except Exception:
        return _value_and_gradient_ieee(M, e_)


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


def _forward_ieee(M: float, e_: float) -> tuple[float, tuple[float, ...]]:
    """Value of eccentric_anomaly, and the residuals that backward needs."""
    M, e_ = float(M), float(e_)
    v1 = _sin(M)
    v2 = M + e_ * v1
    v3 = _sin(v2)
    v4 = _cos(v2)
    v5 = 1.0 - e_ * v4
    v6 = _div(v2 - e_ * v3 - M, v5)
    v7 = v2 - v6
    v8 = _sin(v7)
    v9 = _cos(v7)
    v10 = 1.0 - e_ * v9
    v11 = _div(v7 - e_ * v8 - M, v10)
    v12 = v7 - v11
    v13 = _sin(v12)
    v14 = _cos(v12)
    v15 = 1.0 - e_ * v14
    v16 = _div(v12 - e_ * v13 - M, v15)
    v17 = v12 - v16
    v18 = _sin(v17)
    v19 = _cos(v17)
    v20 = 1.0 - e_ * v19
    v21 = _div(v17 - e_ * v18 - M, v20)
    v22 = v17 - v21
    v23 = _sin(v22)
    v24 = _cos(v22)
    v25 = 1.0 - e_ * v24
    v26 = _div(v22 - e_ * v23 - M, v25)
    v27 = v22 - v26
    v28 = _sin(v27)
    v29 = _cos(v27)
    v30 = 1.0 - e_ * v29
    v31 = _div(v27 - e_ * v28 - M, v30)
    v32 = v27 - v31
    return v32, (
        M,
        e_,
        v1,
        v3,
        v4,
        v5,
        v6,
        v8,
        v9,
        v10,
        v11,
        v13,
        v14,
        v15,
        v16,
        v18,
        v19,
        v20,
        v21,
        v23,
        v24,
        v25,
        v26,
        v28,
        v29,
        v30,
        v31,
    )


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    (
        M, e_, v1, v3, v4, v5, v6, v8, v9, v10, v11, v13, v14, v15, v16, v18, v19,
        v20, v21, v23, v24, v25, v26, v28, v29, v30, v31,
    ) = residuals
    v33 = _div(cotangent, v30)
    v34 = v33 * v31
    v35 = cotangent + v34 * e_ * v28 - v33 + v33 * e_ * v29
    v36 = _div(v35, v25)
    v37 = v36 * v26
    v38 = v35 + v37 * e_ * v23 - v36 + v36 * e_ * v24
    v39 = _div(v38, v20)
    v40 = v39 * v21
    v41 = v33 * v28 - v34 * v29 - v37 * v24 + v36 * v23 - v40 * v19 + v39 * v18
    v42 = v38 + v40 * e_ * v18 - v39 + v39 * e_ * v19
    v43 = _div(v42, v15)
    v44 = v43 * v16
    v45 = v42 + v44 * e_ * v13 - v43 + v43 * e_ * v14
    v46 = _div(v45, v10)
    v47 = v46 * v11
    v48 = v45 + v47 * e_ * v8 - v46 + v46 * e_ * v9
    v49 = _div(v48, v5)
    v50 = v49 * v6
    v51 = v41 - v44 * v14 + v43 * v13 - v47 * v9 + v46 * v8 - v50 * v4 + v49 * v3
    v52 = v48 + v50 * e_ * v3 - v49 + v49 * e_ * v4
    e_bar = v51 + v52 * v1
    M_bar = v33 + v36 + v39 + v43 + v46 + v49 + v52 + v52 * e_ * _cos(M)
    return (M_bar, e_bar)


def _value_and_gradient_ieee(M: float, e_: float) -> tuple[float, tuple[float, float]]:
    """Value of eccentric_anomaly, and its gradient."""
    M, e_ = float(M), float(e_)
    # forward
    v1 = _sin(M)
    v2 = M + e_ * v1
    v3 = _sin(v2)
    v4 = _cos(v2)
    v5 = 1.0 - e_ * v4
    v6 = _div(v2 - e_ * v3 - M, v5)
    v7 = v2 - v6
    v8 = _sin(v7)
    v9 = _cos(v7)
    v10 = 1.0 - e_ * v9
    v11 = _div(v7 - e_ * v8 - M, v10)
    v12 = v7 - v11
    v13 = _sin(v12)
    v14 = _cos(v12)
    v15 = 1.0 - e_ * v14
    v16 = _div(v12 - e_ * v13 - M, v15)
    v17 = v12 - v16
    v18 = _sin(v17)
    v19 = _cos(v17)
    v20 = 1.0 - e_ * v19
    v21 = _div(v17 - e_ * v18 - M, v20)
    v22 = v17 - v21
    v23 = _sin(v22)
    v24 = _cos(v22)
    v25 = 1.0 - e_ * v24
    v26 = _div(v22 - e_ * v23 - M, v25)
    v27 = v22 - v26
    v28 = _sin(v27)
    v29 = _cos(v27)
    v30 = 1.0 - e_ * v29
    v31 = _div(v27 - e_ * v28 - M, v30)
    v32 = v27 - v31
    # backward
    v33 = _div((-1.0), v30)
    v34 = v33 * v31
    v35 = _div(1.0, v30)
    v36 = 1.0 - v34 * e_ * v28 + v33 + v35 * e_ * v29
    v37 = _div(v36, v25)
    v38 = v37 * v26
    v39 = v36 + v38 * e_ * v23 - v37 + v37 * e_ * v24
    v40 = _div(v39, v20)
    v41 = v40 * v21
    v42 = v34 * v29 + v35 * v28 - v38 * v24 + v37 * v23 - v41 * v19 + v40 * v18
    v43 = v39 + v41 * e_ * v18 - v40 + v40 * e_ * v19
    v44 = _div(v43, v15)
    v45 = v44 * v16
    v46 = v43 + v45 * e_ * v13 - v44 + v44 * e_ * v14
    v47 = _div(v46, v10)
    v48 = v47 * v11
    v49 = v46 + v48 * e_ * v8 - v47 + v47 * e_ * v9
    v50 = _div(v49, v5)
    v51 = v50 * v6
    v52 = v42 - v45 * v14 + v44 * v13 - v48 * v9 + v47 * v8 - v51 * v4 + v50 * v3
    v53 = v49 + v51 * e_ * v3 - v50 + v50 * e_ * v4
    e_bar = v52 + v53 * v1
    M_bar = v35 + v37 + v40 + v44 + v47 + v50 + v53 + v53 * e_ * _cos(M)
    return v32, (M_bar, e_bar)
