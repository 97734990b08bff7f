"""Where paths meet: what each of them returned, chosen by the conditions that lead to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from autodiff.errors import TraceError
from autodiff.graph.graph import Builder
from autodiff.graph.structure import Structure
from autodiff.table.primitive import REGISTRY
from autodiff.trace.branching.decisions import Path, Raised

__all__ = ["Returned", "met"]

_WHERE, _AND, _NOT, _MUL = (
    REGISTRY[name] for name in ("where", "logical_and", "logical_not", "mul")
)


class Returned(NamedTuple):
    """What a path returned."""

    structure: Structure
    outputs: tuple[int, ...]  # nodes


def met(builder: Builder, paths: Sequence[Path], read: Callable[[object], Returned]) -> Returned:
    """The one result of all paths.

    Args:
        builder: What records the function.
        paths: All paths: together they leave no side of a decision out.
        read: What a result is made of.

    Raises:
        TraceError: if two paths return values of different structures.
    """
    for path in paths:
        way = tuple((one.condition, one.holds) for one in path.decided)
        refused = [((*way, *more), error) for more, error in path.refused]
        if isinstance(path.result, Raised):
            refused = [(way, path.result.error)]
        if builder.recorder is not None:
            builder.recorder.recording.refusals.extend(refused)
    found = [(p, _returned_by(builder, p, read)) for p in paths]
    result = _below(builder, found, 0)
    assert result is not None  # the first path returned
    return result


def _returned_by(
    builder: Builder, path: Path, read: Callable[[object], Returned]
) -> Returned | None:
    """What a path returns, nan where it has no result; None if it raises."""
    if isinstance(path.result, Raised):
        return None
    result: Returned = read(path.result)
    if not path.refused:
        return result
    # A factor, so that derivatives flow as they do where there is no question of refusing.
    factor, nan = builder.literal(1.0), builder.literal(math.nan)
    for way, _ in path.refused:
        factor = chosen(builder, _all_of(builder, way), nan, factor)
    outputs = [builder.add(_MUL, (x, factor), (), builder.nodes[x].shape) for x in result.outputs]
    return Returned(result.structure, tuple(outputs))


def _all_of(builder: Builder, way: Sequence[tuple[int, bool]]) -> int:
    """The condition that some hold, and some do not."""
    found = -1
    for condition, holds in way:
        one = condition if holds else builder.add(_NOT, (condition,))
        found = one if found < 0 else builder.add(_AND, (found, one))
    return found


def _below(
    builder: Builder, paths: Sequence[tuple[Path, Returned | None]], depth: int
) -> Returned | None:
    """What the paths return that go the same way up to ``depth``; None if they raise."""
    if len(paths) == 1:
        return paths[0][1]
    condition, _, place = paths[0][0].decided[depth]
    sides = [
        _below(builder, [p for p in paths if p[0].decided[depth].holds is holds], depth + 1)
        for holds in (True, False)
    ]
    then, other = sides
    if then is None or other is None:
        return _or_nan(builder, condition, then, other)
    if then.structure != other.structure:
        raise TraceError(
            f"{place}: the function returns {then.structure} where this condition holds, and "
            f"{other.structure} elsewhere; expected the same number of floats on each path"
        )
    return Returned(
        then.structure,
        tuple(
            chosen(builder, condition, x, y)
            for x, y in zip(then.outputs, other.outputs, strict=True)
        ),
    )


def _or_nan(
    builder: Builder, condition: int, then: Returned | None, other: Returned | None
) -> Returned | None:
    """What one side returns, and nan where the other one raises."""
    returned = then or other
    if returned is None:
        return None
    nan = builder.literal(math.nan)
    outputs = [
        chosen(builder, condition, x if then else nan, x if other else nan)
        for x in returned.outputs
    ]
    return Returned(returned.structure, tuple(outputs))


def chosen(builder: Builder, condition: int, x: int, y: int) -> int:
    """The node that is ``x`` where a condition holds, and ``y`` elsewhere."""
    if x == y:
        return x
    if builder.recorder is not None:
        builder.recorder.recording.conditions.add(condition)
    return builder.add(
        _WHERE, (condition, x, y), (), builder.nodes[x].shape or builder.nodes[y].shape
    )
