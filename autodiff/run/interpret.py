"""The interpreter: run a graph, and backpropagate over it, one node at a time.

This is the reference meaning of a graph.  Every value is a primitive's ``impl`` on floats; every
cotangent is a primitive's rule on floats, accumulated in the order nodes are visited.  Emitted code
must give the same bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autodiff.graph.graph import Graph
from autodiff.graph.node_values import node_values
from autodiff.graph.tree.tree import Tree, tree_of
from autodiff.run.pieces import settle
from autodiff.run.reverse_plan import Wrt, reverse_plan
from autodiff.run.transform import value_and_gradient
from autodiff.run.whole.array_backwards import backpropagated_arrays
from autodiff.run.whole.whole_values import (
    parts_of_arguments,
    symbolic_result,
    taken_apart,
    whole_result,
)
from autodiff.table.float import ARITHMETIC_ERRORS, total
from autodiff.table.primitive import Operand
from autodiff.trace.arrays import operand_array
from autodiff.trace.placeholder import Tracer
from autodiff.trace.switching.ties import ties

__all__ = [
    "backpropagate",
    "evaluate",
    "flatten_arguments",
    "is_symbolic",
    "outputs_at",
    "pull_back",
    "run",
    "run_symbolic",
]


def flatten_arguments(graph: Graph, args: Sequence[object]) -> list[Any]:
    """The floats of ``args``, checked against the graph's parameters."""
    return taken_apart(graph, args, Tree.leaves)


def run(graph: Graph, inputs: Sequence[float]) -> list[float]:
    """Value of every node, given the floats of the inputs."""
    return node_values(graph.nodes, inputs)


def run_symbolic(graph: Graph, inputs: Sequence[object]) -> list[object]:
    """As ``run``, on operands: evaluating on tracers traces the graph again."""
    if graph.limits is not None:
        _derives(inputs)
    values = list(inputs)
    for node in graph.nodes[len(values) :]:
        primitive, operands = node[:2]
        values.append(
            node.value if primitive is None else primitive(*[values[i] for i in operands])
        )
    return values


def is_symbolic(leaves: Iterable[object]) -> bool:
    """True if some of the leaves are operands that record, not numbers."""
    return any(isinstance(x, Operand) and not isinstance(x, float) for x in leaves)


def evaluate(graph: Graph, *args: object) -> Any:
    """Result of the graph for these arguments.

    Args:
        graph: Any graph.
        args: One value per parameter, of the structure the graph was traced with.

    Returns:
        The result in the graph's result structure; arrays are float64.

    Raises:
        ArgumentError: if the arguments differ from the examples in number, structure or shape.

    >>> import autodiff as ad
    >>> ad.evaluate(ad.trace(lambda x, y: x / y, 1.0, 1.0), 1.0, 0.0)
    inf
    """
    if not graph.expanded:
        parts = parts_of_arguments(graph, args)
        return symbolic_result(graph, parts) if is_symbolic(parts) else whole_result(graph, parts)
    leaves = flatten_arguments(graph, args)
    if is_symbolic(leaves):
        values = run_symbolic(graph, leaves)
        return tree_of(graph.result).rebuild([values[i] for i in graph.outputs], operand_array)
    return tree_of(graph.result).rebuild(outputs_at(graph, leaves))


def outputs_at(graph: Graph, inputs: Sequence[float]) -> list[float]:
    """The floats of the result, derivatives settled where switches tie (pieces.py)."""
    values = run(graph, inputs)
    outputs = [values[i] for i in graph.outputs]
    limits = graph.limits
    if limits is not None and ties(limits.every, values):
        table = [outputs[i] for i in limits.outputs]
        for i, number in zip(limits.outputs, settle(graph, inputs, table), strict=True):
            outputs[i] = number
    return outputs


def pull_back(
    nodes: Sequence[tuple[Any, ...]],
    values: Sequence[float],
    cotangents: list[float | None],
    active: Sequence[int],
    first: int,
) -> None:
    """Add to ``cotangents`` what each node pulls back, from the last node to ``nodes[first]``.

    Args:
        nodes: Nodes (or tuples like them) in topological order.
        values: The value of each node.
        cotangents: One per node, None where nothing has arrived; seeded at the outputs.
        active: Per node, false where no derivative is wanted.
        first: Nodes before this one are inputs.
    """
    for index in range(len(nodes) - 1, first - 1, -1):
        g = cotangents[index]
        if g is None:
            continue
        primitive, operands, _, _ = nodes[index]
        if primitive is None:
            continue
        arguments: Sequence[float]
        if len(operands) == 2:
            arguments = values[operands[0]], values[operands[1]]
        else:
            arguments = [values[i] for i in operands]
        position = 0
        for rule in primitive.partials:
            i = operands[position]
            position += 1
            if rule is None or not active[i]:
                continue
            try:
                part = rule(g, values[index], *arguments)
            except ARITHMETIC_ERRORS:
                part = total(rule, g, values[index], *arguments)
                part = None if part is None else float(part)
            if part is not None:
                present = cotangents[i]
                cotangents[i] = part if present is None else present + part


def backpropagate(graph: Graph, *args: object, wrt: Wrt = None) -> Any:
    """Value and gradient at ``args`` by one forward and one reverse sweep over the graph.

    Args:
        graph: A graph that returns one float.
        args: One value per parameter.
        wrt: Positions or names of the arguments to differentiate; all by default.

    Returns:
        ``(value, gradient)``.  The gradient mirrors the arguments, so one argument gives its
        gradient, several give a tuple, an array gives an array.

    Raises:
        DifferentiationError: if the graph does not return one float.
        ArgumentError: if the arguments differ from the examples.

    >>> import autodiff as ad
    >>> ad.backpropagate(ad.trace(lambda x, y: x * y, 1.0, 1.0), 2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    if not graph.expanded:
        both = _with_gradient(graph, wrt)
        if is_symbolic(parts_of_arguments(graph, args)):
            return evaluate(both, *args)
        return backpropagated_arrays(graph, both, args, wrt, backpropagate)
    plan = reverse_plan(graph, wrt)
    leaves = flatten_arguments(graph, args)
    values = run(graph, leaves)
    cotangents: list[float | None] = [None] * len(values)
    cotangents[graph.outputs[0]] = 1.0
    pull_back(graph.nodes, values, cotangents, plan.active, graph.inputs.count)
    bars = [_number(cotangents[i]) for i in plan.inputs]
    value, limits = values[graph.outputs[0]], plan.limits
    if limits is not None and ties(limits.every, values):
        both = _with_gradient(graph, wrt)
        assert both.limits is not None
        numbers = [value, *bars]
        table = [numbers[i] for i in both.limits.outputs]
        for i, number in zip(both.limits.outputs, settle(both, leaves, table), strict=True):
            numbers[i] = number
        value, bars = numbers[0], numbers[1:]
    return value, tree_of(plan.mirror).rebuild(bars)


def _with_gradient(graph: Graph, wrt: Wrt) -> Graph:
    """Value and gradient as a graph, kept for the next tie."""
    key = "both", wrt if wrt is None or isinstance(wrt, (int, str)) else tuple(wrt)
    both: Graph | None = graph.plans.get(key)
    if both is None:
        both = graph.plans[key] = value_and_gradient(graph, wrt)
    return both


def _derives(leaves: Sequence[object]) -> None:
    """Note in the trace under way that it holds derivatives."""
    for leaf in leaves:
        if isinstance(leaf, Tracer):
            leaf.builder.derives = True


def _number(cotangent: float | None) -> float:
    return 0.0 if cotangent is None else float(cotangent)
