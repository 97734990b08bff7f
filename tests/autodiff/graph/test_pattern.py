"""Patterns: order, text, equality."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.pattern import Pattern, read_pattern
from autodiff.graph.structure import Sparse

PATTERN = Pattern.of((3, 4), [[0, 3], [], [1, 2, 3]])


def test_orders_are_those_of_scipy() -> None:
    """Starts and indices are CSR's and CSC's index arrays, in SciPy's order."""
    sparse = pytest.importorskip("scipy.sparse")
    for by, kind in (("rows", sparse.csr_matrix), ("columns", sparse.csc_matrix)):
        ours, theirs = PATTERN.ordered(by), kind(PATTERN.dense())
        assert np.array_equal(ours.starts, theirs.indptr)
        assert np.array_equal(ours.indices, theirs.indices)


def test_order_changes_no_entry() -> None:
    """Rows and columns name the same entries in both orders, and there and back is the same."""
    other = PATTERN.ordered("columns")
    assert np.array_equal(other.dense(), PATTERN.dense())
    assert other != PATTERN
    assert other.ordered("rows") == PATTERN
    assert (other.columns.tolist(), other.rows.tolist()) == ([0, 1, 2, 3, 3], [0, 2, 2, 0, 2])


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (1, 1), (2, 5)])
@pytest.mark.parametrize("by", ["rows", "columns"])
def test_text_gives_the_pattern_back(shape: tuple[int, int], by: str) -> None:
    """The printed pattern reads back as an equal one, however empty."""
    source = np.random.default_rng(1)
    lines = [np.flatnonzero(source.random(shape[1]) < 0.5) for _ in range(shape[0])]
    pattern = Pattern.of(shape, lines).ordered("rows" if by == "rows" else "columns")
    assert read_pattern(str(pattern)) == pattern
    assert pickle.loads(pickle.dumps(pattern)) == pattern
    assert hash(pickle.loads(pickle.dumps(pattern))) == hash(pattern)


def test_sparse_result_prints_and_parses() -> None:
    """A graph with a sparse result is its text, like any other."""
    graph = ad.jacobian(lambda x: x * x[0], np.ones(3), sparse="csc")
    assert isinstance(graph.result, Sparse)
    assert "-> sparse[3,3](columns 0 1 2; 1; 2):" in str(graph)
    assert ad.parse(str(graph)) == graph
    assert pickle.loads(pickle.dumps(graph)) == graph


@pytest.mark.parametrize(
    "text",
    [
        "sparse[1,2](rows 0 2)",
        "sparse[1,2](rows 1 0)",
        "sparse[1,2](rows 0 0)",
        "sparse[1,2](rows 0; 1)",
        "sparse[1,2](columns 0)",
        "sparse[1,2](lines 0)",
        "sparse[1](rows 0)",
    ],
)
def test_wrong_patterns_are_refused(text: str) -> None:
    """A pattern with places out of order, outside the matrix or without a line is an IRError."""
    with pytest.raises(ad.IRError, match=r"found sparse.*expected each row's columns"):
        ad.parse(f"graph f(x: float[2]) -> {text}:\n    return x[0], x[1]\n")


def test_patterns_are_immutable() -> None:
    """Nobody can write into the index arrays that calls share."""
    with pytest.raises(ValueError, match="read-only"):
        PATTERN.indices[0] = 1
