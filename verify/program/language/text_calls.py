"""Calls in a text: of its own functions, of libraries', of methods."""

from __future__ import annotations

import ast

from verify.program.language.arrays.numpy_names import NAMED
from verify.program.language.read_values import Value
from verify.program.language.refusal import RefusedError
from verify.program.language.scalars.known_rows import EXHAUSTING, FLOATS, ITERATING
from verify.program.language.scope import Function, Scope
from verify.program.language.text_expressions import Expressions

__all__ = ["Calls"]

_ADDING = "numpy.add.at"


class Calls(Expressions):
    """Reads calls."""

    def _called(self, node: ast.Call, scope: Scope) -> Value:
        function = node.func
        local = self._is_local(function, scope)
        if local and isinstance(function, ast.Attribute):
            return self._method(node, function, scope)
        name = "" if local else self.module.full_name(function)
        if not local and isinstance(function, ast.Name):
            meaning = self.module.names.get(function.id)
            row = self.module.primitive(function.id)
            if row is not None and not node.keywords:
                return self.library.copied(row, self.items(node.args, scope))
            if isinstance(meaning, Function):
                return self.call(function.id, self._arguments(node, function.id, meaning, scope))
        if name == _ADDING and not node.keywords and len(node.args) == 3:
            owner, key, more = node.args
            self.added_at(self.value(owner, scope), self.key(key, scope), self.value(more, scope))
            return None
        if not self.library.knows(name):
            raise RefusedError(f"{ast.unparse(function)!r} is no function with a derivative")
        if name in NAMED:
            return self.library.call(name, *self._named_arguments(node, scope))
        if node.keywords:
            raise RefusedError("a call with keywords")
        if (
            name in EXHAUSTING
            and len(node.args) == 1
            and isinstance(generator := node.args[0], ast.GeneratorExp)
        ):
            return self.library.call(name, [self._comprehension(generator, scope)])
        if name in ITERATING and not any(isinstance(a, ast.Starred) for a in node.args):
            return self.library.call(name, [self.iterable(a, scope) for a in node.args])
        return self.library.call(name, self.items(node.args, scope))

    def added_at(self, owner: Value, key: Value, more: Value) -> None:
        """``numpy.add.at``."""
        raise NotImplementedError

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
        named = isinstance(node, (ast.Name, ast.Attribute)) and not self._is_local(node, scope)
        return named and self.module.full_name(node) in FLOATS

    def _arguments(
        self, node: ast.Call, name: str, function: Function, scope: Scope
    ) -> list[Value]:
        """Arguments of a function of the text in the order of its parameters."""
        arguments = self.items(node.args, scope)
        if not node.keywords:
            return arguments
        named = {k.arg: self.value(k.value, scope) for k in node.keywords}
        parameters = [a.arg for a in function.head.args][: len(arguments) + len(named)]
        rest = parameters[len(arguments) :] if not function.head.posonlyargs else []
        if set(rest) != named.keys() or len(named) != len(node.keywords):
            raise RefusedError(f"keywords that do not fill the parameters of {name} in order")
        return [*arguments, *(named[parameter] for parameter in rest)]

    def _method(self, node: ast.Call, function: ast.Attribute, scope: Scope) -> Value:
        owner = self.value(function.value, scope)
        arguments, keywords = self._named_arguments(node, scope)
        result: Value = self.method(owner, function.attr, arguments, keywords)
        return result
