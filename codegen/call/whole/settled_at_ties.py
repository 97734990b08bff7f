"""Gradients of whole arrays where switches tie or a slope is infinite: those of the scalars.

There the graph is written out in scalars, once, and its interpreter settles the derivative.  Such
points are rare; what has too many scalars keeps the conventions of its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.run.interpret import backpropagate
from autodiff.run.whole.array_ties import has_infinite_slopes, tied_graph
from autodiff.run.whole.scalarize import scalarize
from codegen.call.runner import Call
from codegen.call.whole.array_derivative import ArrayDerivative
from codegen.load.array_loading import ArrayLoaded

__all__ = ["AtTies"]


class AtTies:
    """What is asked after every call of a gradient.

    Args:
        derivative: The gradient.
    """

    def __init__(self, derivative: ArrayDerivative) -> None:
        self._derivative = derivative
        graph = tied_graph(derivative.graph)
        self._ties: Call | None = None
        if graph is not None:
            module = derivative.module_of(graph, "ties")
            self._ties = ArrayLoaded(module).functions["ties"]
        self._slopes = has_infinite_slopes(derivative.graph)

    @property
    def needed(self) -> bool:
        """False if no call needs to ask."""
        return self._ties is not None or self._slopes

    @cached_property
    def _scalars(self) -> Graph | None:
        try:
            return scalarize(self._derivative.graph)
        except UnsupportedError:
            return None

    def gradient(self, parts: Sequence[Any], bars: Sequence[Any], args: Sequence[object]) -> Any:
        """The settled gradient, in its structure; None where ``bars`` may stand.

        Args:
            parts: The scalars and arrays of the arguments.
            bars: What the emitted function gave.
            args: The arguments.
        """
        with np.errstate(all="ignore"):
            lost = self._slopes and not all(np.all(np.isfinite(x)) for x in bars)
            if not lost and (self._ties is None or not self._ties(*parts) > 0.0):
                return None
        scalars = self._scalars
        if scalars is None:
            return None
        return backpropagate(scalars, *args, wrt=self._derivative.wrt)[1]
