"""Expressions of a text: what each kind of node means."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from verify.program.language.operations import Operations
from verify.program.language.python.function_values import Closure, Named
from verify.program.language.python.local_names import Scope
from verify.program.language.read_values import (
    Array,
    List,
    Number,
    OneSided,
    Real,
    Table,
    Unsettled,
    Value,
    is_number,
)
from verify.program.language.refusal import RefusedError, unreadable
from verify.program.language.scope import Constant, Function, Module, as_definition
from verify.program.program import ProgramBuilder

__all__ = ["Expressions"]

_ROUND = 20  # expressions that a round of a loop costs
_ONLY = "only arithmetic, conditions, sequences and calls"
_NEW_AXIS = "numpy.newaxis"
_NOTHING: Mapping[str, Value] = MappingProxyType({})
_GENERATOR = "computes its items while others are used; write a list, in [...]"
_UNDER_A_CONDITION = "something is changed under a condition; change it before, or use if"


class Expressions(Operations):
    """Reads expressions.

    Args:
        builder: Where steps are added.
    """

    module: Module

    def __init__(self, builder: ProgramBuilder) -> None:
        super().__init__(builder)
        self.left = 0  # expressions that may still be read
        self._known: list[tuple[int, bool]] = []  # conditions under which an expression is read

    def call(
        self, name: str, arguments: Sequence[Value], named: Mapping[str, Value] = _NOTHING
    ) -> Value:
        """What a function of the text returns."""
        raise NotImplementedError

    # --- any expression ---

    def value(self, node: ast.expr, scope: Scope) -> Value:
        """What an expression is.

        Raises:
            UnreadableError: naming the line and what is not read.
        """
        self.left -= 1
        read = self._READ.get(type(node))
        if read is None:
            raise unreadable(node, _ONLY)
        try:
            return read(self, node, scope)
        except RefusedError as refusal:
            raise unreadable(node, refusal) from None

    def number(self, node: ast.expr, scope: Scope) -> Number:
        """An expression that is one number."""
        return self._as_number(node, self.value(node, scope))

    def _as_number(self, node: ast.expr, value: Value) -> Number:
        if is_number(value):
            found: Number = value
            return found
        try:
            return self.arrays.number(value)
        except RefusedError as refusal:
            raise unreadable(node, refusal) from None

    def test(self, node: ast.expr, scope: Scope) -> Number:
        """A condition: a bool if it does not depend on the inputs."""
        if isinstance(node, ast.BoolOp):  # ``x and y`` need not be y
            found = self._boolean(node, scope, as_value=False)
        else:
            value = self.value(node, scope)
            if value is None or type(value) in (str, List, tuple, range, Table):
                return bool(value)
            found = self._as_number(node, value)
        if not isinstance(found, Real):
            return bool(found)
        try:
            return self.numbers.truth(found)
        except RefusedError as refusal:
            raise unreadable(node, refusal) from None

    # --- leaves ---

    def _constant(self, node: ast.Constant, scope: Scope) -> Value:
        if type(node.value) in (int, float, bool, str) or node.value is None:
            return node.value
        raise RefusedError(_ONLY)

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        try:
            value = scope.values[node.id]
        except KeyError:
            if node.id in scope.names:
                raise unreadable(node, f"{node.id!r} is not defined above this line") from None
            return self._of_the_top_level(node)
        for condition, holds in reversed(self._known):
            if type(value) is OneSided:
                value = value.on(condition, holds)
        if isinstance(value, (OneSided, Unsettled)):
            raise RefusedError(value.why)
        return value

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        if self._is_local(node, scope):
            owner = self.value(node.value, scope)
            if isinstance(owner, Array):
                if node.attr == "shape":
                    return owner.shape
                if node.attr == "size":
                    return len(owner.items)
                if node.attr == "ndim":
                    return len(owner.shape)
                if node.attr == "T":
                    return self.arrays.moved_by_numpy("numpy.transpose", [owner], {})
            raise RefusedError(f"{ast.unparse(node)!r} is not defined above this line")
        return self._of_the_top_level(node)

    def _of_the_top_level(self, node: ast.Name | ast.Attribute) -> Value:
        """A constant, or a function as a value."""
        if not self.library.batches:
            if isinstance(node, ast.Name) and isinstance(self.module.names.get(node.id), Function):
                return Named(node.id, own=True)
            if self.library.knows(name := self.module.full_name(node)):
                return Named(name, own=False)
        return self.module.constant(node)

    def closure(self, tree: ast.FunctionDef, scope: Scope) -> Closure:
        """A function that is defined in another one."""
        if self.library.batches:
            raise RefusedError("emitted code has no inner functions")
        every = tree.args
        defaults = [self.value(one, scope) for one in every.defaults]
        of_names = {
            parameter.arg: self.value(one, scope)
            for parameter, one in zip(every.kwonlyargs, every.kw_defaults, strict=True)
            if one is not None
        }
        return Closure(tree, scope, defaults, of_names)

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Closure:
        return self.closure(as_definition(node, "lambda"), scope)

    def _is_local(self, node: ast.expr, scope: Scope) -> bool:
        """True if an attribute is one of a value, not of a module."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return (
            not isinstance(node, ast.Name)
            or node.id in scope.names
            or isinstance(self.module.names.get(node.id), Constant)
        )

    # --- sequences ---

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Value:
        return tuple(self.items(node.elts, scope))

    def _list(self, node: ast.List, scope: Scope) -> Value:
        return self.library.new_list(self.items(node.elts, scope))

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        if None in node.keys:
            raise RefusedError("a dict with **; write its keys")
        return self.table((self.value(k, scope), self.value(x, scope))
                          for k, x in zip(node.keys, node.values, strict=True) if k)  # fmt: skip

    def _dict_comprehension(self, node: ast.DictComp, scope: Scope) -> Value:
        pair = ast.copy_location(ast.Tuple([node.key, node.value], ast.Load()), node)
        made = ast.copy_location(ast.ListComp(pair, node.generators), node)
        return self.table(self._comprehension(made, scope))

    def items(self, nodes: Sequence[ast.expr], scope: Scope) -> list[Value]:
        """The items of a display, or the arguments of a call."""
        items: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                inside = self.value(node.value, scope)
                try:
                    items += self.library.listed(inside)
                except RefusedError as refusal:
                    raise unreadable(node, refusal) from None
            else:
                items.append(self.value(node, scope))
        return items

    def iterable(self, node: ast.expr, scope: Scope) -> Value:
        """What is gone through: here alone may stand what can be gone through once."""
        if isinstance(node, ast.GeneratorExp):
            raise unreadable(node, _GENERATOR)
        if not isinstance(node, ast.Call):
            return self.value(node, scope)
        try:
            return self._called(node, scope)
        except RefusedError as refusal:
            raise unreadable(node, refusal) from None

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Value:
        every = node.generators
        if any(one.is_async for one in every):
            raise RefusedError(_ONLY)
        # The first is gone through outside; all targets belong to the comprehension from then on.
        iterable = self.iterable(every[0].iter, scope)
        targets = {n.id for one in every for n in ast.walk(one.target) if isinstance(n, ast.Name)}
        values = {name: value for name, value in scope.values.items() if name not in targets}
        items = [*self._generated(node.elt, every, iterable, Scope(values, scope.names | targets))]
        return List(items, self.memory.clock())

    def _generated(
        self,
        element: ast.expr,
        generators: Sequence[ast.comprehension],
        iterable: Value,
        inner: Scope,
    ) -> Iterator[Value]:
        first, *rest = generators
        for item in self.library.iterate(iterable):
            self.spend()
            self.assign(first.target, item, inner)
            if all(self._plain_test(test, inner) for test in first.ifs):
                if rest:
                    nested = self.iterable(rest[0].iter, inner)
                    yield from self._generated(element, rest, nested, inner)
                else:
                    self.library.make(1)
                    yield self.value(element, inner)

    def _plain_test(self, node: ast.expr, scope: Scope) -> bool:
        found = self.test(node, scope)
        if isinstance(found, Real):
            raise unreadable(node, "decides by the inputs how many items there are")
        return bool(found)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        owner = self.value(node.value, scope)
        return self.item(owner, self.key(node.slice, scope))

    def key(self, node: ast.expr, scope: Scope) -> Value:
        """An index: an int, a text, None, a slice, a list of ints, a tuple of these."""
        match node:
            case ast.Slice():
                bounds = (node.lower, node.upper, node.step)
                return slice(*(None if b is None else self.key(b, scope) for b in bounds))
            case ast.Tuple():
                return tuple(self.key(part, scope) for part in node.elts)
            case ast.Constant(value=str() | None) | ast.Constant(value=builtins.Ellipsis):
                return node.value
            case ast.Attribute() if not self._is_local(node, scope):
                return None if self.module.full_name(node) == _NEW_AXIS else self.value(node, scope)
        return self.value(node, scope)

    # --- operators ---

    def _binary(self, node: ast.BinOp, scope: Scope) -> Value:
        spine = [node]  # x + y + z + ... is as deep as it is long
        while isinstance(spine[-1].left, ast.BinOp):
            spine.append(spine[-1].left)
        result = self.value(spine[-1].left, scope)
        for part in reversed(spine):
            right = self.value(part.right, scope)
            try:
                result = self.operate(type(part.op), result, right)
            except RefusedError as refusal:
                raise unreadable(part, refusal) from None
        return result

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Value:
        if isinstance(node.op, ast.Not):
            return self.numbers.unary(ast.Not, self.test(node.operand, scope))
        x = self.value(node.operand, scope)
        if isinstance(x, Array):
            return self.arrays.unary(type(node.op), x)
        return self.numbers.unary(type(node.op), self.arrays.number(x))

    def _comparison(self, node: ast.Compare, scope: Scope) -> Value:
        left = self.value(node.left, scope)
        result: Value = True
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(result, Real):  # the rest is computed only where this holds
                right = self._conditionally(result.place, True, self.value, right_node, scope)
            else:
                right = self.value(right_node, scope)
            test = self.compared(type(op), left, right)
            if len(node.ops) > 1 and not is_number(test):
                raise RefusedError("a chain of comparisons of arrays; write them one by one")
            if test is False and result is True:
                return False
            result = test if result is True else self.conjunction(result, test)
            left = right
        return result

    def _boolean_value(self, node: ast.BoolOp, scope: Scope) -> Value:
        return self._boolean(node, scope, as_value=True)

    def _boolean(self, node: ast.BoolOp, scope: Scope, as_value: bool) -> Number:
        """``and`` and ``or``: operands behind one that decides are not computed."""
        disjunction = isinstance(node.op, ast.Or)

        def read(operand: ast.expr) -> Number:
            if not as_value:
                return self.test(operand, scope)
            value: Number = self.value(operand, scope)
            if not is_number(value):
                raise unreadable(operand, "only numbers are chosen between")
            return value

        result = read(node.values[0])
        for operand in node.values[1:]:
            if not isinstance(result, Real):
                if bool(result) is disjunction:
                    return result
                result = read(operand)
            else:
                other = self._conditionally(result.place, not disjunction, read, operand)
                result = self.numbers.joined(disjunction, result, other, as_value)
        return result

    def _choice(self, node: ast.IfExp, scope: Scope) -> Value:
        condition = self.test(node.test, scope)
        if not isinstance(condition, Real):
            return self.value(node.body if condition else node.orelse, scope)
        sides = [
            self._conditionally(condition.place, holds, self.value, side, scope)
            for holds, side in ((True, node.body), (False, node.orelse))
        ]
        return self.chosen(condition, *sides)

    def _conditionally(
        self, condition: int, holds: bool, read: Callable[..., object], *arguments: object
    ) -> Any:
        """Read what Python computes under a condition: it must not change anything."""
        self._known.append((condition, holds))
        try:
            with self.memory.kept(_UNDER_A_CONDITION), self.numbers.demands.under(condition, holds):
                return read(*arguments)
        finally:
            self._known.pop()

    def _called(self, node: ast.Call, scope: Scope) -> Value:
        """What a call gives, perhaps to be gone through once."""
        raise NotImplementedError

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        result = self._called(node, scope)
        if isinstance(result, Iterator):
            raise RefusedError("can be gone through once only; write list() around it")
        return result

    def spend(self) -> None:
        """Note that a loop goes round, or a function is called."""
        self.left -= _ROUND
        if self.left < 0:
            raise RefusedError("loops and calls that run for too long")

    def assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """``target = value``."""
        raise NotImplementedError

    _READ: ClassVar[dict[type[ast.expr], Callable[[Any, Any, Scope], Value]]] = {
        ast.Name: _name,
        ast.Constant: _constant,
        ast.Attribute: _attribute,
        ast.Tuple: _tuple,
        ast.List: _list,
        ast.Dict: _dict,
        ast.DictComp: _dict_comprehension,
        ast.Lambda: _lambda,
        ast.ListComp: _comprehension,
        ast.Subscript: _subscript,
        ast.BinOp: _binary,
        ast.UnaryOp: _unary,
        ast.Compare: _comparison,
        ast.BoolOp: _boolean_value,
        ast.IfExp: _choice,
        ast.Call: _call,
    }
