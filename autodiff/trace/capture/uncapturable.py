"""Why a loop is not recorded as a loop; it runs repetition by repetition instead."""

from __future__ import annotations

from typing import NoReturn

__all__ = ["UncapturableError", "refused"]


class UncapturableError(BaseException):
    """The repetitions of a loop are not alike, as far as can be told.

    It is no ``Exception``: the user's code must not swallow it.
    """


def refused(*_: object, **__: object) -> NoReturn:
    """A method of what stands for something else, for uses in which it cannot."""
    raise UncapturableError
