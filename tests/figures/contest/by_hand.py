"""Values and gradients of the losses as people write them over NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "attention", "hinge_network", "least_squares", "logistic", "mixture", "network", "rosenbrock",
    "tanh_network",
]  # fmt: skip


def rosenbrock(x: Any) -> Any:
    """Two slices of the gradient overlap."""
    d, e = x[1:] - x[:-1] * x[:-1], 1.0 - x[:-1]
    bar = np.zeros_like(x)
    bar[1:] = 200.0 * d
    bar[:-1] -= 400.0 * x[:-1] * d + 2.0 * e
    return 100.0 * (d @ d) + e @ e, bar


def least_squares(w: Any, A: Any, b: Any) -> Any:
    """Two products."""
    residual = A @ w - b
    return residual @ residual, A.T @ (2.0 * residual)


def logistic(w: Any, X: Any, y: Any) -> Any:
    """One exponential serves both."""
    e = np.exp(-y * (X @ w))
    return np.mean(np.log1p(e)), X.T @ (-y * e / (1.0 + e)) / y.size


def mixture(alphas: Any, means: Any, logs: Any, lower: Any, X: Any, places: Any) -> Any:
    """Responsibilities, and what they pull at."""
    d, n = means.shape[1], X.shape[0]
    scales, sums = np.exp(logs), np.sum(logs, axis=1)
    L = (lower @ places).reshape(-1, d, d)
    centred = X[:, None, :] - means
    turned = scales * centred + np.einsum("kij,nkj->nki", L, centred, optimize=True)
    inner = alphas + sums - 0.5 * np.einsum("nki,nki->nk", turned, turned)
    largest = np.max(inner, axis=1, keepdims=True)
    weights = np.exp(inner - largest)
    each = np.sum(weights, axis=1, keepdims=True)
    weights /= each
    shares = np.exp(alphas - np.max(alphas))
    total = np.sum(shares)
    prior = 0.5 * (np.sum(scales**2) + np.sum(L**2)) - np.sum(sums)
    value = np.sum(np.log(each) + largest) - n * (np.log(total) + np.max(alphas)) + prior
    counts, turned_bar = np.sum(weights, axis=0), -weights[:, :, None] * turned
    scales_bar = np.sum(turned_bar * centred, axis=0) + scales
    L_bar = np.einsum("nki,nkj->kij", turned_bar, centred, optimize=True) + L
    pulled = scales * turned_bar + np.einsum("kij,nki->nkj", L, turned_bar, optimize=True)
    return value, (
        counts - n * shares / total,
        -np.sum(pulled, axis=0),
        scales_bar * scales + (counts - 1.0)[:, None],
        L_bar.reshape(-1, d * d) @ places.T,
    )


def network(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, Y: Any) -> Any:
    """Cross entropy: its cotangent is the probabilities less the labels."""
    before = X @ W1 + b1
    hidden = np.maximum(before, 0.0)
    z = hidden @ W2 + b2
    z -= np.max(z, axis=1, keepdims=True)
    e = np.exp(z)
    s = np.sum(e, axis=1, keepdims=True)
    value = np.mean(np.log(s[:, 0]) - np.sum(z * Y, axis=1))
    z_bar = (e / s - Y) / len(X)
    hidden_bar = (z_bar @ W2.T) * (before > 0.0)
    return value, (X.T @ hidden_bar, hidden_bar.sum(0), hidden.T @ z_bar, z_bar.sum(0))


def attention(Q: Any, K: Any, V: Any) -> Any:
    """Through the softmax by its rows."""
    s = Q @ K.T / 4.0
    p = np.exp(s - np.max(s, axis=-1, keepdims=True))
    p /= np.sum(p, axis=-1, keepdims=True)
    o = p @ V
    o_bar = 2.0 * o
    p_bar = o_bar @ V.T
    s_bar = p * (p_bar - np.sum(p_bar * p, axis=-1, keepdims=True)) / 4.0
    return np.sum(o * o), (s_bar @ K, s_bar.T @ Q, p.T @ o_bar)


# The next two are written so that numba compiles them as they are.


def tanh_network(W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any, X: Any, y: Any) -> Any:
    """Three layers forwards, three backwards."""
    h = np.tanh(X @ W1 + b1)
    k = np.tanh(h @ W2 + b2)
    e = (k @ W3 + b3)[:, 0] - y
    o_bar = (2.0 / y.size * e).reshape(-1, 1)
    k_bar = (o_bar @ W3.T) * (1.0 - k * k)
    h_bar = (k_bar @ W2.T) * (1.0 - h * h)
    return np.mean(e * e), (
        X.T @ h_bar,
        np.sum(h_bar, axis=0),
        h.T @ k_bar,
        np.sum(k_bar, axis=0),
        k.T @ o_bar,
        np.sum(o_bar, axis=0),
    )


def hinge_network(W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any, X: Any, y: Any) -> Any:
    """The same with rectified layers, a margin and a penalty."""
    h = np.maximum(X @ W1 + b1, 0.0)
    k = np.maximum(h @ W2 + b2, 0.0)
    margin = np.maximum(1.0 - y * (k @ W3 + b3)[:, 0], 0.0)
    o_bar = np.where(margin > 0.0, -y / y.size, 0.0).reshape(-1, 1)
    k_bar = (o_bar @ W3.T) * (k > 0.0)
    h_bar = (k_bar @ W2.T) * (h > 0.0)
    squares = np.sum(W1 * W1) + np.sum(b1 * b1) + np.sum(W2 * W2) + np.sum(b2 * b2)
    squares += np.sum(W3 * W3) + np.sum(b3 * b3)
    return np.mean(margin) + 1e-4 * squares, (
        X.T @ h_bar + 2e-4 * W1,
        np.sum(h_bar, axis=0) + 2e-4 * b1,
        h.T @ k_bar + 2e-4 * W2,
        np.sum(k_bar, axis=0) + 2e-4 * b2,
        k.T @ o_bar + 2e-4 * W3,
        np.sum(o_bar, axis=0) + 2e-4 * b3,
    )
