"""Why a loop is not recorded as a loop; it runs repetition by repetition instead."""

from __future__ import annotations

__all__ = ["UncapturableError"]


class UncapturableError(BaseException):
    """The repetitions of a loop are not alike, as far as can be told.

    It is no ``Exception``: the user's code must not swallow it.
    """
