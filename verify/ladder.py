"""verify_gradient: what is known about each partial derivative of a gradient."""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

from autodiff.errors import ArgumentError, DifferentiationError
from autodiff.graph import Graph
from autodiff.interpret import backpropagate, flatten_arguments
from autodiff.structure import Scalar, Tuple, flatten, unflatten
from autodiff.trace import signature_examples, trace
from codegen import CompiledFunction, CompiledGradient, compile_gradient
from verify.process import StepError, Worker, shared_worker
from verify.report import Entry, Report, Verdict, Witness
from verify.session import Session
from verify.subject import Subject, compiled_subject, foreign_subject

__all__ = ["OPAQUE_TOLERANCE", "verify_gradient"]

# A gradient that is only a callable of floats may differ from the truth by this much, relatively,
# plus a hundred times what our own interpreter is off by.
OPAQUE_TOLERANCE = 1e-8
_KINKS_UP_TO = 20_000  # nodes


def verify_gradient(
    function: Callable[..., Any] | Graph,
    *examples: Any,
    gradient: Any = None,
    time_limit: float = 10.0,
    seed: int = 0,
) -> Report:
    """Compare a gradient with SymPy's derivative, input by input.

    Without ``gradient`` the subject is the text that ``compile_gradient`` emits for the function:
    the text itself is read and run on symbols and on 60-digit numbers.

    Args:
        function: An ordinary Python function, a graph, or what ``compile_gradient`` returned.
        examples: One value per argument, as for ``compile_gradient``; points near them are among
            those compared at.
        gradient: A gradient somebody else wrote: a callable of the same arguments that returns the
            gradient or ``(value, gradient)``, or source text that defines one (read, never run).
            It is read or traced if possible; a callable that cannot be traced is compared number
            by number, within ``OPAQUE_TOLERANCE``.
        time_limit: Seconds a step may take before it is killed.
        seed: Of the random points.

    Returns:
        A report with a verdict per float among the inputs.

    Raises:
        ArgumentError: if the examples do not fit the function, or the gradient's arguments or
            result do not.
        TraceError: if the function cannot be traced.
        DifferentiationError: if it does not return one float.

    >>> import autodiff as ad
    >>> report = verify_gradient(lambda x, y: x * ad.sin(y), 1.0, 2.0)
    >>> str(report.verdict)
    'PROVED'
    >>> wrong = verify_gradient(lambda x: x * x, 1.0, gradient=lambda x: 2.1 * x)
    >>> str(wrong.verdict), wrong.entries[0].witness.found, wrong.entries[0].witness.expected
    ('REFUTED', 2.1, 2.0)
    """
    subject, examples = _subject(function, examples, gradient)
    graph = subject.graph
    points = [list(map(float, flatten_arguments(graph, examples)))] if examples else []
    if subject.unreadable:
        entries = [
            Entry(name, Verdict.UNDECIDED, "none", note=subject.unreadable) for name in subject.names
        ]
        return _report(subject, entries, seed)
    worker = shared_worker()
    with worker.lock:
        names = ["value", *subject.names] if subject.value else subject.names
        session = Session(
            lambda chain: subject.message(points, seed, chain),
            names,
            graph.input_names,
            subject.labels,
            worker,
            time_limit,
        )
        entries = _on_floats(subject, session) if subject.opaque else session.entries()
        entries = _with_kinks(subject, session, entries, points)
    return _report(subject, entries, seed)


def _subject(
    function: Any, examples: tuple[Any, ...], gradient: Any
) -> tuple[Subject, tuple[Any, ...]]:
    compiled = function
    if not isinstance(function, (CompiledFunction, Graph)):
        # compile_gradient without examples waits for a first call to trace.
        compiled = getattr(function, "_compiled", None)
        function = getattr(function, "_function", function) if compiled is None else compiled
    if not callable(function) and not isinstance(function, Graph):
        raise ArgumentError(
            f"verify_gradient: found {type(function).__name__}; expected a function, a graph or "
            "what compile_gradient returned"
        )
    if isinstance(function, (CompiledFunction, Graph)):
        graph = function if isinstance(function, Graph) else function.graph
    else:
        examples = examples or signature_examples(function)
        graph = trace(function, *examples)
    if not isinstance(graph.result, Scalar):
        raise DifferentiationError(
            f"{graph.name}: returns {graph.result}; a gradient needs a function that returns one "
            "float"
        )
    if gradient is not None:
        return foreign_subject(graph, gradient), examples
    ours = compiled if isinstance(compiled, CompiledGradient) else compile_gradient(graph)
    return compiled_subject(ours), examples


def _report(subject: Subject, entries: Sequence[Entry], seed: int) -> Report:
    value = next((e for e in entries if e.input == "value" and subject.value), None)
    facts = {
        **subject.hashes,
        "seed": seed,
        "versions": {
            "python": platform.python_version(),
            "sympy": version("sympy"),
            "mpmath": version("mpmath"),
        },
    }
    partials = tuple(entries[1:] if value is not None else entries)
    return Report(subject.graph.name, subject.title, partials, value, facts)


# --- a gradient that is only a callable of floats --------------------------------------------


def _on_floats(subject: Subject, session: Session) -> list[Entry]:
    """Entries of an opaque gradient: its floats against the oracle's."""
    assert subject.opaque is not None
    start = time.perf_counter()
    session.visit()
    rows: list[tuple[list[float], list[float], list[float]]] = []
    for point in session.points:
        found = subject.opaque(point["point"])
        subject.value = len(found) > len(subject.inputs)
        rows.append((point["point"], found, _allowed(subject, point)))
    first = 0 if subject.value else 1
    names = ["value", *subject.names][first:]
    seconds = (time.perf_counter() - start) / max(1, len(names))
    expected = [point["derivatives"][first:] for point in session.points]
    return [
        _opaque_entry(
            name,
            [(p, f[i], e[i], allowed[i + first]) for (p, f, allowed), e in zip(rows, expected, strict=True)],
            subject.graph.input_names,
            seconds,
            session.trouble,
        )
        for i, name in enumerate(names)
    ]


def _allowed(subject: Subject, point: dict[str, Any]) -> list[float]:
    """How far floats may be off at a point: the value, then each partial derivative."""
    graph, exact = subject.graph, point["derivatives"]
    structure = Tuple(tuple(s for _, s in graph.parameters))
    value, gradient = backpropagate(graph, *unflatten(list(point["point"]), structure))
    mirror = structure if len(graph.parameters) > 1 else graph.parameters[0][1]
    ours = [value, *map(float, flatten(gradient, mirror))]
    return [
        OPAQUE_TOLERANCE * abs(x) + 100.0 * (abs(y - x) if math.isfinite(y) else 0.0)
        for x, y in zip(exact, ours, strict=True)
    ]


def _opaque_entry(
    name: str,
    rows: Sequence[tuple[Sequence[float], float, float, float]],
    inputs: Sequence[str],
    seconds: float,
    trouble: str,
) -> Entry:
    told = [row for row in rows if math.isfinite(row[2])]
    method = f"floats at {len(told)} points, within {OPAQUE_TOLERANCE:g} of sympy.diff"
    for point, found, expected, allowed in told:
        if not abs(found - expected) <= allowed:  # nan is wrong
            witness = Witness(dict(zip(inputs, point, strict=True)), found, expected)
            return Entry(name, Verdict.REFUTED, method, seconds, witness)
    if not told:
        reason = trouble or "no point found where the function and its derivative are finite"
        return Entry(name, Verdict.UNDECIDED, "none", seconds, note=reason)
    note = "the gradient cannot be traced, so it was called with floats"
    return Entry(name, Verdict.CERTIFIED_NUMERIC, method, seconds, note=note)


# --- kinks -----------------------------------------------------------------------------------


def _with_kinks(
    subject: Subject, session: Session, entries: Sequence[Entry], points: Sequence[Sequence[float]]
) -> list[Entry]:
    """The entries, with a note on those whose input reaches a kink at the example."""
    graph = subject.graph
    finite = points and all(map(math.isfinite, points[0]))
    if not finite or len(graph.nodes) > _KINKS_UP_TO:
        return list(entries)
    try:
        kinks = session.ask("kinks", points[0])
    except StepError:
        return list(entries)
    notes: dict[str, list[str]] = {}
    for kink in kinks:
        text = _kink_note(graph, kink)
        for place in kink["inputs"]:
            notes.setdefault(graph.input_names[place], []).append(text)
    return [entry.with_note(*notes.get(entry.input, ())) for entry in entries]


def _kink_note(graph: Graph, kink: dict[str, Any]) -> str:
    row = graph.nodes[kink["place"]].primitive
    assert row is not None
    call = f"{row.name}({', '.join(f'{x:g}' for x in kink['operands'])})"
    if row.predicate:
        return f"kink at the example: {call} is on its border; the branch taken counts"
    conventions = "; ".join(f"at {where}: {value}" for where, value in row.kinks)
    return f"kink at the example: {call}" + (f", convention {conventions}" if conventions else "")
