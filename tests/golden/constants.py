"""Value and gradient of constants(x, y), written by Proofgrad."""

from math import inf, pow


def forward(x, y):
    """Value of constants, and the residuals that backward needs."""
    v1 = x * (-2.5)
    v2 = (inf if v1 > inf else v1) + 1e-300 * y - (-0.0) + pow(x, (-1.5))
    v3 = v2 + (-27.0) * y
    return v3, (x, v1)


def backward(residuals, cotangent=1.0):
    """Gradient from the residuals, times the cotangent."""
    x, v1 = residuals
    v4 = (-1.5) * cotangent * pow(x, (-2.5))
    y_bar = cotangent * (-27.0) + cotangent * 1e-300
    x_bar = v4 + cotangent * (-2.5) if v1 < inf else v4
    return (x_bar, y_bar)


def value_and_gradient(x, y):
    """Value of constants, and its gradient."""
    # forward
    v1 = x * (-2.5)
    v2 = (inf if v1 > inf else v1) + 1e-300 * y - (-0.0) + pow(x, (-1.5))
    v3 = v2 + (-27.0) * y
    # backward
    v4 = (-1.5) * pow(x, (-2.5))
    x_bar = v4 + (-2.5) if v1 < inf else v4
    return v3, (x_bar, (-27.0))
