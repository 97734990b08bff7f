"""Modules whose numbers are right and stand elsewhere: under other names, or together otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import codegen
from tests.adversary.forgeries import sealed
from verify import CertificateError, Verdict, recheck, verify_derivatives


def _mixed(x: Any, y: Any) -> Any:
    return x[0] * x[1] * y


def _parts(p: Any) -> Any:
    return p["a"] * p["b"][0] - p["b"][1]


_POINT = np.array([0.5, 0.3]), 2.0
WHAT: dict[str, tuple[Callable[..., Any], tuple[Any, ...], str]] = {
    "halves": (_mixed, _POINT, ""),
    "scalars": (lambda x, y: x * x * y, (0.5, 0.3), ""),
    "gradient": (_mixed, _POINT, "gradient"),
    "parts": (_parts, ({"a": 0.5, "b": [0.3, 0.2]},), "gradient"),
    "hessian": (_mixed, _POINT, "hessian"),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and their modules."""
    folder = tmp_path_factory.mktemp("layout")
    for name, (function, examples, what) in WHAT.items():
        compiled: Any
        if what:
            compiled = codegen.compile(function, *examples, what=what, check=False)
        else:
            compiled = codegen.compile_gradient(function, *examples, check=False)
        compiled.save(folder / f"{name}.py")
        verify_derivatives(compiled, *examples).save(folder / f"{name}.json")
    return folder


def _rechecked(files: Path, name: str, text: str) -> Verdict:
    (files / "other.py").write_text(text)
    content = json.loads((files / f"{name}.json").read_text())
    (files / "other.json").write_text(sealed(content, text))
    return recheck(files / "other.json", files / "other.py").verdict


def _exchanged(text: str, one: str, other: str) -> str:
    return text.replace(one, "held_").replace(other, one).replace("held_", other)


@pytest.mark.parametrize("name", WHAT)
def test_their_own_layout_is_accepted(files: Path, name: str) -> None:
    """What was saved is proven again."""
    assert _rechecked(files, name, (files / f"{name}.py").read_text()) is Verdict.PROVED


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("halves", "x_mixed, ([x_0_bar, x_1_bar], v1)", "(x_mixed, x_0_bar), (x_1_bar, v1)"),
        ("halves", "x_mixed, ([x_0_bar, x_1_bar], v1)", "x_mixed, x_0_bar, x_1_bar, v1"),
        ("halves", "([x_0_bar, x_1_bar], y_bar)", "(x_0_bar, [x_1_bar, y_bar])"),
        ("scalars", "(x_bar, y_bar)", "[[x_bar, y_bar]]"),
        ("gradient", "([x_0_bar, x_1_bar], y_bar)", "([x_0_bar], [x_1_bar, y_bar])"),
        ("gradient", "([x_0_bar, x_1_bar], y_bar)", "([[x_0_bar, x_1_bar]], y_bar)"),
        ("parts", "(p_b_0, p_a, (-1.0))", "((p_b_0, p_a), (-1.0))"),
        ("hessian", "([0.0, y, y, 0.0], [x_1, ", "([[0.0, y], [y, 0.0]], [x_1, "),
        ("hessian", "([0.0, y, y, 0.0], [x_1, ", "([0.0, y, y], [0.0, x_1, "),
    ],
)
def test_numbers_of_other_arguments_together_are_refused(
    files: Path, name: str, before: str, after: str
) -> None:
    """As many numbers in the same order are other derivatives to who takes them apart."""
    text = (files / f"{name}.py").read_text()
    assert before in text
    with pytest.raises(CertificateError, match="not together as those of each argument"):
        _rechecked(files, name, text.replace(before, after))


def test_parameters_under_the_names_of_others_are_refused(files: Path) -> None:
    """Whoever calls by name would give a number for another."""
    text = _exchanged((files / "parts.py").read_text(), "p_a", "p_b_1")
    with pytest.raises(CertificateError, match="p_b_1 is not in the function's order"):
        _rechecked(files, "parts", text)
    text = (files / "scalars.py").read_text()
    start, end = text.index("def forward"), text.index("def backward")
    head = text[start:end].replace("x: float, y: float", "y: float, x: float")
    forward = head.replace("    x, y = float(x), float(y)\n", "    x, y = float(y), float(x)\n")
    assert forward != head != text[start:end]
    with pytest.raises(CertificateError, match="y is not in the function's order"):
        _rechecked(files, "scalars", text[:start] + forward + text[end:])
