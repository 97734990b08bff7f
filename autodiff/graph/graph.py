"""The intermediate representation: Node, Graph, and the Builder that interns equal nodes.

A graph is a flat list of nodes in the order they are computed; an operand is the index of an
earlier node.  No pointers and no recursion, so a chain of a million nodes is a list like any other.

A node is an input (no primitive, no value), a literal (a value) or the result of a primitive
(operands).  Every node denotes one float64 today; ``shape`` leaves room for array-valued nodes.
"""

from __future__ import annotations

import math
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from autodiff.graph.print import print_graph
from autodiff.graph.structure import Structure, leaf_names, size
from autodiff.origins.origin import Origin, Origins
from autodiff.origins.recorder import Recorder
from autodiff.table.primitive import Primitive

__all__ = ["Builder", "Graph", "Node"]


class Node(NamedTuple):
    """One value of a graph."""

    primitive: Primitive | None  # None: an input or a literal
    operands: tuple[int, ...]  # indices of earlier nodes
    value: float | None  # a literal's number
    shape: tuple[int, ...]  # () for a scalar, the only shape so far


_new_node = tuple.__new__  # three times as fast as Node(...), and nodes are made by the million
_INPUT = Node(None, (), None, ())


def same_bits(x: float, y: float) -> bool:
    """True if x and y are the same double; tells 0.0 from -0.0, and nan is nan."""
    return (x == y and math.copysign(1.0, x) == math.copysign(1.0, y)) or (x != x and y != y)


@dataclass(frozen=True, eq=False)
class Graph:
    """A traced function: named, structured arguments, nodes in order, structured outputs.

    Args:
        name: Name of the function.
        parameters: Name and structure of each argument.
        nodes: The inputs first (one per float, arguments in order), then the rest.
        outputs: Index of each output float.
        result: Structure of the returned value.
        origins: Where the nodes come from in the user's code, if that is known.

    Graphs are immutable and compare equal when they print equal; origins do not count.
    """

    name: str
    parameters: tuple[tuple[str, Structure], ...]
    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    result: Structure
    origins: Origins | None = field(default=None, repr=False)

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """Name of each input node: ``x``, ``x[0]``, ``p.w[1,2]``."""
        return tuple(name for p, structure in self.parameters for name in leaf_names(p, structure))

    @cached_property
    def input_count(self) -> int:
        """Number of input nodes; they are ``nodes[:input_count]``."""
        return sum(size(structure) for _, structure in self.parameters)

    @cached_property
    def plans(self) -> dict[Any, Any]:
        """What transforms found out about this graph, kept for the next time."""
        return {}

    @cached_property
    def literals(self) -> tuple[int, ...]:
        """Indices of the literal nodes."""
        return tuple(i for i, node in enumerate(self.nodes) if node[2] is not None)

    def origin(self, index: int) -> Origin | None:
        """Where node ``index`` comes from in the user's code; None if that is not known.

        >>> import autodiff as ad
        >>> def f(x):
        ...     slope = x * 3.0
        ...     return ad.sin(slope)
        >>> graph = ad.trace(f, 1.0)
        >>> [graph.origin(i).name for i in range(1, len(graph)) if graph.origin(i)]
        ['slope', 'f']
        """
        if index < self.input_count:
            return Origin("", 0, 0, self.name, self.input_names[index])
        return None if self.origins is None else self.origins.origin(index, self.input_names)

    def operations(self) -> Iterator[tuple[int, Primitive, tuple[int, ...]]]:
        """Index, primitive and operands of every node that computes something."""
        for index, node in enumerate(self.nodes):
            if node[0] is not None:
                yield index, node[0], node[1]

    def __len__(self) -> int:
        return len(self.nodes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Graph):
            return NotImplemented
        return (
            (self.name, self.parameters, self.outputs, self.result)
            == (other.name, other.parameters, other.outputs, other.result)
            and len(self.nodes) == len(other.nodes)
            and all(map(_same_node, self.nodes, other.nodes))
        )

    def __hash__(self) -> int:
        return hash((self.name, self.parameters, self.outputs, len(self.nodes)))

    def __getstate__(self) -> dict[str, Any]:
        # Plans hold functions, and are found again.
        return {name: value for name, value in vars(self).items() if name != "plans"}

    def __str__(self) -> str:
        return print_graph(self)

    def __repr__(self) -> str:
        return f"<graph {self.name}: {self.input_count} inputs, {len(self.nodes)} nodes>"


def _same_node(x: Node, y: Node) -> bool:
    if x.value is None or y.value is None:
        return x == y
    return x.primitive is y.primitive and same_bits(x.value, y.value)


class Builder:
    """Grows the node list of a graph; an equal node is added once.

    ``x * y`` equals ``y * x``, and the first one stays.  A literal is added when it is first used,
    so it stands directly before its first user.
    """

    __slots__ = ("_literals", "interned", "nodes", "recorder")

    def __init__(self, inputs: int, recorder: Recorder | None = None) -> None:
        self.recorder = recorder  # while a function is traced
        self.nodes: list[Node] = [_INPUT] * inputs
        self.interned: defaultdict[Primitive, dict[Any, int]] = defaultdict(dict)
        self._literals: dict[float | bytes, int] = {}

    @classmethod
    def extending(cls, graph: Graph) -> Builder:
        """A builder that continues ``graph``: the indices of its nodes keep their meaning."""
        builder = cls(0)
        builder.nodes = list(graph.nodes)
        interned = builder.interned
        for index, primitive, operands in graph.operations():
            interned[primitive].setdefault(_key(primitive, operands), index)
        for index in graph.literals:
            builder._literals[_bits(graph.nodes[index][2])] = index
        return builder

    def add(self, primitive: Primitive, operands: tuple[int, ...]) -> int:
        """Index of the node ``primitive(*operands)``."""
        if len(operands) == 2:  # _key, written out: this is where tracing spends its time
            x, y = operands
            key: Any = y << 32 | x if primitive.commutative and y < x else x << 32 | y
        else:
            key = operands
        count = len(self.nodes)
        index = self.interned[primitive].setdefault(key, count)
        if index == count:
            self.nodes.append(_new_node(Node, (primitive, operands, None, ())))
        return index

    def literal(self, value: float) -> int:
        """Index of the literal ``value``."""
        bits = value if value else _bits(value)
        index = self._literals.get(bits)
        if index is None:
            bits = _bits(value)
            index = self._literals.get(bits, len(self.nodes))
            self._literals[bits] = index
            if index == len(self.nodes):
                self.nodes.append(Node(None, (), math.nan if value != value else float(value), ()))
        return index

    def value(self, index: int) -> float | None:
        """The number of a literal node, else None."""
        return self.nodes[index][2]

    def graph(
        self,
        name: str,
        parameters: Iterable[tuple[str, Structure]],
        outputs: Sequence[int],
        result: Structure,
        origins: Origins | None = None,
    ) -> Graph:
        """The finished graph."""
        nodes = tuple(self.nodes)
        return Graph(name, tuple(parameters), nodes, tuple(outputs), result, origins)


def _key(primitive: Primitive, operands: tuple[int, ...]) -> Any:
    """What equal nodes of one primitive have in common."""
    if len(operands) != 2:
        return operands
    x, y = operands
    return y << 32 | x if primitive.commutative and y < x else x << 32 | y


_PACK = struct.Struct("<d").pack
_NAN_BITS = _PACK(math.nan)


def _bits(value: Any) -> Any:
    # Zeros and nan by bits: a dict would merge 0.0 with -0.0 and split the nans.
    if value:
        return float(value) if value == value else _NAN_BITS
    return _PACK(value)
