"""The body of a loop, run once on placeholders: a graph whose arguments are scalars and arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autodiff.errors import ArgumentError, TraceError, user_location
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.body_inputs import part_of, parts_named
from autodiff.graph.rebuild import Rebuild
from autodiff.graph.structure import Structure, Tuple
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.tree import tree_of
from autodiff.origins.of_traces import Traced
from autodiff.origins.origin import moved
from autodiff.origins.recorder import Recorder
from autodiff.trace.array_tracer import BUILDING, ArrayTracer
from autodiff.trace.regions.enclosed import Enclosed
from autodiff.trace.regions.unpacked import closed_over
from autodiff.trace.trace import output_of, run_for_trace

__all__ = ["Body", "pair_of", "recorded_body"]


@dataclass(frozen=True)
class Body:
    """A body and what comes with it.

    Args:
        graph: Its arguments: those of the function, then what it closes over.
        results: Structure of each of the two things that it returns.
        met: What it closes over: values, and arrays of constants.
        labels: How the user calls each of these, "" if that is not known.
    """

    graph: Graph
    results: tuple[Structure, Structure]
    met: tuple[object, ...]
    labels: tuple[str, ...]


def pair_of(returned: object, name: str) -> tuple[object, object]:
    """The two things that a repetition returns.

    Raises:
        TraceError: if they are not two.
    """
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise TraceError(
            f"{user_location()}: scan: {name} returned {type(returned).__name__}; expected two "
            "things: the carry for the next repetition, and what is stacked (None if nothing is)"
        )
    return returned


def recorded_body(
    function: Callable[..., object],
    build: Callable[[list[Any]], list[object]],
    parameters: Sequence[tuple[str, Structure]],
    integers: Sequence[bool],
    name: str,
) -> Body:
    """The graph of one repetition.

    Args:
        function: A function of a carry and an element that returns a carry and what is stacked.
        build: Makes its arguments of their scalars and arrays.
        parameters: Name and structure of each of these.
        integers: Which of them may be used as indices.
        name: How the body is called.

    Raises:
        TraceError: if it does something that cannot be recorded, or returns something else.
    """
    recorder = Recorder(run_for_trace.__code__)
    builder = Builder(Inputs(parameters, False), recorder)
    enclosed = recorder.captured = Enclosed(builder)
    leaves = [ArrayTracer(builder, i, integer) for i, integer in enumerate(integers)]
    for leaf in leaves:
        leaf.is_argument = True
    building = BUILDING.set(builder)
    try:
        returned = run_for_trace(function, build(leaves))
    finally:
        BUILDING.reset(building)
        recorder.release()
    if recorder.refused is not None:
        raise recorder.refused
    results, outputs = [], []
    try:
        for what, value in zip(("carry", "stacked"), pair_of(returned, name), strict=True):
            structure = structure_of(value, f"{name}: {what}")
            results.append(structure)
            parts = tree_of(structure).parts(value, what)
            outputs += [output_of(builder, part, name) for part in parts]
    except ArgumentError as error:
        raise TraceError(f"scan: {error}") from None
    origins = Traced(recorder.recording, name)
    structure = Tuple(tuple(part_of(builder.nodes[i].shape) for i in outputs))
    traced = builder.graph(name, parameters, outputs, structure, origins)
    return _inputs_first(traced, enclosed, (results[0], results[1]), closed_over(function))


def _inputs_first(
    graph: Graph,
    enclosed: Enclosed,
    results: tuple[Structure, Structure],
    closed: Mapping[int, str],
) -> Body:
    """The body with what it closes over as arguments behind its own."""
    own, known = len(graph.parameters), {} if graph.origins is None else graph.origins.labels
    met = dict(zip(enclosed.inputs, enclosed.met, strict=True)) | graph.arrays
    labels = [known[i].base if i in known else closed.get(id(x), "") for i, x in met.items()]
    every = parts_named(
        [*(name for name, _ in graph.parameters), *(label or "fixed" for label in labels)],
        [*graph.inputs.shapes, *(graph.nodes[i].shape for i in met)],
    )
    walk = Rebuild(graph, Builder(Inputs(every, False)))
    places = {index: own + place for place, index in enumerate(met)}
    for index in range(own, len(graph.nodes)):
        node = graph.nodes[index]
        if index in places:
            walk.refs.append(places[index])
        elif node.primitive is None:
            walk.refs.append(node.value)
        else:
            operands = tuple([walk.placed(i) for i in node.operands])
            walk.refs.append(walk.builder.add(node.primitive, operands, node.params, node.shape))
    outputs = [walk.placed(i) for i in graph.outputs]
    origins = moved(graph.origins, walk.refs)
    made = walk.builder.graph(graph.name, every, outputs, graph.result, origins)
    return Body(made, results, tuple(met.values()), tuple(labels))
