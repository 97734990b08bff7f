"""Optimisers, under their public name."""

from autodiff.networks.optimizers import SGD, Adam, Optimizer

__all__ = ["SGD", "Adam", "Optimizer"]
