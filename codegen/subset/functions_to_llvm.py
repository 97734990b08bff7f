"""Functions with statements to LLVM IR: assignments, branches and loops."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

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

__all__ = ["compile_function", "compile_lambda"]


class _Function(Expression):
    """Compiles the body of a function; a variable is a stack slot, which LLVM makes a register."""

    def __init__(self, needs: Needs, parameters: Sequence[str]) -> None:
        super().__init__(needs, "t")
        self._variables: dict[str, str] = {}  # name -> kind
        self._labels = 0
        self._open = True  # the current block has no terminator yet
        for position, name in enumerate(parameters):
            self._store(name, Operand(NUMBER, f"%a{position}"))

    def name(self, name: str) -> Operand:
        kind = self._variables.get(name)
        if kind is None:
            raise UnsupportedError(f"name {name}")
        stored = TRUTH if kind == TRUTH else NUMBER
        return Operand(kind, self.emit(f"load {stored}, ptr %v.{name}"))

    def _store(self, name: str, value: Operand) -> None:
        if self._variables.setdefault(name, value.kind) != value.kind:
            raise UnsupportedError(f"{name} changes its type")
        stored = TRUTH if value.kind == TRUTH else NUMBER
        self.lines.append(f"store {stored} {value.text}, ptr %v.{name}")

    def _conditional(self, node: ast.IfExp) -> Operand:
        if not any(isinstance(part, ast.Call) for part in ast.walk(node)):
            return super()._conditional(node)
        yes, no, after = self._block(), self._block(), self._block()
        result = f"if.{self._labels}"  # no identifier: clashes with no variable
        self.lines.append(f"br i1 {self.truth(node.test)}, label %{yes}, label %{no}")
        for label, side in ((yes, node.body), (no, node.orelse)):
            self._start(label)
            self._store(result, Operand(NUMBER, self.number(side)))
            self._jump(after)
        self._start(after)
        return self.name(result)

    def _block(self) -> str:
        self._labels += 1
        return f"b{self._labels}"

    def _start(self, label: str) -> None:
        self.lines.append(f"{label}:")
        self._open = True

    def _jump(self, label: str) -> None:
        if self._open:
            self.lines.append(f"br label %{label}")
        self._open = False

    def body(self, statements: Sequence[ast.stmt]) -> None:
        """Statements of a block."""
        for statement in statements:
            if not self._open:
                return
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                return
            case ast.Return(value=ast.expr() as value):
                self._return(value)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value)
            case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                self._assign(target, ast.BinOp(ast.Name(name, ast.Load()), op, value))
            case ast.If():
                self._if(node)
            case ast.While(orelse=[]):
                self._while(node)
            case ast.For(orelse=[], iter=ast.Tuple(elts=items)):
                for item in items:
                    self._assign(node.target, item)
                    self.body(node.body)
            case _:
                raise UnsupportedError(ast.unparse(node))

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._store(target.id, self.compile(value))
            return
        if not (
            isinstance(target, ast.Tuple)
            and isinstance(value, ast.Tuple)
            and len(target.elts) == len(value.elts)
            and all(isinstance(name, ast.Name) for name in target.elts)
        ):
            raise UnsupportedError(ast.unparse(target))
        values = [self.compile(item) for item in value.elts]
        for name, item in zip(target.elts, values, strict=True):
            assert isinstance(name, ast.Name)
            self._store(name.id, item)

    def _return(self, value: ast.expr) -> None:
        if isinstance(value, ast.IfExp):  # branch, so that only one side is computed
            yes, no = self._block(), self._block()
            self.lines.append(f"br i1 {self.truth(value.test)}, label %{yes}, label %{no}")
            for label, side in ((yes, value.body), (no, value.orelse)):
                self._start(label)
                self._return(side)
            return
        self.lines.append(f"ret double {self.number(value)}")
        self._open = False

    def _if(self, node: ast.If) -> None:
        yes, no, after = self._block(), self._block(), self._block()
        self.lines.append(f"br i1 {self.truth(node.test)}, label %{yes}, label %{no}")
        known = dict(self._variables)
        ends = []
        for label, side in ((yes, node.body), (no, node.orelse)):
            self._start(label)
            self._variables = dict(known)
            self.body(side)
            if self._open:
                ends.append(self._variables)
            self._jump(after)
        if ends:
            self._start(after)
        # After the branches a variable exists if every open branch set it.
        self._variables = {
            name: kind
            for name, kind in (ends[0] if ends else known).items()
            if all(end.get(name) == kind for end in ends)
        }

    def _while(self, node: ast.While) -> None:
        test, inside, after = self._block(), self._block(), self._block()
        self._jump(test)
        self._start(test)
        self.lines.append(f"br i1 {self.truth(node.test)}, label %{inside}, label %{after}")
        known = dict(self._variables)
        self._start(inside)
        self.body(node.body)
        self._jump(test)
        self._start(after)
        self._variables = known  # the body may never run

    def text(self, name: str, arity: int, statements: Sequence[ast.stmt]) -> str:
        """The whole function."""
        self.body(statements)
        if self._open:
            raise UnsupportedError(f"{name} may end without a result")
        stored = dict.fromkeys(
            (line.rsplit("%v.", 1)[1], line.split()[1])
            for line in self.lines
            if line.startswith("store ")
        )
        slots = [f"%v.{variable} = alloca {kind}" for variable, kind in stored]
        if len(slots) != len({variable for variable, _ in stored}):
            raise UnsupportedError(f"{name}: a variable changes its type")
        parameters = ", ".join(f"double %a{i}" for i in range(arity))
        lines = "\n".join([*slots, *self.lines])
        return f'define internal double @"f.{name}"({parameters}) #0 {{\n{lines}\n}}'


def compile_function(name: str, function: Callable[..., object], needs: Needs) -> str:
    """IR of a portable function, under ``name``.

    Raises:
        UnsupportedError: if it is outside the subset.
    """
    tree = source_of(function)
    names = parameters_of(tree)
    return _Function(needs, names).text(name, len(names), tree.body)


def compile_lambda(name: str, body: ast.expr, parameters: Sequence[str], needs: Needs) -> str:
    """IR of a function that returns an expression, under ``name``.

    Raises:
        UnsupportedError: if it is outside the subset.
    """
    return _Function(needs, parameters).text(name, len(parameters), [ast.Return(body)])
