"""Segment: the nodes that one repetition added to a trace, as the body of a loop.

They are taken out of the trace again.  What does not depend on the repetition stays in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.body_inputs import parts_named
from autodiff.graph.loops.loop_nodes import Loop
from autodiff.graph.structure import SCALAR, Array, Tuple
from autodiff.graph.typed_node import INPUT, Node
from autodiff.origins.of_traces import Traced
from autodiff.origins.recorder import Recorder, Recording

__all__ = ["Carry", "Segment", "Stream"]

# Rows whose results hold elements of their operands.
_MOVES = frozenset({"slice", "reshape", "transpose", "gather", "broadcast_to"})
# Rows whose results and slopes are finite where their operands are.
_ALWAYS = _MOVES | {"add", "sub", "neg", "mul", "square"}


class Carry(NamedTuple):
    """A number or array that goes from repetition to repetition."""

    name: str
    before: int | None  # its placeholder; None: nobody reads it
    first: int  # the node that it begins with, outside
    after: int  # the node that it goes on as


class Stream(NamedTuple):
    """An array of which each repetition reads an element."""

    name: str
    element: int  # its placeholder
    array: int  # the node outside


class Segment:
    """The nodes of a trace from now on.

    Args:
        builder: That of the trace.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder, self.start = builder, len(builder.nodes)
        self._nodes: list[Node] = []
        self._sizes = [len(notes) for notes in self._notes()]
        self._outside: dict[int, int] = {}  # an old node of the segment -> one of the trace
        self._recording: Recording | None = None
        self._unread = 0
        self._may_stop = False
        self.is_cut = False

    def _notes(self) -> list[list[Any]]:
        """What grows while a trace is recorded, apart from nodes."""
        recorder: Recorder | None = self.builder.recorder
        if recorder is None:
            return []
        made = recorder.recording
        return [made.nodes, made.marks, made.results, made.parameters, made.refusals]

    def placeholder(self, shape: tuple[int, ...]) -> int:
        """The node of something that differs from repetition to repetition."""
        self.builder.nodes.append(INPUT._replace(shape=shape))
        return len(self.builder.nodes) - 1

    def unfolded(self, outside: int) -> int:
        """A placeholder for a constant of the trace, so that nothing is computed of its numbers."""
        made = self.placeholder(self.builder.nodes[outside].shape)
        self._outside[made] = outside
        return made

    def cut(self) -> None:
        """Take the nodes out of the trace."""
        self.is_cut = True
        notes, recorder = self._notes(), self.builder.recorder
        kept = [own[size:] for own, size in zip(notes, self._sizes, strict=True)]
        for own, size in zip(notes, self._sizes, strict=True):
            del own[size:]
        self._nodes = self.builder.cut(self.start)
        if recorder is not None:
            conditions = {i for i in recorder.recording.conditions if i >= self.start}
            recorder.recording.conditions.difference_update(conditions)
            nodes, marks, results, parameters, _ = kept
            self._recording = Recording(
                recorder.recording.calls, nodes, marks, results, parameters, conditions, []
            )

    def relocate(self, old: int) -> int:
        """Give a placeholder of a loop outside, which stood in the segment, a node of its own."""
        self._outside[old] = self.placeholder(self._nodes[old - self.start].shape)
        return self._outside[old]

    def unread(self) -> int:
        """A placeholder that no node reads."""
        self._unread += 1
        return self.start + len(self._nodes) + self._unread

    def reads(self, target: int) -> bool:
        """True if the segment reads a node of the trace, or elements of it."""
        read = {i for node in self._nodes for i in node.operands}
        if target in read and target in self._outside:
            return True
        pending = [i for i in read if i < self.start]
        seen: set[int] = set()
        while pending:
            index = pending.pop()
            if index == target:
                return True
            primitive, operands, _, _ = self.builder.nodes[index]
            if primitive is not None and primitive.name in _MOVES and index not in seen:
                seen.add(index)
                pending += operands
        return False

    def shape(self, index: int) -> tuple[int, ...]:
        """The shape of a node, after the segment was taken out."""
        there = self.outside(index)
        nodes = self._nodes if there is None else self.builder.nodes
        return nodes[index - self.start if there is None else there].shape

    def outside(self, index: int) -> int | None:
        """The node of the trace that a node of the segment is; None if it is none."""
        return index if index < self.start else self._outside.get(index)

    def hoisted(self, index: int) -> int | None:
        """``outside``, also for what takes elements of what does not vary: it is taken there."""
        for one in self._needed([index]) if self.is_cut else ():
            primitive, operands, params, shape = self._nodes[one - self.start]
            if self.outside(one) is None and primitive is not None and primitive.name in _MOVES:
                places = [self._invariant(i) for i in operands]
                taken = tuple([i for i in places if i is not None])
                if len(taken) == len(places):
                    self._outside[one] = self.builder.add(primitive, taken, params, shape)
        return self.outside(index)

    def loop(
        self, carries: Sequence[Carry], streams: Sequence[Stream], stacked: Sequence[int],
        count: int,
    ) -> tuple[Loop, list[int]]:  # fmt: skip
        """The loop, after the nodes were taken out, and its operands.

        Args:
            carries: What goes from repetition to repetition.
            streams: What is read element by element.
            stacked: Nodes whose values are kept.
            count: The number of repetitions.
        """
        wanted = [*(c.after for c in carries), *stacked]
        needed = self._needed(wanted)
        self._may_stop = self._is_switched(carries)
        fixed = self._fixed(needed, wanted, {*self._places(carries, streams)})
        nodes = self.builder.nodes
        operands = [*(c.first for c in carries), *(s.array for s in streams), *fixed]
        shapes = [
            *(nodes[c.first].shape for c in carries),
            *(nodes[s.array].shape[1:] for s in streams),
            *(nodes[i].shape for i in fixed),
        ]
        names = [*(c.name for c in carries), *(s.name for s in streams), *("fixed" for _ in fixed)]
        parameters = parts_named(names, shapes)
        body, became = Builder(Inputs(parameters, False)), dict(self._places(carries, streams))
        places = {node: len(operands) - len(fixed) + k for k, node in enumerate(fixed)}

        def placed(index: int) -> int:
            if index in became:
                return became[index]
            there = self.outside(index)
            if there is None:
                number: Any = self._nodes[index - self.start].params[0][1]
                return body.literal(number)
            value = self.builder.value(there)
            return body.literal(value) if value is not None else places[there]

        for index in needed:
            if index not in became and self.outside(index) is None:
                primitive, taken, params, shape = self._nodes[index - self.start]
                if primitive is not None:
                    became[index] = body.add(primitive, tuple(map(placed, taken)), params, shape)
        outputs = [*(placed(c.after) for c in carries), *map(placed, stacked)]
        shapes = [body.nodes[i].shape for i in outputs]
        result = Tuple(tuple([Array(shape) if shape else SCALAR for shape in shapes]))
        graph = Graph(
            "repetition", tuple(parameters), tuple(body.nodes), tuple(outputs), result,
            self._origins(became), None, False,
        )  # fmt: skip
        return Loop(graph, count, len(carries), len(streams), False), operands

    @staticmethod
    def _places(carries: Sequence[Carry], streams: Sequence[Stream]) -> dict[int, int]:
        """The parameter that each placeholder is."""
        found = [c.before for c in carries] + [s.element for s in streams]
        return {index: place for place, index in enumerate(found) if index is not None}

    def _needed(self, wanted: Sequence[int]) -> list[int]:
        """The nodes of the segment that these depend on, in order."""
        needed: set[int] = set()
        pending = [*wanted]
        while pending:
            index = pending.pop()
            if not self.start <= index < self.start + len(self._nodes) or index in needed:
                continue
            needed.add(index)
            if index not in self._outside:
                pending += self._nodes[index - self.start].operands
        return sorted(needed)

    def _fixed(self, needed: Sequence[int], wanted: Sequence[int], varying: set[int]) -> list[int]:
        """Nodes of the trace that the segment uses, and those of it that do not vary."""
        for index in needed:
            primitive, operands, params, shape = self._nodes[index - self.start]
            if index in varying or index in self._outside or primitive is None:
                if primitive is None and params and shape:
                    array: Any = params[0][1]
                    self._outside[index] = self.builder.literal(array)
                continue
            if self._may_stop and primitive.name not in _ALWAYS:
                continue  # the loop may not run, and nothing is computed for it
            places = [self._invariant(i) for i in operands]
            if None not in places:
                taken = tuple([i for i in places if i is not None])
                self._outside[index] = self.builder.add(primitive, taken, params, shape)
        met: dict[int, None] = {}
        for index in needed:
            there = self.outside(index)
            if there is not None:
                continue
            for operand in self._nodes[index - self.start].operands:
                self._meet(met, operand)
        for index in wanted:
            self._meet(met, index)
        return list(met)

    def _is_switched(self, carries: Sequence[Carry]) -> bool:
        """True if nothing is carried on where a condition does not hold."""
        tests = set[int]()
        for carry in carries:
            if carry.after != carry.before:
                if not self.start <= carry.after < self.start + len(self._nodes):
                    return False
                primitive, operands, _, _ = self._nodes[carry.after - self.start]
                if primitive is None or primitive.name != "where" or operands[2] != carry.before:
                    return False
                tests.add(operands[0])
        return len(tests) == 1

    def _meet(self, met: dict[int, None], index: int) -> None:
        there = self.outside(index)
        if there is not None and self.builder.value(there) is None:
            met[there] = None

    def _invariant(self, index: int) -> int | None:
        """The node of the trace for an operand that does not vary."""
        there = self.outside(index)
        if there is not None:
            return there
        primitive, _, params, shape = self._nodes[index - self.start]
        if primitive is None and params and not shape:
            number: Any = params[0][1]
            return self.builder.literal(number)
        return None

    def _origins(self, became: Mapping[int, int]) -> Traced | None:
        """Where the nodes of the body come from."""
        recording = self._recording
        if recording is None:
            return None
        kept = [
            (-1 - (-1 - old - self._sizes[2]) if old < 0 else became[old], mark)
            for old, mark in zip(recording.nodes, recording.marks, strict=True)
            if old < 0 or old in became
        ]
        results = [([became.get(i, -1) for i in own], shape) for own, shape in recording.results]
        named = [
            (0, name, [became.get(i, -1) for i in own], shape)
            for _, name, own, shape in recording.parameters
        ]
        conditions = {became[i] for i in recording.conditions if i in became}
        marked = Recording(
            recording.calls, [new for new, _ in kept], [mark for _, mark in kept], results, named,
            conditions, [],
        )  # fmt: skip
        return Traced(marked, "repetition")
