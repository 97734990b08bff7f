"""Where a part has an infinite slope, every target gives the derivative that there is."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.run.interpret import flatten_arguments
from codegen import compile_gradient, compile_graph, to_c
from tests.c_compiler import compiled, in_c, needs_compiler
from tests.roots_at_zero import NOT_FOUND, ROOTS
from verify import Verdict, verify_gradient

TARGETS = ["python", "numpy", "native"]
NAMES = [case[0] for case in ROOTS]


def _flat(result: Any) -> Any:
    return np.ravel(np.array(result, dtype=np.float64))


@cache
def _traced(name: str) -> tuple[Graph, Any]:
    """The function, and what the interpreter gives for it: the same for every target."""
    function, at = next((function, at) for one, function, at, *_ in ROOTS if one == name)
    graph = ad.trace(function, *at)
    return graph, ad.backpropagate(graph, *at)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("name", "function", "at", "slope", "curve"), ROOTS, ids=NAMES)
def test_gradients(target: str, name: str, function: Any, at: Any, slope: Any, curve: Any) -> None:
    """Gradients are true wherever one exists, in one function and in halves."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    graph, expected = _traced(name)
    df = compile_gradient(graph, target=target)
    found = df(*at)
    assert np.allclose(_flat(found[1]), _flat(expected[1]), rtol=1e-12, equal_nan=True)
    if target != "numpy":
        assert repr(found) == repr(expected)
    if slope is not None:
        assert np.allclose(_flat(found[1]), np.ravel(slope), rtol=1e-12, atol=1e-12)
        halves = df.backward(df.forward(*at)[1], 3.0)
        assert np.allclose(_flat(halves), 3.0 * np.ravel(slope), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "function", "at", "slope", "curve"), ROOTS, ids=NAMES)
def test_values(name: str, function: Any, at: Any, slope: Any, curve: Any) -> None:
    """Values that remember how they came about give the same."""
    if slope is None or isinstance(at[0], np.ndarray):
        return
    values = [ad.Value(x) for x in at]
    function(*values).backward()
    assert np.allclose([v.grad for v in values], np.ravel(slope), rtol=1e-12, atol=1e-12)


@cache
def _hessian(name: str) -> Graph:
    """The same for every target."""
    return ad.hessian(_traced(name)[0])


@pytest.mark.parametrize("target", TARGETS)
def test_hessians(target: str) -> None:
    """A Hessian is true, or nan where poles cancel, and nan in few cases."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    right = cancelled = 0
    for name, _, at, _, curve in ROOTS:
        if curve is not None:
            found = _flat(compile_graph(_hessian(name), target)(*at))
            same = np.isclose(found, np.ravel(curve), rtol=1e-9, atol=1e-9)
            assert np.all(same | np.isnan(found)), name
            right += bool(same.all())
            cancelled += not same.all()
    assert right > cancelled


def test_batches() -> None:
    """Points at the root are settled, and no other point changes."""
    points = np.linspace(0.0, 1.0, 5001)
    for target in ("numpy", "native"):
        if target == "native":
            pytest.importorskip("llvmlite", reason="needs the extra native")
        df = compile_gradient(lambda x: x * ad.sqrt(x), 0.5, target=target, batch=True)
        assert np.allclose(df(points)[1], 1.5 * np.sqrt(points), rtol=1e-14)
        found = df.backward(df.forward(points)[1], 2.0)
        assert np.allclose(found, 3.0 * np.sqrt(points), rtol=1e-14)


@needs_compiler
def test_c(tmp_path: Path) -> None:
    """C gives what the interpreter gives."""
    graphs, sources = [], []
    for number, (_, function, at, slope, _) in enumerate(ROOTS):
        if slope is not None:
            graph = replace(ad.trace(function, *at), name=f"f{number}")
            graphs.append((graph, at, slope))
            sources.append(to_c(graph))
    library = compiled(sources, tmp_path)
    for graph, at, slope in graphs:
        point = flatten_arguments(graph, at)
        _, found = in_c(library, graph.name, graph, len(point))(point)
        assert np.allclose(found, np.ravel(slope), rtol=1e-12, atol=1e-12), graph.name


@pytest.mark.parametrize(("name", "function", "at", "slope", "curve"), ROOTS, ids=NAMES)
def test_verdicts_agree(name: str, function: Any, at: Any, slope: Any, curve: Any) -> None:
    """The report refutes nothing of this, and neither does the verdict at compile."""
    df = compile_gradient(function, *at)
    assert df.verdict is not Verdict.REFUTED
    assert verify_gradient(df, *at).verdict is not Verdict.REFUTED


@pytest.mark.parametrize(("name", "function", "at", "slope"), NOT_FOUND)
def test_what_is_not_found_is_said(name: str, function: Any, at: Any, slope: Any) -> None:
    """Where doubles lose the derivative, no number is made up, and both verdicts say so."""
    df = compile_gradient(function, *at)
    assert not np.isfinite(df(*at)[1])
    assert df.verdict is Verdict.REFUTED
    assert verify_gradient(function, *at).verdict is Verdict.REFUTED


def test_text_that_raises_does_not_look() -> None:
    """Python text pays nothing for a root: an exception leads to the form that looks."""
    source = compile_gradient(lambda x: x * ad.sqrt(x), 1.0).source
    first = source[source.index("def value_and_gradient") : source.index("def _div")]
    assert " == 0.0" not in first


# At (0, 0) they have no derivative: from each direction it is another one.
ROUGH = {
    "cbrt(x*x*y)": lambda x, y: ad.cbrt(x * x * y),
    "cbrt(x**3 + y**3)": lambda x, y: ad.cbrt(x**3 + y**3),
    "cbrt(x*y*y) + x": lambda x, y: ad.cbrt(x * y * y) + x,
    "x**y": lambda x, y: x**y,
}


@pytest.mark.parametrize("name", ROUGH)
def test_no_direction_is_taken_for_a_derivative(name: str) -> None:
    """Where directions differ the convention stands, whatever the directions that are asked."""
    function = ROUGH[name]
    convention = [0.0, 0.0] if name == "x**y" else [np.nan, np.nan]
    x, y = ad.Value(0.0), ad.Value(0.0)
    function(x, y).backward()
    graph = ad.trace(function, 0.0, 0.0)
    found = [(x.grad, y.grad), ad.backpropagate(graph, 0.0, 0.0)[1]]
    found += [compile_gradient(graph, target=target)(0.0, 0.0)[1] for target in TARGETS]
    for gradient in found:
        assert np.array_equal(gradient, convention, equal_nan=True), found
