"""What a side of a branch may change: everything that can be reached from where it runs.

Contents are kept before the first side, put back before the second, and compared afterwards.
"""

from __future__ import annotations

import operator
import types
from collections import deque
from collections.abc import Container, Iterable, Mapping
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np

from autodiff.table.primitive import Operand
from autodiff.table.written import codes_within
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.objects.unsure import Entries
from autodiff.trace.branching.objects.users_objects import (
    CONSTANT_MODULES,
    fields_of,
    is_users_object,
    package_of,
    set_fields,
)
from autodiff.trace.branching.restarts import UnmergeableError

__all__ = ["EVERY", "Contents", "Reachable", "Scope", "put_into", "read_globals"]

_MOST = 20_000  # objects
_SMALL = 4_096  # numbers of an array that is kept
_FIXED = (
    int, float, complex, str, bytes, type(None), np.generic, np.ufunc, np.dtype, type, range, slice,
    types.ModuleType, types.BuiltinFunctionType, types.CodeType, types.MappingProxyType,
    property, staticmethod, classmethod, type(Ellipsis), type(NotImplemented),
)  # fmt: skip
_DATA = frozenset({int, float, bool, str, type(None)})  # long lists hold these


class Contents(NamedTuple):
    """What an object holds: the values by key, in order."""

    keys: tuple[object, ...]
    values: tuple[object, ...]

    def same(self, other: Contents) -> bool:
        """True if it holds the very same objects."""
        return (
            len(self.values) == len(other.values)
            and self.keys == other.keys
            and all(map(operator.is_, self.values, other.values))
        )


class Reachable:
    """Objects that can be changed, and what they held at first.

    Args:
        roots: Where the search begins.

    Raises:
        UnmergeableError: if there are too many, or some whose state cannot be kept.
    """

    def __init__(self, roots: Iterable[object]) -> None:
        self.objects: list[object] = []
        self.first: list[Contents] = []
        self.ids: set[int] = set()
        self._held: list[object] = []  # so that ids stay
        pending = [*roots]
        while pending:
            one = pending.pop()
            if _is_fixed(one) or id(one) in self.ids or _is_plain_operand(one):
                continue
            if len(self._held) > _MOST:
                raise UnmergeableError
            self.ids.add(id(one))
            self._held.append(one)
            if _holds(one):
                self.objects.append(one)
                self.first.append(contents_of(one))
                pending += [x for x in self.first[-1].values if type(x) not in _DATA]
                if isinstance(one, ArrayTracer) and one._parent is not None:
                    pending.append(one._parent)  # a view is what it is a view of
            else:
                pending += _parts(one)

    def now(self) -> list[Contents]:
        """What the objects hold now."""
        return [contents_of(one) for one in self.objects]

    def put(self, contents: list[Contents], now: list[Contents]) -> None:
        """Make the objects hold ``contents`` again."""
        for one, wanted, present in zip(self.objects, contents, now, strict=True):
            if not wanted.same(present):
                put_into(one, wanted)


class _Every:
    """All ids."""

    def __contains__(self, one: object) -> bool:
        return True


EVERY: Container[int] = _Every()


class Scope:
    """What can be reached from where code runs, looked for once it is asked for.

    Args:
        frame: That of the code.
        variables: Its variables.
        standing: What stands for objects that these may hold.
    """

    def __init__(
        self, frame: types.FrameType, variables: Mapping[str, object], standing: Iterable[object]
    ) -> None:
        self._code, self._globals = frame.f_code, frame.f_globals
        self._held = [*variables.values(), *standing]

    @cached_property
    def reachable(self) -> Reachable:
        """The objects that can be changed; see ``Reachable``."""
        return Reachable([*self._held, *read_globals(self._code, self._globals)])

    def ids(self) -> Container[int]:
        """Ids of what is there; all that there are, where nobody can look into some of it."""
        try:
            return self.reachable.ids
        except UnmergeableError:
            return EVERY


def _is_fixed(one: object) -> bool:
    """True for what nothing changes and nothing hides in, as rows of data do not."""
    if isinstance(one, _FIXED):
        return True
    return type(one) is tuple and all(isinstance(x, _FIXED) for x in one)


def _is_plain_operand(one: object) -> bool:
    return isinstance(one, Operand) and not (isinstance(one, ArrayTracer) and one.shape)


def _holds(one: object) -> bool:
    """True for what can be changed."""
    if isinstance(one, np.ndarray):
        return one.flags.writeable and (_of_objects(one) or one.size <= _SMALL)
    if isinstance(one, (list, dict, set, deque, types.CellType, ArrayTracer, Entries)):
        return True
    return is_users_object(one)


def _parts(one: object) -> list[object]:
    """What an object that does not change itself leads to."""
    if isinstance(one, (tuple, frozenset)):
        return [*one]
    if package_of(one) in CONSTANT_MODULES:
        return []
    if isinstance(one, types.FunctionType):
        return [*(one.__closure__ or ()), *read_globals(one.__code__, one.__globals__)]
    if isinstance(one, types.MethodType):
        return [one.__self__, one.__func__]
    if isinstance(one, partial):
        return [one.func, one.args, one.keywords]
    if isinstance(one, np.ndarray):
        return []
    raise UnmergeableError  # an iterator, or what nobody can look into


def read_globals(code: types.CodeType, scope: dict[str, object]) -> list[object]:
    """The globals that a function, and those inside it, read."""
    names = [name for one in codes_within(code) for name in one.co_names]
    return [scope[name] for name in names if name in scope]


def contents_of(one: object) -> Contents:
    """What an object holds now."""
    if isinstance(one, list):
        return Contents((), tuple(list.__iter__(one)))
    if isinstance(one, Entries):
        return Contents((), tuple(one.appended))
    if isinstance(one, deque):
        return Contents((), tuple(one))
    if isinstance(one, dict):
        return Contents(tuple(one), tuple(one.values()))
    if isinstance(one, np.ndarray):
        flat = np.ndarray.view(one, np.ndarray).ravel()
        if _of_objects(one):
            return Contents((), tuple(flat.tolist()))
        return Contents((flat.tobytes(),), ())
    if isinstance(one, ArrayTracer):
        return Contents((one._index, one.version), ())
    if isinstance(one, set):
        return Contents((frozenset(one),), ())
    if isinstance(one, types.CellType):
        try:
            return Contents((), (one.cell_contents,))
        except ValueError:
            return Contents(("empty",), ())
    fields = fields_of(one)
    return Contents(tuple(fields), tuple(fields.values()))


def put_into(one: object, contents: Contents) -> None:
    """Make an object hold ``contents``."""
    values = contents.values
    if isinstance(one, list):
        list.__setitem__(one, slice(None), values)
    elif isinstance(one, Entries):
        one.appended[:] = values
    elif isinstance(one, deque):
        one.clear()
        one.extend(values)
    elif isinstance(one, dict):
        one.clear()
        one.update(zip(contents.keys, values, strict=True))
    elif isinstance(one, np.ndarray) and _of_objects(one):
        made = np.fromiter(values, dtype=object, count=len(values))
        np.copyto(np.ndarray.view(one, np.ndarray), made.reshape(one.shape))
    elif isinstance(one, types.CellType) and values:
        one.cell_contents = values[0]
    elif isinstance(one, ArrayTracer):
        if one._parent is None:
            one._index, one.version = contents.keys[0], one.version + 1  # type: ignore[assignment]
    elif is_users_object(one) and not isinstance(one, (set, types.CellType)):
        set_fields(one, dict(zip(map(str, contents.keys), values, strict=True)))
    else:
        raise UnmergeableError


def _of_objects(one: object) -> bool:
    return isinstance(one, np.ndarray) and np.ndarray.dtype.__get__(one).hasobject
