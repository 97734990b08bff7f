"""Golden emitted code, which is also run.

Update it with ``pytest --update-golden``, then read the diff.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient, compile_graph
from tests.examples_by_path import example
from tests.random_graphs import differences

GOLDEN = Path(__file__).parent.parent / "golden"


def piecewise(x: float = 0.5, y: float = 2.0) -> Any:
    """Nested branches, ties and clamps."""
    inside = np.where((x > 0.0) & (y > x), np.log(x) * y, np.sqrt(1.0 + x * x))
    return np.maximum(inside, y - x) + np.clip(x, 0.0, 1.0) * ad.relu(y) + abs(x)


def structured(p: Any, weights: Any) -> Any:
    """Structures with awkward names."""
    a, b = p["v1"], p["import"]
    return np.sum(np.tanh(a @ weights[0]) * b) + weights[1]["sin"] ** 3


STRUCTURED = (
    {"v1": np.array([[0.1, 0.2], [0.3, 0.4]]), "import": np.array([1.0, -1.0])},
    (np.array([0.5, 0.6]), {"sin": 1.5}),
)


def probability(x: float = 0.3, y: float = -1.2) -> Any:
    """Functions that are copied into the file."""
    return ad.softplus(x) * ad.gelu(y) + ad.sigmoid(x * y) + np.floor(x) * np.sinc(y)


def constants(x: float = 1.0, y: float = 2.0) -> Any:
    """Literals that need care: negative, infinite, tiny."""
    return np.minimum(x * -2.5, np.inf) + 1e-300 * y - (-0.0) + x**-1.5 + (-3.0) ** 3 * y


# File, graph or compiled function, point.
CASES: dict[str, tuple[Callable[[], Any], tuple[Any, ...]]] = {
    "black_scholes": (
        lambda: compile_gradient(example("black_scholes").price), (100.0, 110.0, 1.3, 0.03, 0.25)),
    "kepler": (lambda: compile_gradient(example("kepler").eccentric_anomaly), (0.8, 0.3)),
    "double_pendulum": (
        lambda: example("double_pendulum").gradient, (np.array([0.4, -0.3]), np.array([1.0, 2.0]))),
    "double_pendulum_hessian": (
        lambda: example("double_pendulum").hessian, (np.array([0.4, -0.3]), np.array([1.0, 2.0]))),
    "rosenbrock": (
        lambda: compile_gradient(example("rosenbrock").rosenbrock, np.ones(4)),
        (np.array([-1.2, 1.0, 0.5, 2.0]),)),
    "reprojection": (
        lambda: compile_gradient(example("reprojection").objective),
        tuple(getattr(example("reprojection"), n) for n in
              ("CAMERA", "POINT", "WEIGHT", "FEATURE"))),
    "reprojection_jacobian": (
        lambda: compile_graph(ad.jacobian(ad.trace(example("reprojection").residual),
                                          wrt="point")),
        tuple(getattr(example("reprojection"), n) for n in
              ("CAMERA", "POINT", "WEIGHT", "FEATURE"))),
    "piecewise": (lambda: compile_gradient(piecewise), (0.5, 2.0)),
    "structured": (lambda: compile_gradient(structured, *STRUCTURED), STRUCTURED),
    "probability": (lambda: compile_gradient(probability), (0.3, -1.2)),
    "constants": (lambda: compile_gradient(constants), (1.0, 2.0)),
    "shared_argument": (lambda: compile_gradient(lambda x, y: np.exp(x * y) / y, 1.0, 1.0, wrt="x"),
                        (0.3, 0.7)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_emitted_text(name: str, update_golden: bool) -> None:
    """The emitted text is the golden one, byte for byte."""
    source = CASES[name][0]().source
    path = GOLDEN / f"{name}.py"
    if update_golden:
        path.write_text(source, encoding="utf-8")
    assert source == path.read_text(encoding="utf-8"), f"{path.name}: pytest --update-golden"


@pytest.mark.parametrize("name", CASES)
def test_golden_files_run(name: str) -> None:
    """The golden file, run on its own, gives the interpreter's value and gradient, bit for bit."""
    make, at = CASES[name]
    compiled = make()
    scope: dict[str, Any] = {"__name__": name}
    exec(compile((GOLDEN / f"{name}.py").read_text(encoding="utf-8"), f"{name}.py", "exec"), scope)
    flat = _parts(at)
    if "evaluate" in scope:
        assert not differences(_numbers(scope["evaluate"](*flat)), _numbers(compiled(*at)))
        return
    expected = _numbers(ad.backpropagate(compiled.graph, *at, wrt=compiled.wrt))
    assert not differences(_numbers(scope["value_and_gradient"](*flat)), expected)
    value, residuals = scope["forward"](*flat)
    assert not differences(_numbers((value, scope["backward"](residuals))), expected)
    assert not differences(_numbers(compiled(*at)), expected)


def test_no_golden_file_is_left_over() -> None:
    """Every file of tests/golden belongs to a case here."""
    assert {path.stem for path in GOLDEN.glob("*.py")} == set(CASES)


def _parts(value: Any) -> list[Any]:
    """Arguments as an emitted function takes them: floats, arrays as flat lists."""
    if isinstance(value, np.ndarray):
        return [value.ravel().tolist()]
    if isinstance(value, dict):
        return [x for v in value.values() for x in _parts(v)]
    return [x for v in value for x in _parts(v)] if isinstance(value, (tuple, list)) else [value]


def _numbers(value: Any) -> list[float]:
    """The floats of a nested result, in order."""
    if isinstance(value, np.ndarray):
        return value.ravel().tolist()
    if isinstance(value, dict):
        value = tuple(value.values())
    return [x for v in value for x in _numbers(v)] if isinstance(value, (tuple, list)) else [value]
