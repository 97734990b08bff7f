"""Repetitions that do something or nothing, each as its own range says: both meet."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from autodiff.trace.branching.both_sides import Join

__all__ = ["OrNothing"]


class OrNothing(Join):
    """An ``if`` around the body of a loop."""

    idle = True

    def left(self, variables: Mapping[str, object]) -> dict[str, object]:
        """The variables behind the body, or as they were.

        Args:
            variables: As the body left them.
        """
        self.leave(True, variables)
        before = dict(zip(self._names, self._before, strict=True))
        self.enter(False, before, sys._getframe())
        met = self.leave(False, before)
        assert isinstance(met, tuple)
        return dict(zip(self._names, met, strict=True))
