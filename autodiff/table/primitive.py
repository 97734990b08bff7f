"""The Primitive record, its registry, and Operand: what every symbolic number has in common.

One idea carries the project: a closed set of primitives and many readers of them.
A row of ``ops/`` holds all that is known about one primitive; the readers (Value, Tracer, the
interpreter, the transforms, the emitters, the verifier) hold nothing about any single one.

A rule scales a tangent or cotangent by one partial derivative::

    partials[i](g, out, *operands) == g * (d out / d operands[i])

It is linear in ``g``, so the same rule serves forward mode (``g`` is a tangent), reverse mode
(``g`` is a cotangent) and the proof (``g`` is a symbol).  It is written with the public functions
of ``ops``: run on numbers it interprets, on tracers it records, on SymPy symbols it is proven.
``None`` in place of a rule means that nothing flows.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import ArgumentError, TraceError, counted, user_location
from autodiff.forking import FilledLate
from autodiff.tracebacks import shorten

__all__ = [
    "PUBLIC",
    "REGISTRY",
    "TOO_LARGE",
    "Guarded",
    "Operand",
    "Primitive",
    "Quantity",
    "Rule",
    "unless",
    "when",
]

Rule = Callable[..., Any]
SomeOperand = TypeVar("SomeOperand", bound="Operand")
# What formulas compute with: numbers, arrays of numbers, and what a reader has in their place.
Quantity: TypeAlias = "float | Operand | NDArray[np.float64]"
REAL = (float("-inf"), float("inf"))
TOO_LARGE = "found an int that is too large for a float; expected a number below 1.8e308"

REGISTRY: dict[str, Primitive] = {}
# What a user calls under a primitive's name: the row itself, or the function that picks a row.
PUBLIC: dict[str, Callable[..., object]] = {}


def _float(x: object) -> float:
    """A number as a float; no text, which ``float`` would read."""
    if isinstance(x, (str, bytes)) or getattr(getattr(x, "dtype", None), "kind", "") in ("S", "U"):
        raise TypeError
    return float(x)  # type: ignore[arg-type]  # it says what is none


@dataclass(frozen=True, eq=False, slots=True)
class Primitive:
    """One atomic operation: its value, its derivative, its spelling in every target.

    Args:
        name: Name in the registry and in the printed IR.
        impl: floats -> float, IEEE-754 results, never raises.
        partials: One rule per operand (module docstring), or None where nothing flows.
        python: Text over ``math``; ``{0}`` stands for the first operand.
        numpy: Text over ``np`` arrays.
        sympy: Text over SymPy's functions, the meaning over the reals.
        ufunc: Name of NumPy's ufunc with this meaning, "" if there is none.
        domain: Interval per operand on which the rule holds; default all reals.
        predicate: True if the result is a truth value (1.0 or 0.0 as a number).
        conditions: Positions of operands that are only tested for truth.
        literal: Positions of operands that must be literals.
        params: Names of what a node of it fixes besides its operands (an axis, a graph inside);
            ``impl`` gets them by name.
        commutative: True if swapping the two operands leaves every bit of the result.
        kinks: What the rule returns where no derivative exists, for the printed table.
        trusted: True if the rules are a user's and were not proven (custom.py).
        missing: Why there is no ``python`` text, if there is none.
        module: Where a custom primitive is registered, "" for the table's own.
        about: What it is, in a few words for a user's ``help``; its docstring begins with them.
    """

    name: str
    impl: Callable[..., float]
    partials: tuple[Rule | None, ...]
    python: str
    numpy: str
    sympy: str
    ufunc: str = ""
    domain: tuple[tuple[float, float], ...] = ()
    predicate: bool = False
    conditions: tuple[int, ...] = ()
    literal: tuple[int, ...] = ()
    params: tuple[str, ...] = ()
    commutative: bool = False
    kinks: tuple[tuple[str, str], ...] = ()
    trusted: bool = False
    missing: str = ""
    module: str = ""
    about: str = ""

    def __post_init__(self) -> None:
        REGISTRY[self.name] = self
        PUBLIC.setdefault(self.name, self)

    @property
    def arity(self) -> int:
        """Number of operands."""
        return len(self.partials)

    def interval(self, position: int) -> tuple[float, float]:
        """Interval on which operand ``position`` may be drawn for a proof."""
        return self.domain[position] if self.domain else REAL

    @overload
    def __call__(self, *operands: float, **named: object) -> float: ...

    @overload
    def __call__(self, operand: SomeOperand, /) -> SomeOperand: ...

    @overload
    def __call__(self, *operands: Quantity, **named: object) -> Quantity: ...

    @overload
    def __call__(self, *operands: Any, **named: object) -> Any: ...

    def __call__(self, *operands: Any, **named: object) -> Any:
        """The result: a number for numbers, an operand for operands, an array for arrays.

        Raises:
            ArgumentError: if there are more operands or fewer, or they are given by name.
        """
        try:
            if named:
                found = "=, ".join(named)
                raise ArgumentError(f"{self.name}: found {found}=; operands have no names")
            numbers = True
            for operand in operands:
                if type(operand) is not float:
                    if isinstance(operand, Operand):
                        self._require_count(operands)
                        result = operand.bind(self, operands)
                        return elementwise(self, operands) if result is NotImplemented else result
                    numbers = False
            if numbers and len(operands) == len(self.partials):
                return self.impl(*operands)
            self._require_count(operands)
            try:
                return self.impl(*map(_float, operands))
            except (TypeError, ValueError):
                return elementwise(self, operands)
            except OverflowError:
                raise ArgumentError(f"{user_location()}: {self.name}: {TOO_LARGE}") from None
        except Exception as error:
            shorten(error)
            raise

    def _require_count(self, operands: tuple[object, ...]) -> None:
        if len(operands) != len(self.partials):
            raise ArgumentError(
                f"{self.name}: found {counted(len(operands), 'argument')}; "
                f"expected {len(self.partials)}"
            )

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __reduce__(self) -> tuple[object, ...]:
        return _registered, (self.name, self.module)


def _registered(name: str, module: str) -> Primitive:
    if name not in REGISTRY and module:
        importlib.import_module(module)  # a custom primitive is registered where it is defined
    return REGISTRY[name]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A contribution that flows only while ``condition`` is true (or false, if not ``polarity``).

    Multiplying by a mask would let ``0 * inf`` turn an untaken branch into NaN; a transform
    selects instead, so that a closed gate contributes exactly nothing.
    """

    condition: object
    polarity: bool
    value: object


def when(condition: object, value: object) -> object:
    """``value`` if ``condition`` holds, else nothing: None for numbers, Guarded for symbols."""
    if isinstance(condition, Operand) and not isinstance(condition, float):
        return Guarded(condition, True, value)
    return value if condition else None


def unless(condition: object, value: object) -> object:
    """``value`` if ``condition`` does not hold, else nothing."""
    if isinstance(condition, Operand) and not isinstance(condition, float):
        return Guarded(condition, False, value)
    return None if condition else value


def _operator(name: str, reflected: bool = False) -> Callable[[Operand, object], Any]:
    def method(self: Operand, other: object) -> Any:
        try:
            return self.bind(REGISTRY[name], (other, self) if reflected else (self, other))
        except Exception as error:
            shorten(error)
            raise

    return method


def _method(name: str) -> Callable[..., object]:
    def method(self: object, *others: object) -> object:
        try:
            return PUBLIC[name](self, *others)
        except Exception as error:
            shorten(error)
            raise

    method.__name__ = name
    method.__doc__ = f"``{name}(self, ...)``; see ``autodiff.{name}``."
    return method


class Operand:
    """A number seen by a reader of primitives: every operator once, ``bind`` left to subclasses.

    ``bind(primitive, operands)`` gives the operand that stands for the result, or NotImplemented
    where another operand's type (an array) must handle the operator.
    """

    __slots__ = ()
    # Above ndarray's 0 and pandas' 1000, so that ``array * operand`` reaches __array_ufunc__ below.
    __array_priority__: ClassVar[float] = 2000.0
    __pandas_priority__: ClassVar[int] = 5000  # above a DataFrame's 4000, for the same reason

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> Any:
        """What stands for ``primitive(*operands)``."""
        raise NotImplementedError

    def constant(self, number: float) -> object:
        """``number`` as the result of a computation with this operand."""
        return number

    def returned(self, array: object) -> None:
        """NumPy returns ``array``, which holds this operand, to the user: a reader may note it."""

    __add__, __radd__ = _operator("add"), _operator("add", reflected=True)
    __sub__, __rsub__ = _operator("sub"), _operator("sub", reflected=True)
    __mul__, __rmul__ = _operator("mul"), _operator("mul", reflected=True)
    __truediv__, __rtruediv__ = _operator("div"), _operator("div", reflected=True)
    __mod__, __rmod__ = _operator("mod"), _operator("mod", reflected=True)
    __lt__, __le__ = _operator("lt"), _operator("le")
    __gt__, __ge__ = _operator("gt"), _operator("ge")
    __and__, __rand__ = _operator("logical_and"), _operator("logical_and", reflected=True)
    __or__, __ror__ = _operator("logical_or"), _operator("logical_or", reflected=True)

    def __eq__(self, other: object) -> Any:
        return self.bind(REGISTRY["eq"], (self, other))

    def __ne__(self, other: object) -> Any:
        return self.bind(REGISTRY["ne"], (self, other))

    __hash__ = object.__hash__

    def __neg__(self) -> Any:
        return self.bind(REGISTRY["neg"], (self,))

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Any:
        return self.bind(REGISTRY["abs"], (self,))

    def __invert__(self) -> Self:
        made: Self = self.bind(REGISTRY["logical_not"], (self,))
        return made

    def __xor__(self, other: object) -> Any:
        return (~self) != REGISTRY["logical_not"](other)

    __rxor__ = __xor__

    def __pow__(self, other: object) -> Any:
        try:
            return PUBLIC["pow"](self, other)
        except Exception as error:
            shorten(error)
            raise

    def __rpow__(self, other: object) -> Any:
        try:
            return PUBLIC["pow"](other, self)
        except Exception as error:
            shorten(error)
            raise

    def __floordiv__(self, other: object) -> Any:
        return _ARRAY_HOOKS["ufunc"](np.floor_divide, "__call__", (self, other), {})

    def __rfloordiv__(self, other: object) -> Any:
        return _ARRAY_HOOKS["ufunc"](np.floor_divide, "__call__", (other, self), {})

    def __divmod__(self, other: object) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: object) -> Any:
        return other // self, other % self

    def __floor__(self) -> Self:
        made: Self = self.bind(REGISTRY["floor"], (self,))
        return made

    def __ceil__(self) -> Self:
        made: Self = self.bind(REGISTRY["ceil"], (self,))
        return made

    def __trunc__(self) -> Self:
        made: Self = self.bind(REGISTRY["trunc"], (self,))
        return made

    def __round__(self, digits: int | None = None) -> Any:
        if digits:
            raise TraceError(
                f"{user_location()}: round(x, {digits!r}) of a traced value cannot be traced: it "
                f"rounds decimal digits. Use np.round(x, {digits!r}), which scales and rounds"
            )
        return self.bind(REGISTRY["rint"], (self,))

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object
    ) -> object:
        try:
            return _ARRAY_HOOKS["ufunc"](ufunc, method, inputs, kwargs)
        except Exception as error:
            shorten(error)
            raise

    def __array_function__(
        self, func: object, types: object, args: object, kwargs: object
    ) -> object:
        try:
            return _ARRAY_HOOKS["function"](func, args, kwargs)
        except Exception as error:
            shorten(error)
            raise


# NumPy's protocols are methods of Operand, their meaning needs ops: it is put in here.
_ARRAY_HOOKS = FilledLate[Callable[..., object]]("autodiff.trace.libraries.libraries")


def elementwise(function: Callable[..., object], operands: tuple[object, ...]) -> object:
    """``function`` over the broadcast elements of arrays and numbers."""
    return _ARRAY_HOOKS["elementwise"](function, operands)


def install_methods(names: dict[str, str]) -> None:
    """Give Operand one method per entry ``method name -> public name``.

    NumPy calls ``x.arctan()`` on the elements of an object array, micrograd programs call
    ``x.relu()``; both find the row this way.
    """
    for method_name, name in names.items():
        if not hasattr(Operand, method_name):
            setattr(Operand, method_name, _method(name))
