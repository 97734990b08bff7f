from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from verify.command import app

USER = """import math

def gap(x=0.5):
    return math.exp(x) - 1.0
"""


@pytest.fixture
def function(tmp_path: Path) -> str:
    """A function whose digits cancel near zero, as the command takes it."""
    path = tmp_path / "user.py"
    path.write_text(USER)
    return f"{path}:gap"


@pytest.mark.parametrize("target", ["python", "numpy", "c", "latex"])
def test_accuracy_is_printed_beside_the_stable_text(function: str, target: str) -> None:
    """The bits lost before and now, on points of the domain, and by which rewrite."""
    options = ["--profile", "stable", "--domain", "x=0..0.1", "--target", target]
    result = CliRunner().invoke(app, ["compile", function, *options])
    assert result.exit_code == 0
    assert "mean bits lost" in result.stderr
    assert "domain" in result.stderr
    assert "rewrites: exp(x) - 1" in result.stderr
    assert "mean bits lost" not in result.stdout


def test_accuracy_is_in_the_json(function: str) -> None:
    """A machine reads it, too."""
    result = CliRunner().invoke(app, ["compile", function, "--profile", "stable", "--json"])
    assert "rewrites: exp(x) - 1" in json.loads(result.stdout)["accuracy"]


@pytest.mark.parametrize("text", ["x=0-1", "x", "x=a..b", "x=0..1,x=0..1", "0..1", ""])
def test_what_is_no_interval_is_refused(function: str, text: str) -> None:
    """The message says what was found and what was expected."""
    options = ["--profile", "stable", "--domain", text]
    result = CliRunner().invoke(app, ["compile", function, *options])
    assert result.exit_code == 2
    assert "expected name=low..high" in result.stderr


def test_other_profiles_ask_for_no_domain(function: str) -> None:
    """It would change nothing, so it is refused."""
    result = CliRunner().invoke(app, ["compile", function, "--domain", "x=0..1"])
    assert result.exit_code == 2
    assert "profile='stable'" in result.stderr
