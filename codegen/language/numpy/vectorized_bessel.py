"""NumPy versions of the Bessel functions of a literal order, for the ``numpy`` target.

Written and copied as those of ``vectorized.py``, whose table lists them; the formulas, and how two
doubles carry a number, are those of autodiff/numbers/bessel.py.
"""

from typing import Any

import numpy as np

from codegen.language.numpy.polynomials import Floats

__all__ = ["iv", "iv_series", "power_over", "spherical_jn", "spherical_steps"]


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


def spherical_steps(
    start: "Floats", last: "Floats", z: "Floats", w: "Floats", order: float, end: float, n: float
) -> "Any":
    """f(end), f(end +- 1) before it, and f(n): f(k+1) = (2k + 1) / z f(k) - f(k-1), up or down."""
    c = 134217729.0 * w
    high = c - (c - w)
    low = w - high
    c = 134217729.0 * z
    a = c - (c - z)
    b = z - a
    lost = ((((1.0 - a * high) - a * low) - b * high) - b * low) / z
    f, e, last_e, wanted = start, np.zeros_like(z), np.zeros_like(z), start
    up = 1.0 if end > order else -1.0
    while order != end:
        m = 2.0 * order + 1.0
        factor = m * w
        factor_e = ((m * high - factor) + m * low) + m * lost
        c = 134217729.0 * factor
        a = c - (c - factor)
        b = factor - a
        c = 134217729.0 * f
        g = c - (c - f)
        p = factor * f
        rest = ((g * a - p) + g * b + (f - g) * a) + (f - g) * b
        c = p - last
        a = c - p
        rest = rest + ((p - (c - a)) - (last + a)) + (factor * e + factor_e * f - last_e)
        last, last_e = f, e
        f = c + rest
        e = (c - f) + rest
        order += up
        if order == n:
            wanted = f
        scale = np.where(np.abs(f) > 1e200, 2.0**-600, 1.0)
        f, e, last, last_e, wanted = (
            f * scale,
            e * scale,
            last * scale,
            last_e * scale,
            wanted * scale,
        )
    return f, last, wanted


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
    if np.any(upward & ~small):
        z = np.where(upward & ~small & (y < np.inf), y, limit + n)
        sine, cosine, w = np.sin(z), np.cos(z), np.minimum(z, 1e100)
        if n == 1.0:  # no early cancellation: the recurrence in one double
            found = (sine / z - cosine) / z
        else:
            found = spherical_steps(sine, cosine, w, 1.0 / w, 0.0, n, n)[2] / z
        value = np.where(upward & ~small & (y < np.inf), found, value)
    downward = ~(small | upward) & (y < n)
    if np.any(downward):
        z = np.where(downward, y, n)
        sine, cosine = np.sin(z), np.cos(z)
        start = n + np.floor(8.0 * np.power(n, 0.3333333333333333) + 10.0)
        zero, one, wanted = spherical_steps(
            np.full_like(z, 1e-200), np.zeros_like(z), z, 1.0 / z, start, 0.0, n
        )
        # The larger of the orders 0 and 1 tells by what to multiply.
        first = np.abs(zero) >= np.abs(one)
        true = np.where(first, sine / z, (sine / z - cosine) / z)
        value = np.where(downward, wanted / np.where(first, zero, one) * true, value)
    return (np.copysign(1.0, x) * value if n % 2.0 == 1.0 else value)[()]
