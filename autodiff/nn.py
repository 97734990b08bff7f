"""micrograd's networks, and the same with matrices, under their public name."""

from autodiff.networks.nn import (
    ACTIVATIONS,
    MLP,
    Layer,
    MatrixLayer,
    MatrixMLP,
    Module,
    Neuron,
    Value,
)

__all__ = ["ACTIVATIONS", "MLP", "Layer", "MatrixLayer", "MatrixMLP", "Module", "Neuron", "Value"]
