"""What the nodes of a growing graph are at the examples, as far as somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autodiff.graph.graph import Builder
from autodiff.graph.loops.loop_nodes import Loop, is_region, loop_of
from autodiff.graph.loops.loop_values import Results, loop_results
from autodiff.graph.typed_node import Node
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.over_elements import elementwise_value
from autodiff.table.primitive import Primitive

__all__ = ["ExampleValues"]


class ExampleValues:
    """Values of nodes at the examples; they are computed when they are asked for.

    Args:
        builder: What adds nodes.
        inputs: Gives the number, or the array, of each input.  There may be none yet, as in a
            function that is traced inside another trace.
    """

    def __init__(self, builder: Builder, inputs: Callable[[], Sequence[object]]) -> None:
        self._builder, self._inputs = builder, inputs
        self._values: list[object] | None = None
        self._are_known = True
        self._loops = Results(_results)

    def holds(self, index: int) -> bool | None:
        """Whether a condition holds there; None if that is not known."""
        if self._are_known:
            try:
                self._extend()
            except (ArithmeticError, LookupError, TypeError, ValueError):  # any path may be first
                self._are_known = False
        if not self._are_known or self._values is None:
            return None
        return bool(np.all(np.asarray(self._values[index])))

    def _extend(self) -> None:
        """Compute what was added since."""
        nodes = self._builder.nodes
        if self._values is None:
            given = [*self._inputs()]
            count = sum(node.primitive is None and not node.params for node in nodes)
            if len(given) != count or not all(map(_is_number, given)):
                self._are_known = False
                return
            self._values = given
        _extend(self._values, nodes[len(self._values) :], self._loops)


def _extend(values: list[object], nodes: Sequence[Node], loops: Results) -> None:
    """Add the values of these nodes to those of the nodes before them."""
    for node in nodes:
        if node.primitive is None:
            values.append(node.value if node.array is None else node.array.array)
            continue
        operands = [values[i] for i in node.operands]
        values.append(
            loops.of(node, loop_of(node), operands)
            if is_region(node)
            else _value(node.primitive, operands, dict(node.params))
        )


def _results(loop: Loop, operands: Sequence[object]) -> list[object]:
    """What a loop gives."""
    body = loop.body
    nodes = body.nodes[body.inputs.count :]

    def step(given: list[object]) -> list[object]:
        values = [*given]
        _extend(values, nodes, Results(_results))
        return [values[i] for i in body.outputs]

    return loop_results(loop, operands, step, np.float64)


def _is_number(x: object) -> bool:
    return isinstance(x, (float, int, np.ndarray, np.number))


def _value(primitive: Primitive, given: list[object], params: dict[str, object]) -> object:
    with np.errstate(all="ignore"):
        if isinstance(primitive, ArrayRow):
            return primitive.impl(*map(np.asarray, given), **params)
        if any(isinstance(x, np.ndarray) for x in given):
            return elementwise_value(primitive, tuple(map(np.asarray, given)))
    return primitive.impl(*given)
