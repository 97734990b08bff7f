"""Enclosed: what the body of a loop closes over; each such value becomes an input of the body."""

from __future__ import annotations

from autodiff.graph.graph import Builder
from autodiff.graph.typed_node import INPUT
from autodiff.origins.recorder import Captured
from autodiff.trace.array_operand import value_of
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["Enclosed"]


class Enclosed(Captured):
    """The values of enclosing traces that a body meets, each an input where it is met first.

    Args:
        builder: That of the body.

    Attributes:
        met: The values.
        inputs: The node of the body that stands for each.
    """

    def __init__(self, builder: Builder) -> None:
        super().__init__()
        self._builder = builder
        self.met: list[object] = []
        self.inputs: list[int] = []
        self._known: dict[object, int] = {}

    def place(self, operand: object, key: object) -> int:
        """The node that stands for ``operand``; what is known is a constant of the body, too."""
        found = self._known.get(key)
        if found is None:
            value = value_of(operand)
            if value is not None and isinstance(operand, ArrayTracer):
                found = self._builder.literal(operand.builder.nodes[operand.index].params[0][1])  # type: ignore[arg-type]
            else:
                found = len(self._builder.nodes)
                shape = operand.shape if isinstance(operand, ArrayTracer) else ()
                self._builder.nodes.append(INPUT._replace(shape=shape))
                self.met.append(operand)
                self.inputs.append(found)
            self._known[key] = found
        return found
