"""A gradient's text on floats: what it gives, and whether two texts give clearly other numbers.

Only for the project's own texts and their mutants: they are executed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from verify.beside.mutants import ENTRY

__all__ = ["differs", "loaded", "run_text"]


def loaded(source: str) -> Any:
    """The text's ``value_and_gradient``."""
    scope: dict[str, Any] = {}
    exec(compile(source, "<mutant>", "exec"), scope)
    return scope[ENTRY]


def run_text(source: str, arguments: Sequence[Any]) -> list[float]:
    """What the text's ``value_and_gradient`` gives for floats; nan where it raises."""
    try:
        return _leaves(loaded(source)(*arguments))
    except (ArithmeticError, ValueError, NameError):
        return [math.nan]


def _leaves(value: Any) -> list[float]:
    if isinstance(value, (tuple, list)):
        return [x for item in value for x in _leaves(item)]
    return [float(value)]


def differs(source: str, mutant: str, points: Sequence[Sequence[Any]]) -> bool:
    """True if the mutant gives clearly other numbers at one of these points."""
    for point in points:
        right, wrong = run_text(source, point), run_text(mutant, point)
        if not all(map(math.isfinite, right)):
            continue
        if len(right) != len(wrong):
            return True
        for x, y in zip(right, wrong, strict=True):
            if not abs(x - y) <= 1e-6 * abs(x) + 1e-9:
                return True
    return False
