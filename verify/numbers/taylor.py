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

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verify.numbers.balls import Enclosures, ball_library, precision
from verify.numbers.expansion import (
    FUNCTIONS,
    OF_ORDER,
    ONE_SIDED,
    Expansion,
    atan2_of,
    series_of,
    unknown_series,
    whole_of,
)
from verify.program.program import Program

if TYPE_CHECKING:
    from flint import arb_series

__all__ = ["Taylor", "Tie"]


@dataclass(frozen=True)
class Tie:
    """A question met exactly on its border.

    Args:
        step: Number of the step that asks, counted as they run.
        difference: What is zero there, expanded.
    """

    step: int
    difference: Expansion


class Taylor(Enclosures[Expansion]):
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
        self._forward, self._sides = forward, sides
        self.ties: list[Tie] = []
        self._step = 0
        with self.computing():
            arb = ball_library().arb
            super().__init__(
                {
                    "pi": self._constant(arb.pi()),
                    "Rational": lambda p, q: self._constant(arb(p) / q),
                },
                read,
            )

    def computing(self) -> AbstractContextManager[None]:
        """Context in which expansions are computed with."""
        return precision(self.bits, self.terms)

    def line(self, point: Sequence[float], direction: Sequence[float]) -> list[Expansion]:
        """``point + t direction``."""
        with self.computing():
            pairs = zip(point, direction, strict=True)
            return [Expansion(series_of([x, d]), d != 0.0) for x, d in pairs]

    def run(self, program: Program, inputs: Sequence[object]) -> list[Expansion]:
        """The expansion at every place of ``program`` that matters, None at the others."""
        self.ties, self._step = [], 0
        with self.computing():
            ONE_SIDED[0] = self._forward
            try:
                return super().run(program, inputs)
            finally:
                ONE_SIDED[0] = False

    def apply(self, text: str, operands: Sequence[object]) -> Expansion:
        """Result of a primitive's text."""
        self._step += 1
        return self.number(super().apply(text, operands))

    @property
    def nan(self) -> Expansion:
        """The expansion that tells nothing."""
        return Expansion(unknown_series())

    def _constant(self, x: object) -> Expansion:
        return Expansion(series_of([x]), False)

    def number(self, x: object) -> Expansion:
        """``x`` as an expansion: truth values and the integers of texts are constant."""
        return x if isinstance(x, Expansion) else self._constant(x)

    def named(self, name: str) -> object:
        """The expansion of SymPy's function."""
        if name in OF_ORDER:
            return lambda n, x: self._of_order(OF_ORDER[name], n, self.number(x))
        if name == "atan2":
            return lambda y, x: self._expanded(atan2_of, self.number(y), self.number(x))
        if name not in FUNCTIONS:  # an opaque primitive's, or one FLINT does not expand
            return lambda *_: self.nan
        return lambda x: self._expanded(FUNCTIONS[name], self.number(x))

    def _of_order(self, function: Callable[..., arb_series], n: object, x: Expansion) -> Expansion:
        start = self.number(n).start
        whole = start.is_exact() and start.is_integer()
        return self._expanded(function, whole_of(start), x) if whole else self.nan

    def _expanded(self, function: Callable[..., arb_series], *operands: object) -> Expansion:
        varies = any(x.varies for x in operands if isinstance(x, Expansion))
        return Expansion(function(*operands), varies)

    # --- borders ---

    def order(self, one: object, other: object) -> int | None:
        """Sign of one - other; None if it is not known, or changes at the point."""
        if one is other:
            return 0
        x, y = self.number(one), self.number(other)
        if x.start < y.start:
            return -1
        if x.start > y.start:
            return 1
        if x.start != y.start:
            return None
        return self._side(x - y) if x.varies or y.varies else 0

    def equal(self, x: object, y: object) -> bool | None:
        """True if x == y along the line; None if it is not known, or changes at the point."""
        order = self.order(x, y)
        return None if order is None else order == 0

    def floor(self, given: object) -> Expansion:
        """Largest integer not above x."""
        x = self.number(given)
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
