"""Rows of many numbers in C: orders, places, systems, eigenvalues, as the interpreter has them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import linalg

import autodiff as ad
from autodiff.errors import UnsupportedError
from autodiff.table.arrays.array_row import ARRAY_ROWS
from autodiff.table.arrays.region_rows import RegionRow
from codegen.c99 import to_c
from codegen.c99.rows.row_calls import CALLS
from codegen.nests.lower.row_lowering import ROWS
from codegen.nests.lower.running import RUNNING
from tests.arrays_in_c import assert_right, graph_of
from tests.c_compiler import arrays_in_c, compiled, needs_compiler

_DRAW = np.random.default_rng(3)
_STACK = _DRAW.normal(size=(3, 40, 40)) + 3.0 * np.eye(40)
_WIDE = _DRAW.normal(size=(2, 9, 15))
_LOW = _DRAW.normal(size=(12, 4)) @ _DRAW.normal(size=(4, 9))  # of rank 4
_WITH_NAN = np.round(_DRAW.normal(size=(4, 300)), 1)  # many of them are equal
_WITH_NAN[1, [7, 250]], _WITH_NAN[2, 0], _WITH_NAN[2, 9] = np.nan, np.inf, -np.inf


def _symmetric(x: Any) -> Any:
    return x + np.swapaxes(x, -1, -2)


def _of_spectrum(x: Any) -> Any:
    w, v = np.linalg.eigh(x)
    return np.sum(w * np.arange(len(w))) + np.sum(v**4 * np.arange(v.size).reshape(v.shape))


def _of_singular_values(x: Any) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return np.sum(np.sqrt(s)) + np.sum(u**4 * s[..., None, :]) + np.sum(np.sin(vh**2))


def _slog(x: Any) -> Any:
    sign, size = np.linalg.slogdet(x)
    return sign * size


def _weighed(x: Any) -> Any:
    return np.sum(x * np.cos(np.arange(x.size)).reshape(x.shape))


_ROWS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "orders": (lambda x: _weighed(1.0 * np.argsort(x, axis=1, kind="stable")), (_WITH_NAN,)),
    "sorted": (lambda x: _weighed(np.sort(x, axis=0)), (_DRAW.normal(size=(400, 3)),)),
    "places": (lambda x: np.sum(np.argmax(x, axis=1) + np.argmin(x[3:], axis=1)), (_WITH_NAN,)),
    "running": (lambda x: _weighed(np.maximum.accumulate(x, axis=1)), (_WITH_NAN,)),
    "searched": (
        lambda x, y: _weighed(1.0 * np.searchsorted(y, x) + 2.0 * np.searchsorted(y, x, "right")),
        (_WITH_NAN, np.sort(_WITH_NAN[1])),
    ),
    "solve": (lambda a, b: _weighed(np.linalg.solve(a, b)), (_STACK, _STACK[:, :, :5])),
    "vector": (lambda a, b: _weighed(np.linalg.solve(a, b)), (_STACK[0], _STACK[1, 0])),
    "inverse": (lambda a: _weighed(np.linalg.inv(a)), (_STACK,)),
    "determinants": (
        lambda a: np.sum(np.linalg.det(0.2 * a) + _slog(a)), (_STACK[:, :9, :9],)
    ),
    "cholesky": (
        lambda a: _weighed(np.linalg.cholesky(a @ np.swapaxes(a, -1, -2))), (_STACK[:2],)
    ),
    "triangles": (lambda a: _weighed(np.tril(a, 2) + 2.0 * np.triu(a, -3)), (_WIDE,)),
    "spectrum": (_of_spectrum, (_symmetric(_STACK[1, :20, :20]),)),
    "tall": (_of_singular_values, (np.swapaxes(_WIDE, 1, 2),)),
    "wide": (_of_singular_values, (_WIDE,)),
    "low": (lambda a: _weighed(np.linalg.svd(a, compute_uv=False)[:4]), (_LOW,)),
    "pseudo-inverse": (lambda a: _weighed(np.linalg.pinv(a)), (_LOW,)),
    "least squares": (
        lambda a, b: _weighed(np.linalg.lstsq(a, b, rcond=None)[0]), (_LOW.T, _LOW[:9, :2])
    ),
    "exponential": (lambda a: _weighed(linalg.expm(a)), (0.6 * _STACK[0, :12, :12],)),
    "norms": (lambda a: _weighed(np.linalg.norm(1e200 * a, axis=1) * 1e-200), (_WIDE,)),
}  # fmt: skip


@needs_compiler
def test_rows_of_many_numbers(tmp_path: Path) -> None:
    """Value and gradient are the interpreter's, with equal numbers, nan, stacks, lost ranks."""
    graphs = [graph_of(f"f{k}", f, *xs) for k, (f, xs) in enumerate(_ROWS.values())]
    sources = [to_c(graph, expand=False) for graph in graphs]
    written = "".join(source.source() for source in sources)
    names = [{"triangle": "tril"}.get(row, row) for row in CALLS if row != "hermitian_vectors"]
    assert [name for name in names if f"proofgrad_{name}(" not in written] == []
    library = compiled(sources, tmp_path, "-O1")
    for source, graph, (_, examples) in zip(sources, graphs, _ROWS.values(), strict=True):
        assert_right(library, source, graph, *examples)


def test_eigenvectors_of_complex_matrices_are_refused() -> None:
    """No C finds them: the targets that do are named."""
    graph = graph_of("f", lambda x: np.sum(np.abs(np.linalg.eigh(x + 1j * x)[1][0])), np.eye(3))
    with pytest.raises(UnsupportedError, match="complex matrices are not written in C; use target"):
        to_c(graph, expand=False)


def _inside_a_loop(x: Any, a: Any) -> Any:
    def step(before: Any, scale: Any) -> Any:
        return np.linalg.solve(a, before) + scale * np.sort(before), before[0]

    last, firsts = ad.scan(step, x, np.linspace(0.5, 1.0, 40))
    return np.sum(last) + np.sum(firsts)


def test_every_row_has_its_c() -> None:
    """A row is made of loops, or C has a function of it; regions have writers of their own."""
    named = {name for name, row in ARRAY_ROWS.items() if not isinstance(row, RegionRow)}
    assert named - {*ROWS, *RUNNING, *CALLS} == set()


@needs_compiler
def test_inside_loops(tmp_path: Path) -> None:
    """A row is called in every turn of a loop."""
    examples = (_STACK[0, 0, :8], _STACK[0, :8, :8])
    graph = graph_of("steps", _inside_a_loop, *examples)
    source = to_c(graph, expand=False)
    assert source.source().count("proofgrad_solve(") < 9
    assert_right(compiled([source], tmp_path), source, graph, *examples)


@needs_compiler
def test_what_numpy_refuses_is_no_number(tmp_path: Path) -> None:
    """A singular system and what is not positive definite give no finite number; det is 0."""
    examples = (np.ones((9, 9)), np.arange(9.0))
    functions: list[Callable[..., Any]] = [
        lambda a, b: np.sum(np.linalg.solve(a, b)),
        lambda a, b: np.sum(np.linalg.cholesky(a - 2.0 * np.eye(9))) + np.sum(b),
        lambda a, b: np.linalg.det(a) + np.exp(np.linalg.slogdet(a)[1]) + b[0],
    ]
    sources = [to_c(graph_of(f"g{k}", f, *examples), expand=False)
               for k, f in enumerate(functions)]  # fmt: skip
    library = compiled(sources, tmp_path)
    found = [arrays_in_c(library, source, "value")(*examples)[0] for source in sources]
    assert not np.any(np.isfinite(found[:2]))
    assert found[2] == 0.0
