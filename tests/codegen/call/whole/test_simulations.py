"""Programs with loops over time: their gradients are short certified texts with loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from tests.autodiff.trace.whole.test_programs import flat, program
from verify.answer.report import Verdict


@pytest.mark.parametrize(
    ("name", "size", "lines"),
    [("garch", 1000, 130), ("cartpole", 200, 270), ("seir_rk4", 100, 330), ("lstm", 20, 190)],
)
def test_programs_with_loops(name: str, size: int, lines: int) -> None:
    """Unchanged, of any length: a text of one size, whose gradient is that of the repetitions."""
    module = program(name)
    examples = module.examples(size)
    df = codegen.compile_gradient(module.f, *examples, target="numpy")
    assert df.verdict is Verdict.CERTIFIED
    assert "for i in range" in df.source
    assert len(df.source.splitlines()) <= lines
    value, found = df(*examples)
    assert value == pytest.approx(module.f(*examples), rel=1e-12)
    expected = flat(ad.grad(module.f, wrt=tuple(range(len(examples))))(*examples))
    assert np.allclose(flat(found), expected, rtol=1e-10, atol=1e-10 * np.max(np.abs(expected)))


def test_a_filter_of_matrices() -> None:
    """A Kalman filter with inverses and determinants is one loop where arrays are whole."""
    module = program("kalman")
    examples = module.examples(60)
    df = codegen.compile_gradient(module.f, *examples, target="numpy", expand=False)
    assert df.verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)
    assert len(df.source.splitlines()) <= 300
    point = examples[0] + 0.1
    found = df(point, examples[1])[1][0]
    step = 1e-6 * np.eye(3)
    differences = [
        (module.f(point + h, examples[1]) - module.f(point - h, examples[1])) / 2e-6 for h in step
    ]
    assert np.allclose(found, differences, rtol=1e-6, atol=1e-6)


def test_short_loops_stay_straight() -> None:
    """Some dozens of nodes are written as they are."""

    def f(x: Any) -> Any:
        for _ in range(5):
            x = x * np.sin(x)
        return x

    assert "for " not in codegen.compile_gradient(f, 0.5, target="numpy").source.split('"""')[2]
