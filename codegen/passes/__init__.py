"""Passes keep the meaning of a graph: Graph -> Graph, valid before and after, none in place.

Common subexpressions need no pass: the Builder interns equal nodes.

A pass is licensed *exact* (the outputs keep every bit, for every input, NaN payloads aside) or
*fast* (the outputs are the same real numbers, but rounded differently; they may overflow or
underflow elsewhere).  There is one pipeline, read top to bottom; a profile is the row of its
stages that name it: ``exact`` has exact ones only and is the default, ``fast`` has both,
``stable`` the exact ones, after ``codegen.stable`` has chosen the form.

In: a graph.  Out: the graph that is written as text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from codegen.passes.balance import balance
from codegen.passes.dce import dce
from codegen.passes.decided import decided
from codegen.passes.powers import powers
from codegen.passes.products import products
from codegen.passes.reciprocals import reciprocals
from codegen.passes.shortcuts import shortcuts
from codegen.passes.simplify import simplify
from codegen.passes.sums import sums
from codegen.passes.zeros import zeros

__all__ = [
    "EXACT",
    "FAST",
    "PIPELINE",
    "Stage",
    "before_emission",
    "dce",
    "passes_of",
    "run_passes",
    "simplify",
]

Pass = Callable[[Graph], Graph]
_PROFILES = ("exact", "fast", "stable")
EXACT, FAST = _PROFILES, ("fast",)  # the profiles that may run an exact, a fast pass
_INTERPRETED = ("python", "numpy")


@dataclass(frozen=True)
class Stage:
    """One line of the pipeline: a pass, and where it runs.

    Args:
        run: The pass.
        profiles: The profiles that it belongs to.
        machines: True if it pays for a compiler only: Python and NumPy divide as fast as they
            multiply, and wait for every addition.
        emission: False if emitters do without it: they write live nodes only.
    """

    run: Pass
    profiles: tuple[str, ...] = EXACT
    machines: bool = False
    emission: bool = True


PIPELINE: tuple[Stage, ...] = (
    Stage(shortcuts, FAST),
    Stage(zeros, FAST),
    Stage(simplify, EXACT),
    Stage(decided, EXACT),
    Stage(powers, FAST),
    Stage(products, FAST),
    Stage(sums, FAST),
    Stage(simplify, FAST),  # once more: what the fast ones have made
    Stage(reciprocals, FAST, machines=True),
    Stage(balance, FAST, machines=True),
    Stage(dce, EXACT, emission=False),
)


def passes_of(profile: str = "exact") -> tuple[Pass, ...]:
    """Every pass of a profile that every target runs, top to bottom.

    Raises:
        ArgumentError: if there is no such profile.
    """
    return tuple(stage.run for stage in _stages(profile) if not stage.machines)


def before_emission(profile: str, target: str) -> tuple[Pass, ...]:
    """The passes of a profile that run before a target's text is written.

    Raises:
        ArgumentError: if there is no such profile.
    """
    machine = target not in _INTERPRETED
    stages = (stage for stage in _stages(profile) if stage.emission)
    return tuple(stage.run for stage in stages if machine or not stage.machines)


def _stages(profile: str) -> list[Stage]:
    if profile not in _PROFILES:
        raise ArgumentError(
            f"profile: found {profile!r}; expected {', '.join(_PROFILES[:-1])} or {_PROFILES[-1]}"
        )
    return [stage for stage in PIPELINE if profile in stage.profiles]


def run_passes(
    graph: Graph,
    passes: Sequence[Pass] | None = None,
    after_each: Callable[[Pass, Graph], None] | None = None,
) -> Graph:
    """Run the passes, those of the exact profile by default.

    ``after_each(pass, graph)`` may print or check in between.
    """
    for one in passes_of() if passes is None else passes:
        graph = one(graph)
        if after_each is not None:
            after_each(one, graph)
    return graph
