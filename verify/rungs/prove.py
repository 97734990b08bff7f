"""Proof by symbols: show that an expression vanishes, cheap steps first.

A SymPy answer "not zero" is never a refutation; it only means that this rung does not decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy

from verify.numbers.symbols import Lift, Side, Symbolic, every_side
from verify.program.program import Program
from verify.rungs.alarm import TimeUp, at_most

__all__ = ["Proof", "vanishes"]

sp: Any = sympy

# Larger expressions are left to evaluation: simplification is not worth its time there.
_TREE = 20_000
_SIDES = 32
_EXPAND, _RATIONAL, _SIMPLIFY = 2_000, 600, 120  # operations up to which a step is tried

_SECONDS = 2.0  # an entry
# What SymPy raises on odd input, besides the OverflowErrors of this module.
_SYMPY_RAISES = (
    RecursionError, NotImplementedError, ArithmeticError, ValueError, AttributeError, TypeError,
)  # fmt: skip

Interval = tuple[float, float]


def vanishes(expression: Any) -> str | None:
    """The step that shows ``expression`` is zero, None if none does."""
    if expression == 0:
        return "identical"
    size = expression.count_ops()
    steps = (
        ("expand", _EXPAND, sp.expand),
        ("powers combined", _RATIONAL, sp.powsimp),
        ("common denominator", _RATIONAL, _numerator),
        ("simplify", _SIMPLIFY, sp.simplify),
    )
    for name, limit, step in steps:
        if size <= limit and step(expression) == 0:
            return name
    return None


def _numerator(expression: Any) -> Any:
    """Numerator over a common denominator, with powers and exponentials taken apart."""
    if expression.has(sp.functions.elementary.hyperbolic.HyperbolicFunction):
        expression = expression.rewrite(sp.exp)
    if expression.has(sp.erfc):
        expression = expression.rewrite(sp.erf)
    apart = sp.expand_power_base(sp.expand_power_exp(expression))
    return sp.expand(sp.together(apart).as_numer_denom()[0])


class Proof:
    """Symbolic proof that a gradient under proof equals the function's derivatives.

    Args:
        forward: The traced function.
        subject: The gradient: the value (if ``value``), then the partial derivatives.
        value: Whether the gradient gives the value too.
        inputs: Places of the inputs the partial derivatives belong to.
        domain: Interval of each input.
        read: What some literals of the gradient stand for.
        ties: Whether the text may ask for equalities that the function does not ask for.  What it
            says where they hold is not proven, for they have no inside.
    """

    def __init__(
        self,
        forward: Program,
        subject: Program,
        value: bool,
        inputs: Sequence[int],
        domain: Sequence[Interval],
        read: Mapping[float, str],
        ties: bool = False,
    ) -> None:
        self._forward, self._subject, self._inputs = forward, subject, inputs
        self._first = 0 if value else 1
        self._lift = Lift(forward.literals(), read)
        self._domain = domain
        self._symbols = [_symbol(i, interval) for i, interval in enumerate(domain)]
        self._sides: list[tuple[Any, list[Any]]] | None = None
        self._ties = ties
        self._unasked = ""  # where the text makes an exception that the function does not
        self._hopeless = ""  # why there are no sides

    def step(self, entry: int) -> tuple[str | None, str]:
        """How entry ``entry`` (0 is the value) is proven equal to the derivative, or why it is not.

        Returns:
            The step that shows it and "", or None and the reason.
        """
        if self._hopeless:
            return None, self._hopeless
        try:
            with at_most(_SECONDS):
                return self._step(entry)
        except TimeUp:
            reason = f"no answer within {_SECONDS:g} s"
        except _SYMPY_RAISES as error:
            reason = str(error) or type(error).__name__
        if self._sides is None:
            self._hopeless = reason
        return None, reason

    def _step(self, entry: int) -> tuple[str | None, str]:
        found = "identical"
        # Where the function itself is nan there is nothing to prove.
        sides = [(f, outputs) for f, outputs in self._every_side() if not f.has(sp.nan, sp.zoo)]
        for value, outputs in sides:
            true = sp.diff(value, self._symbols[self._inputs[entry - 1]]) if entry else value
            step = self._vanishes(outputs[entry - self._first] - true)
            if step is None:
                return None, "the difference did not simplify to zero"
            found = step if step != "identical" else found
        if not sides:
            return None, "the function is nowhere defined"
        if self._unasked:
            return None, f"nothing is known where {self._unasked} is zero"
        return found if len(sides) == 1 else f"{found}, on each of {len(sides)} sides", ""

    def _every_side(self) -> list[tuple[Any, list[Any]]]:
        """Value, and value and partial derivatives of the gradient, on each side."""
        if self._sides is None:
            size = self._forward.tree_size() + self._subject.tree_size()
            if size > _TREE:
                raise OverflowError("the expressions are too large")
            self._sides = list(every_side(self._side, _SIDES))
        return self._sides

    def _side(self, side: Side) -> tuple[Any, list[Any]]:
        algebra = Symbolic(self._lift, side)
        forward = algebra.run(self._forward, self._symbols)
        asked = set(side.ties)
        subject = algebra.run(self._subject, self._symbols)
        if not self._ties and not asked.issuperset(side.ties):
            self._unasked = str(next(x for x in side.ties if x not in asked))
        outputs = [sp.sympify(subject[i]) for i in self._subject.outputs]
        return sp.sympify(forward[self._forward.outputs[0]]), outputs

    def _vanishes(self, difference: Any) -> str | None:
        step = vanishes(difference)
        if step is not None:
            return step
        inside = {x: _parametrised(x, i) for x, i in zip(self._symbols, self._domain, strict=True)}
        narrowed = difference.subs({x: y for x, y in inside.items() if x != y})
        return None if narrowed == difference else vanishes(narrowed)


def _symbol(place: int, interval: Interval) -> Any:
    low, high = interval
    if low >= 0.0:
        return sp.Symbol(f"x{place}", positive=True)
    return (
        sp.Symbol(f"x{place}", real=True) if high > 0.0 else sp.Symbol(f"x{place}", negative=True)
    )


def _parametrised(x: Any, interval: Interval) -> Any:
    """x in an interval by a positive number, so that roots of its parts simplify."""
    low, high = interval
    p = sp.Symbol(f"p{x.name}", positive=True)
    if interval == (float("-inf"), float("inf")) or interval == (0.0, float("inf")):
        return x
    if high == float("inf"):
        return sp.Rational(low) + p
    if low == float("-inf"):
        return sp.Rational(high) - p
    return sp.Rational(low) + sp.Rational(high - low) * p / (1 + p)
