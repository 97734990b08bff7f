"""What a reverse sweep needs to know of a graph beforehand: its inputs, its active nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autodiff.errors import ArgumentError, DifferentiationError
from autodiff.graph.graph import Graph, Limits
from autodiff.graph.structure import Scalar, Structure, Tuple
from autodiff.run.one_number import one_number
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.trace.ties import limits_of

__all__ = ["Wrt", "active_nodes", "mirror_of", "reverse_plan", "select_arguments", "selected"]

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
    single = isinstance(wrt, (int, str))
    several = isinstance(wrt, Iterable) and not single
    chosen: Iterable[int | str] = wrt if several else [wrt]  # type: ignore[assignment,list-item]
    positions = []
    for item in chosen:
        if item in names:
            positions.append(names.index(str(item)))
        elif isinstance(item, int) and -len(names) <= item < len(names):
            positions.append(item % len(names))
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
    for index, primitive, operands in graph.operations():
        partials = primitive.partials
        if isinstance(primitive, ArrayRow) and primitive.variadic:
            partials *= len(operands)
        for position, operand in enumerate(operands):
            if active[operand] and partials[position] is not None:
                active[index] = 1
                break
    return active


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
    plan: ReversePlan | None = graph.plans.get(key)
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
