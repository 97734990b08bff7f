"""Candidates: forms of a function, the derivatives of each, and the best of them per output.

Rewriting before differentiation is what helps most: the derivative of a form without cancellation
has none.  What is left is rewritten in the derivatives themselves, and told apart by branches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from autodiff.errors import ProofgradError
from autodiff.graph.graph import Graph
from codegen.stable.every_rewrite import Rewrites
from codegen.stable.form_search import Measured, Search, Step
from codegen.stable.many_forms import Expressions
from codegen.stable.measured.measure import WORSE, Sample
from codegen.stable.regimes import branched

__all__ = ["Candidates", "Choice"]

Derive = Callable[[Graph], Graph]
_GAIN = 0.1  # bits that a rewrite must be worth
_SEEN = 0.1  # bits that a rewrite may lose somewhere before a branch is worth it
_LEFT = 0.35  # bits lost beyond which derivatives are rewritten, too
_SEARCHED = 4000  # operations times outputs up to which no search is cut short
_FEWEST = 24  # forms of an output that are measured however large the function is
_MUCH = 1.0  # bits lost beyond which that is done in many ways


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Args:
        function: The function's outputs.
        outputs: The outputs of all that is computed.
        steps: The rewrites, in order, and what each was applied to.
        given: The outputs as they were given.
    """

    function: tuple[int, ...]
    outputs: tuple[int, ...]
    steps: tuple[Step, ...]
    given: tuple[int, ...] = ()

    def without(self, outputs: Collection[int]) -> Choice:
        """The same with some outputs as they were given."""
        pairs = zip(self.outputs, self.given, strict=True)
        mixed = tuple([b if k in outputs else a for k, (a, b) in enumerate(pairs)])
        return replace(self, outputs=mixed)


class Candidates:
    """The forms of one function.

    Args:
        graph: The function.
        whole: All that is computed of it.
        derive: From the function to that.
        expressions: Forms over the inputs of all that is computed.
        sample: Truth of the function's outputs, then of all that is computed.
        pool: How many forms of the function are differentiated.
    """

    def __init__(
        self,
        graph: Graph,
        whole: Graph,
        derive: Derive,
        expressions: Expressions,
        sample: Sample,
        pool: int,
    ) -> None:
        self.graph, self.derive, self.e, self.sample = graph, derive, expressions, sample
        self.rewrites, self._pool = Rewrites(expressions), pool
        self._result = whole.result
        # Forms times operations of each is what a search costs, and each output has its own.
        self._share = min(1.0, _SEARCHED / (len(whole.nodes) * len(whole.outputs)))
        self._steps: list[Step] = []

    def choice(self) -> Choice | None:
        """The best of every output; None if it is what is given."""
        base = self._differentiated(self._given)
        assert base is not None
        forms = [self._given, *self._forms()]
        derived = {f: d for f in forms if (d := self._differentiated(f)) is not None}
        function, together = self._one_form(derived, base)
        chosen = list(together)
        count = len(self.graph.outputs)
        for place, before in enumerate(base):
            measured = self._measured(count + place)
            ways = list(dict.fromkeys(outputs[place] for outputs in derived.values()))
            chosen[place] = self._best(measured, ways, before, together[place])
        if tuple(chosen) == base:
            return None
        steps = tuple(dict.fromkeys(self._steps))
        return Choice(function, tuple(chosen), steps, base)

    @property
    def _given(self) -> tuple[int, ...]:
        ids = self.e.of_graph(self.graph)
        return tuple([ids[i] for i in self.graph.outputs])

    def _measured(self, output: int) -> Measured:
        return Measured(self.e, self.sample, output)

    # --- forms of the function ---

    def _forms(self) -> list[tuple[int, ...]]:
        """The function in other forms: of its one output several, of many the best of each."""
        given = self._given
        single = len(given) == 1
        pools = []
        for output, root in enumerate(given):
            search = Search(
                self._measured(output),
                self.rewrites,
                tries=600 if single and len(self.graph.nodes) < 40 else 200,
            )
            scores = search.forms([root])
            pools.append(search.pool(scores, self._pool if single else 1, [root]))
            self._search = search
        if single:
            return [(form,) for form in pools[0]]
        best = [min(pool, key=self._measured(output).score) for output, pool in enumerate(pools)]
        return [tuple(best)]

    def _differentiated(self, roots: tuple[int, ...]) -> tuple[int, ...] | None:
        """All that is computed of a form."""
        graph = self.graph
        own, _ = self.e.graph(
            graph.name, graph.parameters, roots, graph.result, inputs=graph.inputs.count
        )
        try:
            whole = self.derive(own)
        except ProofgradError:
            return None
        if whole.result != self._result:  # another pattern: what cancels is seen in some forms only
            return None
        ids = self.e.of_graph(whole)
        return tuple([ids[i] for i in whole.outputs])

    # --- choices ---

    def _one_form(
        self,
        derived: dict[tuple[int, ...], tuple[int, ...]],
        base: tuple[int, ...],
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The form that is best in all outputs together, and worse in none."""
        count = len(self.graph.outputs)
        measured = [self._measured(count + place) for place in range(len(base))]
        best, least = self._given, math.inf
        for form, outputs in derived.items():
            pairs = list(zip(measured, outputs, base, strict=True))
            if any(m.worse(o, b) > WORSE for m, o, b in pairs if o != b):
                continue
            size = sum(self.e.forms[i].primitive is not None for i in self._union(outputs))
            score = sum(m.mean(o) for m, o, _ in pairs) / len(pairs) + 0.004 * size
            if form == self._given:
                score -= _GAIN
            if score < least:
                best, least = form, score
        if best != self._given and len(self._given) == 1:
            self._steps += self._search.history(best[0])
        return best, derived[best]

    def _union(self, roots: Sequence[int]) -> set[int]:
        return {i for root in roots for i in self.e.cone(root)}

    def _best(self, measured: Measured, ways: list[int], before: int, now: int) -> int:
        """The best form of one output."""
        measured.lost_of_base = measured.lost(before)
        if measured.mean(now) > _LEFT:
            start = sorted([*ways, now], key=measured.score)[:3]
            tries = 250 if measured.mean(now) > _MUCH else 80
            tries = max(_FEWEST, round(tries * self._share))
            search = Search(measured, self.rewrites, tries=tries, rounds=5, width=4)
            scores = search.forms(start)
            more = search.pool(scores, 4, [])
            ways = [*ways, *more]
        else:
            search = None
        allowed = [w for w in {*ways, now} if measured.worse(w, before) <= WORSE]
        best = min([now, *allowed], key=measured.score)
        if measured.mean(now) - measured.mean(best) < _GAIN:
            best = now
        if best != now and search is not None:
            self._steps += search.history(best)
        if measured.mean(best) > _LEFT:
            inputs = range(min(self.graph.inputs.count, 8))
            split = branched(measured, ways, inputs, best)
            if split != best and measured.worse(split, before) <= WORSE:
                self._steps.append(("one form on each side of a number", self.e.first(best)))
                best = split
        return self._kept_where_better(measured, best, before)

    def _kept_where_better(self, measured: Measured, best: int, before: int) -> int:
        """The best form; where the given one loses less, on one side of a number, that one.

        For functions of one number: the points on one side tell little of several.
        """
        lost = measured.loses(best, before)
        if best == before or lost < _SEEN or self.graph.inputs.count > 1:
            return best
        split = branched(measured, [best, before], [0], best, gain=0.0)
        if split == best or measured.loses(split, before) > 0.5 * lost:
            return best
        worse = measured.mean(split) > measured.mean(best) or measured.worse(split, before) > WORSE
        return best if worse else split
