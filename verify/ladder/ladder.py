"""What is known about each partial derivative of a gradient, step by step."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

import numpy as np

from autodiff.errors import (
    ArgumentError,
    DifferentiationError,
    ProofgradError,
    TraceError,
    UnsupportedError,
)
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.graph.structure import Scalar
from autodiff.run.agreement import trace_as_called, trace_either_way
from autodiff.run.interpret import flatten_arguments
from autodiff.run.one_number import one_number
from autodiff.run.reverse_plan import Wrt
from autodiff.run.untraced import settled_either_way
from autodiff.run.whole.scalarize import MOST_SCALARS, has_too_many, lacks_scalars, scalarize
from autodiff.trace.functions.named_arguments import signature_examples
from codegen import CompiledFunction, CompiledGradient, compile_gradient
from verify.answer.reasons import Reason, Remark
from verify.answer.report import Entry, Report, Verdict, verdict_of
from verify.ladder.as_written import as_written, has_decimals, may_be_as_written
from verify.ladder.at_example import at_borders, at_the_example
from verify.ladder.by_check import common_facts, report_by_check
from verify.ladder.chain_rule import by_the_chain_rule, composed, composed_as_written
from verify.ladder.proviso import ASSUMES, as_called, as_shown, domain_of, within_scope
from verify.rules.registered import about, trusted_rows
from verify.rungs.process.process import StepError, shared_worker
from verify.rungs.process.session import Session
from verify.subjects.called import hold_to_calls
from verify.subjects.emitted import compiled_subject, require_own_call
from verify.subjects.foreign.foreign import foreign_subject
from verify.subjects.opaque import compare_floats
from verify.subjects.subject import Subject

__all__ = [
    "climbed",
    "entries_at",
    "examine",
    "examined_as_given",
    "is_at_kink",
    "subject_and_points",
]


def examined_as_given(
    function: Callable[..., object] | Graph,
    examples: tuple[object, ...],
    gradient: object,
    time_limit: float,
    seed: int,
    wrt: Wrt,
) -> Report:
    """What ``verify_gradient`` (doors/front.py) finds; its arguments."""
    require_own_call(function, gradient)
    large = None if gradient is not None else _of_arrays(function, examples, wrt, has_too_many)
    if large is not None:
        return report_by_check(large, examples)
    shared_worker().begin()  # it imports SymPy while we trace and read
    try:
        subject, points = subject_and_points(function, examples, gradient, time_limit, wrt)
    except (TraceError, UnsupportedError):
        # What was compiled as loops, and has no text for each of its numbers, has been checked.
        holds = _has_loops if isinstance(function, CompiledFunction) else lacks_scalars
        is_ours = gradient is None
        if not (is_ours and (whole := _of_arrays(function, examples, wrt, holds))):
            raise
        return report_by_check(whole, examples)
    is_loop = subject.unreadable and gradient is None  # of many repetitions, perhaps
    if is_loop and (looped := _of_arrays(function, examples, wrt, _is_whole)):
        return report_by_check(looped, examples)
    return examine(subject, points, time_limit, seed)


def subject_and_points(
    function: object,
    examples: tuple[object, ...],
    gradient: object = None,
    time_limit: float = 10.0,
    wrt: Wrt = None,
) -> tuple[Subject, list[list[float]]]:
    """What ``examine`` takes, from what ``verify_gradient`` takes."""
    function, wrt = _itself(function, wrt, gradient)
    function, examples = _without_static(function, examples, wrt)
    subject, examples = _subject(function, examples, gradient, time_limit, wrt)
    points = [list(map(float, flatten_arguments(subject.graph, examples)))] if examples else []
    points += [list(point) for point in hold_to_calls(subject, function, points)]
    return subject, points


def examine(
    subject: Subject,
    points: list[list[float]],
    time_limit: float = 10.0,
    seed: int = 0,
    one_is_enough: bool = False,
) -> Report:
    """Climb the ladder with a gradient that has been read.

    Args:
        subject: The function and the gradient.
        points: Points to compare near, as flat lists of the function's inputs.
        time_limit: Seconds a step may take.
        seed: Of further random points; 0 for none.
        one_is_enough: True to leave the other numbers open once one is refuted.
    """
    # Drawn now that the text is there: nobody could write one that is right where we look only.
    nonce = secrets.token_hex(16)
    if subject.unreadable:
        remarks = (Remark(Reason.UNREADABLE, subject.unreadable),)
        entries = [Entry(n, Verdict.UNDECIDED, "none", remarks=remarks) for n in _names_of(subject)]
        return _report(subject, entries, points, seed, nonce)
    entries = climbed(subject, points, time_limit, nonce, seed, one_is_enough)
    return _report(subject, entries, points, seed, nonce)


def climbed(
    subject: Subject,
    points: list[list[float]],
    seconds: float,
    nonce: str,
    seed: int,
    one_is_enough: bool = False,
) -> list[Entry]:
    """What is known about each number of a subject that can be read, the value first."""
    with shared_worker().lock:
        if subject.opaque:
            return compare_floats(subject, _session(subject, points, seconds, nonce, seed))
        one_is_enough = one_is_enough or subject.is_large
        return _climbed(subject, points, seconds, nonce, seed, one_is_enough)


def entries_at(subject: Subject, point: list[float], time_limit: float = 10.0) -> list[Entry]:
    """What is known at one point alone, where the function has a kink: REFUTED, or UNDECIDED."""
    worker = shared_worker()
    undecided = [Entry(name, Verdict.UNDECIDED, "none") for name in _names_of(subject)]
    if subject.unreadable:
        return undecided
    with worker.lock:
        session = _session(subject, [point], time_limit, secrets.token_hex(16), 0)
        return at_the_example(subject, session, undecided, [point])


def is_at_kink(subject: Subject, point: list[float], time_limit: float = 10.0) -> bool:
    """False if the function, of which alone this asks, has no kink at a point."""
    worker = shared_worker()
    with worker.lock:
        session = _session(subject, [point], time_limit, secrets.token_hex(16), 0)
        try:
            return any(kink["defined"] for kink in session.ask("kinks", point))
        except StepError:
            return True


def _session(
    subject: Subject,
    points: list[list[float]],
    seconds: float,
    nonce: str,
    seed: int,
    written: bool = False,
    one_is_enough: bool = False,
) -> Session:
    return Session(
        lambda chain: subject.message(points, nonce, chain, seed, written),
        _names_of(subject),
        subject.graph.inputs.names,
        ["" if k == 0 else label for k, label in enumerate(subject.labels)],
        shared_worker(),
        seconds,
        one_is_enough or subject.is_large,
    )


def _names_of(subject: Subject) -> list[str]:
    return ["value", *subject.names] if subject.value else subject.names


def _climbed(
    subject: Subject,
    points: list[list[float]],
    seconds: float,
    nonce: str,
    seed: int,
    one_is_enough: bool,
) -> list[Entry]:
    """Entries of a gradient that has been read: points first, for they refute within moments."""
    session = _session(subject, points, seconds, nonce, seed, one_is_enough=one_is_enough)
    (session.look if subject.is_large else session.visit)()
    if one_is_enough and session.is_refuted:
        entries = as_shown(subject, session, session.entries())
        return at_the_example(subject, session, entries, points)
    known = composed(subject, session)
    left = known.left()
    if left.programs != subject.programs:
        session = _session(left, points, seconds, nonce, seed)
    session.known = known.exact or session.known
    if not all(session.known) and left.programs and has_decimals(left):
        # What is proven for decimals needs no long search for a proof for doubles.
        again = _session(left, points, seconds, nonce, seed, written=True)
        close = composed(left, again, written=True).exact
        session.known = [
            any(each) for each in zip(session.known, close or session.known, strict=True)
        ]
    entries = session.entries() if left.programs else known.entries(_names_of(subject))
    if known.exact and all(known.exact):  # no other reading of constants is asked for
        entries = by_the_chain_rule(left, session, entries, known)
    read: dict[float, str] = {}
    if may_be_as_written(left, entries):
        again = _session(left, points, seconds, nonce, seed, written=True)
        entries = as_written(entries, composed_as_written(left, again), again.facts.read)
        read = {float(x): text for x, text in again.facts.read.items()}
    entries = by_the_chain_rule(left, session, entries, known)
    entries = at_borders(subject, session, within_scope(subject, session, entries, read))
    entries = as_shown(subject, session, as_called(subject, entries))
    if not _has_paths(subject.graph):
        entries = [e.without(Reason.PATHS) if e.says(Reason.PATHS) else e for e in entries]
    return at_the_example(subject, session, entries, points)


def _has_paths(graph: Graph) -> bool:
    """True if the function branches: what it asks are the user's own questions."""
    return graph.origins is not None and bool(graph.origins.conditions)


def _itself(function: object, wrt: Wrt, gradient: object) -> tuple[object, Wrt]:
    """What compile_gradient without examples, which waits for a first call to trace, stands for."""
    if isinstance(function, (CompiledFunction, Graph)):
        return function, wrt
    compiled = getattr(function, "_compiled", None)
    if compiled is not None:
        return compiled, wrt
    if wrt is None and gradient is None:
        wrt = getattr(function, "_wrt", None)
    return getattr(function, "_function", function), wrt


def _without_static(
    function: object, examples: tuple[object, ...], wrt: Wrt
) -> tuple[object, tuple[object, ...]]:
    """The function with its static arguments in place, and the other examples."""
    if isinstance(function, CompiledGradient):
        return function.at(*examples) if examples else (function, examples)
    if not callable(function) or isinstance(function, (CompiledFunction, Graph)):
        return function, examples
    examples = examples or signature_examples(function)
    return settled_either_way(function, examples, wrt)


def _has_loops(graph: Graph) -> bool:
    """True if there are no scalars for it, or loops are what they were when it was traced."""
    return lacks_scalars(graph) or (not graph.expanded and bool(loops_of(graph)))


def _is_whole(graph: Graph) -> bool:
    """True if its arrays and loops are what they were when it was traced."""
    return not graph.expanded


def _of_arrays(
    function: object, examples: tuple[object, ...], wrt: Wrt, is_meant: Callable[[Graph], bool]
) -> CompiledGradient | None:
    """The gradient of arrays that is meant; None of what is proven number by number."""
    function, wrt = _itself(function, wrt, None)
    if isinstance(function, CompiledGradient):
        return function if is_meant(function.graph) else None
    if callable(function) and not isinstance(function, CompiledFunction):
        many = any(isinstance(x, np.ndarray) and x.size > 1 for x in examples)
        if is_meant is has_too_many and not many:
            return None
        try:
            function = trace_as_called(function, *examples, expand=False)
        except ProofgradError:  # in scalars it may be traced, or says what is wrong
            return None
    if isinstance(function, Graph) and is_meant(function) and type(function.result) is Scalar:
        return compile_gradient(function, wrt=wrt, target="numpy", check=False)
    return None


def _in_scalars(graph: Graph) -> Graph:
    """The graph whose scalars are proven one by one."""
    if has_too_many(graph):
        raise UnsupportedError(
            f"verify_gradient: {graph.name}: its arrays stand for more than {MOST_SCALARS} scalar "
            "operations, which somebody's gradient is held to one by one. Verify it at fewer rows"
        )
    return scalarize(graph)


def _subject(
    function: object, examples: tuple[object, ...], gradient: object, time_limit: float, wrt: Wrt
) -> tuple[Subject, tuple[object, ...]]:
    if not callable(function) and not isinstance(function, Graph):
        raise ArgumentError(
            f"verify_gradient: found {type(function).__name__}; expected a function, a graph or "
            "what compile_gradient returned"
        )
    if isinstance(function, (CompiledFunction, Graph)):
        graph = _in_scalars(function if isinstance(function, Graph) else function.graph)
    else:
        examples = examples or signature_examples(function)
        graph = scalarize(trace_either_way(function, *examples))
    graph = one_number(graph)
    if not isinstance(graph.result, Scalar):
        raise DifferentiationError(
            f"{graph.name}: returns {graph.result}; a gradient needs a function that returns one "
            "float"
        )
    if wrt is not None and (gradient is not None or isinstance(function, CompiledGradient)):
        raise ArgumentError(
            f"wrt: found {wrt!r}, and a gradient that has arguments of its own; expected one of "
            'the two. verify_derivatives(f, ..., what="gradient", claimed=g, wrt=...) takes both'
        )
    if gradient is not None:
        return foreign_subject(graph, gradient, time_limit=time_limit), examples
    ours = (
        function
        if isinstance(function, CompiledGradient)
        else compile_gradient(graph, wrt=wrt, check=False)
    )
    return compiled_subject(ours), examples


def _report(
    subject: Subject,
    entries: Sequence[Entry],
    points: list[list[float]],
    seed: int,
    nonce: str,
) -> Report:
    value = next((e for e in entries if e.input == "value" and subject.value), None)
    facts = {**subject.facts, **common_facts(subject.graph, points, seed)}
    if subject.programs and verdict_of(entries) is not Verdict.REFUTED:
        facts |= {"domain": domain_of(subject), "assumes": ASSUMES}
    if verdict_of(entries) is not Verdict.PROVED:  # a proof rests on nothing that was drawn
        facts["nonce"] = nonce
    facts["remarks"] = [*subject.remarks, *about(subject.graph)]
    if trusted := trusted_rows(subject.graph):
        facts["trusts"] = trusted
    partials = tuple(entries[1:] if value is not None else entries)
    return Report(subject.graph.name, subject.title, partials, value, facts)
