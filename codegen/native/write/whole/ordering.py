"""The order of a reduction's loops: that in which memory is read as it lies."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from codegen.native.write.whole.loop_statement import Access, Statement

__all__ = ["ordered"]

_MOST = 5  # loops of which every order is tried
_FAR = 6.0  # reading at a distance, against reading in a row


def ordered(statement: Statement) -> Statement:
    """The statement with its loops in the best order found."""
    count = len(statement.extents)
    if not 1 < count <= _MOST or 0 in statement.extents:
        return statement
    orders = itertools.permutations(range(count))
    best = min(orders, key=lambda order: (_cost(statement, order), order))
    return statement.reordered(best)


def _cost(statement: Statement, order: Sequence[int]) -> float:
    """What a turn of the innermost loop costs, and a little for what stands outside of it."""
    inner = order[-1]
    cost = sum(_step(x, inner) for x in statement.operands if not isinstance(x, float))
    target = statement.target.strides[inner]
    if target == 0:  # what is summed in a register is put together at the end of the loop
        cost += 8.0 / statement.extents[inner]
    else:
        cost += 2.0 if target == 1 else 2.0 * _FAR
    # Further out, places far apart shall be left seldom.
    for depth, loop in enumerate(order[:-1]):
        strides = [abs(x.strides[loop]) for x in statement.operands if not isinstance(x, float)]
        weight = 1e-3 * (len(order) - depth)
        cost -= weight * min(max(strides, default=0), 1e6) * 1e-6
        cost += weight * (statement.target.strides[loop] == 0) * 1e-3
    return cost


def _step(access: Access, loop: int) -> float:
    stride = abs(access.strides[loop])
    return 0.0 if stride == 0 else 1.0 if stride == 1 else _FAR
