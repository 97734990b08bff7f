"""Value and gradient of structured(p, weights), written by Proofgrad."""

from math import exp, pow, tanh


def forward(p_v1, p_import, weights_0, weights_1_sin):
    """Value of structured, and the residuals that backward needs."""
    p_v1_0_0, p_v1_0_1, p_v1_1_0, p_v1_1_1 = p_v1
    p_import_0, p_import_1 = p_import
    weights_0_0, weights_0_1 = weights_0
    v1 = p_v1_0_0 * weights_0_0 + p_v1_0_1 * weights_0_1
    v2 = p_v1_1_0 * weights_0_0 + p_v1_1_1 * weights_0_1
    v3 = tanh(v1)
    v4 = tanh(v2)
    v5 = v3 * p_import_0 + v4 * p_import_1 + pow(weights_1_sin, 3.0)
    return v5, (
        p_v1_0_0,
        p_v1_0_1,
        p_v1_1_0,
        p_v1_1_1,
        p_import_0,
        p_import_1,
        weights_0_0,
        weights_0_1,
        weights_1_sin,
        v1,
        v2,
        v3,
        v4,
    )


def backward(residuals, cotangent=1.0):
    """Gradient from the residuals, times the cotangent."""
    (
        p_v1_0_0, p_v1_0_1, p_v1_1_0, p_v1_1_1, p_import_0, p_import_1, weights_0_0,
        weights_0_1, weights_1_sin, v1, v2, v3, v4,
    ) = residuals
    weights_1_sin_bar = 3.0 * cotangent * (weights_1_sin * weights_1_sin)
    p_import_1_bar = cotangent * v4
    p_import_0_bar = cotangent * v3
    v6 = exp((-2.0) * abs(v2))
    v7 = 1.0 + v6
    v8 = cotangent * p_import_1 * (4.0 * v6 / (v7 * v7))
    v9 = exp((-2.0) * abs(v1))
    v10 = 1.0 + v9
    v11 = cotangent * p_import_0 * (4.0 * v9 / (v10 * v10))
    p_v1_1_1_bar = v8 * weights_0_1
    p_v1_1_0_bar = v8 * weights_0_0
    p_v1_0_1_bar = v11 * weights_0_1
    weights_0_1_bar = v8 * p_v1_1_1 + v11 * p_v1_0_1
    p_v1_0_0_bar = v11 * weights_0_0
    weights_0_0_bar = v8 * p_v1_1_0 + v11 * p_v1_0_0
    return (
        [p_v1_0_0_bar, p_v1_0_1_bar, p_v1_1_0_bar, p_v1_1_1_bar],
        [p_import_0_bar, p_import_1_bar],
        [weights_0_0_bar, weights_0_1_bar],
        weights_1_sin_bar,
    )


def value_and_gradient(p_v1, p_import, weights_0, weights_1_sin):
    """Value of structured, and its gradient."""
    p_v1_0_0, p_v1_0_1, p_v1_1_0, p_v1_1_1 = p_v1
    p_import_0, p_import_1 = p_import
    weights_0_0, weights_0_1 = weights_0
    # forward
    v1 = p_v1_0_0 * weights_0_0 + p_v1_0_1 * weights_0_1
    v2 = p_v1_1_0 * weights_0_0 + p_v1_1_1 * weights_0_1
    v3 = tanh(v1)
    v4 = tanh(v2)
    v5 = v3 * p_import_0 + v4 * p_import_1 + pow(weights_1_sin, 3.0)
    # backward
    weights_1_sin_bar = 3.0 * (weights_1_sin * weights_1_sin)
    v6 = exp((-2.0) * abs(v2))
    v7 = 1.0 + v6
    v8 = p_import_1 * (4.0 * v6 / (v7 * v7))
    v9 = exp((-2.0) * abs(v1))
    v10 = 1.0 + v9
    v11 = p_import_0 * (4.0 * v9 / (v10 * v10))
    p_v1_1_1_bar = v8 * weights_0_1
    p_v1_1_0_bar = v8 * weights_0_0
    p_v1_0_1_bar = v11 * weights_0_1
    weights_0_1_bar = v8 * p_v1_1_1 + v11 * p_v1_0_1
    p_v1_0_0_bar = v11 * weights_0_0
    weights_0_0_bar = v8 * p_v1_1_0 + v11 * p_v1_0_0
    return v5, (
        [p_v1_0_0_bar, p_v1_0_1_bar, p_v1_1_0_bar, p_v1_1_1_bar],
        [v3, v4],
        [weights_0_0_bar, weights_0_1_bar],
        weights_1_sin_bar,
    )
