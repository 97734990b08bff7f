"""Unfolded: our transform of a function whose numbers it does not multiply with each other.

A transform folds numbers in doubles as it meets them, in an order of its own.  Where they are no
literals but results, what it makes of them can be seen.
"""

from __future__ import annotations

import math

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.rebuild import Rebuild, rebuild
from autodiff.run.reverse_plan import Wrt
from autodiff.table.primitive import REGISTRY, Primitive
from codegen.kind import Kind
from verify.program.program import Program, program_of

__all__ = ["unfolded"]

_NEG = REGISTRY["neg"]


def unfolded(graph: Graph, kind: Kind, wrt: Wrt) -> Program:
    """What our transform computes of the numbers of a function, each step by itself.

    Args:
        graph: The function, in numbers.
        kind: What is computed of it.
        wrt: What it is differentiated by.
    """
    numbers = {i: x for i, x in graph.constants.items() if math.isfinite(x) and abs(x) != 1.0 and x}
    builder = Builder(graph.inputs)

    def rule(walk: Rebuild, _: int, primitive: Primitive, operands: tuple[int, ...]) -> int:
        placed = [
            builder.add(_NEG, (builder.literal(-numbers[i]),))
            if i in numbers and place not in primitive.literal
            else walk.placed(i)
            for place, i in enumerate(operands)
        ]
        return builder.add(primitive, tuple(placed))

    return program_of(kind.whole(rebuild(graph, rule, into=builder), wrt))
