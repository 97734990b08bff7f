"""Value and gradient of probability(x, y).

From: probability in test_emit_golden.py, by Proofgrad 0.1.0.
Input: x (float), y (float).
Output: value_and_gradient gives the value and its derivatives by x, y, in this
    order; forward and backward are its halves.
"""

# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201

import math
from math import erfc, exp


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


def bessel_recurrence(
    n: float, y: float, up: float, turn: float, odd: float, zero: float, one: float
) -> float:
    """Order n > 1 from orders 0 and 1: f(k+1) = (2k + odd) / y f(k) - turn f(k-1), up
    or down."""
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
    # Each f is two doubles f + e; downwards it begins at so high an order that any
    # start will do.
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


def forward(
    x: float, y: float
) -> tuple[float, tuple[float, float, float, float, float, float]]:
    """Value of probability, and the residuals that backward needs."""
    x, y = float(x), float(y)
    v1 = softplus(x)
    v2 = gelu(y)
    v3 = x * y
    v4 = floor(x)
    probability = v1 * v2 + sigmoid(v3) + v4 * sinc(y)
    return probability, (x, y, v1, v2, v3, v4)


def backward(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    try:
        cotangent = float(cotangent)
        x, y, v1, v2, v3, v4 = residuals
        v5 = 3.141592653589793 * spherical_jn(1.0, 3.141592653589793 * y)
        v6 = exp(-abs(v3))
        v7 = 1.0 + v6
        v3_bar = cotangent * (v6 / (v7 * v7))
        v8 = exp(-0.5 * y * y) if 0.5 * y * y < 2.0 else gaussian(y, 0.5)
        v9 = 0.5 * erfc((-0.7071067811865476) * y) + y * (0.3989422804014327 * v8)
        y_bar = v3_bar * x - cotangent * v4 * v5 + cotangent * v1 * v9
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
        probability = v1 * v2 + sigmoid(v3) + v4 * sinc(y)

        # backward
        y_bar_1 = v4 * (3.141592653589793 * spherical_jn(1.0, 3.141592653589793 * y))
        v5 = exp(-abs(v3))
        v6 = 1.0 + v5
        v3_bar = v5 / (v6 * v6)
        v7 = exp(-0.5 * y * y) if 0.5 * y * y < 2.0 else gaussian(y, 0.5)
        v8 = 0.5 * erfc((-0.7071067811865476) * y) + y * (0.3989422804014327 * v7)
        y_bar = v3_bar * x - y_bar_1 + v1 * v8
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


def _backward_ieee(
    residuals: tuple[float, ...], cotangent: float = 1.0
) -> tuple[float, float]:
    """Gradient from the residuals, times the cotangent."""
    cotangent = float(cotangent)
    x, y, v1, v2, v3, v4 = residuals
    v5 = 3.141592653589793 * spherical_jn(1.0, 3.141592653589793 * y)
    v6 = _exp(-abs(v3))
    v7 = 1.0 + v6
    v3_bar = cotangent * _div(v6, v7 * v7)
    v8 = _exp(-0.5 * y * y) if 0.5 * y * y < 2.0 else gaussian(y, 0.5)
    v9 = 0.5 * erfc((-0.7071067811865476) * y) + y * (0.3989422804014327 * v8)
    y_bar = v3_bar * x - cotangent * v4 * v5 + cotangent * v1 * v9
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
    probability = v1 * v2 + sigmoid(v3) + v4 * sinc(y)

    # backward
    y_bar_1 = v4 * (3.141592653589793 * spherical_jn(1.0, 3.141592653589793 * y))
    v5 = _exp(-abs(v3))
    v6 = 1.0 + v5
    v3_bar = _div(v5, v6 * v6)
    v7 = _exp(-0.5 * y * y) if 0.5 * y * y < 2.0 else gaussian(y, 0.5)
    v8 = 0.5 * erfc((-0.7071067811865476) * y) + y * (0.3989422804014327 * v7)
    y_bar = v3_bar * x - y_bar_1 + v1 * v8
    x_bar = v3_bar * y + v2 * sigmoid(x)
    return probability, (x_bar, y_bar)
