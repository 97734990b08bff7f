"""Which switches of a function never tie while another one does.

Such a switch is a lone one at every place where it ties, so that the table's convention stands: a
derivative by one of its inputs sees no other kink, and is that of a piece, or the middle of two.

Two switches are apart if they share no input (``abs(x) + abs(y)``), or if they compare the same
number with different ones (the brackets of a tax, the strikes of a spread).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from autodiff.graph.typed_node import BareNode
from autodiff.table.primitive import REGISTRY

__all__ = ["meeting_none"]

_NEG, _ABS, _ADD, _SUB, _MUL, _DIV, _AT_LEAST, _AT_MOST = (
    REGISTRY[name] for name in ("neg", "abs", "add", "sub", "mul", "div", "at_least", "at_most")
)
_DEPTH = 20  # operations by numbers, and absolute values, that are looked through
_NEAR = Fraction(1, 10**9)  # closer numbers may be one, after rounding

Number: TypeAlias = Callable[[int], float | None]  # of a literal; None for any other node


def meeting_none(
    nodes: Sequence[BareNode],
    moves: Sequence[int],
    number: Number,
    borders: Mapping[int, Sequence[tuple[int, int | None]]],
) -> set[int]:
    """The switches that tie where no other does.

    Args:
        nodes: Nodes, or tuples that begin like them.
        moves: Per node, true if it can change.
        number: The number of a literal operand, None for any other.
        borders: The pairs that tie, of each switch; None for the number 0.
    """
    families: dict[tuple[int, ...], list[tuple[Fraction, int]]] = {}
    meeting: set[int] = set()
    for switch, pairs in borders.items():
        several = len(pairs) > 1
        for x, y in pairs:
            one, other = number(x), 0.0 if y is None else number(y)
            if one is None and other is None and y is not None:
                families.setdefault((x, y), []).append((Fraction(0), switch))
                meeting |= {switch} if several else set()
                continue
            root, value = (y, one) if one is not None and y is not None else (x, other)
            found = _threshold(nodes, number, root, value)
            if found is None:
                meeting.add(switch)
            else:
                families.setdefault((found[0],), []).extend((at, switch) for at in found[1])
    for met in (_sharing(nodes, moves, number, families), *map(_close, families.values())):
        meeting |= met
    return borders.keys() - meeting


def _threshold(
    nodes: Sequence[BareNode], number: Number, index: int, value: float | None
) -> tuple[int, list[Fraction]] | None:
    """What is compared with a number, without what is done to it by other numbers, and where it is.

    None if that is not seen: a bound may hold it there on a whole side.
    """
    if value is None or not math.isfinite(value):
        return None
    places = [Fraction(value)]
    for _ in range(_DEPTH):
        primitive, operands = nodes[index][0], nodes[index][1]
        if primitive is _NEG:
            index, places = operands[0], [-at for at in places]
            continue
        if primitive is _ABS:
            if min(places) <= 0:
                return None
            index, places = operands[0], [*places, *(-at for at in places)]
            continue
        numbers = [number(i) for i in operands] if primitive in _BY_NUMBERS else []
        given = next((x for x in numbers if x is not None and math.isfinite(x)), None)
        if given is None or (primitive is _DIV and numbers[1] is None):
            break
        first = numbers[0] is not None  # the number is the first operand
        moved = [_BY_NUMBERS[primitive](at, Fraction(given), first) for at in places]
        index, places = operands[1 if first else 0], [at for at in moved if at is not None]
        if len(places) < len(moved):
            return None
    return index, places


def _at_least(at: Fraction, bound: Fraction, _: bool) -> Fraction | None:
    return at if at > bound else None


def _at_most(at: Fraction, bound: Fraction, _: bool) -> Fraction | None:
    return at if at < bound else None


# Where an operand is, if the result is somewhere, and whether the number is the first operand.
_BY_NUMBERS: dict[object, Callable[[Fraction, Fraction, bool], Fraction | None]] = {
    _ADD: lambda at, by, _: at - by,
    _SUB: lambda at, by, first: by - at if first else at + by,
    _MUL: lambda at, by, _: at / by if by else None,
    _DIV: lambda at, by, _: at * by if by else None,
    _AT_LEAST: _at_least,
    _AT_MOST: _at_most,
}


def _close(family: Iterable[tuple[Fraction, int]]) -> set[int]:
    """Switches that compare one number with nearly the same."""
    found: set[int] = set()
    for (low, one), (high, other) in pairwise(sorted(family)):
        if high - low <= _NEAR * max(Fraction(1), abs(low), abs(high)):
            found |= {one, other}
    return found


def _sharing(
    nodes: Sequence[BareNode],
    moves: Sequence[int],
    number: Number,
    families: Mapping[tuple[int, ...], Sequence[tuple[Fraction, int]]],
) -> set[int]:
    """Switches of families that rest on something that moves and that another rests on, too."""
    owner: dict[int, tuple[int, ...]] = {}  # the family that came first
    seen: set[int] = set()
    met: set[tuple[int, ...]] = set()
    for family in families:
        queue = list(family)
        while queue:
            index = queue.pop()
            if number(index) is not None or not moves[index]:
                continue
            other = owner.setdefault(index, family)
            if other is not family:
                met |= {family, other}
            elif index not in seen:
                seen.add(index)
                queue += nodes[index][1]
    return {switch for family in met for _, switch in families[family]}
