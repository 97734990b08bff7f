"""parted: loops without what needs no loop.

What depends on no other repetition is an operation on arrays, before the loop, or behind it if it
needs what the loop gives.  What adds up, and nothing else looks at, is a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.body_inputs import part_of, parts_named
from autodiff.graph.loops.ending import goes_on
from autodiff.graph.loops.loop_nodes import Loop, LoopNodes
from autodiff.graph.loops.rebuilt_loops import rebuilt_loops
from autodiff.graph.loops.trim import trimmed
from autodiff.graph.rebuild import Rebuild, live_nodes
from autodiff.graph.structure import Tuple
from autodiff.origins.origin import moved
from autodiff.run.roll.loop_parts import parts_of
from autodiff.table.arrays.reshaping import broadcast_to, sum_over
from autodiff.table.primitive import REGISTRY
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["parted"]


def parted(graph: Graph) -> Graph:
    """``graph`` with less in its loops, and without what nobody needs."""
    return rebuilt_loops(graph, _of_loop, live_nodes(graph))


def _of_loop(walk: Rebuild, group: LoopNodes, wanted: Mapping[int, int]) -> dict[int, int]:
    """What the wanted nodes of a loop become."""
    loop, operands, places = trimmed(group.loop, group.operands, wanted)
    loop, given = loop._replace(body=parted(loop.body)), [walk.placed(i) for i in operands]
    if goes_on(loop) is None:
        results = _Parting(walk.builder, loop).results(given)
    else:  # beyond its end there is nothing to compute
        results = [loop.add(walk.builder, given, k) for k in range(loop.results)]
    return {node: results[places[k]] for k, node in wanted.items()}


class _Parting:
    """A loop on its way into arrays, a loop of less, and arrays."""

    def __init__(self, builder: Builder, loop: Loop) -> None:
        self._builder, self._loop, self._parts = builder, loop, parts_of(loop)
        self._arrays: dict[int, int] = {}  # a node of the body -> the array of all its values
        self._ends: dict[int, int] = {}  # a result -> its node

    def results(self, operands: Sequence[int]) -> list[int]:
        """The nodes of the results, for the operands of the loop."""
        loop, parts = self._loop, self._parts
        for place in loop.stream_places:
            self._arrays[place] = operands[place]
        for place in loop.fixed_places:
            self._ends[-1 - place] = operands[place]
        for index in parts.fixed:
            primitive, taken, params, shape = loop.body.nodes[index]
            assert primitive is not None
            placed = tuple([self._whole(i) for i in taken])
            self._ends[-1 - index] = self._builder.add(primitive, placed, params, shape)
        for index in parts.before:
            self._at_once(index)
        self._run(operands)
        for index in parts.behind:
            self._at_once(index)
        return [self._result(k, operands) for k in range(loop.results)]

    def _at_once(self, index: int) -> None:
        """A node of the body, for all repetitions."""
        primitive, operands, params, _ = self._loop.body.nodes[index]
        assert primitive is not None
        taken = tuple([self._whole(i) for i in operands])
        shape = (self._loop.length,)
        self._arrays[index] = self._builder.add(primitive, taken, params, shape)

    def _whole(self, index: int) -> int:
        """All values of a node, or the one that it always has."""
        if index in self._arrays:
            return self._arrays[index]
        value = self._loop.body.nodes[index].value
        return self._ends[-1 - index] if value is None else self._builder.literal(value)

    def _result(self, k: int, operands: Sequence[int]) -> int:
        loop, builder = self._loop, self._builder
        output = loop.body.outputs[k]
        if k not in self._parts.sums:
            return self._ends[k] if k < loop.carries else self._stack(output)
        added, subtracted = self._parts.sums[k]
        terms = ArrayTracer(builder, self._whole(added))
        total = sum_over(broadcast_to(terms, (loop.length,)), (0,)).index
        if not subtracted and builder.value(operands[k]) == 0.0:
            return int(total)
        row = REGISTRY["sub" if subtracted else "add"]
        return builder.add(row, (operands[k], total))

    def _stack(self, output: int) -> int:
        """All values of an output."""
        shape = self._loop.body.nodes[output].shape
        whole = self._whole(output)
        full = (self._loop.length, *shape)
        if self._builder.nodes[whole].shape == full:
            return whole
        return int(broadcast_to(ArrayTracer(self._builder, whole), full).index)

    # --- the loop that is left ---

    def _run(self, operands: Sequence[int]) -> None:
        """The loop of the core; what is read of it behind is stacked."""
        loop, parts = self._loop, self._parts
        core = {*parts.core}
        if not parts.carries and not core:
            return
        stacks = self._stacks(core)
        inputs = self._inputs(core, stacks)
        small = self._body(inputs, stacks)
        made = loop._replace(
            body=small, carries=len(parts.carries),
            streams=sum(1 for kind, _ in inputs if kind == "stream"),
        )  # fmt: skip
        given = [operands[i] if kind == "carry" else self._whole(i) for kind, i in inputs]
        for place, k in enumerate(parts.carries):
            self._ends[k] = made.add(self._builder, given, place)
        for place, index in enumerate(stacks, len(parts.carries)):
            self._arrays[index] = made.add(self._builder, given, place)

    def _stacks(self, core: set[int]) -> list[int]:
        """Nodes of the core, and carries, whose values are read behind the loop."""
        loop, parts = self._loop, self._parts
        nodes = loop.body.nodes
        read = [i for index in parts.behind for i in nodes[index].operands]
        read += [added for added, _ in parts.sums.values()]
        read += loop.body.outputs[loop.carries :]
        return sorted({i for i in read if i in core or i < loop.carries})

    def _inputs(self, core: set[int], stacks: Iterable[int]) -> list[tuple[str, int]]:
        """What the smaller loop takes: kind, and node of the body."""
        loop, parts = self._loop, self._parts
        nodes = loop.body.nodes
        read = [i for index in parts.core for i in nodes[index].operands]
        read += [loop.body.outputs[k] for k in parts.carries]
        read += stacks
        found = dict.fromkeys(i for i in read if i not in core and i >= loop.carries)
        streams = [i for i in found if i in self._arrays]
        fixed = [i for i in found if i in loop.fixed_places or i in parts.fixed]
        return [
            *(("carry", k) for k in parts.carries), *(("stream", i) for i in streams),
            *(("fixed", i) for i in fixed),
        ]  # fmt: skip

    def _body(self, inputs: Sequence[tuple[str, int]], stacks: Sequence[int]) -> Graph:
        """The body of the core."""
        loop, parts = self._loop, self._parts
        old = loop.body
        labels = {} if old.origins is None else old.origins.labels
        names = [
            old.parameters[i][0] if i < old.inputs.count
            else labels[i].base if i in labels else "x"
            for _, i in inputs
        ]  # fmt: skip
        parameters = parts_named(names, [old.nodes[i].shape for _, i in inputs])
        builder = Builder(Inputs(parameters, False))
        refs: list[int] = [-1] * len(old.nodes)
        for place, (_, i) in enumerate(inputs):
            refs[i] = place

        def placed(index: int) -> int:
            value = old.nodes[index].value
            return refs[index] if value is None else builder.literal(value)

        for index in parts.core:
            primitive, operands, params, shape = old.nodes[index]
            assert primitive is not None
            refs[index] = builder.add(primitive, tuple(map(placed, operands)), params, shape)
        outputs = [*(placed(old.outputs[k]) for k in parts.carries), *map(placed, stacks)]
        result = Tuple(tuple(part_of(builder.nodes[i].shape) for i in outputs))
        origins = moved(old.origins, refs)
        return builder.graph(old.name, parameters, outputs, result, origins)
