"""Rows of arrays: primitives whose operands and results have shapes.

``array_row.py`` says what a row holds; the sections follow: ``reshaping`` (broadcasts, sums,
shapes), ``indexing`` (slices, gathers and their transposes), ``one_place`` (what a loop writes),
``contraction`` (products of two arrays), ``euclidean`` (norms), ``choosing`` (the largest,
orders), for matrices ``last_axes`` (triangles, diagonals), ``equations`` (systems, determinants,
Cholesky) and ``spectra`` (eigenvalues, singular values, exponentials), ``region_rows`` (loops).
Elementwise primitives have no second row here: those of ``ops`` broadcast.

In: NumPy arrays.  Out: rows, each registered under its name in ``ARRAY_ROWS``.
"""

from __future__ import annotations

from autodiff.table.arrays import (
    choosing,
    contraction,
    equations,
    euclidean,
    indexing,
    last_axes,
    one_place,
    region_rows,
    reshaping,
    spectra,
)
from autodiff.table.arrays.array_row import ARRAY_ROWS, ArrayRow, Use

__all__ = [
    "ARRAY_ROWS",
    "ArrayRow",
    "Use",
    "choosing",
    "contraction",
    "equations",
    "euclidean",
    "indexing",
    "last_axes",
    "one_place",
    "region_rows",
    "reshaping",
    "spectra",
]
