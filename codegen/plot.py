"""Plots of trained networks, under their public name."""

from codegen.training.plot import COLOURS, decision_boundary, loss_curve

__all__ = ["COLOURS", "decision_boundary", "loss_curve"]
