"""Why a trace begins again: its first branch was met, or two sides of one cannot meet.

These are no ``Exception``: the user's code must not swallow them.
"""

from __future__ import annotations

__all__ = ["BranchedError", "UnmergeableError"]


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
    """

    def __init__(self, place: str = "") -> None:
        super().__init__()
        self.place = place
        self.owner: object = None
