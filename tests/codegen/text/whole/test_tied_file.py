"""A file of whole arrays gives what calls give, where switches tie as well."""

from __future__ import annotations

import importlib.util
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codegen import compile_gradient, compile_jacobian
from verify import recheck, verify_gradient
from verify.answer.certificate import CertificateError

_A = np.arange(12.0).reshape(4, 3)
_X = np.array([0.0, 1.0, -2.0, 0.0])


def _loss(w: Any, b: Any) -> Any:
    r = _A @ w - b
    smooth = np.sum(np.maximum(-r, 0.0) + np.log1p(np.exp(-abs(r))))
    return smooth + np.sum(np.clip(w, 0.0, 1.0)) + np.max(r) * np.max(r)


def _twice(x: Any) -> Any:
    return np.maximum(x, 0.0) * np.maximum(0.0, x) + np.where(x > 0.0, x, 2.0 * x)


def _module(path: Path) -> types.ModuleType:
    found = importlib.util.spec_from_file_location(path.stem, path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _same(made: Any, wanted: Any) -> None:
    if isinstance(wanted, tuple):
        assert len(made) == len(wanted)
        for pair in zip(made, wanted, strict=True):
            _same(*pair)
    else:
        np.testing.assert_array_equal(made, wanted)


@pytest.mark.parametrize(
    ("w", "b"), [([1.0, 1.0, 0.5], 1.0), ([0.0, 0.0, 0.0], 0.0), ([1.0, 0.0, -0.0], 2.0)]
)
def test_a_file_has_the_bits_of_calls(w: list[float], b: float, tmp_path: Path) -> None:
    """Value, gradient and halves, where nothing ties and where switches do."""
    df = compile_gradient(_loss, np.ones(3), 1.0, target="numpy", expand=False)
    df.save(tmp_path / "loss.py")
    saved, point = _module(tmp_path / "loss.py"), np.array(w)
    _same(saved.value_and_gradient(point, b), df(point, b))
    (value, held), (wanted, kept) = saved.forward(point, b=b), df.forward(point, b)
    _same(value, wanted)
    _same(saved.backward(held, 1.7), df.backward(kept, 1.7))


@pytest.mark.parametrize(("first", "slope"), [(0.0, np.inf), (np.nan, np.nan)])
def test_what_is_not_finite_spoils_nothing_beside_it(
    first: float, slope: float, tmp_path: Path
) -> None:
    """Beside an infinite slope, or a nan, numbers that tie have their true derivatives."""
    df = compile_gradient(
        lambda x, y: np.sum(np.sqrt(x)) + _loss(y, 0.0), _X + 1.0, np.ones(3),
        target="numpy", expand=False,
    )  # fmt: skip
    df.save(tmp_path / "beside.py")
    point = np.array([first, 1.0, 4.0, 9.0]), np.zeros(3)
    slopes, settled = _module(tmp_path / "beside.py").value_and_gradient(*point)[1]
    _same(slopes, np.array([slope, 0.5, 0.25, 1 / 6]))
    _same(settled, compile_gradient(_loss, np.ones(3), 1.0, target="numpy")(np.zeros(3), 0.0)[1][0])
    _same((slopes, settled), df(*point)[1])


def test_other_derivatives_too(tmp_path: Path) -> None:
    """A Jacobian whose rows tie."""
    df = compile_jacobian(_twice, _X, target="numpy", expand=False)
    df.save(tmp_path / "twice.py")
    _same(_module(tmp_path / "twice.py").jacobian(_X), df(_X))


def test_what_never_ties_has_nothing_behind(tmp_path: Path) -> None:
    """The file is the text that is shown."""
    df = compile_gradient(lambda x: np.sum(x * x), _X, target="numpy", expand=False)
    df.save(tmp_path / "plain.py")
    assert (tmp_path / "plain.py").read_text() == df.source


def test_what_stands_behind_is_rechecked(tmp_path: Path) -> None:
    """As it is written, or without it; changed in one sign it is refused."""
    df = compile_gradient(_twice_summed, _X, target="numpy", expand=False)
    proof, path = tmp_path / "proof.json", tmp_path / "twice.py"
    report = verify_gradient(df, _X)
    report.save(proof)
    df.save(path, report)
    text = path.read_text()
    assert df.source in text
    assert recheck(proof, path).verdict == report.verdict
    path.write_text(text.replace("ties > 0.0", "ties > 1.0"))
    with pytest.raises(CertificateError, match="is not the text"):
        recheck(proof, path)


def _twice_summed(x: Any) -> Any:
    return np.sum(_twice(x))
