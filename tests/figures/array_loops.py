"""Figures of machine code over whole arrays: ``python -m tests.figures.array_loops [CASE ...]``.

Value and gradient of losses over arrays: ours (targets "native" and "numpy"), the gradient written
by hand over NumPy, JAX (jit) and loops by hand in numba, where these are installed.  Rounds
alternate; medians of processor time are compared, which other programs disturb least.  Pin it to
one core and one thread for everybody::

    taskset -c 0 env OPENBLAS_NUM_THREADS=1 JAX_PLATFORMS=cpu python -m tests.figures.array_loops
"""

from __future__ import annotations

import itertools
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from codegen import compile_gradient

Arrays = tuple[Any, ...]
_ROUNDS, _SPAN = 15, 0.02  # rounds, and seconds of one

_DRAW = np.random.default_rng(0)


@dataclass(frozen=True)
class Case:
    """A loss.

    Args:
        loss: Of arrays of parameters first, data behind them.
        arguments: Examples.
        wrt: How many arguments are parameters.
        jax: The same in JAX; None: the same text runs with ``jax.numpy`` for ``np``.
        by_hand: Value and gradient over NumPy.
        numba: Value and gradient as loops, to be compiled by numba.
    """

    loss: Callable[..., Any]
    arguments: Arrays
    wrt: int = 1
    jax: Callable[..., Any] | None = None
    by_hand: Callable[..., Any] | None = None
    numba: Callable[..., Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)


# --- losses --------------------------------------------------------------------------------------


def least_squares(np: Any, w: Any, A: Any, b: Any) -> Any:
    """Sum of squared residuals."""
    return np.sum((A @ w - b) ** 2)


def least_squares_by_hand(w: Any, A: Any, b: Any) -> Any:
    """As people write it."""
    residual = A @ w - b
    return residual @ residual, A.T @ (2.0 * residual)


def least_squares_loops(w: Any, A: Any, b: Any) -> Any:
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


def logistic(np: Any, w: Any, X: Any, y: Any) -> Any:
    """Mean logistic loss, labels of -1 and 1."""
    return np.mean(np.log1p(np.exp(-y * (X @ w))))


def logistic_by_hand(w: Any, X: Any, y: Any) -> Any:
    """As people write it."""
    e = np.exp(-y * (X @ w))
    return np.mean(np.log1p(e)), X.T @ (-y * e / (1.0 + e)) / y.size


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


def network_by_hand(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, Y: Any) -> Any:
    """As people write it."""
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


# --- cases ---------------------------------------------------------------------------------------


def _rows(n: int, d: int = 10) -> Arrays:
    return _DRAW.normal(size=d), _DRAW.normal(size=(n, d)), np.sign(_DRAW.normal(size=n))


def _layers(*widths: int) -> Arrays:
    made: list[Any] = []
    for a, b in itertools.pairwise(widths):
        made += [_DRAW.normal(size=(a, b)) / np.sqrt(a), np.zeros(b)]
    return tuple(made)


def _mixture(n: int, d: int, k: int) -> Arrays:
    lower = d * (d - 1) // 2
    places = np.zeros((lower, d * d))
    i, j = np.tril_indices(d, -1)
    places[np.arange(lower), i * d + j] = 1.0
    draw = _DRAW.normal
    return (draw(size=k), draw(size=(k, d)), 0.3 * draw(size=(k, d)), 0.3 * draw(size=(k, lower)),
            draw(size=(n, d)), places)  # fmt: skip


def _cases() -> dict[str, Case]:
    found = {}
    for n in (1000, 10_000, 100_000):
        found[f"least squares {n}"] = Case(
            least_squares, _rows(n), by_hand=least_squares_by_hand, numba=least_squares_loops
        )
    found["logistic 100000"] = Case(logistic, _rows(100_000), by_hand=logistic_by_hand)
    found["mixture 10 25 1000"] = Case(mixture, _mixture(1000, 10, 25), 4)
    one_hot = np.eye(10)[_DRAW.integers(0, 10, 64)]
    images = _DRAW.normal(size=(64, 784))
    layers = _layers(784, 128, 10)
    found["network 784-128-10"] = Case(
        network, (*layers, images, one_hot), 4, by_hand=network_by_hand
    )
    points = _DRAW.normal(size=(1000, 2))
    data = points, np.sin(points[:, 0] * points[:, 1])
    found["network 2-64-64-1"] = Case(tanh_network, (*_layers(2, 64, 64, 1), *data), 6)
    few = points[:100], np.sign(data[1][:100])
    found["demo 2-16-16-1"] = Case(hinge_network, (*_layers(2, 16, 16, 1), *few), 6)
    found["bodies 100"] = Case(gravity, (_DRAW.normal(size=(100, 3)), np.ones(100)))
    found["convolution 10000"] = Case(
        convolution, (_DRAW.normal(size=10_000), _DRAW.normal(size=16)), 2
    )
    found["attention 16"] = Case(attention, tuple(_DRAW.normal(size=(16, 16)) for _ in range(3)), 3)
    coder = (*_layers(8, 16, 4), *_layers(16, 4), *_layers(4, 16, 8))
    noise = _DRAW.normal(size=(32, 4))
    found["autoencoder 8"] = Case(autoencoder, (*coder, _DRAW.normal(size=(32, 8)), noise), 10)
    return found


# --- contenders ----------------------------------------------------------------------------------


def _ours(case: Case, target: str) -> tuple[Callable[[], Any], float]:
    wrt = 0 if case.wrt == 1 else tuple(range(case.wrt))
    loss = partial(case.loss, np)
    named = lambda *args: loss(*args)  # noqa: E731, PLW0108  # a function with arguments to name
    start = time.perf_counter()
    df = compile_gradient(named, *case.arguments, target=target, expand=False, wrt=wrt)
    built = time.perf_counter() - start
    return partial(df, *case.arguments), built


def _jax(case: Case) -> Callable[[], Any]:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    wrt = 0 if case.wrt == 1 else tuple(range(case.wrt))
    run = jax.jit(jax.value_and_grad(partial(case.loss, jnp), argnums=wrt))
    given = [jnp.asarray(x) for x in case.arguments]
    return lambda: jax.block_until_ready(run(*given))


def _numba(case: Case) -> Callable[[], Any]:
    import numba

    return partial(numba.njit(case.numba), *case.arguments)


def contenders(case: Case) -> tuple[dict[str, Callable[[], Any]], dict[str, float]]:
    """What is compared, and how long ours took to compile."""
    found, built = {}, {}
    for name in ("native", "numpy"):
        found[name], built[name] = _ours(case, name)
    if case.by_hand is not None:
        found["by hand"] = partial(case.by_hand, *case.arguments)
    for name, make in (("jax", _jax), ("numba", _numba if case.numba else None)):
        if make is not None:
            try:
                found[name] = make(case)
            except ImportError:
                continue
    return found, built


def rounds(calls: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """The median time of each in microseconds, rounds alternating."""
    counts = {}
    for name, call in calls.items():
        call()
        start = time.perf_counter()
        call()
        counts[name] = max(1, int(_SPAN / max(time.perf_counter() - start, 1e-7)))
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(_ROUNDS):
        for name, call in calls.items():
            start = time.process_time()
            for _ in range(counts[name]):
                call()
            times[name].append((time.process_time() - start) / counts[name])
    return {name: 1e6 * statistics.median(own) for name, own in times.items()}


def flat(result: Any) -> Any:
    """All numbers of a result."""
    parts: list[Any] = []
    stack = [result]
    while stack:
        top = stack.pop()
        if isinstance(top, (tuple, list)):
            stack += reversed(top)
        else:
            parts.append(np.ravel(np.asarray(top)))
    return np.concatenate(parts)


def main(wanted: Sequence[str]) -> None:
    """Print a line for each case."""
    for name, case in _cases().items():
        if wanted and not any(word in name for word in wanted):
            continue
        calls, built = contenders(case)
        right = flat(calls["numpy"]())
        scale = np.max(np.abs(right))
        off = max(float(np.max(np.abs(flat(call()) - right)) / scale) for call in calls.values())
        times = rounds(calls)
        own = times["native"]
        shown = "  ".join(
            f"{who} {t:.1f}" + ("" if who == "native" else f" ({own / t:.2f})")
            for who, t in times.items()
        )
        print(f"{name}: {shown} us; compile {built['native']:.2f} s; differ by {off:.0e}")


if __name__ == "__main__":
    main(sys.argv[1:])
