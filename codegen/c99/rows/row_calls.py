"""Which C function computes a row of whole arrays, with which numbers, in how much memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from autodiff.errors import UnsupportedError
from autodiff.table.arrays.array_row import Shape
from codegen.nests.lower.loop_statement import Opaque

__all__ = ["CALLS", "RowCall", "row_call"]


class RowCall(NamedTuple):
    """A call.

    Args:
        function: Its name.
        numbers: What it is given between the operands and the result.
        work: How many numbers it works on beside them.
    """

    function: str
    numbers: Sequence[int | str]
    work: int = 0


def row_call(step: Opaque) -> RowCall:
    """The call that computes a row.

    Raises:
        UnsupportedError: if it picks from an axis without elements, or is not written in C.
    """
    assert step.row is not None
    if step.row.name not in CALLS:
        raise UnsupportedError(
            f"to_c: {step.row.name} picks from arrays of shape {step.shapes[0]}, which have no "
            "element; give examples that have some"
        )
    call = CALLS[step.row.name](step)
    return call._replace(function=f"proofgrad_{call.function or step.row.name}")


def _along(step: Opaque) -> RowCall:
    """Along one axis, the middle one of three."""
    shape, axis = step.shapes[0], step.params["axis"]  # type: ignore[index]  # a row has some
    assert isinstance(axis, int)
    axis %= len(shape)
    numbers = (math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :]))
    return RowCall("", numbers)


def _sorted(step: Opaque) -> RowCall:
    call = _along(step)
    return call._replace(work=3 * int(call.numbers[1]))


def _searched(step: Opaque) -> RowCall:
    assert step.params is not None
    count, right = math.prod(step.shapes[0]), int(step.params["side"] == "right")
    return RowCall("", (count, step.shapes[1][0], right))


def _count(shape: Shape) -> int:
    """How many matrices there are."""
    return math.prod(shape[:-2])


def _triangle(step: Opaque) -> RowCall:
    shape, params = step.shapes[0], step.params
    assert params is not None
    name = "tril" if params["lower"] else "triu"
    return RowCall(name, (_count(shape), *shape[-2:], f"{params['offset']}"))


def _square(work: Callable[[int], int]) -> Callable[[Opaque], RowCall]:
    """Square matrices, in memory that depends on their rows."""

    def made(step: Opaque) -> RowCall:
        shape = step.shapes[0]
        return RowCall("", (_count(shape), shape[-1]), work(shape[-1]))

    return made


def _solve(step: Opaque) -> RowCall:
    a, b = step.shapes[:2]
    n = a[-1]
    return RowCall("", (_count(a), n, b[-1] if len(b) == len(a) else 1), n * n + n)


def _singular_work(rows: int, columns: int) -> int:
    n = min(rows, columns)
    return rows * columns + n * n + n


def _singular(*more: str) -> Callable[[Opaque], RowCall]:
    """Matrices of any shape."""

    def made(step: Opaque) -> RowCall:
        shape = step.shapes[0]
        return RowCall("", (_count(shape), *shape[-2:], *more), _singular_work(*shape[-2:]))

    return made


def _lstsq(step: Opaque) -> RowCall:
    (rows, columns), b = step.shapes[:2]
    work = rows * columns + _singular_work(rows, columns)
    return RowCall("", (rows, columns, b[1] if len(b) == 2 else 1), work)


def _gaps(step: Opaque) -> RowCall:
    shape, params = step.shapes[0], step.params
    assert params is not None
    squares = int(params["kind"] == "squares")
    return RowCall("", (math.prod(shape[:-1]), shape[-1], squares))


def _hermitian(step: Opaque) -> RowCall:
    raise UnsupportedError(
        "to_c: eigenvectors of complex matrices are not written in C; use target='numpy' or "
        "'native'"
    )


_eliminated = _square(lambda n: n * n + n)
CALLS: dict[str, Callable[[Opaque], RowCall]] = {
    "argsort": _sorted,
    "argmax": _along,
    "running_place": _along,
    "searchsorted": _searched,
    "triangle": _triangle,
    "gaps": _gaps,
    "solve": _solve,
    "inv": _eliminated,
    "det": _eliminated,
    "logabsdet": _eliminated,
    "detsign": _eliminated,
    "cholesky": _square(lambda n: 0),
    "eigvalsh": _square(lambda n: 2 * n * n),
    "eigvectors": _eliminated,
    "hermitian_vectors": _hermitian,
    "expm": _square(lambda n: 7 * n * n),
    "svdvals": _singular(),
    "svdleft": _singular(),
    "svdright": _singular(),
    "pinv": _singular("1e-15"),
    "lstsq": _lstsq,
}
