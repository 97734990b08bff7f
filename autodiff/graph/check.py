"""IR checker.  A graph is well formed when these invariants hold:

I1  The inputs come first, one node per float of the parameters' structures (in an array graph per
    scalar and array, of its shape), and nowhere else.
I2  Every operand and output is the index of an earlier node.
I3  A node has as many operands as its primitive has.
I4  An operand that its primitive declares literal is a constant.
I5  There is one output per float of the result's structure (in an array graph per scalar and array,
    of its shape).
I6  Equal nodes appear once (``x * y`` equals ``y * x``), and so do constants of equal bits.
I7  A node has the parameters that its primitive names, in its order; a constant has its number.
I8  Parameter names differ from each other.
I9  Every shape is (); in an array graph, what the shapes of the operands and the row make it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autodiff.errors import ArgumentError, IRError
from autodiff.graph.graph import Graph
from autodiff.graph.params import params_text
from autodiff.graph.structure import Array, leaf_parts, size
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.primitive import Primitive

__all__ = ["check", "distinct_and_literal", "with_literals"]


def check(graph: Graph) -> None:
    """Check every invariant of ``graph`` (listed above).

    Args:
        graph: Any graph.

    Raises:
        IRError: listing all broken invariants, each with its node.

    >>> import autodiff as ad
    >>> ad.check(ad.trace(lambda x: x * x, 1.0))
    """
    problems = [*_interface(graph), *_nodes(graph), *_constants(graph)]
    if problems:
        raise IRError(f"graph {graph.name}: " + "; ".join(problems))


def with_literals(graph: Graph) -> Graph:
    """The graph of a user's function, in which nothing is taken for a literal that is none (I4).

    Raises:
        ArgumentError: if something is: no rule differentiates by it.
    """
    for node in graph.nodes:
        row = node.primitive
        for place in row.literal if row is not None else ():
            if row is not None and node.operands[place] not in graph.constants:
                raise ArgumentError(
                    f"{graph.name}: {row.name}: found a traced value as argument "
                    f"{place + 1}; expected a number, which it is not differentiated by"
                )
    return graph


def distinct_and_literal(graph: Graph) -> Graph:
    """The same graph, which somebody wrote: names differ, and nothing else is a literal (I8, I4).

    Raises:
        IRError: if that is not so: text could not be written, or lacked a derivative.
    """
    if problems := [*_names(graph)]:
        raise IRError(f"graph {graph.name}: {problems[0]}")
    try:
        return with_literals(graph)
    except ArgumentError as error:
        raise IRError(f"graph {error} (I4)") from None


def _names(graph: Graph) -> Iterator[str]:
    names = [name for name, _ in graph.parameters]
    if len(set(names)) != len(names):
        yield f"parameters {names}: names must differ (I8)"


def _interface(graph: Graph) -> Iterator[str]:
    yield from _names(graph)
    inputs = [i for i, n in enumerate(graph.nodes) if n.primitive is None and not n.params]
    if inputs != list(graph.inputs.nodes):
        yield f"inputs at {inputs}: expected the first {graph.inputs.count} nodes (I1)"
    expected = size(graph.result) if graph.expanded else len(leaf_parts("", graph.result))
    if len(graph.outputs) != expected:
        yield f"{len(graph.outputs)} outputs: expected {expected} for {graph.result} (I5)"
    if not graph.expanded:
        yield from _interface_shapes(graph)
    for output in graph.outputs:
        if not 0 <= output < len(graph.nodes):
            yield f"output %{output} is not a node (I2)"


def _interface_shapes(graph: Graph) -> Iterator[str]:
    for index, shape in zip(graph.inputs.nodes, graph.inputs.shapes, strict=True):
        if index < len(graph.nodes) and graph.nodes[index].shape != shape:
            yield f"input %{index} has shape {graph.nodes[index].shape}, not {shape} (I1)"
    for output, (name, part) in zip(
        graph.outputs, leaf_parts("result", graph.result), strict=False
    ):
        shape = part.shape if isinstance(part, Array) else ()
        if 0 <= output < len(graph.nodes) and graph.nodes[output].shape != shape:
            yield f"{name} is %{output} of shape {graph.nodes[output].shape}, not {shape} (I5)"


def _shape(graph: Graph, index: int) -> Iterator[str]:
    node = graph.nodes[index]
    if graph.expanded:
        if node.shape != ():
            yield f"%{index} has shape {node.shape}; only scalars exist (I9)"
        return
    if node.primitive is None or not all(0 <= i < index for i in node.operands):
        return
    shapes = [graph.nodes[i].shape for i in node.operands]
    try:
        if isinstance(node.primitive, ArrayRow):
            expected = node.primitive.infer(*shapes, **dict(node.params))
        else:
            expected = np.broadcast_shapes(*shapes)
    except (ValueError, TypeError, IndexError) as error:
        yield f"%{index} = {node.primitive.name}: {error} (I9)"
        return
    if expected != node.shape:
        yield f"%{index} = {node.primitive.name} has shape {node.shape}, not {expected} (I9)"


def _nodes(graph: Graph) -> Iterator[str]:
    seen: dict[tuple[Primitive, tuple[int, ...], str], int] = {}
    for index, node in enumerate(graph.nodes):
        yield from _shape(graph, index)
        if node.primitive is None:
            continue
        name = node.primitive.name
        several = isinstance(node.primitive, ArrayRow) and node.primitive.takes(len(node.operands))
        if len(node.operands) != node.primitive.arity and not several:
            found = len(node.operands)
            yield f"%{index} = {name}: {found} operands, not {node.primitive.arity} (I3)"
        for operand in node.operands:
            if not 0 <= operand < index:
                yield f"%{index} = {name}: operand %{operand} is not defined above this line (I2)"
        for position in node.primitive.literal:
            operand = node.operands[position] if position < len(node.operands) else index
            if not 0 <= operand < index or operand not in graph.constants:
                yield f"%{index} = {name}: operand {position} is not a constant (I4)"
        if tuple(param for param, _ in node.params) != node.primitive.params:
            expected = ", ".join(node.primitive.params) or "none"
            given = params_text(node.params) or "no parameters"
            yield f"%{index} = {name}: found {given}, expected {expected} (I7)"
        ordered = sorted(node.operands) if node.primitive.commutative else node.operands
        key = node.primitive, tuple(ordered), params_text(node.params)
        first = seen.setdefault(key, index)
        if first != index:
            yield f"%{index} = {name}: equals %{first} (I6)"


def _constants(graph: Graph) -> Iterator[str]:
    values: dict[str, int] = {}
    for index, node in enumerate(graph.nodes):
        if node.primitive is not None or not node.params:
            continue
        known = node.array is not None or type(node.value) is float
        if [name for name, _ in node.params] != ["value"] or not known:
            yield f"constant %{index}{params_text(node.params)}: expected a number (I7)"
            continue
        first = values.setdefault(params_text(node.params), index)
        if first != index:
            shown = node.value if node.array is None else node.array
            yield f"constant %{index} = {shown!r} repeats %{first} (I6)"
