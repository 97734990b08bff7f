"""IR checker.  A graph is well formed when these invariants hold:

I1  The inputs come first, one node per float of the parameters' structures, and nowhere else.
I2  Every operand and output is the index of an earlier node.
I3  A node has as many operands as its primitive has.
I4  An operand that its primitive declares literal is a literal.
I5  There is one output per float of the result's structure.
I6  Equal nodes (``x * y`` equals ``y * x``) and literals of equal bits appear once.
I7  A literal stands directly before its first user, among that user's other new literals.
I8  Parameter names differ from each other.
I9  Every shape is (): nodes are scalars.
"""

from __future__ import annotations

from collections.abc import Iterator

from autodiff.errors import IRError
from autodiff.graph.graph import Graph, same_bits
from autodiff.graph.structure import size
from autodiff.table.primitive import Primitive

__all__ = ["check"]


def check(graph: Graph) -> None:
    """Check every invariant of ``graph`` (listed above).

    Raises:
        IRError: listing all broken invariants, each with its node.

    >>> import autodiff as ad
    >>> ad.check(ad.trace(lambda x: x * x, 1.0))
    """
    problems = [*_interface(graph), *_nodes(graph), *_literals(graph)]
    if problems:
        raise IRError(f"graph {graph.name}: " + "; ".join(problems))


def _interface(graph: Graph) -> Iterator[str]:
    names = [name for name, _ in graph.parameters]
    if len(set(names)) != len(names):
        yield f"parameters {names}: names must differ (I8)"
    inputs = [
        i for i, node in enumerate(graph.nodes) if node.primitive is None and node.value is None
    ]
    if inputs != list(range(graph.input_count)):
        yield f"inputs at {inputs}: expected the first {graph.input_count} nodes (I1)"
    if len(graph.outputs) != size(graph.result):
        yield f"{len(graph.outputs)} outputs: expected {size(graph.result)} for {graph.result} (I5)"
    for output in graph.outputs:
        if not 0 <= output < len(graph.nodes):
            yield f"output %{output} is not a node (I2)"


def _nodes(graph: Graph) -> Iterator[str]:
    seen: dict[tuple[Primitive, tuple[int, ...]], int] = {}
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
            if not 0 <= operand < index or graph.nodes[operand].value is None:
                yield f"%{index} = {name}: operand {position} is not a literal (I4)"
        ordered = sorted(node.operands) if node.primitive.commutative else node.operands
        first = seen.setdefault((node.primitive, tuple(ordered)), index)
        if first != index:
            yield f"%{index} = {name}: equals %{first} (I6)"


def _literals(graph: Graph) -> Iterator[str]:
    literals = [i for i, node in enumerate(graph.nodes) if node.value is not None]
    first_user = _first_users(graph)
    values: dict[str, int] = {}
    for index in literals:
        value = graph.nodes[index].value
        assert value is not None
        key = value.hex()
        if key in values and same_bits(value, graph.nodes[values[key]].value or 0.0):
            yield f"literal %{index} = {value!r} repeats %{values[key]} (I6)"
        values.setdefault(key, index)
        user = first_user.get(index, index)
        if any(graph.nodes[i].value is None for i in range(index, min(user, len(graph.nodes)))):
            yield f"literal %{index} = {value!r} is not directly before its first user (I7)"
        if index not in first_user:
            yield f"literal %{index} = {value!r} has no user (I7)"


def _first_users(graph: Graph) -> dict[int, int]:
    users: dict[int, int] = {}
    for index, node in enumerate(graph.nodes):
        for operand in node.operands:
            users.setdefault(operand, index)
    for output in graph.outputs:
        users.setdefault(output, len(graph.nodes))
    return users
