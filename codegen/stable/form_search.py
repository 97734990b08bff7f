"""Search: the forms of one output that lose fewer bits, the best first.

Rewrites are tried everywhere in the best forms found so far, round after round; forms that are no
better stay, as two rewrites may help where none does alone.  Counts bound the work, so the same
function always gives the same result.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from codegen.stable.every_rewrite import Rewrites
from codegen.stable.identities import SMOOTH
from codegen.stable.many_forms import Column, Expressions
from codegen.stable.measured.measure import Sample, loss

__all__ = ["Measured", "Search", "Step"]

Step: TypeAlias = tuple[str, int]  # a rewrite, and the expression it was applied to

_PER_OPERATION = 0.008  # bits that an operation must be worth
_LARGEST = 400  # operations of a form
_NEAR = 1.0  # bits that a form to be derived may lose more than the best
_STEPS = 24  # sure rewrites in a row


@dataclass
class Measured:
    """What forms lose of one output.

    Args:
        expressions: The forms.
        sample: Where.
        output: Which output they are of.
    """

    expressions: Expressions
    sample: Sample
    output: int
    _lost: dict[int, Column] = field(default_factory=dict)
    _means: dict[int, list[float]] = field(default_factory=dict)
    lost_of_base: Column = field(default_factory=lambda: np.zeros(0))

    def lost(self, form: int) -> Column:
        """Bits lost at each point."""
        found = self._lost.get(form)
        if found is None:
            found = self.sample.lost(self.expressions.values(form), self.output)
            self._lost[form] = found
        return found

    def means(self, form: int) -> list[float]:
        """Mean bits lost on each kind of points."""
        found = self._means.get(form)
        if found is None:
            found = self._means[form] = self.sample.means(self.lost(form))
        return found

    def mean(self, form: int) -> float:
        """Mean over the kinds of points that tell."""
        told = [m for m in self.means(form) if not math.isnan(m)]
        return sum(told) / len(told) if told else 0.0

    def score(self, form: int) -> float:
        """The mean, and a little for each operation."""
        return self.mean(form) + _PER_OPERATION * self.size(form)

    def size(self, form: int) -> int:
        """Number of operations."""
        return self.expressions.size(form)

    def loses(self, form: int, base: int) -> float:
        """By how many bits a form loses more than another on some kind of points."""
        pairs = zip(self.means(form), self.means(base), strict=True)
        return max((a - b for a, b in pairs if not math.isnan(a - b)), default=0.0)

    def worse(self, form: int, base: int) -> float:
        """By how many bits a form loses more than another where it compares worst."""
        values = self.expressions.values
        if self.sample.spoils(values(form), values(base), self.output):
            return math.inf
        return loss(self.means(form), self.means(base))


class Search:
    """Looks for forms of an output.

    Args:
        measured: What forms lose.
        rewrites: How forms are rewritten.
        tries: Forms that are measured at most.
        rounds: How often the best are rewritten.
        width: How many of them each time.
    """

    def __init__(
        self,
        measured: Measured,
        rewrites: Rewrites,
        tries: int = 600,
        rounds: int = 8,
        width: int = 5,
    ) -> None:
        self.measured, self.rewrites = measured, rewrites
        self.tries, self.rounds, self.width = tries, rounds, width
        # form -> the form before, the rewrite, and what it was applied to
        self.made_by: dict[int, tuple[int, str, int]] = {}

    def forms(self, start: Iterable[int]) -> dict[int, float]:
        """Every form that was measured, with its score."""
        given = list(start)
        scores = {f: self.measured.score(f) for form in given for f in (form, self._settled(form))}
        expanded: set[int] = set()
        for _ in range(self.rounds):
            waiting = sorted((f for f in scores if f not in expanded), key=lambda f: scores[f])
            if not waiting or len(scores) >= self.tries:
                break
            for form in waiting[: self.width]:
                expanded.add(form)
                self._rewrite(form, scores)
        return scores

    def _settled(self, form: int) -> int:
        """A form after every rewrite that is sure to help: a search need not look for those."""
        e = self.measured.expressions
        for _ in range(_STEPS):
            steps = ((i, *step) for i in e.cone(form) if (step := self.rewrites.sure(i)))
            inside, new, name = next(steps, (form, form, ""))
            [changed] = e.replaced([form], {inside: new})
            if changed == form or self.measured.size(changed) > _LARGEST:
                break
            self.made_by.setdefault(changed, (form, name, inside))
            form = changed
        return form

    def _rewrite(self, form: int, scores: dict[int, float]) -> None:
        e = self.measured.expressions
        for inside in e.cone(form):
            for new, name in self.rewrites.of(inside):
                if len(scores) >= self.tries:
                    return
                [changed] = e.replaced([form], {inside: new})
                if changed not in scores and self.measured.size(changed) <= _LARGEST:
                    scores[changed] = self.measured.score(changed)
                    self.made_by.setdefault(changed, (form, name, inside))

    def history(self, form: int) -> list[Step]:
        """The rewrites that led to a form, in order, each with what it was applied to first."""
        steps: list[Step] = []
        while form in self.made_by:
            form, name, inside = self.made_by[form]
            steps.append((name, self.measured.expressions.first(inside)))
        return steps[::-1]

    def _is_smooth(self, form: int) -> bool:
        return form in self.made_by and self.made_by[form][1] in SMOOTH

    def pool(self, scores: dict[int, float], count: int, keep: Iterable[int]) -> list[int]:
        """Some forms: those given, the best, those to be derived, and those best somewhere."""
        ordered = sorted(scores, key=lambda f: scores[f])
        if not ordered:
            return list(keep)
        smooth = sorted(
            (f for f in ordered if self._is_smooth(f) and scores[f] < scores[ordered[0]] + _NEAR),
            key=self.measured.size,
        )
        found = list(dict.fromkeys([*keep, *ordered[:count], *smooth[: count // 2]]))
        least = np.minimum.reduce([self.measured.lost(f) for f in found])
        for _ in range(count // 2):
            gains = {
                f: float(np.nansum(np.maximum(least - self.measured.lost(f), 0.0)))
                for f in ordered[:200]
                if f not in found
            }
            if not gains:
                break
            best = max(gains, key=lambda f: gains[f])
            if gains[best] < 0.02 * least.size:
                break
            found.append(best)
            least = np.minimum(least, self.measured.lost(best))
        return found
