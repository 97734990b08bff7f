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


MATRICES = """import numpy as np

def arm(q):
    return np.array([np.cos(q[0]) + q[1], np.sin(q[0])])

def energy(x=1.0, y=2.0):
    return x * x * y
"""


@pytest.fixture
def matrices(tmp_path: Path) -> str:
    """A file with a function of an array and one of numbers."""
    path = tmp_path / "matrices.py"
    path.write_text(MATRICES)
    return str(path)


def test_a_jacobian_in_c(matrices: str) -> None:
    """``--what`` names other derivatives, ``--sparse`` leaves out what is always zero."""
    options = ["--at", "[1, 2]", "--what", "jacobian", "--target", "c"]
    whole = CliRunner().invoke(app, ["compile", f"{matrices}:arm", *options])
    assert "void arm_jacobian(const double *q, double *jacobian);" in whole.stdout
    assert "ARM_JACOBIAN_SIZE 4" in whole.stdout
    sparse = CliRunner().invoke(app, ["compile", f"{matrices}:arm", *options, "--sparse", "csr"])
    assert "arm_jacobian_columns[3] = {0, 1, 0}" in sparse.stdout


@pytest.mark.parametrize("target", ["python", "numpy", "latex"])
def test_several_derivatives(matrices: str, target: str) -> None:
    """In one text, in every language; Python's leads back to the user's lines."""
    options = ["--what", "value,hessian", "--target", target]
    result = CliRunner().invoke(app, ["compile", f"{matrices}:energy", *options])
    assert result.exit_code == 0
    assert "essian" in result.stdout or r"\frac{\partial^{2} f}{\partial x^{2}}" in result.stdout
    explained = CliRunner().invoke(
        app, ["compile", f"{matrices}:energy", "--what", "hessian", "--explain"]
    )
    assert "return x * x * y" in explained.stdout


def test_a_certificate_of_a_hessian(matrices: str, tmp_path: Path) -> None:
    """It is written, and established again."""
    text, proof = str(tmp_path / "h.py"), str(tmp_path / "h.json")
    options = ["--what", "hessian", "-o", text, "--certificate", proof]
    made = CliRunner().invoke(app, ["compile", f"{matrices}:energy", *options])
    assert "Hessian: emitted python code of energy: PROVED" in made.stderr
    assert CliRunner().invoke(app, ["recheck", proof, text]).exit_code == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--what", "hesian"], "expected some of value, gradient, jacobian, hessian"),
        (["--what", ","], "--what: found nothing"),
        (["--what", "hessian", "--sparse", "dense"], "expected True or 'csr'"),
        (["--sparse", "csr"], "which holds no matrix"),
    ],
)
def test_derivatives_that_there_are_not(matrices: str, options: list[str], message: str) -> None:
    """Each is refused with what there is."""
    result = CliRunner().invoke(app, ["compile", f"{matrices}:energy", *options])
    assert result.exit_code == 2
    assert message in result.stderr
