"""Functions with loops, traced without unrolling them."""

from __future__ import annotations

import opcode
import types
from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np

from autodiff.errors import ProofgradError
from autodiff.graph.graph import Graph
from autodiff.graph.loops.ending import may_end
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.agreement import check_agreement
from autodiff.run.roll.parted import parted
from autodiff.run.roll.spread.spreading import spread
from autodiff.run.whole.array_ties import has_switches
from autodiff.run.whole.whole_values import parts_of_arguments, run_whole
from autodiff.table.written import codes_within
from autodiff.trace.branching.source.rewriting import branches
from autodiff.trace.functions.reached import GOING_OVER, reached_code
from autodiff.trace.trace import trace_loops, trace_within

__all__ = ["looped"]

_LARGE_UNROLLED = 1000  # nodes of an unrolled trace from which loops stay loops
LARGE_OF_ARRAYS = 200  # the same, where arrays are nodes
_MOST = 1500  # nodes of a trace whose loops stay loops
_MOST_OVER_NUMBERS = 700  # the same over numbers, whose derivatives are too long beyond
_LONG, _FEW = 150, 3  # nodes of a trace in which loops of so few repetitions stay loops as well ...
_WORTH = 2  # ... if it becomes so many times shorter
_SWITCHING = 8  # how much longer the text of a function is whose switches may meet
# Loops that end where they are done stay loops whatever the number of repetitions.
_ENDING = frozenset({"while_loop", "root", "fixed_point"})
_MANY = 100_000  # repetitions of a ``while`` where the usual ones are too few
_BACK = frozenset(number for name, number in opcode.opmap.items() if "JUMP_BACKWARD" in name)


def looped(
    function: Callable[..., object],
    examples: Sequence[object],
    expand: bool,
    over_numbers: bool = False,
) -> Graph | None:
    """The trace of a function with its loops as loops, if it is large unrolled; else None.

    The function is called at the examples as well, and both have to agree.

    Args:
        function: The function.
        examples: What it is traced with.
        expand: True if it would be traced element by element.
        over_numbers: True if nothing but numbers and lists of them can be written.
    """
    codes = [*reached_code(function)]
    small = cache(partial(_is_small, function, examples, expand, codes))
    ending = any(map(_may_end, codes))
    try:
        if not ending and small():
            return None  # (None: it cannot be unrolled)
        most = _MOST_OVER_NUMBERS if over_numbers else _MOST
        graph = _short_ones_too(trace_loops(most, function, *examples), most, function, examples)
        if graph is None or (not loops_of(graph) and small() is not None):
            return None
        if _is_refused(graph, examples):
            graph = trace_loops(most, function, *examples, most=_MANY)
            if graph is None or _is_refused(graph, examples):
                return None  # it may never end: nobody calls it
        if ending and not may_end(graph) and small():
            return None
        made = spread(graph) if over_numbers else parted(graph)
        check_agreement(function, made, examples)
    except (ProofgradError, ArithmeticError, LookupError, TypeError, ValueError):
        return None  # it may be possible unrolled, and what is wrong is said there
    return made


def _short_ones_too(
    graph: Graph | None, most: int, function: Callable[..., object], examples: Sequence[object]
) -> Graph | None:
    """A trace with its loops; if it is long, with those that repeat a few times, if shorter."""
    if graph is not None and len(graph.nodes) < _LONG:
        return graph
    other = trace_loops(most, function, *examples, least=_FEW)
    before = most if graph is None else len(graph.nodes)
    return graph if other is None or _WORTH * len(other.nodes) > before else other


def _is_small(
    function: Callable[..., object],
    examples: Sequence[object],
    expand: bool,
    codes: Sequence[types.CodeType],
) -> bool | None:
    """True if the unrolled trace of a function has few nodes, or it has no loops; None if there is
    no such trace.
    """
    if not _may_repeat(codes, examples):
        return True
    limit = _LARGE_UNROLLED if expand else LARGE_OF_ARRAYS
    try:
        graph = trace_within(limit, function, *examples, expand=expand)
    except ProofgradError:
        return None  # its arrays may have to be whole
    if graph is None:
        return False
    return not has_switches(graph) or len(graph.nodes) * _SWITCHING <= limit


def _may_repeat(codes: Sequence[types.CodeType], examples: Sequence[object]) -> bool:
    """True if one of these has a loop, or goes over an argument otherwise."""
    over = any(not isinstance(one, (bool, int, float, str, np.number)) for one in examples)
    return any(map(_loops, codes)) or (over and any(map(_goes_over, codes)))


def _loops(code: types.CodeType) -> bool:
    """True if code repeats something."""
    return any(not _BACK.isdisjoint(one.co_code[::2]) for one in codes_within(code))


def _goes_over(code: types.CodeType) -> bool:
    """True if code calls what calls a function for each element, or compares them all."""
    return any(not GOING_OVER.isdisjoint(one.co_names) for one in codes_within(code))


def _may_end(code: types.CodeType) -> bool:
    """True if code repeats something until a condition holds."""
    return bool(_ENDING.intersection(code.co_names)) or (_loops(code) and branches(code))


def _is_refused(graph: Graph, examples: Sequence[object]) -> bool:
    """True if a loop of a trace does not end within its repetitions at the examples."""
    if graph.origins is None or not graph.origins.refusals:
        return False
    values = run_whole(graph, parts_of_arguments(graph, examples))
    return any(
        all(bool(values[i]) is holds for i, holds in way) for way, _ in graph.origins.refusals
    )
