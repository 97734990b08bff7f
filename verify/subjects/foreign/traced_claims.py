"""Derivatives that somebody wrote as a callable, traced into a Program.

A callable that needs ``math``'s functions is traced through a copy (substitute.py); one that cannot
be traced at all stays a callable and is compared number by number (opaque.py).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Tuple, size
from autodiff.graph.tree.tree import tree_of
from autodiff.run.interpret import evaluate
from autodiff.run.whole.scalarize import scalarize
from autodiff.table.declared import signature_of
from autodiff.trace.libraries.constructors import unwritten_is_nan
from autodiff.trace.libraries.libraries import as_traced
from autodiff.trace.trace import record
from codegen import CompiledFunction
from codegen.kind import Kind
from verify.program.number_steps import with_signs_of_zeros
from verify.program.program import program_of
from verify.program.substitute import on_placeholders
from verify.rungs.process.alarm import TimeUp, at_most
from verify.subjects.emitted import require_order
from verify.subjects.foreign.written_claims import Leaves
from verify.subjects.observed import observed
from verify.subjects.under_proof import UnderProof

__all__ = ["name_of", "on_floats", "trace_claim"]

_CHANGES = (
    "it changes the array that it is given, so its caller has another one afterwards; begin with "
    "x = x.copy(), and it can be traced"
)
_CONDITIONS = 8  # of a trace that may have been run along many paths


def name_of(function: Callable[..., object]) -> str:
    """What to call a callable in a report."""
    return getattr(function, "__name__", type(function).__name__)


def trace_claim(
    claim: UnderProof,
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
    name = name_of(function)
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
    alone, *others = (partial(as_traced_alone, whole) for whole in (False, True))

    def recorded(prepared: Callable[..., Callable[..., object] | None]) -> Graph | None:
        with unwritten_is_nan():
            one = prepared(function)
            return record(partial(arranged, one), name, frame.parameters) if one else None

    for prepared in (*plainly, as_traced, alone, *others):
        try:
            traced = recorded(prepared)
        except ArgumentError:
            raise
        except Exception:  # foreign code may object to placeholders in its own way
            continue
        if traced is None:
            continue
        if prepared not in (alone, *others) and _has_many_paths(traced):
            traced = _shorter(traced, partial(recorded, alone))
        claim.programs, claim.labels = [with_signs_of_zeros(program_of(traced))], [name]
        claim.trace, claim.calls = traced, partial(arranged, function)
        return
    claim.opaque = on_floats(frame, partial(arranged, function), f"{word} {name}", claim.remarks)


def _has_many_paths(traced: Graph) -> bool:
    return traced.origins is not None and len(traced.origins.conditions) > _CONDITIONS


def _shorter(traced: Graph, record_otherwise: Callable[[], Graph | None]) -> Graph:
    """A trace, or another one if there is one and it is shorter: where sides of branches meet."""
    try:
        other = record_otherwise()
    except Exception:  # as above
        return traced
    return traced if other is None or len(other.nodes) > len(traced.nodes) else other


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
