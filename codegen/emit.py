"""Emit functions: graph -> text of ``evaluate``, ``value_and_gradient``, ``forward``, ``backward``.

Parameters of an emitted function are the scalars and arrays inside the arguments, an array as a
flat sequence; results come in the same form.
"""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph import Graph
from autodiff.structure import Array, Structure, leaf_names, leaf_parts, size
from codegen.module import Function
from codegen.passes.dce import live_nodes
from codegen.target import Target
from codegen.write import INDENT, LINE, Names, Writer, count_uses

__all__ = ["emit_evaluate", "emit_forward_backward", "emit_value_and_gradient", "parts_of", "split"]

Part = tuple[str, Structure]


def parts_of(parameters: Sequence[Part]) -> list[Part]:
    """The scalars and arrays inside the arguments."""
    return [part for name, structure in parameters for part in leaf_parts(name, structure)]


class _Signature:
    """Parameter names and input names of one emitted function."""

    def __init__(self, names: Names, parameters: Sequence[Part]) -> None:
        self.parameters: list[str] = []
        self.scalars: list[str] = []
        self.unpacked: list[str] = []  # lines that unpack flat arrays
        self.inputs: list[str] = []
        for part_name, part in parts_of(parameters):
            name = names.claim(part_name)
            self.parameters.append(name)
            if isinstance(part, Array):
                elements = [names.claim(leaf) for leaf in leaf_names(part_name, part)]
                self.inputs += elements
                if elements:
                    self.unpacked += wrap("", elements, f" = {name}", always_comma=True)
            else:
                self.scalars.append(name)
                self.inputs.append(name)


def wrap(
    before: str, items: Sequence[str], after: str, always_comma: bool = False, brackets: str = "()"
) -> list[str]:
    """``before items after`` on one line, or in brackets on as many as needed."""
    bare = before.endswith(("return ", "")) and brackets == "()"
    line = ", ".join(items) + ("," if len(items) == 1 and always_comma else "")
    if not bare or len(items) == 1:
        line = f"{brackets[0]}{line}{brackets[1]}"
    if len(INDENT + before + line + after) <= LINE:
        return [before + line + after]
    lines, current = [before + brackets[0]], INDENT
    for item in items:
        if len(INDENT + current + item + ",") > LINE:
            lines.append(current.rstrip())
            current = INDENT
        current += f"{item}, "
    return [*lines, current.rstrip(), brackets[1] + after]


def _assemble(
    name: str, signature: Sequence[str], summary: str, lines: Sequence[str], results: Sequence[str]
) -> str:
    head = wrap(f"def {name}", list(signature), ":", brackets="()") if signature else []
    head = _definition(name, signature)
    body = [f'"""{summary}"""', *lines, *results]
    return "\n".join([*head, *(INDENT + line for line in body)]) + "\n"


def _definition(name: str, parameters: Sequence[str]) -> list[str]:
    line = f"def {name}({', '.join(parameters)}):"
    if len(line) <= LINE:
        return [line]
    return [f"def {name}(", *(f"{INDENT}{p}," for p in parameters), "):"]


def _result_texts(items: Sequence[str], parts: Sequence[Part]) -> list[str]:
    """One text per part: a name for a scalar, a list display for an array."""
    texts, start = [], 0
    for _, part in parts:
        stop = start + size(part)
        if isinstance(part, Array):
            texts.append(f"[{', '.join(items[start:stop])}]")
        else:
            texts.append(items[start])
        start = stop
    return texts


def _return(first: str, texts: Sequence[str], bare: bool) -> list[str]:
    """``return first, (texts)``; just one text without parentheses if ``bare``."""
    inner = texts[0] if bare else f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
    lead = f"{first}, " if first else ""
    line = f"return {lead}{inner}"
    if len(INDENT + line) <= LINE:
        return [line]
    return _broken_return(lead, texts, bare)


def _broken_return(lead: str, texts: Sequence[str], bare: bool) -> list[str]:
    lines = [f"return {lead}{'' if bare else '('}"]
    depth = "" if bare else INDENT
    for text in texts:
        comma = "" if bare else ","
        if len(INDENT + depth + text + comma) <= LINE:
            lines.append(depth + text + comma)
            continue
        items = text.strip("[]").split(", ")
        block = wrap("", items, comma, brackets="[]")
        lines += [depth + line for line in block]
    if bare:  # the display opens on the line of the return
        lines[0:2] = [lines[0] + lines[1].lstrip()]
        return lines
    return [*lines, ")"]


def _named_outputs(
    graph: Graph, indices: Sequence[int], wishes: Sequence[str], names: Names, kept: dict[int, str]
) -> None:
    """Ask for a line per computed output; the first wish for a node wins."""
    for index, wish in zip(indices, wishes, strict=True):
        if index >= 0 and graph.nodes[index].primitive is not None and not kept.get(index):
            kept[index] = names.claim(wish) if wish else ""


def emit_evaluate(
    graph: Graph, target: Target, names: Names, result: Sequence[Part]
) -> tuple[Function, ...]:
    """``def evaluate(...)``: the outputs, one item per scalar or array of ``result``."""
    signature = _Signature(names, graph.parameters)
    writer = Writer(graph, target, names, dict(enumerate(signature.inputs)))
    order = [index for index, _, _ in graph.operations()]
    kept: dict[int, str] = {}
    _named_outputs(graph, graph.outputs, [""] * len(graph.outputs), names, kept)
    writer.write(order, kept, count_uses(graph, order))
    texts = _result_texts([writer.number(i) for i in graph.outputs], result)
    lines = [*signature.unpacked, *writer.lines]
    returned = _return("", texts, bare=False)
    text = _assemble("evaluate", signature.parameters, f"Result of {graph.name}.", lines, returned)
    return (_function("evaluate", signature, text, writer),)


def _function(
    name: str, signature: _Signature, text: str, writer: Writer, extra: Sequence[str] = ()
) -> Function:
    return Function(
        name,
        (*signature.parameters, *extra),
        (*signature.scalars, *extra),
        text,
        len(writer.lines),
        frozenset(writer.calls),
    )


def emit_value_and_gradient(
    graph: Graph, target: Target, names: Names, bars: Sequence[Part], bare: bool
) -> tuple[Function, ...]:
    """``def value_and_gradient(...)`` of a graph whose outputs are the value, then the gradient."""
    signature = _Signature(names, graph.parameters)
    writer = Writer(graph, target, names, dict(enumerate(signature.inputs)))
    forward, backward = split(graph, 1)
    uses = count_uses(graph, [*forward, *backward])
    kept = {i: "" for i in graph.outputs if graph.nodes[i].primitive is not None}
    reverse = set(backward)
    bar_nodes = [i if i in reverse else -1 for i in graph.outputs[1:]]
    _named_outputs(graph, bar_nodes, _bar_names(bars), names, kept)
    writer.write(forward, kept, uses)
    border = len(writer.lines)
    writer.write(backward, kept, uses)
    items = [writer.number(i) for i in graph.outputs]
    lines = [*signature.unpacked, *_commented(writer.lines, border)]
    texts = _result_texts(items[1:], bars)
    text = _assemble(
        "value_and_gradient",
        signature.parameters,
        f"Value of {graph.name.removesuffix('_gradient')}, and its gradient.",
        lines,
        _return(items[0], texts, bare),
    )
    return (_function("value_and_gradient", signature, text, writer),)


def _bar_names(bars: Sequence[Part]) -> list[str]:
    return [
        f"{leaf}_bar".replace("]_bar", "_bar") for name, s in bars for leaf in leaf_names(name, s)
    ]


def _commented(lines: list[str], border: int) -> list[str]:
    forward = ["# forward", *lines[:border]] if border else []
    return [*forward, "# backward", *lines[border:]] if lines[border:] else lines


def split(graph: Graph, outputs: int) -> tuple[list[int], list[int]]:
    """Live operations that the first ``outputs`` outputs need, and all other live ones."""
    head = Graph(graph.name, graph.parameters, graph.nodes, graph.outputs[:outputs], graph.result)
    first, live = live_nodes(head), live_nodes(graph)
    order = [index for index, _, _ in graph.operations() if live[index]]
    return [i for i in order if first[i]], [i for i in order if not first[i]]


def emit_forward_backward(
    graph: Graph, target: Target, names: Names, bars: Sequence[Part], bare: bool
) -> tuple[Function, ...]:
    """``forward`` and ``backward`` of a vjp graph, whose last input is the cotangent."""
    signature = _Signature(names, graph.parameters[:-1])
    texts = dict(enumerate(signature.inputs)) | {graph.input_count - 1: "cotangent"}
    order, reverse = split(graph, 1)
    residuals = _residuals(graph, order, reverse)
    kept = {i: "" for i in (*residuals, graph.outputs[0]) if graph.nodes[i].primitive is not None}
    writer = Writer(graph, target, names, texts)
    writer.write(order, kept, count_uses(graph, order))
    value, saved = writer.number(graph.outputs[0]), [writer.atom(i) for i in residuals]
    forward_text = _assemble(
        "forward",
        signature.parameters,
        f"Value of {graph.name.removesuffix('_vjp')}, and the residuals that backward needs.",
        [*signature.unpacked, *writer.lines],
        _return(value, saved, bare=False),
    )
    forward = _function("forward", signature, forward_text, writer)
    writer.restart()
    bar_nodes = graph.outputs[1:]
    named: dict[int, str] = {}
    _named_outputs(graph, bar_nodes, _bar_names(bars), names, named)
    for index in kept:
        named.pop(index, None)  # computed by forward already
    writer.write(reverse, named, count_uses(graph, reverse))
    items = [writer.number(i) for i in bar_nodes]
    unpacked = wrap("", saved, " = residuals", always_comma=True) if saved else []
    backward_text = _assemble(
        "backward",
        ["residuals", "cotangent=1.0"],
        "Gradient from the residuals, times the cotangent.",
        [*unpacked, *writer.lines],
        _return("", _result_texts(items, bars), bare),
    )
    backward = Function(
        "backward",
        ("residuals", "cotangent"),
        ("cotangent",),
        backward_text,
        len(writer.lines),
        frozenset(writer.calls),
    )
    return forward, backward


def _residuals(graph: Graph, forward: Sequence[int], backward: Sequence[int]) -> list[int]:
    """Inputs and forward nodes that the backward nodes or the gradient read, in order."""
    available = bytearray(len(graph.nodes))
    for index in (*range(graph.input_count - 1), *forward):
        available[index] = 1
    read = bytearray(len(graph.nodes))
    for index in backward:
        for operand in graph.nodes[index][1]:
            read[operand] = 1
    for output in graph.outputs[1:]:
        read[output] = 1
    return [i for i in range(len(graph.nodes)) if available[i] and read[i]]
