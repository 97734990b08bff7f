"""Parameters of emitted functions have the user's names; names of ours give way."""

from __future__ import annotations

import builtins
import inspect
import keyword
import math
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen.call.derivative
from autodiff.table.primitive import REGISTRY
from codegen import CompiledGradient, compile_gradient, to_c
from codegen.subset.spelling_c import RESERVED
from tests.arrays_in_c import assert_right, graph_of
from tests.c_compiler import compiled, in_c, needs_compiler
from tests.modules_by_path import module_at
from verify import Verdict, verify_gradient

POINT = (1.3, 0.7, -0.4, 0.9)
# Two switches tie here, and something overflows or divides by zero.
AWKWARD = ((1.0, 1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0), (800.0, 800.0, 1.0, 0.0))
OURS = """np w v1 v2 v3 _ _x x_bar x_0 residuals cotangent value gradient tied bars point step i
    evaluate forward backward value_and_gradient _exp _div exp_ abs_ float_ malloc free match case
    type self call args named compiled more out threads fabs numpy""".split()  # noqa: SIM905
NAMES = sorted(
    name
    for name in {*dir(builtins), *dir(math), *OURS, *REGISTRY}
    if name.isidentifier() and not keyword.iskeyword(name) and name != "__debug__"
)


def body(a: Any, b: Any, c: Any, d: Any) -> Any:
    """Calls of every kind: of math, of builtins, of copied functions; switches that tie."""
    smooth = ad.exp(a * b) + ad.abs(c) * ad.sin(d) + ad.log(ad.abs(b) + 1.0) / a
    tied = ad.maximum(ad.abs(a), ad.abs(b)) + ad.relu(c - d) * ad.sigmoid(a)
    return smooth + tied + ad.sqrt(a * a + 1.0) + ad.i0(d)


def function_of(*names: str) -> Callable[..., Any]:
    """``body`` with parameters of these names."""
    made: dict[str, Any] = {}
    listed = ", ".join(names)
    exec(f"def f({listed}):\n    return body({listed})\n", {"body": body}, made)
    function: Callable[..., Any] = made["f"]
    return function


@cache
def compiled_body(target: str = "python") -> CompiledGradient:
    """The gradient of ``body`` with its own parameters."""
    return compile_gradient(body, *POINT, target=target)


def four(seed: int) -> list[str]:
    """Some four of the names."""
    return random.Random(seed).sample(NAMES, 4)


def saved(source: str) -> dict[str, Any]:
    """The functions of a saved file."""
    functions: dict[str, Any] = {}
    exec(compile(source, "saved.py", "exec"), functions)
    return functions


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
@pytest.mark.parametrize("seed", range(5))
def test_every_name_stays(target: str, seed: int) -> None:
    """Whatever parameters are called, files take them by that name, and compute the same."""
    names = four(3 * seed + ["python", "numpy", "native"].index(target))
    expected = compiled_body(target)
    df = compile_gradient(function_of(*names), *POINT, target=target)
    functions = saved(df.source)
    for point in (POINT, *AWKWARD):
        named = dict(zip(names, point, strict=True))
        assert repr(df(**named)) == repr(df(*point)) == repr(expected(*point))
    for name in ("forward", "value_and_gradient"):
        assert list(inspect.signature(functions[name]).parameters) == names
    given = dict(zip(names, POINT, strict=True))
    assert functions["value_and_gradient"](**given) == expected(*POINT)
    value, residuals = functions["forward"](**given)
    assert (value, functions["backward"](residuals)) == expected(*POINT)
    assert df.verdict in (Verdict.PROVED, Verdict.CERTIFIED)


@pytest.mark.parametrize(
    ("names", "target"),
    [(("float", "exp", "abs", "Exception"), "python"), (("np", "w", "_exp", "i0"), "numpy")],
)
def test_such_texts_are_proven(names: tuple[str, ...], target: str) -> None:
    """The names that ours give way to are read like any others."""
    df = compile_gradient(function_of(*names), *POINT, target=target)
    assert verify_gradient(df).verdict is Verdict.PROVED


@pytest.mark.parametrize("seed", range(3))
def test_long_functions_keep_them_too(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function in parts shares a list whose name is no parameter's."""
    expected = compiled_body()
    monkeypatch.setattr(codegen.call.derivative, "LIMIT", 5)
    monkeypatch.setattr("codegen.text.chunks.PART", 4)
    names = ["w", *four(seed)[:3]] if seed else ["w", "float", "Exception", "abs"]
    df = compile_gradient(function_of(*names), *POINT)
    functions = saved(df.source)
    named = dict(zip(names, POINT, strict=True))
    assert df(**named) == functions["value_and_gradient"](**named) == expected(*POINT)
    assert df.file.in_parts


def test_elements_give_way_to_arguments() -> None:
    """An element of one array is not called like another argument."""

    def f(x: Any, x_0: Any) -> Any:
        return x[0] * x_0 + x[1]

    df = compile_gradient(f, np.array([1.0, 2.0]), 3.0)
    assert list(inspect.signature(saved(df.source)["value_and_gradient"]).parameters) == [
        "x",
        "x_0",
    ]
    assert df(np.array([1.0, 2.0]), x_0=5.0)[0] == 7.0


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("batch", [None, True])
def test_arguments_called_like_options(target: str, batch: bool | None) -> None:
    """Where an argument is called out or threads, the keyword is the argument's."""

    def f(out: Any, threads: Any) -> Any:
        return out * threads + out

    df = compile_gradient(f, 1.0, 2.0, target=target, batch=batch)
    x, y = (np.ones(3), np.full(3, 2.0)) if batch else (1.0, 2.0)
    assert repr(df(out=x, threads=y)) == repr(df(x, threads=y)) == repr(df(x, y))


@needs_compiler
@pytest.mark.parametrize("seed", range(6))
def test_c_has_them(seed: int, tmp_path: Path) -> None:
    """C takes them by position, but calls them the same, words of C and macros aside."""
    names = [*four(seed)[:2], "sqrt", "gradient"] if seed else ["fabs", "sqrt", "exp", "float"]
    if len(set(names)) < 4:
        pytest.skip("drew one twice")
    source = to_c(function_of(*names), *POINT)
    head = source.header[source.header.index("f_value(") :]
    for name in names:
        assert f"double {name}{'_' if name in RESERVED else ''}" in head
    graph = ad.trace(function_of(*names), *POINT)
    call = in_c(compiled([source], tmp_path), "f", graph, 4)
    value, gradient = ad.backpropagate(graph, *POINT)
    assert call(POINT) == (value, list(gradient))


ARRAYS = np.array([0.2, -0.7]), np.array([1.5, 0.4])
_NAMES_OF_ARRAYS = [
    ("np", "w"), ("x", "sigmoid"), ("math", "np"), ("found", "ties"), ("value", "residuals"),
    ("tuple", "any"), ("lost", "ArithmeticError"), ("np", "np_"), ("inf", "self"), ("sum", "exp"),
    ("float", "abs"), ("v1", "i0"), ("w_bar", "cotangent"),
]  # fmt: skip


@pytest.mark.parametrize("names", _NAMES_OF_ARRAYS)
def test_files_of_whole_arrays_keep_every_name(names: tuple[str, str], tmp_path: Path) -> None:
    """Saved files take them by that name, compute what calls do, at ties too, and are checked.

    The proof reads names as the check does, and takes a second: every sixth is proven as well.
    """
    made: dict[str, Any] = {"loss": _loss}
    exec(f"def f({', '.join(names)}):\n    return loss({', '.join(names)})\n", made)
    df = compile_gradient(made["f"], *ARRAYS, target="numpy", expand=False)
    expected, verdict = _plain()
    df.save(tmp_path / "f.py")
    functions = vars(module_at(tmp_path / "f.py"))
    for name in ("forward", "value_and_gradient"):
        assert list(inspect.signature(functions[name]).parameters) == [*names]
    for point in (ARRAYS, (np.array([0.0, 0.5]), np.array([0.0, 1.0]))):
        named = dict(zip(names, point, strict=True))
        value, residuals = functions["forward"](**named)
        found = df(**named), functions["value_and_gradient"](**named)
        for one in (*found, (value, functions["backward"](residuals))):
            np.testing.assert_equal(one, expected(*point))
    assert df.verdict is Verdict.CERTIFIED
    if names in _NAMES_OF_ARRAYS[::6]:
        assert verify_gradient(df, *ARRAYS).verdict is verdict


@needs_compiler
def test_c_of_whole_arrays_has_them(tmp_path: Path) -> None:
    """Names that files of C have for themselves give way to parameters, loops' among them."""
    pairs = [("i", "work"), ("value", "gradient"), ("free", "malloc"), ("main", "round")]
    graphs = []
    for k, names in enumerate(pairs):
        made: dict[str, Any] = {"loss": _loss}
        exec(f"def f({', '.join(names)}):\n    return loss({', '.join(names)})\n", made)
        graphs.append(graph_of(f"f{k}", made["f"], *ARRAYS))
    sources = [to_c(graph, expand=False) for graph in graphs]
    library = compiled(sources, tmp_path)
    for source, graph, names in zip(sources, graphs, pairs, strict=True):
        assert f"(const double *{names[0]}, const double *{names[1]})" in source.header
        assert_right(library, source, graph, *ARRAYS)


def test_loops_in_files_of_whole_arrays_keep_them(tmp_path: Path) -> None:
    """A loop over rows in floats, which names math, beside parameters called like libraries."""

    def f(np: Any, math: Any) -> Any:
        state = 0.0
        for row in np:
            state = ad.sin(state * math) + row
        return state

    x = np.linspace(0.1, 2.0, 40)
    for target in ("numpy", "native"):
        df = compile_gradient(f, x, 0.3, target=target, expand=False)
        assert df(np=x, math=0.3)[0] == pytest.approx(f(x, 0.3))
        assert df.verdict is Verdict.CERTIFIED
        df.save(tmp_path / f"{target}.py")
        whole = module_at(tmp_path / f"{target}.py").value_and_gradient
        head = inspect.signature(whole).parameters
        assert list(head) == ["np", "math"]


def test_an_argument_called_self() -> None:
    """Calls of every target take it by its name."""

    def f(self: Any, out: Any) -> Any:
        return self * out

    for target in ("python", "numpy", "native"):
        assert compile_gradient(f, 1.0, 2.0, target=target)(self=3.0, out=2.0)[0] == 6.0


def _loss(x: Any, w: Any) -> Any:
    return np.sum(ad.sigmoid(np.sin(x)) * w) + np.sum(np.where(x > 0.5, x, x * x))


@cache
def _plain() -> tuple[CompiledGradient, Verdict]:
    """The gradient of ``_loss`` with its own parameters, and the verdict on it."""
    df = compile_gradient(_loss, *ARRAYS, target="numpy", expand=False)
    return df, verify_gradient(df, *ARRAYS).verdict
