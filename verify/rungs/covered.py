"""Covered: whether what a text needs holds wherever its function is defined.

``x**2 - 2*x*y + y**2`` is the square of ``x - y``: whoever multiplies a denominator out needs no
more than the function does.  ``(1 - x)/x`` is positive where ``x`` and ``1 - x`` are, and
``2 + sin(x)`` everywhere.  And inputs are doubles: at a rational number other than 0 sine, cosine
and exponential are transcendental (Lindemann), so ``cos(x/2)`` is never zero, ``sin(x/2)`` only at
0, and ``log(x)`` only at 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sympy

from verify.numbers.regions import Side
from verify.numbers.symbols import Lift, Symbolic
from verify.numbers.within import Interval, within
from verify.program.program import Program
from verify.rungs.process.alarm import TimeUp, at_most

__all__ = ["is_covered"]

sp = sympy
_SECONDS = 1.0
_TREE = 200
_RAISES = (TimeUp, ArithmeticError, ValueError, TypeError, NotImplementedError, AttributeError)


def is_covered(
    need: str, wanted: Program, known: Sequence[Program], intervals: Mapping[int, Interval]
) -> bool:
    """True if a need of a text is met wherever the chain rule's are.

    Args:
        need: "nonzero", "positive" or "nonnegative".
        wanted: What has to be that.
        known: Numbers of the chain rule that are not zero wherever it is defined.
        intervals: Of inputs, where alone it is defined.
    """
    # One table of constants for all: a symbol is one number.
    numbers = _Numbers(Lift(x for program in (wanted, *known) for x in program.literals()))
    try:
        with at_most(_SECONDS, working=True):
            number = numbers.of(wanted)
            if need != "nonzero":
                return any(_is_above(x, need, intervals) for x in _forms(number))
            factors = (f for program in known for f in _factors(numbers.of(program)))
            zeros = [f for f in factors if not f.is_number]
            return any(
                all(_is_never_zero(f, zeros, intervals) for f in _factors(x))
                for x in _forms(number)
            )
    except _RAISES:
        return False


class _Numbers:
    """Programs as expressions of the same symbols."""

    def __init__(self, lift: Lift) -> None:
        self._lift = lift

    def of(self, program: Program) -> sympy.Basic:
        """What a program computes."""
        if program.tree_size() > _TREE:
            raise OverflowError("the expression is too large")
        side, symbols = Side(), [sp.Symbol(f"x{i}", real=True) for i in range(program.inputs)]
        found = Symbolic(self._lift, side).run(program, symbols)[program.outputs[0]]
        if side.signs:
            raise ValueError("found conditions")
        return sp.sympify(found)


def _forms(number: sympy.Basic) -> Iterator[sympy.Basic]:
    """A number in forms that may show what it is."""
    yield number
    yield sp.expand_trig(number)
    yield sp.simplify(number.rewrite(sp.exp)) if number.has(sp.sinh, sp.cosh, sp.tanh) else number


def _factors(number: object) -> list[sympy.Basic]:
    """What has to be zero for a number to be zero."""
    numerator = sp.factor(number).as_numer_denom()[0]
    factors = sp.Mul.make_args(numerator)
    return [f.as_base_exp()[0] for f in factors if not (f.is_number and f.is_nonzero)]


def _is_never_zero(
    f: sympy.Basic, zeros: Sequence[object], intervals: Mapping[int, Interval]
) -> bool:
    """True if a factor is not zero at any double where none of ``zeros`` is."""
    if f.is_nonzero or any(_is_multiple(sp.cancel(f / g)) for g in zeros):
        return True
    if _is_above(f, "positive", intervals) or _is_above(-f, "positive", intervals):
        return True
    if f.func in _ZEROS and _is_rational(f.args[0]):
        inside = _ZEROS[f.func](f.args[0])
        return inside is None or all(_is_never_zero(g, zeros, intervals) for g in _factors(inside))
    return False


def _is_multiple(ratio: sympy.Basic) -> bool:
    """True for a number other than zero, which is a multiple of anything."""
    return bool(ratio.is_number and ratio.is_nonzero)


# Where alone a function of a rational number is zero; None if nowhere.
_ZEROS: dict[sympy.Basic, sympy.Basic] = {
    sp.cos: lambda x: None,
    sp.sin: lambda x: x,
    sp.tan: lambda x: x,
    sp.log: lambda x: x - 1,
    sp.exp: lambda x: None,
}


def _is_rational(x: sympy.Basic) -> bool:
    """True if a number is rational where all inputs are: doubles, and what arithmetic makes."""
    powers = all(power.exp.is_Integer for power in x.atoms(sp.Pow))
    return powers and not x.has(sp.NumberSymbol, sp.Float, sp.Function, sp.I)


def _is_above(x: object, need: str, intervals: Mapping[int, Interval]) -> bool:
    """True if a number is positive, or not negative, wherever inputs are in their intervals."""
    inside = within(x, intervals)
    forms = (inside, sp.factor(inside), sp.expand(inside))
    wanted = "is_positive" if need == "positive" else "is_nonnegative"
    return any(getattr(form, wanted) or _is_ratio(form, wanted) for form in forms) or (
        _least(inside) > 0
    )


def _is_ratio(x: object, wanted: str) -> bool:
    """True if numerator and denominator are above zero each."""
    above, below = (sp.expand(part) for part in sp.together(x).as_numer_denom())
    return bool(getattr(above, wanted) and below.is_positive)


def _least(x: object) -> sympy.Basic:
    """A number that a sum of bounded terms is not below; minus infinity if none is known."""
    total = sp.S.Zero
    for term in sp.Add.make_args(x):
        factor, rest = term.as_coeff_Mul()
        if rest == 1:
            total += factor
        elif rest.func in (sp.sin, sp.cos) and rest.args[0].is_real:
            total -= abs(factor)
        elif not term.is_nonnegative:
            return -sp.oo
    return total
