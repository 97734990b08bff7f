"""The code of an emitted text of arrays that decides nothing, and rounds no literals.

Over residues no condition is true or false: both sides of a choice are computed, and the field's
``where`` joins them; repetitions run to their end.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache, reduce
from types import CodeType

from codegen.load.counting import place_of_end
from verify.field.both_blocks import JoinError, join_blocks
from verify.field.whole.repeated.carried import telling_carries
from verify.field.whole.repeated.changed_arrays import as_new_arrays

__all__ = ["CHOSEN", "ROWS", "code_over_residues", "code_that_chooses"]

# What stands for Python's choices: no names of a text.
CHOSEN, BOTH, EITHER, NOT = "chosen numbers", "both truths", "either truth", "no truth"
LARGER, SMALLER = "larger number", "smaller number"
# The rows that they are.
ROWS = {
    BOTH: "logical_and", EITHER: "logical_or", NOT: "logical_not", LARGER: "maximum",
    SMALLER: "minimum",
}  # fmt: skip
_LOOPS = re.compile(r"^ +for ", re.MULTILINE)
_CHOICES = re.compile(r"\b(?:if|and|or|not)\b")  # of Python's, which decide
_OF_LITERALS = re.compile(r"(?<![\w.])[0-9][\w.]*\)? [-+*/] \(?-?[0-9]")
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_PARTS = ("co_code", "co_consts", "co_names", "co_varnames")
_COPY = re.compile(r", float\)$", re.MULTILINE)  # of what is changed where it lies
_EMPTY = re.compile(r"\bnp_*\.empty\b")


@lru_cache(maxsize=32)
def code_that_chooses(text: str, code: CodeType) -> CodeType:
    """The code of a function whose choices are functions of all their operands (``ROWS``).

    Statements decide as before.  Code that is not this text's stays what it is.
    """
    if not _chooses(text):
        return code
    return _instead_of(code, *_compiled(text, _Chosen().visit(ast.parse(text))))


def code_over_residues(text: str, code: CodeType, tells_carries: bool) -> CodeType:
    """The code of a function as it is run over residues.

    Python's compiler has computed ``0.1 * 0.7`` in doubles; over residues it is the product.  Code
    that is not this text's stays what it is.

    Args:
        text: The function's text.
        code: Its code, as it was loaded.
        tells_carries: True if the field is told what goes from repetition to repetition.

    Raises:
        JoinError: if sides of a choice do more than assign to names.
    """
    joins = _chooses(text) or bool(_COPY.search(text))
    joins = joins or (tells_carries and bool(_LOOPS.search(text)))
    if not joins and not _OF_LITERALS.search(text):
        return code
    return _instead_of(code, *_codes_of(text, joins))


def _chooses(text: str) -> bool:
    """True if there are choices of Python's behind the docstring."""
    return bool(_CHOICES.search(text.split('"""', 2)[-1]))


def _instead_of(code: CodeType, plain: CodeType, made: CodeType) -> CodeType:
    """What was made of a text, if its plain code is that which was loaded; else the loaded one."""
    return made if all(getattr(plain, p) == getattr(code, p) for p in _PARTS) else code


@lru_cache(maxsize=32)  # a text is run at several random points
def _codes_of(text: str, joins: bool) -> tuple[CodeType, CodeType]:
    """The code of a text's function, and the same over residues.

    Args:
        text: The text.
        joins: True if both sides of its choices are joined, and it tells its carries.
    """
    tree = ast.parse(text)
    if joins:
        _require_zeros(tree)
        for function in tree.body:
            if isinstance(function, ast.FunctionDef):
                as_new_arrays(function)
                join_blocks(function, _where)
        tree = telling_carries(_Chosen().visit(tree))
    return _compiled(text, _Lifted().visit(tree))


def _compiled(text: str, tree: ast.Module) -> tuple[CodeType, CodeType]:
    """The code of a text's function, and that of what was made of it."""
    trees = ast.parse(text), ast.fix_missing_locations(tree)
    modules = [compile(one, "<arrays over residues>", "exec") for one in trees]
    plain, made = (next(c for c in m.co_consts if isinstance(c, CodeType)) for m in modules)
    return plain, made


class _Lifted(ast.NodeTransformer):
    """The first literal of each operation on literals as a number of the field."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if _is_of_literals(node):
            node.left = ast.Call(ast.Name("float", ast.Load()), [node.left], [])
        return node


def _is_of_literals(node: ast.BinOp) -> bool:
    return _is_literal(node.left) and _is_literal(node.right) and type(node.op) in _ARITHMETIC


def _is_literal(node: ast.AST) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and type(inner.value) is float


def _require_zeros(tree: ast.Module) -> None:
    """What a loop with such repetitions fills holds zeros before.

    Raises:
        JoinError: if it is empty.
    """
    loops = [n for n in ast.walk(tree) if isinstance(n, ast.For) and place_of_end(n) is not None]
    filled = {
        n.value.id
        for loop in loops
        for n in ast.walk(loop)
        if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)
        and isinstance(n.value, ast.Name)
    }  # fmt: skip
    for node in ast.walk(tree):
        empty = isinstance(node, ast.Assign) and _EMPTY.search(ast.unparse(node.value))
        if empty and filled & {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}:
            raise JoinError(ast.unparse(node))


def _where(test: ast.expr, x: ast.expr, y: ast.expr) -> ast.expr:
    return _call(CHOSEN, test, x, y)


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _larger_or_smaller(node: ast.IfExp) -> str:
    """The name of the row that ``y if x < y or y != y else x`` is, which lets no nan pass by."""
    match node.test:
        case ast.BoolOp(
            ast.Or(),
            [
                ast.Compare(x, [ast.Lt() | ast.Gt() as sign], [y]),
                ast.Compare(z, [ast.NotEq()], [w]),
            ],
        ):
            texts = [ast.dump(one) for one in (x, y, node.orelse, node.body, z, w)]
            if texts == [*texts[:2], *texts[:2], texts[1], texts[1]]:
                return LARGER if isinstance(sign, ast.Lt) else SMALLER
    return ""


class _Chosen(ast.NodeTransformer):
    """``x if c else y``, ``and``, ``or`` and ``not`` as functions of all their operands."""

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        row = _larger_or_smaller(node)
        self.generic_visit(node)
        if row:
            return _call(row, node.orelse, node.body)
        return _where(node.test, node.body, node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        name = BOTH if isinstance(node.op, ast.And) else EITHER
        joined: ast.expr = reduce(lambda x, y: _call(name, x, y), node.values)
        return joined

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return _call(NOT, node.operand) if isinstance(node.op, ast.Not) else node
