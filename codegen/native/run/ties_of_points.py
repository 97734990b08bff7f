"""Which points of a batch tie, and their derivatives as NumPy's text settles them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Array, Structure
from codegen.call.blocks import Floats
from codegen.call.code import FunctionCode
from codegen.call.derivative import Derivative
from codegen.kind import AS_IT_IS

__all__ = ["Ties", "where_settled"]


class Ties:
    """Which points of a batch tie.

    Args:
        graph: The graph that the machine code is written from; its last output is true at a tie.
        parts: Scalars and arrays of the arguments, each with whether it has the leading axis.
    """

    def __init__(self, graph: Graph, parts: Sequence[tuple[Structure, bool]]) -> None:
        assert graph.limits is not None
        self.outputs = frozenset(graph.limits.outputs)  # the derivatives: nothing else is settled
        self._graph = replace(graph, outputs=graph.outputs[-1:], result=SCALAR, limits=None)
        self._parts = parts

    @cached_property
    def _flag(self) -> Callable[..., tuple[Floats]]:
        code = FunctionCode(Derivative(self._graph, AS_IT_IS, target="numpy", language="numpy"))
        return code.main.functions["evaluate"]

    def at(self, inputs: Sequence[Floats], start: int, stop: int) -> NDArray[np.bool_]:
        """True at the points from ``start`` to ``stop`` that tie."""
        with np.errstate(all="ignore"):
            (flag,) = self._flag(*self.block(inputs, np.arange(start, stop)))
        tied: NDArray[np.bool_] = np.broadcast_to(flag, (stop - start,)) != 0.0
        return tied

    def block(self, inputs: Sequence[Floats], places: NDArray[np.intp]) -> list[object]:
        """The inputs of some points, as NumPy's text takes them."""
        block: list[object] = []
        for array, (part, by_point) in zip(inputs, self._parts, strict=True):
            if not by_point:
                block.append(array.ravel() if isinstance(part, Array) else array)
            elif isinstance(part, Array):
                block.append(np.ascontiguousarray(array[places].reshape(len(places), -1).T))
            else:
                block.append(array[places])
        return block


def where_settled(machine: Floats, text: Floats) -> Floats:
    """The text's numbers where it settled something; elsewhere the machine's, to the last bit."""
    with np.errstate(all="ignore"):
        same = np.isclose(machine, text, rtol=1e-12, atol=0.0, equal_nan=True)
    return np.where(same, machine, text)
