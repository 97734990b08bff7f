from __future__ import annotations

from typing import Any

import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.formulas import compiled_from, errors, load
from tests.random_graphs import same

EQUATIONS = load("feynman/feynman_golden.json")["equations"]


def test_all_formulas_are_here() -> None:
    """The Feynman set has its 100 formulas, three points each."""
    assert len(EQUATIONS) == 100
    assert all(len(equation["points"]) == 3 for equation in EQUATIONS)


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda e: e["id"])
def test_formula(equation: dict[str, Any]) -> None:
    """Value and gradient are within 1e-12 of the golden ones, interpreted and compiled alike."""
    names = equation["vars"]
    graph = ad.trace(compiled_from(equation["expr"], names), *[1.0] * len(names))
    df = compile_gradient(graph, wrt=names)
    assert df.check is not None
    for point in equation["points"]:
        value, gradient = ad.backpropagate(graph, *point["x"], wrt=names)
        assert errors([value], [point["f"]]) < 1e-12
        assert errors(gradient, point["grad"]) < 1e-12
        assert same(df(*point["x"]), (value, gradient))
