"""The entries of sparse matrices of derivatives of graphs of arrays, as one array.

Where blocks are diagonals their numbers are the entries.  Elsewhere the pattern is that of the
scalars, columns that can be told apart are one direction, and what comes out holds every entry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from autodiff.errors import UnsupportedError
from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.pattern import Lines, Pattern
from autodiff.run.derive.array_matrix import tangents
from autodiff.run.derive.blocks.directed_block import Block, identity, reshaped
from autodiff.run.sparse.shared_directions import Sharing, shared_directions
from autodiff.run.whole.scalarize import MOST_SCALARS
from autodiff.table.arrays.array_row import Shape, shape_of
from autodiff.table.arrays.indexing import concatenate, gather, scatter_add
from autodiff.table.arrays.reshaping import broadcast_to, reshape
from autodiff.table.primitive import Quantity
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["array_entries"]

_Places = npt.NDArray[np.int64]
_MOST = 50_000_000  # entries of blocks, of which each takes tens of bytes for its place
_MOST_OF_PATTERNS = 1_000_000  # scalars that are looked at rather than that


def array_entries(
    builder: Builder,
    graph: Graph,
    inputs: Sequence[int],
    outputs: Sequence[int],
    known: Callable[[int], Pattern | None],
    by: Lines,
    symmetric: bool,
) -> tuple[Pattern, object]:
    """The pattern of the derivatives of nodes by inputs, and its entries in order.

    Args:
        builder: Where nodes are added; it holds the graph's nodes.
        graph: The graph.
        inputs: The inputs.
        outputs: The nodes.
        known: What of the matrix can differ from zero; None if that takes more scalars than given.
        by: The order of the entries.
        symmetric: True if the matrix is.

    Raises:
        UnsupportedError: if there is something in it that is not known of blocks.
    """
    tried = _of_blocks(Builder.extending(graph), graph, inputs, outputs)
    pattern = known(MOST_SCALARS if tried.count <= _MOST else _MOST_OF_PATTERNS)
    if pattern is not None and pattern.count < tried.count:
        pattern = pattern.ordered(by)
        return pattern, _coloured(builder, graph, inputs, outputs, pattern, symmetric)
    return _of_blocks(builder, graph, inputs, outputs).in_order(builder, by)


def _of_blocks(
    builder: Builder, graph: Graph, inputs: Sequence[int], outputs: Sequence[int]
) -> _Entries:
    """The entries that blocks have, one direction for every element."""
    seeds = [identity(graph.nodes[i].shape, builder) for i in inputs]
    found = _Entries(graph, inputs, outputs)
    for i, seed in zip(inputs, seeds, strict=True):
        column = tangents(builder, graph, [i], outputs, [seed])
        for output, block in zip(outputs, column, strict=True):
            if block is not None:
                found.add(output, i, block)
    return found


class _Entries:
    """Entries of blocks, and where they stand in the matrix.

    Args:
        graph: The graph.
        inputs: The inputs, whose elements are the columns.
        outputs: The nodes, whose elements are the rows.

    Attributes:
        count: How many entries there are.
    """

    def __init__(self, graph: Graph, inputs: Sequence[int], outputs: Sequence[int]) -> None:
        sizes = [[math.prod(graph.nodes[i].shape) for i in some] for some in (outputs, inputs)]
        self._rows, self._columns = (_starts(nodes, n) for nodes, n in
                                     zip((outputs, inputs), sizes, strict=True))  # fmt: skip
        self._shape = sum(sizes[0]), sum(sizes[1])
        self._parts: list[object] = []
        self._blocks: list[tuple[int, int, Block, list[int], Shape]] = []
        self.count = 0

    def add(self, output: int, index: int, block: Block) -> None:
        """The entries of a block: of a tied direction its diagonal alone."""
        block = block.plain()
        free = [k for k in range(block.first) if k not in block.ties]
        lengths = tuple(block.directions[k] for k in free) + block.shape
        kept = tuple(block.lengths[k] for k in free) + block.lengths[block.first :]
        value = broadcast_to(reshaped(block.value, kept), lengths)
        self._parts.append(reshape(value, (math.prod(lengths),)))
        self._blocks.append((output, index, block, free, lengths))
        self.count += math.prod(lengths)

    def _places(self) -> Iterator[tuple[_Places, _Places]]:
        """Rows and columns of every block's entries, which may be many."""
        for output, index, block, free, lengths in self._blocks:
            count = math.prod(lengths)
            grid = np.indices(lengths).reshape(len(lengths), count)
            own = grid[len(free) :]
            directions = [grid[free.index(k)] if k in free else own[block.ties[k]]
                          for k in range(block.first)]  # fmt: skip
            rows = self._rows[output] + _flat(list(own), block.shape, count)
            yield rows, self._columns[index] + _flat(directions, block.directions, count)

    def in_order(self, builder: Builder, by: Lines) -> tuple[Pattern, object]:
        """The pattern, and the entries in its order."""
        if self.count > _MOST:
            raise UnsupportedError(
                f"sparse: blocks of the {self._shape[0]} x {self._shape[1]} matrix have "
                f"{self.count} numbers, and which of them can differ from zero would take more "
                "scalars than are looked at one by one. Compile products with it instead "
                "(compile_jvp, compile_vjp, compile_hvp), or the matrix of a smaller piece"
            )
        places = [(np.empty(0, np.int64),) * 2, *self._places()]
        rows, columns = (np.concatenate(each) for each in zip(*places, strict=True))
        lines, within = (rows, columns) if by == "rows" else (columns, rows)
        order = np.lexsort((within, lines))
        counts = np.bincount(lines, minlength=self._shape[0 if by == "rows" else 1])
        pattern = Pattern(self._shape, np.cumsum([0, *counts]), within[order], by)
        if not self._parts:
            return pattern, _constant(builder, np.zeros(0))
        values = concatenate(self._parts, 0)
        if np.array_equal(order, np.arange(len(order))):
            return pattern, values
        return pattern, gather(values, _constant(builder, order))


def _starts(nodes: Sequence[int], sizes: Sequence[int]) -> dict[int, int]:
    """Where the elements of each node start in a line of the matrix."""
    return dict(zip(nodes, np.cumsum([0, *sizes]).tolist(), strict=False))


def _flat(indices: Sequence[_Places], shape: tuple[int, ...], count: int) -> _Places:
    """Places in an array of this shape, counted row by row."""
    total = np.zeros(count, np.int64)
    for index, n in zip(indices, shape, strict=True):
        total = total * n + index
    return total


def _constant(builder: Builder, array: npt.NDArray[np.generic]) -> ArrayTracer:
    return ArrayTracer(builder, builder.literal(ArrayConstant(array)))


# --- columns that share a direction ------------------------------------------------------------


def _coloured(
    builder: Builder,
    graph: Graph,
    inputs: Sequence[int],
    outputs: Sequence[int],
    pattern: Pattern,
    symmetric: bool,
) -> object:
    """The entries of a pattern, from as few directions as show them."""
    sharing = shared_directions(pattern, symmetric)
    count = sharing.directions
    table = (sharing.colours == np.arange(count)[:, None]).astype(np.float64)
    seeds, start = [], 0
    for i in inputs:
        shape = graph.nodes[i].shape
        size = math.prod(shape)
        part = table[:, start : start + size].reshape(count, *shape)
        seeds.append(Block((count,), shape, _constant(builder, part), {}))
        start += size
    found = tangents(builder, graph, inputs, outputs, seeds)
    rows = [
        reshape(block.full(), (count, math.prod(block.shape)))
        if block is not None
        else _constant(builder, np.zeros((count, math.prod(graph.nodes[i].shape))))
        for i, block in zip(outputs, found, strict=True)
    ]
    width = pattern.shape[0]
    numbers = reshape(concatenate(rows, 1), (count * width,))
    return _recovered(builder, numbers, width, sharing, pattern)


def _recovered(
    builder: Builder, numbers: Quantity, width: int, sharing: Sharing, pattern: Pattern
) -> Quantity:
    """The entries in their order, from what every direction shows in every row."""
    colours, where = sharing.colours, dict[tuple[int, int], int]()
    shown = [row + width * int(colours[column])
             for level in sharing.levels for row, column in level.shown]  # fmt: skip
    for level in sharing.levels:
        for edge in level.shown:
            where[edge] = len(where)
    places = zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True)
    order = [where.get((i, j), where.get((j, i), -1)) for i, j in places]
    if len(sharing.levels) == 1:
        return _gathered(builder, numbers, [shown[place] for place in order])
    parts: list[Quantity] = []
    for level in sharing.levels:
        start = sum(shape_of(part)[0] for part in parts)
        size = len(level.shown)
        part = _gathered(builder, numbers, shown[start : start + size])
        if level.less:
            known = _gathered(builder, concatenate(parts, 0), [where[e] for _, e in level.less])
            owners = _constant(builder, np.array([i for i, _ in level.less]))
            part = part - scatter_add(known, owners, 0, size)
        parts.append(part)
    return _gathered(builder, concatenate(parts, 0), order)


def _gathered(builder: Builder, numbers: Quantity, places: Sequence[int]) -> Quantity:
    """Numbers at places of an array; the array itself where these are all of it."""
    if list(places) == list(range(shape_of(numbers)[0])):
        return numbers
    return gather(numbers, _constant(builder, np.array(places, np.int64)))
