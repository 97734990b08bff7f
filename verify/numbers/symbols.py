"""Symbols: the algebra of SymPy expressions, one side of every condition at a time.

An expression here never holds a ``Piecewise``: where a Program asks which of two numbers is larger,
a ``Side`` answers for one region of the inputs, and the next run takes the other side (regions.py).

Numbers become exact: a short binary fraction is a Rational; a long one is a positive symbol, the
same in the function and in the gradient, so what is proven holds for every value in its place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import sympy

from verify.numbers.algebra import Algebra
from verify.numbers.regions import Side
from verify.program.literals import is_short

__all__ = ["Lift", "Recorded", "Symbolic", "step_function"]

sp = sympy
_ELEMENTARY = 8  # order of spherical Bessel functions that are written out


class step_function(sympy.floor):  # type: ignore[misc]  # noqa: N801  # SymPy has no types; its spelling
    """floor with the derivative 0, which it has between its steps."""

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """The derivative."""
        return sp.S.Zero


class Lift:
    """Doubles as exact numbers.

    Args:
        own: Numbers that occur in the user's function.
        read: What some other literals stand for (literals.py).

    Attributes:
        values: What each symbol stands for.
        exact: The same as rational numbers.
    """

    def __init__(self, own: Iterable[float], read: Mapping[float, str] | None = None) -> None:
        sizes = sorted({abs(x) for x in own if not is_short(x)})
        self._own = {x: sp.Symbol(f"c{i}", positive=True) for i, x in enumerate(sizes)}
        self.values = {symbol: x for x, symbol in self._own.items()}
        self.exact = {c: _rational(x) for c, x in self.values.items() if math.isfinite(x)}
        self._read = read or {}

    def __call__(self, value: float) -> sympy.Expr:
        """The exact number."""
        size = abs(value)
        if value != value or size == math.inf:
            return sp.nan if value != value else sp.oo * int(math.copysign(1.0, value))
        exact = self._own.get(size)
        if exact is None and size in self._read:
            exact = Symbolic(self, Side()).apply(self._read[size], ())
        if exact is None:
            exact = _rational(size)
        return -exact if value < 0 else exact


def _rational(x: float) -> sympy.Expr:
    return sp.Rational(*x.as_integer_ratio())


class Questions(Protocol):
    """Whoever answers what a Program asks."""

    def order(self, x: object, y: object) -> int | None:
        """Sign of x - y."""

    def equal(self, x: object, y: object) -> bool | None:
        """True if x equals y; None if one of them is nan."""


class Recorded:
    """Answers given before, at a point."""

    def __init__(self, answers: Iterable[int | bool | None]) -> None:
        self._answers = iter(answers)

    def order(self, x: object, y: object) -> int | None:
        """The next answer."""
        return next(self._answers)

    def equal(self, x: object, y: object) -> bool | None:
        """The next answer."""
        answer = next(self._answers)
        return None if answer is None else bool(answer)


def _is_whole(term: sympy.Basic) -> bool:
    """True for floor(...) and its negative."""
    return isinstance(term if term.is_Function else -term, step_function)


def _spherical(order: sympy.Basic, x: object) -> sympy.Expr:
    """Spherical Bessel function: of sines, or for any order n + 1 of the orders n and n - 1."""
    if x == 0 and order.is_Integer and order >= 0:
        return sp.Integer(order == 0)
    if order.is_Integer and order <= _ELEMENTARY:
        return sp.expand_func(sp.jn(order, x))
    shift, n = order.as_coeff_Add()
    if shift == 1:
        return (2 * n + 1) / x * sp.jn(n, x) - sp.jn(n - 1, x)
    return sp.jn(order, x)


class Symbolic(Algebra[sympy.Expr]):
    """SymPy expressions.

    Args:
        lift: Doubles as exact numbers.
        questions: Answers what a Program asks.
    """

    def __init__(self, lift: Callable[[float], object], questions: Questions) -> None:
        self._lift = lift
        self._questions = questions
        super().__init__({})

    @property
    def nan(self) -> sympy.Expr:
        """The result of what has none."""
        return sp.nan

    def literal(self, value: float) -> sympy.Expr:
        """The exact number of a double."""
        return self._lift(value)

    def order(self, x: object, y: object) -> int | None:
        """Sign of x - y on this side."""
        return self._questions.order(x, y)

    def equal(self, x: object, y: object) -> bool | None:
        """True if x equals y on this side; None if one of them is nan."""
        return self._questions.equal(x, y)

    def floor(self, x: object) -> sympy.Expr:
        """Largest integer not above x."""
        # Whole parts come out first: floor(floor(a) + 1/2) is floor(a).
        terms = sp.Add.make_args(sp.expand(x))
        whole = [t for t in terms if t.is_Integer or _is_whole(t)]
        return sp.Add(*whole) + step_function(sp.Add(*(t for t in terms if t not in whole)))

    def named(self, name: str) -> object:
        """SymPy's function."""
        # Without a special value at zero, and without the second name of the same function.
        special = {
            "sinc": lambda x: sp.sin(x) / x if x != 0 else sp.S.One,
            "digamma": lambda x: sp.polygamma(0, x),
            "jn": _spherical,
            "undecided": lambda k: sp.Symbol(f"u{k}", real=True),
            "jump": lambda k: sp.Symbol(f"u{k}", real=True),
        }
        return special.get(name) or getattr(sp, name)
