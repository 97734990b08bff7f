"""Rows of arrays by what they do to elements, and so to the conditions that hold of these."""

from __future__ import annotations

__all__ = ["JOINING", "MOVING"]

JOINING = frozenset({"stack", "concatenate", "assign"})
MOVING = frozenset({
    "broadcast_to", "reshape", "transpose", "slice", "place", "gather", "take_along", "triangle",
    "spread_diagonal", "take_diagonal",
})  # fmt: skip
