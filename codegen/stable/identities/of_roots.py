"""Identities of roots: differences by their conjugates, lengths, roots of products."""

from __future__ import annotations

from autodiff.table.ops import cbrt, hypot, sign, sqrt, square, where
from autodiff.table.primitive import Quantity
from codegen.stable.two_forms import Identity, extreme, ring

__all__ = ["ROOTS"]


def _discriminant(x: Quantity, a: Quantity, c: Quantity) -> object:
    """sqrt(x^2 - a c), also where neither x^2 nor a c is a double."""
    mean = sqrt(abs(a)) * sqrt(abs(c))
    scale, product = abs(x) + mean, sign(a) * sign(c)
    plain = sqrt(square(x) - a * c)  # a root of nothing has no slope, and the product has
    apart = sqrt(abs(x) - mean) * sqrt(scale)
    extreme = where(product > 0.0, apart, where(product < 0.0, hypot(x, mean), plain))
    return where((scale > 1e120) | (scale < 1e-120), extreme, plain)


ROOTS = (
    Identity(
        "sqrt(x) - sqrt(y)",
        lambda x, y: sqrt(x) - sqrt(y),
        lambda x, y: ring(x - y) / (sqrt(x) + sqrt(y)),
    ),
    Identity(
        "sqrt(x) - sqrt(y), both may be 0",
        lambda x, y: sqrt(x) - sqrt(y),
        lambda x, y: where(
            sqrt(x) + sqrt(y) > 0.0, ring(x - y) / (sqrt(x) + sqrt(y)), sqrt(x) - sqrt(y)
        ),
    ),
    Identity(
        "sqrt(x) - y",
        lambda x, y: sqrt(x) - y,
        lambda x, y: where(y > 0.0, ring(x - square(y)) / (sqrt(x) + y), sqrt(x) - y),
    ),
    Identity(
        "hypot(x, y) - z",
        lambda x, y, z: hypot(x, y) - z,
        lambda x, y, z: where(
            z > 0.0,
            ring(square(x) + square(y) - square(z)) / (hypot(x, y) + z),
            hypot(x, y) - z,
        ),
    ),
    Identity(
        "cbrt(x) - cbrt(y)",
        lambda x, y: cbrt(x) - cbrt(y),
        lambda x, y: ring(x - y) / (square(cbrt(x)) + cbrt(x) * cbrt(y) + square(cbrt(y))),
    ),
    Identity("sqrt(x^2 + y^2)", lambda x, y: sqrt(square(x) + square(y)), hypot),
    Identity(
        "sqrt(hypot(x, y)^2 + z^2)",
        lambda x, y, z: sqrt(square(hypot(x, y)) + square(z)),
        lambda x, y, z: hypot(hypot(x, y), z),
    ),
    Identity("sqrt(x^2)", lambda x: sqrt(square(x)), abs),
    Identity("sqrt(|x^2|)", lambda x: abs(square(x)), square),
    Identity("sqrt(x^2 y)", lambda x, y: sqrt(square(x) * y), lambda x, y: abs(x) * sqrt(y)),
    Identity(
        "sqrt(x y)",
        lambda x, y: sqrt(x * y),
        lambda x, y: where(
            extreme(x * y) & (x != 0.0) & (y != 0.0), sqrt(abs(x)) * sqrt(abs(y)), sqrt(x * y)
        ),
    ),
    Identity(
        "sqrt(x / y)",
        lambda x, y: sqrt(x / y),
        lambda x, y: where(
            extreme(x / y) & (x != 0.0) & (y != 0.0), sqrt(abs(x)) / sqrt(abs(y)), sqrt(x / y)
        ),
    ),
    Identity("sqrt(x) sqrt(y)", lambda x, y: sqrt(x) * sqrt(y), lambda x, y: sqrt(x * y)),
    Identity("sqrt(x) / sqrt(y)", lambda x, y: sqrt(x) / sqrt(y), lambda x, y: sqrt(x / y)),
    Identity(
        "sqrt(x^2 - y^2)",
        lambda x, y: sqrt(square(x) - square(y)),
        lambda x, y: where(
            abs(x) == abs(y),  # nothing cancels, and the slope of neither factor is finite
            sqrt(square(x) - square(y)),
            where(
                extreme(square(x)),
                sqrt(abs(ring(x - y))) * sqrt(abs(ring(x + y))),
                sqrt(ring(x - y) * ring(x + y)),
            ),
        ),
    ),
    Identity(
        "sqrt(x^2 - a c)",
        lambda x, a, c: sqrt(square(x) - a * c),
        _discriminant,
        examples=(2.5, 0.5, 1.25),
    ),
    Identity(
        "x^2 - y^2", lambda x, y: square(x) - square(y), lambda x, y: ring(x - y) * ring(x + y)
    ),
    Identity(
        "1 / (x^2 + y^2)",
        lambda x, y: 1.0 / (square(x) + square(y)),
        lambda x, y: 1.0 / hypot(x, y) / hypot(x, y),
    ),
)
