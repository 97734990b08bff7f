from __future__ import annotations

from typing import Any

import numpy as np

from codegen import compile_gradient, compile_graph
from tests.examples_by_path import example


def model(x: Any, y: Any) -> Any:
    """Two steps."""
    slope = np.sin(x) * y
    return slope * slope + y


def test_every_emitted_line_knows_its_line() -> None:
    """Each line that computes something comes from a line of the user's, and back."""
    df = compile_gradient(model, 1.0, 2.0)
    explained = df.explain()
    source = df.source.splitlines()
    first = model.__code__.co_firstlineno
    assert explained.lines
    for line in explained.lines:
        assert source[line.number - 1] == line.text
        assert line.file == __file__
        assert line.line in (first + 2, first + 3)
        assert explained.emitted(line.number) == line
    slope = [one for one in explained.of(first + 2) if not one.derivative]
    assert all("slope" in one.text or "sin" in one.text for one in slope)
    assert {one.code for one in slope} == {"slope = np.sin(x) * y"}
    assert any(one.derivative for one in explained.of(first + 2))
    assert "derivative of test_explain.py" in str(explained)
    assert len(explained.to_json()["lines"]) == len(explained.lines)


def test_compiled_graphs_are_explained() -> None:
    """The Hessian of an example is explained line by line."""
    explained = example("double_pendulum").hessian.explain()
    assert all(line.file.endswith("double_pendulum.py") for line in explained.lines)


def test_code_without_source_is_explained_by_its_lines() -> None:
    """Without a source there are line numbers and no text."""
    scope: dict[str, Any] = {}
    exec("def f(x):\n    y = x * x\n    return y * x", scope)
    lines = compile_gradient(scope["f"], 1.0).explain().lines
    assert {(line.file, line.code) for line in lines} == {("<string>", "")}
    assert {line.line for line in lines} == {2, 3}


def test_a_graph_without_origins_is_explained_as_unknown() -> None:
    """A parsed graph comes from nowhere; asking is no error."""
    import autodiff as ad

    graph = ad.parse(str(ad.trace(model, 1.0, 2.0)))
    assert {line.line for line in compile_graph(graph).explain().lines} == {0}
