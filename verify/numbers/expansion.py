"""Expansions: power series with balls as coefficients, and functions of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from verify.numbers.balls import ball_library, precision

if TYPE_CHECKING:
    from flint import arb, arb_series

__all__ = [
    "FUNCTIONS",
    "OF_ORDER",
    "ONE_SIDED",
    "Expansion",
    "atan2_of",
    "series_of",
    "unknown_series",
    "whole_of",
]

_EXACT_POWER = 2**20  # integer exponents up to here are multiplied out


class Expansion:
    """One number along a line.

    Args:
        series: python-flint's power series.
        varies: False for what does not depend on the line, such as literals: those have no border.
    """

    __slots__ = ("series", "varies")

    def __init__(self, series: arb_series, varies: bool = True) -> None:
        self.series, self.varies = series, varies

    def coefficient(self, k: int) -> arb:
        """Ball around the coefficient of ``t**k``."""
        return self.series[k] if k < self.series.prec else ball_library().arb.nan()

    @property
    def start(self) -> arb:
        """The number at the point itself."""
        return self.coefficient(0)

    def rest(self) -> arb_series:
        """The series without its start: that becomes exactly zero."""
        return _starting_at(self.series, 0)

    def _with(
        self, other: Any, function: Callable[[arb_series, arb_series], arb_series]
    ) -> Expansion:
        if not isinstance(other, Expansion):
            return Expansion(function(self.series, other), self.varies)
        varies = self.varies or other.varies
        return Expansion(function(self.series, other.series), varies)

    def __add__(self, other: object) -> Expansion:
        return self._with(other, operator.add)

    def __sub__(self, other: object) -> Expansion:
        return self._with(other, operator.sub)

    def __mul__(self, other: object) -> Expansion:
        return self._with(other, operator.mul)

    def __rsub__(self, other: object) -> Expansion:
        return self._with(other, lambda x, y: y - x)

    def __truediv__(self, other: object) -> Expansion:
        return self._with(other, _divided)

    def __rtruediv__(self, other: object) -> Expansion:
        return Expansion(_divided(series_of([other]), self.series), self.varies)

    def __neg__(self) -> Expansion:
        return Expansion(-self.series, self.varies)

    def __pow__(self, exponent: object) -> Expansion:
        if not isinstance(exponent, Expansion):
            exponent = Expansion(series_of([exponent]), False)
        return Expansion(_power(self, exponent), self.varies or exponent.varies)

    def __rpow__(self, base: object) -> Expansion:
        return Expansion(series_of([base]), False) ** self

    __radd__, __rmul__ = __add__, __mul__


def series_of(coefficients: Sequence[object]) -> arb_series:
    """A power series of python-flint."""
    found: arb_series = ball_library().arb_series(list(coefficients))
    return found


def unknown_series() -> arb_series:
    """A power series of which nothing is known."""
    flint = ball_library()
    return series_of([flint.arb.nan()] * flint.ctx.cap)


def _divided(x: arb_series, y: arb_series) -> arb_series:
    try:
        return x / y
    except (ValueError, ZeroDivisionError):  # a pole, or what may be one
        return unknown_series()


def whole_of(ball: arb) -> int:
    """The integer that an exact ball is."""
    whole = ball.unique_fmpz()
    assert whole is not None
    return int(whole)


def _valuation(series: arb_series) -> int:
    """Number of leading coefficients that are exactly zero."""
    coefficients = series.coeffs()
    return next((k for k, c in enumerate(coefficients) if not c.is_zero()), len(coefficients))


def _power(base: Expansion, exponent: Expansion) -> arb_series:
    n = exponent.start
    if not exponent.varies and n.is_exact() and n.is_integer():
        whole = whole_of(n)
        if abs(whole) <= _EXACT_POWER:
            power = base.series ** abs(whole)
            return power if whole >= 0 else _divided(series_of([1]), power)
        if base.start < 0:
            power = ((-base.series).log() * exponent.series).exp()
            return -power if whole % 2 else power
    if base.start > 0:
        return (base.series.log() * exponent.series).exp()
    if base.start.is_zero() and not exponent.varies:
        return _power_of_zero(base.series, n)
    return unknown_series()


# Set while a run is for t > 0 only: (t**2)**0.5 is t there, and no power series on both sides.
# Runs hold the lock of ``precision``.
ONE_SIDED = [False]


def _power_of_zero(series: arb_series, exponent: arb) -> arb_series:
    """(c t**k + ...)**exponent for t > 0, as far as powers of t tell."""
    flint = ball_library()
    if not ONE_SIDED[0]:
        return unknown_series()
    k = _valuation(series)
    if k >= series.length() or not series[k] > 0:
        zero = series.length() == 0 and exponent > 0
        return series_of([0]) if zero else unknown_series()
    order = k * exponent
    if order.is_exact() and order.is_integer() and order >= 0:
        shift = series_of([0] * k + [1])
        unit = _divided(series, shift)
        return series_of([0] * whole_of(order) + [1]) * (unit.log() * exponent).exp()
    if order > 0 and order < 1:
        return series_of([0, flint.arb.pos_inf()])
    return flint.arb_series([0, 0], 2) if order > 1 else unknown_series()


def _starting_at(series: arb_series, start: arb | int) -> arb_series:
    """The series with another start, such as a sharper enclosure of it."""
    found: arb_series = ball_library().arb_series([start, *series.coeffs()[1:]], series.prec)
    return found


def _hyperbolic(x: Expansion) -> tuple[arb_series, arb_series]:
    """sinh and cosh by their addition theorems; the rest of the series starts at exactly 0."""
    sinh, cosh = x.start.sinh_cosh()
    rest = x.rest()
    up, down = rest.exp(), (-rest).exp()
    odd, even = (up - down) / 2, (up + down) / 2
    return odd * cosh + even * sinh, even * cosh + odd * sinh


def _tanh(x: Expansion) -> arb_series:
    sinh, cosh = _hyperbolic(x)
    return _divided(sinh, cosh)


def _asinh(x: Expansion) -> arb_series:
    side = -x.series if x.start < 0 else x.series  # no cancellation in the sum
    series = (side + (side * side + 1).sqrt()).log()
    return _starting_at(-series if x.start < 0 else series, x.start.asinh())


def _acosh(x: Expansion) -> arb_series:
    series = (x.series + (x.series - 1).sqrt() * (x.series + 1).sqrt()).log()
    return _starting_at(series, x.start.acosh())


def _atanh(x: Expansion) -> arb_series:
    return _starting_at(((1 + x.series).log() - (1 - x.series).log()) / 2, x.start.atanh())


def _sinc(x: Expansion) -> arb_series:
    if not x.start.is_zero():
        return _divided(x.series.sin(), x.series)
    total, term = series_of([1]), series_of([1])
    for k in range(2, ball_library().ctx.cap + 2, 2):  # the powers that follow are beyond the cap
        term = term * x.series * x.series / (-k * (k + 1))
        total = total + term
    return total


def _composed(outer: Sequence[arb], x: Expansion) -> arb_series:
    """A series around ``x.start``, at ``x``."""
    rest = x.rest()
    return series_of(outer)(rest) if rest.length() else series_of(outer[:1])


def _polygamma(order: int, x: Expansion) -> arb_series:
    """Derivative of order ``order`` of -R'/R, where R = 1/gamma has a series everywhere."""
    flint = ball_library()
    cap = flint.ctx.cap
    with precision(flint.ctx.prec, cap + order + 1):
        reciprocal = series_of([x.start, 1]).rgamma()
        psi = _divided(-reciprocal.derivative(), reciprocal)
        for _ in range(order):
            psi = psi.derivative()
        outer = [psi[k] for k in range(cap)]
    return _composed(outer, x)


def _bessel(order: int, x: Expansion, start: arb, sign: int) -> arb_series:
    """(x/2)**order / gamma(start) 0F1(start, sign x**2/4), expanded term by term."""
    square = Expansion(sign * x.series * x.series / 4)
    outer, factor = [], ball_library().arb(1)
    for k in range(ball_library().ctx.cap):
        outer.append(square.start.hypgeom_0f1(start + k, regularized=True) / factor)
        factor = factor * (k + 1)
    return (x.series / 2) ** order * _composed(outer, square)


def _besseli(order: int, x: Expansion) -> arb_series:
    return _bessel(order, x, ball_library().arb(order + 1), 1)


def _besselj(order: int, x: Expansion) -> arb_series:
    return _bessel(order, x, ball_library().arb(order + 1), -1)


def _second_kind(
    order: int, x: Expansion, value: Callable[[arb, int], arb], sign: int
) -> arb_series:
    """Around a point above zero: value and slope there, and Bessel's differential equation."""
    if not x.start > 0:
        return unknown_series()
    at = x.start
    c = [value(at, order), order / at * value(at, order) - value(at, order + 1)]
    for m in range(ball_library().ctx.cap - 2):
        two, one = (c[m - 2] if m >= 2 else 0), (c[m - 1] if m >= 1 else 0)
        known = (m + 1) * (2 * m + 1) * at * c[m + 1] + (m * m - order * order) * c[m]
        known = known + sign * (at * at * c[m] + 2 * at * one + two)
        c.append(-known / (at * at * (m + 1) * (m + 2)))
    return _composed(c, x)


def _bessely(order: int, x: Expansion) -> arb_series:
    return _second_kind(order, x, lambda at, n: at.bessel_y(n), 1)


def _besselk(order: int, x: Expansion) -> arb_series:
    return _second_kind(order, x, lambda at, n: at.bessel_k(n), -1)


def _inverse(name: str, inside: Callable[[arb], bool]) -> Callable[[Expansion], arb_series]:
    """The inverse of an error function, by reversion of that one's series."""

    def inverse(x: Expansion) -> arb_series:
        if not inside(x.start):
            return unknown_series()
        start = getattr(x.start, f"{name}inv")()
        there = _starting_at(getattr(series_of([start, 1]), name)(), 0)
        return _composed([start, *there.reversion().coeffs()[1:]], x)

    return inverse


def _jn(order: int, x: Expansion) -> arb_series:
    ball = ball_library().arb
    found: arb_series = ball.pi().sqrt() / 2 * _bessel(order, x, ball(2 * order + 3) / 2, -1)
    return found


def atan2_of(y: Expansion, x: Expansion) -> arb_series:
    """The angle of a point that moves, by the half plane that it is in."""
    quarter = series_of([ball_library().arb.pi() / 2])
    if x.start > 0:
        return (y.series / x.series).atan()
    if y.start > 0:
        return quarter - (x.series / y.series).atan()
    if y.start < 0:
        return -quarter - (x.series / y.series).atan()
    return unknown_series()  # the origin, and the cut


def _loggamma(x: Expansion) -> arb_series:
    return x.series.lgamma() if x.start > 0 else unknown_series()


def _sqrt(x: Expansion) -> arb_series:
    if x.start.is_zero():
        return _power_of_zero(x.series, ball_library().arb(1) / 2)
    return x.series.sqrt() if x.start > 0 else unknown_series()


def _by_flint(name: str) -> Callable[[Expansion], arb_series]:
    return lambda x: getattr(x.series, name)()


_EXPANDED = ("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "erf", "erfc", "gamma")
FUNCTIONS: dict[str, Callable[[Expansion], arb_series]] = {
    **{name: _by_flint(name) for name in _EXPANDED},
    "sqrt": _sqrt, "sinc": _sinc, "loggamma": _loggamma,
    "sinh": lambda x: _hyperbolic(x)[0], "cosh": lambda x: _hyperbolic(x)[1], "tanh": _tanh,
    "asinh": _asinh, "acosh": _acosh, "atanh": _atanh,
    "digamma": lambda x: _polygamma(0, x),
    "erfinv": _inverse("erf", lambda x: abs(x) < 1),
    "erfcinv": _inverse("erfc", lambda x: abs(x - 1) < 1),
}  # fmt: skip


OF_ORDER = {
    "polygamma": _polygamma, "besseli": _besseli, "besselj": _besselj, "besselk": _besselk,
    "bessely": _bessely, "jn": _jn,
}  # fmt: skip
