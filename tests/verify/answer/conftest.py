"""What tests of certificates share."""

from __future__ import annotations

import pytest

from codegen import compile_gradient
from tests.verify.answer.certificate_cases import Files, wave
from verify import verify_gradient


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A certificate and its module."""
    folder = tmp_path_factory.mktemp("certificate")
    compiled = compile_gradient(wave, 1.0, 2.0)
    module = folder / "d_wave.py"
    module.write_bytes(compiled.source.encode())
    verify_gradient(compiled, 1.0, 2.0).save(folder / "cert.json")
    return folder / "cert.json", module
