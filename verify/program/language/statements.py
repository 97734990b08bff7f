"""Statements of a text: what each kind of node means."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from verify.program.language.arrays.decided_places import OUTSIDE
from verify.program.language.memory import Change, together
from verify.program.language.python.local_names import Scope
from verify.program.language.python.returns import EarlyEnds, Returned, without_continue
from verify.program.language.python.small_statements import SmallStatements
from verify.program.language.read_values import (
    Array,
    List,
    Number,
    OneSided,
    Real,
    Unsettled,
    Value,
    is_number,
)
from verify.program.language.refusal import OneSideAtATime, RefusedError, unreadable
from verify.program.language.ways import Ways
from verify.program.program import ProgramBuilder

__all__ = ["Statements"]

_CHANGED_IN_TRY = "changes what was made before the try, and the change survives an exception"
_DECIDED = 32  # rounds of a loop that goes on by the inputs
_STATEMENTS = "only assignments, if, for, while, calls and a return"


_BREAK, _CONTINUE = object(), object()


class Statements(EarlyEnds):
    """Reads statements.

    Args:
        builder: Where steps are added.

    Attributes:
        noted: Lines of conditions whose places are kept.
        conditions: These places, of the way that is read.
    """

    def __init__(self, builder: ProgramBuilder) -> None:
        super().__init__(builder)
        self.paths = Ways()
        self.arrays.decide = self.decided
        self.noted: Mapping[int, object] = {}
        self.conditions: dict[int, int] = {}

    def _may_be_put_together(self) -> bool:
        return self.paths.active and not self.noted and not self.library.batches

    def _run(self, body: Sequence[ast.stmt], scope: Scope) -> Returned | object | None:
        """Run statements: a ``Returned``, ``_BREAK``, ``_CONTINUE``, or None at their end."""
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

    def _return(self, statement: ast.Return, scope: Scope) -> Returned:
        if statement.value is None:
            raise RefusedError("a return without a value")
        return Returned(self.value(statement.value, scope))

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
            scope.assign(target.id, value)
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
        stars = [i for i, one in enumerate(target.elts) if isinstance(one, ast.Starred)]
        if stars and len(items) >= len(target.elts) - 1:
            (at,) = stars
            stop = len(items) - (len(target.elts) - 1 - at)
            items[at:stop] = [self.library.new_list(items[at:stop])]
        elif len(items) != len(target.elts):
            raise unreadable(target, f"{len(target.elts)} names for {len(items)} items")
        for one, item in zip(target.elts, items, strict=True):
            self.assign(one.value if isinstance(one, ast.Starred) else one, item, scope)

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
            if isinstance(owner, Array):
                self._change_part(kind, owner, key, statement.value, scope)
                return
            old = self.item(owner, key)
            if not is_number(old):
                raise RefusedError("an item that is no number is changed in place; assign to it")
            self._write(owner, key, self.operate(kind, old, self.value(statement.value, scope)))
        else:
            raise RefusedError("only names and items are assigned to")

    def _expression(self, statement: ast.Expr, scope: Scope) -> None:
        if isinstance(statement.value, ast.Call):
            self.value(statement.value, scope)
        elif not isinstance(statement.value, ast.Constant):
            raise unreadable(statement, _STATEMENTS)

    # --- ways ---

    def _if(self, statement: ast.If, scope: Scope) -> object:
        noted = statement.lineno in self.noted
        condition = (self.number if noted else self.test)(statement.test, scope)
        if noted:
            place = self.numbers.place(condition)
            if self.conditions.setdefault(statement.lineno, place) != place:
                raise RefusedError("asks twice where switches tie")
        if not isinstance(condition, Real):
            return self._run(statement.body if condition else statement.orelse, scope)
        if not self.paths.active:
            raise RefusedError(OUTSIDE)
        if _leaves(statement):
            return self._one_side(statement, condition, scope)
        return self._both_sides(statement, condition, scope)

    def _one_side(self, statement: ast.If, condition: Real, scope: Scope) -> object:
        """Read one side, and what follows, where the condition says so."""
        holds = self.decided(condition)
        return self._run(statement.body if holds else statement.orelse, scope)

    def decided(self, condition: Number) -> bool:
        """Whether a condition holds on the way that is read."""
        if not isinstance(condition, Real):
            return bool(condition)
        if not self.paths.active:
            raise RefusedError(OUTSIDE)
        if self._inside and not self.paths.knows(condition.place):
            raise OneSideAtATime  # ways part where nothing is put together
        holds = self.paths.side(condition.place)
        self.numbers.demands.hold(condition.place, holds)
        return holds

    def _both_sides(self, statement: ast.If, condition: Real, scope: Scope) -> object:
        """Read both sides, and put together what they leave behind."""
        before, assigned, left = scope.values, scope.assigned, []
        looked_at = dict(scope.one_sided)  # what else a side does not assign, it leaves as it was
        for holds, block in ((True, statement.body), (False, statement.orelse)):
            changes: list[Change] = []
            tails: list[tuple[List, list[Value]]] = []
            scope.values, scope.assigned = dict(before), {}
            self._take_side(scope, condition, holds)
            demanded = self.numbers.demands.under(condition.place, holds)
            try:
                with self.memory.undone(changes, tails), demanded:
                    self._run(block, scope)
            except OneSideAtATime:
                scope.values, scope.assigned = before, assigned
                return self._one_side(statement, condition, scope)
            left.append((scope.values, changes, tails))
            looked_at |= scope.assigned
        (then, changed, longer), (other, changed_else, longer_else) = left
        ends = self._ends(condition, longer, longer_else)
        values = {
            name: self._left(condition, then.get(name), other.get(name), name)
            for name in looked_at
            if name in then or name in other
        }
        cells = together(changed, changed_else)
        settled = [self._either(condition, x, y, "an item") for _, _, x, y in cells]
        scope.values, scope.assigned = before, assigned
        if (
            any(
                isinstance(value, Unsettled) and name in then and name in other
                for name, value in values.items()
            )
            or ends is None
            or any(isinstance(value, Unsettled) for value in settled)
        ):
            # Lists or arrays that are not the same: one side at a time.
            return self._one_side(statement, condition, scope)
        scope.values = dict(before)
        for name, left_in_it in values.items():
            scope.assign(name, left_in_it)
            if type(left_in_it) is OneSided:
                scope.one_sided[name] = None
        for (owner, key, _, _), value in zip(cells, settled, strict=True):
            self.memory.change(owner, key, value)
        for owner, items in ends:
            self.memory.grow(owner, at_end=True)
            owner.extend(items)
        return None

    def _ends(
        self,
        condition: Real,
        tails: list[tuple[List, list[Value]]],
        tails_else: list[tuple[List, list[Value]]],
    ) -> list[tuple[List, list[Value]]] | None:
        """What lists get on both sides of an ``if``; None if that is not of one length."""
        here, there = ({id(owner): items for owner, items in t} for t in (tails, tails_else))
        ends = []
        for owner in {id(owner): owner for owner, _ in (*tails, *tails_else)}.values():
            columns = here.get(id(owner), []), there.get(id(owner), [])
            if len({*map(len, columns)}) > 1:
                return None
            items = [
                self._either(condition, x, y, "an item") for x, y in zip(*columns, strict=True)
            ]
            if any(isinstance(item, Unsettled) for item in items):
                return None
            ends.append((owner, items))
        return ends

    def _left(self, condition: Real, x: Value | None, y: Value | None, name: str) -> Value:
        """What a name holds after an ``if``, given what each side left in it, if anything."""
        for holds, own, elsewhere in ((True, x, y), (False, y, x)):
            unset = elsewhere is None or (
                type(elsewhere) is OneSided
                and elsewhere.on(condition.place, holds) is not elsewhere
            )
            if own is not None and own is not elsewhere and unset and type(own) is not Unsettled:
                why = f"{name!r} is assigned on one side of an if only"
                return OneSided(condition.place, holds, own, why)
        if x is None or y is None:
            return Unsettled(f"{name!r} is assigned on one side of an if only")
        return self._either(condition, x, y, f"{name!r}")

    def _either(self, condition: Real, x: Value, y: Value, what: str) -> Value:
        """What is x where a condition holds, and y elsewhere."""
        if x is y or (isinstance(x, Real) and x.same(y)):
            return x
        if is_number(x) and is_number(y):
            return self.numbers.choose(condition, x, y)
        if type(x) is OneSided and type(y) is OneSided and x.is_of(y.condition, y.holds):
            inside = self._either(condition, x.value, y.value, what)
            if type(inside) is not Unsettled:
                return OneSided(x.condition, x.holds, inside, x.why)
        return Unsettled(f"{what} is something else on the other side of an if")

    def _try(self, statement: ast.Try, scope: Scope) -> object:
        handler = self._handler(statement, scope)
        if not self.paths.undisturbed():
            with self.numbers.demands.excepted():
                return self._run(handler.body, scope)
        before, raising, forks = dict(scope.values), self.numbers.demands.count, self.paths.forks()
        with self.memory.kept(_CHANGED_IN_TRY), self.numbers.demands.caught():
            result = self._run(statement.body, scope)
        if self.numbers.demands.count == raising and self.paths.forks() == forks:
            self.paths.settle(forks)  # nothing in it raises
        _check_unchanged(statement, handler, before, scope)
        return result

    def _handler(self, statement: ast.Try, scope: Scope) -> ast.ExceptHandler:
        if len(statement.handlers) != 1 or statement.orelse or statement.finalbody:
            raise RefusedError("only try, one except clause, and nothing after it")
        handler = statement.handlers[0]
        for body in (statement.body, handler.body):
            if not isinstance(body[-1], ast.Return):
                raise unreadable(body[-1], "try and except must each end in a return")
        caught = handler.type
        plain = isinstance(caught, ast.Name) and caught.id not in scope.names
        if handler.name or not plain or self.module.full_name(caught) != "Exception":  # type: ignore[arg-type]
            raise RefusedError("only except Exception")
        return handler

    # --- loops ---

    def _body(self, statement: ast.For | ast.While) -> Sequence[ast.stmt]:
        return statement.body if self.noted else without_continue(statement.body)

    def _for(self, statement: ast.For, scope: Scope) -> Returned | None:
        if statement.orelse:
            raise RefusedError("a loop with else")
        body = self._body(statement)
        for item in self.library.iterate(self.iterable(statement.iter, scope)):
            self.spend()
            self.assign(statement.target, item, scope)
            result = self._run(body, scope)
            if result is _BREAK:
                break
            if isinstance(result, Returned):
                return result
        return None

    def _while(self, statement: ast.While, scope: Scope) -> Returned | None:
        if statement.orelse:
            raise RefusedError("a loop with else")
        decided, body = 0, self._body(statement)
        while True:
            condition = self.test(statement.test, scope)
            decided += isinstance(condition, Real)
            if decided > _DECIDED:
                raise RefusedError(
                    "a loop whose length depends on the inputs; use for over a range"
                )
            if not self.decided(condition):
                return None
            self.spend()
            result = self._run(body, scope)
            if result is _BREAK:
                return None
            if isinstance(result, Returned):
                return result

    _RUN: ClassVar[dict[type[ast.stmt], Callable[[Any, Any, Scope], object]]] = {
        ast.Assign: _assignment,
        ast.Return: _return,
        ast.AnnAssign: _annotated,
        ast.AugAssign: _augmented,
        ast.Expr: _expression,
        ast.If: _if,
        ast.For: _for,
        ast.While: _while,
        ast.Try: _try,
        ast.With: SmallStatements._with,
        ast.Delete: SmallStatements._delete,
        ast.FunctionDef: SmallStatements._definition,
        ast.Assert: SmallStatements._assert,
        ast.Pass: lambda *_: None,
        ast.Break: lambda *_: _BREAK,
        ast.Continue: lambda *_: _CONTINUE,
    }


def _leaves(statement: ast.If) -> bool:
    """True if a side may end what it stands in."""
    leaving = (ast.Return, ast.Break, ast.Continue, ast.Try)
    return any(isinstance(node, leaving) for node in ast.walk(statement))


def _check_unchanged(
    statement: ast.Try,
    handler: ast.ExceptHandler,
    before: dict[str, Value],
    scope: Scope,
) -> None:
    """An exception may come at any moment: what the handler reads must be the same at each."""
    read = {n.id for line in handler.body for n in ast.walk(line) if isinstance(n, ast.Name)}
    read |= scope.inner  # by functions that it may call
    written = [
        (node.id, part)
        for part in statement.body
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in read
    ]
    for name, part in written:
        old, new = before.get(name), scope.values.get(name)
        same = old is new or (isinstance(old, Real) and old.same(new))
        once = sum(name == other for other, _ in written) == 1 and isinstance(part, ast.Assign)
        if name not in before or not same or not once:
            raise unreadable(part, f"{name!r} changes inside try, and except reads it")
