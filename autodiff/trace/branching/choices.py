"""One value in place of two: what is x where a condition holds, and y elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.table import ops
from autodiff.table.primitive import Operand
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.arrays import operand_array
from autodiff.trace.branching.objects.records import fields_of, is_record, with_fields
from autodiff.trace.branching.objects.watched import Before
from autodiff.trace.branching.restarts import UnmergeableError
from autodiff.trace.placeholder import Tracer

__all__ = ["UNBOUND", "chosen", "is_number", "is_truth", "met", "negated", "tested", "truth"]


class _Unbound:
    """A variable without a value."""


UNBOUND = _Unbound()


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
    if x is UNBOUND:
        return y
    if is_number(x) and is_number(y):
        return chosen(condition, x, y)
    if isinstance(x, (str, bytes, type(None), type)) or type(x) is not type(y):
        arrays = (np.ndarray, ArrayTracer)
        if isinstance(x, arrays) and isinstance(y, arrays):
            return _arrays(condition, x, y, old)
        if type(x) is type(y) and x == y:
            return x
        raise UnmergeableError
    if isinstance(x, ArrayTracer) and isinstance(y, ArrayTracer):
        return _arrays(condition, x, y, old)
    if isinstance(x, (np.ndarray, ArrayTracer)):
        return _arrays(condition, x, y, old)
    if isinstance(x, tuple):
        return _tuples(condition, x, y, old)
    made = _held(condition, x, y, old)
    old.keep(made, x, y)
    return made


def _held(condition: object, x: Any, y: Any, old: Before) -> object:
    """A list, dict or object of the user's that holds what two of one kind do."""
    if type(x) is list and len(x) == len(y):
        return [met(condition, a, b, old) for a, b in zip(x, y, strict=True)]
    if type(x) is dict and [*x] == [*y]:
        return {key: met(condition, x[key], y[key], old) for key in x}
    if not is_record(x) or [*fields_of(x)] != [*fields_of(y)]:
        raise UnmergeableError
    pairs = zip(fields_of(x).items(), fields_of(y).values(), strict=True)
    return with_fields(x, {name: met(condition, a, b, old) for (name, a), b in pairs})


def _tuples(condition: object, x: Any, y: Any, old: Before) -> object:
    if len(x) != len(y) or not (type(x) is tuple or hasattr(x, "_fields")):
        raise UnmergeableError
    parts = [met(condition, a, b, old) for a, b in zip(x, y, strict=True)]
    return tuple(parts) if type(x) is tuple else type(x)(*parts)


def _arrays(condition: object, x: Any, y: Any, old: Before) -> object:
    if x.shape != y.shape:
        raise UnmergeableError
    there = [one for one in (x, y) if one in old]
    if there:
        if not isinstance(x, ArrayTracer) or not isinstance(y, ArrayTracer):
            raise UnmergeableError
        made: Any = _noted(ops.where(condition, x, y))
        for one in there:  # on one side it is that very array
            made.may_share(one)
        return made
    if isinstance(x, ArrayTracer) or isinstance(y, ArrayTracer):
        return _noted(ops.where(condition, x, y))
    flat = zip(_elements(x), _elements(y), strict=True)
    return operand_array([chosen(condition, a, b) for a, b in flat], x.shape, writeable=True)


def _elements(array: NDArray[np.generic]) -> list[object]:
    found: list[object] = np.ndarray.view(array, np.ndarray).ravel().tolist()
    return found


def chosen(condition: object, x: object, y: object) -> object:
    """The number that is ``x`` where a condition holds, and ``y`` elsewhere."""
    if not isinstance(condition, Operand):
        return x if condition else y
    if x is y or _same_node(x, y) or (type(x) is type(y) and not _traced(x) and _same(x, y)):
        return x
    if isinstance(x, (bool, np.bool_)) and isinstance(y, (bool, np.bool_)):
        return condition if x else ops.logical_not(condition)
    return _noted(ops.where(condition, _float(x), _float(y)))


def _noted(made: object) -> object:
    """A choice, whose condition is noted as that of a branch."""
    if isinstance(made, Tracer) and made.builder.recorder is not None:
        node = made.builder.nodes[made.index]
        if node.primitive is not None and node.primitive.name == "where":
            made.builder.recorder.recording.conditions.add(node.operands[0])
    return made


def _same_node(x: object, y: object) -> bool:
    return type(x) is Tracer and type(y) is Tracer and x.builder is y.builder and x.index == y.index


def _same(x: Any, y: Any) -> bool:
    return bool(x == y) and np.copysign(1.0, x) == np.copysign(1.0, y)


def _traced(x: object) -> bool:
    return isinstance(x, Operand)


def _float(x: Any) -> object:
    return x if isinstance(x, Operand) or type(x) is int else float(x)


def is_number(x: object) -> bool:
    """True for one number, traced or not."""
    if isinstance(x, ArrayTracer):
        return not x.shape
    return isinstance(x, (Operand, int, float, np.number, np.bool_))


def is_truth(x: object) -> bool:
    """True for a truth value, traced or not."""
    if isinstance(x, (bool, np.bool_)):
        return True
    if not isinstance(x, Tracer):
        return False
    primitive = x.builder.nodes[x.index].primitive
    return primitive is not None and primitive.predicate


def truth(x: object) -> Any:
    """The condition that a value is true."""
    return x if is_truth(x) else ops.ne(x, 0.0)


def tested(subject: Any) -> object:
    """What is matched: truth values, also inside tuples and lists, as the path has them."""
    if type(subject) in (tuple, list):
        return type(subject)(map(tested, subject))
    return bool(subject) if isinstance(subject, Tracer) and is_truth(subject) else subject


def negated(x: object) -> object:
    """``not x``."""
    if isinstance(x, Tracer) and not (isinstance(x, ArrayTracer) and x.shape):
        return ops.logical_not(truth(x))
    return not x
