"""Covered: whether what a text needs holds wherever its function is defined.

``x**2 - 2*x*y + y**2`` is the square of ``x - y``: whoever multiplies a denominator out needs no
more than the function does.  ``(1 - x)/x`` is positive where ``x`` and ``1 - x`` are, and
``2 + sin(x)`` everywhere.  And inputs are doubles: at a rational number other than 0 sine, cosine
and exponential are transcendental (Lindemann), so ``cos(x/2)`` is never zero, ``sin(x/2)`` only at
0, and ``log(x)`` only at 1.  A sum of squares is zero only where all of them are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

import sympy

from verify.numbers.regions import Side
from verify.numbers.symbols import Lift, Symbolic
from verify.numbers.within import Interval, within
from verify.program.program import Program
from verify.rungs.process.alarm import TimeUp, at_most

__all__ = ["is_covered"]

sp = sympy
_SECONDS = 1.0
_TREE = 1000
_PAIRED = 6  # numbers of which products are looked at, two at a time
_WEAKER = "nonnegative"
_SIGNS = {"positive": "is_positive", _WEAKER: "is_nonnegative"}
_ENOUGH = {"positive": ("positive",), _WEAKER: ("positive", _WEAKER)}
_Given = tuple[str, sympy.Basic]
_RAISES = (TimeUp, ArithmeticError, ValueError, TypeError, NotImplementedError, AttributeError)


def is_covered(
    need: str,
    wanted: Program,
    known: Sequence[tuple[str, Program]],
    intervals: Mapping[int, Interval],
) -> bool:
    """True if a need of a text is met wherever the chain rule's are.

    Args:
        need: "nonzero", "positive" or "nonnegative".
        wanted: What has to be that.
        known: Needs of the chain rule that hold wherever it is defined.
        intervals: Of inputs, where alone it is defined.
    """
    # One table of constants for all: a symbol is one number.
    known = [(kind, program) for kind, program in known if program.tree_size() <= _TREE]
    programs = (wanted, *(program for _, program in known))
    lift = Lift(x for program in programs for x in program.literals())
    numbers = _Numbers(lift)
    try:
        with at_most(_SECONDS, working=True):
            number = numbers.of(wanted)
            given = [(kind, numbers.of(program)) for kind, program in known]
            if _is_met(need, number, given, intervals):
                return True
            # As any positive numbers constants are not told from each other.
            number, *others = (x.xreplace(lift.exact) for x in (number, *(g for _, g in given)))
            given = [(kind, x) for (kind, _), x in zip(given, others, strict=True)]
            return bool(lift.exact) and _is_met(need, number, given, intervals)
    except _RAISES:
        return False


def _is_met(
    need: str, number: sympy.Basic, given: Sequence[_Given], intervals: Mapping[int, Interval]
) -> bool:
    if need != "nonzero" and _has_sign(number, need, given, intervals):
        return True
    parts = {"nonzero": True, "positive": _has_sign(number, _WEAKER, given, intervals)}
    return parts.get(need, False) and _is_apart_from_zero(number, given, intervals)


def _has_sign(
    number: sympy.Basic, need: str, given: Sequence[_Given], intervals: Mapping[int, Interval]
) -> bool:
    """True if a number is above zero as needed, by itself or as a product of what is."""
    if any(_is_above(x, need, intervals) for x in _forms(number)):
        return True
    above = [g for kind, g in given if kind in _ENOUGH[need] or _is_above(g, need, intervals)]
    products = (*above, *(g * h for g, h in combinations(above[:_PAIRED], 2)))
    wanted = _SIGNS[need]
    return any(getattr(sp.factor(number / g), wanted) for g in products)


def _is_apart_from_zero(
    number: sympy.Basic, given: Sequence[_Given], intervals: Mapping[int, Interval]
) -> bool:
    """True if a number is zero at no double where the chain rule is defined."""
    factors = (f for kind, g in given if kind != _WEAKER for f in _factors(g))
    zeros = [f for g in factors for f in _inner(g) if not f.is_number]
    return any(  # a sum as it stands first: factors are multiplied out
        _is_sum_above_zero(x, zeros, intervals)
        or all(_is_never_zero(f, zeros, intervals) for f in _factors(x))
        for x in _forms(number)
    )


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


def _inner(f: sympy.Basic) -> list[sympy.Basic]:
    """A factor, and what is no more zero than it is: x of sin(x), and of exp(x) - 1."""
    found = [f]
    while (inside := _argument(found[-1])) is not None:
        found.append(inside)
    return [g for one in found for g in _factors(one)]


def _argument(f: sympy.Basic) -> sympy.Basic | None:
    """x, of a function that is zero where x is; None of others."""
    if f.func in (*_ONLY_AT_ZERO, sp.sin, sp.tan):
        return f.args[0]
    return _exponent(f)


def _exponent(f: sympy.Basic) -> sympy.Basic | None:
    """x, of exp(x) - 1 or its negative; None of others."""
    for g in (f, -f):
        rest = g + 1
        if isinstance(rest, sp.exp):
            return rest.args[0]
    return None


def _is_never_zero(
    f: sympy.Basic, zeros: Sequence[sympy.Basic], intervals: Mapping[int, Interval]
) -> bool:
    """True if a factor is not zero at any double where none of ``zeros`` is."""
    if f.is_nonzero or any(_is_multiple(sp.cancel(f / g)) for g in zeros):
        return True
    if _is_above(f, "positive", intervals) or _is_above(-f, "positive", intervals):
        return True
    if _is_sum_above_zero(f, zeros, intervals):
        return True
    inside = f.args[0] if f.func in _ONLY_AT_ZERO else _exponent(f)
    if inside is None and f.func in _ZEROS and _is_rational(f.args[0]):
        inside = _ZEROS[f.func](f.args[0])
    return inside is not None and all(_is_never_zero(g, zeros, intervals) for g in _factors(inside))


def _is_sum_above_zero(
    f: sympy.Basic, zeros: Sequence[sympy.Basic], intervals: Mapping[int, Interval]
) -> bool:
    """True of a sum of squares, and the like, of which one is not zero."""
    terms = sp.Add.make_args(f)
    if len(terms) < 2 or not all(_is_above(x, _WEAKER, intervals) for x in terms):
        return False
    return any(all(_is_never_zero(g, zeros, intervals) for g in _factors(x)) for x in terms)


def _is_multiple(ratio: sympy.Basic) -> bool:
    """True for a number other than zero, which is a multiple of anything."""
    return bool(ratio.is_number and ratio.is_nonzero)


# Of real numbers; and where alone a function of a rational number is zero.
_WITHIN_ONE = sp.sin, sp.cos, sp.tanh, sp.erf
_ONLY_AT_ZERO = sp.sinh, sp.tanh, sp.asinh, sp.atanh, sp.asin, sp.atan, sp.erf
_ZEROS: dict[sympy.Basic, Callable[[sympy.Basic], sympy.Basic]] = {
    sp.cos: lambda x: sp.S.One,
    sp.sin: lambda x: x,
    sp.tan: lambda x: x,
    sp.log: lambda x: x - 1,
    sp.exp: lambda x: sp.S.One,
}


def _is_rational(x: sympy.Basic) -> bool:
    """True if a number is rational where all inputs are: doubles, and what arithmetic makes."""
    powers = all(power.exp.is_Integer for power in x.atoms(sp.Pow))
    return powers and not x.has(sp.NumberSymbol, sp.Float, sp.Function, sp.I)


def _is_above(x: object, need: str, intervals: Mapping[int, Interval]) -> bool:
    """True if a number is positive, or not negative, wherever inputs are in their intervals."""
    inside = within(x, intervals)
    forms = (inside, sp.factor(inside), sp.expand(inside))
    wanted = _SIGNS[need]
    return any(getattr(form, wanted) or _is_ratio(form, wanted) for form in forms) or (
        _least(inside) > 0
    )


def _is_ratio(x: object, wanted: str) -> bool:
    """True if numerator and denominator are above zero each."""
    above, below = (sp.expand(part) for part in sp.together(x).as_numer_denom())
    return bool(getattr(above, wanted) and below.is_positive)


def _of_bounded(x: sympy.Basic) -> bool | None:
    """Whether a product of numbers within -1 and 1 is one of squares; None of any other."""
    factors = [factor.as_base_exp() for factor in sp.Mul.make_args(x)]
    for base, power in factors:
        if base.func not in _WITHIN_ONE or not base.args[0].is_real:
            return None
        if not (power.is_Integer and power.is_positive):
            return None
    return all(power % 2 == 0 for _, power in factors)


def _least(x: object) -> sympy.Basic:
    """A number that a sum of bounded terms is not below; minus infinity if none is known."""
    total = sp.S.Zero
    for term in sp.Add.make_args(x):
        factor, rest = term.as_coeff_Mul()
        if rest == 1:
            total += factor
        elif (powers := _of_bounded(rest)) is not None:
            total += min(factor, 0) if powers else -abs(factor)
        elif not term.is_nonnegative:
            return -sp.oo
    return total
