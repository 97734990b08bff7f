"""Identities of logarithms: arguments near one, sums of exponentials, quotients."""

from __future__ import annotations

from autodiff.table.ops import (
    acosh,
    asinh,
    atanh,
    cosh,
    erfc,
    exp,
    expm1,
    hypot,
    i0,
    lgamma,
    log,
    log1p,
    log2,
    log10,
    log_erfc,
    log_i0,
    logaddexp,
    maximum,
    sigmoid,
    sinh,
    softplus,
    sqrt,
    square,
    where,
    xlogy,
)
from autodiff.table.primitive import Quantity
from codegen.stable.two_forms import Identity, extreme, ring

__all__ = ["LOGARITHMS"]


def _node(number: float, x: Quantity) -> Quantity:
    """A number whose logarithm is an operation, not the double next to it; passes fold both."""
    found: Quantity = where(x > 0.0, number, number)
    return found


LOGARITHMS = (
    Identity("log(1 + x)", lambda x: log(1.0 + x), log1p, sure=True),
    Identity(
        "log10(1 + x)",
        lambda x: log10(1.0 + x),
        lambda x: where(abs(x) < 0.5, log1p(x) / log(_node(10.0, x)), log10(1.0 + x)),
    ),
    Identity(
        "log2(1 + x)",
        lambda x: log2(1.0 + x),
        lambda x: where(abs(x) < 0.5, log1p(x) / log(_node(2.0, x)), log2(1.0 + x)),
    ),
    Identity("log(exp(x))", lambda x: log(exp(x)), lambda x: x, sure=True),
    Identity("log(1 + exp(x))", lambda x: log(1.0 + exp(x)), softplus, sure=True),
    Identity("log1p(exp(x))", lambda x: log1p(exp(x)), softplus, sure=True),
    Identity("log(exp(x) + exp(y))", lambda x, y: log(exp(x) + exp(y)), logaddexp, sure=True),
    Identity("log(exp(x) - 1)", lambda x: log(expm1(x)), lambda x: x + log(-expm1(-x))),
    Identity("log(sigmoid(x))", lambda x: log(sigmoid(x)), lambda x: -softplus(-x), sure=True),
    Identity("softplus(x) - x", lambda x: softplus(x) - x, lambda x: softplus(-x)),
    Identity(
        "max(x, 0) + log1p(exp(-|x|))",
        lambda x: maximum(x, 0.0) + log1p(exp(-abs(x))),
        softplus,
    ),
    Identity("log(x) - log(y)", lambda x, y: log(x) - log(y), lambda x, y: log1p(ring(x - y) / y)),
    Identity("log(x) - log(y) as quotient", lambda x, y: log(x) - log(y), lambda x, y: log(x / y)),
    Identity("log(x / y)", lambda x, y: log(x / y), lambda x, y: log1p(ring(x - y) / y)),
    Identity(
        "log(x / y) apart",
        lambda x, y: log(x / y),
        lambda x, y: where(extreme(x / y), log(abs(x)) - log(abs(y)), log(x / y)),
    ),
    Identity(
        "log(x y)",
        lambda x, y: log(x * y),
        lambda x, y: where(extreme(x * y), log(abs(x)) + log(abs(y)), log(x * y)),
    ),
    Identity(
        "log(x^2 + y^2)",
        lambda x, y: log(square(x) + square(y)),
        lambda x, y: where(
            extreme(square(x) + square(y)), 2.0 * log(hypot(x, y)), log(square(x) + square(y))
        ),
    ),
    Identity(
        "log(cosh(x))",
        lambda x: log(cosh(x)),
        lambda x: where(
            abs(x) > 1.0,
            abs(x) + log1p(0.5 * expm1(-2.0 * abs(x))),
            log1p(2.0 * square(sinh(0.5 * x))),
        ),
    ),
    Identity(
        "log(sinh(x))",
        lambda x: log(sinh(x)),
        lambda x: where(x > 1.0, x + log(-0.5 * expm1(-2.0 * x)), log(sinh(x))),
    ),
    Identity("log(erfc(x))", lambda x: log(erfc(x)), log_erfc, sure=True),
    Identity("log(i0(x))", lambda x: log(i0(x)), log_i0, sure=True),
    Identity("log(x erfc(y))", lambda x, y: log(x * erfc(y)), lambda x, y: log(x) + log_erfc(y)),
    Identity("log(x i0(y))", lambda x, y: log(x * i0(y)), lambda x, y: log(x) + log_i0(y)),
    Identity(
        "lgamma(1 + x) - lgamma(x)",
        lambda x: lgamma(1.0 + x) - lgamma(x),
        lambda x: log(abs(x)),
    ),
    Identity("log(x^2)", lambda x: log(square(x)), lambda x: 2.0 * log(abs(x))),
    Identity("log(sqrt(x))", lambda x: log(sqrt(x)), lambda x: 0.5 * log(x)),
    Identity("log(x) near 1", log, lambda x: log1p(ring(x - 1.0))),
    Identity(
        "log((1 + x) / (1 - x))", lambda x: log((1.0 + x) / (1.0 - x)), lambda x: 2.0 * atanh(x)
    ),
    Identity(
        "log((1 - x) / (1 + x))", lambda x: log((1.0 - x) / (1.0 + x)), lambda x: -2.0 * atanh(x)
    ),
    Identity("log1p(x) - log1p(-x)", lambda x: log1p(x) - log1p(-x), lambda x: 2.0 * atanh(x)),
    Identity("log(x + sqrt(x^2 + 1))", lambda x: log(x + sqrt(square(x) + 1.0)), asinh),
    Identity(
        "log(x + sqrt(x^2 - 1))",
        lambda x: log(x + sqrt(square(x) - 1.0)),
        acosh,
        examples=(1.75,),
    ),
    Identity("x log(y)", lambda x, y: x * log(y), xlogy),
    Identity(
        "log1p(x) - log1p(y)",
        lambda x, y: log1p(x) - log1p(y),
        lambda x, y: log1p(ring(x - y) / (1.0 + y)),
    ),
)
