"""Star colourings of Hessians against our own sparse ones, by operations: what sharing would save.

A star colouring lets columns of a symmetric matrix share one Hessian-vector product, from which
each entry or its mirror image is read off.  Run it: ``python -m tests.figures.colouring [COUNT]``
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.graph.pattern import Pattern
from autodiff.graph.rebuild import live_nodes
from autodiff.graph.structure import Array
from autodiff.run.derive.extension import Extension
from autodiff.run.sparse.stars import coloured, neighbours_of, star_colouring
from codegen.passes import run_passes
from tests.sparse_functions import random_function


def coloured_hessian(graph: Graph, pattern: Pattern) -> Graph:
    """The entries that are read off, from one Hessian-vector product a colour."""
    extension = Extension(ad.gradient(graph))
    inputs, slopes = list(extension.graph.inputs.nodes), extension.graph.outputs
    outputs = [entry.value for entry in coloured(inputs, slopes, pattern)(extension)]
    return extension.finish(f"{graph.name}_coloured", outputs, Array((len(outputs),)), inputs)


def operations(graph: Graph) -> int:
    """How many operations are left after the exact passes."""
    graph = run_passes(graph)
    live = live_nodes(graph)
    return sum(live[index] for index, _, _ in graph.operations())


def _grid(x: Any) -> Any:
    u = x.reshape(7, 7)
    return np.sum(np.cosh(u[1:] - u[:-1])) + np.sum(np.cosh(u[:, 1:] - u[:, :-1]))


def _arrow(x: Any) -> Any:
    return np.sum(np.sin(x[0] * x[1:]))


def _rosenbrock(x: Any) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def _band(x: Any) -> Any:
    return np.sum(np.exp(x[3:] * x[2:-1] * x[1:-2] * x[:-3]))


def _nested(x: Any) -> Any:
    return np.exp(np.sum(np.sin(x[1:] * x[:-1])) * x[0])


FUNCTIONS: dict[str, tuple[Callable[[Any], Any], int]] = {
    "rosenbrock": (_rosenbrock, 50), "arrow": (_arrow, 50), "grid": (_grid, 49),
    "band": (_band, 50), "nested": (_nested, 20),
}  # fmt: skip


def _cases(count: int) -> Iterator[tuple[str, Graph]]:
    for name, (function, size) in FUNCTIONS.items():
        yield name, ad.trace(function, np.ones(size), expand=True)
    for seed in range(count):
        function = random_function(seed, scalar=True)
        yield f"random {seed}", ad.trace(function, np.ones(function.size), expand=True)


def main(count: int) -> None:
    """Print operations of both ways, and how often which is the fewer."""
    fewer, total = Counter[str](), np.zeros(2)
    for name, graph in _cases(count):
        pattern = ad.hessian_pattern(graph)
        colours = star_colouring(neighbours_of(pattern))
        ours = operations(ad.hessian(graph, sparse=True))
        shared = operations(coloured_hessian(graph, pattern))
        fewer["ours" if ours < shared else "equal" if ours == shared else "coloured"] += 1
        total += ours, shared
        if not name.startswith("random") or shared < ours:
            print(f"{name:12} {max(colours) + 1} colours: {shared}; ours {ours}")
    print(f"{dict(fewer)}; operations in all: ours {total[0]:.0f}, coloured {total[1]:.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 300)
