"""A function as a sum of multiples of nodes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import autodiff as ad
from verify.truth.terms import Terms


def test_every_node_is_a_term_once() -> None:
    """Factors of all ways to it are added up, and what cancels is none."""

    def function(x: Any, y: Any) -> Any:
        s, c = ad.sin(x), ad.cos(y)
        return (s - 2.0 * c) / 4.0 - (s - c) + 3.0 * y - y * 3.0

    terms = {str(row): factor for factor, row in named(function)}
    assert terms == {"sin": Fraction(-3, 4), "cos": Fraction(1, 2)}


def named(function: Any) -> list[tuple[Fraction, str]]:
    """Factors, and the names of what makes the nodes."""
    graph = ad.trace(function, 1.0, 1.0)
    rows = ((factor, graph.nodes[place].primitive) for factor, place in Terms(graph))
    return [(factor, "" if row is None else row.name) for factor, row in rows]


def test_sums_of_sums_take_linear_time() -> None:
    """Two to the power of 200 ways lead from the result to the only term."""

    def function(x: Any, y: Any) -> Any:
        total = ad.sin(x)
        for _ in range(200):
            total = total + total
        return total - y

    assert named(function) == [(Fraction(2**200), "sin"), (Fraction(-1), "")]
