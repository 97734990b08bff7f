"""The emitted code itself, run over symbolic numbers: field elements, nodes of a proof.

What runs is the code object that was loaded to compute gradients, in a namespace where ``sin`` and
``np.exp`` mean the primitives.  Python would have to decide ``x if c else y``; so a function that
holds conditions is compiled once more from its text, with these spelled as calls.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache, partial, reduce
from types import CodeType, FunctionType, SimpleNamespace
from typing import Any

from autodiff.table.primitive import REGISTRY, Primitive
from codegen.language.syntax import syntax_tree
from codegen.load.load import Loaded
from codegen.text.at_ties import untied
from codegen.text.module import Function, aliases_in
from verify.field.both_blocks import JoinError, join_blocks
from verify.field.meaning import Meaning, Number, Symbolic

__all__ = ["Emitted", "decided_names", "flat", "undecided"]

# In an expression; the docstring and comments, which may hold such words, are taken out first.
_DECIDING = " if ", " and ", " or ", "not "
_DECIDES = re.compile(r"\b(?:if|and|or|not)\b")
_BLOCKS = re.compile(r"^ +(?:if|elif) .*:$", re.MULTILINE)
_PROSE = re.compile(r'""".*?"""|#[^\n]*')


def _decides(text: str) -> bool:
    """True if Python would have to decide something."""
    start = text.find('"""')
    if start >= 0:
        text = text[:start] + text[text.index('"""', start + 3) + 3 :]
    if not any(word in text for word in _DECIDING):  # quickly found, and in every decision
        return False
    return _DECIDES.search(_PROSE.sub("", text)) is not None


class Emitted:
    """Emitted functions that can be run over any numbers with a meaning (meaning.py).

    Args:
        loaded: The functions, as they were compiled.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._functions = {function.name: function for function in loaded.module.functions}
        self._codes: dict[str, tuple[CodeType, tuple[object, ...] | None]] = {}
        self._aliases = aliases_in(loaded.module.functions)

    def run(self, name: str, arguments: Sequence[object], meaning: Meaning[Number]) -> list[Number]:
        """The numbers that the function ``name`` returns."""
        own, codes = dict(self._aliases), self._reached(name)
        used = {own.get(n, n): None for code, _ in codes.values() for n in code.co_names}
        namespace = _named_for(meaning, used)
        namespace |= {alias: namespace[name] for alias, name in self._aliases if name in namespace}
        for function, (code, defaults) in codes.items():
            namespace[function] = FunctionType(code, namespace, function, defaults)
        return [meaning.lift(x) for x in flat(namespace[name](*arguments))]

    def _reached(self, name: str) -> dict[str, tuple[CodeType, tuple[object, ...] | None]]:
        """The codes of a function and of those that it calls; what only ties call is none."""
        waiting, found = [name], dict[str, tuple[CodeType, tuple[object, ...] | None]]()
        while waiting:
            called = waiting.pop()
            if called in found or called not in self._functions:
                continue
            if called not in self._codes:
                self._codes[called] = _code_of(self._loaded, self._functions[called])
            found[called] = self._codes[called]
            waiting += found[called][0].co_names
        return found


def _code_of(loaded: Loaded, function: Function) -> tuple[CodeType, tuple[object, ...] | None]:
    """The function's code, without decisions, and the defaults of its parameters."""
    text = untied(function.text)  # where switches tie, another form goes on
    if _decides(text) or text != function.text:
        return _undecided(text), None
    found = loaded.functions[function.name]
    assert isinstance(found, FunctionType)
    return found.__code__, found.__defaults__


def flat(result: object) -> list[object]:
    """The numbers, or arrays, inside tuples and lists, in order."""
    found: list[object] = []
    stack = [result]
    while stack:
        top = stack.pop()
        if isinstance(top, (tuple, list)):
            stack += reversed(top)
        else:
            found.append(top)
    return found


def _names() -> dict[str, object]:
    """What emitted functions may name."""
    return _names_of(tuple(REGISTRY.values()))  # users register rows of their own


@lru_cache(maxsize=1)
def _names_of(rows: tuple[Primitive, ...]) -> dict[str, object]:
    called = re.compile(r"(np\.)?(\w+)\([{}\d, ]*\)")
    names: dict[str, object] = {"__builtins__": {}, "abs": abs}
    arrays: dict[str, object] = {"inf": float("inf"), "nan": float("nan")}
    names |= arrays
    for row in rows:
        for column in (row.python, row.numpy):
            # A function may be several rows' spelling, which then mean the same.
            if call := called.fullmatch(column):
                (arrays if call[1] else names).setdefault(call[2], row)
    names["np"] = SimpleNamespace(**arrays)
    names |= {
        f"{call.__name__}_decided": call for call in (_where, _both, _either, _and, _or, _not)
    }
    # Around the body: elements pass for floats, and nothing is caught.
    around = {"isinstance!": lambda x, kind: True, "float!": float, "wrong!": ()}
    around["any!"] = ()
    return names | around | {"float": lambda x: x, "Exception": ()}


def decided_names(meaning: Meaning[Number], used: Iterable[str]) -> dict[str, Any]:
    """What ``undecided`` functions that use these names may name."""
    return _named_for(meaning, used)


def undecided(text: str) -> ast.Module:
    """The tree of a function's text, its conditions as calls and its blocks joined."""
    return _without_blocks(_untyped(untied(text)))


def _named_for(meaning: Meaning[Number], used: Iterable[str]) -> dict[str, Any]:
    """What functions that use these names may name, primitives as this meaning has them."""
    names = _names()
    own: dict[str, Any] = {"__builtins__": names["__builtins__"]}
    arrays: dict[str, Any] = {}
    for name in used:
        for known, found in ((names, own), (vars(names["np"]), arrays)):
            if name in known:
                row = known[name]
                found[name] = meaning.as_called(row) if isinstance(row, Primitive) else row
    return own | {"np": SimpleNamespace(**arrays)}


def _where(condition: object, x: object, y: object) -> object:
    if not isinstance(condition, Symbolic):
        return x if condition else y
    meaning = condition.meaning
    return meaning.where(meaning.truth(condition), meaning.lift(x), meaning.lift(y))


def _both(x: object, y: object) -> object:
    return _logical(x, y, "both") if isinstance(x, Symbolic) else x and y


def _either(x: object, y: object) -> object:
    return _logical(x, y, "either") if isinstance(x, Symbolic) else x or y


def _and(x: object, y: object) -> object:
    return _logical(x, y, "And")


def _or(x: object, y: object) -> object:
    return _logical(x, y, "Or")


def _logical(x: object, y: object, name: str) -> object:
    owner = x if isinstance(x, Symbolic) else y
    if not isinstance(owner, Symbolic):
        return (x and y) if name == "And" else (x or y)
    return owner.meaning.text(f"{name}({{0}}, {{1}})", 2)(x, y)


def _not(x: object) -> object:
    return x.meaning.negation(x.meaning.truth(x)) if isinstance(x, Symbolic) else not x


class _Calls(ast.NodeTransformer):
    """``x if c else y``, ``and``, ``or`` and ``not`` as calls."""

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        parts = [self.visit(node.body), self.visit(node.orelse)]
        return _call("_where_decided", self._condition(node.test), *parts)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        values = [self.visit(value) for value in node.values]
        name = "_both_decided" if isinstance(node.op, ast.And) else "_either_decided"
        joined: ast.expr = reduce(lambda x, y: _call(name, x, y), values)
        return joined

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        if isinstance(node.op, ast.Not):
            return _call("_not_decided", self._condition(node.operand))
        self.generic_visit(node)
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        node.test = self._condition(node.test)
        for block in (node.body, node.orelse):
            block[:] = map(self.visit, block)
        return node

    def _condition(self, node: ast.expr) -> ast.expr:
        """An expression of which only the truth matters: ``x and y`` need not be y."""
        if not isinstance(node, ast.BoolOp):
            visited: ast.expr = self.visit(node)
            return visited
        name = "_and_decided" if isinstance(node.op, ast.And) else "_or_decided"
        return reduce(lambda x, y: _call(name, x, y), map(self._condition, node.values))


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


_TYPES = re.compile(r": (?:float|list\[float\])")


def _untyped(source: str) -> str:
    """A function without its types, which nothing here reads: they take a third of a compile."""
    head, ends, body = source.partition(":\n")
    return _TYPES.sub("", head.partition(" -> ")[0]) + ends + body


def _undecided(text: str) -> CodeType:
    """The function, compiled with its conditions as calls."""
    source = _untyped(text)
    lines = source.split("\n")
    code: str | ast.Module
    try:
        if _BLOCKS.search(source):
            raise SyntaxError("statements under a condition")
        code = "\n".join(_rewritten(line) if _decides(line) else line for line in lines)
    except SyntaxError:  # or a condition inside a statement of several lines
        code = _without_blocks(source)
    module = compile(code, "<conditions as calls>", "exec")
    return next(c for c in module.co_consts if isinstance(c, CodeType))


def _without_blocks(source: str) -> ast.Module:
    """The function's tree, conditions as calls and blocks joined, where they only assign."""
    tree: ast.Module = _Calls().visit(syntax_tree(source))
    try:
        for function in tree.body:
            if isinstance(function, ast.FunctionDef):
                join_blocks(function, partial(_call, "_where_decided"))
    except JoinError:  # the first block counts then: whoever runs this sees a difference
        tree = _Calls().visit(syntax_tree(source))
    return ast.fix_missing_locations(tree)


# A name or a number, but no keyword.
_WORDS = re.compile(
    r"(?<![\w.])((?!(?:if|else|and|or|not|return)\b)[A-Za-z_][\w.]*(?:\[\d+\])?"
    r"|\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
)


def _rewritten(line: str) -> str:
    """A statement with its conditions as calls: many statements differ in their names only."""
    statement = line.lstrip()
    pieces = _WORDS.split(statement)
    words = pieces[1::2]
    shape = _shape(tuple(pieces[::2]))
    indentation = line[: len(line) - len(statement)]
    return indentation + "".join([words[x] if isinstance(x, int) else x for x in shape])


@cache
def _shape(between: tuple[str, ...]) -> tuple[int | str, ...]:
    """Pieces of a rewritten statement, a number for each word; given what is between the words."""
    holes = [f"_{i}_" for i in range(len(between) - 1)]
    statement = "".join(x for pair in zip(between, [*holes, ""], strict=True) for x in pair)
    tree = syntax_tree(statement)
    if any(isinstance(one, ast.Expr) for one in tree.body):
        raise SyntaxError("part of a statement of several lines")
    text = ast.unparse(_Calls().visit(tree))
    return tuple(int(x) if i % 2 else x for i, x in enumerate(re.split(r"_(\d+)_", text)))
