"""Functions of the subset as LLVM IR: assignments, branches and loops."""

from __future__ import annotations

from collections.abc import Sequence

from codegen.subset.grammar import (
    Assign,
    Call,
    Conditional,
    Expression,
    Function,
    If,
    Return,
    Rows,
    Statement,
    Together,
    While,
    parts,
)
from codegen.subset.read_python import SubsetError
from codegen.subset.to_llvm import NUMBER, Instructions, Needs, Operand

__all__ = ["compiled"]


def compiled(function: Function, needs: Needs) -> str:
    """IR of a function, under its name.

    Raises:
        SubsetError: if IR cannot say it.
    """
    return _Body(function, needs).text()


class _Body(Instructions):
    """Compiles the body of a function; a variable is a stack slot, which LLVM makes a register."""

    def __init__(self, function: Function, needs: Needs) -> None:
        super().__init__(needs, "t")
        self._function = function
        self._kinds: dict[str, str] = {}  # of the variables that have a value here
        self._slots: dict[str, str] = {}  # every variable with its type
        self._labels = 0
        self._open = True  # the current block has no terminator yet
        for position, name in enumerate(function.parameters):
            self._store(name, Operand(NUMBER, f"%a{position}"))

    def text(self) -> str:
        """The whole function."""
        name, arity = self._function.name, len(self._function.parameters)
        self._block(self._function.body)
        if self._open:
            raise SubsetError(f"{name}: may end without a result; expected a return")
        parameters = ", ".join(f"double %a{i}" for i in range(arity))
        slots = [f"%v.{variable} = alloca {kind}" for variable, kind in self._slots.items()]
        lines = "\n".join([*slots, *self.lines])
        return f'define internal double @"f.{name}"({parameters}) #0 {{\n{lines}\n}}'

    # --- variables ---

    def name(self, name: str) -> Operand:
        kind = self._kinds.get(name)
        if kind is None:
            return super().name(name)
        return Operand(kind, self.emit(f"load {self._slots[name]}, ptr %v.{name}"))

    def _store(self, name: str, value: Operand) -> None:
        if (
            self._kinds.setdefault(name, value.kind) != value.kind
            or self._slots.setdefault(name, value.stored) != value.stored
        ):
            raise SubsetError(f"{self._function.name}: {name} changes its type; expected one")
        self.lines.append(f"store {value.stored} {value.text}, ptr %v.{name}")

    # --- blocks ---

    def _new(self) -> str:
        self._labels += 1
        return f"b{self._labels}"

    def _start(self, label: str) -> None:
        self.lines.append(f"{label}:")
        self._open = True

    def _jump(self, label: str) -> None:
        if self._open:
            self.lines.append(f"br label %{label}")
        self._open = False

    def _branch(self, test: Expression, yes: str, no: str) -> None:
        self.lines.append(f"br i1 {self.truth(test)}, label %{yes}, label %{no}")

    def conditional(self, node: Conditional) -> Operand:
        if not any(isinstance(part, Call) for part in parts(node)):
            return super().conditional(node)
        yes, no, after = self._new(), self._new(), self._new()
        result = f"if.{self._labels}"  # no identifier: clashes with no variable
        self._branch(node.test, yes, no)
        for label, side in ((yes, node.yes), (no, node.no)):
            self._start(label)
            self._store(result, Operand(NUMBER, self.number(side)))
            self._jump(after)
        self._start(after)
        return self.name(result)

    # --- statements ---

    def _block(self, statements: Sequence[Statement]) -> None:
        for statement in statements:
            if self._open:
                self._statement(statement)

    def _statement(self, node: Statement) -> None:
        match node:
            case Return(value):
                self._return(value)
            case Assign(names, value):
                found = self.value(value)
                for name in names:
                    self._store(name, found)
            case Together(names, values):
                self._together(names, values)
            case If():
                self._if(node)
            case While():
                self._while(node)
            case Rows(names, rows, body):
                for row in rows:
                    if self._open:
                        self._together(names, row)
                        self._block(body)
            case _:
                raise SubsetError(f"{self._function.name}: found a loop over a range")

    def _together(self, names: Sequence[str], values: Sequence[Expression]) -> None:
        found = [self.value(value) for value in values]
        for name, value in zip(names, found, strict=True):
            self._store(name, value)

    def _return(self, value: Expression) -> None:
        if isinstance(value, Conditional):  # branch, so that only one side is computed
            yes, no = self._new(), self._new()
            self._branch(value.test, yes, no)
            for label, side in ((yes, value.yes), (no, value.no)):
                self._start(label)
                self._return(side)
            return
        self.lines.append(f"ret double {self.number(value)}")
        self._open = False

    def _if(self, node: If) -> None:
        yes, no, after = self._new(), self._new(), self._new()
        self._branch(node.test, yes, no)
        known, ends = dict(self._kinds), []
        for label, side in ((yes, node.yes), (no, node.no)):
            self._start(label)
            self._kinds = dict(known)
            self._block(side)
            if self._open:
                ends.append(self._kinds)
            self._jump(after)
        if ends:
            self._start(after)
        # After the branches a variable exists if every open branch set it.
        self._kinds = {
            name: kind
            for name, kind in (ends[0] if ends else known).items()
            if all(end.get(name) == kind for end in ends)
        }

    def _while(self, node: While) -> None:
        test, inside, after = self._new(), self._new(), self._new()
        self._jump(test)
        self._start(test)
        self._branch(node.test, inside, after)
        known = dict(self._kinds)
        self._start(inside)
        self._block(node.body)
        self._jump(test)
        self._start(after)
        self._kinds = known  # the body may never run
