"""Emit ``forward`` and ``backward``: value and residuals, and the gradient from these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from autodiff.graph.graph import Graph, Limits
from autodiff.graph.structure import Part, grouped
from codegen.language.lines import Returned, returned, safe_name
from codegen.language.naming import Names, Naming
from codegen.language.target import Target
from codegen.text.at_ties import Tied, leads, settled_name, statement
from codegen.text.emit import bar_names, finished, named_outputs, split
from codegen.text.function import FLOAT, Function, Parameter
from codegen.text.parameters import Signature, unpacking
from codegen.text.write import Writer, count_uses

__all__ = ["emit_forward_backward", "residuals_of"]

MOST_BEFORE_A_STAR = 256  # names; Python takes no more


def emit_forward_backward(
    graph: Graph,
    target: Target,
    names: Names,
    bars: Sequence[Part],
    bare: bool,
    second: bool = False,
) -> tuple[Function, ...]:
    """``forward`` and ``backward`` of a vjp graph, whose last input is the cotangent.

    If the graph has limits, its last output says whether switches tie.  There the second form of
    ``forward`` puts the point behind the residuals, and that of ``backward`` settles derivatives;
    its first form, which takes the residuals apart, raises because there are too many.
    """
    limits = graph.limits
    if limits is not None:
        graph = replace(graph, outputs=(graph.outputs[0], graph.outputs[-1], *graph.outputs[1:-1]))
    first = 1 if limits is None else 2
    signature = Signature(names, graph.parameters[:-1])
    held, seed = names.ours("residuals"), names.ours("cotangent")
    texts = dict(enumerate(signature.inputs)) | {graph.inputs.count - 1: seed}
    order, reverse = split(graph, first)
    residuals = residuals_of(graph, order, reverse, first)
    ends = [graph.outputs[0], *residuals]
    kept = {i: "" for i in ends if graph.nodes[i].primitive is not None}
    writer = Writer(graph, target, names, texts, Naming(graph, names, texts, reverse))
    uses = count_uses(graph, order)
    if limits is not None:
        uses[graph.outputs[1]] += 1  # the condition of a statement
    writer.write(order, kept, uses)
    value, saved = writer.number(graph.outputs[0]), [writer.atom(i) for i in residuals]
    function = safe_name(graph.name.removesuffix("_vjp"))
    tie = None
    if limits is not None and saved:
        condition = writer.condition(graph.outputs[1])
        tie = _Halves(limits, condition, target, names, signature, seed, second)
    forward = finished(
        "forward",
        signature.head,
        f"Value of {function}, and the residuals that backward needs.",
        [*signature.unpacked, *writer.lines, *(tie.of_forward(value, saved) if tie else ())],
        returned(value, saved, bare=False) if tie is None else tie.open(value, saved),
        writer,
    )
    writer.restart()
    bar_nodes = graph.outputs[first:]
    named: dict[int, str] = {}
    named_outputs(graph, bar_nodes, bar_names(bars), names, named)
    for index in kept:
        named.pop(index, None)  # computed by forward already
    writer.write(reverse, named, count_uses(graph, reverse))
    items = [writer.number(i) for i in bar_nodes]

    def result_of(texts: Sequence[str]) -> Returned:
        return returned("", grouped(list(texts), bars), bare)

    at_tie = tie.of_backward(items, result_of) if tie else ()
    backward = finished(
        "backward",
        [Parameter(held, "tuple[float, ...]"), Parameter(seed, FLOAT, "1.0")],
        "Gradient from the residuals, times the cotangent.",
        [*unpacking(_with(saved, tie.more if tie else ()), held), *writer.lines, *at_tie],
        result_of(items),
        writer,
    )
    return (forward, backward) if tie is None else tie.noted(forward, backward)


def _with(saved: Sequence[str], more: Sequence[str]) -> list[str]:
    """Residuals and what else is handed on: behind them, unless they are too many for a star."""
    return [*saved, *more] if len(saved) < MOST_BEFORE_A_STAR else [*more, *saved]


class _Halves:
    """What the halves do where switches tie.

    Args:
        limits: What their graph says about ties.
        condition: Text that is true at a tie.
        target: The target.
        names: Identifiers of the file.
        signature: Parameters of ``forward``.
        seed: Name of the cotangent.
        second: True for the second forms.
    """

    def __init__(
        self,
        limits: Limits,
        condition: str,
        target: Target,
        names: Names,
        signature: Signature,
        seed: str,
        second: bool,
    ) -> None:
        self._condition, self._point, self._target = condition, signature.point, target
        self._rows = "" if target.module else names.claim("tied")
        self.leads = bool(target.module) and not second
        after = self._rows or names.claim("point")
        bars = names.claim("bars")
        self.more = () if self.leads else (f"*{after}",)
        self._after = after
        point, mask = (f"[*{after}[1:], {seed}]", f"{after}[0]") if self._rows else (
            f"[*{after}, {seed}]", "")  # fmt: skip
        derivatives = tuple(i - 1 for i in limits.outputs if i > 0)
        self._backward = Tied("backward", replace(limits, outputs=derivatives), point, bars, mask)
        self._forward: Tied | None = None
        if 0 in limits.outputs:  # the value is a derivative itself
            given = replace(limits, outputs=(0,))
            self._forward = Tied("forward", given, signature.point, bars, self._rows)

    def of_forward(self, value: str, saved: Sequence[str]) -> list[str]:
        """The statement of ``forward``."""
        if self.leads:
            return statement(self._condition, leads(self._target), self._target)
        more = [*([self._rows] if self._rows else []), *_listed(self._point)]

        def result(texts: Sequence[str]) -> Returned:
            return self.open(texts[0], _with(saved, more))

        body = self._forward.settled([value], result) if self._forward else result([value]).lines
        return statement(self._condition, body, self._target, self._rows)

    def of_backward(
        self, items: Sequence[str], result: Callable[[Sequence[str]], Returned]
    ) -> list[str]:
        """The statement of ``backward``."""
        if self.leads:
            return []
        return statement(self._after, self._backward.settled(items, result), self._target)

    def open(self, value: str, saved: Sequence[str]) -> Returned:
        """What ``forward`` returns: so many residuals, or more."""
        made = returned(value, saved, bare=False)
        return Returned(made.lines, "tuple[float, tuple[float, ...]]")

    def noted(self, forward: Function, backward: Function) -> tuple[Function, Function]:
        """The halves, with what they do noted."""
        settles = ["" if self.leads else settled_name(f.name) for f in (forward, backward)]
        if self._forward is None:
            settles[0] = ""
        return (
            replace(forward, leads=self.leads, settles=settles[0]),
            replace(backward, leads=self.leads, settles=settles[1]),
        )


def _listed(point: str) -> list[str]:
    return point[1:-1].split(", ")


def residuals_of(
    graph: Graph, forward: Sequence[int], backward: Sequence[int], first: int
) -> list[int]:
    """Inputs and forward nodes that the backward nodes or the gradient read, in order."""
    available = bytearray(len(graph.nodes))
    for index in (*range(graph.inputs.count - 1), *forward):
        available[index] = 1
    read = bytearray(len(graph.nodes))
    for index in backward:
        for operand in graph.nodes[index][1]:
            read[operand] = 1
    for output in graph.outputs[first:]:
        read[output] = 1
    return [i for i in range(len(graph.nodes)) if available[i] and read[i]]
