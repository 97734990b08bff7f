"""A gradient somebody else wrote, as a Subject: read if it is text, traced if it is a callable.

A callable that needs ``math``'s functions is traced through a copy (substitute.py); one that cannot
be traced at all stays a callable and is compared number by number (opaque.py).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import Any, Protocol

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Structure, Tuple, records_of, size
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.tree import tree_of
from autodiff.run.interpret import evaluate
from autodiff.run.reverse_plan import Wrt, select_arguments
from autodiff.run.whole.scalarize import scalarize
from autodiff.table.declared import signature_of
from autodiff.trace.libraries.constructors import unwritten_is_nan
from autodiff.trace.libraries.libraries import as_traced
from autodiff.trace.trace import record
from codegen import CompiledFunction, CompiledGradient
from codegen.kind import Kind
from verify.program.language.read_values import Array, List, Real, Table, Value
from verify.program.number_steps import with_signs_of_zeros
from verify.program.program import Program, ProgramBuilder, program_of
from verify.program.read import Text, UnreadableError
from verify.program.substitute import on_placeholders
from verify.rungs.process.alarm import TimeUp, at_most
from verify.subjects.emitted import both_ways, compiled_subject, require_order
from verify.subjects.observed import observed
from verify.subjects.subject import Subject
from verify.subjects.tied_text import Ties

__all__ = ["Leaves", "foreign_subject", "on_floats", "read_claim", "require_fitting", "trace_claim"]

_CHANGES = (
    "it changes the array that it is given, so its caller has another one afterwards; begin with "
    "x = x.copy(), and it can be traced"
)
Leaves = Callable[[Any], list[Any]]  # the numbers in what somebody's function returns


def foreign_subject(
    graph: Graph, gradient: object, entry: str = "", time_limit: float = 10.0, whole: bool = False
) -> Subject:
    """A gradient somebody else wrote: source text, or a callable.

    Args:
        graph: The function.
        gradient: The gradient.
        entry: Which function of a text it is; by default ``value_and_gradient``, or the last one.
        time_limit: Seconds a call of a callable may take.
        whole: True to refuse a text with functions that are no part of the gradient.

    Raises:
        ArgumentError: if it takes or returns something else than the function's arguments, or
            takes too long.
    """
    if isinstance(gradient, CompiledGradient):
        return _ours_of_another(graph, gradient)
    subject = Subject(graph, "gradient", list(range(graph.inputs.size)))
    if isinstance(gradient, str):
        return _from_text(subject, gradient, entry, whole)
    if not callable(gradient):
        raise ArgumentError(
            f"gradient: found {type(gradient).__name__}; expected a callable or source text"
        )
    return _from_callable(subject, gradient, time_limit)


def require_fitting(compiled: CompiledFunction, graph: Graph, wrt: Wrt, who: str) -> None:
    """Make sure that something compiled can be about a function, and is by these arguments.

    Raises:
        ArgumentError: if it takes others, or gives derivatives by others or in another order.
    """
    found = [structure for _, structure in compiled.graph.parameters]
    expected = [structure for _, structure in graph.parameters]
    if found != expected:
        raise ArgumentError(
            f"{who}: takes ({', '.join(map(str, found))}); expected the arguments of "
            f"{graph.name}: ({', '.join(map(str, expected))})"
        )
    wanted = select_arguments(graph, wrt)[0]
    if compiled.positions != wanted:
        shown = (
            ", ".join(graph.parameters[p][0] for p in ps) for ps in (compiled.positions, wanted)
        )
        raise ArgumentError(
            f"{who}: gives derivatives by ({next(shown)}); expected them by ({next(shown)}). Give "
            "wrt= where it is compiled and verify what comes back alone"
        )


def _ours_of_another(graph: Graph, gradient: CompiledGradient) -> Subject:
    require_fitting(gradient, graph, None, "gradient")
    subject = compiled_subject(gradient)
    subject.graph = graph
    return subject


class Claim(Protocol):
    """What somebody claims: a ``Subject``, or an ``Entire``."""

    title: str
    source: str
    entry: str
    programs: list[Program]
    labels: list[str]
    opaque: Callable[[Sequence[float]], list[float]] | None
    trace: Graph | None
    calls: Callable[..., tuple[object, ...]] | None
    demanded: Program | None
    raising: Program | None
    remarks: list[str]

    @property
    def ties(self) -> Ties:
        """What the text does where switches tie."""


def _from_text(subject: Subject, source: str, name: str, whole: bool) -> Subject:
    graph, who = subject.graph, "gradient text"
    arrangement = _Arrangement(graph, who)
    subject.source = source
    read_claim(subject, graph, arrangement.leaves, source, who, name, whole)
    subject.value = any(len(p.outputs) > len(subject.inputs) for p in subject.programs)
    return subject


def read_claim(
    claim: Claim,
    frame: Graph,
    leaves: Leaves,
    source: str,
    who: str,
    name: str = "",
    whole: bool = False,
) -> None:
    """Read what somebody wrote into programs.

    Args:
        claim: What becomes of it.
        frame: Has the arguments that the text takes.
        leaves: Finds the numbers in what it returns.
        source: The text.
        who: How to call it in an error.
        name: The function in it; by default ``value_and_gradient``, or the last one.
        whole: True to refuse a text with functions that are no part of it.

    Raises:
        ArgumentError: if it cannot be read, or returns something else.
    """
    claim.title, claim.source = who, source
    try:
        builder = ProgramBuilder(frame.inputs.size)
        ties = claim.ties
        read, flags = ties.untied.text, ties.untied.flags
        # What was taken out may have raised.
        text = Text(read, builder, every_way=whole or read != source, noted=flags)
        if not text.functions:
            raise UnreadableError("found no function definition")
        if not name:
            public = [n for n in text.functions if not n.startswith("_")]
            last = (public or list(text.functions))[-1]  # after those it calls
            name = last if "value_and_gradient" not in text.functions else "value_and_gradient"
        claim.title, claim.entry = f"{who} {name}", name
        if name in text.functions:
            require_order(frame, text.named(name), claim.title)

        def called() -> Value:
            return text.call(name, _arguments(frame))

        for suffix, placed in both_ways(text, called, ties):
            claim.programs.append(text.builder.program([int(x) for x in leaves(placed)]))
            claim.labels.append(name + suffix)
        text.check_rest()
        claim.demanded, claim.raising = text.demanded(), text.raising()
        if whole and (unproven := text.unproven()):
            raise UnreadableError(f"{unproven[0]} is part of nothing that is proven; remove it")
    except UnreadableError as error:
        raise ArgumentError(
            f"{who}: {error}. Text is read, never run; pass the function itself to have it traced"
        ) from None


def _arguments(graph: Graph) -> list[Value]:
    """Arguments as a function written by hand takes them: floats and NumPy arrays."""

    def array(leaves: list[Value], shape: tuple[int, ...]) -> Value:
        return Array(leaves, shape) if shape else leaves[0]

    structure = Tuple(tuple(s for _, s in graph.parameters))
    if records := records_of(structure):  # their classes are code
        raise UnreadableError(f"a text has no values of class {records[0].name}")
    numbers = [Real(place) for place in range(graph.inputs.size)]
    return list(map(_caller_s, tree_of(structure).rebuild(numbers, array)))


def _caller_s(value: Value) -> Value:
    """An argument as the caller has it: what a text changes of it, the caller would see."""
    if isinstance(value, dict):
        return Table({key: _caller_s(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        items = map(_caller_s, value)
        return List(list(items)) if isinstance(value, list) else tuple(items)
    return value


def _from_callable(subject: Subject, gradient: Callable[..., object], seconds: float) -> Subject:
    graph = subject.graph
    arrangement = _Arrangement(graph, f"gradient {_name_of(gradient)}")
    trace_claim(subject, graph, arrangement.leaves, gradient, "gradient", seconds)
    subject.value = any(len(p.outputs) > len(subject.inputs) for p in subject.programs)
    return subject


def _name_of(function: Callable[..., object]) -> str:
    return getattr(function, "__name__", type(function).__name__)


def trace_claim(
    claim: Claim,
    frame: Graph,
    leaves: Leaves,
    function: Callable[..., Any],
    word: str,
    seconds: float,
) -> None:
    """Trace what somebody wrote into a program; what cannot be traced stays a callable.

    Args:
        claim: What becomes of it.
        frame: Has the arguments that it takes.
        leaves: Finds the numbers in what it returns.
        function: The callable.
        word: What it is: a gradient.
        seconds: That a call may take.

    Raises:
        ArgumentError: if it takes or returns something else.
    """
    name = _name_of(function)
    claim.title = f"{word} {name}"
    _check_arity(frame, function, claim.title)
    if isinstance(function, CompiledFunction):  # its graph is there to be run on tracers
        function = partial(evaluate, Kind(function.what).whole(function.graph, function.wrt))

    def arranged(function: Callable[..., object], *arguments: object) -> tuple[object, ...]:
        try:
            with at_most(seconds):
                result = function(*arguments)
        except TimeUp:
            raise ArgumentError(f"{word} {name}: gave no answer within {seconds:g} s") from None
        return tuple(leaves(result))

    def as_traced_alone(whole: bool, function: Callable[..., object]) -> Callable[..., object]:
        """As functions under proof are traced: sides of branches meet."""
        examples = [tree_of(s).rebuild([1.0] * size(s)) for _, s in frame.parameters]
        with at_most(seconds):
            traced = record(function, name, frame.parameters, examples=examples, expand=not whole)
        return partial(evaluate, scalarize(traced) if whole else traced)

    # As it is, with ours for what needs floats, and as functions under proof are traced: element by
    # element, or, for what masks choose, as whole arrays.
    unwritten = observed(function).unwritten  # memory that nobody wrote is no number of the trace
    plainly = () if unwritten else (lambda function: function, on_placeholders)
    alone = (partial(as_traced_alone, whole) for whole in (False, True))
    for prepared in (*plainly, as_traced, *alone):
        try:
            with unwritten_is_nan():
                one = prepared(function)
                traced = one and record(partial(arranged, one), name, frame.parameters)
        except ArgumentError:
            raise
        except Exception:  # foreign code may object to placeholders in its own way
            continue
        if traced is None:
            continue
        claim.programs, claim.labels = [with_signs_of_zeros(program_of(traced))], [name]
        claim.trace, claim.calls = traced, partial(arranged, function)
        return
    claim.opaque = on_floats(frame, partial(arranged, function), f"{word} {name}", claim.remarks)


def _check_arity(graph: Graph, function: Callable[..., object], who: str) -> None:
    try:
        signature = signature_of(function)
    except (TypeError, ValueError):  # built-in functions may have none
        return
    try:
        signature.bind(*graph.parameters)
    except TypeError:
        names = ", ".join(parameter for parameter, _ in graph.parameters)
        raise ArgumentError(
            f"{who}: takes {signature}; expected the arguments of {graph.name}: ({names})"
        ) from None
    by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD
    taken = signature.parameters.items()
    require_order(graph, [name if one.kind is by_name else "" for name, one in taken], who)


def on_floats(
    graph: Graph, arranged: Callable[..., Any], who: str, remarks: list[str]
) -> Callable[[Sequence[float]], list[float]]:
    """A gradient as a function of flat floats; what it raises becomes an ArgumentError.

    Args:
        graph: The function.
        arranged: The gradient, its result as leaves.
        who: How to call it.
        remarks: Where it is noted, once, if it changes what it is given.
    """
    structure = Tuple(tuple(s for _, s in graph.parameters))
    changes = f"{who}: {_CHANGES}"

    def at(point: Sequence[float]) -> list[float]:
        arguments = tree_of(structure).rebuild(point)
        try:
            leaves = arranged(*arguments)
        except ArgumentError:
            raise
        except Exception as error:
            raise ArgumentError(
                f"{who}: raised {type(error).__name__}: {error} at {list(point)}"
            ) from error
        after = tree_of(structure).leaves(arguments)
        if changes not in remarks and any(x != y for x, y in zip(after, point, strict=True)):
            remarks.append(changes)
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

    def leaves(self, result: object) -> list[object]:
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

    def _gradient(self, result: Any) -> list[object] | None:
        if len(self._structures) == 1:
            leaves = self._flat(result, self._structures[0])
            if leaves is not None:
                return leaves
        try:
            items = list(islice(result, len(self._structures) + 1))
        except TypeError:
            return None
        if len(items) != len(self._structures):
            return None
        found = [self._flat(x, s) for x, s in zip(items, self._structures, strict=True)]
        return None if None in found else [x for part in found for x in part or ()]

    def _flat(self, value: object, structure: Structure) -> list[object] | None:
        try:
            return tree_of(structure).leaves(value)
        except ArgumentError:
            return None

    def _shown(self, result: object) -> str:
        try:
            return str(structure_of(result))
        except ArgumentError:
            return type(result).__name__

    def _expected(self) -> str:
        if len(self._structures) == 1:
            return str(self._structures[0])
        return f"({', '.join(map(str, self._structures))})"
