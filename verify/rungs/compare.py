"""Compare a gradient with the oracle at one point, with as many digits as it takes.

Two numbers agree when their difference is rounding of the arithmetic used here: below half of the
60 digits, or below nearly all of 300 digits.  Where the function or the text holds literals that
are no short binary fractions, constants folded in floating point may have been rounded; then a
difference that perturbing those literals by 1e-13 explains is *close*, and reported as such.
However much such a perturbation is amplified, no difference that anybody would see is close.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from mpmath import mpf

from verify.numbers.precise import Answers, Precise
from verify.program.limits import DIGITS, MORE_DIGITS, MOST_DIGITS, MOST_UP_TO, ROUNDING
from verify.program.literals import is_short
from verify.program.program import Program
from verify.rungs.process.findings import Outcome
from verify.truth.oracle import Oracle

__all__ = ["Comparison"]

_FUNCTION = re.compile(r"\w+(?=\()")
_ELEMENTARY = frozenset(
    re.findall(
        r"\w+",
        """Eq Ne And Or Not Piecewise Abs sign Max Min floor ceiling Rational sqrt exp log erf erfc
        sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh sinc""",
    )
)
_GROUPS = 24
_VISIBLE = 1e-9  # beyond it, relatively, a difference is one, whatever may explain it
_GROUPED = 100_000  # steps to run for all groups together


class Comparison:
    """Gradients under proof against the oracle.

    Args:
        forward: The traced function.
        subjects: Gradients: the value (if ``value``), then the partial derivatives.
        value: Whether the subjects give the value too.
        oracle: The true derivatives.

    Attributes:
        finer: Numbers with 300 digits.
        answers: What the function and each subject answered at the point.
        more_digits: How many are affordable where 60 do not tell, fewest first.
    """

    def __init__(
        self,
        forward: Program,
        subjects: Sequence[Program],
        value: bool,
        oracle: Oracle,
    ) -> None:
        self._programs = (forward, *subjects)
        self._first = 0 if value else 1  # of the oracle's numbers
        self.oracle = oracle
        self._precise = Precise(DIGITS)
        self.finer = Precise(MORE_DIGITS)
        numbers = {abs(x) for p in self._programs for x in p.literals()}
        self._rounded = sorted(x for x in numbers if not is_short(x))
        self.more_digits = (MORE_DIGITS, *([MOST_DIGITS] if self._is_elementary() else ()))
        self._always: set[int] | None = None
        self._found: list[list[mpf]] = []
        self._beyond: list[bool] = []
        self.answers: list[Answers] = []

    def _is_elementary(self) -> bool:
        """True if thousands of digits take moments: no special function, and few steps."""
        steps = [step for program in self._programs for step in program.steps]
        texts = {step[0] for step in steps if type(step) is tuple}
        return len(steps) <= MOST_UP_TO and _ELEMENTARY.issuperset(
            name for text in texts for name in _FUNCTION.findall(text)
        )

    # --- points ---

    def visit(self, point: Sequence[float]) -> tuple[bool, Answers]:
        """Whether the function is finite and smooth at ``point``, and on which side of what.

        It becomes the point of the calls below.  Borders of a gradient's own are no excuse: where
        the function is smooth, its derivative is one number.
        """
        precise = self._precise
        self._point = [precise.context.mpf(x) for x in point]
        runs = [self._run(precise, program, self._point) for program in self._programs]
        self._found = [numbers for numbers, *_ in runs[1:]]
        self._beyond = [beyond for *_, beyond in runs[1:]]
        self.answers = [answered for _, answered, *_ in runs]
        value = runs[0][0][0]
        answers = tuple(answer for answered in self.answers for answer in answered)
        return self._is_smooth(runs[0][2]) and precise.finite(value), answers

    def _is_smooth(self, ties: set[int]) -> bool:
        """True if the function is on no border, but for those it is on at any point."""
        if ties and self._always is None:
            self._always = self._ties_everywhere()
        return not ties - (self._always or set())

    def _run(
        self, precise: Precise, program: Program, point: Sequence[object]
    ) -> tuple[list[mpf], Answers, set[int], bool]:
        precise.restart()
        values = precise.run(program, point)
        found = [values[i] for i in program.outputs]
        return found, tuple(precise.answers), precise.ties, precise.beyond

    def _ties_everywhere(self) -> set[int]:
        """Steps that compare equal things at any point, such as max(x, x): no kinks."""
        precise = self._precise
        shifts = ((1.0, 0.0), (1.01, 0.003), (0.97, 0.1))
        # Every input by a shift of its own: equal inputs are no equal expressions.
        points = [
            [x * factor + (1 + i) * d for i, x in enumerate(self._point)] for factor, d in shifts
        ]
        return set.intersection(*(self._run(precise, self._programs[0], p)[2] for p in points))

    # --- comparison ---

    def derivatives(self) -> list[mpf]:
        """The function's value and derivatives at the point."""
        return self.oracle.derivatives(self._precise, self._point)

    def outcomes(self) -> list[Outcome]:
        """Outcome for the value (if given) and each partial derivative: the worst subject's."""
        closely = [_CloseLook(self, program, self.finer) for program in self._programs[1:]]
        outcomes = []
        for output, expected in enumerate(self.derivatives()[self._first :]):
            each = [
                Outcome(
                    self._kind(n, numbers[output], expected) or closely[n].kind(output),
                    float(numbers[output]),
                    float(expected),
                    n,
                )
                for n, numbers in enumerate(self._found)
            ]
            outcomes.append(max(each, key=lambda outcome: _ORDER.index(outcome.kind)))
        return outcomes

    def kind_with(self, digits: int, output: int, subject: int) -> str:
        """What so many digits tell of one output; "" if it is still no number."""
        look = _CloseLook(self, self._programs[1 + subject], Precise(digits))
        return look.kind(output) if look.is_finite(output) else ""

    def _kind(self, subject: int, found: mpf, expected: mpf) -> str:
        """What 60 digits tell; "" if it takes a closer look."""
        precise = self._precise
        if not precise.finite(expected):
            return "undefined"
        if not precise.finite(found):
            return "undefined" if self._beyond[subject] else "wrong"
        half = precise.context.mpf(10) ** (-DIGITS // 2)
        return "equal" if abs(found - expected) <= max(abs(found), abs(expected)) * half else ""

    def closely(self, subject: Program, precise: Precise) -> tuple[list[object], list[object]]:
        """The oracle's numbers and those at all places of ``subject``."""
        point = [precise.context.mpf(x) for x in self._point]
        expected = self.oracle.derivatives(precise, point)[self._first :]
        precise.restart()
        return expected, precise.run(subject, point)

    def perturbed(
        self, subject: Program, precise: Precise
    ) -> Iterator[tuple[list[object], list[object]]]:
        """The same with literals that may have been rounded off by ``ROUNDING``, group by group."""
        steps = sum(len(program.steps) for program in self._programs)
        groups = max(1, min(_GROUPS, _GROUPED // max(1, steps)))
        size = max(1, -(-len(self._rounded) // groups))
        try:
            for start in range(0, len(self._rounded), size):
                group = self._rounded[start : start + size]
                precise.scaled(dict.fromkeys(group, 1.0 + ROUNDING))
                yield self.closely(subject, precise)
        finally:
            precise.scaled({})


class _CloseLook:
    """A gradient that differs at a point with 60 digits, seen with more.

    Cancellation is gone then, a true difference stays.
    """

    def __init__(self, comparison: Comparison, subject: Program, precise: Precise) -> None:
        self._comparison, self._subject, self._precise = comparison, subject, precise

    def is_finite(self, output: int) -> bool:
        """True if an output and what it is compared with are numbers."""
        return all(map(self._precise.finite, self._at(self._numbers, output)))

    def kind(self, output: int) -> str:
        """What the digits tell of one output."""
        found, expected = self._at(self._numbers, output)
        ten, digits = self._precise.context.mpf(10), self._precise.digits
        rounding = abs(expected) * ten ** -(digits // 2), self._largest * ten ** -(digits * 4 // 5)
        difference = abs(found - expected)
        if difference <= max(rounding):
            return "equal"
        return "close" if difference <= self._allowed(output) else "wrong"

    def _at(self, numbers: tuple[list[mpf], list[mpf]], output: int) -> tuple[mpf, mpf]:
        expected, values = numbers
        return values[self._subject.outputs[output]], expected[output]

    @cached_property
    def _numbers(self) -> tuple[list[mpf], list[mpf]]:
        return self._comparison.closely(self._subject, self._precise)

    @cached_property
    def _largest(self) -> mpf:
        return max(
            (abs(x) for x in self._numbers[1] if x is not None and self._precise.finite(x)),
            default=0,
        )

    @cached_property
    def _moved(self) -> list[tuple[list[object], list[object]]]:
        return list(self._comparison.perturbed(self._subject, self._precise))

    def _allowed(self, output: int) -> object:
        """How much of a difference the rounding of constants to doubles may explain."""
        base = self._at(self._numbers, output)
        moved = [self._at(numbers, output) for numbers in self._moved]
        total = sum(abs(x - y) for pair in moved for x, y in zip(pair, base, strict=True))
        if not self._precise.finite(total):
            return 0
        return min(total, _VISIBLE * max(1, *map(abs, base)))


_ORDER = ("undefined", "equal", "close", "wrong")
