"""Certificates of matrices that say something else than the module gives, and modules that do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import codegen
from tests.adversary.forgeries import sealed
from verify import CertificateError, recheck, verify_derivatives

X = np.array([0.5, 0.3, 0.7])


def jacobian_of(x: Any) -> Any:
    """Three numbers of three."""
    return np.array([x[0] * x[1], x[1] ** 2 * x[2], np.sin(x[2])])


def saved(folder: Path, **options: Any) -> tuple[dict[str, Any], str]:
    """A certificate and its module."""
    compiled = codegen.compile(jacobian_of, X, **options)
    verify_derivatives(compiled, X).save(folder / "cert.json")
    compiled.save(folder / "module.py")
    return json.loads((folder / "cert.json").read_text()), (folder / "module.py").read_text()


def accepts(folder: Path, content: dict[str, Any], text: str) -> bool:
    """Whether recheck accepts a certificate, sealed anew, and a module."""
    (folder / "cert.json").write_text(sealed(content, text))
    (folder / "module.py").write_bytes(text.encode())
    try:
        recheck(folder / "cert.json", folder / "module.py")
    except CertificateError:
        return False
    return True


@pytest.mark.parametrize("sparse", ["csr", "csc", "coo"])
def test_a_pattern_of_another_shape_or_order_is_refused(sparse: str, tmp_path: Path) -> None:
    """The numbers are right; where they would stand is not."""
    content, text = saved(tmp_path, what="jacobian", sparse=sparse)
    assert accepts(tmp_path, content, text)
    pattern = content["derivative"]["patterns"]["jacobian"]
    others = [
        pattern.replace("[3,3]", "[4,3]"),
        pattern.replace("[3,3]", "[3,4]"),
        pattern.replace(*(("rows", "columns") if "rows" in pattern else ("columns", "rows"))),
        pattern.replace("1", "2", 1),
        pattern.replace("0", "1", 1),
        "",
    ]
    for other in others:
        derivative = content["derivative"] | {"patterns": {"jacobian": other}}
        assert not accepts(tmp_path, content | {"derivative": derivative}, text), other
    turned = "csr" if sparse == "csc" else "csc"
    derivative = content["derivative"] | {"sparse": turned}
    assert not accepts(tmp_path, content | {"derivative": derivative}, text)


@pytest.mark.parametrize("wrt", [[], [1], "y", [0, 0]])
def test_other_arguments_are_refused(wrt: object, tmp_path: Path) -> None:
    """Whatever a certificate says that is differentiated by."""
    content, text = saved(tmp_path, what="jacobian")
    derivative = content["derivative"] | {"wrt": wrt}
    assert not accepts(tmp_path, content | {"derivative": derivative}, text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x: list[float]", "x: list[y]"),
        ("x: list[float]", "x: cos[float]"),
        ("x: list[float]", "x: float[float]"),
        ("-> tuple[", "-> nowhere["),
    ],
)
def test_annotations_that_raise_are_refused(before: str, after: str, tmp_path: Path) -> None:
    """Python evaluates an annotation: a module that cannot be imported proves nothing."""
    content, text = saved(tmp_path, what="jacobian")
    changed = text.replace(before, after, 1)
    assert changed != text
    assert not accepts(tmp_path, content, changed)
