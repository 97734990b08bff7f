"""The one name under which everything is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import autodiff
import codegen
import proofgrad
import verify

ROOT = Path(__file__).parent.parent.parent


def test_it_has_what_the_three_packages_export() -> None:
    """Each public name of autodiff, codegen and verify is the same object there."""
    script = """
import autodiff, codegen, proofgrad, verify
for package in autodiff, codegen, verify:
    for name in package.__all__:
        assert getattr(proofgrad, name) is getattr(package, name), name
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_no_name_means_two_things() -> None:
    """No two packages export the same name, so that one name is enough."""
    names = [*autodiff.__all__, *codegen.__all__, *verify.__all__]
    assert len(names) == len(set(names))


def test_unknown_names_are_told() -> None:
    """A misspelled name is an AttributeError that has the name in it."""
    with pytest.raises(AttributeError, match="module 'proofgrad' has no attribute 'compil'"):
        proofgrad.compil  # noqa: B018


def test_it_is_the_command() -> None:
    """``python -m proofgrad`` is the command."""
    command = [sys.executable, "-m", "proofgrad", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"proofgrad {proofgrad.__version__}")


def test_it_loads_no_more_than_it_must() -> None:
    """Neither SymPy, what terminals need nor what traces is loaded before it is asked for."""
    late = {"sympy", "mpmath", "click", "rich", "autodiff.trace.trace", "autodiff.graph.graph"}
    script = f"import sys, proofgrad; print({late} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_functions_of_it_are_traced_cached_and_read(tmp_path: object) -> None:
    """A function written with its names is traced, fingerprinted and read like any other."""

    def f(x: float) -> float:
        return proofgrad.sin(x) * proofgrad.maximum(x, 0.5)

    df = proofgrad.compile_gradient(f, 1.0, cache=str(tmp_path))
    assert df(1.0)[0] == proofgrad.sin(1.0)
    text = "import proofgrad as pg\n\ndef d(x):\n    return pg.cos(x)\n"
    assert str(proofgrad.verify_gradient(proofgrad.sin, 1.0, gradient=text).verdict) == "PROVED"


@pytest.mark.parametrize("package", [autodiff, codegen, verify, proofgrad])
def test_completion_shows_public_names_alone(package: object) -> None:
    """``dir`` of a package has what it exports, and modules that are public."""
    modules = {"losses", "nn", "ops", "optimizers", "primitive", "state", "value"}
    modules |= {"contest", "passes", "plot"}
    names = {name for name in dir(package) if not name.startswith("__")}
    exported = set(package.__all__)  # type: ignore[attr-defined]
    assert exported <= names <= exported | modules


@pytest.mark.skipif(not (ROOT / ".mypy_cache").is_dir(), reason="mypy has not been run here")
def test_type_checkers_know_the_names(tmp_path: Path) -> None:
    """Under ``mypy --strict`` rows can be called and what is compiled has its methods."""
    pytest.importorskip("mypy", reason="mypy is not installed")
    script = tmp_path / "user.py"
    script.write_text(
        "import autodiff as ad\nimport proofgrad as pg\nfrom proofgrad import Value, sin\n\n"
        "def f(x: float) -> float:\n    return ad.cos(x) * sin(x) + pg.relu(x)\n\n"
        "text: str = pg.compile_gradient(f, 1.0).source\n"
        "verdict: pg.Verdict = pg.verify_gradient(f, 1.0).verdict\n"
        "size: float = Value(1.0).grad\nerror: type[Exception] = ad.TraceError\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache")]
    done = subprocess.run(
        [*command, str(script)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
