"""Value of residual_jacobian(camera, point, weight, feature).

From: residual_jacobian in reprojection.py, by Proofgrad 0.1.0.
Input: camera (11 floats), point (3 floats), weight (float), feature (2 floats).
Output: evaluate gives 6 floats, a list for each array.
"""

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
        x_0 = point_0 - camera_3
        x_1 = point_1 - camera_4
        x_2 = point_2 - camera_5
        square = camera_0 * camera_0 + camera_1 * camera_1 + camera_2 * camera_2
        angle = sqrt(square)
        turned = square > 0.0
        angle_scaled = 0.5 * angle
        c = cos(angle_scaled) if turned else 1.0
        v1 = sin(angle_scaled) / angle if turned else 0.5
        u_0 = v1 * camera_0
        u_1 = v1 * camera_1
        u_2 = v1 * camera_2
        t_0 = 2.0 * (u_1 * x_2 - u_2 * x_1)
        t_1 = 2.0 * (u_2 * x_0 - u_0 * x_2)
        t_2 = 2.0 * (u_0 * x_1 - u_1 * x_0)
        y_0 = x_0 + c * t_0 + (u_1 * t_2 - u_2 * t_1)
        y_1 = x_1 + c * t_1 + (u_2 * t_0 - u_0 * t_2)
        y_2 = x_2 + c * t_2 + (u_0 * t_1 - u_1 * t_0)
        p_0 = y_0 / y_2
        p_1 = y_1 / y_2
        square2 = p_0 * p_0 + p_1 * p_1
        v2 = camera_9 + square2 * camera_10
        distortion = 1.0 + square2 * v2
        p_1_bar_1 = weight * (camera_6 * distortion)
        distortion_bar = weight * p_0 * camera_6
        v3 = 2.0 * (distortion_bar * v2 + distortion_bar * square2 * camera_10)
        y_1_bar = v3 * p_1 / y_2
        y_0_bar = (p_1_bar_1 + v3 * p_0) / y_2
        y_2_bar = -(y_1_bar * p_1) - y_0_bar * p_0
        v4 = (y_0_bar * u_1 - y_1_bar * u_0 + y_2_bar * c) * 2.0
        v5 = (y_2_bar * u_0 - y_0_bar * u_2 + y_1_bar * c) * 2.0
        v6 = (y_1_bar * u_2 - y_2_bar * u_1 + y_0_bar * c) * 2.0
        x_0_bar = y_0_bar - v4 * u_1 + v5 * u_2
        x_1_bar = y_1_bar + v4 * u_0 - v6 * u_2
        x_2_bar = y_2_bar - v5 * u_0 + v6 * u_1
        distortion_bar2 = weight * p_1 * camera_6
        v7 = 2.0 * (distortion_bar2 * v2 + distortion_bar2 * square2 * camera_10)
        y_1_bar2 = (p_1_bar_1 + v7 * p_1) / y_2
        y_0_bar2 = v7 * p_0 / y_2
        y_2_bar2 = -(y_1_bar2 * p_1) - y_0_bar2 * p_0
        v8 = (y_0_bar2 * u_1 - y_1_bar2 * u_0 + y_2_bar2 * c) * 2.0
        v9 = (y_2_bar2 * u_0 - y_0_bar2 * u_2 + y_1_bar2 * c) * 2.0
        v10 = (y_1_bar2 * u_2 - y_2_bar2 * u_1 + y_0_bar2 * c) * 2.0
        x_0_bar2 = y_0_bar2 - v8 * u_1 + v9 * u_2
        x_1_bar2 = y_1_bar2 + v8 * u_0 - v10 * u_2
        x_2_bar2 = y_2_bar2 - v9 * u_0 + v10 * u_1
        return ([x_0_bar, x_1_bar, x_2_bar, x_0_bar2, x_1_bar2, x_2_bar2],)
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
    x_0 = point_0 - camera_3
    x_1 = point_1 - camera_4
    x_2 = point_2 - camera_5
    square = camera_0 * camera_0 + camera_1 * camera_1 + camera_2 * camera_2
    angle = _sqrt(square)
    turned = square > 0.0
    angle_scaled = 0.5 * angle
    c = _cos(angle_scaled) if turned else 1.0
    v1 = _div(_sin(angle_scaled), angle) if turned else 0.5
    u_0 = v1 * camera_0
    u_1 = v1 * camera_1
    u_2 = v1 * camera_2
    t_0 = 2.0 * (u_1 * x_2 - u_2 * x_1)
    t_1 = 2.0 * (u_2 * x_0 - u_0 * x_2)
    t_2 = 2.0 * (u_0 * x_1 - u_1 * x_0)
    y_0 = x_0 + c * t_0 + (u_1 * t_2 - u_2 * t_1)
    y_1 = x_1 + c * t_1 + (u_2 * t_0 - u_0 * t_2)
    y_2 = x_2 + c * t_2 + (u_0 * t_1 - u_1 * t_0)
    p_0 = _div(y_0, y_2)
    p_1 = _div(y_1, y_2)
    square2 = p_0 * p_0 + p_1 * p_1
    v2 = camera_9 + square2 * camera_10
    distortion = 1.0 + square2 * v2
    p_1_bar_1 = weight * (camera_6 * distortion)
    distortion_bar = weight * p_0 * camera_6
    v3 = 2.0 * (distortion_bar * v2 + distortion_bar * square2 * camera_10)
    y_1_bar = _div(v3 * p_1, y_2)
    y_0_bar = _div(p_1_bar_1 + v3 * p_0, y_2)
    y_2_bar = -(y_1_bar * p_1) - y_0_bar * p_0
    v4 = (y_0_bar * u_1 - y_1_bar * u_0 + y_2_bar * c) * 2.0
    v5 = (y_2_bar * u_0 - y_0_bar * u_2 + y_1_bar * c) * 2.0
    v6 = (y_1_bar * u_2 - y_2_bar * u_1 + y_0_bar * c) * 2.0
    x_0_bar = y_0_bar - v4 * u_1 + v5 * u_2
    x_1_bar = y_1_bar + v4 * u_0 - v6 * u_2
    x_2_bar = y_2_bar - v5 * u_0 + v6 * u_1
    distortion_bar2 = weight * p_1 * camera_6
    v7 = 2.0 * (distortion_bar2 * v2 + distortion_bar2 * square2 * camera_10)
    y_1_bar2 = _div(p_1_bar_1 + v7 * p_1, y_2)
    y_0_bar2 = _div(v7 * p_0, y_2)
    y_2_bar2 = -(y_1_bar2 * p_1) - y_0_bar2 * p_0
    v8 = (y_0_bar2 * u_1 - y_1_bar2 * u_0 + y_2_bar2 * c) * 2.0
    v9 = (y_2_bar2 * u_0 - y_0_bar2 * u_2 + y_1_bar2 * c) * 2.0
    v10 = (y_1_bar2 * u_2 - y_2_bar2 * u_1 + y_0_bar2 * c) * 2.0
    x_0_bar2 = y_0_bar2 - v8 * u_1 + v9 * u_2
    x_1_bar2 = y_1_bar2 + v8 * u_0 - v10 * u_2
    x_2_bar2 = y_2_bar2 - v9 * u_0 + v10 * u_1
    return ([x_0_bar, x_1_bar, x_2_bar, x_0_bar2, x_1_bar2, x_2_bar2],)
