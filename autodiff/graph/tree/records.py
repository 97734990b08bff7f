"""Dataclasses and named tuples: their fields, and values of them from values of their fields.

A field is an input like any other, those that ``__post_init__`` computed too; a value is put
together without running the class's own ``__init__``, whose checks are meant for arguments, not
for gradients.
"""

from __future__ import annotations

import dataclasses
import importlib
import re
import sys
from collections.abc import Callable, Sequence
from operator import attrgetter
from weakref import WeakValueDictionary

from autodiff.errors import ArgumentError

__all__ = ["fields_of", "import_of", "known_class", "maker", "reader", "record_name"]

_NAME = re.compile(r"[^\W\d][\w.]*:[^\W\d][\w.<>]*")
# Classes seen in values, so that texts find those too that no module holds by name.
_seen: WeakValueDictionary[str, type] = WeakValueDictionary()


def fields_of(kind: type) -> tuple[str, ...] | None:
    """The fields of a dataclass or named tuple; None for any other class."""
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    names = getattr(kind, "_fields", None)
    return tuple(names) if issubclass(kind, tuple) and isinstance(names, tuple) else None


def record_name(kind: type) -> str:
    """How the IR text calls the class, which is remembered under that name.

    Raises:
        ArgumentError: if no text can.
    """
    name = f"{kind.__module__}:{kind.__qualname__}"
    if not _NAME.fullmatch(name):
        raise ArgumentError(f"found class {name!r}; expected one whose name is an identifier")
    _seen[name] = kind
    return name


def known_class(name: str, fields: Sequence[str]) -> type | None:
    """The class of that name and those fields, if this process has it."""
    module, _, path = name.partition(":")
    kind: object = _seen.get(name)
    if kind is None:
        kind = sys.modules.get(module)
        for step in path.split("."):
            kind = getattr(kind, step, None)
    return kind if isinstance(kind, type) and fields_of(kind) == tuple(fields) else None


def import_of(name: str) -> None:
    """Import the module of a class, as unpickling one of its values would."""
    try:
        importlib.import_module(name.partition(":")[0])
    except ImportError:  # known_class says what is missing when it is needed
        return


def maker(
    name: str, fields: tuple[str, ...], kind: type | None
) -> Callable[[list[object]], object]:
    """Function that makes a value from the values of its fields.

    Raises:
        ArgumentError: if the class is not there.
    """
    kind = kind or known_class(name, fields)
    if kind is None:
        raise ArgumentError(
            f"found no class {name} with the fields {', '.join(fields)}; import its module first"
        )
    if dataclasses.is_dataclass(kind):
        made: type = kind

        def make(values: list[object]) -> object:
            value: object = object.__new__(made)
            for field, item in zip(fields, values, strict=True):
                object.__setattr__(value, field, item)
            return value

        return make
    return kind._make  # type: ignore[attr-defined,no-any-return]  # a named tuple's


def reader(fields: tuple[str, ...]) -> Callable[[object], tuple[object, ...]]:
    """Function that gives the fields' values."""
    if len(fields) > 1:
        return attrgetter(*fields)
    return lambda value: tuple(getattr(value, field) for field in fields)
