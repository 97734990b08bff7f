"""Losses over whole arrays, written once for everybody: ``np`` is NumPy, JAX's or PyTorch's."""

from __future__ import annotations

from typing import Any

__all__ = [
    "attention", "autoencoder", "convolution", "gravity", "hinge_network", "least_squares",
    "logistic", "mixture", "network", "rosenbrock", "tanh_network",
]  # fmt: skip


def rosenbrock(np: Any, x: Any) -> Any:
    """Rosenbrock's valley of any length."""
    return np.sum(100.0 * (x[1:] - x[:-1] * x[:-1]) ** 2 + (1.0 - x[:-1]) ** 2)


def least_squares(np: Any, w: Any, A: Any, b: Any) -> Any:
    """Sum of squared residuals."""
    return np.sum((A @ w - b) ** 2)


def logistic(np: Any, w: Any, X: Any, y: Any) -> Any:
    """Mean logistic loss, labels of -1 and 1."""
    return np.mean(np.log1p(np.exp(-y * (X @ w))))


def mixture(np: Any, alphas: Any, means: Any, logs: Any, lower: Any, X: Any, places: Any) -> Any:
    """ADBench's log likelihood of a mixture of Gaussians, with a Wishart prior."""
    d, n = means.shape[1], X.shape[0]
    scales, sums = np.exp(logs), np.sum(logs, axis=1)
    L = (lower @ places).reshape(-1, d, d)
    centred = X[:, None, :] - means[None]
    turned = scales * centred + np.einsum("kij,nkj->nki", L, centred)
    inner = alphas + sums - 0.5 * np.sum(turned**2, axis=2)
    largest = np.max(inner, axis=1)
    each = np.log(np.sum(np.exp(inner - largest[:, None]), axis=1)) + largest
    top = np.max(alphas)
    total = np.log(np.sum(np.exp(alphas - top))) + top
    prior = 0.5 * (np.sum(scales**2) + np.sum(L**2)) - np.sum(sums)
    return np.sum(each) - n * total + prior


def network(np: Any, W1: Any, b1: Any, W2: Any, b2: Any, X: Any, Y: Any) -> Any:
    """Cross entropy of a network with one hidden layer."""
    hidden = np.maximum(X @ W1 + b1, 0.0)
    z = hidden @ W2 + b2
    z = z - np.max(z, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(z * Y, axis=1))


def tanh_network(np: Any, *given: Any) -> Any:
    """Mean squared error of a network of tanh layers; the last two arguments are the data."""
    *weights, X, y = given
    h = X
    for k in range(0, len(weights) - 2, 2):
        h = np.tanh(h @ weights[k] + weights[k + 1])
    return np.mean(((h @ weights[-2] + weights[-1])[:, 0] - y) ** 2)


def hinge_network(np: Any, *given: Any) -> Any:
    """micrograd's demo: hinge loss of a ReLU network, with a penalty on the weights."""
    *weights, X, y = given
    h = X
    for k in range(0, len(weights) - 2, 2):
        h = np.maximum(h @ weights[k] + weights[k + 1], 0.0)
    score = (h @ weights[-2] + weights[-1])[:, 0]
    return np.mean(np.maximum(1.0 - y * score, 0.0)) + 1e-4 * sum(np.sum(w * w) for w in weights)


def gravity(np: Any, x: Any, m: Any) -> Any:
    """Potential energy of bodies, softened."""
    d = x[:, None, :] - x[None, :, :]
    r2 = np.sum(d * d, axis=-1) + 0.01
    return -0.5 * np.sum(m[:, None] * m[None, :] / np.sqrt(r2))


def convolution(np: Any, x: Any, k: Any) -> Any:
    """Energy of a filtered signal."""
    return np.sum(np.convolve(x, k, "valid") ** 2)


def attention(np: Any, Q: Any, K: Any, V: Any) -> Any:
    """One head of attention, and a loss of its result."""
    s = Q @ K.T / 4.0
    s = s - np.max(s, axis=-1, keepdims=True)
    p = np.exp(s)
    p = p / np.sum(p, axis=-1, keepdims=True)
    return np.sum((p @ V) ** 2)


def autoencoder(np: Any, *given: Any) -> Any:
    """Evidence bound of a variational autoencoder with one hidden layer on each side."""
    W1, b1, Wm, bm, Ws, bs, W2, b2, W3, b3, X, noise = given
    hidden = np.tanh(X @ W1 + b1)
    mean, spread = hidden @ Wm + bm, hidden @ Ws + bs
    z = mean + np.exp(0.5 * spread) * noise
    made = np.tanh(z @ W2 + b2) @ W3 + b3
    kept = np.sum((made - X) ** 2, axis=1)
    far = 0.5 * np.sum(np.exp(spread) + mean**2 - 1.0 - spread, axis=1)
    return np.mean(kept + far)
