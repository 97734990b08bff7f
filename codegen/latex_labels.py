"""Labels: what formulas call values and derivatives."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Sparse, Structure, Tuple, leaf_names
from autodiff.quoting import quoted
from autodiff.run.derive.matrix import product
from autodiff.run.reverse_plan import Wrt, mirror_of, select_arguments
from codegen.text.parameters import parts_of

__all__ = ["labels_of", "symbol"]

_GREEK_LETTERS = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau
    upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi
    Omega"""
_GREEK = frozenset(_GREEK_LETTERS.split())


def labels_of(
    graph: Graph, what: Sequence[str], wrt: Wrt = None, result: Structure | None = None
) -> list[str]:
    r"""The left side of each number of some derivatives, whose result holds sparse matrices or not.

    >>> import autodiff as ad
    >>> labels_of(ad.trace(lambda x, y: x * y, 1.0, 2.0), ["hessian"])[1]
    '\\frac{\\partial^{2} f}{\\partial x \\, \\partial y}'
    """
    labels, names = _Labels(graph, wrt), what or ("value",)
    parts: Sequence[Structure | None] = [result] * len(names)
    if isinstance(result, Tuple) and len(names) > 1:
        parts = result.items
    found: list[str] = []
    for name, part in zip(names, parts, strict=True):
        found += labels.sparse(name, part) if isinstance(part, Sparse) else labels.dense(name)
    return found


class _Labels:
    """What the numbers of a function and of its derivatives are called.

    Args:
        graph: The function.
        wrt: What it is differentiated by.
    """

    def __init__(self, graph: Graph, wrt: Wrt) -> None:
        positions, single = select_arguments(graph, wrt)
        chosen = parts_of([graph.parameters[p] for p in positions])
        self._inputs = [symbol(x) for name, part in chosen for x in leaf_names(name, part)]
        self._values = [symbol(f"f{leaf}") for leaf in leaf_names("", graph.result)]
        self._result, self._mirror = graph.result, mirror_of(graph, positions, single)

    def sparse(self, name: str, matrix: Sparse) -> list[str]:
        """Of the entries of a sparse matrix."""
        rows, columns = matrix.pattern.rows.tolist(), matrix.pattern.columns.tolist()
        entry = self._of_hessian if name == "hessian" else self._of_jacobian
        return [entry(i, j) for i, j in zip(rows, columns, strict=True)]

    def dense(self, name: str) -> list[str]:
        """Of all numbers."""
        inputs, values = self._inputs, self._values
        if name == "value":
            return values
        if name == "jvp":
            return [rf"\dot{{{value}}}" for value in values]
        if name == "vjp":
            return [rf"\bar{{{x}}}" for x in inputs]
        if name == "hvp":
            return [rf"\left(\nabla^{{2}} f \, \dot{{x}}\right)_{{{x}}}" for x in inputs]
        if name == "gradient":
            return [_partial("f", x) for x in inputs]
        if name == "jacobian":
            return self._matrix(self._result, len(values), self._of_jacobian)
        return self._matrix(self._mirror, len(inputs), self._of_hessian)

    def _matrix(self, rows: Structure, count: int, entry: Callable[[int, int], str]) -> list[str]:
        """Of a matrix that has the inputs in place of each of so many numbers."""
        columns, found = range(len(self._inputs)), list[object]()
        named = (list[object](entry(i, j) for j in columns) for i in range(count))
        product(rows, self._mirror, named, found)
        return [*map(str, found)]

    def _of_jacobian(self, value: int, x: int) -> str:
        return _partial(self._values[value], self._inputs[x])

    def _of_hessian(self, x: int, y: int) -> str:
        return _second(self._inputs[x], self._inputs[y])


def _partial(value: str, x: str) -> str:
    return rf"\frac{{\partial {value}}}{{\partial {x}}}"


def _second(x: str, y: str) -> str:
    below = rf"\partial {x}^{{2}}" if x == y else rf"\partial {x} \, \partial {y}"
    return rf"\frac{{\partial^{{2}} f}}{{{below}}}"


def symbol(name: str) -> str:
    r"""A name as LaTeX.

    >>> symbol("d1"), symbol("sigma"), symbol("x[0,2]"), symbol("rate_bar"), symbol("x_dot[1]")
    ('d_{1}', '\\sigma', 'x_{0,2}', '\\overline{\\mathrm{rate}}', '\\dot{x_{1}}')
    """
    head, bracket, places = name.partition("[")
    for suffix, accent in (("_bar", "bar"), ("_dot", "dot")):
        if head.endswith(suffix) and head != suffix:
            inner = symbol(head.removesuffix(suffix) + bracket + places)
            wide = accent == "bar" and (inner.startswith(r"\mathrm") or "_" in inner)
            return rf"\{'overline' if wide else accent}{{{inner}}}"
    match = re.fullmatch(r"([A-Za-z]+?)_?(\d*)((?:\[[\d,]*\])*)", name)
    if match is None:
        return rf"\mathrm{{{quoted(name, 'latex')}}}" if name else "v"
    base, number, places = match.groups()
    text = f"\\{base}" if base in _GREEK else base if len(base) == 1 else rf"\mathrm{{{base}}}"
    below = ",".join(filter(None, [number, *re.findall(r"\[([\d,]*)\]", places)]))
    return f"{text}_{{{below}}}" if below else text
