"""Early ends: ``return`` and ``continue`` behind a condition, and what else would have run.

``if c: return x`` and ``return y`` behind it give ``x if c else y``: both are read where they
stand, so a sum over rows of what a function returns stays a sum over rows.  ``if c: ...; continue``
is ``if c: ... else:`` with the rest of the body.  Where the two do not go together, each is read on
a way of its own (``ways.py``).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from verify.program.language.memory import Change
from verify.program.language.python.local_names import Scope
from verify.program.language.python.small_statements import SmallStatements
from verify.program.language.read_values import List, OneSided, Real, Value, is_number
from verify.program.language.refusal import OneSideAtATime, RefusedError, UnreadableError

__all__ = ["EarlyEnds", "Returned", "without_continue"]

_MOST = 12  # conditions inside each other whose sides are put together
_ELSEWHERE = ast.Try, ast.Break, ast.Continue


class Returned:
    """A statement returned this."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


class EarlyEnds(SmallStatements):
    """Reads the bodies of functions."""

    _inside = 0

    def run(self, body: Sequence[ast.stmt], scope: Scope) -> Value:
        """What the body of a function returns, None if nothing."""
        result = self._to_the_end(body, scope)
        return result.value if isinstance(result, Returned) else None

    def _to_the_end(self, body: Sequence[ast.stmt], scope: Scope) -> object:
        for k, statement in enumerate(body):
            if _returns_early(statement) and self._may_be_put_together():
                assert isinstance(statement, ast.If)
                rest = body[k + 1 :]
                condition = self.test(statement.test, scope)
                if not isinstance(condition, Real):
                    taken = statement.body if condition else statement.orelse
                    return self._to_the_end([*taken, *rest], scope)
                result: object = self._of_both(statement, condition, rest, scope)
                if result is None:
                    result = self._one_side(statement, condition, scope)
            else:
                result = self._run([statement], scope)
            if result is not None:
                return result
        return None

    def _one_side(self, statement: ast.If, condition: Real, scope: Scope) -> object:
        raise NotImplementedError

    def _may_be_put_together(self) -> bool:
        raise NotImplementedError

    def _of_both(
        self, statement: ast.If, condition: Real, rest: Sequence[ast.stmt], scope: Scope
    ) -> Returned | None:
        """What is returned whichever side a condition is on; None if that is not one value."""
        if self._inside >= _MOST or any(map(_has_others, (statement, *rest))):
            return None
        before, found = (scope.values, scope.assigned, scope.one_sided), list[Value]()
        self._inside += 1
        start = self.memory.clock()
        try:
            for holds, side in ((True, statement.body), (False, statement.orelse)):
                changes, tails = list[Change](), list[tuple[List, list[Value]]]()
                scope.values, scope.assigned, scope.one_sided = dict(before[0]), {}, {**before[2]}
                self._take_side(scope, condition, holds)
                demanded = self.numbers.demands.under(condition.place, holds)
                with self.memory.undone(changes, tails), demanded:
                    result = self._to_the_end([*side, *rest], scope)
                if changes or tails or not isinstance(result, Returned):
                    return None
                found.append(result.value)
            return Returned(self._one_of(condition, found[0], found[1], start))
        except (OneSideAtATime, RefusedError, UnreadableError):
            return None  # perhaps it is read one side at a time
        finally:
            self._inside -= 1
            scope.values, scope.assigned, scope.one_sided = before

    def _take_side(self, scope: Scope, condition: Real, holds: bool) -> None:
        """Give names the values that they have on a side alone."""
        for name in tuple(scope.one_sided):
            value = scope.values.get(name)
            if type(value) is OneSided:
                scope.values[name] = value.on(condition.place, holds)

    def _one_of(self, condition: Real, x: Value, y: Value, start: int) -> Value:
        """``x if condition else y``, also of new lists and tuples of one length."""
        same = x is y or (isinstance(x, Real) and x.same(y))
        if same or (is_number(x) and is_number(y)):
            return x if same else self.numbers.choose(condition, x, y)
        if type(x) is type(y) and type(x) in (tuple, List) and len(x) == len(y):
            if type(x) is List and min(x.born, y.born) < start:
                raise RefusedError("one of two lists that have other names")
            items = [self._one_of(condition, a, b, start) for a, b in zip(x, y, strict=True)]
            return tuple(items) if type(x) is tuple else self.library.new_list(items)
        return self.chosen(condition, x, y)


def _returns_early(statement: ast.stmt) -> bool:
    """True for an ``if`` with a return in it."""
    return isinstance(statement, ast.If) and any(
        isinstance(node, ast.Return) for node in ast.walk(statement)
    )


def _has_others(statement: ast.stmt) -> bool:
    return any(isinstance(node, _ELSEWHERE) for node in ast.walk(statement))


def without_continue(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The body of a loop in which what follows a ``continue`` stands behind ``else``.

    >>> body = ast.parse("while 1:\\n if x:\\n  y = 1\\n  continue\\n y = 2").body[0].body
    >>> print(*map(ast.unparse, without_continue(body)), sep="\\n")
    if x:
        y = 1
    else:
        y = 2
    """
    made: list[ast.stmt] = []
    for k, statement in enumerate(body):
        if isinstance(statement, ast.If):
            rest = body[k + 1 :]
            for side, other in (
                (statement.body, statement.orelse),
                (statement.orelse, statement.body),
            ):
                if side and isinstance(side[-1], ast.Continue):
                    ended = without_continue(side[:-1]) or [ast.copy_location(ast.Pass(), side[-1])]
                    going_on = without_continue([*other, *rest])
                    first = side is statement.body
                    sides = (ended, going_on) if first else (going_on or [ast.Pass()], ended)
                    made.append(ast.copy_location(ast.If(statement.test, *sides), statement))
                    return made
        made.append(statement)
    return made
