"""Text -> Program: the text under proof, read by its syntax tree and never run.

What can be read, and what it means, stands in ``language/__init__.py``; anything else is an
``UnreadableError`` that names the line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from verify.program.language.python.function_values import Closure, Named, bound, check_inner
from verify.program.language.python.local_names import Scope, bound_names, read_inside
from verify.program.language.read_values import (
    Array,
    Given,
    List,
    Number,
    Place,
    Real,
    Table,
    Value,
    is_number,
)
from verify.program.language.refusal import (
    RefusedError,
    UnreadableError,
    unreadable,
)
from verify.program.language.scope import Function, Module
from verify.program.language.source import Unparsed
from verify.program.language.statements import Statements
from verify.program.language.ways import Placed
from verify.program.program import Program, ProgramBuilder

__all__ = ["Text", "UnreadableError", "Value", "flat", "given", "kept", "numbers_of"]

_NOTHING: Mapping[str, Value] = MappingProxyType({})
_DEEP = 24  # calls of a function inside itself
_CALLS = 50_000  # of functions of the text: forty lines can ask for a billion
_EXPRESSIONS = 2_000_000  # read in all, besides what the text is long
# Words that change what a function is even where they are never reached.
_SURPRISING = re.compile(
    r"\b(?:yield|await|async|global|nonlocal|lambda|class)\b|:=|^[ \t\f]+(?:import|def)\b",
    re.MULTILINE,
)
_NEVER_READ = (
    ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal, ast.ClassDef,
    ast.NamedExpr, ast.Import, ast.ImportFrom, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith,
)  # fmt: skip


# What the values of constants are written with, and of those that libraries compute.
_PLAIN = (
    ast.Constant, ast.UnaryOp, ast.BinOp, ast.Name, ast.Attribute, ast.Tuple, ast.operator,
    ast.unaryop, ast.expr_context,
)  # fmt: skip
_COMPUTED = (
    *_PLAIN, ast.List, ast.Call, ast.keyword, ast.Subscript, ast.Slice, ast.Dict, ast.ListComp,
    ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.Compare, ast.cmpop, ast.IfExp,
    ast.BoolOp, ast.boolop, ast.Starred,
)  # fmt: skip


class Text(Statements):
    """The functions of a source text.

    Args:
        source: The text.
        builder: Where calls add their steps.
        batches: True for emitted code, in which a number may stand for an array of many.
        every_way: True to read what follows exceptions that nothing raises, too: all functions of
            the text are to be proven.
        noted: Lines of conditions whose numbers are wanted: ``ways`` gives these, by their line,
            behind each result.

    Raises:
        UnreadableError: if it does not parse, or something at its top level would run.
    """

    def __init__(
        self,
        source: str,
        builder: ProgramBuilder,
        batches: bool = False,
        every_way: bool = False,
        noted: Mapping[int, object] = MappingProxyType({}),
    ) -> None:
        super().__init__(builder)
        self.noted = noted
        self.paths.settles = not every_way
        self.library.batches = batches
        self.library.limit(len(source))
        self._active: list[str] = []
        self._names: dict[object, tuple[frozenset[str], frozenset[str]]] = {}
        self._calls = 0
        self._surprising = not source.isascii() or _SURPRISING.search(source) is not None
        self._budget = _EXPRESSIONS + 4 * len(source)
        self.left = self._budget
        self.reached: set[str] = set()
        self._above: dict[tuple[ProgramBuilder, ast.expr], Value] = {}
        self.module = Module(self._plain, self._computed, scripts=not every_way)
        self.module.read(source)
        imported = [str(getattr(one, "full", "")) for one in self.module.names.values()]
        self.numbers.many = batches and any(one.startswith("numpy") for one in imported)

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

    def named(self, function: str) -> list[str]:
        """The parameters of a function, "" for what callers cannot give by name."""
        head = self.functions[function].head
        return [*[""] * len(head.posonlyargs), *[parameter.arg for parameter in head.args]]

    def demanded(self) -> Program | None:
        """What Python computes on the ways read last, used or not, and may raise at."""
        return self.numbers.demands.program(self.builder)

    def raising(self) -> Program | None:
        """What Python may raise at inside ``try``, on the ways read last."""
        return self.numbers.demands.program(self.builder, caught=True)

    def unproven(self) -> list[str]:
        """Functions that no reading has reached, and that are no copies of ours."""
        known = self.reached | self.module.copies()
        return [name for name in self.functions if name not in known]

    def check_rest(self) -> None:
        """Make sure that long functions which no reading has reached compile as well.

        Raises:
            UnreadableError: if Python could not load the text for one of them.
        """
        for name, function in self.functions.items():
            if isinstance(function.tree, Unparsed) and name not in self.reached:
                function.tree.definition()

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
        self.numbers.demands.forget()
        demands, batches = self.numbers.demands, self.library.batches
        demands.caught_silently, demands.silent = batches, batches and self.module.has_numpy
        return self.paths.results(self.builder, lambda: self._read_once(read))

    def _read_once(self, read: Callable[[], Value]) -> Placed:
        self.memory.restart()
        self.numbers.demands.restart()
        self.numbers.numpy_met = False
        self._active = []
        self.conditions.clear()
        try:
            placed = self._placed(read())
            return [placed, dict(self.conditions)] if self.noted else placed
        except RecursionError:
            name = self._active[-1] if self._active else "the text"
            raise UnreadableError(f"{name}: an expression is nested too deeply") from None

    def _placed(self, value: Value) -> Placed:
        """A result with the places of its numbers; arrays and tuples as lists."""
        if isinstance(value, Place):  # NumPy's int, which is a number as Python's is
            value = int(value)
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
            if not items:  # of no rows, or of rows without numbers
                return [[] for _ in range(value.shape[0])] if value.shape[0] else []
            for length in reversed(value.shape[1:]):
                items = [items[i : i + length] for i in range(0, len(items), length)]  # type: ignore[misc]
            return items
        if isinstance(value, (list, tuple)):
            return [self._placed(item) for item in value]
        if isinstance(value, Table) and all(type(key) is str for key in value):
            return {key: self._placed(item) for key, item in value.items()}
        raise UnreadableError("the result is no number, and no sequence of numbers")

    def call(
        self, name: str, arguments: Sequence[Value], named: Mapping[str, Value] = _NOTHING
    ) -> Value:
        """What the function ``name`` returns for these arguments.

        Raises:
            UnreadableError: naming the line and what is not read.
        """
        found = self.functions.get(name)
        if found is None:
            raise UnreadableError(f"found no function {name!r}; found {', '.join(self.functions)}")
        tree = found.tree.definition() if isinstance(found.tree, Unparsed) else found.tree
        if name not in self._names:
            self._check_tree(tree)
            self._names[name] = bound_names(tree), read_inside(tree)
        self.reached.add(name)
        local = self._bound(tree, name, found.defaults, found.of_names, arguments, named)
        return self._body_of(tree, name, Scope(local, *self._names[name]))

    def call_inner(
        self, function: Closure, arguments: Sequence[Value], named: Mapping[str, Value]
    ) -> Value:
        """What a function inside another one returns: what is around is as it is now."""
        tree, around = function.tree, function.scope
        if tree not in self._names:
            self._names[tree] = bound_names(tree), read_inside(tree)
        own, inner = self._names[tree]
        local = {name: value for name, value in around.values.items() if name not in own}
        local |= self._bound(
            tree, tree.name, function.defaults, function.of_names, arguments, named
        )
        return self._body_of(tree, tree.name, Scope(local, around.names | own, inner))

    def _bound(
        self,
        tree: ast.FunctionDef,
        name: str,
        defaults: Sequence[Value],
        of_names: Mapping[str, Value],
        arguments: Sequence[Value],
        named: Mapping[str, Value],
    ) -> dict[str, Value]:
        try:
            return bound(tree.args, defaults, of_names, arguments, named)
        except RefusedError as refusal:
            raise UnreadableError(
                f"line {tree.lineno}: {name} {refusal}; expected {len(arguments) + len(named)}"
            ) from None

    def _body_of(self, tree: ast.FunctionDef, name: str, scope: Scope) -> Value:
        self._calls += 1
        if self._calls > _CALLS:
            raise unreadable(tree, f"functions call each other more than {_CALLS} times")
        if self.left < 0:
            raise unreadable(tree, "loops and calls that run for too long")
        if self._active.count(name) >= _DEEP:
            raise unreadable(tree, f"{name} calls itself too often")
        self.numbers.numpy_met |= not all(map(is_number, scope.values.values()))
        self._active.append(name)
        try:
            return self.run(tree.body, scope)
        finally:
            self._active.pop()

    def _check_tree(self, tree: ast.FunctionDef) -> None:
        if tree.args.kwarg:
            raise unreadable(tree, "a function that takes **; write its parameters")
        if not self._surprising:
            return
        for node in ast.walk(tree):
            if isinstance(node, _NEVER_READ):
                raise unreadable(node, f"{type(node).__name__} is never read")
        try:
            check_inner(tree)
        except RefusedError as refusal:
            raise unreadable(tree, refusal) from None

    def _plain(self, node: ast.expr) -> Value:
        """A constant of the top level or of a head: it exists once, so it must not change."""
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and part.value is None and part is node:
                return None
            if not isinstance(part, _PLAIN):
                raise unreadable(node, "only imports and functions at the top level, and constants;"
                                 " a default or a constant is a plain number")  # fmt: skip
        return self._loaded(node)

    def _loaded(self, node: ast.expr) -> Value:
        before, value = self.numbers.raised, self.value(node, Scope({}, frozenset()))
        if self.numbers.raised > before:
            raise unreadable(node, "raises an exception when the text is loaded")
        if isinstance(value, (Closure, Named)):
            raise unreadable(node, "a function under another name; use its own")
        return value

    def _computed(self, node: ast.expr) -> Value:
        """What libraries make of constants at the top level: it exists once, and stays as it is."""
        key = self.builder, node
        if key not in self._above:
            wrong = next((p for p in ast.walk(node) if not isinstance(p, _COMPUTED)), None)
            if wrong is not None or self.library.batches:
                raise unreadable(wrong or node, "only imports and functions at the top level, and "
                                 "constants; a constant is a plain number, or what NumPy and math "
                                 "make of these")  # fmt: skip
            self._above[key] = _fixed(self._loaded(node))
        value = self._above[key]
        self.numbers.numpy_met |= type(value) not in (int, float, bool)
        return value


def _fixed(value: Value) -> Value:
    """A value that nothing changes from now on."""
    if isinstance(value, (List, tuple)):
        for item in value:
            _fixed(item)
    for item in value.values() if isinstance(value, Table) else ():
        _fixed(item)
    if isinstance(value, (List, Array, Table)):
        value.born = -1
    return value


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
