"""Static values: what an argument holds that is not traced, and stays what it is.

Text, None, complex numbers, functions and objects are never traced; integers, booleans and masks
where the function needs them as such (``whole``), floats where it cannot be traced otherwise
(``Kept.NUMBERS``); of arguments that are differentiated texts, members of enums and functions
beside numbers (``Kept.WORDS``).  ``split`` takes them out of an argument, and leaves None in their
place; ``merged`` puts them back.  The key tells whether two arguments have the
same static values.
"""

from __future__ import annotations

import numbers
import pickle
import types
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from enum import Enum, IntEnum
from typing import Any, NamedTuple

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.structure import Key, key_text
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.leaves import is_masked, is_number, kind_of
from autodiff.graph.tree.records import fields_of, maker, reader, record_name

__all__ = ["Kept", "Same", "Split", "merged", "split", "static_parts", "words_beside_numbers"]

_DEEPEST = 200
_ATOMS = (bool, int, float, complex, str, bytes, type(None))
_BY_NAME = (type, types.ModuleType, types.BuiltinFunctionType, np.ufunc)
_WORDS = (str, bytes, Enum, types.FunctionType, *_BY_NAME)
_NO_WORDS = (float, int, np.ndarray)  # nor containers of them: most arguments


class Kept(IntEnum):
    """Which numbers of an argument are static; the first two are False and True.

    ``WORDS`` are no numbers: of everything else an argument may hold these alone are static.
    """

    NONE = 0
    INTEGERS = 1
    NUMBERS = 2
    WORDS = 3


class Split(NamedTuple):
    """An argument without its static values.

    Args:
        value: The argument with None where they were; None if there was nothing else.
        key: Equal where the static values, the containers and the other values' shapes are.
        whole: Whether all of it is static.
        some: Whether some of it is.
    """

    value: object
    key: Hashable
    whole: bool
    some: bool


class _Container(NamedTuple):
    """What holds values: how they are called, what makes one of others, how Python gets at them."""

    label: Hashable
    items: Sequence[object]
    make: Callable[[list[object]], object]
    steps: Sequence[str]


def split(value: object, whole: bool | Kept, path: str = "argument", depth: int = 0) -> Split:
    """Take the static values out of an argument.

    Args:
        value: The argument.
        whole: Whether integers, booleans and arrays of them are static; floats as well, if it is
            ``Kept.NUMBERS``.
        path: How to call it in an error.
        depth: How deep it lies in others.

    Raises:
        ArgumentError: if a number in it cannot be traced, or it holds itself.

    >>> split({"x": 1.0, "kind": "l2"}, whole=True).value
    {'x': 1.0, 'kind': None}
    """
    if depth > _DEEPEST:
        raise ArgumentError(f"{path}: found values nested {depth} deep; expected fewer")
    container = _container(value)
    if container is None:
        if _is_static(value, whole):
            return Split(None, _key(value), True, True)
        return Split(value, str(structure_of(value, path)), False, False)
    pairs = zip(container.steps, container.items, strict=True)
    items = [split(item, whole, path + step, depth + 1) for step, item in pairs]
    key = (container.label, tuple(item.key for item in items))
    if not any(item.some for item in items):
        return Split(value, key, False, False)
    if all(item.whole for item in items):
        return Split(None, key, True, True)
    return Split(container.make([item.value for item in items]), key, False, True)


def merged(value: object, given: object, whole: bool | Kept) -> object:
    """``value`` with the static values of ``given`` in their places.

    Args:
        value: What ``split`` made of ``given``, or its trace.
        given: The argument.
        whole: As for ``split``.
    """
    container = _container(given)
    if container is None:
        return given if _is_static(given, whole) else value
    inner = None if value is None else _container(value)
    if inner is None:  # all of it is static
        return given
    pairs = zip(inner.items, container.items, strict=True)
    return container.make([merged(item, own, whole) for item, own in pairs])


def static_parts(value: object, whole: bool | Kept, path: str) -> list[tuple[str, object]]:
    """What ``split`` takes out of ``value``, each with how Python gets at it.

    >>> static_parts({"x": 1.0, "kind": "l2"}, True, "p")
    [("p['kind']", 'l2')]
    """
    container = _container(value)
    if container is None:
        return [(path, value)] if _is_static(value, whole) else []
    pairs = zip(container.steps, container.items, strict=True)
    return [part for step, item in pairs for part in static_parts(item, whole, path + step)]


def words_beside_numbers(value: object) -> bool:
    """True if a container holds texts, members of enums or functions, and something else.

    >>> words_beside_numbers({"x": 1.0, "kind": "l2"}), words_beside_numbers(("l1", "l2"))
    (True, False)
    """
    if type(value) in _NO_WORDS or _container(value) is None or not _holds_words(value, 0):
        return False
    return not split(value, Kept.WORDS).whole


def _holds_words(value: object, depth: int) -> bool:
    if type(value) in _NO_WORDS or depth > _DEEPEST:
        return False
    container = _container(value)
    if container is None:
        return _is_static(value, Kept.WORDS)
    return any(_holds_words(item, depth + 1) for item in container.items)


def _container(value: Any) -> _Container | None:
    """What a value holds that may be traced; None if it is one thing."""
    kind = type(value)
    if kind is tuple or kind is list:
        steps = [f"[{i}]" for i in range(len(value))]
        return _Container((kind, len(value)), value, kind, steps)
    if isinstance(value, Mapping):
        return _mapping(value)
    fields = fields_of(kind)
    if fields is None:
        return None
    try:
        name, items = record_name(kind), reader(fields)(value)
    except (ArgumentError, AttributeError):  # no name for the class, or no value for a field
        return None
    steps = [f".{field}" for field in fields]
    return _Container((kind, name), items, maker(name, fields, kind), steps)


def _mapping(value: Mapping[Key, object]) -> _Container | None:
    try:
        keys = tuple(value)
        texts = tuple(map(key_text, keys))
    except TypeError:  # a key that has no text: all of it is one object
        return None
    return _Container(
        (dict, texts),
        list(value.values()),
        lambda items: dict(zip(keys, items, strict=True)),
        [f"[{key!r}]" for key in keys],
    )


def _is_static(value: object, whole: bool | Kept) -> bool:
    if whole == Kept.NUMBERS:
        return True
    if whole == Kept.WORDS:
        return isinstance(value, _WORDS) or (
            isinstance(value, np.ndarray) and value.dtype.kind in "SU"
        )
    if isinstance(value, np.ndarray):
        kind = kind_of(value)
        if is_masked(value):
            return True
        if kind == "O":
            return not all(map(is_number, value.flat))
        return kind not in "fiub" or (bool(whole) and kind != "f")
    if isinstance(value, (bool, np.bool_, numbers.Integral)):
        return bool(whole)
    return not is_number(value)


# --- keys ------------------------------------------------------------------------------------


class Same:
    """Equal to what holds the same object, which it keeps alive."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value


def _key(value: Any, around: tuple[int, ...] = ()) -> Hashable:
    """What is equal only where the value is: arrays by their numbers, objects by their state."""
    kind = type(value)
    if kind in _ATOMS:
        return kind, repr(value)  # 0.0 is not -0.0, nan is nan
    if isinstance(value, np.generic) or (kind is np.ndarray and not value.dtype.hasobject):
        return kind, value.dtype, value.shape, value.tobytes()
    if id(value) in around or len(around) > _DEEPEST:
        return Same(value)
    inside = (*around, id(value))
    if isinstance(value, _BY_NAME):
        return Same(value)
    if kind is types.FunctionType:
        cells = [_content(cell) for cell in value.__closure__ or ()]
        held = (value.__defaults__, value.__kwdefaults__, *cells)
        return Same(value), value.__code__, _keys(held, inside)
    if kind in (tuple, list):
        return kind, _keys(value, inside)
    if kind is dict:
        return kind, _keys(value, inside), _keys(value.values(), inside)
    try:
        return kind, pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except Exception:  # whatever the object's own code objects to
        state = getattr(value, "__dict__", {})
        return Same(value), _key(dict(state), inside)


def _keys(values: Iterable[object], around: tuple[int, ...]) -> tuple[Hashable, ...]:
    return tuple([_key(value, around) for value in values])


def _content(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return None
