"""Function: one emitted function."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Function"]


@dataclass(frozen=True)
class Function:
    """One emitted function.

    Args:
        name: Its name.
        parameters: Its parameters.
        scalars: Those that take one float (the others take a flat sequence).
        text: Its source.
        statements: Number of assignments.
        calls: Names it calls.
        falls_back: True if an exception goes on in the function's second form.
        values: Name and node of each value the text assigns, for ``explain``.
        complete: True if the text is as it stands in a file (``standalone.py``).
    """

    name: str
    parameters: tuple[str, ...]
    scalars: tuple[str, ...]
    text: str
    statements: int
    calls: frozenset[str]
    falls_back: bool = False
    complete: bool = False
    values: tuple[tuple[str, int], ...] = ()
