"""ArrayValue: the Value of an array, with NumPy's surface beside micrograd's.

``Value(np.ones((2, 3)))`` makes one.  Its operations are the table's: elementwise primitives, which
broadcast, and the rows of arrays, so NumPy's functions (``trace/whole``) work on it as they do on
placeholders.  A single number among arrays is a plain Value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import ArgumentError, DifferentiationError, TraceError, user_location
from autodiff.graph.tree.leaves import Floats, is_masked
from autodiff.run.values.given_numbers import as_number
from autodiff.run.values.remembered import KNOWN, RowCall
from autodiff.run.values.value import _KINDS, Value, made
from autodiff.table.arrays.array_row import ARRAY_ROWS, ArrayRow
from autodiff.table.arrays.over_elements import vector_form
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import REGISTRY, Operand, Primitive
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.arrays import UFUNCS
from autodiff.trace.whole.fitting import mismatch
from autodiff.trace.whole.matrix_products import matmul
from autodiff.trace.whole.moving import as_tracer

__all__ = ["ArrayValue"]

# The slots of Value, where the properties below keep what they are asked for.
_data, _grad = Value.__dict__["data"], Value.__dict__["grad"]
_CONTRACT = ARRAY_ROWS["contract"]
_PRODUCTS = {(1, 1): "i,i->", (1, 2): "i,ij->j", (2, 1): "ij,j->i", (2, 2): "ij,jk->ik"}
# Rows whose result is a mask where their operand is one.
_MOVES = frozenset({"reshape", "transpose", "slice", "gather", "broadcast_to", "take_along"})


class ArrayValue(ArrayOperand, Value):
    """An array with its derivative, of the same shape.

    Attributes:
        data: The numbers, an array of float64.
        grad: Derivative of whatever ``backward()`` was called on, summed over calls.
        label: The name.
    """

    __slots__ = ()
    integer = False

    # --- numbers ---

    @property  # type: ignore[override]  # an array where Value has a float
    def data(self) -> Floats:
        """The numbers."""
        numbers: Floats = _data.__get__(self)
        return numbers

    @data.setter
    def data(self, numbers: object) -> None:
        given = np.asarray(numbers, dtype=np.float64)
        try:
            shape = self.shape
        except AttributeError:  # the first numbers it is given
            shape = given.shape
        if given.shape != shape:
            raise ArgumentError(
                f"{user_location()}: data: found shape {given.shape}; expected that of the Value, "
                f"{shape}. Make another Value for another shape"
            )
        _data.__set__(self, given)

    @property  # type: ignore[override]
    def grad(self) -> Floats:
        """The derivative; zeros before the first ``backward()``."""
        kept = _grad.__get__(self)
        if type(kept) is not np.ndarray:
            # What a sweep left may broadcast, and belong to other Values as well.
            kept = np.full(self.shape, 0.0 if kept is None else kept[0], dtype=np.float64)
            _grad.__set__(self, kept)
        numbers: Floats = kept
        return numbers

    @grad.setter
    def grad(self, numbers: object) -> None:
        if type(numbers) is float and numbers == 0.0:
            _grad.__set__(self, None)
            return
        given = np.asarray(numbers, dtype=np.float64)
        if given.shape not in ((), self.shape):
            raise ArgumentError(
                f"{user_location()}: grad: found shape {given.shape}; expected that of the Value, "
                f"{self.shape}, or one number"
            )
        _grad.__set__(self, given if given.shape else np.full(self.shape, float(given)))

    def add_to_grad(self, g: object, own: bool = False) -> None:
        """Add a cotangent, which may broadcast; ``own`` says that nothing else holds it."""
        kept = _grad.__get__(self)
        if kept is not None:
            g, own = (kept[0] if type(kept) is tuple else kept) + g, True
        own = own and type(g) is np.ndarray and g.shape == self.shape
        _grad.__set__(self, g if own else (g,))

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]  # it has no other
        """The shape of ``data``."""
        shape: tuple[int, ...] = _data.__get__(self).shape
        return shape

    @property
    def truth(self) -> bool:  # type: ignore[override]  # follows from how it was computed
        """True if it may be used as a mask."""
        one: Any = self
        while type(one._primitive) is RowCall and one._primitive.name in _MOVES:
            one = one._operands[0]
        return isinstance(one._primitive, Primitive) and one._primitive.predicate

    # --- operations ---

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> Any:
        """The Value of ``primitive(*operands)``, element by element."""
        given = []
        for x in operands:
            if type(x) is float or (isinstance(x, Value) and x._primitive is not KNOWN):
                given.append(x)
            elif isinstance(x, Operand) and not isinstance(x, (Value, float)):
                return x.bind(primitive, operands)  # a trace takes what it closes over
            else:
                given.append(self._beside(x, primitive))
        operands = tuple(given)
        numbers: list[Any] = [x.data if isinstance(x, Value) else x for x in operands]
        try:
            with np.errstate(all="ignore"):
                data = vector_form(primitive)(*numbers)
        except ValueError:
            raise mismatch(primitive.name, list(map(np.shape, numbers))) from None
        if not any(isinstance(x, Value) for x in operands):
            primitive, operands = KNOWN, ()  # type: ignore[assignment]
        return made(data, primitive, operands)

    def bind_row(self, row: ArrayRow, operands: tuple[object, ...], params: RowParams) -> object:
        """The Value of ``row(*operands)``; orders and places are plain arrays."""
        return row_value(row, operands, params)

    def _beside(self, x: object, primitive: Primitive) -> Any:
        """Another operand: a number, plain numbers of an array, or a Value of Values."""
        if not isinstance(x, (Value, np.ndarray, list, tuple)):
            return as_number(x, primitive)
        value: Any = x if isinstance(x, Value) else as_tracer(x, self)
        return value.data if value._primitive is KNOWN else value

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object
    ) -> Any:
        """A function of NumPy's that is one primitive of this array, on the shortest way."""
        if method == "__call__" and len(inputs) == 1 and not kwargs:
            function = UFUNCS.get(ufunc)
            if isinstance(function, Primitive):
                return self.bind(function, inputs)
        return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)

    def __matmul__(self, other: Any) -> Any:
        numbers = type(other) is np.ndarray and other.dtype.kind in "fiub"
        if not isinstance(other, ArrayValue) and not numbers:
            return matmul(self, other)
        spec = _PRODUCTS.get((self.ndim, other.ndim))
        if spec is None or self.shape[-1] != other.shape[0]:
            return matmul(self, other)
        return row_value(_CONTRACT, (self, other), {"spec": spec})

    def __rmatmul__(self, other: object) -> object:
        return matmul(other, self)

    def lifted(self, value: object, name: str) -> object:
        """As a Value: numbers as one to which nothing flows, Values of numbers stacked."""
        if isinstance(value, Value):
            return value
        if is_masked(value):
            raise TraceError(
                f"{user_location()}: {name}: found a masked array; fill it first: x.filled(0.0)"
            )
        try:
            return self.known(value)
        except (TypeError, ValueError) as error:
            raise TraceError(
                f"{user_location()}: {name}: a Value meets {type(value).__name__} {value!r:.60}: "
                f"{error}; expected real numbers"
            ) from None

    def known(self, array: object, integer: bool = False) -> Any:
        """Numbers to which nothing flows."""
        given = np.asarray(array)
        if not np.can_cast(given.dtype, np.float64, "same_kind"):
            raise TypeError(f"found an array of dtype {given.dtype}")
        if not integer:
            given = given.astype(np.float64, copy=False)
        return made(given, KNOWN, ())

    def constant(self, number: float) -> Value:
        """An array of one number, so that ``a ** 0`` has a ``backward()`` as well."""
        return Value(np.full(self.shape, number))

    def again(self) -> ArrayValue:
        """Itself: Values do not change."""
        return self

    def __copy__(self) -> Any:
        """The same numbers as a Value of its own, through which the derivative flows."""
        return made(
            self.data.copy(), RowCall(ARRAY_ROWS["reshape"], {"shape": self.shape}), (self,)
        )

    def __deepcopy__(self, memo: dict[int, object]) -> object:
        copied = made(self.data.copy(), self._primitive, self._operands)
        copied.grad = self.grad.copy()
        copied.label = self.label
        return copied

    def numbers(self) -> Any:
        """The numbers where nothing flows to them: of a mask, of constants."""
        return self.data if self._primitive is KNOWN or self.truth else None

    def as_indices(self) -> NDArray[np.int64]:
        """The numbers as a plain array of whole numbers."""
        return self.data.astype(np.int64)

    def assigned(self, new: object) -> NoReturn:
        """Refused."""
        raise TraceError(
            f"{user_location()}: cannot assign to elements of a Value: Values do not change. Make "
            "a new one with np.where, np.concatenate or np.stack; between two steps of training, "
            "assign to .data"
        )

    # --- backwards ---

    def backward(self, cotangent: object = None) -> None:
        """Add to the ``grad`` of every Value this one was computed from its derivative.

        Args:
            cotangent: What the derivative of each element counts, an array of this shape; 1 for
                an array of one element.

        Raises:
            DifferentiationError: if there is none: only a number has a gradient.
            ArgumentError: if it has another shape.
        """
        if cotangent is None and self.size == 1:
            cotangent = np.ones(self.shape)
        if cotangent is None:
            raise DifferentiationError(
                f"{user_location()}: backward(): found a Value of shape {self.shape}; expected one "
                "number, such as the loss v.sum() or v.mean(). To weigh its elements give the "
                "cotangent: v.backward(np.ones(v.shape))"
            )
        given = np.asarray(cotangent, dtype=np.float64)
        if given.shape != self.shape:
            raise ArgumentError(
                f"{user_location()}: backward: found a cotangent of shape {given.shape}; expected "
                f"that of the Value, {self.shape}"
            )
        self._sweep(self._history(), given)

    # --- what would forget the derivative ---

    def __bool__(self) -> bool:
        if self.size == 1:
            return bool(self.data.reshape(())[()] != 0.0)
        raise TraceError(
            f"{user_location()}: found a Value of shape {self.shape} where one truth value is "
            "needed. Use np.all(v), np.any(v), or np.where(condition, x, y)"
        )

    def __array__(self, *args: object, **kwargs: object) -> NoReturn:
        raise TraceError(
            f"{user_location()}: cannot make a NumPy array of a Value of shape {self.shape}: the "
            "derivative would be lost. Take its numbers with .data; np.stack and np.concatenate "
            "join Values"
        )

    def __format__(self, specification: str) -> str:
        if not specification:
            return repr(self)
        raise ArgumentError(
            f"{user_location()}: cannot format a Value of shape {self.shape} as "
            f"{specification!r}; format its numbers: v.data[0]"
        )

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={_text(self.data)}, grad={_text(self.grad)}{label})"

    __hash__ = Value.__hash__


def _text(numbers: Floats) -> str:
    return repr(numbers).replace("\n", "\n  ")


def row_value(row: ArrayRow, operands: tuple[Any, ...], params: RowParams) -> object:
    """The Value of ``row(*operands)``; orders and places, which have no derivative, are arrays.

    Raises:
        TraceError: if the shapes do not fit, or a matrix has no inverse.
    """
    for x in operands:
        if isinstance(x, Operand) and not isinstance(x, (Value, float)):
            bind: Callable[..., object] = x.bind_row  # type: ignore[attr-defined]
            return bind(row, operands, params)
    operands = tuple([x.data if getattr(x, "_primitive", x) is KNOWN else x for x in operands])
    arrays = [np.asarray(x.data if isinstance(x, Value) else x) for x in operands]
    try:
        with np.errstate(all="ignore"):
            data = row.impl(*arrays, **params)
    except (ValueError, IndexError, np.linalg.LinAlgError) as error:
        problem = _problem(row, arrays, params, error)
        raise TraceError(f"{user_location()}: {row.name}: {problem}") from None
    if row.integer:
        return data
    if not any(isinstance(x, Value) for x in operands):
        return made(data, KNOWN, ())
    return made(data, RowCall(row, params), operands)


def _problem(
    row: ArrayRow, arrays: list[Floats], params: Mapping[str, object], error: Exception
) -> Exception:
    """What the row says of shapes that do not fit, else what NumPy said."""
    try:
        row.infer(*[a.shape for a in arrays], **params)
    except ValueError as better:
        return better
    return error


def _operator(
    name: str, ufunc: np.ufunc, reflected: bool
) -> Callable[[ArrayValue, object], object]:
    """An operator on the shortest way."""
    primitive = REGISTRY[name]

    def method(self: ArrayValue, other: object) -> object:
        operands = (other, self) if reflected else (self, other)
        if type(other) is not ArrayValue and type(other) is not float:
            if type(other) is int and other == 0 and reflected and name == "add":
                return self  # where sum() starts
            return self.bind(primitive, operands)
        if type(other) is ArrayValue and (KNOWN in (self._primitive, other._primitive)):
            return self.bind(primitive, operands)
        one = _data.__get__(self)
        number = other.data if type(other) is ArrayValue else other
        try:
            with np.errstate(all="ignore"):
                data = ufunc(number, one) if reflected else ufunc(one, number)
        except ValueError:
            raise mismatch(
                name, list(map(np.shape, (number, one) if reflected else (one, number)))
            ) from None
        return made(data, primitive, operands)

    return method


for _name, _row, _ufunc in (
    ("add", "add", np.add),
    ("sub", "sub", np.subtract),
    ("mul", "mul", np.multiply),
    ("truediv", "div", np.divide),
):
    setattr(ArrayValue, f"__{_name}__", _operator(_row, _ufunc, False))
    setattr(ArrayValue, f"__r{_name}__", _operator(_row, _ufunc, True))
_KINDS["array"] = ArrayValue
