"""micrograd's networks, under their public name."""

from autodiff.networks.nn import ACTIVATIONS, MLP, Layer, Module, Neuron, Value

__all__ = ["ACTIVATIONS", "MLP", "Layer", "Module", "Neuron", "Value"]
