"""NumPy versions of the gamma functions, for the ``numpy`` target.

Written and copied as those of ``vectorized.py``, whose table lists them.
"""

import numpy as np

from codegen.language.numpy.polynomials import Floats, horner, rational

__all__ = ["digamma", "gamma", "lgamma", "polygamma"]


def gamma(x: "Floats") -> "Floats":
    """Gamma function; +-inf at +-0, nan at the negative integers, exact at 1, 2, ..., 23."""
    x = np.asarray(x, dtype=float)
    y = np.abs(x)
    within = y < 1.0
    y = np.minimum(np.where(within, np.where(x < 0.0, 2.0, 1.0) + x, y), 190.0)
    u = 1.0 / y
    fit = (
        (0.061585671804607896, 0.005543367256972186),
        (0.994718748937125, 0.46597974830824807),
        (3.4996814305669752, 4.884487408232881),
        (6.008605975390441, 16.299261130080485),
        (5.868847905326903, 27.65066851144312),
        (3.5364463948858367, 26.73287299468591),
        (1.2409565949299342, 15.889164221287238),
        (0.24464513552498507, 5.394985567609537),
        (0.006628274631000498, 1.0),
    )
    p = rational(u, fit)
    # Stirling; the power is taken in two parts where it would overflow.
    part = np.where(y > 140.0, 100.0, 0.0)
    value = (2.5 + p) * np.exp(-y) * np.power(y, y - 0.5 - part) * np.power(y, part)
    value = value / np.where(within, np.where(x < 0.0, x * (x + 1.0), x), 1.0)
    factorials = np.cumprod(np.append(1.0, np.arange(1.0, 23.0)))
    index = np.minimum(np.maximum(x, 1.0), 23.0)
    exact = np.take(factorials, index.astype(np.intp) - 1, mode="clip")
    value = np.where((x == index) & (x == np.rint(x)), exact, value)
    below = x <= -1.0
    if not np.any(below):
        return value[()]
    # pi / gamma(y), and the reflection; as in the scalar function, pi * r keeps what it loses.
    reflected_fit = (
        (-0.03067471605635777, 0.030097837286282285),
        (-0.49295964947565685, 0.8615829245864821),
        (-1.7128806948099458, 6.26774225367021),
        (-2.8884655729828492, 18.65324798008779),
        (-2.7436305522941757, 29.9188834431283),
        (-1.5865889381352265, 28.073021274747866),
        (-0.5136590690124573, 16.34221857414351),
        (-0.08628694368046737, 5.478318900942871),
        (0.0033141373155002535, 1.0),
    )
    p = rational(u, reflected_fit)
    nearest = np.rint(x)
    r = x - nearest
    high = 134217729.0 * r - (134217729.0 * r - r)
    angle = np.pi * r
    lost = (3.1415926218032837 * high - angle) + 3.1415926218032837 * (r - high)
    lost += 3.178650954705639e-08 * r
    sine = np.sin(angle) + lost * np.cos(angle)
    sine = np.where(np.rint(0.5 * nearest) == 0.5 * nearest, -sine, sine)
    reflected = (1.25 + p) * np.exp(y) * np.power(y, 0.5 + part - y) / (x * sine)
    reflected *= np.power(y, -part)
    return np.where(below, np.where(r == 0.0, np.nan, reflected), value)[()]


def lgamma(x: "Floats") -> "Floats":
    """Logarithm of the absolute value of the gamma function; inf at its poles."""
    x = np.asarray(x, dtype=float)
    y = np.abs(x)
    log_y = np.log(y)
    # From 10 on, Stirling's series.
    u = 1.0 / np.maximum(y, 10.0)
    t = u * u
    series = (
        0.005494345143862465,
        -0.0019054332021104772,
        0.0008416699620413427,
        -0.0005952378151473633,
        0.0007936507931867713,
        -0.0027777777777774886,
        0.08333333333333333,
    )
    p = horner(t, series)
    value = (y - 0.5) * (log_y - 1.0) + (0.4189385332046727 + p * u)
    t = np.minimum(np.maximum(y, 3.0), 10.0) - 3.0
    from_3 = (
        (-1.333787191923533e-09, 5.383361624353341e-09),
        (-2.391124934291963e-07, 1.0683521460005727e-06),
        (-1.1777222522511645e-05, 6.24145750259584e-05),
        (-0.00023264961909592616, 0.0015901853395823156),
        (-0.0020658690132463677, 0.020748367756434988),
        (-0.007527745996861608, 0.14861456466863215),
        (-0.0006307717273699219, 0.5890322961186328),
        (0.0582507812699696, 1.2086016353158207),
        (0.09657359027997266, 1.0),
    )
    p = rational(t, from_3)
    value = np.where(y < 10.0, (y - 1.0) * (y - 2.0) * (0.25 + p), value)
    # The zeros 1 and 2 are divided out.
    t = np.minimum(np.maximum(y, 1.75), 3.0) - 2.0
    from_2 = (
        (-1.716966808463368e-05, 4.1466436149897725e-05),
        (-0.0007872094446552144, 0.002242123150702693),
        (-0.010263429318509957, 0.03689297381730563),
        (-0.05406376620893921, 0.26463405397241485),
        (-0.12290504106326418, 0.9260577251955912),
        (-0.10031730167435392, 1.5537702777373263),
        (4.8775996926243906e-18, 1.0),
    )
    p = rational(t, from_2)
    value = np.where(y < 3.0, (y - 1.0) * t * (0.42278433509846713 + p), value)
    # As before; below 3/4 after one step of the recurrence.
    t = np.minimum(y, 1.75)
    t = np.where(t < 0.75, t, t - 1.0)
    from_1 = (
        (-2.2620089555512623e-06, 0.0),
        (-0.003041755887603397, 0.00554728237222458),
        (-0.050708060652708616, 0.11550267766534715),
        (-0.27219227752898356, 0.8078783607384841),
        (-0.6275741530821655, 2.588141015449018),
        (-0.6472741834035898, 4.1637460586659545),
        (-0.24525136852258048, 3.27300293614319),
        (-5.615812355721757e-18, 1.0),
    )
    p = rational(t, from_1)
    small = 0.0 - t * (1.0 - t) * (0.5772156649015329 + p)
    value = np.where(y < 1.75, small - np.where(y < 0.75, log_y, 0.0), value)
    below = x < -1e-17
    if not np.any(below):
        return value[()]
    # Reflection; x - rint(x) is exact, so the sine keeps its digits next to the poles.
    sine = np.abs(np.sin(np.pi * (x - np.rint(x))))
    reflected = np.where(sine > 0.0, -np.log(y * sine / np.pi) - value, np.inf)
    return np.where(below, reflected, value)[()]


def digamma(x: "Floats") -> "Floats":
    """Derivative of the logarithm of gamma; -+inf at +-0, nan at the negative integers."""
    x = np.asarray(x, dtype=float)
    below = x < 0.0
    y = np.where(below, 1.0 - x, x)
    z = np.maximum(y, 2.0) - 0.5
    u = 1.0 / (z * z)
    from_2 = (
        (0.06720487799158709, 8.317506332346548),
        (3.615155698037266, 144.9439268763293),
        (20.401484789994782, 611.6453300031999),
        (35.299377583976295, 940.528903363546),
        (24.477013469428172, 617.2567138311769),
        (7.41647190588341, 181.94571104021918),
        (0.9552433818365613, 23.100841164077295),
        (0.041666666666666664, 1.0),
    )
    p = rational(u, from_2)
    value = np.log(z) + u * p
    # From 1 to 2 the root, held in two parts, is divided out; below comes one step of the
    # recurrence.
    step = y < 1.0
    w = np.minimum(y, 2.0)
    t = w - np.where(step, 0.5, 1.5)
    from_1 = (
        (-4.405024497174487e-05, 4.7448748567732415e-05),
        (-0.00214316783699096, 0.0025312805466352864),
        (-0.03069113419178821, 0.04167448803247244),
        (-0.17999960829769776, 0.29909727772929834),
        (-0.45433033498718295, 1.0343303581730487),
        (-0.4009431480377221, 1.6733904316083723),
        (0.01355587603183288, 1.0),
    )
    p = rational(t, from_1)
    root = np.where(step, 0.46163214496836236, 1.4616321449683622)
    rest = np.where(step, -1.5522348162858677e-17, 9.549995429965697e-17)
    small = ((w - root) - rest) * (0.9375 + p) - np.where(step, 1.0 / w, 0.0)
    value = np.where(y < 2.0, small, value)
    if not np.any(below):
        return value[()]
    # Reflection: less pi / tan(pi x), taken from the side on which the tangent is small.
    r = x - np.rint(x)
    far = np.copysign(np.tan(np.pi * (0.5 - np.abs(r))), r)
    cotangent = np.where(np.abs(r) <= 0.25, 1.0 / np.tan(np.pi * r), far)
    reflected = np.where(r == 0.0, np.nan, value - np.pi * cotangent)
    return np.where(below, reflected, value)[()]


def polygamma(n: float, x: "Floats") -> "Floats":
    """Derivative of order n of digamma, n = 1, 2, ..., 100; nan for any other order."""
    x = np.asarray(x, dtype=float)
    if not 1.0 <= n <= 100.0 or n % 1.0 != 0.0:
        return np.full(x.shape, np.nan)[()]
    sign = 1.0 if n % 2.0 else -1.0
    before = 1
    for k in range(2, int(n)):
        before *= k
    scale = float(before)  # (n - 1)!
    # The sum of n! * (x + k)**-(n + 1) over k = 0, 1, ...: from n + 10 on by the Euler-Maclaurin
    # formula with coefficients B(2j) / (2j)!, before that term by term, the smallest first.
    near = x < n + 10.0
    low = np.where(near, x, np.inf)
    z = np.where(near, x + (n + 10.0), x)
    lost = np.where(near, (x - (z - (z - x))) + ((n + 10.0) - (z - x)), 0.0)  # rounding of z
    small, factor, j = (0.5 * n - n * lost) / z, np.ones_like(z), n
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
        factor *= j / z
        factor *= (j + 1.0) / z
        small += c * factor
        j += 2.0
    # In two halves, so that it does not underflow before the result.
    half = np.power(z, -0.5 * n)
    value = scale * half * half
    value += value * small
    for k in range(int(n) + 9, 0, -1):
        z = low + k
        lost = (low - (z - (z - low))) + (k - (z - low))
        term = scale * n * np.power(z, -n - 1.0)
        value += np.where(near, term - term * ((n + 1.0) * (lost / z)), 0.0)
    value += scale * n * np.power(low, -n - 1.0)
    value *= sign
    below = x < 0.0
    if np.any(below):
        # The sum over all integers k, less the one from 1 - x on; r is exact.
        r = x - np.rint(x)
        line = scale * n * np.power(r, -n - 1.0)
        line = sign * line + polygamma(n, 1.0 + r) + sign * polygamma(n, 1.0 - r)
        line = line - sign * polygamma(n, np.where(below, 1.0 - x, 1.0))
        pole = np.inf if n % 2.0 else np.nan
        value = np.where(below, np.where(r == 0.0, pole, line), value)
    return value[()]
