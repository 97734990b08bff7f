"""Optimisers, under their public name."""

from autodiff.doors import put_doors
from autodiff.networks.optimizers import SGD, Adam, Optimizer

__all__ = ["SGD", "Adam", "Optimizer"]

put_doors(__name__, globals(), __all__)
