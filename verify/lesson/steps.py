"""The steps of a lesson: each node forward, each node backward, with the numbers that arise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autodiff.graph.graph import Graph
from autodiff.picture.numbers_shown import number_text
from autodiff.run.interpret import flatten_arguments, pull_back, run
from autodiff.run.reverse_plan import reverse_plan
from autodiff.table.primitive import Primitive
from verify.beside.formulas import derivative_text, operation_text

__all__ = ["Step", "Walk", "steps_of"]


@dataclass(frozen=True)
class Step:
    """One step of the lesson.

    Args:
        phase: "start", "forward", "backward" or "end".
        text: A sentence.
        formulas: Formulas with their numbers, a line each.
        node: Index of the active node, None before and after.
        near: Nodes that it reads or writes.
        edges: Edges that light up, as ``(tail, head)``.
        data: Nodes whose value is known from here on.
        grad: Nodes whose gradient changes here.
    """

    phase: str
    text: str
    formulas: tuple[str, ...] = ()
    node: int | None = None
    near: tuple[int, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()
    data: Mapping[int, float] = field(default_factory=dict)
    grad: Mapping[int, float] = field(default_factory=dict)


class Walk:
    """A function's forward and backward sweep at one point.

    Args:
        graph: A graph that returns one float.
        arguments: Where.

    Attributes:
        values: Value of each node.
        cotangents: Gradient of the result by each node, None where nothing arrives.
    """

    def __init__(self, graph: Graph, arguments: Sequence[object]) -> None:
        self.graph = graph
        self.plan = reverse_plan(graph, None)
        self.values = run(graph, flatten_arguments(graph, arguments))
        self.cotangents: list[float | None] = [None] * len(self.values)

    def live(self) -> list[int]:
        """Operations that the result needs, in order."""
        needed = bytearray(len(self.graph.nodes))
        needed[self.graph.outputs[0]] = 1
        for index in range(len(self.graph.nodes) - 1, -1, -1):
            if needed[index]:
                for operand in self.graph.nodes[index].operands:
                    needed[operand] = 1
        return [i for i, primitive, _ in self.graph.operations() if needed[i]]

    def pull(self, index: int) -> None:
        """Pull the gradient of one node back to its operands, as the interpreter does."""
        nodes = self.graph.nodes[: index + 1]
        pull_back(nodes, self.values, self.cotangents, self.plan.active, index)


def steps_of(walk: Walk, names: Mapping[int, str]) -> Iterator[Step]:
    """All steps, in order.

    Args:
        walk: Where it happens; its ``cotangents`` are complete at the end.
        names: What to call each node.
    """
    graph, values = walk.graph, walk.values
    inputs = range(graph.inputs.count)
    live, output = walk.live(), graph.outputs[0]
    yield Step(
        "start",
        "The inputs have their values. Forward: every node is computed from nodes before it.",
        data={i: values[i] for i in inputs},
    )
    for index in live:
        yield _forward(walk, index, names)
    walk.cotangents[output] = 1.0
    yield Step(
        "backward",
        "Backward begins at the result: its derivative by itself is 1. From here each node "
        "passes its gradient on, times the local derivative (the chain rule).",
        (f"∂{names[output]}/∂{names[output]} = 1",),
        output,
        grad={output: 1.0},
    )
    for index in reversed(live):
        if walk.cotangents[index] is not None and walk.plan.active[index]:
            yield _backward(walk, index, names)
    untouched = {i: 0.0 for i in inputs if walk.cotangents[i] is None}
    yield Step("end", "Done: every input has its gradient.", grad=untouched)


def _operands(walk: Walk, index: int, names: Mapping[int, str]) -> tuple[Primitive, list[str]]:
    primitive, operands = walk.graph.nodes[index][:2]
    assert primitive is not None
    literal = [walk.graph.nodes[i].value for i in operands]
    texts = [
        names[i] if v is None else number_text(v) for i, v in zip(operands, literal, strict=True)
    ]
    return primitive, texts


def _variable(walk: Walk, index: int) -> list[int]:
    """Operands that are no literals."""
    nodes = walk.graph.nodes
    return list(dict.fromkeys(i for i in nodes[index].operands if nodes[i].value is None))


def _forward(walk: Walk, index: int, names: Mapping[int, str]) -> Step:
    primitive, texts = _operands(walk, index, names)
    operands = walk.graph.nodes[index].operands
    numbers = [_signed(walk.values[i]) for i in operands]
    value = number_text(walk.values[index])
    formula = operation_text(primitive, texts)
    shown = operation_text(primitive, numbers)
    steps = [formula, value] if shown == formula else [formula, shown, value]
    near = _variable(walk, index)
    return Step(
        "forward",
        f"{names[index]} is computed by {primitive.name}.",
        (f"{names[index]} = {' = '.join(steps)}",),
        index,
        tuple(near),
        tuple((i, index) for i in near),
        data={index: walk.values[index]},
    )


def _signed(number: float) -> str:
    text = number_text(number)
    return f"({text})" if text.startswith("-") else text


def _backward(walk: Walk, index: int, names: Mapping[int, str]) -> Step:
    primitive, texts = _operands(walk, index, names)
    operands = walk.graph.nodes[index].operands
    before = {i: walk.cotangents[i] for i in operands}
    g = walk.cotangents[index]
    assert g is not None
    formulas = list(_contributions(walk, index, names, texts, primitive))
    walk.pull(index)
    changed = {
        i: c for i in operands if (c := walk.cotangents[i]) is not None and c is not before[i]
    }
    for i, cotangent in changed.items():
        added = "" if before[i] is None else f"{number_text(before[i] or 0.0)} + … = "
        formulas.append(f"grad {names[i]} = {added}{number_text(cotangent)}")
    text = f"{names[index]} passes its gradient {number_text(g)} back to what it was computed from."
    if not changed:
        text = f"{names[index]} passes nothing back here: no operand changes it."
    edges = tuple((i, index) for i in changed)
    return Step("backward", text, tuple(formulas), index, tuple(changed), edges, grad=dict(changed))


def _contributions(
    walk: Walk, index: int, names: Mapping[int, str], texts: Sequence[str], primitive: Primitive
) -> Iterator[str]:
    """Each local derivative as a formula with its number."""
    graph = walk.graph
    for position, i in enumerate(graph.nodes[index].operands):
        if not walk.plan.active[i] or primitive.partials[position] is None:
            continue
        local = _local_derivative(walk, index, position)
        if local is None:
            yield f"∂{names[index]}/∂{names[i]} = 0: this branch is not taken"
            continue
        formula, number = derivative_text(primitive, position, texts), number_text(local)
        parts = [f"∂{names[index]}/∂{names[i]}", *([formula] if formula else [])]
        if formula != number:
            parts.append(number)
        g = walk.cotangents[index]
        assert g is not None
        passed = f"{_signed(g)} × {_signed(local)} = {number_text(g * local)}"
        yield f"{' = '.join(parts)}, so {passed} goes to {names[i]}"


def _local_derivative(walk: Walk, index: int, position: int) -> float | None:
    """The number of one local derivative: what comes back of a gradient of 1."""
    graph = walk.graph
    primitive, operands = graph.nodes[index][:2]
    assert primitive is not None
    rule = primitive.partials[position]
    assert rule is not None
    only = [None] * index
    alone: list[float | None] = [*only, 1.0]
    # The same sweep the interpreter does, over this node with this rule alone.
    wanted = [k == position for k in range(len(operands))]
    node = (_one_rule(primitive, wanted), operands, (), ())
    nodes = [*graph.nodes[:index], node]
    pull_back(nodes, walk.values, alone, walk.plan.active, index)
    return alone[operands[position]]


def _one_rule(primitive: Primitive, wanted: Sequence[bool]) -> object:
    """What ``pull_back`` reads of a primitive, with all rules but one closed."""

    class OneRule:
        partials = tuple(
            rule if chosen else None
            for rule, chosen in zip(primitive.partials, wanted, strict=True)
        )

    return OneRule
