"""Calls in a text: of its own functions, of libraries', of methods, of functions as values."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from verify.program.language.arrays.numpy_names import NAMED
from verify.program.language.python.function_values import Closure, Named
from verify.program.language.python.local_names import Scope
from verify.program.language.python.plain_calls import ITERTOOLS
from verify.program.language.read_values import Number, Real, Table, Value, is_index
from verify.program.language.refusal import RefusedError
from verify.program.language.scalars.known_rows import EXHAUSTING, FLOATS, ITERATING
from verify.program.language.scope import Function
from verify.program.language.text_expressions import Expressions

__all__ = ["Calls"]

_WRITING = ("numpy.add.at", "numpy.subtract.at", "numpy.fill_diagonal", "numpy.copyto")
_SPECIAL = frozenset({*_WRITING, *ITERTOOLS, "dict", "map", "functools.reduce", "any", "all"})
_NOTHING: Mapping[str, Value] = MappingProxyType({})


class Calls(Expressions):
    """Reads calls."""

    def _called(self, node: ast.Call, scope: Scope) -> Value:
        function = node.func
        local = self._is_local(function, scope)
        if local and isinstance(function, ast.Attribute):
            return self._method(node, function, scope)
        if local:
            value = self.value(function, scope)
            return self.applied(value, self.items(node.args, scope), self._named(node, scope))
        name = "" if local else self.module.full_name(function)
        if not local and isinstance(function, ast.Name):
            meaning = self.module.names.get(function.id)
            row = self.module.primitive(function.id)
            if row is not None and not node.keywords:
                return self.library.copied(row, self.items(node.args, scope))
            if isinstance(meaning, Function):
                arguments = self.items(node.args, scope)
                return self.call(function.id, arguments, self._named(node, scope))
        if name in _SPECIAL:
            return self._special(name, node, scope)
        if not self.library.knows(name):
            raise RefusedError(f"{ast.unparse(function)!r} is no function with a derivative")
        if name in NAMED:
            return self.library.call(name, *self._named_arguments(node, scope))
        named = self._named(node, scope)
        if (
            name in EXHAUSTING
            and node.args
            and isinstance(generator := node.args[0], ast.GeneratorExp)
        ):
            first = self._comprehension(generator, scope)
            return self.library.call(name, [first, *self.items(node.args[1:], scope)], named)
        if name in ITERATING and not any(isinstance(a, ast.Starred) for a in node.args):
            return self.library.call(name, [self.iterable(a, scope) for a in node.args], named)
        return self.library.call(name, self.items(node.args, scope), named)

    def _special(self, name: str, node: ast.Call, scope: Scope) -> Value:
        """A function that does more than to make a value of values."""
        if self.library.batches or (node.keywords and name != "dict"):
            raise RefusedError("emitted code has no such call, and others have no keywords here")
        if name == "dict":
            return self._new_table(node, scope)
        if name in ITERTOOLS:
            return self._side_by_side(name, node.args, scope)
        if name in ("map", "functools.reduce") and len(node.args) > 1:
            return self._mapped(name, node.args, scope)
        if name in ("any", "all") and len(node.args) == 1:
            return self._every(name, node.args[0], scope)
        if name in _WRITING and node.args:
            owner, *rest = node.args
            self.written_by(name, self.value(owner, scope), [self.key(k, scope) for k in rest])
            return None
        raise RefusedError(f"{name} with {len(node.args)} arguments")

    def _side_by_side(self, name: str, nodes: Sequence[ast.expr], scope: Scope) -> Value:
        """What a function of ``itertools`` goes through."""
        items: list[Value] = []
        for node in nodes:
            one = self._gone_through(node, scope)
            items.append(int(one) if is_index(one) else self.library.iterate(one))
        try:
            return ITERTOOLS[name](*items)
        except (TypeError, ValueError):
            raise RefusedError("raises an exception whenever it runs") from None

    def applied(
        self, function: Value, arguments: Sequence[Value], named: Mapping[str, Value] = _NOTHING
    ) -> Value:
        """What a function that is a value gives."""
        if isinstance(function, Closure):
            return self.call_inner(function, arguments, named)
        if not isinstance(function, Named):
            raise RefusedError("calls what is no function")
        if function.own:
            row = self.module.primitive(function.name)
            if row is not None:
                return self.library.copied(row, [*arguments])
            return self.call(function.name, arguments, named)
        return self.library.call(function.name, [*arguments], named)

    def call_inner(
        self, function: Closure, arguments: Sequence[Value], named: Mapping[str, Value]
    ) -> Value:
        """What a function inside another one returns."""
        raise NotImplementedError

    def written_by(self, name: str, owner: Value, rest: list[Value]) -> None:
        """What a function of ``_WRITING`` does."""
        raise NotImplementedError

    def _named(self, node: ast.Call, scope: Scope) -> dict[str, Value]:
        """The arguments that are given by name."""
        if any(k.arg is None for k in node.keywords):
            raise RefusedError("a call with **")
        return {str(k.arg): self.value(k.value, scope) for k in node.keywords}

    def _new_table(self, node: ast.Call, scope: Scope) -> Value:
        """``dict(...)``, of pairs, of another one, of names."""
        if len(node.args) > 1:
            raise RefusedError("dict with more than one argument")
        pairs: list[Value] = []
        for one in node.args:
            first = self._gone_through(one, scope)
            pairs += first.items() if isinstance(first, Table) else self.library.iterate(first)
        return self.table([*pairs, *self._named(node, scope).items()])

    def _gone_through(self, node: ast.expr, scope: Scope) -> Value:
        if isinstance(node, ast.GeneratorExp):
            return self._comprehension(node, scope)
        return self.iterable(node, scope)

    def _mapped(self, name: str, nodes: Sequence[ast.expr], scope: Scope) -> Value:
        """``map``, ``functools.reduce``."""
        function = self.value(nodes[0], scope)
        if name == "map":
            several = [self.library.iterate(self.iterable(one, scope)) for one in nodes[1:]]
            return (self.applied(function, row) for row in zip(*several, strict=False))
        items = [*self.library.iterate(self.iterable(nodes[1], scope))]
        items[:0] = [self.value(one, scope) for one in nodes[2:]]
        if not items or len(nodes) > 3:
            raise RefusedError("of nothing")
        found = items[0]
        for item in items[1:]:
            self.spend()
            found = self.applied(function, [found, item])
        return found

    def _every(self, name: str, node: ast.expr, scope: Scope) -> Value:
        """``any`` and ``all``, as truths."""
        found: Number = name == "all"
        for item in self.library.iterate(self._gone_through(node, scope)):
            truth: Number = self.numbers.truth(self.arrays.number(item))
            if isinstance(found, Real):
                found = self.numbers.joined(name == "any", found, truth, as_value=False)
            elif bool(found) is (name == "all"):
                found = truth if isinstance(truth, Real) else bool(truth)
        return self.numbers.joined(False, found, found, as_value=False) if isinstance(
            found, Real
        ) else found  # fmt: skip

    def _named_arguments(
        self, node: ast.Call, scope: Scope
    ) -> tuple[list[Value], dict[str, Value]]:
        """The arguments of a function or method of NumPy; the only dtype is float."""
        every, keywords = [*node.args], {k.arg: k.value for k in node.keywords}
        if every and self._is_dtype(every[-1], scope):
            keywords.setdefault("dtype", every.pop())
        if None in keywords or len(keywords) < len(node.keywords):
            raise RefusedError("a call with **")
        named: dict[str, Value] = {}
        for name, value in keywords.items():
            if name == "dtype" and not self._is_dtype(value, scope):
                raise RefusedError("a dtype that is not float")
            named[str(name)] = "float" if name == "dtype" else self.key(value, scope)
        arguments: list[Value] = []
        for one in every:
            if isinstance(one, ast.Constant):
                arguments.append(self.key(one, scope))
            else:
                arguments += self.items([one], scope)
        return arguments, named

    def _is_dtype(self, node: ast.expr, scope: Scope) -> bool:
        if isinstance(node, ast.Constant) and node.value == "float64":
            return True
        named = isinstance(node, (ast.Name, ast.Attribute)) and not self._is_local(node, scope)
        return named and self.module.full_name(node) in FLOATS

    def _method(self, node: ast.Call, function: ast.Attribute, scope: Scope) -> Value:
        owner = self.value(function.value, scope)
        arguments, keywords = self._named_arguments(node, scope)
        result: Value = self.method(owner, function.attr, arguments, keywords)
        return result
