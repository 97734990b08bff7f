"""Text -> callable: check the emitted text, compile it, run it with IEEE results.

Before anything is compiled, every function is checked against an allow-list: of syntax (its parsed
tree) or, for very long texts, of characters and names.  The compiled functions see only the names
they may call.

What runs is the text that a saved file holds.  The second form of a function, to which an
exception leads (``standalone.py``), is written and compiled when it is first needed.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from types import CodeType
from typing import Any, TypeVar

import numpy as np

from autodiff.errors import EmitError
from autodiff.table.primitive import REGISTRY
from codegen.language.settling import ROWS_SETTLING, SETTLING
from codegen.language.totalled import total_functions
from codegen.load.in_doubles import as_floats
from codegen.text.at_ties import is_asking
from codegen.text.function import Function, fallback_name
from codegen.text.module import TARGETS, Module

__all__ = ["ABSENT", "Loaded", "check_function", "load"]

# What stands for an argument that was not given; a constant, which code on disk can hold.
ABSENT = ...

_Node = TypeVar("_Node", bound=ast.AST)

# Above this many statements the syntax tree itself gets too large to build.
_TREE_LIMIT = 2000

_ALLOWED = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Return, ast.Expr,
    ast.Name, ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.List,
    ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod,
    ast.UnaryOp, ast.USub, ast.Not, ast.BoolOp, ast.And, ast.Or, ast.IfExp,
    ast.Try, ast.ExceptHandler,
    ast.Compare, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.Call,
)  # fmt: skip


def check_function(function: Function, target: str) -> None:
    """Refuse any text that is not what the emitters write.

    Raises:
        EmitError: naming the line and the construct.
    """
    if function.at_ties and is_asking(function):
        return
    if function.statements > _TREE_LIMIT or "w[" in function.text:
        _check_language(function, target)
    else:
        _check_tree(function, target)


def _check_tree(function: Function, target: str) -> None:
    tree = ast.parse(function.text)
    definition = tree.body[0]
    if len(tree.body) != 1 or not isinstance(definition, ast.FunctionDef):
        raise EmitError(f"{function.name}: expected one function definition")
    if definition.decorator_list:
        raise EmitError(f"{function.name}: found a decorator; none is emitted")
    types = set(map(id, _annotations(definition)))
    for statement in _statements(definition):
        types |= _at_tie(statement, function)
    nodes = [node for node in ast.walk(tree) if id(node) not in types]
    local = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)
             and isinstance(node.ctx, ast.Store)} | set(function.parameters)  # fmt: skip
    known = local | function.called | {"np", "abs", "float", "Exception", "ArithmeticError"}
    if function.falls_back:
        known.add(fallback_name(function.name))
    for node in nodes:
        problem = _problem(node, function, known, definition)
        if problem:
            line = getattr(node, "lineno", 0)
            raise EmitError(
                f"{target} text of {function.name}, line {line}: found {problem}; the emitters "
                "never write it, so the text was not loaded"
            )


def _annotations(definition: ast.FunctionDef) -> list[ast.AST]:
    """The nodes of all annotations, which are made of these names only."""
    roots = [a.annotation for a in definition.args.args] + [definition.returns]
    nodes = [node for root in roots if root is not None for node in ast.walk(root)]
    for node in nodes:
        if not isinstance(node, (ast.Subscript, ast.Tuple, ast.Load)) and ast.unparse(node) not in (
            "float", "list", "tuple", "...", "None"
        ):  # fmt: skip
            raise EmitError(f"{definition.name}: found the annotation {ast.unparse(node)!r}")
    return nodes


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
            function.called | {"abs", "float", fallback_name(function.name)}
        ):
            return f"a call of {node.func.id!r}"
        case ast.Expr() if node.value is not _docstring(top):
            return "an expression statement"
        case ast.Try() if not function.falls_back or node not in top.body[1:]:
            return "a try statement"
        case ast.ExceptHandler() if not _is_fallback(node, function):
            return "an except clause"
        case _ if not isinstance(node, _ALLOWED):
            return type(node).__name__
    return ""


def _statements(definition: ast.FunctionDef) -> list[ast.stmt]:
    last = definition.body[-1]
    return last.body if isinstance(last, ast.Try) else definition.body


def _at_tie(statement: ast.stmt, function: Function) -> set[int]:
    """What a statement for where switches tie (``at_ties.py``) holds beside expressions."""
    if not isinstance(statement, ast.If) or statement.orelse:
        return set()
    match statement.body:
        case [ast.Raise() as raised] if ast.unparse(raised) == "raise ArithmeticError":
            return {id(statement), *map(id, ast.walk(raised))}
        case [
            ast.Assign(
                targets=[ast.Name(bars)],
                value=ast.Call(func=ast.Name(name), args=[ast.List(point), *_]),
            ),
            ast.Return(value=ast.expr() as returned),
        ] if name == function.settles:
            starred = {id(x) for x in point if isinstance(x, ast.Starred)}
            return {id(statement), id(statement.test)} | starred | _items_of(bars, returned)
    return set()


def _items_of(name: str, node: ast.expr) -> set[int]:
    """The nodes ``name[3]``, ``name[3:5]`` in an expression."""
    return {
        id(x)
        for item in ast.walk(node)
        if isinstance(item, ast.Subscript) and re.fullmatch(rf"{name}\[[\d:]+\]", ast.unparse(item))
        for x in (item, item.slice)
    }


def _is_fallback(handler: ast.ExceptHandler, function: Function) -> bool:
    call = f"return {fallback_name(function.name)}({', '.join(function.parameters)})"
    return (
        handler.name is None
        and isinstance(handler.type, ast.Name)
        and handler.type.id == "Exception"
        and [ast.unparse(line) for line in handler.body] == [call]
    )


def _docstring(definition: ast.FunctionDef) -> ast.AST | None:
    first = definition.body[0]
    return first.value if isinstance(first, ast.Expr) else None


def _numpy_names() -> frozenset[str]:
    names = {name for row in REGISTRY.values() for name in re.findall(r"np\.\w+", row.numpy)}
    return frozenset(names | {"np.inf", "np.nan", "np.any"})


_CHARACTERS = re.compile(r"[\w .,+\-*/%()=<>!\[\]:\n]*", re.ASCII)
_WORDS = {
    "def", "return", "if", "else", "and", "or", "not", "np", "abs", "w", "float", "list", "tuple",
    "None", "try", "except", "Exception", "raise", "ArithmeticError",
}  # fmt: skip
# ``a, b = x`` on one line, or in parentheses over several.
_UNPACKED_LINE = re.compile(r"^ +(\w+,(?: \w+,?)*) = \w+$", re.MULTILINE)
_UNPACKED_LINES = re.compile(r"^ +\(\n((?: +[\w, ]+\n)+) +\) = \w+$", re.MULTILINE)
_NOT_CODE = re.compile(r'^ +"""[\w .,]*"""\n| *# [ -~]*$', re.MULTILINE)


def _check_language(function: Function, target: str) -> None:
    """Allow-list by characters and names: without strings, attributes and foreign names a text
    can do nothing but arithmetic and the calls it declares."""
    code = _NOT_CODE.sub("", function.text)
    if not _CHARACTERS.fullmatch(code):
        raise EmitError(f"{target} text of {function.name}: found a character never emitted")
    attributes = set(re.findall(r"[\w)\]]*\s*\.\s*[A-Za-z_]\w*", code))
    if attributes - _numpy_names():
        raise EmitError(f"{target} text of {function.name}: found {sorted(attributes)[:5]}")
    words = set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", code))
    assigned = set(re.findall(r"^ +([A-Za-z]\w*) = ", code, re.MULTILINE)) - function.called
    for unpacked in _UNPACKED_LINE.findall(code) + _UNPACKED_LINES.findall(code):
        assigned |= set(re.findall(r"[A-Za-z_]\w*", unpacked))
    foreign = words - assigned - set(function.parameters) - function.called - _WORDS
    if foreign - {function.name, fallback_name(function.name)}:
        raise EmitError(
            f"{target} text of {function.name}: found the names {sorted(foreign)[:5]}, which are "
            "neither assigned nor declared"
        )


# --- namespaces ------------------------------------------------------------------------------


def _namespace(module: Module, functions: Iterable[Function]) -> dict[str, Any]:
    """What these functions of ``module`` may call, and nothing else."""
    target = TARGETS[module.target]
    # float() would read text, and drop imaginary parts and masks; this is as fast and lets floats
    # alone through: ``Loaded`` converts what else is a number, by the rule of all targets.
    builtins = {
        "abs": abs, "float": float.conjugate, "range": range,
        "Exception": Exception, "ArithmeticError": ArithmeticError,
    }  # fmt: skip
    names: dict[str, Any] = {"__builtins__": builtins, "inf": math.inf, "nan": math.nan}
    names |= {name: target.portable[name] for name in module.portable(functions)}
    names |= {name: getattr(math, name) for name in module.imported(functions)}
    if target.header:
        names["np"] = np
    return names


def _require(module: Module, functions: Iterable[Function], namespace: Mapping[str, Any]) -> None:
    """Refuse functions that call what they will not find when they run.

    Raises:
        EmitError: naming the function and the name.
    """
    own = {name for f in functions for name in (f.name, f.settles)}
    for function in functions:
        missing = function.called - own - namespace.keys() - namespace["__builtins__"].keys()
        if "np" in namespace:
            called = _NUMPY_NAME.findall(function.text)
            missing |= {f"np.{name}" for name in called if not hasattr(np, name)}
        if missing:
            library = "NumPy" if "np" in namespace else "math"
            raise EmitError(
                f"{module.target} text of {function.name} calls {', '.join(sorted(missing))}; "
                f"found neither in {library} nor among the functions that emitted files copy: "
                "spell the row's text with functions that exist"
            )


_NUMPY_NAME = re.compile(r"\bnp\.(\w+)", re.ASCII)


# --- loading ---------------------------------------------------------------------------------


class Loaded:
    """The callables of an emitted module.

    Args:
        module: The emitted module.
        on_type_error: Called as ``on_type_error(function name, arguments)`` when an argument is
            no number; it raises the error to show.
        codes: Code per function, where text was checked and compiled before.
    """

    def __init__(
        self,
        module: Module,
        on_type_error: Callable[[str, tuple[Any, ...]], Any],
        codes: Mapping[str, CodeType] | None = None,
    ):
        self.module = module
        self._on_type_error = on_type_error
        self.codes = dict(codes or {})
        for function in module.functions if codes is None else ():
            check_function(function, module.target)
        self._small = not module.in_parts and module.statements <= _TREE_LIMIT
        self._text = module.text(module.functions)
        digest = hashlib.sha256(self._text.encode()).hexdigest()
        self.filename = f"<proofgrad {module.target} {digest[:12]}>"
        if self._small:  # tracebacks and debuggers find the emitted lines
            lines = self._text.splitlines(keepends=True)
            linecache.cache[self.filename] = (len(self._text), None, lines, self.filename)
        self.functions = self._compile()

    def _compile(self) -> dict[str, Callable[..., Any]]:
        namespace = _namespace(self.module, self.module.functions)
        _require(self.module, self.module.functions, namespace)
        namespace["explain!"] = self._explain  # no identifier: cannot clash with a name
        namespace["wrong!"] = (TypeError, ValueError)
        for function in self.module.functions:
            if function.name not in self.codes:
                self.codes[function.name] = self._code(function)
            exec(self.codes[function.name], namespace)
            if function.falls_back:
                namespace[fallback_name(function.name)] = self._at_first_use(function.name)
            if function.settles:
                namespace[function.settles] = self._settling(function.settles)
        return {f.name: namespace[f.name] for f in self.module.functions}

    def _code(self, function: Function) -> CodeType:
        if not self._small:
            return compile(function.text, self.filename, "exec")
        tree = ast.parse(function.text)
        line = self._text.index(function.text)
        ast.increment_lineno(tree, self._text.count("\n", 0, line))
        definition = tree.body[0]
        assert isinstance(definition, ast.FunctionDef)
        if self._explains(function):
            _explained(definition, function)
        if function.parameters == function.scalars and TARGETS[self.module.target].module:
            _counted(definition, function)
        return compile(tree, self.filename, "exec")

    def _explains(self, function: Function) -> bool:
        """True if no fallback says what is wrong with an argument."""
        return bool(function.scalars) and not function.falls_back

    def _explain(self, name: str, *arguments: Any) -> Any:
        """The result after all if the arguments are numbers, only no floats; else the error."""
        floats = as_floats(self._function(name), arguments)
        if floats is not None:
            return self.functions[name](*floats)
        return self._on_type_error(name, arguments)

    def _function(self, name: str) -> Function:
        return next(f for f in self.module.functions if f.name == name)

    def _at_first_use(self, name: str) -> Callable[..., Any]:
        """The second form of ``name``, compiled when it is first called."""

        def fallback(*arguments: Any) -> Any:
            floats = as_floats(self._function(name), arguments)
            if floats is not None:
                return self.functions[name](*floats)
            second = self._fallbacks[fallback_name(name)]
            try:
                return second(*arguments)
            except (TypeError, ValueError, OverflowError):
                return self._on_type_error(name, arguments)

        return fallback

    def _settling(self, name: str) -> Callable[..., Any]:
        """The function ``name`` for where switches tie, compiled when it is first called."""
        return self._fallbacks[name]

    @cached_property
    def _fallbacks(self) -> dict[str, Callable[..., Any]]:
        functions = self.module.fallbacks
        namespace = _namespace(self.module, functions)
        calls = {call for function in functions for call in function.called}
        namespace |= {name: REGISTRY[name[1:]].impl for name in total_functions(calls)}
        namespace |= SETTLING if TARGETS[self.module.target].module else ROWS_SETTLING
        _require(self.module, functions, namespace)
        for function in functions:
            check_function(function, self.module.target)
            exec(compile(function.text, self.filename, "exec"), namespace)
        return {f.name: namespace[f.name] for f in functions}

    def guarded(self, name: str) -> Callable[..., Any]:
        """The function ``name``, with errors that say what is wrong with an argument."""
        raw = self.functions[name]
        function = self._function(name)
        if self._small or not self._explains(function):
            return raw

        def explained(*arguments: Any) -> Any:
            try:
                return raw(*arguments)
            except (TypeError, ValueError):
                return self._explain(name, *arguments)

        return explained


def _explained(definition: ast.FunctionDef, function: Function) -> None:
    """Wrap the body: ``try: body; except wrong!: return explain!(name, x, ...)``."""
    start = definition.body[0]
    handler = ast.ExceptHandler(
        ast.Name("wrong!", ast.Load()), None, [_explaining(function.name, function.parameters)]
    )
    body = ast.Try(definition.body[1:], [_at(handler, start)], [], [])
    definition.body = [start, ast.copy_location(body, start)]


def _counted(definition: ast.FunctionDef, function: Function) -> None:
    """Let a call with another number of arguments end in an error of ours, at no cost to others.

    ``def f(x=..., y=..., out=..., *more!): if out is not ...: return explain!("f", x, y, out,
    *more!)``: what is missing is no float, and what is too much, or ``out=``, arrives in ``out``.
    """
    start, arguments = definition.body[0], definition.args
    out = "out!" if "out" in function.parameters else "out"
    arguments.args.append(_at(ast.arg(out), start))
    arguments.vararg = _at(ast.arg("more!"), start)
    arguments.defaults = [_at(ast.Constant(ABSENT), start) for _ in arguments.args]
    given = ast.Compare(ast.Name(out, ast.Load()), [ast.IsNot()], [ast.Constant(ABSENT)])
    call = _explaining(function.name, (*function.parameters, out))
    assert isinstance(call.value, ast.Call)
    call.value.args.append(ast.Starred(ast.Name("more!", ast.Load()), ast.Load()))
    definition.body.insert(1, _at(ast.If(given, [call], []), start))


def _explaining(name: str, arguments: Iterable[str]) -> ast.Return:
    """``return explain!(name, x, ...)``."""
    load = ast.Load()
    names = [ast.Name(argument, load) for argument in arguments]
    return ast.Return(ast.Call(ast.Name("explain!", load), [ast.Constant(name), *names], []))


def _at(node: _Node, start: ast.stmt) -> _Node:
    """``node``, with all that is in it, at the place of ``start``."""
    for inside in ast.walk(node):
        if isinstance(inside, (ast.expr, ast.stmt, ast.excepthandler, ast.arg)):
            ast.copy_location(inside, start)
    return node


def load(module: Module, on_type_error: Callable[[str, tuple[Any, ...]], Any]) -> Loaded:
    """Check, compile and load an emitted module.

    Raises:
        EmitError: if the text is not what the emitters write.
    """
    return Loaded(module, on_type_error)
