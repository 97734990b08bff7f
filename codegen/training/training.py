"""Compiled training: a model of Values, a loss and a batch become one compiled step.

The model is traced with its parameters as an argument, on a whole batch where its layers are known
or hold matrices, else on one point; ``compile_gradient`` does the rest.  The step computes the
numbers that the interpreted model computes, up to the order in which sums are taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autodiff.errors import ArgumentError, TrainingError
from autodiff.graph.tree.given import given_count
from autodiff.networks.nn import Module
from autodiff.networks.optimizers import SGD, Optimizer
from autodiff.networks.state import named_parameters
from autodiff.run.values.value import Value
from autodiff.trace.trace import trace
from codegen.gradient import compile_gradient
from codegen.training.culprit import first_not_finite
from codegen.training.loss_forms import Loss
from codegen.training.training_step import TrainingStep, checked_points, compile_step
from codegen.training.whole_model import Floats, holds_matrices, whole_model, with_parameters

__all__ = ["TrainingHistory", "predict", "train"]


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
    """The model's outputs at many points, compiled.

    Args:
        model: A module; a call of it takes a list of numbers.
        inputs: Of shape (points, width).

    Returns:
        An array of shape (points,), or (points, outputs) where the model has several.

    Raises:
        ArgumentError: if the inputs do not fit the model.
        TraceError: if the model cannot be traced.

    >>> from autodiff.nn import MLP
    >>> import numpy as np
    >>> predict(MLP(2, [3]), np.zeros((5, 2)))
    array([[0., 0., 0.],
           [0., 0., 0.],
           [0., 0., 0.],
           [0., 0., 0.],
           [0., 0., 0.]])
    """
    x = checked_points("inputs", inputs)
    whole = whole_model(model)
    numbers = np.concatenate([np.ravel(p.data) for p in model.parameters()])
    if whole is not None and (holds_matrices(model) or whole.shapes[0][-1] - 1 == x.shape[1]):
        outputs: Floats = whole.outputs(list(map(Value, whole.pieces(numbers))), x).data
        return outputs
    several = isinstance(model([0.0] * x.shape[1]), list)

    def column(output: int) -> Floats:
        def of_point(parameters: Iterable[object], x: Iterable[object]) -> object:
            result = with_parameters(model, parameters)(list(x))
            return result[output] if several else result

        graph = trace(of_point, numbers, np.zeros(x.shape[1]))
        compiled = compile_gradient(graph, target="numpy", wrt=1, batch=(False, True))
        value: Floats = compiled.forward(numbers, x)[0]
        return value

    if not several:
        return column(0)
    return np.stack([column(k) for k in range(len(model([0.0] * x.shape[1])))], axis=1)


# --- pieces ----------------------------------------------------------------------------------


def _batches(count: int, size: int | None, seed: int) -> Iterator[slice | NDArray[np.intp]]:
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
    names = [
        name if not p.shape else f"{name}[{', '.join(map(str, place))}]"
        for name, p in named_parameters(step.model).items()
        for place in np.ndindex(p.shape)
    ]
    bad = np.flatnonzero(~np.isfinite(parameters))
    if len(bad):
        return f"parameter {names[bad[0]]} is {parameters[bad[0]]}"
    for number, (row, label) in enumerate(zip(x, y, strict=True)):
        found = first_not_finite(step.graph, step.form.parts(parameters, row, label))
        if found:
            return f"point {number} of the batch: {found}"
    bad = np.flatnonzero(~np.isfinite(gradient))
    if len(bad):
        return f"the derivative by {names[bad[0]]} is {gradient[bad[0]]}"
    return "the sum of the losses is not finite"


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
