"""Expressions of the subset as LLVM IR, with the bits that Python gives.

A value is a number (double) or a truth value (i1).  An integer, as ``round`` gives it, is a double
without a negative zero; only operations that are exact on it are let through.  Both branches of a
conditional expression may run: nothing here has side effects.

What has no IR is a ``SubsetError``, and the function is then called in the interpreter.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from codegen.subset.grammar import (
    CONSTANTS,
    Binary,
    Call,
    Comparison,
    Conditional,
    Constant,
    Expression,
    Logic,
    Name,
    Number,
    Truth,
    Unary,
)
from codegen.subset.read_python import SubsetError
from codegen.subset.shown import shown

__all__ = ["NUMBER", "TRUTH", "Instructions", "Needs", "Operand", "factorial_table", "number"]

NUMBER, TRUTH, INTEGER = "double", "i1", "integer"
# ``math`` names that one LLVM intrinsic stands for, on every machine.
_INTRINSICS = {"fabs": "fabs", "abs": "fabs", "sqrt": "sqrt", "copysign": "copysign"}
# To an integer.  ``floor`` without ``math.`` is the portable function, which gives a float.
_ROUNDING = {"math.floor": "floor", "math.ceil": "ceil", "math.trunc": "trunc", "round": "rint",
             "int": "trunc"}  # fmt: skip
_BINARY = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
_COMPARE = {"<": "olt", "<=": "ole", ">": "ogt", ">=": "oge", "==": "oeq", "!=": "une"}
_NAN = "0x7FF8000000000000"
# float(n!) for every n that has one, for ``float(math.factorial(n))``.
_FACTORIALS = [float(math.factorial(n)) for n in range(171)]


def number(value: float) -> str:
    """A double as LLVM writes it: its bits."""
    return _NAN if value != value else f"0x{struct.pack('>d', value).hex().upper()}"


@dataclass(frozen=True, slots=True)
class Operand:
    """The value of an expression: what kind it is, and how an instruction names it."""

    kind: str
    text: str

    @property
    def stored(self) -> str:
        """The type of the variable that holds it."""
        return TRUTH if self.kind == TRUTH else NUMBER


@dataclass
class Needs:
    """What compiled text refers to: other functions by name, and intrinsics with their arity."""

    functions: dict[tuple[str, int], None] = field(default_factory=dict)
    intrinsics: dict[tuple[str, int], None] = field(default_factory=dict)
    factorials: bool = False


class Instructions:
    """Compiles expressions to lines of IR.

    Args:
        needs: Filled with what the lines refer to.
        prefix: How the names of temporaries begin.
        flags: Fast-math flags of arithmetic, "" for none.
    """

    def __init__(self, needs: Needs, prefix: str, flags: str = "") -> None:
        self.needs, self.prefix, self.flags = needs, prefix, flags
        self.lines: list[str] = []
        self._count = 0
        self._small = False  # integers are so small here that sums of them are exact

    def name(self, name: str) -> Operand:
        """The value of a variable."""
        raise SubsetError(f"found {name}, which has no value; expected a parameter")

    def value(self, node: Expression) -> Operand:
        """The value of an expression."""
        match node:
            case Truth(value):
                return Operand(TRUTH, "true" if value else "false")
            case Number(value):
                if isinstance(value, int) and abs(value) >= 2**53:
                    raise _beyond(node)
                return Operand(INTEGER if isinstance(value, int) else NUMBER, number(float(value)))
            case Constant(name):
                return Operand(NUMBER, number(CONSTANTS[name]))
            case Name(name):
                return self.name(name)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case Comparison():
                return self._compare(node)
            case Logic(sign, values):
                result = self.truth(values[0])
                for item in values[1:]:
                    result = self.emit(f"{sign} i1 {result}, {self.truth(item)}")
                return Operand(TRUTH, result)
            case Conditional():
                return self.conditional(node)
            case Call():
                return self._call(node)

    # --- conversions ---

    def truth(self, node: Expression) -> str:
        """An expression as a condition: nan counts as true, as in Python."""
        return self.as_truth(self.value(node))

    def as_truth(self, value: Operand) -> str:
        """A value as a condition."""
        if value.kind == TRUTH:
            return value.text
        return self.emit(f"fcmp une double {value.text}, {number(0.0)}")

    def number(self, node: Expression) -> str:
        """An expression as a double."""
        return self.as_number(self.value(node))

    def as_number(self, value: Operand) -> str:
        """A value as a double."""
        if value.kind != TRUTH:
            return value.text
        return self.emit(f"select i1 {value.text}, double {number(1.0)}, double {number(0.0)}")

    def emit(self, instruction: str) -> str:
        """Add an instruction; the name of its result."""
        self._count += 1
        result = f"%{self.prefix}{self._count}"
        self.lines.append(f"{result} = {instruction}")
        return result

    # --- operators ---

    def _unary(self, node: Unary) -> Operand:
        if node.sign == "not":
            return Operand(TRUTH, self.emit(f"xor i1 {self.truth(node.operand)}, true"))
        if isinstance(node.operand, Number) and isinstance(node.operand.value, float):
            return Operand(NUMBER, number(-node.operand.value))
        value = self.value(node.operand)
        if value.kind != NUMBER:
            raise _beyond(node)
        return Operand(NUMBER, self.emit(f"fneg double {value.text}"))

    def _binary(self, node: Binary) -> Operand:
        x, y = self.value(node.left), self.value(node.right)
        exact = x.kind == y.kind == INTEGER
        # Python's integers do not round.
        if TRUTH in (x.kind, y.kind) or (exact and not (node.sign == "%" or self._small)):
            raise _beyond(node)
        kind = INTEGER if exact else NUMBER
        if node.sign == "%":
            return Operand(kind, self.call("%", [x.text, y.text]))
        opcode = _BINARY.get(node.sign)
        if opcode is None:
            raise _beyond(node)
        flags = self.flags if kind == NUMBER else ""
        return Operand(kind, self.emit(f"{opcode}{flags} double {x.text}, {y.text}"))

    def _compare(self, node: Comparison) -> Operand:
        values = [self.value(item) for item in node.values]
        result = ""
        for x, y, sign in zip(values, values[1:], node.signs, strict=False):
            if x.kind == y.kind == TRUTH and sign == "!=":
                one = self.emit(f"xor i1 {x.text}, {y.text}")
            else:
                left, right = self.as_number(x), self.as_number(y)
                one = self.emit(f"fcmp {_COMPARE[sign]} double {left}, {right}")
            result = self.emit(f"and i1 {result}, {one}") if result else one
        return Operand(TRUTH, result)

    def conditional(self, node: Conditional) -> Operand:
        """Both values, and a choice between them."""
        condition = self.truth(node.test)
        x, y = self.number(node.yes), self.number(node.no)
        return Operand(NUMBER, self.emit(f"select i1 {condition}, double {x}, double {y}"))

    # --- calls ---

    def _call(self, node: Call) -> Operand:
        if node.name == "float" and len(node.arguments) == 1:
            [inner] = node.arguments
            if isinstance(inner, Call) and inner.bare == "factorial":
                return Operand(NUMBER, self._factorial(inner))
            return Operand(NUMBER, self.number(inner))
        name, arguments = node.bare, [self.number(argument) for argument in node.arguments]
        rounding = _ROUNDING.get(node.name)
        if rounding and len(arguments) == 1:
            rounded = self._intrinsic(rounding, arguments)
            # an integer has no negative zero
            return Operand(INTEGER, self.emit(f"fadd double {rounded}, {number(0.0)}"))
        if name in _INTRINSICS:
            return Operand(NUMBER, self._intrinsic(_INTRINSICS[name], arguments))
        if name == "isnan":
            return Operand(TRUTH, self.emit(f"fcmp uno double {arguments[0]}, {arguments[0]}"))
        if name in ("isinf", "isfinite"):
            code, size = "oeq" if name == "isinf" else "one", self._intrinsic("fabs", arguments)
            return Operand(TRUTH, self.emit(f"fcmp {code} double {size}, {number(math.inf)}"))
        return Operand(NUMBER, self.call(name, arguments))

    def _intrinsic(self, name: str, arguments: Sequence[str]) -> str:
        self.needs.intrinsics[name, len(arguments)] = None
        return self.emit(f"call double @llvm.{name}.f64({_list(arguments)})")

    def call(self, name: str, arguments: Sequence[str]) -> str:
        """The result of another function."""
        self.needs.functions[name, len(arguments)] = None
        return self.emit(f'call double @"f.{name}"({_list(arguments)})')

    def _factorial(self, node: Call) -> str:
        self.needs.factorials = True
        self._small = True
        argument = self.number(node.arguments[0])
        self._small = False
        # Whatever the argument is, no memory outside the table is read.
        index = self.emit(f"call i64 @llvm.fptoui.sat.i64.f64(double {argument})")
        inside = self.emit(f"call i64 @llvm.umin.i64(i64 {index}, i64 {len(_FACTORIALS) - 1})")
        place = self.emit(f"getelementptr double, ptr @factorials, i64 {inside}")
        return self.emit(f"load double, ptr {place}")


def factorial_table() -> str:
    """The table that ``float(math.factorial(n))`` reads, and what reading it takes."""
    items = ", ".join(f"double {number(x)}" for x in _FACTORIALS)
    return (
        f"@factorials = internal constant [{len(_FACTORIALS)} x double] [{items}]\n"
        "declare i64 @llvm.fptoui.sat.i64.f64(double)\n"
        "declare i64 @llvm.umin.i64(i64, i64)"
    )


def _list(arguments: Iterable[str]) -> str:
    return ", ".join(f"double {text}" for text in arguments)


def _beyond(node: Expression) -> SubsetError:
    return SubsetError(f"found {shown(node)}; expected arithmetic on floats")
