"""Value and gradient of price(S, K, T, r, sigma), written by Proofgrad."""

import math
from math import erf, exp, log, sqrt


def gaussian(x: float, scale: float) -> float:
    """exp(-scale * x * x), for a scale of 1.0 or 0.5, to the last digits in the tails too."""
    square = x * x
    if square < 4.0 or not square < 2000.0:
        return math.exp(-scale * square)
    # exp magnifies the rounding of a large square: add what it lost, exactly.
    high = (x + 422212465065984.0) - 422212465065984.0  # 1.5 * 2**48: rounds to 1/16
    return math.exp(-scale * (high * high)) * math.exp(-scale * ((x - high) * (x + high)))


def forward(S, K, T, r, sigma):
    """Value of price, and the residuals that backward needs."""
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


def backward(residuals, cotangent=1.0):
    """Gradient from the residuals, times the cotangent."""
    S, K, T, r, sigma, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11 = residuals
    v13 = cotangent * v11
    v14 = exp(-1.0 * (v10 * v10)) if v10 * v10 < 4.0 else gaussian(v10, 1.0)
    v15 = (-0.5) * (cotangent * v9) * (1.1283791670955126 * v14) * 0.7071067811865476
    v16 = v13 * K * v8
    v17 = exp(-1.0 * (v6 * v6)) if v6 * v6 < 4.0 else gaussian(v6, 1.0)
    v18 = cotangent * S * 0.5 * (1.1283791670955126 * v17) * 0.7071067811865476
    v19 = (v18 + v15) / v2
    v20 = -v15 - v19 * v5
    v21 = v19 * T
    r_bar = v16 * T + v21
    v22 = v19 / v3 / K
    S_bar = cotangent * v7 + v22
    K_bar = -(v13 * v8) - v22 * v3
    sigma_bar = 2.0 * (v21 * 0.5) * sigma + v20 * v1
    T_bar = v16 * r + v19 * v4 + 0.5 * (v20 * sigma) / v1
    return (S_bar, K_bar, T_bar, r_bar, sigma_bar)


def value_and_gradient(S, K, T, r, sigma):
    """Value of price, and its gradient."""
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
