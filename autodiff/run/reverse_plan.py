"""What a reverse sweep needs to know of a graph beforehand: its inputs, its active nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from autodiff.errors import ArgumentError, DifferentiationError
from autodiff.graph.graph import Graph, Limits
from autodiff.graph.loops.loop_nodes import Loop, LoopNodes, loops_of
from autodiff.graph.structure import Scalar, Structure, Tuple
from autodiff.run.one_number import one_number
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.primitive import Primitive
from autodiff.trace.switching.ties import limits_of

__all__ = [
    "Wrt",
    "active_in",
    "active_nodes",
    "carrying_in",
    "mirror_of",
    "reverse_plan",
    "select_arguments",
    "selected",
]

Wrt = None | int | str | Sequence[int | str]


def select_arguments(graph: Graph, wrt: Wrt) -> tuple[list[int], bool]:
    """Positions of the arguments ``wrt`` names, and whether it names just one.

    Raises:
        ArgumentError: if a name or position does not exist.
    """
    return selected([name for name, _ in graph.parameters], wrt)


def selected(names: Sequence[str], wrt: Wrt) -> tuple[list[int], bool]:
    """As ``select_arguments``, of arguments with these names."""
    if wrt is None:
        return list(range(len(names))), len(names) == 1
    single = isinstance(wrt, (int, np.integer, str))
    several = isinstance(wrt, Iterable) and not single
    chosen: Iterable[int | str] = wrt if several else [wrt]  # type: ignore[assignment,list-item]
    positions = []
    for item in chosen:
        if isinstance(item, str) and item in names:
            positions.append(names.index(item))
        elif isinstance(item, (int, np.integer)) and -len(names) <= item < len(names):
            positions.append(int(item) % len(names))
        else:
            raise ArgumentError(
                f"wrt: found {item!r}; expected a position or one of the arguments "
                f"{', '.join(names)}"
            )
    return positions, single


def mirror_of(graph: Graph, positions: Sequence[int], single: bool) -> Structure:
    """Structure of what a gradient by these arguments returns."""
    structures = tuple(graph.parameters[p][1] for p in positions)
    return structures[0] if single else Tuple(structures)


def active_nodes(graph: Graph, inputs: Iterable[int]) -> bytearray:
    """1 for each node through which a derivative can flow from one of ``inputs``."""
    active = bytearray(len(graph.nodes))
    for index in inputs:
        active[index] = 1
    loops = loops_of(graph)
    for index, primitive, operands in graph.operations():
        if index in loops:
            if index == loops[index].first:
                _mark_results(loops[index], active)
            continue
        partials = _partials(primitive, len(operands))
        for position, operand in enumerate(operands):
            if active[operand] and partials[position] is not None:
                active[index] = 1
                break
    return active


def _partials(primitive: Primitive, arity: int) -> Sequence[object]:
    """What a primitive has of a derivative by each operand; None: it is zero."""
    variadic = isinstance(primitive, ArrayRow) and primitive.variadic
    return primitive.partials * arity if variadic else primitive.partials


def carrying_in(loop: Loop, seeded: Iterable[int]) -> bytearray:
    """1 for each node of a body from which a derivative can flow to one of these results.

    From operands of a loop inside it can, if it can from a result of that.
    """
    body, ends, count = loop.body, set(seeded), -1
    carrying, backwards = bytearray(len(body.nodes)), [*body.operations()][::-1]
    while len(ends) > count:
        count = len(ends)
        for end in ends:
            carrying[body.outputs[end]] = 1
        for index, primitive, operands in backwards:
            if carrying[index]:
                partials = _partials(primitive, len(operands))
                for position, operand in enumerate(operands):
                    if partials[position] is not None:
                        carrying[operand] = 1
        ends.update(k for k in range(loop.carries) if carrying[k])
    return carrying


def active_in(loop: Loop, given: Sequence[bool]) -> tuple[list[int], bytearray]:
    """What is active in a repetition of a loop, if these of its operands are.

    Returns:
        The inputs of the body through which a derivative flows, and the body's active nodes.
    """
    body, inputs = loop.body, {i for i, flows in enumerate(given) if flows}
    while True:
        active = active_nodes(body, inputs)
        more = {k for k in range(loop.carries) if active[body.outputs[k]]}
        if more <= inputs:
            return sorted(inputs), active
        inputs |= more


def _mark_results(group: LoopNodes, active: bytearray) -> None:
    """A result is active if its node in the body is; without repetitions, if what it begins as."""
    given = [bool(active[i]) for i in group.operands]
    if not any(given):
        return
    inputs, inside = active_in(group.loop, given)
    for result, node in group.members.items():
        begins = not group.loop.length and result < group.loop.carries and result in inputs
        active[node] = begins or inside[group.loop.body.outputs[result]]


@dataclass(frozen=True)
class ReversePlan:
    """What a reverse sweep needs to know about a graph, found once per graph."""

    inputs: list[int]  # nodes of the differentiated arguments
    active: bytearray  # nodes through which a derivative flows
    mirror: Structure  # structure of the gradient
    limits: Limits | None  # where kinks meet


def reverse_plan(graph: Graph, wrt: Wrt = None) -> ReversePlan:
    """Plan of the gradient of a scalar graph.

    Raises:
        DifferentiationError: if the graph does not return one float.
        ArgumentError: if ``wrt`` names no argument.
    """
    several = isinstance(wrt, Iterable) and not isinstance(wrt, str)
    key = tuple(wrt) if several else wrt  # type: ignore[arg-type]
    try:
        plan: ReversePlan | None = graph.plans.get(key)
    except TypeError:  # what cannot be hashed names no argument, which is said there
        plan = None
    if plan is None:
        _require_scalar(one_number(graph), "a gradient")
        positions, single = select_arguments(graph, wrt)
        inputs = graph.inputs.of(positions)
        plan = ReversePlan(
            inputs,
            active_nodes(graph, inputs),
            mirror_of(graph, positions, single),
            limits_of(graph, inputs, graph.outputs, range(1, len(inputs) + 1)),
        )
        graph.plans[key] = plan
    return plan


def _require_scalar(graph: Graph, what: str) -> None:
    if not isinstance(graph.result, Scalar):
        raise DifferentiationError(
            f"{graph.name}: returns {graph.result}; {what} needs a function that returns one "
            "float. Return a float, or use jacobian (or vjp with a cotangent)"
        )
