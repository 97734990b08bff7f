"""Training on whole batches: networks of matrices, and of neurons as if they were some."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.networks.nn import MLP, Layer, MatrixLayer, Module
from autodiff.networks.optimizers import SGD, Adam
from codegen import compile_step, predict, train
from codegen.training.training_step import compiled_targets
from codegen.training.whole_model import whole_model

RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 3))
LABELS = {
    "mse": RNG.normal(size=7),
    "hinge": np.where(RNG.normal(size=7) > 0.0, 1.0, -1.0),
    "binary_cross_entropy": RNG.uniform(size=7),
    "softmax_cross_entropy": np.arange(7) % 4,
}


@pytest.mark.parametrize("target", compiled_targets())
@pytest.mark.parametrize("loss", LABELS)
def test_steps_of_matrices_are_the_interpreted_ones(loss: str, target: str) -> None:
    """A compiled step of matrices gives the loss and gradient of Values, penalty included."""
    random.seed(1)
    model = MLP.matrices(3, [5, 4 if loss == "softmax_cross_entropy" else 1], "tanh")
    y = LABELS[loss]
    interpreted = compile_step(model, loss, X, y, target="values", l2=0.01)
    parameters = interpreted.parameters
    want, slopes = interpreted(parameters, X, y)
    value, gradient = compile_step(model, loss, X, y, target=target, l2=0.01)(parameters, X, y)
    assert value == pytest.approx(want, rel=1e-13)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("target", compiled_targets())
def test_neurons_train_as_their_matrices_do(target: str) -> None:
    """A network of neurons and the same one of matrices are the same after training."""
    random.seed(3)
    neurons = MLP(3, [6, 1], activation="silu")
    matrices: Any = neurons.as_matrices()
    y = LABELS["mse"]
    for model in (neurons, matrices):
        optimizer = Adam(model.parameters(), 0.02)
        train(model, "mse", X, y, optimizer=optimizer, steps=30, batch_size=3, target=target)
    np.testing.assert_allclose(predict(neurons, X), matrices(X).data, rtol=1e-9)
    np.testing.assert_array_equal(predict(matrices, X), matrices(X).data)


# The other two pairs are trained on small networks above.
@pytest.mark.parametrize(("kind", "target"), [("neurons", "native"), ("matrices", "numpy")])
def test_a_network_for_handwritten_digits_trains(kind: str, target: str) -> None:
    """784-128-10, 101 770 parameters: compiled in no time, and the loss falls."""
    if target not in compiled_targets():
        pytest.skip("needs the extra native")
    rng = np.random.default_rng(1)
    x, y = rng.uniform(size=(20, 784)), np.arange(20) % 10
    random.seed(2)
    model: Module = MLP(784, [128, 10]) if kind == "neurons" else MLP.matrices(784, [128, 10])
    for p in model.parameters():
        p.data = 0.05 * p.data
    history = train(model, "softmax_cross_entropy", x, y, steps=12, target=target,
                    optimizer=SGD(model.parameters(), 0.2))  # fmt: skip
    assert history.losses[-1] < 0.75 * history.losses[0]
    assert predict(model, x).shape == (20, 10)


def test_the_text_of_a_step_is_a_few_lines() -> None:
    """The NumPy text of a network does not grow with its width."""
    step = compile_step(MLP.matrices(784, [128, 10]), "softmax_cross_entropy",
                        np.zeros((4, 784)), np.arange(4), target="numpy")  # fmt: skip
    body = step.compiled.source.partition("def value_and_gradient")[2]
    assert len(body.splitlines()) <= 60
    assert "inputs @ " in body


def test_models_and_losses_of_ones_own_with_matrices() -> None:
    """Any module of matrices and any loss of whole batches that can be traced will do."""

    class Factors(Module):
        def __init__(self) -> None:
            self.left = ad.Value(np.ones((3, 2)) * 0.1)
            self.scale = ad.Value(0.5)
            self.right = MatrixLayer(2, 1, "linear")

        def parameters(self) -> list[ad.Value]:
            return [self.left, self.scale, *self.right.parameters()]

        def __call__(self, x: Any) -> Any:
            return self.right(np.tanh(x @ self.left) * self.scale)[:, 0]

    random.seed(4)
    model = Factors()
    y = np.sin(X[:, 0])

    def huber(output: Any, label: Any) -> Any:
        error = output - label
        return np.where(abs(error) < 1.0, 0.5 * error**2, abs(error) - 0.5)

    interpreted = compile_step(model, huber, X, y, target="values")
    for target in compiled_targets():
        step = compile_step(model, huber, X, y, target=target)
        for one, other in zip(
            step(step.parameters, X, y), interpreted(step.parameters, X, y), strict=True
        ):
            np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-14)
    history = train(model, huber, X, y, steps=200, optimizer=Adam(model.parameters(), 0.02))
    assert history.losses[-1] < 0.3 * history.losses[0]
    assert type(model.scale.data) is float


def test_one_layer_and_other_sizes_of_batches() -> None:
    """A Layer is a model as well; a step takes batches of any number of points."""
    layer = Layer(3, 2, activation="tanh")
    step = compile_step(layer, "mse", X, np.zeros((7, 2)), target="numpy")
    for count in (1, 3, 7):
        value, _ = step(step.parameters, X[:count], np.zeros((count, 2)))
        outputs = np.array([[o.data for o in layer(row.tolist())] for row in X[:count]])
        assert value == pytest.approx(np.mean(outputs**2), rel=1e-13)


def test_layers_of_mixed_neurons_go_point_by_point() -> None:
    """What is no plain layer is traced as the user wrote it."""
    mixed = Layer(3, 2)
    mixed.neurons[1].activation = "tanh"
    assert whole_model(mixed) is None
    step = compile_step(mixed, "mse", X, np.zeros((7, 2)), target="numpy")
    outputs = np.array([[o.data for o in mixed(row.tolist())] for row in X])
    assert step(step.parameters, X, np.zeros((7, 2)))[0] == pytest.approx(np.mean(outputs**2))


@pytest.mark.parametrize("target", compiled_targets())
def test_blow_ups_of_matrices_name_the_place(target: str) -> None:
    """The operation, or the element of a matrix, that stopped being finite is named."""
    model = MLP.matrices(1, [1])
    model.parameters()[0].data = np.array([[1.0]])
    with pytest.raises(ad.TrainingError, match=r"point 0 of the batch: square\(.*\).* is inf"):
        train(model, "mse", [[1.0], [2.0]], [0.0, 0.0], target=target,
              optimizer=SGD(model.parameters(), 1e10))  # fmt: skip
    assert all(np.isfinite(p.data).all() for p in model.parameters())
    with pytest.raises(ad.TrainingError, match=r"parameter layers\[0\].w\[0, 0\] is -?inf"):
        train(model, lambda o, t: o * 1e10, [[1e10]], [0.0], steps=1, target=target,
              optimizer=SGD(model.parameters(), 1e300))  # fmt: skip


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        (np.ones((7, 2)), LABELS["mse"], r"MatrixLayer\(3, 1, linear\): found 2 inputs"),
        (X, np.ones((7, 2)), r"labels of shape \(1, 2\) for outputs of shape \(1,\)"),
        (X, LABELS["mse"][:3], "expected one each"),
    ],
)
def test_batches_that_do_not_fit_matrices(inputs: Any, labels: Any, message: str) -> None:
    """Widths and labels that do not fit are one clear error."""
    with pytest.raises(ad.ProofgradError, match=message):
        compile_step(MLP.matrices(3, [1]), "mse", inputs, labels)
