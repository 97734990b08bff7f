"""Portable functions in C99, translated from their Python source.

Written by hand are only those whose Python source uses what C does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from autodiff.numbers.ieee import PORTABLE
from autodiff.quoting import quoted
from codegen.subset.grammar import (
    Assign,
    Expression,
    Function,
    If,
    Number,
    Range,
    Return,
    Rows,
    Statement,
    Together,
    Unary,
    While,
)
from codegen.subset.read_python import SubsetError, function_of
from codegen.subset.shown import shown
from codegen.subset.spelling_c import (
    INDENT,
    KEYWORDS,
    LIBRARY,
    Expressions,
    c_literal,
    helper_name,
    pointer,
    wrapper,
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


def definitions(names: Iterable[str], seen_through: bool = False) -> list[str]:
    """C text of these portable functions and of all they call, each after what it calls.

    Args:
        names: What is called.
        seen_through: Whether compilers may see which function of the C library stands behind a
            name, and compute sine and cosine of one angle at once, say.
    """
    found: dict[str, str] = {}
    stack = list(reversed(list(names)))
    while stack:
        name = stack[-1]
        text, calls = _definition(name, seen_through)
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
def _definition(name: str, seen_through: bool) -> tuple[str, tuple[str, ...]]:
    if name.startswith(LIBRARY):
        return (wrapper if seen_through else pointer)(name), ()
    return _BY_HAND.get(name) or _Translation(function_of(PORTABLE[name], name)).result()


def _c_name(name: str) -> str:
    return f"{name}_" if name in KEYWORDS else name


class _Translation:
    """One function of floats, statement by statement."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._locals = list(dict.fromkeys([*function.parameters, *_assigned(function.body)]))
        self._write = Expressions(self._local, function.name)
        self._lines: list[str] = []
        self._depth = 1

    def _local(self, name: str) -> str | None:
        return _c_name(name) if name in self._locals else None

    def result(self) -> tuple[str, tuple[str, ...]]:
        """Text, and the functions it calls."""
        function = self._function
        held = self._locals[len(function.parameters) :]
        declared = [f"{INDENT}double {_c_name(name)} = 0.0;" for name in held]
        self._block(function.body)
        parameters = ", ".join(f"double {_c_name(p)}" for p in function.parameters)
        head = f"static double {helper_name(function.name)}({parameters})"
        note = [f"/* {quoted(function.summary, 'c comment')} */"] if function.summary else []
        text = "\n".join([*note, head, "{", *declared, *self._lines, "}"]) + "\n"
        return text, tuple(self._write.calls)

    def _fresh(self, wish: str) -> str:
        """A name that no variable of the function has."""
        while wish in self._locals:
            wish += "_"
        self._locals.append(wish)
        return wish

    def _line(self, text: str) -> None:
        self._lines.append(INDENT * self._depth + text)

    def _block(self, statements: Sequence[Statement]) -> None:
        for statement in statements:
            self._statement(statement)

    def _nested(self, head: str, lines: Iterable[str], statements: Sequence[Statement]) -> None:
        """A block, and the lines that come first in it; its end is left open."""
        self._line(head + " {")
        self._depth += 1
        for line in lines:
            self._line(line)
        self._block(statements)
        self._depth -= 1

    def _statement(self, node: Statement) -> None:
        text = self._write.text
        match node:
            case Return(value):
                self._line(f"return {text(value)};")
            case Assign(names, value):
                self._line(f"{' = '.join(map(_c_name, names))} = {text(value)};")
            case Together(names, values):
                held = [self._fresh("new") for _ in names]
                for place, value in zip(held, values, strict=True):
                    self._line(f"const double {place} = {text(value)};")
                for name, place in zip(names, held, strict=True):
                    self._line(f"{_c_name(name)} = {place};")
            case If(test, yes, no):
                self._nested(f"if ({text(test)})", (), yes)
                if no:
                    self._nested("} else", (), no)
                self._line("}")
            case While(test, body):
                self._nested(f"while ({text(test)})", (), body)
                self._line("}")
            case Range(name, first, last, body):
                # The count is C's own: the body may assign to the variable, which outlives it.
                start, end, count = text(first), text(last), self._fresh("count")
                head = f"for (double {count} = {start}; {count} < {end}; {count} += 1.0)"
                self._nested(head, [f"{_c_name(name)} = {count};"], body)
                self._line("}")
            case Rows():
                self._table(node)

    def _table(self, node: Rows) -> None:
        """A loop over rows of numbers."""
        table, row = self._fresh("table"), self._fresh("row")
        count, width = len(node.rows), len(node.names)
        self._line(f"static const double {table}[{count}][{width}] = {{")
        for numbers in node.rows:
            texts = [c_literal(self._number(item)).strip("()") for item in numbers]
            self._line(f"{INDENT}{{{', '.join(texts)}}},")
        self._line("};")
        taken = [f"{_c_name(name)} = {table}[{row}][{i}];" for i, name in enumerate(node.names)]
        self._nested(f"for (int {row} = 0; {row} < {count}; ++{row})", taken, node.body)
        self._line("}")

    def _number(self, node: Expression) -> float:
        match node:
            case Number(value):
                return value
            case Unary("-", Number(value)):
                return -value
        raise SubsetError(
            f"{self._function.name}: found a loop over {shown(node)}; expected numbers"
        )


def _assigned(body: Sequence[Statement]) -> list[str]:
    """Names of the variables, those of outer blocks first."""
    found: list[str] = []
    level: list[Statement | tuple[str, ...] | str] = list(body)
    while level:
        after: list[Statement | tuple[str, ...] | str] = []
        for node in level:
            match node:
                case str():
                    found.append(node)
                case tuple():
                    after += node
                case Assign(names):
                    after += names
                case Together(names):
                    after.append(names)
                case If(_, yes, no):
                    after += (*yes, *no)
                case While(_, inside):
                    after += inside
                case Range(name, _, _, inside):
                    after += (name, *inside)
                case Rows(names, _, inside):
                    after += (names if len(names) > 1 else names[0], *inside)
        level = after
    return found
