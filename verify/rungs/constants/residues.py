"""Residues: what the rounding of a function leaves where it is exactly zero, such as sinc(1).

A compiler that folds such a constant writes 3.9e-17; it is read as what it was folded from.
"""

from __future__ import annotations

from collections.abc import Iterable

from autodiff.table.primitive import REGISTRY
from verify.numbers.precise import Precise
from verify.program.program import Program

__all__ = ["residues"]

_TINY = 1e-14


def residues(forward: Program, literals: Iterable[float]) -> dict[float, str]:
    """Tiny literals of a text that are a step of the function at one of its own numbers.

    Returns:
        The text that each stands for, by its size.
    """
    wanted = {abs(x) for x in literals if 0.0 < abs(x) < _TINY}.difference(
        abs(x) for x in forward.literals()
    )
    if not wanted:
        return {}
    precise = Precise()
    texts = {s[0] for _, s in forward.computed() if type(s) is tuple and len(s[1]) == 1}
    rows = [row for row in REGISTRY.values() if row.arity == 1 and row.sympy in texts]
    found: dict[float, str] = {}
    for row in rows:
        for x in (*forward.literals(), 1.0):
            size, exact = abs(row.impl(x)), precise.apply(row.sympy, [precise.literal(x)])
            if size in wanted and precise.finite(exact) and abs(exact) < size * 1e-30:
                found[size] = "0"
    return found
