"""Subject: what is verified, read into Programs.

Our own compiled code and somebody else's gradient (foreign.py) end up in the same form: the traced
function, and the Programs that claim to compute its partial derivatives.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Array, Tuple, size
from autodiff.graph.tree.tree import leaves_of, tree_of
from autodiff.run.interpret import backpropagate
from autodiff.run.transform import value_and_gradient, vjp
from codegen import CompiledFunction, CompiledGradient
from codegen.call.tie_texts import functions_at_ties, settled_halves
from codegen.language.settling import settling_source
from codegen.language.totalled import PYTHON_TOTAL
from codegen.text.at_ties import settled_name
from codegen.text.module import NUMPY_AT_TIES
from codegen.text.parameters import parts_of
from codegen.text.standalone import standing
from verify.answer.certificate import sha256
from verify.induction.definedness import Definedness
from verify.induction.questions import Questions, asks
from verify.program.homogeneous import is_proportional
from verify.program.language.read_values import Real, Value
from verify.program.language.ways import Placed
from verify.program.limits import LARGE
from verify.program.program import Program, ProgramBuilder, program_of
from verify.program.read import Text, UnreadableError, flat, given, kept
from verify.program.untied import without_ties
from verify.truth.derived import chain_rule_program

__all__ = [
    "Subject",
    "both_ways",
    "compiled_subject",
    "emitted_subject",
    "packed",
    "places_of",
    "result_subject",
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
        trace: Of a gradient that was traced, its trace.
        calls: Of a gradient that was traced, the callable itself, its results in one flat tuple.
        remarks: What the report has to say of this subject whatever the verdict.
        demanded: What Python computes besides, and may raise an exception at.
        compiled_here: True if this process wrote the text: nobody else had a hand in it.
        settles: True if what runs settles ties, though nothing that was read says so.
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
    trace: Graph | None = None
    calls: Callable[..., tuple[Any, ...]] | None = None
    remarks: list[str] = field(default_factory=list)
    demanded: Program | None = None
    compiled_here: bool = False
    settles: bool = False

    @property
    def text(self) -> str:
        """What of the source is read as it stands: all but what is said of ties."""
        return without_ties(self.source, _at_ties(self))

    def settled(self, point: Sequence[float]) -> list[float] | None:
        """What the text gives at ``point`` if it settles ties; None if it says all by itself.

        What it says of ties is set aside when it is read, because it follows from the function to
        the letter; so its numbers there are those of the interpreter, which settles them likewise.
        """
        if not self.settles and self.text == self.source:
            return None
        arguments = tree_of(Tuple(tuple(structure for _, structure in self.graph.parameters)))
        _, gradient = backpropagate(self.graph, *arguments.rebuild(list(point)))
        numbers = leaves_of(gradient)
        return [float(numbers[i]) for i in self.inputs]

    @property
    def names(self) -> list[str]:
        """Names of the inputs it is differentiated by."""
        return [self.graph.inputs.names[i] for i in self.inputs]

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
            "remarks": self.remarks,
        }

    @property
    def is_large(self) -> bool:
        """True if many digits at many points would take too long."""
        return len(self.graph.nodes) > LARGE

    @cached_property
    def truth(self) -> Program:
        """Value and derivatives, as the chain rule gives them."""
        return chain_rule_program(self.graph)

    @cached_property
    def definedness(self) -> Definedness:
        """What the function and its chain rule need to be defined."""
        return Definedness(self.truth)

    @cached_property
    def opened(self) -> list[Program]:
        """The programs, with unknown numbers for what only they ask."""
        if not any(map(asks, self.programs)):
            return self.programs
        questions = Questions(self.truth)
        return [questions.open(program) for program in self.programs]

    @property
    def intervals(self) -> list[list[list[tuple[int, float, float]]]]:
        """Per program and output, inputs known to lie in intervals: elsewhere it is undefined."""
        if not self.entry or self.is_large:
            return [[[] for _ in program.outputs] for program in self.programs]
        own = self.definedness.intervals()
        return [
            [
                own + Definedness(replace(program, outputs=(place,))).intervals()
                for place in program.outputs
            ]
            for program in self.programs
        ]

    def message(
        self,
        examples: list[list[float]],
        nonce: int | str,
        chain: bool,
        seed: int = 0,
        written: bool = False,
    ) -> dict[str, Any]:
        """The job for the worker process.

        Args:
            examples: Points to compare near.
            nonce: What random points and numbers are drawn from.
            chain: Whether the oracle has to be linear in the graph.
            seed: Of further points; 0 for none.
            written: Whether constants are read as what they were written as (decimals.py).
        """
        unbounded = [[float("-inf"), float("inf")]] * self.graph.inputs.size
        return {
            "rules" if self.is_large else "truth": self.truth.to_json(),
            "forward": program_of(self.graph).to_json(),
            "subjects": [program.to_json() for program in self.programs],
            "opened": [program.to_json() for program in self.opened],
            "intervals": self.intervals,
            "inputs": self.inputs,
            "names": self.graph.inputs.names,
            "value": self.value,
            "domain": unbounded,
            "examples": examples,
            "seed": nonce,
            "further": seed,
            "chain": chain,
            "written": written,
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
    inputs = places_of(graph, compiled.positions)
    subject = emitted_subject(graph, inputs, source, _title(compiled))
    subject.compiled_here = True
    subject.remarks.append(_what_was_read(compiled))
    return subject


_LANGUAGES = {"python": "Python", "numpy": "NumPy"}


def _title(compiled: CompiledGradient) -> str:
    """What is verified: the text, whatever runs."""
    profile = "" if compiled.profile == "exact" else f", {compiled.profile} profile,"
    if compiled.machine_graph is None:
        return f"emitted {compiled.target} code{profile}"
    return f"{_LANGUAGES[compiled.file.target]} text beside {compiled.target} code{profile}"


def _what_was_read(compiled: CompiledGradient) -> str:
    """Which text a proof of compiled code is about, and what ties it to what runs."""
    language = _LANGUAGES[compiled.file.target]
    if compiled.machine_graph is None:
        return f"read: the {language} text in source; a call runs this text, compiled by Python"
    check = compiled.check
    checked = "unchecked" if check is None else f"{check.verdict}: {check.method}"
    bits = "bit for bit" if compiled.file.target == "python" else "+ - * / sqrt bit for bit"
    return (
        f"read: the {language} text in source, not the machine code; a call runs machine code "
        "written from the graph that value_and_gradient in the text is written from "
        f"({checked}), which our tests compare with the text, {bits}"
    )


def result_subject(compiled: CompiledFunction, place: int) -> Subject:
    """One number among the results of a compiled graph, as the value of a function."""
    whole, machine = compiled.graph, compiled.machine_graph
    graph = Graph(whole.name, whole.parameters, whole.nodes, (whole.outputs[place],), SCALAR)
    what = "graph of the machine code" if machine is not None else f"{compiled.target} code"
    subject = Subject(graph, f"result {place} of the {what}", [], compiled_here=True)
    if machine is not None:
        subject.programs = [program_of(replace(machine, outputs=(machine.outputs[place],)))]
        subject.labels = ["evaluate"]
        return subject
    subject.source = compiled.loaded.module.source
    try:
        _read_result(subject, place)
    except UnreadableError as error:
        subject.unreadable = f"the text cannot be read: {error}"
    return subject


def _read_result(subject: Subject, place: int) -> None:
    graph = subject.graph
    text = Text(subject.text, ProgramBuilder(graph.inputs.size), batches=True)
    arguments = [given(places) for places in packed(graph, range(graph.inputs.size))]
    for suffix, outputs in both_ways(text, lambda: text.call("evaluate", arguments)):
        subject.programs.append(text.builder.program([flat(outputs)[place]]))
        subject.labels.append(f"evaluate{suffix}")


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
    text = Text(subject.text, ProgramBuilder(graph.inputs.size), batches=True)
    arguments = [given(place) for place in packed(graph, range(graph.inputs.size))]
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
        return pair[0], text.call("backward", [kept(pair[1]), Real(seed)])

    for label, read in zip(_OFFERED, (fused, halves), strict=True):
        if label not in offered:
            continue
        text.builder = ProgramBuilder(graph.inputs.size)
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


def _at_ties(subject: Subject) -> list[str]:
    """What the text holds for where switches tie, as it follows from the function."""
    if "_settled(" not in subject.source:
        return []
    graph, positions, start = subject.graph, [], 0
    for position, (_, structure) in enumerate(graph.parameters):
        if start in subject.inputs:
            positions.append((subject.inputs.index(start), position))
        start += size(structure)
    by = [position for _, position in sorted(positions)]
    settled = {"value_and_gradient": value_and_gradient(graph, by)}
    settled |= settled_halves(graph, vjp(graph, by))
    rows = "_settled_rows(" in subject.source
    language = NUMPY_AT_TIES if rows else PYTHON_TOTAL
    texts = []
    for name, whole in settled.items():
        if f"def {settled_name(name)}(" in subject.source and whole.limits is not None:
            functions = functions_at_ties(name, whole, language)
            texts += [f.text if rows else standing(f).text for f in functions]
    return [*texts, settling_source(rows)] if texts else []


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


def packed(graph: Graph, inputs: Sequence[object]) -> list[Any]:
    """Arguments of an emitted function: a number for each scalar, a list for each array."""
    arguments: list[Any] = []
    start = 0
    for _, part in parts_of(graph.parameters):
        stop = start + size(part)
        arguments.append(list(inputs[start:stop]) if isinstance(part, Array) else inputs[start])
        start = stop
    return arguments
