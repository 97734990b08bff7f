"""What a user sees of the way an error came: the lines of their own, and no frames of ours.

Where an error leaves a public function, ``shorten`` takes our frames out of its traceback; a bare
``raise`` behind it adds none.  An error of another's that began in our own code is a mistake of
ours and keeps them all; so does every error while ``PROOFGRAD_TRACEBACK=full`` is set.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import wraps
from itertools import pairwise
from types import TracebackType
from typing import Any, TypeVar

from autodiff.errors import ArgumentError, ProofgradError, is_own_file, is_user_file

__all__ = ["SHOW_ALL", "raise_unshown", "shorten", "shortening"]

SHOW_ALL = ("PROOFGRAD_TRACEBACK", "full")

_OUR_WORDS = ProofgradError, OSError  # the second is about the user's files

_Function = TypeVar("_Function", bound=Callable[..., Any])


def shorten(error: BaseException) -> None:
    """Take our frames out of what is shown of an error, and of the errors that it came from."""
    name, value = SHOW_ALL
    if os.environ.get(name) == value:
        return
    seen: set[int] = set()
    shown: BaseException | None = error
    while shown is not None and id(shown) not in seen:
        seen.add(id(shown))
        shown.__traceback__ = _shown(shown)
        if isinstance(shown, ProofgradError) and _began_inside(_before(shown)):
            shown.__cause__ = None  # what failed in our code on the way; the message says it all
        shown = _before(shown)


def shortening(function: _Function) -> _Function:
    """``function``, whose errors are shown without our frames."""

    @wraps(function)
    def called(*args: object, **options: object) -> object:
        try:
            return function(*args, **options)
        except Exception as error:
            raise_unshown(error)
            shorten(error)
            raise

    return called  # type: ignore[return-value]  # it is called as the function is


def raise_unshown(error: BaseException) -> None:
    """Say what cannot be shown, where an error comes from showing what a message is about.

    Raises:
        ArgumentError: with the class of what was found.
    """
    entries = [entry.tb_frame.f_code for entry in _entries(error)]
    for asking, asked in pairwise(entries):
        if (
            asked.co_name in ("__repr__", "__str__", "__format__")
            and is_user_file(asked.co_filename)
            and is_own_file(asking.co_filename)
        ):
            raise ArgumentError(
                f"found an object whose {asked.co_qualname} raises {type(error).__name__}, so that "
                "no message can show it; expected a number, an array or a structure of these"
            ) from error


def _before(error: BaseException) -> BaseException | None:
    """The error that is shown before this one."""
    if error.__cause__ is not None or error.__suppress_context__:
        return error.__cause__
    return error.__context__


def _began_inside(error: BaseException | None) -> bool:
    """True if an error was raised by our code, or by what it called."""
    if error is None:
        return True
    last = [*_entries(error)][-1:]
    return not last or is_own_file(last[0].tb_frame.f_code.co_filename)


def _entries(error: BaseException) -> Iterator[TracebackType]:
    entry = error.__traceback__
    while entry is not None:
        yield entry
        entry = entry.tb_next


def _shown(error: BaseException) -> TracebackType | None:
    """The traceback without frames of ours; of our errors it ends at the user's line."""
    entries = [*_entries(error)]
    if isinstance(error, _OUR_WORDS):
        while entries and not is_user_file(entries[-1].tb_frame.f_code.co_filename):
            entries.pop()
    elif _began_inside(error):
        return error.__traceback__
    kept: list[TracebackType] = []
    called_by_us = False  # as contextlib, around functions of ours
    for entry in entries:
        file = entry.tb_frame.f_code.co_filename
        called_by_us = is_own_file(file) or (called_by_us and not is_user_file(file))
        if not called_by_us:
            kept.append(entry)
    shown = None
    for entry in reversed(kept):
        shown = TracebackType(shown, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return shown
