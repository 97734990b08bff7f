"""Patterns of Jacobians and Hessians: nothing missing, nothing that the graph does not say."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import autodiff as ad
from tests.dense import seen_entries
from tests.sparse_functions import random_function


@pytest.mark.parametrize("hessian", [False, True])
def test_random_functions_have_the_pattern_of_their_dense_matrix(hessian: bool) -> None:
    """Where an entry is kept it differs from zero somewhere, and nowhere else."""
    for seed in range(80):
        function = random_function(seed, scalar=hessian)
        points = function.points(200)
        graph = ad.trace(function, points[0])
        pattern = (ad.hessian_pattern if hessian else ad.jacobian_pattern)(graph)
        seen = seen_entries(graph, hessian, points, pattern)
        assert np.array_equal(seen, pattern.dense()), seed


@pytest.mark.parametrize("row", ad.REGISTRY.values(), ids=lambda row: row.name)
def test_operands_interact_as_the_row_says(row: ad.Primitive) -> None:
    """A row is linear in an operand exactly where its second derivatives are zero everywhere."""
    if row.literal or row.params:
        pytest.skip("its literals are no inputs")
    names = [f"x{k}" for k in range(row.arity)]
    graph = ad.parse(
        f"graph f({', '.join(f'{n}: float' for n in names)}) -> float:\n"
        f"    %{row.arity} = {row.name} {', '.join(names)}\n    return %{row.arity}\n"
    )
    pattern = ad.hessian_pattern(graph)
    matrix = ad.hessian(graph)
    choices = [(0.3, 0.7) if row.domain else (-1.3, 0.4, 1.7) for _ in range(row.arity)]
    seen = np.zeros(pattern.shape, bool)
    for point in itertools.product(*choices):
        found = np.array(ad.evaluate(matrix, *point), dtype=float).reshape(pattern.shape)
        seen |= found != 0.0
    assert np.array_equal(seen, pattern.dense())


def test_linear_functions_have_no_hessian() -> None:
    """Sums, products with numbers, branches, kinks and rounding leave nothing."""
    pattern = ad.hessian_pattern(
        lambda x: 3.0 * ad.where(x[0] > 0.0, x[1], 2.0 * x[2]) + abs(x[3]) - ad.floor(x[1]) * x[0],
        np.ones(4),
    )
    assert pattern.count == 0


def test_branches_exclude_each_other() -> None:
    """What lies on two sides of one condition does not interact; on sides of two it does."""

    def one(x):  # type: ignore[no-untyped-def]
        return ad.sin(ad.where(x[0] > 0.0, x[1], x[2]))

    def two(x):  # type: ignore[no-untyped-def]
        first = ad.where(x[0] > 0.0, x[1], 0.0)
        return ad.sin(first + ad.where(x[3] > 0.0, 0.0, x[2]))

    def contrary(x):  # type: ignore[no-untyped-def]
        positive = x[0] > 0.0
        return ad.sin(ad.where(positive, x[1], 0.0) + ad.where(~positive, x[2], 0.0))

    places = [
        set(zip(p.rows.tolist(), p.columns.tolist(), strict=True))
        for p in (ad.hessian_pattern(f, np.ones(4)) for f in (one, two, contrary))
    ]
    assert places[0] == places[2] == {(1, 1), (2, 2)}
    assert places[1] == {(1, 1), (1, 2), (2, 1), (2, 2)}


def test_ties_keep_both_sides() -> None:
    """At a tie of maximum both operands have half the derivative, so they interact."""
    assert ad.hessian_pattern(lambda x, y: ad.sin(ad.maximum(x, y)), 1.0, 2.0).full


def test_wrt_chooses_columns() -> None:
    """Columns are the floats of the chosen arguments in the order in which they are chosen."""
    graph = ad.trace(lambda x, y: (x[0] * y, x[1]), np.ones(2), 1.0)
    assert str(ad.jacobian_pattern(graph)) == "sparse[2,3](rows 0 2; 1)"
    assert str(ad.jacobian_pattern(graph, wrt=["y", "x"])) == "sparse[2,3](rows 0 1; 2)"
    assert str(ad.jacobian_pattern(graph, wrt="y")) == "sparse[2,1](rows 0;)"


def test_hessian_needs_one_float() -> None:
    """A function of several results has no Hessian, and is told so."""
    with pytest.raises(ad.DifferentiationError, match="returns one float"):
        ad.hessian_pattern(lambda x: x, np.ones(2))


def test_long_chains_and_wide_sums() -> None:
    """A pattern takes no recursion, and no memory for what is behind it."""

    def chain(x):  # type: ignore[no-untyped-def]
        for _ in range(20_000):
            x = ad.sin(x)
        return x

    assert ad.jacobian_pattern(chain, 1.0).count == 1
    pattern = ad.hessian_pattern(lambda x: sum(ad.exp(v) for v in x), np.ones(3000))
    assert pattern.count == 3000
