"""Text -> Program: the text under proof, read by its syntax tree and never run.

What can be read is what the emitters write, and a little more for gradients written by hand:
straight-line functions of assignments over arithmetic, comparisons, conditional expressions,
sequences with literal indices, calls of ``math``, ``numpy`` and ``autodiff`` functions and of other
functions of the same text.  Anything else is an ``UnreadableError`` that names the line.

A portable function (``autodiff.ieee``, ``autodiff.total``, ``codegen.vectorized``) that is copied
exactly means its primitive; changed in one number it is read like any other function.

A function may hold its steps twice: ``try: steps; except Exception: return the same steps with
operations that never raise``.  A text is read along one of these ways, and proven along both.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import pairwise
from typing import Any, TypeAlias

from autodiff.errors import ProofgradError
from autodiff.table.primitive import PUBLIC, REGISTRY, Primitive
from codegen.language.syntax import syntax_tree
from codegen.language.target import helper_source
from codegen.language.totalled import total_source
from codegen.text.module import TARGETS
from verify.program.program import ProgramBuilder

__all__ = ["Text", "UnreadableError", "Value", "flat"]

# A number is its place in the Program under construction.
Value: TypeAlias = "int | list[Value] | dict[str, Value]"


class UnreadableError(ProofgradError, ValueError):
    """The text holds something that is not read here; the message names the line and what."""


@cache
def _known() -> dict[str, Primitive]:
    """Function -> the primitive it means: ``math.sin``, ``numpy.arctan2``, ``autodiff.relu``."""
    known = {f"autodiff.{name}": REGISTRY[row.name] for name, row in PUBLIC.items()
             if isinstance(row, Primitive)}  # fmt: skip
    for row in REGISTRY.values():
        if row.ufunc:
            known[f"numpy.{row.ufunc}"] = known[f"autodiff.{row.ufunc}"] = row
        holes = ", ".join(f"{{{i}}}" for i in range(row.arity))
        for column, module in ((row.python, "math."), (row.numpy, "")):
            call = re.fullmatch(r"(?:np\.)?(\w+)\(" + re.escape(holes) + r"\)", column)
            if call and (module == "" or hasattr(math, call[1])):
                known[(module or "numpy.") + call[1]] = row
    by_name = {"abs": "abs", "max": "maximum", "min": "minimum", "pow": "pow", "math.fabs": "abs",
               "numpy.abs": "abs", "numpy.where": "where", "autodiff.pow": "pow",
               "autodiff.maximum": "maximum", "autodiff.minimum": "minimum"}  # fmt: skip
    return known | {name: REGISTRY[row] for name, row in by_name.items()}


_NUMBERS = {"pi": math.pi, "e": math.e, "tau": math.tau, "inf": math.inf, "nan": math.nan}
# A text that imports anything else could change what these mean.
_MODULES = ("math", "numpy", "autodiff", "__future__")
_IDENTITIES = frozenset({"float", "numpy.float64", "numpy.array", "numpy.asarray", "tuple", "list"})
_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Mod: "mod", ast.Pow: "pow",
}  # fmt: skip
_FOLDED = frozenset(_BINARY.values())
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip


_CALLS = 200_000  # of functions of the text: forty lines can ask for a billion
_LONG = 20_000  # characters from which a function is parsed only when it is called
_DEFINITION = re.compile(r"^def ", re.MULTILINE)
# A function whose strings end inside it: there is none but the docstring.
_PLAIN = re.compile(r"""def (\w+)\([^"'#]*(?:\"{3}[^"\\]*\"{3})?[^"']*""")
# A line at the left margin would be another statement of the top level; these two end a line, too.
_ANOTHER = re.compile(r"[\r\f]|\n[^\n )#]")


@dataclass(frozen=True)
class Unparsed:
    """A long function of a text: its tree takes a hundred times the room of its text.

    Args:
        name: Its name.
        text: The whole definition.
        line: The line where it starts.
    """

    name: str
    text: str
    line: int

    def definition(self) -> ast.FunctionDef:
        """Its tree.

        Raises:
            UnreadableError: if it does not parse.
        """
        (statement,) = _parsed("\n" * (self.line - 1) + self.text)
        assert isinstance(statement, ast.FunctionDef)
        return statement


def _statements(source: str) -> Sequence[ast.stmt | Unparsed]:
    """The top level of a text, long functions unparsed."""
    if len(source) > _LONG:
        try:
            return list(_pieces(source))
        except UnreadableError:
            pass  # cut inside a string, perhaps
    return _parsed(source)


def _pieces(source: str) -> Iterator[ast.stmt | Unparsed]:
    """The top level of a text, read in pieces that start where a line starts with ``def``.

    A piece that parses was no half of a string or statement, for a half does not parse; of the
    pieces left unparsed ``_PLAIN`` says so.
    """
    line = 1
    starts = [match.start() for match in _DEFINITION.finditer(source)]
    for start, stop in pairwise([0, *starts, len(source)]):
        piece = source[start:stop]
        plain = _PLAIN.fullmatch(piece) if len(piece) > _LONG else None
        if plain is not None and not _ANOTHER.search(piece):
            yield Unparsed(plain[1], piece, line)
        else:
            yield from _parsed("\n" * (line - 1) + piece)
        line += piece.count("\n")


def _parsed(source: str) -> list[ast.stmt]:
    try:
        return syntax_tree(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        nested = isinstance(error, RecursionError | MemoryError)
        reason = "nested too deeply" if nested else getattr(error, "msg", str(error))
        raise UnreadableError(f"line {getattr(error, 'lineno', 1) or 1}: {reason}") from None


class Text:
    """The functions of a source text.

    Args:
        source: The text.
        builder: Where calls add their steps.
        recovering: True to read what runs after an exception instead of what runs first.

    Raises:
        UnreadableError: if it does not parse.
    """

    def __init__(self, source: str, builder: ProgramBuilder, recovering: bool = False) -> None:
        self.builder = builder
        self.recovering = recovering
        self.recovers = False  # True once a function with both ways was read
        self.functions: dict[str, ast.FunctionDef | Unparsed] = {}
        self._imported: dict[str, str] = {}  # name in the text -> full name
        self._portable: dict[str, Primitive] = {}
        self._active: list[str] = []
        self._calls = 0
        for part in _statements(source):
            if isinstance(part, Unparsed):
                self._bind(part.name)
                self.functions[part.name] = part
            else:
                self._top_level(part)

    def _top_level(self, statement: ast.stmt) -> None:
        match statement:
            case ast.FunctionDef() if statement.decorator_list:
                raise _unreadable(statement, "a decorator can do anything; write a plain function")
            case ast.FunctionDef():
                self._bind(statement.name)
                self.functions[statement.name] = statement
                if row := _copied(statement):
                    self._portable[statement.name] = row
            case ast.Import() | ast.ImportFrom():
                module = statement.module if isinstance(statement, ast.ImportFrom) else None
                for name in statement.names:
                    full = f"{module}.{name.name}" if module else name.name
                    if full.partition(".")[0] not in _MODULES:
                        raise _unreadable(statement, f"only {', '.join(_MODULES)} are imported")
                    self._bind(name.asname or name.name)
                    self._imported[name.asname or name.name] = full
            case ast.Expr(value=ast.Constant()):
                pass  # the docstring
            case _:
                raise _unreadable(statement, "only imports and functions at the top level")

    def _bind(self, name: str) -> None:
        """Forget what ``name`` meant above: the last definition counts, as in Python."""
        for names in (self.functions, self._portable, self._imported):
            names.pop(name, None)

    def call(self, name: str, arguments: Sequence[Value]) -> Value:
        """What the function ``name`` returns for these arguments.

        Raises:
            UnreadableError: naming the line and what is not read.
        """
        found = self.functions.get(name)
        if found is None:
            raise UnreadableError(f"found no function {name!r}; found {', '.join(self.functions)}")
        function = found.definition() if isinstance(found, Unparsed) else found
        if name in self._active:
            raise _unreadable(function, f"{name} calls itself")
        self._calls += 1
        if self._calls > _CALLS:
            raise _unreadable(function, f"functions call each other more than {_CALLS} times")
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        missing = len(names) - len(arguments)
        if missing < 0 or missing > len(function.args.defaults):
            raise UnreadableError(
                f"line {function.lineno}: {name} takes {len(names)} arguments ({', '.join(names)});"
                f" expected {len(arguments)}"
            )
        if function.args.vararg or function.args.kwonlyargs or function.args.kwarg:
            raise _unreadable(function, "only positional parameters")
        self._active.append(name)
        try:
            defaults = function.args.defaults[len(function.args.defaults) - missing :]
            given = [*arguments, *(self._value(d, {}) for d in defaults)]
            return self._body(function, dict(zip(names, given, strict=True)))
        except RecursionError:
            raise UnreadableError(f"{name}: an expression is nested too deeply") from None
        finally:
            self._active.pop()

    # --- statements ---

    def _body(self, function: ast.FunctionDef, local: dict[str, Value]) -> Value:
        for statement in self._taken(function):
            if isinstance(statement, ast.Return):
                if statement.value is None:
                    raise _unreadable(statement, "a return without a value")
                return self._value(statement.value, local)
            self._statement(statement, local)
        return []  # a part of a long function: its results are in the list it was given

    def _taken(self, function: ast.FunctionDef) -> list[ast.stmt]:
        """The statements of the body; where it ends in ``try``, those of the way that is read."""
        *before, last = function.body
        if not isinstance(last, ast.Try):
            return function.body
        if len(last.handlers) != 1 or last.orelse or last.finalbody:
            raise _unreadable(last, "only try, one except clause, and nothing after it")
        handler = last.handlers[0]
        for body in (last.body, handler.body):
            if not isinstance(body[-1], ast.Return):
                raise _unreadable(body[-1], "try and except must each end in a return")
        if handler.name or not (
            isinstance(handler.type, ast.Name) and handler.type.id == "Exception"
        ):
            raise _unreadable(last, "only except Exception")
        self.recovers = True
        return [*before, *(handler.body if self.recovering else last.body)]

    def _statement(self, statement: ast.stmt, local: dict[str, Value]) -> None:
        match statement:
            case ast.Assign():
                value = self._value(statement.value, local)
                for target in statement.targets:
                    self._assign(target, value, local)
            case ast.AnnAssign() if statement.value is not None:
                self._assign(statement.target, self._value(statement.value, local), local)
            case ast.AugAssign(target=ast.Name() as target):
                read = ast.Name(target.id, ast.Load())
                both = ast.copy_location(ast.BinOp(read, statement.op, statement.value), statement)
                self._assign(target, self._value(both, local), local)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.Expr(value=ast.Call()):
                self._value(statement.value, local)
            case _:
                raise _unreadable(statement, "only assignments, calls and a return")

    def _assign(self, target: ast.expr, value: Value, local: dict[str, Value]) -> None:
        match target:
            case ast.Name():
                local[target.id] = value
            case ast.Tuple() | ast.List() if isinstance(value, list):
                if len(target.elts) != len(value):
                    raise _unreadable(target, f"{len(target.elts)} names for {len(value)} items")
                for one, item in zip(target.elts, value, strict=True):
                    self._assign(one, item, local)
            case ast.Subscript():
                owner, key = self._value(target.value, local), _constant(target.slice)
                if not isinstance(owner, list) or not isinstance(key, int) or key >= len(owner):
                    raise _unreadable(target, "only items of a list are assigned to")
                owner[key] = value
            case _:
                raise _unreadable(target, "only names and items are assigned to")

    # --- expressions ---

    def _value(self, node: ast.expr, local: dict[str, Value]) -> Value:
        match node:
            case ast.Name() if node.id in local:
                return local[node.id]
            case ast.Constant() if isinstance(node.value, (int, float)):
                return self._literal(node, node.value)
            case ast.Name() | ast.Attribute():
                return self._number_named(node)
            case ast.Tuple() | ast.List():
                return self._items(node.elts, local)
            case ast.Subscript():
                return self._item(node, self._value(node.value, local))
            case ast.BinOp():
                return self._binary(node, local)
            case ast.UnaryOp():
                return self._unary(node, local)
            case ast.Call():
                return self._called(node, local)
            case ast.Compare() | ast.BoolOp() | ast.IfExp():
                return self._decision(node, local)
        raise _unreadable(node, "only arithmetic, conditions, sequences and calls")

    def _number(self, node: ast.expr, local: dict[str, Value]) -> int:
        value = self._value(node, local)
        if isinstance(value, int):
            return value
        raise _unreadable(node, "expected a number, found a sequence")

    def _literal(self, node: ast.expr, value: float) -> int:
        try:
            if float(value) == value:
                return self.builder.literal(float(value))
        except OverflowError:
            pass
        raise _unreadable(node, "an integer that no double holds")

    def _items(self, nodes: Sequence[ast.expr], local: dict[str, Value]) -> list[Value]:
        items: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                inside = self._value(node.value, local)
                items += inside if isinstance(inside, list) else [inside]
            else:
                items.append(self._value(node, local))
        return items

    def _item(self, node: ast.Subscript, owner: Value) -> Value:
        key = _constant(node.slice)
        try:
            for step in key if isinstance(key, tuple) else (key,):
                owner = owner[step]  # type: ignore[index]  # a TypeError if wrong
        except (TypeError, KeyError, IndexError):
            raise _unreadable(node, "an index that the value does not have") from None
        return owner

    def _number_named(self, node: ast.Name | ast.Attribute) -> Value:
        module, _, name = self._full_name(node).rpartition(".")
        if module in ("math", "numpy") and name in _NUMBERS:
            return self.builder.literal(_NUMBERS[name])
        raise _unreadable(node, f"{ast.unparse(node)!r} is not defined above this line")

    def _full_name(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute):
            return f"{self._full_name(node.value)}.{node.attr}"
        return self._imported.get(node.id, node.id) if isinstance(node, ast.Name) else ""

    def _apply(self, name: str, *operands: int) -> int:
        row = REGISTRY[name]
        numbers = [n for n in map(self.builder.value, operands) if n is not None]
        if name in _FOLDED and len(numbers) == row.arity:  # computed before anything else runs
            result = row.impl(*numbers)
            if math.isfinite(result):
                return self.builder.literal(result)
        return self.builder.apply(row.sympy, *operands)

    def _binary(self, node: ast.BinOp, local: dict[str, Value]) -> Value:
        if type(node.op) not in _BINARY:
            raise _unreadable(node, "an operator without a derivative")
        name = _BINARY[type(node.op)]
        x = self._value(node.left, local)
        if not isinstance(x, int):
            return self._repeated(node, x, local)
        y = self._number(node.right, local)
        return self._apply(name, x, y)

    def _repeated(self, node: ast.BinOp, left: Value, local: dict[str, Value]) -> Value:
        if isinstance(left, list) and isinstance(node.op, ast.Mult):
            if isinstance(count := _constant(node.right), int):
                return left * count
        elif isinstance(left, list) and isinstance(node.op, ast.Add):
            right = self._value(node.right, local)
            if isinstance(right, list):
                return left + right
        raise _unreadable(node, "arithmetic on a sequence; write it element by element")

    def _unary(self, node: ast.UnaryOp, local: dict[str, Value]) -> Value:
        if isinstance(node.op, ast.Not):
            return self._apply("logical_not", self._condition(node.operand, local))
        x = self._number(node.operand, local)
        match node.op:
            case ast.UAdd():
                return x
            case ast.USub():
                number = self.builder.value(x)
                return self._apply("neg", x) if number is None else self.builder.literal(-number)
        raise _unreadable(node, "an operator without a derivative")

    def _decision(self, node: ast.expr, local: dict[str, Value]) -> int:
        if isinstance(node, ast.IfExp):
            parts = [self._number(n, local) for n in (node.body, node.orelse)]
            return self._apply("where", self._condition(node.test, local), *parts)
        if isinstance(node, ast.BoolOp):
            text = "either({0}, {1})" if isinstance(node.op, ast.Or) else "both({0}, {1})"
            numbers = [self._number(n, local) for n in node.values]
            return reduce(lambda x, y: self.builder.apply(text, x, y), numbers)
        assert isinstance(node, ast.Compare)
        sides = [self._number(n, local) for n in (node.left, *node.comparators)]
        if any(type(op) not in _COMPARED for op in node.ops):
            raise _unreadable(node, "only comparisons of numbers")
        tests = [self._apply(_COMPARED[type(op)], *sides[i : i + 2])
                 for i, op in enumerate(node.ops)]  # fmt: skip
        result = tests[0]
        for test in tests[1:]:
            result = self._apply("logical_and", result, test)
        return result

    def _condition(self, node: ast.expr, local: dict[str, Value]) -> int:
        """A number of which only the truth matters: ``x and y`` need not be y."""
        if not isinstance(node, ast.BoolOp):
            return self._number(node, local)
        name = "logical_or" if isinstance(node.op, ast.Or) else "logical_and"
        parts = [self._condition(n, local) for n in node.values]
        return reduce(lambda x, y: self._apply(name, x, y), parts)

    def _called(self, node: ast.Call, local: dict[str, Value]) -> Value:
        if node.keywords:
            raise _unreadable(node, "a call with keywords")
        name = self._full_name(node.func)
        if name in self._portable:
            row: Primitive | None = self._portable[name]
        elif name in self.functions:
            return self.call(name, self._items(node.args, local))
        else:
            row = _known().get(name)
        if name in _IDENTITIES and len(node.args) == 1:
            inside = self._value(node.args[0], local)
            return list(inside) if isinstance(inside, list) else inside  # a copy, as in Python
        if row is None:
            raise _unreadable(node, f"{ast.unparse(node.func)!r} is no function with a derivative")
        operands = [self._number(a, local) for a in node.args]
        if len(operands) != row.arity:
            raise _unreadable(node, f"{name} takes {row.arity} arguments")
        return self._apply(row.name, *operands)


def _copied(function: ast.FunctionDef) -> Primitive | None:
    """The primitive of a portable function that is unchanged but for its layout."""
    name = function.name
    originals = [helper_source(t.portable[name]) for t in TARGETS.values() if name in t.portable]
    originals += filter(None, [total_source(name)])
    if not originals:
        return None
    text = ast.dump(function)
    same = any(text == ast.dump(syntax_tree(original).body[0]) for original in originals)
    row = REGISTRY.get(name.removeprefix("_"))
    return row if same else None


def _constant(node: ast.expr) -> Any:
    """A literal index: an int, a string, a slice, a tuple of these."""
    match node:
        case ast.Slice():
            bounds = (node.lower, node.upper, node.step)
            return slice(*(None if b is None else _constant(b) for b in bounds))
        case ast.Tuple():
            return tuple(map(_constant, node.elts))
        case ast.Constant() if isinstance(node.value, (int, str)):
            return node.value
        case ast.UnaryOp(op=ast.USub()):
            inside = _constant(node.operand)
            return -inside if isinstance(inside, int) else None
    return None


def _unreadable(node: ast.AST, problem: str) -> UnreadableError:
    text = ast.unparse(node).splitlines()[0].removesuffix(":")
    shown = text if len(text) <= 60 else text[:57] + "..."
    return UnreadableError(f"line {getattr(node, 'lineno', 1)}: {shown}: {problem}")


def flat(value: Value) -> list[int]:
    """The numbers inside a value, in order."""
    if isinstance(value, int):
        return [value]
    items: Sequence[Value] = list(value.values()) if isinstance(value, Mapping) else value
    return [place for item in items for place in flat(item)]
