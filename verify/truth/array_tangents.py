"""The chain rule forwards over a run of a graph of arrays: what its tangents must equal.

A loop is run over residues at some of its repetitions, each of which stands for others where it
stacks.  Over such a loop, products forwards are not the transposes of those backwards: a text that
carries tangents along is held to this, one that goes back to ``ArrayRun.pulled``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from autodiff.graph.loops.loop_nodes import LoopNodes, loops_of
from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow, Use
from autodiff.table.arrays.reshaping import broadcast_to
from autodiff.table.primitive import Guarded
from verify.field.whole.array_field import ArrayField, Residues
from verify.field.whole.repeated.stack import Stack
from verify.truth.array_chain import ArrayRun, for_rule

__all__ = ["tangents_of_outputs"]

Dots: TypeAlias = dict[int, Residues]  # node -> its tangent; none: zero


def tangents_of_outputs(run: ArrayRun, dots: Mapping[int, Residues]) -> list[Residues]:
    """The tangents of the outputs of a run from those of some inputs."""
    pushed = _pushed(run, dots)
    nodes = run.graph.nodes
    return [pushed.get(i, _zeros(run.field, nodes[i].shape)) for i in run.graph.outputs]


def _pushed(run: ArrayRun, given: Mapping[int, Residues]) -> Dots:
    """The tangent of every node that has one."""
    graph, dots, loops = run.graph, dict(given), loops_of(run.graph)
    for index in range(graph.inputs.count, len(graph.nodes)):
        node = graph.nodes[index]
        if node.primitive is None:
            continue
        if index in loops:
            group = loops[index]
            if index == group.first:
                made = _through_loop(run, group, dots)
                dots |= {group.members[k]: dot for k, dot in made.items() if k in group.members}
            continue
        total: Residues | None = None
        for position, i in enumerate(node.operands):
            flow = _flow(run, index, position, dots[i]) if i in dots else None
            if flow is not None:
                total = flow if total is None else total + flow
        if total is not None:
            dots[index] = total
    return dots


def _flow(run: ArrayRun, index: int, position: int, dot: Residues) -> Residues | None:
    """What the tangent of a node gets from that of one operand; None if nothing."""
    graph, values, node = run.graph, run.values, run.graph.nodes[index]
    operands, primitive = tuple([values[i] for i in node.operands]), node.primitive
    assert primitive is not None
    flow: object
    if isinstance(primitive, ArrayRow):
        if primitive.rule(position) is None:
            return None
        shapes = tuple([graph.nodes[i].shape for i in node.operands])
        use = Use(position, operands, values[index], node.named, shapes, node.shape)
        flow = primitive.push(dot, use)
    else:
        rule = primitive.partials[position]
        flow = None if rule is None else rule(dot, values[index], *for_rule(primitive, operands))
        if type(flow) is Guarded:
            kept, lost = (flow.value, 0.0) if flow.polarity else (0.0, flow.value)
            flow = ops.where(flow.condition, kept, lost)
    if flow is None:
        return None
    made: Residues = broadcast_to(run.field.lift(flow), node.shape)
    return made


def _through_loop(run: ArrayRun, group: LoopNodes, dots: Dots) -> Dots:
    """The tangents of the results of a loop, by result."""
    loop, field = group.loop, run.field
    shapes = loop.body.inputs.shapes
    given = {k: dots[i] for k, i in enumerate(group.operands) if i in dots}
    carried = [given.get(k, _zeros(field, shapes[k])) for k in range(loop.carries)]
    stacks = {k: Stack(field, loop.shape(k)) for k in range(loop.carries, loop.results)}
    for place, repetition in run.repetitions[group.first]:
        inside = dict(enumerate(field.carried(*carried)))
        for i in loop.stream_places:
            if i in given:
                inside[i] = given[i][place]
        inside |= {i: given[i] for i in loop.fixed_places if i in given}
        made = tangents_of_outputs(repetition, inside)
        carried = made[: loop.carries]
        for k, stack in stacks.items():
            stack[place] = made[k]
    return {**dict(enumerate(field.carried(*carried))), **stacks}


def _zeros(field: ArrayField, shape: tuple[int, ...]) -> Residues:
    made: Residues = broadcast_to(field.lift(0.0), shape)
    return made
