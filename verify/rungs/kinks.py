"""Kinks: which steps of a function have no derivative at a point.

A step is at a kink when a condition inside it is met exactly on its border (``max(x, x)`` apart),
or when one of its partial derivatives is not finite there.  Steps that only an untaken branch
needs do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from verify.numbers.precise import Precise
from verify.program.program import Program
from verify.truth.oracle import ChainRule

__all__ = ["active_kinks"]


@dataclass
class _Visited:
    """One step of the function at the point."""

    operands: list[Any]
    places: tuple[int, ...]
    inputs: set[int]  # that it depends on
    border: bool  # a condition inside is met exactly
    partials: list[Any]
    defined: bool


def active_kinks(
    program: Program, precise: Precise, point: Sequence[float]
) -> list[dict[str, Any]]:
    """Place and operands of each step at a kink, whether it is defined, and its inputs."""
    steps = _visit(program, precise, point)
    kinks = []
    for place in _relevant(program, steps):
        step = steps[place]
        singular = any(
            steps[i].inputs and not precise.finite(x)
            for i, x in zip(step.places, step.partials, strict=True)
        )
        if step.inputs and (step.border or singular):
            operands = [float(x) for x in step.operands]
            kinks.append({"place": place, "operands": operands, "defined": step.defined,
                          "inputs": sorted(step.inputs)})  # fmt: skip
    return kinks


def _visit(program: Program, precise: Precise, point: Sequence[float]) -> list[_Visited]:
    chain = ChainRule(program, range(program.inputs))
    values = [*map(precise.context.mpf, point), *[None] * len(program.steps)]
    steps = [_Visited([], (), {i}, False, [], True) for i in range(program.inputs)]
    steps += [_Visited([], (), set(), False, [], True) for _ in program.steps]
    for place, step in program.computed():
        if type(step) is not tuple:
            values[place] = precise.literal(step)  # type: ignore[arg-type]  # a float
            continue
        text, places = step
        operands = [values[i] for i in places]
        precise.restart()
        values[place] = precise.apply(text, operands)
        inputs = set().union(*(steps[i].inputs for i in places))
        border = bool(precise.ties) and len(set(places)) == len(places)
        partials = chain.partials(precise, text, tuple(precise.answers), operands)
        defined = precise.finite(values[place])
        steps[place] = _Visited(operands, places, inputs, border, partials, defined)
    return steps


def _relevant(program: Program, steps: Sequence[_Visited]) -> list[int]:
    """Places that the result depends on at the point, in order."""
    needed = bytearray(len(steps))
    needed[program.outputs[0]] = 1
    for place in range(len(steps) - 1, program.inputs - 1, -1):
        if needed[place]:
            step = steps[place]
            for i, x, partial in zip(step.places, step.operands, step.partials, strict=True):
                if partial != 0 or type(x) is int:  # an int is a truth value: it decides
                    needed[i] = 1
    return [place for place in range(program.inputs, len(steps)) if needed[place]]
