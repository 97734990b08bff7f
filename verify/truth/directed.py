"""Products of derivatives with directions, found number by number: nothing is recorded.

A tangent runs along with every value, and the chain rule back runs over both at once: what it gives
is the gradient, and what runs along with that is the Hessian times the direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autodiff.graph.graph import Graph
from autodiff.run.reverse_plan import Wrt, select_arguments
from autodiff.table.float import Float
from autodiff.table.primitive import Operand, Primitive
from verify.truth.spec import opened, pulled, pushed, users_of, values_and_known

__all__ = ["directed_products"]

_BACK = {"gradient", "hvp"}
_ALONG = {"jvp", "hvp"}


class _Moving(Operand):
    """A number and what it changes by along the direction; None if it does not."""

    __slots__ = ("dot", "value")

    def __init__(self, value: Any, dot: Any) -> None:
        self.value, self.dot = value, dot

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        """Result of a primitive, and by its rules what that changes by."""
        values = [x.value if type(x) is _Moving else x for x in operands]
        value, dot = primitive(*values), None
        for rule, x in zip(primitive.partials, operands, strict=True):
            if rule is not None and type(x) is _Moving and x.dot is not None:
                flow = opened(rule(x.dot, value, *values), Float)
                if flow is not None:
                    dot = flow if dot is None else dot + flow
        return _Moving(value, dot)

    # Sums and products are most of a chain rule: their two rows, written out.

    def __add__(self, other: object) -> _Moving:
        value, dot = self.value, self.dot
        if type(other) is not _Moving:
            return _Moving(value + other, dot)
        if other.dot is not None:
            dot = other.dot if dot is None else dot + other.dot
        return _Moving(value + other.value, dot)

    def __mul__(self, other: object) -> _Moving:
        value, dot = self.value, self.dot
        if type(other) is not _Moving:
            return _Moving(value * other, None if dot is None else dot * other)
        if dot is not None:
            dot = dot * other.value
        if other.dot is not None:
            flow = value * other.dot
            dot = flow if dot is None else dot + flow
        return _Moving(value * other.value, dot)

    __radd__, __rmul__ = __add__, __mul__


def directed_products(
    graph: Graph, what: Sequence[str], wrt: Wrt, inputs: Sequence[Any]
) -> list[object]:
    """The numbers of a value, a gradient, and products of derivatives.

    Args:
        graph: The function, of scalars.
        what: Names as for ``codegen.compile``, of quantities that are no matrices.
        wrt: Positions or names of the arguments to differentiate; all if None.
        inputs: Symbolic numbers: the function's inputs, directions, a cotangent.
    """
    count = graph.inputs.count
    own, extra = inputs[:count], inputs[count:]
    by = graph.inputs.of(select_arguments(graph, wrt)[0])
    meaning = own[0].meaning
    meaning.turned = False
    values, known = values_and_known(graph, own)
    meaning.turned = True
    dots: dict[int, object] = {}
    if _ALONG.intersection(what):
        directions = dict(zip(by, extra, strict=False))
        extra = extra[len(by) :]
        dots = pushed(graph, values, known, directions, users_of(graph))
    found: dict[str, list[object]] = {"value": [values[i] for i in graph.outputs]}
    found["jvp"] = [dots.get(i) for i in graph.outputs]
    if "vjp" in what:
        seeds: dict[int, Any] = {}
        for i, seed in zip(graph.outputs, extra, strict=True):
            seeds[i] = seed if i not in seeds else seeds[i] + seed
        bars = pulled(graph, values, known, seeds)
        found["vjp"] = [bars[i] for i in by]
    if _BACK.intersection(what):
        moving = values
        if "hvp" in what:
            moving = [x if i in known else _Moving(x, dots.get(i)) for i, x in enumerate(values)]
        bars = pulled(graph, moving, known, {graph.outputs[0]: Float(1.0)})
        pairs = [bars[i] if type(bars[i]) is _Moving else _Moving(bars[i], None) for i in by]
        found["gradient"] = [x.value for x in pairs]
        found["hvp"] = [x.dot for x in pairs]
    return [0.0 if x is None else x for one in what for x in found[one]]
