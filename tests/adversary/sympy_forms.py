"""Right gradients as SymPy writes them: derivatives in every form that its functions give.

A function is a text read twice: with autodiff's functions it is what is differentiated, with
SymPy's it is what SymPy differentiates and rewrites.  Forms that come out alike are one form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import sympy

import autodiff as ad

__all__ = ["Form", "forms"]

sp: Any = sympy

# A function, its parameters, and an example.
_FUNCTIONS: list[tuple[str, str, tuple[float, ...]]] = [
    ("x**3 - 2*x + 1", "x", (1.25,)),
    ("x/(1 + x*x)", "x", (1.25,)),
    ("(x + 1)/(x*x + x + 1)", "x", (1.25,)),
    ("(x**4 - 1)/(x*x + 2)", "x", (1.25,)),
    ("exp(-x*x)", "x", (1.25,)),
    ("x*exp(-x*x/2)", "x", (1.25,)),
    ("exp(-x)*sin(3*x)", "x", (1.25,)),
    ("exp(sin(x))", "x", (1.25,)),
    ("log(1 + x*x)", "x", (1.25,)),
    ("x*log(x)", "x", (1.25,)),
    ("log(x)/x", "x", (1.25,)),
    ("log(1 + exp(x))", "x", (1.25,)),
    ("1/(1 + exp(-x))", "x", (1.25,)),
    ("exp(x)/(1 + exp(x))**2", "x", (1.25,)),
    ("sqrt(1 + x*x)", "x", (1.25,)),
    ("1/sqrt(1 + x*x)", "x", (1.25,)),
    ("sqrt(x)*exp(x)", "x", (1.25,)),
    ("sin(x)*cos(x)", "x", (0.7,)),
    ("sin(x)**2*cos(2*x)", "x", (0.7,)),
    ("tan(x)", "x", (0.7,)),
    ("x*tan(x)", "x", (0.7,)),
    ("1/(2 + sin(x))", "x", (0.7,)),
    ("tanh(x)", "x", (0.7,)),
    ("cosh(x)", "x", (0.7,)),
    ("sinh(x)*x", "x", (0.7,)),
    ("log(cosh(x))", "x", (0.7,)),
    ("atan(x)", "x", (0.7,)),
    ("x*atan(x) - log(1 + x*x)/2", "x", (0.7,)),
    ("asin(x)", "x", (0.3,)),
    ("asinh(x)", "x", (0.7,)),
    ("acosh(x)", "x", (1.7,)),
    ("atanh(x)", "x", (0.3,)),
    ("erf(x)", "x", (0.7,)),
    ("x*erf(x) + exp(-x*x)", "x", (0.7,)),
    ("x**x", "x", (1.25,)),
    ("x*sin(y) + y", "x, y", (1.25, 0.7)),
    ("x/y", "x, y", (1.25, 0.7)),
    ("x*exp(-x*y)", "x, y", (1.25, 0.7)),
    ("sqrt(x*x + y*y)", "x, y", (1.25, 0.7)),
    ("log(x*x + y*y)", "x, y", (1.25, 0.7)),
    ("x**y", "x, y", (1.25, 0.7)),
    ("(x - y)/(x + y)", "x, y", (1.25, 0.7)),
    ("exp(x)/(exp(x) + exp(y))", "x, y", (1.25, 0.7)),
    ("log(exp(x) + exp(y))", "x, y", (1.25, 0.7)),
    ("sin(x*y)*cos(x)", "x, y", (1.25, 0.7)),
    ("(x*y + 1)**3", "x, y", (1.25, 0.7)),
    ("atan2(y, x)", "x, y", (1.25, 0.7)),
]

_REWRITES: dict[str, Callable[[Any, Any], Any]] = {
    "diff": lambda e, x: e,
    "simplify": lambda e, x: sp.simplify(e),
    "factor": lambda e, x: sp.factor(e),
    "expand": lambda e, x: sp.expand(e),
    "together": lambda e, x: sp.together(e),
    "cancel": lambda e, x: sp.cancel(e),
    "apart": sp.apart,
    "ratsimp": lambda e, x: sp.ratsimp(e),
    "radsimp": lambda e, x: sp.radsimp(e),
    "collect": lambda e, x: sp.collect(sp.expand(e), x),
    "horner": lambda e, x: sp.horner(e, wrt=x),
    "trigsimp": lambda e, x: sp.trigsimp(e),
    "fu": lambda e, x: sp.fu(e),
    "expand_trig": lambda e, x: sp.expand_trig(e),
    "powsimp": lambda e, x: sp.powsimp(e),
    "powdenest": lambda e, x: sp.powdenest(e),
    "expand_log": lambda e, x: sp.expand_log(e),
    "logcombine": lambda e, x: sp.logcombine(e),
    "rewrite exp": lambda e, x: e.rewrite(sp.exp),
    "rewrite tanh": lambda e, x: e.rewrite(sp.tanh),
    "rewrite cos": lambda e, x: e.rewrite(sp.cos),
    "rewrite sin": lambda e, x: e.rewrite(sp.sin),
    "rewrite tan": lambda e, x: e.rewrite(sp.tan),
    "rewrite log": lambda e, x: e.rewrite(sp.log),
}


class Form(NamedTuple):
    """A gradient as a text.

    Args:
        name: Of the function and the form.
        function: What is differentiated.
        example: A point inside its domain.
        text: The gradient.
    """

    name: str
    function: Callable[..., Any]
    example: tuple[float, ...]
    text: str


def forms(every: int = 1) -> Iterator[Form]:
    """Each function with each form of its gradient that is another text.

    ``every`` n-th of the pairs alone: still each function and each form.
    """
    for place, (text, names, example) in enumerate(_FUNCTIONS):
        symbols = sp.symbols(names, real=True, seq=True)
        expression = eval(text, {**_SYMPY, **{s.name: s for s in symbols}})
        function = eval(f"lambda {names}: {text}", dict(_AUTODIFF))
        partials = [sp.diff(expression, x) for x in symbols]
        seen = set()
        for number, (name, rewrite) in enumerate(_REWRITES.items()):
            if (place + number) % every:
                continue
            try:
                found = [rewrite(e, x) for e, x in zip(partials, symbols, strict=True)]
            except (sp.PolynomialError, NotImplementedError, ValueError, TypeError):
                continue  # SymPy has no such form of it
            if any(e.has(sp.I, sp.Piecewise, sp.zoo, sp.nan) for e in found):
                continue
            for shared in (False, True) if name in ("diff", "simplify") else (False,):
                gradient = _written(names, found, shared)
                if gradient not in seen:
                    seen.add(gradient)
                    yield Form(f"{text}: {name}{' cse' * shared}", function, example, gradient)


def _written(names: str, partials: list[Any], shared: bool) -> str:
    """The text of a gradient, with common parts named if they are ``shared``."""
    parts, results = sp.cse(partials) if shared else ([], partials)
    lines = [f"{symbol} = {sp.pycode(part)}" for symbol, part in parts]
    lines.append(f"return {', '.join(sp.pycode(result) for result in results)}")
    body = "\n".join(f"    {line}" for line in lines)
    return f"import math\n\n\ndef gradient({names}):\n{body}\n"


_NAMES = ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "asin", "acos",
          "atan", "asinh", "acosh", "atanh", "erf", "atan2")  # fmt: skip
_SYMPY = {name: getattr(sp, name) for name in _NAMES}
_AUTODIFF: dict[str, Callable[..., Any]] = {
    name: getattr(ad, name) if hasattr(ad, name) else getattr(np, f"arc{name[1:]}")
    for name in _NAMES
}
