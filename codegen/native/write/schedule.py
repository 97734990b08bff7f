"""The order in which one function computes its operations.

A call of a C function takes long and waits for its operand, and the processor works ahead on what
follows in the text.  So a call comes as early as the calls it depends on allow: in a network the
exponentials of the backward sweep fill the time in which the next layer waits for this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autodiff.graph.graph import Graph
from autodiff.table.primitive import Primitive

__all__ = ["calls_early"]


def calls_early(
    graph: Graph, order: Sequence[int], is_call: Callable[[Primitive], bool]
) -> list[int]:
    """``order`` with every call as early as it can be: first those that wait for no other call.

    >>> import autodiff as ad
    >>> graph = ad.trace(lambda x: ad.exp(ad.exp(x)) + ad.sin(x) * x, 1.0)
    >>> order = [index for index, _, _ in graph.operations()]
    >>> early = calls_early(graph, order, lambda p: p.name in ("exp", "sin"))
    >>> [graph.nodes[index].primitive.name for index in early]
    ['exp', 'sin', 'exp', 'mul', 'add']
    """
    nodes = graph.nodes
    ready = [-1] * len(nodes)  # the last call among all that a node depends on
    calls: list[tuple[int, int]] = []
    for index in order:
        primitive, operands = nodes[index][0], nodes[index][1]
        assert primitive is not None
        ready[index] = max((ready[i] for i in operands), default=-1)
        if is_call(primitive):
            calls.append((ready[index], index))
            ready[index] = index
    written = bytearray(len(nodes))
    result: list[int] = []
    for last in (*(index for _, index in sorted(calls)), *order):
        stack = [last]
        while stack:  # what it needs comes before it
            index = stack[-1]
            missing = [i for i in nodes[index][1] if not written[i] and nodes[i][0] is not None]
            stack += reversed(missing)
            if not missing:
                stack.pop()
                if not written[index]:
                    written[index] = 1
                    result.append(index)
    return result
