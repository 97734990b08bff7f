"""Identities of fractions that overflow later, and of error functions."""

from __future__ import annotations

from autodiff.table.ops import erf, erfc, sign, square, where
from codegen.stable.two_forms import Identity

__all__ = ["FRACTIONS"]

FRACTIONS = (
    Identity(
        "x / (x + y)",
        lambda x, y: x / (x + y),
        lambda x, y: where(abs(x) > 1e70, 1.0 / (1.0 + y / x), x / (x + y)),
    ),
    Identity(
        "x / (x^2 + y)",
        lambda x, y: x / (square(x) + y),
        lambda x, y: where(abs(x) > 1e70, 1.0 / (x + y / x), x / (square(x) + y)),
    ),
    Identity(
        "1 / (x + y) - x / (x + y)^2",
        lambda x, y: 1.0 / (x + y) - x / square(x + y),
        lambda x, y: where(
            abs(x) < 2.0 * abs(y), 1.0 / (x + y) - x / (x + y) / (x + y), y / (x + y) / (x + y)
        ),
    ),
    Identity("|x| / x", lambda x: abs(x) / x, sign),
    Identity("x / |x|", lambda x: x / abs(x), sign),
    Identity("1 - erf(x)", lambda x: 1.0 - erf(x), erfc, sure=True),
    Identity("1 + erf(x)", lambda x: 1.0 + erf(x), lambda x: erfc(-x), sure=True),
    Identity("1 - erfc(x)", lambda x: 1.0 - erfc(x), erf),
)
