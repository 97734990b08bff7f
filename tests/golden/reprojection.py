"""Value and gradient of objective(camera, point, weight, feature).

From: objective in reprojection.py, by Proofgrad 0.1.0.
Input: camera (11 floats), point (3 floats), weight (float), feature (2 floats).
Output: value_and_gradient gives the value and its derivatives by camera, point,
    weight, feature, in this order; forward and backward are its halves.
"""

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
        x_0 = point_0 - camera_3
        x_1 = point_1 - camera_4
        x_2 = point_2 - camera_5
        square = camera_0 * camera_0 + camera_1 * camera_1 + camera_2 * camera_2
        angle = sqrt(square)
        turned = square > 0.0
        angle_scaled = 0.5 * angle
        cos_angle_scaled = cos(angle_scaled)
        c = cos_angle_scaled if turned else 1.0
        sin_angle_scaled = sin(angle_scaled)
        v1 = sin_angle_scaled / angle
        v2 = v1 if turned else 0.5
        u_0 = v2 * camera_0
        u_1 = v2 * camera_1
        u_2 = v2 * camera_2
        t_0 = 2.0 * (u_1 * x_2 - u_2 * x_1)
        t_1 = 2.0 * (u_2 * x_0 - u_0 * x_2)
        t_2 = 2.0 * (u_0 * x_1 - u_1 * x_0)
        y_0 = x_0 + c * t_0 + (u_1 * t_2 - u_2 * t_1)
        y_1 = x_1 + c * t_1 + (u_2 * t_0 - u_0 * t_2)
        y_2 = x_2 + c * t_2 + (u_0 * t_1 - u_1 * t_0)
        p_0 = y_0 / y_2
        p_1 = y_1 / y_2
        square2 = p_0 * p_0 + p_1 * p_1
        v3 = camera_9 + square2 * camera_10
        distortion = 1.0 + square2 * v3
        v4 = camera_6 * distortion
        v5 = v4 * p_0 + camera_7 - feature_0
        v6 = v4 * p_1 + camera_8 - feature_1
        error_0 = weight * v5
        error_1 = weight * v6
        objective = 0.5 * (error_0 * error_0 + error_1 * error_1)
        return objective, (
            camera_0, camera_1, camera_2, camera_6, camera_10, weight, x_0, x_1, x_2,
            angle, turned, cos_angle_scaled, c, sin_angle_scaled, v1, v2, u_0, u_1, u_2,
            t_0, t_1, t_2, y_2, p_0, p_1, square2, v3, distortion, v4, v5, v6, error_0,
            error_1,
        )
    except Exception:
        return _forward_ieee(camera, point, weight, feature)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[list[float], list[float], float, list[float]]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        (
            camera_0, camera_1, camera_2, camera_6, camera_10, weight, x_0, x_1, x_2,
            angle, turned, cos_angle_scaled, c, sin_angle_scaled, v1, v2, u_0, u_1, u_2,
            t_0, t_1, t_2, y_2, p_0, p_1, square2, v3, distortion, v4, v5, v6, error_0,
            error_1,
        ) = residuals
        v7 = 2.0 * (cotangent * 0.5)
        error_1_bar = v7 * error_1
        error_0_bar = v7 * error_0
        camera_8_bar = error_1_bar * weight
        weight_bar = error_1_bar * v6 + error_0_bar * v5
        camera_7_bar = error_0_bar * weight
        feature_1_bar = -camera_8_bar
        feature_0_bar = -camera_7_bar
        v4_bar = camera_8_bar * p_1 + camera_7_bar * p_0
        camera_6_bar = v4_bar * distortion
        distortion_bar = v4_bar * camera_6
        camera_9_bar = distortion_bar * square2
        camera_10_bar = camera_9_bar * square2
        v8 = 2.0 * (distortion_bar * v3 + camera_9_bar * camera_10)
        y_1_bar = (camera_8_bar * v4 + v8 * p_1) / y_2
        y_0_bar = (camera_7_bar * v4 + v8 * p_0) / y_2
        y_2_bar = -(y_1_bar * p_1) - y_0_bar * p_0
        v9 = (y_0_bar * u_1 - y_1_bar * u_0 + y_2_bar * c) * 2.0
        v10 = (y_2_bar * u_0 - y_0_bar * u_2 + y_1_bar * c) * 2.0
        v11 = (y_1_bar * u_2 - y_2_bar * u_1 + y_0_bar * c) * 2.0
        u_0_bar = y_2_bar * t_1 - y_1_bar * t_2 + v9 * x_1 - v10 * x_2
        point_0_bar = y_0_bar - v9 * u_1 + v10 * u_2
        u_2_bar = y_1_bar * t_0 - y_0_bar * t_1 + v10 * x_0 - v11 * x_1
        point_1_bar = y_1_bar + v9 * u_0 - v11 * u_2
        u_1_bar = y_0_bar * t_2 - y_2_bar * t_0 - v9 * x_0 + v11 * x_2
        point_2_bar = y_2_bar - v10 * u_0 + v11 * u_1
        camera_2_bar_1 = u_2_bar * v2
        camera_1_bar_1 = u_1_bar * v2
        camera_0_bar_1 = u_0_bar * v2
        sin_angle_scaled_bar = (
            (u_2_bar * camera_2 + u_1_bar * camera_1 + u_0_bar * camera_0) / angle
        )
        angle_scaled_bar_1 = (
            (y_2_bar * t_2 + y_1_bar * t_1 + y_0_bar * t_0) * sin_angle_scaled
        )
        angle_bar_1 = (
            (sin_angle_scaled_bar * cos_angle_scaled - angle_scaled_bar_1) * 0.5
        )
        square_bar_1 = 0.5 * (angle_bar_1 - sin_angle_scaled_bar * v1) / angle
        v12 = 2.0 * (0.0 if angle == 0.0 else square_bar_1)
        camera_2_bar = camera_2_bar_1 + v12 * camera_2 if turned else camera_2_bar_1
        camera_1_bar = camera_1_bar_1 + v12 * camera_1 if turned else camera_1_bar_1
        camera_0_bar = camera_0_bar_1 + v12 * camera_0 if turned else camera_0_bar_1
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
        x_0 = point_0 - camera_3
        x_1 = point_1 - camera_4
        x_2 = point_2 - camera_5
        square = camera_0 * camera_0 + camera_1 * camera_1 + camera_2 * camera_2
        angle = sqrt(square)
        turned = square > 0.0
        angle_scaled = 0.5 * angle
        cos_angle_scaled = cos(angle_scaled)
        c = cos_angle_scaled if turned else 1.0
        sin_angle_scaled = sin(angle_scaled)
        v1 = sin_angle_scaled / angle
        v2 = v1 if turned else 0.5
        u_0 = v2 * camera_0
        u_1 = v2 * camera_1
        u_2 = v2 * camera_2
        t_0 = 2.0 * (u_1 * x_2 - u_2 * x_1)
        t_1 = 2.0 * (u_2 * x_0 - u_0 * x_2)
        t_2 = 2.0 * (u_0 * x_1 - u_1 * x_0)
        y_0 = x_0 + c * t_0 + (u_1 * t_2 - u_2 * t_1)
        y_1 = x_1 + c * t_1 + (u_2 * t_0 - u_0 * t_2)
        y_2 = x_2 + c * t_2 + (u_0 * t_1 - u_1 * t_0)
        p_0 = y_0 / y_2
        p_1 = y_1 / y_2
        square2 = p_0 * p_0 + p_1 * p_1
        v3 = camera_9 + square2 * camera_10
        distortion = 1.0 + square2 * v3
        v4 = camera_6 * distortion
        v5 = v4 * p_0 + camera_7 - feature_0
        v6 = v4 * p_1 + camera_8 - feature_1
        error_0 = weight * v5
        error_1 = weight * v6
        objective = 0.5 * (error_0 * error_0 + error_1 * error_1)

        # backward
        camera_8_bar = error_1 * weight
        weight_bar = error_1 * v6 + error_0 * v5
        camera_7_bar = error_0 * weight
        feature_1_bar = -camera_8_bar
        feature_0_bar = -camera_7_bar
        v4_bar = camera_8_bar * p_1 + camera_7_bar * p_0
        camera_6_bar = v4_bar * distortion
        distortion_bar = v4_bar * camera_6
        camera_9_bar = distortion_bar * square2
        camera_10_bar = camera_9_bar * square2
        v7 = 2.0 * (distortion_bar * v3 + camera_9_bar * camera_10)
        y_1_bar = (camera_8_bar * v4 + v7 * p_1) / y_2
        y_0_bar = (camera_7_bar * v4 + v7 * p_0) / y_2
        y_2_bar = -(y_1_bar * p_1) - y_0_bar * p_0
        v8 = (y_0_bar * u_1 - y_1_bar * u_0 + y_2_bar * c) * 2.0
        v9 = (y_2_bar * u_0 - y_0_bar * u_2 + y_1_bar * c) * 2.0
        v10 = (y_1_bar * u_2 - y_2_bar * u_1 + y_0_bar * c) * 2.0
        u_0_bar = y_2_bar * t_1 - y_1_bar * t_2 + v8 * x_1 - v9 * x_2
        point_0_bar = y_0_bar - v8 * u_1 + v9 * u_2
        u_2_bar = y_1_bar * t_0 - y_0_bar * t_1 + v9 * x_0 - v10 * x_1
        point_1_bar = y_1_bar + v8 * u_0 - v10 * u_2
        u_1_bar = y_0_bar * t_2 - y_2_bar * t_0 - v8 * x_0 + v10 * x_2
        point_2_bar = y_2_bar - v9 * u_0 + v10 * u_1
        camera_2_bar_1 = u_2_bar * v2
        camera_1_bar_1 = u_1_bar * v2
        camera_0_bar_1 = u_0_bar * v2
        sin_angle_scaled_bar = (
            (u_2_bar * camera_2 + u_1_bar * camera_1 + u_0_bar * camera_0) / angle
        )
        angle_scaled_bar_1 = (
            (y_2_bar * t_2 + y_1_bar * t_1 + y_0_bar * t_0) * sin_angle_scaled
        )
        angle_bar_1 = (
            (sin_angle_scaled_bar * cos_angle_scaled - angle_scaled_bar_1) * 0.5
        )
        square_bar_1 = 0.5 * (angle_bar_1 - sin_angle_scaled_bar * v1) / angle
        v11 = 2.0 * (0.0 if angle == 0.0 else square_bar_1)
        camera_2_bar = camera_2_bar_1 + v11 * camera_2 if turned else camera_2_bar_1
        camera_1_bar = camera_1_bar_1 + v11 * camera_1 if turned else camera_1_bar_1
        camera_0_bar = camera_0_bar_1 + v11 * camera_0 if turned else camera_0_bar_1
        camera_5_bar = -point_2_bar
        camera_4_bar = -point_1_bar
        camera_3_bar = -point_0_bar
        return objective, (
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
    x_0 = point_0 - camera_3
    x_1 = point_1 - camera_4
    x_2 = point_2 - camera_5
    square = camera_0 * camera_0 + camera_1 * camera_1 + camera_2 * camera_2
    angle = _sqrt(square)
    turned = square > 0.0
    angle_scaled = 0.5 * angle
    cos_angle_scaled = _cos(angle_scaled)
    c = cos_angle_scaled if turned else 1.0
    sin_angle_scaled = _sin(angle_scaled)
    v1 = _div(sin_angle_scaled, angle)
    v2 = v1 if turned else 0.5
    u_0 = v2 * camera_0
    u_1 = v2 * camera_1
    u_2 = v2 * camera_2
    t_0 = 2.0 * (u_1 * x_2 - u_2 * x_1)
    t_1 = 2.0 * (u_2 * x_0 - u_0 * x_2)
    t_2 = 2.0 * (u_0 * x_1 - u_1 * x_0)
    y_0 = x_0 + c * t_0 + (u_1 * t_2 - u_2 * t_1)
    y_1 = x_1 + c * t_1 + (u_2 * t_0 - u_0 * t_2)
    y_2 = x_2 + c * t_2 + (u_0 * t_1 - u_1 * t_0)
    p_0 = _div(y_0, y_2)
    p_1 = _div(y_1, y_2)
    square2 = p_0 * p_0 + p_1 * p_1
    v3 = camera_9 + square2 * camera_10
    distortion = 1.0 + square2 * v3
    v4 = camera_6 * distortion
    v5 = v4 * p_0 + camera_7 - feature_0
    v6 = v4 * p_1 + camera_8 - feature_1
    error_0 = weight * v5
    error_1 = weight * v6
    objective = 0.5 * (error_0 * error_0 + error_1 * error_1)
    return objective, (
        camera_0, camera_1, camera_2, camera_6, camera_10, weight, x_0, x_1, x_2,
        angle, turned, cos_angle_scaled, c, sin_angle_scaled, v1, v2, u_0, u_1, u_2,
        t_0, t_1, t_2, y_2, p_0, p_1, square2, v3, distortion, v4, v5, v6, error_0,
        error_1,
    )


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[list[float], list[float], float, list[float]]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    (
        camera_0, camera_1, camera_2, camera_6, camera_10, weight, x_0, x_1, x_2,
        angle, turned, cos_angle_scaled, c, sin_angle_scaled, v1, v2, u_0, u_1, u_2,
        t_0, t_1, t_2, y_2, p_0, p_1, square2, v3, distortion, v4, v5, v6, error_0,
        error_1,
    ) = residuals
    v7 = 2.0 * (cotangent * 0.5)
    error_1_bar = v7 * error_1
    error_0_bar = v7 * error_0
    camera_8_bar = error_1_bar * weight
    weight_bar = error_1_bar * v6 + error_0_bar * v5
    camera_7_bar = error_0_bar * weight
    feature_1_bar = -camera_8_bar
    feature_0_bar = -camera_7_bar
    v4_bar = camera_8_bar * p_1 + camera_7_bar * p_0
    camera_6_bar = v4_bar * distortion
    distortion_bar = v4_bar * camera_6
    camera_9_bar = distortion_bar * square2
    camera_10_bar = camera_9_bar * square2
    v8 = 2.0 * (distortion_bar * v3 + camera_9_bar * camera_10)
    y_1_bar = _div(camera_8_bar * v4 + v8 * p_1, y_2)
    y_0_bar = _div(camera_7_bar * v4 + v8 * p_0, y_2)
    y_2_bar = -(y_1_bar * p_1) - y_0_bar * p_0
    v9 = (y_0_bar * u_1 - y_1_bar * u_0 + y_2_bar * c) * 2.0
    v10 = (y_2_bar * u_0 - y_0_bar * u_2 + y_1_bar * c) * 2.0
    v11 = (y_1_bar * u_2 - y_2_bar * u_1 + y_0_bar * c) * 2.0
    u_0_bar = y_2_bar * t_1 - y_1_bar * t_2 + v9 * x_1 - v10 * x_2
    point_0_bar = y_0_bar - v9 * u_1 + v10 * u_2
    u_2_bar = y_1_bar * t_0 - y_0_bar * t_1 + v10 * x_0 - v11 * x_1
    point_1_bar = y_1_bar + v9 * u_0 - v11 * u_2
    u_1_bar = y_0_bar * t_2 - y_2_bar * t_0 - v9 * x_0 + v11 * x_2
    point_2_bar = y_2_bar - v10 * u_0 + v11 * u_1
    camera_2_bar_1 = u_2_bar * v2
    camera_1_bar_1 = u_1_bar * v2
    camera_0_bar_1 = u_0_bar * v2
    v2_bar = u_2_bar * camera_2 + u_1_bar * camera_1 + u_0_bar * camera_0
    sin_angle_scaled_bar = _div(v2_bar, angle)
    angle_scaled_bar_1 = (
        (y_2_bar * t_2 + y_1_bar * t_1 + y_0_bar * t_0) * sin_angle_scaled
    )
    angle_bar_1 = (
        (sin_angle_scaled_bar * cos_angle_scaled - angle_scaled_bar_1) * 0.5
    )
    square_bar_1 = _div(0.5 * (angle_bar_1 - sin_angle_scaled_bar * v1), angle)
    v12 = 2.0 * (0.0 if angle == 0.0 else square_bar_1)
    camera_2_bar = camera_2_bar_1 + v12 * camera_2 if turned else camera_2_bar_1
    camera_1_bar = camera_1_bar_1 + v12 * camera_1 if turned else camera_1_bar_1
    camera_0_bar = camera_0_bar_1 + v12 * camera_0 if turned else camera_0_bar_1
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
    x_0 = point_0 - camera_3
    x_1 = point_1 - camera_4
    x_2 = point_2 - camera_5
    square = camera_0 * camera_0 + camera_1 * camera_1 + camera_2 * camera_2
    angle = _sqrt(square)
    turned = square > 0.0
    angle_scaled = 0.5 * angle
    cos_angle_scaled = _cos(angle_scaled)
    c = cos_angle_scaled if turned else 1.0
    sin_angle_scaled = _sin(angle_scaled)
    v1 = _div(sin_angle_scaled, angle)
    v2 = v1 if turned else 0.5
    u_0 = v2 * camera_0
    u_1 = v2 * camera_1
    u_2 = v2 * camera_2
    t_0 = 2.0 * (u_1 * x_2 - u_2 * x_1)
    t_1 = 2.0 * (u_2 * x_0 - u_0 * x_2)
    t_2 = 2.0 * (u_0 * x_1 - u_1 * x_0)
    y_0 = x_0 + c * t_0 + (u_1 * t_2 - u_2 * t_1)
    y_1 = x_1 + c * t_1 + (u_2 * t_0 - u_0 * t_2)
    y_2 = x_2 + c * t_2 + (u_0 * t_1 - u_1 * t_0)
    p_0 = _div(y_0, y_2)
    p_1 = _div(y_1, y_2)
    square2 = p_0 * p_0 + p_1 * p_1
    v3 = camera_9 + square2 * camera_10
    distortion = 1.0 + square2 * v3
    v4 = camera_6 * distortion
    v5 = v4 * p_0 + camera_7 - feature_0
    v6 = v4 * p_1 + camera_8 - feature_1
    error_0 = weight * v5
    error_1 = weight * v6
    objective = 0.5 * (error_0 * error_0 + error_1 * error_1)

    # backward
    camera_8_bar = error_1 * weight
    weight_bar = error_1 * v6 + error_0 * v5
    camera_7_bar = error_0 * weight
    feature_1_bar = -camera_8_bar
    feature_0_bar = -camera_7_bar
    v4_bar = camera_8_bar * p_1 + camera_7_bar * p_0
    camera_6_bar = v4_bar * distortion
    distortion_bar = v4_bar * camera_6
    camera_9_bar = distortion_bar * square2
    camera_10_bar = camera_9_bar * square2
    v7 = 2.0 * (distortion_bar * v3 + camera_9_bar * camera_10)
    y_1_bar = _div(camera_8_bar * v4 + v7 * p_1, y_2)
    y_0_bar = _div(camera_7_bar * v4 + v7 * p_0, y_2)
    y_2_bar = -(y_1_bar * p_1) - y_0_bar * p_0
    v8 = (y_0_bar * u_1 - y_1_bar * u_0 + y_2_bar * c) * 2.0
    v9 = (y_2_bar * u_0 - y_0_bar * u_2 + y_1_bar * c) * 2.0
    v10 = (y_1_bar * u_2 - y_2_bar * u_1 + y_0_bar * c) * 2.0
    u_0_bar = y_2_bar * t_1 - y_1_bar * t_2 + v8 * x_1 - v9 * x_2
    point_0_bar = y_0_bar - v8 * u_1 + v9 * u_2
    u_2_bar = y_1_bar * t_0 - y_0_bar * t_1 + v9 * x_0 - v10 * x_1
    point_1_bar = y_1_bar + v8 * u_0 - v10 * u_2
    u_1_bar = y_0_bar * t_2 - y_2_bar * t_0 - v8 * x_0 + v10 * x_2
    point_2_bar = y_2_bar - v9 * u_0 + v10 * u_1
    camera_2_bar_1 = u_2_bar * v2
    camera_1_bar_1 = u_1_bar * v2
    camera_0_bar_1 = u_0_bar * v2
    v2_bar = u_2_bar * camera_2 + u_1_bar * camera_1 + u_0_bar * camera_0
    sin_angle_scaled_bar = _div(v2_bar, angle)
    angle_scaled_bar_1 = (
        (y_2_bar * t_2 + y_1_bar * t_1 + y_0_bar * t_0) * sin_angle_scaled
    )
    angle_bar_1 = (
        (sin_angle_scaled_bar * cos_angle_scaled - angle_scaled_bar_1) * 0.5
    )
    square_bar_1 = _div(0.5 * (angle_bar_1 - sin_angle_scaled_bar * v1), angle)
    v11 = 2.0 * (0.0 if angle == 0.0 else square_bar_1)
    camera_2_bar = camera_2_bar_1 + v11 * camera_2 if turned else camera_2_bar_1
    camera_1_bar = camera_1_bar_1 + v11 * camera_1 if turned else camera_1_bar_1
    camera_0_bar = camera_0_bar_1 + v11 * camera_0 if turned else camera_0_bar_1
    camera_5_bar = -point_2_bar
    camera_4_bar = -point_1_bar
    camera_3_bar = -point_0_bar
    return objective, (
        [
            camera_0_bar, camera_1_bar, camera_2_bar, camera_3_bar, camera_4_bar,
            camera_5_bar, camera_6_bar, camera_7_bar, camera_8_bar, camera_9_bar,
            camera_10_bar,
        ],
        [point_0_bar, point_1_bar, point_2_bar],
        weight_bar,
        [feature_0_bar, feature_1_bar],
    )
