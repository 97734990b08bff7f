"""One value in place of two, whatever they are: what is x where a condition holds, y elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.table import ops
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.arrays import operand_array
from autodiff.trace.branching.choices import UNBOUND, Unbound, chosen, is_number, noted
from autodiff.trace.branching.objects.alternatives import is_alternative, one_of_two
from autodiff.trace.branching.objects.places_met import array_met
from autodiff.trace.branching.objects.unsure import Entries, Unsure, entries_met
from autodiff.trace.branching.objects.users_objects import fields_of, is_record, with_fields
from autodiff.trace.branching.objects.watched import Before
from autodiff.trace.branching.reachable import EVERY, Contents, Reachable, put_into
from autodiff.trace.branching.restarts import UnmergeableError

__all__ = ["contents_met", "meet_contents", "met", "met_within"]


def met(condition: object, x: Any, y: Any, old: Before) -> Any:
    """What is ``x`` where a condition holds, and ``y`` elsewhere.

    Args:
        condition: The condition.
        x: What one side left.
        y: What the other side left.
        old: What was there before.

    Raises:
        UnmergeableError: if the two cannot be one value.
    """
    if x is y or y is UNBOUND:
        return x
    if x is UNBOUND or isinstance(y, Unbound):
        return y
    if isinstance(x, Unbound):
        return x
    if is_alternative(x) or is_alternative(y):
        return one_of_two(condition, x, y, old, met)
    if is_number(x) and is_number(y):
        return chosen(condition, x, y)
    if isinstance(x, (np.ndarray, ArrayTracer)) and isinstance(y, (np.ndarray, ArrayTracer)):
        return _arrays(condition, x, y, old)
    if type(x) is not type(y):
        raise UnmergeableError
    if isinstance(x, tuple):
        return _tuples(condition, x, y, old)
    made = _held(condition, x, y, old)
    old.keep(made, x, y)
    return made


def met_within(condition: object, x: object, y: object, old: Before) -> object:
    """The same of two that something holds already, whenever it came to be there."""
    return met(condition, x, y, Before(lambda: EVERY, old.watched, old.place))


def _held(condition: object, x: object, y: object, old: Before) -> object:
    """A list, dict or object of the user's that holds what two of one kind do."""
    if isinstance(x, Unsure) and isinstance(y, Unsure):
        x.place = old.place
        return x.of(entries_met(condition, x.entries, y.entries))
    if type(x) is list and type(y) is list and len(x) == len(y):
        return [met(condition, a, b, old) for a, b in zip(x, y, strict=True)]
    if type(x) is dict and type(y) is dict and [*x] == [*y]:
        return {key: met(condition, x[key], y[key], old) for key in x}
    if not is_record(x) or [*fields_of(x)] != [*fields_of(y)]:
        raise UnmergeableError
    pairs = zip(fields_of(x).items(), fields_of(y).values(), strict=True)
    return with_fields(x, {name: met(condition, a, b, old) for (name, a), b in pairs})


def _tuples(condition: object, x: tuple[object, ...], y: tuple[object, ...], old: Before) -> object:
    if len(x) != len(y) or not (type(x) is tuple or hasattr(x, "_fields")):
        raise UnmergeableError
    parts = [met(condition, a, b, old) for a, b in zip(x, y, strict=True)]
    return tuple(parts) if type(x) is tuple else type(x)(*parts)


def _arrays(condition: object, x: Any, y: Any, old: Before) -> object:
    if x.shape != y.shape:
        raise UnmergeableError
    if isinstance(x, ArrayTracer) or isinstance(y, ArrayTracer):
        made = noted(ops.where(condition, x, y))
    else:
        flat = zip(_elements(x), _elements(y), strict=True)
        chosen_here = [chosen(condition, a, b) for a, b in flat]
        made = operand_array(chosen_here, x.shape, writeable=True)
    old.keep(made, x, y)
    return made


def _elements(array: NDArray[np.generic]) -> list[object]:
    found: list[object] = np.ndarray.view(array, np.ndarray).ravel().tolist()
    return found


def meet_contents(
    condition: object,
    objects: Sequence[object],
    then: Sequence[Contents],
    other: Sequence[Contents],
    old: Before,
) -> None:
    """Make objects hold what is in place of what each side left in them.

    What stands for two objects is made of what these hold, so that meets first.

    Raises:
        UnmergeableError: if two contents cannot be one, or each is made of the other.
    """
    sides = zip(objects, then, other, strict=True)
    pending = {id(one): (one, x, y) for one, x, y in sides if not x.same(y)}
    inside = {key: _read_by(x, y) & pending.keys() for key, (_, x, y) in pending.items()}
    while pending:
        ready = [key for key in pending if inside[key].isdisjoint(pending)]
        if not ready:
            raise UnmergeableError
        for key in ready:
            one, x, y = pending.pop(key)
            put_into(one, contents_met(condition, one, x, y, old))


def _read_by(x: Contents, y: Contents) -> set[int]:
    """Ids of what is looked into where two contents meet."""
    pairs = zip(x.values, y.values, strict=False)
    return Reachable(one for pair in pairs if pair[0] is not pair[1] for one in pair).ids


def contents_met(condition: object, one: object, x: Contents, y: Contents, old: Before) -> Contents:
    """What an object holds of which one side left ``x``, the other ``y``."""
    if isinstance(one, ArrayTracer):
        if one._parent is not None or x.keys[0] == y.keys[0]:
            return y
        if one.integer or one.truth:  # what it was may be an index
            raise UnmergeableError
        sides = [ArrayTracer(one.builder, contents.keys[0]) for contents in (x, y)]  # type: ignore[arg-type]
        made = ops.where(condition, *sides) if old.idle else array_met(condition, *sides)
        return Contents((one.node_of(made, "where"),), ())
    if isinstance(one, (Unsure, Entries)):
        if isinstance(one, Unsure):
            one.place = old.place
        return Contents((), tuple(entries_met(condition, x.values, y.values)))
    if x.keys != y.keys or len(x.values) != len(y.values):
        raise UnmergeableError(by_list=isinstance(one, list))
    values = [met(condition, a, b, old) for a, b in zip(x.values, y.values, strict=True)]
    return Contents(x.keys, tuple(values))
