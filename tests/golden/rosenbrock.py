"""Value and gradient of rosenbrock(x).

From: rosenbrock in rosenbrock.py, by Proofgrad 0.1.0.
Input: x (4 floats).
Output: value_and_gradient gives the value and its derivatives by x, in this order;
    forward and backward are its halves.
"""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201


def forward(x: list[float]) -> tuple[float, tuple[float, ...]]:
    """Value of rosenbrock, and the residuals that backward needs."""
    x_0, x_1, x_2, x_3 = x
    v1 = x_1 - x_0 * x_0
    v2 = x_2 - x_1 * x_1
    v3 = x_3 - x_2 * x_2
    v4 = 1.0 - x_0
    v5 = 1.0 - x_1
    v6 = 1.0 - x_2
    v7 = 100.0 * (v1 * v1) + v4 * v4 + (100.0 * (v2 * v2) + v5 * v5)
    rosenbrock = v7 + (100.0 * (v3 * v3) + v6 * v6)
    return rosenbrock, (x_0, x_1, x_2, v1, v2, v3, v4, v5, v6)


def backward(residuals: tuple[float, ...], cotangent: float = 1.0) -> list[float]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    x_0, x_1, x_2, v1, v2, v3, v4, v5, v6 = residuals
    cotangent_scaled = 2.0 * cotangent
    v8 = 2.0 * (cotangent * 100.0)
    x_3_bar = v8 * v3
    v2_bar = v8 * v2
    v1_bar = v8 * v1
    x_2_bar = v2_bar - cotangent_scaled * v6 + (-2.0) * x_3_bar * x_2
    x_1_bar = v1_bar - cotangent_scaled * v5 + (-2.0) * v2_bar * x_1
    x_0_bar = (-2.0) * v1_bar * x_0 - cotangent_scaled * v4
    return [x_0_bar, x_1_bar, x_2_bar, x_3_bar]


def value_and_gradient(x: list[float]) -> tuple[float, list[float]]:
    """Value of rosenbrock, and its gradient."""
    x_0, x_1, x_2, x_3 = x

    # forward
    v1 = x_1 - x_0 * x_0
    v2 = x_2 - x_1 * x_1
    v3 = x_3 - x_2 * x_2
    v4 = 1.0 - x_0
    v5 = 1.0 - x_1
    v6 = 1.0 - x_2
    v7 = 100.0 * (v1 * v1) + v4 * v4 + (100.0 * (v2 * v2) + v5 * v5)
    rosenbrock = v7 + (100.0 * (v3 * v3) + v6 * v6)

    # backward
    x_3_bar = 200.0 * v3
    x_2_bar = (-2.0) * v6 + 200.0 * v2 + 2.0 * ((-200.0) * v3) * x_2
    x_1_bar = (-2.0) * v5 + 200.0 * v1 + 2.0 * ((-200.0) * v2) * x_1
    x_0_bar = (-2.0) * v4 + 2.0 * ((-200.0) * v1) * x_0
    return rosenbrock, [x_0_bar, x_1_bar, x_2_bar, x_3_bar]
