"""Text -> callable: check the emitted text, compile it, run it with IEEE results.

Before anything is compiled, every function is checked against an allow-list: of syntax (its parsed
tree) or, for very long texts, of characters and names.  The compiled functions see only the names
they may call.

The emitted text uses plain ``/`` and ``math``, which is fast but raises where IEEE 754 defines a
result.  So a guard is compiled around each body: arguments become floats, and on an arithmetic
exception the same text runs again on total numbers.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import math
import re
from collections.abc import Callable
from types import CodeType
from typing import Any

import numpy as np

from autodiff.errors import EmitError
from autodiff.number import Float
from autodiff.primitive import REGISTRY
from codegen.module import TARGETS, Function, Module

__all__ = ["Loaded", "check_function", "load"]

# Above this many statements the syntax tree itself gets too large to build.
_TREE_LIMIT = 2000

_ALLOWED = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Return, ast.Expr,
    ast.Name, ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.List,
    ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod,
    ast.UnaryOp, ast.USub, ast.Not, ast.BoolOp, ast.And, ast.Or, ast.IfExp,
    ast.Compare, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.Call,
)  # fmt: skip


def check_function(function: Function, target: str) -> None:
    """Refuse any text that is not what the emitters write.

    Raises:
        EmitError: naming the line and the construct.
    """
    if function.statements > _TREE_LIMIT or "w[" in function.text:
        _check_language(function, target)
    else:
        _check_tree(function, target)


def _check_tree(function: Function, target: str) -> None:
    tree = ast.parse(function.text)
    definition = tree.body[0]
    if len(tree.body) != 1 or not isinstance(definition, ast.FunctionDef):
        raise EmitError(f"{function.name}: expected one function definition")
    if definition.decorator_list or definition.returns:
        raise EmitError(f"{function.name}: found a decorator or annotation; none is emitted")
    local = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)
             and isinstance(node.ctx, ast.Store)} | set(function.parameters)  # fmt: skip
    known = local | function.calls | {"np", "abs"}
    for node in ast.walk(tree):
        problem = _problem(node, function, known, definition)
        if problem:
            line = getattr(node, "lineno", 0)
            raise EmitError(
                f"{target} text of {function.name}, line {line}: found {problem}; the emitters "
                "never write it, so the text was not loaded"
            )


def _problem(node: ast.AST, function: Function, known: set[str], top: ast.FunctionDef) -> str:
    match node:
        case ast.FunctionDef() if node is not top:
            return "a nested function"
        case ast.Name() if node.id not in known:
            return f"the name {node.id!r}"
        case ast.Constant() if isinstance(node.value, str) and node is not _docstring(top):
            return "a string"
        case ast.Constant() if not isinstance(node.value, (float, int, str)):
            return f"the constant {node.value!r}"
        case ast.Attribute() | ast.Call(func=ast.Attribute()):
            attribute = node if isinstance(node, ast.Attribute) else node.func
            text = ast.unparse(attribute)
            return "" if text in _numpy_names() else f"the attribute {text!r}"
        case ast.Call() if not isinstance(node.func, ast.Name) or node.keywords:
            return f"the call {ast.unparse(node)!r}"
        case ast.Call() if isinstance(node.func, ast.Name) and node.func.id not in (
            function.calls | {"abs"}
        ):
            return f"a call of {node.func.id!r}"
        case ast.Expr() if node.value is not _docstring(top):
            return "an expression statement"
        case _ if not isinstance(node, _ALLOWED):
            return type(node).__name__
    return ""


def _docstring(definition: ast.FunctionDef) -> ast.AST | None:
    first = definition.body[0]
    return first.value if isinstance(first, ast.Expr) else None


def _numpy_names() -> frozenset[str]:
    names = {name for row in REGISTRY.values() for name in re.findall(r"np\.\w+", row.numpy)}
    return frozenset(names | {"np.inf", "np.nan"})


_CHARACTERS = re.compile(r"[\w .,+\-*/%()=<>!\[\]:\n]*", re.ASCII)
_WORDS = {"def", "return", "if", "else", "and", "or", "not", "np", "abs", "w"}
# ``a, b = x`` on one line, or in parentheses over several.
_UNPACKED_LINE = re.compile(r"^    (\w+,(?: \w+,?)*) = \w+$", re.MULTILINE)
_UNPACKED_LINES = re.compile(r"^    \(\n((?:        [\w, ]+\n)+)    \) = \w+$", re.MULTILINE)
_NOT_CODE = re.compile(r'^    (?:"""[\w .,]*"""|# forward|# backward)\n', re.MULTILINE)


def _check_language(function: Function, target: str) -> None:
    """Allow-list by characters and names: without strings, attributes and foreign names a text
    can do nothing but arithmetic and the calls it declares."""
    code = _NOT_CODE.sub("", function.text)
    if not _CHARACTERS.fullmatch(code):
        raise EmitError(f"{target} text of {function.name}: found a character never emitted")
    attributes = set(re.findall(r"(?<![\w.])[A-Za-z_]\w*\s*\.\s*\w+|\)\s*\.\s*\w+", code))
    if attributes - _numpy_names():
        raise EmitError(f"{target} text of {function.name}: found {sorted(attributes)[:5]}")
    words = set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", code))
    assigned = set(re.findall(r"^    (v\d+|\w+_bar\w*) = ", code, re.MULTILINE))
    for unpacked in _UNPACKED_LINE.findall(code) + _UNPACKED_LINES.findall(code):
        assigned |= set(re.findall(r"[A-Za-z_]\w*", unpacked))
    foreign = words - assigned - set(function.parameters) - function.calls - _WORDS
    if foreign - {function.name}:
        raise EmitError(
            f"{target} text of {function.name}: found the names {sorted(foreign)[:5]}, which are "
            "neither assigned nor declared"
        )


# --- namespaces ------------------------------------------------------------------------------


def _namespace(module: Module) -> dict[str, Any]:
    """What the functions of ``module`` may call, and nothing else."""
    target = TARGETS[module.target]
    names: dict[str, Any] = {"__builtins__": {"abs": abs}, "inf": math.inf, "nan": math.nan}
    names |= {name: target.portable[name] for name in module.portable}
    names |= {name: getattr(math, name) for name in module.imported}
    if target.header:
        names["np"] = np
    return names


# A literal must be total too: in ``1.0 / (2.0 if c else 0.0)`` no operand but literals is left.
_LITERAL = re.compile(r"(?<![\w.])\d+(?:\.\d+(?:e[+-]?\d+)?|e[+-]?\d+)")


def _total_namespace(module: Module) -> dict[str, Any]:
    """The same names over total numbers: every call finds the primitive's IEEE meaning."""
    names = _namespace(module) | {"inf": Float(math.inf), "nan": Float(math.nan), "_total": Float}
    for row in REGISTRY.values():
        called = re.fullmatch(r"(\w+)\([{}\d, ]*\)", row.python)
        name = called[1] if called else row.name
        if name in names:
            names[name] = row
    return names


# --- loading ---------------------------------------------------------------------------------


class Loaded:
    """The callables of an emitted module.

    Args:
        module: The emitted module.
        on_type_error: Called as ``on_type_error(function name, arguments)`` when an argument is
            no number; it raises the error to show.
    """

    def __init__(self, module: Module, on_type_error: Callable[[str, tuple[Any, ...]], None]):
        self.module = module
        self._on_type_error = on_type_error
        self._total: dict[str, Callable[..., Any]] | None = None
        for function in module.functions:
            check_function(function, module.target)
        digest = hashlib.sha256(module.prelude.encode())
        for function in module.functions:
            digest.update(function.text.encode())
        self.filename = f"<proofgrad {module.target} {digest.hexdigest()[:12]}>"
        self._small = not module.in_parts and module.statements <= _TREE_LIMIT
        if self._small:  # tracebacks and debuggers find the emitted lines
            lines = module.source.splitlines(keepends=True)
            linecache.cache[self.filename] = (len(module.source), None, lines, self.filename)
        self.functions = self._compile()

    def _compile(self) -> dict[str, Callable[..., Any]]:
        namespace = _namespace(self.module)
        namespace["recover!"] = self._recover  # no identifier: cannot clash with a name
        namespace["total!"] = (ArithmeticError, ValueError, TypeError)
        namespace["float!"] = float
        for function in self.module.functions:
            exec(self._code(function), namespace)
        return {f.name: namespace[f.name] for f in self.module.functions}

    def _code(self, function: Function) -> CodeType:
        if not self._small:
            return compile(function.text, self.filename, "exec")
        tree = ast.parse(function.text)
        line = self.module.source.index(function.text)
        ast.increment_lineno(tree, self.module.source.count("\n", 0, line))
        if TARGETS[self.module.target].module:
            _guard(tree.body[0], function)
        return compile(tree, self.filename, "exec")

    def _recover(self, name: str, *arguments: Any) -> Any:
        """Run ``name`` again on total numbers."""
        function = next(f for f in self.module.functions if f.name == name)
        try:
            numbers = [
                Float(x) if p in function.scalars else _totalled(x)
                for p, x in zip(function.parameters, arguments, strict=True)
            ]
        except (TypeError, ValueError):
            self._on_type_error(name, arguments)
            raise
        if self._total is None:
            namespace = _total_namespace(self.module)
            for function in self.module.functions:
                text = _LITERAL.sub(r"_total(\g<0>)", function.text)
                exec(compile(text, self.filename, "exec"), namespace)
            self._total = {f.name: namespace[f.name] for f in self.module.functions}
        return _plain(self._total[name](*numbers))

    def guarded(self, name: str) -> Callable[..., Any]:
        """The function ``name``, with IEEE results."""
        raw = self.functions[name]
        if self._small or not TARGETS[self.module.target].module:
            return raw
        function = next(f for f in self.module.functions if f.name == name)
        scalar = [p in function.scalars for p in function.parameters]

        def guarded(*arguments: Any) -> Any:
            try:
                return raw(*[float(x) if s else x for x, s in zip(arguments, scalar, strict=True)])
            except (ArithmeticError, ValueError, TypeError):
                return self._recover(name, *arguments)

        return guarded


def _totalled(x: Any) -> Any:
    return type(x)(map(_totalled, x)) if isinstance(x, (tuple, list)) else Float(x)


def _plain(x: Any) -> Any:
    if isinstance(x, (tuple, list)):
        return type(x)(map(_plain, x))
    return float(x)


def _guard(definition: ast.stmt, function: Function) -> None:
    """Wrap the body: ``try: x = float(x); body; except: return recover!(name, x, ...)``."""
    assert isinstance(definition, ast.FunctionDef)
    start = definition.body[0]
    coerced: list[ast.stmt] = [
        ast.Assign([ast.Name(p, ast.Store())], ast.Call(ast.Name("float!"), [ast.Name(p)], []))
        for p in function.scalars
    ]
    call = ast.Call(
        ast.Name("recover!"),
        [ast.Constant(function.name), *map(ast.Name, function.parameters)],
        [],
    )
    handler = ast.ExceptHandler(ast.Name("total!"), None, [ast.Return(call)])
    definition.body = [start, ast.Try([*coerced, *definition.body[1:]], [handler], [], [])]
    for node in ast.walk(definition):
        if isinstance(node, ast.Name) and not hasattr(node, "ctx"):
            node.ctx = ast.Load()
        if isinstance(node, (ast.expr, ast.stmt, ast.excepthandler)) and not hasattr(
            node, "lineno"
        ):
            ast.copy_location(node, start)


def load(module: Module, on_type_error: Callable[[str, tuple[Any, ...]], None]) -> Loaded:
    """Check, compile and load an emitted module.

    Raises:
        EmitError: if the text is not what the emitters write.
    """
    return Loaded(module, on_type_error)
