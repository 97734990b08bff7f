"""Value and gradient of objective(camera, point, weight, feature), written by Proofgrad."""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import cos, sin, sqrt


def forward(
    camera: list[float], point: list[float], weight: float, feature: list[float]
) -> tuple[float, tuple[float, ...]]:
    """Value of objective, and the residuals that backward needs."""
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
        v8 = cos(v7)
        v9 = v8 if v6 else 1.0
        v10 = sin(v7)
        v11 = v10 / v5
        v12 = v11 if v6 else 0.5
        v13 = v12 * camera_0
        v14 = v12 * camera_1
        v15 = v12 * camera_2
        v16 = 2.0 * (v14 * v3 - v15 * v2)
        v17 = 2.0 * (v15 * v1 - v13 * v3)
        v18 = 2.0 * (v13 * v2 - v14 * v1)
        v19 = v3 + v9 * v18 + (v13 * v17 - v14 * v16)
        v20 = (v1 + v9 * v16 + (v14 * v18 - v15 * v17)) / v19
        v21 = (v2 + v9 * v17 + (v15 * v16 - v13 * v18)) / v19
        v22 = v20 * v20 + v21 * v21
        v23 = camera_9 + v22 * camera_10
        v24 = 1.0 + v22 * v23
        v25 = camera_6 * v24
        v26 = v25 * v20 + camera_7 - feature_0
        v27 = v25 * v21 + camera_8 - feature_1
        v28 = weight * v26
        v29 = weight * v27
        v30 = 0.5 * (v28 * v28 + v29 * v29)
        return v30, (
            camera_0,
            camera_1,
            camera_2,
            camera_6,
            camera_10,
            weight,
            v1,
            v2,
            v3,
            v5,
            v6,
            v8,
            v9,
            v10,
            v11,
            v12,
            v13,
            v14,
            v15,
            v16,
            v17,
            v18,
            v19,
            v20,
            v21,
            v22,
            v23,
            v24,
            v25,
            v26,
            v27,
            v28,
            v29,
        )
    except Exception:
        return _forward_ieee(camera, point, weight, feature)


def backward(
    residuals: list[float], cotangent: float = 1.0
) -> tuple[list[float], list[float], float, list[float]]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        (
            camera_0, camera_1, camera_2, camera_6, camera_10, weight, v1, v2, v3, v5,
            v6, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19, v20, v21, v22,
            v23, v24, v25, v26, v27, v28, v29,
        ) = residuals
        v31 = 2.0 * (cotangent * 0.5)
        v32 = v31 * v29
        v33 = v31 * v28
        camera_8_bar = v32 * weight
        weight_bar = v32 * v27 + v33 * v26
        camera_7_bar = v33 * weight
        feature_1_bar = -camera_8_bar
        feature_0_bar = -camera_7_bar
        v34 = camera_8_bar * v21 + camera_7_bar * v20
        camera_6_bar = v34 * v24
        v35 = v34 * camera_6
        camera_9_bar = v35 * v22
        camera_10_bar = camera_9_bar * v22
        v36 = 2.0 * (v35 * v23 + camera_9_bar * camera_10)
        v37 = (camera_8_bar * v25 + v36 * v21) / v19
        v38 = (camera_7_bar * v25 + v36 * v20) / v19
        v39 = -(v37 * v21) - v38 * v20
        v40 = (v38 * v14 - v37 * v13 + v39 * v9) * 2.0
        v41 = (v39 * v13 - v38 * v15 + v37 * v9) * 2.0
        v42 = (v37 * v15 - v39 * v14 + v38 * v9) * 2.0
        v43 = v39 * v17 - v37 * v18 + v40 * v2 - v41 * v3
        point_0_bar = v38 - v40 * v14 + v41 * v15
        v44 = v37 * v16 - v38 * v17 + v41 * v1 - v42 * v2
        point_1_bar = v37 + v40 * v13 - v42 * v15
        v45 = v38 * v18 - v39 * v16 - v40 * v1 + v42 * v3
        point_2_bar = v39 - v41 * v13 + v42 * v14
        v46 = v44 * v12
        v47 = v45 * v12
        v48 = v43 * v12
        v49 = (v44 * camera_2 + v45 * camera_1 + v43 * camera_0) / v5
        v50 = (v49 * v8 - (v39 * v18 + v37 * v17 + v38 * v16) * v10) * 0.5 - v49 * v11
        v51 = 2.0 * (0.5 * v50 / v5)
        camera_2_bar = v46 + v51 * camera_2 if v6 else v46
        camera_1_bar = v47 + v51 * camera_1 if v6 else v47
        camera_0_bar = v48 + v51 * camera_0 if v6 else v48
        camera_5_bar = -point_2_bar
        camera_4_bar = -point_1_bar
        camera_3_bar = -point_0_bar
        return (
            [
                camera_0_bar, camera_1_bar, camera_2_bar, camera_3_bar, camera_4_bar,
                camera_5_bar, camera_6_bar, camera_7_bar, camera_8_bar, camera_9_bar,
                camera_10_bar,
            ],
            [point_0_bar, point_1_bar, point_2_bar],
            weight_bar,
            [feature_0_bar, feature_1_bar],
        )
    except Exception:
        return _backward_ieee(residuals, cotangent)


def value_and_gradient(
    camera: list[float], point: list[float], weight: float, feature: list[float]
) -> tuple[float, tuple[list[float], list[float], float, list[float]]]:
    """Value of objective, and its gradient."""
    try:
        weight = float(weight)
        (
            camera_0, camera_1, camera_2, camera_3, camera_4, camera_5, camera_6,
            camera_7, camera_8, camera_9, camera_10,
        ) = camera
        point_0, point_1, point_2 = point
        feature_0, feature_1 = feature
        # forward
        v1 = point_0 - camera_3
        v2 = point_1 - camera_4
        v3 = point_2 - camera_5
        v4 = camera_0 * camera_0 + camera_1 * camera_1 + camera_2 * camera_2
        v5 = sqrt(v4)
        v6 = v4 > 0.0
        v7 = 0.5 * v5
        v8 = cos(v7)
        v9 = v8 if v6 else 1.0
        v10 = sin(v7)
        v11 = v10 / v5
        v12 = v11 if v6 else 0.5
        v13 = v12 * camera_0
        v14 = v12 * camera_1
        v15 = v12 * camera_2
        v16 = 2.0 * (v14 * v3 - v15 * v2)
        v17 = 2.0 * (v15 * v1 - v13 * v3)
        v18 = 2.0 * (v13 * v2 - v14 * v1)
        v19 = v3 + v9 * v18 + (v13 * v17 - v14 * v16)
        v20 = (v1 + v9 * v16 + (v14 * v18 - v15 * v17)) / v19
        v21 = (v2 + v9 * v17 + (v15 * v16 - v13 * v18)) / v19
        v22 = v20 * v20 + v21 * v21
        v23 = camera_9 + v22 * camera_10
        v24 = 1.0 + v22 * v23
        v25 = camera_6 * v24
        v26 = v25 * v20 + camera_7 - feature_0
        v27 = v25 * v21 + camera_8 - feature_1
        v28 = weight * v26
        v29 = weight * v27
        v30 = 0.5 * (v28 * v28 + v29 * v29)
        # backward
        camera_8_bar = v29 * weight
        weight_bar = v29 * v27 + v28 * v26
        camera_7_bar = v28 * weight
        feature_1_bar = -camera_8_bar
        feature_0_bar = -camera_7_bar
        v31 = camera_8_bar * v21 + camera_7_bar * v20
        camera_6_bar = v31 * v24
        v32 = v31 * camera_6
        camera_9_bar = v32 * v22
        camera_10_bar = camera_9_bar * v22
        v33 = 2.0 * (v32 * v23 + camera_9_bar * camera_10)
        v34 = (camera_8_bar * v25 + v33 * v21) / v19
        v35 = (camera_7_bar * v25 + v33 * v20) / v19
        v36 = -(v34 * v21) - v35 * v20
        v37 = (v35 * v14 - v34 * v13 + v36 * v9) * 2.0
        v38 = (v36 * v13 - v35 * v15 + v34 * v9) * 2.0
        v39 = (v34 * v15 - v36 * v14 + v35 * v9) * 2.0
        v40 = v36 * v17 - v34 * v18 + v37 * v2 - v38 * v3
        point_0_bar = v35 - v37 * v14 + v38 * v15
        v41 = v34 * v16 - v35 * v17 + v38 * v1 - v39 * v2
        point_1_bar = v34 + v37 * v13 - v39 * v15
        v42 = v35 * v18 - v36 * v16 - v37 * v1 + v39 * v3
        point_2_bar = v36 - v38 * v13 + v39 * v14
        v43 = v41 * v12
        v44 = v42 * v12
        v45 = v40 * v12
        v46 = (v41 * camera_2 + v42 * camera_1 + v40 * camera_0) / v5
        v47 = (v46 * v8 - (v36 * v18 + v34 * v17 + v35 * v16) * v10) * 0.5 - v46 * v11
        v48 = 2.0 * (0.5 * v47 / v5)
        camera_2_bar = v43 + v48 * camera_2 if v6 else v43
        camera_1_bar = v44 + v48 * camera_1 if v6 else v44
        camera_0_bar = v45 + v48 * camera_0 if v6 else v45
        camera_5_bar = -point_2_bar
        camera_4_bar = -point_1_bar
        camera_3_bar = -point_0_bar
        return v30, (
            [
                camera_0_bar, camera_1_bar, camera_2_bar, camera_3_bar, camera_4_bar,
                camera_5_bar, camera_6_bar, camera_7_bar, camera_8_bar, camera_9_bar,
                camera_10_bar,
            ],
            [point_0_bar, point_1_bar, point_2_bar],
            weight_bar,
            [feature_0_bar, feature_1_bar],
        )
    except Exception:
        return _value_and_gradient_ieee(camera, point, weight, feature)


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


def _forward_ieee(
    camera: list[float], point: list[float], weight: float, feature: list[float]
) -> tuple[float, tuple[float, ...]]:
    """Value of objective, and the residuals that backward needs."""
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
    v8 = _cos(v7)
    v9 = v8 if v6 else 1.0
    v10 = _sin(v7)
    v11 = _div(v10, v5)
    v12 = v11 if v6 else 0.5
    v13 = v12 * camera_0
    v14 = v12 * camera_1
    v15 = v12 * camera_2
    v16 = 2.0 * (v14 * v3 - v15 * v2)
    v17 = 2.0 * (v15 * v1 - v13 * v3)
    v18 = 2.0 * (v13 * v2 - v14 * v1)
    v19 = v3 + v9 * v18 + (v13 * v17 - v14 * v16)
    v20 = _div(v1 + v9 * v16 + (v14 * v18 - v15 * v17), v19)
    v21 = _div(v2 + v9 * v17 + (v15 * v16 - v13 * v18), v19)
    v22 = v20 * v20 + v21 * v21
    v23 = camera_9 + v22 * camera_10
    v24 = 1.0 + v22 * v23
    v25 = camera_6 * v24
    v26 = v25 * v20 + camera_7 - feature_0
    v27 = v25 * v21 + camera_8 - feature_1
    v28 = weight * v26
    v29 = weight * v27
    v30 = 0.5 * (v28 * v28 + v29 * v29)
    return v30, (
        camera_0,
        camera_1,
        camera_2,
        camera_6,
        camera_10,
        weight,
        v1,
        v2,
        v3,
        v5,
        v6,
        v8,
        v9,
        v10,
        v11,
        v12,
        v13,
        v14,
        v15,
        v16,
        v17,
        v18,
        v19,
        v20,
        v21,
        v22,
        v23,
        v24,
        v25,
        v26,
        v27,
        v28,
        v29,
    )


def _backward_ieee(
    residuals: list[float], cotangent: float = 1.0
) -> tuple[list[float], list[float], float, list[float]]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    (
        camera_0, camera_1, camera_2, camera_6, camera_10, weight, v1, v2, v3, v5,
        v6, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19, v20, v21, v22,
        v23, v24, v25, v26, v27, v28, v29,
    ) = residuals
    v31 = 2.0 * (cotangent * 0.5)
    v32 = v31 * v29
    v33 = v31 * v28
    camera_8_bar = v32 * weight
    weight_bar = v32 * v27 + v33 * v26
    camera_7_bar = v33 * weight
    feature_1_bar = -camera_8_bar
    feature_0_bar = -camera_7_bar
    v34 = camera_8_bar * v21 + camera_7_bar * v20
    camera_6_bar = v34 * v24
    v35 = v34 * camera_6
    camera_9_bar = v35 * v22
    camera_10_bar = camera_9_bar * v22
    v36 = 2.0 * (v35 * v23 + camera_9_bar * camera_10)
    v37 = _div(camera_8_bar * v25 + v36 * v21, v19)
    v38 = _div(camera_7_bar * v25 + v36 * v20, v19)
    v39 = -(v37 * v21) - v38 * v20
    v40 = (v38 * v14 - v37 * v13 + v39 * v9) * 2.0
    v41 = (v39 * v13 - v38 * v15 + v37 * v9) * 2.0
    v42 = (v37 * v15 - v39 * v14 + v38 * v9) * 2.0
    v43 = v39 * v17 - v37 * v18 + v40 * v2 - v41 * v3
    point_0_bar = v38 - v40 * v14 + v41 * v15
    v44 = v37 * v16 - v38 * v17 + v41 * v1 - v42 * v2
    point_1_bar = v37 + v40 * v13 - v42 * v15
    v45 = v38 * v18 - v39 * v16 - v40 * v1 + v42 * v3
    point_2_bar = v39 - v41 * v13 + v42 * v14
    v46 = v44 * v12
    v47 = v45 * v12
    v48 = v43 * v12
    v49 = _div(v44 * camera_2 + v45 * camera_1 + v43 * camera_0, v5)
    v50 = (v49 * v8 - (v39 * v18 + v37 * v17 + v38 * v16) * v10) * 0.5 - v49 * v11
    v51 = 2.0 * _div(0.5 * v50, v5)
    camera_2_bar = v46 + v51 * camera_2 if v6 else v46
    camera_1_bar = v47 + v51 * camera_1 if v6 else v47
    camera_0_bar = v48 + v51 * camera_0 if v6 else v48
    camera_5_bar = -point_2_bar
    camera_4_bar = -point_1_bar
    camera_3_bar = -point_0_bar
    return (
        [
            camera_0_bar, camera_1_bar, camera_2_bar, camera_3_bar, camera_4_bar,
            camera_5_bar, camera_6_bar, camera_7_bar, camera_8_bar, camera_9_bar,
            camera_10_bar,
        ],
        [point_0_bar, point_1_bar, point_2_bar],
        weight_bar,
        [feature_0_bar, feature_1_bar],
    )


def _value_and_gradient_ieee(
    camera: list[float], point: list[float], weight: float, feature: list[float]
) -> tuple[float, tuple[list[float], list[float], float, list[float]]]:
    """Value of objective, and its gradient."""
    weight = float(weight)
    (
        camera_0, camera_1, camera_2, camera_3, camera_4, camera_5, camera_6,
        camera_7, camera_8, camera_9, camera_10,
    ) = camera
    point_0, point_1, point_2 = point
    feature_0, feature_1 = feature
    # forward
    v1 = point_0 - camera_3
    v2 = point_1 - camera_4
    v3 = point_2 - camera_5
    v4 = camera_0 * camera_0 + camera_1 * camera_1 + camera_2 * camera_2
    v5 = _sqrt(v4)
    v6 = v4 > 0.0
    v7 = 0.5 * v5
    v8 = _cos(v7)
    v9 = v8 if v6 else 1.0
    v10 = _sin(v7)
    v11 = _div(v10, v5)
    v12 = v11 if v6 else 0.5
    v13 = v12 * camera_0
    v14 = v12 * camera_1
    v15 = v12 * camera_2
    v16 = 2.0 * (v14 * v3 - v15 * v2)
    v17 = 2.0 * (v15 * v1 - v13 * v3)
    v18 = 2.0 * (v13 * v2 - v14 * v1)
    v19 = v3 + v9 * v18 + (v13 * v17 - v14 * v16)
    v20 = _div(v1 + v9 * v16 + (v14 * v18 - v15 * v17), v19)
    v21 = _div(v2 + v9 * v17 + (v15 * v16 - v13 * v18), v19)
    v22 = v20 * v20 + v21 * v21
    v23 = camera_9 + v22 * camera_10
    v24 = 1.0 + v22 * v23
    v25 = camera_6 * v24
    v26 = v25 * v20 + camera_7 - feature_0
    v27 = v25 * v21 + camera_8 - feature_1
    v28 = weight * v26
    v29 = weight * v27
    v30 = 0.5 * (v28 * v28 + v29 * v29)
    # backward
    camera_8_bar = v29 * weight
    weight_bar = v29 * v27 + v28 * v26
    camera_7_bar = v28 * weight
    feature_1_bar = -camera_8_bar
    feature_0_bar = -camera_7_bar
    v31 = camera_8_bar * v21 + camera_7_bar * v20
    camera_6_bar = v31 * v24
    v32 = v31 * camera_6
    camera_9_bar = v32 * v22
    camera_10_bar = camera_9_bar * v22
    v33 = 2.0 * (v32 * v23 + camera_9_bar * camera_10)
    v34 = _div(camera_8_bar * v25 + v33 * v21, v19)
    v35 = _div(camera_7_bar * v25 + v33 * v20, v19)
    v36 = -(v34 * v21) - v35 * v20
    v37 = (v35 * v14 - v34 * v13 + v36 * v9) * 2.0
    v38 = (v36 * v13 - v35 * v15 + v34 * v9) * 2.0
    v39 = (v34 * v15 - v36 * v14 + v35 * v9) * 2.0
    v40 = v36 * v17 - v34 * v18 + v37 * v2 - v38 * v3
    point_0_bar = v35 - v37 * v14 + v38 * v15
    v41 = v34 * v16 - v35 * v17 + v38 * v1 - v39 * v2
    point_1_bar = v34 + v37 * v13 - v39 * v15
    v42 = v35 * v18 - v36 * v16 - v37 * v1 + v39 * v3
    point_2_bar = v36 - v38 * v13 + v39 * v14
    v43 = v41 * v12
    v44 = v42 * v12
    v45 = v40 * v12
    v46 = _div(v41 * camera_2 + v42 * camera_1 + v40 * camera_0, v5)
    v47 = (v46 * v8 - (v36 * v18 + v34 * v17 + v35 * v16) * v10) * 0.5 - v46 * v11
    v48 = 2.0 * _div(0.5 * v47, v5)
    camera_2_bar = v43 + v48 * camera_2 if v6 else v43
    camera_1_bar = v44 + v48 * camera_1 if v6 else v44
    camera_0_bar = v45 + v48 * camera_0 if v6 else v45
    camera_5_bar = -point_2_bar
    camera_4_bar = -point_1_bar
    camera_3_bar = -point_0_bar
    return v30, (
        [
            camera_0_bar, camera_1_bar, camera_2_bar, camera_3_bar, camera_4_bar,
            camera_5_bar, camera_6_bar, camera_7_bar, camera_8_bar, camera_9_bar,
            camera_10_bar,
        ],
        [point_0_bar, point_1_bar, point_2_bar],
        weight_bar,
        [feature_0_bar, feature_1_bar],
    )
