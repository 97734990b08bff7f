"""Gradients of whole arrays as people write them with NumPy, to be changed and refuted."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.array_functions import (
    ARRAYS,
    Example,
    attention,
    batch_norm,
    distances,
    embedding,
    heat,
    pieces,
    rectified,
    running,
    smooth_path,
    softmax_regression,
    two_layers,
)

__all__ = ["GRADIENTS", "ByHand", "as_function"]


class ByHand(NamedTuple):
    """A function, an example, and a right gradient of it as text."""

    example: Example
    text: str


_TEXTS: dict[Any, str] = {
    two_layers: """
def gradient(w, v, x):
    hidden = np.tanh(x @ w + 0.1)
    error = 2.0 * (hidden @ v - 0.3)
    back = np.outer(error, v) * (1.0 - hidden * hidden)
    return x.T @ back, hidden.T @ error, back @ w.T
""",
    softmax_regression: """
def gradient(w, x):
    scores = x @ w
    weights = np.exp(scores - np.max(scores, axis=1).reshape(5, 1))
    share = weights / np.sum(weights, axis=1).reshape(5, 1)
    share[:, 1] = share[:, 1] - 1.0
    return x.T @ share / 5.0, share @ w.T / 5.0
""",
    rectified: """
def gradient(w, x, b):
    z = x @ w + b
    back = np.where(z > 0.0, 2.0 * z, 0.0) / 20.0
    return x.T @ back + 0.02 * w, back @ w.T, np.sum(back, axis=0)
""",
    smooth_path: """
def gradient(p):
    bends = 2.0 * (p[2:] - 2.0 * p[1:-1] + p[:-2])
    found = np.zeros(8)
    found[2:] = found[2:] + bends
    found[1:-1] = found[1:-1] - 2.0 * bends
    found[:-2] = found[:-2] + bends
    found[0] = found[0] + 2.0 * (p[0] - 1.0)
    found[-1] = found[-1] + 2.0 * (p[-1] + 1.0)
    return found
""",
    heat: """
def gradient(u, k):
    inner = u[1:-1, 1:-1]
    around = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * inner
    after = 2.0 * (inner + k * around)
    found = np.zeros((5, 6))
    found[1:-1, 1:-1] += (1.0 - 4.0 * k) * after
    found[2:, 1:-1] += k * after
    found[:-2, 1:-1] += k * after
    found[1:-1, 2:] += k * after
    found[1:-1, :-2] += k * after
    return found, np.sum(after * around)
""",
    attention: """
def gradient(q, k, v):
    scores = np.exp(q @ k.T / 2.0)
    share = scores / np.sum(scores, axis=1).reshape(3, 1)
    error = 2.0 * (share @ v)
    back = error @ v.T
    back = share * (back - np.sum(share * back, axis=1).reshape(3, 1)) / 2.0
    return back @ k, back.T @ q, share.T @ error
""",
    embedding: """
def gradient(table, w):
    found, total = np.zeros((4, 3)), np.zeros(3)
    for i in [0, 2, 2, 3]:
        slope = np.cos(table[i] @ w)
        found[i] = found[i] + slope * w
        total = total + slope * table[i]
    return found, total
""",
    running: """
def gradient(x, w):
    sums = 2.0 * np.cumsum(x * w)
    left = np.flip(np.cumsum(np.flip(sums)))
    return left * w + np.flip(w), left * x + np.flip(x)
""",
    pieces: """
def gradient(x, y):
    above = x > y
    inside = np.abs(x * y) <= 0.5
    far = 3.0 * np.abs(x - 0.3) * (x - 0.3)
    by_x = np.where(above, np.cos(x) * y, 2.0 * x) + np.where(inside, y, 0.0) + far
    by_y = np.where(above, np.sin(x), 0.0) + np.where(inside, x, 0.0)
    return by_x, by_y
""",
    distances: """
def gradient(p, q):
    apart = p.reshape(3, 1, 2) - q.reshape(1, 4, 2)
    length = np.sqrt(np.sum(apart * apart, axis=2) + 0.01)
    unit = apart / length.reshape(3, 4, 1)
    return np.sum(unit, axis=1), -np.sum(unit, axis=0)
""",
    batch_norm: """
def gradient(x, g):
    centred = x - np.sum(x, axis=0) / 5.0
    spread = np.sqrt(np.sum(centred * centred, axis=0) / 5.0 + 0.1)
    unit = centred / spread
    out = 1.0 - np.tanh(g * unit) ** 2
    back = out * g
    down = back - np.sum(back, axis=0) / 5.0 - unit * np.sum(back * unit, axis=0) / 5.0
    return down / spread, np.sum(out * unit, axis=0)
""",
}

GRADIENTS = [ByHand(example, _TEXTS[example[0]]) for example in ARRAYS if example[0] in _TEXTS]


def as_function(text: str) -> Any:
    """The gradient as a function: texts of ours and their mutants are run."""
    names: dict[str, Any] = {}
    exec(compile(f"import numpy as np\n{text}", "gradient", "exec"), names)
    return names["gradient"]
