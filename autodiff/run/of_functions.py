"""The transforms as users call them: of a graph, or of a function with examples."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Protocol

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.run import transform
from autodiff.run.agreement import trace_as_called
from autodiff.run.reverse_plan import Wrt

__all__ = ["gradient", "hessian", "hvp", "jacobian", "jvp", "vjp"]


class Directed(Protocol):
    """A transform of a graph, or of a function with examples."""

    def __call__(self, function: Graph | Callable[..., object], *examples: object) -> Graph:
        """The graph that the transform makes."""


class Transform(Protocol):
    """A transform by some of the arguments."""

    def __call__(
        self, function: Graph | Callable[..., object], *examples: object, wrt: Wrt = None
    ) -> Graph:
        """The graph that the transform makes."""


# What is said of every transform; its own docstring says what its graph gives.
_EVERY = """    Args:
        function: A graph, as ``trace`` or another transform gives it; or a function.
        examples: Of a function: one per argument, as for ``trace``.
"""
_WRT = """        wrt: Positions or names of the arguments to differentiate by; all by default.
"""
_RESULT = """
    Returns:
        The graph; ``evaluate`` runs it, ``codegen.compile_graph`` makes code of it.

    Raises:
        ArgumentError: if the arguments are none of these, or ``wrt`` names no argument.
        TraceError: if the function cannot be traced.
        DifferentiationError: if the result has a form that this transform does not take.

"""


def _of_functions(of_graph: Callable[..., Graph]) -> Callable[..., Graph]:
    """A transform that takes a function and its examples in a graph's place."""
    options = list(inspect.signature(of_graph).parameters)[1:]
    summary, example = (of_graph.__doc__ or "").split("    >>> ", 1)

    @wraps(of_graph)
    def transformed(
        function: Graph | Callable[..., object], *examples: object, **given: object
    ) -> Graph:
        name = of_graph.__name__
        for option in given.keys() - options:
            known = " and ".join(["examples", *(f"{o}=" for o in options)])
            raise ArgumentError(f"{name}: found {option}=; expected a function, {known}")
        if isinstance(function, Graph):
            if len(examples) + len(given) > len(options):  # wrt may stand by its position
                raise ArgumentError(
                    f"{name}: found {len(examples)} examples beside a graph, which needs none; "
                    "expected the graph alone" + "".join(f", or {o}=" for o in options)
                )
            return of_graph(function, *examples, **given)
        if not callable(function):
            raise ArgumentError(
                f"{name}: found {type(function).__name__} {function!r:.60}; expected a graph "
                f"(ad.trace(f, *examples)), or a function and its examples"
            )
        return of_graph(trace_as_called(function, *examples), **given)

    transformed.__doc__ = f"{summary}{_EVERY}{_WRT if options else ''}{_RESULT}    >>> {example}"
    transformed.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("function", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            inspect.Parameter("examples", inspect.Parameter.VAR_POSITIONAL),
            *(inspect.Parameter(o, inspect.Parameter.KEYWORD_ONLY, default=None) for o in options),
        ]
    )
    return transformed


gradient: Transform = _of_functions(transform.gradient)
vjp: Transform = _of_functions(transform.vjp)
jvp: Directed = _of_functions(transform.jvp)
jacobian: Transform = _of_functions(transform.jacobian)
hessian: Transform = _of_functions(transform.hessian)
hvp: Transform = _of_functions(transform.hvp)
