"""Which derivatives are finite wherever values are: a zero that goes through them stays zero."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.typed_node import Node
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.region_rows import RegionRow
from autodiff.table.primitive import REGISTRY

__all__ = ["is_calm"]

# Their partials are finite wherever their operands are: a zero below them stays zero.
_CALM = frozenset(
    REGISTRY[name]
    for name in (
        "add", "sub", "neg", "mul", "square", "abs", "relu", "tanh", "sigmoid", "sin", "cos",
        "softplus", "erf", "where", "maximum", "minimum", "at_least", "at_most", "clip",
        "root_of_squares",
    )
)  # fmt: skip


def is_calm(graph: Graph, node: Node, active: Sequence[int]) -> bool:
    """True if the partials of a node are finite wherever its operands are."""
    primitive = node.primitive
    if isinstance(primitive, RegionRow):
        return False
    if isinstance(primitive, ArrayRow) or primitive in _CALM:
        return True
    divisor = primitive is REGISTRY["div"] and graph.nodes[node.operands[1]]
    if divisor and not active[node.operands[1]]:
        known = divisor.value if divisor.array is None else divisor.array.array
        return known is not None and bool(np.all(np.asarray(known) != 0.0))
    return False
