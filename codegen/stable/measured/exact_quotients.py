"""Quotients again: where a derivative holds 1 / 3 as a double, the true number is of 1 / 3.

Derivatives fold numbers with numbers, and a quotient of two is rounded then.  That is half a last
bit of the text, but where terms cancel it is all that is left, and what is measured against it is
measured against an error.  So the truth is taken of a graph in which such numbers are quotients.
"""

from __future__ import annotations

from autodiff.graph.graph import Builder, Graph
from autodiff.table.primitive import REGISTRY

__all__ = ["with_quotients"]

_ABOVE = (1.0, 2.0, 4.0, 3.0, 6.0)


def with_quotients(graph: Graph, given: Graph) -> Graph:
    """A graph with the rounded quotients in it as quotients.

    Args:
        graph: All that is computed.
        given: The function that it follows from; its own numbers stay what they are.
    """
    rounded = _rounded(graph, given)
    if not rounded:
        return graph
    builder = Builder(graph.inputs)
    moved = list(range(graph.inputs.count))
    for node in graph.nodes[len(moved) :]:
        if node.primitive is not None:
            moved.append(builder.add(node.primitive, tuple([moved[i] for i in node.operands])))
        elif node.value in rounded:
            pair = tuple([builder.literal(x) for x in rounded[node.value]])
            moved.append(builder.add(REGISTRY["div"], pair))
        else:
            moved.append(builder.literal(node.value or 0.0))
    outputs = [moved[i] for i in graph.outputs]
    return builder.graph(graph.name, graph.parameters, outputs, graph.result)


def _rounded(graph: Graph, given: Graph) -> dict[float, tuple[float, float]]:
    """The numbers that are quotients of small ones and no double, by the double for each."""
    below = {
        abs(given.nodes[node.operands[1]].value or 0.0)
        for node in given.nodes
        if node.primitive is not None and node.primitive.name == "div"
    } - {0.0, 1.0}
    below |= {x * y for x in below for y in below}
    quotients = {
        sign * a / b: (sign * a, b) for b in below for a in _ABOVE[::-1] for sign in (1.0, -1.0)
    }
    return {x: quotients[x] for x in _numbers(graph) - _numbers(given) if x in quotients}


def _numbers(graph: Graph) -> set[float]:
    return {node.value for node in graph.nodes if node.value is not None}
