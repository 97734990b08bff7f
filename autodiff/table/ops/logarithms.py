"""Rows: logarithms of two arguments."""

from __future__ import annotations

import math

from autodiff.table.ops.activations import sigmoid
from autodiff.table.ops.exponential import log
from autodiff.table.ops.rows import POSITIVE, function
from autodiff.table.ops.selection import where
from autodiff.table.primitive import REAL, Quantity, when

__all__ = ["logaddexp", "xlogy"]


def _logaddexp_rule(g: Quantity, x: Quantity, y: Quantity) -> object:
    # exp magnifies what x - y lost to rounding; it is found exactly (Knuth's two-sum) and added.
    d = x - y
    back = d - x
    lost = (x - (d - back)) - (y + back)
    share = sigmoid(d)
    slope = share + share * (1.0 - share) * where(abs(d) < 1e3, lost, 0.0)
    return when((x != -math.inf) | (y != -math.inf), g * slope)  # neither of two impossible cases


logaddexp = function(
    "logaddexp",
    lambda g, out, x, y: _logaddexp_rule(g, x, y),
    lambda g, out, x, y: _logaddexp_rule(g, y, x),
    sympy="log(exp({0}) + exp({1}))",
    kinks=(("x = y = -inf", "0 and 0"),),
    about="log(exp(x) + exp(y)), without overflow",
)
xlogy = function(
    "xlogy",
    lambda g, out, x, y: g * log(y),
    lambda g, out, x, y: when(x != 0.0, g * (x / y)),
    numpy="xlogy",
    sympy="({0}*log({1}))",
    domain=(REAL, POSITIVE),
    kinks=(("x = 0", "d/dy = 0"),),
    about="x times log(y), and 0 where x is 0",
)
