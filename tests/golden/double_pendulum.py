"""Value and gradient of lagrangian(q, v), written by Proofgrad."""

from math import cos, sin


def forward(q, v):
    """Value of lagrangian, and the residuals that backward needs."""
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


def backward(residuals, cotangent=1.0):
    """Gradient from the residuals, times the cotangent."""
    q_0, q_1, v_1, v1, v2, v3, v4, v5, v6 = residuals
    v9 = cotangent * v6
    v10 = cotangent * v4 * sin(v5)
    q_0_bar = -(20.0124 * cotangent * sin(q_0)) - v10
    q_1_bar = v10 - cotangent * 6.1803 * sin(q_1)
    v_1_bar = v9 * v3 + 2.0 * (cotangent * 0.35) * v2 * 0.9
    v_0_bar = v9 * v_1 * 0.756 + 2.0 * (cotangent * 0.85) * v1 * 1.2
    return ([q_0_bar, q_1_bar], [v_0_bar, v_1_bar])


def value_and_gradient(q, v):
    """Value of lagrangian, and its gradient."""
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
