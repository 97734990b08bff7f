"""Flow: through which operands of which nodes derivatives pass, and how much work that takes.

Nothing here knows any primitive: a rule is run once on placeholders, and what it returns tells
whether anything passes and how many operations a tangent or cotangent costs on its way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.rebuild import live_nodes
from autodiff.origins.origin import new_tuple
from autodiff.table.float import Float
from autodiff.table.primitive import Guarded, Primitive
from autodiff.trace.placeholder import Tracer

__all__ = ["Edge", "Flow", "flow_of"]


class Edge(NamedTuple):
    """A derivative passes from an operand to a node."""

    operand: int
    position: int  # of the operand among those of the node
    work: int  # operations per tangent or cotangent that passes
    guard: tuple[int, bool] | None  # the condition under which it passes, and its truth


@dataclass(frozen=True)
class Flow:
    """How derivatives pass through a graph.

    Args:
        edges: Per node, the operands through which derivatives reach it: from the inputs that
            count, on the way to an output.
        inputs: The input nodes that count.
        outputs: The output nodes.
    """

    edges: tuple[tuple[Edge, ...], ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @cached_property
    def last_uses(self) -> dict[int, list[int]]:
        """Per node, the operands that no later node asks for."""
        last: dict[int, int] = {}
        for index, edges in enumerate(self.edges):
            for edge in edges:
                last[edge[0]] = index
        ends: dict[int, list[int]] = {}
        for operand, index in last.items():
            ends.setdefault(index, []).append(operand)
        return ends


class _Condition(NamedTuple):
    """An operand that has to be true, or false."""

    position: int
    truth: bool

    def of(self, operands: Sequence[int]) -> tuple[int, bool]:
        """The condition on a node of these operands."""
        return operands[self.position], self.truth


class _Passing(NamedTuple):
    """What a rule does to what passes: operations, and an operand that it depends on."""

    work: int
    guard: _Condition | None


_Key: TypeAlias = tuple[Primitive, tuple[float | None, ...]]


def flow_of(graph: Graph, inputs: Sequence[int]) -> Flow:
    """How derivatives by ``inputs`` pass through ``graph`` to its outputs."""
    live, constants = live_nodes(graph), graph.constants
    active = bytearray(len(graph.nodes))
    for index in inputs:
        active[index] = 1
    known: dict[_Key, tuple[_Passing | None, ...]] = {}
    edges: list[tuple[Edge, ...]] = [()] * len(graph.nodes)
    for index, primitive, operands in graph.operations():
        if not live[index] or not any(map(active.__getitem__, operands)):
            continue
        fixed = primitive.literal + primitive.conditions
        numbers = tuple([constants.get(operands[k]) if k in fixed else None
                         for k in range(len(operands))]) if fixed else ()  # fmt: skip
        key = primitive, numbers
        passing = known.get(key)
        if passing is None:
            passing = known[key] = _passing(primitive, numbers)
        edges[index] = found = tuple(
            [
                new_tuple(Edge, (operand, k, way.work, way.guard and way.guard.of(operands)))
                for k, operand in enumerate(operands)
                if active[operand] and (way := passing[k]) is not None
            ]
        )
        active[index] = bool(found)
    return Flow(tuple(edges), tuple(inputs), graph.outputs)


def _passing(
    primitive: Primitive, numbers: tuple[float | None, ...]
) -> tuple[_Passing | None, ...]:
    """Per operand, what its rule does to what passes; None if nothing does."""
    arity = primitive.arity
    builder = Builder(arity + 2)
    g, out = Tracer(builder, 0), Tracer(builder, 1)
    operands = [Tracer(builder, 2 + k) for k in range(arity)]
    given = [
        tracer if number is None else Float(number)
        for tracer, number in zip(operands, numbers or [None] * arity, strict=True)
    ]
    found: list[_Passing | None] = []
    for rule in primitive.partials:
        first = len(builder.nodes)
        value = None if rule is None else rule(g, out, *given)
        guard = None
        if type(value) is Guarded:
            place = getattr(value.condition, "index", 0) - 2  # of an operand, or no operand
            guard = _Condition(place, value.polarity) if 0 <= place < arity else None
        found.append(None if value is None else _Passing(_made_of(builder, first), guard))
    return tuple(found)


def _made_of(builder: Builder, first: int) -> int:
    """How many of the nodes from ``first`` on are made of the first input."""
    depends = {0}
    for index in range(first, len(builder.nodes)):
        if not depends.isdisjoint(builder.nodes[index].operands):
            depends.add(index)
    return len(depends) - 1
