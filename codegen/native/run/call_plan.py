"""Plans: what ``walk`` reads of one program, how its arguments are taken apart and its result made.

A plan is an array of words, found once for a program; objects of the user's that it names (keys,
classes) live as long as it does.
"""

from __future__ import annotations

import ctypes
import dataclasses
import inspect
import threading
from collections.abc import Callable, Sequence
from functools import cache

from autodiff.forking import hold_at_fork
from autodiff.graph.structure import (
    Array,
    Dict,
    List,
    Nothing,
    Record,
    Scalar,
    Structure,
    Tuple,
    leaf_parts,
    size,
)
from codegen.native.host import LAYOUT, value_places
from codegen.native.run.jit import Code, Source, compile_modules
from codegen.native.write.entry import declarations
from codegen.native.write.walker import GATHERED, HEADER, OPS, walker

__all__ = ["BACK", "FEW", "Asked", "Plan", "plan_of", "walk_address"]

FEW = 256  # points of a batch up to which a call is walked, and keeps the interpreter's lock

_MOST = 16384  # words that one call keeps on the stack
_MOST_ASKED = 2048  # numbers that a function in Python is given
_DEEPEST = 40
_OFTEN = 8  # unusual calls after which ``walk`` is compiled: it takes as long as thousands of them
_PAIRS = 4096  # parts of out, times parts, that a call looks at for memory they share


class UnplannedError(Exception):
    """A structure that ``walk`` does not know."""


@dataclasses.dataclass
class Plan:
    """The words of a program, and what they name.

    Args:
        words: The words.
        held: Objects whose addresses are among them.
        calls: How many were handed to Python so far.
    """

    words: ctypes.Array[ctypes.c_int64]
    held: tuple[object, ...]
    calls: int = 0

    @property
    def address(self) -> int:
        """Where the words lie."""
        return ctypes.addressof(self.words)

    @classmethod
    def empty(cls) -> Plan:
        """The plan of a program whose calls are not for ``walk``."""
        return cls((ctypes.c_int64 * 1)(), ())

    def count(self) -> None:
        """Note a call that was handed to Python; after some of them ``walk`` takes such calls."""
        self.calls += 1
        if self.calls >= _OFTEN and len(self.words) > 1 and not self.words[0]:
            self.words[0] = walk_address()


_ONE = threading.RLock()  # one ``walk`` for all: plans have its address, which must not be freed
hold_at_fork(_ONE)


@dataclasses.dataclass(frozen=True)
class Asked:
    """A function in Python that computes what a call gives.

    Args:
        function: It takes a float or a list for each part of the arguments; None: the result is
            made of these.
        form: What it gives: 0, a row of the result's parts; 1, a value and a row of the others; 2,
            a value and the other part; -1, what nobody asks.
    """

    function: Callable[..., object] | None
    form: int


BACK = Asked(None, -1)


def walk_address() -> int:
    """Where ``walk`` begins."""
    with _ONE:
        return _walk().address("walk")


@cache
def _walk() -> Code:
    """The code of ``walk``, one for the process."""
    assert LAYOUT is not None
    return compile_modules((), Source(declarations() + walker(LAYOUT), {}, {}, True))


def plan_of(
    parameters: Sequence[tuple[str, Structure]],
    result: Structure,
    given: Structure,
    leads: bool,
    raw: int,
    batched: Sequence[bool] | None = None,
    asked: Asked | None = None,
) -> Plan | None:
    """The plan of a program; None if a call is not for ``walk``.

    Args:
        parameters: Names and structures of the arguments.
        result: Structure of the result.
        given: Structure of ``out=``.
        leads: Whether the result begins with a float that is no part of ``given``.
        raw: Address of what computes, from a table of addresses.
        batched: Which arguments have a leading axis of points, as all results have; None: there
            are no points.
        asked: What computes instead, in Python.
    """
    try:
        return _Writer(batched).plan(parameters, result, given, leads, raw, asked)
    except UnplannedError:
        return None


class _Writer:
    """Writes plans; ``batched`` as for ``plan_of``."""

    def __init__(self, batched: Sequence[bool] | None) -> None:
        self._batched = batched
        self._words: list[int] = [0] * len(HEADER)
        self._held: list[object] = []

    def plan(
        self,
        parameters: Sequence[tuple[str, Structure]],
        result: Structure,
        given: Structure,
        leads: bool,
        raw: int,
        asked: Asked | None,
    ) -> Plan:
        """All of it."""
        inputs = [part for _, structure in parameters for _, part in leaf_parts("", structure)]
        outputs = [part for _, part in leaf_parts("", result)] if asked is not BACK else []
        floats = sum(size(part) for part in inputs if size(part) <= GATHERED)
        floats += sum(isinstance(part, Scalar) for part in outputs)
        if floats + 2 * (len(inputs) + len(outputs)) > _MOST:
            raise UnplannedError
        head: dict[str, int] = {
            "raw": raw, "count": len(parameters), "inputs": len(inputs), "outputs": len(outputs),
            "floats": floats, "leads": int(leads), "points": 0 if self._batched is None else FEW,
        }  # fmt: skip
        head["names_at"] = self._here()
        for name in (*(name for name, _ in parameters), "out"):
            self._object(name)
        head["arguments_at"] = self._here()
        flags = self._batched or (False,) * len(parameters)
        for (_, structure), batched in zip(parameters, flags, strict=True):
            self._apart(structure, 0, "points" if batched else "array")
        head["parts_at"] = self._here()
        for part in outputs:
            shape = self._made(part)
            self._words += [-1] if shape is None else [len(shape), *shape]
        head["result_at"] = self._here()
        self._apart(result, 0, "made")
        if asked is BACK:
            head["form"] = BACK.form
        elif asked is not None:
            head |= self._asked(asked, inputs, outputs)
        elif self._batched is None and len(outputs) * (len(inputs) + len(outputs)) <= _PAIRS:
            head["given_at"] = self._here()
            self._apart(given, 0, "out")
        head["sizes_at"] = self._here()
        self._words += [8 * size(part) for part in (*inputs, *outputs)]
        for name, word in head.items():
            self._words[HEADER.index(name)] = word
        return Plan((ctypes.c_int64 * len(self._words))(*self._words), tuple(self._held))

    def _asked(
        self, asked: Asked, inputs: Sequence[Structure], outputs: Sequence[Structure]
    ) -> dict[str, int]:
        """What the head says of a function in Python."""
        total = sum(map(size, inputs))
        if total > _MOST_ASKED:
            raise UnplannedError
        rows_at = self._here()
        for part in (*inputs, *outputs):
            self._words.append(size(part) if isinstance(part, Array) else -1)
        python = self._here()
        self._object(asked.function)
        return {
            "python": self._words[python], "form": asked.form, "total": total, "rows_at": rows_at,
        }  # fmt: skip

    def _here(self) -> int:
        return len(self._words)

    def _object(self, value: object) -> None:
        self._held.append(value)
        self._words.append(id(value))

    def _apart(self, structure: Structure, depth: int, array: str = "array") -> None:
        """The words of a structure, whose arrays are as ``array`` says."""
        if depth > _DEEPEST:
            raise UnplannedError
        if isinstance(structure, Nothing):
            self._words.append(OPS["none"])
        elif isinstance(structure, (Scalar, Array)):
            self._leaf(structure, array)
        else:
            self._head(structure, made=array == "made")
            for item in structure.items:
                self._apart(item, depth + 1, array)

    def _made(self, part: Structure) -> tuple[int, ...] | None:
        """The shape of the array that a result is; None for a float.  Points are counted later."""
        own = part.shape if isinstance(part, Array) else None
        return own if self._batched is None else (0, *(own or ()))

    def _leaf(self, structure: Scalar | Array, array: str) -> None:
        made = self._made(structure) if array == "made" else None
        if made is None and isinstance(structure, Scalar) and array not in ("out", "points"):
            self._words.append(OPS["scalar"])
            return
        shape = made or (structure.shape if isinstance(structure, Array) else ())
        self._words += [OPS["array" if array == "made" else array], len(shape), size(structure)]
        self._words += shape

    def _head(self, structure: Tuple | List | Dict | Record, made: bool) -> None:
        """What comes before the items of a container."""
        count = len(structure.items)
        if isinstance(structure, (Tuple, List)):
            self._words += [OPS["row" if isinstance(structure, Tuple) else "list"], count]
        elif isinstance(structure, Dict):
            full = dict(zip(structure.keys, map(_stand_in, structure.items), strict=True))
            places = value_places(full) if made and count else None
            self._words += [OPS["dict" if places is None else "filled"], count]
            for key in structure.keys if places is None else [full]:
                self._object(key)
            self._words += places or []
        else:
            self._record(structure, count)

    def _record(self, structure: Record, count: int) -> None:
        kind = structure.kind
        if kind is None:
            raise UnplannedError
        if _is_plain_tuple(kind, structure.keys):
            self._words.append(OPS["named"])
            self._object(kind)
            self._words.append(count)
        elif _is_plain_dataclass(kind, structure.keys):
            self._words.append(OPS["record"])
            self._object(kind)
            self._words.append(count)
            for name in structure.keys:
                self._object(name)
        else:
            raise UnplannedError


def _stand_in(item: Structure) -> object:
    """A value that gives its place to another one; of lists and the like one that is collected."""
    return object() if isinstance(item, (Scalar, Array, Nothing)) else []


def _is_plain_tuple(kind: type, fields: tuple[str, ...]) -> bool:
    """True for a named tuple whose fields are its items, in order."""
    if not issubclass(kind, tuple) or kind.__getattribute__ is not tuple.__getattribute__:
        return False
    return all(_getter_place(kind, name) == place for place, name in enumerate(fields))


def _getter_place(kind: type, name: str) -> int:
    """Which item a field of a named tuple is; -1 if that is not plain."""
    getter = inspect.getattr_static(kind, name, None)
    if type(getter) is not _GETTER:
        return -1
    place: object = getter.__reduce__()[1]
    return place[0] if isinstance(place, tuple) else -1


_GETTER: type = type(inspect.getattr_static(inspect.Attribute, "name"))


def _is_plain_dataclass(kind: type, fields: tuple[str, ...]) -> bool:
    """True for a dataclass whose fields are read and set without code of the user's."""
    if not dataclasses.is_dataclass(kind) or not _is_object(kind):
        return False
    hooks: tuple[Callable[..., object] | None, ...] = (
        kind.__getattribute__, getattr(kind, "__getattr__", None),
    )  # fmt: skip
    if hooks != (object.__getattribute__, None):
        return False
    return all(
        type(found) is _SLOT or not hasattr(type(found), "__get__") or found is None
        for found in (inspect.getattr_static(kind, name, None) for name in fields)
    )


class _Slotted:
    __slots__ = ("place",)


_SLOT: type = type(inspect.getattr_static(_Slotted, "place"))
_HEAP_TYPE = 1 << 9


def _is_object(kind: type) -> bool:
    """True if its values are plain objects in memory: no class above it but object is built in."""
    return all(base is object or base.__flags__ & _HEAP_TYPE for base in kind.__mro__)
