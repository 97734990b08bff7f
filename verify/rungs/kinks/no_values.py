"""Where a function surely has no value: there is nothing that its gradient could be right about."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

import sympy

from verify.program.program import Program
from verify.rungs.doubles import on_doubles
from verify.rungs.kinks.tied_places import replaced

__all__ = ["NOWHERE", "has_no_value", "is_unreal"]

sp = sympy

NOWHERE = sp.nan, sp.zoo, sp.oo, -sp.oo
_TRIED = 6  # points of a tie


def is_unreal(
    value: sympy.Basic, signs: Mapping[sympy.Basic, int], symbols: Sequence[sympy.Basic]
) -> bool:
    """True if a value is none where some symbols have these signs: log(x) below zero.

    Args:
        value: What the function is on one side of its conditions.
        signs: Of differences that are asked about; those of symbols are looked at.
        symbols: The inputs.
    """
    known = {x: sign for x in symbols if (sign := signs.get(x))}
    if not known:
        return False
    names = {x: sign * sp.Symbol(f"p{x.name}", positive=True) for x, sign in known.items()}
    parts = sp.preorder_traversal(value.subs(names))
    return any(part.is_extended_real is False for part in parts)


def has_no_value(
    function: Program,
    value: sympy.Basic,
    place: Mapping[sympy.Basic, sympy.Basic],
    symbols: Sequence[sympy.Basic],
) -> bool:
    """True if a function is no number where switches tie, neither for SymPy nor for doubles.

    ``exp(-1/x**2)`` is none for SymPy at 0, but 0 for doubles.

    Args:
        function: The function.
        value: What it is there.
        place: Inputs, and what they are there; empty if that is not known.
        symbols: The inputs.
    """
    if not place or not replaced(value, place).has(*NOWHERE):
        return False
    for seed in range(_TRIED):
        draw = random.Random(seed)
        point = {x: sp.Float(draw.uniform(0.5, 1.5)) for x in symbols}
        found = on_doubles(function, [float(replaced(x, place).xreplace(point)) for x in symbols])
        if found is None or not math.isnan(found[0]):
            return False
    return True
