"""Derived: the chain rule of a graph as a Program, recorded on numbers that write down their steps.

It is the same chain rule that proofs measure a gradient by (spec.py), for whoever runs Programs:
evaluation with many digits, where ``sympy.diff`` of each primitive would take minutes.  What
rounding would change of the function's numbers is a step of its own (known.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.graph.graph import Graph
from autodiff.table.float import Float
from autodiff.table.primitive import Operand, Primitive
from verify.program.program import Program, ProgramBuilder
from verify.truth.known import exact_number
from verify.truth.spec import chain_rule, pushed, users_of, values_and_known

__all__ = ["chain_rule_program", "tangent_program"]


def chain_rule_program(graph: Graph, in_steps: bool = False) -> Program:
    """Value of a scalar graph, then its derivative by every input, by the rules of the table.

    Args:
        graph: The graph.
        in_steps: Whether its numbers stay as they are, so that each may be read as another one.

    >>> import autodiff as ad
    >>> chain_rule_program(ad.trace(lambda x, y: x * y, 2.0, 3.0)).steps[0]
    ('{0} * {1}', (0, 1))
    """
    recording = _Recording(graph.inputs.count)
    inputs = [_Place(recording, place) for place in range(graph.inputs.count)]
    numbers = chain_rule(graph, inputs, exact_number(recording.record, in_steps))
    return recording.builder.program([recording.lift(x).place for x in numbers])


def tangent_program(graph: Graph, in_steps: bool = False) -> Program:
    """The same numbers by the chain rule forwards, input by input: sums of the same products.

    Args:
        graph: The graph.
        in_steps: Whether its numbers stay as they are, so that each may be read as another one.

    >>> import autodiff as ad
    >>> tangent_program(ad.trace(lambda x, y: x * y, 2.0, 3.0)).outputs
    (2, 4, 5)
    """
    recording = _Recording(graph.inputs.count)
    inputs = [_Place(recording, place) for place in range(graph.inputs.count)]
    number = exact_number(recording.record, in_steps)
    values, known = values_and_known(graph, inputs, number)
    users, output = users_of(graph), graph.outputs[0]
    found = [values[output]]
    for node in graph.inputs.nodes:
        dots = pushed(graph, values, known, {node: Float(1.0)}, users, number)
        found.append(dots.get(output, 0.0))
    return recording.builder.program([recording.lift(x).place for x in found])


class _Place(Operand):
    """A number that is a place of the Program."""

    __slots__ = ("meaning", "place")

    def __init__(self, meaning: _Recording, place: int) -> None:
        self.meaning, self.place = meaning, place

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        """The next step."""
        return self.meaning.meaning_of(primitive)(*operands)


class _Recording:
    """What primitives mean over places: another step."""

    def __init__(self, inputs: int) -> None:
        self.builder = ProgramBuilder(inputs)
        self.of_primitive: dict[Primitive, Callable[..., object]] = {}

    def record(self, primitive: Primitive, numbers: tuple[float, ...]) -> object:
        """The place of what a primitive makes of known numbers."""
        return self.meaning_of(primitive)(*numbers)

    def lift(self, value: Any) -> _Place:
        """The place of a number."""
        return value if isinstance(value, _Place) else _Place(self, self.builder.literal(value))

    def meaning_of(self, primitive: Primitive) -> Callable[..., object]:
        """A function that adds the primitive's step."""
        found = self.of_primitive.get(primitive)
        if found is None:
            found = self.of_primitive[primitive] = self._step(primitive.sympy)
        return found

    def _step(self, text: str) -> Callable[..., object]:
        apply, lift = self.builder.apply, self.lift
        return lambda *xs: _Place(self, apply(text, *[lift(x).place for x in xs]))
