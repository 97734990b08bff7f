"""Source of a function, rewritten so that elements at indices are read and written by functions.

An index may be a traced whole number, of which a list knows nothing, or be known for all
repetitions of a loop at once.
"""

from __future__ import annotations

import ast
import opcode
import types
from collections.abc import Iterable, Sequence
from functools import lru_cache

from autodiff.table.written import codes_within

__all__ = [
    "ITEM", "PUT", "VARIES", "Elements", "filled_by", "looks_up", "read_by", "takes_elements",
]  # fmt: skip

# What rewritten code calls; no name of the user's has this form.
ITEM, PUT, VARIES = "__item__", "__put__", "__varies__"
_KEY = "__key_"
# What makes whole numbers of others, to look something up with.
_WHOLE = frozenset({"int", "round", "floor", "ceil", "trunc", "searchsorted", "digitize", "argmax",
                    "argmin", "bisect", "bisect_left", "bisect_right", "count",
                    "index"})  # fmt: skip


def takes_elements(code: types.CodeType) -> bool:
    """True if this code reads ``x[key]``: an instruction, and from Python 3.14 on an operator."""
    alone = opcode.opmap.get("BINARY_SUBSCR")
    if alone is not None:
        return alone in code.co_code[::2]
    signs = [sign for _, sign in getattr(opcode, "_nb_ops", ())]
    operator = opcode.opmap["BINARY_OP"], signs.index("[]") if "[]" in signs else -1
    return operator in zip(code.co_code[::2], code.co_code[1::2], strict=True)


@lru_cache(maxsize=1024)
def looks_up(code: types.CodeType) -> bool:
    """True if a function, or one inside it, makes whole numbers, perhaps to index with."""
    return any(
        not _WHOLE.isdisjoint(one.co_names) or any(map(_has_key, one.co_consts))
        for one in codes_within(code)
    )


def _has_key(constant: object) -> bool:
    """True for names of arguments as in ``max(range(n), key=...)``."""
    return isinstance(constant, tuple) and "key" in constant


class Elements(ast.NodeTransformer):
    """Rewrites subscripts."""

    count: int
    plain: tuple[type[ast.expr], ...] = (ast.Constant, ast.Slice)  # keys that stay as they are

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """``x[key]`` as a call of a function."""
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load) or isinstance(node.slice, self.plain):
            return node
        self.count += 1
        call = ast.Call(ast.Name(ITEM, ast.Load()), [node.value, _value(node.slice)], [])
        return ast.copy_location(call, node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        """``x[key] = value``, also among several targets."""
        if self._is_part(node):
            return [one for part in self._one_by_one(node) for one in _listed(self.visit(part))]
        self.generic_visit(node)
        target = node.targets[0]
        if len(node.targets) > 1 or not self._is_element(target):
            return node
        return self._put(node, target, node.value)

    def _is_part(self, node: ast.Assign) -> bool:
        """True if an element is one of several targets."""
        several = len(node.targets) > 1 or not isinstance(node.targets[0], ast.Subscript)
        return several and any(map(self._is_element, _targets(node)))

    def _one_by_one(self, node: ast.Assign) -> list[ast.Assign]:
        """``x[i], y[j] = value`` and ``x[i] = y[j] = value`` as one statement for each target.

        As in Python the value is computed once, and what it consists of is taken apart, before any
        target is assigned; these follow from left to right.
        """
        steps: list[ast.Assign] = []
        value = node.value
        if len(node.targets) > 1:
            name = self._name()
            steps.append(ast.Assign([ast.Name(name, ast.Store())], value))
            value = ast.Name(name, ast.Load())
        for target in node.targets:
            if isinstance(target, (ast.Tuple, ast.List)):
                parts: list[tuple[str, ast.expr]] = []
                steps.append(ast.Assign([self._taken_apart(target, parts)], value))
                steps += [ast.Assign([x], ast.Name(n, ast.Load())) for n, x in parts]
            else:
                steps.append(ast.Assign([target], value))
        return [ast.copy_location(one, node) for one in steps]

    def _taken_apart(self, target: ast.expr, parts: list[tuple[str, ast.expr]]) -> ast.expr:
        """A target with a name in place of each of its parts, which are noted by these."""
        made: ast.expr
        if isinstance(target, (ast.Tuple, ast.List)):
            made = ast.Tuple([self._taken_apart(x, parts) for x in target.elts], ast.Store())
        elif isinstance(target, ast.Starred):
            made = ast.Starred(self._taken_apart(target.value, parts), ast.Store())
        else:
            made = ast.Name(self._name(), ast.Store())
            parts.append((made.id, target))
        return ast.copy_location(made, target)

    def _name(self) -> str:
        self.count += 1
        return f"{_KEY}{self.count}_part__"

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | list[ast.stmt]:
        """``x[key] += value``."""
        self.generic_visit(node)
        target = node.target
        return self._put(node, target, None) if self._is_element(target) else node

    def _is_element(self, target: ast.expr) -> bool:
        return isinstance(target, ast.Subscript) and not isinstance(target.slice, self.plain)

    def _put(
        self, node: ast.Assign | ast.AugAssign, target: ast.expr, value: ast.expr | None
    ) -> list[ast.stmt]:
        """The statement, or a call of a function where one is needed; None: what is there, changed.

        Where the element stands is found once.
        """
        assert isinstance(target, ast.Subscript)
        self.count += 1
        place = [ast.Name(f"{_KEY}{self.count}_{one}__", ast.Load()) for one in ("of", "at")]
        given = zip(place, (target.value, _value(target.slice)), strict=True)
        found: list[ast.stmt] = [
            ast.copy_location(ast.Assign([ast.Name(one.id, ast.Store())], x), node)
            for one, x in given
        ]
        target.value, target.slice = place
        if value is None:
            assert isinstance(node, ast.AugAssign)
            before = ast.Call(ast.Name(ITEM, ast.Load()), [*place], [])
            value = ast.BinOp(before, node.op, node.value)
        put = ast.Expr(ast.Call(ast.Name(PUT, ast.Load()), [*place, value], []))
        test = ast.Call(ast.Name(VARIES, ast.Load()), [*place], [])
        choice = ast.If(test, [ast.copy_location(put, node)], [node])
        return [*found, ast.copy_location(choice, node)]


def _targets(node: ast.Assign) -> list[ast.expr]:
    """What a statement assigns, with what is inside of tuples."""
    found: list[ast.expr] = []
    pending = [*node.targets]
    while pending:
        one = pending.pop()
        if isinstance(one, (ast.Tuple, ast.List)):
            pending += one.elts
        else:
            found.append(one.value if isinstance(one, ast.Starred) else one)
    return found


def _listed(found: ast.AST | list[ast.stmt]) -> list[ast.stmt]:
    return found if isinstance(found, list) else [found]  # type: ignore[list-item]  # a statement


def filled_by(body: Sequence[ast.stmt]) -> set[str]:
    """Names of variables whose elements statements assign, at an index that may vary."""
    inside = [one for statement in body for one in ast.walk(statement)]
    targets = [t for one in inside if isinstance(one, ast.Assign) for t in _targets(one)]
    return _varying([*targets, *(one.target for one in inside if isinstance(one, ast.AugAssign))])


def read_by(body: Sequence[ast.stmt]) -> set[str]:
    """Names of variables whose elements statements read, at an index that may vary."""
    inside = (one for statement in body for one in ast.walk(statement))
    read = (x for x in inside if isinstance(x, ast.Subscript) and isinstance(x.ctx, ast.Load))
    return _varying(read)


def _varying(elements: Iterable[ast.expr]) -> set[str]:
    """Names of the variables of which these are elements, at an index that may vary."""
    return {name for name, varies in map(_base_of, elements) if varies and name}


def _base_of(target: ast.expr) -> tuple[str, bool]:
    """The variable of which a target is an element, and whether a place in it may vary."""
    varies = False
    while isinstance(target, ast.Subscript):
        varies = varies or not isinstance(target.slice, (ast.Constant, ast.Slice))
        target = target.value
    return (target.id if isinstance(target, ast.Name) else ""), varies


def _value(key: ast.expr) -> ast.expr:
    """An index as an argument: slices inside it are written out."""
    if isinstance(key, ast.Tuple):
        return ast.copy_location(ast.Tuple([_value(one) for one in key.elts], ast.Load()), key)
    if isinstance(key, ast.Slice):
        bounds = [one or ast.Constant(None) for one in (key.lower, key.upper, key.step)]
        return ast.copy_location(ast.Call(ast.Name("slice", ast.Load()), bounds, []), key)
    return key
