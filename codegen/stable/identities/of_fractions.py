"""Identities of fractions that overflow later, and of error functions."""

from __future__ import annotations

from autodiff.table.ops import (
    erf,
    erfc,
    erfcx,
    exp,
    gaussian,
    i0,
    i1,
    i1_over_i0,
    sign,
    square,
    where,
)
from codegen.stable.two_forms import Identity, ring

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
    Identity("exp(x^2) erfc(x)", lambda x: exp(square(x)) * erfc(x), erfcx, sure=True),
    Identity(
        "exp(y) erfc(x)",
        lambda x, y: exp(y) * erfc(x),
        lambda x, y: erfcx(x) * exp(ring(y - square(x))),
    ),
    Identity("erfc(x) / exp(-x^2)", lambda x: erfc(x) / exp(-square(x)), erfcx, sure=True),
    Identity("erfc(x) / gaussian(x)", lambda x: erfc(x) / gaussian(x, 1.0), erfcx, sure=True),
    Identity(
        "gaussian(x) / erfc(x)",
        lambda x: gaussian(x, 1.0) / erfc(x),
        lambda x: where(x < 0.0, gaussian(x, 1.0) / erfc(x), 1.0 / erfcx(x)),
    ),
    Identity(
        "exp(y) / erfc(x)",
        lambda x, y: exp(y) / erfc(x),
        lambda x, y: where(x < 0.0, exp(y) / erfc(x), exp(ring(y + square(x))) / erfcx(x)),
    ),
    Identity("i1(x) / i0(x)", lambda x: i1(x) / i0(x), i1_over_i0, sure=True),
)
