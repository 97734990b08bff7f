"""Ways to the entries of a sparse matrix: the one of the fewest operations is gone."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array
from autodiff.run.derive.extension import Extension
from autodiff.run.sparse import entries
from autodiff.run.sparse.cheapest_way import Way
from autodiff.run.sparse.stars import coloured, shows, star_colouring
from codegen.passes import run_passes
from tests.sparse_functions import random_function


def _random_neighbours(seed: int) -> list[set[int]]:
    draw, size = random.Random(seed), 3 + seed % 12
    near: list[set[int]] = [set() for _ in range(size)]
    for _ in range(draw.randrange(3 * size)):
        i, j = draw.sample(range(size), 2)
        near[i].add(j)
        near[j].add(i)
    return near


def test_every_entry_of_a_star_colouring_is_shown() -> None:
    """In one of its two columns, and on the diagonal; colours are as few as the stars allow."""
    for seed in range(300):
        near = _random_neighbours(seed)
        colours = star_colouring(near)
        for i, others in enumerate(near):
            assert shows(near, colours, i, i)
            for j in others:
                assert shows(near, colours, i, j) or shows(near, colours, j, i), seed
    tridiagonal = [{i - 1, i + 1} & set(range(20)) for i in range(20)]
    assert max(star_colouring(tridiagonal)) == 2
    full = [set(range(5)) - {i} for i in range(5)]
    assert sorted(star_colouring(full)) == [0, 1, 2, 3, 4]


def _operations(graph: Graph) -> int:
    return sum(1 for _ in run_passes(graph).operations())


def test_colours_give_the_same_matrix() -> None:
    """Products of coloured directions show each entry of random Hessians."""
    for seed in range(30):
        function = random_function(seed, scalar=True)
        graph = ad.trace(function, np.ones(function.size))
        pattern = ad.hessian_pattern(graph)
        extension = Extension(ad.gradient(graph))
        inputs, slopes = list(extension.graph.inputs.nodes), extension.graph.outputs
        found = list(coloured(inputs, slopes, pattern)(extension))
        shown = extension.finish("shown", [e.value for e in found], Array((len(found),)), inputs)
        point = np.linspace(-0.7, 1.2, function.size)
        dense = np.zeros(pattern.shape)
        for entry, value in zip(found, np.asarray(ad.evaluate(shown, point)), strict=True):
            dense[entry.row, entry.column] = dense[entry.column, entry.row] = value
        assert np.allclose(dense, ad.evaluate(ad.hessian(graph), point), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("matrix", ["jacobian", "hessian"])
def test_no_way_takes_fewer_operations(matrix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is chosen is the least of what each way leaves after the passes, within a few."""
    transform = getattr(ad, matrix)
    chosen, least = 0, 0
    for seed in range(25):
        function = random_function(seed, scalar=matrix == "hessian")
        graph = ad.trace(function, np.ones(function.size))
        monkeypatch.undo()
        chosen += _operations(transform(graph, sparse=True))
        counts: list[int] = []
        for place in range(4 if matrix == "hessian" else 3):
            way = _only(place)
            monkeypatch.setattr(entries, "fewest", way)
            counts.append(_operations(transform(graph, sparse=True)))
        least += min(counts)
    assert least <= chosen <= 1.01 * least


def _only(place: int) -> Any:
    def way(extension: Extension, ways: list[Way]) -> Any:
        return ways[place].entries(extension)

    return way


def test_each_way_is_the_best_of_some_function() -> None:
    """Rows, columns, both and colours: none is there in vain."""
    winners = set()
    for seed in (*range(40), 151):  # columns are seldom better than colours, which hold them
        function = random_function(seed, scalar=True)
        graph = ad.trace(function, np.ones(function.size))
        counts = []
        with pytest.MonkeyPatch.context() as patch:
            for place in range(4):
                patch.setattr(entries, "fewest", _only(place))
                counts.append(_operations(ad.hessian(graph, sparse=True)))
        if counts.count(min(counts)) == 1:
            winners.add(counts.index(min(counts)))
    assert winners == {0, 1, 2, 3}
