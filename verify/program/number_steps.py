"""Steps of a program that are told by how they are made.

Of numbers alone: ``cos(1)``, and the double that it is.  Of a number and its reciprocal: whether
the number carries a minus, which is how a trace says ``copysign``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from math import copysign, isfinite

from autodiff.table.float import Float
from autodiff.table.primitive import REGISTRY, Primitive
from verify.program.program import SIGN_OF_ZEROS, Program, ProgramBuilder, Step

__all__ = ["implementations", "numbers_in", "with_numbers_folded", "with_signs_of_zeros"]

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


def with_signs_of_zeros(program: Program) -> Program:
    """A program whose ``-y if x < 0 or 1/x < 0 else y`` is y times the sign that x carries."""
    made, builder = _Steps(program), ProgramBuilder(program.inputs)
    places = list(range(program.inputs))
    for place, step in enumerate(program.steps, program.inputs):
        if isinstance(step, float):
            places.append(builder.literal(step))
            continue
        x, y = made.copied_sign(place)
        if x is None:
            places.append(builder.apply(step[0], *(places[i] for i in step[1])))
        else:
            sign = builder.apply(SIGN_OF_ZEROS, places[x])
            places.append(builder.apply(REGISTRY["mul"].sympy, places[y], sign))
    return replace(builder.program(places[i] for i in program.outputs), folds=program.folds)


class _Steps:
    """Looks at what steps are made of."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def _step(self, place: int) -> Step | None:
        at = place - self._program.inputs
        return self._program.steps[at] if at >= 0 else None

    def _parts(self, place: int, name: str) -> tuple[int, ...]:
        """The operands of a step, nothing if it is another primitive's."""
        step = self._step(place)
        if step is None or isinstance(step, float):
            return ()
        return step[1] if step[0] == REGISTRY[name].sympy else ()

    def copied_sign(self, place: int) -> tuple[int | None, int]:
        """x and y of such a step, None of any other."""
        if chosen := self._parts(place, "where"):
            condition, negative, positive = chosen
            either = [self._parts(i, "lt") for i in self._parts(condition, "logical_or")]
            if self._are_opposite(negative, positive) and len(either) == 2 and all(either):
                (x, zero), (inverse, other) = either
                numbers = [self._number(i) for i in (zero, other)]
                if self._parts(inverse, "reciprocal") == (x,) and numbers == [0.0, 0.0]:
                    return x, positive
        return None, -1

    def _number(self, place: int) -> float | None:
        step = self._step(place)
        return step if isinstance(step, float) else None

    def _are_opposite(self, negative: int, positive: int) -> bool:
        number = self._number(positive)
        if number is not None:
            return self._number(negative) == -number
        return self._parts(negative, "neg") == (positive,)
