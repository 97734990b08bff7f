"""Gamma functions of a float: portable, total, within 4 ulp where that is reachable.

Every function is plain arithmetic over ``math``, never raises, and is copied into emitted files as
it stands, so it holds its own constants.  The constants are near-minimax rational fits of our own,
computed with 150 digits; ``c + p / q`` with a small second term keeps the rounding of p and q out
of the result.

Not reachable in double arithmetic: a small *relative* error next to the zeros of ``digamma``,
``lgamma`` and even-order ``polygamma`` on the negative axis, where two terms cancel.  There the
error is a few ulp of the larger term.  ``gamma`` below zero is within 5 ulp.

``math.gamma`` and ``math.lgamma`` are not used: they are off by up to 8 ulp, next to the zeros 1
and 2 of lgamma by 10**5.
"""

from __future__ import annotations

import math

from autodiff.numbers.ieee import portable

__all__ = ["digamma", "gamma", "lgamma", "polygamma", "polygamma_sum"]


@portable
def gamma(x: float) -> float:
    """Gamma function; +-inf at +-0, nan at the negative integers, as C's ``tgamma``."""
    if x != x or x == math.inf or x == 0.0:
        return math.copysign(math.inf, x) if x == 0.0 else x
    if x % 1.0 == 0.0 and x < 172.0:
        return float(math.factorial(int(x) - 1)) if x > 0.0 else math.nan
    if x > 172.0 or x < -190.0:
        if x > 0.0 or x == -math.inf:
            return math.inf if x > 0.0 else math.nan
        return -0.0 if math.floor(x) % 2 else 0.0
    # Stirling's y**(y - 1/2) exp(-y), times a correction that is fitted from y = 1 on.  The power
    # is taken in two parts where it would overflow.
    y = abs(x) if abs(x) > 1.0 else x + 1.0 if x > 0.0 else x + 2.0
    u = 1.0 / y
    p = q = 0.0
    if x > -1.0:
        for a, b in (
            (0.061585671804607896, 0.005543367256972186),
            (0.994718748937125, 0.46597974830824807),
            (3.4996814305669752, 4.884487408232881),
            (6.008605975390441, 16.299261130080485),
            (5.868847905326903, 27.65066851144312),
            (3.5364463948858367, 26.73287299468591),
            (1.2409565949299342, 15.889164221287238),
            (0.24464513552498507, 5.394985567609537),
            (0.006628274631000498, 1.0),
        ):
            p = p * u + a
            q = q * u + b
        power = math.pow(y, y - 100.5 if y > 140.0 else y - 0.5)
        value = (2.5 + p / q) * math.exp(-y) * power
        if x < 1.0:
            return value / (x if x > 0.0 else x * (x + 1.0))
        return value * (math.pow(y, 100.0) if y > 140.0 else 1.0)
    # pi / gamma(y), and the reflection.
    for a, b in (
        (-0.03067471605635777, 0.030097837286282285),
        (-0.49295964947565685, 0.8615829245864821),
        (-1.7128806948099458, 6.26774225367021),
        (-2.8884655729828492, 18.65324798008779),
        (-2.7436305522941757, 29.9188834431283),
        (-1.5865889381352265, 28.073021274747866),
        (-0.5136590690124573, 16.34221857414351),
        (-0.08628694368046737, 5.478318900942871),
        (0.0033141373155002535, 1.0),
    ):
        p = p * u + a
        q = q * u + b
    power = math.pow(y, 100.5 - y if y > 140.0 else 0.5 - y)
    # r is exact, so its sine keeps its digits next to the poles; what the product pi * r loses is
    # found by splitting both factors (the parts of pi add up to 80 bits).
    r = x - round(x)
    high = 134217729.0 * r - (134217729.0 * r - r)
    angle = math.pi * r
    lost = (3.1415926218032837 * high - angle) + 3.1415926218032837 * (r - high)
    lost += 3.178650954705639e-08 * r
    sine = math.sin(angle) + lost * math.cos(angle)
    value = (1.25 + p / q) * math.exp(y) * power / (x * (sine if round(x) % 2 else -sine))
    return value * (math.pow(y, -100.0) if y > 140.0 else 1.0)


@portable
def lgamma(x: float) -> float:
    """Logarithm of the absolute value of the gamma function; inf at its poles."""
    y = abs(x)
    if x != x or y == math.inf or (x <= 0.0 and x % 1.0 == 0.0):
        return x if x != x else math.inf
    if y < 1e-17:
        return -math.log(y)
    p = q = 0.0
    if y >= 10.0:
        u = 1.0 / y
        for a in (
            0.005494345143862465,
            -0.0019054332021104772,
            0.0008416699620413427,
            -0.0005952378151473633,
            0.0007936507931867713,
            -0.0027777777777774886,
            0.08333333333333333,
        ):
            p = p * (u * u) + a
        value = (y - 0.5) * (math.log(y) - 1.0) + (0.4189385332046727 + p * u)
    elif y >= 3.0:
        t = y - 3.0
        for a, b in (
            (-1.333787191923533e-09, 5.383361624353341e-09),
            (-2.391124934291963e-07, 1.0683521460005727e-06),
            (-1.1777222522511645e-05, 6.24145750259584e-05),
            (-0.00023264961909592616, 0.0015901853395823156),
            (-0.0020658690132463677, 0.020748367756434988),
            (-0.007527745996861608, 0.14861456466863215),
            (-0.0006307717273699219, 0.5890322961186328),
            (0.0582507812699696, 1.2086016353158207),
            (0.09657359027997266, 1.0),
        ):
            p = p * t + a
            q = q * t + b
        value = (y - 1.0) * (y - 2.0) * (0.25 + p / q)
    elif y >= 1.75:
        # The zeros 1 and 2 are divided out.
        t = y - 2.0
        for a, b in (
            (-1.716966808463368e-05, 4.1466436149897725e-05),
            (-0.0007872094446552144, 0.002242123150702693),
            (-0.010263429318509957, 0.03689297381730563),
            (-0.05406376620893921, 0.26463405397241485),
            (-0.12290504106326418, 0.9260577251955912),
            (-0.10031730167435392, 1.5537702777373263),
            (4.8775996926243906e-18, 1.0),
        ):
            p = p * t + a
            q = q * t + b
        value = (y - 1.0) * t * (0.42278433509846713 + p / q)
    else:
        # As before; below 3/4 after one step of the recurrence.
        t = y - 1.0 if y >= 0.75 else y
        for a, b in (
            (-2.2620089555512623e-06, 0.0),
            (-0.003041755887603397, 0.00554728237222458),
            (-0.050708060652708616, 0.11550267766534715),
            (-0.27219227752898356, 0.8078783607384841),
            (-0.6275741530821655, 2.588141015449018),
            (-0.6472741834035898, 4.1637460586659545),
            (-0.24525136852258048, 3.27300293614319),
            (-5.615812355721757e-18, 1.0),
        ):
            p = p * t + a
            q = q * t + b
        value = 0.0 - t * (1.0 - t) * (0.5772156649015329 + p / q)
        if y < 0.75:
            value -= math.log(y)
    if x > 0.0:
        return value
    # Reflection; x - round(x) is exact, so the sine keeps its digits next to the poles.
    sine = abs(math.sin(math.pi * (x - round(x))))
    return -math.log(y * sine / math.pi) - value


@portable
def digamma(x: float) -> float:
    """Derivative of the logarithm of gamma; -+inf at +-0, nan at the negative integers."""
    if x != x or x == math.inf or x == 0.0:
        return math.copysign(math.inf, -x) if x == 0.0 else x
    if x == -math.inf or (x < 0.0 and x % 1.0 == 0.0):
        return math.nan
    y = 1.0 - x if x < 0.0 else x
    p = q = 0.0
    if y >= 2.0:
        z = y - 0.5
        u = 1.0 / (z * z)
        for a, b in (
            (0.06720487799158709, 8.317506332346548),
            (3.615155698037266, 144.9439268763293),
            (20.401484789994782, 611.6453300031999),
            (35.299377583976295, 940.528903363546),
            (24.477013469428172, 617.2567138311769),
            (7.41647190588341, 181.94571104021918),
            (0.9552433818365613, 23.100841164077295),
            (0.041666666666666664, 1.0),
        ):
            p = p * u + a
            q = q * u + b
        value = math.log(z) + u * (p / q)
    else:
        # From 1 to 2 the root, held in two parts, is divided out; below comes one step of the
        # recurrence.
        t = y - 1.5 if y >= 1.0 else y - 0.5
        for a, b in (
            (-4.405024497174487e-05, 4.7448748567732415e-05),
            (-0.00214316783699096, 0.0025312805466352864),
            (-0.03069113419178821, 0.04167448803247244),
            (-0.17999960829769776, 0.29909727772929834),
            (-0.45433033498718295, 1.0343303581730487),
            (-0.4009431480377221, 1.6733904316083723),
            (0.01355587603183288, 1.0),
        ):
            p = p * t + a
            q = q * t + b
        if y >= 1.0:
            value = ((y - 1.4616321449683622) - 9.549995429965697e-17) * (0.9375 + p / q)
        else:
            value = ((y - 0.46163214496836236) + 1.5522348162858677e-17) * (0.9375 + p / q)
            value -= 1.0 / y
    if x > 0.0:
        return value
    # Reflection: less pi / tan(pi x), taken from the side on which the tangent is small.
    r = x - round(x)  # exact
    if abs(r) <= 0.25:
        return value - math.pi / math.tan(math.pi * r)
    return value - math.copysign(math.pi * math.tan(math.pi * (0.5 - abs(r))), r)


@portable
def polygamma_sum(n: float, start: float) -> float:
    """n! times the sum of (start + k)**-(n + 1) over k = 0, 1, ...; start is above zero."""
    if not (start > 0.0 and n <= 100.0):  # a side that is not taken, where both are computed
        return math.nan
    factorial = float(math.factorial(int(n)))
    far = n + 10.0
    steps = far - math.floor(start if start < far else far)
    total = rest = lost = k = 0.0
    z = start
    while k < steps:
        if z < 1e-3:  # the power may overflow before its half does
            half = math.pow(z, 0.5 * n + 0.5)
            term = factorial / half / half if half > 0.0 else math.inf
        else:
            term = factorial * math.pow(z, -n - 1.0)
        if term == math.inf:
            return term
        term = term - term * ((n + 1.0) * lost / z)
        # total + rest is the sum in two doubles.
        moved = total + term
        part = moved - total
        rest = rest + ((total - (moved - part)) + (term - part))
        total = moved
        k = k + 1.0
        z = start + k
        lost = (start - (z - (z - start))) + (k - (z - start))  # rounding of z, exactly
    # Euler-Maclaurin from z on, coefficients B(2j) / (2j)!.
    small = 0.5 * n / z - n * lost / z
    factor = 1.0
    j = n
    for c in (
        0.08333333333333333,
        -0.001388888888888889,
        3.306878306878307e-05,
        -8.267195767195768e-07,
        2.08767569878681e-08,
        -5.284190138687493e-10,
        1.3382536530684679e-11,
        -3.3896802963225827e-13,
        8.586062056277845e-15,
        -2.174868698558062e-16,
        5.5090028283602295e-18,
    ):
        factor = factor * (j / z * ((j + 1.0) / z))
        small = small + c * factor
        j = j + 2.0
    lead = float(math.factorial(int(n) - 1))
    power = math.pow(z, -n)
    if power < 1e-290:  # in two halves, so that it does not underflow before the result
        power = math.pow(z, -0.5 * n)
        lead = lead * power
    last = lead * power
    return total + (rest + (last * small + last))


@portable
def polygamma(n: float, x: float) -> float:
    """Derivative of order n of digamma, n = 1, 2, ..., 100; nan for any other order.

    At zero and the negative integers: inf for odd n; for even n -+inf at +-0, else nan.
    """
    if not 1.0 <= n <= 100.0 or n % 1.0 != 0.0 or x != x or x == -math.inf:
        return math.nan
    sign = 1.0 if n % 2.0 == 1.0 else -1.0
    if x == math.inf:
        return sign * 0.0
    if x > 0.0:
        return sign * polygamma_sum(n, x)
    if x % 1.0 == 0.0:
        return math.inf if sign > 0.0 else math.copysign(math.inf, -x) if x == 0.0 else math.nan
    # The sum over all integers k, less the one from 1 - x on; each goes on to either side.
    r = x - round(x)  # exact
    y = abs(r)
    near = polygamma_sum(n, y)
    other = polygamma_sum(n, 1.0 - y)
    line = near + sign * other if r > 0.0 else sign * near + other
    return sign * (line - sign * polygamma_sum(n, 1.0 - x))
