"""Printer of the IR; the grammar is in ``parse.py``, which reads the text back."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph.meeting import Limits
from autodiff.graph.params import params_text
from autodiff.graph.typed_node import Printable
from autodiff.table.primitive import Primitive

__all__ = ["print_graph"]


def print_graph(graph: Printable) -> str:
    """Text of ``graph``; ``str(graph)`` calls it."""
    texts = list(graph.inputs.node_names)  # how each node is called where it is an operand
    parameters = ", ".join(f"{name}: {structure}" for name, structure in graph.parameters)
    kind = "graph" if graph.expanded else "array graph"
    lines = [f"{kind} {graph.name}({parameters}) -> {graph.result}:"]
    waiting: list[int] = []  # constants since the last operation
    for index in range(len(texts), len(graph.nodes)):
        primitive, operands, params, shape = graph.nodes[index]
        if primitive is None:
            waiting.append(index)
            texts.append(f"%{index}" if shape or index in graph.arrays else repr(params[0][1]))
            continue
        if waiting:
            lines += _constants(graph, waiting, operands)
            waiting = []
        own = f"%{index}"
        texts.append(own)
        of = f": {_kind(primitive)}[{_sizes(shape)}]" if shape else ""
        with_params = f"{primitive.name}{params_text(params)}" if params else primitive.name
        lines.append(f"    {own}{of} = {with_params} {', '.join([texts[i] for i in operands])}")
    if waiting:
        lines += _constants(graph, waiting, graph.outputs)
    lines.append(f"    return {', '.join([texts[i] for i in graph.outputs])}".rstrip())
    if graph.limits is not None:
        lines.append(f"    limits {_limits(graph.limits, texts)}")
    return "\n".join(lines) + "\n"


def _constants(graph: Printable, waiting: Sequence[int], users: Sequence[int]) -> list[str]:
    """A line for each constant that its place does not tell: it is not at its first use."""
    used = [i for i in dict.fromkeys(users) if i >= waiting[0] and i not in graph.arrays]
    told = len(used) if used and used == list(waiting[-len(used) :]) else 0
    return [_constant(graph, i) for i in waiting[: len(waiting) - told]]


def _constant(graph: Printable, index: int) -> str:
    array = graph.arrays.get(index)
    if array is None:
        return f"    %{index} = {graph.constants[index]!r}"
    return f"    %{index}: {array.kind}[{_sizes(array.shape)}] = {array.text}"


def _kind(primitive: Primitive) -> str:
    return "int" if getattr(primitive, "integer", False) else "float"


def _sizes(shape: Sequence[int]) -> str:
    return ",".join(map(str, shape))


def _limits(limits: Limits, texts: Sequence[str]) -> str:
    found = [limits.places, *([limits.singular] if limits.singular else [])]
    places = [
        ", ".join(f"{texts[x]} {texts[y] if type(y) is int else repr(float(y))}" for x, y in each)
        for each in found
    ]
    numbers = [", ".join(map(str, each)) for each in (limits.outputs, limits.inputs)]
    return "; ".join([*numbers, *places])
