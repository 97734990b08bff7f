"""Linear algebra of complex matrices: A + i B is the real matrix [[A, -B], [B, A]] of pairs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import numpy as np

from autodiff.table.arrays import spectra
from autodiff.table.arrays.last_axes import turned
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.whole.linear_algebra import Eigen, refuse, tracers
from autodiff.trace.whole.pairs import complex_array
from autodiff.trace.whole.pairs.complex_array import ComplexArray, pair_of, product

__all__ = ["COMPLEX_LINALG"]


def _parts(x: object) -> tuple[WholeArray, WholeArray]:
    pair = pair_of(x)
    return pair.part(0), pair.part(1)


def _block(x: object) -> Any:
    re, im = _parts(x)
    above, below = np.concatenate([re, -im], axis=-1), np.concatenate([im, re], axis=-1)
    return np.concatenate([above, below], axis=-2)


def _of_block(made: Any) -> ComplexArray:
    n = made.shape[-1] // 2
    return ComplexArray(made[..., :n, :n], made[..., n:, :n])


def _inv(a: object, *args: object, **named: object) -> ComplexArray:
    return _of_block(np.linalg.inv(_block(a)))


def _expm(a: object) -> ComplexArray:
    return _of_block(spectra.expm(tracers(_block(a))[0]))


def _solve(a: object, b: object, *args: object, **named: object) -> ComplexArray:
    axis = -1 if pair_of(b).ndim == 1 else -2
    right = np.concatenate(_parts(b), axis=axis)
    made: WholeArray = np.moveaxis(np.linalg.solve(_block(a), right), axis, -1)
    n = made.shape[-1] // 2
    return ComplexArray(np.moveaxis(made[..., :n], -1, axis), np.moveaxis(made[..., n:], -1, axis))


def _read(a: object, upper: bool) -> tuple[WholeArray, WholeArray]:
    """The parts of a Hermitian matrix, which is read below its diagonal."""
    re, im = _parts(a)
    return (turned(re), -turned(im)) if upper else (re, im)


def _eigvalsh(a: object, UPLO: str = "L") -> object:  # noqa: N803  # NumPy's name
    """Each stands twice among those of the real matrix."""
    made: Any = spectra.eigvalsh(spectra.hermitian(*_read(a, UPLO.upper() == "U")))
    return made[..., ::2]


def _eigh(a: object, UPLO: str = "L") -> Eigen:  # noqa: N803  # NumPy's name
    parts = _read(a, UPLO.upper() == "U")
    return Eigen(_eigvalsh(a, UPLO), _of_block(spectra.hermitian_vectors(*parts)))


def _matrix_power(a: object, n: int) -> ComplexArray:
    if n < 1:
        refuse(f"np.linalg.matrix_power of complex matrices to the power {n} cannot be traced")
    times = np.matmul
    return reduce(partial(product, times=times), [pair_of(a)] * n)


def _einsum(subscripts: str, *operands: object, **named: object) -> ComplexArray:
    if len(operands) == 1:
        return ComplexArray(*(np.einsum(subscripts, part) for part in _parts(operands[0])))
    if len(operands) > 2:
        refuse("np.einsum of more than two complex arrays cannot be traced; write it in two steps")
    one, two = map(pair_of, operands)
    return product(one, two, lambda x, y: np.einsum(subscripts, x, y))


def _prod(a: object, axis: int | None = None, **named: object) -> Any:
    pair = pair_of(a)
    items: Any = (
        FUNCTIONS[np.ravel](pair) if axis is None else FUNCTIONS[np.moveaxis](pair, axis, 0)
    )
    return reduce(product, items)


_kron: Callable[[Any, Any], Any] = np.kron
FUNCTIONS = complex_array.FUNCTIONS
COMPLEX_LINALG: dict[str, Callable[..., object]] = {
    "eigh": _eigh,
    "eigvalsh": _eigvalsh,
    "inv": _inv,
    "solve": _solve,
}
FUNCTIONS.update({getattr(np.linalg, name): ours for name, ours in COMPLEX_LINALG.items()})
COMPLEX_LINALG["expm"] = _expm
FUNCTIONS.update(
    {
        np.einsum: _einsum,
        np.linalg.matrix_power: _matrix_power,
        np.kron: lambda a, b: product(pair_of(a), pair_of(b), _kron),
        np.prod: _prod,
        np.tensordot: lambda a, b, axes=2: product(
            pair_of(a), pair_of(b), lambda x, y: np.tensordot(x, y, axes)
        ),
    }
)
