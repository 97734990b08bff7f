"""IR checker.  A graph is well formed when these invariants hold:

I1  The inputs come first, one node per float of the parameters' structures, and nowhere else.
I2  Every operand and output is the index of an earlier node.
I3  A node has as many operands as its primitive has.
I4  An operand that its primitive declares literal is a constant.
I5  There is one output per float of the result's structure.
I6  Equal nodes appear once (``x * y`` equals ``y * x``), and so do constants of equal bits.
I7  A node has the parameters that its primitive names, in its order; a constant has its number.
I8  Parameter names differ from each other.
I9  Every shape is (): nodes are scalars.
"""

from __future__ import annotations

from collections.abc import Iterator

from autodiff.errors import IRError
from autodiff.graph.graph import Graph
from autodiff.graph.params import params_text
from autodiff.graph.structure import size
from autodiff.table.primitive import Primitive

__all__ = ["check"]


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


def _interface(graph: Graph) -> Iterator[str]:
    names = [name for name, _ in graph.parameters]
    if len(set(names)) != len(names):
        yield f"parameters {names}: names must differ (I8)"
    inputs = [i for i, n in enumerate(graph.nodes) if n.primitive is None and not n.params]
    if inputs != list(graph.inputs.nodes):
        yield f"inputs at {inputs}: expected the first {graph.inputs.count} nodes (I1)"
    if len(graph.outputs) != size(graph.result):
        yield f"{len(graph.outputs)} outputs: expected {size(graph.result)} for {graph.result} (I5)"
    for output in graph.outputs:
        if not 0 <= output < len(graph.nodes):
            yield f"output %{output} is not a node (I2)"


def _nodes(graph: Graph) -> Iterator[str]:
    seen: dict[tuple[Primitive, tuple[int, ...], str], int] = {}
    for index, node in enumerate(graph.nodes):
        if node.shape != ():
            yield f"%{index} has shape {node.shape}; only scalars exist (I9)"
        if node.primitive is None:
            continue
        name = node.primitive.name
        if len(node.operands) != node.primitive.arity:
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
        if [name for name, _ in node.params] != ["value"] or type(node.value) is not float:
            yield f"constant %{index}{params_text(node.params)}: expected a number (I7)"
            continue
        first = values.setdefault(params_text(node.params), index)
        if first != index:
            yield f"constant %{index} = {node.value!r} repeats %{first} (I6)"
