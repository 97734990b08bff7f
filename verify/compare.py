"""Compare a gradient with the oracle at one point, with as many digits as it takes.

Two numbers agree when their difference is rounding of the arithmetic used here: below half of the
60 digits, or below nearly all of 300 digits.  Where the function or the text holds literals that
are no short binary fractions, constants folded in floating point may have been rounded; then a
difference that perturbing those literals by 1e-13 explains is *close*, and reported as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from verify.limits import DIGITS, MORE_DIGITS, ROUNDING
from verify.literals import is_short
from verify.oracle import ChainRule, WholeFunction
from verify.precise import Precise
from verify.program import Program

__all__ = ["Comparison", "Outcome"]

_GROUPS = 24


@dataclass(frozen=True)
class Outcome:
    """What one number of a gradient was found to be at a point.

    Args:
        kind: "equal", "close", "wrong", or "undefined" where the derivative has no real value.
        found: The gradient's number.
        expected: The derivative.
        subject: Which text gave it.
    """

    kind: str
    found: float
    expected: float
    subject: int


class Comparison:
    """Gradients under proof against the oracle.

    Args:
        forward: The traced function.
        subjects: Gradients: the value (if ``value``), then the partial derivatives.
        value: Whether the subjects give the value too.
        oracle: The true derivatives.
        read: What some literals of the subjects stand for.
    """

    def __init__(
        self,
        forward: Program,
        subjects: Sequence[Program],
        value: bool,
        oracle: WholeFunction | ChainRule,
        read: dict[float, str],
    ) -> None:
        self._programs = (forward, *subjects)
        self._first = 0 if value else 1  # of the oracle's numbers
        self.oracle = oracle
        self._precise = {n: Precise(n, read) for n in (DIGITS, MORE_DIGITS)}
        numbers = {abs(x) for p in self._programs for x in p.literals()}
        self._rounded = sorted(x for x in numbers if not is_short(x))
        self._always: list[set[int]] | None = None
        self._found: list[list[Any]] = []

    # --- points ---

    def visit(self, point: Sequence[float]) -> tuple[bool, tuple[Any, ...]]:
        """Whether the function is finite and smooth at ``point``, and on which side of what.

        It becomes the point of the calls below.
        """
        precise = self._precise[DIGITS]
        self._point = [precise.context.mpf(x) for x in point]
        runs = [self._run(precise, program, self._point) for program in self._programs]
        if self._always is None:
            self._always = self._ties_everywhere()
        self._found = [numbers for numbers, _, _ in runs[1:]]
        answers = tuple(answer for _, answered, _ in runs for answer in answered)
        value = runs[0][0][0]
        smooth = all(
            not ties - always for (_, _, ties), always in zip(runs, self._always, strict=True)
        )
        return smooth and precise.finite(value), answers

    def _run(
        self, precise: Precise, program: Program, point: Sequence[Any]
    ) -> tuple[list[Any], tuple[Any, ...], set[int]]:
        precise.restart()
        values = precise.run(program, point)
        return [values[i] for i in program.outputs], tuple(precise.answers), precise.ties

    def _ties_everywhere(self) -> list[set[int]]:
        """Questions that compare equal things at any point, such as max(x, x): no kinks."""
        precise = self._precise[DIGITS]
        shifts = ((1.0, 0.0), (1.01, 0.003), (0.97, 0.1))
        points = [[x * factor + d for x in self._point] for factor, d in shifts]
        return [
            set.intersection(*(self._run(precise, program, p)[2] for p in points))
            for program in self._programs
        ]

    # --- comparison ---

    def derivatives(self) -> list[Any]:
        """The function's value and derivatives at the point."""
        return self.oracle.derivatives(self._precise[DIGITS], self._point)

    def outcomes(self) -> list[Outcome]:
        """Outcome for the value (if given) and each partial derivative: the worst subject's."""
        outcomes = []
        for output, expected in enumerate(self.derivatives()[self._first :]):
            each = [
                Outcome(self._kind(output, n, numbers[output], expected), float(numbers[output]),
                        float(expected), n)
                for n, numbers in enumerate(self._found)
            ]  # fmt: skip
            outcomes.append(max(each, key=lambda outcome: _ORDER.index(outcome.kind)))
        return outcomes

    def _kind(self, output: int, subject: int, found: Any, expected: Any) -> str:
        precise = self._precise[DIGITS]
        if not precise.finite(expected):
            return "undefined"
        if not precise.finite(found):
            return "wrong"
        half = precise.context.mpf(10) ** (-DIGITS // 2)
        if abs(found - expected) <= max(abs(found), abs(expected)) * half:
            return "equal"
        return self._closer_look(output, self._programs[1 + subject])

    def _closer_look(self, output: int, subject: Program) -> str:
        """The same with 300 digits: cancellation is gone, a true difference stays."""
        precise = self._precise[MORE_DIGITS]
        point = [precise.context.mpf(x) for x in self._point]
        expected = self.oracle.derivatives(precise, point)[output + self._first]
        precise.restart()
        values = precise.run(subject, point)
        largest = max((abs(x) for x in values if precise.finite(x)), default=0)
        difference = abs(values[subject.outputs[output]] - expected)
        ten = precise.context.mpf(10)
        if difference <= max(abs(expected) * ten**-150, largest * ten**-240):
            return "equal"
        return "close" if difference <= self._allowance(output, subject) else "wrong"

    def _allowance(self, output: int, subject: Program) -> Any:
        """How much rounding of constants to doubles may move the difference."""
        precise = self._precise[MORE_DIGITS]
        point = [precise.context.mpf(x) for x in self._point]

        def pair() -> tuple[Any, Any]:
            expected = self.oracle.derivatives(precise, point)[output + self._first]
            return expected, self._run(precise, subject, point)[0][output]

        base, total = pair(), precise.context.mpf(0)
        size = max(1, -(-len(self._rounded) // _GROUPS))
        try:
            for start in range(0, len(self._rounded), size):
                group = self._rounded[start : start + size]
                precise.scaled(dict.fromkeys(group, 1.0 + ROUNDING))
                moved = pair()
                total += abs(moved[0] - base[0]) + abs(moved[1] - base[1])
        finally:
            precise.scaled({})
        return total if precise.finite(total) else 0


_ORDER = ("undefined", "equal", "close", "wrong")
