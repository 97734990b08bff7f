"""A graph being extended by derivatives: the two loops that do all the work of the transforms.

``Extension.pull_back`` goes through the nodes in reverse and pulls cotangents from the outputs to
the inputs; ``push_forward`` goes through them in order and pushes tangents from the inputs to the
outputs.  Both run the primitives' rules on tracers, and equal nodes are one: whatever is asked of
one extension shares its work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autodiff.errors import DifferentiationError
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.rebuild import live_nodes, rebuild
from autodiff.graph.structure import Structure
from autodiff.origins.origin import Extended
from autodiff.run.derive.guard import Guard, Opened, below, join, meet, unguarded
from autodiff.run.reverse_plan import active_nodes
from autodiff.table.float import Float
from autodiff.table.primitive import Guarded
from autodiff.trace.placeholder import Tracer
from autodiff.trace.switching.ties import limits_of

__all__ = ["Extension", "with_inputs"]


class Extension:
    """A graph being extended by derivative nodes.

    Args:
        graph: The graph.
        extra_inputs: Inputs behind its own.
        builder: What the graph was just built by, to go on; by default its nodes are met anew.
    """

    def __init__(
        self,
        graph: Graph,
        extra_inputs: Sequence[tuple[str, Structure]] = (),
        builder: Builder | None = None,
    ) -> None:
        if not graph.expanded and type(self) is Extension:
            raise DifferentiationError(
                f"{graph.name}: a graph of arrays, of which this derivative is not made yet; trace "
                "with expand=True, or use gradient, vjp, jvp and hvp"
            )
        self.graph = with_inputs(graph, extra_inputs) if extra_inputs else graph
        builder = Builder.extending(self.graph) if builder is None else builder
        self.builder = builder
        # What rules see of a node: the number of a literal, a tracer of anything else.
        self.operands: list[Any] = [Tracer(builder, i) for i in range(len(self.graph.nodes))]
        for index, value in self.graph.constants.items():
            self.operands[index] = Float(value)
        self._made = Extended(self.graph.origins, len(self.graph.nodes))

    def input(self, position: int) -> list[object]:
        """Tracers of the floats of parameter ``position``."""
        return [self.operands[i] for i in self.graph.inputs.of([position])]

    def pull_back(
        self, seeds: Sequence[object], inputs: Sequence[int], active: bytearray | None = None
    ) -> list[object]:
        """Cotangents of ``inputs`` from the cotangents ``seeds`` of the outputs."""
        nodes, seen = self.graph.nodes, self.operands
        active = active_nodes(self.graph, inputs) if active is None else active
        cotangents: list[object] = [None] * len(nodes)
        guards: list[Guard | None] = [None] * len(nodes)

        def accumulate(index: int, value: object, guard: Guard | None) -> None:
            present = cotangents[index]
            if present is not None:
                value, guard = join(present, guards[index], value, guard)
            cotangents[index], guards[index] = value, guard

        built = self.builder.nodes
        sweeps: list[tuple[int, int, object]] = []
        sweep = sweeps.append
        for output, seed in zip(self.graph.outputs, seeds, strict=True):
            if active[output] and seed is not None:
                accumulate(output, seed, None)
        open_guards: Opened = {}
        for index in range(len(nodes) - 1, self.graph.inputs.count - 1, -1):
            g = cotangents[index]
            if g is None:
                continue
            guard = guards[index]
            cotangents[index] = None  # no longer needed: keeps memory low
            sweep((len(built), index, g))
            primitive, operands = nodes[index][0], nodes[index][1]
            assert primitive is not None
            out, arguments = seen[index], [seen[i] for i in operands]
            for rule, i in zip(primitive.partials, operands):  # noqa: B905  # checked: I3
                if rule is None or not active[i]:
                    continue
                value = rule(g, out, *arguments)
                if value is None:
                    continue
                if type(value) is Guarded:
                    accumulate(i, value.value, below(open_guards, guard, value))
                elif cotangents[i] is None:
                    cotangents[i], guards[i] = value, guard
                elif guards[i] is guard:
                    cotangents[i] = cotangents[i] + value
                else:
                    accumulate(i, value, guard)
        sweep((len(built), -1, None))
        bars = [
            None if cotangents[i] is None else unguarded(cotangents[i], guards[i]) for i in inputs
        ]
        sweeps += [(len(built), i, g) for i, g in zip(inputs, bars, strict=True)]
        self.noted("bar", sweeps)
        return bars

    def push_forward(
        self, tangents: dict[int, object], ends: Sequence[int] | None = None
    ) -> list[object]:
        """Tangents (None: structurally zero) from tangents of input nodes.

        Args:
            tangents: Of input nodes.
            ends: The nodes whose tangents are wanted; the outputs by default.
        """
        ends = self.graph.outputs if ends is None else ends
        needed = live_nodes(replace(self.graph, outputs=tuple(ends)))
        seen = self.operands
        flowing: list[tuple[object, Guard | None] | None] = [None] * len(self.graph.nodes)
        for index, tangent in tangents.items():
            flowing[index] = tangent, None
        open_guards: Opened = {}
        pushes: list[tuple[int, int, object]] = []
        start = len(self.builder.nodes)
        for index, primitive, operands in self.graph.operations():
            if not needed[index]:
                continue
            flow: tuple[object, Guard | None] | None = None
            for rule, i in zip(primitive.partials, operands, strict=True):
                arriving = flowing[i]
                if rule is None or arriving is None:
                    continue
                value = rule(arriving[0], seen[index], *[seen[j] for j in operands])
                if value is None:
                    continue
                part: tuple[object, Guard | None] = (value, arriving[1])
                if type(value) is Guarded:
                    part = (value.value, below(open_guards, arriving[1], value))
                flow = part if flow is None else meet(*flow, *part)
            flowing[index] = flow
            if flow is not None:
                pushes.append((start, index, flow[0]))
                start = len(self.builder.nodes)
        self.noted("dot", pushes)
        found = [flowing[i] for i in ends]
        return [None if end is None else unguarded(*end) for end in found]

    def noted(self, suffix: str, steps: Sequence[tuple[int, int, object]]) -> None:
        """Note a sweep over some of the nodes; see ``Extended.swept``."""
        self._made.swept(suffix, steps)

    def finish(
        self,
        name: str,
        outputs: Sequence[object],
        result: Structure,
        inputs: Sequence[int],
        values: int = 0,
        derived: Sequence[int] | None = None,
    ) -> Graph:
        """The extended graph with these outputs (tracers, node indices, numbers, None for 0).

        Args:
            name: Its name.
            outputs: Its outputs.
            result: Their structure.
            inputs: What it was differentiated by.
            values: How many of the outputs come before the derivatives: those of the graph.
            derived: Which outputs are derivatives, where they do not all come after ``values``.
        """
        indices = [self._index(x) for x in outputs]
        if derived is None:
            before = self.graph.limits.outputs if values and self.graph.limits else ()
            derived = [*before, *range(values, len(indices))]
        limits = limits_of(self.graph, inputs, self.graph.outputs, derived)
        return self.builder.graph(name, self.graph.parameters, indices, result, self._made, limits)

    def _index(self, x: Any) -> int:
        if isinstance(x, Tracer):
            return x.index
        return x if type(x) is int else self.builder.literal(0.0 if x is None else float(x))


def with_inputs(graph: Graph, extra: Sequence[tuple[str, Structure]]) -> Graph:
    """``graph`` with more parameters; existing nodes shift behind the new inputs."""
    taken = {name for name, _ in graph.parameters}
    parameters = list(graph.parameters)
    for name, structure in extra:
        free = name
        while free in taken:
            free += "_"
        taken.add(free)
        parameters.append((free, structure))
    return rebuild(graph, parameters=parameters)
