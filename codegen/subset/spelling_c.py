"""Python expressions as C99: rows of the table, and parts of portable functions.

Every number is a double.  A truth value is what C makes of a comparison; inside arithmetic it is
cast, so that no operation is ever done on integers.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from functools import cache

from autodiff.errors import EmitError
from autodiff.numbers.ieee import PORTABLE
from codegen.language.template import (
    AND,
    ATOM,
    COMPARISON,
    CONDITIONAL,
    OR,
    PRODUCT,
    SUM,
    UNARY,
    Template,
)

__all__ = [
    "KEYWORDS",
    "LIBRARY",
    "Expressions",
    "c_literal",
    "c_template",
    "helper_name",
    "pointer",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LIBRARY = "libm_"  # how the name of a pointer to a function of the C library begins

# What C calls what Python spells otherwise; other functions of ``math`` have their own name.
_SPELLED = {
    "abs": "fabs",
    "round": "rint",
    "int": "trunc",
    "math.gamma": "tgamma",
    "math.factorial": "proofgrad_factorial",
    "min": "proofgrad_min",
    "max": "proofgrad_max",
}
# Portable functions that C has itself, with the same bits.
_OWN = frozenset({"floor", "ceil", "trunc", "rint"})
_MATH = _words(
    """acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1
    fabs floor fmod hypot isfinite isinf isnan lgamma log log10 log1p log2 nextafter pow remainder
    sin sinh sqrt tan tanh trunc gamma factorial"""
)
# Functions whose result is a rounded one, so that a compiler that computes it for constants, or
# writes pow(x, 2.0) as a product, may give other bits than the C library.  They are called through
# pointers that it cannot see through.
_ROUNDED = _words(
    """acos acosh asin asinh atan atan2 atanh cbrt cos cosh erf erfc exp exp2 expm1 hypot lgamma log
    log10 log1p log2 pow sin sinh tan tanh tgamma"""
)
_OF_TWO = frozenset({"atan2", "hypot", "pow"})
_ONE = frozenset({"abs", "round", "int", "math.log"})  # Python allows a second argument
_CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau, "inf": math.inf, "nan": math.nan}

# Words a variable cannot have: C's, C++'s, what math.h defines, and what our own lines use.
KEYWORDS = _words(
    """auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef union
    unsigned void volatile while alignas alignof asm and and_eq bitand bitor bool catch class compl
    concept const_cast constexpr delete dynamic_cast explicit export false friend mutable namespace
    new noexcept not not_eq nullptr operator or or_eq private protected public reinterpret_cast
    static_assert static_cast template this thread_local throw true try typeid typename using
    virtual wchar_t xor xor_eq NULL NAN INFINITY gradient main malloc free y0 y1 yn j0 j1 jn
    nan scalb signgam ilogb logb frexp ldexp modf fma fmax fmin fdim lrint llrint lround llround
    nearbyint round rint tgamma scalbn scalbln nexttoward remquo isnormal signbit fpclassify
    linux unix i value HUGE_VAL HUGE_VALF HUGE_VALL MAXFLOAT M_E M_LOG2E M_LOG10E M_LN2 M_LN10 M_PI
    M_PI_2 M_PI_4 M_1_PI M_2_PI M_2_SQRTPI M_SQRT2 M_SQRT1_2"""
) | {LIBRARY + name for name in _ROUNDED}

_INFIX = {
    ast.Add: ("+", SUM),
    ast.Sub: ("-", SUM),
    ast.Mult: ("*", PRODUCT),
    ast.Div: ("/", PRODUCT),
}
_COMPARED = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


def c_literal(value: float) -> str:
    """Text of a number; negative ones stand in parentheses."""
    if value != value:
        return "NAN"
    text = "INFINITY" if math.isinf(value) else repr(abs(value))
    return text if math.copysign(1.0, value) > 0 else f"(-{text})"


def pointer(name: str) -> str:
    """Definition of the pointer through which the C library's function is called."""
    own = name.removeprefix(LIBRARY)
    types = "double, double" if own in _OF_TWO else "double"
    return f"static double (*const volatile {name})({types}) = {own};\n"


def helper_name(name: str) -> str:
    """What a copied function is called in C: names of ours never meet those of a C library."""
    return f"proofgrad_{name}"


class Expressions:
    """Writes expressions and notes what they need.

    Args:
        local: C's name of a variable; None if the expression may not name it.
        where: What is being written, for errors.

    Attributes:
        calls: Functions that the file must define, by Python's name.
        needs: What each hole ``{i}`` must bind with, once per occurrence.
    """

    def __init__(self, local: Callable[[str], str | None], where: str) -> None:
        self._local, self._where = local, where
        self.calls: dict[str, None] = {}
        self.needs: dict[int, list[int]] = {}

    def text(self, node: ast.expr, need: int = CONDITIONAL) -> str:
        """Text of ``node``, in parentheses where its context needs them."""
        if isinstance(node, ast.Name) and node.id.startswith("_hole"):
            hole = int(node.id[5:])
            self.needs.setdefault(hole, []).append(need)
            return f"{{{hole}}}"
        text, binds = self.form(node)
        if OR <= binds <= COMPARISON and need >= SUM:
            return f"(double)({text})"
        return text if binds >= need else f"({text})"

    def form(self, node: ast.expr) -> tuple[str, int]:
        """Text of ``node`` and how strongly it binds."""
        match node:
            case ast.Constant(value=(bool() | int() | float()) as value):
                return c_literal(float(value)), ATOM
            case ast.Name() if (name := self._local(node.id)) is not None:
                return name, ATOM
            case ast.Attribute(value=ast.Name(id="math"), attr=attr) if attr in _CONSTANTS:
                return c_literal(_CONSTANTS[attr]), ATOM
            case ast.Call():
                return self._call(node), ATOM
            case ast.UnaryOp(op=ast.USub()):  # ``--x`` would be an operator of C
                return f"-{self.text(node.operand, ATOM)}", UNARY
            case ast.UnaryOp(op=ast.Not()):
                return f"!{self._condition(node.operand)}", UNARY
            case ast.BinOp(op=ast.Mod() | ast.Pow()):
                if isinstance(node.op, ast.Mod):
                    return self._helper("mod", node.left, node.right), ATOM
                return self._library("pow", node.left, node.right), ATOM
            case ast.BinOp() if type(node.op) in _INFIX:
                sign, binds = _INFIX[type(node.op)]
                left, right = self.text(node.left, binds), self.text(node.right, binds + 1)
                return f"{left} {sign} {right}", binds
            case ast.BoolOp() if all(map(_is_truth, node.values)):
                sign, binds = ("&&", AND) if isinstance(node.op, ast.And) else ("||", OR)
                return f" {sign} ".join(self.text(v, COMPARISON) for v in node.values), binds
            case ast.Compare() if all(type(op) in _COMPARED for op in node.ops):
                return self._compare(node)
            case ast.IfExp():
                test, body = self.text(node.test, OR), self.text(node.body, OR)
                return f"{test} ? {body} : {self.text(node.orelse)}", CONDITIONAL
        raise EmitError(
            f"{self._where}: found {ast.unparse(node)}; C text is made of arithmetic on floats, "
            "comparisons, conditional expressions and functions of math"
        )

    def _condition(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return self.text(node, ATOM)
        text, binds = self.form(node)
        return text if binds >= ATOM else f"({text})"

    def _compare(self, node: ast.Compare) -> tuple[str, int]:
        values = [node.left, *node.comparators]
        pairs = [
            f"{self.text(x, SUM)} {_COMPARED[type(op)]} {self.text(y, SUM)}"
            for op, x, y in zip(node.ops, values, values[1:], strict=False)
        ]
        return " && ".join(pairs), COMPARISON if len(pairs) == 1 else AND

    def _helper(self, name: str, *arguments: ast.expr) -> str:
        self.calls[name] = None
        return f"{helper_name(name)}({', '.join(map(self.text, arguments))})"

    def _library(self, name: str, *arguments: ast.expr) -> str:
        """A call of the C library's function."""
        if name in _ROUNDED:
            name = f"{LIBRARY}{name}"
            self.calls[name] = None
        return f"{name}({', '.join(map(self.text, arguments))})"

    def _call(self, node: ast.Call) -> str:
        name, arguments = ast.unparse(node.func), node.args
        if node.keywords or (name in _ONE and len(arguments) != 1):
            name = ""
        bare = name.removeprefix("math.")
        if name == "float" and len(arguments) == 1:
            return self.text(arguments[0], ATOM)
        if name in PORTABLE and name not in _OWN:
            return self._helper(name, *arguments)
        if name in _SPELLED or bare in _MATH:
            spelled = _SPELLED.get(name, bare)
            if spelled.startswith("proofgrad_"):
                return self._helper(spelled.removeprefix("proofgrad_"), *arguments)
            return self._library(spelled, *arguments)
        if name in _OWN:
            return self._library(name, *arguments)
        raise EmitError(
            f"{self._where}: found {ast.unparse(node)}, a function C does not have; expected one "
            "of Python's math"
        )


def _is_truth(node: ast.expr) -> bool:
    """True for an expression that is a truth value in Python too, or a hole."""
    match node:
        case ast.Name():
            return node.id.startswith("_hole")
        case ast.UnaryOp():
            return isinstance(node.op, ast.Not)
        case ast.Call():
            return ast.unparse(node.func) in ("math.isnan", "math.isinf", "math.isfinite")
    return isinstance(node, (ast.Compare, ast.BoolOp))


_HOLE = re.compile(r"\{(\d+)\}")


@cache
def c_template(text: str, arity: int) -> Template:
    """A row's Python text as a template of C text."""
    root = ast.parse(_HOLE.sub(r"_hole\1", text), mode="eval").body
    writer = Expressions(lambda name: None, text)
    spelled, binds = writer.form(root)
    parts = _HOLE.split(spelled)
    pieces = [int(p) if i % 2 else p for i, p in enumerate(parts) if p or i % 2]
    sign = str(pieces[1]) if pieces[0:3:2] == [0, 1] and len(pieces) == 3 else ""
    needs = [writer.needs.get(i, []) for i in range(arity)]
    return Template(
        spelled,
        binds,
        tuple(max(need, default=CONDITIONAL) for need in needs),
        tuple(i for i, need in enumerate(needs) if len(need) > 1),
        tuple(writer.calls),
        tuple(pieces),
        sign,
    )
