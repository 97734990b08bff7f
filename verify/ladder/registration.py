"""A custom primitive at its registration: its values at points, its rules as formulas."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from autodiff.errors import ArgumentError
from autodiff.table.primitive import Primitive
from verify.answer.report import Report, Verdict, VerificationError
from verify.rules.rules import prove_rule

__all__ = ["prove_custom", "text_of"]

_POINTS = 40
_TOLERANCE = 1e-7  # relative: what is looked for is another function, not the last digits


def text_of(form: Callable[..., Any], arguments: Sequence[str]) -> str:
    """Text of what ``form`` makes of SymPy's symbols."""
    import sympy

    return str(sympy.sympify(form(*map(sympy.Symbol, arguments))))


def prove_custom(row: Primitive, time_limit: float = 10.0) -> Report:
    """Compare values of ``row`` with its SymPy text at points, and prove its rules.

    Raises:
        VerificationError: with the point and both numbers, or with what could not be decided.
        ArgumentError: if the text names what SymPy does not have.
    """
    _compare_values(row)
    entries = tuple(prove_rule(row, place, time_limit) for place in range(row.arity))
    report = Report(row.name, "rules", entries)
    if report.verdict in (Verdict.REFUTED, Verdict.UNDECIDED):
        hint = "\n\nGive domain= if the rules hold on an interval only."
        raise VerificationError(str(report) + (hint if report.verdict is Verdict.UNDECIDED else ""))
    return report


def _compare_values(row: Primitive) -> None:
    from verify.numbers.precise import Precise

    precise = Precise()
    try:
        meaning = precise.function(row.sympy, row.arity)
    except AttributeError as error:
        raise ArgumentError(
            f"{row.name}: sympy={row.sympy!r}: {error.name!r} is no function known here; expected "
            "functions of SymPy and the argument names"
        ) from None
    source, compared = random.Random(0), 0
    for _ in range(_POINTS):
        point = [_drawn(source, *row.interval(place)) for place in range(row.arity)]
        try:
            exact = meaning(*map(precise.literal, point))
        except (ArithmeticError, ValueError, precise.context.NoConvergence):
            continue
        if not precise.finite(exact):
            continue
        expected, found = float(exact), row.impl(*point)
        if not math.isfinite(expected):
            continue
        compared += 1
        if not abs(found - expected) <= _TOLERANCE * abs(expected) + 1e-12:
            shown = ", ".join(map(repr, point))
            raise VerificationError(
                f"{row.name}({shown}): found {found!r}; its SymPy form {row.sympy!r} gives "
                f"{expected!r}. Correct one of them"
            )
    if not compared:
        raise ArgumentError(
            f"{row.name}: its SymPy form {row.sympy!r} is nowhere a real number; check domain="
        )


def _drawn(source: random.Random, low: float, high: float) -> float:
    """A number inside an interval."""
    if math.isfinite(low) and math.isfinite(high):
        return low + (high - low) * source.uniform(0.01, 0.99)
    if math.isfinite(low):
        return low + source.expovariate(0.7)
    if math.isfinite(high):
        return high - source.expovariate(0.7)
    return source.gauss(0.0, 1.5)
