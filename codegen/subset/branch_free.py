"""One walk over a function without branches: both sides are computed, then one is chosen.

That is what many points at once need, where each may go another way.  Nothing in the subset has
side effects, so computing a side that is not taken is only work.  What a value, a test and a choice
are says the language: instructions over registers (flat_llvm.py), lines over arrays (to_numpy.py).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from codegen.subset.grammar import (
    Assign,
    Expression,
    Function,
    If,
    Return,
    Rows,
    Statement,
    Together,
    parts,
)
from codegen.subset.read_python import SubsetError

__all__ = ["BranchFree"]

Value = TypeVar("Value")
Test = TypeVar("Test")


class BranchFree(ABC, Generic[Value, Test]):
    """Walks the statements of a function.

    Args:
        function: The function.

    Attributes:
        variables: The values of the variables that have one.
        before: The choices that come before the present one: where a test holds, its value is
            the result.
    """

    def __init__(self, function: Function) -> None:
        self.function = function
        self.variables: dict[str, Value] = {}
        self.before: list[tuple[Test, Value]] = []
        self._sides = 0  # of choices around the present statement that are walked as their first

    # --- what a language says ---

    @abstractmethod
    def evaluated(self, node: Expression) -> Value:
        """The value of an expression."""

    @abstractmethod
    def returned(self, node: Expression) -> Value:
        """The value of an expression that the function returns."""

    @abstractmethod
    def tested(self, node: Expression) -> Test:
        """The value of a condition."""

    @abstractmethod
    def kept(self, name: str, value: Value) -> Value:
        """A value as that of a variable."""

    @abstractmethod
    def chosen(self, test: Test, yes: Value, no: Value) -> Value:
        """``yes`` where the test holds, else ``no``."""

    @abstractmethod
    def merged(self, name: str, test: Test, yes: Value, no: Value) -> Value | None:
        """The same for a variable; None if it has no value afterwards."""

    @abstractmethod
    def rows(self, node: Rows) -> Sequence[Statement]:
        """Compute a loop; what is left to walk of it."""

    def early(self, test: Test, yes: Value, rest: Sequence[Statement]) -> Value:
        """A chance to return before ``rest``, where the test holds everywhere; the value."""
        return yes

    # --- the walk ---

    def result(self) -> Value:
        """What the function returns."""
        found = self._walk(self.function.body)
        if found is None:
            name = self.function.name
            raise SubsetError(f"{name}: may end without a result; expected a return")
        return found

    def _walk(self, statements: Sequence[Statement]) -> Value | None:
        """What the statements return; None if they end without."""
        rest = list(statements)
        while rest:
            node = rest.pop(0)
            match node:
                case Return(value):
                    return self.returned(value)
                case Assign(names, value):
                    found = self.evaluated(value)
                    for name in names:
                        self.variables[name] = self.kept(name, found)
                case Together(names, values):
                    together = [self.evaluated(value) for value in values]
                    for name, found in zip(names, together, strict=True):
                        self.variables[name] = self.kept(name, found)
                case Rows():
                    rest[:0] = self.rows(node)
                case If():
                    if any(isinstance(part, Return) for part in parts(node)):
                        return self._either(node, rest)
                    self._merge(node)
                case _:
                    raise SubsetError(
                        f"{self.function.name}: found a loop that runs as long as its numbers ask "
                        "for; an array form is made of assignments, if, return and loops over "
                        "literal tuples. Give the row a numpy text"
                    )
        return None

    def _either(self, node: If, rest: Sequence[Statement]) -> Value | None:
        """A choice of which one side returns: what follows belongs to both sides."""
        test = self.tested(node.test)
        known = dict(self.variables)
        self._sides += 1
        yes = self._walk([*node.yes, *rest])
        self._sides -= 1
        if yes is None:
            return None
        self.variables = known
        after = [*node.no, *rest]
        if not self._sides:  # inside a side, what holds everywhere is not all that was asked
            yes = self.early(test, yes, after)
        self.before.append((test, yes))
        no = self._walk(after)
        self.before.pop()
        return None if no is None else self.chosen(test, yes, no)

    def _merge(self, node: If) -> None:
        """A choice between values of variables."""
        test = self.tested(node.test)
        known = dict(self.variables)
        self._walk(node.yes)
        first, self.variables = self.variables, dict(known)
        self._walk(node.no)
        second, self.variables = self.variables, {}
        for name, yes in first.items():
            if name in second:
                no = second[name]
                value = yes if yes == no else self.merged(name, test, yes, no)
                if value is not None:
                    self.variables[name] = value
