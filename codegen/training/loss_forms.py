"""The two forms of a training step's loss: of one point, for every point; of a batch, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array
from autodiff.graph.typed_node import Shape
from autodiff.networks import losses
from autodiff.networks.nn import Module
from autodiff.trace.trace import trace
from codegen.call.compiled import CompiledGradient
from codegen.gradient import compile_gradient
from codegen.training.whole_model import Floats, WholeModel, with_parameters

__all__ = ["Evaluate", "Form", "Loss", "OfBatches", "OfPoints"]

Loss: TypeAlias = Callable[[Any, Any], Any]
Evaluate: TypeAlias = Callable[[Floats], tuple[float, Floats]]


class Form(Protocol):
    """A loss that can be compiled.

    Attributes:
        graph: The loss of one point, or of a batch of one.
        outputs: How many outputs the model has.
    """

    graph: Graph
    outputs: int

    @property
    def compiled(self) -> CompiledGradient:
        """The gradient by the parameters, of the example's batch."""

    def evaluator(self, x: Floats, y: Floats) -> Evaluate:
        """The mean loss of one batch and its gradient, a new array at each call."""

    def parts(self, parameters: Floats, row: Floats, label: Floats) -> list[Floats]:
        """The arguments of ``graph`` for one point: its scalars and arrays."""


class OfPoints:
    """The loss of one point as a function of (parameters, x, label), compiled for batches.

    Args:
        model: The model.
        loss: Its loss.
        width: Shape of a point's inputs.
        label: Shape of a point's label.
        target: "numpy" or "native".
    """

    def __init__(self, model: Module, loss: Loss, width: Shape, label: Shape, target: str) -> None:
        self.outputs, self._target = 1, target
        self._count = len(model.parameters())

        def point(parameters: Iterable[object], x: Floats, label: object) -> object:
            output = with_parameters(model, parameters)(list(x))
            self.outputs = len(output) if isinstance(output, list) else 1
            return loss(output, label)

        point.__name__ = getattr(loss, "__name__", "loss")
        examples = np.zeros(self._count), np.zeros(width), np.zeros(label) if label else 0.0
        self.graph = trace(point, *examples)

    @cached_property
    def compiled(self) -> CompiledGradient:
        """See ``Form``."""
        return compile_gradient(
            self.graph, target=self._target, wrt=0, batch=(False, True, True), reduce="mean"
        )

    def evaluator(self, x: Floats, y: Floats) -> Evaluate:
        """See ``Form``."""
        if self._target != "native":
            return lambda parameters: self.compiled(parameters, x, y)
        here, slope = np.empty(self._count), np.empty(self._count)
        return _into(self.compiled.bind(here, x, y, out=slope), here, slope)

    def parts(self, parameters: Floats, row: Floats, label: Floats) -> list[Floats]:
        """See ``Form``."""
        return [*parameters.tolist(), *row.tolist(), *np.atleast_1d(label).tolist()]


class OfBatches:
    """The mean loss of a batch as a function of (parameters, inputs, labels), whole arrays.

    Args:
        model: The model over whole batches.
        loss: Its loss, of as many points as there are.
        x: A batch; others may have another number of points.
        y: Its labels.
        target: "numpy" or "native".
    """

    def __init__(self, model: WholeModel, loss: Loss, x: Floats, y: Floats, target: str) -> None:
        self._model, self._loss, self._target = model, loss, target
        self._x, self._y = x, y
        self._by_count: dict[int, CompiledGradient] = {}
        self.outputs = 1

        def loss_of_batch(parameters: Any, inputs: object, labels: object) -> Any:
            output = model.outputs(parameters, inputs)
            self.outputs = output.shape[1] if output.ndim > 1 else 1
            found = loss(output, labels)
            return losses.mean(found) if getattr(found, "ndim", 0) else found

        loss_of_batch.__name__ = getattr(loss, "__name__", "loss")
        self._function = loss_of_batch
        self.graph = trace(loss_of_batch, *self._examples(1), expand=False)

    def _examples(self, count: int) -> list[object]:
        """Arguments of a call with so many points."""
        draw = np.random.default_rng(0)  # no zeros, where a switch may tie
        arrays = [draw.uniform(-1.0, 1.0, shape) for shape in self._model.shapes]
        return [arrays, *(np.resize(a, (count, *a.shape[1:])) for a in (self._x, self._y))]

    @property
    def compiled(self) -> CompiledGradient:
        """See ``Form``."""
        return self._of(len(self._x))

    def _of(self, count: int) -> CompiledGradient:
        """The gradient for batches of so many points."""
        found = self._by_count.get(count)
        if found is None:
            examples = self._examples(count)
            found = self._by_count[count] = compile_gradient(
                self._function, *examples, target=self._target, wrt=0, expand=False
            )
        return found

    def evaluator(self, x: Floats, y: Floats) -> Evaluate:
        """See ``Form``."""
        compiled, cut = self._of(len(x)), self._model.pieces
        size = sum(int(np.prod(shape)) for shape in self._model.shapes)
        if self._target == "native":
            here, slope = np.empty(size), np.empty(size)
            return _into(compiled.bind(cut(here), x, y, out=cut(slope)), here, slope)

        def call(parameters: Floats) -> tuple[float, Floats]:
            value, slopes = compiled(cut(parameters), x, y)
            return value, np.concatenate([np.ravel(slope) for slope in slopes])

        return call

    def parts(self, parameters: Floats, row: Floats, label: Floats) -> list[Floats]:
        """See ``Form``."""
        shapes = [s.shape for _, s in self.graph.parameters[1:] if isinstance(s, Array)]
        data = [np.reshape(one, s) for one, s in zip((row, label), shapes, strict=True)]
        return [*self._model.pieces(parameters), *data]


def _into(run: Callable[[], float], here: Floats, slope: Floats) -> Evaluate:
    """A bound call as a function of the parameters."""

    def call(parameters: Floats) -> tuple[float, Floats]:
        here[...] = parameters
        return run(), slope.copy()

    return call
