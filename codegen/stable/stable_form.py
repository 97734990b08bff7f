"""stable: a function and its derivatives in the form that loses fewest bits.

Every form is equal over the reals to what it stands for (``identities``, ``rewrites``); which one
is written is measured: the bits lost on points of the domain, against true numbers.  What was
chosen is measured again on other points, and what is worse there than the given form is taken
back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.origins.bytecode import Place
from autodiff.origins.origin import Origins, moved
from autodiff.run.interpret import outputs_at
from autodiff.table.provers import prover
from codegen.stable.candidates import Candidates, Choice
from codegen.stable.large_graphs import LARGE, LONGEST, longest_sum, settled_graph
from codegen.stable.many_forms import Expressions
from codegen.stable.measured.exact_quotients import with_quotients
from codegen.stable.measured.measure import WORSE, Sample, Truth, as_good, loss, sampled
from codegen.stable.measured.sample_points import EVERYWHERE, Domain, corners

__all__ = ["LARGEST", "Rewrite", "Stable", "in_profile", "joined_outputs", "stabilised"]

LARGEST = 400  # nodes of a function up to which its forms are searched
_LARGEST_WHOLE = 2500
_EACH = 96  # points of each kind
_AGAIN = 96

Derive = Callable[[Graph], Graph]


@dataclass(frozen=True)
class Rewrite:
    """A rewrite that was used.

    Args:
        name: Which.
        place: The user's code that it was applied to, or to the derivative of; None if unknown.
    """

    name: str
    place: Place | None


@dataclass(frozen=True)
class Stable:
    """A function in its stable form.

    Args:
        graph: The function.
        whole: All that is computed.
        given: All that is computed, as it follows from the function as it was given.
        rewrites: What led to it, in order; none if nothing is changed.
    """

    graph: Graph
    whole: Graph
    given: Graph
    rewrites: tuple[Rewrite, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The rewrites by name."""
        return tuple(dict.fromkeys(rewrite.name for rewrite in self.rewrites))


_known: dict[tuple[Graph, Graph, Domain], Stable] = {}
_KEPT = 64


def stabilised(graph: Graph, derive: Derive, domain: Domain = EVERYWHERE) -> Stable:
    """The stable form of a function and of what is derived from it.

    Args:
        graph: The function.
        derive: From the function to all that is computed: value and gradient, a Hessian.
        domain: Where it is called.
    """
    whole = derive(graph)
    given = Stable(graph, whole, whole)
    if not _searchable(given):
        return _settled(given, derive)
    key = graph, given.whole, domain
    known = _known.get(key)
    if known is None:
        if len(_known) >= _KEPT:
            _known.pop(next(iter(_known)))
        known = _known[key] = _searched(given, derive, domain)
    return known


def in_profile(profile: str, graph: Graph, derive: Derive, domain: Domain = EVERYWHERE) -> Stable:
    """A function and all that is computed, as a profile has them before the passes."""
    if profile == "stable":
        return stabilised(graph, derive, domain)
    whole = derive(graph)
    return Stable(graph, whole, whole)


def _of_numbers(graph: Graph) -> bool:
    """True for a graph of scalar rows alone."""
    return graph.expanded and all(not n.params or n.primitive is None for n in graph.nodes)


def _settled(given: Stable, derive: Derive) -> Stable:
    """What is too large to search: rewritten where that is sure to help."""
    graph = given.graph
    if not _of_numbers(graph) or graph.limits is not None or not 0 < len(graph.nodes) <= LARGE:
        return given
    function, steps = settled_graph(graph)
    if not steps:
        return given
    places = [None if graph.origins is None else graph.origins.place(node) for _, node in steps]
    rewrites = [Rewrite(name, place) for (name, _), place in zip(steps, places, strict=True)]
    made = derive(function)
    limits = given.whole.limits
    if limits is None or not limits.every:  # nothing ties in the function: a rule's tie is none
        made = replace(made, limits=limits)
    return Stable(function, made, given.whole, tuple(dict.fromkeys(rewrites)))


def _searchable(given: Stable) -> bool:
    graph, whole = given.graph, given.whole
    return (
        _of_numbers(graph)
        and _of_numbers(whole)
        and graph.limits is None
        and graph.inputs.count > 0
        and len(graph.nodes) <= LARGEST
        and len(whole.nodes) <= _LARGEST_WHOLE
        and 0 < len(whole.outputs) <= LARGEST
        and longest_sum(graph) <= LONGEST
    )


def _searched(given: Stable, derive: Derive, domain: Domain) -> Stable:
    graph, whole = given.graph, given.whole
    both = joined_outputs(graph, whole)
    sample = sampled(both, domain, _EACH, seed=1)
    if sample is None:
        return given
    e = Expressions(sample.columns)
    pool = 16 if len(whole.nodes) < 150 else 8 if len(whole.nodes) < 600 else 4
    choice = Candidates(graph, whole, derive, e, sample, pool).choice()
    again = sampled(both, domain, _AGAIN, seed=2) if choice is not None else None
    if choice is None or again is None:
        return given
    for _ in range(3):
        found = _written(given, choice, e)
        worse = _worse(given, found, both, domain, again)
        if not worse:
            return found
        choice = choice.without(worse)
        if choice.outputs == choice.given:
            return given
    return given


def joined_outputs(graph: Graph, whole: Graph) -> Graph:
    """The outputs of the function and of all that is computed, as true numbers have them."""
    e = Expressions([np.zeros(1)] * whole.inputs.count)
    first, second = e.of_graph(graph), e.of_graph(whole)
    roots = [first[i] for i in graph.outputs] + [second[i] for i in whole.outputs]
    joined = e.graph(whole.name, whole.parameters, roots, whole.result)[0]
    return with_quotients(joined, graph)


def _written(given: Stable, choice: Choice, e: Expressions) -> Stable:
    graph, whole = given.graph, given.whole
    function, own = e.graph(
        graph.name, graph.parameters, choice.function, graph.result, inputs=graph.inputs.count
    )
    function = replace(function, origins=_origins(graph, e, own))
    # Forms are equal over the reals: where the switches of one tie alone, nothing changes sides.
    limits = None if whole.limits is None else whole.limits.moved(e.of_graph(whole))
    places: list[int] = []
    if limits is not None:
        places = [i for pair in limits.every for i in pair if type(i) is int]
    made, node = e.graph(whole.name, whole.parameters, choice.outputs, whole.result, places)
    made = replace(made, origins=_origins(whole, e, node))
    if limits is not None:
        moved = [node.get(i, 0) for i in range(len(e.forms))]
        made = replace(made, limits=limits.moved(moved))
    return Stable(function, made, whole, _rewrites(graph, whole, choice, e))


def _rewrites(graph: Graph, whole: Graph, choice: Choice, e: Expressions) -> tuple[Rewrite, ...]:
    """The rewrites, and where the user wrote what they were applied to."""
    places: dict[int, Place | None] = {}
    for one in (graph, whole):
        for node, expression in enumerate(e.of_graph(one)):
            if one.origins is not None and places.get(expression) is None:
                places[expression] = one.origins.place(node)
    found = [Rewrite(name, places.get(expression)) for name, expression in choice.steps]
    return tuple(dict.fromkeys(found))


def _origins(graph: Graph, e: Expressions, node: Mapping[int, int]) -> Origins | None:
    """Where nodes come from: those that are as they were, and what stands for others."""
    instead = {e.first(i): new for i, new in node.items()}
    ids = e.of_graph(graph)
    return moved(graph.origins, [node.get(i, instead.get(i)) for i in ids])


# --- other points ---


def _worse(given: Stable, found: Stable, both: Graph, domain: Domain, sample: Sample) -> set[int]:
    """The outputs that are worse than they were on other points, or at special ones."""
    e = Expressions(sample.columns)
    count = len(given.graph.outputs)
    worse = _worse_in_corners(given, found, both, domain)
    for place, (before, after) in enumerate(zip(*_roots(e, given, found), strict=True)):
        if before != after:
            first, second = (
                sample.means(sample.lost(e.values(i), count + place)) for i in (before, after)
            )
            if loss(second, first) > WORSE:
                worse.add(place)
    return worse


def _roots(e: Expressions, given: Stable, found: Stable) -> tuple[list[int], list[int]]:
    first, second = e.of_graph(given.whole), e.of_graph(found.whole)
    return [first[i] for i in given.whole.outputs], [second[i] for i in found.whole.outputs]


def _worse_in_corners(given: Stable, found: Stable, both: Graph, domain: Domain) -> set[int]:
    """The outputs that special points had right, and have no more."""
    points = corners(domain, given.whole.inputs.count, seed=3)
    truth: Truth = prover("true numbers")
    count = len(given.graph.outputs)
    worse: set[int] = set()
    for point, row in zip(points, truth(both, points), strict=True):
        if not math.isfinite(row[0]):
            continue
        before, after = outputs_at(given.whole, point), outputs_at(found.whole, point)
        good = as_good(np.array(before), np.array(after), np.array(row[count:]))
        worse |= {int(place) for place in np.flatnonzero(~good)}
    return worse
