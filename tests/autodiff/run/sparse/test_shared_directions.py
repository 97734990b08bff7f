"""Columns that share a direction: as few as the matrix allows, and every entry is found again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.pattern import Pattern
from autodiff.run.derive import array_entries
from autodiff.run.derive.joint import derivatives
from autodiff.run.sparse.shared_directions import Level, Sharing, shared_directions
from autodiff.run.sparse.sparsity import hessian_pattern
from codegen import compile_hessian
from verify import VerificationError

_DRAW = np.random.default_rng(0)


def _arrow(n: int) -> Any:
    kept = np.eye(n)
    kept[0] = 1.0
    return kept


def _band(n: int, half: int) -> Any:
    return np.tri(n, k=half) * np.tri(n, k=half).T


def _grid(n: int) -> Any:
    return np.kron(_band(n, 1), np.eye(n)) + np.kron(np.eye(n), _band(n, 1))


def _tree(n: int) -> Any:
    kept = np.eye(n)
    for i in range(1, n):
        kept[i, (i - 1) // 2] = 1.0
    return kept


def _pattern(kept: Any) -> Pattern:
    both = (kept != 0.0) | (kept.T != 0.0)
    return Pattern.of(both.shape, [np.flatnonzero(row) for row in both])


def _is_recovered(matrix: Any, sharing: Sharing, pattern: Pattern) -> bool:
    """True if all entries come out of the sums of columns of one direction."""
    sums = [matrix[:, sharing.colours == k].sum(axis=1) for k in range(sharing.directions)]
    known: dict[tuple[int, int], float] = {}
    for level in sharing.levels:
        made = [sums[sharing.colours[column]][row] for row, column in level.shown]
        for place, edge in level.less:
            made[place] -= known[edge]
        known |= dict(zip(level.shown, made, strict=True))
    places = zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True)
    found = [known.get((i, j), known.get((j, i), np.nan)) for i, j in places]
    return np.allclose(found, matrix[pattern.rows, pattern.columns], rtol=1e-12, atol=1e-13)


def _symmetric(pattern: Pattern) -> Any:
    matrix = np.zeros(pattern.shape)
    matrix[pattern.rows, pattern.columns] = _DRAW.normal(size=pattern.count)
    return matrix + matrix.T


@pytest.mark.parametrize(
    ("kept", "by_columns", "symmetric"),
    [
        (_arrow(30), 30, 2),
        (_band(30, 1), 3, 3),
        (_band(30, 2), 5, 5),
        (_grid(8), 7, 4),
        (_tree(31), 4, 2),
        (np.ones((6, 6)), 6, 6),
        (np.eye(9), 1, 1),
    ],
    ids=["arrow", "band", "wide band", "grid", "tree", "full", "diagonal"],
)
def test_directions_of_known_families(kept: Any, by_columns: int, symmetric: int) -> None:
    """An arrow takes two by stars, a tree two and a grid four by trees, a band its width."""
    pattern = _pattern(kept)
    for wanted, given in ((by_columns, False), (symmetric, True)):
        sharing = shared_directions(pattern, given)
        assert sharing.directions == wanted
        assert _is_recovered(_symmetric(pattern), sharing, pattern)


def test_entries_of_random_patterns() -> None:
    """Every entry is found again, and symmetry never takes more directions."""
    for _ in range(60):
        n = int(_DRAW.integers(1, 25))
        pattern = _pattern(_DRAW.random((n, n)) < _DRAW.uniform(0.02, 0.4))
        plain, sharing = (shared_directions(pattern, given) for given in (False, True))
        assert sharing.directions <= plain.directions
        assert all(_is_recovered(_symmetric(pattern), s, pattern) for s in (plain, sharing))


def _of_a_tree(x: Any) -> Any:
    i = np.arange(1, 15)
    return np.sum(np.sin(x[i] * x[(i - 1) // 2]) * x[i])


def _of_an_arrow(x: Any) -> Any:
    return np.sum(np.exp(0.3 * x[1:] * x[0]))


def _of_a_grid(x: Any) -> Any:
    z = np.reshape(x, (4, 4))
    return np.sum(z[1:] * z[:-1] ** 3) + np.sum(np.sin(z[:, 1:] * z[:, :-1]))


_FUNCTIONS: list[tuple[Callable[[Any], Any], int, int]] = [
    (_of_a_tree, 15, 2), (_of_an_arrow, 12, 2), (_of_a_grid, 16, 6),
]  # fmt: skip


@pytest.mark.parametrize(("function", "n", "most"), _FUNCTIONS)
def test_hessians_of_whole_arrays(function: Any, n: int, most: int) -> None:
    """The entries equal those of the dense Hessian, from no more products than the colours."""
    x = np.linspace(0.3, 1.2, n)
    graph = ad.trace(function, x, expand=False)
    made = derivatives(graph, ["hessian"], None, "rows")
    pattern = hessian_pattern(graph)
    dense = ad.evaluate(ad.hessian(ad.trace(function, x)), x)
    found = np.asarray(ad.evaluate(made, x))
    np.testing.assert_allclose(found, dense[pattern.rows, pattern.columns], rtol=1e-11, atol=1e-13)
    seeds = [
        node.shape[0] for node in made.nodes if node.array is not None and len(node.shape) == 2
    ]
    assert max(seeds) <= most


@pytest.mark.usefixtures("checked_at_once")
@pytest.mark.parametrize("target", ["numpy", "native"])
def test_a_wrong_colour_is_refuted(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One column in another's direction, or a difference left out: the check at compile says so."""
    x = np.linspace(0.3, 1.2, 15)
    kept = compile_hessian(_of_a_tree, x, target=target, sparse=True, expand=False)
    np.testing.assert_allclose(
        kept(x).toarray(),
        ad.evaluate(ad.hessian(ad.trace(_of_a_tree, x)), x),
        rtol=1e-11,
        atol=1e-13,
    )

    def coloured_wrong(pattern: Pattern, symmetric: bool) -> Sharing:
        right = shared_directions(pattern, symmetric)
        colours = right.colours.copy()
        colours[7] = 1 - colours[7]
        return right._replace(colours=colours)

    def unsubstituted(pattern: Pattern, symmetric: bool) -> Sharing:
        right = shared_directions(pattern, symmetric)
        return right._replace(levels=[Level(level.shown, []) for level in right.levels])

    for mistake in (coloured_wrong, unsubstituted):
        monkeypatch.setattr(array_entries, "shared_directions", mistake)
        with pytest.raises(VerificationError, match="REFUTED"):
            compile_hessian(_of_a_tree, x, target=target, sparse=True, expand=False)
