"""Functions that ask which numbers are nan: their derivatives go around these.

Where data are missing, ``np.where(np.isnan(y), 0.0, (y - A @ w) ** 2)`` is finite though numbers
below it are not.  Products summed over elements cannot leave single ones out, so a zero that
arrives for an untaken branch would meet a nan there.  Of such functions, and of those that hold
data with nan, the sums are taken over the finite numbers, and are nan where one of the others
counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import graphs_in
from autodiff.table import ops
from autodiff.table.arrays.array_row import ARRAY_ROWS, Use
from autodiff.table.primitive import REGISTRY, Primitive
from autodiff.trace.array_operand import value_of

__all__ = ["SUMMING", "around_missing", "has_missing"]

SUMMING = ARRAY_ROWS["contract"]
_ASKING = frozenset(REGISTRY[name] for name in ("eq", "ne", "lt", "gt", "le", "ge"))


def has_missing(graph: Graph) -> bool:
    """True if a graph, or a loop in it, asks whether numbers are finite, or holds others."""
    return any(
        _asks(one, primitive, operands) or (primitive is SUMMING and _holds(one, operands))
        for one in graphs_in(graph)
        for _, primitive, operands in one.operations()
    )


def _asks(graph: Graph, primitive: Primitive, operands: tuple[int, ...]) -> bool:
    if primitive not in _ASKING:
        return False
    return operands[0] == operands[1] or any(graph.constants.get(i) == math.inf for i in operands)


def _holds(graph: Graph, operands: tuple[int, ...]) -> bool:
    data = (graph.nodes[i].array for i in operands)
    return any(x is not None and not np.isfinite(x.array).all() for x in data)


def around_missing(
    pull: Callable[[object, Use], object], g: object, use: Use, opened: object
) -> object:
    """What an operand of a sum of products gets from the cotangent ``g``.

    Args:
        pull: The rule.
        g: The cotangent, 0 where nothing flows.
        use: The operand, and the one that it is multiplied by.
        opened: 1.0 where something flows.
    """
    other = use.operands[1 - use.position]
    finite = ops.eq(other * 0.0, 0.0)
    known = value_of(finite)
    if known is not None and np.all(known):
        return pull(g, use)

    def beside(x: object) -> Use:
        return use._replace(operands=(x, x))  # a rule looks at the other operand alone

    made = pull(g, beside(ops.where(finite, other, 0.0)))
    spoilt = pull(opened, beside(ops.where(finite, 0.0, 1.0)))
    return ops.where(ops.gt(spoilt, 0.0), math.nan, made)
