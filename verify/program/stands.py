"""Whether what a text says of ties does what it seems to do.

``untied.py`` takes statements and functions out of a text because they are, to the letter, what is
written for the function.  That holds only if nothing else in the file gives their words another
meaning: a name bound once more, a condition that does something, a helper that is another one.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Sequence

from codegen.language.syntax import syntax_tree
from verify.program.language.scope import copied

__all__ = ["keeps", "stands"]

_TOP = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
# What binds names, or runs, in ways that nobody looks for.
_HIDDEN = (
    ast.NamedExpr, ast.Lambda, ast.Global, ast.Nonlocal, ast.ClassDef, ast.Import, ast.ImportFrom,
    ast.AsyncFunctionDef, ast.With, ast.Delete, ast.Match, ast.AugAssign, ast.JoinedStr,
)  # fmt: skip
_PLAIN = (
    ast.Name, ast.Load, ast.Constant, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.USub, ast.Not,
    ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.Div, ast.List, ast.Starred, ast.Subscript, ast.Slice,
)  # fmt: skip
_COUNTED = re.compile(r"np_*\.count_nonzero")
_UNBOUNDED = ("inf", "nan")  # of NumPy; what is settled is read where it is returned, too
_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_MINE = re.compile(r"^(?:def +)?(_\w+)(?=\(| = )", re.MULTILINE)
_FLOAT, _RAISED = re.compile("float_*"), re.compile("ArithmeticError_*")
_OURS = frozenset({"np", "math", "abs", "float", "ArithmeticError", "Exception"})


def stands(source: str, texts: Sequence[str]) -> bool:
    """True if statements for ties in ``source`` mean what they say, and ``texts`` are its own.

    Args:
        source: The text.
        texts: What it holds for ties, once each, as it is written for the function.
    """
    if "\r" in source:  # which ends lines for Python alone; emitters write none
        return False
    rest, lines = _without(source, texts)
    try:
        tree, whole = syntax_tree(rest), syntax_tree(source)
    except (SyntaxError, ValueError, RecursionError):
        return False
    if _begins_in_a_string(whole, source, texts):
        return False
    if not all(isinstance(node, _TOP) for node in tree.body) or any(map(_hides, tree.body)):
        return False
    if any(_is_inside_a_statement(tree, line) for line in lines):
        return False
    top: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        for name in _bound(node):
            top.setdefault(name, []).append(node)
    words = {word for text in texts for word in _WORD.findall(text)} | _OURS
    mine = {name for text in texts for name in _MINE.findall(text)}
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return (
        not mine & top.keys()
        and all(_is_ours(name, top) for name in sorted(words & top.keys()))
        and all(map(_is_plain_at_ties, functions))
    )


def _without(source: str, texts: Sequence[str]) -> tuple[str, list[int]]:
    """A source without some texts, and the lines before which they stood."""
    starts = sorted((source.index(text), len(text)) for text in texts)
    parts, lines, end = list[str](), list[int](), 0
    for start, length in starts:
        parts.append(source[end:start])
        lines.append(sum(part.count("\n") for part in parts) + 1)
        end = start + length
    return "".join([*parts, source[end:]]), lines


def _begins_in_a_string(tree: ast.Module, source: str, texts: Sequence[str]) -> bool:
    """True if one of the texts begins in a string of the source, which nobody runs."""
    code = source.encode()
    lines = [0, *(i + 1 for i, byte in enumerate(code) if byte == ord("\n"))]
    starts = [code.index(text.encode()) for text in texts]
    return any(
        lines[n.lineno - 1] + n.col_offset < start < lines[n.end_lineno - 1] + n.end_col_offset
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, (str, bytes))
        if n.end_lineno is not None and n.end_col_offset is not None
        for start in starts
    )


def _is_inside_a_statement(tree: ast.Module, line: int) -> bool:
    """True if a statement of the top level begins before a line and ends there or behind it."""
    return any(node.lineno < line <= (node.end_lineno or 0) for node in tree.body)


def keeps(source: str, count: int) -> bool:
    """True if nobody stores at the first ``count`` places of a list."""
    nodes = [*ast.walk(syntax_tree(source))]
    plain = {
        id(n.targets[0])
        for n in nodes
        if isinstance(n, ast.Assign) and len(n.targets) == 1 and _place(n.targets[0]) >= count
    }
    stored = [n for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)]
    return all(id(n) in plain for n in stored)


def _place(target: ast.expr) -> int:
    """The place of a list that is stored at, -1 if nobody knows."""
    match target:
        case ast.Subscript(value=ast.Name(), slice=ast.Constant(value=int(place))):
            return place
    return -1


def _hides(node: ast.stmt) -> bool:
    """True if something in a statement of the top level binds or runs what nobody looks for.

    A string that is no docstring may begin or end where a statement was taken out.
    """
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return False
    if isinstance(node, ast.FunctionDef) and copied(node) is not None:
        return False
    first = node.body[0] if isinstance(node, ast.FunctionDef) else node
    docstring = first.value if isinstance(first, ast.Expr) else None
    return any(
        isinstance(x, _HIDDEN)
        or (
            isinstance(x, ast.Constant) and isinstance(x.value, (str, bytes)) and x is not docstring
        )
        for x in ast.walk(node)
    )


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


# --- functions ---


def _is_plain_at_ties(function: ast.FunctionDef) -> bool:
    """True if statements for ties in a function rest on what its parameters were."""
    forward = function.name.removeprefix("_").removesuffix("_ieee") == "forward"
    asked = [n for n in ast.walk(function) if isinstance(n, ast.If)]
    statements = [n for n in asked if _is_of_ties(n, forward)]
    if not statements:
        return True
    nodes = [*ast.walk(function)]
    if any(isinstance(n, (ast.FunctionDef, ast.For, ast.While)) for n in nodes[1:]):
        return False
    if any(isinstance(n, ast.ExceptHandler) and n.name for n in nodes):
        return False
    if not all(_is_plain_test(n.test) for n in statements):
        return False
    caught = {id(x) for n in nodes if isinstance(n, ast.Try) for x in n.body}
    if not all(id(n) in caught for n in statements if isinstance(n.body[0], ast.Raise)):
        return False
    bars: set[str] = set()
    for statement in statements:
        first = statement.body[0]
        if isinstance(first, ast.Assign):
            if not _is_plain_call(first):
                return False
            bars |= {n.id for n in ast.walk(first.targets[0]) if isinstance(n, ast.Name)}
    return _are_kept(function, nodes, bars) and _are_private(nodes, statements, bars)


def _is_of_ties(node: ast.If, forward: bool) -> bool:
    """True of what raises at ties, and of what settles there, or returns more residuals."""
    match node.body:
        case [ast.Raise(exc=ast.Name(id=name), cause=None)]:
            return _RAISED.fullmatch(name) is not None
        case [ast.Assign(value=ast.Call(func=ast.Name(id=name))), ast.Return()]:
            return name.endswith("_settled")
        case [ast.Return()]:
            return forward
    return False


def _is_plain_test(test: ast.expr) -> bool:
    if isinstance(test, ast.Call):
        counts = _COUNTED.fullmatch(ast.unparse(test.func)) is not None and not test.keywords
        return counts and all(isinstance(x, ast.Name) for x in test.args)
    return all(isinstance(n, _PLAIN) for n in ast.walk(test))


def _is_plain_call(node: ast.Assign) -> bool:
    """True of ``bars = _f_settled([...], [...], tied)``."""
    match node:
        case ast.Assign(targets=[ast.Name()], value=ast.Call(args=args, keywords=[])):
            plain = all(
                isinstance(n, _PLAIN) or (isinstance(n, ast.Attribute) and n.attr in _UNBOUNDED)
                for x in args
                for n in ast.walk(x)
            )
            third = args[2:] and isinstance(args[2], (ast.Name, ast.Subscript))
            return plain and (len(args) == 2 or bool(third))
    return False


def _are_kept(function: ast.FunctionDef, nodes: Sequence[ast.AST], bars: set[str]) -> bool:
    """True if parameters get no other value, but that a scalar is made a float, nor what else
    statements for ties rest on."""
    every = function.args
    arguments = (*every.posonlyargs, *every.args, *every.kwonlyargs)
    kept = {a.arg for a in arguments}
    starred = [n.value for n in nodes if isinstance(n, ast.Starred)]
    rests = [n.id for n in starred if isinstance(n, ast.Name) and _is_stored(n)]
    as_floats = {id(t) for n in nodes if isinstance(n, ast.Assign) for t in _made_floats(n)}
    stored = [
        n.id for n in nodes if isinstance(n, ast.Name) and _is_stored(n) and id(n) not in as_floats
    ]
    if kept & set(stored) or _taken_for_ours(nodes) & set(stored) or bars & kept:
        return False
    return all(stored.count(name) == 1 for name in rests)


def _taken_for_ours(nodes: Sequence[ast.AST]) -> set[str]:
    """Names that are called, looked into, raised or caught: no numbers, so not to be bound."""
    taken: list[ast.AST | None] = []
    for node in nodes:
        match node:
            case ast.Call(func=one) | ast.Attribute(value=one) | ast.Raise(exc=one):
                taken.append(one)
            case ast.ExceptHandler(type=one):
                taken.append(one)
    return {one.id for one in taken if isinstance(one, ast.Name)}


def _made_floats(node: ast.Assign) -> Iterator[ast.Name]:
    """The names in ``x, y = float(x), float(y)``."""
    if len(node.targets) != 1:
        return
    pairs = [(node.targets[0], node.value)]
    if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
        if len(node.targets[0].elts) != len(node.value.elts):
            return
        pairs = list(zip(node.targets[0].elts, node.value.elts, strict=True))
    for target, value in pairs:
        match target, value:
            case (
                ast.Name(id=name),
                ast.Call(func=ast.Name(id=number), args=[ast.Name(id=same)], keywords=[]),
            ) if name == same and _FLOAT.fullmatch(number):
                assert isinstance(target, ast.Name)
                yield target


def _are_private(nodes: Sequence[ast.AST], statements: Sequence[ast.If], bars: set[str]) -> bool:
    """True if settled numbers are used where they were settled alone, one by one."""
    parts = {
        id(n.value)
        for statement in statements
        for part in statement.body
        for n in ast.walk(part)
        if isinstance(n, ast.Subscript)
    }
    uses = [n for n in nodes if isinstance(n, ast.Name) and n.id in bars]
    loads = [n for n in uses if not _is_stored(n)]
    settled = sum(isinstance(statement.body[0], ast.Assign) for statement in statements)
    return all(id(n) in parts for n in loads) and len(uses) - len(loads) == settled
