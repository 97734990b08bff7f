"""Why a trace begins again: its first branch was met, or two sides of one cannot meet.

These are no ``Exception``: the user's code must not swallow them.
"""

from __future__ import annotations

from autodiff.errors import TraceError
from autodiff.trace.branching.growth import GivenUpError

__all__ = ["At", "BranchedError", "UnmergeableError", "may_join"]


class BranchedError(BaseException):
    """A function that was traced as one without branches has one.

    Args:
        owner: What decides for the trace that has to begin again.
    """

    def __init__(self, owner: object) -> None:
        super().__init__()
        self.owner = owner


class UnmergeableError(BaseException):
    """What two sides of a branch leave behind cannot be one value.

    Args:
        place: The branch, "" while it is not known.
        by_key: True if something was looked up by what may be one of several values.
        by_list: True if one side appends to a list.
    """

    def __init__(self, place: str = "", by_key: bool = False, by_list: bool = False) -> None:
        super().__init__()
        self.place, self.by_key, self.by_list = place, by_key, by_list
        self.owner: object = None


class At:
    """Says which branch it is whose values cannot meet, and whose trace begins again."""

    def __init__(self, place: str, owner: object) -> None:
        self._place, self._owner = place, owner

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UnmergeableError) and not error.place:
            error.place, error.owner = self._place, self._owner


def may_join(error: BranchedError | TraceError, decisions: object, joins: object) -> bool:
    """True if a function is to run once more, with what its calls and branches find replaced.

    Args:
        error: What its run ended with.
        decisions: What decided for it.
        joins: What was replaced, if anything was.
    """
    if isinstance(error, BranchedError):
        return error.owner is decisions
    # Perhaps only its calls say what it calls: a function in a table, a method of some object.
    return joins is None and not isinstance(error, GivenUpError)
