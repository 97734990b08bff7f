"""Plan: where tangents meet cotangents, so that a sparse Jacobian takes the fewest operations.

Every node may carry tangents, one by each input it depends on, or cotangents, one of each output
that depends on it.  Nodes near the inputs depend on few, nodes near the outputs are depended on by
few: the *front* holds the nodes that carry tangents, and an entry is the sum over the nodes at its
edge of cotangent times tangent.  With all nodes in the front the matrix is computed by columns,
with none by rows.  A term of a sum depends on few inputs and lies in the front, the sum behind it,
so functions that are sums of small terms are differentiated term by term.

A line of the matrix costs what it reaches alone.  Lines that could share a sweep in a colouring
where every entry stands alone have no node in common, so sharing would save nothing; in a symmetric
matrix, where it may (``stars.py``), only one of two equal entries is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodiff.run.sparse.flow import Flow
from autodiff.run.sparse.reach import from_inputs, to_outputs

__all__ = ["Plan", "plans"]


@dataclass(frozen=True)
class Plan:
    """How the entries of a Jacobian are computed.

    Args:
        front: Per node, 1 if it carries tangents.
        work: Operations that this takes, counted from the graph.
        ranks: In a symmetric matrix, the rank of each line: of two equal entries, the one whose
            row has the higher rank is computed.  None: every entry is.
        lowest: With ranks, per node the lowest rank of the inputs it depends on.
        highest: With ranks, per node the highest rank of the outputs that depend on it.
    """

    front: bytearray
    work: int
    ranks: Sequence[int] | None
    lowest: Sequence[int]
    highest: Sequence[int]


def plans(flow: Flow, ranks: Sequence[int] | None = None) -> list[Plan]:
    """The plans: by rows, by columns, and both ways.

    Args:
        flow: How derivatives pass.
        ranks: Of the lines of a symmetric matrix; see ``Plan``.
    """
    count = _Counts(flow, ranks)
    return [
        Plan(front, count.work(front), ranks, count.lowest, count.highest)
        for front in _fronts(flow, count)
    ]


def _fronts(flow: Flow, count: _Counts) -> tuple[bytearray, bytearray, bytearray]:
    """The front of no node, of every node, and of those that carry fewer tangents."""
    rows = bytearray(len(flow.edges))
    for index in flow.inputs:
        rows[index] = 1
    columns, both = bytearray(rows), bytearray(rows)
    for index, edges in enumerate(flow.edges):
        if edges:
            columns[index] = 1
            if count.columns[index] <= count.rows[index]:
                both[index] = all(both[edge[0]] for edge in edges)
    return rows, columns, both


class _Counts:
    """How many tangents, how many cotangents each node would carry."""

    def __init__(self, flow: Flow, ranks: Sequence[int] | None) -> None:
        self.flow, size = flow, len(flow.edges)
        self.rows, self.columns = [0] * size, [0] * size
        self.lowest: list[int] = []
        self.highest: list[int] = []
        if ranks is None:
            for index, bits in to_outputs(flow, range(len(flow.outputs))):
                self.rows[index] = bits.bit_count()
            for index, bits in from_inputs(flow, range(len(flow.inputs))):
                self.columns[index] = bits.bit_count()
            return
        self.lowest, self.highest = [0] * size, [0] * size
        for index, bits in to_outputs(flow, ranks):
            self.highest[index] = bits.bit_length() - 1
        for index, bits in from_inputs(flow, ranks):
            self.lowest[index] = (bits & -bits).bit_length() - 1
            self.columns[index] = (bits & ((2 << self.highest[index]) - 1)).bit_count()
        for index, bits in to_outputs(flow, ranks):
            self.rows[index] = (bits >> self.lowest[index]).bit_count()

    def work(self, front: bytearray) -> int:
        """Operations of a plan."""
        work, rows, columns = 0, self.rows, self.columns
        edge_of_front: set[int] = set()
        used = bytearray(len(front))
        for index, edges in enumerate(self.flow.edges):
            if front[index]:
                carried, more = columns[index], 0
                for operand, _, cost, _ in edges:
                    passing = columns[operand]
                    work += (passing if passing < carried else carried) * (cost + more)
                    more = 1
                continue
            carried = rows[index]
            for operand, _, cost, _ in edges:
                passing = rows[operand]
                work += (passing if passing < carried else carried) * (cost + used[operand])
                used[operand] = 1
                if front[operand]:
                    edge_of_front.add(operand)
        edge_of_front.difference_update(self.flow.inputs)  # their tangents are 1
        return work + sum([2 * rows[i] * columns[i] for i in edge_of_front])
