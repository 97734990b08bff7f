"""Programs over time as machine code: the digits of their derivatives, of every order."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.trace import trace_loops
from codegen import compile_gradient, compile_graph
from tests.autodiff.trace.whole.test_programs import flat
from tests.figures.simulations import PROGRAMS, examples
from tests.meanings import FUNCTIONS, mp

pytest.importorskip("llvmlite", reason="machine code needs llvmlite")

_STEPS, _ASKED = 12, 2  # repetitions, and how many numbers of a gradient are compared
_FIRST, _SECOND = mp.mpf(10) ** -20, mp.mpf(10) ** -14  # steps of differences


def _exactly(graph: Graph) -> Callable[[Sequence[Any]], Any]:
    """A graph of scalars at 60 digits."""

    def run(inputs: Sequence[Any]) -> Any:
        values = list(inputs)
        for node in graph.nodes[graph.inputs.count :]:
            if node.primitive is None:
                values.append(mp.mpf(node.value))
            else:
                given = [values[i] for i in node.operands]
                values.append(FUNCTIONS[node.primitive.name](*given))
        return values[graph.outputs[0]]

    return run


def _moved(point: Sequence[Any], direction: Any, by: Any) -> list[Any]:
    return [x + by * mp.mpf(float(d)) for x, d in zip(point, direction, strict=True)]


def _slope(f: Callable[[Sequence[Any]], Any], point: Sequence[Any], along: Any) -> Any:
    h = _FIRST
    return (f(_moved(point, along, h)) - f(_moved(point, along, -h))) / (2 * h)


def _curvature(f: Callable[[Sequence[Any]], Any], point: Sequence[Any], one: Any, two: Any) -> Any:
    h, total = _SECOND, mp.mpf(0)
    for s, t in itertools.product((1, -1), repeat=2):
        total += s * t * f(_moved(_moved(point, one, s * h), two, t * h))
    return total / (4 * h * h)


def _near(found: float, exact: Any, scale: float) -> bool:
    return abs(mp.mpf(float(found)) - exact) <= mp.mpf(1e-12) * scale


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_order_has_the_digits_of_exact_arithmetic(name: str) -> None:
    """Gradient, Hessian times a direction, gradient of a gradient: beside 60 digits."""
    args, count = examples(name, _STEPS)
    function, draw = PROGRAMS[name], np.random.default_rng(1)
    graph = trace_loops(5000, function, *args)
    assert graph is not None
    assert loops_of(graph)
    exact = _exactly(ad.trace(function, *args))
    numbers = flat(args)
    point = [mp.mpf(float(x)) for x in numbers]
    moving = sum(np.size(x) for x in args[:count])
    along = np.zeros(numbers.size)
    along[:moving] = draw.normal(size=moving)
    parts = np.split(along, np.cumsum([np.size(x) for x in args])[:-1])
    directions = [d.reshape(np.shape(x)) for d, x in zip(parts, args, strict=True)]

    slopes = flat(compile_gradient(graph, target="native")(*args)[1])
    curved = flat(compile_graph(ad.hvp(graph), target="native")(*args, *directions))
    scale, second = float(np.max(np.abs(slopes))), float(np.max(np.abs(curved)))
    for k in draw.choice(moving, min(_ASKED, moving), replace=False):
        unit = np.eye(numbers.size)[k]
        assert _near(slopes[k], _slope(exact, point, unit), scale)
        assert _near(curved[k], _curvature(exact, point, unit, along), second)

    def line(a: Any) -> Any:
        return function(*(x + a * d for x, d in zip(args, directions, strict=True)))

    by_line = trace_loops(5000, line, 0.0)
    assert by_line is not None
    bent = compile_gradient(ad.gradient(by_line), target="native")(0.0)[1]
    assert _near(bent, _curvature(exact, point, along, along), max(1.0, abs(bent)))
