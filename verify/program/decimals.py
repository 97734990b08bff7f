"""Decimals: the numbers that doubles were written as, for a proof that is not about their bits.

``0.1**2`` is 0.010000000000000002 for Python, and whoever derives ``0.02*x`` by hand means twice a
hundredth.  As doubles the two differ, so what is proven then is another statement: that the text is
the derivative where each constant is the decimal, fraction or well-known number it was rounded
from.  The report lists each reading.

No reading is a tolerance.  A literal of a text was written as its digits say; more digits than
anybody writes are read as something else only if Python makes exactly this double of it.  Constants
of the function were maybe folded before anybody could see how: they are read as a decimal within a
few units of the last place if folding two short decimals, or a power, gives exactly this double;
and as the logarithm, root, sine ... of a short decimal that it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import chain, combinations_with_replacement, islice, product

from verify.program.literals import CONSTANTS, is_short

__all__ = ["as_written", "written"]

_UNIT = 2.0**-53
_UNITS = 8  # that rounding may have moved a constant, relatively
_DIGITS, _FOLDED = 15, 10  # of a decimal that was written, and of one that was computed
_SMALL = 1000  # numerators and denominators
_FEW = 64  # numerators and denominators of what multiplies powers
_SHORT = 4  # digits of decimals that are folded
_POWERS = 16
_HALVINGS = 3  # no rounding, so that Python makes the same double of it in any order
_NUMBERS, _BASES = 6, 12  # of the function that others may be made of: decimals, and in pairs
_MORE = 16  # and those of the text besides
_ROUNDS = 2
_FURTHER = {
    1.7320508075688772: "sqrt(3)",
    2.718281828459045: "exp(1)",
    1.772453850905516: "sqrt(pi)",
    1.7724538509055159: "sqrt(pi)",  # what Python makes of it
    2.5066282746310002: "sqrt(2*pi)",
}

# Functions of numbers that people compute before, and what undoes them.
_FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "exp": (math.exp, math.log),
    "log": (math.log, math.exp),
    "sqrt": (math.sqrt, lambda y: y * y),
    "cos": (math.cos, math.acos),
    "sin": (math.sin, math.asin),
    "tan": (math.tan, math.atan),
}
_BETWEEN = 1e-3, 1e3  # of which such a function tells one decimal from the next
_ARGUMENT = 6  # digits of that decimal

Agrees = Callable[[Fraction, float, float], bool]  # factor, what is known, a number


def as_written(
    own: Iterable[float],
    literals: Iterable[float],
    made: Mapping[float, str] | None = None,
    ruled: Mapping[float, str] | None = None,
) -> dict[float, str]:
    """What constants were written as: size -> ``sympy`` text; those that are exact stay.

    Args:
        own: Numbers of the function.
        literals: Numbers of a text.
        made: Numbers that a text computes of numbers alone, and how, exactly.
        ruled: The same of the chain rule, of what the function's numbers were written as.

    >>> as_written([0.1**2], [0.02])
    {0.010000000000000002: 'Rational(1, 100)', 0.02: 'Rational(1, 50)'}
    >>> as_written([0.3], [0.6000000000000001])
    {0.3: 'Rational(3, 10)'}
    """
    every = [abs(x) for x in own]
    mine = sorted({x for x in every if not is_short(x)})
    made, ruled = made or {}, ruled or {}
    numbers = (x for x in every if 0.0 < x < math.inf and _digits(x) <= _FOLDED)
    known = dict.fromkeys((1.0, *islice(numbers, _NUMBERS)))
    factors = {x * f: _text(Fraction(str(x)) * Fraction(f)) for f in (1.0, 0.5) for x in known}
    pairs = {
        x * y: _text(Fraction(str(x)) * Fraction(str(y)))
        for x, y in combinations_with_replacement(known, 2)
        if not is_short(x * y)
    }
    found = {x: text for x in mine if (text := _of_function(x, made, factors, pairs))}
    bases = {x: found.get(x, repr(x)) for x in mine[:_BASES]}
    logs = {math.log(x): f"log({_text(Fraction(str(x)))})" for x in known if x > 1.0}
    others = sorted({abs(x) for x in literals if not is_short(x)}.difference(mine))
    for _ in range(_ROUNDS):  # what was read may be a part of another
        for x in (x for x in others if x not in found):
            text = made.get(x) or ruled.get(x) or logs.get(x) or _of_text(x, bases, factors)
            if text:
                found[x] = text
                if len(bases) < _MORE:
                    bases[x] = text
    return found


def _of_text(x: float, bases: dict[float, str], factors: Mapping[float, str]) -> str:
    """What a number of a text was written as; fifteen digits may be a logarithm's first ones."""
    computed = _of_decimal(x, factors, 0) if _FOLDED < _digits(x) <= _DIGITS else ""
    return computed or written(x) or _of_others(x, bases) or _of_decimal(x, factors, 0)


def written(x: float) -> str:
    """What a positive double of a text was written as, "" if it shows nothing."""
    number = Decimal(repr(x))
    if len(number.as_tuple().digits) <= _DIGITS:
        return _text(Fraction(number))
    near = _fraction(x)
    if near and float(near) == x:
        return _text(near)
    known = CONSTANTS | _FURTHER
    return next(chain(_multiples(x, known, _is_made), _quotients(x, known)), "")


def _digits(x: float) -> int:
    return len(Decimal(repr(x)).as_tuple().digits)


def _of_function(
    x: float, made: Mapping[float, str], factors: Mapping[float, str], pairs: Mapping[float, str]
) -> str:
    """What a number of the function was written as; a long one may be what a text computes."""
    if _digits(x) <= _FOLDED:
        return written(x)
    near = (text for y, text in made.items() if _is_near(Fraction(1), y, x))
    text = next(chain(near, _multiples(x, made, _is_near)), "")
    text = text or _of_decimal(x, factors, 0) or written(x)
    text = text or next(_multiples(x, pairs, _is_made), "")
    if text:
        return text
    exact = Fraction(Decimal(f"{x:.{_FOLDED - 1}e}"))
    if _is_near(exact, 1.0, x) and _is_folded(exact, x):
        return _text(exact)
    constant = next(_multiples(x, CONSTANTS | _FURTHER, _is_near), "")
    return constant or _of_decimal(x, factors, _UNITS)


def _is_folded(exact: Fraction, x: float) -> bool:
    """True if Python makes a double of two short decimals, or of a power of one."""
    for power in range(2, _POWERS + 1):
        base = float(f"{x ** (1.0 / power):.{_SHORT}g}")
        if base**power == x and Fraction(str(base)) ** power == exact:
            return True
    for a in _short_decimals():
        b = exact / a
        if _is_short_decimal(b) and x in (float(a) * float(b), float(b) / float(1 / a)):
            return True
        if _is_short_decimal(exact - a) and float(a) + float(exact - a) == x:
            return True
        if _is_short_decimal(exact + a) and float(exact + a) - float(a) == x:
            return True
    return False


@cache
def _short_decimals() -> list[Fraction]:
    """Numbers of up to three digits, as people write them."""
    return sorted(
        {Fraction(k) * Fraction(10) ** e for k in range(1, 1000) for e in (-4, -3, -2, 0)}
    )


def _is_short_decimal(number: Fraction) -> bool:
    return number > 0 and (number * 10**_SHORT).denominator == 1


def _of_others(x: float, bases: dict[float, str]) -> str:
    """A few times a power of a number of the function, if no decimal says the same.

    Or what Python makes exactly this double of: a logarithm or root of one, or two of them; and
    twice a sum or difference, whose digits it has.
    """
    for (y, text), (z, other) in product(bases.items(), repeat=2):
        for sign, made in (("*", y * z), ("/", y / z)):
            if times := _power_of_two(x, made):
                scaled = f"{_text(times)} * " if times != 1 else ""
                return f"{scaled}({text}) {sign} ({other})"
        for sign, made in (("+", y + z), ("-", y - z)):
            if factor := next((f for f in (1, 2, 4) if x == f * made), 0):
                return f"{factor} * (({text}) {sign} ({other}))"
    for y, text in bases.items():
        if x == math.sqrt(y):
            return f"sqrt({text})"
        if x == abs(math.log(y)):
            return f"{'-' * (y < 1.0)}log({text})"
    for power in (1, *(sign * k for k in range(1, _POWERS + 1) for sign in (1, -1))):
        powers = {y**power: f"({text})**{power}" for y, text in bases.items() if _tame(y, power)}
        if text := next(_multiples(x, powers, _is_few), ""):
            return text
    return ""


def _of_decimal(x: float, factors: Mapping[float, str], units: int) -> str:
    """A number as a few times a function of a short decimal, within units of the last place."""
    for (factor, text), (name, (function, inverse)) in product(factors.items(), _FUNCTIONS.items()):
        for sign in (1.0, -1.0):
            try:
                argument = float(f"{inverse(sign * x / factor):.{_ARGUMENT}g}")
                if not _BETWEEN[0] < abs(argument) < _BETWEEN[1]:
                    continue
                found = sign * function(argument) * factor
            except (ValueError, OverflowError):
                continue
            if abs(found - x) <= units * _UNIT * x:
                decimal = Fraction(Decimal(repr(argument)))
                if name != "sqrt" or not _is_square(decimal):  # whose root is a fraction
                    return f"{'-' * (sign < 0.0)}({text}) * {name}({_text(decimal)})"
    return ""


def _power_of_two(x: float, made: float) -> Fraction:
    """By which one double is another, 0 if by none."""
    (one, up), (other, down) = math.frexp(x), math.frexp(made)
    return Fraction(2) ** (up - down) * (one == other and abs(up - down) <= _HALVINGS)


def _is_square(number: Fraction) -> bool:
    return all(math.isqrt(n) ** 2 == n for n in (number.numerator, number.denominator))


def _tame(x: float, power: int) -> bool:
    return 1e-150 < x < 1e150 and 1e-300 < 10.0 ** (len(str(int(x))) * power) < 1e300


def _multiples(x: float, of: Mapping[float, str], agrees: Agrees) -> Iterator[str]:
    """A number as a small fraction of one of these."""
    for known, text in of.items():
        near = _fraction(float(Fraction(x) / Fraction(known)))
        if near and agrees(near, known, x):
            yield text if near == 1 else f"{_text(near)} * ({text})"


def _quotients(x: float, by: Mapping[float, str]) -> Iterator[str]:
    """A number as what Python makes of a small fraction, divided by one of these."""
    for known, text in by.items():
        near = _fraction(x * known)
        if near and float(near) / known == x:
            yield f"{_text(near)} / ({text})"


def _fraction(x: float) -> Fraction:
    near = Fraction(x).limit_denominator(_SMALL)
    return near if near.numerator < _SMALL else Fraction(0)


def _is_near(factor: Fraction, known: float, x: float) -> bool:
    """True if a number is a multiple of a known one but for rounding."""
    return abs(factor * Fraction(known) - Fraction(x)) <= _UNITS * _UNIT * Fraction(x)


def _is_made(factor: Fraction, known: float, x: float) -> bool:
    """True if a number is exactly what Python makes of a multiple of a known one."""
    p, q = float(factor.numerator), float(factor.denominator)
    return x in (p * known / q, p / q * known, known / q * p, known / (q / p))


def _is_few(factor: Fraction, known: float, x: float) -> bool:
    """True if a number is made of a known one with a factor that a rule may bring.

    Where the nearest short decimal is as near, a number is that decimal, wrong in its last digit.
    """
    few = max(factor.numerator, factor.denominator) <= _FEW
    decimal = Fraction(Decimal(f"{x:.{_FOLDED - 1}e}"))
    return few and _is_made(factor, known, x) and not _is_near(decimal, 1.0, x)


def _text(number: Fraction) -> str:
    return f"Rational({number.numerator}, {number.denominator})"
