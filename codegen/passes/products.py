"""products: collect factors, divide once, fold constants that multiply exactly.  Licence: fast.

``a / b / c -> a / (b * c)``, ``2 * (x * (4 * y)) -> 8 * x * y``, ``-(a * -b) -> a * b``.  Only
where that takes fewer operations, or fewer divisions, and only through values used once.  Over the
reals the result is the same; products may overflow or underflow where a chain of quotients does
not.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.rebuild import Rebuild
from autodiff.table.primitive import REGISTRY
from codegen.passes.collect import collect
from codegen.passes.powers import power

__all__ = ["exact", "products"]

_MUL, _DIV, _NEG, _SQUARE, _RECIPROCAL = (
    REGISTRY[name] for name in ("mul", "div", "neg", "square", "reciprocal")
)
_PARTS = frozenset({_MUL, _DIV, _NEG, _SQUARE, _RECIPROCAL})


def exact(result: float, value: Fraction) -> bool:
    """True if the double ``result`` is ``value`` without rounding."""
    return math.isfinite(result) and Fraction(result) == value


@dataclass
class _Product:
    """scale * numerator / denominator, and what it replaces."""

    scale: float = 1.0
    numerator: list[int] = field(default_factory=list)
    denominator: list[int] = field(default_factory=list)
    inner: list[int] = field(default_factory=list)
    operations: int = 0
    divisions: int = 0

    def fold(self, value: float, inverse: bool) -> bool:
        """Multiply the scale by a literal, if that is exact."""
        if value == 0.0 or not math.isfinite(value):
            return False
        scale = self.scale / value if inverse else self.scale * value
        factor = 1 / Fraction(value) if inverse else Fraction(value)
        if not exact(scale, Fraction(self.scale) * factor):
            return False
        self.scale = scale
        return True

    @property
    def better(self) -> bool:
        """True if writing it anew takes fewer operations, or as many with fewer divisions."""
        above = len(self.numerator) + (abs(self.scale) != 1.0)
        count = max(0, above - 1) + len(self.denominator)
        count += self.scale == -1.0 and not (self.denominator and not self.numerator)
        divisions = bool(self.denominator)
        return (count, divisions) < (self.operations, self.divisions) and count <= self.operations


def _product(graph: Graph, root: int, uses: Sequence[int]) -> _Product:
    """All factors of node ``root``, through inner nodes that nothing else uses."""
    product, nodes = _Product(), graph.nodes
    stack = [(root, False)]
    while stack:
        index, inverse = stack.pop()
        primitive, operands = nodes[index][:2]
        if primitive not in _PARTS or (index != root and uses[index] != 1):
            value = graph.constants.get(index)
            if value is None or not product.fold(value, inverse):
                (product.denominator if inverse else product.numerator).append(index)
            continue
        product.inner.append(index)
        product.operations += 1
        if primitive is _NEG:
            product.scale = -product.scale
            stack.append((operands[0], inverse))
        elif primitive is _SQUARE:  # its operand stays as it is: it is needed twice
            (product.denominator if inverse else product.numerator).extend((operands[0],) * 2)
        elif primitive is _RECIPROCAL:
            product.divisions += 1
            stack.append((operands[0], not inverse))
        else:
            product.divisions += primitive is _DIV
            stack.append((operands[1], inverse != (primitive is _DIV)))
            stack.append((operands[0], inverse))
    return product


def products(graph: Graph) -> Graph:
    """``graph`` with products and quotients collected."""
    return collect(graph, _PARTS, _product, _written)


def _written(walk: Rebuild, product: _Product) -> int:
    builder, placed = walk.builder, walk.placed
    numerator = [placed(i) for i in product.numerator]
    if not product.denominator:
        return _multiplied(builder, product.scale, numerator)
    below = _multiplied(builder, 1.0, [placed(i) for i in product.denominator])
    negative = product.scale == -1.0 and numerator  # -(a / b): the sign is free elsewhere
    above = _multiplied(builder, 1.0 if negative else product.scale, numerator)
    quotient = builder.add(_DIV, (above, below))
    return builder.add(_NEG, (quotient,)) if negative else quotient


def _multiplied(builder: Builder, scale: float, factors: Sequence[int]) -> int:
    if not factors:
        return builder.literal(scale)
    result, *others = [power(builder, x, times) for x, times in Counter(factors).items()]
    if abs(scale) != 1.0:
        result = builder.add(_MUL, (builder.literal(scale), result))
    for one in others:
        both = (result, one)
        result = builder.add(_MUL, both) if result != one else builder.add(_SQUARE, (one,))
    return builder.add(_NEG, (result,)) if scale == -1.0 else result
