"""Value: a number that remembers how it was computed, with micrograd's surface.

Arithmetic on Values runs at once (``data``) and keeps the operands; ``backward()`` writes the
remembered computation down as graph nodes and hands them to the interpreter's reverse sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from operator import attrgetter
from typing import Any

import numpy as np

from autodiff.errors import TraceError, user_expression, user_location
from autodiff.graph.tree.leaves import number
from autodiff.run.interpret import pull_back
from autodiff.run.sweep import resolve
from autodiff.table.primitive import REGISTRY, TOO_LARGE, Operand, Primitive
from autodiff.trace.singular import SINGULAR
from autodiff.trace.ties import SWITCHES

__all__ = ["Value"]

_SERIAL = count()  # operands are older than results: age is a topological order
_by_age, _primitive_of = attrgetter("_age"), attrgetter("_primitive")
_NOTED = SINGULAR.union(SWITCHES)
_OPS = {"relu": "ReLU", "pow_literal": "**", "square": "**2", "reciprocal": "**-1"}


def _result(data: float, primitive: Primitive, operands: tuple[object, ...]) -> Value:
    out = _new(Value)
    out.data = data
    out.grad = 0.0
    out._primitive = primitive
    out._operands = operands
    out._age = next(_SERIAL)
    return out


def _quick(name: str, reflected: bool = False) -> Callable[[Any, Any], Any]:
    """An operator without the detour through ``bind``."""
    primitive = REGISTRY[name]
    impl = primitive.impl

    def method(self: Value, other: object) -> Any:
        if type(other) is Value:
            number = other.data
        elif type(other) is float:
            number = other
        else:
            return self.bind(primitive, (other, self) if reflected else (self, other))
        out = _new(Value)
        if reflected:
            out.data = impl(number, self.data)
            out._operands = (other, self)
        else:
            out.data = impl(self.data, number)
            out._operands = (self, other)
        out.grad = 0.0
        out._primitive = primitive
        out._age = next(_SERIAL)
        return out

    return method


class Value(Operand):
    """A scalar with its derivative.

    Args:
        data: The number.
        _children: For an operation of your own, the Values it was computed from; then assign
            ``_backward``, a function that adds to their ``grad``, as in micrograd.
        _op: What to call that operation in pictures.
        label: A name for pictures.

    Attributes:
        data: The number, a float.
        grad: Derivative of whatever ``backward()`` was called on, summed over calls.
        label: The name.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> c = (a * b).tanh() + a ** 2
    >>> c.backward()
    >>> c
    Value(data=3.0000122883492044, grad=1.0)
    >>> round(a.grad, 6)
    3.999926
    """

    __slots__ = ("__weakref__", "_age", "_label", "_operands", "_primitive", "data", "grad")

    def __init__(
        self, data: object, _children: Iterable[Value] = (), _op: str = "", label: str = ""
    ) -> None:
        self.data: float = data if type(data) is float else _given(data)
        self.grad: float = 0.0
        self._operands: tuple[Any, ...] = tuple(dict.fromkeys(_children))
        self._primitive: Primitive | OwnOperation | None = None
        if self._operands or _op:
            self._primitive = OwnOperation(self, _op)
        self._age = next(_SERIAL)
        if label:
            self._label = label

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        """The Value of ``primitive(*operands)``."""
        if len(operands) == 1:
            return _result(primitive.impl(self.data), primitive, operands)
        numbers = []
        for x in operands:
            if type(x) is Value:
                numbers.append(x.data)
            elif type(x) is float:
                numbers.append(x)
            elif isinstance(x, np.ndarray):
                return NotImplemented
            elif isinstance(x, Operand) and not isinstance(x, float):
                return x.bind(primitive, operands)  # a trace takes what it closes over
            else:
                numbers.append(_number(x, primitive))
        return _result(primitive.impl(*numbers), primitive, operands)

    def constant(self, number: float) -> Value:
        """A Value that depends on nothing, so that ``a ** 0`` has a ``backward()`` as well."""
        return Value(number)

    __add__, __radd__ = _quick("add"), _quick("add", True)
    __sub__, __rsub__ = _quick("sub"), _quick("sub", True)
    __mul__, __rmul__ = _quick("mul"), _quick("mul", True)
    __truediv__, __rtruediv__ = _quick("div"), _quick("div", True)

    def backward(self) -> None:
        """Add to the ``grad`` of every Value this one was computed from its derivative by it.

        Calling it again adds the same amounts again; set ``grad`` to zero between calls.
        (micrograd counts what the first call left in the intermediate Values once more: after two
        calls its ``grad`` is no multiple of the derivative.)

        >>> a = Value(3.0)
        >>> y = -(a * 1.0)
        >>> y.backward(), y.backward()
        (None, None)
        >>> a.grad
        -2.0
        """
        order = self._history()
        place: dict[Value, int] = {}
        values = [value.data for value in order]

        def index_of(x: Any) -> int:
            if type(x) is Value:
                return place[x]
            values.append(float(x))  # a literal: its number goes behind the Values'
            return len(values) - 1

        nodes: list[tuple[Any, ...]] = []  # tuples like Node, without what it costs to make one
        add = nodes.append
        for index, value in enumerate(order):
            operands = value._operands
            if not operands:
                add(_LEAF)
            elif len(operands) == 2:
                x, y = operands
                one = place[x] if type(x) is Value else index_of(x)
                two = place[y] if type(y) is Value else index_of(y)
                add((value._primitive, (one, two), None, ()))
            elif len(operands) == 1:
                add((value._primitive, (place[operands[0]],), None, ()))
            else:
                add((value._primitive, tuple(map(index_of, operands)), None, ()))
            place[value] = index
        cotangents: list[float | None] = [None] * len(values)
        cotangents[len(order) - 1] = 1.0
        active = [True] * len(order) + [False] * (len(values) - len(order))
        pull_back(nodes, values, cotangents, active, 0)
        if not _NOTED.isdisjoint(map(_primitive_of, order)):
            resolve(nodes, values, cotangents)
        for value, g in zip(order, cotangents):  # noqa: B905  # literals have none
            if g is not None:
                value.grad += g

    def _history(self) -> list[Value]:
        """This Value and all it was computed from, oldest first."""
        seen = {self}
        stack = [self]
        while stack:
            for x in stack.pop()._operands:
                if type(x) is Value and x not in seen:
                    seen.add(x)
                    stack.append(x)
        return sorted(seen, key=_by_age)

    @property
    def _backward(self) -> Callable[[], None]:
        """Adds to the ``grad`` of each operand its partial derivative times ``self.grad``.

        micrograd calls this for one node after the other, and so may you.
        """
        if isinstance(self._primitive, OwnOperation):
            return self._primitive.function
        return self._pull_back

    @_backward.setter
    def _backward(self, function: Callable[[], None]) -> None:
        if not isinstance(self._primitive, OwnOperation):
            self._primitive = OwnOperation(self, self._op)
            self._operands = tuple(x for x in dict.fromkeys(self._operands) if type(x) is Value)
        self._primitive.function = function

    def _pull_back(self) -> None:
        if self._primitive is None:
            return
        numbers = [x.data if type(x) is Value else float(x) for x in self._operands]
        cotangents: list[float | None] = [None] * len(numbers) + [float(self.grad)]
        node = (self._primitive, tuple(range(len(numbers))), None, ())
        pull_back(
            [_LEAF] * len(numbers) + [node],
            [*numbers, self.data],
            cotangents,
            [type(x) is Value for x in self._operands],
            len(numbers),
        )
        for x, g in zip(self._operands, cotangents):  # noqa: B905  # the last is our own
            if g is not None:
                x.grad += g

    @property
    def label(self) -> str:
        """The name pictures show; empty if none was given."""
        return getattr(self, "_label", "")

    @label.setter
    def label(self, text: str) -> None:
        self._label = str(text)

    @property
    def _prev(self) -> set[object]:
        """The Values this one was computed from, as micrograd calls them."""
        return {x for x in self._operands if type(x) is Value}

    @property
    def _op(self) -> str:
        """What computed this Value: ``+``, ``*``, ``tanh``; empty for an input."""
        if self._primitive is None:
            return ""
        name = self._primitive.name
        if isinstance(self._primitive, OwnOperation):
            return name
        if name == "pow_literal":
            return f"**{self._operands[1]:g}"
        words = self._primitive.python.split()
        return _OPS.get(name) or (words[1] if len(words) == 3 else name)

    def __bool__(self) -> bool:
        return self.data != 0.0

    def __float__(self) -> float:
        # math.exp(a), or a stored in a float array, would be a number that remembers nothing.
        expression = user_expression()
        shown = f" in {expression!r}" if expression else ""
        raise TraceError(
            f"{user_location()}: cannot convert a Value to a float{shown}: the derivative would "
            "be lost. Take its number with .data; np.exp(a), ad.exp(a) and a.exp() record the call"
        )

    def __int__(self) -> int:
        return int(float(self))

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else repr(self)

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"


class OwnOperation:
    """An operation that a program defined by assigning ``_backward``; stands for a primitive.

    Its rules run the user's function once per sweep, on cleared ``grad``s, and hand out what it
    added; so such Values mix with all others, and a second ``backward()`` counts nothing twice.

    Args:
        result: The Value that the operation computed.
        name: What micrograd's ``_op`` says.
    """

    commutative = False

    def __init__(self, result: Value, name: str) -> None:
        self.result, self.name = result, name
        self.function: Callable[[], None] = lambda: None

    @property
    def partials(self) -> list[Callable[..., float]]:
        """One rule per operand, for one sweep."""
        added: list[float] = []

        def rule(position: int, g: float, *_: float) -> float:
            if not added:
                added.extend(self._added(g))
            return added[position]

        return [partial(rule, position) for position in range(len(self.result._operands))]

    def _added(self, g: float) -> list[float]:
        involved = [self.result, *self.result._operands]
        kept = [value.grad for value in involved]
        for value in involved:
            value.grad = 0.0
        self.result.grad = g
        try:
            self.function()
            return [float(value.grad) for value in self.result._operands]
        finally:
            for value, grad in zip(involved, kept, strict=True):
                value.grad = grad


_LEAF = (None, (), None, ())
_new: Callable[[type[Value]], Value] = Value.__new__


def _given(data: object) -> float:
    """The number that a Value is made of."""
    return float(number(data, "Value"))


def _number(x: object, primitive: Primitive) -> float:
    if isinstance(x, (float, int, np.number, np.bool_)) and not np.iscomplexobj(x):
        try:
            return float(x)
        except OverflowError:
            raise TraceError(f"{user_location()}: {primitive.name}: {TOO_LARGE}") from None
    raise TraceError(
        f"{user_location()}: {primitive.name}: a Value meets {type(x).__name__} {x!r}. Convert it "
        "to a float first"
    )
