"""Identities of exponentials: differences near zero, sigmoids, hyperbolic functions."""

from __future__ import annotations

from autodiff.table.ops import (
    cosh,
    exp,
    expm1,
    log,
    logaddexp,
    sigmoid,
    silu,
    sinh,
    square,
    tanh,
    where,
)
from codegen.stable.two_forms import Identity, ring

__all__ = ["EXPONENTIALS"]

EXPONENTIALS = (
    Identity("exp(x) - 1", lambda x: exp(x) - 1.0, expm1, sure=True),
    Identity(
        "exp(x) - exp(y)",
        lambda x, y: exp(x) - exp(y),
        lambda x, y: where(abs(ring(x - y)) < 1.0, exp(y) * expm1(ring(x - y)), exp(x) - exp(y)),
    ),
    Identity(
        "exp(x) - exp(y) by sinh",
        lambda x, y: exp(x) - exp(y),
        lambda x, y: 2.0 * (exp(ring(0.5 * (x + y))) * sinh(ring(0.5 * (x - y)))),
    ),
    Identity(
        "exp(x) - 2 + exp(-x)",
        lambda x: exp(x) - 2.0 + exp(-x),
        lambda x: square(2.0 * sinh(0.5 * x)),
    ),
    Identity(
        "cosh(x) - 1", lambda x: cosh(x) - 1.0, lambda x: 2.0 * square(sinh(0.5 * x)), sure=True
    ),
    Identity("exp(x) - exp(-x)", lambda x: exp(x) - exp(-x), lambda x: 2.0 * sinh(x), sure=True),
    Identity("exp(x) + exp(-x)", lambda x: exp(x) + exp(-x), lambda x: 2.0 * cosh(x), sure=True),
    Identity("expm1(2x) / expm1(x)", lambda x: expm1(2.0 * x) / expm1(x), lambda x: exp(x) + 1.0),
    Identity("exp(x) / expm1(x)", lambda x: exp(x) / expm1(x), lambda x: -1.0 / expm1(-x)),
    Identity(
        "exp(x) / expm1(x)^2",
        lambda x: exp(x) / square(expm1(x)),
        lambda x: 0.25 / square(sinh(0.5 * x)),
    ),
    Identity(
        "expm1(x + y) / (expm1(x) expm1(y))",
        lambda x, y: expm1(x + y) / (expm1(x) * expm1(y)),
        lambda x, y: 1.0 / expm1(x) - 1.0 / expm1(-y),
    ),
    # products
    Identity("exp(x) exp(y)", lambda x, y: exp(x) * exp(y), lambda x, y: exp(ring(x + y))),
    Identity("exp(x) / exp(y)", lambda x, y: exp(x) / exp(y), lambda x, y: exp(ring(x - y))),
    Identity("1 / exp(x)", lambda x: 1.0 / exp(x), lambda x: exp(-x)),
    Identity("exp(x) squared", lambda x: square(exp(x)), lambda x: exp(2.0 * x)),
    Identity("exp(log(x))", lambda x: exp(log(x)), lambda x: x),
    # sigmoids
    Identity("1 / (1 + exp(x))", lambda x: 1.0 / (1.0 + exp(x)), lambda x: sigmoid(-x), sure=True),
    Identity("exp(x) / (1 + exp(x))", lambda x: exp(x) / (1.0 + exp(x)), sigmoid, sure=True),
    Identity(
        "1 / (exp(x) + exp(y))",
        lambda x, y: exp(x) / (exp(x) + exp(y)),
        lambda x, y: sigmoid(ring(x - y)),
    ),
    Identity("1 - sigmoid(x)", lambda x: 1.0 - sigmoid(x), lambda x: sigmoid(-x), sure=True),
    Identity("x sigmoid(x)", lambda x: x * sigmoid(x), silu),
    Identity("exp(-x) sigmoid(x)", lambda x: exp(-x) * sigmoid(x), lambda x: sigmoid(-x)),
    Identity("sigmoid(x) / sigmoid(-x)", lambda x: sigmoid(x) / sigmoid(-x), exp),
    # tanh
    Identity("tanh by exp", lambda x: (exp(x) - exp(-x)) / (exp(x) + exp(-x)), tanh),
    Identity("sinh / cosh", lambda x: sinh(x) / cosh(x), tanh),
    Identity(
        "(exp(x) - 1) / (exp(x) + 1)",
        lambda x: (exp(x) - 1.0) / (exp(x) + 1.0),
        lambda x: tanh(0.5 * x),
    ),
    Identity(
        "expm1(x) / (exp(x) + 1)", lambda x: expm1(x) / (exp(x) + 1.0), lambda x: tanh(0.5 * x)
    ),
    Identity(
        "(1 - exp(-x)) / (1 + exp(-x))",
        lambda x: (1.0 - exp(x)) / (exp(x) + 1.0),
        lambda x: -tanh(0.5 * x),
    ),
    Identity("1 - tanh(x)", lambda x: 1.0 - tanh(x), lambda x: 2.0 * sigmoid(-2.0 * x), sure=True),
    Identity("1 + tanh(x)", lambda x: 1.0 + tanh(x), lambda x: 2.0 * sigmoid(2.0 * x), sure=True),
    Identity(
        "1 - tanh(x)^2",
        lambda x: 1.0 - square(tanh(x)),
        lambda x: 4.0 * (sigmoid(2.0 * x) * sigmoid(-2.0 * x)),
        sure=True,
    ),
    Identity("2 sigmoid(x) - 1", lambda x: 2.0 * sigmoid(x) - 1.0, lambda x: tanh(0.5 * x)),
    Identity("exp(x) + exp(y)", lambda x, y: exp(x) + exp(y), lambda x, y: exp(logaddexp(x, y))),
)
