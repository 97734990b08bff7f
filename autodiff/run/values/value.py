"""Value: a number that remembers how it was computed, with micrograd's surface.

Arithmetic on Values runs at once (``data``) and keeps the operands; ``backward()`` writes the
remembered computation down as graph nodes and hands them to the interpreter's reverse sweep.
``Value(array)`` is an ArrayValue (``array_value.py``), whose operations are whole arrays'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import count
from operator import attrgetter
from typing import Any

import numpy as np

import autodiff.trace.libraries.libraries  # noqa: F401  # NumPy's protocols and methods
from autodiff.errors import TraceError, user_expression, user_location
from autodiff.forking import FilledLate
from autodiff.graph.graph import Graph, picture_of
from autodiff.graph.tree.leaves import Floats
from autodiff.run.interpret import pull_back
from autodiff.run.values.array_sweep import pull_back_arrays
from autodiff.run.values.given_numbers import as_number, given_numbers, number_of_leaf
from autodiff.run.values.lengths import with_lengths
from autodiff.run.values.recorded_graph import graph_of, settled_at_ties
from autodiff.run.values.remembered import Operation, OwnOperation, Recorded, sign_of
from autodiff.run.values.value_ties import resolve
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import REGISTRY, Operand, Primitive
from autodiff.trace.memory.shared_memory import Unshared
from autodiff.trace.switching.singular import SINGULAR
from autodiff.trace.switching.ties import SWITCHES
from autodiff.tracebacks import shorten, shortening

__all__ = ["Value", "made"]

_SERIAL = count()  # operands are older than results: age is a topological order
_by_age, _primitive_of = attrgetter("_age"), attrgetter("_primitive")
_NOTED = SINGULAR.union(SWITCHES)


def _result(data: float, primitive: Primitive, operands: tuple[object, ...]) -> Value:
    out: Value = _new(Value)
    out.data = data
    out.grad = 0.0
    out._primitive = primitive
    out._operands = operands
    out._age = next(_SERIAL)
    return out


def made(data: Any, operation: Any, operands: tuple[object, ...]) -> Any:
    """The Value of a result: of an array, or of a number."""
    if not np.shape(data):
        return _result(float(data), operation, operands)
    out = _new(_KINDS["array"])
    _SLOTS["data"].__set__(out, data)
    _SLOTS["grad"].__set__(out, None)
    out._primitive = operation
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
            try:
                return self.bind(primitive, (other, self) if reflected else (self, other))
            except Exception as error:
                shorten(error)
                raise
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


class Value(Unshared):
    """A number, or an array of numbers, with its derivative.

    Args:
        data: The number; or an array, or nested lists of numbers, of which it keeps a copy.
        _children: For an operation of your own, the Values it was computed from; then assign
            ``_backward``, a function that adds to their ``grad``, as in micrograd.
        _op: What to call that operation in pictures.
        label: A name for pictures.

    Attributes:
        data: The number, a float; of an array, an array of float64.
        grad: Derivative of whatever ``backward()`` was called on, summed over calls; of the shape
            of ``data``.
        label: The name.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> c = (a * b).tanh() + a ** 2
    >>> c.backward()
    >>> c
    Value(data=3.0000122883492044, grad=1.0)
    >>> round(a.grad, 6)
    3.999926

    >>> x, w = np.array([[1.0, 2.0], [3.0, 4.0]]), Value(np.array([1.0, -1.0]))
    >>> np.sum((x @ w) ** 2).backward()
    >>> w.grad
    array([ -8., -12.])
    """

    __slots__ = ("__weakref__", "_age", "_label", "_operands", "_primitive", "data", "grad")
    _repr_svg_ = picture_of

    def __init__(
        self, data: object, _children: Iterable[Value] = (), _op: str = "", label: str = ""
    ) -> None:
        if type(data) is not float:
            try:
                data = given_numbers(data)
            except Exception as error:
                shorten(error)
                raise
            if type(data) is not float:
                self.__class__ = _KINDS["array"]
        self.data: float = data  # type: ignore[assignment]  # an ArrayValue's is an array
        self.grad: float = 0.0
        self._operands: tuple[Any, ...] = tuple(dict.fromkeys(_children))
        self._primitive: Operation | None = None
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
                numbers.append(as_number(x, primitive))
        return _result(primitive.impl(*numbers), primitive, operands)

    def bind_row(self, row: ArrayRow, operands: tuple[object, ...], params: RowParams) -> object:
        """The Value of a row of arrays."""
        return _KINDS["array"].bind_row(self, row, operands, params)

    # What NumPy's functions ask of one number among arrays.

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of ``data``: () for a number."""
        return ()

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return 0

    @property
    def size(self) -> int:
        """Number of elements."""
        return 1

    def constant(self, number: float) -> Value:
        """A Value that depends on nothing, so that ``a ** 0`` has a ``backward()`` as well."""
        return Value(number)

    __add__, __radd__ = _quick("add"), _quick("add", True)
    __sub__, __rsub__ = _quick("sub"), _quick("sub", True)
    __mul__, __rmul__ = _quick("mul"), _quick("mul", True)
    __truediv__, __rtruediv__ = _quick("div"), _quick("div", True)

    @shortening
    def backward(self, cotangent: float = 1.0) -> None:
        """Add to the ``grad`` of every Value this one was computed from its derivative by it.

        Calling it again adds the same amounts again; set ``grad`` to zero between calls.
        (micrograd counts what the first call left in the intermediate Values once more: after two
        calls its ``grad`` is no multiple of the derivative.)

        Args:
            cotangent: What the derivative is multiplied by.  For an array, which has no gradient
                of its own, an array of its shape: what each element counts.

        >>> a = Value(3.0)
        >>> y = -(a * 1.0)
        >>> y.backward(), y.backward()
        (None, None)
        >>> a.grad
        -2.0
        """
        self._sweep(self._history(), cotangent)

    def _sweep(self, order: list[Value], seed: float | Floats) -> None:
        """Backwards over all that this was computed from, its cotangent ``seed``."""
        nodes, values = self._recorded(order)
        active = [True] * len(order) + [False] * (len(values) - len(order))
        operations = set(map(_primitive_of, order))
        nodes = nodes if _NOTED.isdisjoint(operations) else with_lengths(nodes, values)
        if _may_hold_arrays(self, operations) and {*map(type, order)} != {Value}:
            self._sweep_arrays(order, nodes, values, active, seed)
            return
        cotangents: list[float | None] = [None] * len(values)
        cotangents[len(order) - 1] = seed if type(seed) is float else given_numbers(seed)
        pull_back(nodes, values, cotangents, active, 0)
        if not _NOTED.isdisjoint(operations):
            resolve(nodes, values, cotangents)
        for value, g in zip(order, cotangents):  # noqa: B905  # literals have none
            if g is not None:
                value.grad += g

    def _sweep_arrays(
        self, order: list[Value], nodes: list[Any], values: list[Any], active: list[bool], seed: Any
    ) -> None:
        cotangents = pull_back_arrays(nodes, values, seed, active)
        for index, g in settled_at_ties(nodes, values, seed, cotangents).items():
            cotangents[index] = g
        arrays = [g for g in cotangents if type(g) is np.ndarray]
        roots = Counter(id(g if g.base is None else g.base) for g in arrays)
        roots[id(seed)] += 1  # the caller's
        for value, g in zip(order, cotangents):  # noqa: B905  # literals have none
            if g is not None:
                value.add_to_grad(g, roots[id(g)] == 1)

    def add_to_grad(self, g: Any, own: bool = False) -> None:
        """Add a cotangent; ``own`` says that nothing else holds it."""
        self.grad += float(g)

    def _recorded(self, order: list[Value]) -> tuple[list[Recorded], list[float]]:
        """Nodes and numbers of a history; the numbers of literals stand behind the Values'."""
        place: dict[Value, int] = {}
        values = [value.data for value in order]

        def index_of(x: Any) -> int:
            if type(x) is not float:
                if isinstance(x, Value):
                    return place[x]
                x = x if type(x) is np.ndarray else float(x)
            values.append(x)
            return len(values) - 1

        nodes: list[Recorded] = []  # tuples like Node, without what it costs to make one
        add = nodes.append
        for index, value in enumerate(order):
            operands = value._operands
            if not operands:
                add(_LEAF)
                values[index] = number_of_leaf(value)
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
        return nodes, values

    @property
    def graph(self) -> Graph:
        """What it was computed by, as a graph of the Values it began with, named by their labels.

        Raises:
            TraceError: if an operation of the program's own is in it.

        >>> x, y = Value(2.0, label="x"), Value(3.0, label="y")
        >>> print((x * y + 1.0).graph)
        graph value(x: float, y: float) -> float:
            %2 = mul x, y
            %4 = add %2, 1.0
            return %4
        <BLANKLINE>
        """
        order = self._history()
        nodes, values = self._recorded(order)
        return graph_of(nodes, values, [v.label for v in order], "value")

    def _history(self) -> list[Value]:
        """This Value and all it was computed from, oldest first."""
        seen = {self}
        stack = [self]
        while stack:
            for x in stack.pop()._operands:
                kind = type(x)
                holds = kind is Value or (kind is not float and isinstance(x, Value))
                if holds and x not in seen:
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
            self._operands = tuple(dict.fromkeys(x for x in self._operands if isinstance(x, Value)))
        self._primitive.function = function

    def _pull_back(self) -> None:
        if self._primitive is None:
            return
        nodes: list[Recorded] = [_LEAF] * len(self._operands)
        nodes.append((self._primitive, tuple(range(len(self._operands))), None, ()))
        numbers = [x.data if isinstance(x, Value) else x for x in self._operands]
        active = [isinstance(x, Value) for x in self._operands]
        cotangents = pull_back_arrays(nodes, [*numbers, self.data], self.grad, active)
        for x, g in zip(self._operands, cotangents):  # noqa: B905  # the last is our own
            if g is not None:
                x.add_to_grad(g)

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
        return {x for x in self._operands if isinstance(x, Value)}

    @property
    def _op(self) -> str:
        """What computed this Value: ``+``, ``*``, ``tanh``; empty for an input."""
        return "" if self._primitive is None else sign_of(self._primitive, self._operands)

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


_LEAF: Recorded = (None, (), None, ())
_NUMBERS = (Primitive, type(None))
_new: Callable[[type[Value]], Value] = Value.__new__
_SLOTS = {name: Value.__dict__[name] for name in ("data", "grad")}
_KINDS = FilledLate[type[Value]]("autodiff.run.values.array_value")  # "array": that of arrays


def _may_hold_arrays(value: Value, operations: Iterable[object]) -> bool:
    """False if no array can be in a history: only rows make numbers of arrays."""
    return type(value) is not Value or any(not isinstance(x, _NUMBERS) for x in operations)
