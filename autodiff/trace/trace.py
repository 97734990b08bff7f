"""trace(f, *examples) -> Graph: run a Python function once on placeholders and record it.

A Tracer stands for a number; every primitive that meets one adds a node to the Builder.  The
examples give the structure and the shapes of the arguments, never their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError, TraceError
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.structure import SCALAR, Array, Nothing, Structure, size
from autodiff.graph.tree.describe import PASSED, structure_of
from autodiff.graph.tree.tree import tree_of
from autodiff.origins.of_traces import Traced
from autodiff.origins.recorder import Captured, Recorder
from autodiff.table.primitive import Operand
from autodiff.trace.array_tracer import BUILDING, ArrayTracer
from autodiff.trace.arrays import operand_array
from autodiff.trace.branching.both_sides import Joins, rejoined
from autodiff.trace.branching.decisions import Decisions
from autodiff.trace.branching.endless import require_ends
from autodiff.trace.branching.example_values import ExampleValues
from autodiff.trace.branching.limited import LargeTraceError, Limited
from autodiff.trace.branching.meeting_paths import Returned, met
from autodiff.trace.branching.restarts import BranchedError, UnmergeableError
from autodiff.trace.branching.source.rewriting import compares_identity
from autodiff.trace.branching.source.tried import handles_errors
from autodiff.trace.branching.undecided_inputs import WHOLE_NUMBERS
from autodiff.trace.capture.captures import MOST, Captures
from autodiff.trace.capture.recorded_loop import LEAST
from autodiff.trace.capture.uncapturable import UncapturableError
from autodiff.trace.collection import collection_paused
from autodiff.trace.data import as_data
from autodiff.trace.filled import Filled
from autodiff.trace.functions.named_arguments import (
    argument_names,
    name_of,
    signature_examples,
    source_of,
)
from autodiff.trace.functions.seen_objects import may_be_seen
from autodiff.trace.held import holding_if_need_be
from autodiff.trace.libraries.libraries import as_traced
from autodiff.trace.placeholder import Tracer
from autodiff.trace.switching.ties import limits_of
from autodiff.trace.traced_call import no_result, recorded_in_our_words, run_for_trace
from autodiff.trace.whole.moving import as_tracer
from autodiff.trace.whole.whole_arguments import whole_placeholders

__all__ = [
    "output_of",
    "record",
    "run_for_trace",
    "trace",
    "trace_loops",
    "trace_open",
    "trace_repeating",
    "trace_within",
]


def trace(function: Callable[..., object], *examples: object, expand: bool = True) -> Graph:
    """Record ``function`` as a graph.

    Args:
        function: An ordinary Python function of floats, arrays, and nested tuples, lists and
            dicts of these.  It is run once, on placeholders.
        examples: One value per argument; only structure and shapes matter.  Without examples the
            default values of the signature serve.
        expand: True: one node for every float.  False: one for every array, where arrays of
            integers may be used as indices.

    Returns:
        The graph.  Its result has the structure of the function's result.

    Raises:
        TraceError: if the function needs a number where it has a placeholder (a branch, ``math``).
        ArgumentError: if the examples do not fit the signature.

    >>> import autodiff as ad, numpy as np
    >>> print(ad.trace(lambda x, y: x * y + np.sin(x), 1.0, 2.0))
    graph f(x: float, y: float) -> float:
        %2 = mul x, y
        %3 = sin x
        %4 = add %2, %3
        return %4
    <BLANKLINE>
    """
    return _recorded(function, examples, expand=expand)


def _recorded(
    function: Callable[..., object], examples: tuple[object, ...], expand: bool,
    repeating: bool = False, joins: Joins | None = None, limit: int | None = None,
) -> Graph:  # fmt: skip
    """Graph of a function at examples, or at the default values of its signature."""
    examples = examples or signature_examples(function)
    parameters = _parameters(function, examples)
    name, source = name_of(function), source_of(function)
    return recorded_in_our_words(
        lambda: record(
            function, name, parameters, source, examples=examples, expand=expand,
            repeating=repeating, joins=joins, limit=limit,
        ), function, examples,
    )  # fmt: skip


def trace_repeating(
    function: Callable[..., object], *examples: object, expand: bool = True
) -> Graph:
    """``trace``, but what is computed again is another node: every repetition has its own.

    Equal nodes stand in the graph several times, which only ``roll`` understands.

    Raises:
        TraceError: as ``trace``.
        ArgumentError: as ``trace``.
    """
    return _recorded(function, examples, expand=expand, repeating=True)


def trace_loops(
    limit: int, function: Callable[..., object], *examples: object, most: int = MOST,
    least: int = LEAST,
) -> Graph | None:  # fmt: skip
    """``trace`` with whole arrays, where loops stay loops: their bodies run once.

    Args:
        limit: See below.
        function: As for ``trace``.
        examples: As for ``trace``.
        most: How often a ``while`` may repeat.
        least: How often a loop repeats at least, inside no other, that stays one.

    Returns:
        None if there are more nodes besides inputs than ``limit``.

    Raises:
        TraceError: as ``trace``.
        ArgumentError: as ``trace``.
    """
    try:
        joins = Captures(most=most, least=least)
        return _recorded(function, examples, expand=False, joins=joins, limit=limit)
    except LargeTraceError:
        return None


def trace_within(
    limit: int, function: Callable[..., object], *examples: object, expand: bool = True
) -> Graph | None:
    """``trace``, if the function has at most so many nodes besides its inputs; else None.

    Raises:
        TraceError: as ``trace``.
        ArgumentError: as ``trace``.
    """
    try:
        return _recorded(function, examples, expand=expand, limit=limit)
    except LargeTraceError:
        return None


def trace_open(
    function: Callable[..., object], *examples: object, expand: bool = True
) -> tuple[Graph, list[object]]:
    """As ``trace``, for a function that may close over values of enclosing traces.

    Returns:
        The graph, and the values met; each is an argument more of the graph, behind those of the
        function.

    Raises:
        TraceError: as ``trace``.
        ArgumentError: as ``trace``.
    """
    parameters = _parameters(function, examples)
    name, source = name_of(function), source_of(function)
    met = Captured()
    graph = recorded_in_our_words(
        lambda: record(function, name, parameters, source, met, examples=examples, expand=expand),
        function, examples,
    )  # fmt: skip
    if not met.operands:
        return graph, []
    # Now that they are known each becomes an input, and the function runs once more.
    closed = Captured(Inputs(parameters, expand).count, len(met.operands))
    taken = {name for name, _ in parameters}
    fresh = (name for i in range(10**9) if (name := f"captured_{i}") not in taken)
    more = [(next(fresh), SCALAR if expand else structure_of(x)) for x in met.operands]
    graph = record(function, name, parameters, source, closed, more, examples, expand)
    return graph, closed.operands + met.operands[len(closed.operands) :]


def _parameters(
    function: Callable[..., object], examples: Sequence[object]
) -> list[tuple[str, Structure]]:
    """Name and structure of each argument."""
    names = argument_names(function, len(examples))
    return [(name, structure_of(x, name)) for name, x in zip(names, examples, strict=True)]


@holding_if_need_be
def record(
    function: Callable[..., object],
    name: str,
    parameters: Sequence[tuple[str, Structure]],
    source: str = "",
    captured: Captured | None = None,
    more: Sequence[tuple[str, Structure]] = (),
    examples: Sequence[object] = (),
    expand: bool = True,
    repeating: bool = False,
    joins: Joins | None = None,
    limit: int | None = None,
) -> Graph:
    """Graph of ``function`` called on placeholders of these named structures.

    Args:
        function: The function.
        name: Name of the graph.
        parameters: Name and structure of each argument.
        source: How to call the function in an error.
        captured: What it may close over; None if values of other traces are errors.
        more: Parameters of the graph for what it closes over.
        examples: One value per argument, if there are any: they say which path is run first.
        expand: False if every array is to be one node.
        repeating: True: what is computed again is another node.
        joins: Where the sides of branches meet; None until a branch is met.
        limit: How many nodes there may be besides inputs.
    """
    code = require_ends(function, source or name)
    if joins is None and code is not None:
        joins = Joins() if compares_identity(code) or handles_errors(function) else None
    while True:
        recorder = Recorder(run_for_trace.__code__)
        recorder.captured = captured
        begun = Builder.repeating if repeating else Builder
        builder = begun(Inputs([*parameters, *more], expand), recorder)
        if limit is not None:
            builder.nodes = Limited(builder.nodes, limit)
        decisions = _decisions(builder, parameters, [] if more else examples)
        decisions.straight = joins is None
        if joins is not None:
            joins.decisions, joins.examples = decisions, examples
        try:
            traced = _to_run(function, not expand, joins, examples)
            result = _result_of(
                traced, builder, decisions, parameters, examples, source or name, joins
            )
        except (BranchedError, TraceError) as error:
            joins = rejoined(error, decisions, joins)
        except UnmergeableError as unmergeable:
            if joins is None or unmergeable.owner is not joins:
                raise
            joins = joins.begun_again(unmergeable)
        except UncapturableError:
            joins = None if joins is None else joins.unrolling()
            if joins is None:
                raise
        else:
            break
    recorder.let_go()
    noted = recorder.solves, recorder.written, recorder.approximates
    origins = Traced(recorder.recording, name, *noted)
    every = [*parameters, *more]
    graph = builder.graph(name, every, result.outputs, result.structure, origins)
    if not builder.derives:
        return graph
    derived = graph.inputs.nodes, graph.outputs, range(len(graph.outputs))
    return replace(graph, limits=limits_of(graph, *derived, first=False))


def _result_of(
    traced: Callable[..., object],
    builder: Builder,
    decisions: Decisions,
    parameters: Sequence[tuple[str, Structure]],
    examples: Sequence[object],
    source: str,
    joins: Joins | None,
) -> Returned:
    """What the function returns, run along each of its paths."""
    recorder, expand = builder.recorder, builder.expanded
    assert recorder is not None
    recorder.refuse, recorder.examples = decisions.refuse, (parameters, examples)
    recorder.decide = decisions.decide if joins is None else joins.deciding(decisions.decide)

    def once() -> object:
        recorder.release()
        recorder.running = True
        if expand:
            arguments = _placeholders(builder, parameters)
        else:
            arguments = whole_placeholders(builder, parameters, examples)
        run = run_for_trace if joins is None else joins.run
        with recorder.refusing():
            return run(traced, arguments)

    building = BUILDING.set(None if expand else builder)
    whole = WHOLE_NUMBERS.set(())
    try:
        with collection_paused():
            paths = decisions.paths(once, source)
    finally:
        WHOLE_NUMBERS.reset(whole)
        BUILDING.reset(building)
        recorder.release()
    return met(builder, paths, partial(_returned, builder, source))


def _decisions(
    builder: Builder, parameters: Sequence[tuple[str, Structure]], examples: Sequence[object]
) -> Decisions:
    """What decides on traced conditions, in view of the examples."""

    def inputs() -> list[object]:
        values: list[object] = []
        for (name, structure), example in zip(parameters, examples, strict=False):
            tree = tree_of(structure)
            values += (tree.leaves if builder.expanded else tree.numbers)(example, name)
        return values

    positions = WHOLE_NUMBERS.get()
    whole = Inputs(parameters, builder.expanded).of(positions) if positions else ()
    return Decisions(builder, ExampleValues(builder, inputs), whole)


def _returned(builder: Builder, source: str, result: object) -> Returned:
    """What a path returned, its numbers as nodes."""
    try:
        structure = structure_of(result, "result")
    except ArgumentError as error:
        said = str(error).replace(PASSED, "Return its numbers")
        raise TraceError(f"{source}: {said}") from None
    if isinstance(structure, Nothing):
        raise TraceError(
            f"{source}: result: found None; expected floats or arrays; is a return "
            "statement missing?"
        )
    tree = tree_of(structure)
    read = tree.leaves if builder.expanded else tree.parts
    outputs = tuple(output_of(builder, leaf, source) for leaf in read(result, "result"))
    # np.squeeze and others return an array of no dimension where a scalar is meant.
    return Returned(SCALAR if structure == Array(()) else structure, outputs)


def _placeholders(builder: Builder, parameters: Sequence[tuple[str, Structure]]) -> list[object]:
    """The arguments, a placeholder for each float."""
    arguments, start = [], 0
    for _, structure in parameters:
        leaves = [Tracer(builder, start + i) for i in range(size(structure))]
        arguments.append(tree_of(structure).rebuild(leaves, operand_array))
        start += len(leaves)
    return arguments


def _to_run(
    function: Callable[..., object], whole: bool, joins: Joins | None, examples: Sequence[object]
) -> Callable[..., object]:
    """The function as it is traced."""
    objects = any(map(may_be_seen, examples))
    if isinstance(function, Filled):
        traced, filled = as_traced(function.function, whole, joins, objects), function.filled
        if not whole:
            return lambda *arguments: traced(*filled(arguments))
        return lambda *arguments: traced(*map(as_data, filled(arguments)))
    return as_traced(function, whole, joins, objects)


def output_of(builder: Builder, leaf: Any, source: str) -> int:
    """The node of something that a traced function returns.

    Raises:
        DifferentiationError: if it is a complex number.
        TraceError: if it is a value of another trace.
    """
    if isinstance(leaf, Tracer) and leaf.builder is builder:
        return leaf.index
    if not builder.expanded and isinstance(leaf, (np.ndarray, list, tuple)):
        made = as_tracer(leaf, ArrayTracer(builder, builder.literal(0.0)))
        assert isinstance(made, ArrayTracer)
        return made.index
    if isinstance(leaf, Operand) and not isinstance(leaf, float):
        kept = Tracer(builder, 0)._captured(leaf)
        if kept is not None:
            return kept
        raise no_result(leaf, source)
    return builder.literal(float(leaf))
