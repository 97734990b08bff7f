"""The intermediate representation: Node, Graph, and the Builder that interns equal nodes.

A graph is a flat list of nodes in the order they are computed; an operand is the index of an
earlier node.  No pointers and no recursion, so a chain of a million nodes is a list like any other.

The inputs come first (``inputs.py`` counts them).  Constants may stand anywhere before their first
use: the nodes that hold them are the graph's pool of constants, each value once.
"""

from __future__ import annotations

import json
import math
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.forking import late_import
from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.inputs import Inputs
from autodiff.graph.meeting import Limits
from autodiff.graph.params import params_text
from autodiff.graph.print import print_graph
from autodiff.graph.structure import Structure
from autodiff.graph.typed_node import INPUT, Node, Params, Shape, constant, new_node, same_bits
from autodiff.origins.origin import Origin, Origins
from autodiff.origins.recorder import Recorder
from autodiff.table.primitive import Primitive

__all__ = ["Builder", "Graph", "Limits", "Node", "picture_of", "same_bits"]


def picture_of(subject: object) -> str:
    """The picture of a graph or a Value, which notebooks ask for."""
    picture: str = late_import("autodiff.picture.draw").draw(subject).text
    return picture


@dataclass(frozen=True, eq=False)
class Graph:
    """A traced function: named, structured arguments, nodes in order, structured outputs.

    Args:
        name: Name of the function.
        parameters: Name and structure of each argument.
        nodes: The inputs first (one per float, or one per array; arguments in order), then the
            rest.
        outputs: Index of each output float, or of each scalar and array of the result.
        result: Structure of the returned value.
        origins: Where the nodes come from in the user's code, if that is known.
        limits: What a transform noted about kinks that meet; None if none can.
        expanded: True if every node is a scalar; False in a graph of arrays, where every scalar and
            array of arguments and result is one node.

    Graphs are immutable and compare equal when they print equal; origins do not count.
    """

    name: str
    parameters: tuple[tuple[str, Structure], ...]
    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    result: Structure
    origins: Origins | None = field(default=None, repr=False)
    limits: Limits | None = field(default=None, repr=False)
    expanded: bool = True

    _repr_svg_ = picture_of

    @cached_property
    def inputs(self) -> Inputs:
        """Where the arguments lie among the nodes, and their names."""
        return Inputs(self.parameters, self.expanded)

    def __array__(self, *_: object, **__: object) -> NoReturn:
        raise ArgumentError(
            f"{self.name}: found a graph where numbers belong; expected evaluate(graph, "
            "*arguments), or a call of what compile_graph makes of it"
        )

    @property
    def input_names(self) -> tuple[str, ...]:
        """Name of each float of the arguments: ``x``, ``x[0]``, ``p.w[1,2]``."""
        return self.inputs.names

    @property
    def input_count(self) -> int:
        """Number of floats of the arguments."""
        return self.inputs.size

    @cached_property
    def plans(self) -> dict[object, Any]:
        """What transforms found out about this graph, kept for the next time."""
        return {}

    @cached_property
    def constants(self) -> dict[int, float]:
        """The pool of constants: the number of each constant node."""
        return {
            i: params[0][1]  # type: ignore[misc]  # a number
            for i, (primitive, _, params, _) in enumerate(self.nodes)
            if params and primitive is None and type(params[0][1]) is not ArrayConstant
        }

    @cached_property
    def arrays(self) -> dict[int, ArrayConstant]:
        """The array of each constant node that holds one."""
        if self.expanded:
            return {}
        return {i: node.array for i, node in enumerate(self.nodes) if node.array is not None}

    @cached_property
    def quoted(self) -> str:
        """Its text as a parameter of a node, kept: it tells nodes with graphs inside apart."""
        return f"graph {json.dumps(str(self))}"

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
        if index < self.inputs.count:
            return Origin("", 0, 0, self.name, self.inputs.node_names[index])
        return None if self.origins is None else self.origins.origin(index, self.inputs.node_names)

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
            and (self.limits, self.expanded) == (other.limits, other.expanded)
            and all(map(_same_node, self.nodes, other.nodes))
        )

    def __hash__(self) -> int:
        return hash((self.name, self.parameters, self.outputs, len(self.nodes)))

    def __str__(self) -> str:
        return print_graph(self)

    def __repr__(self) -> str:
        return f"<graph {self.name}: {self.inputs.count} inputs, {len(self.nodes)} nodes>"


def _same_node(x: Node, y: Node) -> bool:
    if not x.params and not y.params:
        return x == y
    plain = x._replace(params=()) == y._replace(params=())
    return plain and params_text(x.params) == params_text(y.params)


class _Apart(dict[object, int]):
    """Interned nodes of which none is ever met again."""

    def setdefault(self, key: object, default: int = 0) -> int:
        return default


class Builder:
    """Grows the node list of a graph; an equal node is added once.

    ``x * y`` equals ``y * x``, and the first one stays; so does the first constant of equal bits.
    """

    __slots__ = ("_pool", "derives", "expanded", "interned", "kinds", "nodes", "recorder")

    def __init__(self, inputs: int | Inputs, recorder: Recorder | None = None) -> None:
        self.recorder = recorder  # while a function is traced
        self.derives = False  # True once a traced function takes a derivative
        self.kinds: dict[int, int] = {}  # of nodes, where a trace asked (trace/switching/squares)
        self.expanded = True if isinstance(inputs, int) else inputs.expanded
        count = inputs if isinstance(inputs, int) else inputs.count
        self.nodes: list[Node] = [INPUT] * count
        if not isinstance(inputs, int) and not inputs.expanded:
            self.nodes = [INPUT._replace(shape=shape) for shape in inputs.shapes]
        self.interned: defaultdict[Primitive, dict[object, int]] = defaultdict(dict)
        self._pool: dict[float | bytes | ArrayConstant, int] = {}  # bits of a constant -> its node

    @classmethod
    def repeating(cls, inputs: Inputs, recorder: Recorder | None = None) -> Builder:
        """A builder that adds equal nodes as often as they are asked for, constants once."""
        builder = cls(inputs, recorder)
        builder.interned = defaultdict(_Apart)
        return builder

    @classmethod
    def extending(cls, graph: Graph) -> Builder:
        """A builder that continues ``graph``: the indices of its nodes keep their meaning."""
        builder = cls(0)
        builder.expanded = graph.expanded
        builder.nodes = list(graph.nodes)
        interned = builder.interned
        for index, (primitive, operands, params, shape) in enumerate(graph.nodes):
            if primitive is not None:
                key = _key(primitive, operands, params, shape)
                interned[primitive].setdefault(key, index)
        for index, value in graph.constants.items():
            builder._pool[_bits(value)] = index
        for index, array in graph.arrays.items():
            builder._pool[array] = index
        return builder

    def add(
        self,
        primitive: Primitive,
        operands: tuple[int, ...],
        params: Params = (),
        shape: Shape = (),
    ) -> int:
        """Index of the node ``primitive(*operands)``."""
        if len(operands) == 2 and not params and not shape:
            # _key, written out: this is where tracing spends its time
            x, y = operands
            key: object = y << 32 | x if primitive.commutative and y < x else x << 32 | y
        else:
            key = _key(primitive, operands, params, shape)
        count = len(self.nodes)
        index = self.interned[primitive].setdefault(key, count)
        if index == count:
            self.nodes.append(new_node(Node, (primitive, operands, params, shape)))
        return index

    def literal(self, value: float | ArrayConstant) -> int:
        """Index of the constant ``value``."""
        bits: float | bytes | ArrayConstant = value if value else _bits(value)
        index = self._pool.get(bits)
        if index is None:
            bits = _bits(value)
            index = self._pool.get(bits, len(self.nodes))
            self._pool[bits] = index
            if index == len(self.nodes):
                self.nodes.append(constant(value))
        return index

    def holds_infinity(self) -> bool:
        """True if a constant is infinite, or has infinite numbers."""
        numbers = (one.array if isinstance(one, ArrayConstant) else one for one in self._pool)
        return any(not isinstance(one, bytes) and np.any(np.isinf(one)) for one in numbers)

    def cut(self, start: int) -> list[Node]:
        """Take back the nodes from ``start`` on, as if they had never been added.

        Returns:
            These nodes.
        """
        nodes = self.nodes[start:]
        del self.nodes[start:]
        self.kinds.clear()
        for index, (primitive, operands, params, shape) in enumerate(nodes, start):
            if primitive is None:
                continue
            known, key = self.interned[primitive], _key(primitive, operands, params, shape)
            if known.get(key) == index:
                del known[key]
        pool = self._pool
        while pool and next(reversed(pool.values())) >= start:
            pool.popitem()
        return nodes

    def value(self, index: int) -> float | None:
        """The number of a constant node, else None."""
        return self.nodes[index].value

    def graph(
        self,
        name: str,
        parameters: Iterable[tuple[str, Structure]],
        outputs: Sequence[int],
        result: Structure,
        origins: Origins | None = None,
        limits: Limits | None = None,
    ) -> Graph:
        """The finished graph."""
        nodes, known = tuple(self.nodes), tuple(parameters)
        return Graph(name, known, nodes, tuple(outputs), result, origins, limits, self.expanded)


def _key(primitive: Primitive, operands: tuple[int, ...], params: Params, shape: Shape) -> object:
    """What equal nodes of one primitive have in common."""
    key: object = operands
    if len(operands) == 2:
        x, y = operands
        key = y << 32 | x if primitive.commutative and y < x else x << 32 | y
    return (key, params_text(params), shape) if params or shape else key


_PACK = struct.Struct("<d").pack
_NAN_BITS = _PACK(math.nan)


def _bits(value: Any) -> float | bytes | ArrayConstant:
    # Zeros and nan by bits: a dict would merge 0.0 with -0.0 and split the nans.
    if type(value) is ArrayConstant:
        return value
    if value:
        return float(value) if value == value else _NAN_BITS
    return _PACK(value)
