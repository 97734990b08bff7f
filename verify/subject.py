"""Subject: what is verified, read into Programs.

Our own compiled code and somebody else's gradient end up in the same form: the traced function, and
the Programs that claim to compute its partial derivatives.  A gradient that can be neither read nor
traced stays a callable and is compared number by number.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autodiff.errors import ArgumentError
from autodiff.graph import Graph
from autodiff.interpret import evaluate
from autodiff.structure import (
    SCALAR,
    Array,
    Structure,
    Tuple,
    flatten,
    size,
    structure_of,
    unflatten,
)
from autodiff.trace import record
from autodiff.transform import select_arguments
from codegen import CompiledFunction, CompiledGradient
from codegen.emit import parts_of
from verify.program import Program, ProgramBuilder, program_of
from verify.read import Text, UnreadableError, Value, flat

__all__ = ["Subject", "compiled_subject", "foreign_subject"]


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
    unreadable: str = ""

    @property
    def names(self) -> list[str]:
        """Names of the inputs it is differentiated by."""
        return [self.graph.input_names[i] for i in self.inputs]

    @property
    def hashes(self) -> dict[str, str]:
        """Digests of the function and of the text, for the saved report."""
        digest = {"graph_sha256": _sha256(str(self.graph))}
        return digest | ({"source_sha256": _sha256(self.source)} if self.source else {})

    def message(self, examples: list[list[float]], seed: int, chain: bool) -> dict[str, Any]:
        """The job for the worker process."""
        unbounded = [[float("-inf"), float("inf")]] * self.graph.input_count
        return {
            "forward": program_of(self.graph).to_json(),
            "subjects": [program.to_json() for program in self.programs],
            "inputs": self.inputs,
            "value": self.value,
            "domain": unbounded,
            "examples": examples,
            "seed": seed,
            "chain": chain,
        }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _places(graph: Graph, positions: Sequence[int]) -> list[int]:
    """Inputs that belong to these arguments."""
    starts, start = [], 0
    for _, structure in graph.parameters:
        starts.append(start)
        start += size(structure)
    return [starts[p] + i for p in positions for i in range(size(graph.parameters[p][1]))]


# --- our own code ----------------------------------------------------------------------------


def compiled_subject(compiled: CompiledGradient) -> Subject:
    """The text that ``compile_gradient`` emitted."""
    graph, source = compiled.graph, compiled.source
    inputs = _places(graph, select_arguments(graph, compiled.wrt)[0])
    title = f"emitted {compiled.target} code"
    subject = Subject(graph, title, inputs, source=source)
    try:
        _read_compiled(subject)
    except UnreadableError as error:
        subject.unreadable = f"the text cannot be read: {error}"
    return subject


def _read_compiled(subject: Subject) -> None:
    graph = subject.graph
    arguments = _packed(graph)
    text = Text(subject.source, ProgramBuilder(graph.input_count))
    halves = ("value_and_gradient", "forward and backward")
    for label in halves:
        text.builder = ProgramBuilder(graph.input_count)
        if label == halves[0]:
            outputs = flat(text.call("value_and_gradient", arguments()))
        else:
            pair = text.call("forward", arguments())
            if not isinstance(pair, list) or len(pair) != 2:
                raise UnreadableError("forward does not return a value and residuals")
            seed = text.builder.literal(1.0)
            outputs = [*flat(pair[0]), *flat(text.call("backward", [pair[1], seed]))]
        expected = 1 + len(subject.inputs)
        if len(outputs) != expected:
            raise UnreadableError(f"{label}: found {len(outputs)} numbers; expected {expected}")
        subject.programs.append(text.builder.program(outputs))
        subject.labels.append(label)


def _packed(graph: Graph) -> Callable[[], list[Value]]:
    """Arguments of an emitted function: places of scalars, and lists of places of arrays."""

    def arguments() -> list[Value]:
        packed: list[Value] = []
        start = 0
        for _, part in parts_of(graph.parameters):
            places: list[Value] = list(range(start, start + size(part)))
            packed.append(places if isinstance(part, Array) else start)
            start += size(part)
        return packed

    return arguments


# --- somebody else's gradient ----------------------------------------------------------------


def foreign_subject(graph: Graph, gradient: Any) -> Subject:
    """A gradient somebody else wrote: source text, or a callable.

    Raises:
        ArgumentError: if it takes or returns something else than the function's arguments.
    """
    if isinstance(gradient, CompiledGradient):
        return _ours_of_another(graph, gradient)
    subject = Subject(graph, "gradient", list(range(graph.input_count)))
    if isinstance(gradient, str):
        return _from_text(subject, gradient)
    if not callable(gradient):
        raise ArgumentError(
            f"gradient: found {type(gradient).__name__}; expected a callable or source text"
        )
    return _from_callable(subject, gradient)


def _ours_of_another(graph: Graph, gradient: CompiledGradient) -> Subject:
    found = [structure for _, structure in gradient.graph.parameters]
    expected = [structure for _, structure in graph.parameters]
    if found != expected:
        raise ArgumentError(
            f"gradient: takes ({', '.join(map(str, found))}); expected the arguments of "
            f"{graph.name}: ({', '.join(map(str, expected))})"
        )
    subject = compiled_subject(gradient)
    subject.graph = graph
    return subject


def _from_text(subject: Subject, source: str) -> Subject:
    graph = subject.graph
    subject.title, subject.source = "gradient text", source
    try:
        text = Text(source, ProgramBuilder(graph.input_count))
        if not text.functions:
            raise UnreadableError("found no function definition")
        name = "value_and_gradient"
        if name not in text.functions:
            name = list(text.functions)[-1]  # after those it calls
        subject.title = f"gradient text {name}"
        result = text.call(name, _nested_places(graph))
    except UnreadableError as error:
        raise ArgumentError(
            f"gradient text: {error}. Text is read, never run; pass the function itself to have it "
            "traced"
        ) from None
    arranged = _Arrangement(graph, f"gradient text {name}").leaves(result)
    subject.value = len(arranged) > len(subject.inputs)
    subject.programs = [text.builder.program([int(x) for x in arranged])]
    subject.labels = [name]
    return subject


def _nested_places(graph: Graph) -> list[Value]:
    """Arguments as a function written by hand takes them, arrays as nested lists."""

    def nested(leaves: list[Any], shape: tuple[int, ...]) -> Any:
        for length in reversed(shape[1:]):
            leaves = [leaves[i : i + length] for i in range(0, len(leaves), length)]
        return leaves if shape else leaves[0]

    structure = Tuple(tuple(s for _, s in graph.parameters))
    return list(unflatten(list(range(graph.input_count)), structure, nested))


def _from_callable(subject: Subject, gradient: Callable[..., Any]) -> Subject:
    graph = subject.graph
    name = getattr(gradient, "__name__", type(gradient).__name__)
    subject.title = f"gradient {name}"
    _check_arity(graph, gradient, name)
    arrangement = _Arrangement(graph, f"gradient {name}")
    if isinstance(gradient, CompiledFunction):  # its graph is there to be run on tracers
        gradient = _evaluated(gradient.graph)

    def arranged(*arguments: Any) -> tuple[Any, ...]:
        return tuple(arrangement.leaves(gradient(*arguments)))

    try:
        traced = record(arranged, name, graph.parameters)
    except ArgumentError:
        raise
    except Exception:  # foreign code may object to placeholders in any way it likes
        subject.opaque = _on_floats(graph, arranged, name)
        return subject
    subject.value = len(traced.outputs) > len(subject.inputs)
    subject.programs, subject.labels = [program_of(traced)], [name]
    return subject


def _evaluated(graph: Graph) -> Callable[..., Any]:
    return lambda *arguments: evaluate(graph, *arguments)


def _check_arity(graph: Graph, gradient: Callable[..., Any], name: str) -> None:
    try:
        signature = inspect.signature(gradient)
    except (TypeError, ValueError):  # built-in functions may have none
        return
    try:
        signature.bind(*graph.parameters)
    except TypeError:
        names = ", ".join(parameter for parameter, _ in graph.parameters)
        raise ArgumentError(
            f"gradient {name}: takes {signature}; expected the {len(graph.parameters)} arguments of "
            f"{graph.name}: ({names})"
        ) from None


def _on_floats(
    graph: Graph, arranged: Callable[..., Any], name: str
) -> Callable[[Sequence[float]], list[float]]:
    structure = Tuple(tuple(s for _, s in graph.parameters))

    def at(point: Sequence[float]) -> list[float]:
        try:
            leaves = arranged(*unflatten(list(point), structure))
        except ArgumentError:
            raise
        except Exception as error:
            raise ArgumentError(
                f"gradient {name}: raised {type(error).__name__}: {error} at {list(point)}"
            ) from error
        return [float(x) for x in leaves]

    return at


class _Arrangement:
    """Finds the partial derivatives in what a gradient returns.

    Args:
        graph: The function.
        who: How to call the gradient in an error.
    """

    def __init__(self, graph: Graph, who: str) -> None:
        self._graph, self._who = graph, who
        self._structures = [structure for _, structure in graph.parameters]

    def leaves(self, result: Any) -> list[Any]:
        """The value, if it is there, and the partial derivatives.

        Raises:
            ArgumentError: if the result has neither of the two forms.
        """
        alone = self._gradient(result)
        if alone is not None:
            return alone
        if isinstance(result, (tuple, list)) and len(result) == 2:
            value, both = self._flat(result[0], SCALAR), self._gradient(result[1])
            if value is not None and both is not None:
                return [*value, *both]
        raise ArgumentError(
            f"{self._who}: returned {self._shown(result)}; expected {self._expected()}, one entry "
            f"per argument of {self._graph.name}, or the pair (value, gradient)"
        )

    def _gradient(self, result: Any) -> list[Any] | None:
        if len(self._structures) == 1:
            leaves = self._flat(result, self._structures[0])
            if leaves is not None:
                return leaves
        try:
            items = list(result)
        except TypeError:
            return None
        if len(items) != len(self._structures):
            return None
        found = [self._flat(x, s) for x, s in zip(items, self._structures, strict=True)]
        return None if None in found else [x for part in found for x in part or ()]

    def _flat(self, value: Any, structure: Structure) -> list[Any] | None:
        try:
            return flatten(value, structure)
        except ArgumentError:
            return None

    def _shown(self, result: Any) -> str:
        try:
            return str(structure_of(result))
        except ArgumentError:
            return type(result).__name__

    def _expected(self) -> str:
        if len(self._structures) == 1:
            return str(self._structures[0])
        return f"({', '.join(map(str, self._structures))})"
