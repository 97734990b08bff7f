"""Texts that look right to a reader that is not Python: refuted, or refused with their line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import autodiff as ad
from verify import Verdict, verify_gradient


def square(x: Any) -> Any:
    """Its derivative is 2 x."""
    return x * x


def half(x: Any) -> Any:
    """Its gradient is x."""
    return 0.5 * np.sum(x * x)


def doubling(count: int) -> str:
    """A text whose list doubles so many times."""
    return "def g(x):\n a = [x]\n" + " a = a + a\n" * count + " return 2 * a[0]\n"


VECTOR = (np.array([1.0, 2.0]),)

# What is wrong, the function, the text, the example, and what is said if it is refused.
WRONG: dict[str, tuple[Callable[..., Any], str, tuple[Any, ...], str]] = {
    "integer literals are exact": (
        square, "def g(x):\n return 2*x + 5*(10**17 + 1 - 10**17)\n", (1.0,), ""),
    "what looks like a tie is read": (
        square,
        "def g(x):\n try:\n  y = 2*x\n  if (y := 7.0) < 0.0:\n      raise ArithmeticError\n"
        "  return y\n except Exception:\n  return 2*x\n", (1.0,), "NamedExpr is never read"),
    "a lead that never leads is read": (
        square,
        "def g(x):\n if print(x) == 7:\n     raise ArithmeticError\n return 2*x\n",
        (1.0,), "print"),
    "integers are compared exactly": (
        square, "def g(x):\n return 2*x if x < 10**17 + 1 else 0.0\n", (1.0,), "no double holds"),
    "arrays add": (
        lambda x: 0.5 * x * x,
        "import numpy\ndef g(x):\n"
        " v = numpy.array([x, 1.0]) + numpy.array([x, 1.0])\n return v[0]\n", (1.0,), ""),
    "arrays scale": (half, "def g(x):\n y = x * 2\n return [y[0], y[1]]\n", VECTOR, ""),
    "arrays are no lists": (half, "def g(x):\n y = x + x\n return y[:2]\n", VECTOR, ""),
    "lists alias": (square, "def g(x):\n a=[2*x]; b=a; b+=[999.0]\n return a[-1]\n", (1.0,), ""),
    "items alias": (
        square, "def g(x):\n a=[[2*x]] * 2\n a[0][0]=9.0\n return a[1][0]\n", (1.0,), ""),
    "asarray aliases": (
        square,
        "import numpy\ndef g(x):\n a=numpy.array([2*x]); b=numpy.asarray(a); b[0]=999.0\n"
        " return a[0]\n", (1.0,), ""),
    "arrays change in place": (
        square,
        "import numpy as np\ndef g(x):\n a=np.array([2*x]); b=a; b+=1.0\n return a[0]\n",
        (1.0,), ""),
    "slices of arrays are views": (
        square,
        "import numpy as np\ndef g(x):\n a=np.array([2*x]); b=a[:]; b[0]=9.0\n return a[0]\n",
        (1.0,), "shares its memory"),
    "arrays without dimensions change in place": (
        square,
        "import numpy as np\ndef g(x):\n a=np.where(x > 0, 2*x, 2*x); b=a; b+=1.0\n return a\n",
        (1.0,), ""),
    "integer arrays truncate": (
        square, "import numpy\ndef g(x):\n a=numpy.array([0]); a[0]=2*x\n return a[0]\n",
        (1.0,), "line 3: a[0] = 2 * x: an array of integers truncates"),
    "NumPy's integers overflow on one side of a condition": (
        square, "import numpy as np\ndef g(x):\n m = np.maximum(3, max(4000000000, x))\n"
        " return 2*x if m*m > 0 else 3*x\n", (1.0,), "line 3: np.maximum(3, max(4000000000, x))"),
    "a condition stored as an array of integers": (
        square, "import numpy as np\ndef g(x):\n m = np.array([4000000000 if x > 0 else x])\n"
        " return 2*x if m[0]*m[0] > 0 else 3*x\n", (1.0,), "line 4: m[0]"),
    "NumPy's square of one of math's integers": (
        square, "import math, numpy as np\ndef g(x):\n m = np.square(math.floor(x) + 4000000000)\n"
        " return 2*x if m > 0 else 3*x\n", (1.0,), "line 3: np.square(math.floor(x) + 4000000000)"),
    "integer arrays overflow": (
        square,
        "import numpy as np\ndef g(x):\n a=np.array([2]) * np.array([2**62])\n"
        " return 2*x + a[0]\n", (1.0,), "integers that overflow"),
    "truths add to a truth": (
        lambda x: x[0] * x[0],
        "def g(x):\n n = (x[0] > -1e9) + (x[0] > -2e9)\n return [n * x[0]]\n",
        (np.array([1.0]),), "another sum"),
    "the caller's array changes": (
        half, "def g(x):\n x *= 1.0\n return x\n", VECTOR, "the caller's"),
    "mutable default": (
        square,
        "def h(x, a=[0.0]):\n a[0]=a[0]+1.0\n return a[0]*x\ndef g(x):\n return h(x)+h(x)\n",
        (1.0,), "line 1: [0.0]"),
    "mutation survives try": (
        square,
        "def g(x):\n a=[2*x]\n try:\n  a[0]=7.0\n  b=float([x])\n  return 2*x\n"
        " except Exception:\n  return a[0]\n", (1.0,), "line 4: a[0] = 7.0: changes what was"),
    "a name survives try": (
        square,
        "import math\ndef g(x):\n y=2*x\n try:\n  y=7.0\n  z=math.exp(1000.0+x*x)\n  return 2*x\n"
        " except Exception:\n  return y\n", (1.0,), "line 5: y = 7.0: 'y' changes inside try"),
    "one of two trys raises": (
        square,
        "import math\ndef h(x):\n try:\n  b=math.exp(1000.0+x*x)\n  return x\n"
        " except Exception:\n  return x+5.0\ndef k(x):\n try:\n  return x\n"
        " except Exception:\n  return x-5.0\ndef g(x):\n return h(x)+k(x)\n", (1.0,), ""),
    "an annotation runs": (
        lambda x: -ad.cos(x),
        "from math import sin, cos\ndef g(x: globals().update(sin=cos)):\n return sin(x)\n",
        (1.0,), "an annotation that runs code"),
    "a default runs": (
        square, "import math\ndef g(x, y=print()):\n return 2*x\n", (1.0,), "line 2: print()"),
    "a default of another function runs": (
        square, "def h(x, y=print()):\n return x\ndef g(x):\n return 2*x\n", (1.0,), "line 1: "),
    "a default is what it was": (
        square, "K = 3\ndef h(x, k=K):\n return k*x\nK = 2\ndef g(x):\n return h(x)\n",
        (1.0,), ""),
    "a constant is what it is at last": (
        square, "K = 2\ndef g(x):\n return K*x\nK = 3\n", (1.0,), ""),
    "the size of a truth is a truth": (
        lambda x: x[0] * x[0],
        "def g(x):\n return [(abs(x[0] > -1e9) + abs(x[0] > -2e9)) * x[0]]\n",
        (np.array([1.0]),), "another size"),
    "yield after return": (
        square, "def g(x):\n return 2*x\n yield\n", (1.0,), "line 3: (yield): "),
    "walrus where it is not reached": (
        square, "def g(x):\n return 2*x if True else (x := 3.0)\n", (1.0,), "NamedExpr"),
    "star imports": (
        square, "from math import *\ndef g(x):\n return pow(x, 1.0) * 2.0\n", (1.0,), "a star"),
    "a relative import": (
        square, "from .math import sin\ndef g(x):\n return 2*x\n", (1.0,), "are imported"),
    "a module inside a module": (
        square, "import numpy.lib.scimath as math\ndef g(x):\n return 2*x\n", (1.0,), "line 1: "),
    "another future": (
        square, "from __future__ import barry_as_FLUFL\ndef g(x):\n return 2*x\n", (1.0,), "line"),
    "a cookie": (
        square, "# coding: unicode_escape\ndef g(x):\n return 2*x\n", (1.0,), "unicode_escape"),
    "a cookie in line 2": (
        square, "#\n# vim: fileencoding=utf-7\ndef g(x):\n return 2*x\n", (1.0,), "line 2: "),
    "a byte order mark": (square, "\ufeffdef g(x):\n return 2*x\n", (1.0,), "byte order mark"),
    "a hidden builtin": (
        square, "def g(x):\n return 2*abs(x)\ndef abs(x):\n return x + 1.0\n", (1.0,), ""),
    "a local hides a builtin": (
        lambda x: x * ad.abs(x), "def g(x):\n y = abs(x)\n abs = 3.0\n return 2*y\n",
        (1.0,), "'abs'"),
    "a parameter hides a module": (
        lambda x, math: ad.sin(x) * math,
        "import math\ndef g(x, math):\n return math.cos(x) * math, math.sin(x)\n", (1.0, 2.0),
        "line 3: "),
    "other builtins": (
        square, "import numpy as __builtins__\ndef g(x):\n return 2*x\n", (1.0,), "__builtins__"),
    "a generator is used up": (
        square, "def g(x):\n z = zip([x], [x])\n a = [u for u, v in z]\n"
        " b = [u for u, v in z]\n return a[0] + a[0] + sum(b)\n", (1.0,), "once only"),
    "a condition changes something": (
        square, "def g(x):\n a = [2*x]\n y = x if x < -1e300 else a.append(7.0) or x\n"
        " return a[-1]\n", (1.0,), "under a condition"),
    "a complex number compares": (
        square, "def g(x):\n return 2*x if x**0.5 == x**0.5 else 0.0\n", (1.0,), "complex"),
    "the last of equals": (
        square, "def g(x):\n return 2*x + (max(1, True) is True)\n", (1.0,), "line 2: "),
    "a list that grows": (square, doubling(60), (1.0,), "items in all"),
    "a list of lists that grows": (
        square, "def g(x):\n a = [x] * 10**9\n return 2*a[0]\n", (1.0,), "items in all"),
    "a range as a list": (
        square, "def g(x):\n a = list(range(10**9))\n return 2*x*a[1]\n", (1.0,), "items in all"),
    "a sum of a range": (
        square, "def g(x):\n return 2*x + sum(range(10**12)) * 0\n", (1.0,), "items in all"),
    "a range that is unpacked": (
        square, "def g(x):\n a, b = range(10**12)\n return 2*x\n", (1.0,), "items in all"),
    "a range without a length": (
        square, "def g(x):\n return 2*x*len(range(10**40))\n", (1.0,), "too long"),
    "empty lists": (
        square, "def g(x):\n a = [[] for i in range(1000) for j in range(10000)]\n return 2*x\n",
        (1.0,), "line 2: "),
    "a loop without end": (
        square, "def g(x):\n while True:\n  x = x\n return 2*x\n", (1.0,), "too long"),
    "loops in loops": (
        square, "def g(x):\n" + "".join(" " * (i + 1) + f"for i{i} in range(999):\n"
        for i in range(9)) + " " * 10 + "y = x\n return 2*y\n", (1.0,), "too long"),
    "an integer that grows": (
        square, "def g(x):\n n = 3\n" + " n = n * n\n" * 40 + " return 2*x + n - n\n", (1.0,),
        "bits"),
    "a power that grows": (square, "def g(x):\n return 2*x + 9**9**9\n", (1.0,), "bits"),
    "NumPy makes a double of an integer before it compares": (
        square, "import numpy\ndef g(x):\n"
        " return 2*x if numpy.float64(1e17) < 10**17 + 1 else 9.0\n", (1.0,), "no double holds"),
    "a generator computes late": (
        square, "def g(x):\n n = 1.0\n t = 0.0\n for k in (n*q for q in [1.0, 1.0]):\n"
        "  t = t + k\n  n = 5.0\n return x*t\n", (1.0,), "while others are used"),
    "a generator in zip computes late": (
        square, "def g(x):\n n = 1.0\n t = 0.0\n for k, _ in zip((n*q for q in [1, 1]), [1, 2]):\n"
        "  t = t + k\n  n = 5.0\n return x*t\n", (1.0,), "while others are used"),
    "NumPy's numbers raise nothing, Python's do": (
        square, "import numpy\ndef g(x):\n t = numpy.float64(1.0)/0.0\n return 2*x\n", (1.0,),
        "NumPy gives inf"),
    "an angle of a zero with a sign": (
        square, "import math\ndef g(x):\n return 2*x*(1 if math.atan2(0.0, -0.0) < 3 else 3)\n",
        (1.0,), "sign of a zero"),
    **{f"Python cannot load it: {head}": (square, f"{head}\n return {result}\n", (1.0,), said)
       for head, result, said in (
        ("import math\ndef g(x: math.nothing):", "2*x", "no type"),
        ("def g(x: float | 3.0):", "2*x", "raises an exception"),
        ("def g(x) -> None | None:", "2*x", "raises an exception"),
        ("def g(x: float[int]):", "2*x", "takes no [...]"),
        ("import math\nfrom __future__ import annotations\ndef g(x):", "2*x", "at the beginning"),
        ("def g(x):", "2*x\n break", "outside loop"),
        ("def g(x):", "2*x\ndef h(y, y):\n return y", "duplicate"),
        ("def g(x):\n __debug__ = 1", "2*x", "__debug__"),
        ("def g(x):\n" + "".join(f"{' ' * (i + 1)}for i{i} in [1]:\n" for i in range(21))
         + f"{' ' * 22}y = x", "2*y", "too many"),
       )},
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_python_makes_of_a_text_counts(name: str) -> None:
    """No text is proven to be what it only looks like."""
    function, text, example, message = WRONG[name]
    if not message:
        assert verify_gradient(function, *example, gradient=text).verdict is Verdict.REFUTED
        return
    with pytest.raises(ad.ArgumentError) as caught:
        verify_gradient(function, *example, gradient=text)
    assert message in str(caught.value)
    assert "Text is read, never run" in str(caught.value)


class Point(NamedTuple):
    """Two coordinates."""

    x: float
    y: float


def test_classes_of_arguments_are_not_used() -> None:
    """A class is code: a text about values of one is refused, not read with its methods."""
    text = "def g(p):\n return p.y, p.x\n"
    with pytest.raises(ad.ArgumentError, match=r"a text has no values of class .*Point"):
        verify_gradient(lambda p: p.x * p.y, Point(1.0, 2.0), gradient=text)


def bowl(v: Any) -> Any:
    """A function of an array."""
    return np.sum(v * v) + v[0] * v[1]


# Right gradients, in the ways that people write them: function, text, example.
RIGHT: dict[str, tuple[Callable[..., Any], str, tuple[Any, ...]]] = {
    "a filled array": (
        bowl, "import numpy as np\ndef g(v):\n o = np.zeros(3)\n for i in range(len(v)):\n"
        "  o[i] = 2.0 * v[i]\n o[0] += v[1]\n o[1] += v[0]\n return o\n", (np.ones(3),)),
    "a filled copy": (
        bowl, "def g(v):\n o = (2 * v).copy()\n o[:2] += v[1::-1]\n return o\n", (np.ones(3),)),
    "a comprehension": (
        half, "def g(x):\n return [2 * u * v for u, v in zip(x, [0.5, 0.5])]\n", VECTOR),
    "a list that is built": (
        half, "def g(x):\n o = []\n for v in x:\n  o.append(v)\n return o\n", VECTOR),
    "a matrix times a vector": (
        lambda v: 0.5 * (v[0] + 2 * v[1]) ** 2,
        "import numpy as np\nA = 2.0\ndef g(v):\n m = np.array([[1.0, A]])\n"
        " return m.T @ (m @ v)\n", VECTOR),
    "an if with two returns": (
        lambda x: np.where(x > 1.0, x * x, 2.0 * x - 1.0),
        "def g(x):\n if x > 1.0:\n  return 2.0 * x\n return 2.0\n", (3.0,)),
    "an if that assigns": (
        lambda x: np.where(x > 1.0, x * x, 2.0 * x - 1.0),
        "def g(x):\n o = [0.0]\n if x > 1.0:\n  o[0] = 2 * x\n else:\n  o[0] = 2\n return o[0]\n",
        (3.0,)),
    "a helper with a default": (
        square, "def h(x, by=2):\n return by * x\ndef g(x):\n return h(x, by=2)\n", (1.0,)),
    "a loop that multiplies": (
        lambda x: x**5, "def g(x):\n p = 5\n for _ in range(4):\n  p *= x\n return p\n", (1.0,)),
    "the sum of a generator": (
        lambda x: x + x**2 + x**3,
        "def g(x):\n return sum(k * x**(k - 1) for k in range(1, 4))\n", (1.0,)),
    "the sign as a difference": (
        ad.abs, "def g(x):\n return (x > 0) - (x < 0)\n", (1.0,)),
    "a root": (lambda x: (1 + x * x) ** 1.5, "def g(x):\n return 3*x*(1 + x*x)**0.5\n", (1.0,)),
    "the larger by a loop": (
        lambda x, y: np.maximum(x, y) ** 2,
        "def g(x, y):\n m = max(x, y)\n return (2*m if x > y else 0.0), (2*m if y > x else 0.0)\n",
        (1.0, 2.0)),
    "a safe way": (
        ad.exp,
        "import math\ndef g(x):\n try:\n  return math.exp(x)\n except Exception:\n"
        "  return math.exp(x)\n", (1.0,)),
    "a dict": (
        lambda p: p["a"] * p["b"], "def g(p):\n return {'a': p['b'], 'b': p['a']}\n",
        ({"a": 1.0, "b": 2.0},)),
    "a while loop": (
        lambda x: x**4, "def g(x):\n p, k = 4.0, 0\n while k < 3:\n  p, k = p * x, k + 1\n"
        " return p\n", (1.0,)),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_what_people_write_is_read(name: str) -> None:
    """Loops, conditions, lists and arrays of right gradients are no obstacle."""
    function, text, example = RIGHT[name]
    report = verify_gradient(function, *example, gradient=text)
    assert report.verdict is Verdict.PROVED, report


_MAYBE_NUMPY = "import numpy\ndef g(x):\n {}\n s = 1/t\n return 2*x\n"
_RAISING = [
    _MAYBE_NUMPY.format("t = numpy.sin(x) if x > 5 else x - 0.7"),
    _MAYBE_NUMPY.format("t = (x - 0.7) or numpy.sin(x)"),
    _MAYBE_NUMPY.format("t = max(numpy.sin(x) - 9, x - 0.7)"),
    "def g(x):\n for k in range(3100):\n  t = 1/(x*x + 1.0 + k)\n t = 1/(x - 0.7)\n return 2*x\n",
    "def g(x):\n for k in range(1100):\n  t = 1/(x + 1.0 + k)\n return 2*x\n",
]


@pytest.mark.parametrize("text", _RAISING)
def test_what_may_raise_is_no_proof(text: str) -> None:
    """A number is NumPy's only if both sides of a condition are; none of many steps is left out."""
    report = verify_gradient(square, 1.0, gradient=text)
    assert report.verdict in (Verdict.CERTIFIED_NUMERIC, Verdict.UNDECIDED)


_HANDLED = "import math\ndef g(x):\n try:\n  {}return 2*x\n except Exception:\n  return 9.0\n"


@pytest.mark.parametrize(
    ("raising", "verdict"),
    [("", "PROVED"), ("t = math.exp(-x*x); ", "UNDECIDED"), ("t = 1/(x - x); ", "REFUTED")],
)
def test_a_handler_refutes_only_where_it_runs(raising: str, verdict: str) -> None:
    """What is returned after an exception counts where one is raised, and not where none can be."""
    report = verify_gradient(square, 1.0, gradient=_HANDLED.format(raising))
    assert report.verdict.value == verdict, report
