"""Kinks: which steps of a function have no derivative at a point.

A step is at a kink when a condition inside it is met exactly on its border (``max(x, x)`` apart),
or when one of its partial derivatives is not finite there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from verify.oracle import ChainRule
from verify.precise import Precise
from verify.program import Program

__all__ = ["active_kinks"]


def active_kinks(program: Program, precise: Precise, point: Sequence[float]) -> list[dict[str, Any]]:
    """Place and operands of each step at a kink, and the inputs it depends on."""
    chain = ChainRule(program, range(program.inputs))
    values = [precise.context.mpf(x) for x in point]
    reached = [{i} for i in range(program.inputs)]
    needed = _needed(program)
    kinks: list[dict[str, Any]] = []
    for step in program.steps:
        if type(step) is not tuple:
            values.append(precise.literal(step))  # type: ignore[arg-type]  # a float
            reached.append(set())
            continue
        operands = [values[i] for i in step[1]]
        precise.restart()
        result = precise.apply(step[0], operands)
        inputs = set().union(*(reached[i] for i in step[1]))
        if inputs and needed[len(values)] and _is_kink(chain, precise, step, operands, reached):
            kinks.append({"place": len(values), "operands": list(map(float, operands)),
                          "inputs": sorted(inputs)})  # fmt: skip
        values.append(result)
        reached.append(inputs)
    return kinks


def _needed(program: Program) -> bytearray:
    """1 for each place that the result depends on."""
    needed = bytearray(program.inputs + len(program.steps))
    needed[program.outputs[0]] = 1
    for place in range(len(needed) - 1, program.inputs - 1, -1):
        step = program.steps[place - program.inputs]
        if needed[place] and type(step) is tuple:
            for operand in step[1]:
                needed[operand] = 1
    return needed


def _is_kink(
    chain: ChainRule, precise: Precise, step: Any, operands: Sequence[Any], reached: Sequence[set[int]]
) -> bool:
    text, places = step
    answers, ties = tuple(precise.answers), precise.ties
    if ties and len(set(places)) == len(places):
        return True
    partials = chain.partials(precise, text, answers, operands)
    return any(reached[i] and not precise.finite(x) for i, x in zip(places, partials, strict=True))
