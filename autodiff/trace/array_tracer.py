"""ArrayTracer: the placeholder for a whole array, or for one number among arrays.

Operators and NumPy's functions on it add one node each.  What depends on constants alone is
computed at once.  What assignments to elements change is told in ``memory/``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, Self

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder
from autodiff.graph.tree.leaves import is_masked, numbers_of
from autodiff.graph.typed_node import Shape, params_of
from autodiff.table.arrays.array_row import ARRAY_ROWS, ArrayRow
from autodiff.table.arrays.over_elements import elementwise_value, is_exact
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import REGISTRY, Primitive
from autodiff.trace.array_operand import ArrayOperand, left_to_operators, value_of
from autodiff.trace.branching.growth import GROWTH
from autodiff.trace.integers import is_whole, kinds_of_row
from autodiff.trace.memory.shared_memory import Sharing
from autodiff.trace.placeholder import CHOOSE_VALUES, CountError, Tracer, innermost
from autodiff.trace.switching.squares import SQRT, root_of
from autodiff.trace.whole.fitting import mismatch
from autodiff.trace.whole.pairs.complex_array import is_complex, pair_of

__all__ = ["BUILDING", "ArrayTracer", "constant_tracer"]

# The builder of the array trace under way in this thread: what NumPy's constructors make is its.
BUILDING: ContextVar[Builder | None] = ContextVar("BUILDING", default=None)

_MUL, _SQUARE = REGISTRY["mul"], REGISTRY["square"]
_LARGEST_FOLD = 10**7  # numbers


class _Elsewhere(Exception):  # noqa: N818  # no error: who binds the operands is known by it
    """An operand met that operations with arrays belong to."""

    def __init__(self, operand: Any) -> None:
        self.operand = operand


class ArrayTracer(Sharing, ArrayOperand):
    """Placeholder for the array that one node of a graph will hold; shape () for a number."""

    __slots__ = ()

    # --- nodes ---

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        """Tracer of the node ``primitive(*operands)``, elementwise."""
        if (inner := innermost(self, operands)) is not self:
            return inner.bind(primitive, operands)
        try:
            nodes = [self.node_of(x, primitive.name) for x in operands]
        except _Elsewhere as met:
            return met.operand.bind(primitive, operands)
        builder = self.builder
        shapes = [builder.nodes[n].shape for n in nodes]
        try:
            shape = shapes[0] if len({*shapes}) == 1 else np.broadcast_shapes(*shapes)
        except ValueError:
            raise mismatch(primitive.name, shapes) from None
        truth, integer = primitive.predicate, is_whole(primitive.name, operands)
        folded = self._folded(lambda *xs: elementwise_value(primitive, xs), nodes, shape)
        if folded is not None:
            folded.truth, folded.integer = truth, integer
            return folded
        if primitive is SQRT:
            primitive = root_of(builder, nodes[0])
        elif primitive is _MUL:
            if nodes[0] == nodes[1]:
                primitive, nodes = _SQUARE, nodes[:1]
            else:
                for n, other in (nodes, nodes[::-1]):  # x * 1 -> x
                    if builder.value(n) == 1.0 and builder.nodes[other].shape == shape:
                        return ArrayTracer(builder, other, integer).laid_out(operands)
        made = self._made(builder.add(primitive, tuple(nodes), (), shape)).laid_out(operands)
        made.truth, made.integer = truth, integer
        return made

    def bind_row(self, row: ArrayRow, operands: tuple[object, ...], params: RowParams) -> object:
        """Tracer of the node ``row(*operands)`` of arrays."""
        if (inner := innermost(self, operands)) is not self and isinstance(inner, ArrayTracer):
            return inner.bind_row(row, operands, params)
        nodes = [self.node_of(x, row.name) for x in operands]
        try:
            shape = row.infer(*[self.builder.nodes[n].shape for n in nodes], **params)
        except ValueError as error:
            raise TraceError(f"{user_location()}: {row.name}: {error}") from None
        try:
            folded = self._folded(lambda *xs: row.impl(*xs, **params), nodes, shape, row.integer)
        except np.linalg.LinAlgError as error:
            raise TraceError(f"{user_location()}: {row.name}: {error}") from None
        if folded is not None:
            return folded
        made = self._made(self.builder.add(row, tuple(nodes), params_of(row, params), shape))
        made.integer, made.truth = kinds_of_row(row, operands[0] if operands else None)
        return made

    def _made(self, index: int) -> ArrayTracer:
        if self.builder.recorder is not None:
            self.builder.recorder.called(index)
        if (growth := GROWTH.get()) is not None:
            growth.made(self.builder)
        return ArrayTracer(self.builder, index)

    def node_of(self, x: object, name: str) -> int:
        """The node of an operand."""
        if isinstance(x, ArrayTracer) and x.builder is self.builder:
            return x.index
        if is_complex(x):
            raise _Elsewhere(pair_of(x))
        if isinstance(x, (np.ndarray, list, tuple)) and not hasattr(x, "builder"):
            return self._array(x, name)
        if isinstance(x, (float, int, np.number, np.bool_)):
            return self.builder.literal(float(x))
        if isinstance(x, ArrayConstant):
            return self.builder.literal(x)
        if getattr(x, "takes_arrays", False):
            raise _Elsewhere(x)
        if (table := numbers_of(x)) is not x:
            return self._array(table, name)
        if (captured := self._captured(x)) is not None:
            return captured
        return self.builder.literal(self._number(x, REGISTRY.get(name) or ARRAY_ROWS[name]))

    def _array(self, x: object, name: str) -> int:
        if is_masked(x):
            raise TraceError(
                f"{user_location()}: {name}: found a masked array; fill it first: x.filled(0.0)"
            )
        try:
            array = np.asarray(x)
        except ValueError:
            raise TraceError(
                f"{user_location()}: {name}: found lists of different lengths; expected an array"
            ) from None
        if array.dtype == object:
            raise TraceError(
                f"{user_location()}: {name}: found an array of objects; build it with np.array or "
                "np.stack from traced values"
            )
        if array.shape == ():
            return self.builder.literal(float(array))
        try:
            index = self.builder.literal(ArrayConstant(array))
        except TraceError as error:
            raise TraceError(f"{user_location()}: {name}: {error}") from None
        recorder = self.builder.recorder
        if recorder is not None and index == len(self.builder.nodes) - 1:
            recorder.found_constant(index, x)
        return index

    def _folded(
        self, compute: Callable[..., object], nodes: list[int], shape: Shape, integer: bool = False
    ) -> ArrayTracer | None:
        """The result as a constant, if every operand is one."""
        values: list[Any] = []
        for n in nodes:
            node = self.builder.nodes[n]
            value = node.value if node.array is None else node.array.array
            if value is None:
                return None
            values.append(value)
        given = sum(int(np.size(value)) for value in values)
        if math.prod(shape) > min(_LARGEST_FOLD, 4 * given + 100):
            return None
        if self.builder.recorder is None and not all(map(is_exact, values)):
            return None  # a derivative: what the user wrote stays under the user's name
        with np.errstate(all="ignore"):
            return constant_tracer(self.builder, compute(*map(np.asarray, values)), integer)

    def lifted(self, value: object, name: str) -> ArrayTracer:
        """As a tracer of this trace."""
        return ArrayTracer(self.builder, self.node_of(value, name))

    def known(self, array: object, integer: bool = False) -> ArrayTracer:
        """As a constant of this trace."""
        return constant_tracer(self.builder, array, integer)

    def again(self) -> ArrayTracer:
        """Another tracer of its node."""
        return ArrayTracer(self.builder, self.index, self.integer)

    def numbers(self) -> Any:
        """The numbers of a constant."""
        node = self.builder.nodes[self.index]
        return node.value if node.array is None else node.array.array

    def as_indices(self) -> ArrayTracer:
        """See ``ArrayOperand.as_indices``."""
        self.integer = True
        return self

    # --- what NumPy's arrays offer ---

    def __len__(self) -> int:
        if not self.shape:
            self._refuse("take len() of", "It stands for one number")
        return self.shape[0]

    def __iter__(self) -> Iterator[Self]:
        if not self.shape:
            self._refuse("iterate over", "It stands for one number")
        return (self[i] for i in range(self.shape[0]))

    def __bool__(self) -> bool:
        if value_of(self) is None and self.size == 1:
            return Tracer.__bool__(self.reshape(()) if self.shape else self)
        return bool(self._known("branch on", "Use np.where(condition, x, y)").all())

    def __float__(self) -> float:
        if self.size != 1:
            self._refuse("convert to float", "It stands for an array")
        found = value_of(self)
        return Tracer.__float__(self) if found is None else float(np.reshape(found, ())[()])

    def __int__(self) -> int:
        return int(float(self))

    def __index__(self) -> int:
        self._refuse("count or index with", CHOOSE_VALUES, CountError)

    def _known(self, what: str, instead: str) -> Any:
        """Its numbers, if they are known while the function is traced."""
        value = value_of(self)
        if value is None:
            self._refuse(what, instead)
        return np.asarray(value)

    __hash__ = Tracer.__hash__

    def __copy__(self) -> ArrayTracer:
        made = ArrayTracer(self.builder, self.index, self.integer)
        made.layout = np.empty(self.shape, np.int8)
        return made

    def __array__(self, *args: object, **kwargs: object) -> Any:
        if (value := value_of(self)) is None and (value := left_to_operators()) is None:
            self._refuse(
                "make a NumPy array of",
                "Functions of NumPy that take arrays record; what needs numbers cannot be traced",
            )
        return np.array(value, *args, **kwargs)  # type: ignore[call-overload]


def constant_tracer(builder: Builder, array: object, integer: bool = False) -> ArrayTracer:
    """The tracer of known numbers."""
    numbers = np.asarray(array)
    if numbers.shape == ():
        return ArrayTracer(builder, builder.literal(float(numbers)), integer)
    made = ArrayTracer(builder, builder.literal(ArrayConstant(numbers)), integer)
    made.truth = numbers.dtype == bool
    if numbers.flags.c_contiguous:
        made.layout = np.empty(numbers.shape, np.int8)
    return made
