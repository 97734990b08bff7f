"""Source of a function, rewritten so that both sides of a branch on a traced value run in one go.

``if test: a`` becomes a loop over the sides that are to be run: one where the test is plain, both
where it is traced.  What the sides assign meets afterwards (``both_sides.py``).  Only an ``if``
whose sides both fall through is rewritten; early returns and ``continue`` are brought into that
form first (``single_exit.py``).  Anything else stays as it is, and leads to paths.
"""

from __future__ import annotations

import ast
import copy
import opcode
import types
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

from autodiff.table.written import codes_within, compiled_as, written
from autodiff.trace.branching.source.broken_loops import (
    as_while,
    returns_behind_loops,
    without_break,
)
from autodiff.trace.branching.source.lambdas import lambda_of
from autodiff.trace.branching.source.matched_values import as_ifs
from autodiff.trace.branching.source.named_tests import named_before
from autodiff.trace.branching.source.names_used import (
    assigned_names,
    falls_through,
    read_names,
    updated_names,
)
from autodiff.trace.branching.source.own_steps import computed, own_steps
from autodiff.trace.branching.source.purity import is_pure
from autodiff.trace.branching.source.single_exit import with_one_return, without_continue
from autodiff.trace.branching.source.subscripts import Elements, looks_up, takes_elements
from autodiff.trace.branching.source.summing import Sums, as_terms
from autodiff.trace.branching.source.tried import Tries, handles
from autodiff.trace.branching.source.unnamed_calls import Calls

__all__ = [
    "BOTH", "EITHER", "ENDING", "LOCALS", "LOOP", "METHOD", "NOT", "SAME", "SIDES", "TESTED",
    "WITHIN", "Rewriter", "Rewriting",
    "branches", "chooses", "compares_identity", "looks_anything_up", "meeting",
    "name_tuple", "rewritten", "rewritten_by", "with_lookups",
]  # fmt: skip

# Which code is rewritten, and how; None: it cannot be.
Rewriting: TypeAlias = tuple[
    Callable[[types.CodeType], bool], Callable[[types.CodeType], types.CodeType | None]
]
# What rewritten code calls; no name of the user's has this form.
SIDES, EITHER, BOTH, NOT, LOCALS = "__sides__", "__either__", "__both__", "__not__", "__locals__"
TESTED, LOOP, SAME, WITHIN = "__tested__", "__loop__", "__same__", "__within__"
METHOD, ENDING = "__method__", "__ending__"
_SIDE, _LOOP, _MATCHED = "__side__", "__repeats__", "__matched_"
_METHODS = frozenset({"count", "index", "sort"})  # of lists: they compare what these hold
_CHOOSING = frozenset({"min", "max", "sorted", "any", "all"}) | _METHODS
_JUMPS = frozenset(
    number
    for name, number in opcode.opmap.items()
    if ("JUMP" in name and "IF" in name) or name in ("UNARY_NOT", "IS_OP", "CONTAINS_OP")
)


@lru_cache(maxsize=1024)
def branches(code: types.CodeType) -> bool:
    """True if a function, or one inside it, chooses by a condition, by ``min`` or an error."""
    return any(
        not _JUMPS.isdisjoint(one.co_code[::2])
        or not _CHOOSING.isdisjoint(one.co_names)
        or handles(one)
        for one in codes_within(code)
    )


def chooses(code: types.CodeType) -> bool:
    """True if a function branches, or looks something up."""
    return branches(code) or looks_up(code)


@lru_cache(maxsize=1024)
def compares_identity(code: types.CodeType) -> bool:
    """True if a function asks whether something is True, as ``case True`` does."""
    return opcode.opmap["IS_OP"] in code.co_code[::2] and any(
        value is True or value is False for value in code.co_consts
    )


@lru_cache(maxsize=1024)
def rewritten(code: types.CodeType) -> types.CodeType | None:
    """The code of a function with its branches rewritten; None if it cannot be."""
    return rewritten_by(_Lookups if looks_up(code) else Rewriter, code)


def looks_anything_up(code: types.CodeType) -> bool:
    """True if a function branches, or takes elements of anything."""
    return branches(code) or any(map(takes_elements, codes_within(code)))


@lru_cache(maxsize=1024)
def with_lookups(code: types.CodeType) -> types.CodeType | None:
    """``rewritten``, with elements at any keys."""
    return rewritten_by(_Lookups, code)


def rewritten_by(kind: type[Rewriter], code: types.CodeType) -> types.CodeType | None:
    """The code of a function as a rewriter leaves it; None if it cannot be rewritten."""
    found = written(code)
    if found is None:
        return None
    imports, statement = found.imports, found.statement
    try:
        tries, rewriter, calls = Tries(), kind(), Calls()
        around = ast.Module([statement], [])  # of a loop of the file's may become more statements
        made = ast.fix_missing_locations(calls.visit(rewriter.visit(tries.visit(around))))
        again = compiled_as(code, [*imports, *made.body])
    except (SyntaxError, ValueError, RecursionError):
        return None
    changed = tries.count or rewriter.count or calls.count
    if not changed or again is None or again.co_freevars != code.co_freevars:
        return None
    return again


class Rewriter(ast.NodeTransformer):
    """Rewrites what branches, innermost first."""

    def __init__(self) -> None:
        self.count = 0
        self._read: Counter[str] = Counter()  # names that the function reads, and how often

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function: its sums and early returns first."""
        sums = Sums(self.count, self._header)
        node.body = sums.rewritten(node.body)
        self.count += len(sums.functions)
        node.body = returns_behind_loops(node.body)
        node.body = with_one_return(node.body) or node.body
        before, self._read = self._read, read_names(node)
        self.generic_visit(node)
        self._read = before
        return node

    def _header(self, over: ast.expr) -> ast.expr:
        """What a loop goes over, as it is to be written."""
        return over

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A sum of some terms as one of all, each chosen."""
        self.count += as_terms(node)
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """``xs.index`` as a function that may be another one."""
        self.generic_visit(node)
        if node.attr not in _METHODS or not isinstance(node.ctx, ast.Load):
            return node
        self.count += 1
        given: list[ast.expr] = [node.value, ast.Constant(node.attr)]
        return ast.copy_location(ast.Call(ast.Name(METHOD, ast.Load()), given, []), node)

    def _broken(self, node: ast.For | ast.While) -> list[ast.stmt] | None:
        """A loop with breaks as one that goes on to its end, with a flag, rewritten."""
        node.body = without_continue(node.body)
        behind = False
        if isinstance(node, ast.For):
            inside = read_names(node)
            if (counting := as_while(node, self.count + 1)) is not None:
                self.count += 1
                return self._each(counting)
            behind = any(self._read[n] > inside[n] for n in assigned_names([node.target]))
        body = node.body
        made = without_break(node, self.count + 1, behind)
        if made is None:
            return None
        self.count += 1
        if isinstance(node, ast.For) and node.body is not body:
            over = ast.Call(ast.Name(ENDING, ast.Load()), [node.iter], [])
            node.iter = ast.copy_location(over, node.iter)
        return self._each(made)

    def _each(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Statements, rewritten."""
        found: list[ast.stmt] = []
        for one in statements:
            visited: ast.stmt | list[ast.stmt] = self.visit(one)
            found += visited if isinstance(visited, list) else [visited]
        return found

    def visit_For(self, node: ast.For) -> ast.AST | list[ast.stmt]:
        """A loop: what follows ``continue`` first, and breaks as flags."""
        return self._broken(node) or self.generic_visit(node)

    def visit_While(self, node: ast.While) -> ast.AST | list[ast.stmt]:
        """A loop as repetitions of an ``if``, as many as its example needs and some more."""
        given = named_before(node)
        if given is not None:
            return self._each([given, node])
        broken = self._broken(node)
        if broken is not None:
            return broken
        fits = not node.orelse and falls_through([*node.body, ast.Expr(node.test)])
        assigned = self._changed_by(node.body)
        steps = own_steps(node.body, assigned)
        plain_test = computed(node.test, tests=True)
        self.generic_visit(node)
        if not fits:
            return node
        loop, names = f"{_LOOP}{self.count}", sorted(assigned)
        known, asks, goes = (
            ast.Attribute(ast.Name(loop, ast.Load()), name, ast.Load())
            for name in ("test", "asks", "goes")
        )
        # A repetition that is recorded asks again, of its own variables.
        test = ast.IfExp(asks, copy.deepcopy(node.test), known)
        made = self._sides(node, test, [])
        place = ast.Constant(f"{node.lineno}:{node.col_offset}")
        facts = [place, name_tuple(names), steps, plain_test]
        start = ast.Assign(
            [ast.Name(loop, ast.Store())], ast.Call(ast.Name(LOOP, ast.Load()), facts, [])
        )
        node.test = ast.copy_location(ast.Call(goes, [node.test], []), node.test)
        node.body = [meeting(loop, "enter", names), made, meeting(loop, "leave", names)]
        return [ast.copy_location(start, node), node]

    def _changed_by(self, body: Sequence[ast.stmt]) -> set[str]:
        """Names that go from repetition to repetition."""
        return assigned_names(body)

    def visit_Match(self, node: ast.Match) -> ast.AST | list[ast.stmt]:
        """``match x > 0``: its cases compare with True and False, which a placeholder never is."""
        self.count += 1
        compared = as_ifs(node, f"{_MATCHED}{self.count}__")
        if compared is not None:
            return self._each(compared)
        self.generic_visit(node)
        node.subject = ast.copy_location(
            ast.Call(ast.Name(TESTED, ast.Load()), [node.subject], []), node.subject
        )
        return node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        """``if test: a else: b`` as a loop over its sides."""
        given = named_before(node)
        if given is not None:
            return self._each([given, node])
        fits = falls_through([*node.body, *node.orelse], tries=True)
        self.generic_visit(node)
        return self._sides(node, node.test, node.orelse) if fits else node

    def _sides(self, node: ast.If | ast.While, test: ast.expr, other: list[ast.stmt]) -> ast.stmt:
        """The loop over the sides of a test."""
        self.count += 1
        names = sorted(assigned_names([*node.body, *other]))
        changed = sorted(updated_names([*node.body, *other]))
        pure = is_pure([*node.body, *other])
        facts: list[ast.expr] = [
            test, ast.Constant(f"{node.lineno}:{node.col_offset}"),
            name_tuple(names), name_tuple(changed), ast.Constant(pure),
        ]  # fmt: skip
        loop = ast.For(
            ast.Name(_SIDE + str(self.count), ast.Store()),
            ast.Call(ast.Name(SIDES, ast.Load()), facts, []),
            [],
            [],
        )
        side = _SIDE + str(self.count)
        loop.body = [
            self._meeting(side, "enter", names),
            ast.If(ast.Name(side, ast.Load()), node.body, other),
            self._meeting(side, "leave", names),
        ]
        return ast.copy_location(loop, node)

    def _meeting(self, side: str, step: str, names: Sequence[str]) -> ast.stmt:
        """``if side is traced: names = side.step(locals())``."""
        call: ast.expr = ast.Call(
            ast.Attribute(ast.Name(side, ast.Load()), step, ast.Load()),
            [ast.Call(ast.Name(LOCALS, ast.Load()), [], [])],
            [],
        )
        target = ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store())
        assign: ast.stmt = ast.Assign([target], call) if names else ast.Expr(call)
        is_traced = ast.BoolOp(
            ast.And(),
            [
                ast.Compare(ast.Name(side, ast.Load()), [ast.IsNot()], [ast.Constant(value)])
                for value in (True, False)
            ],
        )
        return ast.If(is_traced, [assign], [])

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """``a if test else b`` as a choice between two functions."""
        pure = is_pure([node.body, node.orelse])
        self.generic_visit(node)
        if not pure:
            return node
        self.count += 1
        place = ast.Constant(f"{node.lineno}:{node.col_offset}")
        call = ast.Call(
            ast.Name(EITHER, ast.Load()),
            [node.test, place, lambda_of(node.body), lambda_of(node.orelse)],
            [],
        )
        return ast.copy_location(call, node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        """``a and b`` as a function of a, and of b as it is computed if need be."""
        pure = is_pure(node.values)
        self.generic_visit(node)
        return self._both(isinstance(node.op, ast.And), node.values, node) if pure else node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """``a < b < c`` as ``a < b and b < c``."""
        pure = is_pure([node])
        self.generic_visit(node)
        if len(node.ops) == 1:
            return self._asked(node)
        middle = node.comparators[:-1]
        if not middle or not all(isinstance(x, (ast.Name, ast.Constant)) for x in middle):
            return node
        left = [node.left, *middle]
        pairs: list[ast.expr] = [
            ast.copy_location(ast.Compare(x, [sign], [y]), node)
            for x, sign, y in zip(left, node.ops, node.comparators, strict=True)
        ]
        return self._both(True, pairs, node) if pure else node

    def _asked(self, node: ast.Compare) -> ast.expr:
        """``a is b`` and ``a in b`` as functions."""
        asks = {ast.Is: SAME, ast.IsNot: SAME, ast.In: WITHIN, ast.NotIn: WITHIN}
        name = asks.get(type(node.ops[0]))
        if name is None:
            return node
        self.count += 1
        made: ast.expr = ast.Call(ast.Name(name, ast.Load()), [node.left, *node.comparators], [])
        if isinstance(node.ops[0], (ast.IsNot, ast.NotIn)):
            made = ast.Call(ast.Name(NOT, ast.Load()), [ast.copy_location(made, node)], [])
        return ast.copy_location(made, node)

    def _both(self, conjunction: bool, values: list[ast.expr], node: ast.expr) -> ast.expr:
        self.count += 1
        made = values[-1]
        for value in reversed(values[:-1]):
            arguments = [ast.Constant(conjunction), value, lambda_of(made)]
            made = ast.copy_location(ast.Call(ast.Name(BOTH, ast.Load()), arguments, []), node)
        return made

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """``not a`` as a function."""
        self.generic_visit(node)
        if not isinstance(node.op, ast.Not):
            return node
        self.count += 1
        return ast.copy_location(ast.Call(ast.Name(NOT, ast.Load()), [node.operand], []), node)


class _Lookups(Elements, Rewriter):
    """Rewrites what branches, and elements at indices."""


def name_tuple(names: Sequence[str]) -> ast.expr:
    """A tuple of strings."""
    return ast.Tuple([ast.Constant(name) for name in names], ast.Load())


def meeting(loop: str, step: str, names: Sequence[str]) -> ast.If:
    """``if loop.records: names = loop.step(locals())``."""
    call: ast.expr = ast.Call(
        ast.Attribute(ast.Name(loop, ast.Load()), step, ast.Load()),
        [ast.Call(ast.Name(LOCALS, ast.Load()), [], [])],
        [],
    )
    target = ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store())
    assign: ast.stmt = ast.Assign([target], call) if names else ast.Expr(call)
    return ast.If(ast.Attribute(ast.Name(loop, ast.Load()), "records", ast.Load()), [assign], [])
