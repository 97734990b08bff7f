"""Bessel functions: portable, total, within 4 ulp; ``iv`` and ``spherical_jn`` at orders to 1000.

``i0`` and ``i1`` are rational fits, as in special.py.  ``iv`` and ``spherical_jn`` carry their
derivatives and sinc's of every order, so none of those is a series cut short or a difference of
large numbers.  All are plain arithmetic over ``math`` and copied into emitted files.

Where a sum or a recurrence is long, or cancels, it is carried in two doubles: ``134217729.0 * x``
splits x into halves whose products are exact (Dekker, Numerische Mathematik 18, 1971), so that what
an operation lost is found and added.  Formulas: Digital Library of Mathematical Functions 10.25.2
and 10.40.1 (iv), 10.53.1 and 10.51.1 (spherical_jn).

Not reachable: a small *relative* error next to the zeros of ``spherical_jn``.  There the error is
4 ulp of its amplitude, about 1 / x.
"""

from __future__ import annotations

import math

from autodiff.numbers.ieee import portable

__all__ = [
    "MAX_ORDER",
    "bessel_recurrence",
    "i0",
    "i1",
    "iv",
    "iv_series",
    "power_over",
    "spherical_jn",
]

MAX_ORDER = 1000


@portable
def power_over(scale: float, x: float, n: float, first: float, step: float) -> float:
    """scale * x**n over n factors first, first + step, ...; no early overflow."""
    j = 0.0
    if n < 15.0:
        divisor = 1.0
        while j < n:
            divisor = divisor * (first + step * j)  # exact
            j = j + 1.0
        return math.pow(x, n) / divisor * scale
    # In two doubles p + e, which powers of 2**600 keep in range.
    c = 134217729.0 * x
    high = c - (c - x)
    low = x - high
    p = scale
    e = shift = 0.0
    while j < n:
        c = 134217729.0 * p
        a = c - (c - p)
        b = p - a
        product = p * x
        e = e * x + (((a * high - product) + a * low + b * high) + b * low)
        divisor = first + step * j
        p = product / divisor
        c = 134217729.0 * p
        a = c - (c - p)
        e = (((product - a * divisor) - (p - a) * divisor) + e) / divisor
        if p > 1e150:
            p = p * 2.409919865102884e-181
            e = e * 2.409919865102884e-181
            shift = shift + 1.0
        if p < 1e-150:
            p = p * 4.149515568880993e180
            e = e * 4.149515568880993e180
            shift = shift - 1.0
        j = j + 1.0
    p = p + e
    while shift > 0.0 and p < math.inf:
        p = p * 4.149515568880993e180
        shift = shift - 1.0
    while shift < 0.0 and p > 0.0:
        p = p * 2.409919865102884e-181
        shift = shift + 1.0
    return p


@portable
def iv_series(n: float, y: float) -> float:
    """iv for y >= 0, by its power series."""
    if y < 1e-100:
        return power_over(1.0, 0.5 * y, n, 1.0, 1.0)
    root = math.sqrt(n * n + y * y)
    logarithm = root + n * math.log(y / (n + root))  # of the result, within 6
    if not -760.0 < logarithm < 722.0:
        return 0.0 if logarithm < 0.0 else math.inf
    # (y/2)**n / n! times a power series in (y/2)**2, which is t + lost.
    h = 0.5 * y
    t = h * h
    c = 134217729.0 * h
    a = c - (c - h)
    b = h - a
    lost = ((a * a - t) + 2.0 * a * b) + b * b
    c = 134217729.0 * t
    high = c - (c - t)
    low = t - high
    # The terms grow up to number ``peak``, and decrease as those of the exponential.
    peak = y * y / (2.0 * (root + n))
    spread = math.sqrt(peak)
    total = 1.0
    k = math.floor(peak + 9.0 * spread + 9.0) + 0.0
    while k > peak + 1.5 * spread:
        total = 1.0 + t * total / (k * (n + k))
        k = k - 1.0
    # Those that weigh most are added in two doubles.
    e = 0.0
    while k > 0.0:
        divisor = k * (n + k)
        c = 134217729.0 * total
        a = c - (c - total)
        b = total - a
        p = t * total
        e = e * t + total * lost + (((a * high - p) + a * low + b * high) + b * low)
        q = p / divisor
        c = 134217729.0 * q
        a = c - (c - q)
        e = (((p - a * divisor) - (q - a) * divisor) + e) / divisor
        total = 1.0 + q
        b = total - 1.0
        e = e + ((1.0 - (total - b)) + (q - b))
        k = k - 1.0
    value = power_over(total, h, n, 1.0, 1.0)
    return value + value * (e / total) if value < math.inf else value


@portable
def iv(n: float, x: float) -> float:
    """Modified Bessel function of the first kind, of order n = 0, 1, ..., 1000."""
    if not 0.0 <= n <= 1000.0 or n % 1.0 != 0.0 or x != x:
        return math.nan
    y = abs(x)
    sign = math.copysign(1.0, x) if n % 2.0 == 1.0 else 1.0
    if y >= 20.0 and y >= 2.0 * n * n:
        if y > 720.0:
            return sign * math.inf
        # exp(y) / sqrt(2 pi y) times a series in 1 / y; exp(y) in two halves, as it
        # may overflow first.
        term = 1.0
        total = 0.0
        k = 1.0
        while abs(term) > 1e-17 and k < 40.0:
            m = 2.0 * k - 1.0
            term = term * ((m * m - 4.0 * n * n) / (8.0 * k * y))
            total = total + term
            k = k + 1.0
        half = math.exp(0.5 * y) if y > 700.0 else 1.0
        lead = 0.3989422804014327 / math.sqrt(y) * (half if y > 700.0 else math.exp(y))
        return sign * ((lead + lead * total) * half)
    return sign * iv_series(n, y)


@portable
def bessel_recurrence(
    n: float, y: float, up: float, turn: float, odd: float, zero: float, one: float
) -> float:
    """Order n > 1 from orders 0 and 1: f(k+1) = (2k + odd) / y f(k) - turn f(k-1), up or down."""
    # 1 / y is w + lost; from 1e100 on it is nothing beside 1.
    z = y if y < 1e100 else 1e100
    w = 1.0 / z
    c = 134217729.0 * w
    high = c - (c - w)
    low = w - high
    c = 134217729.0 * z
    a = c - (c - z)
    b = z - a
    lost = ((((1.0 - a * high) - a * low) - b * high) - b * low) / z
    # Each f is two doubles f + e; downwards it begins at so high an order that any start will do.
    f = one if up > 0.0 else 1e-200
    last = zero if up > 0.0 else 0.0
    far = n + math.floor(8.0 * math.pow(n, 0.3333333333333333) + 10.0)
    k = 1.0 if up > 0.0 else far
    e = last_e = wanted = shift = 0.0
    end = n if up > 0.0 else 0.0
    while k != end:
        m = 2.0 * k + odd
        factor = m * w
        factor_e = ((m * high - factor) + m * low) + m * lost
        c = 134217729.0 * factor
        a = c - (c - factor)
        b = factor - a
        c = 134217729.0 * f
        g = c - (c - f)
        p = factor * f
        rest = ((g * a - p) + g * b + (f - g) * a) + (f - g) * b
        last = turn * last
        c = p - last
        a = c - p
        rest = rest + (factor * e + factor_e * f - turn * last_e)
        rest = rest + ((p - (c - a)) - (last + a))
        last = f
        last_e = e
        f = c + rest
        e = (c - f) + rest
        k = k + up
        if k == n:
            wanted = f
        if abs(f) > 1e200:
            f = f * 2.409919865102884e-181
            e = e * 2.409919865102884e-181
            last = last * 2.409919865102884e-181
            last_e = last_e * 2.409919865102884e-181
            wanted = wanted * 2.409919865102884e-181
            shift = shift + 1.0
    if up > 0.0:
        while shift > 0.0 and abs(f) < math.inf:
            f = f * 4.149515568880993e180
            shift = shift - 1.0
        return f
    # Now f stands for order 0, last for order 1: the larger tells by what to multiply.
    return wanted / f * zero if abs(f) >= abs(last) else wanted / last * one


@portable
def spherical_jn(n: float, x: float) -> float:
    """Spherical Bessel function of the first kind, of order n = 0, 1, ..., 1000."""
    if not 0.0 <= n <= 1000.0 or n % 1.0 != 0.0 or x != x:
        return math.nan
    y = abs(x)
    sign = math.copysign(1.0, x) if n % 2.0 == 1.0 else 1.0
    if y == math.inf:
        return sign * 0.0
    if y * y <= 2.0 * n + 3.0 and not (n == 1.0 and y > 1.5):
        # y**n / (1 3 5 ... (2n + 1)) times the power series: its terms halve at least.
        t = -0.5 * (y * y)
        m = 2.0 * n + 1.0
        total = 1.0
        k = 16.0
        while k > 0.0:
            total = 1.0 + t * total / (k * (m + 2.0 * k))
            k = k - 1.0
        return sign * power_over(total, y, n, 3.0, 2.0)
    zero = math.sin(y)
    one = zero / y - math.cos(y)
    if n < 2.0:
        return sign * ((zero if n == 0.0 else one) / y)
    up = 1.0 if y >= n else -1.0
    return sign * (bessel_recurrence(n, y, up, 1.0, 1.0, zero, one) / y)


@portable
def i0(x: float) -> float:
    """Modified Bessel function of the first kind, of order 0."""
    y = abs(x)
    if not y <= 714.0:
        return y if x != x else math.inf
    p = q = 0.0
    if y <= 8.0:
        t = y * y
        for a in (
            8.452964332915798e-34,
            4.249298655566813e-31,
            3.9237253233902808e-28,
            2.5913085476877236e-25,
            1.496692900031508e-22,
            7.242118787741099e-20,
            2.896907269407822e-17,
            9.385966226986882e-15,
            2.4028075600058543e-12,
            4.709502796095072e-10,
            6.78168402783577e-08,
            6.7816840277757335e-06,
            0.0004340277777777815,
            0.015624999999999998,
            0.25,
        ):
            p = p * t + a
        value = 1.0 + t * p
        # What y * y lost to rounding, exactly, times the logarithmic derivative, roughly.
        high = 134217729.0 * y - (134217729.0 * y - y)
        low = y - high
        lost = ((high * high - t) + 2.0 * high * low) + low * low
        return value + value * (lost / (1.0 + 2.0 * math.sqrt(t + 2.25)))
    # exp(y) / sqrt(y) times a correction; exp(y) in two halves, as it may overflow first.
    if y <= 16.0:
        u = 1.0 / y - 0.09375
        for a, b in (
            (10094.23793687178, -110670.8422420567),
            (1323.3218767258556, 327809.4777039541),
            (-3132.2802455040433, -163879.70440300283),
            (693.550585363018, 30940.193421017942),
            (-91.9480641321956, -3784.9011981977974),
            (8.374925874159102, 321.1362171492951),
            (-0.4297523613863332, -16.815811577090276),
            (0.02889233614682269, 1.0),
        ):
            p = p * u + a
            q = q * u + b
    else:
        u = 1.0 / y
        for a, b in (
            (2.9588726615208136, -20.668042509707277),
            (-4.395465429680761, 138.82421202479256),
            (-0.4128737878925645, -199.98583318427993),
            (1.4761554743481116, 97.01758918666611),
            (-0.37009735138723354, -17.54073251987618),
            (0.023942280401432686, 1.0),
        ):
            p = p * u + a
            q = q * u + b
    half = math.exp(0.5 * y) if y > 700.0 else 1.0
    rest = (0.375 + p / q) / math.sqrt(y) * (half if y > 700.0 else math.exp(y))
    return rest * half


@portable
def i1(x: float) -> float:
    """Modified Bessel function of the first kind, of order 1."""
    y = abs(x)
    if not y <= 714.0:
        return x if x != x else math.copysign(math.inf, x)
    p = q = 0.0
    if y <= 8.0:
        t = y * y
        for a in (
            2.589098472714083e-35,
            1.439179167359005e-32,
            1.3969345324654083e-29,
            9.971564794656686e-27,
            6.235850161781389e-24,
            3.2918909966813286e-21,
            1.448452964422712e-18,
            5.214425849655204e-16,
            1.501754722069556e-13,
            3.363930568987733e-11,
            5.651403356502886e-09,
            6.781684027776992e-07,
            5.425347222222237e-05,
            0.0026041666666666665,
            0.0625,
        ):
            p = p * t + a
        value = x * (0.5 + t * p)
        # What y * y lost to rounding, exactly, times the logarithmic derivative, roughly.
        high = 134217729.0 * y - (134217729.0 * y - y)
        low = y - high
        lost = ((high * high - t) + 2.0 * high * low) + low * low
        return value + value * (lost / (3.0 + 2.0 * math.sqrt(t + 6.25)))
    # exp(y) / sqrt(y) times a correction; exp(y) in two halves, as it may overflow first.
    if y <= 16.0:
        u = 1.0 / y - 0.09375
        for a, b in (
            (-36308.764177951096, -50037.30937650753),
            (26968.79648782595, 276643.73720732954),
            (-6272.3928516488295, -162962.06767275248),
            (921.9662791594651, 31060.098823069293),
            (-89.78481944589032, -4052.807572692788),
            (6.0965828498786205, 328.94694934226465),
            (-0.3402189099306744, -19.068701992015484),
            (0.009466854107200806, 1.0),
        ):
            p = p * u + a
            q = q * u + b
    else:
        u = 1.0 / y
        for a, b in (
            (-8.600772612559744, -6.785223267888409),
            (22.396804402249582, 88.0039450818718),
            (-15.963223938880667, -158.40164909028542),
            (4.525564181911938, 86.31404115469755),
            (-0.5506211971068582, -16.749358675639776),
            (0.023942280401432665, 1.0),
        ):
            p = p * u + a
            q = q * u + b
    half = math.exp(0.5 * y) if y > 700.0 else 1.0
    rest = (0.375 + p / q) / math.sqrt(y) * (half if y > 700.0 else math.exp(y))
    return math.copysign(rest * half, x)
