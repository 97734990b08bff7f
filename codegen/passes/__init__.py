"""Passes keep the meaning of a graph: Graph -> Graph, valid before and after, none in place.

Common subexpressions need no pass: the Builder interns equal nodes.

A pass is licensed *exact* (the outputs keep every bit, for every input, NaN payloads aside) or
*fast* (the outputs are the same real numbers, but rounded differently; they may overflow or
underflow elsewhere).  A profile is a row of passes: ``exact`` has exact ones only and is the
default, ``fast`` has both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from codegen.passes.balance import balance
from codegen.passes.dce import dce
from codegen.passes.powers import powers
from codegen.passes.products import products
from codegen.passes.reciprocals import reciprocals
from codegen.passes.shortcuts import shortcuts
from codegen.passes.simplify import simplify
from codegen.passes.sums import sums

__all__ = [
    "BEFORE_EMISSION",
    "PIPELINE",
    "PROFILES",
    "before_emission",
    "dce",
    "run_passes",
    "simplify",
]

Pass = Callable[[Graph], Graph]
PIPELINE: tuple[Pass, ...] = (simplify, dce)
# What emitters run: they write live nodes only, so nodes need not be dropped first.
BEFORE_EMISSION: tuple[Pass, ...] = (simplify,)

# What each profile runs before emission, top to bottom.
PROFILES: dict[str, tuple[Pass, ...]] = {
    "exact": BEFORE_EMISSION,
    "fast": (shortcuts, simplify, powers, products, sums, simplify),
}
# What it runs besides for a compiler: Python and NumPy divide as fast as they multiply.
_ON_MACHINES: dict[str, tuple[Pass, ...]] = {"exact": (), "fast": (reciprocals, balance)}


def before_emission(profile: str, target: str) -> tuple[Pass, ...]:
    """The passes of a profile for a target.

    Raises:
        ArgumentError: if there is no such profile.
    """
    if profile not in PROFILES:
        raise ArgumentError(f"profile: found {profile!r}; expected {' or '.join(PROFILES)}")
    return PROFILES[profile] + (() if target in ("python", "numpy") else _ON_MACHINES[profile])


def run_passes(
    graph: Graph,
    passes: Sequence[Pass] = PIPELINE,
    after_each: Callable[[Pass, Graph], None] | None = None,
) -> Graph:
    """Run the passes; ``after_each(pass, graph)`` may print or check in between."""
    for one in passes:
        graph = one(graph)
        if after_each is not None:
            after_each(one, graph)
    return graph
