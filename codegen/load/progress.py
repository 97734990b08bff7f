"""How far a long compile is, on the terminal: nothing for two seconds, then one line."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

__all__ = ["shown"]

_PATIENCE = 2.0  # seconds that nobody need be told about
_BETWEEN = 0.1  # seconds between two lines
_WIDTH = 20
_Item = TypeVar("_Item")


def shown(
    items: Iterable[_Item], count: int, what: str, terminal: TextIO | None = None
) -> Iterator[_Item]:
    """The items, while a bar says how many are done; it is gone when they are.

    Nothing is written unless somebody can see it: standard error is a terminal.

    Args:
        items: What takes long, one after the other.
        count: How many there are.
        what: What is done with them.
        terminal: Written to instead of standard error.
    """
    stream = sys.stderr if terminal is None else terminal
    last = start = time.monotonic()
    written = False
    try:
        for done, item in enumerate(items):
            now = time.monotonic()
            if now - start > _PATIENCE and now - last > _BETWEEN and _is_seen(stream):
                written, last = True, now
                stream.write(f"\r{_line(done, count, what, now - start)}\x1b[K")
                stream.flush()
            yield item
    finally:
        if written:
            stream.write("\r\x1b[K")
            stream.flush()


def _is_seen(stream: TextIO | None) -> bool:
    """True for a terminal; a program without a console has no stream at all."""
    return stream is not None and stream.isatty()


def _line(done: int, count: int, what: str, seconds: float) -> str:
    filled = _WIDTH * done // max(count, 1)
    left = seconds * (count - done) / max(done, 1)
    bar = "#" * filled + "." * (_WIDTH - filled)
    return (
        f"proofgrad: {what} [{bar}] {done} of {count}, {left:.0f} s left; if it repeats the same "
        "for many points, compile one and give batch="
    )
