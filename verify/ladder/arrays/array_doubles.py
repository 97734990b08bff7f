"""Where no field decides: the code against the chain rule over its function's scalars, in doubles.

A difference refutes; agreement certifies numbers only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import ArgumentError, TraceError, UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Tuple, leaf_parts, size
from autodiff.graph.tree.leaves import Floats
from autodiff.graph.tree.tree import tree_of
from autodiff.run.interpret import evaluate
from autodiff.run.whole.scalarize import scalarize
from autodiff.run.whole.shortened import shortened
from autodiff.run.whole.whole_values import as_arguments, parts_of_arguments, run_whole
from codegen.call.compiled import CompiledFunction
from codegen.call.results.refused import is_refusal
from codegen.call.variants import StaticFunction
from codegen.language.numpy.in_floats import called
from verify.answer.report import Verdict, VerificationError
from verify.ladder.arrays.array_execution import for_text, numbers_in
from verify.ladder.arrays.unwritten import reads_unwritten
from verify.subjects.any_direction import patterns_of
from verify.truth.array_facts import index_bounds
from verify.truth.twice import expected

__all__ = ["POINTS", "Found", "in_doubles", "points_of"]

Found: TypeAlias = tuple[Verdict, str, float | None, str]

_LARGE = 2_000_000  # numbers of the arguments, of which one such point tells as much
POINTS = 3  # besides these
_WIDTHS = 0.0, 0.05  # of the example, and of a point beside it, where doubles decide
_CLOSE = 1e-6  # sums of doubles in two orders, through what loses digits


def in_doubles(compiled: CompiledFunction, examples: Sequence[object], reason: str) -> Found:
    """Where no field decides: the code against the chain rule over scalars, in doubles."""
    graph, beside, beside_text = compiled.graph, _Beside(compiled), _Beside(compiled)
    frame = compiled.frame if compiled.what else graph
    points = points_of(frame, examples, _WIDTHS)
    fitting = (parts for parts in points if _fits(graph, parts))
    made = [(parts, found) for parts in fitting if (found := beside.called(parts)) is not None]
    if compiled.what:
        against = "the chain rule"
        try:
            truth = _by_the_chain_rule(compiled, [parts for parts, _ in made])
        except UnsupportedError:
            note = f"{reason}, and its scalars are too many for doubles"
            return Verdict.UNDECIDED, "", None, note
    else:
        truth, against = partial(_interpreted, graph), "the interpreter"
    for parts, found in made:
        wanted = truth(parts)
        beside.compare(parts, found, wanted)
        if (shown := _shown(compiled, parts)) is not None:
            beside_text.compare(parts, shown, wanted)
    method = f"the emitted code against {against} in doubles at {beside.points} points"
    method += f", off by at most {max(beside.off, beside_text.off):.0e} of the largest number"
    if open_still := beside.open_still():
        return Verdict.UNDECIDED, method, None, f"{reason}, and {open_still}"
    return Verdict.CERTIFIED_NUMERIC, method, None, reason


def _shown(compiled: CompiledFunction, parts: Sequence[Floats]) -> list[Floats] | None:
    """What the text that is shown gives, where calls may run or settle more; None at ties."""
    counting = compiled.code.counting
    if counting is None:
        return None
    given = list(for_text(compiled.frame, parts))
    *_, ties = numbers_in(called(counting.functions["watched"], given))
    if np.any(ties > 0.0):
        return None
    return list(numbers_in(called(compiled.loaded.functions[compiled.entry], given)))


def _fits(graph: Graph, parts: Sequence[Floats]) -> bool:
    """True if the function has a value at a point: no index reaches beyond its array."""
    try:
        run_whole(graph, parts[: len(graph.inputs.shapes)])
    except ArgumentError:
        return False
    return True


def _interpreted(graph: Graph, parts: Sequence[Floats]) -> list[Floats]:
    values = run_whole(graph, parts)
    return [values[i] for i in graph.outputs]


def _by_the_chain_rule(
    compiled: CompiledFunction, points: Sequence[Sequence[Floats]]
) -> Callable[[Sequence[Floats]], list[Floats]]:
    """What must come out, part by part, from the parts of the arguments of a call: at some points.

    Raises:
        UnsupportedError: if it cannot be written in scalars.
    """
    kind = compiled.kind
    patterns = patterns_of(kind, compiled.result)
    count = compiled.graph.inputs.count
    scalars = scalarize(shortened(compiled.graph, [parts[:count] for parts in points]))
    truth = expected(scalars, compiled.what, compiled.wrt, patterns)
    graph = truth.graph
    ends = np.cumsum([size(part) for _, part in leaf_parts("", compiled.result)])
    arguments = tree_of(Tuple(tuple(structure for _, structure in graph.parameters)))

    def at(parts: Sequence[Floats]) -> list[Floats]:
        flat = [float(x) for part in parts for x in np.ravel(part)]
        with np.errstate(all="ignore"):
            numbers = np.asarray(evaluate(graph, *arguments.rebuild(flat)))
        *kept, absent = np.split(numbers, ends)
        _require_none(compiled, truth.names[len(numbers) - len(absent) :], absent, flat)
        return kept

    return at


def _require_none(
    compiled: CompiledFunction, names: Sequence[str], absent: Floats, flat: Sequence[float]
) -> None:
    """What a sparse matrix does not keep is zero.

    Raises:
        VerificationError: if it is not.
    """
    wrong = np.isfinite(absent) & (np.abs(absent) > _CLOSE)
    if wrong.any():
        place = int(np.argmax(wrong))
        raise VerificationError(
            f"{compiled.graph.name}: REFUTED: the emitted code keeps no entry {names[place]}: it "
            f"is {float(absent[place])!r} at {flat!r}. Please report this: the code is wrong"
        )


def points_of(
    frame: Graph,
    examples: Sequence[object],
    widths: Sequence[float] = (0.0,),
    more: int = POINTS,
) -> Iterator[list[Floats]]:
    """Arguments in parts: the example and others as far beside it, with some directions, and as
    many more around zero."""
    draw, bounds = np.random.default_rng(), index_bounds(frame)
    if examples and len(examples) <= len(frame.parameters):
        given = replace(frame, parameters=frame.parameters[: len(examples)])
        parts = [np.asarray(x, dtype=np.float64) for x in parts_of_arguments(given, examples)]
        rest = frame.inputs.shapes[len(parts) :]
        for width in widths:
            near = [
                x
                if i in bounds or not width
                else x * draw.uniform(1.0 - width, 1.0 + width, x.shape)
                for i, x in enumerate(parts)
            ]
            yield [*near, *(draw.uniform(-1.0, 1.0, shape) for shape in rest)]
    numbers = sum(map(math.prod, frame.inputs.shapes))
    for _ in range(more if numbers < _LARGE else 1):
        yield [
            draw.integers(0, max(bounds[i], 1), shape).astype(np.float64)
            if i in bounds
            else draw.uniform(-1.0, 1.0, shape)
            for i, shape in enumerate(frame.inputs.shapes)
        ]


class _Beside:
    """The code beside what must come out, call by call.

    Args:
        compiled: What is called.

    Attributes:
        points: How many told something.
        off: The largest difference at one, beside the largest number there.
    """

    def __init__(self, compiled: CompiledFunction) -> None:
        self._compiled = compiled
        self._seen: NDArray[np.bool_] | None = None  # numbers that were compared
        self._unlike = ""
        self.points, self.off = 0, 0.0

    def compare(
        self, parts: Sequence[Floats], found: Sequence[Floats], wanted: Sequence[Floats]
    ) -> None:
        """Hold what the code gave to numbers.

        Raises:
            VerificationError: if one of them differs.
        """
        arguments = as_arguments(self._compiled.frame, parts)
        given, right = (np.concatenate([np.ravel(x) for x in some]) for some in (found, wanted))
        if len(given) != len(right):
            raise self._refuted(f"gives {len(given)} numbers; expected {len(right)}")
        finite = np.isfinite(right)
        scale = max(1.0, float(np.max(np.abs(right[finite]), initial=0.0)))
        off = np.subtract(given, right, out=np.zeros_like(right), where=finite)
        wrong = ~(np.abs(off) <= _CLOSE * scale)
        if wrong.any():
            place = int(np.argmax(wrong))
            raise self._refuted(
                f"gives {given[place]!r} for number {place} of its result at {arguments!r}; "
                f"expected {right[place]!r}"
            )
        self.off = max(self.off, float(np.max(np.abs(off), initial=0.0)) / scale)
        unlike = np.isfinite(given) & ~finite
        if unlike.any() and not self._unlike:
            place = int(np.argmax(unlike))
            self._unlike = (
                f"number {place} of the result is {given[place]!r} at {arguments!r}, where it must "
                f"be {right[place]!r}"
            )
        self._seen = finite if self._seen is None else self._seen | finite
        self.points += bool(finite.any())

    def called(self, parts: Sequence[Floats]) -> list[Floats] | None:
        """What the code gives, part by part; None where the function itself raises."""
        compiled = self._compiled
        if compiled.sparse or compiled.takes_points:  # its values at one point, as the text has it
            text = compiled.loaded.functions[compiled.entry]
            return list(numbers_in(called(text, list(for_text(compiled.frame, parts)))))
        args: Sequence[object] = as_arguments(compiled.frame, parts)
        if isinstance(compiled, StaticFunction):
            args = compiled.filled(args)
        if reads_unwritten(compiled, parts):
            raise self._refuted("reads memory that it has not written")
        try:
            return list(numbers_in(compiled(*args)))
        except Exception as error:  # of the user's function, whatever it is
            if isinstance(error, TraceError) or is_refusal(compiled.graph, error):
                return None
            raise

    def _refuted(self, what: str) -> VerificationError:
        return VerificationError(
            f"{self._compiled.graph.name}: REFUTED: the emitted code {what}. Please report this: "
            "the emitted code is wrong"
        )

    def open_still(self) -> str:
        """What doubles could not tell of the code, "" if they compared every number."""
        if self._unlike or self._seen is None:
            return self._unlike or "the function raises at every point that was tried"
        left = np.flatnonzero(~self._seen)
        said = "number {} of the result was finite at no point that was tried"
        return said.format(left[0]) if left.size else ""
