"""Source of a function, rewritten so that the body of a ``for`` loop may be recorded once.

``for x in xs: body`` goes over something that tells whether it records; then the variables that the
body assigns are given placeholders before it, and what the loop makes of them behind.
"""

from __future__ import annotations

import ast
import copy
import opcode
import types
from collections.abc import Sequence
from functools import lru_cache

from autodiff.table.written import codes_within
from autodiff.trace.branching.source.lambdas import lambda_of
from autodiff.trace.branching.source.names_used import (
    assigned_names,
    falls_through,
    reaches_out,
    tried_names,
)
from autodiff.trace.branching.source.own_steps import own_steps
from autodiff.trace.branching.source.raising import Refusals
from autodiff.trace.branching.source.rewriting import (
    Rewriter,
    branches,
    meeting,
    name_tuple,
    rewritten_by,
)
from autodiff.trace.branching.source.subscripts import Elements, filled_by, read_by, takes_elements
from autodiff.trace.branching.source.summing import as_terms
from autodiff.trace.capture.yielded import as_list

__all__ = [
    "FOR", "HEADER", "LISTED", "UNSURE", "loops_rewritten", "repeats", "repeats_or_lists",
    "with_unsure_lists",
]  # fmt: skip

FOR, HEADER, LISTED, UNSURE = "__for__", "__header__", "__listed__", "__unsure__"
_LOOP = "__for_"
_STEP = opcode.opmap["FOR_ITER"]
_PATTERN = ast.Name, ast.Tuple, ast.List, ast.Store
# What computes all that it is given, whatever that is.
_EXHAUSTING = frozenset({"fromiter", "fsum", "list", "max", "min", "sorted", "sum", "tuple"})


@lru_cache(maxsize=1024)
def repeats(code: types.CodeType) -> bool:
    """True if a function, or one inside it, repeats, branches, or takes elements."""
    steps = (_STEP in one.co_code[::2] or takes_elements(one) for one in codes_within(code))
    return any(steps) or branches(code)


@lru_cache(maxsize=1024)
def loops_rewritten(code: types.CodeType) -> types.CodeType | None:
    """The code of a function with its branches and loops rewritten; None if it cannot be."""
    return rewritten_by(_Loops, code)


def repeats_or_lists(code: types.CodeType) -> bool:
    """The same, or makes lists."""
    builds = opcode.opmap["BUILD_LIST"]
    return repeats(code) or any(builds in one.co_code[::2] for one in codes_within(code))


@lru_cache(maxsize=1024)
def with_unsure_lists(code: types.CodeType) -> types.CodeType | None:
    """The same, with lists of which not every element need be there."""
    return rewritten_by(_UnsureLists, code)


class _Loops(Elements, Rewriter):
    """Rewrites what branches, what repeats, and elements at indices."""

    plain = (ast.Slice,)

    def __init__(self) -> None:
        super().__init__()
        self._own: set[str] = set()  # variables of the function

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function: which variables are its own."""
        self.count += as_list(node)
        outer, given = (
            self._own,
            {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)},
        )
        others = {
            name
            for one in ast.walk(node)
            if isinstance(one, (ast.Global, ast.Nonlocal))
            for name in one.names
        }
        self._own = (given | assigned_names(node.body)) - others
        refusals = Refusals()
        node.body = [refusals.visit(one) for one in node.body]
        self.count += refusals.count
        found = super().visit_FunctionDef(node)
        self._own = outer
        return found

    def _header(self, over: ast.expr) -> ast.expr:
        return _header(over)

    def visit_For(self, node: ast.For) -> ast.AST | list[ast.stmt]:
        """A loop whose body falls through."""
        broken = self._broken(node)
        if broken is not None:
            return broken
        target: ast.AST = node.target
        targets, own = assigned_names([target]), assigned_names(node.body)
        assigned = self._changed_by(node.body) - (targets - own)
        steps = own_steps(node.body, assigned | targets)
        filled, grown = sorted(filled_by(node.body)), sorted(self._grown_by(node.body))
        plain = all(isinstance(one, _PATTERN) for one in ast.walk(node.target))
        self.generic_visit(node)
        tries = targets.isdisjoint(tried_names(node.body))  # 1 / i of a number may raise
        if node.orelse or not plain or not falls_through(node.body, tries):
            return node
        self.count += 1
        loop = f"{_LOOP}{self.count}__"
        if targets & assigned:  # it is a variable of the body like any other
            now = f"{_LOOP}{self.count}_now__"
            first = ast.Assign([node.target], ast.Name(now, ast.Load()))
            node.body.insert(0, ast.copy_location(first, node.target))
            node.target = ast.copy_location(ast.Name(now, ast.Store()), node.target)
            assigned |= targets
        names = sorted(assigned)
        place = ast.Constant(f"{node.lineno}:{node.col_offset}")
        over = ast.Call(
            ast.Name(FOR, ast.Load()),
            [
                _header(node.iter),
                place,
                name_tuple(names),
                steps,
                name_tuple(filled),
                name_tuple(grown),
            ],
            [],
        )
        start = ast.Assign([ast.Name(loop, ast.Store())], ast.copy_location(over, node.iter))
        node.iter = ast.copy_location(ast.Name(loop, ast.Load()), node.iter)
        last = ast.Call(ast.Attribute(ast.Name(loop, ast.Load()), "last", ast.Load()), [], [])
        behind = meeting(loop, "leave", names)
        behind.body.append(ast.Assign([copy.deepcopy(node.target)], last))
        node.body = [meeting(loop, "enter", names), *node.body, behind]
        return [ast.copy_location(start, node), node]

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        """``[f(x) for x in xs]`` as a loop that appends."""
        return self._listed(node) or self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """``sum(f(x) for x in xs)`` and such as what is made of a list."""
        as_terms(node)
        match node:
            case ast.Call(function, [ast.GeneratorExp() as given, *_]) if _exhausts(function):
                adds = isinstance(function, ast.Name) and function.id == "sum"
                listed = self._listed(given, adds)
                if listed is not None:
                    node.args[0] = ast.Constant(None)  # it was rewritten
                    self.generic_visit(node)
                    node.args[0] = listed
                    return node
        return self.generic_visit(node)

    def _listed(self, node: ast.ListComp | ast.GeneratorExp, adds: bool = False) -> ast.expr | None:
        """The list as a function of what is gone over; None if it is more than that.

        Args:
            node: The list.
            adds: True if its elements are added up.
        """
        one = node.generators[0]
        names = one.target.elts if isinstance(one.target, ast.Tuple) else [one.target]
        if len(node.generators) > 1 or reaches_out(node):
            return None
        given = [name.id for name in names if isinstance(name, ast.Name)]
        if len(given) < len(names):
            return None
        self.generic_visit(node)
        self.count += 1
        place = ast.Constant(f"{node.lineno}:{node.col_offset}")
        several = ast.Constant(isinstance(one.target, ast.Tuple))
        function = lambda_of(node.elt, given)
        given_all = [function, _header(one.iter), place, several, ast.Constant(adds)]
        if one.ifs:
            test = one.ifs[0] if len(one.ifs) == 1 else _all(one.ifs)
            given_all.append(lambda_of(test, given))
        call = ast.Call(ast.Name(LISTED, ast.Load()), given_all, [])
        return ast.copy_location(call, node)

    def _grown_by(self, body: Sequence[ast.stmt]) -> set[str]:
        """Names of lists to which something is appended, and whose elements are read."""
        return _appended_to(body) & self._own & read_by(body)

    def _changed_by(self, body: Sequence[ast.stmt]) -> set[str]:
        """Names that are assigned, and those of lists to which something is appended."""
        return super()._changed_by(body) | _appended_to(body) & self._own


class _UnsureLists(_Loops):
    """Rewrites loops, and lists to which branches append."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function: the lists first that are given to such variables."""
        names = {
            name
            for one in ast.walk(node)
            if isinstance(one, (ast.If, ast.While))
            for name in _appended_to(one.body) | _appended_to(one.orelse)
        }
        for one in ast.walk(node):
            if isinstance(one, ast.Assign):
                for target in one.targets:
                    one.value = self._unsure(target, one.value, names)
            elif isinstance(one, ast.AnnAssign) and one.value is not None:
                one.value = self._unsure(one.target, one.value, names)
        return super().visit_FunctionDef(node)

    def visit_List(self, node: ast.List) -> ast.AST:
        """``[]``, which may be given to anything."""
        self.generic_visit(node)
        empty = isinstance(node.ctx, ast.Load) and not node.elts
        return self._called(node) if empty else node

    def _unsure(self, target: ast.expr, value: ast.expr, names: set[str]) -> ast.expr:
        """A value; if it is such a list, what knows which of its elements are there."""
        match target, value:
            case ast.Tuple(targets), ast.Tuple(values) if len(targets) == len(values):
                value.elts = [
                    self._unsure(*one, names) for one in zip(targets, values, strict=True)
                ]
            case (ast.Name(name), ast.List([_, *_])) if name in names:
                return self._called(value)
        return value

    def _called(self, value: ast.expr) -> ast.expr:
        self.count += 1
        return ast.copy_location(ast.Call(ast.Name(UNSURE, ast.Load()), [value], []), value)


def _all(tests: list[ast.expr]) -> ast.expr:
    """That all tests hold."""
    return ast.copy_location(ast.BoolOp(ast.And(), tests), tests[0])


def _exhausts(function: ast.expr) -> bool:
    """True for ``sum``, ``np.fromiter`` and such."""
    match function:
        case ast.Name(name) | ast.Attribute(ast.Name("math" | "np" | "numpy"), name):
            return name in _EXHAUSTING
    return False


def _appended_to(body: Sequence[ast.stmt]) -> set[str]:
    """Names of what statements append to."""
    return {
        one.func.value.id
        for statement in body
        for one in ast.walk(statement)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)
        and one.func.attr in ("append", "extend") and isinstance(one.func.value, ast.Name)
    }  # fmt: skip


def _header(over: ast.expr) -> ast.expr:
    """What a loop goes over, with the calls in it left to the loop."""
    plain = isinstance(over, ast.Call) and isinstance(over.func, ast.Name)
    if not plain or any(isinstance(one, ast.Starred) for one in over.args):  # type: ignore[attr-defined]
        return over
    assert isinstance(over, ast.Call)
    given = [over.func, *map(_header, over.args)]
    return ast.copy_location(ast.Call(ast.Name(HEADER, ast.Load()), given, over.keywords), over)
