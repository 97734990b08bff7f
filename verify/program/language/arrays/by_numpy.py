"""Functions of NumPy that NumPy itself carries out: those that ask no number of the inputs.

What only puts numbers elsewhere, and fills up with zeros, is done to their places: NumPy moves
1, 2, 3 ... and the numbers follow.  What counts plain ints and conditions is done to these.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from operator import attrgetter

import numpy as np

from verify.program.language.arrays.indexed_parts import Parts
from verify.program.language.read_values import (
    Array,
    Given,
    List,
    Place,
    Real,
    Value,
    is_index,
)
from verify.program.language.refusal import RefusedError

__all__ = ["COUNTING", "MOVING", "ByNumpy"]

# Functions, and which of their parameters hold numbers that are moved.
MOVING: Mapping[str, tuple[str, ...]] = {
    "numpy.append": ("arr", "values"), "numpy.array_split": ("ary",), "numpy.atleast_1d": ("arys",),
    "numpy.atleast_2d": ("arys",), "numpy.block": ("arrays",), "numpy.broadcast_to": ("array",),
    "numpy.column_stack": ("tup",), "numpy.delete": ("arr",), "numpy.diag": ("v",),
    "numpy.diagonal": ("a",), "numpy.dstack": ("tup",), "numpy.expand_dims": ("a",),
    "numpy.flip": ("m",), "numpy.fliplr": ("m",), "numpy.flipud": ("m",), "numpy.hsplit": ("ary",),
    "numpy.hstack": ("tup",), "numpy.insert": ("arr", "values"), "numpy.meshgrid": ("xi",),
    "numpy.moveaxis": ("a",), "numpy.pad": ("array",), "numpy.roll": ("a",), "numpy.rot90": ("m",),
    "numpy.split": ("ary",), "numpy.squeeze": ("a",), "numpy.stack": ("arrays",),
    "numpy.swapaxes": ("a",), "numpy.take": ("a",), "numpy.transpose": ("a",), "numpy.tril": ("m",),
    "numpy.triu": ("m",), "numpy.vsplit": ("ary",), "numpy.vstack": ("tup",),
}  # fmt: skip
# Functions of plain ints and conditions.
COUNTING = (
    "numpy.argwhere", "numpy.bincount", "numpy.count_nonzero", "numpy.diag_indices", "numpy.eye",
    "numpy.flatnonzero", "numpy.identity", "numpy.ndindex", "numpy.nonzero", "numpy.tri",
    "numpy.tril_indices", "numpy.triu_indices", "numpy.unique",
)  # fmt: skip
_GROWING = frozenset({"numpy.broadcast_to", "numpy.meshgrid", "numpy.pad"})
_OF_FLOATS = frozenset({"numpy.eye", "numpy.identity", "numpy.tri"})
_MODES = frozenset({"constant", "edge", "ij", "reflect", "symmetric", "wrap", "xy"})
_MANY, _FEW = 100_000, 300  # of ints: of what is there anyway, and where each makes more
_ZEROS = {"float": 0.0, "int": 0, "bool": False}


class ByNumpy(Parts):
    """Has NumPy move numbers, and count."""

    def moved_by_numpy(
        self, name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        """What a function of ``MOVING`` gives."""
        bound = _bound(name, arguments, keywords)
        most = _FEW if name in _GROWING else _MANY
        operands: list[tuple[Array, Value]] = []

        def places(value: Value) -> Value:
            """The places of numbers in all that is moved, counted from 1."""
            if isinstance(value, (list, tuple)) and any(map(_is_sequence, value)):
                several = [places(one) for one in value]
                return tuple(several) if isinstance(value, tuple) else several
            array = self.as_array(value)
            self._written_items(array)
            first = 1 + sum(len(operand.items) for operand, _ in operands)
            there = np.arange(first, first + len(array.items)).reshape(array.shape)
            operands.append((array, there))
            return there

        for parameter, value in bound.arguments.items():
            moves = parameter in MOVING[name]
            bound.arguments[parameter] = places(value) if moves else _plain(value, most)
        items = [item for operand, _ in operands for item in operand.items]
        kind = _kind_of([operand.kind for operand, _ in operands])
        self._make(len(items))
        if name in _GROWING and len(items) > _FEW:
            raise RefusedError(f"of more than {_FEW} numbers")
        found = _called(name, bound.args, bound.kwargs)
        return self._followed(found, operands, [_ZEROS[kind], *items], kind)

    def _followed(
        self,
        found: object,
        operands: Sequence[tuple[Array, Value]],
        items: Sequence[Value],
        kind: str,
    ) -> Value:
        """The numbers at places that NumPy moved."""
        if isinstance(found, (list, tuple)):
            parts = [self._followed(part, operands, items, kind) for part in found]
            return tuple(parts) if isinstance(found, tuple) else List(parts, self._make(len(parts)))
        placed = np.asarray(found)
        chosen = [items[i] for i in placed.ravel().tolist()]
        if not placed.shape:
            return Place(chosen[0]) if kind == "int" else chosen[0]
        made = self._new(chosen, placed.shape, kind)
        for operand, there in operands:
            if np.may_share_memory(placed, there):  # a view, perhaps of what is the caller's
                made.shared = operand.shared = True
        return made

    def counted_by_numpy(
        self, name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
    ) -> Value:
        """What a function of ``COUNTING`` gives."""
        if name in _OF_FLOATS and keywords.get("dtype") == "float":
            keywords = {key: value for key, value in keywords.items() if key != "dtype"}
        plain = [self._counted(x) for x in arguments]
        named = {key: self._counted(x) for key, x in keywords.items()}
        return self._with_places(_called(name, plain, named))

    def _counted(self, value: Value) -> Value:
        """Plain numbers, as NumPy has them."""
        if value is None or type(value) in (int, bool, Place):
            return _plain(value, _FEW)
        if isinstance(value, tuple) and not isinstance(value, Given) and all(map(is_index, value)):
            return _plain(value, _FEW)
        array = self.as_array(value)
        plain = self._decided(self._written_items(array), array.kind)
        if array.kind not in _ZEROS or any(isinstance(x, Real) for x in plain):
            raise RefusedError("counts what depends on the inputs")
        return np.array(plain, type(_ZEROS[array.kind])).reshape(array.shape)

    def _decided(self, numbers: Sequence[Value], kind: str) -> list[Value]:
        """Conditions as they are on the way that is read."""
        raise NotImplementedError

    def _with_places(self, found: object) -> Value:
        if isinstance(found, tuple):
            return tuple(map(self._with_places, found))
        if isinstance(found, np.ndindex):
            return iter([*found])
        if isinstance(found, np.ndarray):
            kind = {"i": "int", "f": "float", "b": "bool"}[found.dtype.kind]
            return self._new(found.ravel().tolist(), found.shape, kind)
        return found if type(found) is int else Place(found)  # type: ignore[call-overload]


@functools.cache
def _signature(name: str) -> inspect.Signature:
    return inspect.signature(attrgetter(name.partition(".")[2])(np))


def _bound(
    name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> inspect.BoundArguments:
    try:
        bound = _signature(name).bind(*arguments, **keywords)
    except TypeError:
        raise RefusedError(f"{name} takes other arguments") from None
    if "kwargs" in bound.arguments:
        raise RefusedError(f"{name} with arguments that are not read")
    return bound


def _called(name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> object:
    try:
        return attrgetter(name.partition(".")[2])(np)(*arguments, **keywords)
    except (ValueError, IndexError, TypeError) as error:
        raise RefusedError(f"NumPy: {error}") from None


def _is_sequence(value: Value) -> bool:
    return isinstance(value, (Array, list, tuple))


def _plain(value: Value, most: int) -> Value:
    """A plain argument: ints of a size at most, truths, None and what modes are called."""
    if is_index(value):
        if abs(value) > most:
            raise RefusedError("an int that is too large")
        return int(value)
    if value is None or type(value) is bool or (type(value) is str and value in _MODES):
        return value
    if isinstance(value, Array) and value.kind == "int" and len(value.shape) == 1:
        return [_plain(x, most) for x in value.items]
    if isinstance(value, (list, tuple)) and not isinstance(value, Given):
        made = [_plain(x, most) for x in value]
        return tuple(made) if isinstance(value, tuple) else made
    raise RefusedError("expected plain ints")


def _kind_of(kinds: Sequence[str]) -> str:
    """The kind of arrays that are put together: those of ints beside floats become floats."""
    found = {*kinds}
    if len(found) == 1 and found <= _ZEROS.keys():
        return kinds[0]
    if found == {"float", "int"} and kinds[0] == "float":
        return "float"
    raise RefusedError("only arrays of floats are moved together")
