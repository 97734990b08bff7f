"""Python expressions as C99: rows of the table, and parts of portable functions.

Every number is a double.  A truth value is what C makes of a comparison; inside arithmetic it is
cast, so that no operation is ever done on integers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

from autodiff.numbers.ieee import PORTABLE
from codegen.subset.grammar import (
    CONSTANTS,
    Binary,
    Call,
    Comparison,
    Conditional,
    Constant,
    Expression,
    Logic,
    Name,
    Number,
    Truth,
    Unary,
    hole_of,
)
from codegen.subset.read_python import SubsetError, row_of
from codegen.subset.shown import shown
from codegen.subset.template import (
    AND,
    ATOM,
    COMPARISON,
    CONDITIONAL,
    OR,
    PRODUCT,
    SUM,
    UNARY,
    Template,
    template_of,
)

__all__ = [
    "DIRECT",
    "INDENT",
    "KEYWORDS",
    "LIBRARY",
    "RESERVED",
    "Expressions",
    "c_literal",
    "c_template",
    "helper_name",
    "pointer",
    "wrapper",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


INDENT = "    "  # of a line of a file
# How the name of a pointer to a function of the C library begins.  Through it compilers do not know
# what they call: gcc would join sin and cos to sincos, whose sine is another in glibc 2.36 at
# 0x1.ad1fb54442d18p+0.
LIBRARY = "libm_"

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

# Words nothing can be called: C's, C++'s, and macros of the headers we include.
RESERVED = _words(
    """auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef union
    unsigned void volatile while alignas alignof asm and and_eq bitand bitor bool catch class compl
    concept const_cast constexpr delete dynamic_cast explicit export false friend mutable namespace
    new noexcept not not_eq nullptr operator or or_eq private protected public reinterpret_cast
    static_assert static_cast template this thread_local throw true try typeid typename using
    virtual wchar_t xor xor_eq NULL NAN INFINITY HUGE_VAL HUGE_VALF HUGE_VALL MAXFLOAT M_E M_LOG2E
    M_LOG10E M_LN2 M_LN10 M_PI M_PI_2 M_PI_4 M_1_PI M_2_PI M_2_SQRTPI M_SQRT2 M_SQRT1_2 FP_NAN
    FP_INFINITE FP_ZERO FP_SUBNORMAL FP_NORMAL FP_ILOGB0 FP_ILOGBNAN MATH_ERRNO MATH_ERREXCEPT
    math_errhandling DOMAIN SING OVERFLOW UNDERFLOW TLOSS PLOSS EXIT_SUCCESS EXIT_FAILURE RAND_MAX
    MB_CUR_MAX BIG_ENDIAN LITTLE_ENDIAN PDP_ENDIAN BYTE_ORDER linux unix"""
) | {LIBRARY + name for name in _ROUNDED}
# Words no variable of ours has besides, but a parameter may.
KEYWORDS = RESERVED | _words(
    """gradient main malloc free y0 y1 yn j0 j1 jn nan scalb signgam ilogb logb frexp ldexp modf
    fma fmax fmin fdim lrint llrint lround llround nearbyint round rint tgamma scalbn scalbln
    nexttoward remquo isnormal signbit fpclassify i value"""
)
# What emitted lines call by its own name, and what stands for it where a parameter has the name.
DIRECT = {
    **{
        name: f"static double {{alias}}(double x) {{{{ return {name}(x); }}}}\n"
        for name in ("fabs", "sqrt", "rint", "trunc", "floor", "ceil")
    },
    **{
        name: f"static double {{alias}}(double x, double y) {{{{ return {name}(x, y); }}}}\n"
        for name in ("fmod", "copysign", "nextafter", "remainder")
    },
    **{
        name: f"static int {{alias}}(double x) {{{{ return {name}(x); }}}}\n"
        for name in ("isnan", "isinf", "isfinite")
    },
    "malloc": "static void *{alias}(size_t size) {{ return malloc(size); }}\n",
    "free": "static void {alias}(void *p) {{ free(p); }}\n",
}

_INFIX = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT}


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


def wrapper(name: str) -> str:
    """Definition of a function that is the C library's, and that a compiler may see through."""
    own = name.removeprefix(LIBRARY)
    parameters, arguments = ("double x, double y", "x, y") if own in _OF_TWO else ("double x", "x")
    return f"static double {name}({parameters}) {{ return {own}({arguments}); }}\n"


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

    def text(self, node: Expression, need: int = CONDITIONAL) -> str:
        """Text of ``node``, in parentheses where its context needs them."""
        hole = hole_of(node.name) if isinstance(node, Name) else None
        if hole is not None:
            self.needs.setdefault(hole, []).append(need)
            return f"{{{hole}}}"
        text, binds = self.form(node)
        if OR <= binds <= COMPARISON and need >= SUM:
            return f"(double)({text})"
        return text if binds >= need else f"({text})"

    def form(self, node: Expression) -> tuple[str, int]:
        """Text of ``node`` and how strongly it binds."""
        match node:
            case Truth(value) | Number(value):
                return c_literal(float(value)), ATOM
            case Constant(name):
                return c_literal(CONSTANTS[name]), ATOM
            case Name(name):
                local = self._local(name)
                if local is not None:
                    return local, ATOM
            case Call():
                return self._call(node), ATOM
            case Unary("not", operand):
                return f"!{self._condition(operand)}", UNARY
            case Unary(_, operand):  # ``--x`` would be an operator of C
                return f"-{self.text(operand, ATOM)}", UNARY
            case Binary(left, "%" | "**" as sign, right):
                write = self._helper if sign == "%" else self._library
                return write("mod" if sign == "%" else "pow", left, right), ATOM
            case Binary(left, sign, right):
                binds = _INFIX[sign]
                return f"{self.text(left, binds)} {sign} {self.text(right, binds + 1)}", binds
            case Logic(word, values):
                sign, binds = ("&&", AND) if word == "and" else ("||", OR)
                return f" {sign} ".join(self.text(v, COMPARISON) for v in values), binds
            case Comparison():
                pairs = [
                    f"{self.text(x, SUM)} {sign} {self.text(y, SUM)}" for x, sign, y in node.pairs()
                ]
                return " && ".join(pairs), COMPARISON if len(pairs) == 1 else AND
            case Conditional(test, yes, no):
                return (
                    f"{self.text(test, OR)} ? {self.text(yes, OR)} : {self.text(no)}",
                    CONDITIONAL,
                )
        raise self._refused(node, "a name that is no variable")

    def _refused(self, node: Expression, what: str) -> SubsetError:
        return SubsetError(
            f"{self._where}: found {shown(node)}, {what}; C text is made of arithmetic on floats, "
            "comparisons, conditional expressions and functions of math"
        )

    def _condition(self, node: Expression) -> str:
        if isinstance(node, Name):
            return self.text(node, ATOM)
        text, binds = self.form(node)
        return text if binds >= ATOM else f"({text})"

    def _helper(self, name: str, *arguments: Expression) -> str:
        self.calls[name] = None
        return f"{helper_name(name)}({', '.join(map(self.text, arguments))})"

    def _library(self, name: str, *arguments: Expression) -> str:
        """A call of the C library's function."""
        if name in _ROUNDED:
            name = f"{LIBRARY}{name}"
            self.calls[name] = None
        return f"{name}({', '.join(map(self.text, arguments))})"

    def _call(self, node: Call) -> str:
        name, arguments, bare = node.name, node.arguments, node.bare
        if name in _ONE and len(arguments) != 1:
            raise self._refused(node, "a function of one number")
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
        raise self._refused(node, "a function C does not have")


@cache
def c_template(text: str, arity: int) -> Template:
    """A row's Python text as a template of C text."""
    writer = Expressions(lambda name: None, text)
    spelled, binds = writer.form(row_of(text))
    return template_of(
        spelled, binds, [writer.needs.get(i, []) for i in range(arity)], writer.calls
    )
