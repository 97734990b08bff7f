"""NumPy versions of the Bessel functions of a literal order, for the ``numpy`` target.

Written and copied as those of ``vectorized.py``, whose table lists them; the formulas, and how two
doubles carry a number, are those of autodiff/numbers/bessel.py and cylinder.py.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from codegen.language.numpy.polynomials import Floats

__all__ = [
    "bessel_downwards",
    "bessel_steps",
    "bessel_upwards",
    "iv",
    "iv_series",
    "jv",
    "kv",
    "power_over",
    "second_kind",
    "spherical_jn",
    "yv",
]

# Orders 0 and 1 are written from their scalar sources, and put here by ARRAY_FORMS.
kv_scaled: Callable[..., "Floats"]
second_kind_near: Callable[..., "Floats"]
wave_0: Callable[..., "Floats"]
wave_1: Callable[..., "Floats"]


def power_over(scale: "Floats", x: "Floats", n: float, first: float, step: float) -> "Any":
    """scale * x**n over n factors first, first + step, ...; no early overflow."""
    if n < 15.0:
        divisor = 1.0
        for j in range(int(n)):
            divisor *= first + step * j
        return np.power(x, n) / divisor * scale
    c = 134217729.0 * x
    high = c - (c - x)
    low = x - high
    p, e, shift = scale + 0.0 * x, np.zeros_like(x), np.zeros_like(x)
    for j in range(int(n)):
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
        # Powers of 2**600 keep p in range.
        moved = np.where(p > 1e150, 1.0, np.where(p < 1e-150, -1.0, 0.0))
        factor = np.where(moved > 0.0, 2.0**-600, np.where(moved < 0.0, 2.0**600, 1.0))
        p *= factor
        e *= factor
        shift += moved
    return np.ldexp(p + e, (600.0 * shift).astype(int))


def iv_series(n: float, y: "Floats") -> "Floats":
    """iv for y >= 0, by its power series."""
    w = np.maximum(y, 1e-100)
    root = np.sqrt(n * n + w * w)
    logarithm = root + n * np.log(w / (n + root))  # of the result, within 6
    z = np.where((logarithm > -760.0) & (logarithm < 722.0), y, 1.0)
    w = np.maximum(z, 1e-100)
    peak = w * w / (2.0 * (np.sqrt(n * n + w * w) + n))
    most = float(peak.max(initial=0.0))
    h = 0.5 * z
    t = h * h
    c = 134217729.0 * h
    a = c - (c - h)
    b = h - a
    lost = ((a * a - t) + 2.0 * a * b) + b * b
    c = 134217729.0 * t
    high = c - (c - t)
    low = t - high
    total, e = np.ones_like(z), np.zeros_like(z)
    weighty = int(most + 1.5 * np.sqrt(most))
    for k in range(int(most + 9.0 * np.sqrt(most) + 9.0), weighty, -1):
        total *= t
        total /= k * (n + k)
        total += 1.0
    # The terms that weigh most are added in two doubles.
    for k in range(weighty, 0, -1):
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
        e += (1.0 - (total - b)) + (q - b)
    series = power_over(total, h, n, 1.0, 1.0)
    series = np.where(series < np.inf, series + series * (e / total), series)
    return np.where(logarithm >= 722.0, np.inf, np.where(logarithm <= -760.0, 0.0, series))


def iv(n: float, x: "Floats") -> "Floats":
    """Modified Bessel function of the first kind, of order n = 0, 1, ..., 1000."""
    x = np.asarray(x, dtype=float)
    if not 0.0 <= n <= 1000.0 or n % 1.0 != 0.0:
        return np.full(x.shape, np.nan)[()]
    y = np.abs(x)
    limit = max(20.0, 2.0 * n * n)
    value = np.where(y > 720.0, np.inf, np.nan)
    near = y < limit
    if not np.all(near):
        # exp(y) / sqrt(2 pi y) times a series in 1 / y.
        z = np.minimum(np.maximum(y, limit), 720.0)
        term, total = np.ones_like(z), np.zeros_like(z)
        for k in range(1, 40):
            term *= ((2.0 * k - 1.0) * (2.0 * k - 1.0) - 4.0 * n * n) / (8.0 * k * z)
            total += term
            if not np.any(np.abs(term) > 1e-17):
                break
        w = np.minimum(z, 700.0)
        lead = 0.3989422804014327 / np.sqrt(z) * np.exp(w)
        value = np.where(y <= 720.0, (lead + lead * total) * np.exp(z - w), value)
    if np.any(near):
        value = np.where(near, iv_series(n, np.where(near, y, 1.0)), value)
    return (np.copysign(value, x) if n % 2.0 == 1.0 else value)[()]


def bessel_steps(
    last: "Floats", start: "Floats", z: "Floats", w: "Floats", order: float, end: float, n: float,
    odd: float, turn: float,
) -> "Any":  # fmt: skip
    """f(end) and f(end +- 1) before it, f(n), and by which power of 2**600 they are too small.

    f(k+1) = (2k + odd) / z f(k) - turn f(k-1), up or down in k.
    """
    c = 134217729.0 * w
    high = c - (c - w)
    low = w - high
    c = 134217729.0 * z
    a = c - (c - z)
    b = z - a
    lost = ((((1.0 - a * high) - a * low) - b * high) - b * low) / z
    f, e, last_e, wanted = start, np.zeros_like(z), np.zeros_like(z), start
    shift = np.zeros_like(z)
    up = 1.0 if end > order else -1.0
    while order != end:
        m = 2.0 * order + odd
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
        last, last_e = f, e
        f = c + rest
        e = (c - f) + rest
        order += up
        if order == n:
            wanted = f
        large = np.abs(f) > 1e200
        scale = np.where(large, 2.0**-600, 1.0)
        shift = shift + large
        f, e, last, last_e, wanted = (
            f * scale,
            e * scale,
            last * scale,
            last_e * scale,
            wanted * scale,
        )
    return f, last, wanted, shift


def bessel_upwards(
    zero: "Floats", one: "Floats", z: "Floats", n: float, odd: float, turn: float
) -> "Any":
    """Order n > 1 from orders 0 and 1, by the recurrence upwards."""
    w = np.minimum(z, 1e100)  # from there on 1 / z is nothing beside 1
    f, _, _, shift = bessel_steps(zero, one, w, 1.0 / w, 1.0, n, n, odd, turn)
    return np.ldexp(f, (600.0 * shift).astype(int))


def bessel_downwards(zero: "Floats", one: "Floats", z: "Floats", n: float, odd: float) -> "Any":
    """Order n > z, by the recurrence downwards: the larger of orders 0 and 1 tells the scale."""
    start = n + np.floor(8.0 * np.power(n, 0.3333333333333333) + 10.0)
    f, last, wanted, _ = bessel_steps(
        np.zeros_like(z), np.full_like(z, 1e-200), z, 1.0 / z, start, 0.0, n, odd, 1.0
    )
    first = np.abs(f) >= np.abs(last)
    return wanted / np.where(first, f, last) * np.where(first, zero, one)


def spherical_jn(n: float, x: "Floats") -> "Floats":
    """Spherical Bessel function of the first kind, of order n = 0, 1, ..., 1000."""
    x = np.asarray(x, dtype=float)
    if not 0.0 <= n <= 1000.0 or n % 1.0 != 0.0:
        return np.full(x.shape, np.nan)[()]
    y = np.abs(x)
    limit = 1.5 if n == 1.0 else np.sqrt(2.0 * n + 3.0)
    value = np.where(y == np.inf, 0.0, np.nan)
    small, upward = y <= limit, y >= n
    if np.any(small):
        # y**n / (1 3 5 ... (2n + 1)) times the power series: its terms halve at least.
        z = np.minimum(y, limit)
        t = -0.5 * (z * z)
        total = np.ones_like(z)
        for k in range(16, 0, -1):
            total *= t
            total /= k * (2.0 * n + 2.0 * k + 1.0)
            total += 1.0
        value = np.where(small, power_over(total, z, n, 3.0, 2.0), value)
    upward = upward & ~small & (y < np.inf)
    if np.any(upward):
        z = np.where(upward, y, limit + n)
        zero = np.sin(z)
        one = zero / z - np.cos(z)
        found = (zero, one)[int(n)] if n < 2.0 else bessel_upwards(zero, one, z, n, 1.0, 1.0)
        value = np.where(upward, found / z, value)
    downward = ~small & (y < n)
    if np.any(downward):
        z = np.where(downward, y, n)
        zero = np.sin(z)
        found = bessel_downwards(zero, zero / z - np.cos(z), z, n, 1.0)
        value = np.where(downward, found / z, value)
    return (np.copysign(1.0, x) * value if n % 2.0 == 1.0 else value)[()]


def jv(n: float, x: "Floats") -> "Floats":
    """Bessel function of the first kind, of order n = 0, 1, ..., 1000."""
    x = np.asarray(x, dtype=float)
    if not 0.0 <= n <= 1000.0 or n % 1.0 != 0.0:
        return np.full(x.shape, np.nan)[()]
    y = np.abs(x)
    limit = max(2.0, np.sqrt(2.0 * n + 2.0))
    value = np.where(y == np.inf, 0.0, np.nan)
    small = y <= limit
    if np.any(small):
        z = np.minimum(y, limit)
        t = -0.25 * (z * z)
        total = np.ones_like(z)
        for k in range(16, 0, -1):
            total *= t
            total /= k * (n + k)
            total += 1.0
        value = np.where(small, power_over(total, 0.5 * z, n, 1.0, 1.0), value)
    far = ~small & (y < np.inf)
    for there, up in ((far & (y >= n), True), (far & (y < n), False)):
        if np.any(there):
            z = np.where(there, y, n + 2.0 if up else n)
            s, c = np.sin(z), np.cos(z)
            if n < 2.0:
                found = wave_0(z, c + s, c - s) if n == 0.0 else wave_1(z, s - c, s + c)
            else:
                zero, one = wave_0(z, c + s, c - s), wave_1(z, s - c, s + c)
                found = (
                    bessel_upwards(zero, one, z, n, 0.0, 1.0)
                    if up
                    else bessel_downwards(zero, one, z, n, 0.0)
                )
            value = np.where(there, found, value)
    return (np.copysign(1.0, x) * value if n % 2.0 == 1.0 else value)[()]


def second_kind(zero: "Floats", one: "Floats", x: "Floats", n: float, turn: float) -> "Any":
    """Order n of ``yv`` or ``kv`` from orders 0 and 1, for x above zero."""
    if n < 2.0:
        return zero if n == 0.0 else one
    # Next to zero the first term alone, which overflows from order 4 on.
    near = one * (2.0 / x) * (1.0 if n == 2.0 else 4.0 / x if n == 3.0 else np.inf)
    found = bessel_upwards(zero, one, np.maximum(x, 1e-100), n, 0.0, turn)
    return np.where(x < 1e-100, near, found)


def yv(n: float, x: "Floats") -> "Floats":
    """Bessel function of the second kind, of order n = 0, 1, ..., 1000; nan below zero."""
    x = np.asarray(x, dtype=float)
    if not 0.0 <= n <= 1000.0 or n % 1.0 != 0.0:
        return np.full(x.shape, np.nan)[()]
    value = np.where(x == 0.0, -np.inf, np.where(x == np.inf, 0.0, np.nan))
    near, far = (x > 0.0) & (x < 2.0), (x >= 2.0) & (x < np.inf)
    if np.any(near):
        z = np.where(near, x, 1.0)
        zero = -0.6366197723675814 * second_kind_near(0.0, z, -1.0)
        one = -0.6366197723675814 * second_kind_near(1.0, z, -1.0)
        value = np.where(near, second_kind(zero, one, z, n, 1.0), value)
    if np.any(far):
        z = np.where(far, x, 2.0)
        s, c = np.sin(z), np.cos(z)
        zero, one = wave_0(z, s - c, c + s), wave_1(z, -s - c, s - c)
        value = np.where(far, second_kind(zero, one, z, n, 1.0), value)
    return value[()]


def kv(n: float, x: "Floats") -> "Floats":
    """Modified Bessel function of the second kind, of order n = 0, 1, ..., 1000; nan below zero."""
    x = np.asarray(x, dtype=float)
    if not 0.0 <= n <= 1000.0 or n % 1.0 != 0.0:
        return np.full(x.shape, np.nan)[()]
    value = np.where(x == 0.0, np.inf, np.where(x == np.inf, 0.0, np.nan))
    near, far = (x > 0.0) & (x <= 1.0), (x > 1.0) & (x < np.inf)
    if np.any(near):
        z = np.where(near, x, 1.0)
        zero, one = second_kind_near(0.0, z, 1.0), second_kind_near(1.0, z, 1.0)
        value = np.where(near, second_kind(zero, one, z, n, -1.0), value)
    if np.any(far):
        z = np.where(far, x, 2.0)
        # exp(-z) in two parts, as it may underflow before the product does.
        w = np.minimum(z, 350.0)
        scale = np.exp(-w) / np.sqrt(z)
        found = second_kind(scale * kv_scaled(0.0, z), scale * kv_scaled(1.0, z), z, n, -1.0)
        value = np.where(far, found * np.exp(w - z), value)
    return value[()]
