"""Text of ours as a subject: what was emitted for a gradient, or for one result of a graph."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Array, Part, size
from autodiff.run.whole.scalarize import scalarize
from codegen import CompiledFunction, CompiledGradient
from codegen.call.lines.own_call import calls
from codegen.language.naming import Names
from codegen.text.parameters import named_parts, parts_of
from verify.field.whole.execute_lists import is_of_lists
from verify.program.homogeneous import is_proportional
from verify.program.language.read_values import Real, Value
from verify.program.language.ways import AFTER_EXCEPTION, Placed
from verify.program.program import ProgramBuilder, program_of
from verify.program.read import Text, UnreadableError, flat, given, kept
from verify.program.untied import unread
from verify.subjects.each_element import arrays_subject
from verify.subjects.subject import Subject, places_of
from verify.subjects.tied_text import Ties

__all__ = [
    "both_ways",
    "check_complete",
    "compiled_subject",
    "emitted_subject",
    "packed",
    "require_layout",
    "require_order",
    "require_own_call",
    "result_subject",
    "takes_points",
    "title_of",
    "what_was_read",
]


def compiled_subject(compiled: CompiledGradient) -> Subject:
    """The text that ``compile_gradient`` emitted."""
    if not compiled.graph.expanded and not is_of_lists(compiled.loaded):
        return arrays_subject(compiled, title_of(compiled))
    graph, source = scalarize(compiled.graph), compiled.source
    inputs = places_of(graph, compiled.positions)
    subject = emitted_subject(graph, inputs, source, title_of(compiled))
    subject.compiled_here, subject.demanded = True, None
    subject.remarks.append(what_was_read(compiled))
    return subject


def require_own_call(*given: object) -> None:
    """Make sure that what was compiled runs what it was compiled to: proofs are about its text.

    Raises:
        ArgumentError: if one has got a class with another ``__call__``.
    """
    for x in given:
        if isinstance(x, CompiledFunction) and calls(x) is not x.own_call:
            raise ArgumentError(
                f"found an object of class {type(x).__qualname__} that was given another __call__, "
                "so that its text is not what a call runs; expected what a compiler of codegen "
                "returned, as it was returned"
            )


_LANGUAGES = {
    "python": "Python", "lists": "Python", "lists once": "Python", "numpy": "NumPy",
    "arrays": "NumPy",
}  # fmt: skip
_LOOP = re.compile(r"^ +for \w+ in ", re.MULTILINE)


def takes_points(source: str) -> bool:
    """True if a number of an emitted text may stand for an array of many.

    Text with loops computes with Python's floats, at one point.
    """
    return "import numpy" in source or _LOOP.search(source) is None


def title_of(compiled: CompiledFunction) -> str:
    """What is verified: the text, whatever runs."""
    profile = "" if compiled.profile == "exact" else f", {compiled.profile} profile,"
    if compiled.machine_graph is None:
        return f"emitted {compiled.target} code{profile}"
    return f"{_LANGUAGES[compiled.file.target]} text beside {compiled.target} code{profile}"


def what_was_read(compiled: CompiledFunction) -> str:
    """Which text a proof of compiled code is about, and what ties it to what runs."""
    language = _LANGUAGES[compiled.file.target]
    if compiled.machine_graph is None:
        return f"read: the {language} text in source; a call runs this text, compiled by Python"
    check = compiled.check
    checked = "unchecked" if check is None else f"{check.verdict}: {check.method}"
    bits = "bit for bit" if compiled.file.target == "python" else "+ - * / sqrt bit for bit"
    return (
        f"read: the {language} text in source, not the machine code; a call runs machine code "
        f"written from the graph that {compiled.entry} in the text is written from "
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
    source = compiled.loaded.module.source
    ties = Ties({compiled.entry: whole}, source)
    subject.source = ties.untied.text
    try:
        _read_result(subject, place, ties)
    except UnreadableError as error:
        subject.unreadable = f"the text cannot be read: {error}"
    return subject


def _read_result(subject: Subject, place: int, ties: Ties) -> None:
    graph = subject.graph
    text = text_of(ties, graph)
    arguments = [given(places) for places in packed(graph, range(graph.inputs.size))]
    for suffix, outputs in both_ways(text, lambda: text.call("evaluate", arguments), ties):
        subject.programs.append(text.builder.program([flat(outputs)[place]]))
        subject.labels.append(f"evaluate{suffix}")


_VALUE: Part = "value", SCALAR

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
        subject.unreadable = unread(error, subject.text)
    return subject


def _read_compiled(subject: Subject, offered: Sequence[str]) -> None:
    graph = subject.graph
    text = text_of(subject.ties, graph)
    arguments = [given(place) for place in packed(graph, range(graph.inputs.size))]
    expected, parts = 1 + len(subject.inputs), _parts_at(graph, subject.inputs)
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
        for suffix, outputs in both_ways(text, read, subject.ties):
            places = flat(outputs)
            if len(places) != expected:
                raise UnreadableError(f"{label}: found {len(places)} numbers; expected {expected}")
            value, *bars = outputs if isinstance(outputs, (list, tuple)) else [outputs]
            require_layout(label, [value], [_VALUE])
            require_layout(label, bars[0] if len(bars) == 1 else bars, parts)
            program = text.builder.program(places)
            if label == _OFFERED[1] and not is_proportional(program, seed):
                raise UnreadableError("backward is not shown to be proportional to its cotangent")
            subject.programs.append(program)
            subject.labels.append(label + suffix)
        if (demanded := text.demanded()) is not None:
            known = subject.demanded
            subject.demanded = demanded if known is None else known.beside(demanded)
    if tuple(offered) == _OFFERED:
        check_complete(text, graph, "value_and_gradient")


def _parts_at(graph: Graph, inputs: Sequence[int]) -> list[Part]:
    """The scalars and arrays of the arguments that these inputs are of, in their order."""
    starts, start = dict[int, Part](), 0
    for part in parts_of(graph.parameters):
        starts[start] = part
        start += size(part[1])
    return [starts[place] for place in inputs if place in starts and size(starts[place][1])]


def require_layout(entry: str, outputs: Placed, parts: Sequence[Part]) -> None:
    """The numbers stand as texts of ours return them: one for a scalar, a list for an array.

    A single part may stand for itself.

    Raises:
        UnreadableError: if other numbers are together.
    """

    def fits(found: Placed, part: Part) -> bool:
        if not isinstance(part[1], Array):
            return isinstance(found, int)
        flat_list = isinstance(found, (list, tuple)) and all(type(x) is int for x in found)
        return flat_list and len(found) == size(part[1])

    if len(parts) == 1 and fits(outputs, parts[0]):
        return
    kept = [part for part in parts if size(part[1])]
    items = [x for x in outputs if x != []] if isinstance(outputs, (list, tuple)) else []
    if len(items) != len(kept) or not all(map(fits, items, kept)):
        raise UnreadableError(
            f"{entry}: its numbers are not together as those of each argument are; expected one "
            "for a number and a list for an array, in one tuple"
        )


def _check_default(text: Text) -> None:
    """A cotangent that is left out is 1.0."""
    backward = text.functions.get("backward")
    defaults = backward.head.defaults if backward is not None else []
    if defaults and not (isinstance(defaults[-1], ast.Constant) and defaults[-1].value == 1.0):
        raise UnreadableError(
            f"line {defaults[-1].lineno}: the cotangent is {ast.unparse(defaults[-1])} where none "
            "is given; expected 1.0"
        )


def check_complete(text: Text, graph: Graph, entry: str) -> None:
    """Whatever can be imported from the text was read, under the names that callers know."""
    if unproven := text.unproven():
        raise UnreadableError(f"{unproven[0]} is part of nothing that is proven; remove it")
    names = [name for name, _ in named_parts(graph.parameters, Names(text.functions))]
    for head in (entry, "forward"):
        found = text.named(head) if head in text.functions else []
        for name, own in zip(found, names, strict=False):
            if name != own and name in names:
                raise UnreadableError(f"the parameter {name} is not in the function's order")


def require_order(graph: Graph, found: Sequence[str], who: str) -> None:
    """Parameters of a function are not those of another one in another order.

    Raises:
        ArgumentError: if they are: whoever calls by name would give one number for another.
    """
    names = [name for name, _ in graph.parameters]
    if list(found) != names and sorted(found) == sorted(names):
        raise ArgumentError(
            f"{who}: takes ({', '.join(found)}), the arguments of {graph.name} in another order, "
            "so that whoever calls by name gives one for another; expected other names, or the "
            f"order ({', '.join(names)})"
        )


def text_of(ties: Ties, graph: Graph) -> Text:
    """An emitted text of a function, to be read on every way, without what it does at ties."""
    untied = ties.untied
    batches, builder = takes_points(untied.text), ProgramBuilder(graph.inputs.size)
    return Text(untied.text, builder, batches, every_way=True, noted=untied.flags)


def both_ways(
    text: Text, read: Callable[[], Value], ties: Ties | None = None
) -> Iterator[tuple[str, Placed]]:
    """What a text computes, and what it computes after an exception where that differs.

    Steps that are equal are one step of the builder, so equal results are equal places.

    Args:
        text: The text.
        read: Calls its functions.
        ties: Where switches tie, which its conditions for that must be.
    """
    results = list[Placed]()
    for found in text.ways(read):
        outputs, conditions = found if text.noted else (found, {})
        if ties is not None:
            ties.hold(conditions, text.builder)
        if outputs not in results:
            yield AFTER_EXCEPTION if results else "", outputs
            results.append(outputs)


def packed(graph: Graph, inputs: Sequence[object]) -> list[object]:
    """Arguments of an emitted function: a number for each scalar, a list for each array."""
    arguments: list[object] = []
    start = 0
    for _, part in parts_of(graph.parameters):
        stop = start + size(part)
        arguments.append(list(inputs[start:stop]) if isinstance(part, Array) else inputs[start])
        start = stop
    return arguments
