"""Paths of a function that end in an exception: a call that takes one raises it.

Code gives nan there, on every target; only then is the point looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.tree.leaves import Floats
from autodiff.run.interpret import run
from autodiff.run.whole.whole_values import numeric_parts, run_whole
from autodiff.tracebacks import shortening
from codegen.call.blocks import Batch
from codegen.call.code import placed
from codegen.call.derivative import Derivative

__all__ = ["is_refusal", "raising", "refusal"]

_LOOKED_AT = 100  # points of a batch: data may lack numbers at many


def raising(
    entry: Callable[..., object], emission: Derivative, batch: Batch | None
) -> Callable[..., object]:
    """``entry``, and what the function raises where it raises.

    Args:
        entry: The call of what is compiled.
        emission: What is called.
        batch: Which arguments are many points, if they may be.
    """
    graph = emission.graph
    if graph.origins is None or not graph.origins.refusals:
        return entry

    @shortening
    def called(*args: object, **options: object) -> object:
        found = entry(*args, **options)
        value = found[0] if isinstance(found, tuple) else found
        if _has_nan(value):
            named = {name: x for name, x in options.items() if name != "out"}
            given = placed(emission, args, named)
            if batch is None or batch.flags is None:
                error = refusal(graph, given)
            else:
                points = _points_with_nan(batch, given, value)
                error = next(filter(None, (_refused_at(graph, x) for x in points)), None)
            if error is not None:
                raise error
        return found

    return called


def _has_nan(value: object) -> bool:
    """True for a number that is none, or an array with one."""
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, np.ndarray) and bool(np.isnan(value).any())


def refusal(graph: Graph, args: Sequence[object]) -> Exception | None:
    """What the function raises at ``args``, if it does."""
    if graph.origins is None or not graph.origins.refusals:
        return None
    return _refused_at(graph, [*map(np.asarray, numeric_parts(graph, args))])


def is_refusal(graph: Graph, error: Exception) -> bool:
    """True for what a path of the function ends in, so that a call raises it."""
    return graph.origins is not None and any(error is own for _, own in graph.origins.refusals)


def _points_with_nan(batch: Batch, args: Sequence[object], value: object) -> Iterator[list[Floats]]:
    """The parts of the arguments at the first points whose value is nan."""
    parts, count = batch.inputs(args)
    found = np.asarray(value)
    each = np.isnan(found) if found.shape == (count,) else np.ones(count)
    for point in np.flatnonzero(each)[:_LOOKED_AT]:
        yield [array[point] if batched else array for array, _, batched in parts]


def _refused_at(graph: Graph, parts: Sequence[Floats]) -> Exception | None:
    """What the function raises, given the scalars and arrays that its arguments begin with."""
    assert graph.origins is not None
    if graph.expanded:
        flat = [float(x) for part in parts for x in np.ravel(part)]
        values: Sequence[object] = run(graph, flat[: graph.inputs.count])
    else:
        shapes = graph.inputs.shapes
        values = run_whole(graph, [*map(np.reshape, parts, shapes)])
    for way, error in graph.origins.refusals:
        if all(bool(values[i]) is holds for i, holds in way):
            return error
    return None
