"""The reader against CPython itself, on random programs of its language and around it."""

from __future__ import annotations

import random
from typing import Any

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.verify.program.python_itself import (
    disagreement,
    read_programs,
    run_program,
    run_python,
)
from tests.verify.program.random_programs import around, program
from verify import Verdict, verify_gradient
from verify.program.language.scalars import arithmetic
from verify.program.read import Text

_SETTINGS = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# What a program of the language may be refused for: it depends on types, not on syntax.
_BY_TYPE = (
    "write floats", "shares its memory", "the caller's", "ways through", "may be complex",
    "no double holds", "complex number", "may be too large",
    "Python raises an exception at this", "arrays of floats", "last digits",
    "ints and floats go with it", "changes inside try", "a condition chooses",
    "a line is infinite", "make an array", "only numbers are chosen between", "on integers",
    "an array of bools", "no array of floats",
)  # fmt: skip


@_SETTINGS
@given(source=st.randoms(use_true_random=False))
def test_programs_of_the_language_mean_what_python_does(source: Any) -> None:
    """Every program is read, and gives CPython's numbers, bit by bit but for pow."""
    text = program(source)
    found = disagreement(text, source)
    if found.startswith("refused"):
        assert any(reason in found for reason in _BY_TYPE), f"{text}\n{found}"
        return
    assert not found, f"{text}\n{found}"


@_SETTINGS
@given(source=st.randoms(use_true_random=False))
def test_programs_around_it_are_refused_or_mean_the_same(source: Any) -> None:
    """What is not understood is refused; what is read is understood."""
    text = around(source)
    found = disagreement(text, source)
    assert not found or found.startswith("refused"), f"{text}\n{found}"


def _with_a_matrix(*lines: str) -> str:
    """A function of such lines, in which ``m`` is a matrix."""
    return "\n ".join(
        [
            "import numpy as np\nfrom scipy import special\nfrom scipy.special import erf\n"
            "import scipy.special as sp\ndef f(x, y, w):",
            "m = np.array([[x, 2.0, y], [w[0], w[1], 1.0], [0.5, x, x]])",
            *lines,
            "",
        ]
    )


@pytest.mark.parametrize(
    "returned",
    ["np.eye(0)", "np.zeros((2, 0))", "np.zeros((0, 3))", "np.clip(w, 1.0, -1.0)",
     "np.clip(w, y, x)", "np.clip(w, x, y)", "np.clip(w, x, w[::-1])", "np.clip(0.5, x, y)"],
)  # fmt: skip
def test_empty_arrays_and_bounds_that_cross(returned: str) -> None:
    """What has no numbers is read; of bounds that cross the upper one counts, as in NumPy."""
    assert not disagreement(f"import numpy as np\ndef f(x, y, w):\n return {returned}\n",
                            random.Random(1))  # fmt: skip


def test_an_empty_array_keeps_its_kind() -> None:
    """NumPy raises where an array of integers is to hold floats, also where it holds nothing."""
    text = "import numpy as np\ndef f(x, y, w):\n v = np.arange(1, 1)\n v -= y\n return v\n"
    assert disagreement(text, random.Random(1)).startswith("refused")


def test_our_own_clip_raises_where_bounds_cross() -> None:
    """So it is read between numbers that are written alone."""
    text = "import autodiff as ad\ndef f(x, y, w):\n return ad.clip(x, {}, 1.0)\n"
    assert not disagreement(text.format("0.0"), random.Random(1))
    assert disagreement(text.format("y"), random.Random(1)).startswith("refused")


@pytest.mark.parametrize(
    ("returned", "is_read"),
    [
        ("[y for i in [x] for y in [y]][0]", False),
        ("[v for i in [x] for v in [y] for y in [2.0]][0]", False),
        ("[q for i in [1.0] if i != 9.0 for q in [2 * x, i]][1]", True),
        ("[y for y in [y]][0]", True),
        ("[[y * i for y in [i, x]] for i in [1.0, y]][1][1]", True),
        ("sum([i * j for i in [x, y] for j in [i, 1.0]])", True),
        ("math.copysign(2.0, np.interp(x, [0.0, 1.0], [-0.0, -0.0]))", True),
        ("math.copysign(2.0, np.copysign(-0.0, x))", True),
        ("math.copysign(2.0, np.interp(x, [-1.0, 0.0, 1.0], [1.0, y, y]))", True),
    ],
)
def test_names_of_comprehensions_and_signs_of_zeros(returned: str, is_read: bool) -> None:
    """All targets of a comprehension are its own; a line gives its knots' values as they are."""
    text = f"import math\nimport numpy as np\ndef f(x, y, w):\n return {returned}\n"
    found = [disagreement(text, random.Random(seed)) for seed in range(8)]
    assert all(one == "" if is_read else one.startswith("refused") for one in found), found


@pytest.mark.parametrize("method", ["sum", "prod", "mean", "max", "min"])
def test_methods_of_arrays_mean_what_numpy_does(method: str) -> None:
    """They are read as NumPy's functions are, to the bit."""
    text = f"def f(x, y, w):\n return w.{method}() + (w * x).reshape(3, 1).{method}()\n"
    assert not disagreement(text, random.Random(1))


@pytest.mark.parametrize("make", [program, around])
def test_many_programs_are_read(make: Any) -> None:
    """The comparison compares: most programs of the language are read, and some around it."""
    sources = [random.Random(seed) for seed in range(40)]
    refused = [disagreement(make(source), source).startswith("refused") for source in sources]
    assert refused.count(False) >= (32 if make is program else 8)


@pytest.mark.parametrize(
    "line",
    ["n = 10**17 + 1 - 10**17 + x * 0.0", "n = x; n += 1.0; l = [n]; m = l; m[0] = 2.0; n = l[0]"],
)
def test_a_reader_that_is_wrong_is_found_out(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Integers folded as floats, and lists that are copied, are disagreements."""
    text = f"import math\nimport numpy as np\ndef f(x, y, w):\n    {line}\n    return n, x\n"
    assert disagreement(text, random.Random(0)) == ""
    exact, write = arithmetic.exact, Text._write
    monkeypatch.setattr(arithmetic, "exact", lambda op, x, y: exact(op, float(x), float(y)))
    monkeypatch.setattr(
        Text, "_write", lambda text, owner, key, value: write(text, owner, key, 0.0)
    )
    assert disagreement(text, random.Random(0)).startswith("at ")


@pytest.mark.parametrize(
    "number",
    [
        "np.sum(np.array([0.1] * 10))",
        "np.array([1e16, -1e16, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]).sum()",
        "(np.array([0.1] * 10) @ np.array([0.3] * 10))",
        "sum([0.1] * 10)",
        "np.prod(np.array([1.1] * 9))",
        "(np.array([1.1]) ** 3)[0]",
        "np.var(np.array([0.1, 0.2, 0.3]))",
    ],
)
def test_nobody_decides_by_digits_that_nobody_knows(number: str) -> None:
    """What is added up in an order of its own is a real number: its last digits decide nothing."""
    text = "import math\nimport numpy as np\ndef f(x, y, w):\n return {}\n"
    value = float(eval(number, {"np": numpy}))
    uses = ["x if {0} < {1!r} else y", "({0} - {1!r}) * 1e16", "math.floor({0} - {1!r})"]
    for use in (*uses, "(max({0}, {1!r}) - {1!r}) * 1e16"):
        found = disagreement(text.format(use.format(number, value)), random.Random(1))
        assert "last digits" in found, use
    if number.startswith("np.array([1e16"):
        return
    assert not disagreement(text.format(f"{number} * x"), random.Random(1))
    assert not disagreement(text.format(f"x if {number} < 50.0 else y"), random.Random(1))


def test_sums_in_any_order_are_no_numbers_to_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that folds them from left to right disagrees with CPython."""
    text = (
        "import numpy as np\ndef f(x, y, w):\n"
        " return x if np.sum(np.array([0.1] * 10)) < 1.0 else y\n"
    )
    assert "last digits" in disagreement(text, random.Random(1))
    monkeypatch.setattr(arithmetic, "is_sum_exact", lambda numbers, rounded: True)
    assert disagreement(text, random.Random(1)).startswith("at ")


@pytest.mark.parametrize("change", ["K[0] = x", "b = K[:]; b[0] = x", "b = K; b += x", "L[0] = x"])
def test_constants_of_the_top_level_stay_as_they_are(change: str) -> None:
    """Arrays and lists there exist once, so nothing writes to them."""
    text = (
        "import numpy as np\nK = np.array([1.0, 2.0])\nL = [3.0]\n"
        f"def f(x, y, w):\n {change}\n return K[0], L[0]\n"
    )
    assert "or a constant; change a copy" in disagreement(text, random.Random(1))
    assert not disagreement(text.replace(change, "b = K * x"), random.Random(1))


@pytest.mark.parametrize(
    "top",
    [
        "K = np.array([1.0])\nimport math as np",
        "from numpy import ones as a\nK = a(2)\nfrom math import pi as a",
    ],
)
def test_constants_mean_what_their_names_meant(top: str) -> None:
    """A line below that gives a name another meaning is no reason to compute with it."""
    text = f"import numpy as np\n{top}\ndef f(x, y, w):\n return K[0] * x\n"
    assert "something else" in disagreement(text, random.Random(1))


def test_constants_are_added_in_numpys_order() -> None:
    """So what their sum loses in doubles is seen where the difference is zero for real numbers."""
    small = 2.0**-53
    numbers = [small, 0.0, 0.0, 0.0, small, 1.0, 0.0, 0.0]
    assert numpy.sum(numpy.array(numbers)) == 1.0 != 1.0 + 2 * small
    text = (
        "import numpy as np\ndef g(x):\n"
        f" return 2 * x + (np.sum(np.array({numbers})) - {1.0 + 2 * small!r}) * x * 1e17\n"
    )
    report = verify_gradient(lambda x: x * x, 1.25, gradient=text)
    assert report.verdict is Verdict.CERTIFIED_NUMERIC


@pytest.mark.parametrize(
    ("made", "changed"),
    [
        ("np.array([x, 2.0])", "a[:1]"), ("np.array([x, 2.0])", "a[[0]]"),
        ("np.array([x, 2.0])", "a[a > -1e300]"), ("np.array([x, 2.0])", "a[0]"),
        ("np.array([[x], [2.0]])", "a[0]"), ("np.array([[x], [2.0]])", "a[0, 0]"),
        ("np.array([x, 2.0])", "a"), ("[x, 2.0]", "a[0]"),
    ],
)  # fmt: skip
def test_what_the_right_side_changes(made: str, changed: str) -> None:
    """A view of an array sees it, a copy and a number do not."""
    place = "0, 0" if "[[x" in made else "0"
    text = (
        f"import numpy as np\ndef h(a, y):\n a[{place}] = y\n return 1.0\n"
        f"def f(x, y, w):\n a = {made}\n {changed} += h(a, y)\n return a[{place}]\n"
    )
    assert disagreement(text, random.Random(1)) == ""


def test_a_sum_rounded_once_raises() -> None:
    """``math.fsum`` of infinities of both signs is no nan, as NumPy's sum is."""
    text = (
        "import math\nimport numpy as np\ndef f(x, y, w):\n"
        " a = np.array([1.0, -1.0]) / (w[0] - w[0] + x - x)\n return math.fsum(a)\n"
    )
    assert disagreement(text, random.Random(1)) == ""


@pytest.mark.parametrize(
    "returned",
    ["np.einsum('ij,j->i', m, w)", "np.einsum('ij,jk->ki', m, m)", "np.einsum('ii->', m)",
     "np.einsum('i,j->ij', w, w)", "np.einsum('ij->ji', m)", "np.einsum('ii->i', m)",
     "np.einsum(',i,ij->j', x, w, m)", "np.einsum('ij->', m)", "np.polyval([1.0, x, y], y)",
     "np.polyval(w, w)", "special.erf(x) + special.expit(w)", "erf(w) * special.digamma(2.5 + x*x)",
     "special.xlogy(w, 2.0)", "sp.gammaln(1.5 + x * x)"],
)  # fmt: skip
def test_functions_beyond_the_random_programs(returned: str) -> None:
    """Sums over letters, polynomials, SciPy's special functions."""
    text, numbers = _with_a_matrix(f"return {returned}"), random.Random(1)
    assert [disagreement(text, numbers) for _ in range(4)] == [""] * 4


@pytest.mark.parametrize(
    "product",
    ["np.convolve(w, [x, x])[1]", "w @ [x, x, x]", "np.dot(w, [x, x, x])", "np.inner(w, 3 * [x])",
     "np.einsum('i,i->', w, np.array([x, x, x]))", "(np.outer(w, w) @ [x, x, x])[0]"],
)  # fmt: skip
def test_products_of_negative_zeros_are_zero(product: str) -> None:
    """Sums of them begin with 0.0; at a pole their sign would decide."""
    text = (
        "import numpy as np\ndef f(x, y, w):\n w = np.abs(w) + 1.0\n x = -0.0 * np.abs(x)\n"
        f" return max(min(({product}) ** -1.0, 2.0), -2.0)\n"
    )
    assert disagreement(text, random.Random(1)) == ""


@pytest.mark.parametrize(
    "line",
    ["b = np.einsum('ij->ji', m); b[0, 0] = 9.0", "b = np.einsum('ii->i', m); b[0] = 9.0",
     "b = special.erf(1)", "b = special.erf(x > 0.0)", "b = special.exprel(x)",
     "b = np.einsum('ij,k->i', m, w[:1] > 0.0)"],
)  # fmt: skip
def test_views_and_halves_are_refused(line: str) -> None:
    """What einsum gives may share memory; SciPy computes truth values in half precision."""
    text = _with_a_matrix(line, "return m")
    assert disagreement(text, random.Random(1)).startswith("refused")


@pytest.mark.parametrize("bounds", ["y, x", "np.array([y, y, y]), x", "y, np.array([x, x, x])"])
@pytest.mark.parametrize("of", ["a", "a[0]"])
def test_clip_keeps_the_zero_that_numpy_keeps(bounds: str, of: str) -> None:
    """Between numbers the one that is clipped, between arrays the bound."""
    text = (
        "import numpy as np\ndef f(x, y, w):\n a = np.array([-0.0, -0.0, -0.0])\n"
        f" return np.clip({of}, {bounds}) ** -1.0 + np.zeros(3), x\n"
    )
    for numbers in ((2.5, 0.0), (0.0, -1.0), (0.0, 0.0)):
        (program,), _ = read_programs(text)
        expected = run_python(text, *numbers, (1.0, 1.0, 1.0))
        assert run_program(program, [*numbers, 1.0, 1.0, 1.0]) == expected
