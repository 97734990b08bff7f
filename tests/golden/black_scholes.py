"""Value and gradient of price(S, K, T, r, sigma), written by Proofgrad."""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import erf, exp, log, sqrt


def gaussian(x: float, scale: float) -> float:
    """exp(-scale * x * x) for a scale of 1.0 or 0.5, to the last digits in the tails."""
    square = x * x
    if square < 4.0 or not square < 2000.0:
        return math.exp(-scale * square)
    # exp magnifies the rounding of a large square: add what it lost, exactly.
    high = (x + 422212465065984.0) - 422212465065984.0  # 1.5 * 2**48: rounds to 1/16
    lost = (x - high) * (x + high)
    return math.exp(-scale * (high * high)) * math.exp(-scale * lost)


def forward(
    S: float, K: float, T: float, r: float, sigma: float
) -> tuple[float, tuple[float, ...]]:
    """Value of price, and the residuals that backward needs."""
    try:
        S, K, T = float(S), float(K), float(T)
        r, sigma = float(r), float(sigma)
        v1 = sqrt(T)
        v2 = sigma * v1
        v3 = S / K
        v4 = r + 0.5 * (sigma * sigma)
        v5 = (log(v3) + v4 * T) / v2
        v6 = v5 * 0.7071067811865476
        v7 = 0.5 * (1.0 + erf(v6))
        v8 = exp(-(r * T))
        v9 = K * v8
        v10 = (v5 - v2) * 0.7071067811865476
        v11 = 0.5 * (1.0 + erf(v10))
        v12 = S * v7 - v9 * v11
        return v12, (S, K, T, r, sigma, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11)
    except Exception:
        return _forward_ieee(S, K, T, r, sigma)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float, float, float, float]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        S, K, T, r, sigma, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11 = residuals
        v13 = cotangent * v11
        v14 = exp(-1.0 * (v10 * v10)) if v10 * v10 < 4.0 else gaussian(v10, 1.0)
        v15 = (-0.5) * (cotangent * v9) * (1.1283791670955126 * v14)
        v16 = v15 * 0.7071067811865476
        v17 = v13 * K * v8
        v18 = exp(-1.0 * (v6 * v6)) if v6 * v6 < 4.0 else gaussian(v6, 1.0)
        v19 = cotangent * S * 0.5 * (1.1283791670955126 * v18) * 0.7071067811865476
        v20 = (v19 + v16) / v2
        v21 = -v16 - v20 * v5
        v22 = v20 * T
        r_bar = v17 * T + v22
        v23 = v20 / v3 / K
        S_bar = cotangent * v7 + v23
        K_bar = -(v13 * v8) - v23 * v3
        sigma_bar = 2.0 * (v22 * 0.5) * sigma + v21 * v1
        T_bar = v17 * r + v20 * v4 + 0.5 * (v21 * sigma) / v1
        return (S_bar, K_bar, T_bar, r_bar, sigma_bar)
    except Exception:
        return _backward_ieee(residuals, cotangent)


def value_and_gradient(
    S: float, K: float, T: float, r: float, sigma: float
) -> tuple[float, tuple[float, float, float, float, float]]:
    """Value of price, and its gradient."""
    try:
        S, K, T = float(S), float(K), float(T)
        r, sigma = float(r), float(sigma)
        # forward
        v1 = sqrt(T)
        v2 = sigma * v1
        v3 = S / K
        v4 = r + 0.5 * (sigma * sigma)
        v5 = (log(v3) + v4 * T) / v2
        v6 = v5 * 0.7071067811865476
        v7 = 0.5 * (1.0 + erf(v6))
        v8 = exp(-(r * T))
        v9 = K * v8
        v10 = (v5 - v2) * 0.7071067811865476
        v11 = 1.0 + erf(v10)
        v12 = S * v7 - v9 * (0.5 * v11)
        # backward
        v13 = (-0.5) * v11
        v14 = exp(-1.0 * (v10 * v10)) if v10 * v10 < 4.0 else gaussian(v10, 1.0)
        v15 = (-0.5) * v9 * (1.1283791670955126 * v14) * 0.7071067811865476
        v16 = v13 * K * v8
        v17 = exp(-1.0 * (v6 * v6)) if v6 * v6 < 4.0 else gaussian(v6, 1.0)
        v18 = (S * 0.5 * (1.1283791670955126 * v17) * 0.7071067811865476 + v15) / v2
        v19 = -v15 - v18 * v5
        v20 = v18 * T
        r_bar = v20 - v16 * T
        v21 = v18 / v3 / K
        S_bar = v7 + v21
        K_bar = v13 * v8 - v21 * v3
        sigma_bar = 2.0 * (v20 * 0.5) * sigma + v19 * v1
        T_bar = v18 * v4 - v16 * r + 0.5 * (v19 * sigma) / v1
        return v12, (S_bar, K_bar, T_bar, r_bar, sigma_bar)
    except Exception:
        return _value_and_gradient_ieee(S, K, T, r, sigma)


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


def _log(x: float) -> float:
    """Natural logarithm; -inf at zero, nan below."""
    return math.log(x) if x > 0.0 else -math.inf if x == 0.0 else math.nan


def _sqrt(x: float) -> float:
    """Square root; nan below zero."""
    return math.sqrt(x) if x >= 0.0 else math.nan


def _forward_ieee(
    S: float, K: float, T: float, r: float, sigma: float
) -> tuple[float, tuple[float, ...]]:
    """Value of price, and the residuals that backward needs."""
    S, K, T = float(S), float(K), float(T)
    r, sigma = float(r), float(sigma)
    v1 = _sqrt(T)
    v2 = sigma * v1
    v3 = _div(S, K)
    v4 = r + 0.5 * (sigma * sigma)
    v5 = _div(_log(v3) + v4 * T, v2)
    v6 = v5 * 0.7071067811865476
    v7 = 0.5 * (1.0 + erf(v6))
    v8 = _exp(-(r * T))
    v9 = K * v8
    v10 = (v5 - v2) * 0.7071067811865476
    v11 = 0.5 * (1.0 + erf(v10))
    v12 = S * v7 - v9 * v11
    return v12, (S, K, T, r, sigma, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11)


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float, float, float, float]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    S, K, T, r, sigma, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11 = residuals
    v13 = cotangent * v11
    v14 = _exp(-1.0 * (v10 * v10)) if v10 * v10 < 4.0 else gaussian(v10, 1.0)
    v15 = (-0.5) * (cotangent * v9) * (1.1283791670955126 * v14)
    v16 = v15 * 0.7071067811865476
    v17 = v13 * K * v8
    v18 = _exp(-1.0 * (v6 * v6)) if v6 * v6 < 4.0 else gaussian(v6, 1.0)
    v19 = cotangent * S * 0.5 * (1.1283791670955126 * v18) * 0.7071067811865476
    v20 = _div(v19 + v16, v2)
    v21 = -v16 - v20 * v5
    v22 = v20 * T
    r_bar = v17 * T + v22
    v23 = _div(_div(v20, v3), K)
    S_bar = cotangent * v7 + v23
    K_bar = -(v13 * v8) - v23 * v3
    sigma_bar = 2.0 * (v22 * 0.5) * sigma + v21 * v1
    T_bar = v17 * r + v20 * v4 + _div(0.5 * (v21 * sigma), v1)
    return (S_bar, K_bar, T_bar, r_bar, sigma_bar)


def _value_and_gradient_ieee(
    S: float, K: float, T: float, r: float, sigma: float
) -> tuple[float, tuple[float, float, float, float, float]]:
    """Value of price, and its gradient."""
    S, K, T = float(S), float(K), float(T)
    r, sigma = float(r), float(sigma)
    # forward
    v1 = _sqrt(T)
    v2 = sigma * v1
    v3 = _div(S, K)
    v4 = r + 0.5 * (sigma * sigma)
    v5 = _div(_log(v3) + v4 * T, v2)
    v6 = v5 * 0.7071067811865476
    v7 = 0.5 * (1.0 + erf(v6))
    v8 = _exp(-(r * T))
    v9 = K * v8
    v10 = (v5 - v2) * 0.7071067811865476
    v11 = 1.0 + erf(v10)
    v12 = S * v7 - v9 * (0.5 * v11)
    # backward
    v13 = (-0.5) * v11
    v14 = _exp(-1.0 * (v10 * v10)) if v10 * v10 < 4.0 else gaussian(v10, 1.0)
    v15 = (-0.5) * v9 * (1.1283791670955126 * v14) * 0.7071067811865476
    v16 = v13 * K * v8
    v17 = _exp(-1.0 * (v6 * v6)) if v6 * v6 < 4.0 else gaussian(v6, 1.0)
    v18 = S * 0.5 * (1.1283791670955126 * v17) * 0.7071067811865476 + v15
    v19 = _div(v18, v2)
    v20 = -v15 - v19 * v5
    v21 = v19 * T
    r_bar = v21 - v16 * T
    v22 = _div(_div(v19, v3), K)
    S_bar = v7 + v22
    K_bar = v13 * v8 - v22 * v3
    sigma_bar = 2.0 * (v21 * 0.5) * sigma + v20 * v1
    T_bar = v19 * v4 - v16 * r + _div(0.5 * (v20 * sigma), v1)
    return v12, (S_bar, K_bar, T_bar, r_bar, sigma_bar)
