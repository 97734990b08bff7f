"""Compile the Python subset that primitives are written in to LLVM IR.

The text column of a row (``{1} if {0} < {1} else {0}``) and the source of a portable function
(special.py, ieee.py, a user's) are both Python over floats; here they become LLVM IR with the same
bits, so no formula is written twice.  The subset: float arithmetic, comparisons, conditions, calls
of ``math`` and of portable functions, assignments, ``if``, ``while``, ``return`` and loops over
literal tuples.  Anything else is ``UnsupportedError``, and the function is then called in the
interpreter.

A value is a number (double) or a truth value (i1).  An integer, as ``round`` gives it, is a double
without a negative zero; only operations that are exact on it are let through.  Both branches of a
conditional expression may run: nothing here has side effects.
"""

from __future__ import annotations

import ast
import inspect
import math
import struct
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

__all__ = [
    "NUMBER",
    "TRUTH",
    "Expression",
    "Needs",
    "Operand",
    "UnsupportedError",
    "factorial_table",
    "number",
    "parameters_of",
    "source_of",
]

NUMBER, TRUTH, INTEGER = "double", "i1", "integer"
# ``math`` names that one LLVM intrinsic or constant stands for, on every machine.
_INTRINSICS = {"fabs": "fabs", "abs": "fabs", "sqrt": "sqrt", "copysign": "copysign"}
# To an integer.  ``floor`` without ``math.`` is the portable function, which gives a float.
_ROUNDING = {"math.floor": "floor", "math.ceil": "ceil", "math.trunc": "trunc", "round": "rint",
             "int": "trunc"}  # fmt: skip
_CONSTANTS = {
    "inf": math.inf, "nan": math.nan,
    "math.pi": math.pi, "math.e": math.e, "math.tau": math.tau,
    "math.inf": math.inf, "math.nan": math.nan,
}  # fmt: skip
_BINARY = {ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv"}
_COMPARE = {
    ast.Lt: "olt", ast.LtE: "ole", ast.Gt: "ogt", ast.GtE: "oge", ast.Eq: "oeq", ast.NotEq: "une",
}  # fmt: skip
_NAN = "0x7FF8000000000000"
# float(n!) for every n that has one, for ``float(math.factorial(n))``.
_FACTORIALS = [float(math.factorial(n)) for n in range(171)]


class UnsupportedError(Exception):
    """The text is outside the subset; its function is called in the interpreter."""


def number(value: float) -> str:
    """A double as LLVM writes it: its bits."""
    return _NAN if value != value else f"0x{struct.pack('>d', value).hex().upper()}"


@dataclass(frozen=True, slots=True)
class Operand:
    """The value of an expression: what kind it is, and how an instruction names it."""

    kind: str
    text: str


@dataclass
class Needs:
    """What compiled text refers to: other functions by name, and intrinsics with their arity."""

    functions: dict[tuple[str, int], None] = field(default_factory=dict)
    intrinsics: dict[tuple[str, int], None] = field(default_factory=dict)
    factorials: bool = False


class Expression:
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
        raise UnsupportedError(f"name {name}")

    def compile(self, node: ast.expr) -> Operand:
        """The value of an expression."""
        match node:
            case ast.Constant(value=bool(value)):
                return Operand(TRUTH, "true" if value else "false")
            case ast.Constant(value=int(value)) if abs(value) < 2**53:
                return Operand(INTEGER, number(float(value)))
            case ast.Constant(value=float(value)):
                return Operand(NUMBER, number(value))
            case ast.Name(id=name):
                return _constant(name) or self.name(name)
            case ast.Attribute(value=ast.Name(id="math"), attr=name):
                constant = _constant(f"math.{name}")
                if constant:
                    return constant
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._binary(node)
            case ast.Compare():
                return self._compare(node)
            case ast.BoolOp():
                return self._bool(node)
            case ast.IfExp():
                return self._conditional(node)
            case ast.Call(keywords=[]):
                return self._call(node)
        raise UnsupportedError(ast.unparse(node))

    # --- conversions ---

    def truth(self, node: ast.expr) -> str:
        """An expression as a condition: nan counts as true, as in Python."""
        return self.as_truth(self.compile(node))

    def as_truth(self, value: Operand) -> str:
        """A value as a condition."""
        if value.kind == TRUTH:
            return value.text
        return self.emit(f"fcmp une double {value.text}, {number(0.0)}")

    def number(self, node: ast.expr) -> str:
        """An expression as a double."""
        return self.as_number(self.compile(node))

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

    def _unary(self, node: ast.UnaryOp) -> Operand:
        if isinstance(node.op, ast.Not):
            return Operand(TRUTH, self.emit(f"xor i1 {self.truth(node.operand)}, true"))
        if not isinstance(node.op, ast.USub):
            raise UnsupportedError(ast.unparse(node))
        if isinstance(node.operand, ast.Constant) and isinstance(node.operand.value, float):
            return Operand(NUMBER, number(-node.operand.value))
        value = self.compile(node.operand)
        if value.kind != NUMBER:
            raise UnsupportedError(ast.unparse(node))
        return Operand(NUMBER, self.emit(f"fneg double {value.text}"))

    def _binary(self, node: ast.BinOp) -> Operand:
        x, y = self.compile(node.left), self.compile(node.right)
        if TRUTH in (x.kind, y.kind):
            raise UnsupportedError(ast.unparse(node))
        exact = x.kind == y.kind == INTEGER
        if exact and not (isinstance(node.op, ast.Mod) or self._small):
            raise UnsupportedError(ast.unparse(node))  # Python's integers do not round
        kind = INTEGER if exact else NUMBER
        if isinstance(node.op, ast.Mod):
            return Operand(kind, self._function("%", [x.text, y.text]))
        opcode = _BINARY.get(type(node.op))
        if opcode is None:
            raise UnsupportedError(ast.unparse(node))
        flags = self.flags if kind == NUMBER else ""
        return Operand(kind, self.emit(f"{opcode}{flags} double {x.text}, {y.text}"))

    def _compare(self, node: ast.Compare) -> Operand:
        values = [self.compile(item) for item in (node.left, *node.comparators)]
        result = ""
        for x, y, op in zip(values, values[1:], node.ops, strict=False):
            code = _COMPARE.get(type(op))
            if code is None:
                raise UnsupportedError(ast.unparse(node))
            if x.kind == y.kind == TRUTH and code == "une":
                one = self.emit(f"xor i1 {x.text}, {y.text}")
            else:
                one = self.emit(f"fcmp {code} double {self.as_number(x)}, {self.as_number(y)}")
            result = self.emit(f"and i1 {result}, {one}") if result else one
        return Operand(TRUTH, result)

    def _bool(self, node: ast.BoolOp) -> Operand:
        opcode = "and" if isinstance(node.op, ast.And) else "or"
        result = self.truth(node.values[0])
        for item in node.values[1:]:
            result = self.emit(f"{opcode} i1 {result}, {self.truth(item)}")
        return Operand(TRUTH, result)

    def _conditional(self, node: ast.IfExp) -> Operand:
        condition = self.truth(node.test)
        x, y = self.number(node.body), self.number(node.orelse)
        return Operand(NUMBER, self.emit(f"select i1 {condition}, double {x}, double {y}"))

    # --- calls ---

    def _call(self, node: ast.Call) -> Operand:
        name = _called(node.func)
        rounding = _ROUNDING.get(ast.unparse(node.func))
        if name == "float" and len(node.args) == 1:
            inner = node.args[0]
            if isinstance(inner, ast.Call) and _called(inner.func) == "factorial":
                return Operand(NUMBER, self._factorial(inner))
            return Operand(NUMBER, self.number(inner))
        arguments = [self.number(argument) for argument in node.args]
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
        return Operand(NUMBER, self._function(name, arguments))

    def _intrinsic(self, name: str, arguments: Sequence[str]) -> str:
        self.needs.intrinsics[name, len(arguments)] = None
        return self.emit(f"call double @llvm.{name}.f64({_list(arguments)})")

    def _function(self, name: str, arguments: Sequence[str]) -> str:
        self.needs.functions[name, len(arguments)] = None
        return self.emit(f'call double @"f.{name}"({_list(arguments)})')

    def _factorial(self, node: ast.Call) -> str:
        self.needs.factorials = True
        self._small = True
        argument = self.number(node.args[0])
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


def _called(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="math"), attr=name):
            return name
    raise UnsupportedError(ast.unparse(node))


def _constant(name: str) -> Operand | None:
    return Operand(NUMBER, number(_CONSTANTS[name])) if name in _CONSTANTS else None


def source_of(function: Callable[..., object]) -> ast.FunctionDef:
    """Syntax tree of a function.

    Raises:
        UnsupportedError: if its source is not to be found, is not one plain function, or is no
            longer what the function was made from (its file may have changed on disk since).
    """
    try:
        text = getattr(function, "__source__", None) or inspect.getsource(function)
        tree = ast.parse(textwrap.dedent(text))
    except (OSError, TypeError, SyntaxError) as error:
        raise UnsupportedError(str(error)) from error
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef):
        raise UnsupportedError("not one function")
    definition = tree.body[0]
    definition.decorator_list = []
    constants = compile(tree, "<source>", "exec").co_consts
    compiled = next(item for item in constants if isinstance(item, CodeType))
    if _essence(compiled) != _essence(getattr(function, "__code__", None)):
        raise UnsupportedError(f"the source of {definition.name} is another function's")
    return definition


def _essence(code: object) -> Any:
    """What two compilations of one text have in common, wherever the text stood."""
    if not isinstance(code, CodeType):
        return None
    # Constants by their text: 0.0 equals -0.0 and is another number.
    return code.co_argcount, code.co_names, code.co_varnames, repr(code.co_consts)


def parameters_of(tree: ast.FunctionDef) -> list[str]:
    """Names of the parameters.

    Raises:
        UnsupportedError: if they are more than plain names.
    """
    arguments = tree.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults:
        raise UnsupportedError("only plain parameters")
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
