"""Where the value that an instruction computes goes next: into which variable, or out of the call.

A compiled function knows its variables better than its source: the source may have changed, or be
missing (a REPL, ``exec``), and ``a, b = b, a + b`` on one line is several values.  So the value is
followed through the instructions after the one that made it, until a name takes it or it is used.
"""

from __future__ import annotations

import dis
import linecache
import re
from collections.abc import Iterator
from functools import cached_property
from types import CodeType
from typing import NamedTuple

__all__ = ["Destination", "Flow", "Place"]


class Place(NamedTuple):
    """A piece of the user's source."""

    file: str
    line: int
    end_line: int
    column: int  # in bytes of UTF-8, from 0; -1 if unknown
    end_column: int
    function: str


class Destination(NamedTuple):
    """Where a value goes."""

    kind: str  # "name", "return", "append" (to the list a comprehension builds) or "used"
    name: str = ""
    path: tuple[int, ...] = ()  # place in the sequence that has the name or is returned


_USED = Destination("used")
_LONGEST = 400  # instructions followed; a display with more elements has no names
_LINES = 20  # lines of one expression searched for numbers
_NUMBER = re.compile(r"(?<![\w.])(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?(?![\w.])")
_LEAVES = {"RETURN_VALUE": "return", "LIST_APPEND": "append"}
_NO_EFFECT = frozenset(
    {"CACHE", "NOP", "RESUME", "PRECALL", "KW_NAMES", "COPY_FREE_VARS", "MAKE_CELL", "NOT_TAKEN"}
)
_STORES = frozenset({"STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF"})
_CACHE, _EXTENDED = dis.opmap.get("CACHE", -1), dis.opmap["EXTENDED_ARG"]


class Flow:
    """The instructions of one code object.

    Args:
        code: The code object; kept, so that its identity stays its own.
    """

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self._bytes = code.co_code
        self._known: dict[tuple[int, tuple[int, ...]], Destination] = {}
        self._places: dict[int, Place] = {}

    @cached_property
    def _positions(self) -> list[tuple[int | None, int | None, int | None, int | None]]:
        return list(self.code.co_positions())

    def place(self, offset: int) -> Place:
        """The source of the instruction at ``offset``."""
        place = self._places.get(offset)
        if place is None:
            line, end_line, start, end = self._positions[offset // 2]
            line = self.code.co_firstlineno if line is None else line
            place = self._places[offset] = Place(
                self.code.co_filename, line, line if end_line is None else end_line,
                -1 if start is None else start, -1 if end is None else end, self.code.co_name,
            )  # fmt: skip
        return place

    def numbers(self, offset: int) -> Iterator[tuple[float, str]]:
        """The numbers in the source of the instruction, as they are written."""
        place = self.place(offset)
        if place.column < 0 or place.end_line - place.line > _LINES:
            return
        for number in range(place.line, place.end_line + 1):
            text = linecache.getline(self.code.co_filename, number).encode()
            start = place.column if number == place.line else 0
            end = place.end_column if number == place.end_line else len(text)
            for written in _NUMBER.findall(text[start:end].decode("ascii", "replace")):
                yield float(written), written

    def is_call(self, offset: int) -> bool:
        """True if the instruction at ``offset`` calls something: it may compute several values."""
        while offset > 0 and self._bytes[offset] == _CACHE:
            offset -= 2
        return dis.opname[self._bytes[offset]].startswith("CALL")

    def destination(self, offset: int, path: tuple[int, ...] = ()) -> Destination:
        """Where the result of the instruction at ``offset`` goes.

        Args:
            offset: Its offset in bytes (``frame.f_lasti``).
            path: Place inside the result of the value that is asked for.
        """
        key = offset, path
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._follow(offset, path)
        return found

    def _instructions(self, offset: int) -> Iterator[tuple[int, str, int]]:
        """Opcode, name and argument of what runs after ``offset``, up to a branch."""
        code, extended = self._bytes, 0
        for _ in range(_LONGEST):
            offset += 2
            if offset >= len(code):
                return
            opcode, argument = code[offset], code[offset + 1] | extended << 8
            if opcode == _EXTENDED:
                extended = argument
                continue
            extended = 0
            name = dis.opname[opcode]
            if name == "JUMP_FORWARD":
                offset += 2 * argument
            elif name not in _NO_EFFECT:
                yield opcode, name, argument

    def _follow(self, offset: int, path: tuple[int, ...]) -> Destination:
        above: list[object] = []  # what lies above the value on the stack: names, constants, None
        for opcode, name, argument in self._instructions(offset):
            end = self._end(name, argument, above, path)
            if end is not None:
                return end
            if name == "UNPACK_SEQUENCE" and not above:
                if not path or path[0] >= argument:
                    return _USED
                above, path = [None] * path[0], path[1:]
            elif name in ("BUILD_TUPLE", "BUILD_LIST") and len(above) < argument:
                above, path = [], (argument - 1 - len(above), *path)
            elif not self._step(opcode, name, argument, above):
                return _USED
        return _USED

    def _end(
        self, name: str, argument: int, above: list[object], path: tuple[int, ...]
    ) -> Destination | None:
        """Where the value ends if this instruction takes it to its place."""
        depth, code = len(above), self.code
        if name in _STORES or name.startswith("STORE_FAST_"):
            if depth == 0:
                return Destination("name", self._variable(name, argument), path)
            if name == "STORE_FAST_STORE_FAST" and depth == 1:
                return Destination("name", code.co_varnames[argument & 15], path)
        elif name in _LEAVES and depth == 0:
            return Destination(_LEAVES[name], "", path)
        elif name == "STORE_SUBSCR" and depth == 2:
            return self._item(above, path)
        elif name == "STORE_ATTR" and depth == 1:
            return Destination("name", code.co_names[argument], path)
        return None

    def _step(self, opcode: int, name: str, argument: int, above: list[object]) -> bool:
        """Pop and push as the instruction does; False if that takes the value, or branches."""
        if name in ("SWAP", "COPY"):
            _shuffle(name, argument, above)
            return True
        if opcode in dis.hasjrel or opcode in dis.hasjabs:
            return False
        if name == "CALL":
            pops, pushes = argument + 2, 1
        else:
            effect = dis.stack_effect(opcode, argument if opcode >= dis.HAVE_ARGUMENT else None)
            if name == "LOAD_METHOD":
                pushes = 2
            elif name in ("LOAD_ATTR", "LOAD_SUPER_ATTR"):
                pushes = 1 + max(effect, 0)
            elif name == "UNPACK_SEQUENCE":
                pushes = argument
            elif name.startswith("LOAD_") or name == "PUSH_NULL":
                pushes = effect
            else:
                pushes = 0 if name.startswith(("POP_", "STORE_", "DELETE_")) else 1
            pops = pushes - effect
        if pops > len(above) or name in _LEAVES:
            return False
        del above[len(above) - pops :]
        if name.count("LOAD_FAST") == 2:  # Python 3.13
            names = self.code.co_varnames
            above += map(_Variable, (names[argument >> 4], names[argument & 15]))
        else:
            above += [self._loaded(name, argument)] * pushes
        return True

    def _loaded(self, name: str, argument: int) -> object:
        if name == "LOAD_CONST":
            return self.code.co_consts[argument]
        if name == "LOAD_SMALL_INT":  # Python 3.14
            return argument
        if name in ("LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK"):
            return _Variable(self.code.co_varnames[argument])
        return None

    def _variable(self, name: str, argument: int) -> str:
        code = self.code
        if name in ("STORE_NAME", "STORE_GLOBAL"):
            return code.co_names[argument]
        if name == "STORE_DEREF":
            cells = [c for c in code.co_cellvars if c not in code.co_varnames]
            names = (*code.co_varnames, *cells, *code.co_freevars)
            return names[argument] if argument < len(names) else ""
        return code.co_varnames[argument >> 4 if name.startswith("STORE_FAST_") else argument]

    def _item(self, above: list[object], path: tuple[int, ...]) -> Destination:
        """``y[2] = value``: the element is named, with a constant index also which."""
        owner, key = above
        if not isinstance(owner, _Variable):
            return _USED
        index = (key,) if type(key) is int and key >= 0 else ()
        return Destination("name", owner, (*index, *path))


def _shuffle(name: str, argument: int, above: list[object]) -> None:
    depth = len(above)
    if name == "SWAP" and depth == 0:
        above += [None] * (argument - 1)
    elif depth == argument - 1:  # the value comes to the top, or a copy of it
        above.clear()
    elif name == "COPY":
        above.append(None)


class _Variable(str):
    """A name, told apart from a constant string."""

    __slots__ = ()
