"""Terms: a scalar function as a sum of numbers times nodes, and what these are made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.structure import SCALAR
from autodiff.table import ops
from autodiff.table.primitive import Primitive
from verify.induction.compose import decides

__all__ = ["Terms", "is_smooth"]

_LINEAR = ops.add, ops.sub, ops.neg
_SIGNS = {"add": (1, 1), "sub": (1, -1), "neg": (-1, 0)}


class Terms:
    """What the result of a scalar graph is the sum of.

    Args:
        graph: The function.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def __iter__(self) -> Iterator[tuple[Fraction, int]]:
        """Factors and nodes, each node once, however many ways lead to it."""
        output = self.graph.outputs[0]
        factors = {output: Fraction(1)}
        for place in range(output, -1, -1):
            factor = factors.pop(place, None)
            if not factor:
                continue
            row, operands = self.graph.nodes[place][:2]
            scaled = self._scaled(place)
            if scaled is not None:
                parts = [(factor * scaled[0], scaled[1])]
            elif row in _LINEAR:
                first, other = _SIGNS[row.name]
                parts = [
                    (sign * factor, i) for sign, i in zip((first, other), operands, strict=False)
                ]
            else:
                yield factor, place
                continue
            for more, i in parts:
                factors[i] = factors.get(i, Fraction(0)) + more

    def _scaled(self, place: int) -> tuple[Fraction, int] | None:
        """The number and the node of ``number * node`` or ``node / number``."""
        row, operands = self.graph.nodes[place][:2]
        if row not in (ops.mul, ops.div):
            return None
        x, y = (self.graph.nodes[i].value for i in operands)
        if row is ops.mul and x and math.isfinite(x):
            return Fraction(x), operands[1]
        if not y or not math.isfinite(y):
            return None
        return (Fraction(y) if row is ops.mul else 1 / Fraction(y)), operands[0]

    def is_linear(self, place: int) -> bool:
        """True for a step that makes a sum of multiples of its operands."""
        row = self.graph.nodes[place].primitive
        return row is None or row in _LINEAR or self._scaled(place) is not None

    def cone(
        self, places: Iterable[int], stop: Iterable[int] = (), most: float = math.inf
    ) -> set[int]:
        """All that some nodes are made of, not what is behind ``stop``; ``most`` nodes or so."""
        seen, waiting, ends = set[int](), [*places], {*stop}
        while waiting and len(seen) <= most:
            place = waiting.pop()
            if place not in seen:
                seen.add(place)
                if place not in ends:
                    waiting += self.graph.nodes[place].operands
        return seen

    def piece(self, inputs: list[int], terms: Iterable[tuple[Fraction, int]]) -> Graph:
        """A sum of multiples of nodes, as a function of the nodes ``inputs``."""
        nodes, builder = self.graph.nodes, Builder(len(inputs))
        became = {place: k for k, place in enumerate(inputs)}
        chosen = [*terms]
        for place in sorted(self.cone((i for _, i in chosen), inputs)):
            row, operands, params, _ = nodes[place]
            if place in became:
                continue
            value = nodes[place].value
            if row is None and value is not None:
                became[place] = builder.literal(value)
            elif row is not None:
                became[place] = builder.add(row, tuple(became[i] for i in operands), params)
        total = -1
        for factor, place in chosen:
            scaled = became[place]
            if factor != 1:
                scaled = builder.add(ops.mul, (builder.literal(float(factor)), scaled))
            total = scaled if total < 0 else builder.add(ops.add, (total, scaled))
        parameters = [(f"x{k}", SCALAR) for k in range(len(inputs))]
        return builder.graph("piece", parameters, [total], SCALAR)


@cache
def is_smooth(row: Primitive) -> bool:
    """True if a primitive has a derivative wherever its rule is a number, by its row."""
    return not row.kinks and not row.predicate and not decides(row)
