"""Functions freed of the exponential that makes them overflow or vanish: portable, total.

``exp(x * x) erfc(x)`` and its integrals are moments of ``exp(-t * t - 2 x t)`` over t > 0: from
-0.75 to 3 a quadrature (Gauss's for exp(-t * t), computed with 50 digits), above it a continued
fraction, below it a recurrence, all of positive terms: nothing cancels anywhere.
Formulas: Digital Library of Mathematical Functions 7.18, 10.25.2, 10.40.1.
"""

from __future__ import annotations

import math

from autodiff.numbers.bessel import i0, i1
from autodiff.numbers.ieee import portable

__all__ = ["erfcx", "i1_over_i0", "i2erfcx", "ierfcx", "log_erfc", "log_i0", "scaled_erfc"]


@portable
def scaled_erfc(n: float, x: float) -> float:
    """exp(x * x) times erfc integrated n times from x to infinity, n = 0, 1 or 2."""
    if x < -0.75:
        if x < -27.0:
            return math.inf
        high = (x + 422212465065984.0) - 422212465065984.0  # 1.5 * 2**48: rounds to 1/16
        half = math.exp(0.5 * (high * high))  # the whole may overflow before the product does
        zero = half * (math.exp((x - high) * (x + high)) * math.erfc(x)) * half
        one = 0.5641895835477563 - x * zero
        return zero if n == 0.0 else one if n == 1.0 else 0.25 * zero - 0.5 * x * one
    if x < 3.0:
        total = 0.0
        a = 1.0 if n == 0.0 else 0.0
        b = 1.0 if n == 1.0 else 0.0
        c = 0.5 if n == 2.0 else 0.0
        for t, weight in (
            (6.470558387064576, 5.993073454593954e-19),
            (5.769985165567756, 2.4484288210576554e-15),
            (5.190901686975001, 1.2140747655433195e-12),
            (4.675608847794477, 1.7784234174418992e-10),
            (4.202442600421138, 1.1008930978300542e-08),
            (3.7605999329107744, 3.4876355406925265e-07),
            (3.3439813798616393, 6.366757009378259e-06),
            (2.948989746787233, 7.261283758335394e-05),
            (2.5735778208262787, 0.0005488989148150556),
            (2.2167941653876455, 0.0028793021496894664),
            (1.8785619193029803, 0.010882916533243536),
            (1.55957964520966, 0.030619449258661696),
            (1.2612890161027661, 0.06604828742706317),
            (0.9858735750375272, 0.1123067291104615),
            (0.7362554575808908, 0.15457918397722747),
            (0.5160505430615303, 0.17649482600028368),
            (0.3294333560642883, 0.17041750331594238),
            (0.18086156305803827, 0.1398673127403191),
            (0.07463130039219137, 0.09401377007261671),
            (0.014279509699916749, 0.04126248095353957),
        ):
            total = total + weight * (a + t * (b + t * c)) * math.exp(-2.0 * x * t)
        return total
    r = 1.0 / (x + math.sqrt(x * x + 62.0))  # nearly where the fraction goes on for ever
    for k in (
        30.0,
        29.0,
        28.0,
        27.0,
        26.0,
        25.0,
        24.0,
        23.0,
        22.0,
        21.0,
        20.0,
        19.0,
        18.0,
        17.0,
        16.0,
        15.0,
        14.0,
        13.0,
        12.0,
        11.0,
        10.0,
        9.0,
        8.0,
        7.0,
        6.0,
        5.0,
        4.0,
    ):
        r = 0.5 / (x + k * r)
    two = 0.5 / (x + 3.0 * r)
    one = 0.5 / (x + 2.0 * two)
    zero = 0.5641895835477563 / (x + one)
    return zero if n == 0.0 else zero * one if n == 1.0 else zero * one * two


@portable
def erfcx(x: float) -> float:
    """exp(x * x) * erfc(x), also where one is huge and the other tiny."""
    return scaled_erfc(0.0, x)


@portable
def ierfcx(x: float) -> float:
    """exp(x * x) times the integral of erfc from x to infinity."""
    return scaled_erfc(1.0, x)


@portable
def i2erfcx(x: float) -> float:
    """exp(x * x) times the integral of the integral of erfc from x to infinity."""
    return scaled_erfc(2.0, x)


@portable
def log_erfc(x: float) -> float:
    """log(erfc(x)), also where that is tiny or nearly 1."""
    if x < 0.5:
        return math.log1p(0.0 - math.erf(x))
    if x < 2.5:
        return math.log(math.erfc(x))
    if x == math.inf:
        return -math.inf
    return math.log(scaled_erfc(0.0, x)) - x * x


@portable
def log_i0(x: float) -> float:
    """Logarithm of i0(x), also where that overflows."""
    y = abs(x)
    if y < 5.0:
        t = y * y
        p = 0.0
        for a in (
            1.5365650110207356e-49,
            2.458504017633177e-46,
            3.5500798014623073e-43,
            4.60090342269515e-40,
            5.318644356635594e-37,
            5.4462918211948485e-34,
            4.9016626390753635e-31,
            3.842903509035085e-28,
            2.5978027721077174e-25,
            1.4963343967340453e-22,
            7.242258480192779e-20,
            2.896903392077112e-17,
            9.385966990329842e-15,
            2.4028075495244395e-12,
            4.709502797067901e-10,
            6.781684027777778e-08,
            6.781684027777777e-06,
            0.00043402777777777775,
            0.015625,
            0.25,
        ):
            p = p * t + a
        return math.log1p(t * p)
    if y < 700.0:
        return math.log(i0(y))
    if y == math.inf:
        return math.inf
    u = 1.0 / y
    near = u * (0.125 + u * (0.0625 + u * (0.06510416666666667 + u * 0.1015625)))
    return (y - 0.5 * math.log(y) - 0.9189385332046727) + near


@portable
def i1_over_i0(x: float) -> float:
    """i1(x) / i0(x), also where both overflow."""
    if abs(x) < 16.0:
        r = 0.0
        for k in (
            76.0,
            74.0,
            72.0,
            70.0,
            68.0,
            66.0,
            64.0,
            62.0,
            60.0,
            58.0,
            56.0,
            54.0,
            52.0,
            50.0,
            48.0,
            46.0,
            44.0,
            42.0,
            40.0,
            38.0,
            36.0,
            34.0,
            32.0,
            30.0,
            28.0,
            26.0,
            24.0,
            22.0,
            20.0,
            18.0,
            16.0,
            14.0,
            12.0,
            10.0,
            8.0,
            6.0,
            4.0,
            2.0,
        ):
            r = x / (k + x * r)
        return r
    if abs(x) < 700.0:
        return i1(x) / i0(x)
    u = 1.0 / abs(x)
    rest = 1.0 - u * (0.5 + u * (0.125 + u * (0.125 + u * (0.1953125 + u * 0.40625))))
    return math.copysign(rest, x)
