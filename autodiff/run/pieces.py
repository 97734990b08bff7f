"""Where switches of a graph tie, and the derivatives of the pieces that meet there.

A function of ``abs``, ``maximum`` and ``where`` is smooth pieces glued together.  Where one switch
ties, its row says what is returned.  Where several do, each by its own convention, the result can
be a number that belongs to no piece: ``maximum(x, 0) - maximum(-x, 0)`` is x, and conventions give
0 for its derivative at 0.  Where a step has an infinite slope, the chain rule may find 0 * inf for
a derivative that there is: ``x * sqrt(x)`` has the derivative 0 at 0.  So a transform notes in
``Graph.limits`` which outputs are derivatives, which inputs move, and where either may happen; at
such a point every reader of the graph takes the derivatives of the pieces, all switches on the side
of one direction, and lets the convention stand only if it lies between them (``settle.py``).  They
are found at the point itself (``one_sided.py``) or, where something is infinite or undefined there,
a tiny step away from it (``germ``).

**What is promised.**  Let f be made of finitely many smooth pieces around x, let all switches that
tie at x have arguments that leave their tie along generic lines through x, and let x be a place
that is noted: two switches that may meet (``ties.py`` says what a lone one does), or an infinite
slope of a short function (``singular.py``).  (1) If f is C1 at x, the gradient returned is grad
f(x); if it is C2, so is the Hessian.  If f is defined on one side of x only, the same holds of the
limits from there.  (2) If a single kink ties, the row's convention is returned.  (3) Always, each
number is the convention's, or in the hull of its limits from the pieces asked.  In doubles: limits
are compared to 1e-10 of their size, and one below 2**-64 that all sides agree on may be that of a
root of the step, and is returned as 0.

Why: on the line ``x + t d``, d generic, every switch has one side for all small t > 0, so f is one
smooth piece there, and the transformed graph, evaluated with those sides, is that piece's
derivative, by the chain rule.  At t = 0 the same steps give its limit where all of them are finite,
as each is continuous but for its switches.  f in C1 means that grad f is continuous, so these
limits are all grad f(x), whatever d: lowest and highest agree, and so does what is returned.  A
lone kink's convention is between its one-sided derivatives, for every row of the table, and
products and sums with what is smooth keep it there.

**What is not.**  Where f jumps at x (``atan2(x != y, 1)`` where x is y) it has no derivative there;
what is returned is what the pieces beside x agree on, or the convention; an input at whose numbers
f jumps whatever the others are does not move (``trace/switching/flags.py``).  Two generic lines are
asked, both ways (one if a single input moves): a piece too narrow for them is not heard.  And what
cancels a step away (a pole minus a pole), or underflows there (a root of a sixth power), or decides
by a number that is nan there (``germ/doubt.py``), is not guessed: the convention stands, nan if it
is nan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.node_values import node_values
from autodiff.graph.rebuild import live_nodes, rebuild
from autodiff.graph.structure import Array
from autodiff.numbers.settle import directions, settled
from autodiff.run.germ import Germ, apply, doubted, known
from autodiff.run.one_sided import reached, sides_graph, switches_of, unsure
from autodiff.table.float import Float
from autodiff.table.primitive import REGISTRY
from autodiff.trace.placeholder import Tracer

__all__ = ["FARTHEST", "flagged", "piece_graph", "settle"]

# Nodes of a graph up to which derivatives are followed away from a tie: of more, its text would be
# too long, and the table has the last word where something is infinite at the tie.
FARTHEST = 20_000


def piece_graph(graph: Graph) -> Graph:
    """``(point, step) -> derivatives`` at ``point + step`` on the piece that the step leads into.

    Both are flat arrays of the inputs; the derivatives are those that ``graph.limits`` names.
    """
    limits = graph.limits
    assert limits is not None
    count = graph.inputs.count
    builder = Builder(2 * count)
    moving = set(limits.inputs)
    in_doubt, forms = unsure(graph, reached(graph, moving)), switches_of(graph)
    germs: list[Germ] = [
        Germ(Tracer(builder, i), Tracer(builder, count + i) if i in moving else None)
        for i in range(count)
    ]
    for index, node in enumerate(graph.nodes[count:], count):
        if node.primitive is None:
            germs.append(Germ(Float(node.value or 0.0), None))
            continue
        operands = [germs[i] for i in node.operands]
        result = apply(node.primitive, tuple(operands), forms)
        germs.append(doubted(node.primitive, operands, result) if in_doubt[index] else result)
    outputs = []
    for position in limits.outputs:
        x = known(germs[graph.outputs[position]])
        outputs.append(x.index if isinstance(x, Tracer) else builder.literal(float(x)))
    parameters = (("point", Array((count,))), ("step", Array((count,))))
    return builder.graph(f"{graph.name}_piece", parameters, outputs, Array((len(outputs),)))


def flagged(graph: Graph, places: Sequence[tuple[int, int | float]]) -> Graph:
    """``graph``, which a transform made, with one more output: true at one of the places."""
    limits = graph.limits
    assert limits is not None
    builder = Builder.extending(graph)
    flag = None
    for x, y in places:
        place = y if type(y) is int else builder.literal(y)
        tied = builder.add(REGISTRY["eq"], (x, place))
        flag = tied if flag is None else builder.add(REGISTRY["logical_or"], (flag, tied))
    assert flag is not None
    outputs = [*graph.outputs, flag]
    origins, result = graph.origins, graph.result
    return builder.graph(graph.name, graph.parameters, outputs, result, origins, limits)


def settle(graph: Graph, point: Sequence[float], table: Sequence[float]) -> list[float]:
    """The derivatives of ``graph`` where switches tie, given those of the table."""
    limits = graph.limits
    assert limits is not None
    at = [float(x) for x in point]
    *bars, lost = _run(_kept(graph, "sides", sides_graph), [*at, *map(float, table)])
    if not lost:
        return bars
    if len(graph.nodes) > FARTHEST:
        return list(table)
    piece = _kept(graph, "piece", piece_graph)
    steps = directions(len(at), list(limits.inputs))
    return settled([_run(piece, [*at, *step]) for step in steps], list(table))


def _kept(graph: Graph, name: str, make: Callable[[Graph], Graph]) -> Graph:
    """What ``make`` makes of a graph, without what nothing needs; kept for the next tie."""
    kept: Graph | None = graph.plans.get(name)
    if kept is None:
        made = make(graph)
        kept = graph.plans[name] = rebuild(made, live=live_nodes(made))
    return kept


def _run(graph: Graph, inputs: Sequence[float]) -> list[float]:
    """The outputs of a graph of numbers."""
    values = node_values(graph.nodes, inputs)
    return [float(values[i]) for i in graph.outputs]
