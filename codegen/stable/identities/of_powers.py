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
    Identity("(1 + x)^z", lambda x, z: _pow(1.0 + x, z), lambda x, z: exp(z * log1p(x))),
    Identity(
        "(1 + x)^n",
        lambda x, n: pow_literal(1.0 + x, n),
        lambda x, n: exp(n * log1p(x)),
        literals=(1,),
    ),
    Identity(
        "(1 + x)^z - 1", lambda x, z: _pow(1.0 + x, z) - 1.0, lambda x, z: expm1(z * log1p(x))
    ),
    Identity("x^z - 1", lambda x, z: _pow(x, z) - 1.0, lambda x, z: expm1(z * log(x))),
    Identity("x^z y^z", lambda x, y, z: _pow(x, z) / _pow(y, z), lambda x, y, z: _pow(x / y, z)),
    Identity("x^z", _pow, lambda x, z: exp(z * log(x))),
)
