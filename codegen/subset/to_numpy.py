"""Functions of the subset over arrays: text that chooses between both sides by ``np.where``.

Where every number goes one way, the other is not computed: what is left is returned early.  What
loops as long as its numbers ask for has no such form.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, reduce
from types import FunctionType

import numpy as np

from codegen.subset.branch_free import BranchFree
from codegen.subset.grammar import (
    Assign,
    Binary,
    Call,
    Comparison,
    Conditional,
    Constant,
    Expression,
    Function,
    Logic,
    Name,
    Number,
    Rows,
    Statement,
    Truth,
    Unary,
    is_truth,
    parts,
)
from codegen.subset.read_python import SubsetError, function_of
from codegen.subset.shown import shown

__all__ = ["flat_form"]

_SPELLED = {
    "abs": "np.abs", "round": "np.rint", "int": "np.trunc", "pow": "np.power", "acos": "np.arccos",
    "asin": "np.arcsin", "atan": "np.arctan", "atan2": "np.arctan2", "acosh": "np.arccosh",
    "asinh": "np.arcsinh", "atanh": "np.arctanh",
}  # fmt: skip
_LACKING = frozenset({"min", "max", "math.factorial"})
_LONGEST = 400  # assignments; above, too much of the work would be for sides that are not taken


@cache
def flat_form(function: Callable[..., float]) -> FunctionType:
    """The array form of a portable function; ``__source__`` is its text.

    Raises:
        SubsetError: if it has none.

    >>> def half(x):
    ...     if x < 0.0:
    ...         return 0.0
    ...     return 0.5 * x
    >>> half.__source__ = "def half(x):\\n    return 0.0 if x < 0.0 else 0.5 * x\\n"
    >>> flat_form(half)(np.array([-1.0, 3.0])).tolist()
    [0.0, 1.5]
    """
    read = function_of(function)
    text = _Arrays(read).text()
    namespace: dict[str, object] = {"np": np}
    exec(compile(text, f"<array form of {read.name}>", "exec"), namespace)
    made = namespace[read.name]
    assert isinstance(made, FunctionType)
    made.__dict__["__source__"] = text
    return made


class _Arrays(BranchFree[Expression, Expression]):
    """The walk, in lines of Python; a variable is the name it has now."""

    def __init__(self, function: Function) -> None:
        super().__init__(function)
        self.variables = {name: Name(name) for name in function.parameters}
        self._lines: list[str] = []
        self._used = set(function.parameters)
        self._plain: set[Expression] = (
            set()
        )  # names that begin as plain numbers: no array is theirs
        self._assigned = 0

    def text(self) -> str:
        """The whole function."""
        function = self.function
        self._lines += self._ending(self.result())
        typed = ", ".join(f'{parameter}: "Floats"' for parameter in function.parameters)
        lines = [f'def {function.name}({typed}) -> "Floats":']
        lines += [f'    """{function.summary}"""'] if function.summary else []
        lines += [f"    {name} = np.asarray({name}, dtype=float)" for name in function.parameters]
        return "\n".join([*lines, *(f"    {line}" for line in self._lines)]) + "\n"

    def _refuse(self, found: Expression) -> SubsetError:
        return SubsetError(
            f"{self.function.name}: found {shown(found)!r}; an array form is made of assignments, "
            "if, return and loops over literal tuples. Give the row a numpy text"
        )

    # --- names ---

    def _fresh(self, wish: str) -> str:
        name, number = wish, 1
        while name in self._used:
            number += 1
            name = f"{wish}_{number}"
        self._used.add(name)
        return name

    def _named(self, wish: str, value: Expression) -> Name:
        name = self._fresh(wish)
        self._lines.append(f"{name} = {shown(value)}")
        return Name(name)

    def kept(self, name: str, value: Expression) -> Expression:
        self._assigned += 1
        if self._assigned > _LONGEST:
            raise self._refuse(value)
        made = self._named(name, value)
        if isinstance(value, Number) or value in self._plain:
            self._plain.add(made)
        return made

    # --- choices ---

    def returned(self, node: Expression) -> Expression:
        return self.evaluated(node)

    def tested(self, node: Expression) -> Expression:
        return self._named("chosen", self._condition(node))

    def chosen(self, test: Expression, yes: Expression, no: Expression) -> Expression:
        return Call("np.where", (test, yes, no))

    def merged(self, name: str, test: Expression, yes: Expression, no: Expression) -> Expression:
        return self.kept(name, self.chosen(test, yes, no))

    def early(self, test: Expression, yes: Expression, rest: Sequence[Statement]) -> Expression:
        """Return where nothing is left to choose, if there is work to be saved."""
        work = list(parts(tuple(rest)))
        calls = sum(isinstance(part, Call) for part in work)
        if calls <= 2 and not any(isinstance(part, Rows) for part in work):
            return yes
        yes = self._named("found", yes)
        value: Expression = yes
        for earlier, other in reversed(self.before):
            test = Call("np.logical_or", (earlier, test))
            value = self.chosen(earlier, other, value)
        self._lines.append(f"if np.all({shown(test)}):")
        self._lines += [f"    {line}" for line in self._ending(value)]
        return yes

    def _ending(self, value: Expression) -> list[str]:
        """Lines that return an array, or a float of one without dimensions."""
        name = self._fresh("result")
        return [f"{name} = {shown(value)}", f"return np.asarray({name})[()]"]

    # --- loops ---

    def rows(self, node: Rows) -> Sequence[Statement]:
        """A loop over rows of numbers, kept as one where its body only assigns."""
        changed = {
            name for part in parts(node.body) if isinstance(part, Assign) for name in part.names
        }
        for name in sorted(changed & self.variables.keys()):
            self.variables[name] = self.kept(name, self.variables[name])
        self._used |= set(node.names)
        items = [[shown(self.evaluated(item)) for item in row] for row in node.rows]
        self.variables |= {name: Name(name) for name in node.names}
        self._lines.append(f"for {', '.join(node.names)} in (")
        for row in items:
            self._lines.append(f"    ({', '.join(row)})," if len(row) > 1 else f"    {row[0]},")
        self._lines.append("):")
        for line in node.body:
            match line:
                case Assign((name,), value) if name in self.variables:
                    new = self.evaluated(value)
                    self._lines += self._updated(self.variables[name], new)
                case _:
                    raise self._refuse(Name("a loop that does more than assign"))
        return ()

    def _updated(self, name: Expression, value: Expression) -> list[str]:
        """``name = value``; a step of Horner's scheme in place, which saves two arrays a term."""
        own = shown(name)
        match value:
            case Binary(Binary(same, "*", factor), "+", term) if (
                same == name and name in self._plain
            ):
                return [f"    {own} *= {shown(factor)}", f"    {own} += {shown(term)}"]
        return [f"    {own} = {shown(value)}"]

    # --- expressions ---

    def evaluated(self, node: Expression) -> Expression:
        """An expression as a number: a truth value is converted."""
        match node:
            case Truth(value) | Number(value):
                return Number(float(value))
            case Constant("tau"):
                return Number(math.tau)
            case Constant(name):
                return Name(f"np.{name}")
            case Name(name) if name in self.variables:
                return self.variables[name]
            case _ if is_truth(node):
                return self.chosen(self._condition(node), Number(1.0), Number(0.0))
            case Unary("-", operand):
                return Unary("-", self.evaluated(operand))
            case Binary(left, sign, right) if sign != "**":
                return Binary(self.evaluated(left), sign, self.evaluated(right))
            case Conditional(test, yes, no):
                both = self.evaluated(yes), self.evaluated(no)
                return self.chosen(self._condition(test), *both)
            case Call():
                return self._call(node)
        raise self._refuse(node)

    def _call(self, node: Call) -> Expression:
        arguments = tuple(map(self.evaluated, node.arguments))
        if node.name == "float" and len(arguments) == 1:
            return arguments[0]
        if node.name in _LACKING:
            raise self._refuse(node)
        own = node.name != node.bare and hasattr(np, node.bare)
        # else another copied function
        return Call(_SPELLED.get(node.bare, f"np.{node.bare}" if own else node.bare), arguments)

    def _condition(self, node: Expression) -> Expression:
        """An expression as an array of truth values; nan counts as true, as in Python."""
        match node:
            case Comparison(values, signs):
                found = list(map(self.evaluated, values))
                pairs = zip(found, signs, found[1:], strict=False)
                return _joined("and", [Comparison((x, y), (sign,)) for x, sign, y in pairs])
            case Logic(sign, values):
                return _joined(sign, list(map(self._condition, values)))
            case Unary("not", operand):
                return Call("np.logical_not", (self._condition(operand),))
            case Call() if is_truth(node):
                return self._call(node)
        return Comparison((self.evaluated(node), Number(0.0)), ("!=",))


def _joined(sign: str, values: Sequence[Expression]) -> Expression:
    return reduce(lambda x, y: Call(f"np.logical_{sign}", (x, y)), values)
