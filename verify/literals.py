"""Literals: which number a double in the text under proof stands for.

A rule says log(2), the emitted text 0.6931471805599453; the function divides by 6, the folded
gradient multiplies by 0.16666666666666666.  The proof is about real numbers, so a literal that the
user did not write, and that is the nearest double to a number of a short list, is read as that
number.  Every such reading is reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

__all__ = ["is_short", "readings"]

CONSTANTS: dict[float, str] = {
    3.141592653589793: "pi",
    6.283185307179586: "2*pi",
    1.5707963267948966: "pi/2",
    0.3183098861837907: "1/pi",
    0.6931471805599453: "log(2)",
    2.302585092994046: "log(10)",
    1.4426950408889634: "1/log(2)",
    0.4342944819032518: "1/log(10)",
    1.1283791670955126: "2/sqrt(pi)",
    0.5641895835477563: "1/sqrt(pi)",
    0.3989422804014327: "1/sqrt(2*pi)",
    0.7071067811865476: "sqrt(2)/2",
    1.4142135623730951: "sqrt(2)",
}
_DENOMINATOR = 10_000


def is_short(x: float) -> bool:
    """True for numbers like 2.0, 0.75, 120.0: exact, and harmless as exponents."""
    scaled = abs(x) * 1024.0
    return x != x or scaled == float("inf") or (scaled < 2.0**40 and scaled % 1.0 == 0.0)


def readings(own: Iterable[float], literals: Iterable[float]) -> dict[float, str]:
    """What literals of a text stand for: size of the literal -> ``sympy`` text.

    Args:
        own: Numbers of the user's function; they stand for themselves.
        literals: Numbers of the text under proof.
    """
    sizes = sorted({abs(x) for x in own})
    found = {}
    for size in {abs(x) for x in literals}.difference(sizes):
        text = None if is_short(size) else _reading(size, sizes)
        if text is not None:
            found[size] = text
    return found


def _reading(size: float, own: list[float]) -> str | None:
    exact = Fraction(size)
    for x in own:
        if is_short(x):
            continue
        for sign, shift in (("", exact - Fraction(x)), ("-", exact + Fraction(x))):
            if shift.denominator == 1 and abs(shift) <= 4:  # an exponent n - 1, exactly
                return f"{sign}{x!r} + {int(shift)}"
        if 1.0 / x == size:
            return f"1/{x!r}"
    if size in CONSTANTS:
        return CONSTANTS[size]
    near = exact.limit_denominator(_DENOMINATOR)
    # Nearer than a random number of this size comes to such a fraction.
    if near and near.denominator > 1 and float(near) == size and near.numerator < _DENOMINATOR:
        return f"Rational({near.numerator}, {near.denominator})"
    return None
