from __future__ import annotations

import re
import tomllib
from pathlib import Path

from autodiff.errors import installing

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("autodiff", "codegen", "verify", "proofgrad")


def test_every_extra_that_a_message_names_exists() -> None:
    """What messages tell to install is an extra of the project, from an index or a checkout."""
    texts = [p.read_text("utf-8") for name in PACKAGES for p in (ROOT / name).rglob("*.py")]
    named = {e for text in texts for e in re.findall(r"installing\(['\"](\w+)['\"]\)", text)}
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {"native", "plot", "proof"} <= named <= set(extras["optional-dependencies"])
    for extra in named:
        assert f"pip install 'proofgrad[{extra}]'" in installing(extra)
        assert f"pip install '.[{extra}]'" in installing(extra)


def test_no_message_names_an_extra_by_itself() -> None:
    """There is one place that says how to install an extra."""
    for name in PACKAGES:
        for path in (ROOT / name).rglob("*.py"):
            if path.name not in ("errors.py", "balls.py"):
                assert "pip install 'proofgrad[" not in path.read_text("utf-8"), path
