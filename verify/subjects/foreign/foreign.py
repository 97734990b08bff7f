"""A gradient somebody else wrote, as a Subject: read if it is text, traced if it is a callable."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Structure
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.tree import tree_of
from autodiff.run.reverse_plan import Wrt, select_arguments
from codegen import CompiledFunction, CompiledGradient
from verify.subjects.emitted import compiled_subject
from verify.subjects.foreign.traced_claims import name_of, trace_claim
from verify.subjects.foreign.written_claims import read_claim
from verify.subjects.subject import Subject

__all__ = ["foreign_subject", "require_fitting"]


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


def _from_text(subject: Subject, source: str, name: str, whole: bool) -> Subject:
    graph, who = subject.graph, "gradient text"
    arrangement = _Arrangement(graph, who)
    subject.source = source
    read_claim(subject, graph, arrangement.leaves, source, who, name, whole)
    subject.value = any(len(p.outputs) > len(subject.inputs) for p in subject.programs)
    return subject


def _from_callable(subject: Subject, gradient: Callable[..., object], seconds: float) -> Subject:
    graph = subject.graph
    arrangement = _Arrangement(graph, f"gradient {name_of(gradient)}")
    trace_claim(subject, graph, arrangement.leaves, gradient, "gradient", seconds)
    subject.value = any(len(p.outputs) > len(subject.inputs) for p in subject.programs)
    return subject


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
