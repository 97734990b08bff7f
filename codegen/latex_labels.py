"""Labels: what formulas call values and derivatives."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    positions, single = select_arguments(graph, wrt)
    mirror = mirror_of(graph, positions, single)
    chosen = parts_of([graph.parameters[p] for p in positions])
    by = [symbol(leaf) for name, structure in chosen for leaf in leaf_names(name, structure)]
    values = [symbol(f"f{leaf}") for leaf in leaf_names("", graph.result)]
    found: list[object] = []
    names = what or ("value",)
    parts: Sequence[Structure | None] = [result] * len(names)
    if isinstance(result, Tuple) and len(names) > 1:
        parts = result.items
    for one, part in zip(names, parts, strict=True):
        if isinstance(part, Sparse):
            places = zip(part.pattern.rows.tolist(), part.pattern.columns.tolist(), strict=True)
            second = one == "hessian"
            found += [
                _second(by[i], by[j]) if second else _partial(values[i], by[j]) for i, j in places
            ]
        elif one == "value":
            found += values
        elif one == "jvp":
            found += [rf"\dot{{{value}}}" for value in values]
        elif one == "vjp":
            found += [rf"\bar{{{x}}}" for x in by]
        elif one == "hvp":
            found += [rf"\left(\nabla^{{2}} f \, \dot{{x}}\right)_{{{x}}}" for x in by]
        elif one == "gradient":
            found += [_partial("f", x) for x in by]
        elif one == "jacobian":
            rows = [list[object](_partial(value, x) for x in by) for value in values]
            product(graph.result, mirror, iter(rows), found)
        else:
            rows = [list[object](_second(x, y) for y in by) for x in by]
            product(mirror, mirror, iter(rows), found)
    return list(map(str, found))


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
