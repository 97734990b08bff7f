"""sums: take out common factors, fold constants that add exactly.  Licence: fast.

``a * x + b * x -> (a + b) * x``, ``(x + 1) - 3 -> x - 2``.  Only through values used once, and only
where that takes fewer operations.
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
from codegen.passes.products import exact

__all__ = ["sums"]

_ADD, _SUB, _NEG, _MUL, _SQUARE = (
    REGISTRY[name] for name in ("add", "sub", "neg", "mul", "square")
)
_PARTS = frozenset({_ADD, _SUB, _NEG})
Term = tuple[int, int]  # sign, node


@dataclass
class _Sum:
    """Terms, a constant, and groups of terms that share a factor."""

    constant: float = 0.0
    terms: list[Term] = field(default_factory=list)
    groups: dict[int, list[Term]] = field(default_factory=dict)  # factor -> cofactors
    inner: list[int] = field(default_factory=list)
    saved: int = 0

    @property
    def better(self) -> bool:
        """True if writing it anew takes fewer operations."""
        return self.saved > 0


def _sum(graph: Graph, root: int, uses: Sequence[int]) -> _Sum:
    found, nodes, constants = _Sum(), graph.nodes, 0
    stack: list[Term] = [(1, root)]
    while stack:
        sign, index = stack.pop()
        primitive, operands = nodes[index][:2]
        if primitive in _PARTS and (index == root or uses[index] == 1):
            found.inner.append(index)
            if primitive is _NEG:
                stack.append((-sign, operands[0]))
            else:
                stack.append((-sign if primitive is _SUB else sign, operands[1]))
                stack.append((sign, operands[0]))
            continue
        value = graph.constants.get(index)
        if value is not None and math.isfinite(value) and value != 0.0:
            total = found.constant + sign * value
            if exact(total, Fraction(found.constant) + sign * Fraction(value)):
                found.constant = total
                constants += 1
                continue
        found.terms.append((sign, index))
    found.saved = max(0, constants - (found.constant != 0.0))
    _share(graph, found, uses)
    return found


def _factors(graph: Graph, index: int, uses: Sequence[int]) -> tuple[int, ...]:
    """Both factors of a product that only this sum uses."""
    primitive, operands = graph.nodes[index][:2]
    if uses[index] != 1 or primitive not in (_MUL, _SQUARE):
        return ()
    return operands if primitive is _MUL else (operands[0], operands[0])


def _share(graph: Graph, found: _Sum, uses: Sequence[int]) -> None:
    """Move terms with a common factor into groups, the commonest factor first."""
    factored = [(sign, index, _factors(graph, index, uses)) for sign, index in found.terms]
    counts = Counter(f for _, _, factors in factored for f in set(factors))
    chosen = [max(factors, key=lambda f: counts[f], default=-1) for _, _, factors in factored]
    sizes = Counter(chosen)
    plain: list[Term] = []
    for (sign, index, factors), factor in zip(factored, chosen, strict=True):
        if factor < 0 or sizes[factor] < 2:
            plain.append((sign, index))
            continue
        other = factors[1] if factors[0] == factor else factors[0]
        found.groups.setdefault(factor, []).append((sign, other))
        found.inner.append(index)
    found.saved += sum(len(cofactors) - 1 for cofactors in found.groups.values())
    found.terms = plain


def sums(graph: Graph) -> Graph:
    """``graph`` with sums collected."""
    return collect(graph, _PARTS, _sum, _written)


def _written(walk: Rebuild, one: _Sum) -> int:
    builder, placed = walk.builder, walk.placed
    terms = [(sign, placed(index)) for sign, index in one.terms]
    for factor, cofactors in one.groups.items():
        inner = _added(builder, [(sign, placed(index)) for sign, index in cofactors], 0.0)
        x = placed(factor)
        node = builder.add(_SQUARE, (x,)) if inner == x else builder.add(_MUL, (inner, x))
        terms.append((1, node))
    return _added(builder, terms, one.constant)


def _added(builder: Builder, terms: Sequence[Term], constant: float) -> int:
    ordered = sorted(terms, key=lambda term: -term[0])  # a positive one first: no negation
    if not ordered:
        return builder.literal(constant)
    if ordered[0][0] < 0 and constant:
        result, constant = builder.literal(constant), 0.0
    else:
        sign, result = ordered.pop(0)
        result = result if sign > 0 else builder.add(_NEG, (result,))
    for sign, node in ordered:
        result = builder.add(_ADD if sign > 0 else _SUB, (result, node))
    if constant:
        literal = builder.literal(abs(constant))
        result = builder.add(_ADD if constant > 0 else _SUB, (result, literal))
    return result
