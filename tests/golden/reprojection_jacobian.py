"""residual_jacobian, written by Proofgrad."""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import cos, sin, sqrt


def evaluate(
    camera: list[float], point: list[float], weight: float, feature: list[float]
) -> tuple[list[float]]:
    """Result of residual_jacobian."""
    try:
        weight = float(weight)
        (
            camera_0, camera_1, camera_2, camera_3, camera_4, camera_5, camera_6,
            camera_7, camera_8, camera_9, camera_10,
        ) = camera
        point_0, point_1, point_2 = point
        feature_0, feature_1 = feature
        v1 = point_0 - camera_3
        v2 = point_1 - camera_4
        v3 = point_2 - camera_5
        v4 = camera_0 * camera_0 + camera_1 * camera_1 + camera_2 * camera_2
        v5 = sqrt(v4)
        v6 = v4 > 0.0
        v7 = 0.5 * v5
        v8 = cos(v7) if v6 else 1.0
        v9 = sin(v7) / v5 if v6 else 0.5
        v10 = v9 * camera_0
        v11 = v9 * camera_1
        v12 = v9 * camera_2
        v13 = 2.0 * (v11 * v3 - v12 * v2)
        v14 = 2.0 * (v12 * v1 - v10 * v3)
        v15 = 2.0 * (v10 * v2 - v11 * v1)
        v16 = v3 + v8 * v15 + (v10 * v14 - v11 * v13)
        v17 = (v1 + v8 * v13 + (v11 * v15 - v12 * v14)) / v16
        v18 = (v2 + v8 * v14 + (v12 * v13 - v10 * v15)) / v16
        v19 = v17 * v17 + v18 * v18
        v20 = camera_9 + v19 * camera_10
        v21 = weight * (camera_6 * (1.0 + v19 * v20))
        v22 = weight * v17 * camera_6
        v23 = 2.0 * (v22 * v20 + v22 * v19 * camera_10)
        v24 = v23 * v18 / v16
        v25 = (v21 + v23 * v17) / v16
        v26 = -(v24 * v18) - v25 * v17
        v27 = (v25 * v11 - v24 * v10 + v26 * v8) * 2.0
        v28 = (v26 * v10 - v25 * v12 + v24 * v8) * 2.0
        v29 = (v24 * v12 - v26 * v11 + v25 * v8) * 2.0
        v30 = v25 - v27 * v11 + v28 * v12
        v31 = v24 + v27 * v10 - v29 * v12
        v32 = v26 - v28 * v10 + v29 * v11
        v33 = weight * v18 * camera_6
        v34 = 2.0 * (v33 * v20 + v33 * v19 * camera_10)
        v35 = (v21 + v34 * v18) / v16
        v36 = v34 * v17 / v16
        v37 = -(v35 * v18) - v36 * v17
        v38 = (v36 * v11 - v35 * v10 + v37 * v8) * 2.0
        v39 = (v37 * v10 - v36 * v12 + v35 * v8) * 2.0
        v40 = (v35 * v12 - v37 * v11 + v36 * v8) * 2.0
        v41 = v36 - v38 * v11 + v39 * v12
        v42 = v35 + v38 * v10 - v40 * v12
        v43 = v37 - v39 * v10 + v40 * v11
        return ([v30, v31, v32, v41, v42, v43],)
    except Exception:
        return _evaluate_ieee(camera, point, weight, feature)


# The same steps with operations that never raise: 1.0 / 0.0 is inf, log(-1.0) is nan.


def _div(x: float, y: float) -> float:
    """x / y; a finite x over zero is an infinity, 0/0 is nan."""
    return x / y if y != 0.0 else x * math.copysign(math.inf, y)


def _sqrt(x: float) -> float:
    """Square root; nan below zero."""
    return math.sqrt(x) if x >= 0.0 else math.nan


def _sin(x: float) -> float:
    """Sine; nan at the infinities."""
    return math.nan if math.isinf(x) else math.sin(x)


def _cos(x: float) -> float:
    """Cosine; nan at the infinities."""
    return math.nan if math.isinf(x) else math.cos(x)


def _evaluate_ieee(
    camera: list[float], point: list[float], weight: float, feature: list[float]
) -> tuple[list[float]]:
    """Result of residual_jacobian."""
    weight = float(weight)
    (
        camera_0, camera_1, camera_2, camera_3, camera_4, camera_5, camera_6,
        camera_7, camera_8, camera_9, camera_10,
    ) = camera
    point_0, point_1, point_2 = point
    feature_0, feature_1 = feature
    v1 = point_0 - camera_3
    v2 = point_1 - camera_4
    v3 = point_2 - camera_5
    v4 = camera_0 * camera_0 + camera_1 * camera_1 + camera_2 * camera_2
    v5 = _sqrt(v4)
    v6 = v4 > 0.0
    v7 = 0.5 * v5
    v8 = _cos(v7) if v6 else 1.0
    v9 = _div(_sin(v7), v5) if v6 else 0.5
    v10 = v9 * camera_0
    v11 = v9 * camera_1
    v12 = v9 * camera_2
    v13 = 2.0 * (v11 * v3 - v12 * v2)
    v14 = 2.0 * (v12 * v1 - v10 * v3)
    v15 = 2.0 * (v10 * v2 - v11 * v1)
    v16 = v3 + v8 * v15 + (v10 * v14 - v11 * v13)
    v17 = _div(v1 + v8 * v13 + (v11 * v15 - v12 * v14), v16)
    v18 = _div(v2 + v8 * v14 + (v12 * v13 - v10 * v15), v16)
    v19 = v17 * v17 + v18 * v18
    v20 = camera_9 + v19 * camera_10
    v21 = weight * (camera_6 * (1.0 + v19 * v20))
    v22 = weight * v17 * camera_6
    v23 = 2.0 * (v22 * v20 + v22 * v19 * camera_10)
    v24 = _div(v23 * v18, v16)
    v25 = _div(v21 + v23 * v17, v16)
    v26 = -(v24 * v18) - v25 * v17
    v27 = (v25 * v11 - v24 * v10 + v26 * v8) * 2.0
    v28 = (v26 * v10 - v25 * v12 + v24 * v8) * 2.0
    v29 = (v24 * v12 - v26 * v11 + v25 * v8) * 2.0
    v30 = v25 - v27 * v11 + v28 * v12
    v31 = v24 + v27 * v10 - v29 * v12
    v32 = v26 - v28 * v10 + v29 * v11
    v33 = weight * v18 * camera_6
    v34 = 2.0 * (v33 * v20 + v33 * v19 * camera_10)
    v35 = _div(v21 + v34 * v18, v16)
    v36 = _div(v34 * v17, v16)
    v37 = -(v35 * v18) - v36 * v17
    v38 = (v36 * v11 - v35 * v10 + v37 * v8) * 2.0
    v39 = (v37 * v10 - v36 * v12 + v35 * v8) * 2.0
    v40 = (v35 * v12 - v37 * v11 + v36 * v8) * 2.0
    v41 = v36 - v38 * v11 + v39 * v12
    v42 = v35 + v38 * v10 - v40 * v12
    v43 = v37 - v39 * v10 + v40 * v11
    return ([v30, v31, v32, v41, v42, v43],)
