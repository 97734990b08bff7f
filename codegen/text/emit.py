"""Emit functions: graph -> text of ``evaluate`` and ``value_and_gradient``.

Parameters of an emitted function are the scalars and arrays inside the arguments, an array as a
flat sequence; results come in the same form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.graph.structure import Part, grouped, leaf_names
from codegen.language.if_blocks import if_blocks
from codegen.language.lines import Returned, returned, safe_name
from codegen.language.naming import Names, Naming
from codegen.language.target import Target
from codegen.text.at_ties import Tied, leads, settled_name, statement
from codegen.text.function import Function, Parameter, aliases_of
from codegen.text.header import summary_of
from codegen.text.parameters import Signature
from codegen.text.write import Writer, count_uses

__all__ = [
    "bar_names",
    "emit_evaluate",
    "emit_value_and_gradient",
    "finished",
    "named_outputs",
    "split",
]


def named_outputs(
    graph: Graph, indices: Sequence[int], wishes: Sequence[str], names: Names, kept: dict[int, str]
) -> None:
    """Ask for a line per computed output; the first wish for a node wins."""
    for index, wish in zip(indices, wishes, strict=True):
        if index >= 0 and graph.nodes[index].primitive is not None and not kept.get(index):
            kept[index] = names.claim(wish) if wish else ""


def emit_evaluate(
    graph: Graph,
    target: Target,
    names: Names,
    result: Sequence[Part],
    second: bool = False,
    name: str = "evaluate",
) -> tuple[Function, ...]:
    """``def evaluate(...)``: the outputs, one item per scalar or array of ``result``.

    Args:
        graph: Its outputs are the result, and, if it has limits, whether switches tie.
        target: The target.
        names: Identifiers of the file.
        result: The scalars and arrays of the result.
        second: True for the second form, which settles derivatives where switches tie.
        name: The function's name.
    """
    signature = Signature(names, graph.parameters)
    texts = dict(enumerate(signature.inputs))
    outputs = graph.outputs if graph.limits is None else graph.outputs[:-1]
    order = [index for index, _, _ in graph.operations()]
    kept: dict[int, str] = {}
    named_outputs(graph, outputs, [""] * len(outputs), names, kept)
    writer = Writer(graph, target, names, texts, Naming(graph, names, texts, order))
    _write(writer, [order], kept, _uses(graph, order))

    def result_of(items: Sequence[str]) -> Returned:
        return returned("", grouped(list(items), result), bare=False)

    items = [writer.number(i) for i in outputs]
    tie = _Tie(name, graph, target, signature, names, second)
    lines = [*signature.unpacked, *writer.lines, *tie.lines(writer, items, result_of)]
    summary = summary_of(graph.name, name)
    made = finished(name, signature.head, summary, lines, result_of(items), writer)
    return (replace(made, settles=tie.settles, leads=tie.leads),)


def _uses(graph: Graph, order: Sequence[int]) -> list[int]:
    uses = count_uses(graph, order)
    if graph.limits is not None:
        uses[graph.outputs[-1]] += 1  # the condition of a statement
    return uses


def _write(
    writer: Writer, parts: Sequence[Sequence[int]], kept: dict[int, str], uses: list[int]
) -> int:
    """Write nodes one part after the other; the number of lines of the first part."""
    order = [index for part in parts for index in part]
    graph = writer.graph
    blocks = if_blocks(graph, order, parts, [*kept, *graph.outputs]) if writer.has_ifs else None
    border = 0
    for place, part in enumerate(parts):
        if blocks is None:
            writer.write(part, kept, uses)
        else:
            writer.write_block(blocks[place], kept, uses)
        border = border if place else len(writer.lines)
    return border


class _Tie:
    """The statement of an emitted function for where switches tie, if it has one."""

    def __init__(
        self,
        name: str,
        graph: Graph,
        target: Target,
        signature: Signature,
        names: Names,
        second: bool,
    ) -> None:
        self._graph = graph
        self._tied: Tied | None = None
        self._rows = ""
        if graph.limits is not None:
            self._rows = "" if target.module else names.claim("tied")
            bars = names.claim("bars")
            self._tied = Tied(name, graph.limits, signature.point, bars, self._rows)
        self._target = target
        here = second or not target.module
        self.settles = settled_name(name) if self._tied is not None and here else ""
        self.leads = self._tied is not None and not here

    def lines(
        self, writer: Writer, items: Sequence[str], result: Callable[[Sequence[str]], Returned]
    ) -> list[str]:
        """Its lines."""
        if self._tied is None:
            return []
        body = leads(self._target) if self.leads else self._tied.settled(items, result)
        condition = writer.condition(self._graph.outputs[-1])
        return statement(condition, body, self._target, self._rows)


def finished(
    name: str,
    head: Sequence[Parameter],
    summary: str,
    lines: Sequence[str],
    result: Returned,
    writer: Writer,
) -> Function:
    """The function with these lines."""
    return Function(
        name,
        tuple(head),
        tuple(lines),
        result,
        summary,
        statements=len(writer.lines),
        calls=frozenset(writer.calls),
        divides=writer.divides,
        values=writer.values(),
        aliases=aliases_of(writer.target),
    )


def emit_value_and_gradient(
    graph: Graph,
    target: Target,
    names: Names,
    bars: Sequence[Part],
    bare: bool,
    second: bool = False,
) -> tuple[Function, ...]:
    """``def value_and_gradient(...)`` of a graph whose outputs are the value, then the gradient.

    If the graph has limits, its last output says whether switches tie; ``second`` asks for the
    form that settles derivatives there.
    """
    signature = Signature(names, graph.parameters)
    texts = dict(enumerate(signature.inputs))
    forward, backward = split(graph, 1)
    uses = _uses(graph, [*forward, *backward])
    outputs = graph.outputs if graph.limits is None else graph.outputs[:-1]
    kept = {i: "" for i in outputs if graph.nodes[i].primitive is not None}
    reverse = set(backward)
    bar_nodes = [i if i in reverse else -1 for i in outputs[1:]]
    named_outputs(graph, bar_nodes, bar_names(bars), names, kept)
    writer = Writer(graph, target, names, texts, Naming(graph, names, texts, backward))
    border = _write(writer, [forward, backward], kept, uses)

    def result_of(items: Sequence[str]) -> Returned:
        return returned(items[0], grouped(list(items[1:]), bars), bare)

    items = [writer.number(i) for i in outputs]
    tie = _Tie("value_and_gradient", graph, target, signature, names, second)
    at_tie = tie.lines(writer, items, result_of)
    space = [""] if signature.unpacked else []
    lines = [*signature.unpacked, *space, *_commented(writer.lines, border), *at_tie]
    summary = f"Value of {safe_name(graph.name.removesuffix('_gradient'))}, and its gradient."
    name = "value_and_gradient"
    made = finished(name, signature.head, summary, lines, result_of(items), writer)
    return (replace(made, settles=tie.settles, leads=tie.leads),)


def bar_names(bars: Sequence[Part]) -> list[str]:
    """Name of each number of a gradient."""
    return [f"{leaf}_bar" for name, s in bars for leaf in leaf_names(name, s)]


def _commented(lines: list[str], border: int) -> list[str]:
    forward = ["# forward", *lines[:border], ""] if border else []
    return [*forward, "# backward", *lines[border:]] if lines[border:] else lines


def _mark_alike(mark: bytearray, members: Sequence[int]) -> None:
    """Give all live results of a loop the marks of any."""
    together = 0
    for index in members:
        together |= mark[index]
    for index in members:
        mark[index] = together if mark[index] else 0


def split(graph: Graph, outputs: int) -> tuple[list[int], list[int]]:
    """Live operations that the first ``outputs`` outputs need, and all other live ones."""
    nodes, mark = graph.nodes, bytearray(len(graph.nodes))  # 1: live, 2: and needed first
    for output in graph.outputs:
        mark[output] |= 1
    for output in graph.outputs[:outputs]:
        mark[output] |= 2
    loops = loops_of(graph)
    for index in range(len(nodes) - 1, graph.inputs.count - 1, -1):
        if index in loops and index == loops[index].first:  # a loop is run once, for all results
            _mark_alike(mark, list(loops[index].members.values()))
        own = mark[index]
        if own:
            for operand in nodes[index][1]:
                mark[operand] |= own
    order = [
        i for i in range(graph.inputs.count, len(nodes)) if mark[i] and nodes[i][0] is not None
    ]
    return [i for i in order if mark[i] & 2], [i for i in order if not mark[i] & 2]
