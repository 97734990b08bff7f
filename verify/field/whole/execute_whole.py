"""The emitted text of arrays itself, run over residues.

What runs is the code object that was loaded to compute gradients, in a namespace where ``np.exp``
and ``np.sum`` mean what they mean to residues.  The names below are those that rows of arrays are
spelled with; functions that files copy stand for their rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from types import FunctionType, MappingProxyType, SimpleNamespace
from typing import Any, TypeAlias

from autodiff.graph.array_constant import ArrayConstant
from autodiff.table.arrays.array_row import ARRAY_ROWS
from autodiff.table.arrays.reshaping import broadcast_to, cumsum, reshape, sum_over, transpose
from autodiff.table.primitive import REGISTRY, Primitive
from codegen.language.numpy.in_floats import MATH
from verify.field.execute import flat
from verify.field.whole.array_field import ArrayField, Residues
from verify.field.whole.code_over_residues import CHOSEN, ROWS, code_over_residues
from verify.field.whole.repeated.carried import CARRIED
from verify.field.whole.repeated.changed_arrays import functions_that_change
from verify.field.whole.repeated.stack import Stack, of_repetitions, stack_of

__all__ = ["call_text", "run_text"]

NO_TEXTS: Mapping[str, str] = MappingProxyType({})


def run_text(
    functions: Mapping[str, Callable[..., object]],
    data: Sequence[tuple[str, ArrayConstant]],
    entry: str,
    arguments: Sequence[Residues],
    field: ArrayField,
    texts: Mapping[str, str] = NO_TEXTS,
) -> list[Residues]:
    """The numbers and arrays that an emitted function gives for residues (as ``call_text``)."""
    return [field.lift(x) for x in flat(call_text(functions, data, entry, arguments, field, texts))]


def call_text(
    functions: Mapping[str, Callable[..., object]],
    data: Sequence[tuple[str, ArrayConstant]],
    entry: str,
    arguments: Sequence[object],
    field: ArrayField,
    texts: Mapping[str, str] = NO_TEXTS,
) -> Any:
    """What an emitted function gives for residues, as it gives it: loops keep lists.

    Args:
        functions: The functions of the text, as they were loaded.
        data: The arrays of constants under their names.
        entry: The function to call.
        arguments: One for each of its parameters.
        field: What the arguments are elements of.
        texts: The texts of the functions, which those that may end a repetition are compiled from.

    Raises:
        TypeError: if ``entry`` is no function of Python's.
    """
    space: dict[str, Any] = {"__builtins__": {}, "abs": abs, "int": int}
    space |= {"range": field.repetitions.visited, "reversed": reversed, "float": field.lift}
    space |= {"floats": field.lift, "math": _math()}
    space |= _functions(field) | of_repetitions(field) | functions_that_change(field)
    space["np"] = library = _NumPy(field)
    space |= {CARRIED: field.carried, CHOSEN: library.where}
    space |= {name: REGISTRY[row] for name, row in ROWS.items()}
    space |= {name: field.lift(constant.array) for name, constant in data}
    for name, function in functions.items():
        if not isinstance(function, FunctionType):
            raise TypeError(f"{name} has no code that could be run over residues")
        code, defaults = function.__code__, function.__defaults__
        text = texts.get(name, "")
        code = code_over_residues(text, code, field.tells_carries)
        space |= _aliases(function, space)
        space[name] = FunctionType(code, space, name, defaults)
    return space[entry](*arguments)


def _aliases(function: FunctionType, space: Mapping[str, object]) -> dict[str, object]:
    """What a text names otherwise, since a parameter has the name."""
    own = function.__globals__
    unknown = [n for n in function.__code__.co_names if n in own and n not in space]
    return {n: space[known] for n in unknown for known in space if own.get(known) is own[n]}


def _math() -> SimpleNamespace:
    """Functions of ``math``: the rows that they are."""
    return SimpleNamespace(**{name: REGISTRY[row] for row, (name, _) in MATH.items()})


def _row(field: ArrayField, name: str, *params: str) -> Callable[..., Residues]:
    """A function of operands, then of parameters, that is a row of arrays."""
    row, count = ARRAY_ROWS[name], len(params)

    def called(*given: object) -> Residues:
        operands, values = given[: len(given) - count], given[len(given) - count :]
        return field.of_row(row, operands, dict(zip(params, values, strict=True)))  # type: ignore[arg-type]  # the row's

    return called


def _functions(field: ArrayField) -> dict[str, object]:
    """Functions that files of arrays copy, and those of the elementwise rows."""
    names: dict[str, object] = {
        "padded": partial(_padded, field),
        "placed": _row(field, "place", "key", "shape"),
        "assigned": _row(field, "assign", "key"),
        "scatter_add": _row(field, "scatter_add", "axis", "size"),
        "put_along": _row(field, "put_along", "axis", "size"),
        "put_at": _row(field, "put_at", "axis"),
        "put_where": _row(field, "put_where", "axis"),
        "add_at": _row(field, "add_at", "axis"),
        "running_place": _row(field, "running_place", "axis"),
        "places_in": lambda shape, *indices: field.of_row(
            ARRAY_ROWS["places"], indices, {"shape": shape}
        ),
        "on_diagonal": _row(field, "spread_diagonal", "first", "second"),
        "diagonal_of": _row(field, "take_diagonal", "first", "second"),
        "exponential": _row(field, "expm"),
        "hermitian_vectors_of": _row(field, "hermitian_vectors"),
        "gaps": _row(field, "gaps", "kind"),
    }
    return {**_elementwise("", tuple(REGISTRY.values())), **names}


def _padded(field: ArrayField, given: object, *widths: tuple[int, int]) -> Residues:
    x = field.lift(given)
    key = tuple((first, n, 1) for (first, _), n in zip(widths, x.shape, strict=True))
    shape = tuple(sum(pair) + n for pair, n in zip(widths, x.shape, strict=True))
    return field.of_row(ARRAY_ROWS["place"], (x,), {"key": key, "shape": shape})


_Axes: TypeAlias = int | tuple[int, ...] | None


class _NumPy:
    """NumPy as rows of arrays call it, over residues."""

    inf, nan = float("inf"), float("nan")

    def __init__(self, field: ArrayField) -> None:
        self._field, self._lift, self.float64 = field, field.lift, field.lift
        self._of_numbers = _elementwise("np.", tuple(REGISTRY.values()))
        self.linalg = _linalg(field, self._norm)
        self.take_along_axis = _row(field, "take_along", "axis")
        self.argmax = _row(field, "argmax", "axis")

    def __getattr__(self, name: str) -> Primitive:
        """What rows of numbers are spelled with."""
        if name in self._of_numbers:
            return self._of_numbers[name]
        raise AttributeError(name)

    def where(self, condition: object, x: object, y: object) -> Residues:
        # Of numbers alone NumPy's is an array, too, with an array's methods.
        return self._lift(REGISTRY["where"](condition, x, y))

    def array(self, items: Residues | Sequence[object], kind: object = None) -> object:
        return items if isinstance(items, Residues) else stack_of(self._field, items)

    def zeros(self, shape: int | tuple[int, ...]) -> Stack:
        return Stack(self._field, (shape,) if isinstance(shape, int) else shape)

    empty = zeros

    def broadcast_to(self, x: object, shape: tuple[int, ...]) -> object:
        return broadcast_to(self._lift(x), shape)

    def sum(self, given: object, axis: _Axes = None) -> object:
        x = self._lift(given)
        return sum_over(x, _axes_of(x, axis))

    def max(self, x: object, axis: _Axes = None) -> Residues:
        return self._reduced("max", x, axis)

    def min(self, x: object, axis: _Axes = None) -> Residues:
        return self._reduced("min", x, axis)

    def _norm(self, x: object, axis: _Axes = None) -> Residues:
        return self._reduced("norm", x, axis)

    def _reduced(self, name: str, given: object, axis: _Axes) -> Residues:
        x = self._lift(given)
        axes = _axes_of(x, axis)
        return self._row(name, x, axes=axes) if axes else x

    def transpose(self, x: object, axes: Sequence[int]) -> object:
        return transpose(self._lift(x), tuple(axes))

    def cumsum(self, x: object, axis: int = 0) -> object:
        return cumsum(self._lift(x), axis)

    def flip(self, x: object, axis: int) -> Residues:
        lifted = self._lift(x)
        key: list[slice] = [slice(None)] * lifted.ndim
        key[axis] = slice(None, None, -1)
        return lifted[tuple(key)]

    def bincount(self, index: object, weights: object, size: int) -> Residues:
        return self._row("scatter_add", weights, index, axis=0, size=size)

    def concatenate(self, xs: Sequence[object], axis: int = 0) -> Residues:
        return self._row("concatenate", *xs, axis=axis)

    def stack(self, xs: Sequence[object], axis: int = 0) -> Residues:
        return self._row("stack", *xs, axis=axis)

    def outer(self, one: object, other: object) -> Residues:
        x, y = self._lift(one), self._lift(other)
        made: Residues = reshape(x, (*x.shape, 1)) * y
        return made

    def einsum(self, spec: str, one: object, other: object, optimize: bool = True) -> Residues:
        return self._row("contract", one, other, spec=spec)

    def argsort(self, x: object, axis: int, kind: str) -> Residues:
        return self._row("argsort", x, axis=axis)

    def searchsorted(self, places: object, x: object, side: str) -> Residues:
        return self._row("searchsorted", x, places, side=side)

    def tril(self, x: object, k: int = 0) -> Residues:
        return self._row("triangle", x, lower=True, offset=k)

    def triu(self, x: object, k: int = 0) -> Residues:
        return self._row("triangle", x, lower=False, offset=k)

    def diag(self, x: object) -> Residues:
        return self._row("spread_diagonal", x, first=0, second=1)

    def diagonal(self, x: object) -> Residues:
        return self._row("take_diagonal", x, first=0, second=1)

    def _row(self, name: str, *operands: object, **params: object) -> Residues:
        return self._field.of_row(ARRAY_ROWS[name], operands, params)  # type: ignore[arg-type]  # the row's


def _axes_of(x: Residues, axis: _Axes) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(i % x.ndim for i in ((axis,) if isinstance(axis, int) else axis))


def _linalg(field: ArrayField, norm: Callable[..., Residues]) -> SimpleNamespace:
    """NumPy's linear algebra as rows of matrices are spelled."""

    def several(*names: str) -> Callable[..., tuple[Residues, ...]]:
        return lambda *operands: tuple([_row(field, name)(*operands) for name in names])

    def svd(a: object, full_matrices: bool = True, compute_uv: bool = True) -> object:
        if not compute_uv:
            return _row(field, "svdvals")(a)
        return several("svdleft", "svdvals", "svdright")(a)

    def lstsq(a: object, b: object, rcond: None) -> tuple[Residues]:
        return (_row(field, "lstsq")(a, b),)

    named = {name: _row(field, name) for name in ("solve", "inv", "det", "cholesky", "pinv")}
    return SimpleNamespace(
        norm=norm,
        slogdet=several("detsign", "logabsdet"),
        lstsq=lstsq,
        eigvalsh=_row(field, "eigvalsh"),
        eigh=several("eigvalsh", "eigvectors"),
        svd=svd,
        **named,
    )


@cache
def _elementwise(prefix: str, rows: tuple[Primitive, ...]) -> dict[str, Primitive]:
    """Functions that elementwise rows are spelled with.

    A function may be several rows' spelling, which then mean the same.
    """
    called = re.compile(re.escape(prefix) + r"(\w+)\([{}\d, ]*\)")
    found: dict[str, Primitive] = {}
    for row in rows:
        if call := called.fullmatch(row.numpy):
            found.setdefault(call[1], row)
    return found
