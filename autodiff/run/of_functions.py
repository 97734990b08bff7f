"""The transforms as users call them: of a graph, or of a function with examples."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Protocol, TypeVar

from autodiff.errors import ArgumentError, user_location, written_here
from autodiff.graph.graph import Graph
from autodiff.graph.pattern import Pattern
from autodiff.run import transform
from autodiff.run.agreement import trace_either_way
from autodiff.run.reverse_plan import Wrt
from autodiff.run.sparse import matrices, sparsity
from autodiff.run.sparse.matrices import Sparsity
from autodiff.trace.libraries.constructors import holds_operands

__all__ = [
    "gradient",
    "hessian",
    "hessian_pattern",
    "hvp",
    "jacobian",
    "jacobian_pattern",
    "jvp",
    "vjp",
]

_Made = TypeVar("_Made")


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


class MatrixTransform(Protocol):
    """A transform that makes a matrix, which may be sparse."""

    def __call__(
        self,
        function: Graph | Callable[..., object],
        *examples: object,
        wrt: Wrt = None,
        sparse: Sparsity = False,
    ) -> Graph:
        """The graph that the transform makes."""


class PatternOf(Protocol):
    """What finds the pattern of a matrix of derivatives."""

    def __call__(
        self, function: Graph | Callable[..., object], *examples: object, wrt: Wrt = None
    ) -> Pattern:
        """The pattern."""


# What is said of every transform; its own docstring says what its graph gives.
_EVERY = """    Args:
        function: A graph, as ``trace`` or another transform gives it; or a function.
        examples: Of a function: one per argument, as for ``trace``.
"""
_OPTIONS = {
    "wrt": """        wrt: Positions or names of the arguments to differentiate by; all by default.
""",
    "sparse": """\
        sparse: True or "csr": the graph gives what can differ from zero alone, row by row; "csc":
            column by column.  ``graph.result.pattern`` says where the entries stand: rows are the
            floats of the result (of a Hessian: of the arguments), columns those of the arguments.
""",
}
_GRAPH = """    Returns:
        The graph; ``evaluate`` runs it, ``codegen.compile_graph`` makes code of it.
"""
_PATTERN = """    Returns:
        The pattern, with ``rows`` and ``columns`` of its entries, row by row.
"""
_RAISES = """
    Raises:
        ArgumentError: if the arguments are none of these, or ``wrt`` names no argument.
        TraceError: if the function cannot be traced.
        DifferentiationError: if the result has a form that this transform does not take.

"""


def _of_functions(of_graph: Callable[..., _Made], returns: str = _GRAPH) -> Callable[..., _Made]:
    """A transform that takes a function and its examples in a graph's place."""
    defaults = {p.name: p.default for p in inspect.signature(of_graph).parameters.values()}
    options = list(defaults)[1:]
    # As it stands in the file: newer Pythons drop its indentation, and -OO all of it.
    doc = textwrap.indent(inspect.cleandoc(of_graph.__doc__ or ""), "    ").lstrip()
    summary, _, example = f"{doc}\n    ".partition("    >>> ")

    @wraps(of_graph)
    def transformed(
        function: Graph | Callable[..., object], *examples: object, **given: object
    ) -> _Made:
        name = of_graph.__name__
        _check_options(name, options, given)
        if isinstance(function, Graph):
            by_place = "wrt" in options and "wrt" not in given  # wrt may stand by its place
            if len(examples) > by_place:
                raise ArgumentError(
                    f"{name}: found {len(examples)} examples beside a graph, which needs none; "
                    "expected the graph alone" + "".join(f", or {o}=" for o in options)
                )
            return of_graph(function, *examples, **given)
        _check_function(name, function, examples)
        try:
            return of_graph(trace_either_way(function, *examples), **given)
        except ArgumentError as error:
            if examples:
                raise
            called = f"; compile_{name}(f, *examples) is called with numbers"
            raise ArgumentError(
                f"{name}: found no examples; expected {name}(f, *examples), which gives a "
                + (f"graph{called}" if returns is _GRAPH else "pattern")
            ) from error

    given = "".join(_OPTIONS[option] for option in options)
    transformed.__doc__ = f"{summary}{_EVERY}{given}\n{returns}{_RAISES}    >>> {example}"
    transformed.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("function", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            inspect.Parameter("examples", inspect.Parameter.VAR_POSITIONAL),
            *(
                inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=defaults[option])
                for option in options
            ),
        ]
    )
    return transformed


def _check_options(name: str, options: Sequence[str], given: Iterable[str]) -> None:
    """What is given by name is an option of the transform's."""
    for option in given:
        if option not in options:
            known = " and ".join(["examples", *(f"{o}=" for o in options)])
            raise ArgumentError(
                f"{name}: found {option}=; expected a function, {known}{written_here(option)}"
            )


def _check_function(name: str, function: object, examples: Sequence[object]) -> None:
    """What is to be traced can be called, and no trace is under way."""
    if not callable(function):
        raise ArgumentError(
            f"{name}: found {type(function).__name__} {function!r:.60}; expected a graph "
            f"(ad.trace(f, *examples)), or a function and its examples"
        )
    if holds_operands(examples):
        way = "grad(f)(x)" if name == "gradient" else f"compile_{name}(f, *numbers)(x)"
        raise ArgumentError(
            f"{user_location()}: {name}(f, x) gives a graph, no numbers, and x is traced; "
            f"expected {way}, whose results a traced function may use"
        )


gradient: Transform = _of_functions(transform.gradient)
vjp: Transform = _of_functions(transform.vjp)
jvp: Directed = _of_functions(transform.jvp)
jacobian: MatrixTransform = _of_functions(matrices.jacobian)
hessian: MatrixTransform = _of_functions(matrices.hessian)
hvp: Transform = _of_functions(transform.hvp)
jacobian_pattern: PatternOf = _of_functions(sparsity.jacobian_pattern, _PATTERN)
hessian_pattern: PatternOf = _of_functions(sparsity.hessian_pattern, _PATTERN)
