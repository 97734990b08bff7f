"""Layered layout: boxes in columns from left to right, edges around them, in pure Python.

The method of Sugiyama, Tagawa and Toda ("Methods for visual understanding of hierarchical system
structures", 1981) in four steps: a rank for each box; a stop in every column an edge passes, shared
by all edges of one box; an order within each column with few crossings; heights that keep lines
straight.  Edges bend only between columns, so no line ever crosses a box.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

__all__ = ["Layout", "place"]

Point: TypeAlias = tuple[float, float]

SWEEPS = 12  # rounds of reordering; more hardly removes another crossing
STOP_HEIGHT = 6.0
BOX_GAP, STOP_GAP = 12.0, 5.0  # free space below a box, below a stop
NARROWEST, WIDEST = 26.0, 130.0  # between two columns
PORT_STEP = 9.0
TURN, ROW_GAP = 18.0, 26.0  # beside a row, for lines that go on; below it
LINE = 8.0  # how much more than others a bend within a long line disturbs


@dataclass(frozen=True)
class Layout:
    """Where everything goes, in the unit of the sizes; x to the right, y down, from (0, 0).

    Args:
        corners: Top left corner of each box.
        routes: Pieces of each edge, more than one if it leaves a row at its end and enters the
            next at its beginning.  The points of a piece: straight to the second, curved to the
            third, straight to the fourth, and so on; every point is reached horizontally.
        width: Of the whole.
        height: Of the whole.
    """

    corners: tuple[Point, ...]
    routes: tuple[tuple[tuple[Point, ...], ...], ...]
    width: float
    height: float


def place(
    sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]], fold: float = math.inf
) -> Layout:
    """Lay out boxes.

    Args:
        sizes: Width and height of each box.
        edges: Tail and head of each edge, as positions in ``sizes``; tail < head.  The edges of one
            head end one below the other, in this order.
        fold: From this width on columns go on in a row below, like words in a text.

    >>> layout = place([(40, 20), (40, 20), (40, 20)], [(0, 2), (1, 2)])
    >>> layout.corners[0][0] < layout.corners[2][0], layout.corners[0][1] < layout.corners[1][1]
    (True, True)
    """
    if not sizes:
        return Layout((), (), 0.0, 0.0)
    columns = _Columns(sizes, _ranks(len(sizes), edges), edges)
    columns.reduce_crossings()
    columns.straighten()
    return columns.finished(edges, fold)


def _ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Column of each box: as far left as its operands allow, unless moving right is shorter."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for tail, head in edges:
        before[head].append(tail)
        after[tail].append(head)
    ranks = [0] * count
    for box in range(count):
        ranks[box] = max((ranks[tail] + 1 for tail in before[box]), default=0)
    for box in range(count - 1, -1, -1):
        # All edges of one box share their stops, so moving right costs one stop per operand.
        if after[box] and len(set(before[box])) <= 1:
            ranks[box] = min(ranks[head] for head in after[box]) - 1
    first = min(ranks)
    return [rank - first for rank in ranks]


class _Places(NamedTuple):
    """Where each column begins, where it ends, and the row that it is in."""

    starts: list[float]
    rights: list[float]
    rows: list[int]


class _Columns:
    """Boxes and stops by column, with the segments between neighbouring columns."""

    def __init__(
        self,
        sizes: Sequence[tuple[float, float]],
        ranks: list[int],
        edges: Sequence[tuple[int, int]],
    ) -> None:
        self.sizes = sizes
        self.boxes = len(sizes)  # a vertex from here on is a stop
        self.rank = list(ranks)
        self.heights = [height for _, height in sizes]
        self.stops: dict[tuple[int, int], int] = {}  # (box, column) -> its stop there
        self.left: list[list[int]] = [[] for _ in sizes]
        self.right: list[list[int]] = [[] for _ in sizes]
        self._ports(edges)
        for tail, head in dict.fromkeys(edges):
            self._connect(tail, head)
        self.columns: list[list[int]] = [[] for _ in range(max(self.rank) + 1)]
        for vertex in self._from_the_results():
            self.columns[self.rank[vertex]].append(vertex)
        self.y = [0.0] * len(self.rank)

    def _ports(self, edges: Sequence[tuple[int, int]]) -> None:
        """How far from the middle of its head each edge ends."""
        incoming: dict[int, list[int]] = {}
        for number, (_, head) in enumerate(edges):
            incoming.setdefault(head, []).append(number)
        self.ports = [0.0] * len(edges)
        for head, numbers in incoming.items():
            room = max(self.sizes[head][1] - 10.0, 0.0)
            step = min(PORT_STEP, room / max(len(numbers) - 1, 1))
            for k, number in enumerate(numbers):
                self.ports[number] = (k - (len(numbers) - 1) / 2) * step

    def _connect(self, tail: int, head: int) -> None:
        last = tail
        for column in range(self.rank[tail] + 1, self.rank[head]):
            stop = self.stops.get((tail, column))
            if stop is None:
                stop = self.stops[tail, column] = len(self.rank)
                self.rank.append(column)
                self.heights.append(STOP_HEIGHT)
                self.left.append([])
                self.right.append([])
                self._join(last, stop)
            last = stop
        self._join(last, head)

    def _join(self, left: int, right: int) -> None:
        self.right[left].append(right)
        self.left[right].append(left)

    def _from_the_results(self) -> list[int]:
        """All vertices, depth first from the results: what belongs together is near."""
        seen = [False] * len(self.rank)
        order = []
        for root in range(len(self.rank)):
            stack = [] if self.right[root] else [root]
            while stack:
                vertex = stack.pop()
                if not seen[vertex]:
                    seen[vertex] = True
                    order.append(vertex)
                    stack.extend(reversed(self.left[vertex]))
        return order

    # --- order within the columns ---

    def reduce_crossings(self) -> None:
        """Sort each column by the mean place of its neighbours, left and right in turn."""
        best, fewest = [list(column) for column in self.columns], self._crossings()
        for sweep in range(SWEEPS):
            if fewest == 0:
                break
            leftward = sweep % 2 == 1
            near = self.right if leftward else self.left
            for column in reversed(self.columns) if leftward else self.columns:
                self._sort(column, near)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(column) for column in self.columns], crossings
        self.columns = best

    def _sort(self, column: list[int], near: list[list[int]]) -> None:
        place = self._places()
        middle = {
            v: sum(place[u] for u in near[v]) / len(near[v]) if near[v] else float(place[v])
            for v in column
        }
        column.sort(key=middle.__getitem__)

    def _places(self) -> list[int]:
        place = [0] * len(self.rank)
        for column in self.columns:
            for position, vertex in enumerate(column):
                place[vertex] = position
        return place

    def _crossings(self) -> int:
        """Pairs of segments between the same two columns that cross."""
        place = self._places()
        total = 0
        for column in self.columns:
            ends: list[int] = []
            for vertex in column:
                mine = [place[u] for u in self.right[vertex]]
                total += sum(len(ends) - bisect_right(ends, end) for end in mine)
                for end in mine:
                    insort(ends, end)
        return total

    # --- heights ---

    def straighten(self) -> None:
        """Move every vertex towards its neighbours as far as the order in its column allows."""
        for column in self.columns:
            height = 0.0
            for vertex in column:
                self.y[vertex] = height
                height += self.heights[vertex] + BOX_GAP
            for vertex in column:
                self.y[vertex] -= height / 2
        for sweep in range(SWEEPS):
            for column in reversed(self.columns) if sweep % 2 else self.columns:
                self._relax(column, self.right if sweep % 2 else self.left)
        for column in self.columns * 2:
            self._relax(column, self.left, self.right)

    def _relax(self, column: list[int], *sides: list[list[int]]) -> None:
        wishes, weights = [], []
        for vertex in column:
            near = self._followed(vertex, [u for side in sides for u in side[vertex]])
            weights.append(len(near) * (LINE if vertex >= self.boxes else 1.0) or 0.01)
            followed = near or [vertex]
            wishes.append(sum(map(self._middle, followed)) / len(followed))
        for vertex, middle in zip(column, self._apart(column, wishes, weights), strict=True):
            self.y[vertex] = middle - self.heights[vertex] / 2

    def _followed(self, vertex: int, near: list[int]) -> list[int]:
        """The neighbours a vertex lines up with: boxes with boxes, stops with stops, if any."""
        return [u for u in near if (u < self.boxes) == (vertex < self.boxes)] or near

    def _middle(self, vertex: int) -> float:
        return self.y[vertex] + self.heights[vertex] / 2

    def _apart(self, column: list[int], wishes: list[float], weights: list[float]) -> list[float]:
        """Middles nearest to the wishes (least squares) with all gaps kept: isotonic regression."""
        offsets, offset = [], 0.0
        for position, vertex in enumerate(column):
            if position:
                above = column[position - 1]
                offset += (self.heights[above] + self.heights[vertex]) / 2 + self._gap(
                    above, vertex
                )
            offsets.append(offset)
        blocks: list[tuple[float, float, int]] = []  # mean, weight, members
        for wish, weight, shift in zip(wishes, weights, offsets, strict=True):
            mean, total, members = wish - shift, weight, 1
            while blocks and blocks[-1][0] >= mean:
                other, mass, count = blocks.pop()
                mean = (other * mass + mean * total) / (mass + total)
                total += mass
                members += count
            blocks.append((mean, total, members))
        means = [mean for mean, _, members in blocks for _ in range(members)]
        return [mean + shift for mean, shift in zip(means, offsets, strict=True)]

    def _gap(self, above: int, below: int) -> float:
        return BOX_GAP if above < self.boxes and below < self.boxes else STOP_GAP

    # --- the result ---

    def finished(self, edges: Sequence[tuple[int, int]], fold: float) -> Layout:
        """Corners and routes, moved to begin at (0, 0)."""
        widths = [
            max((self.sizes[v][0] for v in c if v < self.boxes), default=0.0) for c in self.columns
        ]
        starts = self._starts(widths)
        rows = self._rows(starts, widths, fold)
        rights = [x + width for x, width in zip(starts, widths, strict=True)]
        corners = [self._corner(box, starts, widths) for box in range(self.boxes)]
        routes = [
            self._route(edge, port, corners, _Places(starts, rights, rows))
            for edge, port in zip(edges, self.ports, strict=True)
        ]
        height = max(self.y[v] + self.heights[v] for v in range(len(self.rank)))
        width = max(rights)
        if rows[-1]:  # lines turn at both ends of a row
            corners = [(x + TURN, y) for x, y in corners]
            routes = [[[(x + TURN, y) for x, y in p] for p in route] for route in routes]
            width += 2 * TURN
        lines = tuple(tuple(tuple(piece) for piece in route) for route in routes)
        return Layout(tuple(corners), lines, width, height)

    def _starts(self, widths: list[float]) -> list[float]:
        """Where each column begins; steep lines have more room."""
        starts, x = [], 0.0
        for column, width in zip(self.columns, widths, strict=True):
            starts.append(x)
            steepest = max(
                (abs(self._middle(v) - self._middle(u)) for v in column for u in self.right[v]),
                default=0.0,
            )
            x += width + min(NARROWEST + 0.12 * steepest, WIDEST)
        return starts

    def _corner(self, box: int, starts: list[float], widths: list[float]) -> Point:
        """A box without operands stands at the right of its column, near its users."""
        column = self.rank[box]
        moved = 0.0 if self.left[box] else widths[column] - self.sizes[box][0]
        return starts[column] + moved, self.y[box]

    def _route(
        self, edge: tuple[int, int], port: float, corners: list[Point], columns: _Places
    ) -> list[list[Point]]:
        """The line of an edge, in a piece for each row that it goes through."""
        tail, head = edge
        start, end = self.rank[tail], self.rank[head]
        stops = [self._middle(self.stops[tail, c]) for c in range(start + 1, end)]
        heights = [self._middle(tail), *stops, self._middle(head) + port]
        piece = [(corners[tail][0] + self.sizes[tail][0], heights[0])]
        pieces = [piece]
        for rank, y in zip(range(start, end + 1), heights, strict=True):
            if rank > start:
                if columns.rows[rank] != columns.rows[rank - 1]:
                    piece.append((max(columns.rights) + TURN, piece[-1][1]))
                    piece = [(-TURN, y), (-TURN, y)]
                    pieces.append(piece)
                piece.append((columns.starts[rank], y))
            if rank < end:
                piece.append((columns.rights[rank], y))
        piece.append((corners[head][0], heights[-1]))
        return pieces

    def _rows(self, starts: list[float], widths: list[float], fold: float) -> list[int]:
        """The row of each column; moves the columns of each row to where the row is."""
        rows: list[int] = []
        begin, row = 0.0, 0
        for column, width in enumerate(widths):
            if starts[column] + width - begin > fold and starts[column] > begin:
                begin, row = starts[column], row + 1
            rows.append(row)
            starts[column] -= begin
        below = 0.0
        for one in range(rows[-1] + 1):
            inside = [v for v, rank in enumerate(self.rank) if rows[rank] == one]
            below = self._stacked(inside, below) + ROW_GAP
        return rows

    def _stacked(self, row: list[int], top: float) -> float:
        """Move a row to where it begins, without its empty bands; where it ends."""
        row.sort(key=self.y.__getitem__)
        free = self.y[row[0]]  # from here on nothing stands above
        shift = top - free
        for vertex in row:
            shift -= max(self.y[vertex] - free - ROW_GAP, 0.0)
            free = max(free, self.y[vertex] + self.heights[vertex])
            self.y[vertex] += shift
        return free + shift
