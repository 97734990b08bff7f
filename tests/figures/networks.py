"""micrograd's demo beside ours, interpreted and compiled, and a large graph drawn.

Run it: ``python -m tests.figures.networks`` (about five minutes: micrograd's 100 steps take most
of them); with a number of steps, ``python -m tests.figures.networks 5``, for a quick look.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.networks.nn import MLP
from autodiff.picture.draw import box_size, svg_of
from autodiff.picture.layered import place
from autodiff.picture.picture import picture_of
from codegen import compile_step, measure
from codegen.training.training_step import compiled_targets
from tests.autodiff.picture.test_layered import crossed_boxes, overlapping
from tests.micrograd_demo import Demo, moons, ours_as_micrograd

Call = Callable[[], Any]
L2 = 1e-4


def demo(steps: int) -> float:
    """Train with micrograd and through the alias, step by step in turn; micrograd's seconds."""
    theirs = Demo(100)
    with ours_as_micrograd():
        ours = Demo(100)
    seconds: dict[str, list[float]] = {"micrograd": [], "ours": []}
    largest = 0.0
    for k in range(steps):
        losses = []
        for name, side in (("micrograd", theirs), ("ours", ours)):
            gc.collect()  # micrograd's nodes are cycles: each pays for its own
            start = time.perf_counter()
            losses.append(side.step(k)[0])
            seconds[name].append(time.perf_counter() - start)
        largest = max(largest, abs(losses[0] - losses[1]))
    accuracy = ours.loss()[1]
    row(f"losses of {steps} steps through the alias, largest difference", "1e-9", f"{largest:.1e}")
    row("accuracy after them", "100 %", f"{accuracy:.0%}")
    ratio = median(a / b for a, b in zip(seconds["micrograd"], seconds["ours"], strict=True))
    row("interpreted against micrograd", "1.5 ×", f"{ratio:.2f} ×")
    return median(seconds["micrograd"])


def torch_step(model: MLP, x: Any, y: Any) -> Call | None:
    """The same step in PyTorch, eager."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    weights = []
    for layer in model.layers:
        w = torch.tensor([[p.data for p in n.w] for n in layer.neurons], dtype=torch.double)
        b = torch.tensor([n.b.data for n in layer.neurons], dtype=torch.double)
        weights += [w.requires_grad_(), b.requires_grad_()]
    inputs, labels = torch.tensor(x), torch.tensor(y, dtype=torch.double)

    def step() -> None:
        for p in weights:
            p.grad = None
        out = torch.relu(inputs @ weights[0].T + weights[1])
        out = torch.relu(out @ weights[2].T + weights[3])
        score = (out @ weights[4].T + weights[5])[:, 0]
        loss = torch.relu(1 - labels * score).mean() + L2 * sum((p * p).sum() for p in weights)
        loss.backward()
        with torch.no_grad():
            for p in weights:
                p.sub_(1e-9 * p.grad)

    return step


def jax_step(model: MLP, x: Any, y: Any) -> Call | None:
    """The same step in JAX, jitted."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    weights = []
    for layer in model.layers:
        weights.append(jnp.array([[p.data for p in n.w] for n in layer.neurons]))
        weights.append(jnp.array([n.b.data for n in layer.neurons]))

    def loss(p: Any, x: Any, y: Any) -> Any:
        out = jax.nn.relu(x @ p[0].T + p[1])
        out = jax.nn.relu(out @ p[2].T + p[3])
        score = (out @ p[4].T + p[5])[:, 0]
        return jax.nn.relu(1 - y * score).mean() + L2 * sum((q * q).sum() for q in p)

    def update(p: Any, x: Any, y: Any) -> Any:
        value, gradient = jax.value_and_grad(loss)(p, x, y)
        return value, jax.tree.map(lambda a, b: a - 1e-9 * b, p, gradient)

    jitted, inputs, labels = jax.jit(update), jnp.array(x), jnp.array(y, dtype=float)
    return lambda: jax.block_until_ready(jitted(weights, inputs, labels))


def compiled(micrograd_seconds: float) -> None:
    """Time the compiled step of every target, PyTorch's and JAX's, in turn."""
    random.seed(1337)
    model = MLP(2, [16, 16, 1])
    x, y = moons(100)
    calls: dict[str, Call] = {}
    for target in compiled_targets():
        step = compile_step(model, "hinge", x, y, l2=L2, target=target)
        bound, parameters = step.bind(x, y), step.parameters

        def train_once(bound: Any = bound, parameters: Any = parameters) -> None:
            _, gradient = bound(parameters)
            parameters -= 1e-9 * gradient

        calls[target] = train_once
    rivals = {"PyTorch eager": torch_step(model, x, y), "JAX jit": jax_step(model, x, y)}
    calls |= {name: call for name, call in rivals.items() if call is not None}
    times = measure(calls)
    bars = {"numpy": "300 ×", "native": "10 000 ×"}
    for name, nanoseconds in times.items():
        ratio = micrograd_seconds * 1e9 / nanoseconds
        measured = f"{ratio:.0f} × ({nanoseconds / 1e3:.0f} µs)"
        row(f"compiled step against micrograd's: {name}", bars.get(name, ""), measured)


def network(x: Any, w: Any) -> Any:
    """A network of 3 inputs and 6, 6 and 1 neurons."""
    numbers = iter(w)
    for width in (6, 6, 1):
        x = [np.tanh(sum(next(numbers) * xi for xi in x) + next(numbers)) for _ in range(width)]
    return x[0]


def drawing() -> None:
    """Draw a graph of 200 nodes, and look for overlaps."""
    graph = ad.trace(network, np.ones(3), np.ones(73))
    seconds = []
    for _ in range(7):
        start = time.perf_counter()
        picture = picture_of(graph, (np.full(3, 0.5), np.linspace(-1.0, 1.0, 73)))
        svg_of(picture)
        seconds.append(time.perf_counter() - start)
    sizes = [box_size(box) for box in picture.boxes]
    edges = list(picture.edges)
    layout = place(sizes, edges)
    faults = len(overlapping(sizes, layout)) + len(crossed_boxes(sizes, edges, layout))
    row(f"draw a graph of {len(picture.boxes)} nodes", "2 s", f"{median(seconds):.3f} s")
    row("boxes that overlap, edges over boxes", "0", str(faults))


def row(what: str, bar: str, measured: str) -> None:
    """Print one line of the table."""
    print(f"{what} | {bar} | {measured}", flush=True)


def main() -> None:
    """Print the table."""
    sys.setrecursionlimit(100_000)  # micrograd recurses
    print("what | bar | measured")
    drawing()
    compiled(demo(int(sys.argv[1]) if len(sys.argv) > 1 else 100))


if __name__ == "__main__":
    main()
