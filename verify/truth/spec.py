"""The chain rule, written down once more: what a gradient must equal.

    bar(output) = 1,    bar(i) = sum over every use j of i:  bar(j) * d(value j) / d(value i)

in the order of the nodes and with the rules of the table, which ``prove_rule`` (rules.py) proves
against SymPy one by one.  Nothing here is shared with the transforms, the passes and the emitters
that are judged by it; it runs over any kind of symbolic number.

A number that is known stays a double where a text is checked at compile, as in the emitted text:
0.1 * 0.3 is the double that Python gives.  What is PROVED is measured by exact numbers (known.py).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any

from autodiff.graph.graph import Graph
from autodiff.table import ops
from autodiff.table.float import ARITHMETIC_ERRORS, Float
from autodiff.table.primitive import Guarded
from verify.field.meaning import PoleError

__all__ = [
    "Numbers",
    "chain_rule",
    "opened",
    "pulled",
    "pushed",
    "users_of",
    "values_and_known",
    "values_of",
]

Numbers = Callable[[Any], Any]  # makes what is known of a number


def chain_rule(
    graph: Graph, inputs: Sequence[object], number: Numbers | None = None
) -> list[object]:
    """Value of a scalar graph, then its derivative by every input.

    Args:
        graph: The function.
        inputs: A symbolic number for each input, of any kind.
        number: What known numbers are made of; doubles by default.
    """
    if number is not None:
        return _chain_rule(graph, inputs, number)
    try:
        return _chain_rule(graph, inputs, float)
    except PoleError:
        raise
    except ARITHMETIC_ERRORS:  # numbers that are known: 1.0 / 0.0
        return _chain_rule(graph, inputs, Float)


def values_of(graph: Graph, inputs: Sequence[object], turn: int | None = None) -> list[object]:
    """The value of every node of a graph over symbolic numbers; what is known stays a float.

    Args:
        graph: The graph.
        inputs: A symbolic number for each input, of any kind.
        turn: The first node that belongs to a derivative, if the graph holds some.
    """
    return _values(graph, inputs, Float, turn)[0]


def values_and_known(
    graph: Graph, inputs: Sequence[object], number: Numbers = Float
) -> tuple[list[object], set[int]]:
    """As ``values_of``, and the nodes whose values are known numbers, made by ``number``."""
    return _values(graph, inputs, number)


def _chain_rule(graph: Graph, inputs: Sequence[object], number: Numbers) -> list[object]:
    meaning = _meaning(inputs)
    if meaning is not None:
        meaning.turned = False
    values, known = _values(graph, inputs, number)
    if meaning is not None:
        meaning.turned = True
    output = graph.outputs[0]
    bars = pulled(graph, values, known, {output: number(1.0)}, number)
    zero = number(0.0)
    gradient = [zero if bars[i] is None else bars[i] for i in range(graph.inputs.count)]
    return [values[output], *gradient]


def pulled(
    graph: Graph,
    values: Sequence[object],
    known: Container[int],
    seeds: Mapping[int, object],
    number: Numbers = Float,
) -> list[Any]:
    """The bar of each input, None for zero, from those of some nodes.

    Args:
        graph: The function.
        values: The value of each node.
        known: Nodes whose values are known numbers.
        seeds: Bars to begin with.
        number: What known numbers are made of.
    """
    bars: list[object] = [None] * len(values)
    for index, seed in seeds.items():
        bars[index] = seed
    for index in range(max(seeds, default=-1), graph.inputs.count - 1, -1):
        bar, (primitive, operands) = bars[index], graph.nodes[index][:2]
        if bar is None or primitive is None:
            continue
        bars[index] = None
        value, arguments = values[index], [values[i] for i in operands]
        for rule, i in zip(primitive.partials, operands, strict=True):
            if rule is None or i in known:
                continue
            flow = _through(rule, bar, value, arguments, number)
            if flow is not None:
                before = bars[i]
                bars[i] = flow if before is None else opened(before, number) + opened(flow, number)
    return [opened(bar, number) for bar in bars[: graph.inputs.count]]


def _through(
    rule: Callable[..., object],
    bar: object,
    value: object,
    arguments: list[object],
    number: Numbers,
) -> object:
    """What a rule makes of a bar; what is behind a gate meets it last, as in a text.

    So constants behind gates are multiplied with each other, as the numbers that they are.
    """
    if type(bar) is not Guarded:
        return rule(bar, value, *arguments)
    flow = rule(bar.value, value, *arguments)
    if type(flow) is Guarded:  # one gate more
        return rule(opened(bar, number), value, *arguments)
    return None if flow is None else Guarded(bar.condition, bar.polarity, flow)


def pushed(
    graph: Graph,
    values: Sequence[object],
    known: Container[int],
    dots: Mapping[int, object],
    users: Sequence[Sequence[int]],
    number: Numbers = Float,
) -> dict[int, Any]:
    """The dot of every node that has one, from those of some inputs:

        dot(j) = sum over every operand i of j:  dot(i) * d(value j) / d(value i)

    Args:
        graph: The function.
        values: The value of each node.
        known: Nodes whose values are known numbers.
        dots: Dots to begin with.
        users: ``users_of(graph)``.
        number: What known numbers are made of.
    """
    found = dict(dots)
    for index in _reached(dots, users):
        primitive, operands = graph.nodes[index][:2]
        assert primitive is not None
        arguments = [values[i] for i in operands]
        for rule, i in zip(primitive.partials, operands, strict=True):
            if rule is None or i in known or i not in found:
                continue
            flow = opened(rule(found[i], values[index], *arguments), number)
            if flow is not None:
                found[index] = flow if index not in found else found[index] + flow
    return found


def users_of(graph: Graph) -> list[list[int]]:
    """Per node, the nodes that have it for an operand."""
    users: list[list[int]] = [[] for _ in graph.nodes]
    for index, _, operands in graph.operations():
        for i in set(operands):
            users[i].append(index)
    return users


def _reached(starts: Iterable[int], users: Sequence[Sequence[int]]) -> list[int]:
    """Nodes that depend on one of these, in order."""
    queue, seen = list(starts), set[int]()
    while queue:
        for index in users[queue.pop()]:
            if index not in seen:
                seen.add(index)
                queue.append(index)
    return sorted(seen)


def opened(flow: object, number: Numbers) -> Any:
    """What flows, nothing where its gate is closed."""
    if type(flow) is not Guarded:
        return flow
    closed = number(0.0)
    kept, lost = (flow.value, closed) if flow.polarity else (closed, flow.value)
    return ops.where(flow.condition, kept, lost)


def _meaning(inputs: Sequence[object]) -> Any:
    """What primitives mean to these numbers (meaning.py); None if they find out themselves."""
    return getattr(inputs[0], "meaning", None) if inputs else None


def _values(
    graph: Graph, inputs: Sequence[object], number: Numbers, turn: int | None = None
) -> tuple[list[object], set[int]]:
    """The value of every node, and which of them are known numbers."""
    values, known = list(inputs), set[int]()
    meaning = _meaning(inputs)
    if meaning is not None and turn is not None:
        meaning.turned = False
    meanings = {} if meaning is None else meaning.of_primitive
    for node in graph.nodes[graph.inputs.count :]:
        primitive, operands = node[:2]
        if len(values) == turn and meaning is not None:
            meaning.turned = True
        if primitive is None:
            known.add(len(values))
            values.append(number(node.value))
            continue
        arguments = [values[i] for i in operands]
        if known and not known.isdisjoint(operands):
            if known.issuperset(operands):
                known.add(len(values))
                values.append(number(primitive(*arguments)))
                continue
            if meaning is not None:
                arguments = [meaning.lift(x) for x in arguments]
        function = meanings.get(primitive)
        if function is None:
            function = primitive if meaning is None else meaning.meaning_of(primitive)
        values.append(function(*arguments))
    return values, known
