"""Sparse Jacobians and Hessians as graphs whose result holds the entries of their pattern alone."""

from __future__ import annotations

from typing import TypeAlias

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.pattern import Lines
from autodiff.graph.structure import Sparse
from autodiff.run import transform
from autodiff.run.derive.extension import Extension
from autodiff.run.derive.joint import derivatives
from autodiff.run.reverse_plan import Wrt, select_arguments
from autodiff.run.sparse.entries import hessian_entries, jacobian_entries

__all__ = ["Sparsity", "hessian", "jacobian"]

Sparsity: TypeAlias = bool | str
_ORDERS: dict[bool | str, Lines | None] = {
    False: None,
    True: "rows",
    "csr": "rows",
    "csc": "columns",
}


def jacobian(graph: Graph, wrt: Wrt = None, sparse: Sparsity = False) -> Graph:
    """Graph of the Jacobian: the result's structure with, in place of each float, the gradient.

    An array result of shape ``s`` differentiated by an array of shape ``t`` gives ``s + t``.
    Forward mode where the inputs are the fewer, reverse mode otherwise.  Of a sparse one the graph
    computes the entries of its pattern alone, both ways at once where that is less work.

    >>> import autodiff as ad, numpy as np
    >>> g = ad.trace(lambda x: np.array([x[0] * x[1], x[1]]), np.ones(2))
    >>> ad.evaluate(ad.jacobian(g), np.array([2.0, 3.0]))
    array([[3., 2.],
           [0., 1.]])
    >>> j = ad.jacobian(g, sparse=True)
    >>> print(j.result, ad.evaluate(j, np.array([2.0, 3.0])))
    sparse[2,2](rows 0 1; 1) [3. 2. 1.]
    """
    by = _lines(sparse)
    return transform.jacobian(graph, wrt) if by is None else sparse_jacobian(graph, wrt, by)


def hessian(graph: Graph, wrt: Wrt = None, sparse: Sparsity = False) -> Graph:
    """Graph of the Hessian of a scalar graph, forward over reverse.

    One array argument of n elements gives an (n, n) array; several arguments give a tuple of
    tuples, entry ``[i][j]`` the derivative of the gradient by argument i with respect to j.  Of a
    sparse one the graph computes the entries of its pattern alone, and equal ones once.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x, y: x * x * y, 1.0, 2.0)
    >>> ad.evaluate(ad.hessian(g), 3.0, 5.0)
    ((10.0, 6.0), (6.0, 0.0))
    >>> ad.evaluate(ad.hessian(g, sparse=True), 3.0, 5.0)
    array([10.,  6.,  6.])
    """
    by = _lines(sparse)
    return transform.hessian(graph, wrt) if by is None else sparse_hessian(graph, wrt, by)


def _lines(sparse: Sparsity) -> Lines | None:
    """The order of the entries; None if the matrix is dense."""
    if isinstance(sparse, (bool, str)) and sparse in _ORDERS:
        return _ORDERS[sparse]
    raise ArgumentError(
        f"sparse: found {sparse!r:.60}; expected True or 'csr' (row by row), 'csc' (column by "
        "column), or False"
    )


def sparse_jacobian(graph: Graph, wrt: Wrt = None, by: Lines = "rows") -> Graph:
    """Graph of the entries of the Jacobian that can differ from zero."""
    if not graph.expanded:
        return derivatives(graph, ["jacobian"], wrt, by)
    positions, _ = select_arguments(graph, wrt)
    inputs = graph.inputs.of(positions)
    extension = Extension(graph)
    pattern, values = jacobian_entries(extension, inputs, by)
    return extension.finish(f"{graph.name}_jacobian", values, Sparse.of(pattern), inputs)


def sparse_hessian(graph: Graph, wrt: Wrt = None, by: Lines = "rows") -> Graph:
    """Graph of the entries of the Hessian that can differ from zero."""
    if not graph.expanded:
        return derivatives(graph, ["hessian"], wrt, by)
    positions, _ = select_arguments(graph, wrt)
    inputs = graph.inputs.of(positions)
    extension = Extension(transform.gradient(graph, wrt))
    pattern, values = hessian_entries(extension, inputs, extension.graph.outputs, by)
    return extension.finish(f"{graph.name}_hessian", values, Sparse.of(pattern), inputs)
