"""Functions with their right gradients as text, all defined on positive inputs and smooth there.

Each text is written with ``u`` for the first number, ``v`` for the second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import autodiff as ad

__all__ = ["FUNCTIONS", "Function"]


@dataclass(frozen=True)
class Function:
    """A function and its gradient.

    Args:
        name: What it is.
        call: The function.
        partials: The derivative by each number, in u and v.
        form: "scalars" or "array": whether the numbers are arguments of their own.
        before: What the text says first.
    """

    name: str
    call: Callable[..., Any]
    partials: tuple[str, ...]
    form: str = "scalars"
    before: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """The parameters."""
        return "w" if self.form == "array" else ", ".join("uv"[: len(self.partials)])

    @property
    def names(self) -> tuple[str, ...]:
        """Lines that give the numbers their names, and one more number to compare with."""
        if self.form == "array":
            return ("u = w[0]", "v = w[1]")
        return () if len(self.partials) > 1 else ("v = 1.4 - u",)

    def arguments(self, u: float, v: float) -> tuple[Any, ...]:
        """Arguments with these numbers."""
        if self.form == "array":
            return (np.array([u, v]),)
        return (u, v)[: len(self.partials)]


def _looped(x: Any) -> Any:
    total = 0.0
    for k in range(1, 5):
        total = total + x**k / k
    return total


def _network(w: Any) -> Any:
    return np.sum(np.tanh(np.array([[0.5, -0.25], [0.125, 1.0]]) @ w))


FUNCTIONS = [
    Function("square", lambda x: x * x, ("2*u",)),
    Function("polynomial", lambda x: x**3 - 2 * x + 1, ("3*u**2 - 2",)),
    Function("rational", lambda x: x / (1 + x * x), ("(1 - u*u)/(1 + u*u)**2",)),
    Function("exp", lambda x: ad.exp(-x), ("-math.exp(-u)",)),
    Function("x log x", lambda x: x * ad.log(x), ("math.log(u) + 1.0",)),
    Function("sine", lambda x: ad.sin(3.0 * x), ("3.0*math.cos(3.0*u)",)),
    Function("root", lambda x: ad.sqrt(x + 1.0), ("0.5/math.sqrt(u + 1.0)",)),
    Function("softplus", lambda x: np.log1p(np.exp(x)), ("1.0/(1.0 + math.exp(-u))",)),
    Function("erf", ad.erf, ("2.0/math.sqrt(math.pi)*math.exp(-u*u)",)),
    Function("atan", np.arctan, ("1.0/(1.0 + u*u)",)),
    Function("power", lambda x: x**2.5, ("2.5*u**1.5",)),
    Function("loop", _looped, ("t",), before=(
        "t = 0.0", "for k in range(1, 5):", "  t = t + u**(k - 1)")),
    Function("relu", lambda x: np.maximum(x, 0.0) * x, ("2*u if u > 0 else 0.0",)),
    Function("absolute", lambda x: abs(x) * x, ("2*abs(u)",)),
    Function("where", lambda x: np.where(x > 0, x * x, -x), ("2*u if u > 0 else -1.0",)),
    Function("product", lambda x, y: x * y, ("v", "u")),
    Function("hypot", np.hypot,
             ("u/math.hypot(u, v)", "v/math.hypot(u, v)")),
    Function("atan2", np.arctan2, ("v/(u*u + v*v)", "-u/(u*u + v*v)")),
    Function("pow", lambda x, y: x**y, ("v*u**(v - 1)", "u**v*math.log(u)")),
    Function("squares", lambda x: np.sum(x * x), ("2*u", "2*v"), "array"),
    Function("network", _network, (
        "0.5*(1 - a*a) + 0.125*(1 - b*b)", "-0.25*(1 - a*a) + (1 - b*b)"), "array", (
        "a = math.tanh(0.5*u - 0.25*v)", "b = math.tanh(0.125*u + v)")),
    Function("logsumexp", lambda w: np.log(np.sum(np.exp(w))), (
        "1.0/(1.0 + math.exp(v - u))", "1.0/(1.0 + math.exp(u - v))"), "array"),
]  # fmt: skip
