"""Literal operands worth a test, of the rows that do not take every number there."""

from __future__ import annotations

from autodiff.table.primitive import Primitive

__all__ = ["LITERALS", "WHOLE_ORDERS", "literals_of"]

# The lowest order that has a rule of its own, an ordinary one, one beyond the first branch.
LITERALS: dict[str, tuple[float, ...]] = {
    "gaussian": (1.0, 0.5),
    "polygamma": (1.0, 2.0, 3.0),
    "iv": (2.0, 3.0, 20.0),
    "spherical_jn": (0.0, 1.0, 4.0, 20.0),
    "jv": (0.0, 1.0, 4.0, 20.0),
    "yv": (0.0, 1.0, 4.0, 20.0),
    "kv": (0.0, 1.0, 4.0, 20.0),
}
WHOLE_ORDERS = frozenset(LITERALS) - {"gaussian"}


def literals_of(row: Primitive, other: float = 2.5) -> tuple[float, ...]:
    """Values for the literal operand of a row; ``other`` where it may be any number."""
    return LITERALS.get(row.name, (other,))
