from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.networks.nn import MLP, Module, Neuron
from autodiff.networks.optimizers import SGD, Adam
from codegen import compile_step, predict, train
from codegen.training.training_step import compiled_targets
from tests.micrograd_demo import moons

LABELS = {
    "mse": np.array([0.5, -1.0, 2.0, 0.0, 1.0]),
    "hinge": np.array([1.0, -1.0, 1.0, 1.0, -1.0]),
    "binary_cross_entropy": np.array([0.0, 1.0, 1.0, 0.25, 0.0]),
    "softmax_cross_entropy": np.array([0, 1, 2, 2, 0]),
}


def small(loss: str, activation: str = "tanh") -> Module:
    """A network that fits the loss's number of outputs."""
    random.seed(3)
    return MLP(2, [4, 3 if loss == "softmax_cross_entropy" else 1], activation=activation)


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
@pytest.mark.parametrize("loss", LABELS)
def test_compiled_is_interpreted(loss: str, activation: str) -> None:
    """A compiled step gives the numbers of Values and backward(), for every loss."""
    model = small(loss, activation)
    x = np.random.default_rng(0).normal(size=(5, 2))
    y = LABELS[loss]
    interpreted = compile_step(model, loss, x, y, target="values", l2=0.01)
    parameters = interpreted.parameters
    want, slopes = interpreted(parameters, x, y)
    for target in compiled_targets():
        step = compile_step(model, loss, x, y, target=target, l2=0.01)
        value, gradient = step(parameters, x, y)
        assert target != "numpy" or step.compiled.check is not None
        assert value == pytest.approx(want, rel=1e-13)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-11, atol=1e-14)


def test_several_outputs_with_several_labels() -> None:
    """mse takes one label per output."""
    model = MLP(2, [2])
    x, y = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    step = compile_step(model, "mse", x, y, target="numpy")
    interpreted = compile_step(model, "mse", x, y, target="values")
    assert step(step.parameters, x, y)[0] == pytest.approx(
        interpreted(step.parameters, x, y)[0], rel=1e-14
    )


def test_a_loss_and_a_module_of_ones_own() -> None:
    """Any module of Values and any loss that can be traced will do."""

    class Parabola(Module):
        def __init__(self) -> None:
            self.parts = {"a": ad.Value(0.5), "rest": [ad.Value(1.0), ad.Value(-1.0)]}

        def parameters(self) -> list[ad.Value]:
            return [self.parts["a"], *self.parts["rest"]]  # type: ignore[list-item, misc]

        def __call__(self, x: Any) -> Any:
            b, c = self.parts["rest"]  # type: ignore[misc]
            return self.parts["a"] * x[0] ** 2 + b * x[0] + c  # type: ignore[operator]

    x = np.linspace(-1.0, 1.0, 9).reshape(-1, 1)
    model = Parabola()
    y = 3.0 * x[:, 0] ** 2 - x[:, 0] + 0.5
    history = train(model, lambda o, t: (o - t) * (o - t) / 2, x, y,
                    optimizer=SGD(model.parameters(), 0.5), steps=400)  # fmt: skip
    assert history.losses[-1] < 1e-6 * history.losses[0]
    assert [p.data for p in model.parameters()] == pytest.approx([3.0, -1.0, 0.5], abs=1e-3)


def test_a_branch_on_a_value_is_compiled() -> None:
    """A compiled step takes the path that Values take: no path is baked in."""

    class Branching(Neuron):
        def __call__(self, x: Any) -> Any:
            out = super().__call__(x)
            return out if out > 0.0 else -out

    model = Branching(1, nonlin=False)
    step = compile_step(model, "mse", [[1.0]], [1.0])
    for weight in (0.5, -0.25):
        loss, _ = step(np.array([weight, 0.0]), [[1.0]], [1.0])
        assert loss == pytest.approx((abs(weight) - 1.0) ** 2)


def test_the_demo_compiled() -> None:
    """The demo's 100 steps, compiled, reach 100 % on its points, and lower the loss fifty-fold."""
    x, y = moons(100)
    random.seed(1337)
    model = MLP(2, [16, 16, 1])
    optimizer = SGD(model.parameters(), lambda k: 1.0 - 0.9 * k / 100)
    history = train(model, "hinge", x, y, optimizer=optimizer, l2=1e-4)
    assert len(history.losses) == 100
    assert history.learning_rates[50] == 1.0 - 0.9 * 50 / 100
    assert history.losses[-1] < 0.02 * history.losses[0]
    assert np.all(np.sign(predict(model, x)) == y)


@pytest.mark.parametrize("target", ["values", *compiled_targets()])
def test_targets_train_alike(target: str) -> None:
    """Interpreted and compiled training leave the same parameters."""
    x, y = moons(20)
    random.seed(5)
    model = MLP(2, [3, 1], activation="tanh")
    train(model, "binary_cross_entropy", x, (y + 1) / 2, steps=10, batch_size=5, seed=2,
          optimizer=Adam(model.parameters(), 0.05), target=target)  # fmt: skip
    random.seed(5)
    by_hand = MLP(2, [3, 1], activation="tanh")
    optimizer = Adam(by_hand.parameters(), 0.05)
    rows = np.random.default_rng(2)
    orders = [rows.permutation(20) for _ in range(3)]
    for k in range(10):
        batch = orders[k // 4][(k % 4) * 5 : (k % 4) * 5 + 5]
        losses = [
            ad.softplus(by_hand(list(x[i]))) - (y[i] + 1) / 2 * by_hand(list(x[i])) for i in batch
        ]
        optimizer.zero_grad()
        (sum(losses) / 5.0).backward()
        optimizer.step()
    np.testing.assert_allclose(
        [p.data for p in model.parameters()], [p.data for p in by_hand.parameters()], rtol=1e-9
    )


def test_predict_is_the_model() -> None:
    """Compiled outputs are the Values', for one output and several."""
    x = np.random.default_rng(1).normal(size=(7, 2))
    one, three = MLP(2, [4, 1]), MLP(2, [4, 3])
    np.testing.assert_allclose(predict(one, x), [one(list(row)).data for row in x], rtol=1e-13)
    wanted = [[out.data for out in three(list(row))] for row in x]
    np.testing.assert_allclose(predict(three, x), wanted, rtol=1e-13)


def test_a_learning_rate_that_blows_up() -> None:
    """Training stops at the first number that is not finite and names it; the model stays good."""
    x = np.array([[1.0], [2.0]])
    model = MLP(1, [1])
    model.parameters()[0].data = 1.0
    with pytest.raises(ad.TrainingError, match=(
        r"step \d+: point 0 of the batch: square\([-\d.e+]+\).* is inf; the loss was .* at "
        r"first and .* Try a learning rate below 1e\+10"
    )) as raised:  # fmt: skip
        train(model, "mse", x, [0.0, 0.0], optimizer=SGD(model.parameters(), 1e10), target="numpy")
    history = raised.value.history
    assert all(map(math.isfinite, history.losses))
    step = compile_step(model, "mse", x, [0.0, 0.0], target="numpy")
    assert step(step.parameters, x, [0.0, 0.0])[0] == history.losses[-1]


def test_parameters_that_overflow_are_named() -> None:
    """A parameter that becomes infinite is named by its place in the model."""
    model = MLP(1, [1])
    with pytest.raises(
        ad.TrainingError, match=r"parameter layers\[0\].neurons\[0\].w\[0\] is -?inf"
    ):
        train(model, lambda o, t: o * 1e10, [[1e10]], [0.0], steps=1, target="numpy",
              optimizer=SGD(model.parameters(), 1e300))  # fmt: skip
    assert all(math.isfinite(p.data) for p in model.parameters())


def test_a_gradient_that_is_not_finite_is_named() -> None:
    """A finite loss with a derivative that is not stops training as well."""
    model = MLP(1, [1])
    model.parameters()[0].data = 0.0
    with pytest.raises(
        ad.TrainingError, match=r"step 0: the derivative by .*w\[0\] is .*Check the"
    ):
        train(model, lambda o, t: o**0.5, [[1.0]], [0.0], target="numpy")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "inputs: found no points; a batch needs at least one"),
        ((np.zeros((0, 2)), []), "inputs: found no points"),
        (([[1.0, 2.0, 3.0]], [1]), r"found 3 inputs; expected 2"),
        (([1.0, 2.0], [1, 1]), r"inputs: found shape \(2,\); expected \(points, width\)"),
        (([[1.0, 2.0], [1.0]], [1, 1]), "inputs: expected rows of numbers, all of one width"),
        (([["a", "b"]], [1]), "inputs: expected rows of numbers"),
        (([[1.0, 2.0]], [1, 1]), r"labels: found shape \(2,\) for 1 points"),
        (([[1.0, 2.0]], [0]), "hinge: found label 0 at position 0; expected -1 or 1"),
        (([[1.0, math.nan]], [1]), r"inputs\[0, 1\] is nan; expected finite numbers"),
        (([[1.0, 2.0]], [math.inf]), r"labels\[0\] is inf"),
    ],
)
def test_data_that_does_not_fit(arguments: tuple[Any, Any], message: str) -> None:
    """Empty batches, wrong widths and lengths, labels out of range, nan: one clear error each."""
    with pytest.raises(ad.ArgumentError, match=message):
        train(MLP(2, [1]), "hinge", *arguments, target="numpy")


def test_a_later_batch_that_does_not_fit() -> None:
    """A compiled step checks every batch it is given."""
    step = compile_step(MLP(2, [1]), "hinge", [[1.0, 2.0]], [1], target="numpy")
    with pytest.raises(
        ad.ArgumentError, match=r"inputs: found shape \(1, 3\); expected \(points, 2\)"
    ):
        step(step.parameters, [[1.0, 2.0, 3.0]], [1])
    with pytest.raises(ad.ArgumentError, match="found label 3"):
        step(step.parameters, [[1.0, 2.0]], [3])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": "l2"}, "loss: found 'l2'; expected one of mse, hinge"),
        ({"batch_size": 3}, "batch_size: found 3; expected 1 to 2"),
        ({"l2": -1.0}, "l2: found -1.0"),
        ({"optimizer": SGD([ad.Value(1.0)])}, "optimizer: moves other parameters"),
        ({"model": Module()}, "found no parameters; nothing to train"),
        ({"target": "fortran"}, "target: found 'fortran'; expected one of"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], message: str) -> None:
    """Unknown losses and targets, sizes out of range and foreign optimisers are refused."""
    given: dict[str, Any] = {"model": MLP(1, [1]), "loss": "mse", **options}
    with pytest.raises(ad.ProofgradError, match=message):
        train(given.pop("model"), given.pop("loss"), [[1.0], [2.0]], [1.0, 2.0], **given)


def test_a_parameter_listed_twice() -> None:
    """A shared parameter must be listed once: its gradient would count twice, or not at all."""

    class Shared(Neuron):
        def parameters(self) -> list[ad.Value]:
            return [*super().parameters(), self.w[0]]

    with pytest.raises(ad.ArgumentError, match=r"parameters\(\) lists a Value twice"):
        compile_step(Shared(1), "mse", [[1.0]], [1.0])


def test_parameters_of_another_shape() -> None:
    """No number is broadcast to all parameters, whatever the target."""
    for target in ("values", *compiled_targets()):
        step = compile_step(MLP(2, [1]), "mse", [[1.0, 2.0]], [1.0], target=target)
        for wrong in (np.float64(1.0), np.zeros(1), np.zeros(4), np.zeros((3, 1))):
            with pytest.raises(
                ad.ArgumentError, match=r"parameters: found shape .*expected \(3,\)"
            ):
                step(wrong, [[1.0, 2.0]], [1.0])


def test_gradients_of_earlier_calls_stay() -> None:
    """Each call of a bound step returns an array of its own."""
    for target in compiled_targets():
        step = compile_step(MLP(1, [1]), "mse", [[1.0]], [3.0], target=target)
        bound = step.bind([[1.0]], [3.0])
        first = bound(np.zeros(2))[1]
        bound(np.ones(2))
        assert first.tolist() == [-6.0, -6.0]


def test_progress(capsys: pytest.CaptureFixture[str]) -> None:
    """The progress bar shows the loss."""
    train(MLP(1, [1]), "mse", [[1.0]], [1.0], steps=3, progress=True, target="numpy")
    assert "loss" in capsys.readouterr().out
