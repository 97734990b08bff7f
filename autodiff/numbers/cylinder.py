"""Bessel functions of the first and second kind, and modified ones of the second: whole orders.

Portable and total, as those of bessel.py, whose recurrence they share.  Next to zero they are power
series; from 2 on (1 for ``kv``) orders 0 and 1 are amplitudes, rational fits of our own in 1 / x,
of sine and cosine, or of the exponential.  Other orders are reached by the recurrence in the
direction in which it is stable.  Formulas: Digital Library of Mathematical Functions 10.2.2,
10.8.1, 10.17, 10.25.2, 10.31.1.

Not reachable: a small *relative* error next to the zeros of ``jv`` and ``yv``.  There the error is
4 ulp of their amplitude, about sqrt(2 / (pi x)).
"""

from __future__ import annotations

import math

from autodiff.numbers.bessel import bessel_recurrence, power_over
from autodiff.numbers.ieee import portable

__all__ = [
    "jv",
    "kv",
    "kv_scaled",
    "second_kind_near",
    "wave_0",
    "wave_1",
    "yv",
]


@portable
def wave_0(y: float, cosine: float, sine: float) -> float:
    """(P cosine + Q sine) / sqrt(pi y), P and Q Hankel's of order 0, from 2 on."""
    p = q = r = s = 0.0
    if y <= 5.0:
        u = 1.0 / y
        v = u - 0.2
        for a, b, c, d in (
            (0.009449136042607912, 9.958269811787694, 0.014029650582682645, 5.519908256844815),
            (-0.18962948853507489, 59.26582940902907, -1.524000949594047, 31.029045715111554),
            (-3.430014215223952, 112.36447288018856, -5.515681485463581, 64.29247281359807),
            (-4.7914628582208385, 99.87600309248373, -6.776873069835576, 64.5719827149137),
            (-2.6698369395099304, 46.11812968439298, -3.9092255620499854, 34.08253143983902),
            (-0.6828867646893418, 10.764826141807116, -1.0971012578514407, 9.162927656143435),
            (-0.06650035792060315, 1.0, -0.1223586861661318, 1.0),
        ):
            p = p * v + a
            q = q * v + b
            r = r * v + c
            s = s * v + d
    else:
        u = 1.0 / y
        v = u * u
        for a, b, c, d in (
            (-62584.749735156736, 3592847.3042345005, -60678.489817780224, 1006646.3173975879),
            (-249567.05909544253, 5304467.77653981, -226586.82743950942, 2203945.2807909697),
            (-106642.55649088007, 1781507.927638468, -111155.43229721578, 956781.9789306545),
            (-13508.040966038518, 205838.61518733858, -16311.736216414722, 134473.56644260843),
            (-643.991073625922, 9423.862004853003, -893.7936253458115, 7237.101518476071),
            (-11.92301916957626, 171.16688027283715, -18.82155881858441, 151.15840804867264),
            (-0.0703124999999999, 1.0, -0.12499999999999999, 1.0),
        ):
            p = p * v + a
            q = q * v + b
            r = r * v + c
            s = s * v + d
    rest = u * u * (p / q) * cosine + u * (r / s) * sine
    return (cosine + rest) / (1.7724538509055159 * math.sqrt(y))


@portable
def wave_1(y: float, cosine: float, sine: float) -> float:
    """(P cosine + Q sine) / sqrt(pi y), P and Q Hankel's of order 1, from 2 on."""
    p = q = r = s = 0.0
    if y <= 5.0:
        u = 1.0 / y
        v = u - 0.2
        for a, b, c, d in (
            (-0.005711177746064678, 4.013414288846839, 0.07239544705428032, 1.0688156669127082),
            (0.33327938273646024, 33.550726700384594, 2.384754168187379, 11.679301241436631),
            (4.263812213245422, 74.34921633075838, 10.442341588247752, 34.73013004101223),
            (6.213879894085887, 73.43782913139441, 14.69170086045358, 43.14115418080057),
            (3.7022748240722834, 37.210791834707216, 9.505687365161656, 26.52064205946957),
            (1.0279804411988036, 9.546813598922286, 2.963419587750702, 8.075120612539447),
            (0.11222516501067814, 1.0, 0.371255102255359, 1.0),
        ):
            p = p * v + a
            q = q * v + b
            r = r * v + c
            s = s * v + d
    else:
        u = 1.0 / y
        v = u * u
        for a, b, c, d in (
            (111624.03852486824, 2863805.425087477, 193667.26835219996, 737572.1517840147),
            (393389.9530487907, 4631354.355158292, 634173.2339880074, 1861559.99563042),
            (168492.431469675, 1633782.2024575458, 312283.9213081875, 862809.5320000873),
            (21630.61466981527, 194900.27583037422, 46637.795849114016, 126170.87763760655),
            (1046.3158813307055, 9130.46709914631, 2602.011663758766, 6978.634780156884),
            (19.63470937953202, 168.77998878865606, 55.68335440701406, 148.7623825853698),
            (0.11718749999999989, 1.0, 0.375, 1.0),
        ):
            p = p * v + a
            q = q * v + b
            r = r * v + c
            s = s * v + d
    rest = u * u * (p / q) * cosine + u * (r / s) * sine
    return (cosine + rest) / (1.7724538509055159 * math.sqrt(y))


@portable
def jv(n: float, x: float) -> float:
    """Bessel function of the first kind, of order n = 0, 1, ..., 1000."""
    if not 0.0 <= n <= 1000.0 or n % 1.0 != 0.0 or x != x:
        return math.nan
    y = abs(x)
    sign = math.copysign(1.0, x) if n % 2.0 == 1.0 else 1.0
    if y == math.inf:
        return sign * 0.0
    if y <= 2.0 or y * y <= 2.0 * n + 2.0:
        # (y/2)**n / n! times a power series, whose terms fall at once.
        t = -0.25 * (y * y)
        total = 1.0
        k = 16.0
        while k > 0.0:
            total = 1.0 + t * total / (k * (n + k))
            k = k - 1.0
        return sign * power_over(total, 0.5 * y, n, 1.0, 1.0)
    s = math.sin(y)
    c = math.cos(y)
    if n == 0.0:
        return wave_0(y, c + s, c - s)
    one = wave_1(y, s - c, s + c)
    if n == 1.0:
        return sign * one
    up = 1.0 if y >= n else -1.0
    return sign * bessel_recurrence(n, y, up, 1.0, 0.0, wave_0(y, c + s, c - s), one)


@portable
def second_kind_near(n: float, y: float, turn: float) -> float:
    """kv, or for turn = -1 yv times pi / 2 or -pi / 2, of order 0 or 1, next to zero."""
    h = 0.5 * y
    t = turn * (h * h)
    total = rest = 0.0
    for k, a in (
        (13.0, 6.36026751026751),
        (12.0, 6.206421356421356),
        (11.0, 6.03975468975469),
        (10.0, 5.8579365079365076),
        (9.0, 5.657936507936508),
        (8.0, 5.435714285714286),
        (7.0, 5.185714285714286),
        (6.0, 4.9),
        (5.0, 4.566666666666666),
        (4.0, 4.166666666666667),
        (3.0, 3.6666666666666665),
        (2.0, 3.0),
        (1.0, 2.0),
        (0.0, 0.0),
    ):
        total = 1.0 + t * total / ((k + 1.0) * (k + 1.0 + n))
        rest = a + n / (k + 1.0) + t * rest / ((k + 1.0) * (k + 1.0 + n))
    lead = math.log(y) - 0.11593151565841245  # Euler's constant less log(2)
    if n == 0.0:
        return 0.5 * rest - lead * total
    return 1.0 / y + turn * (lead * (h * total) - 0.5 * (h * rest))


@portable
def yv(n: float, x: float) -> float:
    """Bessel function of the second kind, of order n = 0, 1, ..., 1000; nan below zero."""
    if not 0.0 <= n <= 1000.0 or n % 1.0 != 0.0 or not x >= 0.0:
        return math.nan
    if x == 0.0 or x == math.inf:
        return -math.inf if x == 0.0 else 0.0
    if x < 2.0:
        zero = -0.6366197723675814 * second_kind_near(0.0, x, -1.0)
        one = -0.6366197723675814 * second_kind_near(1.0, x, -1.0)
    else:
        s = math.sin(x)
        c = math.cos(x)
        zero = wave_0(x, s - c, c + s)
        one = wave_1(x, -s - c, s - c)
    if n < 2.0:
        return zero if n == 0.0 else one
    if x < 1e-100:  # the first term alone, which overflows from order 4 on
        return one * (2.0 / x) * (1.0 if n == 2.0 else 4.0 / x if n == 3.0 else math.inf)
    return bessel_recurrence(n, x, 1.0, 1.0, 0.0, zero, one)


@portable
def kv_scaled(n: float, x: float) -> float:
    """exp(x) sqrt(x) kv(n, x) for x > 1, of order 0 or 1."""
    u = 1.0 / x
    p = q = 0.0
    if n == 0.0:
        for a, b in (
            (-0.14376934906502323, 0.17135901425680503),
            (-3.13091764364398, 6.53561648094276),
            (-16.304955808482386, 57.97214420467232),
            (-31.833234343927884, 193.6078217624937),
            (-27.605542463113245, 294.5073136863235),
            (-11.188892809224901, 221.75961193260488),
            (-1.9926258153750553, 83.99518906284897),
            (-0.10675849563700411, 15.058450141457628),
            (0.003314137315500232, 1.0),
        ):
            p = p * u + a
            q = q * u + b
    else:
        for a, b in (
            (0.3410580054090908, 0.027415783471998578),
            (7.582194400382712, 2.461373769367141),
            (41.03572538306996, 30.742229351147667),
            (84.10368954746188, 125.69790691958973),
            (77.3605128380063, 219.49785930159277),
            (33.858723797592184, 182.94571326367887),
            (6.824873626997269, 74.94785551846526),
            (0.5174023246204308, 14.30523801938882),
            (0.003314137315500287, 1.0),
        ):
            p = p * u + a
            q = q * u + b
    return 1.25 + p / q


@portable
def kv(n: float, x: float) -> float:
    """Modified Bessel function of the second kind, of order n = 0, 1, ..., 1000; nan below zero."""
    if not 0.0 <= n <= 1000.0 or n % 1.0 != 0.0 or not x >= 0.0:
        return math.nan
    if x == 0.0 or x == math.inf:
        return math.inf if x == 0.0 else 0.0
    rest = 1.0
    if x <= 1.0:
        zero = second_kind_near(0.0, x, 1.0)
        one = second_kind_near(1.0, x, 1.0)
    else:
        # exp(-x) in two parts, as it may underflow before the product does.
        near = x if x < 350.0 else 350.0
        scale = math.exp(-near) / math.sqrt(x)
        zero = scale * kv_scaled(0.0, x)
        one = scale * kv_scaled(1.0, x)
        rest = math.exp(near - x)
    if n < 2.0:
        return (zero if n == 0.0 else one) * rest
    if x < 1e-100:
        return one * (2.0 / x) * (1.0 if n == 2.0 else 4.0 / x if n == 3.0 else math.inf)
    return bessel_recurrence(n, x, 1.0, -1.0, 0.0, zero, one) * rest
