"""What ties machine code of arrays to the text that is proven: both are run, beside each other.

Machine code is written from the graph that the text is written from, by another way.  Each compile
executes it at the example and at random points; where its numbers differ from the text's by more
than rounding may, as disturbed runs of the interpreter tell, it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.tree.leaves import Floats
from autodiff.run.whole.whole_agreement import moved_by_rounding
from autodiff.run.whole.whole_values import run_whole
from codegen.call.compiled import CompiledFunction
from codegen.language.numpy.in_floats import called
from codegen.text.whole.array_writer import index_inputs
from verify.answer.report import VerificationError

__all__ = ["execute_beside_text", "for_text", "numbers_in"]

_CLOSE = 1e-9  # of the largest number of an array: nobody looks further


def execute_beside_text(compiled: CompiledFunction, points: Iterable[Sequence[Floats]]) -> int:
    """Run the machine code and the text at points; at how many they were held to each other.

    Args:
        compiled: Machine code of arrays.
        points: Arguments in parts: their scalars and arrays.

    Raises:
        VerificationError: if a number is wrong.
    """
    graph = compiled.machine_graph
    assert graph is not None
    text = compiled.loaded.functions[compiled.entry]
    count = 0
    for parts in points:
        try:
            found = compiled.executed(parts)
        except ArgumentError:  # an index of the point does not fit
            continue
        try:
            made = called(text, list(for_text(graph, parts)))
        except (np.linalg.LinAlgError, IndexError):  # where machine code of few numbers gives nan
            continue
        wanted = [np.asarray(x, np.float64) for x in numbers_in(made)]
        count += _hold(compiled, graph, parts, found, wanted)
    return count


def for_text(graph: Graph, parts: Sequence[Floats]) -> Iterator[object]:
    """The parts as the emitted function takes them: floats, arrays, arrays of indices."""
    maps = index_inputs(graph)
    for k, part in enumerate(parts):
        if k in maps:
            yield np.asarray(part).astype(np.intp)
        else:
            yield part if np.ndim(part) else float(part)


def _hold(
    compiled: CompiledFunction, graph: Graph, parts: Sequence[Floats],
    found: Sequence[Floats], wanted: Sequence[Floats],
) -> bool:  # fmt: skip
    """True if the point tells something: rounding cannot move all numbers as far as it likes."""
    if all(_is_close(x, y) for x, y in zip(found, wanted, strict=True)):
        return True
    values = run_whole(graph, parts)
    exact = [values[i] for i in graph.outputs]
    allowed = moved_by_rounding(graph, parts, exact)
    for place, (x, y, z, most) in enumerate(zip(found, wanted, exact, allowed, strict=True)):
        both = np.isfinite(x) & np.isfinite(y)
        wrong = both & (np.abs(x - y) > most + _CLOSE * np.abs(y))
        wrong |= (
            (_kind(x) != _kind(y)) & (_kind(y) == _kind(z)) & (~np.isfinite(z) | np.isfinite(most))
        )
        if wrong.any():
            at = tuple(int(i[0]) for i in np.nonzero(wrong)) if x.ndim else ()
            raise VerificationError(
                f"{compiled.graph.name}: REFUTED: the machine code gives {x[at]!r} at {list(at)} "
                f"of part {place} of its result; the text it is held to gives {y[at]!r}. Please "
                "report this: the machine code is wrong"
            )
    return all(bool(np.any(np.isfinite(most))) or not most.size for most in allowed)


def _kind(x: Floats) -> Floats:
    """0 for what is finite, and a number each for nan and the infinities."""
    return np.where(np.isnan(x), 2.0, np.where(np.isinf(x), np.sign(x), 0.0))


def _is_close(x: Floats, y: Floats) -> bool:
    if x.shape != y.shape:
        return False
    finite = np.isfinite(x) & np.isfinite(y)
    same = np.where(finite, True, (x == y) | (np.isnan(x) & np.isnan(y)))
    scale = float(np.max(np.abs(y[finite]), initial=0.0))
    return bool(same.all() and np.all(np.abs(x[finite] - y[finite]) <= _CLOSE * scale))


def numbers_in(result: object) -> Iterator[Any]:
    """The floats and arrays of a result, in order."""
    stack = [result]
    while stack:
        top = stack.pop()
        if isinstance(top, dict):
            stack += reversed(list(top.values()))
        elif isinstance(top, (tuple, list)):
            stack += reversed(top)
        else:
            yield top
