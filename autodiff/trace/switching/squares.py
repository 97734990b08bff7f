"""Sums of squares: numbers whose root is a length, which has a kink where they are zero.

The root of ``x * x + y * y`` has no infinite slope at 0, as that of ``x`` has: it is a length, as
``hypot(x, y)`` is.  So who meets ``sqrt`` asks here what it is the root of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from autodiff.graph.graph import Builder
from autodiff.graph.loops.loop_nodes import loop_of, result_of
from autodiff.graph.typed_node import Node
from autodiff.table.arrays.contraction import split_spec
from autodiff.table.arrays.region_rows import RegionRow
from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["ROOT", "SQRT", "SQUARES", "kind_of", "kind_of_node", "root_of"]

SQRT, ROOT = REGISTRY["sqrt"], REGISTRY["root_of_squares"]
# Kinds of numbers, and of all numbers of an array: of any sign, sums of squares, above zero.
ANY, SQUARES, POSITIVE = range(3)

Kinds: TypeAlias = dict[int, int]
Look: TypeAlias = Callable[[int], Node]
_Rule: TypeAlias = Callable[[Sequence[int]], int]


def root_of(builder: Builder, index: int) -> Primitive:
    """The row that is the root of a node: a length if it is squares, and nothing lifts them."""
    return ROOT if kind_of_node(builder, index) == SQUARES else SQRT


def kind_of_node(builder: Builder, index: int) -> int:
    """The kind of a node."""
    return kind_of(index, builder.nodes.__getitem__, builder.kinds)


def _kind_of_number(number: float | NDArray[np.float64]) -> int:
    return POSITIVE if np.all(number > 0.0) else SQUARES if np.all(number >= 0.0) else ANY


def kind_of(index: int, look: Look, known: Kinds) -> int:
    """The kind of a number.

    Args:
        index: Its place.
        look: What gives the node at a place.
        known: The kinds that are known by place, to which those that are found are added.
    """
    pending = [index]
    while pending:
        rule, asked = _rule_of(look(pending[-1]), look) if pending[-1] not in known else (_any, ())
        missing = [i for i in asked if i not in known]
        pending += missing
        if not missing:
            known.setdefault(pending.pop(), rule([known[i] for i in asked]))
    return known[index]


def _rule_of(node: Node, look: Look) -> tuple[_Rule, Sequence[int]]:
    """What the kind of a node follows from: a rule, and the operands whose kinds it asks for."""
    primitive, operands = node.primitive, node.operands
    if primitive is None:
        number = node.value if node.array is None else node.array.array
        return (lambda _: ANY if number is None else _kind_of_number(number)), ()
    if isinstance(primitive, RegionRow):
        return (lambda kinds: _of_loop(node, kinds)), operands
    name, same = primitive.name, len(operands) == 2 and operands[0] == operands[1]
    if name == "contract" and same:
        one, other, _ = split_spec(node.named["spec"])
        same = one == other
    power = look(operands[1]).value or 0.0 if name == "pow_literal" else 0.0
    if (same and name in ("mul", "contract")) or (power > 0.0 and power % 2.0 == 0.0):
        return _squared, operands[:1]
    if name == "where" or power >= 1.0:
        return min, operands[1:] if name == "where" else operands[:1]
    rule = _RULES.get(name)
    return (_any, ()) if rule is None else (rule, operands)


def _any(_: Sequence[int]) -> int:
    return ANY


def _squared(kinds: Sequence[int]) -> int:
    return max(SQUARES, *kinds)


def _added(kinds: Sequence[int]) -> int:
    return max(kinds) if min(kinds) > ANY else ANY


def _largest(kinds: Sequence[int]) -> int:
    return max(kinds) if POSITIVE in kinds else min(kinds)


def _among_zeros(kinds: Sequence[int]) -> int:
    return min(SQUARES, *kinds)


def _of_loop(node: Node, kinds: Sequence[int]) -> int:
    """The kind of a result of a loop: what is carried keeps its kind, or has none."""
    loop, result = loop_of(node), result_of(node)
    given = list(kinds)
    while True:
        known = dict(enumerate(given))
        made = [kind_of(i, loop.body.nodes.__getitem__, known) for i in loop.body.outputs]
        carried = [min(pair) for pair in zip(given, made[: loop.carries], strict=False)]
        if carried == given[: loop.carries]:
            return made[result]
        given[: loop.carries] = carried


_RULES: dict[str, _Rule] = {
    "square": _squared, "add": _added, "maximum": _largest, "at_least": _largest,
    "max": min, "min": min, "minimum": min, "at_most": min, "mul": min, "div": min, "abs": min,
    "contract": min, "sum": min, "cumsum": min, "broadcast_to": min, "reshape": min,
    "transpose": min, "slice": min, "concatenate": min, "stack": min, "take_diagonal": min,
    "gather": lambda kinds: kinds[0], "take_along": lambda kinds: kinds[0],
    "assign": min, "place": _among_zeros, "triangle": _among_zeros,
    "spread_diagonal": _among_zeros,
    "exp": lambda _: POSITIVE, "exp2": lambda _: POSITIVE, "cosh": lambda _: POSITIVE,
}  # fmt: skip
