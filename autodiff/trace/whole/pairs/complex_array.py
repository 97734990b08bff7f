"""ComplexArray: complex numbers that depend on traced real ones, as a pair of arrays.

``np.exp(1j * w)`` is no real array; what functions return in the end (a real part, a modulus) is.
Each operation is recorded as what it does to the two parts; a part that is zero is the number 0.0
and takes no part.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.primitive import Operand, Primitive, Quantity
from autodiff.trace import arrays
from autodiff.trace.libraries.followed import name_of

__all__ = ["ComplexArray", "Part", "complex_constant", "is_complex", "pair_of"]

Part: TypeAlias = Quantity  # of complex numbers: 0.0 where all of it is


class ComplexArray(Operand):
    """Complex numbers.

    Args:
        re: Their real parts: traced, known numbers, or 0.0 where all are zero.
        im: Their imaginary parts.
    """

    __slots__ = ("im", "re")
    takes_arrays = True  # operations with arrays are its own
    dtype = np.dtype(np.complex128)

    def __init__(self, re: Any, im: Any) -> None:
        self.re, self.im = re, im

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        """What the primitive makes of complex numbers."""
        rule = _RULES.get(primitive.name)
        if rule is None:
            refuse(primitive.name)
        if primitive.name == "where":
            return rule(operands[0], *map(pair_of, operands[1:]))
        return rule(*map(pair_of, operands))

    # --- parts ---

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape."""
        return np.broadcast_shapes(_shape(self.re), _shape(self.im))

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape))

    def part(self, which: int) -> Any:
        """The real parts (0) or the imaginary ones (1), of the whole shape."""
        found, other = (self.im, self.re) if which else (self.re, self.im)
        if _shape(found) == self.shape and not isinstance(found, float):
            return found
        if isinstance(found, float) and not isinstance(other, (float, np.ndarray)):
            return 0.0 * other + found if self.shape == () else _filled(other, found)
        return np.broadcast_to(found, self.shape)

    @property
    def real(self) -> Any:
        """The real parts."""
        return self.part(0)

    @property
    def imag(self) -> Any:
        """The imaginary parts."""
        return self.part(1)

    def conj(self) -> ComplexArray:
        """The conjugates."""
        return ComplexArray(self.re, _negative(self.im))

    conjugate = conj

    @property
    def T(self) -> object:  # noqa: N802  # NumPy's name
        """The transpose."""
        return FUNCTIONS[np.transpose](self)

    def __setitem__(self, key: object, value: object) -> None:
        new = pair_of(value)
        # Both first: a view of this array shares them.
        self.re, self.im = (_assignable(self.part(i), self) for i in (0, 1))
        self.re[key], self.im[key] = new.re, new.im

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[ComplexArray]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key: object) -> ComplexArray:
        return ComplexArray(*(x if isinstance(x, float) else self.part(i)[key]
                              for i, x in enumerate((self.re, self.im))))  # fmt: skip

    def __pow__(self, other: object) -> object:
        return power(self, other)

    def __rpow__(self, other: object) -> ComplexArray:
        return power(pair_of(other), self)

    def __matmul__(self, other: object) -> object:
        return product(self, pair_of(other), _matmul)

    def __rmatmul__(self, other: object) -> ComplexArray:
        return product(pair_of(other), self, _matmul)

    def copy(self) -> ComplexArray:
        """A copy."""
        return ComplexArray(*(x if isinstance(x, float) else x.copy() for x in (self.re, self.im)))

    def reshape(self, *shape: object) -> object:
        """As ``np.reshape``."""
        return FUNCTIONS[np.reshape](self, shape[0] if len(shape) == 1 else shape)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object
    ) -> object:
        named = _UFUNCS.get((ufunc, method))
        function = named or (arrays.UFUNCS.get(ufunc) if method == "__call__" else None)
        axis = {"axis": kwargs.pop("axis", 0)} if method == "reduce" else {}
        asked = {k: x for k, x in kwargs.items() if x is not None}
        if function is None or asked:
            where = f".{method}" if method != "__call__" else ""
            refuse(f"np.{ufunc.__name__}{where}" + "".join(f" with {key}=" for key in asked))
        return function(*inputs, **axis)

    def __array_function__(self, func: Any, types: object, args: Any, kwargs: Any) -> object:
        function = FUNCTIONS.get(func)
        if function is None:
            refuse(name_of(func))
        return function(*args, **kwargs)


def _in_place(update: Callable[[object, object], ComplexArray]) -> Callable[..., ComplexArray]:
    def updated(self: ComplexArray, other: object) -> ComplexArray:
        new = update(self, other)
        if self.shape == ():
            return new  # a number is no place
        self[...] = new
        return self

    return updated


def _method(name: str) -> Callable[..., object]:
    def method(self: ComplexArray, *args: object, **kwargs: object) -> object:
        return FUNCTIONS[getattr(np, name)](self, *args, **kwargs)  # they are filled in later

    return method


for _name in ("dot", "mean", "ravel", "sum", "trace", "transpose"):
    setattr(ComplexArray, _name, _method(_name))
ComplexArray.flatten = _method("ravel")  # type: ignore[attr-defined]
for _update in (operator.add, operator.sub, operator.mul, operator.truediv):
    setattr(ComplexArray, f"__i{_update.__name__}__", _in_place(_update))

# By NumPy's functions, what they are of complex numbers; ``of_numpy.py`` fills it.
FUNCTIONS: dict[object, Callable[..., object]] = {}


def refuse(what: str) -> NoReturn:
    """Raise an error at the user's line."""
    raise TraceError(
        f"{user_location()}: {what} of complex numbers cannot be traced; arithmetic, exp, log, "
        "sqrt, powers, abs, real and imaginary parts, sums, products, np.linalg.inv, solve and "
        "eigh can be"
    )


def is_complex(x: object) -> bool:
    """True for complex numbers, known or traced."""
    if isinstance(x, (ComplexArray, complex, np.complexfloating)):
        return True
    return isinstance(x, np.ndarray) and x.dtype.kind == "c"


def _assignable(part: Any, like: ComplexArray) -> Any:
    """A part as an array that can be assigned to."""
    if isinstance(part, Operand):
        return part
    other: Any = like.re if isinstance(like.re, Operand) else like.im
    return other.known(np.array(np.broadcast_to(part, like.shape), float))


def complex_constant(x: object) -> ComplexArray:
    """Known complex numbers."""
    array = np.asarray(x)
    return ComplexArray(_known(array.real), _known(array.imag))


def _known(part: NDArray[np.float64]) -> float | NDArray[np.float64]:
    """A part that is known: 0.0 where all of it is."""
    if not np.any(part):
        return 0.0
    return float(part) if part.shape == () else np.ascontiguousarray(part)


def pair_of(x: object) -> ComplexArray:
    """Anything as complex numbers."""
    if isinstance(x, ComplexArray):
        return x
    if isinstance(x, Operand):
        return ComplexArray(x, 0.0)
    return complex_constant(x)


def _shape(x: Any) -> tuple[int, ...]:
    return tuple(np.shape(x))


def _filled(like: Any, number: float) -> Any:
    return like.known(np.full(like.shape, number))


def _zero(x: object) -> bool:
    return isinstance(x, float) and x == 0.0


# --- arithmetic with zeros left out --------------------------------------------------------------


def _plus(x: Part, y: Part) -> Part:
    return y if _zero(x) else x if _zero(y) else x + y


def _minus(x: Part, y: Part) -> Part:
    return _negative(y) if _zero(x) else x if _zero(y) else x - y


def _negative(x: Part) -> Part:
    return 0.0 if _zero(x) else -x


def _times(x: Part, y: Part) -> Part:
    if isinstance(x, float) and x == 1.0:
        return y
    return 0.0 if _zero(x) or _zero(y) else x * y


def _over(x: Part, y: Part) -> Part:
    return 0.0 if _zero(x) else x / y


def product(
    x: ComplexArray, y: ComplexArray, times: Callable[[Any, Any], Part] = _times
) -> ComplexArray:
    """A product of complex numbers: any that is linear in both."""

    def real(a: Part, b: Part) -> Part:
        return 0.0 if _zero(a) or _zero(b) else times(a, b)

    return ComplexArray(
        _minus(real(x.re, y.re), real(x.im, y.im)), _plus(real(x.re, y.im), real(x.im, y.re))
    )


_matmul: Callable[[Any, Any], Any] = np.matmul


def _quotient(x: ComplexArray, y: ComplexArray) -> ComplexArray:
    if _zero(y.im):
        return ComplexArray(_over(x.re, y.re), _over(x.im, y.re))
    size = _plus(_times(y.re, y.re), _times(y.im, y.im))
    made = product(x, y.conj())
    return ComplexArray(_over(made.re, size), _over(made.im, size))


def _exp(z: ComplexArray) -> ComplexArray:
    size = 1.0 if _zero(z.re) else np.exp(z.re)
    return ComplexArray(size * np.cos(z.im), _times(size, 0.0 if _zero(z.im) else np.sin(z.im)))


def modulus(z: ComplexArray) -> Any:
    """Absolute values."""
    if _zero(z.im) or _zero(z.re):
        return abs(z.part(0) if _zero(z.im) else z.part(1))
    return ops.hypot(z.re, z.im)


def angle(z: ComplexArray) -> Any:
    """Arguments, from -pi to pi."""
    return ops.atan2(z.part(1), z.part(0))


def _log(z: ComplexArray) -> ComplexArray:
    return ComplexArray(ops.log(modulus(z)), angle(z))


def _sqrt(z: ComplexArray) -> ComplexArray:
    """The root with a positive real part, in the form that loses no digits on either side."""
    re, im = z.part(0), z.part(1)
    root: Part = ops.sqrt(0.5 * (modulus(z) + abs(re)))
    other = ops.div(ops.mul(0.5, im), root)
    right: Part = ops.ge(re, 0.0)
    return ComplexArray(
        ops.where(right, root, abs(other)),
        ops.where(right, other, ops.where(ops.lt(im, 0.0), -root, root)),
    )


def power(x: object, y: object) -> ComplexArray:
    """``x ** y``: products for whole exponents, a root for a half, else by the logarithm."""
    base = pair_of(x)
    if isinstance(y, (int, float, np.integer, np.floating)):
        if y == 0.5:
            return _sqrt(base)
        if float(y).is_integer() and abs(float(y)) <= 64.0:
            return _whole_power(base, int(y))
    return _exp(product(pair_of(y), _log(base)))


def _whole_power(base: ComplexArray, n: int) -> ComplexArray:
    made, factor, rest = pair_of(1.0), base, abs(n)
    while rest:
        if rest & 1:
            made = product(made, factor)
        rest >>= 1
        factor = product(factor, factor) if rest else factor
    return _quotient(pair_of(1.0), made) if n < 0 else made


def _chosen(condition: object, x: ComplexArray, y: ComplexArray) -> ComplexArray:
    def part(a: Part, b: Part) -> Part:
        return 0.0 if _zero(a) and _zero(b) else ops.where(condition, a, b)

    return ComplexArray(part(x.re, y.re), part(x.im, y.im))


def _sin(z: ComplexArray) -> ComplexArray:
    re, im = z.part(0), z.part(1)
    return ComplexArray(ops.sin(re) * ops.cosh(im), ops.cos(re) * ops.sinh(im))


def _cos(z: ComplexArray) -> ComplexArray:
    re, im = z.part(0), z.part(1)
    return ComplexArray(ops.cos(re) * ops.cosh(im), -ops.sin(re) * ops.sinh(im))


def _sinh(z: ComplexArray) -> ComplexArray:
    re, im = z.part(0), z.part(1)
    return ComplexArray(ops.sinh(re) * ops.cos(im), ops.cosh(re) * ops.sin(im))


def _cosh(z: ComplexArray) -> ComplexArray:
    re, im = z.part(0), z.part(1)
    return ComplexArray(ops.cosh(re) * ops.cos(im), ops.sinh(re) * ops.sin(im))


_RULES: dict[str, Callable[..., object]] = {
    "abs": modulus,
    "add": lambda x, y: ComplexArray(_plus(x.re, y.re), _plus(x.im, y.im)),
    "cos": _cos,
    "cosh": _cosh,
    "div": _quotient,
    "exp": _exp,
    "log": _log,
    "mul": product,
    "neg": lambda x: ComplexArray(_negative(x.re), _negative(x.im)),
    "sin": _sin,
    "sinh": _sinh,
    "sqrt": _sqrt,
    "square": lambda x: product(x, x),
    "sub": lambda x, y: ComplexArray(_minus(x.re, y.re), _minus(x.im, y.im)),
    "tanh": lambda x: _quotient(_sinh(x), _cosh(x)),
    "where": _chosen,
}
_UFUNCS: dict[tuple[object, str], Callable[..., object]] = {
    (np.power, "__call__"): power,
    (np.square, "__call__"): lambda x: product(x, x),
    (np.conjugate, "__call__"): lambda x: pair_of(x).conj(),
    (np.reciprocal, "__call__"): lambda x: _quotient(pair_of(1.0), x),
    (np.matmul, "__call__"): lambda x, y: product(pair_of(x), pair_of(y), _matmul),
    (np.add, "reduce"): lambda x, axis=0: FUNCTIONS[np.sum](x, axis=axis),
}
