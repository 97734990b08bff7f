"""Pictures of training with matplotlib: the decision boundary of a network, its loss curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autodiff.errors import ArgumentError, ProofgradError, installing
from autodiff.networks.nn import Module
from codegen.training.training import TrainingHistory, predict

__all__ = ["COLOURS", "decision_boundary", "loss_curve"]

# Of the classes, in their order: "no" before "yes", the first of several before the second.
COLOURS = ["#c8503c", "#3b6fb6", "#4f9d5b", "#b08a2e", "#7d5fa6", "#5a6b7b"]


def decision_boundary(
    model: Module,
    inputs: object,
    labels: ArrayLike,
    *,
    axes: Any = None,
    resolution: int = 160,
    margin: float = 0.4,
) -> object:
    """Colour the plane by the model's answer, and draw the points on it.

    With one output the answer is its sign, and the line where it is zero is drawn; with several
    it is the largest.

    Args:
        model: Takes two inputs.
        inputs: Shape (points, 2).
        labels: One per point; equal labels get one colour.
        axes: Of matplotlib; None: a new figure's.
        resolution: Points of the grid along each side.
        margin: Free space around the points.

    Returns:
        The axes.

    Raises:
        ArgumentError: if the inputs have not two columns.
        ProofgradError: if matplotlib is missing.
    """
    points = np.asarray(inputs, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ArgumentError(f"inputs: found shape {points.shape}; expected (points, 2) to draw")
    axes = _axes(axes)
    (left, low), (right, high) = points.min(axis=0) - margin, points.max(axis=0) + margin
    x, y = np.meshgrid(np.linspace(left, right, resolution), np.linspace(low, high, resolution))
    scores = predict(model, np.stack([x.ravel(), y.ravel()], axis=1))
    answer = (scores > 0.0).astype(float) if scores.ndim == 1 else scores.argmax(axis=1)
    classes = 2 if scores.ndim == 1 else scores.shape[1]
    colours = [COLOURS[k % len(COLOURS)] for k in range(classes)]
    levels = np.arange(classes + 1) - 0.5
    axes.contourf(x, y, answer.reshape(x.shape), levels=levels, colors=colours, alpha=0.28)
    if scores.ndim == 1:
        axes.contour(x, y, scores.reshape(x.shape), levels=[0.0], colors="#333333", linewidths=1.2)
    for label in np.unique(labels):
        mine = points[np.asarray(labels) == label]
        k = int(label > 0.0) if scores.ndim == 1 else int(label)  # as the plane under the point
        colour = COLOURS[k % len(COLOURS)]
        axes.scatter(*mine.T, s=22, color=colour, edgecolors="white", linewidths=0.6, label=label)
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
    axes.set_aspect("equal")
    return axes


def loss_curve(losses: TrainingHistory | Sequence[float], *, axes: Any = None) -> object:
    """Draw the loss over the steps, on a logarithmic scale if it allows that.

    Args:
        losses: What ``train`` returned, or numbers.
        axes: Of matplotlib; None: a new figure's.

    Returns:
        The axes.

    Raises:
        ArgumentError: if there are no losses.
        ProofgradError: if matplotlib is missing.
    """
    numbers = losses.losses if isinstance(losses, TrainingHistory) else list(losses)
    if not numbers:
        raise ArgumentError("losses: found none; train first")
    axes = _axes(axes)
    axes.plot(range(len(numbers)), numbers, color=COLOURS[1])
    if min(numbers) > 0.0:
        axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _axes(axes: object) -> object:
    if axes is not None:
        return axes
    try:
        from matplotlib import pyplot
    except ImportError:
        raise ProofgradError(f"a plot needs matplotlib: {installing('plot')}") from None
    return pyplot.subplots(layout="constrained")[1]
