"""Loops over arrays: products, rows that are turned, windows that slide, sums in every order."""

from __future__ import annotations

import itertools
import mmap
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import CompiledGradient, compile_gradient, compile_graph
from codegen.native.write.whole import array_kernel
from codegen.native.write.whole.array_kernel import ArrayKernel
from tests.autodiff.trace.whole.test_programs import flat
from verify import Verdict

pytest.importorskip("llvmlite", reason="machine code needs llvmlite")


def _compiled(function: Any, *examples: Any, **options: Any) -> CompiledGradient:
    return compile_gradient(function, *examples, target="native", expand=False, **options)


def _agrees(df: CompiledGradient, *arguments: Any) -> None:
    """The call gives what the interpreter gives."""
    value, slope = df(*arguments)
    expected = ad.backpropagate(df.graph, *arguments)
    np.testing.assert_allclose(value, expected[0], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(flat(slope), flat(expected[1]), rtol=1e-10, atol=1e-11)


# --- products of matrices ----------------------------------------------------------------------


def _products(x: Any, y: Any, z: Any) -> Any:
    """Products as they lie, turned, by slices and by several axes at once."""
    first = x @ y
    second = y @ first.T
    third = np.tensordot(z, first, axes=([0, 1], [0, 1])) if z.shape[:2] == first.shape else 0.0
    part = x[:, 1:] @ y[1:, ::2]
    return np.sum(np.sin(first)) + np.sum(second**2) + np.sum(third) + np.sum(np.cos(part))


@pytest.mark.parametrize("shape", [(30, 40, 50), (8, 300, 9), (100, 33, 17), (20, 1, 30)])
@pytest.mark.parametrize("by_blas", [True, False])
def test_matrix_products(
    shape: tuple[int, int, int], by_blas: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large products give the same by BLAS and, where there is none, by loops."""
    if not by_blas:
        monkeypatch.setattr(array_kernel, "dgemm_address", lambda: None)
    m, k, n = shape
    draw = np.random.default_rng(m)
    x, y, z = draw.normal(size=(m, k)), draw.normal(size=(k, n)), draw.normal(size=(m, n, 3))
    df = _compiled(_products, x, y, z, check=False)
    assert ("blas.dgemm" in df.llvm) == (
        by_blas and k > 1 and array_kernel.dgemm_address() is not None
    )
    _agrees(df, x, y, z)


@pytest.mark.parametrize("columns", [2, 3, 4, 5, 7, 8, 9, 10, 12, 15, 16])
@pytest.mark.parametrize("rows", [8, 9, 23])
def test_rows_turned_in_registers(rows: int, columns: int) -> None:
    """Rows are read whole and turned into columns, never beyond the last number of an array."""
    page = 4096 // 8
    memory = np.frombuffer(mmap.mmap(-1, 8 * page * (1 + rows * columns // page)), np.float64)
    x = memory[len(memory) - rows * columns :].reshape(rows, columns)  # up to the end of a page
    x[...] = np.random.default_rng(columns).normal(size=x.shape)
    w = np.random.default_rng(1).normal(size=columns)
    df = _compiled(lambda x, w: np.sum((x @ w) ** 2) + np.sum(np.exp(x[:, 1:] @ w[1:])), x, w)
    _agrees(df, x, w)


# --- shapes of loops ---------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("n", [3, 17, 40])
def test_convolutions(n: int, mode: str) -> None:
    """Windows that slide are strides; what is scattered back adds up at every place."""
    draw = np.random.default_rng(n)
    x, k = draw.normal(size=n), draw.normal(size=3)
    df = _compiled(lambda x, k: np.sum(np.sin(np.convolve(x, k, mode))), x, k)
    _agrees(df, x, k)
    assert "row." not in df.llvm


@pytest.mark.parametrize(("i", "m"), list(itertools.product(range(3), [1, 2, 12])))
def test_sums_in_every_order_of_loops(i: int, m: int) -> None:
    """Sums over any axes of three, of long and short ones, with what is row by row around them.

    Every two lengths of two axes meet.
    """
    n, k = (2, 9, 40)[i], (2, 5, 13)[(i + m) % 3]
    draw = np.random.default_rng(n * m * k)
    x, y, z = draw.normal(size=(n, m, k)), draw.normal(size=(m, k)), draw.normal(size=(n, k))

    def f(x: Any, y: Any, z: Any) -> Any:
        moved = np.tanh(x * y + z[:, None, :])
        total = np.sum(np.einsum("nmk,mk->n", moved, y) ** 2)
        total += np.sum(np.sin(np.einsum("nmk,nk->mk", moved, z)))
        total += np.sum(np.einsum("nmk,nmj->kj", moved, x) ** 2)
        total += np.sum(np.einsum("nmk,nk->nm", moved, z)[:, ::-1] ** 3)
        total += np.sum(np.max(moved, axis=(0, 2)) * np.sum(moved, axis=(1, 2))[0])
        return total + np.sum(np.sum(moved, axis=1).T @ z)

    _agrees(_compiled(f, x, y, z, check=False), x, y, z)


def test_one_loop_over_rows() -> None:
    """A loss over rows is one pass over them: no array as long as the data is stored."""
    rows, w = np.random.default_rng(0).normal(size=(1000, 10)), np.ones(10)
    labels = np.sign(rows[:, 0])

    def logistic(w: Any) -> Any:
        return np.mean(np.log1p(np.exp(-labels * (rows @ w))))

    for loss in (logistic, lambda w: np.sum((rows @ w - labels) ** 2)):
        df = _compiled(loss, w)
        assert ArrayKernel(df.machine_graph).main().count("@loops") == 2  # defined and called
        kernel = ArrayKernel(df.machine_graph)
        kernel.main()
        assert kernel.work <= 8  # the sum, before it is a mean
        _agrees(df, w)


def test_graphs_of_arrays_stay_so() -> None:
    """compile_graph runs a graph of arrays as loops, however many elements it has."""
    x = np.random.default_rng(0).normal(size=(300, 400))
    softened = compile_graph(ad.trace(np.tanh, x, expand=False), target="native")
    np.testing.assert_allclose(softened(x), np.tanh(x), rtol=1e-15)
    assert softened.verdict is Verdict.CERTIFIED
    assert len(softened.llvm) < 50_000


def _prisms(m: Any, sides: Any, at: Any) -> Any:
    """Attraction of blocks at stations, a corner at a time: columns of both beside each other."""
    edges = np.column_stack([sides, np.exp(m)])
    x, y, z = edges[:, :2] - at[:, None, :1], edges[:, 2] - at[:, 1:2], edges[:, 3] - at[:, 2:]
    total: Any = 0.0
    for k in range(2):
        side = x[..., k]
        r = np.sqrt(side * side + y * y + z * z)
        total = total + side * np.log(y + r) + y * np.log(side + r)
        total = total - z * np.arctan2(side * y, z * r)
    return np.sum((total @ m) ** 2)


def test_columns_that_a_loop_reads_before_it_opens() -> None:
    """A column that is the same in every turn of an inner loop is read ahead of it."""
    m, at = np.linspace(-0.3, 0.3, 6), np.full((15, 3), 0.3)
    at[:, 0] = np.linspace(-1.0, 7.0, 15)
    sides = np.column_stack([np.arange(6.0), np.arange(6.0) + 0.8, np.ones(6)])
    df = compile_gradient(_prisms, m, sides, at, target="native", wrt=0, expand=False)
    beside = compile_gradient(_prisms, m, sides, at, target="numpy", wrt=0, expand=False)
    np.testing.assert_allclose(df(m, sides, at)[1], beside(m, sides, at)[1], rtol=1e-11)
