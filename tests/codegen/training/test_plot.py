from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.networks.nn import MLP
from codegen import train
from codegen.training.plot import COLOURS, decision_boundary, loss_curve

figure = pytest.importorskip("matplotlib.figure", reason="matplotlib is not installed")
to_hex = pytest.importorskip("matplotlib.colors").to_hex


def axes() -> Any:
    """Axes on no screen."""
    return figure.Figure().subplots()


def line() -> MLP:
    """A network of one neuron, positive where x > y."""
    model = MLP(2, [1])
    for p, number in zip(model.parameters(), (1.0, -1.0, 0.0), strict=True):
        p.data = number
    return model


def test_the_boundary_is_where_the_score_is_zero() -> None:
    """The line drawn for x - y is the diagonal, and every point is drawn in its colour."""
    points = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0]])
    drawn = decision_boundary(line(), points, [-1, 1, 1], axes=axes())
    zero = next(
        c for c in drawn.collections if len(c.get_paths()) == 1 and c.get_linewidth()[0] == 1.2
    )
    vertices = zero.get_paths()[0].vertices
    np.testing.assert_allclose(vertices[:, 0], vertices[:, 1], atol=1e-9)
    assert sorted(len(c.get_offsets()) for c in drawn.collections[-2:]) == [1, 2]


def test_several_classes() -> None:
    """With several outputs the plane has as many colours."""
    drawn = decision_boundary(MLP(2, [4, 3]), np.eye(2), [0, 1], axes=axes(), resolution=20)
    assert drawn.collections


def test_loss_curve() -> None:
    """The losses of train() are drawn, one per step; zeros need a linear scale."""
    history = train(MLP(1, [1]), "mse", [[1.0]], [2.0], steps=7, target="numpy")
    drawn = loss_curve(history, axes=axes())
    assert drawn.lines[0].get_ydata().tolist() == history.losses
    assert drawn.get_yscale() == "log"
    assert loss_curve([1.0, 0.0], axes=axes()).get_yscale() == "linear"


def test_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Points of another width, no losses, no matplotlib: one clear error each."""
    with pytest.raises(ad.ArgumentError, match=r"found shape \(1, 3\); expected \(points, 2\)"):
        decision_boundary(line(), [[1.0, 2.0, 3.0]], [1])
    with pytest.raises(ad.ArgumentError, match="losses: found none"):
        loss_curve([])
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ad.ProofgradError, match=r"pip install 'proofgrad\[plot\]'"):
        loss_curve([1.0])


@pytest.mark.parametrize(("labels", "shown"), [([-1, 1], [0, 1]), ([1, 1], [1]), ([0, 1], [0, 1])])
def test_a_class_has_one_colour(labels: list[int], shown: list[int]) -> None:
    """A point has the colour of its class's side of the plane, also where a class has no point."""
    drawn = decision_boundary(line(), np.eye(2), labels, axes=axes(), resolution=20)
    points = [c for c in drawn.collections if len(c.get_offsets()) and c.get_facecolor().size == 4]
    found = [to_hex(c.get_facecolor()[0]) for c in points[-len(shown) :]]
    assert found == [COLOURS[k] for k in shown]
