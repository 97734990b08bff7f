"""Numbers that options are: each as it was given, or the error that says what was expected."""

from __future__ import annotations

import math
import numbers

from autodiff.errors import ArgumentError
from autodiff.graph.tree.leaves import number, shown
from autodiff.table.primitive import Operand

__all__ = ["given_count", "given_numbers", "given_seconds"]


def given_numbers(name: str, *values: object) -> None:
    """See that the values are numbers, or stand for some.

    Raises:
        ArgumentError: if one is none.
    """
    for value in values:
        if type(value) is not float and not isinstance(value, Operand):
            number(value, name)


def given_count(name: str, value: object, least: int = 1, most: int | None = None) -> int:
    """An int from ``least``, up to ``most``.

    Raises:
        ArgumentError: if it is none.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise ArgumentError(f"{name}: found {shown(value)}; expected an int from {least}")
    if most is not None and int(value) > most:
        raise ArgumentError(f"{name}: found more than {most}; expected an int up to that")
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
