"""The chain rule, written down once more: what a gradient must equal.

    bar(output) = 1,    bar(i) = sum over every use j of i:  bar(j) * d(value j) / d(value i)

in the order of the nodes and with the rules of the table, which ``prove_rule`` (rules.py) proves
against SymPy one by one.  Nothing here is shared with the transforms, the passes and the emitters
that are judged by it; it runs over any kind of symbolic number.

A number that is known stays a double, as in the emitted text: 0.1 * 0.3 is the double that Python
gives.  What is proven holds for the literals as they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autodiff import ops
from autodiff.graph import Graph
from autodiff.number import Float
from autodiff.primitive import Guarded

__all__ = ["chain_rule"]


def chain_rule(graph: Graph, inputs: Sequence[Any]) -> list[Any]:
    """Value of a scalar graph, then its derivative by every input.

    Args:
        graph: The function.
        inputs: A symbolic number for each input.
    """
    values: list[Any] = list(inputs)
    for primitive, operands, literal, _ in graph.nodes[graph.input_count :]:
        if primitive is None:
            values.append(Float(literal))  # type: ignore[arg-type]  # a literal has a value
        else:
            values.append(primitive(*[values[i] for i in operands]))
    bars: list[Any] = [None] * len(values)
    output = graph.outputs[0]
    bars[output] = Float(1.0)
    for index in range(output, graph.input_count - 1, -1):
        bar, (primitive, operands, _, _) = bars[index], graph.nodes[index]
        if bar is None or primitive is None:
            continue
        bars[index] = None
        arguments = [values[i] for i in operands]
        for rule, i in zip(primitive.partials, operands, strict=True):
            if rule is None or type(values[i]) is Float:
                continue
            flow = rule(bar, values[index], *arguments)
            if type(flow) is Guarded:
                closed = Float(0.0)
                kept, lost = (flow.value, closed) if flow.polarity else (closed, flow.value)
                flow = ops.where(flow.condition, kept, lost)
            if flow is not None:
                bars[i] = flow if bars[i] is None else bars[i] + flow
    zero = Float(0.0)
    gradient = [zero if bars[i] is None else bars[i] for i in range(graph.input_count)]
    return [values[output], *gradient]
