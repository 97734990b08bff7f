"""Lines of one function in LLVM IR, over numbers and over registers of lanes.

What is computed once is found again: ``memo`` has a scope for each loop that is open.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from codegen.native.form import vector_math
from codegen.native.form.widen import vector
from codegen.nests.lower.loop_statement import Fold
from codegen.subset.to_llvm import number

__all__ = ["IRLines", "IRValue", "Sheet"]


@dataclass(frozen=True)
class IRValue:
    """A computed value: its name, whether it fills lanes, whether it is a truth value."""

    name: str
    wide: bool
    truth: bool = False


@dataclass
class Sheet:
    """A function under construction, on which several may write in turn.

    Args:
        lines: The lines.
        slots: Lines at the function's beginning.
        count: Numbers for names.
        block: The block that the next line stands in.
        faults: True if it may find that an index does not fit.
        beside: Numbers of memory that it needs beside the stack.
        stack: Numbers on the stack.
    """

    lines: list[str] = field(default_factory=list)
    slots: list[str] = field(default_factory=list)
    count: Iterator[int] = field(default_factory=itertools.count)
    block: str = "entry"
    faults: bool = False
    beside: int = 0
    stack: int = 0


class IRLines:
    """The lines, and names for what they compute.

    Args:
        sheet: Where they are written.
    """

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._memo: list[dict[object, str]] = [{}]

    def _add(self, line: str) -> None:
        self._sheet.lines.append(line + "\n")

    def _new(self, instruction: str) -> str:
        name = f"%r{next(self._sheet.count)}"
        self._add(f"{name} = {instruction}")
        return name

    def _kind(self, wide: bool) -> str:
        return vector("double") if wide else "double"

    def _literal(self, value: float, wide: bool) -> str:
        return f"splat (double {number(value)})" if wide else number(value)

    @contextmanager
    def _loop(self, extent: int, step: int = 1) -> Iterator[str]:
        """A loop; what is written inside is its body."""
        k = next(self._sheet.count)
        before = self._sheet.block
        self._add(f"br label %loop{k}")
        self._add(f"loop{k}:")
        place = len(self._sheet.lines)
        self._add("")
        self._sheet.block = f"loop{k}"
        self._memo.append({})
        yield f"%i{k}"
        self._memo.pop()
        self._sheet.lines[place] = (
            f"%i{k} = phi i64 [0, %{before}], [%n{k}, %{self._sheet.block}]\n"
        )
        self._add(f"%n{k} = add i64 %i{k}, {step}")
        self._add(f"%m{k} = icmp ult i64 %n{k}, {extent}")
        self._add(f"br i1 %m{k}, label %loop{k}, label %past{k}")
        self._add(f"past{k}:")
        self._sheet.block = f"past{k}"

    def _once(self, key: object, make: Callable[[], str]) -> str:
        """What is computed already in an open loop, or is now."""
        for scope in self._memo:
            if key in scope:
                return scope[key]
        made = make()
        self._memo[-1][key] = made
        return made

    def _number(self, value: IRValue, wide: bool) -> str:
        if not value.truth:
            return value.name
        one, zero = self._literal(1.0, wide), self._literal(0.0, wide)
        kind, test = self._kind(wide), vector("i1") if wide else "i1"
        text = f"select {test} {value.name}, {kind} {one}, {kind} {zero}"
        return self._once(("number", value.name), lambda: self._new(text))

    def _condition(self, value: IRValue, wide: bool) -> str:
        if value.truth:
            return value.name
        return self._new(f"fcmp une {self._kind(wide)} {value.name}, {self._literal(0.0, wide)}")

    def _spread(self, name: str, kind: str = "double") -> str:
        """One number in every lane."""

        def make() -> str:
            wide, places = vector(kind), vector("i32")
            one = self._new(f"insertelement {wide} poison, {kind} {name}, i32 0")
            return self._new(f"shufflevector {wide} {one}, {wide} poison, {places} zeroinitializer")

        return self._once(("spread", name), make)

    def _lane(self, value: str, lane: int, kind: str = "double") -> str:
        return self._new(f"extractelement {vector(kind)} {value}, i32 {lane}")

    def _lanes_together(self, fold: Fold, value: str) -> str:
        """The lanes folded, halves by halves."""
        width = vector_math.lanes()
        while width > 1:
            width //= 2
            halves = []
            for first in (0, width):
                lanes = ", ".join(f"i32 {first + k}" for k in range(width))
                halves.append(
                    self._new(
                        f"shufflevector <{2 * width} x double> {value}, <{2 * width} x double> "
                        f"poison, <{width} x i32> <{lanes}>"
                    )
                )
            value = self._together(fold, halves[0], halves[1], width)
        return self._new(f"extractelement <1 x double> {value}, i32 0")

    def _together(self, fold: Fold, x: str, y: str, lanes: int, flags: str = "") -> str:
        """Two values folded, in so many lanes; 0: plain numbers.  An extreme of nan is nan."""
        kind, test = (f"<{lanes} x double>", f"<{lanes} x i1>") if lanes else ("double", "i1")
        if fold is Fold.ADD:
            return self._new(f"fadd{flags} {kind} {x}, {y}")
        beyond = self._new(f"fcmp {'ogt' if fold is Fold.MAX else 'olt'} {kind} {y}, {x}")
        nan = self._new(f"fcmp uno {kind} {y}, {y}")
        taken = self._new(f"or {test} {beyond}, {nan}")
        return self._new(f"select {test} {taken}, {kind} {y}, {kind} {x}")
