"""Reports on derivatives of whole arrays by the check that every compile of arrays gets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from autodiff.errors import ProofgradError
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.reverse_plan import Wrt
from autodiff.run.whole.scalarize import has_too_many, lacks_scalars
from autodiff.trace.trace import trace
from codegen import CompiledFunction, CompiledGradient
from codegen.asked import compile as compile_derivatives
from codegen.kind import Kind
from verify.answer.packages import package_versions
from verify.answer.report import Entry, Report, Verdict, VerificationError
from verify.ladder.arrays.array_check import check_arrays
from verify.rules.digests import rule_digests
from verify.rules.registered import about, trusted_rows
from verify.subjects.emitted import title_of
from verify.subjects.rewritten import ArrayText
from verify.subjects.subject import facts_of

__all__ = [
    "are_too_many",
    "common_facts",
    "derivatives_of_arrays",
    "of_loops",
    "report_by_check",
    "without_scalars",
]

_Function: TypeAlias = Callable[..., object] | Graph | CompiledFunction


def are_too_many(function: _Function, examples: Sequence[object]) -> bool:
    """True if the arrays of a function stand for more numbers than are proven one by one."""
    graph = function.graph if isinstance(function, CompiledFunction) else function
    if not isinstance(graph, Graph):
        if not any(isinstance(x, np.ndarray) and x.size > 1 for x in examples):
            return False
        try:
            graph = trace(graph, *examples, expand=False)
        except ProofgradError:  # in scalars it may be traced, or says what is wrong
            return False
    return has_too_many(graph)


def derivatives_of_arrays(
    function: _Function, examples: Sequence[object], kind: Kind, wrt: Wrt
) -> CompiledFunction:
    """The derivatives of whole arrays.

    Raises:
        ProofgradError: if there are none.
    """
    if isinstance(function, CompiledFunction):
        return function
    # Its check also calls the function, which may do something else than its trace.
    return compile_derivatives(
        function, *examples, what=kind.what, wrt=wrt, target="numpy", expand=False
    )


def without_scalars(
    function: _Function, examples: Sequence[object], kind: Kind, wrt: Wrt
) -> CompiledFunction | None:
    """The derivatives of arrays for which no scalars can be written; None of others.

    What was compiled as arrays or loops is checked as such.
    """
    try:
        whole = derivatives_of_arrays(function, examples, kind, wrt)
    except ProofgradError:
        return None
    as_loops = isinstance(function, CompiledFunction) and not whole.graph.expanded
    return whole if as_loops or lacks_scalars(whole.graph) else None


def of_loops(
    function: _Function, examples: Sequence[object], kind: Kind, wrt: Wrt
) -> CompiledFunction | None:
    """The derivatives of a function with loops, which in scalars are too long to be read."""
    try:
        whole = derivatives_of_arrays(function, examples, kind, wrt)
    except ProofgradError:
        return None
    return whole if not whole.graph.expanded and loops_of(whole.graph) else None


def report_by_check(
    compiled: CompiledFunction, examples: tuple[object, ...], fresh: bool = False
) -> Report:
    """What the check at compile says: an entry per scalar or array of a gradient, per derivative
    of others.

    Args:
        compiled: What is under proof.
        examples: One value per argument, as the function was traced with.
        fresh: True if it was compiled just now, by us: its check need not be made again.
    """
    graph, kind = compiled.graph, compiled.kind
    try:
        check = (compiled.check if fresh else None) or check_arrays(compiled, examples)
        chance = "" if check.chance is None else f", chance of an error below {check.chance:.0e}"
        found = check.verdict, f"{check.method}{chance}", check.seconds, None, check.note
    except VerificationError as error:
        found = Verdict.REFUTED, "numbers compared with the chain rule's", 0.0, None, str(error)
    facts: dict[str, object] = {"remarks": about(graph)}
    if compiled.target != "python" and not kind.sparse:  # whose loops and patterns are elsewhere
        arrays = ArrayText(compiled)
        facts |= facts_of(graph, "", arrays, compiled.entry) | common_facts(graph, [], 0)
        facts["entry"] = compiled.entry
        if not kind.in_halves:
            facts["derivative"] = {"what": list(kind.what), "wrt": arrays.facts["wrt"]}
    if trusted := trusted_rows(graph):
        facts["trusts"] = trusted
    if not isinstance(compiled, CompiledGradient):
        entries = tuple(Entry(name, *found) for name in kind.what)
        return Report(graph.name, title_of(compiled), entries, None, facts)
    entries = tuple(Entry(name, *found) for name, _ in compiled.code.derivative.bars)
    return Report(graph.name, title_of(compiled), entries, Entry("value", *found), facts)


def common_facts(graph: Graph, points: list[list[float]], seed: int) -> dict[str, object]:
    """What every saved report says of the rules, points and packages that it rests on.

    Args:
        graph: Has all primitives whose rules took part.
        points: The points compared near.
        seed: Of further points.
    """
    return {
        "rules": rule_digests(graph),
        "examples": points,
        "seed": seed,
        "versions": dict(package_versions()),
    }
