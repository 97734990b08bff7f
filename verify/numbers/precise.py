"""Precise: the algebra of floats with as many digits as a comparison needs.

A result that is not real (a logarithm of a negative number, a pole) is nan, never an exception, so
the untaken side of a condition disturbs nobody.  The answers to all questions (``order``,
``equal``) are written down: replayed on symbols, they give the same side of every condition.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TypeAlias

from mpmath import MPContext, mpf

from verify.numbers.algebra import NO_FORM, Algebra, NoFormError
from verify.program.limits import DIGITS

__all__ = ["Answers", "Precise"]

# Beyond 2**_HUGE the exponent of a result would itself be a number of a thousand digits.
_HUGE = 4096
_SLOW = frozenset({"log", "sqrt", "cbrt", "atan", "asinh", "acosh", "tanh", "erf"})  # but not here

Answers: TypeAlias = tuple[int | bool | None, ...]  # to the questions of a run
_made = threading.local()  # contexts by their digits: one takes milliseconds to make


def _context(digits: int) -> MPContext:
    """The context of some digits, each thread's own: functions raise its precision on the way."""
    known: dict[int, MPContext] = _made.__dict__.setdefault("contexts", {})
    if digits not in known:
        known[digits] = MPContext()
    known[digits].dps = digits
    return known[digits]


class Precise(Algebra[mpf]):
    """Numbers with ``digits`` digits.

    Args:
        digits: Decimal digits.
        read: What some literals stand for (literals.py).

    Attributes:
        answers: What was answered so far, in order.
        ties: Which steps asked a question and were exactly on the border of two sides.
        beyond: Whether a result is nan because it would be too long a number, not for having none.
    """

    def __init__(self, digits: int = DIGITS, read: dict[float, str] | None = None) -> None:
        self.digits = digits
        self.context: MPContext = _context(digits)
        self._read = read or {}
        self._scaled: dict[float, float] = {}
        self.answers: list[int | bool | None] = []
        self.ties: set[int] = set()
        self.beyond = False
        self._step = 0
        super().__init__({"pi": self.context.pi, "Rational": self.context.fraction})

    @property
    def nan(self) -> mpf:
        """The result of what has none."""
        return self.context.nan

    def restart(self) -> None:
        """Forget all answers."""
        self.answers, self.ties, self.beyond, self._step = [], set(), False, 0

    def scaled(self, factors: dict[float, float]) -> None:
        """Multiply these literals (by absolute value) from now on."""
        self._scaled = factors

    def literal(self, value: float) -> mpf:
        """The number that stands for a float, or what the float stands for."""
        size = abs(value)
        text = self._read.get(size)
        number = self.context.mpf(size) if text is None else self.apply(text, ())
        if value < 0:
            number = -number
        return number * self.context.mpf(self._scaled[size]) if size in self._scaled else number

    def order(self, x: mpf, y: mpf) -> int | None:
        """Sign of x - y; None if one of them is nan."""
        answer = None if x != x or y != y else (x > y) - (x < y)
        if answer == 0:
            self._tie(x, y)
        self.answers.append(answer)
        return answer

    def equal(self, x: object, y: object) -> bool | None:
        """True if x == y; None if one of them is nan."""
        answer = None if x != x or y != y else bool(x == y)
        if answer:
            self._tie(x, y)
        self.answers.append(answer)
        return answer

    def _tie(self, x: object, y: object) -> None:
        if type(x) is not int or type(y) is not int:  # ints are truth values, which have no border
            self.ties.add(self._step)

    def floor(self, x: object) -> mpf:
        """Largest integer not above x."""
        if not self.context.isfinite(x):
            return self.nan
        result = self.context.floor(x)
        if result == x:
            self.ties.add(self._step)
        return result

    def apply(self, text: str, operands: Iterable[object]) -> mpf:
        """Result of a primitive's text."""
        operands = list(operands)
        self._step += 1
        return self._real(super().apply)(text, operands)

    def named(self, name: str) -> mpf:
        """mpmath's function of SymPy's name."""
        if name in ("digamma", "polygamma"):
            psi = self._real(self.context.psi)
            return (lambda x: psi(0, x)) if name == "digamma" else lambda n, x: psi(int(n), x)
        if name == "jn":
            return self._bounded(self._spherical)
        if name == "erfcinv":
            return self._bounded(self._inverse_of_erfc)
        if not hasattr(self.context, name):
            raise NoFormError(f"{name} {NO_FORM}", name=name)
        function = getattr(self.context, name)
        return self._real(function) if name in _SLOW else self._bounded(function)

    def _spherical(self, n: mpf, x: mpf) -> mpf:
        """Spherical Bessel function: a power series, beyond a whole order a recurrence upwards."""
        context = self.context
        if not context.isfinite(x):
            return context.zero if x == x else self.nan
        if abs(x) <= n + 1 or n != int(n):
            half = n + context.mpf(3) / 2
            front = context.sqrt(context.pi) / 2 * (x / 2) ** n * context.rgamma(half)
            return front * context.hyp0f1(half, -x * x / 4)
        with context.extradps(10):
            before, value = context.cos(x) / x, context.sin(x) / x
            for k in range(int(n)):
                before, value = value, (2 * k + 1) * value / x - before
        return +value

    def _inverse_of_erfc(self, x: mpf) -> mpf:
        """Of small numbers with as many digits more as 1 - x loses."""
        context = self.context
        lost = max(0, -context.mag(x if x < 1 else 2 - x)) if 0 < x < 2 else 0
        with context.extraprec(2 * lost + 10):
            found = context.erfinv(1 - x)
        return +found

    def _real(self, function: Callable[..., object]) -> Callable[..., object]:
        """``function`` with nan where it has no real result."""

        def real(*operands: object) -> object:
            try:
                result = function(*operands)
            except (ArithmeticError, ValueError, self.context.NoConvergence):
                return self.nan
            return self.nan if isinstance(result, self.context.mpc) else result

        return real

    def _bounded(self, function: Callable[..., object]) -> Callable[..., object]:
        real = self._real(function)

        def bounded(*operands: object) -> object:
            finite = all(map(self.context.isfinite, operands))
            if finite and any(x and self.context.mag(x) > _HUGE for x in operands):
                self.beyond = True
                return self.nan
            try:
                return real(*operands)
            except TypeError:  # some of mpmath's functions stumble over infinities
                if finite:
                    raise
                return self.nan

        return bounded

    def finite(self, x: object) -> bool:
        """True for a real, finite number."""
        return not isinstance(x, self.context.mpc) and bool(self.context.isfinite(x))
