"""One step of training, compiled: the loss of a model and its gradient by the parameters."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autodiff.errors import ArgumentError
from autodiff.networks import losses
from autodiff.networks.nn import Module
from autodiff.table.declared import signature_of
from codegen.call.compiled import CompiledGradient
from codegen.training.loss_forms import Form, Loss, OfBatches, OfPoints
from codegen.training.whole_model import Floats, WholeModel, holds_matrices, whole_model

__all__ = [
    "TrainingStep",
    "checked_points",
    "compile_step",
    "compiled_targets",
]

INTERPRETED = "values"


class TrainingStep:
    """Value and gradient of a batch's loss by all parameters of a model.

    ``step(parameters, inputs, labels)`` gives the mean loss of the points plus
    ``l2 · (sum of squared parameters)``, and its gradient, one number per parameter.

    Attributes:
        graph: The loss of one point as a function of (parameters, x, label); where the batch is
            computed as arrays, the loss of a batch of one.
        target: "numpy", "native", or "values" (interpreted).
    """

    def __init__(
        self,
        model: Module,
        loss: str | Loss,
        inputs: ArrayLike,
        labels: ArrayLike,
        target: str,
        l2: float,
    ) -> None:
        self.model, self.target, self.l2 = model, target, l2
        self.loss = _known_loss(loss)
        self._values = model.parameters()
        if not self._values:
            raise ArgumentError(f"{model!r}: found no parameters; nothing to train")
        if len(set(map(id, self._values))) < len(self._values):
            raise ArgumentError(
                f"{model!r}: parameters() lists a Value twice, so its gradient would be taken "
                "twice; list a shared parameter once"
            )
        if not l2 >= 0.0:
            raise ArgumentError(f"l2: found {l2}; expected a number from 0")
        x, y = _arrays(inputs, labels)
        self._shapes = x.shape[1:], y.shape[1:]
        self._cuts = np.cumsum([p.size for p in self._values])[:-1].tolist()
        self.form = self._formed(x, y)
        self.graph = self.form.graph
        self.check(x, y)

    def _formed(self, x: Floats, y: Floats) -> Form:
        """Whole batches where model and loss take these, else points."""
        whole = whole_model(self.model)
        of_matrices = holds_matrices(self.model)
        target = "numpy" if self.target == INTERPRETED else self.target
        if whole is not None and (of_matrices or self.loss in losses.LOSSES.values()):
            width = self._width_of(whole)
            if of_matrices or width == x.shape[1]:
                return OfBatches(whole, self.loss, x, y, target)
        return OfPoints(self.model, self.loss, *self._shapes, target)

    def _width_of(self, whole: WholeModel) -> int:
        return whole.shapes[0][-1] - 1

    @property
    def compiled(self) -> CompiledGradient:
        """What ``compile_gradient`` made: the gradient by the parameters, averaged over points."""
        return self.form.compiled

    @property
    def parameters(self) -> Floats:
        """The model's numbers now, in the order of ``model.parameters()``."""
        return np.concatenate([np.ravel(p.data) for p in self._values])

    def assign(self, parameters: Floats) -> None:
        """Give the model these numbers."""
        for p, own in zip(self._values, np.split(parameters, self._cuts), strict=True):
            numbers: Any = own.reshape(p.shape).copy() if p.shape else float(own[0])
            p.data = numbers

    def check(self, inputs: ArrayLike, labels: ArrayLike) -> tuple[Floats, Floats]:
        """Inputs and labels as arrays.

        Raises:
            ArgumentError: if they are empty, of another width, of different lengths, not finite,
                or if a label is outside the loss's range.
        """
        x, y = _arrays(inputs, labels)
        for name, array, own in zip(("inputs", "labels"), (x, y), self._shapes, strict=True):
            if array.shape[1:] != own:
                expected = ", ".join(["points", *map(str, own)])
                raise ArgumentError(f"{name}: found shape {array.shape}; expected ({expected})")
        losses.check_labels(self.loss, y, self.form.outputs)
        return x, y

    def __call__(
        self, parameters: Floats, inputs: ArrayLike, labels: ArrayLike
    ) -> tuple[float, Floats]:
        """Value and gradient at ``parameters`` over a batch.

        Args:
            parameters: One number per parameter.
            inputs: Shape (points, width).
            labels: Shape (points,), or (points, numbers of a label).

        Raises:
            ArgumentError: if the batch does not fit; see ``check``.
        """
        return self.bind(inputs, labels)(np.asarray(parameters, dtype=np.float64))

    def bind(
        self, inputs: ArrayLike, labels: ArrayLike
    ) -> Callable[[Floats], tuple[float, Floats]]:
        """The step on one batch, checked once: a function of the parameters alone.

        Raises:
            ArgumentError: if the batch does not fit; see ``check``.
        """
        x, y = map(np.ascontiguousarray, self.check(inputs, labels))
        evaluate = self._evaluator(x, y)
        count = sum(p.size for p in self._values)

        def call(parameters: Floats) -> tuple[float, Floats]:
            if parameters.shape != (count,):
                raise ArgumentError(
                    f"parameters: found shape {parameters.shape}; expected ({count},)"
                )
            value, gradient = evaluate(parameters)
            if self.l2 and self.target != INTERPRETED:
                value += self.l2 * float(parameters @ parameters)
                gradient += (2.0 * self.l2) * parameters
            return value, gradient

        return call

    def _evaluator(self, x: Floats, y: Floats) -> Callable[[Floats], tuple[float, Floats]]:
        """The mean loss of one batch and its gradient, a new array at each call."""
        if self.target == INTERPRETED:
            return lambda parameters: self._interpreted(parameters, x, y)
        return self.form.evaluator(x, y)

    def _interpreted(self, parameters: Floats, x: Floats, y: Floats) -> tuple[float, Floats]:
        self.assign(parameters)
        self.model.zero_grad()
        if holds_matrices(self.model):
            found = self.loss(self.model(x), y)
            total = losses.mean(found) if getattr(found, "ndim", 0) else found
        else:
            points = zip(x.tolist(), y.tolist(), strict=True)
            total = losses.mean([self.loss(self.model(row), label) for row, label in points])
        # The penalty belongs to the interpreted sum, so that backward() sees all of it.
        if self.l2:
            squares = [np.sum(p * p) if p.shape else p * p for p in self._values]
            total = total + self.l2 * sum(squares[1:], squares[0])
        total.backward()
        return total.data, np.concatenate([np.ravel(p.grad) for p in self._values])


def compile_step(
    model: Module,
    loss: str | Loss,
    inputs: ArrayLike,
    labels: ArrayLike,
    *,
    target: str | None = None,
    l2: float = 0.0,
) -> TrainingStep:
    """Turn a model, a loss and a batch into a compiled step.

    The model is run once, on placeholders: what it draws at random or looks up elsewhere is taken
    as it is then.

    Args:
        model: A module; a call of it takes a list of numbers.
        loss: A name or function of ``autodiff.losses``, or any function of (output, label) that
            can be traced.
        inputs: A batch of the shape to come, (points, width); any number of points.
        labels: Its labels, (points,) or (points, numbers of a label).
        target: "native", "numpy", or "values" (interpreted, slow); None: the fastest installed.
        l2: Weight of the sum of squared parameters.

    Returns:
        A callable of (parameters, inputs, labels) that gives loss and gradient, the latter an
        array of the parameters' shape, (number of parameters,).

    Raises:
        ArgumentError: if the batch does not fit the model or the loss.
        TraceError: if model or loss cannot be traced.

    >>> import numpy as np
    >>> from autodiff.nn import MLP
    >>> model = MLP(2, [1])
    >>> step = compile_step(model, "mse", [[1.0, 2.0]], [0.5])
    >>> value, gradient = step(np.array([1.0, -1.0, 0.25]), [[1.0, 2.0]], [0.5])
    >>> value, gradient
    (1.5625, array([-2.5, -5. , -2.5]))
    """
    return TrainingStep(model, loss, inputs, labels, target or compiled_targets()[0], l2)


def compiled_targets() -> list[str]:
    """The targets a step can be compiled for here, the fastest first."""
    return ["native", "numpy"] if find_spec("llvmlite") else ["numpy"]


def _known_loss(loss: str | Loss) -> Loss:
    if callable(loss):
        _require_two("loss", loss)
        return loss
    if loss not in losses.LOSSES:
        known = ", ".join(losses.LOSSES)
        raise ArgumentError(f"loss: found {loss!r}; expected one of {known}, or a function")
    return losses.LOSSES[loss]


def _require_two(name: str, function: Callable[..., object]) -> None:
    """Refuse a loss that cannot be called with output and label."""
    try:
        signature_of(function).bind(None, None)
    except TypeError as error:
        raise ArgumentError(f"{name}: {error}; expected a function of (output, label)") from None
    except ValueError:  # some built-in functions have no signature
        return


def checked_points(name: str, data: ArrayLike) -> Floats:
    """Points as a matrix of floats, one a row."""
    try:
        array = np.asarray(data, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(f"{name}: expected rows of numbers, all of one width") from None
    if array.ndim != 2 and array.size:
        raise ArgumentError(
            f"{name}: found shape {array.shape}; expected (points, width). One number a point is "
            "width 1: data.reshape(-1, 1)"
        )
    if not len(array):
        raise ArgumentError(f"{name}: found no points; a batch needs at least one")
    return array


def _arrays(inputs: ArrayLike, labels: ArrayLike) -> tuple[Floats, Floats]:
    x = checked_points("inputs", inputs)
    try:
        y = np.asarray(labels, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError("labels: expected numbers, as many for each point") from None
    if y.ndim not in (1, 2) or len(y) != len(x):
        raise ArgumentError(f"labels: found shape {y.shape} for {len(x)} points; expected one each")
    for name, array in (("inputs", x), ("labels", y)):
        if not np.isfinite(array).all():
            place = np.argwhere(~np.isfinite(array))[0]
            at = ", ".join(map(str, place))
            raise ArgumentError(f"{name}[{at}] is {array[tuple(place)]}; expected finite numbers")
    return x, y
