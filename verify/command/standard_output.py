"""Standard output that fails in one way, whoever writes to it.

A reader that has read enough (``proofgrad ... | head -1``) or a full disk must not end in the exit
status of a refutation, which is what click and rich make of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

__all__ = ["UnwrittenError", "guarded_output"]


class UnwrittenError(Exception):
    """The answer could not be written.

    Attributes:
        unread: True if nobody reads it.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(f"standard output: {error.strerror}")
        self.unread = isinstance(error, BrokenPipeError)


class _Guarded:
    """A text stream whose failures no library takes for its own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """As the stream does."""
        try:
            return self._stream.write(text)
        except OSError as error:
            raise UnwrittenError(error) from None

    def flush(self) -> None:
        """As the stream does."""
        try:
            self._stream.flush()
        except OSError as error:
            raise UnwrittenError(error) from None

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


@contextmanager
def guarded_output() -> Iterator[None]:
    """Give standard output and error a stream each, and flush the answer at the end.

    Raises:
        UnwrittenError: where it cannot be written; what is left of it then goes nowhere.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller, who wants the exit status alone
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without µ must not stop the answer
    plain, sys.stdout = sys.stdout, _Guarded(sys.stdout)
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except UnwrittenError:
        _send_nowhere(plain)
        raise
    finally:
        sys.stdout = plain


def _send_nowhere(stream: TextIO) -> None:
    """Python flushes once more at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):  # a stream without a descriptor
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
