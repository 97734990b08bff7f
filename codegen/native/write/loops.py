"""Loops as LLVM IR: one operation for each element of arrays in ``w``."""

from __future__ import annotations

from collections.abc import Callable

from autodiff.graph.graph import Graph
from codegen.native.form import vector_math
from codegen.native.form.forms import Library
from codegen.native.form.widen import WideLibrary, vector
from codegen.native.write.alike import Loop, Reading
from codegen.native.write.instructions import address_of
from codegen.subset.to_llvm import number

__all__ = ["LoopWriter"]


class LoopWriter:
    """The lines of a function of ``w`` that runs loops, and the tables that these read.

    Args:
        graph: The graph.
        library: The forms.
        slot: Where a value lies in ``w``.
    """

    def __init__(self, graph: Graph, library: Library, slot: Callable[[int], int]) -> None:
        self._graph, self._library, self._slot = graph, library, slot
        self.lines = ["br label %before0\n"]
        self.tables: list[str] = []
        self._count = 0

    def write(self, loop: Loop, name: str) -> None:
        """Add a loop.

        Args:
            loop: The loop.
            name: What its tables are called.
        """
        at, lines = self._count, self.lines
        self._count += 1
        text, wide, conditions, truth = self._form(loop)
        kind, step = (vector("double"), vector_math.lanes()) if wide else ("double", 1)
        lines.append(f"before{at}:\n")
        fixed = [self._fixed(r, f"%c{at}.{k}", wide) for k, r in enumerate(loop.readings)]
        lines.append(f"br label %loop{at}\nloop{at}:\n")
        lines.append(f"%k{at} = phi i64 [0, %before{at}], [%n{at}, %loop{at}]\n")
        operands = []
        for k, (reading, given) in enumerate(zip(loop.readings, fixed, strict=True)):
            operand = given or self._read(reading, f"{at}.{k}", name, wide)
            if k in conditions:
                zero = f"splat (double {number(0.0)})" if wide else number(0.0)
                lines.append(f"%b{at}.{k} = fcmp une {kind} {operand}, {zero}\n")
                operand = f"%b{at}.{k}"
            operands.append(operand)
        result = operands[0]
        if loop.primitive is not None:
            lines.append(text.format(*operands, r=f"r{at}"))
            result = f"%r{at}"
        if truth:
            one, zero = (f"splat (double {number(x)})" if wide else number(x) for x in (1.0, 0.0))
            test = vector("i1") if wide else "i1"
            lines.append(f"%t{at} = select {test} {result}, {kind} {one}, {kind} {zero}\n")
            result = f"%t{at}"
        lines.append(address_of(f"%s{at}", "%w", loop.first))
        lines.append(f"%d{at} = getelementptr double, ptr %s{at}, i64 %k{at}\n")
        lines.append(f"store {kind} {result}, ptr %d{at}, align 8\n")
        lines.append(
            f"%n{at} = add i64 %k{at}, {step}\n%m{at} = icmp ult i64 %n{at}, {loop.count}\n"
            f"br i1 %m{at}, label %loop{at}, label %before{at + 1}\n"
        )

    def finish(self) -> str:
        """The body of the function."""
        return f"{''.join(self.lines)}before{self._count}:\nret void\n"

    def _form(self, loop: Loop) -> tuple[str, bool, tuple[int, ...], bool]:
        """Instructions, whether they are for a register of numbers, conditions, truth."""
        if loop.primitive is None:
            return "", False, (), False
        form = self._library.form(loop.primitive)
        wide = "@" not in form.text  # plain arithmetic means the same in every lane
        text = WideLibrary(self._library.flags).widened(form.text) if wide else form.text
        return text, wide, form.conditions, form.truth

    def _fixed(self, reading: Reading, name: str, wide: bool) -> str | None:
        """An operand that is one for all; None if it is not."""
        if reading.node is None:
            return None
        value = self._graph.nodes[reading.node].value
        if value is not None:
            return f"splat (double {number(value)})" if wide else number(value)
        self.lines.append(address_of(f"{name}.a", "%w", self._slot(reading.node)))
        self.lines.append(f"{name}.x = load double, ptr {name}.a\n")
        if not wide:
            return f"{name}.x"
        kind = vector("double")
        self.lines.append(
            f"{name}.v = insertelement {kind} poison, double {name}.x, i32 0\n"
            f"{name} = shufflevector {kind} {name}.v, {kind} poison, "
            f"{vector('i32')} zeroinitializer\n"
        )
        return name

    def _read(self, reading: Reading, at: str, name: str, wide: bool) -> str:
        """An operand of the elements at hand."""
        kind, k = vector("double") if wide else "double", at.split(".", maxsplit=1)[0]
        if not reading.slots:
            self.lines.append(address_of(f"%f{at}", "%w", reading.first))
            self.lines.append(f"%a{at} = getelementptr double, ptr %f{at}, i64 %k{k}\n")
            self.lines.append(f"%x{at} = load {kind}, ptr %a{at}, align 8\n")
            return f"%x{at}"
        lanes = vector_math.lanes() if wide else 1
        table, made = self._table(reading, f"{name}.{at}", lanes), "poison"
        for lane in range(lanes):
            own = f"{at}.{lane}"
            self.lines.append(
                f"%g{own} = getelementptr i32, ptr {table}, i64 %k{k}\n"
                f"%h{own} = getelementptr i32, ptr %g{own}, i64 {lane}\n"
                f"%i{own} = load i32, ptr %h{own}\n"
                f"%a{own} = getelementptr double, ptr %w, i32 %i{own}\n"
                f"%x{own} = load double, ptr %a{own}\n"
            )
            if not wide:
                return f"%x{own}"
            self.lines.append(
                f"%v{own} = insertelement {kind} {made}, double %x{own}, i32 {lane}\n"
            )
            made = f"%v{own}"
        return made

    def _table(self, reading: Reading, name: str, lanes: int) -> str:
        padded = [*reading.slots, *[reading.slots[-1]] * (-len(reading.slots) % lanes)]
        numbers = ", ".join(f"i32 {slot}" for slot in padded)
        self.tables.append(f"@t{name} = private constant [{len(padded)} x i32] [{numbers}]\n")
        return f"@t{name}"
