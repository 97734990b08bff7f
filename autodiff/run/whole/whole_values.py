"""The interpreter of graphs of arrays: every node is a NumPy array of float64.

Elementwise primitives give each element the bits of their scalar value; sums and products of
arrays are NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autodiff.errors import ArgumentError, counted, user_location
from autodiff.graph.graph import Graph
from autodiff.graph.loops.ending import asked_first
from autodiff.graph.loops.loop_nodes import Loop, loop_of
from autodiff.graph.loops.loop_nodes import result_of as place_of
from autodiff.graph.loops.loop_values import Results, loop_results
from autodiff.graph.tree.leaves import Floats, shown
from autodiff.graph.tree.tree import Tree, tree_of
from autodiff.graph.typed_node import Node
from autodiff.run.whole.scalar_bodies import scalar_step
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.over_elements import reference_form
from autodiff.table.arrays.region_rows import RegionRow
from autodiff.table.primitive import Operand
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.integers import ROUNDING
from autodiff.trace.placeholder import innermost

__all__ = [
    "as_arguments",
    "numeric_parts",
    "parts_of_arguments",
    "result_of",
    "run_whole",
    "symbolic_result",
    "taken_apart",
    "trees",
    "whole_result",
]


def trees(graph: Graph) -> list[Tree]:
    """The tree of each argument."""
    found: list[Tree] | None = graph.plans.get(Tree)
    if found is None:
        found = graph.plans[Tree] = [tree_of(structure) for _, structure in graph.parameters]
    return found


def taken_apart(
    graph: Graph, args: Sequence[object], way: Callable[[Tree, object, str], list[object]]
) -> list[object]:
    """What ``way`` takes out of each of ``args``, one behind the other.

    Raises:
        ArgumentError: if number, structure, shape or type differ from the examples.
    """
    if len(args) != len(graph.parameters):
        names = ", ".join(name for name, _ in graph.parameters) or "none"
        raise ArgumentError(
            f"{graph.name}: found {counted(len(args), 'argument')}; expected "
            f"{len(graph.parameters)} ({names})"
        )
    found: list[object] = []
    for value, (name, _), tree in zip(args, graph.parameters, trees(graph), strict=True):
        found += way(tree, value, f"{graph.name}: argument {name}")
    return found


def parts_of_arguments(graph: Graph, args: Sequence[object]) -> list[object]:
    """The scalars and arrays of ``args``, checked against the graph's parameters."""
    return taken_apart(graph, args, Tree.numbers)


def numeric_parts(graph: Graph, args: Sequence[object]) -> list[object]:
    """As ``parts_of_arguments``, of numbers alone.

    Raises:
        ArgumentError: also if something is a Value or a traced value.
    """
    parts = parts_of_arguments(graph, args)
    for part in parts:
        if isinstance(part, Operand) and not isinstance(part, float):
            raise ArgumentError(
                f"{user_location()}: {graph.name}: found {shown(part)}; expected numbers"
            )
    return parts


def as_arguments(frame: Graph, parts: Sequence[Any]) -> list[object]:
    """Arguments of a call, of their scalars and arrays."""
    arguments, start = [], 0
    for _, structure in frame.parameters:
        tree = tree_of(structure)
        own = parts[start : start + len(tree.shapes)]
        scalars = zip(own, tree.scalars, strict=True)
        arguments.append(tree.build([float(x) if s else x for x, s in scalars]))
        start += len(own)
    return arguments


def run_whole(
    graph: Graph,
    parts: Sequence[object],
    noise: np.random.Generator | None = None,
    ulps: float = 0.0,
    lengths: dict[int, int] | None = None,
) -> list[Any]:
    """Value of every node, given the scalars and arrays of the arguments.

    Args:
        graph: A graph of arrays.
        parts: The scalars and arrays of the arguments.
        noise: Where it is given, every computed number is off by some ``ulps`` units.
        ulps: How many at most.
        lengths: Takes how often a loop goes on at most, by the identity of its body.

    Raises:
        ArgumentError: if an index is out of bounds, or a matrix has no inverse.
    """
    with np.errstate(all="ignore"):
        return _run(_plan(graph, len(parts)), graph.name, parts, noise, ulps, lengths)


class _Step(NamedTuple):
    """How the value of one node is found."""

    operands: tuple[int, ...]
    function: Callable[..., object] | None  # None: a constant, or a loop's
    constant: object
    node: Node
    exact: bool  # rounding does not move it


def _plan(graph: Graph, inputs: int) -> list[_Step]:
    """The nodes after the inputs; bodies of loops run them many times."""
    steps = []
    for node in graph.nodes[inputs:]:
        primitive, operands, params, _ = node
        function: Callable[..., object] | None = None
        constant: object = None
        exact = primitive is None or primitive.predicate or primitive.name in ROUNDING
        exact = exact or getattr(primitive, "integer", False)
        if primitive is None:
            array = node.array
            constant = np.asarray(node.value) if array is None else array.array
        elif isinstance(primitive, RegionRow):
            exact = True
        elif isinstance(primitive, ArrayRow):
            function = partial(primitive.impl, **dict(params))
        else:
            function = reference_form(primitive)
        steps.append(_Step(operands, function, constant, node, exact))
    return steps


def _run(
    plan: Sequence[_Step],
    name: str,
    parts: Sequence[object],
    noise: np.random.Generator | None,
    ulps: float,
    lengths: dict[int, int] | None,
) -> list[Any]:
    values: list[Any] = [np.asarray(part, dtype=np.float64) for part in parts]

    def step_of(
        body: Graph, noise: np.random.Generator | None
    ) -> Callable[[list[object]], list[object]]:
        steps: list[_Step] = []

        def step(inputs: list[object]) -> list[object]:
            steps[:] = steps or _plan(body, len(inputs))
            made = _run(steps, name, inputs, noise, ulps, lengths)
            return [made[i] for i in body.outputs]

        return (scalar_step(body) if noise is None else None) or step

    def run_loop(loop: Loop, operands: Sequence[object]) -> list[object]:
        asks, first, key = None, asked_first(loop), id(loop.body)
        if first is not None:
            asks, loop = step_of(first[0], None), first[1]
        step, count = step_of(loop.body, noise), 0

        def counted(inputs: list[object]) -> list[object]:
            nonlocal count
            count += 1
            return step(inputs)

        made = loop_results(loop, operands, counted, np.float64, asks)
        if lengths is not None:
            lengths[key] = max(count, lengths.get(key, 0))
        return [np.asarray(value) for value in made]

    results = Results(run_loop)
    for operands, function, constant, node, exact in plan:
        if constant is not None:
            values.append(constant)
            continue
        given = tuple([values[i] for i in operands])
        if function is None:
            values.append(results.of(node, loop_of(node), given))
            continue
        try:
            made = np.asarray(function(*given))
        except (IndexError, np.linalg.LinAlgError) as error:
            assert node.primitive is not None
            raise ArgumentError(f"{name}: {node.primitive.name}: {error}") from None
        if noise is not None and not exact and not _is_whole(made, *given):
            made = _disturbed(made, noise, ulps)
        values.append(made)
    return values


def _is_whole(*numbers: Floats) -> bool:
    """True of whole numbers alone: what is made of them is exact, and may be an index."""
    return all(bool(np.all(x == np.floor(x))) for x in numbers)


def _disturbed(value: Floats, noise: np.random.Generator, ulps: float) -> Floats:
    shape = value.shape
    off = noise.uniform(-1.0, 1.0, shape) if shape else 2.0 * noise.random() - 1.0
    return np.asarray(value * (1.0 + 2.0**-52 * ulps * off))


def whole_result(graph: Graph, parts: Sequence[object]) -> object:
    """The result of the graph, in its structure."""
    return result_of(graph, run_whole(graph, parts))


def result_of(graph: Graph, values: Sequence[Any]) -> object:
    """The result in its structure, of the values of all nodes."""
    tree = tree_of(graph.result)
    return tree.build(
        [
            float(values[i]) if scalar else np.array(values[i], dtype=np.float64)
            for i, scalar in zip(graph.outputs, tree.scalars, strict=True)
        ]
    )


def symbolic_result(graph: Graph, parts: Sequence[object]) -> object:
    """The result of the graph on operands, which record what it does.

    Raises:
        ArgumentError: if there is a loop in it, and operands that compute at once.
    """
    values = list(parts)
    met: dict[tuple[int, ...], list[int]] = {}
    for node in graph.nodes[len(values) :]:
        primitive, operands, params, _ = node
        if primitive is None:
            values.append(node.value if node.array is None else node.array.array)
        elif isinstance(primitive, RegionRow):
            values.append(_recorded(graph.name, node, [values[i] for i in operands], met))
        elif isinstance(primitive, ArrayRow):
            values.append(primitive(*[values[i] for i in operands], **dict(params)))
        else:
            values.append(primitive(*[values[i] for i in operands]))
    return tree_of(graph.result).build([values[i] for i in graph.outputs])


def _recorded(
    name: str, node: Node, given: Sequence[object], met: dict[tuple[int, ...], list[int]]
) -> object:
    """A result of a loop in the trace under way.

    Args:
        name: The graph's.
        node: The result.
        given: The operands.
        met: Their nodes in the trace, by those in the graph: those of one loop have the same.
    """
    like = next((x for x in given if isinstance(x, ArrayTracer)), None)
    inner = like and innermost(like, given)
    if not isinstance(inner, ArrayTracer):
        raise ArgumentError(
            f"{name}: found a loop (scan) in a graph that is run on Values of arrays; "
            "call the function itself, or write the loop in Python"
        )
    if node.operands not in met:
        met[node.operands] = [inner.node_of(x, "scan") for x in given]
    index = loop_of(node).add(inner.builder, met[node.operands], place_of(node))
    return ArrayTracer(inner.builder, index)
