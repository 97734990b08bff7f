"""Where switches of a graph tie: what a transform notes about the derivatives it makes.

A *switch* is a primitive that is one smooth function on one side of a *place* and another beyond
it: ``abs``, ``maximum``, a comparison.  At its place its row of the table says what is returned.
Where several switches tie, that may be wrong (``autodiff.run.pieces``), so such places are noted.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction

from autodiff.graph.graph import Graph, Limits
from autodiff.graph.rebuild import carrying_nodes
from autodiff.graph.typed_node import BareNode
from autodiff.table.primitive import REGISTRY, Primitive
from autodiff.trace.switching.apart import meeting_none
from autodiff.trace.switching.flags import flags
from autodiff.trace.switching.singular import SINGULAR, singular_places

__all__ = ["JUMPS", "SWITCHES", "limits_of", "places", "ties"]

Place = tuple[int, int | float]  # a node, and the node or number it ties with


def _pair(operands: Sequence[int]) -> list[tuple[int, int | None]]:
    return [(operands[0], operands[1])]


def _zero(operands: Sequence[int]) -> list[tuple[int, int | None]]:
    return [(operands[0], None)]


# Where each switch ties: pairs of operands, None for the number 0.
SWITCHES: dict[object, Callable[[Sequence[int]], list[tuple[int, int | None]]]] = {
    **{REGISTRY[n]: _pair for n in ("lt", "le", "gt", "ge", "eq", "ne", "maximum", "minimum",
                                    "at_least", "at_most")},
    **{REGISTRY[n]: _zero for n in ("abs", "sign", "relu", "leaky_relu", "elu")},
    REGISTRY["clip"]: lambda operands: [(operands[0], operands[1]), (operands[0], operands[2])],
}  # fmt: skip
_LONGEST = 100
_ABS, _NEG, _SUB, _WHERE = (REGISTRY[name] for name in ("abs", "neg", "sub", "where"))
_MUL = REGISTRY["mul"]
_ROOT = REGISTRY["root_of_squares"]
_LENGTHS = {REGISTRY["hypot"], _ROOT}  # tie where they are 0
_SWITCHING: frozenset[object] = frozenset({*SWITCHES, *_LENGTHS})
# A kink of these that only these use is none: their slope is 0 there, or they tie themselves.
_SOFTENED = {_ABS, *_LENGTHS}
_SOFTENING = {REGISTRY["square"], *_LENGTHS}
_EQUALITIES = {REGISTRY["eq"], REGISTRY["ne"]}
_TRUTHS: frozenset[object] = frozenset(row for row in REGISTRY.values() if row.predicate)
_COMPARISONS = _TRUTHS & SWITCHES.keys()
_SIGN = REGISTRY["sign"]
JUMPS = _COMPARISONS | {_SIGN}  # the switches that matter to conditions: others are continuous
_AFFINE = {REGISTRY[n] for n in ("add", "sub", "neg")}


def places(
    nodes: Sequence[BareNode],
    moves: Sequence[int],
    number: Callable[[int], float | None],
    first: bool = True,
    carrying: Sequence[int] | None = None,
) -> tuple[Place, ...]:
    """Where switches tie that may meet other switches.

    A lone switch of a function meets none: it takes one side everywhere, or the middle once.  So
    does one that never ties where another does.

    Args:
        nodes: Nodes, or tuples that begin like them.
        moves: Per node, true if it can change.
        number: The number of a literal operand, None for any other.
        first: True for a function, false for what is a derivative itself.
        carrying: Per node, true if a derivative may flow through it; None for all.
    """
    switches = [
        i
        for i in _switches(nodes, moves)
        if carrying is None or carrying[i] or nodes[i][0] in JUMPS
    ]
    if first and switches:
        rough = _rough(nodes, moves)
        switches = [i for i in switches if nodes[i][0] not in _SOFTENED or i in rough]
        if len(switches) == 1 and _agrees_with_itself(nodes, switches[0], number):
            return ()
        others = [i for i in switches if nodes[i][0] is not _ROOT]
        if len(others) == 1 and _is_guard(nodes, others[0], number):
            return ()  # of what is taken for a root's guard against 0 / 0
        if switches and _are_separate_lengths(nodes, switches):
            return ()
    borders = {i: _borders(nodes, i) for i in switches}
    if first and len(switches) > 1:
        for i in meeting_none(nodes, moves, number, borders):
            if _agrees_with_itself(nodes, i, number, among_others=True):
                del borders[i]
    found: dict[Place, None] = {}
    for pairs in borders.values():
        for x, y in pairs:
            place = _place(nodes, x, y, number)
            if place is not None:
                found.setdefault(place)
    return tuple(found)


def _are_separate_lengths(nodes: Sequence[BareNode], switches: Sequence[int]) -> bool:
    """True for lengths of which none is made of another.

    Along a line they move as much as against it.  So what they add to a slope has the middle 0,
    which is their convention, and is nothing where the function is smooth.
    """
    if any(nodes[i][0] not in _SOFTENED for i in switches):
        return False
    lengths, above = set(switches), set[int]()
    for index in range(switches[0], len(nodes)):
        if not above.isdisjoint(nodes[index][1]):
            if index in lengths:
                return False
            above.add(index)
        elif index in lengths:
            above.add(index)
    return True


def _agrees_with_itself(
    nodes: Sequence[BareNode],
    index: int,
    number: Callable[[int], float | None],
    among_others: bool = False,
) -> bool:
    """True if the convention of a lone switch is that of a piece, or the middle of two.

    An order of what is affine is: both its sides are next to every tie.  A lone condition on
    anything else (``square > 0``, ``square == 0``) is taken for a guard against 0 / 0, and means
    what it says; an equality of what is affine (``x == 1``) holds on no piece.

    Args:
        among_others: True if other switches tie elsewhere: what is no guard is one of these.
    """
    primitive, operands = nodes[index][0], nodes[index][1]
    if among_others and primitive in _COMPARISONS:
        return primitive not in _EQUALITIES and _has_both_sides_beside(nodes, operands, number)
    if primitive in _EQUALITIES:
        return not all(_is_affine(nodes, i, number) for i in operands)
    return primitive is not _SIGN  # at a tie it is what it is on no side


def _is_guard(nodes: Sequence[BareNode], index: int, number: Callable[[int], float | None]) -> bool:
    """True for a condition that is taken for a guard against 0 / 0, where it stands alone."""
    primitive, operands = nodes[index][0], nodes[index][1]
    return primitive in _COMPARISONS and not all(_is_affine(nodes, i, number) for i in operands)


def _has_both_sides_beside(
    nodes: Sequence[BareNode], operands: Sequence[int], number: Callable[[int], float | None]
) -> bool:
    """True if both sides of an order are next to every tie: what is affine, or its size."""
    for i, other in zip(operands, reversed(operands), strict=True):
        bound = number(other) or 0.0
        inner = nodes[i][1][0] if nodes[i][0] is _ABS and bound > 0.0 else i
        if not _is_affine(nodes, inner, number):
            return False
    return True


def _is_affine(
    nodes: Sequence[BareNode], index: int, number: Callable[[int], float | None]
) -> bool:
    queue = [index]
    while queue:
        index = queue.pop()
        if number(index) is not None:
            continue
        primitive, operands = nodes[index][0], nodes[index][1]
        scaled = primitive is _MUL and any(number(i) is not None for i in operands)
        if primitive is not None and primitive not in _AFFINE and not scaled:
            return False
        if len(queue) > _LONGEST:  # shared terms: rather ask than count them again and again
            return False
        queue += operands
    return True


def _borders(nodes: Sequence[BareNode], index: int) -> list[tuple[int, int | None]]:
    """The pairs that tie where a switch does."""
    primitive, operands = nodes[index][0], nodes[index][1]
    return [(index, None)] if primitive in _LENGTHS else SWITCHES[primitive](operands)


def _switches(nodes: Sequence[BareNode], moves: Sequence[int]) -> list[int]:
    return [
        index
        for index, node in enumerate(nodes)
        if moves[index] and node[0] in _SWITCHING and not _is_question(node[0], node[1])
    ]


def _is_question(primitive: object, operands: Sequence[int]) -> bool:
    """True for ``x != x``: it asks for nan, and has one side."""
    return primitive not in _LENGTHS and len(operands) == 2 and operands[0] == operands[1]


def _rough(nodes: Sequence[BareNode], moves: Sequence[int]) -> set[int]:
    """Nodes with a user that does not take the kink away, as a square or a norm does."""
    return {
        operand
        for index, (primitive, operands, *_) in enumerate(nodes)
        if primitive is not None and moves[index] and primitive not in _SOFTENING
        for operand in operands
    }


def _place(
    nodes: Sequence[BareNode],
    x: int,
    y: int | None,
    number: Callable[[int], float | None],
) -> Place | None:
    """Where x and y (None: 0) tie; None if they never change places."""
    one, other = number(x), 0.0 if y is None else number(y)
    if one is not None:  # a number is the second
        if y is None or other is not None:
            return None
        x, other = y, one
    if other is None:
        assert y is not None
        return x, y
    while nodes[x][0] is _NEG:  # -x ties with -1 where x ties with 1
        x, other = nodes[x][1][0], 0.0 - other
    return None if math.isinf(other) or math.isnan(other) else (x, other)


def limits_of(
    graph: Graph,
    inputs: Sequence[int],
    outputs: Sequence[int],
    results: Sequence[int],
    first: bool = True,
) -> Limits | None:
    """What a transform of ``graph`` notes about its result; None if it has no switch.

    Args:
        graph: The graph that was differentiated, its nodes where they are in the result.
        inputs: The inputs it was differentiated by.
        outputs: The outputs of ``graph`` that were differentiated.
        results: Which outputs of the result are derivatives.
        first: False if the graph holds derivatives already.
    """
    if not results or not graph.expanded:  # among arrays the conventions of the table hold
        return None
    asked = tuple(inputs), tuple(outputs), tuple(results), first and graph.limits is None
    key = "limits", *asked
    if key not in graph.plans:  # who runs a gradient asks, and who makes its graph
        graph.plans[key] = _found(graph, *asked)
    found: Limits | None = graph.plans[key]
    return found


def _found(
    graph: Graph,
    inputs: tuple[int, ...],
    outputs: tuple[int, ...],
    results: tuple[int, ...],
    first: bool,
) -> Limits | None:
    nodes = graph.nodes
    rows = {node[0] for node in nodes}
    if first and _SWITCHING.isdisjoint(rows) and SINGULAR.isdisjoint(rows):
        return None
    steady = flags(graph, inputs, outputs, first)
    inputs = tuple(i for i in inputs if i not in steady)
    moves = bytearray(len(nodes))
    for index in inputs:
        moves[index] = 1
    for index, _, operands in graph.operations():
        for i in operands:
            if moves[i]:
                moves[index] = 1
                break
    numbers = [node.value for node in nodes]
    deciding = _deciding(nodes, outputs, numbers.__getitem__)
    carried = bytearray(map(operator.and_, moves, carrying_nodes(nodes, outputs)))
    both = bytearray(map(operator.and_, moves, deciding))
    switches = places(nodes, both, numbers.__getitem__, first, carried)
    singular = singular_places(nodes, carried, numbers.__getitem__, first)
    alone = _switches(nodes, both)
    if first and not alone and not singular:
        return None
    if singular and _has_unnoted(nodes, both, numbers.__getitem__, () if switches else alone):
        switches, singular = (*switches, *singular), ()
    return Limits(results, inputs, switches, singular)


def _deciding(
    nodes: Sequence[BareNode], outputs: Sequence[int], number: Callable[[int], float | None]
) -> bytearray:
    """1 for each node on which an output depends, over the real numbers.

    A choice between two sums of the same terms is the same number on either side, as what rounding
    took from a difference is, and 0: its condition decides nothing.
    """
    deciding = bytearray(len(nodes))
    for output in outputs:
        deciding[output] = 1
    for index in range(len(nodes) - 1, -1, -1):
        if deciding[index]:
            primitive, operands = nodes[index][0], nodes[index][1]
            if primitive is _WHERE and _are_one_sum(nodes, operands[1], operands[2], number):
                operands = operands[1:]
            for operand in operands:
                deciding[operand] = 1
    return deciding


def _are_one_sum(
    nodes: Sequence[BareNode], one: int, other: int, number: Callable[[int], float | None]
) -> bool:
    """True if two nodes are sums of the same terms, as far as they are looked at."""
    terms: dict[int | None, Fraction | int] = {}  # how often each; None for the numbers' sum
    pending, looked_at = [(one, 1), (other, -1)], 0
    while pending:
        index, sign = pending.pop()
        primitive, operands = nodes[index][0], nodes[index][1]
        value = number(index)
        if value is not None and math.isfinite(value):
            terms[None] = terms.get(None, 0) + sign * Fraction(value)
        elif primitive not in _AFFINE:
            terms[index] = terms.get(index, 0) + sign
        elif looked_at == _LONGEST:
            return False
        else:
            looked_at += 1
            signs = [-sign] if primitive is _NEG else [sign, -sign if primitive is _SUB else sign]
            pending += zip(operands, signs, strict=True)
    return not any(terms.values())


def _has_unnoted(
    nodes: Sequence[BareNode],
    moves: Sequence[int],
    number: Callable[[int], float | None],
    alone: Sequence[int],
) -> bool:
    """True for conditions that are on no piece where they tie, and are not noted.

    Where such a condition closes the way to an infinite slope, text that raises at one does not.
    """
    for index in alone:
        if _is_guard(nodes, index, number):
            return True
    return any(
        moves[i] and nodes[i][0] not in _TRUTHS
        for index, (primitive, operands, *_) in enumerate(nodes)
        if isinstance(primitive, Primitive) and moves[index]
        for i in [operands[position] for position in primitive.conditions]
    )


def ties(found: Sequence[Place], values: Sequence[float]) -> bool:
    """True if a switch ties, given the value of each node."""
    return any(values[x] == (values[y] if type(y) is int else y) for x, y in found)
