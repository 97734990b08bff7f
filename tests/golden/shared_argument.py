"""Value and gradient of f(x, y), written by Proofgrad."""

from math import exp


def forward(x, y):
    """Value of f, and the residuals that backward needs."""
    v1 = exp(x * y)
    v2 = v1 / y
    return v2, (y, v1)


def backward(residuals, cotangent=1.0):
    """Gradient from the residuals, times the cotangent."""
    y, v1 = residuals
    x_bar = cotangent / y * v1 * y
    return x_bar


def value_and_gradient(x, y):
    """Value of f, and its gradient."""
    # forward
    v1 = exp(x * y)
    v2 = v1 / y
    # backward
    x_bar = 1.0 / y * v1 * y
    return v2, x_bar
