from __future__ import annotations

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient, compile_graph
from tests.examples_by_path import example
from tests.formulas import DATA, load

GOLDEN = load("adbench/golden.json")["golden"]["ba"]


def instance() -> tuple[int, np.ndarray, np.ndarray, float, np.ndarray]:
    """ADBench's ba/test.txt: the number of observations, then the one that is repeated."""
    numbers = np.array((DATA / "adbench/ba/test.txt").read_text().split(), dtype=float)
    assert tuple(numbers[:3]) == (2.0, 10.0, 10.0)
    camera, point, weight, feature = np.split(numbers[3:], [11, 14, 15])
    return int(numbers[2]), camera, point, float(weight[0]), feature


def error(found: np.ndarray, golden: np.ndarray) -> float:
    """ADBench's metric (docs/JacobianCheck.md)."""
    found, golden = np.asarray(found), np.asarray(golden)
    return float(np.max(np.abs(found - golden) / np.maximum(1.0, np.abs(found) + np.abs(golden))))


def test_instance_is_the_example() -> None:
    """The example's numbers are those of ADBench's test instance."""
    module = example("reprojection")
    _, camera, point, weight, feature = instance()
    np.testing.assert_array_equal(module.CAMERA, camera)
    np.testing.assert_array_equal(module.POINT, point)
    np.testing.assert_array_equal(module.FEATURE, feature)
    assert weight == module.WEIGHT


@pytest.mark.parametrize(
    "run", [ad.evaluate, lambda g, *a: compile_graph(g)(*a)], ids=["interpreted", "compiled"]
)
def test_objective_and_jacobian(run) -> None:
    """Residuals, weight errors and the sparse Jacobian equal ADBench's by its metric at 1e-8."""
    module = example("reprojection")
    count, camera, point, weight, feature = instance()
    graph = ad.trace(module.residual, camera, point, weight, feature)
    residual = run(graph, camera, point, weight, feature)
    assert error(np.tile(residual, count), GOLDEN["objective.expected_reproj_err"]) < 1e-8

    weights = ad.trace(lambda w: 1.0 - w * w, 1.0)
    assert error([run(weights, weight)] * count, GOLDEN["objective.expected_weight_err"]) < 1e-8

    jacobian = ad.jacobian(graph, wrt=("camera", "point", "weight"))
    by_camera, by_point, by_weight = run(jacobian, camera, point, weight, feature)
    rows = np.concatenate([by_camera, by_point, by_weight[:, None]], axis=1)
    by_w = run(ad.gradient(weights), weight)
    values = np.concatenate([np.tile(rows.ravel(), count), np.full(count, by_w)])
    assert values.shape == (310,)
    assert error(values, GOLDEN["jacobian.expected_J_values"]) < 1e-8


def test_objective_gradient_by_hand() -> None:
    """The compiled gradient of the squared error equals the one written by hand."""
    module = example("reprojection")
    arguments = instance()[1:]
    value, bars = compile_gradient(module.objective, *arguments)(*arguments)
    by_hand, bars_by_hand = module.objective_gradient(*arguments)
    assert value == pytest.approx(by_hand, rel=1e-13)
    for bar, hand in zip(bars, bars_by_hand, strict=True):
        np.testing.assert_allclose(bar, hand, rtol=1e-12)
