"""trimmed: a loop of which some results are wanted, without what these do not need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.loop_nodes import Loop
from autodiff.graph.rebuild import Rebuild, live_nodes
from autodiff.graph.structure import Array, Tuple
from autodiff.origins.origin import moved

__all__ = ["lifted", "rearranged", "settled", "trimmed"]


def rearranged(graph: Graph, inputs: Sequence[int], outputs: Sequence[int]) -> Graph:
    """A body with some of its inputs, in another order, and some of its outputs.

    Args:
        graph: A body: each parameter is one input.
        inputs: Which inputs stay; what the outputs need has to be among them.
        outputs: Which outputs stay.
    """
    kept = tuple([graph.outputs[k] for k in outputs])
    asked = replace(graph, outputs=kept)
    live = live_nodes(asked)
    parameters = tuple([graph.parameters[i] for i in inputs])
    walk = Rebuild(asked, Builder(Inputs(parameters, False)))
    walk.refs = [None] * graph.inputs.count
    for new, old in enumerate(inputs):
        walk.refs[old] = new
    walk.run(None, live)
    result = Tuple(())
    if isinstance(graph.result, Tuple):
        result = Tuple(tuple([graph.result.items[k] for k in outputs]))
    made = [walk.placed(i) for i in kept]
    origins = moved(graph.origins, walk.refs)
    return walk.builder.graph(graph.name, parameters, made, result, origins)


def trimmed(
    loop: Loop, operands: Sequence[int], wanted: Iterable[int]
) -> tuple[Loop, list[int], dict[int, int]]:
    """The loop that gives the wanted results and no others.

    Returns:
        The loop, its operands, and for each result that stays its new place.
    """
    body = loop.body
    stays = set(wanted)
    while True:
        outputs = sorted(stays)
        live = live_nodes(replace(body, outputs=tuple([body.outputs[k] for k in outputs])))
        more = {k for k in range(loop.carries) if live[k]}
        if more <= stays:
            break
        stays |= more
    inputs = [k for k in outputs if k < loop.carries]
    carries = len(inputs)
    inputs += [i for i in loop.stream_places if live[i]]
    streams = len(inputs) - carries
    inputs += [i for i in loop.fixed_places if live[i]]
    others = [*loop.stream_places, *loop.fixed_places]
    if not inputs and others:  # repetitions give the same numbers; a loop has an operand
        inputs, streams = others[:1], int(others[0] in loop.stream_places)
    made = rearranged(body, inputs, outputs)
    small = loop._replace(body=made, carries=carries, streams=streams)
    return small, [operands[i] for i in inputs], {old: new for new, old in enumerate(outputs)}


def settled(loop: Loop, operands: Sequence[int]) -> tuple[Loop, list[int], dict[int, int]]:
    """A loop whose carries change: those that do not stay the same, as other operands do.

    Returns:
        The loop, its operands, and for each result that it still has its new place; the others
        are operands.
    """
    body = loop.body
    same = [k for k in range(loop.carries) if body.outputs[k] == k]
    if not same:
        return loop, [*operands], {k: k for k in range(loop.results)}
    left = [k for k in range(loop.carries) if k not in same]
    inputs = [*left, *range(loop.carries, body.inputs.count), *same]
    outputs = [*left, *range(loop.carries, loop.results)]
    made = loop._replace(body=rearranged(body, inputs, outputs), carries=len(left))
    return made, [operands[i] for i in inputs], {old: new for new, old in enumerate(outputs)}


def lifted(loop: Loop) -> tuple[Loop, list[ArrayConstant]]:
    """A loop whose body holds no arrays of constants: they stand outside, as operands more.

    Returns:
        The loop, and the arrays, which are its last operands.
    """
    body = loop.body
    if not body.arrays:
        return loop, []
    arrays = list(body.arrays.values())
    taken = {name for name, _ in body.parameters}
    free = (name for i in range(1, 10**6) if (name := f"data_{i}") not in taken)
    parameters = (*body.parameters, *((next(free), Array(array.shape)) for array in arrays))
    walk = Rebuild(body, Builder(Inputs(parameters, False)))
    places = dict(zip(body.arrays, range(body.inputs.count, len(parameters)), strict=True))
    for index in range(body.inputs.count, len(body.nodes)):
        primitive, operands, params, shape = body.nodes[index]
        if index in places:
            walk.refs.append(places[index])
        elif primitive is None:
            walk.refs.append(params[0][1])
        else:
            placed = tuple([walk.placed(i) for i in operands])
            walk.refs.append(walk.builder.add(primitive, placed, params, shape))
    outputs = [walk.placed(i) for i in body.outputs]
    origins = moved(body.origins, walk.refs)
    made = walk.builder.graph(body.name, parameters, outputs, body.result, origins)
    return loop._replace(body=made), arrays
