"""mutate: the verifier put to the test on one function, by wrong versions of its gradient.

Each mutant of the emitted text (mutants.py) is verified like any gradient.  A wrong one must be
refuted.  One that the ladder proves is no mistake at all: dropping a term that is zero, or masking
twice, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.tree.given import given_count, given_seconds
from codegen import CompiledGradient
from verify.answer.report import Report, Verdict
from verify.beside.array_mutants import array_mutants
from verify.beside.array_mutation import checked_text, text_of
from verify.beside.mutants import ENTRY, Mutant, mutants
from verify.ladder.ladder import examine, subject_and_points
from verify.subjects.emitted import emitted_subject
from verify.subjects.subject import Subject

__all__ = ["MutationReport", "Trial", "mutate"]

_NO_MISTAKE = (Verdict.PROVED, Verdict.CERTIFIED)


@dataclass(frozen=True)
class Trial:
    """One mutant and what the verifier said of it.

    Args:
        mutant: The wrong text.
        report: The verifier's report.
    """

    mutant: Mutant
    report: Report

    @property
    def verdict(self) -> Verdict:
        """REFUTED: found to be wrong.  PROVED or CERTIFIED: the change changes nothing."""
        return self.report.verdict

    @property
    def visible(self) -> bool:
        """True if doubles show that it is wrong: some witness differs in its first nine digits."""
        entries = (self.report.value, *self.report.entries)
        witnesses = [entry.witness for entry in entries if entry and entry.witness]
        return any(not abs(w.found - w.expected) <= 1e-9 * abs(w.expected) for w in witnesses)

    def __str__(self) -> str:
        return f"line {self.mutant.line}: {self.mutant.kind}: {self.mutant.change}: {self.verdict}"


@dataclass(frozen=True)
class MutationReport:
    """What became of the mutants of a gradient.

    Args:
        function: Name of the function.
        trials: One per mutant.
    """

    function: str
    trials: tuple[Trial, ...]

    @property
    def refuted(self) -> list[Trial]:
        """Mutants found to be wrong."""
        return [trial for trial in self.trials if trial.verdict is Verdict.REFUTED]

    @property
    def equal(self) -> list[Trial]:
        """Mutants shown to be no mistake."""
        return [trial for trial in self.trials if trial.verdict in _NO_MISTAKE]

    @property
    def open(self) -> list[Trial]:
        """Mutants of which neither was shown: the verifier's blind spots, if they are wrong."""
        decided = (Verdict.REFUTED, *_NO_MISTAKE)
        return [trial for trial in self.trials if trial.verdict not in decided]

    def __str__(self) -> str:
        rows: list[tuple[str, ...]] = [("mistake", "mutants", "refuted", "no change", "open")]
        kinds = dict.fromkeys(sorted(trial.mutant.kind for trial in self.trials))
        for kind in (*kinds, "all"):
            of_kind = [len(_of(kind, trials)) for trials in self._columns()]
            rows.append((kind, *map(str, of_kind)))
        widths = [max(len(row[i]) for row in rows) for i in range(5)]
        lines = [
            row[0].ljust(widths[0]) + "".join(f"  {row[i]:>{widths[i]}}" for i in range(1, 5))
            for row in rows
        ]
        return "\n".join([f"mutants of the gradient of {self.function}", "", *lines, *self._left()])

    def _columns(self) -> tuple[Iterable[Trial], ...]:
        return self.trials, self.refuted, self.equal, self.open

    def _left(self) -> list[str]:
        return ["", *map(str, self.open)] if self.open else []

    def to_json(self) -> dict[str, object]:
        """Plain data that ``json`` can write."""
        return {
            "function": self.function,
            "mutants": len(self.trials),
            "refuted": len(self.refuted),
            "no_change": len(self.equal),
            "open": [str(trial) for trial in self.open],
        }


def _of(kind: str, trials: Iterable[Trial]) -> list[Trial]:
    return [trial for trial in trials if kind in ("all", trial.mutant.kind)]


def mutate(
    function: Callable[..., object] | Graph,
    *examples: object,
    count: int = 60,
    seed: int = 0,
    time_limit: float = 3.0,
    progress: Callable[[int, int], None] | None = None,
) -> MutationReport:
    """Verify wrong versions of a function's gradient, to see whether they are found out.

    Args:
        function: An ordinary Python function, a graph, or what ``compile_gradient`` returned.  Of
            a gradient over whole arrays the text over whole arrays is changed, and each mutant put
            to the check at compile.
        examples: One value per argument, as for ``compile_gradient``.
        count: How many mutants at most.
        seed: Of the draw of mutants.
        time_limit: Seconds a step of a proof may take.
        progress: Called with the number of mutants done and of all.

    Returns:
        The mutants by what was found, which is refuted, equal or open.

    Raises:
        ArgumentError: if there is nothing to change in the gradient's text.

    >>> import autodiff as ad
    >>> report = mutate(lambda x, y: x * ad.sin(y), 1.0, 2.0, count=20)
    >>> len(report.refuted) + len(report.equal), len(report.open)
    (20, 0)
    """
    given_count("count", count)
    given_seconds("time_limit", time_limit)
    if isinstance(function, CompiledGradient) and not function.graph.expanded:
        name, drawn = function.graph.name, array_mutants(text_of(function), count, seed)
        examined = partial(checked_text, function, examples=examples)
    else:
        subject, points = subject_and_points(function, examples)
        name, drawn = subject.graph.name, mutants(subject.text, count, seed)
        examined = partial(_examined, subject, points, time_limit)
    if not drawn:
        raise ArgumentError(
            f"{name}: its {ENTRY} computes nothing itself that could be changed; it is so long "
            "that it is written in parts. Give a smaller function"
        )
    trials = []
    for number, mutant in enumerate(drawn, 1):
        trials.append(Trial(mutant, examined(mutant.text)))
        if progress is not None:
            progress(number, len(drawn))
    return MutationReport(name, tuple(trials))


def _examined(subject: Subject, points: list[list[float]], seconds: float, text: str) -> Report:
    wrong = emitted_subject(subject.graph, subject.inputs, text, "mutant", (ENTRY,))
    return examine(wrong, points, seconds, one_is_enough=True)
