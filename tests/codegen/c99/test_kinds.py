"""C files of Jacobians, Hessians and products: the bits of the Python text, with any compiler."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from autodiff.graph.tree.tree import leaves_of
from codegen import to_c, to_latex
from codegen.c99 import CSource

COMPILER = shutil.which("cc") or shutil.which("gcc")
X, D = np.array([0.7, -0.4, 1.3]), np.array([1.0, -2.0, 0.5])


def scalar(x: Any) -> Any:
    """With switches that can tie."""
    return np.sum(x * x * np.exp(x[0] * x)) + np.maximum(x[0], x[1]) * np.abs(x[2])


def vector(x: Any) -> Any:
    """An array from an array."""
    return np.stack([x[0] * x[1], np.sin(x[1]) * x[2]])


KINDS: list[tuple[Any, Any, tuple[Any, ...]]] = [
    (scalar, "hessian", ()),
    (scalar, "gradient", ()),
    (scalar, ("value", "gradient", "hessian"), ()),
    (scalar, "hvp", (D,)),
    (scalar, "value", ()),
    (vector, "jacobian", ()),
    (vector, "value", ()),
    (vector, ("value", "jacobian"), ()),
    (vector, ("value", "jvp"), (D,)),
    (vector, ("value", "vjp"), (D[:2],)),
]


def test_linear_algebra_keeps_its_arrays() -> None:
    """What has no trace number by number is written from whole arrays, without being asked."""

    def solved(x: Any) -> Any:
        return np.sum(np.linalg.solve(np.eye(3) + np.outer(x, x), x))

    for what in ("hessian", ("value", "gradient")):
        made = to_c(solved, X, what=what)
        assert made.body == to_c(solved, X, what=what, expand=False).body
    assert "double v1[9];" in to_c(solved, X).body
    assert "double v1[9];" not in to_c(solved, X, expand=True).body


def library_of(source: CSource, folder: Path, level: str = "-O2") -> ctypes.CDLL:
    """What a strict compiler makes of a file."""
    source.save(folder / "f.c")
    command = [COMPILER, "-std=c99", "-Wall", "-Wextra", "-Werror", level, "-shared", "-fPIC"]
    subprocess.run([*command, str(folder / "f.c"), "-o", str(folder / "f.so"), "-lm"], check=True)
    return ctypes.CDLL(str(folder / "f.so"))


def called(library: ctypes.CDLL, name: str, compiled: Any, args: tuple[Any, ...]) -> list[float]:
    """All numbers that the C function gives."""
    expected = compiled(*args)
    run = library[f"{name}_{compiled.entry}"]
    leads = isinstance(expected, float) or (
        isinstance(expected, tuple) and isinstance(expected[0], float)
    )
    parts = expected if isinstance(expected, tuple) else (expected,)
    outs = [np.zeros(np.shape(part)) for part in parts[leads:]]
    run.restype = ctypes.c_double if leads else None
    value = run(*[array.ctypes.data_as(ctypes.c_void_p) for array in (*args, *outs)])
    return [*([value] if leads else []), *[float(x) for out in outs for x in out.ravel()]]


@pytest.mark.skipif(COMPILER is None, reason="no C compiler")
@pytest.mark.parametrize(("function", "what", "extra"), KINDS)
def test_c_has_the_bits_of_python(
    function: Any, what: Any, extra: tuple[Any, ...], tmp_path: Path
) -> None:
    """Each quantity in an array of its own, a float value that comes first returned."""
    source, compiled = to_c(function, X, what=what), codegen.compile(function, X, what=what)
    library = library_of(source, tmp_path)
    for point in (X, np.array([0.5, 0.5, 0.0])):
        args = (point, *extra)
        found = called(library, source.name, compiled, args)
        assert found == [float(x) for x in leaves_of(compiled(*args))]


@pytest.mark.skipif(COMPILER is None, reason="no C compiler")
def test_long_functions_are_written_in_parts(tmp_path: Path) -> None:
    """Several thousand operations, and no value among the results."""

    def chain(x: Any) -> Any:
        total = x[0]
        for k in range(1500):
            total = total + np.sin(total * 1e-3) * x[k % 3]
        return np.stack([total, total * x[1]])

    source = to_c(chain, X, what="jacobian", expand=True)
    compiled = codegen.compile_jacobian(chain, X)
    found = called(library_of(source, tmp_path, "-O0"), source.name, compiled, (X,))
    assert found == compiled(X).ravel().tolist()


def test_names_of_the_users() -> None:
    """A parameter called as a result is stays; the result gives way."""

    def f(hessian: float, y: float) -> float:
        return hessian * hessian * y

    text = to_c(f, 1.0, 2.0, what="hessian").source()
    assert "double hessian, double y, double *hessian_" in text


def test_wrong_kinds() -> None:
    """As for ``compile``."""
    with pytest.raises(ad.DifferentiationError, match="one float"):
        to_c(vector, X, what="hessian")
    with pytest.raises(ad.ArgumentError, match="slope"):
        to_c(vector, X, what="slope")


@pytest.mark.parametrize(("function", "what", "extra"), KINDS)
def test_formulas(function: Any, what: Any, extra: tuple[Any, ...]) -> None:
    """Each number has a line in LaTeX, under a sign of its own."""
    text = to_latex(function, X, what=what)
    count = len(leaves_of(codegen.compile(function, X, what=what, check=False)(X, *extra)))
    lines = [line for line in text.split("\n") if "&=" in line]
    assert len(lines) >= count
    signs = [line.partition(" &=")[0] for line in lines]
    assert len(set(signs)) == len(signs)


def test_formulas_of_sparse_matrices() -> None:
    """A line for each entry that is kept, beside those of other quantities."""

    def f(x: Any) -> Any:
        return x[0] * x[1] * x[1] + x[2]

    what = ("value", "hessian")
    lines = [
        line.rstrip("\\ ")
        for line in to_latex(f, X, what=what, sparse=True).split("\n")
        if r"\partial^{2}" in line
    ]
    assert lines == [
        r"\frac{\partial^{2} f}{\partial x_{0} \, \partial x_{1}} &= v_{1}",
        r"\frac{\partial^{2} f}{\partial x_{1} \, \partial x_{0}} &= v_{1}",
        r"\frac{\partial^{2} f}{\partial x_{1}^{2}} &= x_{0} + x_{0}",
    ]
    text = to_latex(vector, X, what="jacobian", sparse="csc")
    assert r"\frac{\partial f_{1}}{\partial x_{2}} &= " in text
    assert r"\frac{\partial f_{0}}{\partial x_{2}}" not in text


def test_a_formula() -> None:
    """A Hessian as one would write it."""
    assert to_latex(lambda x, y: x * x * y, 1.0, 2.0, what="hessian").split("\n")[1:6] == [
        r"v_{1} &= 2 \, x \\",
        r"\frac{\partial^{2} f}{\partial x^{2}} &= 2 \, y \\",
        r"\frac{\partial^{2} f}{\partial x \, \partial y} &= v_{1} \\",
        r"\frac{\partial^{2} f}{\partial y \, \partial x} &= v_{1} \\",
        r"\frac{\partial^{2} f}{\partial y^{2}} &= 0",
    ]
