"""What is measured: one row a problem."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tests.figures import simulations
from tests.figures.contest import by_hand, in_numba, losses

__all__ = ["ARRAYS", "GROWING", "LOOPS", "SIZES", "STEPS", "Arrays", "Problem", "simulation"]

Arrays = tuple[Any, ...]
Loss = Callable[..., Any]
_TITLES = {
    "kalman": "Kalman filter",
    "hmm": "hidden Markov model",
    "garch": "GARCH",
    "lstm": "LSTM",
    "orbit": "orbit",
    "seir": "epidemic",
}
SIZES = (1000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Problem:
    """A loss to differentiate, and where.

    Args:
        name: As the page shows it.
        loss: Of ``np`` and the arguments: parameters first, data behind them.
        arguments: Makes examples, the same ones each time.
        wrt: How many arguments are parameters.
        rows: How many rows of data there are: what the functions in C are told.
        by_hand: Value and gradient over NumPy.
        numba: The same for numba to compile.
        c: Name of the same in C; "" where there is none.
        scanned: Name of the loss among the programs in JAX that scan, where JAX needs a text of its
            own.
        step: True for a step of training: the parameters are moved by the gradient.
    """

    name: str
    loss: Loss
    arguments: Callable[[], Arrays]
    wrt: int
    rows: int
    by_hand: Loss | None = None
    numba: Loss | None = None
    c: str = ""
    scanned: str = ""
    step: bool = False

    @property
    def chosen(self) -> int | tuple[int, ...]:
        """The parameters, as ``wrt`` and ``argnums`` take them."""
        return 0 if self.wrt == 1 else tuple(range(self.wrt))


# --- arguments -----------------------------------------------------------------------------------


def _draw() -> np.random.Generator:
    return np.random.default_rng(0)


def _rows(n: int) -> Arrays:
    draw = _draw()
    return draw.normal(size=10), draw.normal(size=(n, 10)), np.sign(draw.normal(size=n))


def _valley(n: int) -> Arrays:
    return (_draw().uniform(0.5, 1.5, n),)


def _layers(draw: np.random.Generator, *widths: int) -> Arrays:
    made: list[Any] = []
    for a, b in itertools.pairwise(widths):
        made += [draw.normal(size=(a, b)) / np.sqrt(a), np.zeros(b)]
    return tuple(made)


def _mixture(n: int, d: int, k: int) -> Arrays:
    draw, lower = _draw(), d * (d - 1) // 2
    places = np.zeros((lower, d * d))
    i, j = np.tril_indices(d, -1)
    places[np.arange(lower), i * d + j] = 1.0
    parts = draw.normal(size=k), draw.normal(size=(k, d)), 0.3 * draw.normal(size=(k, d))
    return *parts, 0.3 * draw.normal(size=(k, lower)), draw.normal(size=(n, d)), places


def _images(n: int) -> Arrays:
    draw = _draw()
    one_hot = np.eye(10)[draw.integers(0, 10, n)]
    return *_layers(draw, 784, 128, 10), draw.normal(size=(n, 784)), one_hot


def _plane(n: int, width: int, signs: bool) -> Arrays:
    draw = _draw()
    points = draw.normal(size=(n, 2))
    seen = np.sin(points[:, 0] * points[:, 1])
    return *_layers(draw, 2, width, width, 1), points, np.sign(seen) if signs else seen


def _head(n: int) -> Arrays:
    draw = _draw()
    return tuple(draw.normal(size=(n, 16)) for _ in range(3))


def _bodies(n: int) -> Arrays:
    return _draw().normal(size=(n, 3)), np.ones(n)


def _signal(n: int) -> Arrays:
    draw = _draw()
    return draw.normal(size=n), draw.normal(size=16)


def _coder(n: int) -> Arrays:
    draw = _draw()
    coder = (*_layers(draw, 8, 16, 4), *_layers(draw, 16, 4), *_layers(draw, 4, 16, 8))
    return *coder, draw.normal(size=(n, 8)), draw.normal(size=(n, 4))


# --- problems ------------------------------------------------------------------------------------


def _least_squares(n: int) -> Problem:
    hands = by_hand.least_squares, in_numba.least_squares, "least_squares"
    given = partial(_rows, n)
    return Problem(f"least squares, {n} × 10", losses.least_squares, given, 1, n, *hands)


def _rosenbrock(n: int) -> Problem:
    hands = by_hand.rosenbrock, in_numba.rosenbrock, "rosenbrock"
    given = partial(_valley, n)
    return Problem(f"Rosenbrock, {n} inputs", losses.rosenbrock, given, 1, n, *hands)


def simulation(name: str, n: int) -> Problem:
    """A program over time, of so many steps."""
    program = simulations.PROGRAMS[name]

    def loss(_: object, *arguments: Any) -> Any:
        return program(*arguments)

    _, count = simulations.examples(name, 1)
    given = lambda: simulations.examples(name, n)[0]  # noqa: E731  # made when asked
    return Problem(f"{_TITLES[name]}, {n} steps", loss, given, count, n, c=name, scanned=name)


ARRAYS = (
    *map(_least_squares, SIZES[:3]),
    Problem(
        "logistic regression, 100000 × 10", losses.logistic, partial(_rows, 100_000), 1, 100_000,
        by_hand.logistic, in_numba.logistic, "logistic",
    ),
    Problem(
        "mixture of 25 Gaussians, 1000 × 10", losses.mixture, partial(_mixture, 1000, 10, 25), 4,
        1000, by_hand.mixture, in_numba.mixture, "mixture",
    ),
    Problem(
        "MLP 784-128-10, 64 images", losses.network, partial(_images, 64), 4, 64, by_hand.network,
        in_numba.network,
    ),
    Problem(
        "attention, 16 × 16", losses.attention, partial(_head, 16), 3, 16, by_hand.attention,
        in_numba.attention, "attention",
    ),
    Problem("gravity, 100 bodies", losses.gravity, partial(_bodies, 100), 1, 100),
    Problem("convolution, 10000 by 16", losses.convolution, partial(_signal, 10_000), 2, 10_000),
    Problem("autoencoder 8-16-4-16-8, 32 points", losses.autoencoder, partial(_coder, 32), 10, 32),
)  # fmt: skip

STEPS = (
    Problem(
        "micrograd's demo, 2-16-16-1, 100 points", losses.hinge_network,
        partial(_plane, 100, 16, True), 6, 100, by_hand.hinge_network, by_hand.hinge_network,
        step=True,
    ),
    Problem(
        "tanh 2-64-64-1, 1000 points", losses.tanh_network, partial(_plane, 1000, 64, False), 6,
        1000, by_hand.tanh_network, by_hand.tanh_network, step=True,
    ),
)  # fmt: skip

LOOPS = tuple(simulation(name, 1000) for name in simulations.PROGRAMS)

# Each of a number of rows, and the numbers.  A loop's steps are traced one by one: a million would
# take minutes.
GROWING: dict[str, tuple[Callable[[int], Problem], Sequence[int]]] = {
    "least squares, n rows × 10": (_least_squares, SIZES),
    "Rosenbrock, n inputs": (_rosenbrock, SIZES),
    "GARCH, n steps of a loop": (partial(simulation, "garch"), SIZES[:3]),
}
