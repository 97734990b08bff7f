"""Traces that are given up while they are made, as soon as nobody would want them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from autodiff.errors import TraceError
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.structure import SCALAR

__all__ = ["GROWTH", "GivenUpError", "Growth", "growing_while", "met_an_array", "of_numbers_alone"]

_FIRST = 8192  # nodes at which a trace is looked at, and at every doubling


class GivenUpError(TraceError):
    """A trace was given up: another one of the same function would be, too."""


class Growth:
    """Looks at a trace of whole arrays now and then.

    Args:
        worth: True if the graph so far is worth going on.
    """

    def __init__(self, worth: Callable[[Graph], bool]) -> None:
        self._worth, self._next = worth, _FIRST

    def made(self, builder: Builder) -> None:
        """A node was made.

        Raises:
            GivenUpError: if the trace is given up.
        """
        if len(builder.nodes) < self._next:
            return
        self._next = 2 * len(builder.nodes)
        if not self._worth(builder.graph("unfinished", (), (), SCALAR)):
            error = GivenUpError(f"given up at {len(builder.nodes)} nodes")
            if builder.recorder is not None:
                builder.recorder.refused = error  # though the function swallows it
            raise error


GROWTH: ContextVar[Growth | None] = ContextVar("GROWTH", default=None)


@contextmanager
def growing_while(worth: Callable[[Graph], bool]) -> Iterator[None]:
    """Context in which traces of whole arrays end with GivenUpError once they are not worth it."""
    kept = GROWTH.set(Growth(worth))
    try:
        yield
    finally:
        GROWTH.reset(kept)


_MET: ContextVar[list[str] | None] = ContextVar("MET", default=None)


def met_an_array(what: str) -> None:
    """NumPy does something to a whole array.

    Raises:
        GivenUpError: where a trace of numbers alone is made.
    """
    if (met := _MET.get()) is not None:
        met.append(what)
        raise GivenUpError(f"{what}: an array as a whole")


@contextmanager
def of_numbers_alone() -> Iterator[list[str]]:
    """Context in which traces end once NumPy does something to a whole array; what it was."""
    met: list[str] = []
    kept = _MET.set(met)
    try:
        yield met
    finally:
        _MET.reset(kept)
