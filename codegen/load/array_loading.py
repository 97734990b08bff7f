"""Emitted text of arrays -> callables, checked against an allow-list before it is compiled."""

from __future__ import annotations

import ast
import hashlib
import linecache
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from autodiff.errors import EmitError
from autodiff.table.primitive import REGISTRY
from codegen.language.numpy.in_floats import MATH
from codegen.load.allowed import nodes_inside
from codegen.load.counting import is_counting, parts_of_end
from codegen.load.load import Loaded, rename
from codegen.text.function import Function
from codegen.text.whole.array_module import ARRAYS, ArrayModule

__all__ = ["ArrayLoaded"]

_NODES = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Return, ast.Expr,
    ast.Name, ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.Attribute, ast.Subscript,
    ast.Slice, ast.keyword, ast.Call, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod,
    ast.MatMult, ast.UnaryOp, ast.USub, ast.Compare, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq,
    ast.NotEq, ast.For, ast.List, ast.IfExp, ast.BoolOp, ast.And, ast.Or, ast.Not, ast.AugAssign,
    ast.If,
)  # fmt: skip
# Nodes that are allowed wherever they stand.
_PLAIN = frozenset(_NODES) - {
    ast.FunctionDef, ast.Name, ast.Attribute, ast.Constant, ast.Call, ast.For, ast.Expr,
    ast.AugAssign, ast.If,
}  # fmt: skip
_METHODS = {"T", "reshape", "ravel", "astype"}
_MATH_NAMES = frozenset(f"math.{name}" for name, _ in MATH.values())
_WORDS = re.compile(r"[a-zA-Z,\->]*")  # einsum's letters, 'stable', 'left', 'right'
# What the rows of arrays call; tests hold it to their spellings.
_CALLED = frozenset(
    f"np.{name}"
    for name in (
        "broadcast_to", "sum", "transpose", "cumsum", "flip", "bincount",
        "take_along_axis", "concatenate", "stack", "outer", "einsum", "max", "min", "argsort",
        "argmax", "searchsorted", "linalg", "linalg.norm", "empty", "zeros", "float64", "array",
        "tril", "triu", "linalg.solve", "linalg.inv", "linalg.det", "linalg.slogdet",
        "linalg.cholesky", "linalg.pinv", "linalg.lstsq", "linalg.eigvalsh", "linalg.eigh",
        "linalg.svd", "diag", "diagonal",
    )
)  # fmt: skip


@cache
def _numpy_names() -> frozenset[str]:
    """Every name of NumPy that emitted text of arrays may hold."""
    of_rows = {n for row in REGISTRY.values() for n in re.findall(r"np\.\w+", row.numpy)}
    return frozenset(of_rows | _CALLED | {"np.inf", "np.nan"})


def _check(function: Function, constants: frozenset[str]) -> ast.Module:
    """The parsed text.

    Raises:
        EmitError: if it holds what the emitters never write.
    """
    tree = ast.parse(function.text)
    definition = tree.body[0]
    if len(tree.body) != 1 or not isinstance(definition, ast.FunctionDef):
        raise EmitError(f"{function.name}: expected one function definition")
    nodes = nodes_inside(tree)
    stored = {n.id for n in nodes if type(n) is ast.Name and type(n.ctx) is ast.Store}
    _require_own_arrays(function, nodes)
    known = stored | set(function.parameters) | function.called | constants | {"np", "int"}
    known |= {"range", "reversed", "float", "math"} | {alias for alias, _ in function.aliases}
    docstring = definition.body[0]
    ends = {i for n in nodes if type(n) is ast.For for i in parts_of_end(n)}
    for node in nodes:
        if type(node) in _PLAIN or id(node) in ends:
            continue
        problem = _problem(node, known, function, definition, docstring)
        if problem:
            raise EmitError(
                f"array text of {function.name}, line {getattr(node, 'lineno', 0)}: found "
                f"{problem}; the emitters never write it, so the text was not loaded"
            )
    return tree


def _require_own_arrays(function: Function, nodes: Sequence[ast.AST]) -> None:
    """Elements are stored in arrays and lists that the function made, and nobody else's.

    Raises:
        EmitError: if there are others.
    """
    stored = {
        ast.unparse(n.value) for n in nodes
        if type(n) is ast.Subscript and type(n.ctx) is ast.Store
    }  # fmt: skip
    others = stored - {
        name.id for n in nodes if type(n) is ast.Assign and _makes(n.value)
        for name in n.targets if type(name) is ast.Name
    }  # fmt: skip
    others |= stored & {
        name.id for n in nodes if type(n) is ast.Assign and not _makes(n.value)
        for target in n.targets for name in ast.walk(target)
        if type(name) is ast.Name and type(name.ctx) is ast.Store
    }  # fmt: skip
    if others:
        raise EmitError(
            f"array text of {function.name}: found elements of {min(others)} being stored, which "
            "it did not make; the emitters never write it, so the text was not loaded"
        )


def _makes(value: ast.expr) -> bool:
    """True for what is a new array, or a list."""
    match value:
        case ast.Call(func=ast.Attribute(ast.Name(), "zeros" | "empty")):
            return True
        case ast.Call(func=ast.Attribute(ast.Name(), "array"), args=[_, ast.Name("float")]):
            return True
    return isinstance(value, ast.BinOp) and isinstance(value.left, ast.List)


def _problem(
    node: ast.AST, known: set[str], function: Function, top: ast.FunctionDef, docstring: ast.stmt
) -> str:
    match node:
        case ast.FunctionDef() if node is not top or node.decorator_list:
            return "a nested or decorated function"
        case ast.Name() if node.id not in known:
            return f"the name {node.id!r}"
        case ast.Attribute():
            owner, _, rest = _dotted(node).partition(".")
            text = f"{dict(function.aliases).get(owner, owner)}.{rest}"
            if text.startswith("np."):
                return "" if text in _numpy_names() else f"the attribute {text!r}"
            if text in _MATH_NAMES:
                return ""
            return "" if node.attr in _METHODS else f"the attribute {ast.unparse(node)!r}"
        case ast.Constant(value=str() as value):
            mine = isinstance(docstring, ast.Expr) and node is docstring.value
            return "" if mine or _WORDS.fullmatch(value) else "a string"
        case ast.Constant(value=value) if value is not None and not isinstance(value, (float, int)):
            return f"the constant {value!r}"
        case ast.Call() if not isinstance(node.func, (ast.Name, ast.Attribute)):
            return f"the call {ast.unparse(node)!r}"
        case ast.For() if not is_counting(node):
            return f"the loop {ast.unparse(node).splitlines()[0]!r}"
        case ast.AugAssign() | ast.If() if not _changes_elements(node):
            return f"the statement {ast.unparse(node).splitlines()[0]!r}"
        case ast.Expr() if node is not docstring:
            return "an expression statement"
        case _ if not isinstance(node, _NODES):
            return type(node).__name__
    return ""


def _changes_elements(node: ast.stmt) -> bool:
    """True for ``U[i] = x``, ``U[i] += x`` and ``U[i] -= x``, also where a condition holds."""
    match node:
        case ast.If(orelse=[]):
            return all(map(_changes_elements, node.body))
        case ast.Assign(targets=[ast.Subscript()]):
            return True
        case ast.AugAssign(target=ast.Subscript(), op=ast.Add() | ast.Sub()):
            return True
    return False


def _dotted(node: ast.Attribute) -> str:
    """``np.linalg.solve``; nothing for an attribute of something that is no name."""
    parts, owner = [node.attr], node.value
    while isinstance(owner, ast.Attribute):
        parts.append(owner.attr)
        owner = owner.value
    return ".".join([owner.id, *reversed(parts)]) if isinstance(owner, ast.Name) else ""


class ArrayLoaded(Loaded):
    """The callables of an emitted module of arrays.

    Args:
        module: The emitted module.
    """

    module: ArrayModule

    def __init__(self, module: ArrayModule) -> None:
        self.module, self.codes = module, {}
        text = module.text(module.functions)
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.filename = f"<proofgrad arrays {digest[:12]}>"
        lines = text.splitlines(keepends=True)
        linecache.cache[self.filename] = (len(text), None, lines, self.filename)
        self.functions = self._compiled(text, {name: one.array for name, one in module.data})

    def _compiled(self, text: str, data: Mapping[str, object]) -> dict[str, Callable[..., object]]:
        module = self.module
        builtins = {"abs": abs, "int": int, "float": float, "range": range, "reversed": reversed}
        space: dict[str, Any] = {"__builtins__": builtins, "np": np, "math": math, **data}
        space |= {name: ARRAYS.portable[name] for name in module.portable(module.functions)}
        rename(space, module.functions)
        for function in module.functions:
            tree = _check(function, frozenset(data))
            start = text.index(function.text)
            ast.increment_lineno(tree, text.count("\n", 0, start))
            exec(compile(tree, self.filename, "exec"), space)
        return {f.name: space[f.name] for f in module.functions}

    def guarded(self, name: str) -> Callable[..., object]:
        """The function ``name``."""
        return self.functions[name]
