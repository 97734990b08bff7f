"""Where switches tie in a computation of Values: the reverse sweep on the pieces that meet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from autodiff.graph.rebuild import carrying_nodes
from autodiff.numbers.settle import directions, noise_of, settled_one
from autodiff.run.germ import Germ, apply, doubted, known, total
from autodiff.run.interpret import pull_back
from autodiff.run.values.remembered import Recorded
from autodiff.table.float import Float
from autodiff.table.primitive import Guarded, Primitive, Quantity, Rule
from autodiff.trace.switching.singular import SINGULAR, singular_places
from autodiff.trace.switching.ties import SWITCHES, places, ties

__all__ = ["resolve"]


def resolve(
    nodes: Sequence[Recorded], values: Sequence[float], cotangents: list[float | None]
) -> None:
    """Settle ``cotangents``, which the conventions gave, where switches tie that meet.

    Args:
        nodes: Tuples that begin like nodes; the last one is the output.
        values: The value of each node; behind them those of literals.
        cotangents: One per value, None where nothing has arrived.
    """
    count = len(nodes)
    at_ties = [i for i, node in enumerate(nodes) if node[0] in SWITCHES and _ties(node, values)]
    singular = any(c is not None and not math.isfinite(c) for c in cotangents)
    infinite = any(node[0] in SINGULAR for node in nodes)
    known = all(isinstance(node[0], Primitive | None) for node in nodes)
    if not known or not (at_ties or singular or infinite):
        return  # an operation of the user's own has a rule for numbers only

    def literal(index: int) -> float | None:
        return None if index < count else values[index]

    carrying = carrying_nodes(nodes, [count - 1])
    found = singular_places(nodes, carrying, literal)
    if at_ties or singular:
        found = *places(nodes, [True] * count, literal), *found
    if not ties(found, values):
        return
    leaves = [i for i, node in enumerate(nodes) if node[0] is None]
    swept = [_sweep(nodes, values, leaves, step) for step in directions(count, leaves)]
    # On the way to the inputs there may be numbers of any size: slopes close to infinite ones.
    noise = noise_of([[row[i] for i in leaves] for row in swept])
    for index in range(count):
        table, pieces = cotangents[index], [row[index] for row in swept]
        # Beside an infinite slope derivatives may differ by direction: only what all agree on is
        # one, and no middle of the others.
        number = settled_one(math.nan if singular else table or 0.0, pieces, noise)
        if number == number and (table is not None or number):  # None: nothing arrives on any side
            cotangents[index] = number


def _ties(node: Recorded, values: Sequence[float]) -> bool:
    return any(
        values[x] == (0.0 if y is None else values[y]) for x, y in SWITCHES[node[0]](node[1])
    )


class _Opening(NamedTuple):
    """A primitive's rules, none of whose contributions is behind a gate."""

    partials: tuple[Rule | None, ...]


@cache
def _opening(primitive: Primitive | None) -> _Opening | None:
    if primitive is None:
        return None
    fixed = frozenset(2 + place for place in primitive.literal)  # behind cotangent and result
    return _Opening(tuple([rule and partial(_open, rule, fixed) for rule in primitive.partials]))


def _open(rule: Rule, fixed: frozenset[int], *operands: Quantity) -> object:
    """What the rule gives; nan where nothing tells whether its gate is open.

    Args:
        rule: The rule of a primitive.
        fixed: Which of its operands are numbers, whatever is differentiated.
        operands: Germs, those too.
    """
    given = [x.base if i in fixed and type(x) is Germ else x for i, x in enumerate(operands)]
    part: object = rule(*given)
    while isinstance(part, Guarded):
        condition = part.condition
        assert isinstance(condition, Germ)
        truth = float(total(condition))
        if truth != truth and condition.base == condition.base:
            return Germ(Float(math.nan), None)
        part = part.value if bool(truth) == part.polarity else None
    return part


def _sweep(
    nodes: Sequence[tuple[Any, ...]],
    values: Sequence[float],
    leaves: Sequence[int],
    step: Sequence[float],
) -> list[float]:
    """The cotangent of every node on the piece that the step leads into."""
    moving = set(leaves)
    literals = [Germ(Float(x), None) for x in values[len(nodes) :]]
    germs: list[Any] = [None] * len(nodes) + literals
    for index, (primitive, operands, *_) in enumerate(nodes):
        if index in moving:
            germs[index] = Germ(Float(values[index]), Float(step[index]))
        else:
            parts = [germs[i] for i in operands]
            germs[index] = doubted(primitive, parts, apply(primitive, tuple(parts)))
    cotangents: list[Any] = [None] * len(germs)
    cotangents[len(nodes) - 1] = Germ(Float(1.0), None)
    active = [True] * len(nodes) + [False] * len(literals)
    pull_back(
        [(_opening(node[0]), node[1], (), ()) for node in nodes], germs, cotangents, active, 0
    )
    return [0.0 if g is None else float(known(g)) for g in cotangents[: len(nodes)]]
