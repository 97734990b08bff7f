"""Modules into which somebody wrote a step that raises: refused, where nothing catches it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.adversary.forgeries import behaviour, raising, sealed
from verify import CertificateError, recheck, verify_gradient


def wave(x: Any, y: Any) -> Any:
    """What overflows somewhere, so that its second form runs."""
    return x * ad.sin(y) + ad.exp(-x) / 3.0


def accepts(folder: Path, content: dict[str, Any], text: str) -> bool:
    """Whether recheck accepts a certificate, sealed anew, and a module."""
    (folder / "cert.json").write_text(sealed(content, text))
    (folder / "module.py").write_text(text)
    try:
        recheck(folder / "cert.json", folder / "module.py")
    except CertificateError:
        return False
    return True


def test_a_step_that_raises_is_no_part_of_a_proof(tmp_path: Path) -> None:
    """Every module that behaves otherwise is refused, its second form included."""
    compiled = compile_gradient(wave, 1.2, 0.7)
    verify_gradient(compiled, 1.2, 0.7).save(tmp_path / "own.json")
    content = json.loads((tmp_path / "own.json").read_text())
    right = behaviour(compiled.source)
    changed = [text for _, text in raising(compiled.source) if behaviour(text) != right]
    seconds = [text for text in changed if "_value_and_gradient_ieee(x, y)" in text]
    assert len(seconds) > 4
    assert accepts(tmp_path, content, compiled.source)
    assert not any(accepts(tmp_path, content, text) for text in changed)


@pytest.mark.parametrize("step", ["1.0 / (x - 5.0)", "(x - 5.0) ** 0.5"])
def test_a_step_outside_of_try_is_seen(step: str, tmp_path: Path) -> None:
    """Code of which nothing can raise has no ``try``: there a step that does ends the call."""
    compiled = compile_gradient(lambda x, y: x * x * y, 1.2, 0.7)
    verify_gradient(compiled, 1.2, 0.7).save(tmp_path / "own.json")
    content = json.loads((tmp_path / "own.json").read_text())
    text = compiled.source.replace("    # forward\n", f"    t = {step}\n")
    assert text != compiled.source
    assert "try:" not in text
    assert accepts(tmp_path, content, compiled.source)
    assert not accepts(tmp_path, content, text)
