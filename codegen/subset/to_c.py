"""Portable functions in C99, translated from their Python source.

Written by hand are only those whose Python source uses what C does not have.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from autodiff.errors import EmitError
from autodiff.numbers.ieee import PORTABLE
from autodiff.quoting import quoted
from codegen.language.lines import INDENT
from codegen.language.target import helper_source
from codegen.subset.spelling_c import (
    KEYWORDS,
    LIBRARY,
    Expressions,
    c_literal,
    helper_name,
    pointer,
)

__all__ = ["definitions", "own_names"]

# Text, and what it calls.
_BY_HAND: dict[str, tuple[str, tuple[str, ...]]] = {
    "min": ("static double proofgrad_min(double x, double y) { return y < x ? y : x; }\n", ()),
    "max": ("static double proofgrad_max(double x, double y) { return y > x ? y : x; }\n", ()),
    "mod": (
        """\
/* x - y * floor(x / y), with the sign of y; exact, as Python's % on floats. */
static double proofgrad_mod(double x, double y)
{
    const double r = fmod(x, y);
    if (r == 0.0) {
        return copysign(0.0, y);
    }
    return (y < 0.0) != (r < 0.0) && y == y && r == r ? r + y : r;
}
""",
        (),
    ),
    "factorial": (
        """\
/* n! for n = 0, 1, ..., 170, rounded once: the product is carried in two doubles. */
static double proofgrad_factorial(double n)
{
    double high = 1.0, low = 0.0;
    for (double k = 2.0; k <= n; k += 1.0) {
        const double product = high * k;
        const double rest = fma(high, k, -product) + low * k;
        high = product + rest;
        low = rest - (high - product);
    }
    return high;
}
""",
        (),
    ),
}


def definitions(names: Iterable[str]) -> list[str]:
    """C text of these portable functions and of all they call, each after what it calls."""
    found: dict[str, str] = {}
    stack = list(reversed(list(names)))
    while stack:
        name = stack[-1]
        text, calls = _definition(name)
        missing = [call for call in calls if call not in found]
        if missing:
            stack += missing
        else:
            found.setdefault(name, text)
            stack.pop()
    return list(found.values())


def own_names() -> list[str]:
    """Names of all functions that a file may define: no variable has one of them."""
    return [helper_name(name) for name in (*_BY_HAND, *PORTABLE)]


@cache
def _definition(name: str) -> tuple[str, tuple[str, ...]]:
    if name.startswith(LIBRARY):
        return pointer(name), ()
    return _BY_HAND.get(name) or _translated(name, PORTABLE[name])


def _translated(name: str, function: Callable[..., float]) -> tuple[str, tuple[str, ...]]:
    source = textwrap.dedent(helper_source(function))
    root = ast.parse(source).body[0]
    assert isinstance(root, ast.FunctionDef)
    return _Translation(name, root).result()


def _c_name(name: str) -> str:
    return f"{name}_" if name in KEYWORDS else name


class _Translation:
    """One function of floats, statement by statement."""

    def __init__(self, name: str, root: ast.FunctionDef) -> None:
        self._name, self._root = name, root
        self._parameters = [a.arg for a in root.args.args]
        assigned = [n.id for n in ast.walk(root)
                    if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]  # fmt: skip
        self._locals = list(dict.fromkeys([*self._parameters, *assigned]))
        self._write = Expressions(self._local, name)
        self._lines: list[str] = []
        self._depth = 1

    def _local(self, name: str) -> str | None:
        return _c_name(name) if name in self._locals else None

    def result(self) -> tuple[str, tuple[str, ...]]:
        """Text, and the functions it calls."""
        held = [n for n in self._locals if n not in self._parameters]
        self._block(self._root.body)
        parameters = ", ".join(f"double {_c_name(p)}" for p in self._parameters)
        head = [f"static double {helper_name(self._name)}({parameters})", "{"]
        head += [f"{INDENT}double {_c_name(n)} = 0.0;" for n in held]
        summary = (ast.get_docstring(self._root) or "").split("\n", maxsplit=1)[0]
        note = [f"/* {quoted(summary, 'c comment')} */"] if summary else []
        text = "\n".join([*note, *head, *self._lines, "}"]) + "\n"
        return text, tuple(self._write.calls)

    def _fresh(self, wish: str) -> str:
        """A name that no variable of the function has."""
        while wish in self._locals:
            wish += "_"
        self._locals.append(wish)
        return wish

    def _line(self, text: str) -> None:
        self._lines.append(INDENT * self._depth + text)

    def _block(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _nested(self, head: str, statements: Sequence[ast.stmt]) -> None:
        self._line(head + " {")
        self._depth += 1
        self._block(statements)
        self._depth -= 1

    def _statement(self, node: ast.stmt) -> None:
        text = self._write.text
        match node:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                return
            case ast.Return(value=ast.expr()):
                self._line(f"return {text(node.value)};")  # type: ignore[arg-type]
            case ast.Assign() if all(isinstance(t, ast.Name) for t in node.targets):
                targets = " = ".join(text(t) for t in node.targets)
                self._line(f"{targets} = {text(node.value)};")
            case ast.AnnAssign(target=ast.Name(), value=ast.expr()):
                self._line(f"{text(node.target)} = {text(node.value)};")  # type: ignore[arg-type]
            case ast.AugAssign(target=ast.Name(id=name)):
                value = ast.BinOp(ast.Name(name), node.op, node.value)
                self._line(f"{text(node.target)} = {text(value)};")
            case ast.If():
                self._nested(f"if ({text(node.test)})", node.body)
                if node.orelse:
                    self._nested("} else", node.orelse)
                self._line("}")
            case ast.While(orelse=[]):
                self._nested(f"while ({text(node.test)})", node.body)
                self._line("}")
            case ast.For(orelse=[]):
                self._loop(node)
            case _:
                raise EmitError(
                    f"{self._name}: found {ast.unparse(node).splitlines()[0]!r}; C text is made "
                    "of assignments, if, while, for over numbers, and return"
                )

    def _loop(self, node: ast.For) -> None:
        match node.iter:
            case ast.Call(func=ast.Name(id="range"), args=[ast.expr(), *_]) if isinstance(
                node.target, ast.Name
            ):
                self._range(node.target.id, node.iter.args, node.body)
            case ast.Tuple():
                self._table(node)
            case _:
                raise EmitError(
                    f"{self._name}: found a loop over {ast.unparse(node.iter)}; expected range(n) "
                    "or a tuple of numbers"
                )

    def _range(self, name: str, arguments: Sequence[ast.expr], body: Sequence[ast.stmt]) -> None:
        bounds = [self._write.text(a) for a in arguments]
        if len(bounds) > 2:
            raise EmitError(f"{self._name}: found range with a step; expected range(a, b)")
        first, last = ("0.0", bounds[0]) if len(bounds) == 1 else bounds
        variable = _c_name(name)
        # The count is C's own: the body may assign to the variable, which outlives the loop.
        count = self._fresh("count")
        self._line(f"for (double {count} = {first}; {count} < {last}; {count} += 1.0) {{")
        self._depth += 1
        self._line(f"{variable} = {count};")
        self._block(body)
        self._depth -= 1
        self._line("}")

    def _table(self, node: ast.For) -> None:
        """A loop over rows of numbers."""
        assert isinstance(node.iter, ast.Tuple)
        targets = node.target.elts if isinstance(node.target, ast.Tuple) else [node.target]
        try:
            rows = ast.literal_eval(node.iter)
            table = [
                [float(x) for x in (row if isinstance(row, tuple) else (row,))] for row in rows
            ]
        except (ValueError, TypeError):
            raise EmitError(
                f"{self._name}: found a loop over {ast.unparse(node.iter)}; expected numbers"
            ) from None
        name, place = self._fresh("table"), self._fresh("row")
        self._line(f"static const double {name}[{len(table)}][{len(targets)}] = {{")
        for row in table:
            numbers = [c_literal(x).strip("()") for x in row]
            self._line(f"{INDENT}{{{', '.join(numbers)}}},")
        self._line("};")
        self._line(f"for (int {place} = 0; {place} < {len(table)}; ++{place}) {{")
        self._depth += 1
        for column, target in enumerate(targets):
            self._line(f"{self._write.text(target)} = {name}[{place}][{column}];")
        self._block(node.body)
        self._depth -= 1
        self._line("}")
