"""Reports on gradients of whole arrays by the check that every compile of arrays gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verify.answer.packages import package_versions
from verify.answer.report import Entry, Report, Verdict, VerificationError
from verify.ladder.array_check import check_arrays
from verify.rules.digests import rule_digests
from verify.rules.registered import about, trusted_rows
from verify.subjects.emitted import title_of
from verify.subjects.rewritten import ArrayText
from verify.subjects.subject import facts_of

if TYPE_CHECKING:
    from autodiff.graph.graph import Graph
    from codegen import CompiledGradient

__all__ = ["common_facts", "report_by_check"]


def report_by_check(compiled: CompiledGradient, examples: tuple[object, ...]) -> Report:
    """What the check at compile says, with an entry per scalar or array of the gradient."""
    graph = compiled.graph
    try:
        check = check_arrays(compiled, examples)
        chance = "" if check.chance is None else f", chance of an error below {check.chance:.0e}"
        known = check.verdict, f"{check.method}{chance}", check.seconds, None, check.note
    except VerificationError as error:
        known = Verdict.REFUTED, "numbers compared with the chain rule's", 0.0, None, str(error)
    names = [name for name, _ in compiled.code.derivative.bars]
    facts: dict[str, object] = {"remarks": about(graph)}
    if compiled.target != "python":  # whose loops are written from a function alone
        facts |= facts_of(graph, "", ArrayText(compiled), compiled.entry)
        facts |= common_facts(graph, [], 0) | {"entry": compiled.entry}
    if trusted := trusted_rows(graph):
        facts["trusts"] = trusted
    entries = tuple(Entry(name, *known) for name in names)
    return Report(graph.name, title_of(compiled), entries, Entry("value", *known), facts)


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
