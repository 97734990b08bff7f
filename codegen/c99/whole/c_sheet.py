"""The lines of one C function, and the memory that they use beside arguments and results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from codegen.c99.whole.c_terms import Place
from codegen.language.lines import INDENT, LINE
from codegen.language.naming import Names
from codegen.language.target import Target
from codegen.language.wrap import broken

__all__ = ["LOCAL", "Memory", "Sheet"]

LOCAL = 64  # numbers of an array that is declared where it is used
_STACK = 2_000  # numbers that may lie on the stack
_VARIABLES = "ijkmnpqr"


@dataclass(frozen=True)
class Memory:
    """An array of a function.

    Args:
        name: Its name.
        size: How many numbers it has.
        place: Where in the workspace it begins.
    """

    name: str
    size: int
    place: int


class Sheet:
    """A function under construction, on which several may write in turn.

    Args:
        names: Its identifiers.
        target: C, with names that parameters leave free.

    Attributes:
        lines: What is written.
        calls: The functions that the file must define.
        helpers: Those of ``c_provided.py`` among them.
        includes: Headers of the library.
        wrong: What says that an index does not fit; "" if there is none that can.
    """

    def __init__(self, names: Names, target: Target) -> None:
        self.names, self.target = names, target
        self.lines: list[str] = []
        self.calls: set[str] = set()
        self.helpers: set[str] = set()
        self.includes: set[str] = set()
        self.wrong = ""
        self._memory: list[Memory] = []
        self._room = 0
        self._inset = 0
        self._variables: list[str] = []

    # --- lines ---

    def add(self, line: str) -> None:
        """A line."""
        self.lines.append(INDENT * self._inset + line)

    def insert(self, place: int, lines: Sequence[str]) -> None:
        """Lines before those from a place on."""
        self.lines[place:place] = [INDENT * self._inset + line for line in lines]

    def give(self, left: str, text: str, sign: str = "=") -> None:
        """``left = text;``, broken where it is long."""
        whole = f"{left} {sign} {text};"
        room = LINE - len(INDENT) * (self._inset + 1)
        if len(whole) <= room:
            self.add(whole)
            return
        self.add(f"{left} {sign}")
        lines = broken(text, room - len(INDENT) - 1)
        lines[-1] += ";"
        for line in lines:
            self.add(INDENT + line)

    def call(self, function: str, given: Sequence[str]) -> None:
        """``function(given);``, an argument a line where it is long."""
        whole = f"{function}({', '.join(given)});"
        if len(whole) <= LINE - len(INDENT) * (self._inset + 1):
            self.add(whole)
            return
        self.add(f"{function}(")
        for k, one in enumerate(given):
            self.add(f"{INDENT}{one}{');' if k == len(given) - 1 else ','}")

    @property
    def width(self) -> int:
        """Characters of an expression that fits into a line of its own."""
        return LINE - len(INDENT) * (self._inset + 1) - 32

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """What is inside braces."""
        self.add(head + " {")
        self._inset += 1
        yield
        self._inset -= 1
        self.add("}")

    def loop(self, variable: str, extent: int) -> str:
        """The head of a loop that counts up."""
        return f"for (size_t {variable} = 0; {variable} < {extent}; ++{variable})"

    def variable(self, depth: int) -> str:
        """The variable of a loop inside so many."""
        while len(self._variables) <= depth:
            known = len(self._variables)
            wish = _VARIABLES[known] if known < len(_VARIABLES) else f"i_{known}"
            self._variables.append(self.names.ours(wish) if not known else self.names.claim(wish))
        return self._variables[depth]

    # --- memory ---

    def reserve(self, size: int) -> None:
        """Keep the beginning of the workspace for arrays whose places are known."""
        self._room = size

    def array(self, name: str, size: int, place: int | None = None) -> None:
        """An array, declared at the function's beginning; without a place, it gets its own."""
        if place is None:
            place, self._room = self._room, self._room + max(size, 1)
        self._memory.append(Memory(name, max(size, 1), place))

    @property
    def work(self) -> int:
        """Numbers of the workspace that a caller gives; 0 if all is on the stack."""
        if sum(memory.size for memory in self._memory) <= _STACK:
            return 0
        return max(memory.place + memory.size for memory in self._memory)

    def declared(self, work: str) -> list[str]:
        """The lines that declare the arrays."""
        if not self.work:
            return [f"double {memory.name}[{memory.size}];" for memory in self._memory]
        return [
            f"double *const {memory.name} = {Place(work, (), memory.place).pointer};"
            for memory in self._memory
        ]

    def flag(self) -> str:
        """The name of what says that an index does not fit."""
        self.wrong = self.wrong or self.names.ours("wrong")
        return self.wrong
