"""Losses, under their public name."""

from autodiff.networks.losses import (
    LOSSES,
    binary_cross_entropy,
    check_labels,
    hinge,
    mean,
    mse,
    softmax_cross_entropy,
)

__all__ = [
    "LOSSES",
    "binary_cross_entropy",
    "check_labels",
    "hinge",
    "mean",
    "mse",
    "softmax_cross_entropy",
]
