"""``cond`` takes one of two functions, on numbers, Values and in traces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient


def chosen(x: Any, y: Any) -> Any:
    """A logarithm where there is one."""
    return ad.cond(x > 1.0, lambda x, y: np.log(x) * y, lambda x, y: -x * y, x, y)


def test_numbers_and_values_run_one_side() -> None:
    """The other side is never called."""
    assert ad.cond(False, lambda: 1 / 0, lambda: 2.0) == 2.0
    x, y = ad.Value(2.0), ad.Value(3.0)
    chosen(x, y).backward()
    assert (x.grad, y.grad) == (1.5, np.log(2.0))


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_compiled(target: str) -> None:
    """Value and gradient are those of the side that is taken."""
    if target == "native":
        pytest.importorskip("llvmlite")
    gradient = compile_gradient(chosen, 2.0, 3.0, target=target)
    assert gradient(2.0, 3.0) == (pytest.approx(3 * np.log(2)), (1.5, pytest.approx(np.log(2))))
    assert gradient(-5.0, 3.0) == (15.0, (-3.0, 5.0))


@pytest.mark.parametrize("expand", [True, False])
def test_structures_meet(expand: bool) -> None:
    """What both sides return meets number by number and array by array, at any order."""

    def f(p: Any) -> Any:
        made = ad.cond(
            np.sum(p) > 1.0,
            lambda: {"x": p * p, "y": (p[0], 2.0)},
            lambda: {"x": -p, "y": (0.0, 1.0)},
        )
        return np.sum(made["x"] ** 2) * made["y"][0] + made["y"][1]

    graph = ad.trace(f, np.ones(2), expand=expand)
    for point in (np.array([0.9, 0.7]), np.array([0.1, 0.2])):
        assert ad.evaluate(graph, point) == pytest.approx(float(f(point)))
    found = ad.evaluate(ad.hessian(graph) if expand else ad.hvp(graph), *_second(expand))
    hessian = [[20 * 0.9**3, 4 * 0.7**3], [4 * 0.7**3, 12 * 0.9 * 0.7**2]]
    assert np.allclose(found, hessian if expand else hessian[0])


def _second(expand: bool) -> tuple[Any, ...]:
    point = np.array([0.9, 0.7])
    return (point,) if expand else (point, np.array([1.0, 0.0]))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ad.cond(np.array([True]), abs, abs, 1.0), "np.where"),
        (lambda: ad.cond(True, 3, abs, 1.0), "then: found int"),
        (
            lambda: ad.trace(lambda x: ad.cond(x > 0, lambda: (x, x), lambda: x), 1.0),
            "expected one structure",
        ),
    ],
)
def test_errors_say_what_was_found(call: Any, said: str) -> None:
    """An array for a condition, a number for a function, two structures."""
    with pytest.raises(ad.ProofgradError, match=said):
        call()
