"""Each primitive's native form, derived from its row, and the functions that a module needs.

A row's Python text becomes a few instructions; a text with a branch that calls something becomes a
function.  A function a text calls is C's of that name (libm.py), a portable one compiled from its
own source (codegen/subset), or, where neither gives the interpreter's bits, the interpreter's own,
called through CPython's API.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from autodiff.numbers import ieee
from autodiff.numbers.ieee import PORTABLE
from autodiff.table.primitive import Primitive
from codegen.native.form import libm
from codegen.native.form.remainder import MEANINGS
from codegen.subset.functions_to_llvm import compiled
from codegen.subset.grammar import Call, Conditional, Function, Return, hole_of, parts
from codegen.subset.read_python import SubsetError, function_of, row_of
from codegen.subset.to_llvm import (
    NUMBER,
    TRUTH,
    Instructions,
    Needs,
    Operand,
    factorial_table,
)

__all__ = ["Form", "Library", "row_function"]


@dataclass(frozen=True, slots=True)
class Form:
    """How a module computes one primitive.

    Args:
        text: Lines of IR: ``{0}``, ``{1}`` are the operands, ``{r}`` names the result.
        conditions: Positions of the operands that are truth values.
        truth: True if the result is a truth value.
    """

    text: str
    conditions: tuple[int, ...]
    truth: bool


class _Inline(Instructions):
    """A row's text as instructions; the holes are the operands."""

    def __init__(self, needs: Needs, primitive: Primitive, flags: str) -> None:
        super().__init__(needs, "{r}.", flags)
        self._conditions = primitive.conditions

    def name(self, name: str) -> Operand:
        position = hole_of(name)
        if position is None:
            return super().name(name)
        return Operand(TRUTH if position in self._conditions else NUMBER, f"{{{position}}}")


class Library:
    """The forms of one module, and the functions they call.

    Args:
        flags: Fast-math flags of the primitives' arithmetic, "" for none.  Portable functions
            keep their own order of operations: some measure their own rounding.

    Attributes:
        called: Functions called in the interpreter; a module has a pointer ``@"impl.NAME"`` to
            each, to be filled in before it runs.
        symbols: Names of the C functions the module refers to, with their addresses.
    """

    def __init__(self, flags: str = "") -> None:
        self.flags = flags
        self.called: dict[str, Callable[..., object]] = {}
        self.symbols: dict[str, int] = {}
        self._forms: dict[Primitive, Form] = {}
        self._needs = Needs()
        self._definitions: dict[str, str] = {}

    def form(self, primitive: Primitive) -> Form:
        """Form of a primitive; what it calls becomes part of the module."""
        form = self._forms.get(primitive)
        if form is None:
            needs = Needs()
            try:
                form = self._from_text(primitive, needs)
                self._resolve(needs)
            except SubsetError:
                form = self._interpreted(primitive)
            self._forms[primitive] = form
        return form

    def calls(self, primitive: Primitive) -> bool:
        """True if a primitive calls a function, and so takes longer than arithmetic."""
        return '@"f.' in self.form(primitive).text

    def _from_text(self, primitive: Primitive, needs: Needs) -> Form:
        body = row_of(primitive.python)
        branching = any(isinstance(part, Conditional) for part in parts(body))
        calling = any(isinstance(part, Call) for part in parts(body))
        if branching and calling and not primitive.conditions and not primitive.predicate:
            row = row_function(primitive)
            self._definitions[row.name] = compiled(row, needs)
            return _call(row.name, primitive.arity)
        inline = _Inline(needs, primitive, self.flags)
        value = inline.value(body)
        text = inline.as_truth(value) if primitive.predicate else inline.as_number(value)
        return Form(
            _named(inline.lines, text, primitive.predicate),
            primitive.conditions,
            primitive.predicate,
        )

    def _interpreted(self, primitive: Primitive) -> Form:
        name = f"row {primitive.name}"
        self._definitions[name] = self._callback(name, primitive.arity, primitive.impl)
        form = _call(name, primitive.arity)
        if not primitive.predicate:
            return form
        truth = form.text.replace("%{r}", "%{r}.1", 1) + "%{r} = fcmp une double %{r}.1, 0.0\n"
        return Form(truth, (), True)

    # --- functions ---

    def require(self, name: str, arity: int) -> None:
        """Make the function ``name`` part of the module."""
        self._resolve(Needs({(name, arity): None}))

    def _resolve(self, needs: Needs) -> None:
        """Define or declare everything that compiled text refers to."""
        self._needs.intrinsics |= needs.intrinsics
        self._needs.factorials |= needs.factorials
        for name, arity in needs.functions:
            if name not in self._definitions:
                self._definitions[name] = ""  # it may refer to itself
                self._definitions[name] = self._define(name, arity)

    def _define(self, name: str, arity: int) -> str:
        function = MEANINGS.get(name) or PORTABLE.get(name)
        if function is not None:
            needs = Needs()
            try:
                text = compiled(function_of(function, name), needs)
                self._resolve(needs)
            except SubsetError:
                return self._callback(name, arity, function)
            return text
        address = libm.address_of(name, arity)
        if address is not None:
            self.symbols[f"f.{name}"] = address
            return f'declare double @"f.{name}"({", ".join(["double"] * arity)}) #1'
        function = getattr(ieee, name, None) or getattr(math, name, None)
        if function is None or not _takes(function, arity):
            del self._definitions[name]
            raise SubsetError(f"found {name}, a function of other than {arity} numbers")
        return self._callback(name, arity, function)

    def _callback(self, name: str, arity: int, function: Callable[..., object]) -> str:
        self.called[name] = function
        return _callback_text(name, arity)

    @property
    def slots(self) -> bool:
        """True if a function keeps variables in stack slots."""
        return any(" = alloca double" in text for text in self._definitions.values())

    def definitions(self) -> str:
        """Text of all functions, to stand in the module once."""
        parts = [
            f"declare double @llvm.{name}.f64({', '.join(['double'] * arity)})"
            for name, arity in self._needs.intrinsics
        ]
        if self._needs.factorials:
            parts.append(factorial_table())
        parts += self._definitions.values()
        return "\n".join(parts) + "\n"


def row_function(primitive: Primitive) -> Function:
    """A row as a function of its holes.

    Raises:
        SubsetError: if its text is outside the subset.
    """
    holes = tuple(f"_hole{place}" for place in range(primitive.arity))
    return Function(f"row {primitive.name}", "", holes, (Return(row_of(primitive.python)),))


def _takes(function: Callable[..., object], arity: int) -> bool:
    """True if a function can be called with so many floats."""
    try:
        function(*[1.0] * arity)
    except TypeError:
        return False
    return True


def _call(name: str, arity: int) -> Form:
    holes = ", ".join(f"double {{{i}}}" for i in range(arity))
    return Form(f'%{{r}} = call double @"f.{name}"({holes})\n', (), False)


def _named(lines: list[str], result: str, truth: bool) -> str:
    """Lines as one template whose last instruction is ``{r}``."""
    if not lines or not lines[-1].startswith(f"{result} = "):
        copy = f"or i1 {result}, false" if truth else f"fadd double {result}, -0.0"
        return "".join(f"{line}\n" for line in (*lines, f"%{{r}} = {copy}"))
    last = "%{r}" + lines[-1].removeprefix(result)
    return "".join(f"{line}\n" for line in (*lines[:-1], last))


def _callback_text(name: str, arity: int) -> str:
    """A function that calls a Python one; nan, and the error set, where that raises."""
    lines = [
        f'@"impl.{name}" = global ptr null',
        f'define internal double @"f.{name}"({", ".join(f"double %a{i}" for i in range(arity))})'
        " #0 {",
        "entry:",
        f"%items = alloca [{arity + 1} x ptr]",
        "%state = call i32 @PyGILState_Ensure()",
        "%pending = call ptr @PyErr_Occurred()",
        "%fine = icmp eq ptr %pending, null",
        "br i1 %fine, label %make0, label %end",
    ]
    for i in range(arity):
        lines += [
            f"make{i}:",
            f"%x{i} = call ptr @PyFloat_FromDouble(double %a{i})",
            f"%p{i} = getelementptr ptr, ptr %items, i64 {i + 1}",
            f"store ptr %x{i}, ptr %p{i}",
            f"%made{i} = icmp ne ptr %x{i}, null",
            f"br i1 %made{i}, label %make{i + 1}, label %drop{i}",
        ]
    lines += [
        f"make{arity}:",
        f'%function = load ptr, ptr @"impl.{name}"',
        f"%called = call ptr @PyObject_Vectorcall(ptr %function, ptr %p0, i64 {arity - 2**63}, "
        "ptr null)",
        "%answered = icmp ne ptr %called, null",
        f"br i1 %answered, label %read, label %drop{arity}",
        "read:",
        "%read.number = call double @PyFloat_AsDouble(ptr %called)",
        "call void @Py_DecRef(ptr %called)",
        f"br label %drop{arity}",
    ]
    # drop{k} gives back x{k-1}, ..., x0
    for k in range(arity, -1, -1):
        lines.append(f"drop{k}:")
        if k == arity:
            lines.append(
                f"%number{k} = phi double [%read.number, %read], [0x7FF8000000000000, %make{arity}]"
            )
        else:
            lines.append(
                f"%number{k} = phi double [%number{k + 1}, %drop{k + 1}], "
                f"[0x7FF8000000000000, %make{k}]"
            )
        if k:
            lines += [f"call void @Py_DecRef(ptr %x{k - 1})", f"br label %drop{k - 1}"]
        else:
            lines.append("br label %end")
    lines += [
        "end:",
        "%number = phi double [%number0, %drop0], [0x7FF8000000000000, %entry]",
        "call void @PyGILState_Release(i32 %state)",
        "ret double %number",
        "}",
    ]
    return "\n".join(lines)
