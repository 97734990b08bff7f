"""Networks of matrices: the numbers of the networks of neurons, for many points at once."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import losses
from autodiff.networks.nn import ACTIVATIONS, MLP, MatrixLayer, MatrixMLP
from autodiff.networks.optimizers import SGD, Adam
from autodiff.networks.state import load_state, named_parameters, save_state

X = np.random.default_rng(0).normal(size=(6, 3))


def both(sizes: list[int], activation: str = "tanh") -> tuple[MLP, Any]:
    """The network of neurons and that of matrices from one seed."""
    random.seed(7)
    neurons = MLP(3, sizes, activation=activation)
    random.seed(7)
    return neurons, MLP.matrices(3, sizes, activation=activation)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_one_seed_gives_one_network(activation: str) -> None:
    """Outputs and gradients are those of the neurons, whatever the activation."""
    neurons, matrices = both([4, 2], activation)
    out = matrices(X)
    assert out.shape == (6, 2)
    np.sum(out * out).backward()
    total = ad.Value(0.0)
    for row in X:
        for one in neurons(row.tolist()):
            total = total + one * one
    total.backward()
    for layer, other in zip(neurons.layers, matrices.layers, strict=True):
        slopes = np.array([[w.grad for w in n.w] for n in layer.neurons]).T
        np.testing.assert_allclose(other.w.grad, slopes, rtol=1e-11, atol=1e-13)
        biases = [n.b.grad for n in layer.neurons]
        np.testing.assert_allclose(other.b.grad, biases, rtol=1e-11, atol=1e-13)


def test_one_neuron_gives_its_output_alone() -> None:
    """The last layer's single neuron gives a number a point, one point a number."""
    neurons, matrices = both([4, 1])
    outputs = [neurons(row.tolist()).data for row in X]
    np.testing.assert_allclose(matrices(X).data, outputs, rtol=1e-14)
    single = matrices(X[0])
    assert type(single) is ad.Value
    assert single.data == pytest.approx(outputs[0], rel=1e-14)


def test_a_network_of_neurons_as_matrices() -> None:
    """as_matrices copies the numbers; the two train apart."""
    neurons, _ = both([4, 1])
    copied: Any = neurons.as_matrices()
    np.testing.assert_allclose(copied(X).data, [neurons(r.tolist()).data for r in X], rtol=1e-14)
    copied.layers[0].w.data -= 1.0
    assert neurons.layers[0].neurons[0].w[0].data != copied.layers[0].w.data[0, 0]
    neurons.layers[0].neurons[1].activation = "relu"
    with pytest.raises(ad.ArgumentError, match="relu and tanh; a matrix has one activation"):
        neurons.as_matrices()


LABELS = {
    "mse": np.linspace(-1.0, 1.0, 6),
    "hinge": np.array([1.0, -1.0, 1.0, -1.0, -1.0, 1.0]),
    "binary_cross_entropy": np.array([1.0, 0.0, 1.0, 0.25, 1.0, 0.0]),
    "softmax_cross_entropy": np.array([0, 2, 1, 1, 0, 2]),
}


@pytest.mark.parametrize("name", LABELS)
def test_losses_of_many_points_at_once(name: str) -> None:
    """A loss of a Value of points is the loss of each point, gradients included."""
    loss = losses.LOSSES[name]
    rng = np.random.default_rng(2)
    scores = rng.normal(size=(6, 3) if name == "softmax_cross_entropy" else 6) * 30.0
    whole = ad.Value(scores)
    losses.mean(loss(whole, LABELS[name])).backward()
    for i, label in enumerate(LABELS[name].tolist()):
        one = [ad.Value(s) for s in np.atleast_1d(scores[i]).tolist()]
        each = loss(one if len(one) > 1 else one[0], label)
        assert loss(whole, LABELS[name]).data[i] == pytest.approx(each.data, rel=1e-13, abs=1e-300)
        each.backward(1.0 / 6.0)
        np.testing.assert_allclose(
            np.atleast_1d(whole.grad[i]), [v.grad for v in one], rtol=1e-10, atol=1e-300
        )


def test_mse_of_several_outputs() -> None:
    """With several outputs a point, mse is their mean for each point."""
    out, labels = ad.Value(X), np.ones((6, 3))
    np.testing.assert_allclose(losses.mse(out, labels).data, np.mean((X - 1.0) ** 2, axis=1))


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda: losses.mse(ad.Value(X[:, 0]), np.ones((6, 1))), r"labels of shape \(6, 1\)"),
        (lambda: losses.hinge(ad.Value(X), np.ones(6)), "found 3 scores; expected one"),
        (lambda: losses.hinge(ad.Value(X[:, 0]), np.zeros(6)), "found label 0 at position 0"),
        (lambda: losses.softmax_cross_entropy(ad.Value(X), np.full(6, 3)), "label 3"),
        (lambda: MatrixLayer(3, 2)(np.ones((4, 2))), r"MatrixLayer\(3, 2, relu\): found 2 inputs"),
        (lambda: MatrixLayer(3, 2)(1.0), "found one number; expected 3"),
        (lambda: MatrixLayer(3, 2, "step"), "activation: found 'step'"),
        (lambda: MatrixMLP(3, 5), "nouts: found int"),
        (lambda: MatrixLayer(0, 2), "nin: found int 0"),
    ],
)
def test_mistakes(use: Any, message: str) -> None:
    """What does not fit is one error that says what was found."""
    with pytest.raises(ad.ArgumentError, match=message):
        use()


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_optimizers_move_matrices_as_they_move_numbers(kind: Any) -> None:
    """Ten steps on matrices leave the numbers of ten steps on neurons."""
    neurons, matrices = both([4, 1])
    labels = LABELS["mse"]
    one, other = kind(neurons.parameters(), 0.05), kind(matrices.parameters(), 0.05)
    for _ in range(10):
        one.zero_grad()
        losses.mean(
            [losses.mse(neurons(r.tolist()), y) for r, y in zip(X, labels.tolist(), strict=True)]
        ).backward()
        one.step()
        other.zero_grad()
        losses.mean(losses.mse(matrices(X), labels)).backward()
        other.step()
    for layer, matrix in zip(neurons.layers, matrices.layers, strict=True):
        weights = np.array([[w.data for w in n.w] for n in layer.neurons]).T
        np.testing.assert_allclose(matrix.w.data, weights, rtol=1e-9)
    assert all(p.grad.any() for p in matrices.parameters())
    matrices.zero_grad()
    assert not any(p.grad.any() for p in matrices.parameters())


def test_a_scalar_among_matrices_is_moved_as_well() -> None:
    """Optimisers take Values of numbers and of arrays together."""
    scale, weights = ad.Value(2.0), ad.Value(np.ones(3))
    descent = SGD([scale, weights], 0.1)
    (np.sum(weights * weights) * scale).backward()
    descent.step()
    assert type(scale.data) is float
    assert scale.data == pytest.approx(1.7)
    np.testing.assert_allclose(weights.data, np.full(3, 0.6))


def test_state_of_matrices_comes_back(tmp_path: Path) -> None:
    """save_state and load_state keep every bit of matrices; another shape is refused."""
    _, matrices = both([4, 1])
    assert list(named_parameters(matrices)) == [
        "layers[0].w", "layers[0].b", "layers[1].w", "layers[1].b",
    ]  # fmt: skip
    assert [p.label for p in matrices.parameters()] == ["l0.w", "l0.b", "l1.w", "l1.b"]
    save_state(matrices, tmp_path / "state.json")
    other: Any = MLP.matrices(3, [4, 1])
    load_state(other, tmp_path / "state.json")
    for p, q in zip(matrices.parameters(), other.parameters(), strict=True):
        assert p.data.tobytes() == q.data.tobytes()
    with pytest.raises(ad.ArgumentError, match=r"layers\[0\].w has shape \(3, 4\)"):
        load_state(MLP.matrices(3, [5, 1]), tmp_path / "state.json")
    matrices.layers[0].w.data[0, 0] = np.nan
    with pytest.raises(ad.ArgumentError, match=r"layers\[0\].w is not finite"):
        save_state(matrices, tmp_path / "state.json")
