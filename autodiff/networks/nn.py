"""Neurons, layers and networks of Values, as small as micrograd's and in place of it.

``MLP.matrices`` is the same network with a matrix per layer, for any number of points at once.

The weights are drawn in micrograd's order from ``random``, so the same seed gives the same network,
and sums run in micrograd's order, so it computes the same numbers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.tree.given import given_count
from autodiff.graph.tree.leaves import shown
from autodiff.run.values.value import Value
from autodiff.table.primitive import PUBLIC, Operand

__all__ = ["ACTIVATIONS", "MLP", "Layer", "MatrixLayer", "MatrixMLP", "Module", "Neuron", "Value"]

ACTIVATIONS: dict[str, Callable[[object], object]] = {"linear": lambda x: x} | {
    name: PUBLIC[name]
    for name in ("relu", "tanh", "sigmoid", "leaky_relu", "elu", "gelu", "silu", "softplus", "sin")
}

_Layer = TypeVar("_Layer", bound="Module")
_MOST = 1_000_000  # neurons or inputs of a layer


def _known_activation(name: object) -> str:
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise ArgumentError(f"activation: found {name!r}; expected one of {', '.join(ACTIVATIONS)}")
    return name


def _listed(nouts: object) -> Sequence[int]:
    if not isinstance(nouts, (list, tuple, np.ndarray)):
        raise ArgumentError(
            f"nouts: found {type(nouts).__name__} {nouts!r:.60}; expected a list of the number "
            "of neurons of each layer"
        )
    return nouts  # type: ignore[return-value]  # an array of ints


class Module:
    """Something with parameters: a part of a network, or all of it."""

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to zero."""
        for p in self.parameters():
            p.grad = 0.0

    def parameters(self) -> list[Value]:
        """The Values that training changes, always in the same order."""
        return []

    def __call__(self, x: Any) -> Any:
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
        activation = _known_activation(activation)
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
        try:
            count = len(x)
        except TypeError:
            raise ArgumentError(
                f"{self}: found {shown(x)}; expected {len(self.w)} inputs"
            ) from None
        if count != len(self.w):
            raise ArgumentError(f"{self}: found {count} inputs; expected {len(self.w)}")
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


def _layer(nin: int, nout: int, activation: str) -> Layer:
    return Layer(nin, nout, activation=activation)


class _Chain(Module):
    """Layers one after the other."""

    layers: Sequence[Module]

    def parameters(self) -> list[Value]:
        """Those of each layer in turn."""
        return [p for layer in self.layers for p in layer.parameters()]

    def __repr__(self) -> str:
        return f"{type(self).__name__} of [{', '.join(str(layer) for layer in self.layers)}]"


def _layers(
    make: Callable[[int, int, str], _Layer],
    nin: int,
    nouts: Sequence[int],
    activation: str,
    output: str,
) -> list[_Layer]:
    """Layers of these sizes, labelled with their places; the last has an activation of its own."""
    counts = _listed(nouts)
    kinds = [*[activation] * (len(counts) - 1), output]
    made = [make(*sizes) for sizes in zip([nin, *counts], counts, kinds, strict=False)]
    _place("l", made)
    return made


class MLP(_Chain):
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
        self.layers: list[Layer] = _layers(_layer, nin, nouts, activation, output)

    def __call__(self, x: Sequence[object]) -> Any:
        """The last layer's output."""
        for i, layer in enumerate(self.layers):
            x = layer(x if i == 0 or isinstance(x, list) else [x])
        return x

    @staticmethod
    def matrices(
        nin: int, nouts: Sequence[int], activation: str = "relu", output: str = "linear"
    ) -> Module:
        """The same network with a matrix of weights per layer: a MatrixMLP.

        The same seed of ``random`` gives the same weights.

        Args:
            nin: See ``MLP``.
            nouts: See ``MLP``.
            activation: See ``MLP``.
            output: See ``MLP``.

        >>> network = MLP.matrices(2, [16, 16, 1])
        >>> [p.shape for p in network.parameters()]
        [(2, 16), (16,), (16, 16), (16,), (16, 1), (1,)]
        """
        return MatrixMLP(nin, nouts, activation, output)

    def as_matrices(self) -> Module:
        """This network's numbers as a MatrixMLP of its own."""
        return MatrixMLP.of_neurons(self)


class MatrixLayer(Module):
    """``activation(x @ w + b)``: all neurons of a layer, for one point or many at once.

    Args:
        nin: Number of inputs.
        nout: Number of neurons.
        activation: A name of ``ACTIVATIONS``.

    Attributes:
        w: The weights, a Value of shape (nin, nout): a column for each neuron.
        b: The biases, a Value of shape (nout,).

    Raises:
        ArgumentError: if the activation is unknown.

    >>> layer = MatrixLayer(3, 2)
    >>> layer, layer(np.ones((5, 3))).shape, layer(np.ones(3)).shape
    (MatrixLayer(3, 2, relu), (5, 2), (2,))
    """

    def __init__(self, nin: int, nout: int, activation: str = "relu") -> None:
        activation = _known_activation(activation)
        rows, columns = given_count("nin", nin, most=_MOST), given_count("nout", nout, most=_MOST)
        drawn = [[random.uniform(-1, 1) for _ in range(rows)] for _ in range(columns)]
        self._begin(np.array(drawn).T, np.zeros(columns), activation)

    def _begin(self, weights: object, biases: object, activation: str) -> None:
        self.w, self.b = Value(weights, label="w"), Value(biases, label="b")
        self.activation = activation

    @classmethod
    def of_neurons(cls, layer: Layer) -> MatrixLayer:
        """The neurons of a layer as one matrix.

        Raises:
            ArgumentError: if their activations differ.
        """
        kinds = {n.activation if n.nonlin else "linear" for n in layer.neurons}
        if len(kinds) != 1:
            raise ArgumentError(
                f"{layer}: found neurons of {' and '.join(sorted(kinds))}; a matrix has one "
                "activation"
            )
        made = cls.__new__(cls)
        weights = np.array([[w.data for w in n.w] for n in layer.neurons]).T
        made._begin(weights, [n.b.data for n in layer.neurons], kinds.pop())
        return made

    def __call__(self, x: Any) -> Any:
        """The outputs, of shape (points, nout), or (nout,) for one point.

        Raises:
            ArgumentError: if the points have another width.
        """
        width = np.shape(getattr(x, "data", x))[-1:]
        if width != self.w.shape[:1]:
            found = f"{width[0]} inputs" if width else "one number"
            raise ArgumentError(f"{self}: found {found}; expected {self.w.shape[0]} of each point")
        return ACTIVATIONS[self.activation](x @ self.w + self.b)

    def parameters(self) -> list[Value]:
        """The weights, then the biases."""
        return [self.w, self.b]

    def __repr__(self) -> str:
        nin, nout = self.w.shape
        return f"MatrixLayer({nin}, {nout}, {self.activation})"


class MatrixMLP(_Chain):
    """A multi-layer perceptron of matrices: what ``MLP`` computes, for many points at once.

    Args:
        nin: Number of inputs.
        nouts: Number of neurons of each layer.
        activation: Of every layer but the last.
        output: Activation of the last layer.
    """

    def __init__(
        self, nin: int, nouts: Sequence[int], activation: str = "relu", output: str = "linear"
    ) -> None:
        self.layers: list[MatrixLayer] = _layers(MatrixLayer, nin, nouts, activation, output)

    @classmethod
    def of_neurons(cls, network: MLP) -> MatrixMLP:
        """The numbers of a network of neurons.

        Raises:
            ArgumentError: if neurons of one layer have several activations.
        """
        made = cls.__new__(cls)
        made.layers = [MatrixLayer.of_neurons(layer) for layer in network.layers]
        _place("l", made.layers)
        return made

    def __call__(self, x: Any) -> Any:
        """The outputs, of shape (points, outputs) or (points,) of one neuron; less for a point."""
        x = x if isinstance(x, Operand) else np.asarray(x, dtype=np.float64)
        for layer in self.layers:
            x = layer(x)
        one = self.layers and self.layers[-1].b.shape == (1,)
        return x.reshape(x.shape[:-1]) if one else x
