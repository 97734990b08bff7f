"""NumPy's products on whole arrays, as contractions: matmul, einsum, convolve and the rest."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any, NoReturn

import numpy as np
from numpy.typing import DTypeLike

from autodiff.errors import TraceError, user_location
from autodiff.table.arrays.contraction import contract
from autodiff.table.arrays.indexing import gather, scatter_add
from autodiff.table.arrays.reshaping import broadcast_to, reshape, sum_over
from autodiff.trace.array_operand import ArrayOperand, WholeArray
from autodiff.trace.arrays import check_dtype
from autodiff.trace.whole.indices import get_item
from autodiff.trace.whole.moving import as_tracer, tracer_in

__all__ = ["FUNCTIONS", "matmul"]

_SMALL = 4096  # entries of a sparse matrix that is multiplied as a dense one
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _refuse(message: str) -> NoReturn:
    raise TraceError(f"{user_location()}: {message}")


def _pair(a: object, b: object) -> tuple[ArrayOperand, ArrayOperand]:
    like = tracer_in((a, b))
    assert like is not None
    return as_tracer(a, like), as_tracer(b, like)


def _contracted(spec: str, x: ArrayOperand, y: ArrayOperand, name: str) -> ArrayOperand:
    sizes: dict[str, int] = {}
    for letter, n in zip(spec.partition("->")[0].replace(",", ""), x.shape + y.shape, strict=True):
        if sizes.setdefault(letter, n) != n:
            _refuse(
                f"{name}: shapes {x.shape} and {y.shape} do not match: {sizes[letter]} against {n}"
            )
    made: ArrayOperand = contract(spec, x, y)
    return made


def _is_sparse(x: object) -> bool:
    return hasattr(x, "tocoo") and hasattr(x, "nnz")


def _sparse_times(matrix: Any, x: Any) -> Any:
    """A sparse matrix of SciPy's times a vector, or the columns of a matrix."""
    if x.ndim not in (1, 2) or x.shape[0] != matrix.shape[1]:
        _refuse(f"a sparse matrix of shape {matrix.shape} @ an array of shape {x.shape}")
    if math.prod(matrix.shape) <= _SMALL:
        return matmul(matrix.toarray(), x)
    entries = matrix.tocoo()
    numbers = entries.data.astype(float).reshape((-1, *[1] * (x.ndim - 1)))
    rows = x.known(entries.row.astype(np.int64), True)
    return scatter_add(x[entries.col] * numbers, rows, 0, matrix.shape[0])


def matmul(a: Any, b: Any) -> Any:
    """``a @ b``."""
    if _is_sparse(a):
        return _sparse_times(a, b)
    if _is_sparse(b):
        return np.transpose(_sparse_times(b.T, np.transpose(a)))
    x, y = _pair(a, b)
    if not x.ndim or not y.ndim:
        _refuse(f"matmul: found shapes {x.shape} and {y.shape}; numbers are multiplied by *")
    one = "k" if x.ndim == 1 else "ik"
    two = "k" if y.ndim == 1 else "kj"
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    front = _LETTERS[-len(batch) :] if batch else ""
    result = front + one.replace("k", "") + two.replace("k", "")
    for array, letters in ((x, one), (y, two)):
        own = array.shape[: -len(letters)] if array.ndim > 2 else ()
        if own and own != batch:
            wide = broadcast_to(array, batch + array.shape[-2:])
            x, y = (wide, y) if array is x else (x, wide)
    spec = f"{front if x.ndim > 2 else ''}{one},{front if y.ndim > 2 else ''}{two}->{result}"
    return _contracted(spec, x, y, "matmul")


def _dot(a: object, b: object, out: object = None) -> object:
    x, y = _pair(a, b)
    if not x.ndim or not y.ndim:
        return x * y
    one = _LETTERS[: x.ndim]
    two = list(_LETTERS[x.ndim : x.ndim + y.ndim])
    two[-2 if y.ndim > 1 else -1] = one[-1]
    rest = one[:-1] + "".join(c for c in two if c != one[-1])
    return _contracted(f"{one},{''.join(two)}->{rest}", x, y, "np.dot")


def _inner(a: object, b: object) -> object:
    x, y = _pair(a, b)
    if not x.ndim or not y.ndim:
        return x * y
    one, two = _LETTERS[: x.ndim], _LETTERS[x.ndim : x.ndim + y.ndim - 1] + _LETTERS[x.ndim - 1]
    return _contracted(f"{one},{two}->{one[:-1]}{two[:-1]}", x, y, "np.inner")


def _outer(a: object, b: object, out: object = None) -> object:
    x, y = _pair(a, b)
    return contract("a,b->ab", reshape(x, (x.size,)), reshape(y, (y.size,)))


def _vdot(a: object, b: object) -> object:
    x, y = _pair(a, b)
    return _contracted("a,a->", reshape(x, (x.size,)), reshape(y, (y.size,)), "np.vdot")


def _tensordot(a: object, b: object, axes: Any = 2) -> object:
    x, y = _pair(a, b)
    if isinstance(axes, (int, np.integer)):
        axes = list(range(x.ndim - int(axes), x.ndim)), list(range(int(axes)))
    left, right = (
        [int(i) % z.ndim for i in np.atleast_1d(one)] for one, z in zip(axes, (x, y), strict=True)
    )
    one = _LETTERS[: x.ndim]
    two = list(_LETTERS[x.ndim : x.ndim + y.ndim])
    for i, j in zip(left, right, strict=True):
        two[j] = one[i]
    shared = {one[i] for i in left}
    rest = "".join(c for c in one + "".join(two) if c not in shared)
    return _contracted(f"{one},{''.join(two)}->{rest}", x, y, "np.tensordot")


def _einsum(
    subscripts: object, *operands: object, dtype: DTypeLike | None = None, **kwargs: object
) -> object:
    check_dtype(dtype, "np.einsum")  # the others are about order in memory, and speed
    if not isinstance(subscripts, str):
        _refuse("np.einsum with lists of axes; write the letters: np.einsum('ij,j->i', A, x)")
    like = tracer_in(operands)
    assert like is not None
    arrays = [as_tracer(one, like) for one in operands]
    given, _, result = subscripts.replace(" ", "").partition("->")
    parts = given.split(",")
    if "." in subscripts:
        parts, result = _written_out(parts, result, arrays, "->" in subscripts)
    elif "->" not in subscripts:
        result = "".join(sorted(c for c in set(given) - {","} if given.count(c) == 1))
    if len(parts) != len(arrays) or any(
        len(p) != a.ndim for p, a in zip(parts, arrays, strict=False)
    ):
        _refuse(
            f"np.einsum({subscripts!r}): does not fit operands of shapes "
            f"{', '.join(str(a.shape) for a in arrays)}"
        )
    terms = [_diagonal(a, p) for a, p in zip(arrays, parts, strict=True)]

    def product(one: tuple[ArrayOperand, str], place: int) -> tuple[ArrayOperand, str]:
        other = terms[place]
        later = "".join(p for _, p in terms[place + 1 :]) + result
        both = dict.fromkeys(one[1] + other[1])
        kept = "".join(c for c in both if c in later) if place + 1 < len(terms) else result
        return (
            _contracted(f"{one[1]},{other[1]}->{kept}", one[0], other[0], "np.einsum"),
            kept,
        )

    array, letters = reduce(product, range(1, len(terms)), terms[0])
    if len(terms) == 1:
        gone = [i for i, c in enumerate(letters) if c not in result]
        array = sum_over(array, gone)
        letters = "".join(c for c in letters if c in result)
        order = [letters.index(c) for c in result]
        array = array.transpose(order) if order else array
    return array


def _written_out(
    parts: list[str], result: str, arrays: list[ArrayOperand], explicit: bool
) -> tuple[list[str], str]:
    free = [c for c in reversed(_LETTERS) if c not in "".join(parts) + result]
    count = max(a.ndim - len(p) + 3 for p, a in zip(parts, arrays, strict=True) if "..." in p)
    dots = "".join(free[:count])
    shapes = {
        a.shape[p.index("...") : p.index("...") + a.ndim - len(p) + 3]
        for p, a in zip(parts, arrays, strict=True)
        if "..." in p
    }
    if len(shapes) != 1:
        _refuse("np.einsum: the axes under '...' differ; broadcast them first")
    if not explicit:
        letters = "".join(parts).replace(".", "")
        result = "..." + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    return [p.replace("...", dots) for p in parts], result.replace("...", dots)


def _diagonal(x: ArrayOperand, letters: str) -> tuple[ArrayOperand, str]:
    """``x`` with one axis for a letter that stands twice."""
    if len(set(letters)) == len(letters):
        return x, letters
    own = "".join(dict.fromkeys(letters))
    try:
        places = np.einsum(f"{letters}->{own}", np.arange(x.size).reshape(x.shape))
    except ValueError as error:
        _refuse(f"np.einsum: {error}")
    flat = reshape(x, (x.size,))
    return gather(flat, x.known(places, True)), own


def _trace(a: WholeArray, offset: int = 0, axis1: int = 0, axis2: int = 1) -> object:
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


def _kron(a: object, b: object) -> object:
    x, y = _pair(a, b)
    ndim = max(x.ndim, y.ndim)
    one = (1,) * (ndim - x.ndim) + x.shape
    two = (1,) * (ndim - y.ndim) + y.shape
    left = reshape(x, tuple(n for i in one for n in (i, 1)))
    right = reshape(y, tuple(n for i in two for n in (1, i)))
    return reshape(left * right, tuple(i * j for i, j in zip(one, two, strict=True)))


def _cross(
    a: object, b: object, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> object:
    x, y = _pair(a, b)
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = np.moveaxis(x, axisa, -1), np.moveaxis(y, axisb, -1)  # type: ignore[type-var]
    if x.shape[-1] != 3 or y.shape[-1] != 3:
        _refuse(f"np.cross: found shapes {x.shape} and {y.shape}; expected vectors of length 3")
    after, before = np.array([1, 2, 0]), np.array([2, 0, 1])
    made = x[..., after] * y[..., before] - x[..., before] * y[..., after]
    return np.moveaxis(made, -1, axisc)


def _convolve(a: object, v: object, mode: str = "full") -> object:
    x, y = _pair(a, v)
    if y.size > x.size:
        x, y = y, x
    n, m = x.size, y.size
    return _slid(x, y[::-1], _starts(n, m, mode), m)


def _correlate(a: object, v: object, mode: str = "valid") -> object:
    x, y = _pair(a, v)
    if y.size > x.size:
        return np.flip(_correlate(y, x, mode))  # type: ignore[call-overload]  # a traced array
    return _slid(x, y, _starts(x.size, y.size, mode), y.size)


def _starts(n: int, m: int, mode: str) -> range:
    if mode == "valid":
        return range(n - m + 1)
    if mode == "same":
        first = -((m - 1) - (m - 1) // 2)
        return range(first, first + n)
    if mode != "full":
        _refuse(f"mode {mode!r}: expected 'full', 'same' or 'valid'")
    return range(1 - m, n)


def _slid(x: ArrayOperand, window: ArrayOperand, starts: range, width: int) -> object:
    """The products of ``window`` with every stretch of ``x``, zeros beyond its ends."""
    before, after = max(-starts.start, 0), max(starts.stop - 1 + width - x.size, 0)
    padded: Any = np.pad(x, (before, after)) if before or after else x
    rows = np.arange(len(starts))[:, None] + starts.start + before
    stretches = get_item(padded, rows + np.arange(width)[None, :])
    return contract("ab,b->a", stretches, window)


FUNCTIONS: dict[object, Callable[..., object]] = {
    np.dot: _dot,
    np.inner: _inner,
    np.outer: _outer,
    np.vdot: _vdot,
    np.tensordot: _tensordot,
    np.einsum: _einsum,
    np.trace: _trace,
    np.kron: _kron,
    np.cross: _cross,
    np.convolve: _convolve,
    np.correlate: _correlate,
}
