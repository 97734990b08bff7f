"""What a check at compile rests on besides the code: rules of the user's, solvers of SciPy's."""

from __future__ import annotations

from autodiff.graph.graph import Graph
from autodiff.run.solvers.own_digits import near
from verify.answer.report import Verdict
from verify.rules.divided_by_zero import divides_by_zero
from verify.rules.registered import trusted_rows, weakest

__all__ = ["resting"]

Judged = tuple[Verdict, float | None, str]


def resting(graph: Graph, verdict: Verdict, chance: float | None, note: str) -> Judged:
    """Verdict, chance and note, no better than what the graph rests on, which the note names."""
    notes = [note]
    rule, why = weakest(graph)
    if list(Verdict).index(rule) > list(Verdict).index(verdict):
        verdict, chance = rule, None
        notes.append(why)
    if verdict is Verdict.CERTIFIED and divides_by_zero(graph):
        verdict, chance = Verdict.CERTIFIED_NUMERIC, None
        notes.append("a denominator is zero on one side of a condition")
    if trusted := trusted_rows(graph):
        notes.append(f"trusts {', '.join(trusted)}")
    if digits := near(graph):
        notes.append(f"the function called with plain numbers comes {digits}")
    return verdict, chance, "; ".join(filter(None, notes))
