"""Transforms change the meaning of a graph: Graph -> Graph.

``gradient``, ``value_and_gradient``, ``vjp``, ``jvp``, ``jacobian``, ``hessian``, ``hvp``.
All of them extend a copy of the graph by running the primitives' rules on tracers, so the result
is a graph like any other: it can be printed, compiled, and transformed again.

The loops that do the work are in ``derive/extension.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Structure, Tuple
from autodiff.run.derive.array_extension import extension_of
from autodiff.run.derive.array_matrix import (
    hessian_blocks,
    jacobian_blocks,
    structure_of_matrix,
)
from autodiff.run.derive.extension import Extension
from autodiff.run.derive.matrix import hessian_rows, jacobian_rows, product
from autodiff.run.one_number import one_number
from autodiff.run.reverse_plan import Wrt, mirror_of, reverse_plan, select_arguments
from autodiff.table.float import Float

__all__ = ["gradient", "hessian", "hvp", "jacobian", "jvp", "value_and_gradient", "vjp"]


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
    graph = one_number(graph)
    plan = reverse_plan(graph, wrt)
    extension = extension_of(graph)
    bars = extension.pull_back([Float(1.0)], plan.inputs, plan.active)
    result = Tuple((SCALAR, plan.mirror))
    outputs = [graph.outputs[0], *bars]
    return extension.finish(f"{graph.name}_gradient", outputs, result, plan.inputs, 1)


def gradient(graph: Graph, wrt: Wrt = None) -> Graph:
    """Graph of the gradient alone.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x: x ** 3, 1.0)
    >>> ad.evaluate(ad.gradient(ad.gradient(g)), 2.0)
    12.0
    """
    both = value_and_gradient(graph, wrt)
    assert isinstance(both.result, Tuple)
    limits = None if both.limits is None else both.limits.without_first()
    return replace(both, outputs=both.outputs[1:], result=both.result.items[1], limits=limits)


def vjp(graph: Graph, wrt: Wrt = None) -> Graph:
    """Graph of ``(value, cotangents)`` with one more argument, the cotangent of the result.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x: (x * x, 2.0 * x), 1.0)
    >>> ad.evaluate(ad.vjp(g), 3.0, (1.0, 10.0))
    ((9.0, 6.0), 26.0)
    """
    positions, single = select_arguments(graph, wrt)
    extension = extension_of(graph, [("cotangent", graph.result)])
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
    extension = extension_of(graph, [(f"{name}_dot", s) for name, s in graph.parameters])
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
    extension = extension_of(graph)
    structures = graph.result, mirror_of(graph, positions, single)
    if not graph.expanded:
        blocks = jacobian_blocks(extension.builder, extension.graph, inputs, graph.outputs)
        result = structure_of_matrix(*structures)
        return extension.finish(f"{graph.name}_jacobian", blocks, result, inputs)
    rows = jacobian_rows(extension, inputs)
    return _finish_matrix(extension, f"{graph.name}_jacobian", rows, structures, inputs)


def hessian(graph: Graph, wrt: Wrt = None) -> Graph:
    """Graph of the Hessian of a scalar graph, forward over reverse: one triangle, mirrored.

    One array argument of n elements gives an (n, n) array; several arguments give a tuple of
    tuples, entry ``[i][j]`` the derivative of the gradient by argument i with respect to j.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x, y: x * x * y, 1.0, 2.0)
    >>> ad.evaluate(ad.hessian(g), 3.0, 5.0)
    ((10.0, 6.0), (6.0, 0.0))
    """
    slope = gradient(graph, wrt)
    positions, single = select_arguments(graph, wrt)
    extension = extension_of(slope)
    inputs = graph.inputs.of(positions)
    structures = slope.result, mirror_of(graph, positions, single)
    if not graph.expanded:
        blocks = hessian_blocks(extension.builder, extension.graph, inputs, slope.outputs)
        result = structure_of_matrix(*structures)
        return extension.finish(f"{graph.name}_hessian", blocks, result, inputs)
    rows = hessian_rows(extension, inputs, slope.outputs)
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
    extension = extension_of(slope, directions)
    first = graph.inputs.count
    tangents = {
        leaf: extension.operands[first + i] for i, leaf in enumerate(graph.inputs.of(positions))
    }
    dots = extension.push_forward(tangents)
    return extension.finish(f"{graph.name}_hvp", dots, slope.result, list(tangents))


def _finish_matrix(
    extension: Extension,
    name: str,
    rows: list[list[object]],
    structures: tuple[Structure, Structure],
    inputs: Sequence[int],
) -> Graph:
    outputs: list[object] = []
    structure = product(*structures, iter(rows), outputs)
    return extension.finish(name, outputs, structure, inputs)
