"""Bodies of scalars, run on floats: thousands of repetitions in the time of a few on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.graph.graph import Graph
from autodiff.table.arrays.array_row import ArrayRow

__all__ = ["scalar_step"]

_Step = Callable[[list[Any]], list[Any]]


def scalar_step(body: Graph) -> _Step | None:
    """What computes the outputs of a body from its inputs; None if it has arrays.

    The values have the bits that the interpreter of arrays gives.
    """
    start: list[float | None] = []
    program: list[tuple[Callable[..., float], tuple[int, ...], int]] = []
    for index, (primitive, operands, _, shape) in enumerate(body.nodes):
        if shape or isinstance(primitive, ArrayRow):
            return None
        start.append(body.nodes[index].value if primitive is None else None)
        if primitive is not None:
            program.append((primitive.impl, operands, index))
    count, outputs = body.inputs.count, body.outputs

    def step(inputs: list[Any]) -> list[Any]:
        values = [*map(float, inputs), *start[count:]]
        for function, operands, index in program:
            if len(operands) == 2:
                x, y = operands
                values[index] = function(values[x], values[y])
            else:
                values[index] = function(*[values[i] for i in operands])
        return [values[i] for i in outputs]

    return step
