"""Array forms written from scalar source: right in every lane, whatever way each one goes."""

from __future__ import annotations

import inspect
import math
import random
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.numbers.ieee import PORTABLE
from autodiff.table.primitive import PUBLIC, REGISTRY
from codegen import compile_gradient
from codegen.language.numpy.array_forms import ARRAY_FORMS
from codegen.language.target import helper_source
from codegen.subset.to_numpy import flat_form
from tests.random_graphs import SPECIAL

LOOPS = {"power_over", "iv_series", "iv", "bessel_recurrence", "spherical_jn", "jv"}
TABLES = {"gamma", "polygamma_sum"}  # they look up factorials
# Those call others, or take numbers that belong together.
CALLING = {"polygamma", "gelu", "yv", "kv", "erfinv", "erfcinv"}
CALLING |= {"erfcx", "ierfcx", "i2erfcx", "log_erfc", "log_i0", "i1_over_i0", "scaled_erfc"}
CALLING |= {"inverse_error", "kv_scaled", "second_kind_near", "wave_0", "wave_1"}
WRITTEN = sorted(set(PORTABLE) - LOOPS - TABLES - CALLING)
SECOND = {
    "gaussian": (0.5, 0.001),
    "elu": (1.0, 0.3),
    "xlogy": (2.0,),
    "vanishing": (2.0, math.inf),
    "logaddexp": (-1.5,),
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """As callers do, silence NumPy."""
    with np.errstate(all="ignore"):
        yield


def close(found: float, expected: float, unit: float) -> bool:
    """Equal up to 8 of these units, with the same infinities, nans and signs."""
    if math.isnan(found) or math.isnan(expected):
        return math.isnan(found) and math.isnan(expected)
    if found == expected:
        return math.copysign(1.0, found) == math.copysign(1.0, expected)
    return math.isfinite(found) and abs(found - expected) <= 8.0 * unit


@pytest.mark.parametrize("name", WRITTEN)
def test_every_lane_is_the_scalar_function(name: str) -> None:
    """An array of all kinds of numbers gives in each place what the scalar function gives."""
    draw = random.Random(name)
    points = [*SPECIAL, *(draw.uniform(-30.0, 30.0) for _ in range(200))]
    points += [10.0 ** draw.uniform(-300.0, 300.0) for _ in range(50)]
    form = flat_form(PORTABLE[name])
    for more in SECOND.get(name, (None,)):
        rest = () if more is None else (more,)
        found = form(np.array(points), *rest)
        for x, y in zip(points, found.tolist(), strict=True):
            expected = PORTABLE[name](x, *rest)
            # Functions of NumPy's own are off by other last bits, which a sum may magnify.
            unit = math.ulp(max(1.0 if name in ("digamma", "lgamma", "logaddexp") else 0.0,
                                abs(expected))) if math.isfinite(expected) else 0.0  # fmt: skip
            assert close(y, expected, unit), (x, more, y, expected)


@pytest.mark.parametrize("name", ["softplus", "sinc", "i0", "lgamma"])
def test_shapes(name: str) -> None:
    """A float gives a float; shapes are kept, an empty one too; no argument is written to."""
    form = ARRAY_FORMS[name]
    assert isinstance(form(0.5), float)
    x = np.array([[0.5, -1.5, 30.0]])
    before = x.copy()
    assert form(x).shape == (1, 3)
    assert form(np.empty((0, 2))).shape == (0, 2)
    assert np.array_equal(x, before)


@pytest.mark.parametrize("name", sorted(LOOPS | TABLES))
def test_what_has_no_such_form_is_said(name: str) -> None:
    """A function whose loop depends on its numbers is refused, with the line."""
    with pytest.raises(ad.EmitError, match=f"{name}: found .*an array form is made of"):
        flat_form(PORTABLE[name])


SOURCE = '''
def plateau(x: float) -> float:
    """Hyperbolic secant, cut off at 0.5."""
    y = 1.0 / math.cosh(x) if abs(x) < 700.0 else 0.0
    if y > 0.5:
        return 0.5
    return y
'''


@pytest.fixture
def plateau() -> Iterator[ad.Primitive]:
    """A row of a portable function that nothing but its row and its source knows."""
    namespace: dict[str, Any] = {"math": math}
    exec(SOURCE, namespace)
    function: Any = namespace["plateau"]
    function.__source__ = SOURCE.strip() + "\n"
    PORTABLE["plateau"] = function

    def rule(g: Any, out: Any, x: Any) -> Any:
        return g * ad.where(out < 0.5, -out * ad.tanh(x), 0.0)

    call = "plateau({0})"
    yield ad.Primitive("plateau", function, (rule,), call, call, call, kinks=(("ln 3", "0"),))
    for table in (PORTABLE, REGISTRY, PUBLIC):
        table.pop("plateau", None)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_a_function_is_written_once(target: str, plateau: Callable[..., Any]) -> None:
    """One scalar source runs in every target: no second copy for arrays or machine code."""
    if target == "native":
        pytest.importorskip("llvmlite")
    df = compile_gradient(lambda x: plateau(x) * 2.0, 1.0, target=target, check=False)
    for x in (0.3, -2.5, 800.0, math.inf, 0.0):
        value, gradient = df(x)
        expected = ad.backpropagate(df.graph, x)
        assert close(float(value), expected[0], math.ulp(expected[0]))
        assert close(float(gradient), expected[1], math.ulp(expected[1]))


def test_a_saved_file_holds_the_array_form(tmp_path: Path, plateau: Callable[..., Any]) -> None:
    """The file runs on NumPy alone, and its lines fit the page."""
    df = compile_gradient(lambda x: plateau(x) + ad.i0(x), 1.0, target="numpy", check=False)
    path = tmp_path / "saved.py"
    df.save(path)
    module = types.ModuleType("saved")
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), vars(module))
    x = np.array([0.3, -2.5])
    assert np.array_equal(module.value_and_gradient(x)[0], [df(0.3)[0], df(-2.5)[0]])


@pytest.mark.parametrize("name", ["softplus", "sinc", "i0", "i1"])
def test_lines_fit_the_page(name: str) -> None:
    """The text of a written form is laid out as the rest of a file is."""
    assert max(map(len, helper_source(ARRAY_FORMS[name]).splitlines())) <= 88


def nested(x: float) -> float:
    """A choice inside a side, and work that it must not end."""
    if x < 1.0:
        if x > -10.0:
            return math.exp(math.sin(x))
        return x
    return math.log(math.sqrt(math.cosh(x)))


def test_a_choice_inside_a_side_ends_nothing_outside() -> None:
    """Where all numbers pass the inner test and none the outer one, the other side is found."""
    nested.__source__ = inspect.getsource(nested)  # type: ignore[attr-defined]
    form = flat_form(nested)
    assert form(3.0) == pytest.approx(nested(3.0), rel=1e-15)
    assert form(np.array([2.0, 5.0])) == pytest.approx([nested(2.0), nested(5.0)], rel=1e-15)
