"""Neurons, layers and networks of Values, as small as micrograd's and in place of it.

The weights are drawn in micrograd's order from ``random``, so the same seed gives the same network,
and sums run in micrograd's order, so it computes the same numbers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.given import given_count
from autodiff.run.values.value import Value
from autodiff.table.primitive import PUBLIC

__all__ = ["ACTIVATIONS", "MLP", "Layer", "Module", "Neuron", "Value"]

ACTIVATIONS: dict[str, Callable[[Any], object]] = {"linear": lambda x: x} | {
    name: PUBLIC[name]
    for name in ("relu", "tanh", "sigmoid", "leaky_relu", "elu", "gelu", "silu", "softplus", "sin")
}

_MOST = 1_000_000  # neurons or inputs of a layer


class Module:
    """Something with parameters: a part of a network, or all of it."""

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero."""
        for p in self.parameters():
            p.grad = 0.0

    def parameters(self) -> list[Value]:
        """The Values that training changes, always in the same order."""
        return []

    def __call__(self, x: Sequence[object]) -> Any:
        """The output for one point: a Value, or a list of several."""
        raise NotImplementedError


class Neuron(Module):
    """``activation(w · x + b)``.

    Args:
        nin: Number of inputs.
        nonlin: False for no activation, as in micrograd.
        activation: A name of ``ACTIVATIONS``.

    Raises:
        ArgumentError: if the activation is unknown.

    >>> neuron = Neuron(2, activation="tanh")
    >>> neuron, len(neuron.parameters()), -1.0 < neuron([1.0, -1.0]).data < 1.0
    (TanhNeuron(2), 3, True)
    """

    def __init__(self, nin: int, nonlin: bool = True, activation: str = "relu") -> None:
        if not isinstance(activation, str) or activation not in ACTIVATIONS:
            raise ArgumentError(
                f"activation: found {activation!r}; expected one of {', '.join(ACTIVATIONS)}"
            )
        count = given_count("nin", nin, most=_MOST)
        self.w = [Value(random.uniform(-1, 1), label=f"w[{i}]") for i in range(count)]
        self.b = Value(0, label="b")
        self.nonlin = nonlin
        self.activation = activation

    def __call__(self, x: Sequence[object]) -> Any:
        """The neuron's output for ``nin`` numbers or Values.

        Raises:
            ArgumentError: if there are more or fewer.
        """
        if len(x) != len(self.w):
            raise ArgumentError(f"{self}: found {len(x)} inputs; expected {len(self.w)}")
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return ACTIVATIONS[self.activation](act) if self.nonlin else act

    def parameters(self) -> list[Value]:
        """The weights, then the bias."""
        return [*self.w, self.b]

    def __repr__(self) -> str:
        kind = self.activation if self.nonlin else "linear"
        return f"{'ReLU' if kind == 'relu' else kind.title()}Neuron({len(self.w)})"


def _place(letter: str, modules: Sequence[Module]) -> None:
    """Say in each parameter's label where it is, as pictures show it: ``l0.n2.w[1]``."""
    for number, module in enumerate(modules):
        for parameter in module.parameters():
            parameter.label = f"{letter}{number}.{parameter.label}"


class Layer(Module):
    """Neurons side by side, all with the same inputs.

    Args:
        nin: Number of inputs.
        nout: Number of neurons.
        neuron: Options of each neuron.
    """

    def __init__(self, nin: int, nout: int, **neuron: Any) -> None:
        if wrong := neuron.keys() - {"nonlin", "activation"}:
            raise ArgumentError(
                f"Layer: found {', '.join(sorted(wrong))}=; expected nonlin= and activation="
            )
        count = given_count("nout", nout, most=_MOST)
        self.neurons = [Neuron(nin, **neuron) for _ in range(count)]
        _place("n", self.neurons)

    def __call__(self, x: Sequence[object]) -> Any:
        """The neurons' outputs; one neuron gives its output alone, as in micrograd."""
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        """Those of each neuron in turn."""
        return [p for n in self.neurons for p in n.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(str(n) for n in self.neurons)}]"


class MLP(Module):
    """A multi-layer perceptron: layers one after the other.

    Args:
        nin: Number of inputs.
        nouts: Number of neurons of each layer.
        activation: Of every layer but the last.
        output: Activation of the last layer.

    >>> len(MLP(2, [16, 16, 1]).parameters())
    337
    """

    def __init__(
        self, nin: int, nouts: Sequence[int], activation: str = "relu", output: str = "linear"
    ) -> None:
        if not isinstance(nouts, (list, tuple, np.ndarray)):
            raise ArgumentError(
                f"nouts: found {type(nouts).__name__} {nouts!r:.60}; expected a list of the number "
                "of neurons of each layer"
            )
        sizes = [nin, *nouts]
        last = len(nouts) - 1
        self.layers = [
            Layer(sizes[i], sizes[i + 1], activation=output if i == last else activation)
            for i in range(len(nouts))
        ]
        _place("l", self.layers)

    def __call__(self, x: Sequence[object]) -> Any:
        """The last layer's output."""
        for i, layer in enumerate(self.layers):
            x = layer(x if i == 0 or isinstance(x, list) else [x])
        return x

    def parameters(self) -> list[Value]:
        """Those of each layer in turn."""
        return [p for layer in self.layers for p in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(str(layer) for layer in self.layers)}]"
