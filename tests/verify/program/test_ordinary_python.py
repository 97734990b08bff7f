"""What people write besides arithmetic: inner functions, dicts, None, lists that branches fill."""

from __future__ import annotations

import random

import pytest

from autodiff.errors import ArgumentError
from tests.verify.program.python_itself import disagreement
from verify import Verdict, verify_gradient

HEAD = "import math\nimport numpy as np\nfrom itertools import combinations, product\n"
# The body of ``f(x, y, w)``, of two floats and an array of three.
READ = {
    "an inner function sees what is around it as it is now": (
        "n = x\n def h(u, k=n):\n  return u * n + k\n n = 2.0 * y\n return h(3.0), h(x, k=y)"
    ),
    "all functions of a loop see its last item": (
        "hs = [lambda u: u * i for i in (1.0, x, 2.0)]\n return [h(y) for h in hs]"
    ),
    "an inner function that calls itself": (
        "def power(u, n):\n  return 1.0 if n == 0 else u * power(u, n - 1)\n return power(x, 5)"
    ),
    "a function that is given": (
        "def twice(h, u):\n  return h(h(u))\n return twice(lambda u: u * y + 1.0, x), twice(abs, x)"
    ),
    "names and stars": (
        "def h(u, *more, k, j=2.0):\n  return u * k + j * sum(more)\n return h(x, y, 1.0, k=y)"
    ),
    "an int of NumPy's is a number": (
        "l = [x, 1.0]\n l[1] = (2 * np.arange(3) + 1)[2] - 0\n return l[1], l[0], np.arange(3)[2]"
    ),
    "None until there is a number": (
        "best = None\n for v in (x, y):\n  if best is None:\n   best = v\n return best"
    ),
    "dicts by texts, ints and pairs": (
        "d = {'a': x, 1: y, (0, 1): 2.0}\n for k in d:\n  d[k] *= 3.0\n"
        " return d['a'], d[1], d[0, 1], d.get('b', x), sum(d.values())"
    ),
    "dicts of a comprehension": (
        "d = {k: x * k for k in range(3)}\n return [v + k for k, v in d.items()]"
    ),
    "what both branches append": (
        "v = []\n for u in w:\n  if u > y:\n   v.append(u)\n  else:\n   v.append(-u)\n return v"
    ),
    "what one branch appends": (
        "v = [x, y, 1.0]\n if x > y:\n  v.append(2.0)\n return v[0] + v[-1]"
    ),
    "rows that are left early": (
        "s = 0.0\n for u in w:\n  if u > y:\n   s += u\n   continue\n  s -= u * x\n return s"
    ),
    "returns behind conditions": (
        "def h(u, k=1.0):\n  if u > k:\n   return k, [u]\n  if u < -k:\n   return -k, [u * u]\n"
        "  return u, [x]\n return [h(u) for u in w], h(x, y)"
    ),
    "a test that changes what it asks": (
        "v = [x, y, 1.0]\n def h():\n  if v.pop(0) > 0.5:\n   return v[0]\n  return -v[0]\n"
        " return h(), len(v) * x"
    ),
    "a list that is used up": (
        "v, s = [x, y, 2.0], 0.0\n while v:\n  s = s * x + v.pop()\n return s"
    ),
    "pairs": "return sum([w[i] * w[j] for i, j in combinations(range(3), 2)])",
    "warnings that are ignored": "with np.errstate(all='ignore'):\n  n = np.sqrt(w)\n return n",
    "places of conditions": (
        "k = np.flatnonzero(np.array([1.0, 0.0, 2.0]))\n g = np.zeros(3)\n"
        " for i in k:\n  g[i] = w[i] * (2 * i + 1)\n return g, w[k]"
    ),
    "diagonals": (
        "m = np.outer(w, w)\n np.fill_diagonal(m, [x, y, 0.0])\n return m, np.diag(m, 1), "
        "np.tril(m, -1), np.triu_indices(3, 1)[1] * x"
    ),
    "arrays put together": (
        "return np.append(w, x), np.insert(w, 1, y), np.delete(w, 0), np.pad(w, 1), "
        "np.subtract.outer(w, w)"
    ),
    "integers of NumPy": (
        "i = np.arange(4)\n return (2 * i + 1) % 3 * x, i[1:] / 2 + y, np.array([1, 2, 3])[-1] * x"
    ),
}


@pytest.mark.parametrize("body", READ.values(), ids=READ)
def test_ordinary_python_is_read(body: str) -> None:
    """It gives CPython's numbers."""
    text, numbers = f"{HEAD}def f(x, y, w):\n {body}\n", random.Random(1)
    assert [disagreement(text, numbers) for _ in range(4)] == [""] * 4


REFUSED = {
    "a view of what the caller gave": "v = np.atleast_1d(w)\n v[0] = x\n return v",
    "a view of a part": "m = np.outer(w, w)\n v = np.split(m, 3)[0]\n v[0, 0] = x\n return m",
    "a diagonal of the caller's": "np.fill_diagonal(w, x)\n return w",
    "what an exception leaves to an inner function": (
        "n = x\n def h():\n  return n\n try:\n  n = y\n  return math.sqrt(x) + n\n"
        " except Exception:\n  return h()"
    ),
    "a dict that grows while it is gone through": (
        "d = {'a': x}\n for k, v in d.items():\n  d['b'] = v\n return d['a']"
    ),
    "numbers compared by is": "return x if x is y else y",
    "an input that is searched for": "return x if x in (1.0, 2.0) else y",
    "an assertion about an input": "assert x > 0.0\n return x",
    "integers that overflow": "return np.array([2**31])[0] * np.array([2**31])[0] * x",
    "integers divided by zero": "return (np.arange(3) / np.array([0, 1, 2])) * x",
    "recursion without end": "def h(u):\n  return h(u) + 1.0\n return h(x)",
    "sums that pad makes": "return np.pad(w, 1, mode='mean')",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_what_is_not_sure_is_refused(body: str) -> None:
    """Shared memory, exceptions, overflow: the reader says so."""
    text = f"{HEAD}def f(x, y, w):\n {body}\n"
    assert disagreement(text, random.Random(1)).startswith("refused")


LOSS = """
def psi(r):
    if r > 1.0:
        return 1.0
    if r < -1.0:
        return -1.0
    return r

def g(a, b):
    ga = gb = 0.0
    for x, y in [(0.0, 0.1), (1.0, 0.9), (2.0, 4.0), (3.0, 2.9)]:
        ga += psi(a * x + b - y) * x
        gb += psi(a * x + b - y)
    return ga, gb
"""


def huber(a: float, b: float) -> float:
    """Of four rows."""
    s = 0.0
    for x, y in [(0.0, 0.1), (1.0, 0.9), (2.0, 4.0), (3.0, 2.9)]:
        r = a * x + b - y
        s += 0.5 * r * r if abs(r) <= 1.0 else abs(r) - 0.5
    return s


@pytest.mark.parametrize(("old", "new"), [("", ""), ("return r", "return r*r")])
def test_a_sum_over_rows_of_what_a_function_returns(old: str, new: str) -> None:
    """Each row is proven alone, where all together have 81 sides; wrong slopes are refuted."""
    verdict = verify_gradient(huber, 0.5, 0.2, gradient=LOSS.replace(old, new)).verdict
    assert verdict is (Verdict.REFUTED if old else Verdict.PROVED)


ABOVE = {
    "names of a tuple": "A, B = 2.0, 3.0\nB, A = A, B\n",
    "names of a shape": "import numpy as np\nM = np.ones((3, 2))\nA, B = M.shape\n",
    "a dict and a list": "P = {'a': 3.0}\nL = [0.5 * i for i in range(5)]\nA, B = P['a'], L[4]\n",
    "functions": "def three(n=3):\n    return 1.0 * n\nA = three()\nB = three(2)\n",
    "lambda": "half = lambda u: u / 2.0\nA = 3.0\nB = half(4.0)\n",
    "what a file tells of itself": "__all__ = ['g']\nA = B = 2.0\nA = 3.0\n",
}


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_the_top_level_computes(above: str) -> None:
    """Names, dicts, functions above: A is 3 and B is 2; another factor is refuted."""
    text = (
        f"{above}def g(x):\n    return A * B * x\nif __name__ == '__main__':\n    print(g(1.0))\n"
    )
    assert verify_gradient(lambda x: 3.0 * x * x, 1.5, gradient=text).verdict is Verdict.PROVED
    wrong = text.replace("A * B", "A * A")
    assert verify_gradient(lambda x: 3.0 * x * x, 1.5, gradient=wrong).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    "text",
    [
        "def h():\n    return K\nK = 2.0\nA = h()\nK = 3.0\ndef g(x):\n    return A * x\n",
        "def h():\n    return max(1.0, 2.0)\nA = h()\nmax = min\ndef g(x):\n    return A * x\n",
        "A, B = 1.0, 2.0, 3.0\ndef g(x):\n    return A * x\n",
        "if __name__ == '__main__':\n    A = 2.0\ndef g(x):\n    return A * x\n",
        "if __name__ != '__main__':\n    A = 2.0\ndef g(x):\n    return 2.0 * x\n",
    ],
)
def test_what_changes_a_meaning_is_refused(text: str) -> None:
    """Of names that a function saw while it was loaded, and of those that only a script has."""
    with pytest.raises(ArgumentError, match="line"):
        verify_gradient(lambda x: x * x, 1.5, gradient=text)
