"""The derivative of a loop is a loop: over what the repetitions began with, which is kept.

Backwards, a repetition takes the cotangents of the carries after it, of what it stacked, and gives
those of the carries before it; cotangents of what stays the same add up in carries of their own.
Forwards, tangents are carried along.  Either loop is linear in what it carries, and computes again
what it needs of the repetition itself.

Where repetitions are switched (``graph/loops/ending.py``), those of the derivative are, too: what
they began with is kept as zero where they do nothing, and whether they did is kept beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.loops.body_inputs import part_of, parts_named, user_name
from autodiff.graph.loops.ending import switch_of, taken
from autodiff.graph.loops.in_place import parts_taken
from autodiff.graph.loops.loop_nodes import Loop, LoopNodes
from autodiff.graph.loops.trim import rearranged, trimmed
from autodiff.graph.rebuild import rebuild
from autodiff.graph.structure import SCALAR, Structure, Tuple
from autodiff.graph.typed_node import Shape
from autodiff.run.derive.adding import added
from autodiff.run.derive.keeping import going_at, kept_at
from autodiff.run.reverse_plan import active_in, active_nodes, carrying_in
from autodiff.table import ops
from autodiff.table.arrays.array_row import ARRAY_ROWS, Same
from autodiff.table.float import Float
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["Bodies", "pulled_loop", "pushed_loop"]


class Bodies(Protocol):
    """What extends the body of a loop."""

    graph: Graph
    operands: list[object]

    def pull_guarded(
        self, seeds: Sequence[tuple[object, object] | None], inputs: Sequence[int]
    ) -> list[tuple[object, object]]:
        """Cotangents of inputs, each with the condition under which it flows; None: always."""
        ...

    def full(self, value: object, index: int) -> ArrayTracer:
        """A number or an array in the shape of a node."""
        ...

    def is_calm(self, inputs: Sequence[int]) -> bool:
        """True if no derivative on the way to inputs is infinite where their values are finite."""
        ...

    def push_forward(self, tangents: dict[int, object], ends: Sequence[int]) -> list[object]:
        """Tangents of nodes."""
        ...

    def body(self, outputs: Sequence[object]) -> Graph:
        """The extended graph with these outputs."""
        ...


Extend = Callable[[Graph, Sequence[tuple[str, Structure]]], Bodies]


def _full(builder: Builder, number: float, shape: Shape) -> int:
    node = builder.literal(number)
    row = ARRAY_ROWS["broadcast_to"]
    return builder.add(row, (node,), (("shape", shape),), shape) if shape else node


class _Linear:
    """A loop that goes with another, under construction.

    Its body has the inputs of the other's body, then inputs of its own.
    """

    def __init__(self, group: LoopNodes, graph: Graph, builder: Builder) -> None:
        self.loop, self.operands, self.builder = group.loop, group.operands, builder
        own = group.loop.body.parameters  # what stays the same is called what it is outside
        outside = [""] * group.loop.fixed_places.start
        outside += [user_name(graph, group.operands[i]) for i in group.loop.fixed_places]
        names = [there or name for there, (name, _) in zip(outside, own, strict=True)]
        self._named = parts_named(names, group.loop.body.inputs.shapes)
        switched = switch_of(group.loop) is not None
        self.repeated = taken(group.loop) if switched else group.loop
        self.own: list[tuple[str, Structure]] = []
        self._first = self.loop.body.inputs.count
        self._carried: list[tuple[int, int]] = []  # an input of its body, and its operand
        self._streamed: list[tuple[int, int]] = []
        self._fixed: list[tuple[int, int]] = []
        self._going: int | None = None  # an input of its body: whether the repetition did anything
        if switched:
            node = group.loop.add(builder, group.operands, going_at(group.loop))
            self._going = self._input("going", SCALAR, node, self._streamed)
        # Nodes of the other's body that were kept -> inputs of its body.
        self._kept = {i: self._kept_part(i) for i in parts_taken(group.loop)}

    def _kept_part(self, index: int) -> int:
        node = self.loop.add(self.builder, self.operands, kept_at(self.loop, index))
        structure = part_of(self.loop.body.nodes[index].shape)
        return self._input(f"part_{index}", structure, node, self._streamed)

    @property
    def switched(self) -> bool:
        """True if a repetition may do nothing."""
        return self._going is not None

    def switch(self, inside: Bodies, value: Same, before: Same) -> Same:
        """A value after a repetition, which is what it was before if that did nothing."""
        if self._going is None or value is before:
            return value
        made: Same = ops.where(ops.ne(inside.operands[self._going], 0.0), value, before)
        return made

    def _input(
        self, like: str, structure: Structure, operand: int, kind: list[tuple[int, int]]
    ) -> int:
        place = self._first + len(self.own)
        self.own.append((like, structure))
        kind.append((place, operand))
        return place

    def _of_input(self, i: int, suffix: str) -> tuple[str, Structure]:
        name, structure = self._named[i]
        return f"{name}_{suffix}", structure

    def carry(self, i: int, suffix: str, first: int | None) -> int:
        """An input of the body: a carry that belongs to an input of the other's."""
        if first is None:
            first = _full(self.builder, 0.0, self.loop.body.nodes[i].shape)
        return self._input(*self._of_input(i, suffix), first, self._carried)

    def stream(self, i: int, suffix: str, operand: int) -> int:
        """The same, an element of a stream."""
        return self._input(*self._of_input(i, suffix), operand, self._streamed)

    def fixed(self, i: int, suffix: str, operand: int) -> int:
        """The same, what stays the same."""
        return self._input(*self._of_input(i, suffix), operand, self._fixed)

    def stacked(self, k: int, suffix: str, operand: int) -> int:
        """An element of a stream that belongs to what the other stacks.

        An operand without axes stands for the same number everywhere.
        """
        result, name = self.loop.body.result, f"y_{k}_{suffix}"
        assert isinstance(result, Tuple)
        if not self.builder.nodes[operand].shape:
            return self._input(name, SCALAR, operand, self._fixed)
        return self._input(name, result.items[k], operand, self._streamed)

    def finish(self, body: Graph, reverse: bool) -> list[int]:
        """The nodes of its results, for a body with those inputs."""
        loop, builder, own = self.loop, self.builder, len(self.own)
        body = rebuild(
            body,
            lambda walk, i, *_: walk.placed(self._kept[i - own]) if i - own in self._kept else None,
        )
        kept = [
            (i, loop.add(builder, self.operands, kept_at(loop, i))) for i in range(loop.carries)
        ]
        streams = [*kept, *((i, self.operands[i]) for i in loop.stream_places), *self._streamed]
        fixed = [*((i, self.operands[i]) for i in loop.fixed_places), *self._fixed]
        every = [*self._carried, *streams, *fixed]
        results = range(len(body.outputs))
        made = Loop(
            rearranged(body, [i for i, _ in every], results),
            loop.length, len(self._carried), len(streams), reverse,
        )  # fmt: skip
        small, operands, places = trimmed(made, [operand for _, operand in every], results)
        return [small.add(builder, operands, places[k]) for k in results]


Pulled = dict[int, tuple[int, int | None]]


def pulled_loop(
    group: LoopNodes,
    bars: Mapping[int, Float | int],
    opened: Mapping[int, int],
    active: Mapping[int, bool],
    graph: Graph,
    builder: Builder,
    extend: Extend,
) -> Pulled:
    """Nodes of the cotangents of the operands of a loop.

    A cotangent that flows under a condition brings a flag along, 1.0 where it flows: what no
    repetition lets through must not meet an infinite derivative beyond the loop, nor in it.

    Args:
        group: The loop, which keeps what its repetitions begin with.
        bars: The cotangents of its results that have one: nodes, or numbers; of what is stacked,
            a scalar stands for the same number everywhere.
        opened: The flags of those that have one.
        active: The operands whose cotangent is asked for, and whether derivatives beyond are
            finite.
        graph: Where the loop stands.
        builder: Where they are added.
        extend: What extends the body.

    Returns:
        Per operand its cotangent, and the flag of that if it has one.
    """
    flagged = {k for k in opened if k < group.loop.carries}
    while True:
        sweep = _Sweep(group, bars, opened, active, _Linear(group, graph, builder), flagged)
        more = sweep.run(extend) - flagged
        if not more:
            return sweep.finish()
        flagged |= more


class _Sweep:
    """A loop backwards, with flags for some inputs of its body."""

    def __init__(
        self, group: LoopNodes, bars: Mapping[int, Float | int], opened: Mapping[int, int],
        active: Mapping[int, bool], linear: _Linear, flagged: set[int],
    ) -> None:  # fmt: skip
        self._linear, self._active = linear, active
        loop = self._loop = self._linear.repeated
        given = [i in active for i in range(loop.body.inputs.count)]
        active_inputs, self._flowing = active_in(loop, given)
        carrying = carrying_in(loop, bars)
        self._wanted = [i for i in active_inputs if i < loop.carries or carrying[i]]
        self._flagged = [i for i in self._wanted if i in flagged]
        self._builder, self._bars, self._opened = linear.builder, bars, opened
        self._carries = [i for i in self._wanted if i < loop.carries]
        self._streams = [i for i in self._wanted if i in loop.stream_places]
        self._fixed = [i for i in self._wanted if i in loop.fixed_places]
        self._seeds: dict[int, int | Float] = {}
        self._places: dict[int, int] = {}  # inputs that carry cotangents of carries, by carry
        self._flags: dict[int, int] = {}  # inputs of the sweep's body that are flags, by input
        self._stacked: dict[int, int] = {}  # the same, by what is stacked
        self._totals: list[int] = []
        self._found: dict[int, tuple[object, object]] = {}
        self._inputs()

    def _inputs(self) -> None:
        """What the sweep's body takes besides what the loop's body does."""
        linear, loop, builder = self._linear, self._loop, self._builder
        for i in self._carries:
            first = self._bars.get(i)
            node = builder.literal(first) if isinstance(first, Float) else first
            self._seeds[i] = self._places[i] = linear.carry(i, "bar", node)
        self._totals = [linear.carry(i, "bar", None) for i in self._fixed]
        for i in self._flagged:
            if i not in self._streams:
                shape = loop.body.nodes[i].shape
                begun = 1.0 if i < loop.carries and i in self._bars else 0.0
                first = self._opened.get(i) if i < loop.carries else None
                first = _full(builder, begun, shape) if first is None else first
                self._flags[i] = linear.carry(i, "flows", first)
        for k, bar in self._bars.items():
            if k >= loop.carries and self._flowing[loop.body.outputs[k]]:
                self._seeds[k] = bar if isinstance(bar, Float) else linear.stacked(k, "bar", bar)
                if k in self._opened:
                    self._stacked[k] = linear.stacked(k, "flows", self._opened[k])

    def run(self, extend: Extend) -> set[int]:
        """Go through the body; the inputs whose cotangents need a flag."""
        loop = self._loop
        inside = self._inside = extend(loop.body, self._linear.own)
        arriving: list[tuple[object, object] | None] = []
        for k in range(loop.results):
            seed = self._seeds.get(k)
            value = inside.operands[seed] if type(seed) is int else seed
            flag = (self._flags if k < loop.carries else self._stacked).get(k)
            condition = None if flag is None else ops.ne(inside.operands[flag], 0.0)
            arriving.append(None if seed is None else (value, condition))
        made = inside.pull_guarded(arriving, self._wanted)
        self._found = dict(zip(self._wanted, made, strict=True))
        for i in self._carries if self._linear.switched else ():
            reached = active_nodes(loop.body, [i])
            ends = [*range(loop.carries), *(k for k in self._bars if k >= loop.carries)]
            if not any(reached[loop.body.outputs[k]] for k in ends):
                self._found[i] = self._found[i][0], 0.0  # nothing flows where the switch is on
        calm = inside.is_calm(self._wanted)
        return {
            i
            for i, (_, condition) in self._found.items()
            if (condition is not None or (self._linear.switched and i >= loop.carries))
            and not (self._active.get(i, True) and (calm or i >= loop.carries))
        }

    def finish(self) -> Pulled:
        """The loop."""
        inside, found, switch = self._inside, self._found, self._linear.switch
        given = inside.operands
        totals = [
            switch(inside, added(given[total], found[i][0]), given[total])
            for total, i in zip(self._totals, self._fixed, strict=True)
        ]
        carried = [i for i in self._flagged if i not in self._streams]
        stacked = [i for i in self._flagged if i in self._streams]
        outputs = [
            *(switch(inside, found[i][0], given[self._places[i]]) for i in self._carries), *totals,
            *(switch(inside, self._flag(i), given[self._flags[i]]) for i in carried),
            *(switch(inside, x, 0.0) for x in (*(found[i][0] for i in self._streams),
                                               *map(self._flag, stacked))),
        ]  # fmt: skip
        nodes = self._linear.finish(inside.body(outputs), not self._loop.reverse)
        ends = iter(nodes)
        bars = {i: next(ends) for i in (*self._carries, *self._fixed)}
        flags = {i: next(ends) for i in carried}
        bars |= {i: next(ends) for i in self._streams}
        flags |= {i: next(ends) for i in stacked}
        return {i: (bar, flags.get(i)) for i, bar in bars.items()}

    def _flag(self, i: int) -> object:
        """Whether the cotangent of an input flows: in this repetition, or in one so far."""
        condition = self._found[i][1]
        if condition is None:
            return self._inside.full(1.0, i)
        before = self._inside.operands[self._flags[i]] if i in self._fixed else 0.0
        return self._inside.full(ops.where(condition, 1.0, before), i)


def pushed_loop(
    group: LoopNodes, dots: Mapping[int, int], graph: Graph, builder: Builder, extend: Extend
) -> dict[int, int]:
    """Nodes of the tangents of the results of a loop.

    Args:
        group: The loop, which keeps what its repetitions begin with.
        dots: The tangents of its operands that have one.
        graph: Where the loop stands.
        builder: Where they are added.
        extend: What extends the body.
    """
    linear = _Linear(group, graph, builder)
    loop = linear.repeated
    wanted, flowing = active_in(loop, [i in dots for i in range(loop.body.inputs.count)])
    places: dict[int, int] = {}
    for i in wanted:
        if i < loop.carries:
            places[i] = linear.carry(i, "dot", dots.get(i))
        elif i in loop.stream_places:
            places[i] = linear.stream(i, "dot", dots[i])
        else:
            places[i] = linear.fixed(i, "dot", dots[i])
    results = [
        k
        for k, output in enumerate(loop.body.outputs)
        if (k in places if k < loop.carries else flowing[output])
    ]
    inside = extend(loop.body, linear.own)
    tangents = {i: inside.operands[place] for i, place in places.items()}
    ends = inside.push_forward(tangents, [inside.graph.outputs[k] for k in results])
    found = [
        linear.switch(inside, x, tangents[k] if k < loop.carries else 0.0)
        for k, x in zip(results, ends, strict=True)
    ]
    made = linear.finish(inside.body(found), loop.reverse)
    return dict(zip(results, made, strict=True))
