"""Tables of pandas beside traced values: their numbers, in either order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient

pd = pytest.importorskip("pandas", reason="needs pandas")

FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "series first": lambda w, t: ((t.x * w[0] + w[1] - t.y) ** 2).sum(),
    "series last": lambda w, t: np.sum((w[0] * t["x"] - t["y"]) ** 2),
    "a quotient": lambda w, t: (w[0] / t.y).mean() + (t.x / w[1]).mean(),
    "a power": lambda w, t: (t.y ** w[0]).sum() + (w[1] ** t.x).sum(),
    "a ufunc": lambda w, t: np.exp(t.x * w[0]).sum() + np.multiply(t.y, w[1]).sum(),
    "a condition": lambda w, t: np.where(t.x * w[0] > w[1], t.y * w[0], t.x).sum(),
    "a frame": lambda w, t: ((t @ w) ** 2).sum(),
    "an array first": lambda w, t: ((np.sin(w) - t.y[:2]) ** 2).sum() + ((t.x[:2] - w) ** 2).sum(),
}


def table(rows: int) -> Any:
    """Two columns."""
    x = np.linspace(0.5, 1.5, rows)
    return pd.DataFrame({"x": x, "y": 2.0 * x + 1.0})


@pytest.mark.parametrize("rows", [4, 600])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_table_is_its_numbers(name: str, rows: int) -> None:
    """Closed over or static, the gradient is that beside the numbers themselves."""
    function, frame, w = FUNCTIONS[name], table(rows), np.array([0.75, 1.25])
    value, slope = compile_gradient(lambda w: function(w, frame), w, target="numpy")(w)
    assert value == pytest.approx(function(w, frame), rel=1e-13)
    for k in range(2):
        step = np.eye(2)[k] * 1e-6
        ahead, behind = function(w + step, frame), function(w - step, frame)
        assert slope[k] == pytest.approx((ahead - behind) / 2e-6, rel=1e-7, abs=1e-7)


def test_a_table_may_be_static() -> None:
    """As an argument outside of wrt, also another one at a call."""
    df = compile_gradient(lambda w, t: ((t.x * w - t.y) ** 2).sum(), 1.0, table(3), wrt="w")
    assert df(2.0, table(5))[0] == 5.0


def test_what_pandas_does_otherwise_is_refused() -> None:
    """Rows that indices align, and sums by columns, are no silent differences."""
    frame = table(4)
    with pytest.raises(ad.TraceError, match="its trace"):
        compile_gradient(lambda w: ((w * frame.x - frame.x[::-1]) ** 2).sum(), 1.5)
    with pytest.raises(ad.TraceError, match="its trace"):
        compile_gradient(lambda w: ((frame - w) ** 2).sum(), np.ones(2))


def test_columns_of_an_argument_have_no_names() -> None:
    """An argument that is a table is an array; the dict of its columns serves."""
    frame = table(4)
    loss = lambda t: (t["x"] * t["y"]).sum()  # noqa: E731
    with pytest.raises(ad.TraceError, match=r"cannot take columns .* dict of its columns"):
        compile_gradient(loss, frame)
    columns = {name: frame[name].to_numpy() for name in frame}
    assert compile_gradient(loss, columns)(columns)[0] == loss(frame)
