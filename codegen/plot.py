"""Plots of trained networks, under their public name."""

from codegen.training.plot import decision_boundary, loss_curve

__all__ = ["decision_boundary", "loss_curve"]
