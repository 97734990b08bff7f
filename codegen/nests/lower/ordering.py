"""The order of a reduction's loops: that in which memory is read as it lies."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import partial

from codegen.nests.lower.loop_statement import Access, Statement

__all__ = ["ordered", "scattered"]

_MOST = 5  # loops of which every order is tried
_FAR = 6.0  # reading at a distance, against reading in a row
_SHORT = 8  # turns of a loop that is written out
_WAITING = 4096  # sums that may wait while an outer loop adds to them


def ordered(statement: Statement) -> Statement:
    """The statement with its loops in the best order found.

    Outermost are loops over rows of everything that has them: what is computed row by row joins
    them.  The order of the others is that of the cheapest innermost loop.
    """
    count = len(statement.extents)
    if count < 2 or 0 in statement.extents:
        return statement
    order = [d for d in range(count) if statement.extents[d] == 1]
    rest = [d for d in range(count) if statement.extents[d] != 1]
    while len(rest) > 1:
        rows = [d for d in rest if _over_rows(statement, d, rest)]
        rows.sort(key=lambda d: -statement.extents[d])
        if not rows or (len(rows) > 1 and not _much_longer(statement, rows[0], rows[1])):
            break
        order.append(rows[0])
        rest.remove(rows[0])
    if 1 < len(rest) <= _MOST:
        orders: list[tuple[int, ...]] = list(itertools.permutations(rest))
        rest = list(min(orders, key=partial(_rank, statement)))
    return statement.reordered((*order, *rest))


def _much_longer(statement: Statement, one: int, other: int) -> bool:
    return statement.extents[one] > 2 * statement.extents[other]


def scattered(statement: Statement) -> Statement:
    """A statement that adds to places in the order in which they lie beside each other.

    What was just stored is not read again at once: a loop that overlaps itself is outside.
    """
    near = [d for d, stride in enumerate(statement.target.strides) if stride == 1]
    if statement.target.pick is not None or len(statement.extents) < 2 or not near:
        return statement
    inner = max(near, key=lambda d: statement.extents[d])
    return statement.reordered((*(d for d in range(len(statement.extents)) if d != inner), inner))


def _over_rows(statement: Statement, loop: int, rest: Sequence[int]) -> bool:
    """True if a loop takes the longest steps in every operand that it moves in."""
    moves = False
    for operand in statement.operands:
        if isinstance(operand, float) or not operand.strides[loop]:
            continue
        moves = True
        if abs(operand.strides[loop]) < max(abs(operand.strides[d]) for d in rest):
            return False
    if not moves or not statement.reduces(loop):
        return moves
    if statement.extents[loop] <= _SHORT:  # it is better summed in registers
        return False
    kept = [statement.extents[d] for d in rest if d != loop and not statement.reduces(d)]
    return math.prod(kept) <= _WAITING


def _rank(statement: Statement, order: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
    return _cost(statement, order), order


def _cost(statement: Statement, order: tuple[int, ...]) -> float:
    """What a turn of the innermost long loop costs, and a little for sums outside of it."""
    long = [d for d in order if statement.extents[d] > _SHORT]
    inner = long[-1] if long else order[-1]
    cost = sum(_step(x, inner) for x in statement.operands if not isinstance(x, float))
    target = statement.target.strides[inner]
    if target == 0:  # what is summed in a register is put together at the end of the loop
        cost += 8.0 / max(statement.extents[inner], 1)
    elif statement.fold is not None and statement.target.strides[order[-1]] == 0:
        cost += 1.0 if target == 1 else _FAR  # a short sum in a register, stored once
    else:
        cost += 2.0 if target == 1 else 2.0 * _FAR
    for depth, loop in enumerate(order[:-1]):
        cost += 1e-6 * (len(order) - depth) * (statement.target.strides[loop] == 0)
    return cost


def _step(access: Access, loop: int) -> float:
    stride = abs(access.strides[loop])
    return 0.0 if stride == 0 else 1.0 if stride == 1 else _FAR
