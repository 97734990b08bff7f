"""Sparse matrices by their products: a matrix is right if its product with every direction is.

The entries of a sparse Hessian, multiplied by symbols for a direction and added up row by row, must
be the Hessian-vector product that the chain rule gives: for all directions, so each entry must be
right, and none that is not kept may differ from zero.  That is as much work as the entries are,
and asks nothing of the pattern but what it claims.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from autodiff.graph.graph import Graph
from autodiff.graph.pattern import Pattern
from autodiff.graph.structure import Sparse, Structure, Tuple, size
from autodiff.run.reverse_plan import Wrt, select_arguments
from codegen.kind import Kind

__all__ = ["Products", "patterns_of", "products_of"]

_PRODUCTS = {"hessian": "hvp", "jacobian": "jvp"}
_Number = TypeVar("_Number")


@dataclass(frozen=True)
class Products:
    """Products in place of the sparse matrices of a result.

    Args:
        kind: What is proven: products where matrices were, each once.
        own: Number of the function's own inputs; the directions come next.
        directions: Number of these that a call does not take.
        pieces: Per quantity, how many numbers it has, and their pattern if it is a matrix.
        proven_as: Per quantity, its place among what is proven: a matrix times a direction is the
            product that stands beside it, if one does.
    """

    kind: Kind
    own: int
    directions: int
    pieces: tuple[tuple[int, Pattern | None], ...]
    proven_as: tuple[int, ...]

    def without_directions(self, inputs: Sequence[_Number]) -> list[_Number]:
        """The inputs of a call, among all that are proven with."""
        return [*inputs[: self.own], *inputs[self.own + self.directions :]]

    def spread(self, numbers: Sequence[_Number]) -> list[_Number]:
        """Numbers that are proven, in the place of each quantity they stand for."""
        slices: dict[int, Sequence[_Number]] = {}
        found: list[_Number] = []
        start = 0
        for (count, pattern), place in zip(self.pieces, self.proven_as, strict=True):
            if place not in slices:
                length = count if pattern is None else pattern.shape[0]
                slices[place] = numbers[start : start + length]
                start += length
            found += slices[place]
        return found

    def folded(
        self,
        numbers: Sequence[_Number],
        inputs: Sequence[_Number],
        times: Callable[[_Number, _Number], _Number],
        plus: Callable[[_Number, _Number], _Number],
        zero: _Number,
    ) -> list[_Number]:
        """The numbers of a call with products in place of entries.

        Args:
            numbers: What a call gives.
            inputs: All inputs, directions among them.
            times: Multiplies two numbers.
            plus: Adds two.
            zero: What an empty row gives.
        """
        found: list[_Number] = []
        start = 0
        for count, pattern in self.pieces:
            own = numbers[start : start + count]
            start += count
            if pattern is None:
                found += own
                continue
            rows: list[_Number | None] = [None] * pattern.shape[0]
            places = zip(own, pattern.rows.tolist(), pattern.columns.tolist(), strict=True)
            for entry, row, column in places:
                term = times(entry, inputs[self.own + column])
                before = rows[row]
                rows[row] = term if before is None else plus(before, term)
            found += [zero if row is None else row for row in rows]
        return found


def products_of(graph: Graph, kind: Kind, wrt: Wrt, result: Structure) -> Products:
    """The products that stand for the sparse matrices of a result.

    Args:
        graph: The function.
        kind: What was compiled of it.
        wrt: What it is differentiated by.
        result: Structure of what a call gives: it holds the patterns.
    """
    items = result.items if isinstance(result, Tuple) and len(kind.what) > 1 else (result,)
    pieces = [(size(one), one.pattern if isinstance(one, Sparse) else None) for one in items]
    positions, _ = select_arguments(graph, wrt)
    names = [_PRODUCTS.get(one, one) for one in kind.what]
    proven = tuple(dict.fromkeys(names))
    taken = any(product in kind.what for product in _PRODUCTS.values())
    directions = 0 if taken else len(graph.inputs.of(positions))
    places = tuple(map(proven.index, names))
    return Products(Kind(proven), graph.inputs.size, directions, tuple(pieces), places)


def patterns_of(kind: Kind, result: Structure) -> dict[str, Pattern]:
    """Where the entries of the sparse matrices of a result stand, by quantity."""
    items = result.items if isinstance(result, Tuple) and len(kind.what) > 1 else (result,)
    pairs = zip(kind.what, items, strict=False)  # a graph as it is has no quantity
    return {one: part.pattern for one, part in pairs if isinstance(part, Sparse)}
