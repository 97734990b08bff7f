"""Decimals: the numbers that doubles were written as, for a proof that is not about their bits.

``0.1**2`` is 0.010000000000000002 for Python, and whoever derives ``0.02*x`` by hand means twice a
hundredth.  As doubles the two differ, so what is proven then is another statement: that the text is
the derivative where each constant is the decimal, fraction or well-known number it was rounded
from.  Each reading is within a few units of the last place, the same in function and text, and the
report lists it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from verify.program.literals import CONSTANTS, is_short

__all__ = ["as_written", "written"]

_UNIT = 2.0**-53
_UNITS = 8  # that rounding may have moved a constant, relatively
_DIGITS, _FOLDED = 15, 10  # of a decimal that was written, and of one that was computed
_SMALL = 1000  # numerators and denominators
_POWERS = 16
_NUMBERS = 6  # of the function, that others may be made of
_FURTHER = {
    1.7320508075688772: "sqrt(3)",
    2.718281828459045: "exp(1)",
    1.772453850905516: "sqrt(pi)",
    2.5066282746310002: "sqrt(2*pi)",
}


def as_written(
    own: Iterable[float], literals: Iterable[float], made: Mapping[float, str] | None = None
) -> dict[float, str]:
    """What constants were written as: size -> ``sympy`` text; those that are exact stay.

    Args:
        own: Numbers of the function.
        literals: Numbers of a text.
        made: Numbers that a text computes of numbers alone, and how.

    >>> as_written([0.1**2], [0.02])
    {0.010000000000000002: 'Rational(1, 100)', 0.02: 'Rational(1, 50)'}
    """
    mine = sorted({abs(x) for x in own if not is_short(x)})
    made = made or {}
    found = {x: text for x in mine if (text := _of_function(x, made))}
    bases = {x: found.get(x, repr(x)) for x in mine[:_NUMBERS]}
    for x in sorted({abs(x) for x in literals if not is_short(x)}.difference(mine)):
        text = written(x) or _of_others(x, bases)
        if text:
            found[x] = text
    return found


def _of_function(x: float, made: Mapping[float, str]) -> str:
    """What a number of the function was written as; a long one may be what a text computes."""
    if len(Decimal(repr(x)).as_tuple().digits) <= _FOLDED:
        return written(x)
    return next(_multiples(x, made), "") or written(x)


def written(x: float) -> str:
    """What a double was written as, "" if it shows nothing."""
    number = Decimal(repr(x))
    if len(number.as_tuple().digits) <= _DIGITS:
        return _text(Fraction(number))
    candidates = (Fraction(Decimal(f"{x:.{_FOLDED - 1}e}")), _fraction(x))
    exact = next((c for c in candidates if c and _is_near(c, x)), None)
    if exact is not None:
        return _text(exact)
    return next(_multiples(x, CONSTANTS | _FURTHER), "")


def _of_others(x: float, bases: dict[float, str]) -> str:
    """A small fraction of a power of a number of the function."""
    for power in (1, *(sign * k for k in range(1, _POWERS + 1) for sign in (1, -1))):
        powers = {y**power: f"({text})**{power}" for y, text in bases.items() if _tame(y, power)}
        if text := next(_multiples(x, powers), ""):
            return text
    return ""


def _tame(x: float, power: int) -> bool:
    return 1e-150 < x < 1e150 and 1e-300 < 10.0 ** (len(str(int(x))) * power) < 1e300


def _multiples(x: float, of: Mapping[float, str]) -> Iterator[str]:
    """A number as a small fraction of one of these."""
    for known, text in of.items():
        ratio = Fraction(x) / Fraction(known)
        near = _fraction(float(ratio))
        if near and _is_near(near, float(ratio)):
            yield text if near == 1 else f"{_text(near)} * ({text})"


def _fraction(x: float) -> Fraction:
    near = Fraction(x).limit_denominator(_SMALL)
    return near if near.numerator < _SMALL else Fraction(0)


def _is_near(exact: Fraction, x: float) -> bool:
    return abs(exact - Fraction(x)) <= _UNITS * _UNIT * Fraction(x)


def _text(number: Fraction) -> str:
    return f"Rational({number.numerator}, {number.denominator})"
