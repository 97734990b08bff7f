"""What people write in gradients besides arithmetic: signs, SciPy's functions, chosen indices."""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from verify import Verdict, verify_gradient
from verify.program.language.arrays.numpy_names import NAMED

HEAD = "import math\nimport numpy as np\nfrom scipy import special\n"
X = np.array([1.0, 0.4, -0.3])
SQUARE = np.array([[0.2, 1.0, -0.4], [0.7, 0.1, 0.9]])
WEIGHTS = "np.array([1.0, 2.0, 0.5])"


def cross_entropy(z: Any) -> Any:
    """Of the first label of one row, and the last of the other."""
    return np.sum(np.log(np.sum(np.exp(z), axis=1))) - z[0, 0] - z[1, 2]


def springs(x: Any) -> Any:
    """Two on the number in the middle."""
    return (x[0] - x[1]) ** 2 + (x[1] - x[2]) ** 2


def piecewise(x: Any) -> Any:
    """A square of what is linear between knots."""
    i = 0 if x < 1.0 else 1
    low, high = (0.0, 1.0), (1.0, 3.0)
    if i == 0:
        return (1.0 + 2.0 * (x - low[0])) ** 2
    return (3.0 - 1.25 * (x - high[0])) ** 2


_SLOPE = (
    "    V, K = [1.0, 3.0, 0.5], [0.0, 1.0, 3.0]\n"
    "    s = (V[i + 1] - V[i]) / (K[i + 1] - K[i])\n    return 2*(V[i] + s*(x - K[i]))*s\n"
)
# A function, an example, its gradient, and what makes a wrong one of it.
CASES: dict[str, tuple[Callable[..., Any], Any, str, tuple[str, str]]] = {
    "the sign of a number": (
        lambda x: abs(x) ** 2.5, -1.3, "    return math.copysign(2.5*abs(x)**1.5, x)\n",
        (", x)", ", -x)")),
    "signs of an array": (
        lambda x: np.sum(np.abs(x) * x**2), X, "    return np.copysign(3*x*x, x)\n",
        ("3*x*x, x", "3*x*x, x*x")),
    "a normal distribution": (
        lambda x: np.sum(x * special.ndtr(x)), X[:2],
        "    return special.ndtr(x) + x*np.exp(-x*x/2)/np.sqrt(2*np.pi)\n",
        ("ndtr(x)", "ndtr(-x)")),
    "softmax": (
        cross_entropy, SQUARE,
        "    p = special.softmax(x, axis=1)\n    p[np.arange(2), [0, 2]] -= 1\n    return p\n",
        ("[0, 2]", "[0, 1]")),
    "softmax of all": (
        lambda x: np.log(np.sum(np.exp(x))), SQUARE, "    return special.softmax(x)\n",
        ("(x)", "(x, axis=1)")),
    "log of sums": (
        lambda x: np.log(np.sum(np.exp(x))) ** 2, X,
        "    s = special.logsumexp(x)\n    return 2*s*np.exp(x - s)\n", ("2*s", "2*s*s")),
    "log of weighted sums": (
        lambda x: np.log(np.exp(x[0]) + 2 * np.exp(x[1]) + 0.5 * np.exp(x[2])), X,
        f"    w = {WEIGHTS}\n    return w*np.exp(x - special.logsumexp(x, b=w))\n",
        ("x, b=w", "x")),
    "a weighted average": (
        lambda x: (x[0] + 2 * x[1] + 0.5 * x[2]) ** 2 / 12.25, X,
        f"    w = {WEIGHTS}\n    return 2*np.average(x, weights=w)*w/w.sum()\n",
        ("x, weights=w", "x")),
    "places named twice": (
        springs, X,
        "    g, i, j = np.zeros(3), [0, 1], [1, 2]\n    d = 2*(x[i] - x[j])\n"
        "    np.add.at(g, i + i, np.concatenate([d, 0*d]))\n    np.add.at(g, j, -d)\n"
        "    return g\n",
        ("np.add.at(g, i + i, np.concatenate([d, 0*d]))", "g[i + i] += np.concatenate([d, 0*d])")),
    "an index by conditions": (
        piecewise, 1.4, f"    i = 0\n    if x >= 1.0:\n        i = 1\n{_SLOPE}",
        ("x >= 1.0", "x >= 1.1")),
    "an index counted": (
        piecewise, 1.4, f"    i = int(x >= 1.0)\n{_SLOPE}", ("V[i] +", "V[i + 1] +")),
    "an index searched for": (
        piecewise, 1.4,
        "    i = np.clip(np.searchsorted([0.0, 1.0, 3.0], x, side='right') - 1, 0, 1)\n" + _SLOPE,
        ("1, 0, 1)", "1, 0, 0)")),
    "between knots": (
        lambda x: np.interp(x, [0.0, 1.0, 3.0], [1.0, 3.0, 0.5]) ** 2, 1.4,
        "    i = np.searchsorted([0.0, 1.0, 3.0], x, side='right')\n"
        "    return 2*np.interp(x, [0.0, 1.0, 3.0], [1.0, 3.0, 0.5])*[0.0, 2.0, -1.25, 0.0][i]\n",
        ("-1.25, 0.0", "-1.25, 1.0")),
    "an index gone to": (
        piecewise, 1.4,
        f"    i = 0\n    while i < 1 and x >= [0.0, 1.0, 3.0][i + 1]:\n        i += 1\n{_SLOPE}",
        ("x >= [", "x >= 1 + [")),
    "written where conditions say": (
        lambda x: np.where(x[0] > 0.0, x[1] ** 2, x[2] ** 2), X,
        "    g, i = np.zeros(3), 2\n    if x[0] > 0.0:\n        i = 1\n    g[i] += 2*x[i]\n"
        "    return g\n",
        ("g[i] +=", "g[i - 1] +=")),
}  # fmt: skip


def verdict(name: str, *change: str) -> Verdict:
    """What is said of a text, changed in one place."""
    function, example, body, _ = CASES[name]
    assert not change or change[0] in body
    text = f"{HEAD}def g(x):\n{body.replace(*change, 1) if change else body}"
    return verify_gradient(function, example, gradient=text).verdict


@pytest.mark.parametrize("name", CASES)
def test_ordinary_texts_are_proven(name: str) -> None:
    """They are read, with the meaning that CPython gives them."""
    assert verdict(name) in (Verdict.PROVED, Verdict.CERTIFIED)


@pytest.mark.parametrize("name", CASES)
def test_wrong_neighbours_are_not(name: str) -> None:
    """One word more or less is another gradient."""
    assert verdict(name, *CASES[name][3]) in (Verdict.REFUTED, Verdict.UNDECIDED)


def test_signs_in_callables_are_proven() -> None:
    """A trace asks whether a number or its reciprocal is negative, which real numbers cannot."""
    assert verify_gradient(hard, -1.3, gradient=soft_sign).verdict is Verdict.PROVED
    for wrong in (lambda x: -soft_sign(x), lambda x: soft_sign(x) + math.copysign(1.0, x * x) - 1):
        assert verify_gradient(hard, -1.3, gradient=wrong).verdict is not Verdict.PROVED


def hard(x: Any) -> Any:
    """What is beyond a threshold, squared."""
    return 0.5 * max(abs(x) - 0.25, 0.0) ** 2


def soft_sign(x: Any) -> Any:
    """Its gradient."""
    beyond = abs(x) - 0.25
    return math.copysign(beyond, x) if beyond > 0 else 0.0


@pytest.mark.parametrize(
    "wrong",
    ["2*x + math.copysign(9.0, 0.0*x) - 9.0", "2*x + math.copysign(9.0, -(x - x)) - 9.0",
     "2*x + math.copysign(9.0, x) - 9.0*np.sign(x)", "2*x + math.copysign(9.0, -0.0*x*x) + 9.0",
     "2*x + math.copysign(1.0, x)*math.copysign(1.0, -x) + 1.0",
     "2*x + math.copysign(9.0, math.floor(0.5 / (1.0 + x*x))) - 9.0"],
)  # fmt: skip
def test_the_sign_of_a_zero_proves_nothing(wrong: str) -> None:
    """Real numbers have one zero: what hangs on its sign is not shown."""
    text = f"{HEAD}def g(x):\n    return {wrong}\n"
    found = verify_gradient(lambda x: x * x, 1.25, gradient=text).verdict
    assert found not in (Verdict.PROVED, Verdict.CERTIFIED)


@pytest.mark.parametrize("name", NAMED)
def test_arguments_that_may_be_named_have_the_names_of_numpy(name: str) -> None:
    """A text that names another argument raises wherever it is called."""
    module, _, function = name.rpartition(".")
    known = inspect.signature(getattr(importlib.import_module(module), function)).parameters
    every = [*inspect.signature(NAMED[name]).parameters.values()][1:]
    named = {p.name for p in every if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    theirs = {p.name for p in known.values() if p.kind not in (p.POSITIONAL_ONLY, p.VAR_POSITIONAL)}
    assert named <= theirs
