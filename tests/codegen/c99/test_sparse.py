"""C files of sparse matrices: the values of SciPy's matrix, its structure as constant arrays."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

import autodiff as ad
import codegen
from autodiff.graph.pattern import Pattern
from codegen import to_c
from tests.c_compiler import FLAGS, needs_compiler
from tests.sparse_functions import SparseFunction

_ARRAYS = {"csr": ("starts", "columns"), "csc": ("starts", "rows"), "coo": ("rows", "columns")}
_X = np.linspace(0.3, 1.1, 7)


class _InC:
    """A matrix as C computes it, with the constants of its header."""

    def __init__(self, function: object, quantity: str, form: str, folder: Path) -> None:
        source = to_c(function, np.ones(7), what=quantity, sparse=form)  # type: ignore[arg-type]
        source.save(folder / "f.c")
        prefix, first, second = f"{source.name}_{quantity}", *_ARRAYS[form]
        (folder / "seen.c").write_text(
            f'#include "f.h"\n'
            f"const int *first(void);\nconst int *second(void);\nint count(int k);\n"
            f"const int *first(void) {{ return {prefix}_{first}; }}\n"
            f"const int *second(void) {{ return {prefix}_{second}; }}\n"
            f"int count(int k)\n{{\n    return k == 0 ? {prefix.upper()}_ROWS : k == 1 ? "
            f"{prefix.upper()}_COLUMNS : {prefix.upper()}_SIZE;\n}}\n"
        )
        command = ["cc", *FLAGS, "-shared", "-fPIC", "f.c", "seen.c", "-o", "f.so", "-lm"]
        subprocess.run(command, cwd=folder, check=True)
        library = ctypes.CDLL(str(folder / "f.so"))
        library.first.restype = library.second.restype = ctypes.POINTER(ctypes.c_int)
        self.rows, self.columns, self.size = map(library.count, range(3))
        lines = self.rows if form == "csr" else self.columns
        length = self.size if form == "coo" else lines + 1
        self.first = library.first()[:length]
        self.second = library.second()[: self.size]
        self._run = library[prefix]
        self._run.restype = None

    def __call__(self, x: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float]:
        values = np.zeros(self.size)
        self._run(x.ctypes.data_as(ctypes.c_void_p), values.ctypes.data_as(ctypes.c_void_p))
        return cast("list[float]", values.tolist())


def _pattern(function: SparseFunction, quantity: str, form: str) -> Pattern:
    patterns = {"jacobian": ad.jacobian_pattern, "hessian": ad.hessian_pattern}
    return patterns[quantity](function, np.ones(7)).ordered("columns" if form == "csc" else "rows")


def _expected(pattern: Pattern, form: str) -> tuple[list[int], list[int]]:
    if form == "coo":
        return pattern.rows.tolist(), pattern.columns.tolist()
    return pattern.starts.tolist(), pattern.indices.tolist()


@needs_compiler
@pytest.mark.parametrize("form", _ARRAYS)
@pytest.mark.parametrize(("quantity", "outputs"), [("jacobian", 5), ("hessian", 0)])
def test_values_and_structure(quantity: str, outputs: int, form: str, tmp_path: Path) -> None:
    """The bits of the Python target, where the pattern says they stand."""
    for seed in range(3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        function = SparseFunction(seed, 7, outputs)
        compiled = codegen.compile(function, np.ones(7), what=quantity, sparse=form, check=False)
        in_c = _InC(function, quantity, form, folder)
        pattern = _pattern(function, quantity, form)
        assert (in_c.rows, in_c.columns) == pattern.shape
        assert (in_c.first, in_c.second) == _expected(pattern, form)
        found = compiled(_X)
        values = found[2] if form == "coo" else found.data
        assert in_c(_X) == values.tolist()


@needs_compiler
def test_a_matrix_of_zeros(tmp_path: Path) -> None:
    """C has no empty arrays: the tables have one element, the sizes say that there is none."""

    def linear(x: Sequence[float]) -> float:
        return x[0] + 2.0 * x[6]

    in_c = _InC(linear, "hessian", "csr", tmp_path)
    assert (in_c.rows, in_c.columns, in_c.size) == (7, 7, 0)
    assert in_c.first == [0] * 8
    assert in_c(_X) == []


@needs_compiler
def test_several_quantities(tmp_path: Path) -> None:
    """A sparse Hessian beside value and gradient, from one function."""

    def chain(x: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.float64:
        return np.sum(x[1:] * x[:-1] ** 2)

    what = ("value", "gradient", "hessian")
    source = to_c(chain, np.ones(4), what=what, sparse=True)
    assert "hessian[0] to [8]: the 9 entries of a 4 by 4 matrix, row by row, by x" in source.header
    source.save(tmp_path / "f.c")
    command = ["cc", *FLAGS, "-shared", "-fPIC", "f.c", "-o", "f.so", "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True)
    run = ctypes.CDLL(str(tmp_path / "f.so")).chain_value_gradient_and_hessian
    run.restype = ctypes.c_double
    x, gradient, entries = np.array([0.5, 2.0, -1.0, 3.0]), np.zeros(4), np.zeros(9)
    value = run(*[a.ctypes.data_as(ctypes.c_void_p) for a in (x, gradient, entries)])
    expected = codegen.compile(chain, np.ones(4), what=what, sparse=True)(x)
    assert value == expected[0]
    assert gradient.tolist() == expected[1].tolist()
    assert entries.tolist() == expected[2].data.tolist()


def test_a_full_matrix_is_said_to_be_full() -> None:
    """As compile says it."""
    with pytest.warns(UserWarning, match="every entry of the 2 x 2 hessian"):
        to_c(lambda x: np.prod(x) ** 2, np.ones(2), what="hessian", sparse=True)
