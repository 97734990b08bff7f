"""What keeps a loop as it is: a condition that stops it, carries that never change."""

from __future__ import annotations

from typing import Any

import numpy as np

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.graph.loops.ending import goes_on, may_end
from autodiff.graph.loops.loop_nodes import each_loop
from autodiff.graph.loops.trim import settled
from autodiff.run.whole.array_ties import tied_graph
from autodiff.run.whole.shortened import shortened
from autodiff.run.whole.whole_values import run_whole
from autodiff.trace.trace import trace, trace_loops


def traced(function: Any, *args: Any) -> Graph:
    """The trace of a function with its arrays whole."""
    return trace(function, *args, expand=False)


def halved(x: Any) -> Any:
    """A number, halved until it is small."""
    return ad.while_loop(lambda now: now > 0.1, lambda now: 0.5 * now, x, most=30)


def summed(x: Any, ys: Any) -> Any:
    """A sum of what a scaled number gives; the scale never changes."""

    def step(carry: Any, y: Any) -> Any:
        total, scale = carry
        return (total + scale * y, scale), None

    (total, scale), _ = ad.scan(step, (0.0, x), ys)
    return total * scale


def test_a_while_loop_may_end() -> None:
    """Its condition is the node that says whether a repetition does anything."""
    graph = traced(halved, 3.0)
    (group,) = each_loop(graph)
    condition = goes_on(group.loop)
    assert condition is not None
    primitive = group.loop.body.nodes[condition].primitive
    assert primitive is not None
    assert primitive.predicate
    assert may_end(graph)


def test_a_sum_goes_to_its_end() -> None:
    """A loop that changes its carry in every repetition has no such condition."""
    graph = traced(summed, 2.0, np.ones(20))
    assert not may_end(graph)


def test_a_choice_by_an_element_ends_nothing() -> None:
    """What is skipped for an element may go on with the next one."""

    def skipping(x: Any, ys: Any) -> Any:
        def step(carry: Any, y: Any) -> Any:
            return ad.where(y > 0.5, carry * 0.9, carry), None

        return ad.scan(step, x, ys)[0]

    assert not may_end(traced(skipping, 2.0, np.linspace(0.0, 1.0, 20)))


def test_carries_that_never_change_stay_the_same() -> None:
    """Such a carry becomes an operand like others; what the loop gives of it is that operand."""
    graph = traced(summed, 2.0, np.ones(20))
    (group,) = each_loop(graph)
    loop, operands, kept = settled(group.loop, group.operands)
    assert group.loop.carries == 2
    assert loop.carries == 1
    assert sorted(operands) == sorted(group.operands)
    assert kept == {0: 0}


def stepped(x: Any, y: Any) -> Any:
    """Steps up to 1, the last one as long as what is left."""
    t, h = 0.0, x
    while t < 1.0:
        h = min(1.1 * h, 1.0 - t)
        y, t = y + h * y * y, t + h
    return y


def with_loops(function: Any, *args: Any) -> Graph:
    """The trace of a function with its loops recorded once."""
    graph = trace_loops(5000, function, *args)
    assert graph is not None
    return graph


def test_the_end_of_a_loop_ties_with_nothing() -> None:
    """A loop that ends at what it aims at asks for its end once more, and that decides nothing."""
    graph = with_loops(stepped, 0.2, 0.5)
    asked_later = with_loops(lambda x, y: 0.0 if stepped(x, y) < 0.0 else x, 0.2, 0.5)
    counts = []
    for one, y in ((graph, 0.5), (asked_later, 0.0)):
        ties = tied_graph(one)
        assert ties is not None
        counts.append(run_whole(ties, [np.array(0.2), np.array(y)])[ties.outputs[0]])
    assert counts == [0.0, 1.0]


def test_a_loop_is_as_long_as_points_need() -> None:
    """At the points it gives the same numbers."""
    graph, points = with_loops(stepped, 0.2, 0.5), [[0.2, 0.5], [0.05, 0.4]]
    short = shortened(graph, points)
    before, after = ([group.loop.length for group in each_loop(g)] for g in (graph, short))
    assert after[0] < 30 < before[0]
    for parts in points:
        values = [run_whole(g, parts)[g.outputs[0]] for g in (graph, short)]
        assert values[0] == values[1]
