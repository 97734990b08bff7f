r"""to_latex: a function and its gradient as formulas, one line per named value.

The notation of a primitive is read off its ``sympy`` text, so the table needs no column for it.
Values keep the user's names: ``d1`` is :math:`d_1`, ``sigma`` is :math:`\sigma`, a cotangent has a
bar.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Sequence
from functools import cache

from autodiff.graph.graph import Graph
from autodiff.graph.structure import leaf_names
from autodiff.run.agreement import trace_either_way
from autodiff.run.reverse_plan import Wrt, select_arguments
from autodiff.run.transform import value_and_gradient
from autodiff.run.whole.scalarize import scalarize
from autodiff.table.primitive import Primitive
from autodiff.trace.functions.named_arguments import signature_examples
from codegen.kind import kind_of
from codegen.latex_labels import labels_of, symbol
from codegen.passes import before_emission, run_passes
from codegen.stable import GivenDomain, domain_in, in_profile
from codegen.text.emit import split
from codegen.text.parameters import parts_of

__all__ = ["symbol", "to_latex"]

# How strongly a formula binds; an operand needs parentheses where more is asked for.
COMPARISON, SUM, NEGATIVE, PRODUCT, POWER, ATOM = range(6)
_LONGEST = 110  # characters of LaTeX; a longer operand gets a line of its own
Formula = tuple[str, int]

_NAMED = frozenset(["sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min"])
_CALLED = {
    "log": r"\ln", "asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan", "gamma": r"\Gamma",
    "Max": r"\max", "Min": r"\min", "digamma": r"\psi", "loggamma": r"\ln\Gamma",
    "asinh": r"\operatorname{arsinh}", "acosh": r"\operatorname{arcosh}",
    "atanh": r"\operatorname{artanh}", "erfinv": r"\operatorname{erf}^{-1}",
    "erfcinv": r"\operatorname{erfc}^{-1}",
}  # fmt: skip
_FENCED = {"Abs": (r"\left|", r"\right|"), "floor": (r"\left\lfloor ", r"\right\rfloor"),
           "ceiling": (r"\left\lceil ", r"\right\rceil")}  # fmt: skip
_COMPARED = {ast.Lt: "<", ast.LtE: r"\le", ast.Gt: ">", ast.GtE: r"\ge"}
_RELATION = {"Eq": "=", "Ne": r"\ne", "And": r"\land", "Or": r"\lor"}


def to_latex(
    function: Callable[..., object] | Graph,
    *examples: object,
    wrt: Wrt = None,
    profile: str = "exact",
    what: str | tuple[str, ...] = ("value", "gradient"),
    sparse: bool | str = False,
    domain: GivenDomain = None,
) -> str:
    r"""Value and gradient of a function, or other derivatives, as a LaTeX ``align*`` block.

    Args:
        function: As for ``compile_gradient``.
        examples: As for ``compile_gradient``.
        wrt: As for ``compile_gradient``.
        profile: As for ``compile_gradient``.
        what: As for ``codegen.compile``.
        sparse: As for ``compile_jacobian``: a matrix has a line for each entry that can differ
            from zero.
        domain: As for ``compile_gradient``.

    Returns:
        The text; it needs the package ``amsmath``.

    Raises:
        TraceError: if the function cannot be traced.
        DifferentiationError: if it does not return one float.

    >>> def area(a, sigma):
    ...     return a * a / sigma
    >>> print(to_latex(area, 1.0, 1.0))
    \begin{align*}
    f &= \frac{a^{2}}{\sigma} \\
    v_{1} &= \frac{1}{\sigma} \\
    \frac{\partial f}{\partial a} &= 2 \, v_{1} \, a \\
    \frac{\partial f}{\partial \sigma} &= -v_{1} \, f
    \end{align*}
    <BLANKLINE>
    """
    examples = examples or (() if isinstance(function, Graph) else signature_examples(function))
    traced = function if isinstance(function, Graph) else trace_either_way(function, *examples)
    graph = scalarize(traced)
    kind = kind_of(what, sparse)
    called = () if isinstance(function, Graph) else examples
    where = domain_in(profile, graph, domain, called)
    if not kind.in_halves:
        made = in_profile(profile, graph, lambda g: kind.whole(g, wrt), where)
        whole = run_passes(made.whole, before_emission(profile, "latex"))
        labels = labels_of(graph, kind.what, wrt, whole.result if sparse else None)
        return _Lines(whole, whole.inputs.names).listed(labels)
    positions, _ = select_arguments(graph, wrt)
    made = in_profile(profile, graph, lambda g: value_and_gradient(g, wrt), where)
    both = run_passes(made.whole, before_emission(profile, "latex"))
    chosen = parts_of([graph.parameters[p] for p in positions])
    names = [leaf for name, structure in chosen for leaf in leaf_names(name, structure)]
    return _Lines(both, graph.inputs.names).text(names)


class _Lines:
    """The lines of one block: what is used once and short stands inside its use."""

    def __init__(self, graph: Graph, inputs: Sequence[str]) -> None:
        self._graph, self._count = graph, 0
        self._taken: set[str] = set()
        self._formulas: dict[int, Formula] = {}  # how a node is written where it is used
        for index, name in enumerate(inputs):
            self._formulas[index] = self._fresh(symbol(name)), ATOM
        self._lines: list[str] = []
        self._truth: set[int] = set()

    def text(self, inputs: Sequence[str]) -> str:
        """The block, with a derivative by each of ``inputs``."""
        graph = self._graph
        forward, backward = split(graph, 1)
        order = [*forward, *backward]
        uses = [0] * len(graph.nodes)
        for index in order:
            for operand in graph.nodes[index][1]:
                uses[operand] += 1
        value = self._fresh("f")
        self._write(forward, uses, {graph.outputs[0]: value})
        if graph.outputs[0] not in forward:  # an input or a number
            self._lines.append(f"{value} &= {self._number(graph.outputs[0])[0]}")
        for index in order:  # what is an output too is used once more
            uses[index] += index in graph.outputs[1:]
        self._write(backward, uses, {})
        for name, output in zip(inputs, graph.outputs[1:], strict=True):
            derivative = rf"\frac{{\partial {value}}}{{\partial {symbol(name)}}}"
            self._lines.append(f"{derivative} &= {self._number(output)[0]}")
        body = " \\\\\n".join(self._lines)
        return f"\\begin{{align*}}\n{body}\n\\end{{align*}}\n"

    def listed(self, labels: Sequence[str]) -> str:
        """The block, each output under its label."""
        graph = self._graph
        self._taken.update(labels)
        order = [i for half in split(graph, 1) for i in half]
        uses = [0] * len(graph.nodes)
        for index in order:
            for operand in graph.nodes[index][1]:
                uses[operand] += 1
        for output in graph.outputs:
            uses[output] += 1
        self._write(order, uses, {})
        self._lines += [
            f"{label} &= {self._number(output)[0]}"
            for label, output in zip(labels, graph.outputs, strict=True)
        ]
        body = " \\\\\n".join(self._lines)
        return f"\\begin{{align*}}\n{body}\n\\end{{align*}}\n"

    def _fresh(self, wish: str) -> str:
        name, n = wish, 1
        below = re.fullmatch(r"(.*_\{)([^{}]*)\}", wish)
        while name in self._taken:
            n += 1
            name = f"{below[1]}{below[2]},({n})}}" if below else f"{wish}_{{({n})}}"
        self._taken.add(name)
        return name

    def _write(self, order: Sequence[int], uses: Sequence[int], named: dict[int, str]) -> None:
        for index in order:
            row, operands = self._graph.nodes[index][:2]
            assert row is not None
            formula = self._formula(row, operands)
            if row.predicate:
                self._truth.add(index)
            self._formulas[index] = formula
            if index in named or uses[index] > 1:
                self._name(index, named.get(index, ""))

    def _name(self, index: int, name: str = "") -> None:
        """Give a node a line, unless it has a name already."""
        text, binds = self._formulas[index]
        own = self._graph.nodes[index][0] is None or (binds == ATOM and text in self._taken)
        if own or index in self._truth:
            return
        if not name:
            origin = self._graph.origin(index)
            wish = symbol(origin.name) if origin and origin.name else ""
            if not wish:
                self._count += 1
                wish = f"v_{{{self._count}}}"
            name = self._fresh(wish)
        self._lines.append(f"{name} &= {text}")
        self._formulas[index] = name, ATOM

    def _formula(self, row: Primitive, operands: Sequence[int]) -> Formula:
        tree = _parsed(row.sympy)
        repeated = [i for i in range(row.arity) if row.sympy.count(f"{{{i}}}") > 1]
        for place, operand in enumerate(operands):
            text = self._formulas.get(operand, ("", ATOM))[0]
            if len(text) > (12 if place in repeated else _LONGEST):
                self._name(operand)
        given = [
            self._condition(x) if place in row.conditions else self._number(x)
            for place, x in enumerate(operands)
        ]
        return _notation(tree, given)

    def _number(self, index: int) -> Formula:
        value = self._graph.constants.get(index)
        if value is not None:
            return _literal(value)
        text, binds = self._formulas[index]
        return (rf"\left[{text}\right]", ATOM) if index in self._truth else (text, binds)

    def _condition(self, index: int) -> Formula:
        if index in self._truth:
            return self._formulas[index]
        return rf"{_enclosed(self._number(index), SUM)} \ne 0", COMPARISON


# --- numbers -----------------------------------------------------------------------


def _literal(value: float) -> Formula:
    if value != value:
        return r"\mathrm{nan}", ATOM
    sign, size = ("-" if math.copysign(1.0, value) < 0 else ""), abs(value)
    if math.isinf(value):
        return rf"{sign}\infty", NEGATIVE if sign else ATOM
    text = repr(size).removesuffix(".0")
    mantissa, _, exponent = text.partition("e")
    if exponent:
        text = rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return sign + text, NEGATIVE if sign else PRODUCT if exponent else ATOM


# --- notation --------------------------------------------------------------------------------


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(re.sub(r"\{(\d+)\}", r"_hole\1", text), mode="eval").body


def _enclosed(formula: Formula, need: int) -> str:
    text, binds = formula
    return text if binds >= need else rf"\left({text}\right)"


def _notation(node: ast.expr, given: Sequence[Formula]) -> Formula:
    """A SymPy text as a formula; texts are short, so recursion is fine."""

    def at(inner: ast.expr, need: int = COMPARISON) -> str:
        return _enclosed(_notation(inner, given), need)

    match node:
        case ast.Name(id=name) if name.startswith("_hole"):
            return given[int(name[5:])]
        case ast.Name(id=name):
            return (r"\pi" if name == "pi" else name), ATOM
        case ast.Constant(value=(int() | float()) as value):
            return _literal(float(value))
        case ast.UnaryOp(op=ast.USub()):
            return f"-{at(node.operand, PRODUCT)}", NEGATIVE
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            sign = "+" if isinstance(node.op, ast.Add) else "-"
            return f"{at(node.left, SUM)} {sign} {at(node.right, PRODUCT)}", SUM
        case ast.BinOp(op=ast.Mult()):
            left, right = _notation(node.left, given), at(node.right, PRODUCT)
            between = r"\cdot" if right[0].isdigit() else r"\,"
            binds = NEGATIVE if left[1] == NEGATIVE else PRODUCT
            return f"{_enclosed(left, NEGATIVE)} {between} {right}", binds
        case ast.BinOp(op=ast.Div()):
            return rf"\frac{{{at(node.left)}}}{{{at(node.right)}}}", PRODUCT
        case ast.BinOp(op=ast.Pow()):
            return f"{at(node.left, ATOM)}^{{{at(node.right)}}}", POWER
        case ast.BinOp(op=ast.Mod()):
            return rf"{at(node.left, PRODUCT)} \bmod {at(node.right, POWER)}", SUM
        case ast.Compare():
            sign = _COMPARED[type(node.ops[0])]
            return f"{at(node.left, SUM)} {sign} {at(node.comparators[0], SUM)}", COMPARISON
        case ast.Call(func=ast.Name(id=name)):
            return _called(name, node.args, at)
    raise AssertionError(ast.unparse(node))


def _called(name: str, arguments: Sequence[ast.expr], at: Callable[..., str]) -> Formula:
    first = at(arguments[0]) if name != "Piecewise" else ""
    if name == "Piecewise":
        return _cases(arguments, at), SUM
    if name in _FENCED:
        left, right = _FENCED[name]
        return f"{left}{first}{right}", ATOM
    if name in _RELATION:
        sides = [at(a, SUM) for a in arguments]
        return f" {_RELATION[name]} ".join(sides), COMPARISON
    match name:
        case "Not":
            return rf"\lnot {at(arguments[0], ATOM)}", COMPARISON
        case "sqrt":
            return rf"\sqrt{{{first}}}", ATOM
        case "exp":
            return f"e^{{{first}}}", POWER
        case "Rational":
            return rf"\frac{{{first}}}{{{at(arguments[1])}}}", PRODUCT
        case "polygamma" | "besseli" | "besselj" | "besselk" | "bessely" | "jn":
            letter = "j" if name == "jn" else name[-1].upper()
            head = rf"\psi^{{({first})}}" if name == "polygamma" else f"{letter}_{{{first}}}"
            return rf"{head}\left({at(arguments[1])}\right)", ATOM
    head = _CALLED.get(name) or (f"\\{name}" if name in _NAMED else "")
    head = head or rf"\operatorname{{{name.replace('_', chr(92) + '_')}}}"
    return rf"{head}\left({', '.join(map(at, arguments))}\right)", ATOM


def _cases(pairs: Sequence[ast.expr], at: Callable[..., str]) -> str:
    lines = []
    for pair in pairs:
        assert isinstance(pair, ast.Tuple)
        value, condition = pair.elts
        last = isinstance(condition, ast.Constant)
        lines.append(
            at(value) + (r" & \text{else}" if last else rf" & \text{{if }} {at(condition)}")
        )
    return r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"
