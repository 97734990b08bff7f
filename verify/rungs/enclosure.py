"""Enclosure: one number of a gradient against the function's derivative, rigorously, at a point.

The emitted text is run on balls (balls.py), the traced function on power series (taylor.py).  If
the ball around the difference of the two does not hold zero, they differ: no rounding, no rule and
no guess is involved.  If it holds zero and is tiny, they agree that closely at the point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from verify.numbers.balls import Balls, SureAnswers, ball_library, precision
from verify.numbers.precise import Answers
from verify.numbers.taylor import Taylor
from verify.program.literals import is_short
from verify.program.program import Program
from verify.rungs.process.findings import Enclosed

if TYPE_CHECKING:
    from flint import arb

__all__ = ["MISSING", "Enclosure", "OnSide"]

MISSING = "python-flint is not installed"
TAYLOR, SYMPY = "the Taylor series", "sympy.diff"
_BITS = (256, 512, 1024)
_SMALL = 5_000  # steps up to which all these bits are affordable
_STEPS = 100_000  # more would take seconds a point


@dataclass(frozen=True)
class OnSide:
    """SymPy's value and derivatives where the function's questions have these answers."""

    derivatives: Program
    answers: Answers


class Enclosure:
    """Gradients under proof against the Taylor series of the function.

    Args:
        forward: The traced function.
        subjects: Gradients: the value (if ``value``), then the partial derivatives.
        inputs: Places of the inputs the partial derivatives belong to.
        value: Whether the gradients give the value too.
    """

    def __init__(
        self,
        forward: Program,
        subjects: Sequence[Program],
        inputs: Sequence[int],
        value: bool,
    ) -> None:
        self._forward, self._subjects, self._inputs = forward, subjects, inputs
        self._first = 0 if value else 1  # entry 0 is the value
        own = {abs(x) for x in forward.literals()}
        self._rounded = [
            any(not is_short(x) and abs(x) not in own for x in p.literals()) for p in subjects
        ]
        self._found: tuple[object, list[list[arb]]] = None, []  # of the last point and precision

    def outcome(self, point: Sequence[float], output: int, side: OnSide | None = None) -> Enclosed:
        """What is known about number ``output`` of the gradients at ``point``.

        Args:
            point: Where.
            output: Which number.
            side: SymPy's derivatives, as a second measure where the point is surely on that side:
                60 digits may have taken 1 - 1 / (1 + exp(-153)) for zero.
        """
        if ball_library() is None:
            return Enclosed("unknown", reason=MISSING)
        steps = sum(len(p.steps) for p in (self._forward, *self._subjects))
        if steps > _STEPS:
            return Enclosed("unknown", reason="too many operations for balls")
        known = Enclosed("unknown", reason="balls do not tell")
        for bits in _BITS:
            with precision(bits):
                known = self._at(bits, list(point), output, side) or known
            close = known.kind == "same" and _is_close(known, bits) and steps > _SMALL
            if known.kind == "different" or close:
                break
        return known

    def _at(
        self, bits: int, point: list[float], output: int, side: OnSide | None
    ) -> Enclosed | None:
        """What this many bits tell; None if nothing."""
        entry = output + self._first
        measures = {TAYLOR: self._expected(bits, point, entry)}
        if side is not None and self._is_on(bits, point, side):
            measures[SYMPY] = self._derived(bits, point, side.derivatives, entry)
        same = []
        for subject, found in enumerate(self._numbers(bits, point)):
            for by, expected in measures.items():
                difference = found[output] - expected
                if not difference.is_finite():
                    continue
                numbers = float(found[output].mid()), float(expected.mid())
                if not difference.contains(0):
                    least = float(difference.abs_lower())
                    rounded = self._rounded[subject]
                    return Enclosed("different", bits, *numbers, least, subject, rounded, by)
                most = float(difference.abs_upper())
                same.append(Enclosed("same", bits, *numbers, most, subject, by=by))
        return _all_same(same, len(self._subjects))

    def _is_on(self, bits: int, point: list[float], side: OnSide) -> bool:
        """True if the point is on this side beyond doubt."""
        balls = SureAnswers(bits)
        balls.run(self._forward, [balls.number(x) for x in point])
        return tuple(balls.answers) == side.answers

    def _derived(self, bits: int, point: list[float], derivatives: Program, entry: int) -> arb:
        """SymPy's number."""
        balls = Balls(bits)
        values = balls.run(derivatives, [balls.number(x) for x in point])
        return values[derivatives.outputs[entry]]

    def _expected(self, bits: int, point: list[float], entry: int) -> arb:
        along = self._inputs[entry - 1] if entry else -1
        taylor = Taylor(bits)
        line = taylor.line(point, [float(i == along) for i in range(len(point))])
        value = taylor.run(self._forward, line)[self._forward.outputs[0]]
        return value.coefficient(1 if entry else 0)

    def _numbers(self, bits: int, point: list[float]) -> list[list[arb]]:
        """The gradients' numbers."""
        key = bits, point
        if self._found[0] != key:
            balls = Balls(bits)
            inputs = [balls.number(x) for x in point]
            runs = [(balls.run(p, inputs), p.outputs) for p in self._subjects]
            self._found = key, [[values[i] for i in outputs] for values, outputs in runs]
        return self._found[1]


def _all_same(found: Sequence[Enclosed], subjects: int) -> Enclosed | None:
    """The loosest of what agrees, if every text was measured by the same; None if not."""
    by = [m for m in (TAYLOR, SYMPY) if sum(known.by == m for known in found) == subjects]
    told = [known for known in found if known.by in by]
    if not told:
        return None
    return replace(max(told, key=lambda known: known.radius), by=" and of ".join(by))


def _is_close(known: Enclosed, bits: int) -> bool:
    """True if more bits are not worth their time."""
    size = max(abs(known.found), abs(known.expected))
    return known.radius <= size * 2.0 ** (-bits // 2)
