"""Stars: columns of a symmetric matrix that share one product with a direction.

A star colouring gives columns colours so that each entry, or its mirror image, stands alone in its
row among the columns of its colour: the sum of these columns, one Hessian-vector product, shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from autodiff.graph.pattern import Pattern
from autodiff.run.derive.extension import Extension
from autodiff.run.sparse.crossing import Entry
from autodiff.table.float import Float

__all__ = ["Neighbours", "coloured", "neighbours_of", "shows", "star_colouring"]

Neighbours: TypeAlias = list[set[int]]


def neighbours_of(pattern: Pattern) -> Neighbours:
    """Per column of a symmetric pattern, the others it has entries with."""
    found: Neighbours = [set() for _ in range(pattern.shape[0])]
    for row, column in zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True):
        if row != column:
            found[row].add(column)
    return found


def star_colouring(near: Neighbours) -> list[int]:
    """Colours of the columns, greedily: no two alternate along a path of four columns.

    >>> star_colouring([{1, 2, 3}, {0}, {0}, {0}])  # an arrow
    [0, 1, 1, 1]
    """
    colours = [-1] * len(near)
    for v in sorted(range(len(near)), key=lambda i: -len(near[i])):
        seen = Counter(colours[w] for w in near[v])
        forbidden = set(seen)
        for w in near[v]:
            alone = colours[w] >= 0 and seen[colours[w]] < 2
            for x in near[w]:
                if x != v and (
                    not alone or any(colours[y] == colours[w] for y in near[x] if y != w)
                ):
                    forbidden.add(colours[x])
        colours[v] = next(c for c in range(len(near) + 1) if c not in forbidden)
    return colours


def shows(near: Neighbours, colours: Sequence[int], row: int, column: int) -> bool:
    """True if the product of the column's colour has nothing but this entry in the row."""
    own = colours[column]
    others = (other for other in near[row] if other != column)
    return (row == column or colours[row] != own) and all(colours[x] != own for x in others)


def coloured(
    inputs: Sequence[int], slopes: Sequence[int], pattern: Pattern
) -> Callable[[Extension], Iterable[Entry]]:
    """The way to each entry, or its mirror image, by one Hessian-vector product a colour.

    Args:
        inputs: The inputs.
        slopes: The nodes of the gradient, one per input.
        pattern: Of the Hessian.
    """

    def entries(extension: Extension) -> Iterator[Entry]:
        near = neighbours_of(pattern)
        colours = star_colouring(near)
        kept = set(zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True))
        for colour in range(max(colours, default=-1) + 1):
            places = [
                (row, column)
                for row, column in sorted(kept)
                if colours[column] == colour and shows(near, colours, row, column)
            ]
            kept.difference_update(places, [place[::-1] for place in places])
            rows = sorted({row for row, _ in places})
            tangents: dict[int, object] = {inputs[column]: Float(1.0) for _, column in places}
            products = extension.push_forward(tangents, [slopes[row] for row in rows])
            found = dict(zip(rows, products, strict=True))
            for row, column in places:
                yield Entry(row, column, found[row])

    return entries
