"""Identities of angles: differences as products, half angles, sums apart."""

from __future__ import annotations

from autodiff.table.ops import (
    acos,
    asin,
    atan,
    atan2,
    cos,
    sin,
    spherical_jn,
    sqrt,
    square,
    tan,
    where,
)
from codegen.stable.two_forms import Identity, ring

__all__ = ["TRIGONOMETRY"]

TRIGONOMETRY = (
    Identity(
        "sin(x) - sin(y)",
        lambda x, y: sin(x) - sin(y),
        lambda x, y: 2.0 * (sin(ring(0.5 * (x - y))) * cos(ring(0.5 * (x + y)))),
    ),
    Identity(
        "cos(x) - cos(y)",
        lambda x, y: cos(x) - cos(y),
        lambda x, y: -2.0 * (sin(ring(0.5 * (x - y))) * sin(ring(0.5 * (x + y)))),
    ),
    Identity(
        "sin(x) - sin(y) where they are close",
        lambda x, y: sin(x) - sin(y),
        lambda x, y: where(
            abs(ring(x - y)) < 0.5,
            2.0 * (sin(ring(0.5 * (x - y))) * cos(ring(0.5 * (x + y)))),
            sin(x) - sin(y),
        ),
    ),
    Identity(
        "cos(x) - cos(y) where they are close",
        lambda x, y: cos(x) - cos(y),
        lambda x, y: where(
            abs(ring(x - y)) < 0.5,
            -2.0 * (sin(ring(0.5 * (x - y))) * sin(ring(0.5 * (x + y)))),
            cos(x) - cos(y),
        ),
    ),
    Identity(
        "tan(x) - tan(y) where they are close",
        lambda x, y: tan(x) - tan(y),
        lambda x, y: where(
            abs(ring(x - y)) < 0.5, sin(ring(x - y)) / (cos(x) * cos(y)), tan(x) - tan(y)
        ),
    ),
    Identity("1 - cos(x)", lambda x: 1.0 - cos(x), lambda x: 2.0 * square(sin(0.5 * x)), sure=True),
    Identity(
        "tan(x) - sin(x)",
        lambda x: tan(x) - sin(x),
        lambda x: 2.0 * (tan(x) * square(sin(0.5 * x))),
    ),
    Identity("1 + cos(x)", lambda x: 1.0 + cos(x), lambda x: 2.0 * square(cos(0.5 * x))),
    Identity("1 - sin(x)", lambda x: 1.0 - sin(x), lambda x: square(cos(x)) / (1.0 + sin(x))),
    Identity("1 + sin(x)", lambda x: 1.0 + sin(x), lambda x: square(cos(x)) / (1.0 - sin(x))),
    Identity("1 - sin(x)^2", lambda x: 1.0 - square(sin(x)), lambda x: square(cos(x))),
    Identity("1 - cos(x)^2", lambda x: 1.0 - square(cos(x)), lambda x: square(sin(x))),
    Identity(
        "sin(x)^2 + cos(x)^2", lambda x: square(sin(x)) + square(cos(x)), lambda x: 1.0 + 0.0 * x
    ),
    Identity(
        "cos(x)^2 - sin(x)^2", lambda x: square(cos(x)) - square(sin(x)), lambda x: cos(2.0 * x)
    ),
    Identity("(1 - cos(x)) / sin(x)", lambda x: (1.0 - cos(x)) / sin(x), lambda x: tan(0.5 * x)),
    Identity("sin(x) / (1 + cos(x))", lambda x: sin(x) / (1.0 + cos(x)), lambda x: tan(0.5 * x)),
    Identity("sin(x) / cos(x)", lambda x: sin(x) / cos(x), tan),
    Identity(
        "sin(x / 2)^2 / sin(x)",
        lambda x: square(sin(0.5 * x)) / sin(x),
        lambda x: 0.5 * tan(0.5 * x),
    ),
    Identity(
        "tan(x) - tan(y)",
        lambda x, y: tan(x) - tan(y),
        lambda x, y: sin(ring(x - y)) / (cos(x) * cos(y)),
    ),
    Identity(
        "atan(x) - atan(y)",
        lambda x, y: atan(x) - atan(y),
        lambda x, y: atan2(ring(x - y), 1.0 + x * y),
    ),
    Identity(
        "atan(x / y)",
        lambda x, y: atan(x / y),
        lambda x, y: where(y > 0.0, atan2(x, y), where(y < 0.0, atan2(-x, -y), atan(x / y))),
    ),
    # sums apart
    Identity("sin(x + y)", lambda x, y: sin(x + y), lambda x, y: sin(x) * cos(y) + cos(x) * sin(y)),
    Identity("cos(x + y)", lambda x, y: cos(x + y), lambda x, y: cos(x) * cos(y) - sin(x) * sin(y)),
    Identity(
        "sin(x + y) - sin(x)",
        lambda x, y: sin(x + y) - sin(x),
        lambda x, y: cos(x) * sin(y) - sin(x) * (2.0 * square(sin(0.5 * y))),
    ),
    Identity(
        "cos(x + y) - cos(x)",
        lambda x, y: cos(x + y) - cos(x),
        lambda x, y: -(sin(x) * sin(y)) - cos(x) * (2.0 * square(sin(0.5 * y))),
    ),
    Identity(
        "tan(x + y) - tan(x)",
        lambda x, y: tan(x + y) - tan(x),
        lambda x, y: sin(y) / (cos(x) * (cos(x) * cos(y) - sin(x) * sin(y))),
    ),
    # what remains where angles are small
    Identity(
        "a sin(x) - a x cos(x)",
        lambda x, a: a * sin(x) - a * x * cos(x),
        lambda x, a: a * (square(x) * spherical_jn(1, x)),
    ),
    Identity(
        "sin(x) - x cos(x)", lambda x: sin(x) - x * cos(x), lambda x: square(x) * spherical_jn(1, x)
    ),
    Identity(
        "1 / x - 1 / tan(x)",
        lambda x: 1.0 / x - 1.0 / tan(x),
        lambda x: x * spherical_jn(1, x) / sin(x),
    ),
    Identity(
        "x - tan(x)", lambda x: x - tan(x), lambda x: -(square(x) * spherical_jn(1, x)) / cos(x)
    ),
    # inverse functions
    Identity("asin(x) by its tangent", asin, lambda x: atan2(x, sqrt((1.0 - x) * (1.0 + x)))),
    Identity("acos(x) by its tangent", acos, lambda x: atan2(sqrt((1.0 - x) * (1.0 + x)), x)),
)
