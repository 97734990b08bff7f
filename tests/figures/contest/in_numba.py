"""Values and gradients of the losses as loops, for ``numba.njit``."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["attention", "least_squares", "logistic", "mixture", "network", "rosenbrock"]


def rosenbrock(x: Any) -> Any:
    """One loop."""
    value, bar = 0.0, np.zeros(x.size)
    for i in range(x.size - 1):
        d, e = x[i + 1] - x[i] * x[i], 1.0 - x[i]
        value += 100.0 * d * d + e * e
        bar[i + 1] = 200.0 * d
        bar[i] -= 400.0 * x[i] * d + 2.0 * e
    return value, bar


def least_squares(w: Any, A: Any, b: Any) -> Any:
    """One loop over rows."""
    total, bar = 0.0, np.zeros(w.size)
    for i in range(b.size):
        residual = -b[i]
        for j in range(w.size):
            residual += A[i, j] * w[j]
        total += residual * residual
        for j in range(w.size):
            bar[j] += 2.0 * residual * A[i, j]
    return total, bar


def logistic(w: Any, X: Any, y: Any) -> Any:
    """One loop over rows."""
    total, bar = 0.0, np.zeros(w.size)
    for i in range(y.size):
        z = 0.0
        for j in range(w.size):
            z += X[i, j] * w[j]
        e = np.exp(-y[i] * z)
        total += np.log1p(e)
        pull = -y[i] * e / (1.0 + e)
        for j in range(w.size):
            bar[j] += pull * X[i, j]
    return total / y.size, bar / y.size


def mixture(alphas: Any, means: Any, logs: Any, lower: Any, X: Any, places: Any) -> Any:
    """One loop over points: each part's numbers are kept until its share is known."""
    (K, d), n = means.shape, X.shape[0]
    scales, top, prior = np.exp(logs), np.max(alphas), 0.0
    shares = np.exp(alphas - top)
    total = np.sum(shares)
    alphas_bar, means_bar = -n * shares / total, np.zeros((K, d))
    logs_bar, lower_bar = scales * scales - 1.0, lower.copy()
    prior = 0.5 * (np.sum(scales * scales) + np.sum(lower * lower)) - np.sum(logs)
    value = prior - n * (np.log(total) + top)
    base = np.empty(K)
    for k in range(K):
        base[k] = alphas[k] + np.sum(logs[k])
    centred, turned, inner = np.empty((K, d)), np.empty((K, d)), np.empty(K)
    for i in range(n):
        largest = -np.inf
        for k in range(K):
            place, square = 0, 0.0
            for a in range(d):
                centred[k, a] = X[i, a] - means[k, a]
                t = scales[k, a] * centred[k, a]
                for b in range(a):
                    t += lower[k, place] * centred[k, b]
                    place += 1
                turned[k, a] = t
                square += t * t
            inner[k] = base[k] - 0.5 * square
            largest = max(largest, inner[k])
        each = 0.0
        for k in range(K):
            inner[k] = np.exp(inner[k] - largest)
            each += inner[k]
        value += np.log(each) + largest
        for k in range(K):
            share, place = inner[k] / each, 0
            alphas_bar[k] += share
            for a in range(d):
                t_bar = -share * turned[k, a]
                logs_bar[k, a] += t_bar * centred[k, a] * scales[k, a] + share
                means_bar[k, a] -= t_bar * scales[k, a]
                for b in range(a):
                    lower_bar[k, place] += t_bar * centred[k, b]
                    means_bar[k, b] -= t_bar * lower[k, place]
                    place += 1
    return value, (alphas_bar, means_bar, logs_bar, lower_bar)


def network(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, Y: Any) -> Any:
    """Products of matrices by BLAS, the rest in loops."""
    hidden = np.maximum(X @ W1 + b1, 0.0)
    z = hidden @ W2 + b2
    n, labels, value = z.shape[0], z.shape[1], 0.0
    for i in range(n):
        largest, s, at_label = np.max(z[i]), 0.0, 0.0
        for j in range(labels):
            at_label += (z[i, j] - largest) * Y[i, j]
            z[i, j] = np.exp(z[i, j] - largest)
            s += z[i, j]
        value += np.log(s) - at_label
        for j in range(labels):
            z[i, j] = (z[i, j] / s - Y[i, j]) / n
    hidden_bar = z @ W2.T
    for i in range(n):
        for j in range(hidden.shape[1]):
            if hidden[i, j] <= 0.0:
                hidden_bar[i, j] = 0.0
    return value / n, (
        X.T @ hidden_bar,
        np.sum(hidden_bar, axis=0),
        hidden.T @ z,
        np.sum(z, axis=0),
    )


def attention(Q: Any, K: Any, V: Any) -> Any:
    """One loop over queries."""
    n, d, value = Q.shape[0], Q.shape[1], 0.0
    Q_bar, K_bar, V_bar = np.zeros((n, d)), np.zeros((n, d)), np.zeros((n, d))
    p, p_bar, o = np.empty(n), np.empty(n), np.empty(d)
    for i in range(n):
        for j in range(n):
            s = 0.0
            for a in range(d):
                s += Q[i, a] * K[j, a]
            p[j] = s / 4.0
        largest, total = np.max(p), 0.0
        for j in range(n):
            p[j] = np.exp(p[j] - largest)
            total += p[j]
        o[:] = 0.0
        for j in range(n):
            p[j] /= total
            for a in range(d):
                o[a] += p[j] * V[j, a]
        along = 0.0
        for j in range(n):
            p_bar[j] = 0.0
            for a in range(d):
                p_bar[j] += 2.0 * o[a] * V[j, a]
                V_bar[j, a] += p[j] * 2.0 * o[a]
            along += p_bar[j] * p[j]
        for j in range(n):
            s_bar = p[j] * (p_bar[j] - along) / 4.0
            for a in range(d):
                Q_bar[i, a] += s_bar * K[j, a]
                K_bar[j, a] += s_bar * Q[i, a]
        for a in range(d):
            value += o[a] * o[a]
    return value, (Q_bar, K_bar, V_bar)
