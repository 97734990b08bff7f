"""Over residues, the chain rule and the transforms are the same expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.run.transform import value_and_gradient
from autodiff.table.arrays import ARRAY_ROWS
from autodiff.table.arrays.region_rows import RegionRow
from tests.verify.array_truth import array_chain_rule, array_values
from verify.field.whole.array_field import Residues
from verify.field.whole.meaning_of_rows import ROWS, WholeField

DRAW = np.random.default_rng(2)
A, B = DRAW.normal(size=(40, 5)), DRAW.normal(size=40)
PLACES = DRAW.integers(0, 5, 40)


def least_squares(w: Any) -> Any:
    """A fit of lines to rows of data."""
    return np.sum((A @ w - B) ** 2)


def logistic(w: Any) -> Any:
    """Logistic regression, the mean over rows."""
    return np.mean(np.log1p(np.exp(-B * (A @ w))))


def network(w1: Any, b1: Any, w2: Any) -> Any:
    """A network with a softmax that is kept from overflow."""
    z = np.tanh(A @ w1 + b1) @ w2
    z = z - np.max(z, axis=1)[:, None]
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z[:, 0])


def ordered(x: Any) -> Any:
    """What depends on the order of the elements."""
    return np.sum(np.sort(x)[::2] ** 2) + np.median(x) + np.linalg.norm(x) * np.max(x)


def branches(x: Any, y: Any) -> Any:
    """Switches of every element, ties among them."""
    return np.sum(np.where(x > y, x * y, np.maximum(x, 0.3))) + np.sum(np.abs(x - y))


def moved(x: Any, w: Any) -> Any:
    """Parts of arrays joined, reversed, picked and added up."""
    rows = np.concatenate((x[1:], x[:-1] * w[0]))
    cubes = np.outer(x, w)[::-1, 1:] ** 3
    return np.sum(np.cumsum(rows) ** 2) + np.sum(cubes) + np.sum(w[PLACES] * B)


CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (least_squares, (np.ones(5),)),
    (logistic, (np.ones(5),)),
    (network, (DRAW.normal(size=(5, 6)), np.ones(6), DRAW.normal(size=(6, 3)))),
    (ordered, (DRAW.normal(size=9),)),
    (branches, (DRAW.normal(size=7), DRAW.normal(size=7))),
    (moved, (DRAW.normal(size=6), DRAW.normal(size=5))),
]


def both(
    function: Callable[..., Any], examples: tuple[Any, ...], field: WholeField
) -> list[tuple[Residues, Residues]]:
    """Value and gradient by the chain rule, and by the transform."""
    graph = ad.trace(function, *examples, expand=False)
    inputs = [field.unknown(shape) for shape in graph.inputs.shapes]
    expected = array_chain_rule(graph, inputs, field)
    whole = value_and_gradient(graph)
    with field.folded.read(()):  # the transform has folded constants
        values = array_values(whole, inputs, field)
    return list(zip(expected, [values[i] for i in whole.outputs], strict=True))


@pytest.mark.parametrize("relations", [False, True])
@pytest.mark.parametrize(("function", "examples"), CASES)
def test_gradients_are_the_chain_rule(
    function: Callable[..., Any], examples: tuple[Any, ...], relations: bool
) -> None:
    """Value and every part of the gradient agree, with a small chance of an accident."""
    field = WholeField(relations)
    pairs = both(function, examples, field)
    for expected, found in pairs:
        assert expected.shape == found.shape
        assert np.array_equal(expected.v, found.v)
    assert field.chance(pairs) < 1e-12


@pytest.mark.parametrize(("function", "examples"), CASES)
def test_sides_agree(function: Callable[..., Any], examples: tuple[Any, ...]) -> None:
    """With a random side for every condition the two agree as well."""
    for expected, found in both(function, examples, WholeField(True, sides=True)):
        assert np.array_equal(expected.v, found.v)


def test_cuts_keep_degrees_small() -> None:
    """A long chain of quotients has no bound on the chance of an accident, with cuts it has one."""

    def chain(x: Any) -> Any:
        for _ in range(12):
            x = x / (1.0 + x[::-1] * x)
        return np.sum(x * x)

    for cuts, primes in ((False, 2), (True, 3)):
        field = WholeField(cuts=cuts, primes=primes)
        pairs = both(chain, (np.array([0.3, 0.7, 0.2]),), field)
        assert all(np.array_equal(expected.v, found.v) for expected, found in pairs)
        assert (field.chance(pairs) < 1e-12) == cuts


def test_one_row_of_many_is_seen() -> None:
    """A gradient in which one row of a hundred thousand has another factor differs."""
    data = DRAW.normal(size=(100_000, 3))
    factors = np.ones(100_000)
    factors[77] = 1.0 + 2.0**-40

    def loss(w: Any) -> Any:
        return np.sum((data @ w) ** 2)

    def other(w: Any) -> Any:
        return np.sum((data @ w * factors) ** 2)

    field = WholeField()
    graphs = [value_and_gradient(ad.trace(f, np.ones(3), expand=False)) for f in (loss, other)]
    inputs = [field.unknown((3,))]
    right, wrong = ([array_values(g, inputs, field)[i] for i in g.outputs] for g in graphs)
    assert not np.array_equal(right[1].v, wrong[1].v)


def test_every_row_has_a_meaning() -> None:
    """No row of arrays is left to doubles; what has graphs inside is run by its graphs."""
    regions = {name for name, row in ARRAY_ROWS.items() if isinstance(row, RegionRow)}
    assert ROWS.keys() | regions == ARRAY_ROWS.keys()
