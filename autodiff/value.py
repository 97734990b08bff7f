"""Value: a number that remembers how it was computed, with micrograd's surface.

Arithmetic on Values runs at once (``data``) and keeps the operands; ``backward()`` writes the
remembered computation down as graph nodes and hands them to the interpreter's reverse sweep.
"""

from __future__ import annotations

from itertools import count
from operator import attrgetter
from typing import Any

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.graph import Node
from autodiff.interpret import pull_back
from autodiff.primitive import Operand, Primitive

__all__ = ["Value"]

_SERIAL = count()  # operands are always older than results: age is a topological order
_by_age = attrgetter("_age")
_LABELS = {"relu": "ReLU", "pow_literal": "**", "square": "**2", "reciprocal": "**-1"}


class Value(Operand):
    """A scalar with its derivative.

    Args:
        data: The number.

    Attributes:
        data: The number, a float.
        grad: Derivative of whatever ``backward()`` was called on, summed over calls.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> c = (a * b).tanh() + a ** 2
    >>> c.backward()
    >>> c
    Value(data=4.000012288349379, grad=1.0)
    >>> round(a.grad, 6)
    3.999926
    """

    __slots__ = ("__weakref__", "_age", "_operands", "_primitive", "data", "grad", "label")

    def __init__(self, data: Any, label: str = "") -> None:
        self.data: float = float(data)
        self.grad: float = 0.0
        self.label = label
        self._primitive: Primitive | None = None
        self._operands: tuple[Any, ...] = ()
        self._age = next(_SERIAL)

    def bind(self, primitive: Primitive, operands: tuple[Any, ...]) -> Any:
        numbers = []
        for x in operands:
            if type(x) is Value:
                numbers.append(x.data)
            elif type(x) is float:
                numbers.append(x)
            elif isinstance(x, np.ndarray):
                return NotImplemented
            else:
                numbers.append(_number(x, primitive))
        out = _new(Value)
        out.data = primitive.impl(*numbers)
        out.grad = 0.0
        out.label = ""
        out._primitive = primitive
        out._operands = operands
        out._age = next(_SERIAL)
        return out

    def backward(self) -> None:
        """Add to the ``grad`` of every Value this one was computed from its derivative by it.

        Calling it again adds the same amounts again; set ``grad`` to zero between calls.
        """
        order = self._history()
        nodes: list[Node] = []
        values: list[float] = []
        place: dict[int, int] = {}
        for value in order:
            operands = []
            for x in value._operands:
                index = place.get(id(x)) if type(x) is Value else None
                if index is None:
                    index = len(nodes)
                    nodes.append(_LITERAL)
                    values.append(float(x))
                operands.append(index)
            place[id(value)] = len(nodes)
            nodes.append(_node(Node, (value._primitive, tuple(operands), None, ())))
            values.append(value.data)
        cotangents: list[float | None] = [None] * len(nodes)
        cotangents[-1] = 1.0
        active = [node is not _LITERAL for node in nodes]
        pull_back(nodes, values, cotangents, active, 0)
        for value in order:
            g = cotangents[place[id(value)]]
            if g is not None:
                value.grad += float(g)

    def _history(self) -> list[Value]:
        """This Value and all it was computed from, oldest first."""
        seen = {id(self): self}
        stack = [self]
        while stack:
            for x in stack.pop()._operands:
                if type(x) is Value and id(x) not in seen:
                    seen[id(x)] = x
                    stack.append(x)
        return sorted(seen.values(), key=_by_age)

    @property
    def _prev(self) -> set[Any]:
        """The Values this one was computed from, as micrograd calls them."""
        return {x for x in self._operands if type(x) is Value}

    @property
    def _op(self) -> str:
        """What computed this Value: ``+``, ``*``, ``tanh``; empty for an input."""
        if self._primitive is None:
            return ""
        name = self._primitive.name
        if name == "pow_literal":
            return f"**{self._operands[1]}"
        words = self._primitive.python.split()
        return _LABELS.get(name) or (words[1] if len(words) == 3 else name)

    def __bool__(self) -> bool:
        return self.data != 0.0

    def __float__(self) -> float:
        return self.data

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"


_new = Value.__new__
_node = tuple.__new__
_LITERAL = Node(None, (), 0.0, ())


def _number(x: Any, primitive: Primitive) -> float:
    if isinstance(x, (float, int, np.number, np.bool_)):
        return float(x)
    problem = (
        f"a {type(x).__name__}. Do not mix Values with traced functions"
        if isinstance(x, Operand)
        else f"{type(x).__name__} {x!r}. Convert it to a float first"
    )
    raise TraceError(f"{user_location()}: {primitive.name}: a Value meets {problem}")
