"""Balls: real numbers enclosed rigorously, by python-flint's arbitrary-precision intervals.

A ball holds the true number, whatever was rounded on the way; so two balls that do not meet are two
different numbers, and that is how a gradient is refuted beyond doubt.  A result that has no real
value, or none that could be enclosed, is the ball of everything (``nan``): it tells nothing.

Conditions are never guessed: where a comparison cannot be decided the result is a ball around what
both sides give.  More bits make balls smaller; who asks chooses how many.

python-flint is optional (``pip install 'proofgrad[proof]'``).  Its precision is a global setting,
so everything that computes does so inside ``precision``.
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from autodiff.forking import hold_at_fork, late_import
from verify.numbers.algebra import Algebra, Number
from verify.program.program import Program

if TYPE_CHECKING:
    from flint import arb

__all__ = ["Balls", "Enclosures", "SureAnswers", "ball_library", "precision"]

_LOCK = threading.RLock()
hold_at_fork(_LOCK)  # a child starts with the usual precision


@cache
def ball_library() -> Any:
    """python-flint, None where it is not installed."""
    try:
        return late_import("flint")
    except ImportError:
        return None


@contextmanager
def precision(bits: int, terms: int = 2) -> Iterator[None]:
    """Compute with ``bits`` bits and power series of ``terms`` terms inside."""
    context = ball_library().ctx
    with _LOCK:
        before = context.prec, context.cap
        context.prec, context.cap = bits, terms
        try:
            yield
        finally:
            context.prec, context.cap = before


# What SymPy calls these; every other function is a method of the ball under SymPy's name.
_METHODS = {"loggamma": "lgamma"}
_OF_ORDER = {
    "polygamma": "_polygamma", "besseli": "_besseli", "besselj": "_besselj",
    "besselk": "_besselk", "bessely": "_bessely", "jn": "_jn",
}  # fmt: skip


class Enclosures(Algebra[Number]):
    """What encloses real numbers, and reads some literals as what they stand for.

    Args:
        names: As for ``Algebra``.
        read: What some literals stand for (literals.py).
    """

    def __init__(self, names: dict[str, object], read: Mapping[float, str] | None) -> None:
        self._read = read or {}
        super().__init__(names)

    @abstractmethod
    def number(self, x: object) -> Number:
        """``x`` as a number of this kind."""

    def literal(self, value: float) -> Number:
        """The exact value of a float, or what the float stands for."""
        text = self._read.get(abs(value))
        if text is None:
            return self.number(value)
        number = self.apply(text, ())
        return -number if value < 0 else number


class Balls(Enclosures["arb"]):
    """Enclosures of real numbers.

    Args:
        bits: Precision of the arithmetic.
        read: What some literals stand for (literals.py).

    >>> balls = Balls(256)
    >>> with precision(256):
    ...     third = balls.literal(1.0) / 3
    >>> bool(third * 3 == 1), bool((third * 3).contains(1))
    (False, True)
    """

    def __init__(self, bits: int, read: Mapping[float, str] | None = None) -> None:
        self.bits = bits
        self._ball = ball_library().arb
        with precision(bits):
            # A truth value that is not known: somewhere from 0 to 1.
            self._either = (self._ball(0)).union(self._ball(1))
            super().__init__(
                {
                    "pi": self._ball.pi(),
                    "Rational": lambda p, q: self._ball(p) / q,
                    "Abs": lambda x: abs(self.number(x)),
                    "Max": lambda x, y: self.number(x).max(self.number(y)),
                    "Min": lambda x, y: self.number(x).min(self.number(y)),
                    "sign": lambda x: self.number(x).sgn(),
                },
                read,
            )

    @property
    def nan(self) -> arb:
        """The ball that tells nothing."""
        found: arb = self._ball.nan()
        return found

    def number(self, x: Any) -> arb:
        """``x`` as a ball: truth values and the integers of texts are exact."""
        ball: arb = self._ball(x) if isinstance(x, (int, float)) else x
        return ball

    def run(self, program: Program, inputs: Sequence[object]) -> list[arb]:
        """The ball at every place of ``program`` that matters, None at the others."""
        with precision(self.bits):
            return super().run(program, inputs)

    def apply(self, text: str, operands: Sequence[object]) -> arb:
        """Result of a primitive's text."""
        return self.number(super().apply(text, operands))

    def order(self, x: object, y: object) -> int | None:
        """Sign of x - y; None if the balls do not tell."""
        x, y = self.number(x), self.number(y)
        if x < y:
            return -1
        return 1 if x > y else 0 if x == y else None

    def equal(self, x: object, y: object) -> bool | None:
        """True if x == y; None if the balls do not tell."""
        order = self.order(x, y)
        return None if order is None else order == 0

    def floor(self, x: object) -> arb:
        """Largest integer not above x."""
        return self.number(x).floor()

    def named(self, name: str) -> object:
        """The enclosing function of SymPy's name."""
        if name in _OF_ORDER:
            of_order = getattr(self, _OF_ORDER[name])
            return lambda n, x: of_order(self.number(n), self.number(x))
        if name == "atan2":
            return lambda y, x: self._ball.atan2(self.number(y), self.number(x))
        method = _METHODS.get(name, name)
        if not hasattr(self._ball, method):  # an opaque primitive's: nothing is known about it
            return lambda *_: self.nan
        return lambda x: getattr(self.number(x), method)()

    def _polygamma(self, n: arb, x: arb) -> arb:
        if x <= 0 and x.is_exact() and x.is_integer():
            return self.nan  # a pole, which FLINT takes seconds to find far from zero
        found: arb = ball_library().acb(x).polygamma(n).real
        return found

    def _besseli(self, n: arb, x: arb) -> arb:
        return x.bessel_i(n)

    def _besselj(self, n: arb, x: arb) -> arb:
        return x.bessel_j(n)

    def _besselk(self, n: arb, x: arb) -> arb:
        return x.bessel_k(n) if x > 0 else self.nan

    def _bessely(self, n: arb, x: arb) -> arb:
        return x.bessel_y(n) if x > 0 else self.nan

    def _jn(self, n: arb, x: arb) -> arb:
        """Spherical Bessel function, by a form that has no singularity at zero."""
        half = n + self._ball(3) / 2
        series = (-x * x / 4).hypgeom_0f1(half, regularized=True)
        found: arb = self._ball.pi().sqrt() / 2 * (x / 2) ** n * series
        return found

    # --- conditions that are not decided ---

    def _holds(self, answer: int | bool | None, *wanted: int | bool) -> object:
        return self._either if answer is None else super()._holds(answer, *wanted)

    def _logical(self, x: object, y: object, decisive: bool) -> object:
        truths = self.truth(x), self.truth(y)
        undecided = None in truths and decisive not in truths
        return self._either if undecided else super()._logical(x, y, decisive)

    def _decider(self, x: object, y: object, decisive: bool) -> object:
        if self.truth(x) is None:
            return self.number(x).union(self.number(y))
        return super()._decider(x, y, decisive)

    def _piecewise(self, *pairs: tuple[object, object]) -> object:
        possible = None
        for value, condition in pairs:
            truth = self.truth(condition)
            if truth is False:
                continue
            ball = self.number(value)
            possible = ball if possible is None else possible.union(ball)
            if truth:
                return possible
        return self.nan


class SureAnswers(Balls):
    """Balls that write down what they answer, as ``Precise`` does, and guess nothing.

    Attributes:
        answers: What was answered so far, in order; None where the balls do not tell.
    """

    # One side of a condition, or none: never a ball around both.
    _holds, _logical = Algebra._holds, Algebra._logical
    _decider, _piecewise = Algebra._decider, Algebra._piecewise

    def __init__(self, bits: int) -> None:
        self.answers: list[int | bool | None] = []
        super().__init__(bits)
        asked = self._decided()
        self._names |= {name: asked[name] for name in ("Abs", "Max", "Min", "sign")}

    def order(self, x: object, y: object) -> int | None:
        """Sign of x - y; None if the balls do not tell."""
        answer = super().order(x, y)
        self.answers.append(answer)
        return answer

    def equal(self, x: object, y: object) -> bool | None:
        """True if x == y; None if the balls do not tell."""
        order = super().order(x, y)
        answer = None if order is None else order == 0
        self.answers.append(answer)
        return answer
