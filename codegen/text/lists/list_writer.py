"""Write the nodes of a spread graph as Python: numbers are floats, what goes over loops is a list.

An argument that is an array is one flat list, row by row.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import LoopNodes
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.indexing import spelled_key
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import Primitive
from codegen.language.lines import INDENT, bracketed
from codegen.language.naming import Names, Naming
from codegen.language.target import Target
from codegen.subset.template import Template, template
from codegen.text.lists.list_loop import list_loop
from codegen.text.whole.looping import LoopingWriter

__all__ = ["ListWriter"]


class ListWriter(LoopingWriter):
    """Turns nodes into lines (as ``Writer``).

    Args:
        graph: A spread graph, or the body of a loop of one.
        target: The target.
        names: Identifiers of the file.
        texts: As for ``Writer``.
        naming: As for ``Writer``.
        flat: True where arrays among the inputs are flat lists; in bodies they are lists of lists.
        depth: In how many loops it stands.
    """

    def __init__(
        self, graph: Graph, target: Target, names: Names, texts: dict[int, str], naming: Naming,
        flat: bool, depth: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(graph, target, names, texts, naming)
        self._names, self._flat, self._depth = names, flat, depth
        self._inset += depth * len(INDENT)

    def write_loop(self, group: LoopNodes) -> None:
        """As ``LoopingWriter``."""

        def inside(body: Graph, texts: dict[int, str]) -> ListWriter:
            naming = Naming(body, self._names, texts, range(body.inputs.count, len(body.nodes)))
            return ListWriter(body, self.target, self._names, texts, naming, False, self._depth + 1)

        lines, body = list_loop(self, group, self._names, inside)
        self.calls |= body.calls
        self.divides |= body.divides
        self.lines += lines
        self.made += [group.first] * len(lines)

    def constants(self) -> None:
        """Lists of numbers that the graph holds."""
        for index, array in self.graph.arrays.items():
            label = self._naming.labels.get(index)  # type: ignore[union-attr]
            name = self._names.claim("data" if label is None else label.base)
            lines = bracketed(f"{name} = ", self._items(array.array), "", "[]")
            self.texts[index] = name
            self.lines += lines
            self.made += [index] * len(lines)

    def _items(self, array: NDArray[np.float64]) -> list[str]:
        """The texts of the numbers, or the lists, in a list."""
        if array.ndim > 1:
            return [f"[{', '.join(self._items(row))}]" for row in array]
        return [self.target.literal(float(x)) for x in array]

    def form_of(self, index: int, primitive: Primitive) -> Template:
        """The text of one node."""
        if not isinstance(primitive, ArrayRow):
            return super().form_of(index, primitive)
        node = self.graph.nodes[index]
        return template(self._of_row(primitive.name, index, node.named), len(node.operands))

    def _of_row(self, name: str, index: int, params: RowParams) -> str:
        node = self.graph.nodes[index]
        if name == "slice":
            return "{0}" + self._part(node.operands[0], params["key"])
        if name == "stack" and params["axis"] == 0:
            return f"[{', '.join(f'{{{i}}}' for i in range(len(node.operands)))}]"
        if name == "stack" and len(node.shape) == 2:
            self.calls.add("side_by_side")
            return f"side_by_side({', '.join(f'{{{i}}}' for i in range(len(node.operands)))})"
        if name == "broadcast_to" and len(node.shape) == 1:
            return f"[{{0}}] * {node.shape[0]}"
        if name == "place" and len(node.shape) == 1:
            self.calls.add("put")
            (part,) = params["key"]
            given = "{0}" if len(part) == 3 else "[{0}]"
            start, step = part[0], part[2] if len(part) == 3 else 1
            return f"put({given}, {start}, {step}, {node.shape[0]})"
        if name == "reshape":
            return "{0}"
        raise UnsupportedError(f"{self.graph.name}: lists have no {name}")

    def _part(self, operand: int, key: Sequence[tuple[int, ...]]) -> str:
        """The text behind a list that takes a part of it."""
        shape = self.graph.nodes[operand].shape
        if self._flat and operand < self.graph.inputs.count and len(shape) > 1:
            return _flat_part(shape, key)
        if len(key) == 1:
            return f"[{spelled_key(tuple(key), shape)}]"
        if any(len(part) != 1 for part in key):
            raise UnsupportedError(f"{self.graph.name}: lists of lists have no {key}")
        return "".join(f"[{part[0]}]" for part in key)


def _flat_part(shape: Sequence[int], key: Sequence[tuple[int, ...]]) -> str:
    """Of an array that is flat: one number, or a column."""
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * shape[axis + 1]
    start = sum(part[0] * stride for part, stride in zip(key, strides, strict=True))
    if all(len(part) == 1 for part in key):
        return f"[{start}]"
    first, *rest = key
    if len(first) != 3 or any(len(part) != 1 for part in rest) or first[2] < 1:
        raise UnsupportedError(f"a flat list has no {key}")
    step = first[2] * strides[0]
    end = start + first[1] * step
    size = shape[0] * strides[0]
    return f"[{start or ''}:{'' if end >= size else end}:{step}]"
