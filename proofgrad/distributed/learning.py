"""Training over rows in partitions: each step moves along the mean gradient of some of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from autodiff.errors import ArgumentError, TrainingError
from autodiff.graph.structure import Tuple
from autodiff.graph.tree.given import given_count
from autodiff.graph.tree.leaves import Floats
from autodiff.graph.tree.tree import Tree, tree_of
from autodiff.networks.optimizers import SGD, Optimizer
from autodiff.run.values.value import Value
from codegen.training.training import TrainingHistory
from proofgrad.distributed.schedulers import Rows
from proofgrad.distributed.summed_rows import Distributed

__all__ = ["train"]


def train(
    total: Distributed,
    parameters: object,
    *rows: object,
    optimizer: Callable[[list[Value]], Optimizer] | None = None,
    steps: int = 100,
    partitions: int | None = None,
) -> tuple[object, TrainingHistory]:
    """Minimise the mean of a distributed sum; each step is computed by all workers.

    Args:
        total: What ``distribute`` made.
        parameters: Where to begin: the shared argument, a tuple if there are several.
        rows: The collections, as for a call of ``total``.
        optimizer: Makes an optimiser of Values, one per number of the parameters; by default
            ``SGD`` with learning rate 0.1: ``functools.partial(Adam, learning_rate=0.01)``.
        steps: Number of steps.
        partitions: How many partitions a step takes, in turn; None: all of them.

    Returns:
        The parameters after the last step, in their structure, and the losses before each step,
        which are means over the rows that it took.  The same bits whatever the workers do.

    Raises:
        ArgumentError: if parameters, collections or counts do not fit.
        TrainingError: if loss or gradient stop being finite; ``error.history`` has the losses and
            ``error.parameters`` those of the last finite step.

    >>> from proofgrad.distributed import distribute
    >>> total = distribute(lambda w, x, y: (w * x - y) ** 2, 0.0, 0.0, 0.0)
    >>> import dask.array as da  # doctest: +SKIP
    >>> x = da.linspace(0.0, 1.0, 100, chunks=25)  # doctest: +SKIP
    >>> w, history = train(total, 0.0, x, 3.0 * x, steps=200)  # doctest: +SKIP
    >>> round(w, 6)  # doctest: +SKIP
    3.0
    """
    if not isinstance(total, Distributed):
        raise ArgumentError(
            f"train: found {type(total).__name__}; expected what distribute(...) made"
        )
    tree = _tree_of(total)
    current: Floats = np.array(tree.leaves(parameters, "parameters"), dtype=np.float64)
    moving = _made(optimizer or _descent, [Value(x) for x in current.tolist()])
    history, turns = TrainingHistory(), _turns(total.rows(rows), partitions)
    good = current
    for _ in range(given_count("steps", steps)):
        value, gradient = _mean(total, tree.rebuild(current.tolist()), next(turns))
        if not (math.isfinite(value) and np.isfinite(gradient).all()):
            raise _blown_up(history, tree.rebuild(good.tolist()))
        history.losses.append(value)
        history.learning_rates.append(moving.rate())
        good = current
        current = current + moving.update(gradient)
    return tree.rebuild(current.tolist()), history


def _made(maker: Callable[[list[Value]], Optimizer], parameters: list[Value]) -> Optimizer:
    try:
        made: object = maker(parameters)
    except TypeError as error:
        raise ArgumentError(f"optimizer: {error}; expected what takes a list of Values") from None
    if not isinstance(made, Optimizer):
        raise ArgumentError(f"optimizer: makes {type(made).__name__}; expected an optimiser")
    return made


def _descent(parameters: list[Value]) -> Optimizer:
    return SGD(parameters, 0.1)


def _tree_of(total: Distributed) -> Tree:
    """The structure of the parameters, which the gradient mirrors."""
    assert isinstance(total.compiled.result, Tuple)  # of the value and the gradient
    return tree_of(total.compiled.result.items[1])


def _turns(rows: Rows, partitions: int | None) -> Iterator[Rows]:
    """The rows of each step: so many partitions in turn."""
    count = len(rows.partitions)
    size = count if partitions is None else min(given_count("partitions", partitions), count)
    start = 0
    while True:
        taken = [rows.partitions[(start + k) % count] for k in range(size)]
        yield replace(rows, partitions=taken)
        start = (start + size) % count


def _mean(total: Distributed, parameters: object, rows: Rows) -> tuple[float, Floats]:
    """Mean value over some rows, and the numbers of its gradient."""
    shared: Sequence[object] = (parameters,)
    if total.shared_count > 1:
        assert isinstance(parameters, tuple)
        shared = parameters
    part = total.scheduler.result(total.task(shared, rows))
    means = part[:-1] / part[-1]
    return float(means[0]), means[1:]


def _blown_up(history: TrainingHistory, parameters: object) -> TrainingError:
    seen = history.losses
    course = f"; the loss was {seen[0]:.4g} at first and {seen[-1]:.4g} just before" if seen else ""
    advice = (
        f"Try a learning rate below {history.learning_rates[-1]:.3g}, a tenth of it say"
        if seen
        else "Check the numbers that training begins with, and the rows"
    )
    error = TrainingError(
        f"step {len(seen)}: the mean or its gradient is not finite{course}. {advice}. "
        "error.parameters are those of the last finite step"
    )
    error.history, error.parameters = history, parameters
    return error
