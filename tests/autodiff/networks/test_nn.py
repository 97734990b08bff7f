from __future__ import annotations

import random
from collections.abc import Callable

import micrograd.nn
import numpy as np
import pytest

import autodiff as ad
import autodiff.nn
from autodiff.networks.nn import ACTIVATIONS, MLP, Layer, Module, Neuron
from tests.micrograd_demo import Demo, ours_as_micrograd


@pytest.mark.parametrize(
    "make", [lambda nn: nn.Neuron(3), lambda nn: nn.Neuron(3, nonlin=False),
             lambda nn: nn.Neuron(3, False), lambda nn: nn.Layer(3, 2), lambda nn: nn.Layer(3, 1),
             lambda nn: nn.Layer(3, 2, nonlin=False), lambda nn: nn.MLP(3, [4, 2]),
             lambda nn: nn.MLP(3, [4, 4, 1])],
)  # fmt: skip
def test_the_same_seed_gives_micrograds_network(make: Callable[..., Module]) -> None:
    """Constructors, repr, order of weights and outputs are micrograd's."""
    random.seed(7)
    ours = make(autodiff.nn)
    random.seed(7)
    theirs = make(micrograd.nn)
    assert repr(ours) == repr(theirs)
    assert [p.data for p in ours.parameters()] == [p.data for p in theirs.parameters()]
    one, other = ours([0.5, -1.0, 2.0]), theirs([0.5, -1.0, 2.0])
    assert type(one) is list or type(other) is not list
    for x, y in zip(np.atleast_1d(one), np.atleast_1d(other), strict=True):
        assert x.data == y.data


def test_the_demo_under_micrograds_names() -> None:
    """Training written for micrograd runs on ours unchanged, with its losses at every step."""
    demo = Demo(12)
    theirs = [demo.step(k) for k in range(6)]
    with ours_as_micrograd():
        demo = Demo(12)
        assert isinstance(demo.model, MLP)
        ours = [demo.step(k) for k in range(6)]
    np.testing.assert_allclose([loss for loss, _ in ours], [loss for loss, _ in theirs], rtol=1e-12)
    assert [accuracy for _, accuracy in ours] == [accuracy for _, accuracy in theirs]


def test_an_expression_under_torch() -> None:
    """Value agrees with PyTorch on an expression of all of micrograd's operations."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")

    def expression(a, b, relu):  # type: ignore[no-untyped-def]
        c = relu(a * b + b**3) - a / b
        return c + relu(-c) * 2 + (1 - c) ** 2 / 3 + 2 / (a - 5)

    a, b = ad.Value(-4.0), ad.Value(2.0)
    value = expression(a, b, lambda x: x.relu())
    value.backward()
    s = torch.tensor(-4.0, dtype=torch.double, requires_grad=True)
    t = torch.tensor(2.0, dtype=torch.double, requires_grad=True)
    other = expression(s, t, torch.relu)
    other.backward()
    assert value.data == pytest.approx(other.item(), rel=1e-14)
    assert (a.grad, b.grad) == pytest.approx((s.grad.item(), t.grad.item()), rel=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_by_name(name: str) -> None:
    """A neuron applies the activation it names, and differentiates it."""
    neuron = Neuron(1, activation=name)
    out = neuron([0.75])
    out.backward()
    at = neuron.w[0].data * 0.75
    expected, slope = ad.value_and_grad(lambda z: ACTIVATIONS[name](z) * 1.0)(at)
    assert out.data == pytest.approx(expected, rel=1e-15)
    assert neuron.b.grad == pytest.approx(slope, rel=1e-15)


def test_hidden_and_output_activations() -> None:
    """MLP's activation is for all layers but the last, output for that."""
    assert repr(MLP(1, [1, 1], activation="tanh", output="sigmoid")) == (
        "MLP of [Layer of [TanhNeuron(1)], Layer of [SigmoidNeuron(1)]]"
    )


def test_an_unknown_activation() -> None:
    """The error lists the known ones."""
    with pytest.raises(ad.ArgumentError, match="found 'swish'; expected one of linear, relu, tanh"):
        MLP(2, [3], activation="relu", output="swish")


@pytest.mark.parametrize("module", [Neuron(2), Layer(2, 3), MLP(2, [3, 1])])
def test_inputs_of_the_wrong_width(module: Module) -> None:
    """Inputs are counted; micrograd would ignore the surplus."""
    with pytest.raises(ad.ArgumentError, match=r"ReLUNeuron\(2\): found 3 inputs; expected 2"):
        module([1.0, 2.0, 3.0])


def test_zero_grad() -> None:
    """zero_grad() clears every parameter."""
    model = MLP(2, [3, 1])
    model([1.0, 2.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())


def test_a_layer_of_one_feeds_the_next() -> None:
    """A layer of one neuron may stand in the middle, where micrograd stumbles."""
    assert len(MLP(2, [1, 2])([1.0, 2.0])) == 2


def test_a_module_of_ones_own() -> None:
    """Module's own parameters() is empty, and calling it is left to subclasses."""
    assert Module().parameters() == []
    with pytest.raises(NotImplementedError):
        Module()([1.0])


def test_parameters_say_where_they_are() -> None:
    """The label of a parameter has its layer, its neuron and its place, so pictures tell them."""
    labels = [p.label for p in MLP(2, [2, 1]).parameters()]
    assert labels == [
        *("l0.n0.w[0]", "l0.n0.w[1]", "l0.n0.b", "l0.n1.w[0]", "l0.n1.w[1]", "l0.n1.b"),
        *("l1.n0.w[0]", "l1.n0.w[1]", "l1.n0.b"),
    ]
