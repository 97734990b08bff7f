from __future__ import annotations

from typing import Any

import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.formulas import compiled_from, errors, load
from tests.random_graphs import same

FUNCTIONS = load("fpbench/fpbench_golden.json")["functions"]


def test_all_functions_are_here() -> None:
    """The FPBench set has its 113 functions, four of them with branches."""
    assert len(FUNCTIONS) == 113
    assert sum(function["kind"] == "branch" for function in FUNCTIONS) == 4


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f["name"])
def test_function(function: dict[str, Any]) -> None:
    """Value and gradient are within 1e-10 of the golden ones, interpreted and compiled alike."""
    names = function["args"]
    setup = [f"{name} = {expr}" for name, expr in function["assign"]]
    graph = ad.trace(compiled_from(function["expr"], names, setup), *[1.0] * len(names))
    df = compile_gradient(graph, wrt=names)
    assert df.check is not None
    for point in function["points"]:
        value, gradient = ad.backpropagate(graph, *point["x"], wrt=names)
        assert errors([value], [point["f"]]) < 1e-10
        assert errors(gradient, point["grad"]) < 1e-10
        assert same(df(*point["x"]), (value, gradient))
