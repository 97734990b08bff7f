"""RowParams: what nodes of array rows fix besides their operands."""

from __future__ import annotations

from typing import TypeAlias, TypedDict

__all__ = ["Key", "RowParams"]

# Per axis: the one place (k,), or first place, length and step of several.
Key: TypeAlias = tuple[tuple[int, ...], ...]


class RowParams(TypedDict, total=False):
    """Values by name; each row has those in its ``params``."""

    axes: tuple[int, ...]
    axis: int
    first: int
    key: Key
    kind: str
    length: int
    lower: bool
    offset: int
    reverse: bool
    second: int
    shape: tuple[int, ...]
    side: str
    size: int
    spec: str
