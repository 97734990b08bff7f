"""One number in place of two: what is x where a condition holds, and y elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.table import ops
from autodiff.table.primitive import Operand
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.placeholder import Tracer

__all__ = [
    "UNBOUND",
    "Unbound",
    "chosen",
    "is_number",
    "is_truth",
    "negated",
    "noted",
    "tested",
    "truth",
]


class Unbound:
    """A variable without a value."""


UNBOUND = Unbound()


def chosen(condition: object, x: object, y: object) -> object:
    """The number that is ``x`` where a condition holds, and ``y`` elsewhere."""
    if not isinstance(condition, Operand):
        return x if condition else y
    if x is y or _same_node(x, y) or (type(x) is type(y) and not _traced(x) and _same(x, y)):
        return x
    if isinstance(x, (bool, np.bool_)) and isinstance(y, (bool, np.bool_)):
        return condition if x else ops.logical_not(condition)
    return noted(ops.where(condition, _float(x), _float(y)))


def noted(made: object) -> object:
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
