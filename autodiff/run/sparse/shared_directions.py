"""Columns of a matrix of derivatives that share a direction, and where each entry is found then.

Columns with no row in common share one directly.  In a symmetric matrix it is enough that each
entry, or its mirror image, stands alone (a star colouring), or that it does once others are taken
off (an acyclic one, where no two colours close a cycle): the columns are the corners of a graph,
any two colours of it trees, and from the leaves inwards every entry is what its row shows less what
is known.  A difference has the rounding of what it is taken from, so trees are shallow here, and
asked for only where they save a third of the directions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from autodiff.graph.pattern import Pattern
from autodiff.run.sparse.stars import Neighbours, neighbours_of, shows, star_colouring

__all__ = ["Level", "Sharing", "shared_directions"]

Edge: TypeAlias = tuple[int, int]  # a row, and the column whose entry it shows
_Colours: TypeAlias = Sequence[int]
_DEEPEST = 8  # levels of a tree: each takes a difference more
_FEWER = 1.5  # how many times as many directions others take where trees are asked for


class Level(NamedTuple):
    """Entries that are known at once.

    Args:
        shown: Row and column of each: the product of the column's colour holds it in the row.
        less: For each that is to be taken off one: the place in this level, and the entry.
    """

    shown: list[Edge]
    less: list[tuple[int, Edge]]


class Sharing(NamedTuple):
    """Which columns share a direction.

    Args:
        colours: The direction of each column.
        levels: Where the entries are found, those first of which others are made.
    """

    colours: npt.NDArray[np.int64]
    levels: list[Level]

    @property
    def directions(self) -> int:
        """How many directions there are."""
        return int(self.colours.max(initial=-1)) + 1


def shared_directions(pattern: Pattern, symmetric: bool) -> Sharing:
    """As few directions as show every entry of a pattern, or its mirror image.

    Args:
        pattern: Of the matrix.
        symmetric: True if the matrix is.
    """
    entries = list(zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True))
    best = Sharing(_by_rows(pattern), [Level(entries, [])])
    if not symmetric:
        return best
    near = neighbours_of(pattern)
    stars = _of(star_colouring(near), lambda colours: _in_the_open(near, entries, colours))
    if stars.directions < best.directions:
        best = stars
    trees = _of(_acyclic_colouring(near), lambda colours: _from_the_leaves(near, entries, colours))
    if _FEWER * trees.directions <= best.directions and len(trees.levels) <= _DEEPEST:
        best = trees
    return best


def _of(colours: _Colours, levels: Callable[[_Colours], list[Level]]) -> Sharing:
    return Sharing(np.asarray(colours, np.int64), levels(colours))


def _by_rows(pattern: Pattern) -> npt.NDArray[np.int64]:
    """For each column its direction: columns of one direction have no row in common."""
    columns, rows = pattern.ordered("columns"), pattern.ordered("rows")
    colours = np.full(pattern.shape[1], -1, np.int64)
    for column in range(pattern.shape[1]):
        mine = columns.indices[columns.starts[column] : columns.starts[column + 1]]
        taken = {
            int(colours[other])
            for row in mine
            for other in rows.indices[rows.starts[row] : rows.starts[row + 1]]
        }
        colours[column] = next(c for c in range(len(taken) + 1) if c not in taken)
    return colours


# --- symmetric matrices ------------------------------------------------------------------------


def _in_the_open(near: Neighbours, entries: Sequence[Edge], colours: _Colours) -> list[Level]:
    """Each entry, or its mirror image, where it stands alone."""
    found = [
        (row, column)
        for row, column in entries
        if shows(near, colours, row, column)
        and (row <= column or not shows(near, colours, column, row))
    ]
    return [Level(found, [])]


def _acyclic_colouring(near: Neighbours) -> list[int]:
    """Colours of the columns, greedily: no two of them close a cycle.

    >>> _acyclic_colouring([{1}, {0, 2}, {1, 3}, {2}])  # a path
    [1, 0, 1, 0]
    """
    colours, trees = [-1] * len(near), _Trees()
    for v in sorted(range(len(near)), key=lambda i: -len(near[i])):
        done = [w for w in near[v] if colours[w] >= 0]
        colour = next(
            c
            for c in range(len(near) + 1)
            if all(colours[w] != c for w in done) and not _closes(trees, done, colours, c)
        )
        colours[v] = colour
        for w in done:
            trees.join(_pair(colour, colours[w]), v, w)
    return colours


def _closes(trees: _Trees, done: Sequence[int], colours: _Colours, colour: int) -> bool:
    """True if a column of this colour beside these joins what one tree holds already."""
    seen: set[tuple[Edge, int]] = set()
    for w in done:
        pair = _pair(colour, colours[w])
        root = pair, trees.root(pair, w)
        if root in seen:
            return True
        seen.add(root)
    return False


def _pair(one: int, other: int) -> Edge:
    return (one, other) if one < other else (other, one)


class _Trees:
    """Which columns of two colours hang together."""

    def __init__(self) -> None:
        self._up: dict[tuple[Edge, int], int] = {}

    def root(self, pair: Edge, v: int) -> int:
        """What all columns of one tree have in common."""
        while (up := self._up.get((pair, v), v)) != v:
            self._up[pair, v] = self._up.get((pair, up), up)
            v = up
        return v

    def join(self, pair: Edge, v: int, w: int) -> None:
        """An entry between two columns."""
        self._up[pair, self.root(pair, v)] = self.root(pair, w)


def _from_the_leaves(near: Neighbours, entries: Sequence[Edge], colours: _Colours) -> list[Level]:
    """The entries of the trees of any two colours, level by level; the diagonal first."""
    left: dict[tuple[int, int], set[int]] = {}  # a column and a colour -> unknown neighbours
    for v, others in enumerate(near):
        for w in others:
            left.setdefault((v, colours[w]), set()).add(w)
    known: dict[tuple[int, int], list[Edge]] = {place: [] for place in left}
    levels = [Level([(v, w) for v, w in entries if v == w], [])]
    leaves = [place for place, others in left.items() if len(others) == 1]
    while leaves:
        level = Level([], [])
        for place in _peeled(leaves, left):
            v, (w,) = place[0], left[place]
            level.less.extend((len(level.shown), edge) for edge in known[place])
            level.shown.append((v, w))
            left[place] = set()
            left[w, colours[v]].discard(v)
        for v, w in level.shown:
            known[w, colours[v]].append((v, w))
        leaves = [(w, colours[v]) for v, w in level.shown if len(left[w, colours[v]]) == 1]
        levels.append(level)
    return [level for level in levels if level.shown]


def _peeled(
    leaves: Sequence[tuple[int, int]], left: dict[tuple[int, int], set[int]]
) -> Iterator[tuple[int, int]]:
    """The leaves whose entry no other of them gives meanwhile."""
    for place in dict.fromkeys(leaves):
        if len(left[place]) == 1:
            yield place
