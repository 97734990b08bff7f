"""from_sympy: expressions of SymPy as a graph, ready for everything a traced function is.

The expression is walked without recursion, each subexpression once, and replayed with the public
functions of ``autodiff``.  What has no real counterpart there is an error that names it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from autodiff.errors import ArgumentError, TraceError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR
from autodiff.graph.tree.leaves import shown
from autodiff.numbers.bessel import MAX_ORDER
from autodiff.table import ops
from autodiff.table.primitive import REGISTRY, TOO_LARGE
from autodiff.trace.trace import record

if TYPE_CHECKING:
    from sympy import Basic

__all__ = ["from_sympy"]


def from_sympy(expression: object, *symbols: object, name: str = "f") -> Graph:
    """A graph that computes SymPy expressions.

    Args:
        expression: An expression, or a tuple, list, Matrix or Array of these.  A text is refused:
            making an expression of it would run it.
        symbols: The arguments, in order; by default the free symbols by name.
        name: The function's name.

    Returns:
        A graph of floats, for ``compile_gradient``, ``verify_gradient`` and the transforms.

    Raises:
        ArgumentError: if something is no expression, or a symbol is missing from ``symbols``.
        TraceError: if a function of SymPy has no counterpart here; the message names it.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> print(from_sympy(sympy.sqrt(x) * y - x / 3))
    graph f(x: float, y: float) -> float:
        %3 = div x, 3.0
        %4 = sqrt x
        %5 = mul y, %4
        %6 = sub %5, %3
        return %6
    <BLANKLINE>
    """
    import sympy

    if isinstance(expression, str):
        raise ArgumentError(
            f"from_sympy: found the text {expression!r}; expected an expression, as "
            "sympy.sympify makes of a text you trust"
        )
    odd = next((x for x in symbols if not isinstance(x, sympy.Basic)), None)
    if odd is not None:
        raise ArgumentError(f"from_sympy: found {shown(odd)}; expected symbols of SymPy")
    leaves, shape = _leaves(expression)
    found = _symbols(leaves, symbols)
    arguments = list(symbols) or sorted(found, key=sympy.default_sort_key)
    missing = sorted(str(symbol) for symbol in found if symbol not in arguments)
    if missing or len(set(arguments)) != len(arguments):
        raise ArgumentError(
            f"from_sympy: found the symbols {', '.join(missing) or 'twice'}; expected each of them "
            f"once among the arguments ({', '.join(map(str, arguments)) or 'none'})"
        )
    names = _names(arguments)

    def function(*values: object) -> Basic:
        results = _Replay(dict(zip(arguments, values, strict=True))).all(leaves)
        if shape is None:
            return results[0]
        if isinstance(shape, type):
            return shape(results)
        return np.array(results, dtype=object).reshape(shape)

    return record(function, name, [(n, SCALAR) for n in names], "from_sympy")


def _symbols(leaves: Sequence[Basic], known: Sequence[object]) -> list[object]:
    """Symbols of the expressions, those inside a known argument aside; each object visited once."""
    found: dict[object, None] = {}
    seen: set[int] = set()
    stack = list(reversed(leaves))
    while stack:
        x = stack.pop()
        if id(x) in seen:
            continue
        seen.add(id(x))
        if x in known or x.is_Symbol:
            found[x] = None
        else:
            stack += reversed(x.args)
    return list(found)


def _leaves(expression: object) -> tuple[list[object], object]:
    """The expressions, and how they are held: None for one, a type, or an array's shape."""
    import sympy

    if isinstance(expression, (tuple, list)):
        return [_checked(x) for x in expression], type(expression)
    if isinstance(expression, (sympy.MatrixBase, sympy.NDimArray)):
        flat = expression.flat() if isinstance(expression, sympy.MatrixBase) else expression
        return [_checked(x) for x in flat], tuple(map(int, expression.shape))
    return [_checked(expression)], None


def _checked(x: object) -> object:
    import sympy

    if isinstance(x, (int, float)) and not isinstance(x, bool):
        return sympy.sympify(x)
    if not isinstance(x, (sympy.Expr, sympy.logic.boolalg.Boolean)):
        raise ArgumentError(
            f"from_sympy: found {type(x).__name__} {x!r}; expected expressions of SymPy"
        )
    return x


def _names(arguments: Sequence[object]) -> list[str]:
    """An identifier for each argument: ``x[0]`` is ``x_0``."""
    names: list[str] = []
    for argument in arguments:
        name = re.sub(r"\W+", "_", str(argument)).strip("_") or "x"
        name = name if name.isidentifier() else f"x_{name}"
        while name in names:
            name += "_"
        names.append(name)
    return names


class _Replay:
    """Evaluates expressions with the functions of autodiff, each subexpression once."""

    def __init__(self, known: dict[Basic, Basic]) -> None:
        self._known = known

    def all(self, leaves: Sequence[object]) -> list[object]:
        """Values of the expressions."""
        for leaf in leaves:
            stack = [leaf]
            while stack:
                expression = stack[-1]
                if expression in self._known:
                    stack.pop()
                    continue
                missing = [x for x in _operands(expression) if x not in self._known]
                if missing:
                    stack += reversed(missing)
                else:
                    stack.pop()
                    self._known[expression] = self._value(expression)
        return [self._known[leaf] for leaf in leaves]

    def _value(self, x: Basic) -> object:
        if not x.args:
            return _atom(x)
        kind = type(x).__name__
        if x.is_Add:
            return self._sum(x)
        if x.is_Mul:
            return self._product(x)
        if x.is_Pow or kind == "exp":
            return self._power(x)
        if kind == "Piecewise":
            return self._piecewise(x)
        if kind in _OF_ORDER:
            return self._of_order(x, kind)
        rule = _RULES.get(kind)
        row = REGISTRY.get(kind) if kind not in _RULES else None
        if rule is None and (row is None or not row.module):  # a custom one has its own name
            raise TraceError(_refusal(x, kind))
        return (rule or row)(*(self._known[a] for a in x.args))  # type: ignore[misc]

    def _sum(self, x: Basic) -> object:
        """Terms in SymPy's order; one with a minus is subtracted."""
        terms = [_sign(term) for term in x.args]
        terms.sort(key=lambda term: term[0])  # a positive one first
        total: object = None
        for negative, size in terms:
            value = self._known[size]
            if total is None:
                total = -value if negative else value
            else:
                total = total - value if negative else total + value
        return total

    def _product(self, x: Basic) -> object:
        coefficient, _ = x.as_coeff_Mul()
        above, below = [], []
        for factor in _factors(x):
            base, exponent = factor.as_base_exp()
            inverse = exponent.is_Rational and exponent.is_negative and base != 1
            if factor.is_Pow and inverse and type(factor).__name__ != "exp":
                below.append(self._known[1 / factor])
            else:
                above.append(self._known[factor])
        scale, divisor, negative = _coefficient(coefficient)
        if scale != 1.0 or not above:
            above.insert(0, scale)
        if divisor != 1.0:
            below.append(divisor)
        value = reduce(lambda a, b: a * b, above)
        if below:
            value = value / reduce(lambda a, b: a * b, below)
        return -value if negative else value

    def _power(self, x: Basic) -> object:
        base, exponent = (x.base, x.exp) if x.is_Pow else (None, x.args[0])
        if base is None or type(base).__name__ == "Exp1":
            return ops.exp(self._known[exponent])
        if exponent.is_Rational:
            size = self._known[base]
            if exponent.q == 2 and abs(exponent.p) == 1:
                root = ops.sqrt(size)
                return root if exponent.p > 0 else 1.0 / root
            return ops.pow(size, _atom(exponent))
        if base == 2:
            return ops.exp2(self._known[exponent])
        return ops.pow(self._known[base], self._known[exponent])

    def _of_order(self, x: Basic, kind: str) -> object:
        order, argument = x.args
        if kind == "polygamma" and order.is_Integer and 0 <= order <= 100:
            return ops.polygamma(float(order), self._known[argument])
        if kind in _BESSEL and order.is_Integer and 0 <= order <= MAX_ORDER:
            return _BESSEL[kind](float(order), self._known[argument])
        raise TraceError(_refusal(x, f"{kind} of order {order}"))

    def _piecewise(self, x: Basic) -> object:
        result: object = math.nan
        for value, condition in reversed(x.args):
            tested = self._known[condition]
            result = self._known[value] if tested is True else ops.where(
                float(tested) if isinstance(tested, bool) else tested, self._known[value], result
            )  # fmt: skip
        return result


_BESSEL: dict[str, Callable[..., object]] = {
    "besseli": ops.iv, "besselj": ops.jv, "besselk": ops.kv, "bessely": ops.yv,
    "jn": ops.spherical_jn,
}  # fmt: skip
_OF_ORDER = ("polygamma", *_BESSEL)


def _factors(x: Basic) -> tuple[Basic, ...]:
    """Factors of a product but its rational coefficient."""
    coefficient, _ = x.as_coeff_Mul()
    return tuple(f for f in x.args if not (f.is_Rational and f == coefficient))


def _sign(term: Basic) -> tuple[bool, object]:
    """True and what is subtracted, or False and the term."""
    leading = term.args[0] if term.is_Mul else term
    negative = bool(leading.is_Number and leading.is_negative)
    return negative, -term if negative else term


def _coefficient(c: Basic) -> tuple[float, float, bool]:
    """Factor, divisor, and whether a minus remains: 1/3 is a divisor, 1/2 the factor 0.5."""
    if not c.is_Rational:  # a Float: in the product already
        return 1.0, 1.0, False
    negative = bool(c.is_negative)
    p, q = abs(int(c.p)), int(c.q)
    if q & (q - 1) == 0:
        size = _quotient(p, q)
        return (-size if negative else size, 1.0, False) if size != 1.0 else (1.0, 1.0, negative)
    return (-float(p), float(q), False) if negative and p != 1 else (float(p), float(q), negative)


_UNFINISHED = ("Derivative", "Integral", "Sum", "Product", "Limit", "Subs")


def _operands(x: Basic) -> list[object]:
    """What must be known before ``x``."""
    if type(x).__name__ in _UNFINISHED:
        return []  # refused, and what is inside is not the reason
    if x.is_Add:
        return [_sign(term)[1] for term in x.args]
    if x.is_Mul:
        found = []
        for factor in _factors(x):
            exponent = factor.as_base_exp()[1]
            inverse = factor.is_Pow and exponent.is_Rational and exponent.is_negative
            found.append(1 / factor if inverse else factor)
        return found
    if x.is_Pow and x.exp.is_Rational:
        return [x.base]
    if type(x).__name__ == "Piecewise":
        return [part for pair in x.args for part in pair]
    if type(x).__name__ in _OF_ORDER:
        return [x.args[1]]
    return list(x.args)


def _quotient(p: int, q: int) -> float:
    try:
        return p / q
    except OverflowError:
        raise ArgumentError(f"from_sympy: {TOO_LARGE}") from None


def _atom(x: Basic) -> float:
    """A number, or a truth value."""
    if x.is_Boolean:
        return bool(x)
    if x.is_Rational:
        return _quotient(int(x.p), int(x.q))
    if x.is_Float or x.is_NumberSymbol:
        return float(x)
    if x.is_infinite and x.is_extended_real:
        return math.inf if x.is_extended_positive else -math.inf
    if type(x).__name__ == "NaN":
        return math.nan
    raise TraceError(_refusal(x, str(x)))


def _refusal(x: object, kind: str) -> str:
    text = str(x)
    told = text if len(text) <= 60 else text[:57] + "..."
    advice = "Rewrite it with functions that autodiff has (autodiff.ops lists them)"
    if kind in _UNFINISHED:
        advice = "Call doit() first"
    elif kind in ("I", "zoo", "conjugate", "re", "im", "arg"):
        advice = "Only real expressions have a graph"
    return f"from_sympy: {told}: found {kind}, which has no counterpart here. {advice}"


def _chain(function: Callable[[object, object], object]) -> Callable[..., object]:
    return lambda *values: reduce(function, map(_number, values))


def _number(x: object) -> object:
    return float(x) if isinstance(x, bool) else x


# SymPy's name -> what computes it; functions of the same name need no line here.
_RULES: dict[str, Callable[..., object]] = {
    "log": ops.log, "sin": ops.sin, "cos": ops.cos, "tan": ops.tan, "asin": ops.asin,
    "acos": ops.acos, "atan": ops.atan, "atan2": ops.atan2, "sinh": ops.sinh, "cosh": ops.cosh,
    "tanh": ops.tanh, "asinh": ops.asinh, "acosh": ops.acosh, "atanh": ops.atanh,
    "erf": ops.erf, "erfc": ops.erfc, "erfinv": ops.erfinv, "erfcinv": ops.erfcinv,
    "gamma": ops.gamma, "loggamma": ops.lgamma,
    "digamma": ops.digamma, "floor": ops.floor, "ceiling": ops.ceil, "Abs": ops.abs_,
    "sign": ops.sign, "Mod": ops.mod, "Max": _chain(ops.maximum), "Min": _chain(ops.minimum),
    "sec": lambda x: 1.0 / ops.cos(x), "csc": lambda x: 1.0 / ops.sin(x),
    "cot": lambda x: 1.0 / ops.tan(x), "sech": lambda x: 1.0 / ops.cosh(x),
    "csch": lambda x: 1.0 / ops.sinh(x), "coth": lambda x: 1.0 / ops.tanh(x),
    "acot": lambda x: ops.atan(1.0 / x), "asec": lambda x: ops.acos(1.0 / x),
    "acsc": lambda x: ops.asin(1.0 / x),
    "sinc": lambda x: ops.sinc(x / math.pi), "factorial": lambda x: ops.gamma(x + 1.0),
    "Heaviside": lambda x, at_zero=0.5: ops.where(
        x > 0.0, 1.0, ops.where(x < 0.0, 0.0, at_zero)),
    "StrictLessThan": ops.lt, "LessThan": ops.le, "StrictGreaterThan": ops.gt,
    "GreaterThan": ops.ge, "Equality": ops.eq, "Unequality": ops.ne,
    "And": _chain(ops.logical_and), "Or": _chain(ops.logical_or), "Not": ops.logical_not,
    "ITE": ops.where, "log1p": ops.log1p, "expm1": ops.expm1, "exp2": ops.exp2,
    "log2": ops.log2, "log10": ops.log10, "hypot": ops.hypot,
    "Cbrt": ops.cbrt, "Sqrt": ops.sqrt,
}  # fmt: skip
