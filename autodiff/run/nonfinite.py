"""trace_nan: the first operation that is responsible for a nan or inf in a value or a gradient.

The value and the gradient are computed node by node.  From every result that is not finite the way
leads back through operands that are not finite (of a selection only through the branch taken), to
an operation whose operands are all finite: there it began.
"""

from __future__ import annotations

import linecache
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autodiff.graph.graph import Graph
from autodiff.run.interpret import flatten_arguments, run
from autodiff.run.reverse_plan import Wrt, reverse_plan
from autodiff.run.transform import value_and_gradient
from autodiff.run.whole.scalarize import scalarize
from autodiff.trace.trace import trace

__all__ = ["NonFinite", "trace_nan"]

_BRANCH = "select with np.where(condition, x, y): the branch not taken contributes nothing"
# What to do, by the primitive that failed, or whose derivative did.
_ADVICE = {
    "div": f"the divisor is zero, or the quotient overflows; {_BRANCH}",
    "reciprocal": f"the divisor is zero; {_BRANCH}",
    "log": f"log needs a positive number; {_BRANCH}, or use np.log1p near one",
    "log2": f"log2 needs a positive number; {_BRANCH}",
    "log10": f"log10 needs a positive number; {_BRANCH}",
    "log1p": f"log1p needs a number above -1; {_BRANCH}",
    "sqrt": "sqrt needs a positive number, and its slope at zero is infinite; add a small constant "
    f"under the root, use np.hypot or np.linalg.norm, or {_BRANCH}",
    "exp": "exp overflows above 709; subtract the largest exponent first, or use np.logaddexp, "
    "ad.softplus, ad.sigmoid or np.expm1",
    "pow": "a negative number has no real power with a fractional exponent, and zero none with a "
    f"negative one; {_BRANCH}",
    "atan2": f"the angle of the point (0, 0) has no derivative; {_BRANCH}",
    "asin": f"asin needs a number in [-1, 1], and its slope at the ends is infinite; {_BRANCH}",
    "acos": f"acos needs a number in [-1, 1], and its slope at the ends is infinite; {_BRANCH}",
    "mul": "the product overflows; scale the problem, or work with logarithms",
    "square": "the square overflows; scale the problem, or use np.hypot",
    "add": "the sum overflows; scale the problem",
    "sub": "the difference overflows; scale the problem",
}


@dataclass(frozen=True)
class NonFinite:
    """Why a value or gradient is not finite; prints as a message.

    Args:
        results: The results that are not finite: ``value``, ``x``, ``w[3]`` and their numbers.
        primitive: The operation where it began, "" for an argument or a literal.
        operands: The numbers it was given.
        value: What it gave.
        derivative: True if it is part of the derivative of the user's operation.
        file: The user's file, "" if it is not known.
        line: Line in that file, 0 if it is not known.
        name: The user's variable, "" if there is none.
        advice: What to do.
    """

    results: tuple[tuple[str, float], ...]
    primitive: str
    operands: tuple[float, ...]
    value: float
    derivative: bool
    file: str
    line: int
    name: str
    advice: str

    @property
    def code(self) -> str:
        """The user's line, "" if the source is not available."""
        return linecache.getline(self.file, self.line).strip() if self.line else ""

    def __str__(self) -> str:
        shown = ", ".join(f"{name} is {x!r}" for name, x in self.results[:6])
        more = f" and {len(self.results) - 6} more" if len(self.results) > 6 else ""
        where = f"{os.path.basename(self.file)}:{self.line}: " if self.line else ""
        called = f" ({self.name})" if self.name else ""
        if self.primitive:
            arguments = ", ".join(map(repr, self.operands))
            what = f"{self.primitive}({arguments}) gives {self.value!r}"
        else:
            what = f"the number {self.value!r} comes in"
        part = "in the derivative of" if self.derivative else "in"
        lines = [f"{shown}{more}", f"{where}{part} {self.code or 'your function'}{called}"]
        return "\n".join([*lines, f"    {what}", f"    {self.advice}"])


def trace_nan(
    function: Callable[..., object] | Graph, *args: object, wrt: Wrt = None
) -> NonFinite | None:
    """Find the first operation responsible for a nan or inf in the value or gradient.

    Args:
        function: A function that returns one float, or its graph.
        args: The point.
        wrt: Positions or names of the arguments to differentiate; all by default.

    Returns:
        What began it, with the user's line and what to do; None if everything is finite.

    Raises:
        DifferentiationError: if the function does not return one float.
        ArgumentError: if the arguments differ from the examples the graph was traced with.

    >>> import autodiff as ad, numpy as np
    >>> found = ad.trace_nan(lambda x, y: np.sqrt(x * y), 0.0, 2.0)
    >>> found.primitive, found.operands, found.derivative
    ('div', (0.5, 0.0), True)
    >>> ad.trace_nan(lambda x, y: np.sqrt(x * y), 1.0, 2.0) is None
    True
    """
    graph = scalarize(function) if isinstance(function, Graph) else trace(function, *args)
    whole = value_and_gradient(graph, wrt)
    values = run(whole, flatten_arguments(graph, args))
    bad = [place for place, i in enumerate(whole.outputs) if not math.isfinite(values[i])]
    if not bad:
        return None
    names = ["value", *_input_names(graph, wrt)]
    results = tuple((names[place], values[whole.outputs[place]]) for place in bad)
    first = min(_beginnings(whole, values, [whole.outputs[place] for place in bad]))
    return _described(whole, values, first, results)


def _input_names(graph: Graph, wrt: Wrt) -> list[str]:
    return [f"the derivative by {graph.inputs.names[i]}" for i in reverse_plan(graph, wrt).inputs]


def _beginnings(graph: Graph, values: Sequence[float], ends: Sequence[int]) -> list[int]:
    """Nodes that are not finite though all they are computed from is."""
    seen, found = bytearray(len(graph.nodes)), []
    queue = list(ends)
    while queue:
        index = queue.pop()
        if seen[index]:
            continue
        seen[index] = 1
        primitive, operands = graph.nodes[index][:2]
        if primitive is not None and primitive.name == "where":
            operands = (operands[1] if values[operands[0]] else operands[2],)
        before = [i for i in operands if not math.isfinite(values[i])]
        queue += before
        if not before:
            found.append(index)
    return found


def _described(
    graph: Graph, values: Sequence[float], index: int, results: tuple[tuple[str, float], ...]
) -> NonFinite:
    primitive, operands = graph.nodes[index][:2]
    origins = graph.origins
    origin = graph.origin(index)
    derivative = origins is not None and origins.is_derivative(index)
    source = origins.source(index) if origins is not None and derivative else index
    responsible = graph.nodes[source].primitive if source is not None else primitive
    if primitive is None:
        advice = "it comes in from outside; check what you pass and the constants you use"
    else:
        key = responsible.name if responsible is not None else primitive.name
        advice = _ADVICE.get(key) or f"check the domain of {key}; {_BRANCH}"
    return NonFinite(
        results, "" if primitive is None else primitive.name,
        tuple(values[i] for i in operands), values[index], derivative,
        origin.file if origin else "", origin.line if origin else 0,
        origin.name if origin else "", advice,
    )  # fmt: skip
