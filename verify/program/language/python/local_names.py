"""Names of one call: what they hold, and which are the function's own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from verify.program.language.refusal import unreadable

__all__ = ["Scope", "bound_names", "read_inside"]

_STATEMENTS = (
    ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr, ast.If, ast.For, ast.While,
    ast.Try, ast.Raise, ast.Assert, ast.Pass, ast.Break, ast.Continue, ast.With, ast.Delete,
    ast.FunctionDef,
)  # fmt: skip


class Scope:
    """The names of one call.

    Args:
        values: What they hold.
        names: Those that belong to the function, bound yet or not.
        inner: Those that its inner functions may read.

    Attributes:
        assigned: Names assigned since the side of an ``if`` that is read began.
        one_sided: Names that may have a value on one side of an ``if`` only.
    """

    __slots__ = ("assigned", "inner", "names", "one_sided", "values")

    def __init__(
        self,
        values: dict[str, object],
        names: frozenset[str],
        inner: frozenset[str] = frozenset(),
    ) -> None:
        self.values = values
        self.names = names
        self.inner = inner
        self.assigned: dict[str, None] = {}  # in order: what is read must not hang on hashes
        self.one_sided: dict[str, None] = {}

    def assign(self, name: str, value: object) -> None:
        """``name = value``."""
        self.values[name] = value
        self.assigned[name] = None


def bound_names(function: ast.FunctionDef) -> frozenset[str]:
    """The parameters and all names that are assigned anywhere in the body.

    Raises:
        UnreadableError: if a statement is not one of the language's.
    """
    every = function.args
    some = (every.vararg, every.kwarg)
    arguments = (*every.posonlyargs, *every.args, *every.kwonlyargs, *filter(None, some))
    return frozenset(a.arg for a in arguments) | frozenset(_assigned(function.body))


def read_inside(tree: ast.FunctionDef) -> frozenset[str]:
    """Names that stand in the inner functions of a function."""
    inner = [
        node for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.Lambda)) and node is not tree
    ]  # fmt: skip
    return frozenset(
        n.id
        for one in inner
        for n in ast.walk(one)
        if isinstance(n, ast.Name) and n.id not in {a.arg for a in one.args.args}
    )


def _assigned(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if not isinstance(statement, _STATEMENTS):
            # Reached or not: an import, a del, a with makes a name the function's own.
            raise unreadable(statement, f"{type(statement).__name__} is never read")
        yield from _bound_by(statement)
        if isinstance(statement, ast.FunctionDef):
            continue  # its names are its own
        for block in ("body", "orelse", "finalbody"):
            yield from _assigned(getattr(statement, block, []))
        for handler in getattr(statement, "handlers", ()):
            if handler.name:
                raise unreadable(handler, "only except Exception")
            yield from _assigned(handler.body)


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef():
            yield statement.name
        case ast.With():
            for item in statement.items:
                if item.optional_vars is not None:
                    yield from _targets(item.optional_vars)
        case ast.Assign() | ast.Delete():
            for target in statement.targets:
                yield from _targets(target)
        case ast.AnnAssign() | ast.AugAssign() | ast.For():
            yield from _targets(statement.target)


def _targets(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield node.id
