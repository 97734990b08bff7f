"""Value and gradient of price(S, K, T, r, sigma).

From: price in black_scholes.py, by Proofgrad 0.1.0.
Input: S (float), K (float), T (float), r (float), sigma (float).
Output: value_and_gradient gives the value and its derivatives by S, K, T, r, sigma,
    in this order; forward and backward are its halves.
"""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import erf, exp, log, sqrt


def gaussian(x: float, scale: float) -> float:
    """exp(-scale * x * x), to the last digits in the tails too."""
    p = scale * x
    a = p * x
    if not 2.0 <= a < 746.0 or scale > 1e300:
        return math.inf if a < -709.782712893384 else math.exp(-a)
    if scale == 1.0 or scale == 0.5:  # the usual ones, which lose nothing
        if a < 4.0:
            return math.exp(-a)
        # 1.5 * 2**48: rounds to 1/16
        high = (x + 422212465065984.0) - 422212465065984.0
        low = (x - high) * (x + high)
        return math.exp(-scale * (high * high)) * math.exp(-scale * low)
    # exp magnifies what the products p and a lost to rounding: split their factors
    # (Dekker), so that it is found exactly, and add it.
    c = 134217729.0 * x
    high = c - (c - x)
    low = x - high
    c = 134217729.0 * scale
    s = c - (c - scale)
    lost = ((s * high - p) + s * low + (scale - s) * high) + (scale - s) * low
    c = 134217729.0 * p
    s = c - (c - p)
    lost = lost * x + (((s * high - a) + s * low + (p - s) * high) + (p - s) * low)
    e = math.exp(-a)
    return e - e * lost


def forward(
    S: float, K: float, T: float, r: float, sigma: float
) -> tuple[float, tuple[float, ...]]:
    """Value of price, and the residuals that backward needs."""
    try:
        S, K, T = float(S), float(K), float(T)
        r, sigma = float(r), float(sigma)
        moneyness = S / K
        root = sqrt(T)
        deviation = sigma * root
        drift = r + 0.5 * (sigma * sigma)
        d1 = (log(moneyness) + drift * T) / deviation
        d2 = d1 - deviation
        discount = exp(-(r * T))
        debt = K * discount
        z = d1 * 0.7071067811865476
        normal_distribution = 0.5 * (1.0 + erf(z))
        z2 = d2 * 0.7071067811865476
        normal_distribution2 = 0.5 * (1.0 + erf(z2))
        price = S * normal_distribution - debt * normal_distribution2
        return price, (
            S, K, T, r, sigma, moneyness, root, deviation, drift, d1, discount, debt, z,
            normal_distribution, z2, normal_distribution2,
        )
    except Exception:
        return _forward_ieee(S, K, T, r, sigma)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float, float, float, float]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        (
            S, K, T, r, sigma, moneyness, root, deviation, drift, d1, discount, debt, z,
            normal_distribution, z2, normal_distribution2,
        ) = residuals
        v1 = cotangent * normal_distribution2
        v2 = exp(-1.0 * z2 * z2) if 1.0 * z2 * z2 < 2.0 else gaussian(z2, 1.0)
        z2_bar = (-0.5) * (cotangent * debt) * (1.1283791670955126 * v2)
        d2_bar = z2_bar * 0.7071067811865476
        v3 = exp(-1.0 * z * z) if 1.0 * z * z < 2.0 else gaussian(z, 1.0)
        d1_bar_1 = cotangent * S * 0.5 * (1.1283791670955126 * v3) * 0.7071067811865476
        v4 = v1 * K * discount
        v5 = (d1_bar_1 + d2_bar) / deviation
        deviation_bar = -d2_bar - v5 * d1
        drift_bar = v5 * T
        r_bar = v4 * T + drift_bar
        sigma_bar = 2.0 * (drift_bar * 0.5) * sigma + deviation_bar * root
        T_bar = v4 * r + v5 * drift + 0.5 * (deviation_bar * sigma) / root
        S_bar_1 = v5 / moneyness / K
        S_bar = cotangent * normal_distribution + S_bar_1
        K_bar = -(v1 * discount) - S_bar_1 * moneyness
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
        moneyness = S / K
        root = sqrt(T)
        deviation = sigma * root
        drift = r + 0.5 * (sigma * sigma)
        d1 = (log(moneyness) + drift * T) / deviation
        d2 = d1 - deviation
        discount = exp(-(r * T))
        debt = K * discount
        z = d1 * 0.7071067811865476
        normal_distribution = 0.5 * (1.0 + erf(z))
        z2 = d2 * 0.7071067811865476
        v1 = 1.0 + erf(z2)
        price = S * normal_distribution - debt * (0.5 * v1)

        # backward
        debt_bar = (-0.5) * v1
        v2 = exp(-1.0 * z2 * z2) if 1.0 * z2 * z2 < 2.0 else gaussian(z2, 1.0)
        d2_bar = (-0.5) * debt * (1.1283791670955126 * v2) * 0.7071067811865476
        v3 = exp(-1.0 * z * z) if 1.0 * z * z < 2.0 else gaussian(z, 1.0)
        v4 = debt_bar * K * discount
        d1_bar = S * 0.5 * (1.1283791670955126 * v3) * 0.7071067811865476 + d2_bar
        d1_bar_over_deviation = d1_bar / deviation
        deviation_bar = -d2_bar - d1_bar_over_deviation * d1
        drift_bar = d1_bar_over_deviation * T
        r_bar = drift_bar - v4 * T
        sigma_bar = 2.0 * (drift_bar * 0.5) * sigma + deviation_bar * root
        T_bar_1 = d1_bar_over_deviation * drift - v4 * r
        T_bar = T_bar_1 + 0.5 * (deviation_bar * sigma) / root
        S_bar_1 = d1_bar_over_deviation / moneyness / K
        S_bar = normal_distribution + S_bar_1
        K_bar = debt_bar * discount - S_bar_1 * moneyness
        return price, (S_bar, K_bar, T_bar, r_bar, sigma_bar)
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
    moneyness = _div(S, K)
    root = _sqrt(T)
    deviation = sigma * root
    drift = r + 0.5 * (sigma * sigma)
    d1 = _div(_log(moneyness) + drift * T, deviation)
    d2 = d1 - deviation
    discount = _exp(-(r * T))
    debt = K * discount
    z = d1 * 0.7071067811865476
    normal_distribution = 0.5 * (1.0 + erf(z))
    z2 = d2 * 0.7071067811865476
    normal_distribution2 = 0.5 * (1.0 + erf(z2))
    price = S * normal_distribution - debt * normal_distribution2
    return price, (
        S, K, T, r, sigma, moneyness, root, deviation, drift, d1, discount, debt, z,
        normal_distribution, z2, normal_distribution2,
    )


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float, float, float, float]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    (
        S, K, T, r, sigma, moneyness, root, deviation, drift, d1, discount, debt, z,
        normal_distribution, z2, normal_distribution2,
    ) = residuals
    v1 = cotangent * normal_distribution2
    v2 = _exp(-1.0 * z2 * z2) if 1.0 * z2 * z2 < 2.0 else gaussian(z2, 1.0)
    z2_bar = (-0.5) * (cotangent * debt) * (1.1283791670955126 * v2)
    d2_bar = z2_bar * 0.7071067811865476
    v3 = _exp(-1.0 * z * z) if 1.0 * z * z < 2.0 else gaussian(z, 1.0)
    d1_bar_1 = cotangent * S * 0.5 * (1.1283791670955126 * v3) * 0.7071067811865476
    v4 = v1 * K * discount
    v5 = _div(d1_bar_1 + d2_bar, deviation)
    deviation_bar = -d2_bar - v5 * d1
    drift_bar = v5 * T
    r_bar = v4 * T + drift_bar
    sigma_bar = 2.0 * (drift_bar * 0.5) * sigma + deviation_bar * root
    T_bar = v4 * r + v5 * drift + _div(0.5 * (deviation_bar * sigma), root)
    S_bar_1 = _div(_div(v5, moneyness), K)
    S_bar = cotangent * normal_distribution + S_bar_1
    K_bar = -(v1 * discount) - S_bar_1 * moneyness
    return (S_bar, K_bar, T_bar, r_bar, sigma_bar)


def _value_and_gradient_ieee(
    S: float, K: float, T: float, r: float, sigma: float
) -> tuple[float, tuple[float, float, float, float, float]]:
    """Value of price, and its gradient."""
    S, K, T = float(S), float(K), float(T)
    r, sigma = float(r), float(sigma)
    # forward
    moneyness = _div(S, K)
    root = _sqrt(T)
    deviation = sigma * root
    drift = r + 0.5 * (sigma * sigma)
    d1 = _div(_log(moneyness) + drift * T, deviation)
    d2 = d1 - deviation
    discount = _exp(-(r * T))
    debt = K * discount
    z = d1 * 0.7071067811865476
    normal_distribution = 0.5 * (1.0 + erf(z))
    z2 = d2 * 0.7071067811865476
    v1 = 1.0 + erf(z2)
    price = S * normal_distribution - debt * (0.5 * v1)

    # backward
    debt_bar = (-0.5) * v1
    v2 = _exp(-1.0 * z2 * z2) if 1.0 * z2 * z2 < 2.0 else gaussian(z2, 1.0)
    d2_bar = (-0.5) * debt * (1.1283791670955126 * v2) * 0.7071067811865476
    v3 = _exp(-1.0 * z * z) if 1.0 * z * z < 2.0 else gaussian(z, 1.0)
    v4 = debt_bar * K * discount
    d1_bar = S * 0.5 * (1.1283791670955126 * v3) * 0.7071067811865476 + d2_bar
    d1_bar_over_deviation = _div(d1_bar, deviation)
    deviation_bar = -d2_bar - d1_bar_over_deviation * d1
    drift_bar = d1_bar_over_deviation * T
    r_bar = drift_bar - v4 * T
    sigma_bar = 2.0 * (drift_bar * 0.5) * sigma + deviation_bar * root
    T_bar_1 = _div(0.5 * (deviation_bar * sigma), root)
    T_bar = d1_bar_over_deviation * drift - v4 * r + T_bar_1
    S_bar_1 = _div(_div(d1_bar_over_deviation, moneyness), K)
    S_bar = normal_distribution + S_bar_1
    K_bar = debt_bar * discount - S_bar_1 * moneyness
    return price, (S_bar, K_bar, T_bar, r_bar, sigma_bar)
