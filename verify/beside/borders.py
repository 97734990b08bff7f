"""Borders: where a function may have no derivative, read off the texts of its primitives.

A row's ``sympy`` text says it all: ``Max(a, b)`` has a kink where a = b, ``log(a)`` is singular at
a = 0, ``floor(a)`` jumps at integers, a quotient is singular where its denominator is zero.  So a
new row is understood without a word about it here, as long as it is written with known functions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from autodiff.numbers import bessel, ieee, special
from autodiff.table.float import Float

__all__ = ["Border", "borders_of", "is_atom", "is_positive"]


@dataclass(frozen=True)
class Border:
    """One place where a text may have no derivative.

    Args:
        kind: "kink", "jump", "singular", or "switch" where a condition changes.
        where: In words, with x0, x1, ... for the operands: "x0 = x1".
        gap: What is zero there, as an expression of the operands; "" where no one number is.
    """

    kind: str
    where: str
    gap: str = ""

    def words(self, operands: Mapping[str, str]) -> str:
        """``where`` with the user's expressions in place of the operands."""
        return _renamed(self.where, operands)

    def exists(self, known: frozenset[int]) -> bool:
        """False if what is zero there is seen to be positive, given operands that are."""
        if not self.gap or not known:
            return True
        gap = ast.parse(self.gap, mode="eval").body
        return not _positive(gap, frozenset(f"x{i}" for i in known))

    def distance(self, operands: list[float]) -> float | None:
        """What is zero on the border, for these operands; None if that is no number."""
        if not self.gap:
            return None
        try:
            gap = _compiled(self.gap, len(operands))(*map(Float, operands))
        except (ArithmeticError, ValueError, TypeError, NameError):
            return None
        return float(gap)


def _renamed(text: str, operands: Mapping[str, str]) -> str:
    def expression(match: re.Match[str]) -> str:
        operand = operands.get(match[0], match[0])
        before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip()
        alone = before[-1:] in ("", "(", ",", "=") and after[:1] in ("", ")", ",", "=", "i")
        return operand if alone or is_atom(operand) else f"({operand})"

    return re.sub(r"\bx\d+\b", expression, text)


def is_atom(text: str) -> bool:
    """True if an expression needs no parentheses: a name, a number, one call."""
    if re.fullmatch(r"[\w.\[\]%]+", text):
        return True
    if not re.match(r"\w+\(", text):
        return False
    depth = 0
    for k, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and letter == ")":
            return k == len(text) - 1
    return False


@cache
def _compiled(text: str, arity: int) -> Callable[..., float]:
    names = {
        **vars(special),
        **vars(bessel),
        **vars(ieee),
        "Abs": abs,
        "ceiling": ieee.ceil,
        "pi": 3.141592653589793,
    }
    holes = ", ".join(f"x{i}" for i in range(arity))
    code = compile(f"lambda {holes}: {text}", "<sympy column>", "eval")
    function: Callable[..., float] = eval(code, {"__builtins__": {}} | names)
    return function


@cache
def borders_of(text: str, literals: tuple[tuple[int, float], ...] = ()) -> tuple[Border, ...]:
    """Borders of a primitive's text.

    Args:
        text: The ``sympy`` column, with ``{0}`` for the first operand.
        literals: Operands that are numbers.

    >>> borders_of("Max({0}, {1})")
    (Border(kind='kink', where='x0 = x1', gap='x0 - x1'),)
    >>> [border.where for border in borders_of("log(1 + {0})")]
    ['1 + x0 = 0']
    >>> borders_of("log(1 + exp({0}))")
    ()
    """
    tree = _parsed(text, literals)
    found: dict[str, Border] = {}
    for node in ast.walk(tree):
        for border in _borders(node):
            if re.search(r"\bx\d\b", border.where):
                found.setdefault(border.where, border)
    return tuple(found.values())


def _parsed(text: str, literals: tuple[tuple[int, float], ...]) -> ast.Expression:
    numbers = dict(literals)
    holes = [repr(numbers[i]) if i in numbers else f"x{i}" for i in range(8)]
    return ast.parse(text.format(*holes), mode="eval")


def _borders(node: ast.AST) -> Iterator[Border]:
    if isinstance(node, ast.Compare):
        yield _meet("switch", node.left, node.comparators[0])
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield from _BY_NAME.get(node.func.id, _nothing)(*node.args)
    elif isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Div) and not _positive(node.right):
            yield _zero("singular", node.right)
        elif isinstance(node.op, ast.Mod):
            yield Border("jump", f"{_text(node.left)} / {_text(node.right)} is an integer")
            yield _zero("singular", node.right)
        elif isinstance(node.op, ast.Pow):
            yield from _power(node.left, node.right)


def _power(base: ast.expr, exponent: ast.expr) -> Iterator[Border]:
    try:
        n = float(ast.literal_eval(exponent))
    except (ValueError, TypeError):
        n = 0.5  # computed: it may be anything
    if not _positive(base) and not (n >= 0.0 and n % 1.0 == 0.0):
        yield _zero("singular", base)


def _nothing(*_: ast.expr) -> Iterator[Border]:
    yield from ()


def _text(node: ast.expr) -> str:
    return ast.unparse(node)


def _zero(kind: str, node: ast.expr) -> Border:
    return Border(kind, f"{_text(node)} = 0", _text(node))


def _meet(kind: str, x: ast.expr, y: ast.expr) -> Border:
    if isinstance(y, ast.Constant) and y.value == 0:
        return _zero(kind, x)
    right = _text(y) if isinstance(y, (ast.Name, ast.Constant, ast.Call)) else f"({_text(y)})"
    return Border(kind, f"{_text(x)} = {_text(y)}", f"{_text(x)} - {right}")


def _at_zero(kind: str) -> Callable[..., Iterator[Border]]:
    def borders(x: ast.expr) -> Iterator[Border]:
        if not _positive(x):
            yield _zero(kind, x)

    return borders


def _at(kind: str, where: str, gap: str = "") -> Callable[..., Iterator[Border]]:
    def borders(*operands: ast.expr) -> Iterator[Border]:
        texts = [_text(x) for x in operands]
        yield Border(kind, where.format(*texts), gap.format(*(f"({t})" for t in texts)))

    return borders


def _tie(x: ast.expr, y: ast.expr) -> Iterator[Border]:
    yield _meet("kink", x, y)


def _equality(x: ast.expr, y: ast.expr) -> Iterator[Border]:
    yield _meet("switch", x, y)


_BY_NAME: dict[str, Callable[..., Iterator[Border]]] = {
    "Max": _tie,
    "Min": _tie,
    "Eq": _equality,
    "Ne": _equality,
    "Abs": _at_zero("kink"),
    "sign": _at_zero("jump"),
    "log": _at_zero("singular"),
    "sqrt": _at_zero("singular"),
    "floor": _at("jump", "{0} is an integer", "{0} - floor({0})"),
    "ceiling": _at("jump", "{0} is an integer", "{0} - floor({0})"),
    "asin": _at("singular", "abs({0}) = 1", "Abs({0}) - 1.0"),
    "acos": _at("singular", "abs({0}) = 1", "Abs({0}) - 1.0"),
    "atanh": _at("singular", "abs({0}) = 1", "Abs({0}) - 1.0"),
    "acosh": _at("singular", "{0} = 1", "{0} - 1.0"),
    "tan": _at("singular", "cos({0}) = 0", "cos({0})"),
    "atan2": _at("singular", "({0}, {1}) = (0, 0)", "Abs({0}) + Abs({1})"),
    "gamma": _at("singular", "{0} = 0, -1, -2, ...", "{0}"),
    "digamma": _at("singular", "{0} = 0, -1, -2, ...", "{0}"),
    "loggamma": _at("singular", "{0} = 0", "{0}"),
    "polygamma": _at("singular", "{1} = 0, -1, -2, ...", "{1}"),
    "bessely": _at("singular", "{1} = 0", "{1}"),
    "besselk": _at("singular", "{1} = 0", "{1}"),
    "erfinv": _at("singular", "abs({0}) = 1", "Abs({0}) - 1.0"),
    "erfcinv": _at("singular", "{0} is 0 or 2", "Abs({0} - 1.0) - 1.0"),
}


def is_positive(text: str, literals: tuple[tuple[int, float], ...], known: frozenset[int]) -> bool:
    """True if a text shows that its value is above zero, given operands that are.

    >>> is_positive("1/(1 + exp(-{0}))", (), frozenset())
    True
    """
    return _positive(_parsed(text, literals).body, frozenset(f"x{i}" for i in known))


def _positive(node: ast.expr, known: frozenset[str] = frozenset()) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (int, float)) and node.value > 0
    if isinstance(node, ast.Name):
        return node.id in known or node.id == "pi"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "log":  # of a number above 1, or of 1 + something positive
            return _above_one(node.args[0], known)
        if node.func.id == "sqrt":
            return _positive(node.args[0], known)
        if node.func.id == "Max":
            return any(_positive(x, known) for x in node.args)
        return node.func.id in ("exp", "cosh")
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mult, ast.Div)):
        return _positive(node.left, known) and _positive(node.right, known)
    return (
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _positive(node.left, known)
    )


def _above_one(node: ast.expr, known: frozenset[str]) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (int, float)) and node.value > 1
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
        return False
    parts = (node.left, node.right), (node.right, node.left)
    return any(
        isinstance(one, ast.Constant) and one.value == 1 and _positive(other, known)
        for one, other in parts
    )
