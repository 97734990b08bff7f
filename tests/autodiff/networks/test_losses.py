from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest

import autodiff as ad
from autodiff.networks import losses
from autodiff.networks.losses import LOSSES

SCORES = [0.0, -0.0, 0.3, -2.0, 17.0, -17.0, 45.0, -45.0, 700.0, -800.0, 1e5, 1e-9]


def exact_binary(score: float, label: float) -> tuple[float, float]:
    """Loss and derivative to a hundred digits, by the definition."""
    with mpmath.workdps(1000):
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(score)))
        loss = -(label * mpmath.log(p) + (1 - label) * mpmath.log(1 - p))
        return float(loss), float(p - label)


@pytest.mark.parametrize("label", [0.0, 1.0, 0.25])
@pytest.mark.parametrize("score", [s for s in SCORES if abs(s) < 1000])
def test_binary_cross_entropy_keeps_its_digits(score: float, label: float) -> None:
    """Loss and slope agree with the definition at a thousand digits, however large the score."""
    loss, slope = ad.value_and_grad(lambda s: losses.binary_cross_entropy(s, label))(score)
    want, want_slope = exact_binary(score, label)
    assert loss == pytest.approx(want, rel=1e-14, abs=0.0)
    assert slope == pytest.approx(want_slope, rel=1e-13, abs=1e-16)


@pytest.mark.parametrize("scores", [
    [0.0, 0.0], [1.0, 2.0, 3.0], [700.0, -700.0, 0.0], [-900.0, 900.0], [40.0, 0.0, 1.0],
    [3.0, 3.0, 3.0, 3.0], [1e5, 0.0, -1e5],
])  # fmt: skip
def test_softmax_cross_entropy_keeps_its_digits(scores: list[float]) -> None:
    """Loss and gradient agree with the definition at many digits, for every class."""
    for label in range(len(scores)):
        loss, gradient = ad.value_and_grad(
            lambda s, k=label: losses.softmax_cross_entropy(list(s), k)
        )(np.array(scores))
        with mpmath.workdps(1000):
            powers = [mpmath.exp(mpmath.mpf(s) - max(scores)) for s in scores]
            shares = [power / sum(powers) for power in powers]
            want = float(-mpmath.log(shares[label])) if max(scores) < 1000 else None
            slopes = [float(share - (k == label)) for k, share in enumerate(shares)]
        if want is not None:
            assert loss == pytest.approx(want, rel=1e-14, abs=0.0)
        assert math.isfinite(loss)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-12, atol=1e-15)


def test_mse_and_hinge() -> None:
    """Values and slopes by hand."""
    assert ad.value_and_grad(lambda o: losses.mse(o, 1.0))(3.0) == (4.0, 4.0)
    value, slope = ad.value_and_grad(lambda o: losses.mse(list(o), [0.0, 1.0]))(
        np.array([2.0, 3.0])
    )
    assert (value, slope.tolist()) == (4.0, [2.0, 2.0])
    assert ad.value_and_grad(lambda s: losses.hinge(s, -1))(0.5) == (1.5, 1.0)
    assert ad.value_and_grad(lambda s: losses.hinge(s, 1))(2.0) == (0.0, 0.0)


@pytest.mark.parametrize("name", LOSSES)
def test_a_traced_label_gives_the_same_bits(name: str) -> None:
    """The graph with the label as an input computes what the function computes."""
    output: Any = np.array([0.3, -1.5, 2.0]) if name == "softmax_cross_entropy" else 0.3
    loss = LOSSES[name]
    listed: Any = list if isinstance(output, np.ndarray) else float
    graph = ad.trace(lambda o, label: loss(list(o) if listed is list else o, label), output, 1.0)
    for label in {"hinge": (-1.0, 1.0), "softmax_cross_entropy": (0.0, 1.0, 2.0)}.get(
        name, (0.0, 1.0)
    ):
        assert ad.evaluate(graph, output, label) == loss(listed(output), label)


def test_values_and_unsigned_labels() -> None:
    """Losses take Values, and labels of any NumPy type without wrapping around."""
    score = ad.Value(0.25)
    loss = losses.hinge(score, np.uint8(1))
    loss.backward()
    assert (loss.data, score.grad) == (0.75, -1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: losses.hinge(0.5, 0), "hinge: found label 0; expected -1 or 1"),
        (lambda: losses.hinge([0.5, 1.0], 1), "found 2 scores; expected one"),
        (lambda: losses.binary_cross_entropy(0.5, -1), "found label -1; expected a number from 0"),
        (lambda: losses.binary_cross_entropy(0.5, math.nan), "found label nan"),
        (lambda: losses.softmax_cross_entropy([0.5, 1.0], 2), "the number of a class, 0 to 1"),
        (lambda: losses.softmax_cross_entropy([0.5, 1.0], 0.5), "found label 0.5"),
        (lambda: losses.softmax_cross_entropy([0.5], 0), "at least two. .*binary_cross_entropy"),
        (lambda: losses.mse([0.5, 1.0], 1.0), "found 1 labels for 2 outputs"),
        (lambda: losses.mean([]), "found no losses"),
        (
            lambda: losses.check_labels(losses.hinge, [1, -1, 2]),
            "found label 2 at position 2; expected -1 or 1",
        ),
    ],
)
def test_what_does_not_fit(call: Any, message: str) -> None:
    """Labels out of range and outputs of the wrong number are refused, naming the range."""
    with pytest.raises(ad.ArgumentError, match=message):
        call()
