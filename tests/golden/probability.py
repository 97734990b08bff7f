"""Value and gradient of probability(x, y).

From: probability in test_emit_golden.py, by Proofgrad 0.1.0.
Input: x (float), y (float).
Output: value_and_gradient gives the value and its derivatives by x, y, in this
    order; forward and backward are its halves.
"""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import cos, erfc, exp


def floor(x: float) -> float:
    """Largest integer not above x; the sign of zero, inf and nan pass through."""
    return math.copysign(math.floor(x), x) if math.isfinite(x) else x


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)) without overflow."""
    e = math.exp(-abs(x))
    return (e if x < 0.0 else 1.0) / (1.0 + e)


def softplus(x: float) -> float:
    """log(1 + exp(x)) without overflow or cancellation."""
    return math.log1p(math.exp(-abs(x))) + (0.0 if x <= 0.0 else x)


def gaussian(x: float, scale: float) -> float:
    """exp(-scale * x * x) for a scale of 1.0 or 0.5, to the last digits in the
    tails."""
    square = x * x
    if square < 4.0 or not square < 2000.0:
        return math.exp(-scale * square)
    # exp magnifies the rounding of a large square: add what it lost, exactly.
    high = (x + 422212465065984.0) - 422212465065984.0  # 1.5 * 2**48: rounds to 1/16
    lost = (x - high) * (x + high)
    return math.exp(-scale * (high * high)) * math.exp(-scale * lost)


def gelu(x: float) -> float:
    """x times the normal distribution function at x."""
    u = -0.7071067811865476 * x
    if not 1.0 < u < 30.0:
        return -0.0 if x == -math.inf else x * (0.5 * math.erfc(u))
    # erfc magnifies what rounding u lost: split the product exactly, and add it.
    high = 134217729.0 * x - (134217729.0 * x - x)
    lost = (-0.7071067690849304 * high - u) - 0.7071067690849304 * (x - high)
    lost -= 1.210161710447897e-08 * x
    return x * (0.5 * (math.erfc(u) - lost * (1.1283791670955126 * math.exp(-u * u))))


def sinc(x: float) -> float:
    """sin(pi x) / (pi x), 1 at zero, and 0 where pi x is infinite."""
    t = 3.141592653589793 * x
    if t == 0.0 or math.isinf(t):
        return 1.0 if t == 0.0 else 0.0
    return math.sin(t) / t


def forward(x: float, y: float) -> tuple[float, tuple[float, ...]]:
    """Value of probability, and the residuals that backward needs."""
    x, y = float(x), float(y)
    v1 = softplus(x)
    v2 = gelu(y)
    v3 = x * y
    v4 = floor(x)
    v5 = sinc(y)
    probability = v1 * v2 + sigmoid(v3) + v4 * v5
    return probability, (x, y, v1, v2, v3, v4, v5)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        x, y, v1, v2, v3, v4, v5 = residuals
        square_y = y * y
        v6 = (-1.3148481279991983e-07) + square_y * 3.433076949964284e-09
        v7 = square_y * (4.049947846619241e-06 + square_y * v6)
        v8 = 0.001781145516372851 + square_y * ((-9.766223126318928e-05) + v7)
        v9 = square_y * ((-0.023460810354558225) + square_y * v8)
        v10 = (-1.144510944732505) + square_y * (0.20918278254123832 + v9)
        v11 = (-3.289868133696453) + square_y * (3.246969701133414 + square_y * v10)
        v12 = abs(y) < 0.5
        v13 = (cos(3.141592653589793 * y) - v5) / (1.0 if v12 else y)
        v14 = exp(-abs(v3))
        v15 = 1.0 + v14
        v3_bar = cotangent * (v14 / (v15 * v15))
        v16 = exp(-0.5 * (y * y)) if y * y < 4.0 else gaussian(y, 0.5)
        v17 = 0.5 * erfc((-0.7071067811865476) * y) + y * (0.3989422804014327 * v16)
        y_bar_1 = cotangent * v4 * (y * v11 if v12 else v13) + v3_bar * x
        y_bar = y_bar_1 + cotangent * v1 * v17
        x_bar = v3_bar * y + cotangent * v2 * sigmoid(x)
        return (x_bar, y_bar)
    except Exception:
        return _backward_ieee(residuals, cotangent)


def value_and_gradient(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of probability, and its gradient."""
    try:
        x, y = float(x), float(y)
        # forward
        v1 = softplus(x)
        v2 = gelu(y)
        v3 = x * y
        v4 = floor(x)
        v5 = sinc(y)
        probability = v1 * v2 + sigmoid(v3) + v4 * v5

        # backward
        square_y = y * y
        v6 = (-1.3148481279991983e-07) + square_y * 3.433076949964284e-09
        v7 = square_y * (4.049947846619241e-06 + square_y * v6)
        v8 = 0.001781145516372851 + square_y * ((-9.766223126318928e-05) + v7)
        v9 = square_y * ((-0.023460810354558225) + square_y * v8)
        v10 = (-1.144510944732505) + square_y * (0.20918278254123832 + v9)
        v11 = (-3.289868133696453) + square_y * (3.246969701133414 + square_y * v10)
        v12 = abs(y) < 0.5
        v13 = (cos(3.141592653589793 * y) - v5) / (1.0 if v12 else y)
        v14 = exp(-abs(v3))
        v15 = 1.0 + v14
        v3_bar = v14 / (v15 * v15)
        v16 = exp(-0.5 * (y * y)) if y * y < 4.0 else gaussian(y, 0.5)
        v17 = 0.5 * erfc((-0.7071067811865476) * y) + y * (0.3989422804014327 * v16)
        y_bar = v4 * (y * v11 if v12 else v13) + v3_bar * x + v1 * v17
        x_bar = v3_bar * y + v2 * sigmoid(x)
        return probability, (x_bar, y_bar)
    except Exception:
        return _value_and_gradient_ieee(x, y)


# The same steps with operations that never raise: 1.0 / 0.0 is inf, log(-1.0) is nan.


def _div(x: float, y: float) -> float:
    """x / y; a finite x over zero is an infinity, 0/0 is nan."""
    return x / y if y != 0.0 else x * math.copysign(math.inf, y)


def _exp(x: float) -> float:
    """Exponential; inf where it overflows."""
    try:
        return math.exp(x)
    except Exception:
        return math.inf


def _cos(x: float) -> float:
    """Cosine; nan at the infinities."""
    return math.nan if math.isinf(x) else math.cos(x)


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    x, y, v1, v2, v3, v4, v5 = residuals
    square_y = y * y
    v6 = (-1.3148481279991983e-07) + square_y * 3.433076949964284e-09
    v7 = square_y * (4.049947846619241e-06 + square_y * v6)
    v8 = 0.001781145516372851 + square_y * ((-9.766223126318928e-05) + v7)
    v9 = square_y * ((-0.023460810354558225) + square_y * v8)
    v10 = (-1.144510944732505) + square_y * (0.20918278254123832 + v9)
    v11 = (-3.289868133696453) + square_y * (3.246969701133414 + square_y * v10)
    v12 = abs(y) < 0.5
    v13 = _div(_cos(3.141592653589793 * y) - v5, 1.0 if v12 else y)
    v14 = _exp(-abs(v3))
    v15 = 1.0 + v14
    v3_bar = cotangent * _div(v14, v15 * v15)
    v16 = _exp(-0.5 * (y * y)) if y * y < 4.0 else gaussian(y, 0.5)
    v17 = 0.5 * erfc((-0.7071067811865476) * y) + y * (0.3989422804014327 * v16)
    y_bar_1 = cotangent * v4 * (y * v11 if v12 else v13) + v3_bar * x
    y_bar = y_bar_1 + cotangent * v1 * v17
    x_bar = v3_bar * y + cotangent * v2 * sigmoid(x)
    return (x_bar, y_bar)


def _value_and_gradient_ieee(x: float, y: float) -> tuple[float, tuple[float, float]]:
    """Value of probability, and its gradient."""
    x, y = float(x), float(y)
    # forward
    v1 = softplus(x)
    v2 = gelu(y)
    v3 = x * y
    v4 = floor(x)
    v5 = sinc(y)
    probability = v1 * v2 + sigmoid(v3) + v4 * v5

    # backward
    square_y = y * y
    v6 = (-1.3148481279991983e-07) + square_y * 3.433076949964284e-09
    v7 = square_y * (4.049947846619241e-06 + square_y * v6)
    v8 = 0.001781145516372851 + square_y * ((-9.766223126318928e-05) + v7)
    v9 = square_y * ((-0.023460810354558225) + square_y * v8)
    v10 = (-1.144510944732505) + square_y * (0.20918278254123832 + v9)
    v11 = (-3.289868133696453) + square_y * (3.246969701133414 + square_y * v10)
    v12 = abs(y) < 0.5
    v13 = _div(_cos(3.141592653589793 * y) - v5, 1.0 if v12 else y)
    v14 = _exp(-abs(v3))
    v15 = 1.0 + v14
    v3_bar = _div(v14, v15 * v15)
    v16 = _exp(-0.5 * (y * y)) if y * y < 4.0 else gaussian(y, 0.5)
    v17 = 0.5 * erfc((-0.7071067811865476) * y) + y * (0.3989422804014327 * v16)
    y_bar = v4 * (y * v11 if v12 else v13) + v3_bar * x + v1 * v17
    x_bar = v3_bar * y + v2 * sigmoid(x)
    return probability, (x_bar, y_bar)
