"""What the rows of arrays mean to residues: by what a row does to doubles, exactly.

A row that moves elements or adds them up has coefficients of 0 and 1; adding up is run on halves
of residues.  The largest of some elements is an unknown of these; an order is drawn for each row of
elements, another for another, so that those of two rows agree with a chance that is counted.  Of
short rows it is unknown, and so are the places where elements go (``unknown_places.py``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from autodiff.table import ops
from autodiff.table.arrays.array_row import ARRAY_ROWS, ArrayRow
from autodiff.table.arrays.contraction import split_spec
from autodiff.table.arrays.row_params import RowParams
from verify.field.whole.array_field import ArrayField, Integers, Places, Residues
from verify.field.whole.bookkeeping import added, added_pair, are_rounded
from verify.field.whole.matrix_rows import ELIMINATED, MATRIX_ROWS
from verify.field.whole.repeated.few_places import Pair
from verify.field.whole.unknown_places import (
    added_at,
    drawn_places,
    flat_place,
    put_along,
    taken_along,
    taken_at,
)

__all__ = ["ROWS", "WholeField"]

_Row: TypeAlias = Callable[[ArrayField, ArrayRow, Sequence[Residues], RowParams], Residues]


_SHORT = 64  # numbers of a short row
_WEIGHTS = 2_000_000, 50_000  # up to which the order of short rows, and of others, is unknown
_REUSE = 4  # products an element is in, up to which it is multiplied as it is


class WholeField(ArrayField):
    """Arrays of residues for which rows of arrays have a meaning."""

    def of_row(self, row: ArrayRow, operands: tuple[object, ...], params: RowParams) -> Residues:
        """What a row of arrays does to its operands.

        Raises:
            KeyError: if nothing is known of the row but its value on doubles.
        """
        given = [self.lift(_numbers(row, i, x)) for i, x in enumerate(operands)]
        known = [x.known for x in given if x.known is not None]
        if len(known) == len(given):
            return self._of_known_row(row, given, known, params)
        return ROWS[row.name](self, row, given, params)

    def _of_known_row(
        self, row: ArrayRow, given: Sequence[Residues], known: Sequence[Any], params: RowParams
    ) -> Residues:
        """A row of numbers that are known: its value; of sums, products and systems exactly."""
        value = np.asarray(row.impl(*known, **params), dtype=np.float64)
        adds = row.name in _ADDING and are_rounded((value, *known))
        if not (adds or any(x.rounded for x in given)) or row.name not in _EXACT:
            return self.lift(value)
        made = ROWS[row.name](self, row, given, params)
        return Residues(self, self.folded.noted(value, made.v), 0, 0, value)


def _numbers(row: ArrayRow, position: int, operand: object) -> object:
    """An operand; of indices that are not known their numbers, where a row takes indices."""
    indexed = row.name == "places" or (row.name in _UNKNOWN and position == 1)
    return operand.numbers if isinstance(operand, Places) and indexed else operand


def _known(x: Residues) -> object:
    """The numbers of an index map.

    Raises:
        KeyError: if they are not known here.
    """
    if x.known is None:
        raise KeyError("an index that is no constant")
    return x.known


def _moved(
    field: ArrayField, row: ArrayRow, operands: Sequence[Residues], params: RowParams
) -> Residues:
    """A row that takes elements to other places."""
    if row.name in _UNKNOWN:
        operands = _with_drawn_places(field, operands, operands[0].shape[params["axis"]])
    if row.name == "gather" and operands[1].known is None:
        return taken_at(field, operands[0], operands[1], params["axis"])
    if row.name == "take_along" and operands[1].known is None:
        return taken_along(field, operands[0], operands[1], params["axis"])
    x, rest = operands[0], [_known(index) for index in operands[1:]]
    made = np.stack(
        [np.asarray(row.impl(x.v[k], *rest, **params)) for k in range(field.ring.count)]
    )
    bound = x.n, x.d
    if row.name in _TAKING and field.few and x.v.shape[1:] == x.shape:
        places = np.arange(x.size).reshape(x.shape)
        own = field.few.of(x, np.asarray(row.impl(places, *rest, **params)))
        bound = own.n, own.d
    return Residues(field, made.astype(np.int64), *bound, condition=x.condition)


def _with_drawn_places(
    field: ArrayField, operands: Sequence[Residues], n: int
) -> Sequence[Residues]:
    """The operands, with an index that is drawn where it would be unknown of too many places."""
    x, index = operands
    drawn = None if index.known is not None else drawn_places(field, index, n)
    return operands if drawn is None else (x, drawn)


def _joined(
    field: ArrayField, row: ArrayRow, operands: Sequence[Residues], params: RowParams
) -> Residues:
    """A row that puts the elements of several arrays into one."""
    made = np.stack(
        [
            np.asarray(row.impl(*[x.v[k] for x in operands], **params))
            for k in range(field.ring.count)
        ]
    )
    degree = max(x.n for x in operands), max(x.d for x in operands)
    return Residues(field, made.astype(np.int64), *degree)


def _summed(terms: Callable[[Sequence[Residues], RowParams], int]) -> _Row:
    """A row that adds up so many elements at most."""

    def summed(
        field: ArrayField, row: ArrayRow, operands: Sequence[Residues], params: RowParams
    ) -> Residues:
        if row.name in _UNKNOWN:
            operands = _with_drawn_places(field, operands, params["size"])
        if row.name == "scatter_add" and operands[1].known is None:
            return added_at(field, operands[0], operands[1], params["axis"], params["size"])
        if row.name == "put_along" and operands[1].known is None:
            return put_along(field, operands[0], operands[1], params["axis"], params["size"])
        x, rest = operands[0], [_known(index) for index in operands[1:]]
        made = field.ring.linear(lambda part: row.impl(part, *rest, **params), x.v)
        return field.made(made, *added(x.n, x.d, terms(operands, params)))

    return summed


def _at_one_place(
    field: ArrayField, row: ArrayRow, operands: Sequence[Residues], params: RowParams
) -> Residues:
    """A row that changes one place of an axis, which may be unknown."""
    (x, place, y), axis, adds = operands, params["axis"], row.name == "add_at"
    alone = ARRAY_ROWS["scatter_add"]
    size: RowParams = {"axis": axis, "size": x.shape[axis]}
    if place.known is None:
        new = field.of_row(alone, (y, place), size)
        ones = field.lift(np.ones(y.shape))
        return x + new if adds else x - x * field.of_row(alone, (ones, place), size) + new
    flat = np.arange(x.size).reshape(x.shape)
    there = np.take(flat, place.known.astype(np.intp), axis)
    if adds:
        old, total = field.few.of(x, there), x + field.of_row(alone, (y, place), size)
        field.few.changed(x, total, there, Pair(*added_pair(old, y)))
        return total
    parts = [row.impl(x.v[k], place.known, y.v[k], axis) for k in range(field.ring.count)]
    made = Residues(field, np.stack(parts).astype(np.int64), max(x.n, y.n), max(x.d, y.d))
    field.few.changed(x, made, there, y)
    return made


def _put_where(
    field: ArrayField, row: ArrayRow, operands: Sequence[Residues], params: RowParams
) -> Residues:
    """The same where a condition holds."""
    x, place, y, condition = operands
    made = field.of_row(ARRAY_ROWS["put_at"], (x, place, y), params)
    return field.lift(ops.where(condition, made, x))


def _length(operands: Sequence[Residues], axes: Sequence[int]) -> int:
    return math.prod(operands[0].shape[i] for i in axes)


def _contracted(
    field: ArrayField, row: ArrayRow, operands: Sequence[Residues], params: RowParams
) -> Residues:
    x, y = operands
    one, two, result = split_spec(params["spec"])
    inner = [c for c in one if c in two and c not in result]
    terms = math.prod(x.shape[one.index(c)] for c in inner)
    products = terms * math.prod(row.infer(x.shape, y.shape, **params))
    if products <= _REUSE * max(x.size, y.size):
        made = field.ring.contracted(params["spec"], x.v, y.v)
    else:
        made = field.ring.bilinear(lambda a, b: row.impl(a, b, **params), x.v, y.v, terms)
    return field.made(made, *added(x.n + y.n, x.d + y.d, terms))


def _extreme(pick: Callable[..., Any]) -> _Row:
    """The largest or smallest along axes: an unknown of the elements, in whatever order they come.

    Where every difference has a sign, the element of the largest or smallest residue.
    """

    def extreme(
        field: ArrayField, row: ArrayRow, operands: Sequence[Residues], params: RowParams
    ) -> Residues:
        (x,), axes = operands, params["axes"]
        field.looked(x)
        if not field.sides and any(x.shape[i] > 1 for i in axes):
            return field.function(f"{row.name} along", _digest(field, x, axes))
        kept = [i for i in range(x.ndim) if i not in axes]
        v = np.transpose(x.v, (0, *(i + 1 for i in (*kept, *axes))))
        v = v.reshape(field.ring.count, *(x.shape[i] for i in kept), -1)
        place = np.expand_dims(pick(v[0], axis=-1), -1)
        made = np.stack([np.take_along_axis(part, place, -1)[..., 0] for part in v])
        return Residues(field, made, x.n, x.d)

    return extreme


def _digest(field: ArrayField, x: Residues, axes: Sequence[int], *places: Integers) -> Residues:
    """What tells rows of an array from one another: the sum of an unknown of each element."""
    marks = field.oracle.values("element", x.v, *places)
    total: Integers = field.ring.linear(lambda part: np.sum(part, axis=tuple(axes)), marks)
    return Residues(field, total, x.n, x.d)


def _row_words(field: ArrayField, x: Residues, axis: int) -> tuple[Integers, Integers]:
    """The places along an axis, and what tells rows along it from one another, their order too."""
    field.looked(x)
    held, axis = x.v.shape, axis % x.ndim + 1
    places = np.arange(held[axis]).reshape(-1, *(1,) * (len(held) - axis - 1))
    marks = np.broadcast_to(places, held)
    return marks, np.expand_dims(_digest(field, x, (axis - 1,), marks).v, axis)


def _drawn_among(field: ArrayField, count: int) -> None:
    if count > 1:
        field.choice = max(field.choice, 1.0 / count)


def _order(
    field: ArrayField, row: ArrayRow, operands: Sequence[Residues], params: RowParams
) -> Residues:
    """Whole numbers that tell an order: unknown ones, or, of long rows, drawn for each row."""
    (x,), axis = operands, params["axis"]
    places, rows = _row_words(field, x, axis)
    n, unknown = x.shape[axis], not field.places_are_known
    if unknown and row.name == "argmax" and x.size <= _WEIGHTS[0]:  # one place of each row
        return field.function("argmax", _digest(field, x, (axis,), places))
    if unknown and x.size * n <= _WEIGHTS[n > _SHORT]:
        return Residues(field, field.oracle.values(row.name, rows, places), 1, 0)
    words = field.oracle.words("order", (rows, places))[0]
    _drawn_among(field, x.shape[axis])
    return field.lift(np.asarray(row.impl((words >> np.uint64(2)).view(np.int64), axis)))


def _search(
    field: ArrayField, row: ArrayRow, operands: Sequence[Residues], params: RowParams
) -> Residues:
    """Where numbers belong among others: a place that is drawn for each of them."""
    x, among = operands
    field.looked(x)
    _, rows = _row_words(field, among, 0)
    given = x.v, rows.reshape(-1, *(1,) * (x.v.ndim - 1))
    if x.size * among.size <= _WEIGHTS[0] and not field.places_are_known:
        return Residues(field, field.oracle.values("place", *given), 1, 0)
    words = field.oracle.words("place", given)[0]
    _drawn_among(field, among.size + 1)
    return field.lift((words % np.uint64(among.size + 1)).astype(np.float64))


def _places(
    field: ArrayField, row: ArrayRow, operands: Sequence[Residues], params: RowParams
) -> Residues:
    if any(x.known is None for x in operands):
        return flat_place(field, list(operands), params["shape"])
    return field.lift(np.asarray(row.impl(*map(_known, operands), **params)))


def _norm(
    field: ArrayField, row: ArrayRow, operands: Sequence[Residues], params: RowParams
) -> Residues:
    (x,), axes = operands, params["axes"]
    squares = x * x
    total: Integers = field.ring.linear(lambda part: np.sum(part, axis=tuple(axes)), squares.v)
    degree = added(squares.n, squares.d, _length(operands, axes))
    root: Residues = ops.sqrt(field.made(total, *degree))
    return root


ROWS: dict[str, _Row] = {
    "broadcast_to": _moved,
    "reshape": _moved,
    "transpose": _moved,
    "slice": _moved,
    "place": _moved,
    "gather": _moved,
    "take_along": _moved,
    "assign": _joined,
    "concatenate": _joined,
    "stack": _joined,
    "sum": _summed(lambda operands, params: _length(operands, params["axes"])),
    "cumsum": _summed(lambda operands, params: _length(operands, [params["axis"]])),
    "scatter_add": _summed(lambda operands, params: operands[1].size),
    "put_along": _summed(lambda operands, params: _length(operands, [params["axis"]])),
    "contract": _contracted,
    "max": _extreme(np.argmax),
    "min": _extreme(np.argmin),
    "argsort": _order,
    "argmax": _order,
    "searchsorted": _search,
    "running_place": _order,
    "places": _places,
    "norm": _norm,
    "put_at": _at_one_place,
    "put_where": _put_where,
    "add_at": _at_one_place,
    "triangle": _moved,
    "spread_diagonal": _moved,
    "take_diagonal": _moved,
    **MATRIX_ROWS,
}
_TAKING = frozenset({"gather", "slice"})
# With places that depend on the inputs.
_UNKNOWN = frozenset(
    {"gather", "scatter_add", "take_along", "put_along", "put_at", "put_where", "add_at"}
)
_ADDING = frozenset({"sum", "cumsum", "scatter_add", "put_along", "contract", *ELIMINATED})
_EXACT = _ADDING | {"put_at", "add_at"}
_EXACT |= {name for name, meaning in ROWS.items() if meaning in (_moved, _joined)}
