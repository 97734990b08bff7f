"""Switches of numbers of which it is not known where they go: they take no side.

Where a step leads out of a domain (``sqrt(x)`` to the left of 0), or 0 is multiplied by an infinite
slope, the rest of a germ is nan.  A switch that lies on it would take the side that comparisons
give to nan, which may be no side of the function.  What it chooses is nan instead: no guess.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from functools import reduce

from autodiff.run.germ.number import ZERO, Germ, total
from autodiff.table import ops
from autodiff.table.float import Float
from autodiff.table.primitive import Primitive

__all__ = ["doubted"]

_CHOOSING = frozenset(
    ("lt", "le", "gt", "ge", "eq", "ne", "logical_and", "logical_or", "logical_not", "where",
     "maximum", "minimum", "at_least", "at_most", "clip", "floor", "ceil", "trunc", "rint")
)  # fmt: skip


def doubted(primitive: Primitive, operands: Sequence[Germ], result: Germ) -> Germ:
    """``result`` of ``primitive(*operands)``, whose rest is nan where nothing tells its side."""
    if primitive.name not in _CHOOSING:
        return result
    asked = operands[:1] if primitive.name == "where" else operands
    if all(x.rest is None for x in asked):
        return result
    at = reduce(operator.add, [x.base for x in asked])
    beside = reduce(operator.add, [total(x) for x in asked])
    unknown = ops.logical_and(beside != beside, at == at)
    rest = ZERO if result.rest is None else result.rest
    return Germ(result.base, ops.where(unknown, Float(math.nan), rest), result.blur)
