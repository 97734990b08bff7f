"""Where code that runs is written, and no other: files are edited, names are copied.

What a file says is compiled and compared with the code, constants and names included.
"""

from __future__ import annotations

import ast
import linecache
import types
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Written", "compiled_as", "written"]

_FUTURE = 0x1FF0000  # flags of ``from __future__ import ...``


class Written(NamedTuple):
    """Where a function is written.

    Args:
        text: Of the file.
        imports: Of the file: CPython compiles calls of what it imports in a way of its own.
        statement: Of the file, that holds the function; of a class the head and the method alone.
    """

    text: str
    imports: list[ast.stmt]
    statement: ast.stmt

    def definition(self, code: types.CodeType) -> ast.FunctionDef | None:
        """The definition of ``code`` inside the statement, None if it has none of its own."""
        for node in ast.walk(self.statement):
            if isinstance(node, ast.FunctionDef) and _first(node) == code.co_firstlineno:
                return node if node.name == code.co_name else None
        return None


def written(code: types.CodeType) -> Written | None:
    """Where the code of a function is written, None if what the file says now is not what runs.

    >>> def square(x):
    ...     return x * x
    >>> ast.unparse(written(square.__code__).statement.body)
    'return x * x'
    """
    text, line = "".join(linecache.getlines(code.co_filename)), code.co_firstlineno
    try:
        lines, imports = _outline(text)
        first, last = next(each for each in lines if each[0] <= line <= each[1])
        around = text.split("\n")[first - 1 : last]
        statement = _holding(ast.parse("\n" * (first - 1) + "\n".join(around)).body, line)
        if statement is None:
            return None
        same = compiled_as(code, [*imports, statement]) == code
    except (SyntaxError, ValueError, RecursionError, StopIteration):
        return None
    return Written(text, imports, statement) if same else None


@lru_cache(maxsize=4)
def _outline(text: str) -> tuple[list[tuple[int, int]], list[ast.stmt]]:
    """Where each statement of a file begins and ends, and its imports: long files are read once."""
    body = ast.parse(text).body
    lines = [(_first(statement), statement.end_lineno or 0) for statement in body]
    return lines, [one for one in body if isinstance(one, (ast.Import, ast.ImportFrom))]


def codes_within(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code of a function, and of those inside it."""
    pending = [code]
    while pending:
        one = pending.pop()
        yield one
        pending += [c for c in one.co_consts if isinstance(c, types.CodeType)]


def compiled_as(code: types.CodeType, body: list[ast.stmt]) -> types.CodeType | None:
    """What stands in statements of a file where ``code`` does, compiled; None if nothing does."""
    flags = code.co_flags & _FUTURE
    module = compile(ast.Module(body, []), code.co_filename, "exec", flags, dont_inherit=True)
    found = [one for one in codes_within(module) if _head(one) == _head(code)]
    return found[0] if len(found) == 1 else None


def _holding(body: Sequence[ast.stmt], line: int) -> ast.stmt | None:
    """The statement that holds a line; of a class its head and the method alone."""
    for statement in body:
        first = _first(statement)
        if first <= line <= (statement.end_lineno or first):
            if isinstance(statement, ast.ClassDef) and (inside := _holding(statement.body, line)):
                statement.body = [inside]
            return statement
    return None


def _first(statement: ast.stmt) -> int:
    """The first line of a statement, decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *[d.lineno for d in decorators]])


def _head(code: types.CodeType) -> tuple[object, ...]:
    count = code.co_argcount + code.co_kwonlyargcount
    return code.co_name, code.co_firstlineno, code.co_varnames[:count], code.co_qualname
