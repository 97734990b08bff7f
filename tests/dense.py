"""Dense evaluation of matrices of derivatives, which sparse ones are held against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

import autodiff as ad

__all__ = ["dense_matrices", "seen_entries", "sparse_matrix"]

Matrix = npt.NDArray[np.float64]


def dense_matrices(graph: ad.Graph, hessian: bool, points: Iterable[Any]) -> Iterator[Matrix]:
    """The Jacobian (or Hessian) of a function of one array, whole, at each point."""
    matrix = (ad.hessian if hessian else ad.jacobian)(graph)
    rows = graph.input_count if hessian else len(graph.outputs)
    for point in points:
        found = np.asarray(ad.evaluate(matrix, point), dtype=float)
        yield found.reshape(rows, graph.input_count)


def sparse_matrix(pattern: ad.Pattern, values: npt.ArrayLike) -> Matrix:
    """The matrix of a pattern's entries, whole."""
    matrix = np.zeros(pattern.shape)
    matrix[pattern.rows, pattern.columns] = values
    return matrix


def seen_entries(
    graph: ad.Graph, hessian: bool, points: Iterable[Matrix], expected: ad.Pattern
) -> npt.NDArray[np.bool_]:
    """Where the matrix differs from zero at one of the points; stops where all expected do."""
    seen, wanted = np.zeros(expected.shape, bool), expected.dense()
    for count, matrix in enumerate(dense_matrices(graph, hessian, points)):
        seen |= matrix != 0.0
        if count >= 3 and np.array_equal(seen, wanted):
            break
    return seen
