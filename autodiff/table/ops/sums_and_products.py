"""Rows: sums, products, quotients."""

from __future__ import annotations

import operator

from autodiff.numbers import ieee
from autodiff.table.ops.rows import infix
from autodiff.table.primitive import Primitive

__all__ = ["add", "div", "mul", "neg", "reciprocal", "square", "sub"]


add = infix(
    "add",
    "+",
    "add",
    operator.add,
    lambda g, out, x, y: g,
    lambda g, out, x, y: g,
    commutative=True,
    about="sum of two numbers",
)
sub = infix(
    "sub",
    "-",
    "subtract",
    operator.sub,
    lambda g, out, x, y: g,
    lambda g, out, x, y: -g,
    about="difference of two numbers",
)
mul = infix(
    "mul",
    "*",
    "multiply",
    operator.mul,
    lambda g, out, x, y: g * y,
    lambda g, out, x, y: g * x,
    commutative=True,
    about="product of two numbers",
)
div = infix(
    "div",
    "/",
    "divide",
    ieee.div,
    lambda g, out, x, y: g / y,
    lambda g, out, x, y: -(g / y * out),  # g / y is there already,
    about="quotient of two numbers",
)
neg = Primitive(
    "neg",
    operator.neg,
    (lambda g, out, x: -g,),
    "-{0}",
    "-{0}",
    "-{0}",
    "negative",
    about="a number with the other sign",
)
square = Primitive(
    "square",
    lambda x: x * x,
    (lambda g, out, x: 2.0 * g * x,),
    "{0} * {0}",
    "{0} * {0}",
    "{0}**2",
    "square",
    about="x times x",
)
reciprocal = Primitive(
    "reciprocal",
    lambda x: ieee.div(1.0, x),
    (lambda g, out, x: -(g * out * out),),
    "1.0 / {0}",
    "1.0 / {0}",
    "1 / {0}",
    "reciprocal",
    about="one over x",
)
