"""Compile a function of the subset without branches: both sides are computed, then one is chosen.

That is what vectors need, where each lane may go another way.  Nothing in the subset has side
effects, so computing a side that is not taken is only work.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import cache

from autodiff.numbers.ieee import PORTABLE
from codegen.subset.to_llvm import (
    NUMBER,
    TRUTH,
    Expression,
    Needs,
    Operand,
    UnsupportedError,
    parameters_of,
    source_of,
)

__all__ = ["flat_expression", "flat_function"]

_LONGEST = 2000  # instructions; above, lane by lane is cheaper


class _Flat(Expression):
    """Straight-line IR of a function body; variables are names of values."""

    def __init__(self, needs: Needs, parameters: Sequence[str]) -> None:
        super().__init__(needs, "t")
        self._variables = {
            name: Operand(NUMBER, f"%a{position}") for position, name in enumerate(parameters)
        }

    def name(self, name: str) -> Operand:
        value = self._variables.get(name)
        if value is None:
            raise UnsupportedError(f"name {name}")
        return value

    def emit(self, instruction: str) -> str:
        if len(self.lines) > _LONGEST:
            raise UnsupportedError("too long")
        return super().emit(instruction)

    def _function(self, name: str, arguments: Sequence[str]) -> str:
        # For a lane whose side is not taken the operands are anything: a loop might never end.
        if name in PORTABLE and _loops(PORTABLE[name]):
            raise UnsupportedError(f"{name} loops")
        return super()._function(name, arguments)

    def result(self, statements: Sequence[ast.stmt]) -> str:
        """The number that a body returns."""
        value = self._body(list(statements))
        if value is None:
            raise UnsupportedError("may end without a result")
        return value

    def _body(self, statements: list[ast.stmt]) -> str | None:
        """What the statements return; None if they end without."""
        while statements:
            statement, *statements = statements
            match statement:
                case ast.Expr(value=ast.Constant(value=str())):
                    continue
                case ast.Return(value=ast.expr() as value):
                    return self.number(value)
                case ast.Assign(targets=[target], value=value):
                    self._assign(target, value)
                case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                    self._assign(target, ast.BinOp(ast.Name(name, ast.Load()), op, value))
                case ast.For(orelse=[], iter=ast.Tuple(elts=items), target=target, body=body):
                    unrolled: list[ast.stmt] = []
                    for item in items:
                        unrolled += [ast.Assign([target], item), *body]
                    statements = unrolled + statements
                case ast.If():
                    if _returns(statement):
                        return self._either(statement, statements)
                    self._merge(statement)
                case _:
                    raise UnsupportedError(ast.unparse(statement))
        return None

    def _either(self, node: ast.If, rest: list[ast.stmt]) -> str | None:
        """A choice of which one side returns: what follows belongs to both sides."""
        condition = self.truth(node.test)
        before = dict(self._variables)
        yes = self._body([*node.body, *rest])
        self._variables = before
        no = self._body([*node.orelse, *rest])
        if yes is None or no is None:
            return None
        return self.emit(f"select i1 {condition}, double {yes}, double {no}")

    def _merge(self, node: ast.If) -> None:
        """A choice between values of variables."""
        condition = self.truth(node.test)
        before = dict(self._variables)
        self._body(list(node.body))
        first, self._variables = self._variables, dict(before)
        self._body(list(node.orelse))
        second = self._variables
        self._variables = {
            name: self._chosen(condition, first[name], second[name])
            for name in first
            if name in second and first[name].kind == second[name].kind
        }

    def _chosen(self, condition: str, x: Operand, y: Operand) -> Operand:
        if x == y:
            return x
        kind = TRUTH if x.kind == TRUTH else NUMBER
        text = self.emit(f"select i1 {condition}, {kind} {x.text}, {kind} {y.text}")
        return Operand(x.kind, text)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        match target, value:
            case ast.Name(id=name), _:
                self._variables[name] = self.compile(value)
            case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
                found = [self.compile(item) for item in values]
                for part, item in zip(targets, found, strict=True):
                    if not isinstance(part, ast.Name):
                        raise UnsupportedError(ast.unparse(part))
                    self._variables[part.id] = item
            case _:
                raise UnsupportedError(ast.unparse(target))


@cache
def _loops(function: Callable[..., object]) -> bool:
    """True if a function runs until a condition fails."""
    return any(isinstance(node, ast.While) for node in ast.walk(source_of(function)))


def _returns(node: ast.stmt) -> bool:
    return any(isinstance(part, ast.Return) for part in ast.walk(node))


def flat_function(function: Callable[..., object], needs: Needs) -> tuple[list[str], str]:
    """Lines of a portable function without branches, and the name of its result.

    Raises:
        UnsupportedError: if it is outside the subset, or too long.
    """
    tree = source_of(function)
    return _finished(_Flat(needs, parameters_of(tree)), tree.body)


def flat_expression(
    body: ast.expr, parameters: Sequence[str], needs: Needs
) -> tuple[list[str], str]:
    """The same for an expression of these parameters.

    Raises:
        UnsupportedError: if it is outside the subset.
    """
    return _finished(_Flat(needs, parameters), [ast.Return(body)])


def _finished(flat: _Flat, statements: Sequence[ast.stmt]) -> tuple[list[str], str]:
    result = flat.result(statements)
    if flat.needs.factorials:
        raise UnsupportedError("a table is read lane by lane")
    return flat.lines, result
