"""Patterns of Jacobians and Hessians, read off the graph: no number is ever put into it."""

from __future__ import annotations

from autodiff.graph.graph import Graph
from autodiff.graph.pattern import Pattern
from autodiff.run.reverse_plan import Wrt, select_arguments
from autodiff.run.sparse.entries import pattern_of, symmetric
from autodiff.run.sparse.flow import flow_of
from autodiff.run.transform import gradient
from autodiff.run.whole.scalarize import scalarize

__all__ = ["hessian_pattern", "jacobian_pattern"]


def jacobian_pattern(graph: Graph, wrt: Wrt = None) -> Pattern:
    """Which entries of the Jacobian can differ from zero.

    Rows are the floats of the result, columns those of the differentiated arguments, both in order.

    >>> import autodiff as ad, numpy as np
    >>> g = ad.trace(lambda x: np.array([x[0] * x[1], ad.sin(x[2])]), np.ones(3))
    >>> print(jacobian_pattern(g))
    sparse[2,3](rows 0 1; 2)
    """
    graph = scalarize(graph)
    positions, _ = select_arguments(graph, wrt)
    flow = flow_of(graph, graph.inputs.of(positions))
    return pattern_of(graph, flow)


def hessian_pattern(graph: Graph, wrt: Wrt = None) -> Pattern:
    """Which entries of the Hessian of a scalar graph can differ from zero: a symmetric pattern.

    Two inputs interact where the rule of some primitive, run for the one, asks for what depends on
    the other: what passes through sums, products with numbers or a branch is linear and leaves
    nothing.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x, y, z: x * ad.exp(y) + z, 1.0, 2.0, 3.0)
    >>> print(hessian_pattern(g))
    sparse[3,3](rows 1; 0 1;)
    """
    graph = scalarize(graph)
    slope = gradient(graph, wrt)
    positions, _ = select_arguments(graph, wrt)
    flow = flow_of(slope, graph.inputs.of(positions))
    return symmetric(pattern_of(slope, flow))
