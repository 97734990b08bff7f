"""Array forms of portable functions, written from their scalar source.

Each lane of an array may go another way, so nothing branches: both sides of a condition are
computed, and ``np.where`` chooses.  Nothing in the subset has side effects, so a side that is not
taken is only work; that work is why the functions most in use have forms by hand (vectorized.py).

The subset: assignments, ``if``, ``return``, loops over literal tuples; arithmetic, comparisons,
conditional expressions; functions of ``math`` and other portable functions.  What loops as long as
its numbers ask for has no such form.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from autodiff.errors import EmitError

__all__ = ["flat_form"]

_SPELLED = {
    "abs": "np.abs", "round": "np.rint", "int": "np.trunc", "pow": "np.power", "acos": "np.arccos",
    "asin": "np.arcsin", "atan": "np.arctan", "atan2": "np.arctan2", "acosh": "np.arccosh",
    "asinh": "np.arcsinh", "atanh": "np.arctanh",
}  # fmt: skip
_CONSTANTS = frozenset({"inf", "nan", "pi", "e"})
_LONGEST = 400  # statements; above, too much of the work would be for sides that are not taken


class _Flat(ast.NodeTransformer):
    """Writes statements without branches; a variable is the name it has now.

    Args:
        name: Of the function, for errors.
        parameters: Its parameters.
    """

    def __init__(self, name: str, parameters: Sequence[str]) -> None:
        self._name = name
        self._now = {parameter: parameter for parameter in parameters}
        self._used = set(parameters)
        self.block: list[ast.stmt] = []
        self._constant: set[str] = set()  # names that begin as plain numbers: no array is theirs
        self._count = 0
        self._outer: list[tuple[ast.Name, ast.expr]] = []  # what is chosen before this

    def _refuse(self, node: ast.AST) -> EmitError:
        line = ast.unparse(node).splitlines()[0]
        return EmitError(
            f"{self._name}: found {line!r}; an array form is made of assignments, if, return and "
            "loops over literal tuples. Give the row a numpy text"
        )

    def fresh(self, wish: str) -> str:
        name, number = wish, 1
        while name in self._used:
            number += 1
            name = f"{wish}_{number}"
        self._used.add(name)
        return name

    def _assign(self, name: str, value: ast.expr) -> None:
        """``name = value`` under a name of its own."""
        self._count += 1
        if self._count > _LONGEST:
            raise self._refuse(value)
        fresh = self.fresh(name)
        if isinstance(value, ast.Constant) or (
            isinstance(value, ast.Name) and value.id in self._constant
        ):
            self._constant.add(fresh)
        self.block.append(ast.Assign([ast.Name(fresh)], value))
        self._now[name] = fresh

    # --- statements ---

    def body(self, statements: Sequence[ast.stmt]) -> ast.expr | None:
        """What the statements return; None if they end without."""
        rest = list(statements)
        while rest:
            node = rest.pop(0)
            match node:
                case ast.Expr(value=ast.Constant(value=str())):
                    continue
                case ast.Return(value=ast.expr() as value):
                    return self._number(value)
                case ast.Assign(value=ast.expr() as value):
                    self._targets(node.targets, value)
                case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                    self._assign(name, self._number(ast.BinOp(ast.Name(name), op, value)))
                case ast.For(orelse=[], iter=ast.Tuple()):
                    self._loop(node)
                case ast.If():
                    if any(isinstance(part, ast.Return) for part in ast.walk(node)):
                        return self._either(node, rest)
                    self._merge(node)
                case _:
                    raise self._refuse(node)
        return None

    def _targets(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        for target in targets:
            match target, value:
                case ast.Name(id=name), _:
                    self._assign(name, self._number(value))
                case ast.Tuple(elts=names), ast.Tuple(elts=values) if len(names) == len(values):
                    found = [self._number(item) for item in values]
                    for part, item in zip(names, found, strict=True):
                        assert isinstance(part, ast.Name)
                        self._assign(part.id, item)
                case _:
                    raise self._refuse(target)

    def _either(self, node: ast.If, rest: Sequence[ast.stmt]) -> ast.expr | None:
        """A choice of which one side returns: what follows belongs to both sides.

        Where every number goes the first way, the second is not computed.
        """
        test = self._named("chosen", self._condition(node.test))
        before = dict(self._now)
        yes = self.body([*node.body, *rest])
        self._now = before
        if yes is None:
            return None
        outer = list(self._outer)
        if self._is_work([*node.orelse, *rest]):
            yes = ast.Name(self._named("found", yes).id)
            self._return_if_all(test, yes)
        self._outer.append((test, yes))
        no = self.body([*node.orelse, *rest])
        self._outer = outer
        return None if no is None else _where(test, yes, no)

    def _named(self, wish: str, value: ast.expr) -> ast.Name:
        name = ast.Name(self.fresh(wish))
        self.block.append(ast.Assign([name], value))
        return name

    def _return_if_all(self, test: ast.Name, value: ast.expr) -> None:
        """Return where nothing is left to choose, with what was chosen before."""
        left: ast.expr = test
        for condition, other in reversed(self._outer):
            left, value = _joined("logical_or", [condition, left]), _where(condition, other, value)
        every = ast.Call(_attribute("all"), [left], [])
        self.block.append(ast.If(every, _returned(value, self.fresh("result")), []))

    def _is_work(self, statements: Sequence[ast.stmt]) -> bool:
        """True if the statements call or loop: then they are worth a look at all numbers."""
        parts = [part for statement in statements for part in ast.walk(statement)]
        calls = sum(isinstance(part, ast.Call) for part in parts)
        return calls > 2 or any(isinstance(part, ast.For) for part in parts)

    def _merge(self, node: ast.If) -> None:
        """A choice between values of variables."""
        test = self.fresh("chosen")
        self.block.append(ast.Assign([ast.Name(test)], self._condition(node.test)))
        before = dict(self._now)
        self.body(node.body)
        first, self._now = self._now, dict(before)
        self.body(node.orelse)
        second, self._now = self._now, dict(before)
        for name in first:
            if name in second and first[name] != second[name]:
                one, other = ast.Name(first[name]), ast.Name(second[name])
                self._assign(name, _where(ast.Name(test), one, other))

    def _loop(self, node: ast.For) -> None:
        """A loop over rows of numbers, kept as one where its body only assigns."""
        assigned = {
            part.id
            for line in node.body
            for part in ast.walk(line)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        targets = {part.id for part in ast.walk(node.target) if isinstance(part, ast.Name)}
        for name in sorted(assigned & self._now.keys()):
            self._assign(name, ast.Name(self._now[name]))
        self._used |= targets
        self._now |= {name: name for name in targets}
        inner: list[ast.stmt] = []
        for line in node.body:
            match line:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in self._now:
                    new = self._number(value)
                case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                    new = self._number(ast.BinOp(ast.Name(name), op, value))
                case _:
                    raise self._refuse(line)
            inner += self._updated(self._now[name], new)
        self.block.append(ast.For(node.target, node.iter, inner, []))

    def _updated(self, name: str, value: ast.expr) -> list[ast.stmt]:
        """``name = value``; a step of Horner's scheme in place, which saves two arrays a term."""
        match value:
            case ast.BinOp(
                left=ast.BinOp(left=ast.Name(id=same), op=ast.Mult(), right=factor),
                op=ast.Add(),
                right=term,
            ) if same == name and name in self._constant:
                target = ast.Name(name)
                return [
                    ast.AugAssign(target, ast.Mult(), factor),
                    ast.AugAssign(target, ast.Add(), term),
                ]
        return [ast.Assign([ast.Name(name)], value)]

    # --- expressions ---

    def _number(self, node: ast.expr) -> ast.expr:
        """An expression as a number: a truth value is converted."""
        if _is_truth(node):
            return _where(self._condition(node), ast.Constant(1.0), ast.Constant(0.0))
        return self._written(node)

    def _written(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.Constant(value=(int() | float()) as value):
                return ast.Constant(float(value))
            case ast.Name(id=name) if name in self._now:
                return ast.Name(self._now[name])
            case ast.Name(id=name) if name in _CONSTANTS:
                return _attribute(name)
            case ast.Attribute(value=ast.Name(id="math"), attr=name) if name in _CONSTANTS:
                return _attribute(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return ast.UnaryOp(ast.USub(), self._number(operand))
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Mod()):
                return ast.BinOp(self._number(node.left), node.op, self._number(node.right))
            case ast.IfExp():
                body, other = self._number(node.body), self._number(node.orelse)
                return _where(self._condition(node.test), body, other)
            case ast.Call(keywords=[]):
                return self._call(node)
        raise self._refuse(node)

    def _call(self, node: ast.Call) -> ast.expr:
        name = ast.unparse(node.func)
        bare = name.removeprefix("math.")
        arguments = [self._number(argument) for argument in node.args]
        if name == "float" and len(arguments) == 1:
            return arguments[0]
        if name in ("min", "max", "math.factorial"):
            raise self._refuse(node)
        if bare in _SPELLED:
            return ast.Call(ast.Name(_SPELLED[bare]), arguments, [])
        if name != bare and hasattr(np, bare):
            return ast.Call(_attribute(bare), arguments, [])
        return ast.Call(ast.Name(bare), arguments, [])  # another copied function

    def _condition(self, node: ast.expr) -> ast.expr:
        """An expression as an array of truth values; nan counts as true, as in Python."""
        match node:
            case ast.Compare():
                values = [self._number(value) for value in (node.left, *node.comparators)]
                pairs: list[ast.expr] = [
                    ast.Compare(x, [op], [y])
                    for x, op, y in zip(values, node.ops, values[1:], strict=False)
                ]
                return _joined("logical_and", pairs)
            case ast.BoolOp():
                name = "logical_and" if isinstance(node.op, ast.And) else "logical_or"
                return _joined(name, [self._condition(value) for value in node.values])
            case ast.UnaryOp(op=ast.Not()):
                return ast.Call(_attribute("logical_not"), [self._condition(node.operand)], [])
            case ast.Call() if _is_truth(node):
                return self._call(node)
        return ast.Compare(self._number(node), [ast.NotEq()], [ast.Constant(0.0)])


def _returned(value: ast.expr, name: str) -> list[ast.stmt]:
    """Lines that return an array, or a float of one without dimensions."""
    array = ast.Call(_attribute("asarray"), [ast.Name(name)], [])
    shown = ast.Return(ast.Subscript(array, ast.Tuple([], ast.Load())))
    return [ast.Assign([ast.Name(name)], value), shown]


def _attribute(name: str) -> ast.expr:
    return ast.Attribute(ast.Name("np"), name)


def _where(condition: ast.expr, x: ast.expr, y: ast.expr) -> ast.expr:
    return ast.Call(_attribute("where"), [condition, x, y], [])


def _joined(name: str, parts: Sequence[ast.expr]) -> ast.expr:
    first, *others = parts
    for other in others:
        first = ast.Call(_attribute(name), [first, other], [])
    return first


def _is_truth(node: ast.expr) -> bool:
    match node:
        case ast.UnaryOp():
            return isinstance(node.op, ast.Not)
        case ast.Call():
            return ast.unparse(node.func) in ("math.isnan", "math.isinf", "math.isfinite")
    return isinstance(node, (ast.Compare, ast.BoolOp))


def _lines(node: ast.stmt) -> list[str]:
    """Text of a statement; a loop has one row of its table a line."""
    whole = ast.unparse(ast.fix_missing_locations(node)).splitlines()
    if not isinstance(node, ast.For):
        return whole
    assert isinstance(node.iter, ast.Tuple)
    rows = [f"    {ast.unparse(row)}," for row in node.iter.elts]
    target = whole[0][: whole[0].index(" in ")]
    return [f"{target} in (", *rows, "):", *whole[1:]]


@cache
def flat_form(function: Callable[..., float]) -> Callable[..., Any]:
    """The array form of a portable function; ``__source__`` is its text.

    Raises:
        EmitError: if the function is outside the subset.

    >>> def half(x):
    ...     if x < 0.0:
    ...         return 0.0
    ...     return 0.5 * x
    >>> half.__source__ = "def half(x):\\n    return 0.0 if x < 0.0 else 0.5 * x\\n"
    >>> flat_form(half)(np.array([-1.0, 3.0])).tolist()
    [0.0, 1.5]
    """
    source = getattr(function, "__source__", None) or inspect.getsource(function)
    [definition] = ast.parse(textwrap.dedent(source)).body
    assert isinstance(definition, ast.FunctionDef)
    parameters = [argument.arg for argument in definition.args.args]
    flat = _Flat(definition.name, parameters)
    result = flat.body(definition.body)
    if result is None:
        raise EmitError(f"{definition.name}: may end without a result; expected a return")
    typed = [f'{parameter}: "Any"' for parameter in parameters]
    numbers = [f"    {p} = np.asarray({p}, dtype=float)" for p in parameters]
    summary = (ast.get_docstring(definition) or "").split("\n", maxsplit=1)[0]
    flat.block += _returned(result, flat.fresh("result"))
    body = [line for node in flat.block for line in _lines(node)]
    text = "\n".join([
        f"def {definition.name}({', '.join(typed)}) -> \"Any\":",
        *([f'    """{summary}"""'] if summary else []),
        *numbers,
        *(f"    {line}" for line in body),
    ])  # fmt: skip
    namespace: dict[str, Any] = {"np": np}
    exec(compile(text, f"<array form of {definition.name}>", "exec"), namespace)
    made: Any = namespace[definition.name]
    made.__source__ = text + "\n"
    return made  # type: ignore[no-any-return]
