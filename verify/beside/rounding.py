"""Rounding: how far a gradient computed in floating point is from the true one, and where most.

Two numbers are told of each partial derivative at a point.  The *error* is that of the double that
comes out here, against the ball around the true derivative: rigorous, whatever the C library did.
The *bound* holds for every machine whose operations keep the promises below: the emitted text is
run on balls, each made larger by the rounding of its operation.

Promises: arithmetic and square roots are correctly rounded (IEEE-754), everything else is within
4 ulp of the scale that ACCURACY.md gives.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from autodiff.errors import ArgumentError, ProofgradError, installing
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Scalar
from autodiff.graph.tree.given import given_count
from autodiff.run.agreement import trace_as_called
from autodiff.run.interpret import flatten_arguments, run
from autodiff.run.transform import value_and_gradient
from autodiff.table.primitive import REGISTRY
from codegen import CompiledFunction, compile_gradient
from verify.beside.accuracy import BAR, REASONS, true_number
from verify.numbers.balls import Balls, ball_library, precision
from verify.program.program import program_of
from verify.rungs.enclosure import MISSING
from verify.subjects.emitted import compiled_subject

if TYPE_CHECKING:
    from flint import arb

__all__ = ["ErrorReport", "PartialError", "gradient_error", "worst_input"]

_BITS = 256
_UNIT = 2.0**-53  # half an ulp of 1
_NORMAL = 2.2250738585072014e-308  # below, digits are lost by underflow
_LARGEST = 1.7976931348623157e308
_HALVINGS = 52
_ALL = 16.0  # decimal digits of a double


@dataclass(frozen=True)
class PartialError:
    """The error of one partial derivative.

    Args:
        input: The input it is the derivative by.
        found: What floating point gives.
        true: The true derivative, rounded; nan where it is not known.
        error: Distance of ``found`` from the true derivative, rounded up.
        bound: The same for every machine that keeps the promises; inf where nothing is known.
    """

    input: str
    found: float
    true: float
    error: float
    bound: float

    @property
    def digits_lost(self) -> float:
        """Decimal digits of the 16 that are wrong."""
        if self.error != self.error:
            return math.nan
        if self.error == 0.0:
            return 0.0
        size = math.log10(max(abs(self.true), _NORMAL) * 2.0**54) - 107 * math.log10(2.0)
        return min(_ALL, max(0.0, math.log10(self.error) - size))


@dataclass(frozen=True)
class ErrorReport:
    """Errors of a gradient at a point.

    Args:
        function: Name of the function.
        point: Every input by name.
        partials: One per input.
    """

    function: str
    point: dict[str, float]
    partials: tuple[PartialError, ...]

    @property
    def digits_lost(self) -> float:
        """Of the partial derivative that loses most."""
        known = [p.digits_lost for p in self.partials if p.digits_lost == p.digits_lost]
        return max(known, default=math.nan)

    def to_json(self) -> dict[str, object]:
        """Plain data that ``json`` can write; numbers that are not finite are strings."""
        return {
            "function": self.function,
            "point": self.point,
            "partials": [
                {"input": p.input}
                | {
                    name: x if math.isfinite(x) else repr(x)
                    for name, x in {**vars(p), "digits_lost": p.digits_lost}.items()
                    if name != "input"
                }
                for p in self.partials
            ],
        }

    def __str__(self) -> str:
        point = ", ".join(f"{name} = {x!r}" for name, x in self.point.items())
        head = f"gradient of {self.function} at {point}"
        rows = [("input", "found", "true", "error", "bound", "digits lost")]
        rows += [
            (p.input, f"{p.found:.17g}", f"{p.true:.17g}", f"{p.error:.1e}", f"{p.bound:.1e}",
             f"{p.digits_lost:.1f}")
            for p in self.partials
        ]  # fmt: skip
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = [
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([head, "", *lines])


def gradient_error(function: Callable[..., object] | Graph, *point: object) -> ErrorReport:
    """Errors of the gradient that ``compile_gradient`` emits in the exact profile, at a point.

    Args:
        function: An ordinary Python function, a graph, or what ``compile_gradient`` returned.
        point: One value per argument.

    Returns:
        Per input the error of the number found on this machine, and a bound for every machine;
        both relative, and as decimal digits.

    Raises:
        ProofgradError: if python-flint is not installed.
        ArgumentError: if the point does not fit the function.

    >>> def f(x):
    ...     return (1.0 + x) - 1.0 / (1.0 - x)
    >>> [partial] = gradient_error(f, 1e-9).partials
    >>> partial.error <= partial.bound, partial.digits_lost > 5.0
    (True, True)
    """
    errors = _Errors(_graph(function, point))
    return errors.at([float(x) for x in flatten_arguments(errors.graph, point)])


def worst_input(
    function: Callable[..., object] | Graph,
    *intervals: tuple[float, float],
    tries: int = 400,
    seed: int = 0,
) -> ErrorReport:
    """The point inside the intervals where the gradient loses the most digits, of those tried.

    Half of the points are drawn from all over, on all scales; then zeros of the partial derivatives
    between them are tried, where terms cancel; the others close in on the worst.

    Args:
        function: As for ``gradient_error``.
        intervals: Lowest and highest value of each input.
        tries: Number of points.
        seed: Of the points; the same seed finds the same point.

    Returns:
        The errors at that point; ``point`` has it by input name.

    Raises:
        ProofgradError: if python-flint is not installed, or the function is nowhere defined there.
        ArgumentError: if there is not one interval of finite numbers per input.

    >>> report = worst_input(lambda x: x * x * x - 0.3 * x, (0.0, 1.0), tries=50)
    >>> abs(report.point["x"] - 0.1**0.5) < 1e-9  # 3 * x * x - 0.3 cancels
    True
    """
    given_count("tries", tries)
    checked = [_interval(i) for i in intervals]
    errors = _Errors(_graph(function, [0.5 * low + 0.5 * high for low, high in checked]))
    if len(checked) != errors.graph.inputs.size:
        raise ArgumentError(
            f"worst_input: found {len(checked)} intervals; expected {errors.graph.inputs.size}, "
            f"one for each of {', '.join(errors.graph.inputs.names)}"
        )
    worst, lost = _searched(errors, checked, tries, seed)
    if lost < 0.0:
        raise ProofgradError(
            "worst_input: the derivative is not known anywhere in the intervals; check the "
            "function's domain"
        )
    return errors.at(worst)


def _interval(interval: Sequence[float]) -> tuple[float, float]:
    try:
        low, high = map(float, interval)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"worst_input: found {interval!r}; expected a pair (lowest, highest)"
        ) from None
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ArgumentError(f"worst_input: found ({low}, {high}); expected finite low <= high")
    return low, high


Intervals = Sequence[tuple[float, float]]


def _searched(
    errors: _Errors, intervals: Intervals, tries: int, seed: int
) -> tuple[list[float], float]:
    """The worst point tried and the digits it loses, -1 if nothing is known anywhere."""
    draw = random.Random(seed)
    first = [[_drawn(draw, low, high) for low, high in intervals] for _ in range(-(-tries // 2))]
    worst: list[float] = []
    lost = -1.0
    for point in chain(first, _zeros(errors, first)):
        found = errors.lost(point)
        if found > lost:
            worst, lost = point, found
    for _ in range(tries // 2 if worst else 0):
        point = _nearby(draw, worst, intervals)
        found = errors.lost(point)
        if found > lost:
            worst, lost = point, found
    return worst, lost


def _zeros(errors: _Errors, points: Sequence[list[float]]) -> Iterator[list[float]]:
    """Where a partial derivative changes its sign between two of the points: it cancels there."""
    slopes = [errors.found(p) for p in points]
    for partial in range(len(slopes[0])):
        above = next((p for p, s in zip(points, slopes, strict=True) if s[partial] > 0.0), None)
        below = next((p for p, s in zip(points, slopes, strict=True) if s[partial] < 0.0), None)
        for _ in range(_HALVINGS if above and below else 0):
            assert above is not None
            assert below is not None
            middle = [0.5 * x + 0.5 * y for x, y in zip(above, below, strict=True)]
            if errors.found(middle)[partial] > 0.0:
                above = middle
            else:
                below = middle
        if above and below:
            yield from (above, below)


def _nearby(draw: random.Random, point: Sequence[float], intervals: Intervals) -> list[float]:
    spread = 10.0 ** draw.uniform(-14.0, 0.0)
    return [
        min(high, max(low, x + spread * (high - low) * draw.uniform(-1.0, 1.0)))
        for x, (low, high) in zip(point, intervals, strict=True)
    ]


def _drawn(draw: random.Random, low: float, high: float) -> float:
    """A number anywhere, close to an end on any scale, or close to zero."""
    width = 10.0 ** draw.uniform(-16.0, 0.0)
    near = {0: low + width * (high - low), 1: high - width * (high - low), 2: width * high}
    x: float = near.get(draw.randrange(6), draw.uniform(low, high))
    return min(high, max(low, x))


# --- errors ----------------------------------------------------------------------------------


def _graph(function: Callable[..., object] | Graph, examples: Sequence[object]) -> Graph:
    if ball_library() is None:
        raise ProofgradError(f"{MISSING}; error bounds need it: {installing('proof')}")
    given = function.graph if isinstance(function, CompiledFunction) else function
    graph = given if isinstance(given, Graph) else trace_as_called(given, *examples)
    if not isinstance(graph.result, Scalar):
        raise ArgumentError(f"{graph.name}: returns {graph.result}; expected one float")
    return graph


class _Errors:
    """Errors of one function's gradient."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._forward = program_of(graph)
        self._gradient = value_and_gradient(graph)
        subject = compiled_subject(compile_gradient(graph, check=False))
        self._emitted = subject.programs[0] if subject.programs else None
        self._inputs = subject.inputs

    def at(self, point: list[float]) -> ErrorReport:
        """Errors at a point."""
        bounds = self._bounds(point)
        partials = [
            self._partial(i, found, true, most)
            for i, found, true, most in zip(
                self._inputs, self.found(point), self._true(point), bounds, strict=True
            )
        ]
        names = self.graph.inputs.names
        return ErrorReport(self.graph.name, dict(zip(names, point, strict=True)), tuple(partials))

    def lost(self, point: list[float]) -> float:
        """Digits lost at a point, without bounds; -1 where nothing is known."""
        partials = [
            self._partial(i, found, true, None)
            for i, found, true in zip(
                self._inputs, self.found(point), self._true(point), strict=True
            )
        ]
        known = [p.digits_lost for p in partials if p.digits_lost == p.digits_lost]
        return max(known, default=-1.0)

    def found(self, point: Sequence[float]) -> list[float]:
        """The gradient in floating point: the emitted code gives the same bits."""
        values = run(self._gradient, point)
        return [float(values[i]) for i in self._gradient.outputs[1:]]

    def _true(self, point: list[float]) -> list[arb | None]:
        return [true_number(self._forward, point, i) for i in self._inputs]

    def _bounds(self, point: list[float]) -> list[arb | None]:
        """Balls that hold what any machine may find."""
        if self._emitted is None:
            return [None] * len(self._inputs)
        rounded = Rounded(_BITS)
        values = rounded.run(self._emitted, [rounded.number(x) for x in point])
        return [values[i] for i in self._emitted.outputs[1:]]

    def _partial(self, i: int, found: float, true: arb | None, most: arb | None) -> PartialError:
        name = self.graph.inputs.names[i]
        if true is None:
            return PartialError(name, found, math.nan, math.nan, math.inf)
        with precision(_BITS):
            error = float(abs(true - found).upper()) if math.isfinite(found) else math.inf
            bound = math.inf if most is None else float(abs(true - most).upper())
        bound = math.inf if bound != bound else max(bound, error if bound < math.inf else bound)
        nearest = float(true.mid())
        if found == nearest and math.isinf(nearest):
            error = 0.0
        return PartialError(name, found, nearest, error, bound)


# --- rounding on balls -----------------------------------------------------------------------

_EXACT = ("neg", "abs", "sign", "maximum", "minimum", "at_least", "at_most", "clip", "relu",
          "where", "lt", "le", "gt", "ge", "eq", "ne", "logical_and", "logical_or", "logical_not",
          "floor", "ceil", "trunc", "rint")  # fmt: skip
_CORRECT = ("add", "sub", "mul", "div", "square", "reciprocal", "sqrt", "leaky_relu")


def _half_ulps() -> dict[str, float]:
    """Text of a primitive -> its rounding in units of 2**-53 of the result."""
    errors = {row.sympy: 2.0 * BAR for row in REGISTRY.values()}
    errors |= {REGISTRY[name].sympy: 1.0 for name in _CORRECT}
    return errors | {REGISTRY[name].sympy: 0.0 for name in _EXACT}


def _scales() -> dict[str, Callable[..., float]]:
    """Text of a primitive -> what its rounding is relative to, if not the result."""
    return {
        REGISTRY[name].sympy: reason.scale
        for (name, position), reason in REASONS.items()
        if position is None
    }


class Rounded(Balls):
    """Balls that hold the result of every floating-point evaluation.

    Args:
        bits: Precision of the arithmetic.
    """

    def __init__(self, bits: int) -> None:
        super().__init__(bits)
        self._errors, self._scales = _half_ulps(), _scales()

    def apply(self, text: str, operands: Sequence[object]) -> arb:
        """Result of a primitive's text, rounded in any way it may be."""
        result = super().apply(text, operands)
        error = self._errors.get(text, 0.0)
        if error == 0.0:
            return result
        size = abs(result)
        if text in self._scales:
            numbers = [float(x.mid()) for x in map(self.number, operands)]
            if not all(map(math.isfinite, numbers)):  # scales are those of finite operands
                return self.nan
            size = size + 2.0 * float(self._scales[text](*numbers))
        if not size < _LARGEST:  # it may overflow
            return self.nan
        # Half the smallest subnormal number, as often as half an ulp.
        size = size.upper() * _UNIT + 2.0**-1074
        widened: arb = result + size * error * self._ball(0, 1)
        return widened
