"""Rows: comparisons, truth values, selection, the larger and the smaller."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
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


lt = predicate("lt", "<", "less", "true where x is less than y")
le = predicate("le", "<=", "less_equal", "true where x is at most y")
gt = predicate("gt", ">", "greater", "true where x is greater than y")
ge = predicate("ge", ">=", "greater_equal", "true where x is at least y")
eq = predicate("eq", "==", "equal", "true where x equals y")
ne = predicate("ne", "!=", "not_equal", "true where x and y differ")
logical_and = function(
    "logical_and",
    None,
    None,
    python="{0} and {1}",
    sympy="And",
    conditions=(0, 1),
    commutative=True,
    predicate=True,
    about="true where both are",
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
    about="true where one of the two is, or both",
)
logical_not = function(
    "logical_not",
    None,
    python="not {0}",
    sympy="Not",
    conditions=(0,),
    predicate=True,
    about="true where x is not",
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
    about="x where the condition is true, else y",
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
    about="absolute value",
)
sign: Primitive = function(
    "sign",
    None,
    python="1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else 0.0 if {0} == 0.0 else {0}",
    kinks=(("0", "0"),),
    about="-1, 0 or 1: the sign of x",
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
    about="the larger of two numbers",
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
    about="the smaller of two numbers",
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
    about="x, but at least a number that is not differentiated",
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
    about="x, but at most a number that is not differentiated",
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
    about="x limited to the interval from low to high",
)


def _bounded(
    x: object, y: object, general: Primitive, literal: Primitive, public: Callable[..., object]
) -> object:
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return elementwise(public, (x, y))
    for bounded, bound in ((x, as_literal(y)), (y, as_literal(x))):
        if bound is not None and bound == bound and isinstance(bounded, Operand):
            return literal(bounded, bound)
    return general(x, y)


def maximum(x: object, y: object) -> Any:
    """The larger of x and y; at a tie half the gradient to each, none against a constant.

    Args:
        x: A float, a Value, a traced number, or an array of these (by element).
        y: As ``x``.

    Returns:
        A float for floats; else what a Value, a traced number or an array computes with.

    Raises:
        ArgumentError: if an operand is no number.

    >>> import autodiff as ad
    >>> ad.maximum(0.5, 0.25), ad.grad(lambda x: ad.maximum(x, 0.0))(0.0)
    (0.5, 0.0)
    """
    return _bounded(x, y, _maximum, at_least, maximum)


def minimum(x: object, y: object) -> Any:
    """The smaller of x and y; at a tie half the gradient to each, none against a constant.

    Args:
        x: A float, a Value, a traced number, or an array of these (by element).
        y: As ``x``.

    Returns:
        A float for floats; else what a Value, a traced number or an array computes with.

    Raises:
        ArgumentError: if an operand is no number.

    >>> import autodiff as ad
    >>> ad.minimum(0.5, 0.25), ad.grad(ad.minimum)(1.0, 1.0)
    (0.25, (0.5, 0.5))
    """
    return _bounded(x, y, _minimum, at_most, minimum)


def clip(x: object, low: object = None, high: object = None) -> Any:
    """x limited to [low, high]; the gradient is 1 on the closed interval.

    Where traced bounds cross, the upper one is the result, and nan where one is nan, as of
    ``np.clip``.

    Args:
        x: A float, a Value, a traced number, or an array of these (by element).
        low: As ``x``, or None for no lower bound.
        high: As ``x``, or None for no upper bound.

    Returns:
        A float for floats; else what a Value, a traced number or an array computes with.

    Raises:
        ArgumentError: if both bounds are numbers and low > high.

    >>> import autodiff as ad
    >>> ad.clip(1.5, 0.0, 1.0), ad.grad(lambda x: ad.clip(x, 0.0, 1.0))(1.0)
    (1.0, 1.0)
    """
    numbers = as_literal(low), as_literal(high)
    if numbers[0] is not None and numbers[1] is not None and numbers[0] > numbers[1]:
        raise ArgumentError(f"clip: low = {low} is above high = {high}; swap the bounds")
    lower, upper = -math.inf if low is None else low, math.inf if high is None else high
    if low is not None and high is not None and None in numbers:
        lower = where(gt(low, high), high, low)
    made = _clip(x, lower, upper)
    for bound in (low, high):
        if _may_be_nan(bound):
            made = where(ne(bound, bound), math.nan, made)
    return made


def _may_be_nan(bound: object) -> bool:
    """True for what is computed, and for numbers of which one is nan."""
    number = as_literal(bound)
    if number is not None:
        return number != number
    if isinstance(bound, np.ndarray) and np.ndarray.dtype.__get__(bound).kind in "fiub":
        return bool(np.isnan(bound).any())
    return bound is not None
