"""Compiled training: a model of Values, a loss and a batch become one compiled step.

The model is traced on one point, with its parameters as an argument; ``compile_gradient`` does the
rest.  The step computes the numbers that the interpreted model computes, up to the order in which
the points are summed.
"""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from autodiff.errors import ArgumentError, TrainingError
from autodiff.given import given_count
from autodiff.graph.graph import Graph
from autodiff.networks import losses
from autodiff.networks.nn import Module
from autodiff.networks.optimizers import SGD, Optimizer
from autodiff.networks.state import named_parameters
from autodiff.run.interpret import run
from autodiff.trace.trace import trace
from codegen.call.compiled import CompiledGradient
from codegen.gradient import compile_gradient

__all__ = ["TrainingHistory", "TrainingStep", "compile_step", "predict", "train"]

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Loss: TypeAlias = Callable[[Any, Any], Any]
INTERPRETED = "values"


class TrainingStep:
    """Value and gradient of a batch's loss by all parameters of a model.

    ``step(parameters, inputs, labels)`` gives the mean loss of the points plus
    ``l2 · (sum of squared parameters)``, and its gradient, one number per parameter.

    Attributes:
        graph: The loss of one point as a function of (parameters, x, label).
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
        self._outputs = 1
        self.graph = self._traced(x.shape[1:], y.shape[1:])
        self.check(x, y)

    def _traced(self, width: tuple[int, ...], label: tuple[int, ...]) -> Graph:
        def point(parameters: Any, x: Any, label: Any) -> Any:
            output = _with_parameters(self.model, parameters)(list(x))
            self._outputs = len(output) if isinstance(output, list) else 1
            return self.loss(output, label)

        point.__name__ = getattr(self.loss, "__name__", "loss")
        return trace(
            point,
            np.zeros(len(self._values)),
            np.zeros(width),
            np.zeros(label) if label else 0.0,
        )

    @cached_property
    def compiled(self) -> CompiledGradient:
        """What ``compile_gradient`` made: the gradient by the parameters, averaged over points."""
        return compile_gradient(
            self.graph,
            target=self.target,
            wrt=0,
            batch=(False, True, True),
            reduce="mean",
        )

    @property
    def parameters(self) -> Floats:
        """The model's numbers now, in the order of ``model.parameters()``."""
        return np.array([p.data for p in self._values])

    def assign(self, parameters: Floats) -> None:
        """Give the model these numbers."""
        for p, number in zip(self._values, parameters.tolist(), strict=True):
            p.data = number

    def check(self, inputs: ArrayLike, labels: ArrayLike) -> tuple[Floats, Floats]:
        """Inputs and labels as arrays.

        Raises:
            ArgumentError: if they are empty, of another width, of different lengths, not finite,
                or if a label is outside the loss's range.
        """
        x, y = _arrays(inputs, labels)
        for name, array, (_, structure) in zip(
            ("inputs", "labels"), (x, y), self.graph.parameters[1:], strict=True
        ):
            own = getattr(structure, "shape", ())
            if array.shape[1:] != own:
                expected = ", ".join(["points", *map(str, own)])
                raise ArgumentError(f"{name}: found shape {array.shape}; expected ({expected})")
        losses.check_labels(self.loss, y, self._outputs)
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
        count = len(self._values)

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
        if self.target != "native":
            return lambda parameters: self.compiled(parameters, x, y)
        here, slope = np.empty(len(self._values)), np.empty(len(self._values))
        run = self.compiled.bind(here, x, y, out=slope)

        def call(parameters: Floats) -> tuple[float, Floats]:
            here[...] = parameters
            return run(), slope.copy()

        return call

    def _interpreted(self, parameters: Floats, x: Floats, y: Floats) -> tuple[float, Floats]:
        self.assign(parameters)
        self.model.zero_grad()
        points = zip(x.tolist(), y.tolist(), strict=True)
        total = losses.mean([self.loss(self.model(row), label) for row, label in points])
        # The penalty belongs to the interpreted sum, so that backward() sees all of it.
        if self.l2:
            squares = [p * p for p in self._values]
            total = total + self.l2 * sum(squares[1:], squares[0])
        total.backward()
        return total.data, np.array([p.grad for p in self._values])


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


@dataclass
class TrainingHistory:
    """What training saw.

    Args:
        losses: The loss before each step.
        learning_rates: The learning rate of each step.
    """

    losses: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)


def train(
    model: Module,
    loss: str | Loss,
    inputs: ArrayLike,
    labels: ArrayLike,
    *,
    optimizer: Optimizer | None = None,
    steps: int = 100,
    batch_size: int | None = None,
    l2: float = 0.0,
    target: str | None = None,
    seed: int = 0,
    progress: bool = False,
) -> TrainingHistory:
    """Train a model; its parameters are changed in place.

    Args:
        model: As for ``compile_step``, like ``loss``, ``inputs``, ``labels``, ``l2`` and
            ``target``.
        loss: See above.
        inputs: See above.
        labels: See above.
        optimizer: Over ``model.parameters()``; by default ``SGD`` with learning rate 0.1.
        steps: Number of steps.
        batch_size: Points per step, drawn without repetition until all were seen; None: all.
        l2: See above.
        target: See above.
        seed: Of the order in which batches are drawn.
        progress: Show a bar on the terminal.

    Returns:
        The losses.

    Raises:
        ArgumentError: if data, labels, optimizer or sizes do not fit.
        TrainingError: if loss or gradient stop being finite, naming where it began.  The
            parameters are then those of the last finite step, ``error.history`` has the losses.

    >>> from autodiff.nn import MLP
    >>> line = MLP(1, [1])
    >>> history = train(line, "mse", [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], steps=300)
    >>> [round(p.data, 6) for p in line.parameters()]
    [2.0, 1.0]
    """
    step = compile_step(model, loss, inputs, labels, target=target, l2=l2)
    x, y = step.check(inputs, labels)
    optimizer = optimizer or SGD(model.parameters(), 0.1)
    if list(map(id, optimizer.parameters)) != list(map(id, model.parameters())):
        raise ArgumentError("optimizer: moves other parameters; build it of model.parameters()")
    history, batches = TrainingHistory(), _batches(len(x), batch_size, seed)
    whole = step.bind(x, y) if batch_size is None else None
    current = good = step.parameters
    try:
        with _progress(progress, steps) as advance, np.errstate(all="ignore"):
            for _ in range(steps):
                rows = next(batches)
                evaluate = whole or step.bind(x[rows], y[rows])
                value, gradient = evaluate(current)
                if not (math.isfinite(value) and np.isfinite(gradient).all()):
                    raise _blown_up(step, history, current, x[rows], y[rows], gradient)
                history.losses.append(value)
                history.learning_rates.append(optimizer.rate())
                good = current
                current = current + optimizer.update(gradient)
                advance(value)
        if not np.isfinite(current).all():
            raise _blown_up(step, history, current, x[rows], y[rows], gradient)
        good = current
    finally:
        step.assign(good)
    return history


def predict(model: Module, inputs: ArrayLike) -> Floats:
    """The model's outputs at many points, compiled: (points,), or (points, outputs) for several.

    >>> from autodiff.nn import MLP
    >>> import numpy as np
    >>> predict(MLP(2, [3]), np.zeros((5, 2)))
    array([[0., 0., 0.],
           [0., 0., 0.],
           [0., 0., 0.],
           [0., 0., 0.],
           [0., 0., 0.]])
    """
    x = _points("inputs", inputs)
    numbers = np.array([p.data for p in model.parameters()])
    several = isinstance(model([0.0] * x.shape[1]), list)

    def column(output: int) -> Floats:
        def of_point(parameters: Any, x: Any) -> Any:
            result = _with_parameters(model, parameters)(list(x))
            return result[output] if several else result

        graph = trace(of_point, numbers, np.zeros(x.shape[1]))
        compiled = compile_gradient(graph, target="numpy", wrt=1, batch=(False, True))
        value: Floats = compiled.forward(numbers, x)[0]
        return value

    if not several:
        return column(0)
    return np.stack([column(k) for k in range(len(model([0.0] * x.shape[1])))], axis=1)


# --- pieces ----------------------------------------------------------------------------------


def compiled_targets() -> list[str]:
    """The targets a step can be compiled for here, the fastest first."""
    return ["native", "numpy"] if find_spec("llvmlite") else ["numpy"]


def _with_parameters(model: Module, numbers: Any) -> Any:
    """A copy of the model with ``numbers`` in place of its parameters, wherever they stand."""
    pairs = zip(model.parameters(), numbers, strict=True)
    return copy.deepcopy(model, {id(p): number for p, number in pairs})


def _known_loss(loss: str | Loss) -> Loss:
    if callable(loss):
        _require_two("loss", loss)
        return loss
    if loss not in losses.LOSSES:
        known = ", ".join(losses.LOSSES)
        raise ArgumentError(f"loss: found {loss!r}; expected one of {known}, or a function")
    return losses.LOSSES[loss]


def _require_two(name: str, function: Callable[..., Any]) -> None:
    """Refuse a loss that cannot be called with output and label."""
    try:
        inspect.signature(function).bind(None, None)
    except TypeError as error:
        raise ArgumentError(f"{name}: {error}; expected a function of (output, label)") from None
    except ValueError:  # some built-in functions have no signature
        return


def _points(name: str, data: ArrayLike) -> Floats:
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
    x = _points("inputs", inputs)
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


def _batches(count: int, size: int | None, seed: int) -> Iterator[Any]:
    """Rows of each batch, without end."""
    if size is None:
        while True:
            yield slice(None)
    if not 1 <= given_count("batch_size", size) <= count:
        raise ArgumentError(f"batch_size: found {size}; expected 1 to {count}, all points")
    order = np.random.default_rng(given_count("seed", seed, least=0))
    while True:
        rows = order.permutation(count)
        for start in range(0, count - size + 1, size):
            yield rows[start : start + size]


def _blown_up(
    step: TrainingStep,
    history: TrainingHistory,
    parameters: Floats,
    x: Floats,
    y: Floats,
    gradient: Floats,
) -> TrainingError:
    """The error that says where numbers stopped being finite first."""
    seen = history.losses
    course = f"; the loss was {seen[0]:.4g} at first and {seen[-1]:.4g} just before" if seen else ""
    advice = (
        f"Try a learning rate below {history.learning_rates[-1]:.3g}, a tenth of it say"
        if seen
        else "Check the numbers the model begins with"
    )
    error = TrainingError(
        f"step {len(seen)}: {_culprit(step, parameters, x, y, gradient)}{course}. {advice}. The "
        "parameters are those of the last finite step"
    )
    error.history = history
    return error


def _culprit(step: TrainingStep, parameters: Floats, x: Floats, y: Floats, gradient: Floats) -> str:
    names = list(named_parameters(step.model))
    bad = np.flatnonzero(~np.isfinite(parameters))
    if len(bad):
        return f"parameter {names[bad[0]]} is {parameters[bad[0]]}"
    for number, (row, label) in enumerate(zip(x, y, strict=True)):
        leaves = [*parameters.tolist(), *row.tolist(), *np.atleast_1d(label).tolist()]
        found = _first_not_finite(step.graph, leaves)
        if found:
            return f"point {number} of the batch: {found}"
    bad = np.flatnonzero(~np.isfinite(gradient))
    if len(bad):
        return f"the derivative by {names[bad[0]]} is {gradient[bad[0]]}"
    return "the sum of the losses is not finite"


def _first_not_finite(graph: Graph, leaves: list[float]) -> str:
    """The first operation of a graph that made a number that is not finite out of finite ones."""
    values = run(graph, leaves)
    for index, primitive, operands in graph.operations():
        arguments = [values[i] for i in operands]
        if not math.isfinite(values[index]) and all(map(math.isfinite, arguments)):
            origin = graph.origin(index)
            where = f" ({origin.name})" if origin is not None and origin.name else ""
            numbers = ", ".join(f"{value:.4g}" for value in arguments)
            return f"{primitive.name}({numbers}){where} is {values[index]}"
    return ""


@contextmanager
def _progress(wanted: bool, steps: int) -> Iterator[Callable[[float], None]]:
    """A function to call after each step; draws a bar where one is wanted."""
    if not wanted:
        yield lambda loss: None
        return
    from rich.progress import Progress

    with Progress() as bar:
        task = bar.add_task("training", total=steps)
        yield lambda loss: bar.update(task, advance=1, description=f"loss {loss:.4g}")
