"""The texts of a custom primitive, made from what the user wrote: its source, its SymPy form."""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import math
import operator
import re
import textwrap
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autodiff.table.primitive import REGISTRY, Primitive
from autodiff.table.written import written

__all__ = ["alone", "not_portable", "numpy_text", "read_by", "row_of", "source_of", "sympy_column"]

_MOST_BITS = 4096  # of an integer in a SymPy text
_OF_INTEGERS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
}

# What a function may call besides ``math`` to be copied into emitted files.
_BUILTINS = frozenset({"abs", "round", "min", "max", "float", "int", "range"})


def row_of(name: str) -> Primitive | None:
    """The primitive that ``math``'s function of this name is."""
    call = re.compile(rf"{re.escape(name)}\([{{}}\d, ]*\)")
    return next((row for row in REGISTRY.values() if call.fullmatch(row.python)), None)


def sympy_column(text: str, arguments: Sequence[str]) -> str:
    """A SymPy text with holes for the arguments and exact quotients of integers.

    >>> sympy_column("x**(1/3) + {1}", ["x", "y"])
    '{0} ** Rational(1, 3) + {1}'
    """
    tree = ast.parse(re.sub(r"\{(\d+)\}", r"_hole\1", text), mode="eval")
    _integer_of(tree.body)
    tree = ast.fix_missing_locations(_Holes(arguments).visit(tree))
    return _with_holes(ast.unparse(tree))


def _integer_of(node: ast.AST) -> int | None:
    """The integer that an expression is, None if it is none.

    Raises:
        SyntaxError: if it, or one inside, has so many digits that nobody should wait for it.
    """
    parts = [_integer_of(child) for child in ast.iter_child_nodes(node)]
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and parts[1] is not None:
        return -parts[1]
    if not isinstance(node, ast.BinOp) or parts[0] is None or parts[2] is None:
        return None
    left, right = parts[0], parts[2]
    bits = left.bit_length() + right.bit_length()
    if isinstance(node.op, ast.Pow):
        bits = left.bit_length() * max(right, 0)
    elif isinstance(node.op, ast.LShift):
        bits = left.bit_length() + max(right, 0)
    if bits > _MOST_BITS:
        raise SyntaxError(
            f"{ast.unparse(node)} is an integer of about {bits} bits; expected at most {_MOST_BITS}"
        )
    operation = _OF_INTEGERS.get(type(node.op))
    return operation(left, right) if operation and (right >= 0 or bits == 0) else None


def _with_holes(text: str) -> str:
    return re.sub(r"_hole(\d+)", r"{\1}", text)


class _Holes(ast.NodeTransformer):
    """Argument names as holes, and 1/3 as the number it means."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._places = {argument: i for i, argument in enumerate(arguments)}

    def visit_Name(self, node: ast.Name) -> ast.AST:  # ast's spelling
        """An argument is a hole."""
        place = self._places.get(node.id)
        return node if place is None else ast.Name(f"_hole{place}", ast.Load())

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """A quotient of integers is exact."""
        self.generic_visit(node)
        both = isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant)
        if both and isinstance(node.op, ast.Div):
            return ast.Call(ast.Name("Rational", ast.Load()), [node.left, node.right], [])
        return node


# --- the source ------------------------------------------------------------------------------


def alone(value: Callable[..., object]) -> types.FunctionType | None:
    """The function as one that nothing around it changes, now or later: of its arguments,
    ``math``, ``np`` and Python's builtins.  None if it reads anything else, or another ``abs``.

    >>> alone(lambda x: abs(x)).__globals__["abs"] is abs
    True
    """
    if not isinstance(value, types.FunctionType) or value.__closure__:
        return None
    around = {**getattr(value, "__builtins__", {}), **value.__globals__}
    read = {name: around.get(name) for name in read_by(value.__code__)}
    if any(_MEANINGS.get(name, _MEANINGS) is not found for name, found in read.items()):
        return None
    made = types.FunctionType(value.__code__, read, value.__name__, value.__defaults__)
    functools.update_wrapper(made, value, updated=())
    del made.__dict__["__wrapped__"]
    return made


_MEANINGS = {**vars(builtins), "math": math, "np": np}


def read_by(code: types.CodeType) -> Iterator[str]:
    """Global names that code reads, or the code inside it; "" if it changes some."""
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"):
            yield step.argval if step.opname.startswith("LOAD") else ""  # no name of anything
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            yield from read_by(part)


def source_of(value: Callable[..., object]) -> tuple[str, ast.FunctionDef] | None:
    """Text and syntax tree of the function that runs, without decorators; None if its source is
    not there or it is a lambda."""
    found = written(value.__code__) if isinstance(value, types.FunctionType) else None
    root = found and found.definition(value.__code__)
    if not found or not root:
        return None
    root.decorator_list = []
    text = ast.get_source_segment(found.text, root, padded=True)
    return textwrap.dedent(text or ""), root


def not_portable(
    source: ast.FunctionDef | None, arguments: Sequence[str], by_itself: object = True
) -> str:
    """Why the function cannot be copied into emitted files, "" if it can."""
    if source is None:
        return "its source was not found (define it with def, in a file)"
    if source.args.defaults or source.args.kwonlyargs:
        return "its arguments have default values"
    nodes = [node for statement in source.body for node in ast.walk(statement)]
    own = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in nodes:
        match node:
            case ast.Name(id=found) if found not in {*own, *arguments, *_BUILTINS, "math"}:
                return f"it uses {found!r}, which is neither its own nor math"
            case ast.BinOp(op=ast.Pow(), right=right) if not (
                isinstance(right, ast.Constant) and isinstance(right.value, int)
            ):
                return "it uses **, which can be complex (write math.pow)"
            case ast.Return(value=ast.expr() as result) if _integer(result):
                return "it returns an int (write 0.0)"
            case ast.Import() | ast.ImportFrom() | ast.Lambda() | ast.Await() | ast.Yield():
                return f"it holds {type(node).__name__.lower()}"
            case ast.FunctionDef():
                return "it holds another function"
    if not by_itself:
        return "what it calls math, or by the name of a builtin, is something else"
    return ""


def _integer(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _integer(node.body) or _integer(node.orelse)
    return isinstance(node, ast.Constant) and not isinstance(node.value, float)


def numpy_text(source: ast.FunctionDef, arguments: Sequence[str]) -> str:
    """The same expression over arrays, "" if the function is no single expression over ``math``."""
    body = [s for s in source.body if not _is_docstring(s)]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None:
        return ""
    writer = _OverArrays(arguments)
    tree = writer.visit(body[0].value)
    if writer.foreign:
        return ""
    return _with_holes(ast.unparse(ast.fix_missing_locations(tree)))


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


class _OverArrays(ast.NodeTransformer):
    """``math.log(x)`` as ``np.log(_hole0)``."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self.foreign = False

    def visit(self, node: ast.AST) -> Any:
        match node:
            case ast.Name(id=found) if found in self._arguments:
                return ast.Name(f"_hole{self._arguments.index(found)}", ast.Load())
            case ast.Constant(value=int() | float()) | ast.operator() | ast.unaryop():
                return node
            case (
                ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div())
                | ast.UnaryOp(op=ast.USub())
            ):
                return self.generic_visit(node)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="math"), attr=called), keywords=[]):
                return self._call(called, node.args)
        self.foreign = True
        return node

    def _call(self, called: str, arguments: Sequence[ast.expr]) -> object:
        row = row_of(called)
        if row is None or row.arity != len(arguments) or "np." not in row.numpy:
            self.foreign = True
            return ast.Constant(0.0)
        text = row.numpy
        for place, argument in enumerate(arguments):
            text = text.replace(f"{{{place}}}", f"({ast.unparse(self.visit(argument))})")
        return ast.parse(text, mode="eval").body
