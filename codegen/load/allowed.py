"""The allow-list: what an emitted function may hold, checked before it is compiled."""

from __future__ import annotations

import ast
import re
from collections.abc import Set
from functools import lru_cache

from autodiff.errors import EmitError
from autodiff.table.primitive import REGISTRY, Primitive
from codegen.language.syntax import syntax_tree
from codegen.load.counted_lists import loop_parts, loops_in
from codegen.text.function import Function, fallback_name
from codegen.text.settlers import is_asking

__all__ = ["ABSENT", "LOOPING", "TREE_LIMIT", "check_function", "nodes_inside"]

# What stands for an argument that was not given; a constant, which code on disk can hold.
ABSENT = ...
# Languages that have loops, and lists that these fill.
LOOPING = frozenset({"lists", "lists once"})
# Above this many statements the syntax tree itself gets too large to build.
TREE_LIMIT = 2000
_ALLOWED = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Return, ast.Expr,
    ast.Name, ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.List,
    ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod,
    ast.UnaryOp, ast.USub, ast.Not, ast.BoolOp, ast.And, ast.Or, ast.IfExp,
    ast.Try, ast.ExceptHandler,
    ast.Compare, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.Call,
)  # fmt: skip


# Nodes that are allowed wherever they stand: nothing in them is looked at but what they consist of.
_PLAIN = frozenset(_ALLOWED) - {
    ast.FunctionDef, ast.Name, ast.Constant, ast.Call, ast.Expr, ast.Try, ast.ExceptHandler,
}  # fmt: skip


def check_function(function: Function, target: str, line: int = 0) -> ast.Module | None:
    """Refuse any text that is not what the emitters write.

    Args:
        function: What was written.
        target: The name of its language.
        line: How many lines stand before it in its file.

    Returns:
        What was checked, to be compiled; None for a text that is too long to be taken apart.

    Raises:
        EmitError: naming the line and the construct.
    """
    if function.at_ties and is_asking(function):
        return None
    if function.statements > TREE_LIMIT or function.parts or function.is_part:
        _check_language(function, target)
        return None
    tree = syntax_tree("\n" * line + function.text)
    _check_tree(tree, function, target)
    return tree


def nodes_inside(tree: ast.AST) -> list[ast.AST]:
    """All nodes of a tree, but whether names are read or assigned to."""
    found = [tree]
    for node in found:  # which grows on the way
        for field in node._fields:
            value = getattr(node, field) if field != "ctx" else None
            if type(value) is list:
                found += [one for one in value if isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST):
                found.append(value)
    return found


def _check_tree(tree: ast.Module, function: Function, target: str) -> None:
    definition = tree.body[0]
    if len(tree.body) != 1 or not isinstance(definition, ast.FunctionDef):
        raise EmitError(f"{function.name}: expected one function definition")
    if definition.decorator_list:
        raise EmitError(f"{function.name}: found a decorator; none is emitted")
    types = set(map(id, _annotations(definition)))
    for statement in _statements(definition):
        types |= _at_tie(statement, function) or _branch(statement)
    if target in LOOPING:
        for loop in loops_in(definition):
            for statement in loop.body:
                types |= _branch(statement)
        types |= loop_parts(definition)
    nodes = nodes_inside(tree)
    local = {node.id for node in nodes if type(node) is ast.Name and type(node.ctx) is ast.Store}
    local |= set(function.parameters)
    known = local | function.called | {"np", "abs", "float", "Exception", "ArithmeticError"}
    known |= {alias for alias, _ in function.aliases}
    if function.falls_back:
        known.add(fallback_name(function.name))
    called = function.called | {fallback_name(function.name)}
    called |= set(map(function.called_here, ("abs", "float")))
    attributes = _numpy_names()
    for node in nodes:
        if type(node) in _PLAIN or id(node) in types:
            continue
        problem = _problem(node, function, known, called, attributes, definition)
        if problem:
            line = getattr(node, "lineno", 0)
            raise EmitError(
                f"{target} text of {function.name}, line {line}: found {problem}; the emitters "
                "never write it, so the text was not loaded"
            )


def _annotations(definition: ast.FunctionDef) -> list[ast.AST]:
    """The nodes of all annotations, which are made of these names only."""
    roots = [a.annotation for a in definition.args.args] + [definition.returns]
    nodes = [node for root in roots if root is not None for node in ast.walk(root)]
    for node in nodes:
        if not _is_type(node):
            raise EmitError(f"{definition.name}: found the annotation {ast.unparse(node)!r}")
    return nodes


def _is_type(node: ast.AST) -> bool:
    """True for a part of an annotation that is emitted."""
    if isinstance(node, ast.Name):
        return node.id in ("float", "list", "tuple")
    if isinstance(node, ast.Constant):
        return node.value is None or node.value is ...
    return isinstance(node, (ast.Subscript, ast.Tuple, ast.Load))


def _problem(
    node: ast.AST,
    function: Function,
    known: set[str],
    called: Set[str],
    attributes: Set[str],
    top: ast.FunctionDef,
) -> str:
    match node:
        case ast.FunctionDef() if node is not top:
            return "a nested function"
        case ast.Name() if node.id not in known:
            return f"the name {node.id!r}"
        case ast.Constant() if isinstance(node.value, str) and node is not _docstring(top):
            return "a string"
        case ast.Constant() if not isinstance(node.value, (float, int, str)):
            return f"the constant {node.value!r}"
        case ast.Attribute() | ast.Call(func=ast.Attribute()):
            attribute = node if isinstance(node, ast.Attribute) else node.func
            text = ast.unparse(attribute)
            owner, _, name = text.rpartition(".")
            plain = f"np.{name}" if owner == function.called_here("np") else text
            return "" if plain in attributes else f"the attribute {text!r}"
        case ast.Call() if not isinstance(node.func, ast.Name) or node.keywords:
            return f"the call {ast.unparse(node)!r}"
        case ast.Call() if isinstance(node.func, ast.Name) and node.func.id not in called:
            return f"a call of {node.func.id!r}"
        case ast.Expr() if node.value is not _docstring(top):
            return "an expression statement"
        case ast.Try() if not function.falls_back or node not in top.body[1:]:
            return "a try statement"
        case ast.ExceptHandler() if not _is_fallback(node, function):
            return "an except clause"
        case _ if not isinstance(node, _ALLOWED):
            return type(node).__name__
    return ""


def _statements(definition: ast.FunctionDef) -> list[ast.stmt]:
    last = definition.body[-1]
    return last.body if isinstance(last, ast.Try) else definition.body


def _branch(statement: ast.stmt) -> set[int]:
    """The ``if`` statements of a branch, on whose sides names are assigned."""
    if not isinstance(statement, ast.If):
        return set()
    found, pending = {id(statement)}, [*statement.body, *statement.orelse]
    while pending:
        inner = pending.pop()
        if isinstance(inner, ast.If):
            found.add(id(inner))
            pending += [*inner.body, *inner.orelse]
        elif not isinstance(inner, ast.Assign) or not isinstance(inner.targets[0], ast.Name):
            return set()
    return found


def _at_tie(statement: ast.stmt, function: Function) -> set[int]:
    """What a statement for where switches tie (``at_ties.py``) holds beside expressions."""
    match statement:
        case ast.Assign(
            targets=[ast.Tuple(elts=[*_, ast.Starred() as rest] | [ast.Starred() as rest, *_])],
            value=ast.Name(held),
        ) if held == function.parameters[0]:
            return {id(rest)}
        case ast.If(orelse=[], test=test, body=body):
            inside = _at_tie_body(body, function)
            return {id(statement), id(test)} | inside if inside else set()
    return set()


def _at_tie_body(body: list[ast.stmt], function: Function) -> set[int]:
    match body:
        case [ast.Raise() as raised] if (
            ast.unparse(raised) == f"raise {function.called_here('ArithmeticError')}"
        ):
            return set(map(id, ast.walk(raised)))
        case [
            ast.Assign(
                targets=[ast.Name(bars)],
                value=ast.Call(func=ast.Name(name), args=[ast.List() as point, *more]),
            ),
            ast.Return(value=ast.expr() as returned),
        ] if name == function.settles:
            rest = {node for x in (point, *more[1:]) for node in _items_of(r"\w+", x)}
            return _starred(point) | _starred(returned) | rest | _items_of(bars, returned)
        case [ast.Return(value=ast.Tuple() as returned)] if "forward" in function.name:
            return {id(returned)} | _starred(returned)
    return set()


def _starred(node: ast.expr) -> set[int]:
    return {id(x) for x in ast.walk(node) if isinstance(x, ast.Starred)}


def _items_of(name: str, node: ast.expr) -> set[int]:
    """The nodes ``name[3]``, ``name[3:5]`` in an expression."""
    return {
        id(x)
        for item in ast.walk(node)
        if isinstance(item, ast.Subscript) and re.fullmatch(rf"{name}\[[\d:]+\]", ast.unparse(item))
        for x in (item, item.slice)
    }


def _is_fallback(handler: ast.ExceptHandler, function: Function) -> bool:
    call = f"return {fallback_name(function.name)}({', '.join(function.parameters)})"
    return (
        handler.name is None
        and isinstance(handler.type, ast.Name)
        and handler.type.id == function.called_here("Exception")
        and [ast.unparse(line) for line in handler.body] == [call]
    )


def _docstring(definition: ast.FunctionDef) -> ast.AST | None:
    first = definition.body[0]
    return first.value if isinstance(first, ast.Expr) else None


def _numpy_names() -> frozenset[str]:
    return _names_in(tuple(REGISTRY.values()))


@lru_cache(maxsize=1)  # rows of the user's may come at any time
def _names_in(rows: tuple[Primitive, ...]) -> frozenset[str]:
    names = {name for row in rows for name in re.findall(r"np\.\w+", row.numpy)}
    return frozenset(names | {"np.inf", "np.nan", "np.count_nonzero"})


_CHARACTERS = re.compile(r"[\w .,+\-*/%()=<>!\[\]:\n]*", re.ASCII)
_BETWEEN = str.maketrans(dict.fromkeys("+-*/%()=<>![]:,\n", " "))  # what stands between words
_WORDS = {
    "def", "return", "if", "elif", "else", "and", "or", "not", "np", "abs", "w", "float", "list",
    "tuple", "None", "try", "except", "Exception", "raise", "ArithmeticError",
}  # fmt: skip


# Each pattern begins with a character that is seldom met, which a search leaps to.
_NOT_CODE = re.compile(r'"""[\w .,;:]*"""\n|# [ -~]*$', re.MULTILINE)
_ATTRIBUTE = re.compile(r"[\w)\]]*\s*\.\s*[A-Za-z_]\w*")
_ANY_ATTRIBUTE = re.compile(r"\.\s*[A-Za-z_]")
_ASSIGNED = re.compile(r"\n +([A-Za-z]\w*) = ")
# ``a, b = x`` on one line, or in parentheses over several.
_UNPACKED_LINE = re.compile(r"\n +(\w+,(?: \*?\w+,?)*) = \w+$", re.MULTILINE)
_UNPACKED_LINES = re.compile(r"\n +\(\n((?: +[\w, *]+\n)+) +\) = \w+$", re.MULTILINE)


def _code(text: str) -> str:
    """A text without comments, and without docstrings that have lines of their own."""
    kept, start = [], 0
    for found in _NOT_CODE.finditer(text):
        before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if found[0][0] == "#" or (before and not before.strip(" ")):
            kept.append(text[start : found.start()].rstrip(" "))
            start = found.end()
    return "".join([*kept, text[start:]])


def _words(code: str) -> set[str]:
    """The names in a text; of an attribute, the one before it; of a number, none."""
    words = set(code.translate(_BETWEEN).split())
    dotted = {word.partition(".")[0] for word in words if "." in word}
    return {word for word in words | dotted if word.isidentifier()}


def _check_language(function: Function, target: str) -> None:
    """Allow-list by characters and names: without strings, attributes and foreign names a text
    can do nothing but arithmetic and the calls it declares."""
    code = "\n" + _code(function.text)
    if not _CHARACTERS.fullmatch(code):
        raise EmitError(f"{target} text of {function.name}: found a character never emitted")
    aliases = dict(function.aliases)
    for alias, name in aliases.items():
        if name == "np":
            code = re.sub(rf"\b{alias}\.", "np.", code)
    if _ANY_ATTRIBUTE.search(code):
        attributes = set(_ATTRIBUTE.findall(code))
        if attributes - _numpy_names():
            raise EmitError(f"{target} text of {function.name}: found {sorted(attributes)[:5]}")
    assigned = set(_ASSIGNED.findall(code)) - function.called
    for unpacked in _UNPACKED_LINE.findall(code) + _UNPACKED_LINES.findall(code):
        assigned |= set(re.findall(r"[A-Za-z_]\w*", unpacked))
    foreign = _words(code) - assigned - set(function.parameters) - function.called - _WORDS
    if foreign - aliases.keys() - {function.name, fallback_name(function.name), function.shared}:
        raise EmitError(
            f"{target} text of {function.name}: found the names {sorted(foreign)[:5]}, which are "
            "neither assigned nor declared"
        )
