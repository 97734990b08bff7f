"""Columns: what one operand of one step is in all repetitions of it.

It may stay the same, come from the same repetition, from one before (a carry), or be a stream:
constants, elements of an argument, results of an earlier loop, or a choice among a few values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from autodiff.run.roll.in_numbers import Integers, Operations

__all__ = [
    "Carried",
    "Column",
    "Joined",
    "Picked",
    "Same",
    "Strided",
    "Within",
    "column_of",
    "stream_of",
]

_FARTHEST = 8  # repetitions that a carry may reach back
_CHOICES = 24  # values among which a stream may choose
_PIECES = 12  # of which a stream may consist
_LOOKED_AT = 64  # places of a long column that are looked at first


@dataclass(frozen=True)
class Same:
    """One node in all repetitions."""

    node: int


@dataclass(frozen=True)
class Within:
    """The result of another step in the same repetition."""

    slot: int


@dataclass(frozen=True)
class Carried:
    """The result of a step some repetitions before; what it is before the first ones."""

    slot: int
    lag: int
    first: tuple[int, ...]  # the nodes that stand for 1, 2, ... repetitions before the first


@dataclass(frozen=True)
class Strided:
    """Elements of one family, results of one step of an earlier loop, or constants, in order."""

    kind: str  # "element", "result" or "constant"
    source: object  # a family, an earlier loop and its step, or the numbers
    places: tuple[int, ...]  # which of them


@dataclass(frozen=True)
class Picked:
    """A choice among a few nodes."""

    nodes: tuple[int, ...]
    places: tuple[int, ...]


@dataclass(frozen=True)
class Joined:
    """A few streams and nodes, one after the other."""

    pieces: tuple[Strided | Same, ...]


Column = Same | Within | Carried | Strided | Picked | Joined
# What an earlier operation is: the number of its loop, its step and its repetition; None: no loop.
Locate = Callable[[int], tuple[int, int, int] | None]


def column_of(
    operations: Operations, ids: Integers, start: int, period: int, locate: Locate
) -> tuple[Column | None, int]:
    """What a column of operands is, and for how many repetitions.

    Args:
        operations: The trace.
        ids: The operand in each repetition.
        start: The first operation of the first repetition.
        period: How many operations a repetition has.
        locate: Which loop an earlier operation is in.
    """
    count = len(ids)
    if (ids == ids[0]).all():
        first = operations.position[ids[0]]
        if first < start:
            return Same(int(ids[0])), count
    positions = operations.position[ids]
    inside = positions >= start
    if not inside.any():
        found = stream_of(operations, ids, locate)
        return found, count if found is not None else 0
    distance = positions - (start + period * np.arange(count))
    place = min(count - 1, _FARTHEST)
    if not inside[place]:
        return None, int(np.argmax(inside))
    ahead = int(distance[place])
    differs = ~inside | (distance != ahead)
    if ahead >= 0:
        good = int(np.argmax(differs)) if differs.any() else count
        return Within(ahead), good
    lag = -(ahead // period)
    slot = ahead % period
    if lag > _FARTHEST or lag >= count or inside[:lag].any():
        return None, 0
    late = differs[lag:]
    good = lag + int(np.argmax(late)) if late.any() else count
    return Carried(slot, lag, tuple(int(i) for i in ids[:lag][::-1])), good


def stream_of(operations: Operations, ids: Integers, locate: Locate) -> Column | None:
    """What a column is that no step of the loop computes; None if it is nothing simple."""
    if len(ids) > 2 * _LOOKED_AT and stream_of(operations, ids[:_LOOKED_AT], locate) is None:
        return None  # nor are the first of its places
    graph, families = operations.graph, operations.family[ids]
    if (families == families[0]).all() and families[0] >= 0:
        places = tuple(int(i) for i in operations.element[ids])
        return Strided("element", operations.families[families[0]], places)
    numbers = [graph.constants.get(int(i)) for i in ids]
    if None not in numbers:
        return Strided("constant", tuple(numbers), tuple(range(len(ids))))
    arrays = [graph.arrays.get(int(i)) for i in ids]
    if None not in arrays and len({one.shape for one in arrays if one is not None}) == 1:
        return Strided("constant", tuple(arrays), tuple(range(len(ids))))
    positions = operations.position[ids]
    where = [None if q < 0 else locate(int(q)) for q in positions]
    found = _results(where)
    if found is not None:
        return found
    distinct, chosen = np.unique(ids, return_inverse=True)
    if len(distinct) <= _CHOICES and len({graph.nodes[i].shape for i in distinct}) == 1:
        return Picked(tuple(int(i) for i in distinct), tuple(int(i) for i in chosen))
    return _joined(operations, ids, where, locate)


def _results(where: Sequence[tuple[int, int, int] | None]) -> Strided | None:
    """Results of one step of one loop."""
    places = []
    for one in where:
        if one is None or where[0] is None or one[:2] != where[0][:2]:
            return None
        places.append(one[2])
    return None if where[0] is None else Strided("result", where[0][:2], tuple(places))


def _joined(
    operations: Operations,
    ids: Integers,
    where: Sequence[tuple[int, int, int] | None],
    locate: Locate,
) -> Joined | None:
    """Stretches of one kind."""
    constant = [int(i) in operations.graph.constants for i in ids]
    keys = [
        (int(family), is_constant) if one is None else (-2, one[:2])
        for family, is_constant, one in zip(operations.family[ids], constant, where, strict=True)
    ]
    starts = [
        place
        for place, key in enumerate(keys)
        if not place or key != keys[place - 1] or key == (-1, False)
    ]
    if len(starts) > _PIECES or len({operations.graph.nodes[i].shape for i in ids}) != 1:
        return None
    pieces: list[Strided | Same] = []
    for start, end in zip(starts, [*starts[1:], len(ids)], strict=True):
        piece = stream_of(operations, ids[start:end], locate) if end - start > 1 else None
        if isinstance(piece, Strided):
            pieces.append(piece)
        elif end - start > 1:
            return None
        else:
            pieces.append(Same(int(ids[start])))
    return Joined(tuple(pieces))
