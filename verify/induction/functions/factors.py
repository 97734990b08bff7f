"""Multiplied: what a text needs, met as the product of two needs of the chain rule.

``a*(1 - a) > 0`` where sqrt(a) and sqrt((1 - sqrt(a))*(1 + sqrt(a))) are divided by.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

from verify.induction.compose import Composition, lanes
from verify.induction.functions.relations import Relations, needed
from verify.program.program import Program

__all__ = ["is_product"]

_MOST = 10  # needs of which products are looked at
_SERVES = {
    "nonzero": frozenset({"nonzero", "positive"}),
    "positive": frozenset({"positive"}),
    "nonnegative": frozenset({"positive", "nonnegative"}),
}


def is_product(need: str, wanted: Program, known: Sequence[tuple[str, Program]]) -> bool:
    """True if a number is what it has to be as one of others, or the product of two.

    Args:
        need: "nonzero", "positive" or "nonnegative".
        wanted: What has to be that.
        known: What is that, and what is another of these.
    """
    composition = Composition(lanes(1))
    nodes, surely = composition.nodes, set[int]()
    inputs = [composition.input(i) for i in range(wanted.inputs)]

    def number(program: Program) -> int:
        values = composition.run(program, inputs)
        surely.update(needed(program, values, program.outputs[0], nodes))
        return composition.lift(values[program.outputs[0]]).index

    x = number(wanted)
    serving = [program for kind, program in known if kind in _SERVES[need]][:_MOST]
    given = [number(program) for program in serving]
    products = [nodes.arithmetic("mul", *pair) for pair in combinations_with_replacement(given, 2)]
    relations = Relations(nodes, [x, *given, *products], surely)
    either = (x, nodes.negative(x)) if need == "nonzero" else (x,)
    return any(relations.prove(i, y) for i in either for y in (*given, *products))
