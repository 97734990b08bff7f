"""Needed: functions that a program computes whichever of its conditions hold.

What follows from a root, or a logarithm, of something holds only where that is defined.
"""

from __future__ import annotations

from collections.abc import Sequence

from verify.induction.compose import Term
from verify.induction.nodes import Nodes
from verify.program.program import Program

__all__ = ["needed"]

_FUNCTION_STEPS = frozenset({"sqrt({0})", "log({0})", "Abs({0})", "{0} ** {1}"})
_CHOOSING = frozenset(
    {
        "Piecewise(({1}, {0}), ({2}, True))", "And({0}, {1})", "Or({0}, {1})", "both({0}, {1})",
        "either({0}, {1})",
    }
)  # fmt: skip


def needed(program: Program, values: Sequence[object], output: int, nodes: Nodes) -> set[int]:
    """Functions that are computed for an output whichever conditions hold.

    Args:
        program: The program.
        values: The node at each of its places.
        output: The place of the output.
        nodes: The table.
    """
    found, waiting = {output}, [output]
    functions = set[int]()
    while waiting:
        place = waiting.pop()
        step = program.steps[place - program.inputs] if place >= program.inputs else 0.0
        if type(step) is not tuple:
            continue
        text, operands = step
        if text in _FUNCTION_STEPS:
            functions.add(_index(values[place]))
        elif not operands:  # what a constant is read as
            functions |= nodes.made_of(_index(values[place]))
        new = {*operands[: 1 if text in _CHOOSING else None]} - found
        found |= new
        waiting += new
    return functions


def _index(x: object) -> int:
    assert isinstance(x, Term)  # a step has one
    return x.index
