"""Sparse Jacobians and Hessians: the numbers of the dense ones, from a fraction of the work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.structure import Sparse
from tests.dense import dense_matrices, sparse_matrix
from tests.sparse_functions import random_function


def rosenbrock(x: Any) -> Any:
    """A chain of terms of two variables."""
    return sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1))


def _pattern(graph: ad.Graph) -> ad.Pattern:
    assert isinstance(graph.result, Sparse)
    return graph.result.pattern


@pytest.mark.parametrize("sparse", [True, "csc"])
@pytest.mark.parametrize("hessian", [False, True])
def test_random_functions_give_the_dense_numbers(hessian: bool, sparse: bool | str) -> None:
    """Entries are those of the dense matrix, up to rounding, in the order of the pattern."""
    for seed in range(50):
        function = random_function(seed, scalar=hessian)
        points = function.points(4)
        graph = ad.trace(function, points[0])
        found = (ad.hessian if hessian else ad.jacobian)(graph, sparse=sparse)
        ad.check(found)
        whole = dense_matrices(graph, hessian, points)
        for point, expected in zip(points, whole, strict=True):
            matrix = sparse_matrix(_pattern(found), ad.evaluate(found, point))
            assert np.allclose(matrix, expected, rtol=1e-11, atol=1e-11), seed


def test_patterns_are_those_found_alone() -> None:
    """What a sparse graph computes and what the pattern functions say is the same."""
    for seed in range(40):
        for hessian in (False, True):
            function = random_function(seed, scalar=hessian)
            graph = ad.trace(function, np.ones(function.size))
            made = (ad.hessian if hessian else ad.jacobian)(graph, sparse=True)
            found = (ad.hessian_pattern if hessian else ad.jacobian_pattern)(graph)
            assert _pattern(made) == found


def test_work_grows_with_the_entries() -> None:
    """Ten times the terms are ten times the nodes, not a hundred times."""
    sizes = [len(ad.hessian(rosenbrock, np.ones(n), sparse=True)) for n in (40, 400)]
    assert sizes[1] < 10.5 * sizes[0]


def test_elements_are_entries() -> None:
    """The Jacobian of an elementwise function has as many entries as the function results."""
    graph = ad.jacobian(lambda x: np.sin(x) * x, np.ones(400), sparse=True)
    assert len(graph.outputs) == 400


def test_equal_entries_are_one_node() -> None:
    """Of the two equal entries of a symmetric matrix one is computed."""
    graph = ad.hessian(rosenbrock, np.ones(30), sparse=True)
    assert len(graph.outputs) == 3 * 30 - 2
    assert len(set(graph.outputs)) <= 2 * 30 - 1


def _arrow_rows(x: Any) -> Any:
    """A full first row, a full first column, a diagonal."""
    total = sum(ad.sin(v) for v in x)
    return np.array([total, *(ad.exp(x[0] * v) for v in x[1:])])


def _hub(x: Any) -> Any:
    """Every variable meets the first, and no other."""
    return sum(ad.sin(x[0] * v) for v in x[1:])


def _last_hub(x: Any) -> Any:
    return sum(ad.sin(x[len(x) - 1] * v) for v in x[:-1])


@pytest.mark.parametrize("function", [_arrow_rows, _hub, _last_hub])
def test_full_lines_cost_no_more_than_their_entries(function: Any) -> None:
    """One full row beside a full column is no reason to compute all of them whole."""
    transform = ad.jacobian if function is _arrow_rows else ad.hessian
    sizes = [len(transform(function, np.ones(n), sparse=True)) for n in (30, 300)]
    assert sizes[1] < 10.5 * sizes[0]
    point = np.linspace(0.1, 0.9, 30)
    graph = ad.trace(function, point)
    found = transform(graph, sparse=True)
    expected = next(dense_matrices(graph, transform is ad.hessian, [point]))
    matrix = sparse_matrix(_pattern(found), ad.evaluate(found, point))
    assert np.allclose(matrix, expected, rtol=1e-12)


def _bottleneck(x: Any) -> Any:
    """Five results of two numbers that are made of twenty."""
    one, other = (sum(f(ad.tanh(ad.sin(v))) for v in x) for f in (ad.sin, ad.exp))
    return np.array([one * other, one**2, ad.exp(other), one - other, ad.sin(one)])


def test_a_bottleneck_is_crossed_both_ways() -> None:
    """Tangents up to two numbers and cotangents down to them are less work than either alone."""
    point = np.linspace(0.0, 1.0, 20)
    graph = ad.trace(_bottleneck, point)
    found = ad.jacobian(graph, sparse=True)
    assert _pattern(found).full
    assert len(found) < len(ad.jacobian(graph))
    expected = next(dense_matrices(graph, False, [point]))
    matrix = sparse_matrix(_pattern(found), ad.evaluate(found, point))
    assert np.allclose(matrix, expected, rtol=1e-12)


def test_untaken_branches_stay_exactly_zero() -> None:
    """No nan of an untaken branch reaches an entry, whichever way it is computed."""

    def f(x):  # type: ignore[no-untyped-def]
        safe = ad.where(x[0] > 0.0, ad.log(x[0]) * x[1], x[1] ** 2)
        return np.array([ad.sin(safe), safe * x[1], ad.exp(safe)])

    for transform in (ad.jacobian, lambda g, **o: ad.hessian(lambda x: sum(f(x)), np.ones(2), **o)):
        graph = transform(ad.trace(f, np.ones(2)), sparse=True)
        assert np.all(np.isfinite(ad.evaluate(graph, np.array([-1.0, 2.0]))))


def test_several_arguments_are_one_matrix() -> None:
    """Columns run through the chosen arguments, rows through the result."""
    graph = ad.trace(lambda a, b: {"u": a * b[0], "v": [b[1], a]}, 2.0, np.array([3.0, 5.0]))
    found = ad.jacobian(graph, sparse=True)
    matrix = sparse_matrix(_pattern(found), ad.evaluate(found, 2.0, np.array([3.0, 5.0])))
    assert matrix.tolist() == [[3.0, 2.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    only = ad.jacobian(graph, wrt="b", sparse=True)
    assert _pattern(only).shape == (3, 2)


def test_texts_do_not_depend_on_anything_but_the_graph() -> None:
    """The same graph gives the same sparse graph, node by node."""
    graph = ad.trace(random_function(7, scalar=True), np.ones(random_function(7, True).size))
    assert str(ad.hessian(graph, sparse=True)) == str(ad.hessian(graph, sparse=True))


@pytest.mark.parametrize("sparse", ["rows", 1.5, None, "CSR", []])
def test_unknown_orders_are_refused(sparse: object) -> None:
    """What is neither True, 'csr' nor 'csc' is named in the error."""
    with pytest.raises(ad.ArgumentError, match=r"sparse: found .*expected True or 'csr'"):
        ad.jacobian(lambda x: x, np.ones(2), sparse=sparse)  # type: ignore[arg-type]


def test_matrices_without_entries() -> None:
    """A result that depends on nothing has a matrix without entries."""
    graph = ad.jacobian(lambda x: np.array([1.0, 2.0]) + 0.0 * ad.floor(x), np.ones(2), sparse=True)
    assert _pattern(graph).count == 0
    assert ad.evaluate(graph, np.ones(2)).shape == (0,)
