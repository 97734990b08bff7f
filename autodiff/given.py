"""Numbers that options are: each as it was given, or the error that says what was expected."""

from __future__ import annotations

import math
import numbers

from autodiff.errors import ArgumentError

__all__ = ["given_count", "given_seconds"]


def given_count(name: str, value: object, least: int = 1) -> int:
    """An int from ``least``.

    Raises:
        ArgumentError: if it is none.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise ArgumentError(f"{name}: found {value!r}; expected an int from {least}")
    return int(value)


def given_seconds(name: str, value: object) -> float:
    """A number of seconds above 0, of a day at most.

    Raises:
        ArgumentError: if it is none.
    """
    number = math.nan if isinstance(value, bool) or not isinstance(value, numbers.Real) else value
    if not 0.0 < float(number) <= 86_400.0:
        raise ArgumentError(
            f"{name}: found {value!r}; expected seconds, above 0 and at most 86400 (a day)"
        )
    return float(number)
