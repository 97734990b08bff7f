"""Functions whose gradients are mutated: formulas people use, shared parts, kinks of every kind."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from tests.examples_by_path import example

__all__ = ["FUNCTIONS", "points"]


def ratio(x: Any, y: Any) -> Any:
    """A quotient with a shared part."""
    t = x * y + 2.0
    return (t - x) / (t * t + 1.0)


def bell(x: Any, mu: Any, sigma: Any) -> Any:
    """The normal density."""
    z = (x - mu) / sigma
    return np.exp(-0.5 * z * z) / (sigma * np.sqrt(2.0 * np.pi))


def call(s: Any, k: Any, v: Any) -> Any:
    """Black-Scholes with fixed rate and maturity."""
    d1 = (np.log(s / k) + 0.5 * v * v) / v
    return 0.5 * s * (1.0 + ad.erf(d1 / np.sqrt(2.0))) - 0.5 * k * (1.0 + ad.erf((d1 - v) / 2**0.5))


def lognormal(x: Any, m: Any, s: Any) -> Any:
    """The log-normal density."""
    return np.exp(-((np.log(x) - m) ** 2) / (2.0 * s * s)) / (x * s * np.sqrt(2.0 * np.pi))


def pieces(x: Any, y: Any) -> Any:
    """Conditions of all kinds."""
    low = np.where(x > y, np.sin(x) * y, x * x)
    return low + np.maximum(x * y, 0.5) + ad.relu(y - 1.0) * x + abs(x - 2.0)


def huber(a: Any, b: Any, x: Any, y: Any) -> Any:
    """A robust loss of a line."""
    error = a * x + b - y
    return np.where(abs(error) <= 1.0, 0.5 * error * error, abs(error) - 0.5)


def hinge(w: Any, x: Any) -> Any:
    """Hinge loss of a linear classifier, with clipped weights."""
    return np.maximum(1.0 - np.clip(w, -2.0, 2.0) @ x, 0.0) + 0.01 * (w @ w)


def spline(x: Any, k: Any) -> Any:
    """A curve of three pieces, one of them constant."""
    inner = np.where(x < k, x**3 / k, k * x)
    return np.where(x < 0.0, 0.25, inner) + np.minimum(x, k)


def network(x: Any, w: Any) -> Any:
    """One hidden layer of two units."""
    hidden = [np.tanh(w[0] * x + w[1]), np.tanh(w[2] * x + w[3])]
    return hidden[0] * w[4] + hidden[1] * w[5]


def perceptron(x: Any, w: Any, v: Any) -> Any:
    """A multilayer perceptron 2-2-2-1 with two kinds of units."""
    hidden = np.tanh(w @ x)
    second = [ad.relu(v[0] @ hidden), ad.sigmoid(v[1] @ hidden)]
    return (second[0] * 0.7 - second[1] - 0.2) ** 2


def logistic(w: Any, b: Any, x: Any) -> Any:
    """The loss of logistic regression at one point."""
    return np.logaddexp(0.0, -(w @ x + b)) + 0.1 * (w @ w)


def log_sum(x: Any) -> Any:
    """The logarithm of a sum of exponentials."""
    return np.log(np.sum(np.exp(x)))


def ackley(x: Any) -> Any:
    """A test function of optimisers, with nested roots and cosines."""
    root = np.sqrt(np.sum(x * x) / 3.0)
    return -20.0 * np.exp(-0.2 * root) - np.exp(np.sum(np.cos(2.0 * np.pi * x)) / 3.0)


def rotation(q: Any, p: Any) -> Any:
    """A coordinate of a point turned by a quaternion that is not normalised."""
    w, x, y, z = q[0], q[1], q[2], q[3]
    length = w * w + x * x + y * y + z * z
    turned = (w * w + x * x - y * y - z * z) * p[0] + 2.0 * (x * y - w * z) * p[1]
    return (turned + 2.0 * (x * z + w * y) * p[2]) / length


def output(labour: Any, capital: Any, share: Any) -> Any:
    """Cobb-Douglas production: powers with a variable exponent."""
    return labour**share * capital ** (1.0 - share)


def orbit(m: Any, e: Any) -> Any:
    """Kepler's equation by two Newton steps."""
    position = m + e * np.sin(m)
    for _ in range(2):
        position -= (position - e * np.sin(position) - m) / (1.0 - e * np.cos(position))
    return position


Example = tuple[Callable[..., Any], tuple[Any, ...]]


def _example(name: str, function: str, *arguments: Any) -> Example:
    found = getattr(example(name), function)
    return found, arguments or tuple(found.__defaults__)


FUNCTIONS: list[Example] = [
    (ratio, (0.7, 1.9)),
    (bell, (0.4, 0.1, 1.3)),
    (call, (1.1, 0.9, 0.6)),
    (lognormal, (1.4, 0.2, 0.7)),
    (pieces, (1.7, 0.6)),
    (huber, (0.8, -0.4, 1.7, 0.3)),
    (hinge, (np.array([0.4, -0.3, 1.1]), np.array([0.7, 1.2, -0.5]))),
    (spline, (0.7, 1.4)),
    (network, (0.3, np.array([0.4, -0.2, 0.7, 0.1, 1.2, -0.8]))),
    (
        perceptron,
        (
            np.array([0.3, -0.8]),
            np.array([[0.4, -0.2], [0.1, 1.2]]),
            np.array([[0.9, -0.4], [-0.3, 0.8]]),
        ),
    ),
    (logistic, (np.array([0.6, -1.1]), 0.2, np.array([1.4, 0.5]))),
    (log_sum, (np.array([0.3, -0.7, 1.2, 0.1]),)),
    (ackley, (np.array([0.6, -0.4, 1.1]),)),
    (rotation, (np.array([0.9, 0.3, -0.5, 0.2]), np.array([1.1, -0.6, 0.4]))),
    (output, (1.7, 2.4, 0.35)),
    (orbit, (0.8, 0.3)),
    _example("rosenbrock", "rosenbrock", np.array([0.7, 1.2, 0.9, 1.4])),
    _example("double_pendulum", "lagrangian", np.array([0.7, -0.4]), np.array([0.3, 1.1])),
    _example("black_scholes", "price"),
    _example("reprojection", "objective"),
]


def points(examples: tuple[Any, ...]) -> list[list[Any]]:
    """Points around the examples and beyond, arrays as the flat lists emitted functions take."""
    draw = random.Random(1)

    def near(x: float, spread: float) -> float:
        return x * (1.0 + spread * draw.uniform(-1, 1))

    return [
        [
            [near(x, spread) for x in np.ravel(e).tolist()] if np.ndim(e) else near(e, spread)
            for e in examples
        ]
        for spread in (0.0, 0.1, 0.4, 0.4, 1.5, 1.5, 1.5, 2.5, 2.5)
    ]
