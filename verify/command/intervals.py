"""``--domain``: where a function is called, as text: ``x=0..1, y=-2..inf``."""

from __future__ import annotations

import re

__all__ = ["read_domain"]

_PART = re.compile(r"\s*(\w+)\s*=\s*(.+?)\s*\.\.\s*(.+?)\s*")


def read_domain(text: str | None) -> dict[str, tuple[float, float]] | None:
    """The intervals by name; None for no text.

    Raises:
        ArgumentError: if a part is no interval, or a name stands twice.

    >>> read_domain("x=0..1, y=-2.5..inf")
    {'x': (0.0, 1.0), 'y': (-2.5, inf)}
    """
    from autodiff.errors import ArgumentError

    if text is None:
        return None
    found: dict[str, tuple[float, float]] = {}
    for part in text.split(","):
        matched = _PART.fullmatch(part)
        try:
            if matched is None or matched[1] in found:
                raise ValueError
            found[matched[1]] = float(matched[2]), float(matched[3])
        except ValueError:
            raise ArgumentError(
                f"--domain: found {part.strip()!r}; expected name=low..high for each argument "
                'once, such as --domain "x=0..1, y=-2..2"'
            ) from None
    return found
