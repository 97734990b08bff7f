"""verify_jacobian, verify_hessian and verify_derivatives: what is known about each number of them.

A derivative of many numbers is proven at once by composition, against the chain rule applied once
or twice.  Then its rows climb the ladder one by one, each as the gradient of one function: SymPy
differentiates that function, so a Hessian is the chain rule's gradient, differentiated by SymPy.
Rows of a large matrix that are proven already are left at that once the time is used up.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from autodiff.errors import ArgumentError, TraceError, UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.tree.given import given_seconds
from autodiff.run.agreement import trace_either_way
from autodiff.run.interpret import flatten_arguments
from autodiff.run.reverse_plan import Wrt
from autodiff.run.untraced import settled_either_way
from autodiff.run.whole.scalarize import scalarize
from autodiff.trace.functions.named_arguments import signature_examples
from codegen import CompiledFunction, CompiledGradient
from codegen.asked import compile as compile_derivatives
from codegen.kind import Kind, kind_of
from verify.answer.reasons import Reason, Remark
from verify.answer.report import Entry, Report, Verdict, verdict_of
from verify.ladder import by_check
from verify.ladder.doors.all_at_once import (
    by_composition,
    composed,
    with_composition,
    with_constants_folded,
)
from verify.ladder.doors.by_field import with_check
from verify.ladder.doors.front import verify_gradient
from verify.ladder.ladder import climbed
from verify.ladder.proviso import ASSUMES
from verify.rules.registered import about, trusted_rows
from verify.subjects.called import hold_claim, hold_function, points_for
from verify.subjects.claimed import Claimed, claimed_entire
from verify.subjects.emitted import require_own_call
from verify.subjects.entire import Entire, compiled_entire
from verify.truth.twice import Row

__all__ = ["examine_entire", "verify_derivatives", "verify_hessian", "verify_jacobian"]

Function = Callable[..., object] | Graph


def verify_jacobian(
    function: Function,
    *examples: object,
    jacobian: Claimed | None = None,
    time_limit: float = 10.0,
    seed: int = 0,
    wrt: Wrt = None,
) -> Report:
    """Compare a Jacobian with the chain rule and SymPy's derivative, number by number.

    Args:
        function: A function, a graph, or what ``compile_jacobian`` returned.
        examples: One value per argument.
        jacobian: One that somebody else wrote: a callable of the same arguments, or source text
            that defines one (read, never run).  It returns the structure that ours has, or a
            matrix with a row per number of the result.  Without it the text that
            ``compile_jacobian`` emits is verified.
        time_limit: Seconds a step may take.
        seed: Of further random points; 0 for none.
        wrt: Positions or names of the arguments to differentiate; all by default.

    Returns:
        A report with a verdict per number.

    Raises:
        ArgumentError: if something does not fit.
        DifferentiationError: if the function returns one float: it has a gradient.
        TraceError: if the function cannot be traced.

    >>> report = verify_jacobian(lambda x, y: (x * y, x + y), 1.0, 2.0)
    >>> str(report.verdict), [entry.input for entry in report.entries]
    ('PROVED', ['[0], x', '[0], y', '[1], x', '[1], y'])
    """
    return verify_derivatives(
        function,
        *examples,
        what="jacobian",
        claimed=jacobian,
        time_limit=time_limit,
        seed=seed,
        wrt=wrt,
    )


def verify_hessian(
    function: Function,
    *examples: object,
    hessian: Claimed | None = None,
    time_limit: float = 10.0,
    seed: int = 0,
    wrt: Wrt = None,
) -> Report:
    """Compare a Hessian with the chain rule applied twice and SymPy, number by number.

    Every number is proven by itself; the chain rule may be applied in either order.

    Args:
        function: A function, a graph, or what ``compile_hessian`` returned.
        examples: One value per argument.
        hessian: One that somebody else wrote: a callable of the same arguments, or source text
            that defines one (read, never run).  It returns the structure that ours has, or a
            matrix.  Without it the text that ``compile_hessian`` emits is verified.
        time_limit: Seconds a step may take.
        seed: Of further random points; 0 for none.
        wrt: Positions or names of the arguments to differentiate; all by default.

    Returns:
        A report with a verdict per number.

    Raises:
        ArgumentError: if something does not fit.
        DifferentiationError: if the function does not return one float.
        TraceError: if the function cannot be traced.

    >>> str(verify_hessian(lambda x, y: x * x * y, 1.0, 2.0).verdict)
    'PROVED'
    >>> wrong = "def hessian(x, y): return ((2 * y, 2 * x), (3 * x, 0.0))"
    >>> report = verify_hessian(lambda x, y: x * x * y, 1.0, 2.0, hessian=wrong)
    >>> [(e.input, str(e.verdict)) for e in report.entries if e.witness]
    [('y, x', 'REFUTED')]
    """
    return verify_derivatives(
        function,
        *examples,
        what="hessian",
        claimed=hessian,
        time_limit=time_limit,
        seed=seed,
        wrt=wrt,
    )


def verify_derivatives(
    function: Function,
    *examples: object,
    what: str | tuple[str, ...] | None = None,
    claimed: Claimed | None = None,
    time_limit: float = 10.0,
    seed: int = 0,
    wrt: Wrt = None,
) -> Report:
    """Compare derivatives of any kind with the chain rule and SymPy, number by number.

    Args:
        function: A function, a graph, or what a compiler of ``codegen`` returned.
        examples: One value per argument.
        what: Which derivatives, as for ``codegen.compile``; those that were compiled by default.
        claimed: Derivatives that somebody else wrote: a callable of the arguments of a call
            (directions and a cotangent come last), or source text that defines one.
        time_limit: Seconds a step may take.
        seed: Of further random points; 0 for none.
        wrt: Positions or names of the arguments to differentiate; all by default.

    Returns:
        A report with a verdict per number.

    Raises:
        ArgumentError: if something does not fit.
        DifferentiationError: if the function has no such derivative.
        TraceError: if the function cannot be traced.

    >>> from codegen import compile_hvp
    >>> product = compile_hvp(lambda x, y: x * x * y, 1.0, 2.0)
    >>> str(verify_derivatives(product, 1.0, 2.0).verdict)
    'PROVED'
    """
    given_seconds("time_limit", time_limit)
    function = getattr(function, "_compiled", None) or function
    require_own_call(function, claimed)
    kind = _kind(function, what)
    partly = wrt is not None and claimed is not None  # verify_gradient takes whole ones alone
    if kind.in_halves and not partly:
        return verify_gradient(
            function,
            *examples,
            gradient=claimed,
            time_limit=time_limit,
            seed=seed,
            wrt=None if isinstance(function, CompiledGradient) else wrt,
        )
    if isinstance(wrt, (list, tuple)) and not wrt:
        raise ArgumentError(
            "wrt: found no argument; expected at least one to differentiate by, or None for all"
        )
    ours = claimed is None
    if ours and by_check.are_too_many(function, examples):
        whole = by_check.derivatives_of_arrays(function, examples, kind, wrt)
        return by_check.report_by_check(whole, (), fresh=whole is not function)
    try:
        entire, called, examples = _entire(function, examples, kind, claimed, time_limit, wrt)
    except (TraceError, UnsupportedError):
        found = by_check.without_scalars(function, examples, kind, wrt) if ours else None
        if found is None:
            raise
        return by_check.report_by_check(found, (), fresh=found is not function)
    points = _points(entire, called, examples)
    report = examine_entire(entire, points, time_limit, seed)
    unread = ours and entire.unreadable and report.verdict is Verdict.UNDECIDED
    # A loop of many repetitions, perhaps, as those of ad.root are.
    if unread and (looped := by_check.of_loops(function, examples, kind, wrt)):
        return by_check.report_by_check(looped, (), fresh=looped is not function)
    return report


def _kind(function: object, what: str | tuple[str, ...] | None) -> Kind:
    own = function.what if isinstance(function, CompiledFunction) else None
    if what is None and own is None:
        raise ArgumentError('what: found None; expected a name: "hessian", "jacobian", ...')
    kind = Kind(own or ()) if what is None else kind_of(what)
    if own is not None and kind.what != own:
        raise ArgumentError(
            f"what: found {what!r}, and something compiled that gives "
            f"{', '.join(own) or 'its value'}; expected one of the two"
        )
    return kind


def _entire(
    function: object,
    examples: tuple[object, ...],
    kind: Kind,
    claimed: Claimed | None,
    time_limit: float,
    wrt: Wrt,
) -> tuple[Entire, object, tuple[object, ...]]:
    """What is under proof, and the function and its examples without static arguments."""
    if isinstance(function, CompiledFunction):
        if wrt is not None or claimed is not None:
            raise ArgumentError(
                "found something compiled, which has derivatives and arguments of its own; "
                "expected no wrt= and no derivatives of somebody else's"
            )
        extra = len(function.frame.parameters) - len(function.graph.parameters)
        if examples and extra and len(examples) == len(function.graph.parameters):
            return compiled_entire(function), function, examples
        if examples:
            function, examples = function.at(*examples)
        return compiled_entire(function), function, examples
    graph = function
    if not isinstance(graph, Graph):
        if not callable(graph):
            raise ArgumentError(f"found {type(graph).__name__}; expected a function or a graph")
        examples = examples or signature_examples(graph)
        function, examples = settled_either_way(graph, examples, wrt)
        graph = scalarize(trace_either_way(function, *examples))
    graph = kind.fitting(graph)
    if claimed is not None:
        entire = claimed_entire(graph, kind, wrt, claimed, time_limit=time_limit)
        return entire, function, examples
    what = kind.what or ("value",)
    entire = compiled_entire(compile_derivatives(graph, what=what, wrt=wrt, check=False))
    return entire, function, examples


def _points(entire: Entire, function: object, examples: Sequence[object]) -> list[list[float]]:
    """Points of all arguments of a call: the example, and where callables part from their trace."""
    graph, frame = entire.graph, entire.frame
    found: list[list[float]] = []
    if examples:
        whole = len(examples) == len(frame.parameters)
        taken = frame if whole else graph
        point = list(map(float, flatten_arguments(taken, tuple(examples))))
        # Directions and cotangents are numbers as good as any.
        point += [1.0 + 0.5 * k for k in range(frame.inputs.size - len(point))]
        found.append(point)
    own = [point[: graph.inputs.size] for point in found]
    hold_function(entire, function, points_for(graph, own))
    return found + [list(p) for p in hold_claim(entire, frame, points_for(frame, found))]


# --- the ladder, row by row ---


def examine_entire(
    entire: Entire, points: list[list[float]], time_limit: float = 10.0, seed: int = 0
) -> Report:
    """Look at every number of derivatives that have been read.

    Args:
        entire: What is under proof.
        points: Points to compare near, as flat lists of all inputs of a call.
        time_limit: Seconds a step may take, and all rows that are proven already.
        seed: Of further random points; 0 for none.
    """
    nonce = secrets.token_hex(16)
    if entire.unreadable:
        remarks = (Remark(Reason.UNREADABLE, entire.unreadable),)
        names = entire.expected.names
        entries = [Entry(n, Verdict.UNDECIDED, "none", remarks=remarks) for n in names]
        entries = with_check(entire, entries)
        return _report(entire, entries, points, seed, nonce)
    found: dict[int, Entry] = {}
    own, read = composed(entire, time_limit)
    end = time.monotonic() + time_limit
    for row in entire.expected.rows:
        known = [own[place] for place in row.places]
        if all(known) and entire.compiled_here and time.monotonic() > end:
            named = zip(row.places, row.names, strict=True)
            found |= {p: by_composition(n, read) for p, n in named}
        else:
            entries = climbed(entire.row(row), points, time_limit, nonce, seed)
            found |= dict(zip(row.places, _named(row, entries), strict=True))
    found = {p: with_composition(found[p], own[p], read) for p in sorted(found)}
    told = with_constants_folded(entire, found, time_limit, nonce)
    entries = with_check(entire, [*told.values()])
    return _report(entire, entries, points, seed, nonce)


def _named(row: Row, entries: Sequence[Entry]) -> list[Entry]:
    """The entries under the names of the numbers; SymPy differentiates no values."""
    if row.inputs:
        return list(entries)
    method = "SymPy, the chain rule" if not row.first else "SymPy, the function"
    return [
        replace(entry, input=name, method=entry.method.replace("sympy.diff", method, 1))
        if entry.method.startswith("sympy.diff, ")
        else replace(entry, input=name)
        for entry, name in zip(entries, row.names, strict=True)
    ]


def _report(
    entire: Entire, entries: Sequence[Entry], points: list[list[float]], seed: int, nonce: str
) -> Report:
    graph = entire.expected.graph
    facts = {**entire.facts, **by_check.common_facts(graph, points, seed)}
    if entire.programs and verdict_of(entries) is not Verdict.REFUTED:
        domain = "wherever the function and its derivatives by the chain rule are defined"
        facts |= {"domain": domain, "assumes": ASSUMES}
    if verdict_of(entries) is not Verdict.PROVED:  # a proof rests on nothing that was drawn
        facts["nonce"] = nonce
    facts["remarks"] = [*entire.remarks, *about(graph)]
    if trusted := trusted_rows(graph):
        facts["trusts"] = trusted
    return Report(entire.graph.name, entire.title, tuple(entries), None, facts)
