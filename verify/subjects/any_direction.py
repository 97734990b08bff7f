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
        kind: What is proven: products where matrices were.
        own: Number of the function's own inputs; the directions come next.
        directions: Number of these.
        pieces: Per quantity, how many numbers it has, and their pattern if it is a matrix.
    """

    kind: Kind
    own: int
    directions: int
    pieces: tuple[tuple[int, Pattern | None], ...]

    def without_directions(self, inputs: Sequence[_Number]) -> list[_Number]:
        """The inputs of a call, among all that are proven with."""
        return [*inputs[: self.own], *inputs[self.own + self.directions :]]

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
    names = tuple(_PRODUCTS.get(one, one) for one in kind.what)
    directions = len(graph.inputs.of(positions))
    return Products(Kind(names), graph.inputs.size, directions, tuple(pieces))


def patterns_of(kind: Kind, result: Structure) -> dict[str, Pattern]:
    """Where the entries of the sparse matrices of a result stand, by quantity."""
    items = result.items if isinstance(result, Tuple) and len(kind.what) > 1 else (result,)
    pairs = zip(kind.what, items, strict=False)  # a graph as it is has no quantity
    return {one: part.pattern for one, part in pairs if isinstance(part, Sparse)}
