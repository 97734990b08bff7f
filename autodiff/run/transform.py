"""Transforms change the meaning of a graph: Graph -> Graph.

``gradient``, ``value_and_gradient``, ``vjp``, ``jvp``, ``jacobian``, ``hessian``, ``hvp``.
All of them extend a copy of the graph by running the primitives' rules on tracers, so the result
is a graph like any other: it can be printed, compiled, and transformed again.

Two loops do all the work.  ``_Extension.pull_back`` goes through the nodes in reverse and pulls
cotangents from the outputs to the inputs; ``push_forward`` goes through them in order and pushes
tangents from the inputs to the outputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.rebuild import rebuild
from autodiff.graph.structure import SCALAR, Array, Nothing, Scalar, Structure, Tuple, size
from autodiff.origins.origin import Extended
from autodiff.run.guard import Guard, join, meet, unguarded
from autodiff.run.reverse_plan import Wrt, active_nodes, mirror_of, reverse_plan, select_arguments
from autodiff.table.float import Float
from autodiff.table.primitive import Guarded
from autodiff.trace.placeholder import Tracer
from autodiff.trace.ties import limits_of

__all__ = ["gradient", "hessian", "hvp", "jacobian", "jvp", "value_and_gradient", "vjp"]


class _Extension:
    """A graph being extended by derivative nodes."""

    def __init__(self, graph: Graph, extra_inputs: Sequence[tuple[str, Structure]] = ()) -> None:
        self.graph = _with_inputs(graph, extra_inputs) if extra_inputs else graph
        self.builder = Builder.extending(self.graph)
        # What rules see of a node: the number of a literal, a tracer of anything else.
        builder = self.builder
        self.operands: list[Any] = [Tracer(builder, i) for i in range(len(self.graph.nodes))]
        for index, value in self.graph.constants.items():
            self.operands[index] = Float(value)
        self._made = Extended(self.graph.origins, len(self.graph.nodes))

    def input(self, position: int) -> list[Any]:
        """Tracers of the floats of parameter ``position``."""
        return [self.operands[i] for i in self.graph.inputs.of([position])]

    def pull_back(
        self, seeds: Sequence[Any], inputs: Sequence[int], active: bytearray | None = None
    ) -> list[Any]:
        """Cotangents of ``inputs`` from the cotangents ``seeds`` of the outputs."""
        nodes, seen = self.graph.nodes, self.operands
        active = active_nodes(self.graph, inputs) if active is None else active
        cotangents: list[Any] = [None] * len(nodes)
        guards: list[Guard | None] = [None] * len(nodes)

        def accumulate(index: int, value: Any, guard: Guard | None) -> None:
            present = cotangents[index]
            if present is not None:
                value, guard = join(present, guards[index], value, guard)
            cotangents[index], guards[index] = value, guard

        built = self.builder.nodes
        sweeps: list[tuple[int, int, Any]] = []
        sweep = sweeps.append
        for output, seed in zip(self.graph.outputs, seeds, strict=True):
            if active[output] and seed is not None:
                accumulate(output, seed, None)
        open_guards: dict[tuple[Any, ...], Guard] = {}
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
                    accumulate(i, value.value, _below(open_guards, guard, value))
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
        self._made.swept("bar", sweeps)
        return bars

    def push_forward(self, tangents: dict[int, Any]) -> list[Any]:
        """Tangents of the outputs (None: structurally zero) from tangents of input nodes."""
        seen = self.operands
        flowing: list[tuple[Any, Guard | None] | None] = [None] * len(self.graph.nodes)
        for index, tangent in tangents.items():
            flowing[index] = tangent, None
        open_guards: dict[tuple[Any, ...], Guard] = {}
        pushes: list[tuple[int, int, Any]] = []
        start = len(self.builder.nodes)
        for index, primitive, operands in self.graph.operations():
            flow: tuple[Any, Guard | None] | None = None
            for rule, i in zip(primitive.partials, operands, strict=True):
                arriving = flowing[i]
                if rule is None or arriving is None:
                    continue
                value = rule(arriving[0], seen[index], *[seen[j] for j in operands])
                if value is None:
                    continue
                part: tuple[Any, Guard | None] = (value, arriving[1])
                if type(value) is Guarded:
                    part = (value.value, _below(open_guards, arriving[1], value))
                flow = part if flow is None else meet(*flow, *part)
            flowing[index] = flow
            if flow is not None:
                pushes.append((start, index, flow[0]))
                start = len(self.builder.nodes)
        self._made.swept("dot", pushes)
        ends = [flowing[i] for i in self.graph.outputs]
        return [None if end is None else unguarded(*end) for end in ends]

    def finish(
        self,
        name: str,
        outputs: Sequence[Any],
        result: Structure,
        inputs: Sequence[int],
        values: int = 0,
    ) -> Graph:
        """The extended graph with these outputs (tracers, node indices, numbers, None for 0).

        Args:
            name: Its name.
            outputs: Its outputs.
            result: Their structure.
            inputs: What it was differentiated by.
            values: How many of the outputs come before the derivatives: those of the graph.
        """
        indices = [self._index(x) for x in outputs]
        before = self.graph.limits.outputs if values and self.graph.limits else ()
        limits = limits_of(
            self.graph, inputs, self.graph.outputs, [*before, *range(values, len(indices))]
        )
        return self.builder.graph(name, self.graph.parameters, indices, result, self._made, limits)

    def _index(self, x: Any) -> int:
        if isinstance(x, Tracer):
            return x.index
        return x if type(x) is int else self.builder.literal(0.0 if x is None else float(x))


def _below(opened: dict[tuple[Any, ...], Guard], above: Guard | None, value: Guarded) -> Guard:
    """The guard of ``value`` below ``above``; one object per condition, so that equals meet."""
    key = (above, getattr(value.condition, "index", value.condition), value.polarity)
    guard = opened.get(key)
    if guard is None:
        guard = opened[key] = Guard(above, value.condition, value.polarity)
    return guard


def _with_inputs(graph: Graph, extra: Sequence[tuple[str, Structure]]) -> Graph:
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


def value_and_gradient(graph: Graph, wrt: Wrt = None) -> Graph:
    """Graph of ``(value, gradient)``; the gradient mirrors the arguments.

    Args:
        graph: A graph that returns one float.
        wrt: Positions or names of the arguments to differentiate; all by default.

    Raises:
        DifferentiationError: if the graph does not return one float.
        ArgumentError: if ``wrt`` names no argument.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x, y: x * y, 1.0, 2.0)
    >>> ad.evaluate(value_and_gradient(g), 3.0, 4.0)
    (12.0, (4.0, 3.0))
    """
    plan = reverse_plan(graph, wrt)
    extension = _Extension(graph)
    bars = extension.pull_back([Float(1.0)], plan.inputs, plan.active)
    result = Tuple((SCALAR, plan.mirror))
    outputs = [graph.outputs[0], *bars]
    return extension.finish(f"{graph.name}_gradient", outputs, result, plan.inputs, 1)


def gradient(graph: Graph, wrt: Wrt = None) -> Graph:
    """Graph of the gradient alone; see ``value_and_gradient``.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x: x ** 3, 1.0)
    >>> ad.evaluate(ad.gradient(ad.gradient(g)), 2.0)
    12.0
    """
    both = value_and_gradient(graph, wrt)
    assert isinstance(both.result, Tuple)
    result, origins = both.result.items[1], both.origins
    limits = None if both.limits is None else both.limits.without_first()
    return Graph(both.name, both.parameters, both.nodes, both.outputs[1:], result, origins, limits)


def vjp(graph: Graph, wrt: Wrt = None) -> Graph:
    """Graph of ``(value, cotangents)`` with one more argument, the cotangent of the result.

    Args:
        graph: A graph with any result.
        wrt: Positions or names of the arguments to differentiate; all by default.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x: (x * x, 2.0 * x), 1.0)
    >>> ad.evaluate(ad.vjp(g), 3.0, (1.0, 10.0))
    ((9.0, 6.0), 26.0)
    """
    positions, single = select_arguments(graph, wrt)
    extension = _Extension(graph, [("cotangent", graph.result)])
    seeds = extension.input(len(graph.parameters))
    inputs = extension.graph.inputs.of(positions)
    bars = extension.pull_back(seeds, inputs)
    result = Tuple((graph.result, mirror_of(graph, positions, single)))
    outputs = [*extension.graph.outputs, *bars]
    return extension.finish(f"{graph.name}_vjp", outputs, result, inputs, len(graph.outputs))


def jvp(graph: Graph) -> Graph:
    """Graph of ``(value, tangent)``; each argument ``x`` is followed, after all, by ``x_dot``.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x, y: x * y, 1.0, 2.0)
    >>> ad.evaluate(ad.jvp(g), 3.0, 4.0, 1.0, 0.0)
    (12.0, 4.0)
    """
    extension = _Extension(graph, [(f"{name}_dot", s) for name, s in graph.parameters])
    count = graph.inputs.count
    tangents = {i: extension.operands[count + i] for i in graph.inputs.nodes}
    dots = extension.push_forward(tangents)
    result = Tuple((graph.result, graph.result))
    outputs, inputs = [*extension.graph.outputs, *dots], list(tangents)
    return extension.finish(f"{graph.name}_jvp", outputs, result, inputs, len(graph.outputs))


def jacobian(graph: Graph, wrt: Wrt = None) -> Graph:
    """Graph of the Jacobian: the result's structure with, in place of each float, the gradient.

    An array result of shape ``s`` differentiated by an array of shape ``t`` gives ``s + t``.
    Forward mode where the inputs are the fewer, reverse mode otherwise.

    >>> import autodiff as ad, numpy as np
    >>> g = ad.trace(lambda x: np.array([x[0] * x[1], x[1]]), np.ones(2))
    >>> ad.evaluate(ad.jacobian(g), np.array([2.0, 3.0]))
    array([[3., 2.],
           [0., 1.]])
    """
    positions, single = select_arguments(graph, wrt)
    inputs = graph.inputs.of(positions)
    extension = _Extension(graph)
    rows: list[list[Any]]
    if len(inputs) < len(graph.outputs):
        columns = [extension.push_forward({i: Float(1.0)}) for i in inputs]
        rows = [[column[k] for column in columns] for k in range(len(graph.outputs))]
    else:
        rows = [
            extension.pull_back([Float(1.0) if j == k else None for j in range(len(graph.outputs))],
                                inputs)
            for k in range(len(graph.outputs))
        ]  # fmt: skip
    structures = graph.result, mirror_of(graph, positions, single)
    return _finish_matrix(extension, f"{graph.name}_jacobian", rows, structures, inputs)


def hessian(graph: Graph, wrt: Wrt = None) -> Graph:
    """Graph of the Hessian of a scalar graph, forward over reverse.

    One array argument of n elements gives an (n, n) array; several arguments give a tuple of
    tuples, entry ``[i][j]`` the derivative of the gradient by argument i with respect to j.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x, y: x * x * y, 1.0, 2.0)
    >>> ad.evaluate(ad.hessian(g), 3.0, 5.0)
    ((10.0, 6.0), (6.0, 0.0))
    """
    slope = gradient(graph, wrt)
    positions, single = select_arguments(graph, wrt)
    extension = _Extension(slope)
    inputs = graph.inputs.of(positions)
    columns = [extension.push_forward({i: Float(1.0)}) for i in inputs]
    rows = [[column[k] for column in columns] for k in range(len(inputs))]
    structures = slope.result, mirror_of(graph, positions, single)
    return _finish_matrix(extension, f"{graph.name}_hessian", rows, structures, inputs)


def hvp(graph: Graph, wrt: Wrt = None) -> Graph:
    """Graph of the Hessian times a vector, forward over reverse.

    Each differentiated argument ``x`` is followed, after all arguments, by its direction ``x_dot``.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x, y: x * x * y, 1.0, 2.0)
    >>> ad.evaluate(ad.hvp(g), 3.0, 5.0, 1.0, 0.0)
    (10.0, 6.0)
    """
    slope = gradient(graph, wrt)
    positions, _ = select_arguments(graph, wrt)
    directions = [(f"{graph.parameters[p][0]}_dot", graph.parameters[p][1]) for p in positions]
    extension = _Extension(slope, directions)
    first = graph.inputs.count
    tangents = {
        leaf: extension.operands[first + i] for i, leaf in enumerate(graph.inputs.of(positions))
    }
    dots = extension.push_forward(tangents)
    return extension.finish(f"{graph.name}_hvp", dots, slope.result, list(tangents))


def _finish_matrix(
    extension: _Extension,
    name: str,
    rows: list[list[Any]],
    structures: tuple[Structure, Structure],
    inputs: Sequence[int],
) -> Graph:
    outputs: list[Any] = []
    structure = _product(*structures, iter(rows), outputs)
    return extension.finish(name, outputs, structure, inputs)


def _product(
    outer: Structure, inner: Structure, rows: Iterator[list[Any]], outputs: list[Any]
) -> Structure:
    """Structure ``outer`` with ``inner`` in place of each float; fills ``outputs`` in its order."""
    if isinstance(outer, Scalar):
        outputs.extend(next(rows))
        return inner
    if isinstance(outer, Array):
        block = [next(rows) for _ in range(size(outer))]
        return _array_product(outer, inner, block, outputs)
    if isinstance(outer, Nothing):
        return outer
    return outer.with_items([_product(item, inner, rows, outputs) for item in outer.items])


def _array_product(
    outer: Array, inner: Structure, block: list[list[Any]], outputs: list[Any]
) -> Structure:
    """Array of floats by ``inner``: every scalar or array inside gains the outer dimensions."""
    if isinstance(inner, (Scalar, Array)):
        for row in block:
            outputs.extend(row)
        return Array(outer.shape + (inner.shape if isinstance(inner, Array) else ()))
    if isinstance(inner, Nothing):
        return inner
    items, start = [], 0
    for item in inner.items:
        stop = start + size(item)
        items.append(_array_product(outer, item, [row[start:stop] for row in block], outputs))
        start = stop
    return inner.with_items(items)
