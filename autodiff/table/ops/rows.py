"""How a row of the table is made; what it is spelled like follows from its name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.numbers import bessel, cylinder, ieee, inverse_error, rests, scaled, special
from autodiff.table.ops.formula_rows import spellings, value_of
from autodiff.table.primitive import Primitive, Rule

__all__ = ["POSITIVE", "UNIT", "as_literal", "function", "infix", "predicate"]


POSITIVE = (0.0, math.inf)
UNIT = (-1.0, 1.0)
_NUMBERS = (ieee, special, bessel, cylinder, inverse_error, rests, scaled)


def infix(
    name: str, sign: str, ufunc: str, impl: Callable[..., float], *partials: Rule | None, **row: Any
) -> Primitive:
    """A row spelled ``{0} sign {1}`` everywhere."""
    text = f"{{0}} {sign} {{1}}"
    return Primitive(name, impl, partials, text, text, text, ufunc, **row)


def predicate(name: str, sign: str, ufunc: str, about: str) -> Primitive:
    """A comparison: a truth value, through which nothing flows."""
    text, sympy = f"{{0}} {sign} {{1}}", {"==": "Eq({0}, {1})", "!=": "Ne({0}, {1})"}
    return Primitive(
        name,
        getattr(ieee, name),
        (None, None),
        text,
        text,
        sympy.get(sign, text),
        ufunc,
        predicate=True,
        commutative=sign in sympy,
        about=about,
    )


def function(
    name: str,
    *partials: Rule | None,
    value: str = "",
    python: str = "",
    numpy: str = "",
    sympy: str = "",
    ufunc: str | None = None,
    **row: Any,
) -> Primitive:
    """A row spelled ``name(...)``; columns name only what is spelled differently.

    Its value is the function of that name in ``autodiff.numbers``, or ``value``, an expression over
    rows above it, from which the columns follow too.
    """
    holes = ", ".join(f"{{{i}}}" for i in range(len(partials)))

    def text(spelling: str) -> str:
        return spelling if "{" in spelling else f"{spelling}({holes})"

    if value:
        own = spellings(value)
        impl = value_of(name, value, len(partials))
        python, numpy, sympy = (
            python or own["python"], numpy or own["numpy"], sympy or own["sympy"]
        )  # fmt: skip
    else:
        impl = next(getattr(module, name) for module in _NUMBERS if hasattr(module, name))
    called = numpy or f"np.{name}"
    if ufunc is None:
        ufunc = called.removeprefix("np.") if called.startswith("np.") and "{" not in called else ""
    return Primitive(
        name, impl, partials, text(python or name), text(called), text(sympy or name), ufunc, **row
    )


def as_literal(x: object) -> float | None:
    """The number x is, or None if x is symbolic (or an array)."""
    if isinstance(x, float):
        return float(x)
    return float(x) if isinstance(x, (int, np.number)) else None
