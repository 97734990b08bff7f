"""Text -> Program: the text under proof, read by its syntax tree and never run.

What can be read, and what it means, stands in ``language/__init__.py``; anything else is an
``UnreadableError`` that names the line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from verify.program.language.expressions import Expressions
from verify.program.language.memory import Change
from verify.program.language.refusal import (
    RefusedError,
    UnreadableError,
    unreadable,
)
from verify.program.language.scope import Function, Module, Scope, bound_names
from verify.program.language.source import Unparsed
from verify.program.language.values import (
    Array,
    Given,
    List,
    Number,
    Real,
    Table,
    Unsettled,
    Value,
    is_number,
)
from verify.program.language.ways import Placed, Ways
from verify.program.program import ProgramBuilder

__all__ = ["Text", "UnreadableError", "Value", "flat", "given", "kept", "numbers_of"]

_CALLS = 50_000  # of functions of the text: forty lines can ask for a billion
_EXPRESSIONS = 2_000_000  # read in all, besides what the text is long
# Words that change what a function is even where they are never reached.
_SURPRISING = re.compile(
    r"\b(?:yield|await|async|global|nonlocal|lambda|class)\b|:=|^[ \t\f]+(?:import|def)\b",
    re.MULTILINE,
)
_NEVER_READ = (
    ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal, ast.Lambda, ast.ClassDef,
    ast.NamedExpr, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef,
    ast.AsyncFor, ast.AsyncWith,
)  # fmt: skip
_CHANGED_IN_TRY = "changes what was made before the try, and the change survives an exception"
_TRUNCATES = "an array of integers truncates what is written to it; make it one of floats"
_STATEMENTS = "only assignments, if, for, while, calls and a return"


class _Return:
    """A statement returned this."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


_BREAK, _CONTINUE = object(), object()


class Text(Expressions):
    """The functions of a source text.

    Args:
        source: The text.
        builder: Where calls add their steps.
        batches: True for emitted code, in which a number may stand for an array of many.

    Raises:
        UnreadableError: if it does not parse, or something at its top level would run.
    """

    def __init__(self, source: str, builder: ProgramBuilder, batches: bool = False) -> None:
        super().__init__(builder)
        self.library.batches = batches
        self._ways = Ways()
        self._active: list[str] = []
        self._names: dict[str, frozenset[str]] = {}
        self._calls = 0
        self._surprising = not source.isascii() or _SURPRISING.search(source) is not None
        self._budget = _EXPRESSIONS + 4 * len(source)
        self.left = self._budget
        self.reached: set[str] = set()
        self.module = Module(self._plain)
        self.module.read(source)

    @property
    def builder(self) -> ProgramBuilder:
        """Where calls add their steps."""
        return self.numbers.builder

    @builder.setter
    def builder(self, builder: ProgramBuilder) -> None:
        self.numbers.builder = builder

    @property
    def functions(self) -> Mapping[str, Function]:
        """The functions of the text, by name."""
        return self.module.functions

    def unproven(self) -> list[str]:
        """Functions that no reading has reached, and that are no copies of ours."""
        known = self.reached | self.module.copies()
        return [name for name in self.functions if name not in known]

    # --- reading ---

    def ways(self, read: Callable[[], Value]) -> list[Placed]:
        """The places of what ``read`` gives, along every way through the text.

        Args:
            read: Calls functions of the text.

        Returns:
            What they return without an exception, and what differs after one.

        Raises:
            UnreadableError: naming the line and what is not read.
        """
        self.left, self._calls, self.library.left = self._budget, 0, self.library.most
        return self._ways.results(self.builder, lambda: self._read_once(read))

    def _read_once(self, read: Callable[[], Value]) -> Placed:
        self.memory.restart()
        self._active = []
        try:
            return self._placed(read())
        except RecursionError:
            name = self._active[-1] if self._active else "the text"
            raise UnreadableError(f"{name}: an expression is nested too deeply") from None

    def _placed(self, value: Value) -> Placed:
        """A result with the places of its numbers; arrays and tuples as lists."""
        if is_number(value):
            try:
                return self.numbers.place(value)
            except RefusedError as refusal:
                raise UnreadableError(f"the result {value}: {refusal}") from None
        if isinstance(value, Array):
            if any(x is None for x in value.items):
                raise UnreadableError("the result has an item that was not written")
            if not value.shape:
                return self._placed(value.items[0])
            items = [self.numbers.place(x) for x in value.items]
            for length in reversed(value.shape[1:]):
                items = [items[i : i + length] for i in range(0, len(items), length)]  # type: ignore[misc]
            return items
        if isinstance(value, (list, tuple)):
            return [self._placed(item) for item in value]
        if isinstance(value, Table):
            return {key: self._placed(item) for key, item in value.items()}
        raise UnreadableError("the result is no number, and no sequence of numbers")

    def call(self, name: str, arguments: Sequence[Value]) -> Value:
        """What the function ``name`` returns for these arguments.

        Raises:
            UnreadableError: naming the line and what is not read.
        """
        found = self.functions.get(name)
        if found is None:
            raise UnreadableError(f"found no function {name!r}; found {', '.join(self.functions)}")
        tree = found.tree.definition() if isinstance(found.tree, Unparsed) else found.tree
        self._check_call(name, tree)
        parameters = [a.arg for a in (*tree.args.posonlyargs, *tree.args.args)]
        missing = len(parameters) - len(arguments)
        if missing < 0 or missing > len(found.defaults):
            raise UnreadableError(
                f"line {tree.lineno}: {name} takes {len(parameters)} arguments "
                f"({', '.join(parameters)}); expected {len(arguments)}"
            )
        rest = found.defaults[len(found.defaults) - missing :]
        if name not in self._names:
            self._names[name] = bound_names(tree)
        local = dict(zip(parameters, [*arguments, *rest], strict=True))
        scope = Scope(local, self._names[name])
        self._active.append(name)
        self.reached.add(name)
        try:
            result = self._run(tree.body, scope)
        finally:
            self._active.pop()
        return result.value if isinstance(result, _Return) else None

    def _check_call(self, name: str, tree: ast.FunctionDef) -> None:
        if name in self._active:
            raise unreadable(tree, f"{name} calls itself")
        self._calls += 1
        if self._calls > _CALLS:
            raise unreadable(tree, f"functions call each other more than {_CALLS} times")
        if self.left < 0:
            raise unreadable(tree, "loops and calls that run for too long")
        if tree.args.vararg or tree.args.kwonlyargs or tree.args.kwarg:
            raise unreadable(tree, "only positional parameters")
        if self._surprising and name not in self._names:
            for node in ast.walk(tree):
                if isinstance(node, _NEVER_READ) and node is not tree:
                    raise unreadable(node, f"{type(node).__name__} is never read")

    def _plain(self, node: ast.expr) -> Value:
        """A constant of the top level or of a head: it exists once, so it must not change."""
        allowed = (
            ast.Constant, ast.UnaryOp, ast.BinOp, ast.Name, ast.Attribute, ast.Tuple, ast.operator,
            ast.unaryop, ast.expr_context,
        )  # fmt: skip
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and part.value is None and part is node:
                return None
            if not isinstance(part, allowed):
                raise unreadable(node, "only imports and functions at the top level, and constants;"
                                 " a default or a constant is a plain number")  # fmt: skip
        return self.value(node, Scope({}, frozenset()))

    # --- statements ---

    def _run(self, body: Sequence[ast.stmt], scope: Scope) -> Any:
        """Run statements: a ``_Return``, ``_BREAK``, ``_CONTINUE``, or None at their end."""
        for statement in body:
            run = self._RUN.get(type(statement))
            if run is None:
                raise unreadable(statement, _STATEMENTS)
            try:
                result = run(self, statement, scope)
            except RefusedError as refusal:
                raise unreadable(statement, refusal) from None
            if result is not None:
                return result
        return None

    def _return(self, statement: ast.Return, scope: Scope) -> Any:
        if statement.value is None:
            raise RefusedError("a return without a value")
        return _Return(self.value(statement.value, scope))

    def _assignment(self, statement: ast.Assign, scope: Scope) -> None:
        value = self.value(statement.value, scope)
        for target in statement.targets:
            self.assign(target, value, scope)

    def _annotated(self, statement: ast.AnnAssign, scope: Scope) -> None:
        if statement.value is None or not isinstance(statement.target, ast.Name):
            raise RefusedError("an annotation without a value")
        self.assign(statement.target, self.value(statement.value, scope), scope)

    def assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """``target = value``."""
        if isinstance(target, ast.Name):
            scope.values[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, scope)
        elif isinstance(target, ast.Subscript):
            owner = self.value(target.value, scope)
            self._write(owner, self.key(target.slice, scope), value)
        else:
            raise unreadable(target, "only names and items are assigned to")

    def _unpack(self, target: ast.Tuple | ast.List, value: Value, scope: Scope) -> None:
        try:
            items = [*self.library.iterate(value)]
        except RefusedError as refusal:
            raise unreadable(target, refusal) from None
        if len(items) != len(target.elts):
            raise unreadable(target, f"{len(target.elts)} names for {len(items)} items")
        for one, item in zip(target.elts, items, strict=True):
            self.assign(one, item, scope)

    def _write(self, owner: Value, key: Value, value: Value) -> None:
        """``owner[key] = value``."""
        if isinstance(owner, Array):
            if owner.kind != "float":
                raise RefusedError(_TRUNCATES)
            part = self.arrays.places(owner, key)
            new = self.arrays.stored(value, owner, key)
            for place, item in zip(part, new, strict=True):
                self.memory.change(owner, place, item)
        elif isinstance(owner, List) and type(key) is int and -len(owner) <= key < len(owner):
            self.memory.change(owner, key % len(owner), value)
        elif isinstance(owner, Table) and type(key) is str:
            self.memory.change(owner, key, value)
        else:
            raise RefusedError("only items of a list are assigned to")

    def _augmented(self, statement: ast.AugAssign, scope: Scope) -> None:
        kind, target = type(statement.op), statement.target
        if self.library.batches:
            raise RefusedError("emitted code changes nothing in place")
        if isinstance(target, ast.Name):
            old = self.value(ast.copy_location(ast.Name(target.id, ast.Load()), target), scope)
            if type(old) is List:
                self._extend(kind, old, self.value(statement.value, scope))
                return
            new = self.operate(kind, old, self.value(statement.value, scope))
            if isinstance(old, Array):
                self._replace(old, new)
            else:
                self.assign(target, new, scope)
        elif isinstance(target, ast.Subscript):
            owner, key = self.value(target.value, scope), self.key(target.slice, scope)
            old = (
                self.arrays.part(owner, key) if isinstance(owner, Array) else self.item(owner, key)
            )
            if isinstance(owner, (List, Table)) and not is_number(old):
                raise RefusedError("an item that is no number is changed in place; assign to it")
            self._write(owner, key, self.operate(kind, old, self.value(statement.value, scope)))
        else:
            raise RefusedError("only names and items are assigned to")

    def _extend(self, kind: type[ast.operator], old: List, more: Value) -> None:
        """``old += more`` of a list, which all its names see."""
        if kind is not ast.Add or not isinstance(more, (list, tuple)):
            raise RefusedError("arithmetic on a list in place; write it out")
        self.memory.grow(old)
        self.library.make(len(more))
        old.extend([*more])

    def _replace(self, old: Array, new: Value) -> None:
        """``old += ...`` of an array, which all its names see."""
        if old.kind != "float":
            raise RefusedError(_TRUNCATES)
        for place, item in enumerate(self.arrays.fitting(new, old.shape)):
            self.memory.change(old, place, item)

    def _expression(self, statement: ast.Expr, scope: Scope) -> None:
        if isinstance(statement.value, ast.Call):
            self.value(statement.value, scope)
        elif not isinstance(statement.value, ast.Constant):
            raise unreadable(statement, _STATEMENTS)

    # --- ways ---

    def _if(self, statement: ast.If, scope: Scope) -> Any:
        condition = self.test(statement.test, scope)
        if not isinstance(condition, Real):
            return self._run(statement.body if condition else statement.orelse, scope)
        if not self._ways.active:
            raise RefusedError("decides by the inputs outside of a function")
        if _leaves(statement):
            holds = self._ways.side(condition.place)
            return self._run(statement.body if holds else statement.orelse, scope)
        return self._both_sides(statement, condition, scope)

    def _both_sides(self, statement: ast.If, condition: Real, scope: Scope) -> Any:
        """Read both sides, and put together what they leave behind."""
        before, left = scope.values, []
        for block in (statement.body, statement.orelse):
            changes: list[Change] = []
            scope.values = dict(before)
            with self.memory.undone(changes):
                self._run(block, scope)
            left.append((scope.values, changes))
        (then, changed), (other, changed_else) = left
        values = {
            name: self._either(condition, then[name], other[name], f"{name!r}")
            if name in then and name in other
            else Unsettled(f"{name!r} is assigned on one side of an if only")
            for name in {**then, **other}
        }
        cells = _together(changed, changed_else)
        settled = [self._either(condition, x, y, "an item") for _, _, x, y in cells]
        if any(isinstance(values[name], Unsettled) for name in then.keys() & other.keys()) or any(
            isinstance(value, Unsettled) for value in settled
        ):  # lists or arrays that are not the same: one side at a time
            scope.values = before
            holds = self._ways.side(condition.place)
            return self._run(statement.body if holds else statement.orelse, scope)
        scope.values = values
        for (owner, key, _, _), value in zip(cells, settled, strict=True):
            self.memory.change(owner, key, value)
        return None

    def _either(self, condition: Real, x: Value, y: Value, what: str) -> Value:
        """What is x where a condition holds, and y elsewhere."""
        if x is y or (isinstance(x, Real) and x.same(y)):
            return x
        if is_number(x) and is_number(y):
            return self.numbers.choose(condition, x, y)
        return Unsettled(f"{what} is something else on the other side of an if")

    def _try(self, statement: ast.Try, scope: Scope) -> Any:
        handler = self._handler(statement)
        if not self._ways.undisturbed():
            return self._run(handler.body, scope)
        before = dict(scope.values)
        with self.memory.kept(_CHANGED_IN_TRY):
            result = self._run(statement.body, scope)
        _check_unchanged(statement, handler, before, scope.values)
        return result

    def _handler(self, statement: ast.Try) -> ast.ExceptHandler:
        if len(statement.handlers) != 1 or statement.orelse or statement.finalbody:
            raise RefusedError("only try, one except clause, and nothing after it")
        handler = statement.handlers[0]
        for body in (statement.body, handler.body):
            if not isinstance(body[-1], ast.Return):
                raise unreadable(body[-1], "try and except must each end in a return")
        plain = isinstance(handler.type, ast.Name) and handler.type.id == "Exception"
        if handler.name or not plain or self.module.full_name(handler.type) != "Exception":  # type: ignore[arg-type]
            raise RefusedError("only except Exception")
        return handler

    # --- loops ---

    def _for(self, statement: ast.For, scope: Scope) -> Any:
        if statement.orelse:
            raise RefusedError("a loop with else")
        for item in self.library.iterate(self.iterable(statement.iter, scope)):
            self.spend()
            self.assign(statement.target, item, scope)
            result = self._run(statement.body, scope)
            if result is _BREAK:
                break
            if isinstance(result, _Return):
                return result
        return None

    def _while(self, statement: ast.While, scope: Scope) -> Any:
        if statement.orelse:
            raise RefusedError("a loop with else")
        while True:
            condition = self.test(statement.test, scope)
            if isinstance(condition, Real):
                raise RefusedError(
                    "a loop whose length depends on the inputs; use for over a range"
                )
            if not condition:
                return None
            self.spend()
            result = self._run(statement.body, scope)
            if result is _BREAK:
                return None
            if isinstance(result, _Return):
                return result

    _RUN: ClassVar[dict[type[ast.stmt], Callable[[Any, Any, Scope], Any]]] = {
        ast.Assign: _assignment,
        ast.Return: _return,
        ast.AnnAssign: _annotated,
        ast.AugAssign: _augmented,
        ast.Expr: _expression,
        ast.If: _if,
        ast.For: _for,
        ast.While: _while,
        ast.Try: _try,
        ast.Pass: lambda *_: None,
        ast.Break: lambda *_: _BREAK,
        ast.Continue: lambda *_: _CONTINUE,
    }


def _leaves(statement: ast.If) -> bool:
    """True if a side may end what it stands in."""
    leaving = (ast.Return, ast.Break, ast.Continue, ast.Try)
    return any(isinstance(node, leaving) for node in ast.walk(statement))


def _together(
    changed: Sequence[Change], changed_else: Sequence[Change]
) -> list[tuple[Any, Any, Value, Value]]:
    """What was written on either side of an if: owner, key, what each side leaves there."""
    cells: dict[tuple[int, Any], list[Any]] = {}
    for side, changes in enumerate((changed, changed_else)):
        for owner, key, old, new in changes:
            cells.setdefault((id(owner), key), [owner, key, old, old])[2 + side] = new
    return [(owner, key, x, y) for owner, key, x, y in cells.values()]


def _check_unchanged(
    statement: ast.Try,
    handler: ast.ExceptHandler,
    before: dict[str, Value],
    after: dict[str, Value],
) -> None:
    """An exception may come at any moment: what the handler reads must be the same at each."""
    read = {n.id for line in handler.body for n in ast.walk(line) if isinstance(n, ast.Name)}
    written = [
        (node.id, part)
        for part in statement.body
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in read
    ]
    for name, part in written:
        old, new = before.get(name), after.get(name)
        same = old is new or (isinstance(old, Real) and old.same(new))
        once = sum(name == other for other, _ in written) == 1 and isinstance(part, ast.Assign)
        if name not in before or not same or not once:
            raise unreadable(part, f"{name!r} changes inside try, and except reads it")


# --- arguments and results ----------------------------------------------------------------


def given(places: Placed) -> Value:
    """Arguments that the text may only read: numbers, and sequences of the caller's."""
    if isinstance(places, int):
        return Real(places)
    return Given(map(given, places))


def kept(value: Value) -> Value:
    """What one function returned, as another may take it: it is the caller's, who keeps it."""
    return Given(map(kept, value)) if isinstance(value, (list, tuple)) else value


def numbers_of(places: Sequence[int]) -> list[Number]:
    """The numbers at these places."""
    return [Real(place) for place in places]


def flat(places: Placed) -> list[int]:
    """The numbers inside a result, in order."""
    if isinstance(places, int):
        return [places]
    items = places.values() if isinstance(places, dict) else places
    return [place for item in items for place in flat(item)]
