"""Does a function do on plain numbers what its trace says?

A trace runs the function once, on placeholders.  A function that asks what it was given
(``isinstance(x, float)``, ``x.dtype``, ``hasattr``), that counts its calls or draws random numbers
may do something else when it is called, and its gradient would be another function's.  So whoever
traces a function at an example calls it there as well, and both results have to agree.

Floats of the function and of its trace may differ by rounding: NumPy sums in another order, its
``exp`` is not libm's.  How much rounding matters here is found by running the graph again with
every result off by a few units in the last place (Vignes, *Discrete stochastic arithmetic for
validating results of numerical software*, Numerical Algorithms 37, 2004).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from autodiff.errors import ArgumentError, ProofgradError, TraceError, user_location
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import is_region
from autodiff.graph.structure import Tuple
from autodiff.graph.tree.leaves import numbers_of
from autodiff.graph.tree.tree import leaves_of, tree_of
from autodiff.run.interpret import flatten_arguments, is_symbolic, outputs_at, run
from autodiff.run.kept_outside import refuse_kept_state
from autodiff.run.solvers.own_digits import with_own_digits
from autodiff.run.swallowed import swallowed
from autodiff.run.whole.whole_agreement import SQUARED, whole_compared
from autodiff.table.float import Float
from autodiff.table.primitive import Primitive
from autodiff.trace.functions.named_arguments import name_of, signature_examples
from autodiff.trace.number_like import more_helpful
from autodiff.trace.trace import trace

__all__ = ["Comparison", "check_agreement", "compared", "trace_as_called", "trace_either_way"]

_RELATIVE = 1e-9
_RUNS, _ULPS, _MARGIN = 8, 8.0, 64.0
_EPSILON = 2.0**-52


def trace_as_called(
    function: Callable[..., object], *examples: object, expand: bool = True
) -> Graph:
    """``trace``, and the function called at the examples: both have to agree.

    Raises:
        TraceError: as ``trace``, and as ``check_agreement``.
        ArgumentError: as ``trace``.
    """
    examples = examples or signature_examples(function)
    try:
        graph = trace(function, *examples, expand=expand)
    except TraceError as error:
        if error.limit == "kept":
            refuse_kept_state(function, name_of(function), examples)
        raise
    check_agreement(function, graph, examples)
    return graph


def trace_either_way(
    function: Callable[..., object],
    *examples: object,
    attempt: Callable[..., Graph] = trace_as_called,
) -> Graph:
    """The trace number by number; with arrays whole where there is no other, as of np.linalg.

    Args:
        function: The function.
        examples: One per argument.
        attempt: What traces: ``trace_as_called``, or ``trace``.

    Raises:
        ProofgradError: if neither can be had; says what helps more.
    """
    try:
        return attempt(function, *examples)
    except (TraceError, ArgumentError) as error:
        try:
            return attempt(function, *examples, expand=False)
        except ProofgradError as again:
            raise more_helpful(error, again) from None


def check_agreement(function: Callable[..., object], graph: Graph, args: Sequence[object]) -> None:
    """Call ``function`` with plain numbers and compare the result with its trace.

    Nothing is compared where the function raises (a pole, or a method that floats lack), nor
    numbers that are not finite, or so small that NumPy's own lengths of them are nothing.

    Args:
        function: What ``graph`` was traced from.
        graph: Its trace.
        args: One value per parameter.

    Raises:
        TraceError: if the results differ by more than rounding explains; names both numbers and
            the first operation in which call and trace part.
    """
    if len(args) != len(graph.parameters):  # it closes over values of an enclosing trace
        return
    refuse_kept_state(function, graph.name, args)
    if not graph.expanded:
        parted = whole_compared(function, graph, args)
        if parted:
            rows = {node.primitive.name for node in graph.nodes if node.primitive is not None}
            found = next(filter(_CHOSEN.__contains__, sorted(rows)), "")
            advice = _CHOSEN.get(found, _advice(graph, "nan" in parted))
            raise TraceError(f"{graph.name}: {parted}; {advice}")
        return
    leaves = flatten_arguments(graph, args)
    if is_symbolic(leaves):  # called inside another trace: there are no numbers yet
        return
    parted = compared(function, graph, leaves).parted
    if parted:
        raise TraceError(f"{graph.name}: {parted}{_where(function, graph, leaves)}")


class Comparison(NamedTuple):
    """A call of a function beside its trace.

    Args:
        possible: False if the function gave no number to compare.
        parted: How the two differ, "" if they do not.
    """

    possible: bool
    parted: str = ""


def compared(function: Callable[..., object], graph: Graph, leaves: Sequence[float]) -> Comparison:
    """``function`` called with plain numbers at ``leaves``, beside its trace."""
    given = _called(function, graph, leaves)
    given = with_own_digits(given, function, graph, lambda own: _called(own, graph, leaves))
    if given is None:
        return Comparison(False)
    traced = list(map(float, outputs_at(graph, leaves)))
    if len(given) != len(traced):
        counts = f"called with plain numbers it returns {len(given)} of them, its trace"
        return Comparison(True, f"{counts} {len(traced)}; {_ADVICE}")
    allowed: list[float] | None = None
    for place, (x, y) in enumerate(zip(given, traced, strict=True)):
        if math.isfinite(y) and abs(x - y) <= _RELATIVE * abs(y):
            continue
        if not (math.isfinite(x) and math.isfinite(y)):
            handled = math.isfinite(x) and swallowed(lambda: _called(function, graph, leaves))
            if handled:
                shown = ", ".join(map(repr, leaves[:4]))
                return Comparison(True, f"it gives {x!r} for {shown}, its trace {y!r}; {handled}")
            if not (math.isfinite(x) and math.isnan(y)):  # an infinity may be a digit too many
                continue
        if abs(x) < SQUARED and abs(y) < SQUARED:
            continue
        allowed = allowed or _rounding(graph, leaves, traced)
        if (math.inf if math.isnan(y) else abs(x - y)) > allowed[place]:
            shown = ", ".join(f"{leaf!r}" for leaf in leaves[:4])
            more = ", ..." if len(leaves) > 4 else ""
            again = _called(function, graph, leaves)
            same = again is None or again == given
            advice = _advice(graph, math.isnan(y)) if same else _CHANGES
            if narrow := _narrow_type(function, graph, leaves):
                advice = f"NumPy computes it in {narrow}{_NARROW}"
            told = f"it gives {x!r} for {shown}{more}, its trace {y!r}; {advice}"
            return Comparison(True, told)
    return Comparison(True)


_ADVICE = (
    "does it branch on the type of its arguments, look a value up, or negate a Python bool by ~ "
    "(np.logical_not does)? Write it with operators and functions of autodiff or NumPy, which do "
    "the same for numbers and for traced values"
)
_NO_ROOT = (
    "where it solves equations (root, fsolve, newton) no root is found from this start, and SciPy "
    "gives the place it got to, with a warning: start nearer to a root"
)


def _advice(graph: Graph, fails: bool) -> str:
    """What a function may do that its trace does not."""
    return _NO_ROOT if fails and any(map(is_region, graph.nodes)) else _ADVICE


_CHOSEN = {
    "eigvectors": (
        'the signs of eigenvectors are LAPACK\'s choice, another one for UPLO="U" than for '
        'the same matrix read below its diagonal. Use UPLO="L", or compute what no sign changes: '
        "v @ np.diag(w) @ v.T"
    ),
    "hermitian_vectors": (
        "the phases of complex eigenvectors are LAPACK's choice, and have no derivative. Compute "
        "what no phase changes, such as abs(v) ** 2 or v @ np.diag(w) @ v.conj().T"
    ),
}
_CHANGES = (
    "its result changes from call to call (random numbers, the clock, a counter, a file?). Draw "
    "them outside and pass them as an argument"
)
_NARROW = (
    ", as it does functions of a truth value such as np.log2(x < y): write 1.0 * (x < y), which "
    "is a float"
)


def _narrow_type(function: Callable[..., object], graph: Graph, leaves: Sequence[float]) -> str:
    """The type of fewer digits than a float has that a call returns, "" if it returns none."""
    result = _result(function, graph, leaves)
    parts = result if isinstance(result, (tuple, list)) else [result]
    types = [x.dtype for x in parts if isinstance(x, (np.ndarray, np.floating))]
    return next((str(x) for x in types if x.kind == "f" and x.itemsize < 8), "")


def _called(
    function: Callable[..., object], graph: Graph, leaves: Sequence[float]
) -> list[float] | None:
    """The floats that ``function`` returns for ``leaves``; None if it returns no such thing."""
    result = numbers_of(_result(function, graph, leaves))
    if result is None:
        return None
    try:
        found = tree_of(graph.result).leaves(result)
    except ArgumentError:
        try:
            found = leaves_of(result)
        except ArgumentError:  # a complex number, say
            return None
    return [float(x) for x in found]


def _result(function: Callable[..., object], graph: Graph, leaves: Sequence[float]) -> object:
    """What ``function`` returns for ``leaves``; None if it raises."""
    try:
        with np.errstate(all="ignore"):
            return function(*_arguments(graph, list(map(float, leaves))))
    except Exception:  # whatever the user's code objects to: there is no number to compare
        return None


def _arguments(graph: Graph, leaves: Sequence[object]) -> list[object]:
    """Arguments of their own, so that a function that writes into them changes nobody's."""
    structure = Tuple(tuple(structure for _, structure in graph.parameters))
    return list(tree_of(structure).rebuild(leaves))


def _rounding(graph: Graph, leaves: Sequence[float], exact: Sequence[float]) -> list[float]:
    """How far rounding may move each output: what it does to repeated, disturbed runs."""
    noise = random.Random(0)
    spread = [0.0] * len(exact)
    for _ in range(_RUNS):
        values = list(leaves)
        for node in graph.nodes[len(values) :]:
            primitive, operands = node[:2]
            if primitive is None:
                values.append(node.value)  # type: ignore[arg-type]  # a constant has a number
                continue
            result = primitive.impl(*[values[i] for i in operands])
            if not primitive.predicate:
                result *= 1.0 + _EPSILON * noise.uniform(-_ULPS, _ULPS)
            values.append(result)
        for place, (i, x) in enumerate(zip(graph.outputs, exact, strict=True)):
            moved = abs(values[i] - x)
            lost = 0.0 if math.isnan(values[i]) and math.isnan(x) else math.inf
            spread[place] = max(spread[place], moved if moved == moved else lost)
    return [_MARGIN * s for s in spread]


# --- where they part ---------------------------------------------------------------------------


class _Probe(Float):
    """A float that notes each operation on it, so that a call can be held against a trace."""

    __slots__ = ("steps",)
    steps: list[tuple[float, str, str]]  # result, primitive, the user's line

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        result = super().bind(primitive, operands)
        if not isinstance(result, float):
            return result
        self.steps.append((float(result), primitive.name, user_location()))
        return _probe(result, self.steps)


def _probe(number: float, steps: list[tuple[float, str, str]]) -> _Probe:
    made = _Probe(number)
    made.steps = steps
    return made


def _where(function: Callable[..., object], graph: Graph, leaves: Sequence[float]) -> str:
    """Where a call first computes what the trace does not, or leaves out what it does."""
    steps: list[tuple[float, str, str]] = []
    try:
        function(*_arguments(graph, [_probe(x, steps) for x in leaves]))
    except Exception:  # the code may object to such floats; then only the numbers are told
        return ""
    values = run(graph, leaves)
    traced = {float(values[i]).hex() for i, _, _ in graph.operations()}
    for result, name, line in steps:
        if result.hex() not in traced:
            return f". First difference: {line}: {name} gives {result!r}, which the trace lacks"
    computed = {result.hex() for result, _, _ in steps}
    for index, primitive, _ in graph.operations():
        if float(values[index]).hex() not in computed:
            origin = graph.origin(index)
            line = f"{origin.file}:{origin.line}: " if origin and origin.file else ""
            return (
                f". First difference: {line}the trace computes {primitive.name} = "
                f"{values[index]!r}, the call does not"
            )
    return ""
