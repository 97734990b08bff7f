"""Losses with loops, and their parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from codegen import CompiledGradient, compile_gradient
from tests.autodiff.trace.whole.test_programs import flat

Loss = Callable[..., Any]


def scalars(w: Any, x: Any) -> Any:
    """Two carries of one number that need each other, a constant, a stack."""

    def step(carry: Any, y: Any) -> Any:
        a, b = carry
        return (np.tanh(b * w[0] + y), a + w[1] / (1.5 + b * b)), np.exp(-a * a)

    (a, b), stacked = ad.scan(step, (0.3, w[1]), x)
    return np.sum(stacked * stacked) + a * b


def backwards(w: Any, x: Any) -> Any:
    """From the last element to the first; what is stacked is an element and a carry."""
    last, (seen, before) = ad.scan(
        lambda c, y: (np.sin(c * w[0]) + y, (y * c, c)), w[1], x, reverse=True
    )
    return np.sum(seen * before) + last


def exchanged(w: Any, x: Any) -> Any:
    """Carries that take each other's place, and one that never changes."""

    def step(carry: Any, y: Any) -> Any:
        one, other, same = carry
        return (other, one, same), one * y * same

    (one, other, _), stacked = ad.scan(step, (w[0], w[1] * 2.0, w[0] - 0.5), x)
    return np.sum(stacked) + one * other * other


def filtering(w: Any, x: Any) -> Any:
    """A filter over matrices: products, what stays the same, a logarithm."""
    F = np.array([[1.0, 0.1], [0.0, 0.9]])

    def step(carry: Any, y: Any) -> Any:
        m, P = carry
        m, P = F @ m, F @ P @ F.T + w[0] * w[0] * np.eye(2)
        s = P[0, 0] + w[1] * w[1]
        gain = P[:, 0] / s
        r = y - m[0]
        return (m + gain * r, P - np.outer(gain, P[0])), 0.5 * (np.log(s) + r * r / s)

    _, parts = ad.scan(step, (np.zeros(2), np.eye(2)), x)
    return np.sum(parts)


def network(w: Any, x: Any) -> Any:
    """Vectors that fill registers, turned by a matrix that stays the same."""
    W = np.outer(np.sin(np.arange(11.0)), np.cos(np.arange(11.0))) * w[0]

    def step(h: Any, y: Any) -> Any:
        h = np.tanh(W @ h + y + w[1])
        return h, h[3:7]

    h, stacked = ad.scan(step, np.linspace(-1.0, 1.0, 11), x)
    return np.sum(h * h) + np.sum(stacked[:, 1:] * stacked[:, :-1])


def field(w: Any, x: Any) -> Any:
    """Carries of hundreds of numbers, which change places; neighbours are read."""
    start = np.sin(np.linspace(0.0, 3.0, 150)) * w[0]

    def step(u: Any, y: Any) -> Any:
        inner = u[1:-1] + w[1] * (u[2:] - 2.0 * u[1:-1] + u[:-2]) + 0.01 * y
        u = np.concatenate([u[:1], inner, u[-1:]])
        return u, u[75]

    u, middle = ad.scan(step, start, x)
    return np.sum(u * u) + np.sum(middle)


def nested(w: Any, x: Any) -> Any:
    """A loop inside a loop, which reads carries and elements of the outer one."""
    table = np.outer(x, np.array([0.5, -0.2, 0.3]))

    def outer(total: Any, row: Any) -> Any:
        def inner(c: Any, y: Any) -> Any:
            return np.sin(c * w[0] + y * total), c * total

        last, stacked = ad.scan(inner, w[1], row)
        return total + last * np.sum(stacked), stacked[1:]

    last, stacked = ad.scan(outer, w[0], table)
    return last + np.sum(stacked)


def indexed(w: Any, x: Any) -> Any:
    """Rows that an index of a stream picks, and one that is added to."""
    table = np.outer(w, np.arange(1.0, 5.0))
    places = np.arange(x.shape[0]) % 2

    def step(c: Any, element: Any) -> Any:
        k, y = element
        return c * 0.7 + table[k] * y, np.sum(c)

    c, stacked = ad.scan(step, np.zeros(4), (places, x))
    return np.sum(c * c) + np.sum(stacked)


def deciding(w: Any, x: Any) -> Any:
    """Values that are chosen by others, and the largest of a few."""

    def step(c: Any, y: Any) -> Any:
        c = np.where(c > y, c * w[0], np.maximum(y, 0.1) + w[1])
        return c, np.max(np.stack([c, y, w[0]]))

    c, stacked = ad.scan(step, 0.2, x)
    return c + np.sum(stacked)


def solving(w: Any, x: Any) -> Any:
    """A row that NumPy computes, in every repetition."""

    def step(c: Any, y: Any) -> Any:
        A = np.array([[2.0, 0.3], [0.1, 1.5]]) + np.outer(c, c)
        return np.linalg.solve(A, c + w * y), np.sum(np.sort(np.cumsum(c))[1:])

    c, stacked = ad.scan(step, w, x)
    return np.sum(c * c) + np.sum(stacked)


def beside(w: Any, x: Any) -> Any:
    """Loops one after the other, arrays before, between and behind them."""
    scaled = np.cos(x) * w[0]
    last, first = ad.scan(lambda c, y: (c * 0.5 + y, c * y), w[1], scaled)
    turned = first[::-1] + last
    _, second = ad.scan(lambda c, y: (c + y * w[0], np.sin(c)), 0.0, turned, reverse=True)
    return np.sum(second * scaled) + np.mean(turned)


def counting(w: Any, x: Any) -> Any:
    """No stream: the length alone; the result is a carry."""
    c, _ = ad.scan(lambda c, _: (np.sin(c) + w[0] * c, None), w[1], length=x.shape[0])
    return c * np.sum(x)


LOSSES: dict[str, Loss] = {
    f.__name__: f
    for f in (
        scalars, backwards, exchanged, filtering, network, field, nested, indexed, deciding,
        solving, beside, counting,
    )
}  # fmt: skip


W = np.array([0.6, 0.35])


def _x(length: int) -> Any:
    return np.sin(np.arange(1.0, length + 1.0) * 1.3)


def _native(function: Loss, *examples: Any, **options: Any) -> CompiledGradient:
    return compile_gradient(function, *examples, target="native", expand=False, **options)


def _agrees(found: object, expected: object, relative: float = 1e-11) -> None:
    scale = max(1.0, float(np.max(np.abs(flat(expected)))))
    np.testing.assert_allclose(flat(found), flat(expected), rtol=relative, atol=1e-13 * scale)
