"""A comparison that never ties, where either side is right if two numbers are equal.

Calls look at what lies beside a tie; here nothing lies there that would matter.
"""

from __future__ import annotations

from typing import Any

from autodiff.table import ops
from autodiff.table.primitive import Quantity

__all__ = ["is_above_zero"]


def is_above_zero(x: Quantity) -> Any:
    """x > 0, asked of the least whole number that is not below x."""
    return ops.gt(ops.ceil(x), 0.5)
