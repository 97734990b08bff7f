"""Taylor: a function expanded along a line, in rigorous power series; derivatives without rules.

The traced function is run on power series ``c0 + c1 t + c2 t**2 + ...`` whose coefficients are
balls (balls.py).  Put ``x + t d`` in, and ``c1`` of what comes out encloses the derivative in
direction ``d``.  No derivative is written anywhere: functions are expanded by FLINT's power series,
and those it lacks are composed of others by addition theorems and by their own series.  So this
oracle has nothing in common with the rules of the table, nor with SymPy.

On the border of a condition the expansion is two-sided nowhere.  There the series tells nothing,
unless one of two things was asked for: ``forward`` takes the side on which small positive ``t``
lie, which gives one-sided derivatives; ``sides`` takes one given side after the other.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verify.numbers.algebra import Algebra
from verify.numbers.balls import ball_library, precision
from verify.program.program import Program

__all__ = ["Expansion", "Taylor", "Tie"]

_EXACT_POWER = 2**20  # integer exponents up to here are multiplied out


class Expansion:
    """One number along a line.

    Args:
        series: python-flint's power series.
        varies: False for what does not depend on the line, such as literals: those have no border.
    """

    __slots__ = ("series", "varies")

    def __init__(self, series: Any, varies: bool = True) -> None:
        self.series, self.varies = series, varies

    def coefficient(self, k: int) -> Any:
        """Ball around the coefficient of ``t**k``."""
        return self.series[k] if k < self.series.prec else ball_library().arb.nan()

    @property
    def start(self) -> Any:
        """The number at the point itself."""
        return self.coefficient(0)

    def rest(self) -> Any:
        """The series without its start: that becomes exactly zero."""
        return _starting_at(self.series, 0)

    def _with(self, other: Any, function: Callable[[Any, Any], Any]) -> Expansion:
        if not isinstance(other, Expansion):
            return Expansion(function(self.series, other), self.varies)
        varies = self.varies or other.varies
        return Expansion(function(self.series, other.series), varies)

    def __add__(self, other: Any) -> Expansion:
        return self._with(other, operator.add)

    def __sub__(self, other: Any) -> Expansion:
        return self._with(other, operator.sub)

    def __mul__(self, other: Any) -> Expansion:
        return self._with(other, operator.mul)

    def __rsub__(self, other: Any) -> Expansion:
        return self._with(other, lambda x, y: y - x)

    def __truediv__(self, other: Any) -> Expansion:
        return self._with(other, _divided)

    def __rtruediv__(self, other: Any) -> Expansion:
        return Expansion(_divided(_series([other]), self.series), self.varies)

    def __neg__(self) -> Expansion:
        return Expansion(-self.series, self.varies)

    def __pow__(self, exponent: Any) -> Expansion:
        if not isinstance(exponent, Expansion):
            exponent = Expansion(_series([exponent]), False)
        return Expansion(_power(self, exponent), self.varies or exponent.varies)

    def __rpow__(self, base: Any) -> Expansion:
        return Expansion(_series([base]), False) ** self

    __radd__, __rmul__ = __add__, __mul__


# --- series ----------------------------------------------------------------------------------


def _series(coefficients: Sequence[Any]) -> Any:
    return ball_library().arb_series(list(coefficients))


def _unknown() -> Any:
    flint = ball_library()
    return _series([flint.arb.nan()] * flint.ctx.cap)


def _divided(x: Any, y: Any) -> Any:
    try:
        return x / y
    except (ValueError, ZeroDivisionError):  # a pole, or what may be one
        return _unknown()


def _valuation(series: Any) -> int:
    """Number of leading coefficients that are exactly zero."""
    coefficients = series.coeffs()
    return next((k for k, c in enumerate(coefficients) if not c.is_zero()), len(coefficients))


def _power(base: Expansion, exponent: Expansion) -> Any:
    n = exponent.start
    if not exponent.varies and n.is_exact() and n.is_integer():
        whole = int(n.unique_fmpz())
        if abs(whole) <= _EXACT_POWER:
            power = base.series ** abs(whole)
            return power if whole >= 0 else _divided(_series([1]), power)
        if base.start < 0:
            power = ((-base.series).log() * exponent.series).exp()
            return -power if whole % 2 else power
    if base.start > 0:
        return (base.series.log() * exponent.series).exp()
    if base.start.is_zero() and not exponent.varies:
        return _power_of_zero(base.series, n)
    return _unknown()


# Set while a run is for t > 0 only: (t**2)**0.5 is t there, and no power series on both sides.
# Runs hold the lock of ``precision``.
_ONE_SIDED = [False]


def _power_of_zero(series: Any, exponent: Any) -> Any:
    """(c t**k + ...)**exponent for t > 0, as far as powers of t tell."""
    flint = ball_library()
    if not _ONE_SIDED[0]:
        return _unknown()
    k = _valuation(series)
    if k >= series.length() or not series[k] > 0:
        zero = series.length() == 0 and exponent > 0
        return _series([0]) if zero else _unknown()
    order = k * exponent
    if order.is_exact() and order.is_integer() and order >= 0:
        shift = _series([0] * k + [1])
        unit = _divided(series, shift)
        return _series([0] * int(order.unique_fmpz()) + [1]) * (unit.log() * exponent).exp()
    if order > 0 and order < 1:
        return _series([0, flint.arb.pos_inf()])
    return flint.arb_series([0, 0], 2) if order > 1 else _unknown()


# --- functions FLINT expands, and those it does not -------------------------------------------


def _starting_at(series: Any, start: Any) -> Any:
    """The series with another start, such as a sharper enclosure of it."""
    return ball_library().arb_series([start, *series.coeffs()[1:]], series.prec)


def _hyperbolic(x: Expansion) -> tuple[Any, Any]:
    """sinh and cosh by their addition theorems; the rest of the series starts at exactly 0."""
    sinh, cosh = x.start.sinh_cosh()
    rest = x.rest()
    up, down = rest.exp(), (-rest).exp()
    odd, even = (up - down) / 2, (up + down) / 2
    return odd * cosh + even * sinh, even * cosh + odd * sinh


def _tanh(x: Expansion) -> Any:
    sinh, cosh = _hyperbolic(x)
    return _divided(sinh, cosh)


def _asinh(x: Expansion) -> Any:
    side = -x.series if x.start < 0 else x.series  # no cancellation in the sum
    series = (side + (side * side + 1).sqrt()).log()
    return _starting_at(-series if x.start < 0 else series, x.start.asinh())


def _acosh(x: Expansion) -> Any:
    series = (x.series + (x.series - 1).sqrt() * (x.series + 1).sqrt()).log()
    return _starting_at(series, x.start.acosh())


def _atanh(x: Expansion) -> Any:
    return _starting_at(((1 + x.series).log() - (1 - x.series).log()) / 2, x.start.atanh())


def _sinc(x: Expansion) -> Any:
    if not x.start.is_zero():
        return _divided(x.series.sin(), x.series)
    total, term = _series([1]), _series([1])
    for k in range(2, ball_library().ctx.cap + 2, 2):  # the powers that follow are beyond the cap
        term = term * x.series * x.series / (-k * (k + 1))
        total = total + term
    return total


def _composed(outer: Sequence[Any], x: Expansion) -> Any:
    """A series around ``x.start``, at ``x``."""
    rest = x.rest()
    return _series(outer)(rest) if rest.length() else _series(outer[:1])


def _polygamma(order: int, x: Expansion) -> Any:
    """Derivative of order ``order`` of -R'/R, where R = 1/gamma has a series everywhere."""
    flint = ball_library()
    cap = flint.ctx.cap
    with precision(flint.ctx.prec, cap + order + 1):
        reciprocal = _series([x.start, 1]).rgamma()
        psi = _divided(-reciprocal.derivative(), reciprocal)
        for _ in range(order):
            psi = psi.derivative()
        outer = [psi[k] for k in range(cap)]
    return _composed(outer, x)


def _bessel(order: int, x: Expansion, start: Any, sign: int) -> Any:
    """(x/2)**order / gamma(start) 0F1(start, sign x**2/4), expanded term by term."""
    square = Expansion(sign * x.series * x.series / 4)
    outer, factor = [], ball_library().arb(1)
    for k in range(ball_library().ctx.cap):
        outer.append(square.start.hypgeom_0f1(start + k, regularized=True) / factor)
        factor = factor * (k + 1)
    return (x.series / 2) ** order * _composed(outer, square)


def _besseli(order: int, x: Expansion) -> Any:
    return _bessel(order, x, ball_library().arb(order + 1), 1)


def _jn(order: int, x: Expansion) -> Any:
    arb = ball_library().arb
    return arb.pi().sqrt() / 2 * _bessel(order, x, arb(2 * order + 3) / 2, -1)


def _atan2(y: Expansion, x: Expansion) -> Any:
    quarter = _series([ball_library().arb.pi() / 2])
    if x.start > 0:
        return (y.series / x.series).atan()
    if y.start > 0:
        return quarter - (x.series / y.series).atan()
    if y.start < 0:
        return -quarter - (x.series / y.series).atan()
    return _unknown()  # the origin, and the cut


def _loggamma(x: Expansion) -> Any:
    return x.series.lgamma() if x.start > 0 else _unknown()


def _sqrt(x: Expansion) -> Any:
    if x.start.is_zero():
        return _power_of_zero(x.series, ball_library().arb(1) / 2)
    return x.series.sqrt() if x.start > 0 else _unknown()


def _by_flint(name: str) -> Callable[[Expansion], Any]:
    return lambda x: getattr(x.series, name)()


_EXPANDED = ("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "erf", "erfc", "gamma")
_FUNCTIONS: dict[str, Callable[[Expansion], Any]] = {
    **{name: _by_flint(name) for name in _EXPANDED},
    "sqrt": _sqrt, "sinc": _sinc, "loggamma": _loggamma,
    "sinh": lambda x: _hyperbolic(x)[0], "cosh": lambda x: _hyperbolic(x)[1], "tanh": _tanh,
    "asinh": _asinh, "acosh": _acosh, "atanh": _atanh,
    "digamma": lambda x: _polygamma(0, x),
}  # fmt: skip
_OF_ORDER = {"polygamma": _polygamma, "besseli": _besseli, "jn": _jn}


# --- the algebra -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Tie:
    """A question met exactly on its border.

    Args:
        step: Number of the step that asks, counted as they run.
        difference: What is zero there, expanded.
    """

    step: int
    difference: Expansion


class Taylor(Algebra):
    """Power series along a line.

    Args:
        bits: Precision of the coefficients.
        terms: Number of coefficients.
        read: What some literals stand for (literals.py).
        forward: On a border, take the side where small positive ``t`` lie.
        sides: On a border, the side (+1 or -1) of the first tie, the second, ...; 0 is unknown.

    Attributes:
        ties: Borders met in the last run.
    """

    def __init__(
        self,
        bits: int,
        terms: int = 2,
        read: Mapping[float, str] | None = None,
        forward: bool = False,
        sides: Sequence[int] = (),
    ) -> None:
        self.bits, self.terms = bits, terms
        self._read = read or {}
        self._forward, self._sides = forward, sides
        self.ties: list[Tie] = []
        self._step = 0
        with self.computing():
            arb = ball_library().arb
            super().__init__(
                {
                    "pi": self._constant(arb.pi()),
                    "Rational": lambda p, q: self._constant(arb(p) / q),
                }
            )

    def computing(self) -> Any:
        """Context in which expansions are computed with."""
        return precision(self.bits, self.terms)

    def line(self, point: Sequence[float], direction: Sequence[float]) -> list[Expansion]:
        """``point + t direction``."""
        with self.computing():
            pairs = zip(point, direction, strict=True)
            return [Expansion(_series([x, d]), d != 0.0) for x, d in pairs]

    def run(self, program: Program, inputs: Sequence[Any]) -> list[Any]:
        """The expansion at every place of ``program`` that matters, None at the others."""
        self.ties, self._step = [], 0
        with self.computing():
            _ONE_SIDED[0] = self._forward
            try:
                return super().run(program, inputs)
            finally:
                _ONE_SIDED[0] = False

    def apply(self, text: str, operands: Sequence[Any]) -> Any:
        """Result of a primitive's text."""
        self._step += 1
        return self.number(super().apply(text, operands))

    @property
    def nan(self) -> Any:
        """The expansion that tells nothing."""
        return Expansion(_unknown())

    def _constant(self, x: Any) -> Expansion:
        return Expansion(_series([x]), False)

    def number(self, x: Any) -> Expansion:
        """``x`` as an expansion: truth values and the integers of texts are constant."""
        return x if isinstance(x, Expansion) else self._constant(x)

    def literal(self, value: float) -> Any:
        """The exact value of a float, or what the float stands for."""
        text = self._read.get(abs(value))
        if text is None:
            return self._constant(value)
        number = self.apply(text, ())
        return -number if value < 0 else number

    def named(self, name: str) -> Any:
        """The expansion of SymPy's function."""
        if name in _OF_ORDER:
            return lambda n, x: self._of_order(_OF_ORDER[name], n, self.number(x))
        if name == "atan2":
            return lambda y, x: self._expanded(_atan2, self.number(y), self.number(x))
        if name not in _FUNCTIONS:  # an opaque primitive's, or one FLINT does not expand
            return lambda *_: self.nan
        return lambda x: self._expanded(_FUNCTIONS[name], self.number(x))

    def _of_order(self, function: Callable[..., Any], n: Any, x: Expansion) -> Expansion:
        start = self.number(n).start
        whole = start.is_exact() and start.is_integer()
        return self._expanded(function, int(start.unique_fmpz()), x) if whole else self.nan

    def _expanded(self, function: Callable[..., Any], *operands: Any) -> Expansion:
        varies = any(x.varies for x in operands if isinstance(x, Expansion))
        return Expansion(function(*operands), varies)

    # --- borders ---

    def order(self, x: Any, y: Any) -> int | None:
        """Sign of x - y; None if it is not known, or changes at the point."""
        if x is y:
            return 0
        x, y = self.number(x), self.number(y)
        if x.start < y.start:
            return -1
        if x.start > y.start:
            return 1
        if x.start != y.start:
            return None
        return self._side(x - y) if x.varies or y.varies else 0

    def equal(self, x: Any, y: Any) -> bool | None:
        """True if x == y along the line; None if it is not known, or changes at the point."""
        order = self.order(x, y)
        return None if order is None else order == 0

    def floor(self, x: Any) -> Any:
        """Largest integer not above x."""
        x = self.number(x)
        low = x.start.floor()
        if not low.is_exact():
            return self.nan
        if x.varies and low == x.start:
            side = self._side(x - low)
            if side is None:
                return self.nan
            low = low - 1 if side < 0 else low
        return self._constant(low)

    def _side(self, difference: Expansion) -> int | None:
        self.ties.append(Tie(self._step, difference))
        if self._sides:
            place = len(self.ties) - 1
            return (self._sides[place] or None) if place < len(self._sides) else None
        if not self._forward:
            return None
        coefficients = [difference.coefficient(k) for k in range(1, self.terms)]
        for c in coefficients:
            if c > 0 or c < 0:
                return 1 if c > 0 else -1
            if not c.is_zero():
                return None
        return 0  # the same along the line, as far as the series goes
