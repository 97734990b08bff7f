"""A model over a whole batch: what it computes of many points, with its parameters as arrays.

Models of matrices do that as they are.  Layers of micrograd's neurons become products of matrices:
one row of an array is one neuron, its weights and then its bias, as ``parameters()`` lists them.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autodiff.graph.typed_node import Shape
from autodiff.networks.nn import ACTIVATIONS, MLP, Layer, Module, Neuron
from autodiff.trace.array_operand import ArrayOperand

__all__ = ["Floats", "WholeModel", "holds_matrices", "whole_model", "with_parameters"]

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


class WholeModel(NamedTuple):
    """A model over many points.

    Attributes:
        shapes: Of the arrays that its parameters, one after the other, are cut into.
        outputs: Arrays of these shapes, and inputs of shape (points, width), to the outputs of
            shape (points,) or (points, outputs).
    """

    shapes: tuple[Shape, ...]
    outputs: Callable[[Sequence[Any], Any], Any]

    def pieces(self, parameters: Floats) -> list[Floats]:
        """The arrays, views of the flat parameters."""
        found, start = [], 0
        for shape in self.shapes:
            stop = start + math.prod(shape)
            found.append(parameters[start:stop].reshape(shape))
            start = stop
        return found


def holds_matrices(model: Module) -> bool:
    """True if some of its parameters are arrays."""
    return any(p.shape for p in model.parameters())


def whole_model(model: Module) -> WholeModel | None:
    """A model as one over whole batches; None if it is one of points only."""
    if holds_matrices(model):
        return _of_matrices(model)
    return _of_neurons(model)


def _of_matrices(model: Module) -> WholeModel:
    own = [p.shape for p in model.parameters()]

    def outputs(arrays: Sequence[Any], inputs: object) -> Any:
        numbers = [a if shape else a[0] for a, shape in zip(arrays, own, strict=True)]
        return with_parameters(model, numbers)(inputs)

    return WholeModel(tuple(shape or (1,) for shape in own), outputs)


def with_parameters(model: Module, numbers: Iterable[object]) -> Module:
    """A copy of the model with ``numbers`` in place of its parameters, wherever they stand."""
    pairs = zip(model.parameters(), numbers, strict=True)
    return copy.deepcopy(model, {id(p): number for p, number in pairs})


def _of_neurons(model: Module) -> WholeModel | None:
    """Layers of neurons, if nothing in them is of the user's own making."""
    layers = _layers(model)
    kinds = [_activation(layer) for layer in layers]
    if not layers or None in kinds:
        return None
    widths = [len(layer.neurons[0].w) for layer in layers]

    def outputs(arrays: Sequence[ArrayOperand], inputs: Any) -> Any:
        x = inputs
        for neurons, nin, kind in zip(arrays, widths, kinds, strict=True):
            weights, biases = neurons[:, :nin], neurons[:, nin]
            x = ACTIVATIONS[str(kind)](x @ weights.T + biases)
        return x.reshape(x.shape[:1]) if len(layers[-1].neurons) == 1 else x

    shapes = [(len(layer.neurons), nin + 1) for layer, nin in zip(layers, widths, strict=True)]
    return WholeModel(tuple(shapes), outputs)


def _layers(model: Module) -> list[Layer]:
    if type(model) is MLP:
        return list(model.layers)
    return [model] if type(model) is Layer else []


def _activation(layer: Layer) -> str | None:
    """The activation of all neurons of a layer; None if they are not alike."""
    if type(layer) is not Layer or any(type(n) is not Neuron for n in layer.neurons):
        return None
    kinds = {(len(n.w), n.activation if n.nonlin else "linear") for n in layer.neurons}
    return kinds.pop()[1] if len(kinds) == 1 else None
