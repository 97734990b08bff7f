"""True numbers: what the outputs of a graph are over the reals, at many points, as doubles.

Balls where python-flint is installed, with as many bits as it takes; else mpmath with 60 and 200
digits, believed where both agree.  It is what rewrites are measured against, so nothing here
rounds but the last step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from autodiff.graph.graph import Graph
from verify.numbers.algebra import NoFormError
from verify.numbers.balls import Balls, ball_library, precision
from verify.numbers.precise import Precise
from verify.program.program import Program, program_of

__all__ = ["true_numbers"]

_BITS = (128, 640, 2560)
_DIGITS = (60, 200)
_LARGE, _SMALL = 2.0**105, 2.0**-975  # below the quotient, 2^-1080, a double is zero


def true_numbers(graph: Graph, points: Sequence[Sequence[float]]) -> list[list[float]]:
    """The outputs of a graph at each point, rounded to doubles once.

    Args:
        graph: The graph.
        points: Numbers for its inputs.

    Returns:
        For each point the outputs; nan where there is no real number, or none was found.

    >>> import autodiff as ad
    >>> true_numbers(ad.trace(lambda x: ad.exp(x) - 1.0, 1.0), [[1e-20]])
    [[1e-20]]
    """
    program = program_of(graph)
    rows = [[math.nan] * len(program.outputs) for _ in points]
    open_rows = list(range(len(points)))
    for answers in _by_balls(program) if ball_library() is not None else _by_digits(program):
        still = []
        for row in open_rows:
            found = answers(points[row])
            rows[row] = [a if b is None else b for a, b in zip(rows[row], found, strict=True)]
            if None in found:
                still.append(row)
        open_rows = still
    return rows


class _OfBalls:
    """Answers with a number of bits."""

    def __init__(self, program: Program, bits: int) -> None:
        self._program, self._bits, self._balls = program, bits, Balls(bits)

    def __call__(self, point: Sequence[float]) -> list[float | None]:
        """The outputs; None where the balls are too large to tell."""
        with precision(self._bits):
            try:
                balls = self._balls.run(self._program, [self._balls.number(x) for x in point])
            except (ValueError, ArithmeticError, NoFormError):
                return [None] * len(self._program.outputs)
            return [self._rounded(self._balls.number(balls[i])) for i in self._program.outputs]

    def _rounded(self, ball: object) -> float | None:
        if not ball.is_finite():  # type: ignore[attr-defined]  # an arb
            return None
        middle = ball.mid()  # type: ignore[attr-defined]
        if ball.is_exact() or ball.rad() < abs(middle) * 2.0**-70:  # type: ignore[attr-defined]
            return float(middle)
        return 0.0 if ball.abs_upper() * _LARGE < _SMALL else None  # type: ignore[attr-defined]


def _by_balls(program: Program) -> Iterator[_OfBalls]:
    for bits in _BITS:
        yield _OfBalls(program, bits)


class _OfDigits:
    """Answers of two computations with different digits that agree."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._kinds = [Precise(digits) for digits in _DIGITS]

    def __call__(self, point: Sequence[float]) -> list[float | None]:
        """The outputs; None where the digits do not agree."""
        few, many = (self._run(kind, point) for kind in self._kinds)
        return [x if x == y else None for x, y in zip(few, many, strict=True)]

    def _run(self, kind: Precise, point: Sequence[float]) -> list[float]:
        kind.restart()
        try:
            values = kind.run(self._program, [kind.literal(x) for x in point])
        except (ValueError, ArithmeticError, NoFormError):
            return [math.nan] * len(self._program.outputs)
        return [float(values[i]) for i in self._program.outputs]


def _by_digits(program: Program) -> Iterator[_OfDigits]:
    yield _OfDigits(program)
