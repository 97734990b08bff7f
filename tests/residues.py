"""Whether arrays of residues are equal."""

from __future__ import annotations

from collections.abc import Sequence

from verify.field.whole.array_field import Residues

__all__ = ["all_equal"]


def all_equal(pairs: Sequence[tuple[Residues, Residues]]) -> bool:
    """True if the arrays of each pair have one shape and the same residues."""
    return all(x.meaning.same(x, y) for x, y in pairs)
