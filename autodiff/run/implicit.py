"""``root`` and ``fixed_point``: solutions of equations, as functions of what stands in these.

Where f(x, p) = 0, the implicit function theorem says dx/dp = -(df/dx)^-1 df/dp.  A step of Newton
from the solution has this very derivative: of N(x, p) = x - (df/dx)^-1 f(x, p) it is

    dN/dp = -(df/dx)^-1 df/dp      and      dN/dx = 0      where f(x, p) = 0,

whatever was done to find x.  So the last of the steps below carries the derivative, of every order,
and those before it only the value; how far these depend on p has no part in it.  Nothing has to be
trusted for that: the steps are recorded as any other operations, differentiated by the chain rule,
and proven with it.  The two equations are proven over symbols in our tests.

In: a function and where to begin.  Out: numbers, Values or what a trace records.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError, user_location
from autodiff.graph.graph import Graph
from autodiff.graph.loops.body_inputs import part_of
from autodiff.run.grad import grad, value_and_grad
from autodiff.run.interpret import evaluate
from autodiff.run.transform import gradient, jacobian
from autodiff.table import ops
from autodiff.table.arrays.elimination import solved
from autodiff.table.primitive import REGISTRY, Quantity
from autodiff.trace.array_tracer import BUILDING, ArrayTracer, constant_tracer
from autodiff.trace.functions.named_arguments import argument_names
from autodiff.trace.regions.body import recorded_body
from autodiff.trace.regions.repeated import repeated_while

__all__ = ["fixed_point", "newton_step", "root"]

_DIV = REGISTRY["div"]
_NEAR = 1e-9  # the relative change of a step of Newton behind which the next changes nothing
_SETTLED = 1e-12  # the same where each step gains the same number of digits


def root(f: Callable[..., object], x0: object, *args: object, most: int = 50) -> Quantity:
    """The x with ``f(x, *args) == 0`` that Newton's method finds from ``x0``.

    Its derivative by everything that ``f`` depends on, ``args`` and what it closes over, is that of
    the implicit function theorem, of any order; where to begin has none.  What is proven of it: see
    the module.

    Args:
        f: A function of x and ``args``: a number for a number, a vector for a vector of its length.
        x0: Where to begin: a number or a vector.
        args: What else the function is called with.
        most: How many steps there may be.

    Returns:
        The root.

    Raises:
        ArgumentError: if ``f`` is no function, or gives something else than x.
        TraceError: if more steps are needed, at the call that needs them.

    >>> print(f"{root(lambda x, p: x * x - p, 1.0, 2.0):.12f}")
    1.414213562373
    """
    x = _start(f, x0, args, "root")
    return _solved(newton_step(f, args, "root"), x, most, _NEAR, "root")


def fixed_point(g: Callable[..., object], x0: object, *args: object, most: int = 1000) -> Quantity:
    """The x with ``x == g(x, *args)`` that repeating ``g`` finds from ``x0``.

    Its derivative is that of the root of ``x - g(x, *args)`` (see ``root``), and not that of the
    repetitions.

    Args:
        g: A function of x and ``args`` that gives the next x: a number, or a vector.
        x0: Where to begin: a number or a vector.
        args: What else the function is called with.
        most: How many repetitions there may be.

    Returns:
        The fixed point.

    Raises:
        ArgumentError: if ``g`` is no function, or gives something else than x.
        TraceError: if more repetitions are needed, at the call that needs them.

    >>> print(f"{fixed_point(lambda x, p: (x + p / x) / 2.0, 1.0, 2.0):.12f}")
    1.414213562373
    """
    x = _start(g, x0, args, "fixed_point")

    def after(x: Quantity, *rest: object) -> Quantity:
        value: Quantity = _in_one(g(x, *rest))
        _require_square(x, value, "fixed_point")
        return value

    def moved(x: Quantity, *rest: object) -> object:
        return x - after(x, *rest)

    newton = newton_step(moved, args, "fixed_point")
    near = _solved(lambda x: after(x, *args), x, most, _SETTLED, "fixed_point")
    return newton(newton(near))


def _start(f: object, x0: object, args: tuple[object, ...], name: str) -> Any:
    """Where to begin, as a number or a vector.

    Raises:
        ArgumentError: if it is neither, or ``f`` is no function of it.
    """
    if not callable(f):
        raise ArgumentError(
            f"{user_location()}: {name}: found {type(f).__name__}; expected a function of x"
        )
    argument_names(f, 1 + len(args))
    try:
        x0 = _in_one(x0)
    except ValueError:  # rows of several lengths
        raise _no_start(name, "a list of several shapes") from None
    if isinstance(x0, (int, np.number)) and not isinstance(x0, bool):
        x0 = float(x0)
    if isinstance(x0, np.ndarray) and x0.dtype.kind in "iu":
        x0 = x0.astype(np.float64)
    shape = getattr(x0, "shape", ())
    if x0 is None or len(shape) > 1 or 0 in shape or isinstance(x0, (str, bool, dict)):
        raise _no_start(name, _shown(x0))
    building = BUILDING.get()
    if building is not None and isinstance(x0, (float, np.ndarray)):
        return constant_tracer(building, np.asarray(x0))  # as all that is computed from it
    return x0


def _no_start(name: str, what: str) -> ArgumentError:
    return ArgumentError(
        f"{user_location()}: {name}: x0: found {what}; expected a number or a vector"
    )


def _in_one(made: object) -> Any:
    """Numbers of a list or tuple as one array; anything else as it is."""
    return np.array([*made]) if isinstance(made, (list, tuple)) else made


def _solved(
    step: Callable[[Quantity], Quantity], x0: Quantity, most: int, enough: float, name: str
) -> Quantity:
    """Steps until one changes little, and one more."""

    def test(state: tuple[Quantity, Quantity]) -> object:
        return np.logical_not(state[1] <= enough)  # of nan as well: that is no root

    def body(state: tuple[Quantity, Quantity]) -> tuple[Any, Any]:
        after = step(state[0])
        return after, _largest(after - state[0]) / (1.0 + _largest(after))

    start: tuple[Quantity, Quantity] = x0, 1.0
    found, _ = repeated_while(test, body, start, most, name)
    return step(found)


def _largest(x: Any) -> Any:
    if not getattr(x, "shape", ()):
        return abs(x)
    return reduce(ops.maximum, map(abs, x)) if _holds_traced(x) else np.max(np.abs(x))


def newton_step(
    f: Callable[..., object], args: tuple[object, ...], name: str
) -> Callable[[Quantity], Quantity]:
    """A step of Newton's method."""

    def step(x: Any) -> Any:
        value, slopes = _linearised(f, x, args, name)
        if not getattr(x, "shape", ()):
            return x - _DIV(value, slopes)
        solve = solved if _holds_traced(slopes) else np.linalg.solve
        return x - solve(slopes, value)

    return step


def _holds_traced(x: object) -> bool:
    """True for an array of traced numbers, which has its own way to say of what type it is."""
    return isinstance(x, np.ndarray) and np.ndarray.dtype.__get__(x).kind == "O"


def _linearised(
    f: Callable[..., object], x: Any, args: tuple[object, ...], name: str
) -> tuple[Any, Any]:
    """The value of a function, and its derivative by its first argument: a number or a matrix."""
    if BUILDING.get() is not None and isinstance(x, ArrayTracer):
        graph, rest = _recorded(f, x, args, name)
        value = evaluate(graph, x, *rest)
        _require_square(x, value, name)
        return value, evaluate((jacobian if x.shape else gradient)(graph, 0), x, *rest)
    if not getattr(x, "shape", ()):
        found: tuple[Quantity, Quantity] = value_and_grad(f, wrt=0)(x, *args)
        return found
    value = _in_one(f(x, *args))
    _require_square(x, value, name)
    rows = [grad(_component(f, i), wrt=0)(x, *args) for i in range(x.shape[0])]
    return value, np.stack(rows)


def _recorded(
    f: Callable[..., object], x: ArrayTracer, args: tuple[object, ...], name: str
) -> tuple[Graph, tuple[object, ...]]:
    """The graph of a function of x and what else it depends on, and these."""

    def both(x: object) -> tuple[object, None]:
        return _in_one(f(x, *args)), None

    body = recorded_body(both, lambda parts: [*parts], [("x", part_of(x.shape))], [False], name)
    (output,) = body.graph.outputs
    return replace(body.graph, result=part_of(body.graph.nodes[output].shape)), body.met


def _require_square(x: Quantity, value: Quantity, name: str) -> None:
    """There are as many equations as unknowns.

    Raises:
        ArgumentError: if there are not.
    """
    if np.shape(value) != np.shape(x):  # type: ignore[arg-type]
        raise ArgumentError(
            f"{user_location()}: {name}: the function gives {_shown(value)} for {_shown(x)}; "
            "expected as many numbers as there are unknowns"
        )


def _component(f: Callable[..., Any], i: int) -> Callable[..., object]:
    def component(x: object, *rest: object) -> object:
        return f(x, *rest)[i]

    return component


def _shown(x: object) -> str:
    shape = getattr(x, "shape", None)
    if shape is None:
        return type(x).__name__
    return f"an array of shape {tuple(shape)}" if shape else "a number"
