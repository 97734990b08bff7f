"""Subject: what is verified, read into Programs.

Our own compiled code and somebody else's gradient (foreign.py) end up in the same form: the traced
function, and the Programs that claim to compute its partial derivatives.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array, size
from autodiff.run.transform import select_arguments
from codegen import CompiledGradient
from codegen.text.emit import parts_of
from verify.answer.certificate import sha256
from verify.program.homogeneous import is_proportional
from verify.program.language.values import Real, Value
from verify.program.language.ways import Placed
from verify.program.limits import LARGE
from verify.program.program import Program, ProgramBuilder, program_of
from verify.program.read import Text, UnreadableError, flat, given
from verify.truth.derived import chain_rule_program

__all__ = [
    "Subject",
    "both_ways",
    "compiled_subject",
    "emitted_subject",
    "packed",
    "places_of",
]


@dataclass
class Subject:
    """A gradient under proof.

    Args:
        graph: The traced function.
        title: What is verified, for the report.
        inputs: The inputs it is differentiated by.
        programs: What computes the value (if ``value``) and the partial derivatives.
        labels: What each program is.
        value: Whether the programs give the value too.
        opaque: The gradient as a callable of floats, if there are no programs.
        source: The verified text, "" if there is none.
        entry: The function of the text that is verified.
        unreadable: Why the text cannot be verified, "" if it can.
    """

    graph: Graph
    title: str
    inputs: list[int]
    programs: list[Program] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    value: bool = True
    opaque: Callable[[Sequence[float]], list[float]] | None = None
    source: str = ""
    entry: str = ""
    unreadable: str = ""

    @property
    def names(self) -> list[str]:
        """Names of the inputs it is differentiated by."""
        return [self.graph.input_names[i] for i in self.inputs]

    @property
    def facts(self) -> dict[str, Any]:
        """What a saved report needs to establish the verdict again."""
        text = str(self.graph)
        form = ("emitted" if not self.entry else "text") if self.source else "callable"
        return {
            "graph": text,
            "graph_sha256": sha256(text),
            "form": form,
            "entry": self.entry or "value_and_gradient",
            "source_sha256": sha256(self.source) if self.source else None,
        }

    @property
    def is_large(self) -> bool:
        """True if many digits at many points would take too long."""
        return len(self.graph.nodes) > LARGE

    def message(self, examples: list[list[float]], seed: int, chain: bool) -> dict[str, Any]:
        """The job for the worker process."""
        unbounded = [[float("-inf"), float("inf")]] * self.graph.input_count
        rules = {"rules": chain_rule_program(self.graph).to_json()} if self.is_large else {}
        return rules | {
            "forward": program_of(self.graph).to_json(),
            "subjects": [program.to_json() for program in self.programs],
            "inputs": self.inputs,
            "value": self.value,
            "domain": unbounded,
            "examples": examples,
            "seed": seed,
            "chain": chain,
        }


def places_of(graph: Graph, positions: Sequence[int]) -> list[int]:
    """Inputs that belong to these arguments."""
    starts, start = [], 0
    for _, structure in graph.parameters:
        starts.append(start)
        start += size(structure)
    return [starts[p] + i for p in positions for i in range(size(graph.parameters[p][1]))]


def compiled_subject(compiled: CompiledGradient) -> Subject:
    """The text that ``compile_gradient`` emitted."""
    graph, source = compiled.graph, compiled.source
    inputs = places_of(graph, select_arguments(graph, compiled.wrt)[0])
    profile = "" if compiled.profile == "exact" else f", {compiled.profile} profile,"
    return emitted_subject(graph, inputs, source, f"emitted {compiled.target} code{profile}")


# What an emitted text offers: the gradient in one function, and in two halves.
_OFFERED = ("value_and_gradient", "forward and backward")


def emitted_subject(
    graph: Graph, inputs: list[int], source: str, title: str, offered: Sequence[str] = _OFFERED
) -> Subject:
    """Text of ours, wherever it comes from.

    Args:
        graph: The function.
        inputs: The inputs it is differentiated by.
        source: The text.
        title: What to call it.
        offered: Which of its functions are verified.
    """
    subject = Subject(graph, title, inputs, source=source)
    try:
        _read_compiled(subject, offered)
    except UnreadableError as error:
        subject.unreadable = f"the text cannot be read: {error}"
    return subject


def _read_compiled(subject: Subject, offered: Sequence[str]) -> None:
    graph = subject.graph
    text = Text(subject.source, ProgramBuilder(graph.input_count), batches=True)
    arguments = [given(place) for place in packed(graph, range(graph.input_count))]
    expected = 1 + len(subject.inputs)
    seed = 0

    def fused() -> Value:
        return text.call("value_and_gradient", arguments)

    def halves() -> Value:
        nonlocal seed
        pair = text.call("forward", arguments)
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise UnreadableError("forward does not return a value and residuals")
        _check_default(text)
        seed = text.builder.seed()
        return pair[0], text.call("backward", [pair[1], Real(seed)])

    for label, read in zip(_OFFERED, (fused, halves), strict=True):
        if label not in offered:
            continue
        text.builder = ProgramBuilder(graph.input_count)
        for suffix, outputs in both_ways(text, read):
            places = flat(outputs)
            if len(places) != expected:
                raise UnreadableError(f"{label}: found {len(places)} numbers; expected {expected}")
            program = text.builder.program(places)
            if label == _OFFERED[1] and not is_proportional(program, seed):
                raise UnreadableError("backward is not shown to be proportional to its cotangent")
            subject.programs.append(program)
            subject.labels.append(label + suffix)
    if tuple(offered) == _OFFERED:
        _check_complete(text, graph)


def _check_default(text: Text) -> None:
    """A cotangent that is left out is 1.0."""
    backward = text.functions.get("backward")
    defaults = backward.head.defaults if backward is not None else []
    if defaults and not (isinstance(defaults[-1], ast.Constant) and defaults[-1].value == 1.0):
        raise UnreadableError(
            f"line {defaults[-1].lineno}: the cotangent is {ast.unparse(defaults[-1])} where none "
            "is given; expected 1.0"
        )


def _check_complete(text: Text, graph: Graph) -> None:
    """Whatever can be imported from the text was read, under the names that callers know."""
    if unproven := text.unproven():
        raise UnreadableError(f"{unproven[0]} is part of nothing that is proven; remove it")
    names = [name for name, _ in parts_of(graph.parameters)]
    head = text.functions["value_and_gradient"].head
    for place, parameter in enumerate([*head.posonlyargs, *head.args]):
        if parameter.arg in names[:place] + names[place + 1 :] and parameter.arg != names[place]:
            raise UnreadableError(f"the parameter {parameter.arg} is not in the function's order")


def both_ways(text: Text, read: Callable[[], Value]) -> Iterator[tuple[str, Placed]]:
    """What a text computes, and what it computes after an exception where that differs.

    Steps that are equal are one step of the builder, so equal results are equal places.
    """
    for number, outputs in enumerate(text.ways(read)):
        yield "" if number == 0 else " after an exception", outputs


def packed(graph: Graph, inputs: Sequence[Any]) -> list[Any]:
    """Arguments of an emitted function: a number for each scalar, a list for each array."""
    arguments: list[Any] = []
    start = 0
    for _, part in parts_of(graph.parameters):
        stop = start + size(part)
        arguments.append(list(inputs[start:stop]) if isinstance(part, Array) else inputs[start])
        start = stop
    return arguments
