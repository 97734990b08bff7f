"""By rules: texts under proof against the chain rule, by exact polynomials or in a prime field.

The chain rule is a Program here (derived.py), so it can be run in the worker process, where a step
that takes too long is killed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from verify.field.field import Field, PoleError
from verify.field.meaning import Meaning, Number
from verify.field.prime import BITS, random_prime
from verify.induction.compose import Composition, Term, lanes
from verify.induction.functions.needed import needed
from verify.induction.functions.relations import Relations
from verify.program.program import Program

__all__ = ["chances", "composed"]

_CHANCE = 1e-12
_FAILURES = 6  # of a closer look at a number, after which it is not worth its time


def composed(
    rules: Program,
    subjects: Sequence[Program],
    points: int,
    across: Mapping[int, int] = MappingProxyType({}),
) -> list[list[bool]]:
    """Per text and number under proof, whether it is the chain rule's, by exact polynomials.

    Args:
        rules: What the chain rule gives for the numbers under proof.
        subjects: The texts.
        points: Random points that suggest what may be equal.
        across: Of numbers of a Hessian, the place of the one across the diagonal: the same
            derivative by the chain rule in the other order, which rules for kinks tell from it.
    """
    nodes = Composition(lanes(points))
    inputs = [nodes.input(i) for i in range(rules.inputs)]
    wanted = nodes.run(rules, inputs)
    proofs = [_Proof(nodes, rules, wanted, p, nodes.run(p, inputs)) for p in subjects]
    return [
        [proof.holds(k, across.get(k, k)) for k in range(len(rules.outputs))] for proof in proofs
    ]


class _Proof:
    """What a text gives against the chain rule, number by number.

    Args:
        nodes: The table.
        rules: The chain rule.
        wanted: Its nodes, at all places.
        text: The text.
        found: Its nodes likewise.
    """

    def __init__(
        self,
        nodes: Composition,
        rules: Program,
        wanted: Sequence[object],
        text: Program,
        found: Sequence[object],
    ) -> None:
        self._nodes = nodes
        self._rules, self._wanted = rules, wanted
        self._text, self._found = text, found
        self._failed = 0

    def holds(self, output: int, other: int) -> bool:
        """True if an output is proven to be one of two of the chain rule's."""
        places = dict.fromkeys(self._rules.outputs[k] for k in (output, other))
        here = self._text.outputs[output]
        x = self._nodes.lift(self._found[here])
        if any(_equal(self._nodes, x, self._nodes.lift(self._wanted[k])) for k in places):
            return True
        if self._failed < _FAILURES:
            if any(self._by_relations(here, k) for k in places):
                return True
            self._failed += 1
        return False

    def _by_relations(self, here: int, there: int) -> bool:
        nodes = self._nodes.nodes
        surely = needed(self._text, self._found, here, nodes)
        surely |= needed(self._rules, self._wanted, there, nodes)
        pair = [self._nodes.lift(x).index for x in (self._found[here], self._wanted[there])]
        return Relations(nodes, pair, surely).prove(*pair)


def _outputs(meaning: Meaning[Number], program: Program, inputs: Sequence[Number]) -> list[Number]:
    values = meaning.run(program, inputs)
    return [meaning.lift(values[place]) for place in program.outputs]


def _equal(nodes: Composition, x: Term, y: Term) -> bool:
    low, high = sorted((x.index, y.index))
    return low == high or nodes.prove(high, low)


def chances(
    rules: Program,
    subjects: Sequence[Program],
    nonce: str,
    across: Mapping[int, int] = MappingProxyType({}),
) -> list[float | None]:
    """Per number under proof, the chance that it agrees by accident; None where it does not.

    Args:
        rules: What the chain rule gives for the numbers under proof.
        subjects: The texts.
        nonce: What the random elements are drawn from; nobody knew it when the texts were written.
        across: As for ``composed``.
    """
    for bits in BITS:
        found = [
            _in_field(rules, subjects, bits, nonce, relations, across)
            for relations in (False, True)
        ]
        best = [
            min((c for c in both if c is not None), default=None)
            for both in zip(*found, strict=True)
        ]
        if all(c is None or c <= _CHANCE for c in best):
            break
    return [c if c is not None and c <= _CHANCE else None for c in best]


def _in_field(
    rules: Program,
    subjects: Sequence[Program],
    bits: int,
    nonce: str,
    relations: bool,
    across: Mapping[int, int],
) -> list[float | None]:
    field = Field(random_prime(bits), nonce, relations)
    inputs = [field.unknown(i) for i in range(rules.inputs)]
    worst: list[float | None] = [0.0] * len(rules.outputs)
    try:
        expected = _outputs(field, rules, inputs)
        for program in subjects:
            found = _outputs(field, program, inputs)
            for k, y in enumerate(found):
                before = worst[k]
                same = [x for x in (expected[k], expected[across.get(k, k)]) if x.v == y.v]
                agrees = before is not None and same
                worst[k] = max(before or 0.0, field.chance([(same[0], y)])) if agrees else None
    except PoleError:
        return [None] * len(rules.outputs)
    return worst
