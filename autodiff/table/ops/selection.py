"""Rows: comparisons, truth values, selection, the larger and the smaller."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.numbers import ieee
from autodiff.table.ops.rows import as_literal, function, predicate
from autodiff.table.primitive import Operand, Primitive, elementwise, unless, when

__all__ = [
    "abs_",
    "at_least",
    "at_most",
    "clip",
    "eq",
    "ge",
    "gt",
    "le",
    "logical_and",
    "logical_not",
    "logical_or",
    "lt",
    "maximum",
    "minimum",
    "ne",
    "sign",
    "where",
]


lt, le = predicate("lt", "<", "less"), predicate("le", "<=", "less_equal")
gt, ge = predicate("gt", ">", "greater"), predicate("ge", ">=", "greater_equal")
eq, ne = predicate("eq", "==", "equal"), predicate("ne", "!=", "not_equal")
logical_and = function(
    "logical_and",
    None,
    None,
    python="{0} and {1}",
    sympy="And",
    conditions=(0, 1),
    commutative=True,
    predicate=True,
)
logical_or = function(
    "logical_or",
    None,
    None,
    python="{0} or {1}",
    sympy="Or",
    conditions=(0, 1),
    commutative=True,
    predicate=True,
)
logical_not = function(
    "logical_not", None, python="not {0}", sympy="Not", conditions=(0,), predicate=True
)
where = Primitive(
    "where",
    ieee.where,
    (
        None,
        lambda g, out, c, x, y: when(c, g),
        lambda g, out, c, x, y: unless(c, g),
    ),
    "{1} if {0} else {2}",
    "np.where({0}, {1}, {2})",
    "Piecewise(({1}, {0}), ({2}, True))",
    conditions=(0,),
    kinks=(("where the condition switches", "derivative of the branch taken; the other gives 0"),),
)
abs_ = Primitive(
    "abs",
    abs,
    (lambda g, out, x: g * sign(x),),
    "abs({0})",
    "np.abs({0})",
    "Abs({0})",
    "absolute",
    kinks=(("0", "0"),),
)
sign: Primitive = function(
    "sign",
    None,
    python="1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else 0.0 if {0} == 0.0 else {0}",
    kinks=(("0", "0"),),
)
_maximum = function(
    "maximum",
    lambda g, out, x, y: when(x >= y, where(x == y, 0.5 * g, g)),
    lambda g, out, x, y: when(y >= x, where(x == y, 0.5 * g, g)),
    python="{1} if {0} < {1} or {1} != {1} else {0}",
    numpy="np.maximum({1}, {0})",
    sympy="Max",
    ufunc="maximum",
    kinks=(("tie", "1/2 and 1/2"),),
)
_minimum = function(
    "minimum",
    lambda g, out, x, y: when(x <= y, where(x == y, 0.5 * g, g)),
    lambda g, out, x, y: when(y <= x, where(x == y, 0.5 * g, g)),
    python="{1} if {0} > {1} or {1} != {1} else {0}",
    numpy="np.minimum({1}, {0})",
    sympy="Min",
    ufunc="minimum",
    kinks=(("tie", "1/2 and 1/2"),),
)
at_least = Primitive(
    "at_least",
    lambda x, y: y if x < y else x,
    (lambda g, out, x, y: when(x > y, g), None),
    "{1} if {0} < {1} else {0}",
    "np.maximum({1}, {0})",
    "Max({0}, {1})",
    literal=(1,),
    kinks=(("tie of maximum(x, constant)", "0"),),
)
at_most = Primitive(
    "at_most",
    lambda x, y: y if x > y else x,
    (lambda g, out, x, y: when(x < y, g), None),
    "{1} if {0} > {1} else {0}",
    "np.minimum({1}, {0})",
    "Min({0}, {1})",
    literal=(1,),
    kinks=(("tie of minimum(x, constant)", "0"),),
)
_clip = function(
    "clip",
    lambda g, out, x, low, high: when(logical_and(low <= x, x <= high), g),
    lambda g, out, x, low, high: when(x < low, g),
    lambda g, out, x, low, high: when(logical_and(low <= x, x > high), g),
    python="{1} if {0} < {1} else {2} if {0} > {2} else {0}",
    numpy="np.where({0} < {1}, {1}, np.where({0} > {2}, {2}, {0}))",
    sympy="Piecewise(({1}, {0} < {1}), ({2}, {0} > {2}), ({0}, True))",
    ufunc="clip",
    kinks=(("at an edge", "1 (closed interval)"),),
)


def _bounded(x: Any, y: Any, general: Primitive, literal: Primitive, public: Any) -> Any:
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return elementwise(public, (x, y))
    for bounded, bound in ((x, as_literal(y)), (y, as_literal(x))):
        if bound is not None and bound == bound and isinstance(bounded, Operand):
            return literal(bounded, bound)
    return general(x, y)


def maximum(x: object, y: object) -> Any:
    """The larger of x and y; at a tie half the gradient to each, none against a constant."""
    return _bounded(x, y, _maximum, at_least, maximum)


def minimum(x: object, y: object) -> Any:
    """The smaller of x and y; at a tie half the gradient to each, none against a constant."""
    return _bounded(x, y, _minimum, at_most, minimum)


def clip(x: object, low: object = None, high: object = None) -> Any:
    """x limited to [low, high]; the gradient is 1 on the closed interval.

    A bound that is None is no bound.

    Raises:
        ValueError: if both bounds are numbers and low > high.
    """
    numbers = as_literal(low), as_literal(high)
    if numbers[0] is not None and numbers[1] is not None and numbers[0] > numbers[1]:
        raise ValueError(f"clip: low = {low} is above high = {high}; swap the bounds")
    low = -math.inf if low is None else low
    high = math.inf if high is None else high
    return _clip(x, low, high)
