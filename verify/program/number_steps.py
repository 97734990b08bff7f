"""Steps of a program that depend on no input: ``cos(1)``, and the doubles that they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from math import copysign, isfinite

from autodiff.table.float import Float
from autodiff.table.primitive import REGISTRY, Primitive
from verify.program.program import SIGN_OF_ZEROS, Program

__all__ = ["implementations", "numbers_in", "with_numbers_folded"]

_DECIDERS: dict[str, Callable[..., float]] = {
    SIGN_OF_ZEROS: lambda x: copysign(1.0, x),
    "both({0}, {1})": lambda x, y: x and y,
    "either({0}, {1})": lambda x, y: x or y,
}


def implementations() -> dict[str, Callable[..., float]]:
    """What each text of a primitive computes of doubles."""
    return _of_rows(tuple(REGISTRY.values()))


@lru_cache(maxsize=1)
def _of_rows(rows: tuple[Primitive, ...]) -> dict[str, Callable[..., float]]:
    found: dict[str, Callable[..., float]] = {}
    for row in rows:
        found.setdefault(row.sympy, row.impl)
    return found | _DECIDERS


def numbers_in(program: Program) -> dict[int, Float]:
    """The places that depend on no input, and the doubles there."""
    known = implementations()
    values: dict[int, Float] = {}
    for place, step in program.computed():
        if isinstance(step, float):
            values[place] = Float(step)
        elif step[1] and step[0] in known and all(i in values for i in step[1]):
            values[place] = Float(known[step[0]](*(values[i] for i in step[1])))
    return values


def with_numbers_folded(program: Program) -> Program:
    """A program with the double in place of each step of numbers alone: ``cos(1)``.

    What is no number stays a step, for that is where Python raises.
    """
    known = {place: x for place, x in numbers_in(program).items() if isfinite(x)}
    steps = list(program.steps)
    for place, value in known.items():
        steps[place - program.inputs] = float(value)
    return replace(program, steps=tuple(steps)) if known else program
