"""Whether the words of a text mean what they do in ours, so that what it says of ties does.

``untied.py`` takes out of a text what is, to the letter, written for its function.  That holds only
if nothing else at the top level of the file gives its words another meaning: a name bound once
more, a helper that is another one.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Sequence

from codegen.language.syntax import syntax_tree
from verify.program.language.scope import copied

__all__ = ["rest_of"]

_TOP = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
# What binds names, or runs, in ways that nobody looks for.
_HIDDEN = (
    ast.NamedExpr, ast.Lambda, ast.Global, ast.Nonlocal, ast.ClassDef, ast.Import, ast.ImportFrom,
    ast.AsyncFunctionDef, ast.With, ast.Delete, ast.Match, ast.AugAssign, ast.JoinedStr,
)  # fmt: skip
_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_MINE = re.compile(r"^(?:def +)?(_\w+)(?=\(| = )", re.MULTILINE)
# What statements for ties name, and what is called so beside a parameter of that name.
_OURS = re.compile("(?:np|math|abs|float|ArithmeticError|Exception)_*")


def rest_of(source: str, texts: Sequence[str]) -> tuple[str, list[ast.FunctionDef]] | None:
    """A text without ours, on the same lines, and its functions; None if words mean other things.

    Args:
        source: The text.
        texts: What it holds for ties, once each, as it is written for the function.
    """
    if "\r" in source or any(source.count(text) != 1 for text in texts):
        return None  # a carriage return ends lines for Python alone; emitters write none
    rest, taken = source, list[tuple[int, int]]()
    for text in texts:
        before, after = rest.split(text)
        first, lines = before.count("\n") + 1, text.count("\n")
        if before[-1:] not in ("", "\n") or "\n" not in (text[-1:], after[:1] or "\n"):
            return None
        rest = f"{before}{chr(10) * lines}{after}"
        taken.append((first, first + lines - text.endswith("\n")))
    try:
        body = syntax_tree(rest).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not all(isinstance(node, _TOP) for node in body) or any(map(_hides, body)):
        return None
    if any(_begins(node) <= last and first <= (node.end_lineno or 0) for node in body
           for first, last in taken):  # fmt: skip
        return None  # ours stood inside a statement, or a string
    top: dict[str, list[ast.stmt]] = {}
    for node in body:
        for name in _bound(node):
            top.setdefault(name, []).append(node)
    words = {word for text in texts for word in _WORD.findall(text)}
    words |= {name for name in top if _OURS.fullmatch(name)}
    mine = {name for text in texts for name in _MINE.findall(text)}
    if mine & top.keys() or not all(_is_ours(name, top) for name in sorted(words & top.keys())):
        return None
    return rest, [node for node in body if isinstance(node, ast.FunctionDef)]


def _begins(node: ast.stmt) -> int:
    """The line where a statement begins."""
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return min([node.lineno, *[one.lineno for one in decorators]])


def _hides(node: ast.stmt) -> bool:
    """True if something in a statement of the top level binds or runs what nobody looks for."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return False
    if isinstance(node, ast.FunctionDef) and copied(node) is not None:
        return False
    return any(isinstance(x, _HIDDEN) for x in ast.walk(node))


def _bound(node: ast.stmt) -> list[str]:
    """The names that a statement of the top level binds."""
    match node:
        case ast.FunctionDef():
            return [node.name]
        case ast.Import() | ast.ImportFrom():
            return [(name.asname or name.name).partition(".")[0] for name in node.names]
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and _is_stored(n)]


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _free(node: ast.AST) -> set[str]:
    """Names that a function, or a constant, takes from outside."""
    names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
    parameters = {a.arg for a in ast.walk(node) if isinstance(a, ast.arg)}
    return {n.id for n in names} - {n.id for n in names if _is_stored(n)} - parameters


def _is_ours(name: str, top: dict[str, list[ast.stmt]]) -> bool:
    """True if a name means what it does in every file of ours."""
    left, seen = [name], set[str]()
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        nodes = top.get(name, [])
        if not nodes:
            if not hasattr(builtins, name):
                return False
        elif len(nodes) == 1 and (other := _aside(nodes[0], name)):
            left.append(other)
        elif len(nodes) > 1 or not _is_imported(nodes[0], name):
            node = nodes[-1]
            if not isinstance(node, ast.FunctionDef) or len(nodes) > 1 or copied(node) is None:
                return False
            left += _free(node)
    return True


def _aside(node: ast.stmt, name: str) -> str:
    """What ``name_ = name`` names beside a parameter of that name; "" of anything else."""
    match node:
        case ast.Assign(targets=[ast.Name()], value=ast.Name(id=other)):
            return other if name != other == name.rstrip("_") else ""
    return ""


def _is_imported(node: ast.stmt, name: str) -> bool:
    """True of a name that stands for what is called so in ``math``, or for a module."""
    match node:
        case ast.Import(names=[ast.alias(name=module, asname=alias)]):
            return (module, alias, name) in (("math", None, "math"), ("numpy", "np", "np"))
        case ast.ImportFrom(module="math", level=0):
            names = [x for x in node.names if (x.asname or x.name) == name]
            return [x.name for x in names] in ([name], [name.rstrip("_")])
    return False
