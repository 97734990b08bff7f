"""micrograd's networks, and the same with matrices, under their public name."""

from autodiff.doors import put_doors
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

put_doors(__name__, globals(), ["MLP", "Layer", "MatrixLayer", "MatrixMLP"])
