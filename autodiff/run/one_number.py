"""An array of one element, as products of matrices give it, is a number where one is needed."""

from __future__ import annotations

from dataclasses import replace

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.structure import SCALAR, Array, size
from autodiff.table.arrays import ARRAY_ROWS

__all__ = ["one_number"]


def one_number(graph: Graph) -> Graph:
    """The graph whose result is the element of an array of one; any other as it is.

    >>> import autodiff as ad, numpy as np
    >>> graph = ad.trace(lambda x: np.array([[x * x]]), 3.0)
    >>> str(graph.result), str(one_number(graph).result)
    ('float[1,1]', 'float')
    """
    if not isinstance(graph.result, Array) or size(graph.result) != 1:
        return graph
    if graph.expanded:
        return replace(graph, result=SCALAR)
    builder = Builder.extending(graph)
    element = builder.add(ARRAY_ROWS["reshape"], graph.outputs, (("shape", ()),))
    return builder.graph(
        graph.name, graph.parameters, (element,), SCALAR, graph.origins, graph.limits
    )
