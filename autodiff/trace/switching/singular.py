"""Where a step has an infinite slope: there 0 times infinity may stand for a derivative.

``x * sqrt(x)`` has the derivative 0 at 0, and the chain rule finds 0 * inf.  So transforms note
such places beside those where switches tie, and derivatives are found a step away from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autodiff.graph.typed_node import BareNode
from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["SINGULAR", "singular_places"]

_SQRT, _CBRT, _POW_LITERAL = (REGISTRY[name] for name in ("sqrt", "cbrt", "pow_literal"))
# Where the slope of each is infinite.  A power of two variables is not among them: at (0, 0) its
# slope is another one from each direction.
_AT = {
    REGISTRY["asin"]: (1.0, -1.0), REGISTRY["acos"]: (1.0, -1.0), REGISTRY["acosh"]: (1.0,),
    _CBRT: (0.0,), _SQRT: (0.0,), _POW_LITERAL: (0.0,),
}  # fmt: skip
SINGULAR = frozenset(_AT)
_RELU = REGISTRY["relu"]
_CLAMPS: frozenset[object] = frozenset({_RELU, REGISTRY["at_least"], REGISTRY["clip"]})
_DEPTH = 12  # how far back signs are looked for
_ANY_SIGN = {REGISTRY[n] for n in ("exp", "exp2", "cosh", "sigmoid", "softplus", "gaussian", "i0")}
_EVEN = {REGISTRY[n] for n in ("square", "abs", "sqrt", "root_of_squares", "hypot", "relu")}

# Nodes of a function up to which such places are noted: what a text says of them is many times its
# own length.  Its gradient, where that is differentiated, may be so many times longer.
_SHORT, _LONGER = 30, 4

Place = tuple[int, int | float]  # a node, and the number it is there


def singular_places(
    nodes: Sequence[tuple[Any, ...]],
    moves: Sequence[int],
    number: Callable[[int], float | None],
    first: bool = True,
) -> tuple[Place, ...]:
    """Where a step of a function may have an infinite slope.

    Args:
        nodes: Nodes, or tuples that begin like them.
        moves: Per node, true if it can change.
        number: The number of a literal operand, None for any other.
        first: True for a function, false for what is a derivative itself.
    """
    if len(nodes) > (_SHORT if first else _SHORT * _LONGER):
        return ()
    found: dict[Place, None] = {}
    for index, (primitive, operands, *_) in enumerate(nodes):
        if primitive not in _AT or not moves[index] or not moves[operands[0]]:
            continue
        if primitive is _POW_LITERAL and not 0.0 < (number(operands[1]) or 0.0) < 1.0:
            continue
        if _AT[primitive] == (0.0,) and _least(nodes, number, operands[0], _DEPTH) > 0.0:
            continue
        place = operands[0]
        if _AT[primitive] == (0.0,):
            place = _unclamped(nodes, number, place)
        found |= dict.fromkeys((place, at) for at in _AT[primitive])
    return tuple(found)


def _unclamped(nodes: Sequence[BareNode], number: Callable[[int], float | None], index: int) -> int:
    """What is clamped at 0: where it is below, nothing flows, whatever slope 0 has."""
    while (clamp := nodes[index][0]) in _CLAMPS:
        operands = nodes[index][1]
        if clamp is not _RELU and number(operands[1]) != 0.0:
            break
        index = operands[0]
    return index


def _least(
    nodes: Sequence[BareNode],
    number: Callable[[int], float | None],
    index: int,
    depth: int,
) -> float:
    """1 if a node is positive, 0 if it is not negative, -1 if that is not seen."""
    known = number(index)
    if known is not None:
        return -1.0 if known < 0.0 else min(known, 1.0)
    primitive, operands = nodes[index][0], nodes[index][1]
    if not isinstance(primitive, Primitive) or depth == 0:
        return -1.0
    if primitive in _ANY_SIGN:
        return 1.0
    signs = [_least(nodes, number, i, depth - 1) for i in operands]
    match primitive.name:
        case "add":
            return -1.0 if min(signs) < 0.0 else max(signs)
        case "mul" if operands[0] == operands[1]:
            return 0.0
        case "mul" | "div":
            return -1.0 if min(signs) < 0.0 else min(signs)
        case "pow_literal" | "pow":
            return signs[0]
        case "maximum" | "at_least":
            return max(signs)
        case "minimum" | "at_most" | "where":
            return min(signs[-2:])
    return 0.0 if primitive in _EVEN else -1.0
