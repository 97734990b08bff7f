"""Losses of one point: how wrong a network's output is, given the label.

They work on Values, on traced numbers and on floats alike.  Of a Value of many points, an array
whose first axis they are, and as many labels, they give the loss of each.  Each is written so that
neither large scores nor small losses lose digits.  ``mean`` takes a loss over a batch of points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autodiff.doors import door
from autodiff.errors import ArgumentError
from autodiff.graph.tree.given import given_numbers
from autodiff.table.ops import logaddexp, relu, softplus, where
from autodiff.table.primitive import Operand
from autodiff.trace.array_operand import ArrayOperand

__all__ = [
    "LOSSES",
    "binary_cross_entropy",
    "check_labels",
    "hinge",
    "mean",
    "mse",
    "softmax_cross_entropy",
]

Loss = Callable[[Any, Any], Any]
_public = partial(door, package="autodiff.losses")


@_public
def mse(output: Any, label: Any) -> Any:
    """Squared error, ``(output - label)²``; of several outputs the mean.

    Args:
        output: One number, or several; or a Value of many points, the first axis.
        label: As many numbers.

    Returns:
        One number; of many points one for each.

    Raises:
        ArgumentError: if there are not as many labels, or they are no numbers.

    >>> mse(3.0, 1.0), mse([3.0, 1.0], [1.0, 1.0])
    (4.0, 2.0)
    """
    if isinstance(output, ArrayOperand):
        squares = (output - _labels("mse", output, label, output.shape)) ** 2
        return squares if output.ndim == 1 else np.mean(squares, axis=-1)
    if not _several(output):
        given_numbers("mse", output, label)
        return (output - label) ** 2
    _require_labels("mse", label, len(output))
    given_numbers("mse", *output, *label)
    apart = [(o - t) ** 2 for o, t in zip(output, label, strict=True)]
    return sum(apart[1:], apart[0]) / len(apart)


@_public
def hinge(score: object, label: Any) -> Any:
    """``max(0, 1 - label · score)``: zero once the score is on the right side by a margin of 1.

    Args:
        score: One number, or a Value of many points.
        label: -1 or 1, one for each score.

    Returns:
        One number, 0 or more, for each score.

    Raises:
        ArgumentError: if a label is neither, or there are several scores of one point.

    >>> hinge(0.25, 1), hinge(-3.0, -1)
    (0.75, 0.0)
    """
    _require_one("hinge", score)
    label = _numbers("hinge", score, label)
    _check(hinge, label)
    return relu(1.0 - label * score)


@_public
def binary_cross_entropy(score: Any, label: Any) -> Any:
    """``-log p`` of the label, where ``p = sigmoid(score)`` is the probability of 1.

    Written with softplus, so that nothing overflows and a small loss keeps its digits.

    Args:
        score: One number, before any sigmoid, or a Value of many points.
        label: 0 or 1, or a probability between, one for each score.

    Returns:
        One number, 0 or more, in nats, for each score.

    Raises:
        ArgumentError: if a label is outside [0, 1], or there are several scores of one point.

    >>> binary_cross_entropy(0.0, 1) == 0.6931471805599453, binary_cross_entropy(1000.0, 0)
    (True, 1000.0)
    """
    _require_one("binary_cross_entropy", score)
    label = _numbers("binary_cross_entropy", score, label)
    _check(binary_cross_entropy, label)
    return label * softplus(-score) + (1.0 - label) * softplus(score)


@_public
def softmax_cross_entropy(scores: Sequence[object], label: object) -> object:
    """``-log p`` of the right class, where ``p = softmax(scores)``.

    That is ``softplus`` of the other scores' log-sum-exp, relative to the right one's: nothing
    overflows, and a small loss keeps its digits.

    Args:
        scores: One number per class, at least two; or a Value of shape (points, classes).
        label: The right class, 0 to the number of classes - 1, one for each point.

    Returns:
        One number, 0 or more, in nats, for each point.

    Raises:
        ArgumentError: if a label is no class, or there is one score.

    >>> softmax_cross_entropy([1.0, 1.0], 0) == 0.6931471805599453
    True
    >>> softmax_cross_entropy([1000.0, 0.0, 0.0], 1)
    1000.0
    """
    if isinstance(scores, ArrayOperand) and scores.ndim == 2:
        return _softmax_of_points(scores, label)
    if not _several(scores) or len(scores) < 2:
        raise ArgumentError(
            "softmax_cross_entropy: found one score; expected one per class, at least two. With "
            "one score use binary_cross_entropy"
        )
    given_numbers("softmax_cross_entropy", *scores, label)
    _check(softmax_cross_entropy, label, len(scores))
    right = [label == k for k in range(len(scores))]
    chosen = [where(is_it, score, 0.0) for is_it, score in zip(right, scores, strict=True)]
    target = sum(chosen[1:], chosen[0])
    others = [
        where(is_it, -math.inf, score - target) for is_it, score in zip(right, scores, strict=True)
    ]
    total = others[0]
    for other in others[1:]:
        total = logaddexp(total, other)
    return softplus(total)


def _softmax_of_points(scores: Any, label: object) -> object:
    points, classes = scores.shape
    labels: Any = _labels("softmax_cross_entropy", scores, label, (points,))
    _check(softmax_cross_entropy, label, classes)
    right = labels[:, None] == np.arange(float(classes))
    target = np.sum(np.where(right, scores, 0.0), axis=1, keepdims=True)
    others = np.where(right, -math.inf, scores - target)
    largest = np.max(others, axis=1)
    return softplus(largest + np.log(np.sum(np.exp(others - largest[:, None]), axis=1)))


LOSSES: dict[str, Loss] = {
    loss.__name__: loss for loss in (mse, hinge, binary_cross_entropy, softmax_cross_entropy)
}


@_public
def mean(losses: Sequence[Any]) -> Any:
    """Mean of the losses of several points, summed from the first on.

    Args:
        losses: One number per point, or a Value of them.

    Returns:
        One number.

    Raises:
        ArgumentError: if there are none.

    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    if isinstance(losses, ArrayOperand) and losses.size:
        return np.sum(losses) * (1.0 / losses.size)
    if not _several(losses) or len(losses) == 0:
        raise ArgumentError(
            f"mean: found {'no losses' if _several(losses) else type(losses).__name__}; expected "
            "a list of losses, of one point at least"
        )
    given_numbers("mean", *losses)
    return sum(losses[1:], losses[0]) * (1.0 / len(losses))


def check_labels(loss: Loss, labels: object, outputs: int = 1) -> None:
    """Refuse labels outside the range of a loss of this module; any other loss takes anything.

    Args:
        loss: The loss.
        labels: An array of labels.
        outputs: Number of the network's outputs.

    Raises:
        ArgumentError: naming the first such label and the range.

    >>> check_labels(binary_cross_entropy, [0, 1, 0.5])
    """
    allowed = _RANGES.get(loss)
    if allowed is None:
        return
    inside, expected = allowed
    array = np.asarray(labels, dtype=float)
    wrong = np.flatnonzero(~inside(array, outputs))
    if len(wrong):
        where_ = f" at position {wrong[0]}" if array.ndim else ""
        raise ArgumentError(
            f"{loss.__name__}: found label {array.flat[wrong[0]]:g}{where_}; expected "
            f"{expected.format(last=outputs - 1)}"
        )


_RANGES: dict[Loss, tuple[Callable[[Any, int], Any], str]] = {
    hinge: (lambda y, _: np.abs(y) == 1.0, "-1 or 1"),
    binary_cross_entropy: (lambda y, _: (y >= 0.0) & (y <= 1.0), "a number from 0 to 1"),
    softmax_cross_entropy: (
        lambda y, n: (y >= 0) & (y < n) & (y == np.floor(y)),
        "the number of a class, 0 to {last}",
    ),
}


def _labels(name: str, output: object, label: object, shape: tuple[int, ...]) -> object:
    """The labels of many points.

    Raises:
        ArgumentError: if they are not one for each.
    """
    given = label if isinstance(label, ArrayOperand) else np.asarray(label, dtype=np.float64)
    if given.shape != shape:
        raise ArgumentError(
            f"{name}: found labels of shape {given.shape} for outputs of shape "
            f"{getattr(output, 'shape', ())}; expected {shape}"
        )
    return given


def _numbers(name: str, score: object, label: object) -> object:
    """The label of one score, or the labels of many points."""
    if isinstance(score, ArrayOperand):
        return _labels(name, score, label, score.shape)
    given_numbers(name, score, label)
    return label


def _check(loss: Loss, label: object, outputs: int = 1) -> None:
    if not isinstance(label, Operand):  # a traced label is checked when its numbers come
        check_labels(loss, label, outputs)


def _several(output: object) -> bool:
    return isinstance(output, (list, tuple, np.ndarray))


def _require_one(name: str, score: Any) -> None:
    if _several(score) or (isinstance(score, ArrayOperand) and score.ndim > 1):
        count = score.shape[-1] if isinstance(score, ArrayOperand) else len(score)
        raise ArgumentError(
            f"{name}: found {count} scores; expected one. With several classes use "
            "softmax_cross_entropy"
        )


def _require_labels(name: str, label: Any, count: int) -> None:
    if not _several(label) or len(label) != count:
        found = len(label) if _several(label) else 1
        raise ArgumentError(f"{name}: found {found} labels for {count} outputs; expected {count}")
