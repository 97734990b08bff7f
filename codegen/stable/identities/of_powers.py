"""Identities of powers with any exponent."""

from __future__ import annotations

from autodiff.table.ops import exp, expm1, log, log1p, pow_literal, where
from autodiff.table.primitive import REGISTRY
from codegen.stable.two_forms import Identity, ring

__all__ = ["POWERS"]

_pow = REGISTRY["pow"]

POWERS = (
    Identity(
        "x^n - y^n",
        lambda x, y, n: pow_literal(x, n) - pow_literal(y, n),
        lambda x, y, n: where(
            y > 0.0,
            pow_literal(y, n) * expm1(n * log1p(ring(x - y) / y)),
            pow_literal(x, n) - pow_literal(y, n),
        ),
        literals=(2,),
    ),
    Identity(
        "x^z - y^z",
        lambda x, y, z: _pow(x, z) - _pow(y, z),
        lambda x, y, z: where(
            y > 0.0, _pow(y, z) * expm1(z * log1p(ring(x - y) / y)), _pow(x, z) - _pow(y, z)
        ),
    ),
    Identity(
        "(1 + x)^z",
        lambda x, z: _pow(1.0 + x, z),
        lambda x, z: where(abs(x) < 0.5, exp(z * log1p(x)), _pow(1.0 + x, z)),
    ),
    Identity(
        "(1 + x)^n",
        lambda x, n: pow_literal(1.0 + x, n),
        lambda x, n: where(abs(x) < 0.5, exp(n * log1p(x)), pow_literal(1.0 + x, n)),
        literals=(1,),
    ),
    Identity(
        "(1 + x)^z - 1",
        lambda x, z: _pow(1.0 + x, z) - 1.0,
        lambda x, z: where(abs(x) < 0.5, expm1(z * log1p(x)), _pow(1.0 + x, z) - 1.0),
    ),
    Identity(
        "(1 + x)^n - 1",
        lambda x, n: pow_literal(1.0 + x, n) - 1.0,
        lambda x, n: where(abs(x) < 0.5, expm1(n * log1p(x)), pow_literal(1.0 + x, n) - 1.0),
        literals=(1,),
    ),
    Identity(
        "x^z - 1",
        lambda x, z: _pow(x, z) - 1.0,
        lambda x, z: where(
            (x > 0.5) & (x < 1.5) | (abs(z) < 1e-3) & (x > 0.0), expm1(z * log(x)), _pow(x, z) - 1.0
        ),
    ),
    Identity("x^z y^z", lambda x, y, z: _pow(x, z) / _pow(y, z), lambda x, y, z: _pow(x / y, z)),
    Identity("x^z", _pow, lambda x, z: exp(z * log(x))),
)
