"""NumPy's functions of complex arrays, and Fourier transforms, which make them of real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.table import ops
from autodiff.trace.whole.fitting import Axes
from autodiff.trace.whole.linear_algebra import refuse, tracers
from autodiff.trace.whole.matrix_products import matmul
from autodiff.trace.whole.pairs import complex_array
from autodiff.trace.whole.pairs.complex_array import (
    ComplexArray,
    Part,
    angle,
    complex_constant,
    modulus,
    pair_of,
    product,
)

__all__ = ["FOURIER", "SCIPY_FOURIER"]

_MOST = 1500  # numbers along an axis that is transformed


def _by_parts(function: Callable[..., Part]) -> Callable[..., ComplexArray]:
    """A function that moves or adds: the same of real and of imaginary parts."""

    def apart(x: object, which: int) -> object:
        if isinstance(x, ComplexArray):
            return x.part(which)
        if isinstance(x, (list, tuple)) and any(isinstance(one, ComplexArray) for one in x):
            return [pair_of(one).part(which) for one in x]
        return x

    def call(*args: object, **kwargs: object) -> ComplexArray:
        return ComplexArray(*(
            function(*[apart(x, which) for x in args], **kwargs) for which in (0, 1)
        ))  # fmt: skip

    return call


def _by_products(function: Callable[[Any, Any], Part]) -> Callable[..., ComplexArray]:
    """A function that is linear in each of two arrays."""
    return lambda x, y: product(pair_of(x), pair_of(y), function)


_LINEAR = (
    "append average broadcast_to concatenate cumsum diag diagonal diff expand_dims flip fliplr "
    "flipud hstack mean moveaxis ravel repeat reshape roll squeeze stack sum swapaxes tile trace "
    "transpose trapezoid tril triu vstack"
)


def _norm(x: ComplexArray, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> object:  # noqa: A002
    return np.linalg.norm(modulus(x), ord, axis, keepdims)


def _polyval(p: object, x: object) -> ComplexArray:
    """Horner's rule."""
    coefficients, at = pair_of(p), pair_of(x)
    total: ComplexArray = at * 0.0
    for k in range(coefficients.shape[0]):
        total = total * at + coefficients[k]
    return total


complex_array.FUNCTIONS.update(
    {
        **{
            getattr(np, name): _by_parts(getattr(np, name))
            for name in _LINEAR.split()
            if hasattr(np, name)
        },
        **{f: _by_products(f) for f in (np.dot, np.inner, np.outer, np.convolve)},
        np.vdot: lambda x, y: product(pair_of(x).conj(), pair_of(y), np.dot),
        np.real: lambda val: val.real,
        np.imag: lambda val: val.imag,
        np.angle: lambda z, deg=False: angle(z) * (180.0 / np.pi if deg else 1.0),
        np.where: lambda condition, x, y: ops.where(condition, pair_of(x), pair_of(y)),
        np.shape: lambda a: a.shape,
        np.linalg.norm: _norm,
        np.polyval: _polyval,
    }
)


# --- Fourier transforms: products with their matrices -------------------------------------------


def _length(x: ComplexArray, axis: int, name: str) -> int:
    n = int(x.shape[axis])
    if n > _MOST:
        refuse(f"{name} of {n} numbers along an axis; at most {_MOST} can be traced")
    return n


def _along(x: Any, matrix: object, axis: int) -> Any:
    """The product with a matrix along an axis."""
    if x.ndim == 1:
        return matmul(x, matrix)
    return np.moveaxis(matmul(np.moveaxis(x, axis, -1), matrix), -1, axis)


def _transform(name: str, real: bool = False) -> Callable[..., object]:
    """A transform to complex numbers; ``real`` if it takes real ones alone."""
    original = getattr(np.fft, name)

    def function(a: object, n: object = None, axis: int = -1, norm: object = None) -> ComplexArray:
        if isinstance(a, ComplexArray) and real:
            refuse(f"np.fft.{name} of complex numbers; np.fft.fft takes them")
        pair = a if isinstance(a, ComplexArray) else ComplexArray(tracers(a)[0], 0.0)
        units = np.eye(_length(pair, axis, f"np.fft.{name}"))
        matrix = complex_constant(original(units, n, -1, norm))

        def times(x: object, y: object) -> Any:
            one, two = tracers(x, y)
            return _along(one, two, axis)

        return product(pair, matrix, times)

    return function


def _to_real(name: str) -> Callable[..., object]:
    """A transform of complex numbers to real ones."""
    original = getattr(np.fft, name)

    def function(a: object, n: object = None, axis: int = -1, norm: object = None) -> object:
        pair = pair_of(a)
        units = np.eye(_length(pair, axis, f"np.fft.{name}"))
        total = 0.0
        for part, unit in ((pair.re, units), (pair.im, 1j * units)):
            if not isinstance(part, float):
                x, matrix = tracers(part, original(unit, n, -1, norm))
                total = total + _along(x, matrix, axis)
        return total

    return function


def _over_axes(
    along: str, last: str, few: Sequence[int] | None = (-2, -1)
) -> Callable[..., object]:
    """A transform along several axes (None: all), the last one first; last to real numbers."""

    def function(
        a: Any,
        s: Sequence[int] | None = None,
        axes: Sequence[int] | None = few,
        norm: object = None,
    ) -> object:
        if axes is None:
            axes = range(-np.ndim(a) if s is None else -len(s), 0)
        sizes = [None] * len(axes) if s is None else s
        steps = [(last, axes[-1], sizes[-1])]
        steps += [(along, *step) for step in zip(axes[:-1], sizes[:-1], strict=True)]
        for name, axis, size in steps[1:] + steps[:1] if last == "irfft" else steps:
            a = FOURIER[getattr(np.fft, name)](a, size, axis, norm)
        return a

    return function


FOURIER: dict[Any, Callable[..., object]] = {
    np.fft.fft: _transform("fft"),
    np.fft.ifft: _transform("ifft"),
    np.fft.rfft: _transform("rfft", real=True),
    np.fft.irfft: _to_real("irfft"),
    np.fft.fft2: _over_axes("fft", "fft"),
    np.fft.ifft2: _over_axes("ifft", "ifft"),
    np.fft.rfft2: _over_axes("fft", "rfft"),
    np.fft.fftn: _over_axes("fft", "fft", None),
    np.fft.ifftn: _over_axes("ifft", "ifft", None),
    np.fft.rfftn: _over_axes("fft", "rfft", None),
    np.fft.irfft2: _over_axes("ifft", "irfft"),
    np.fft.irfftn: _over_axes("ifft", "irfft", None),
}
SCIPY_FOURIER = {function.__name__: ours for function, ours in FOURIER.items()}
complex_array.FUNCTIONS.update(FOURIER)
for _shift in (np.fft.fftshift, np.fft.ifftshift):
    complex_array.FUNCTIONS[_shift] = _by_parts(_shift)
