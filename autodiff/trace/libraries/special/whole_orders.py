"""Orders of special functions, which are whole numbers and no traced values."""

from __future__ import annotations

from autodiff.errors import TraceError, user_location
from autodiff.table.ops.rows import as_literal

__all__ = ["whole_order"]


def whole_order(name: str, order: object, most: float) -> int:
    """The order of a function of ``scipy.special``.

    Raises:
        TraceError: if it is no whole number from 0 to ``most``, or is traced.
    """
    n = as_literal(order)
    if n is None or n % 1.0 or not 0.0 <= n <= most:
        raise TraceError(
            f"{user_location()}: scipy.special.{name} of the order {order!r} cannot be traced; "
            f"expected a whole number from 0 to {most:g} that is no traced value"
        )
    return int(n)
