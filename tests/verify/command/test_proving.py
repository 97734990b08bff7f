"""``proofgrad verify``, ``recheck``, ``mutate`` and ``show``: answers and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.verify.command.users_file import fails_with, run


def test_verify_proves_and_exits_with_0(good: Path) -> None:
    """A right gradient is proved, and the table names every input."""
    result = run("verify", f"{good}:energy")
    assert result.exit_code == 0, result.output
    assert "PROVED" in result.stdout
    assert "x" in result.stdout
    assert "y" in result.stdout


def test_verify_refutes_a_wrong_gradient_with_1(good: Path) -> None:
    """Somebody else's wrong gradient exits with 1."""
    result = run("verify", f"{good}:plain", "--gradient", f"{good}:wrong_gradient")
    assert result.exit_code == 1, result.output
    assert "REFUTED" in result.stdout


def test_verify_saves_its_report(good: Path, tmp_path: Path) -> None:
    """--save and --json hold the verdict."""
    saved = tmp_path / "cert.json"
    result = run("verify", f"{good}:energy", "--save", saved, "--json")
    assert json.loads(saved.read_text())["verdict"] == json.loads(result.stdout)["verdict"]


def test_recheck_needs_the_two_files_alone(good: Path, tmp_path: Path) -> None:
    """Certificate and module are enough; a module changed in one character exits with 2."""
    saved, module = tmp_path / "cert.json", tmp_path / "d_energy.py"
    run("verify", f"{good}:energy", "--save", saved)
    run("compile", f"{good}:energy", "-o", module)
    good.unlink()
    result = run("recheck", saved, module)
    assert result.exit_code == 0, result.stderr
    assert "PROVED" in result.stdout
    answer = json.loads(run("recheck", saved, module, "--json").stdout)
    assert answer["verdict"] == "PROVED"
    module.write_text(module.read_text().replace("x * ", "x  * ", 1))
    fails_with(run("recheck", saved, module), "d_energy.py: is not the text that was certified")
    fails_with(run("recheck", module, saved), "expected the JSON of a certificate")


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_compile_with_its_proof(good: Path, tmp_path: Path, target: str) -> None:
    """--certificate writes the proof, and its digest into the code's first line."""
    saved, module = tmp_path / "cert.json", tmp_path / "d_norm.py"
    options = ("--at", "[3.0, 4.0]", "--target", target, "-o", module, "--certificate", saved)
    result = run("compile", f"{good}:norm", *options)
    assert result.exit_code == 0, result.stderr
    assert json.loads(saved.read_text())["digest"] in module.read_text().splitlines()[0]
    assert run("recheck", saved, module).exit_code == 0
    refused = run("compile", f"{good}:plain", "--target", "c", "--certificate", saved)
    fails_with(refused, "--certificate", "expected python or numpy")


def test_mutate_says_which_mistakes_are_found(good: Path) -> None:
    """A table by kind of mistake, or JSON; nothing open is exit code 0."""
    result = run("mutate", f"{good}:energy", "--count", 12)
    assert result.exit_code == 0, result.output
    assert "mistake" in result.stdout
    answer = json.loads(run("mutate", f"{good}:energy", "--count", 12, "--json").stdout)
    assert answer["refuted"] + answer["no_change"] == answer["mutants"] == 12
    fails_with(run("mutate", f"{good}:converts"), "int(x)")


def test_show_answers_everything_at_once(good: Path) -> None:
    """show gives the code, the verdict and the speed-up."""
    result = run("show", f"{good}:energy")
    assert result.exit_code == 0, result.output
    for part in ("def value_and_gradient(", "PROVED", "speed-up", "break-even"):
        assert part in result.stdout


def test_show_answers_json(good: Path) -> None:
    """show --json holds all three answers."""
    answer = json.loads(run("show", f"{good}:plain", "--at", "2, 3", "--json").stdout)
    assert set(answer) == {"compile", "verify", "bench"}


def test_undecided_exits_with_3(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No verdict is neither success nor refutation."""

    class Report:
        verdict = "UNDECIDED"

        def to_json(self) -> dict[str, str]:
            return {"verdict": self.verdict}

    monkeypatch.setattr("verify.verify_derivatives", lambda *args, **options: Report())
    assert run("verify", f"{good}:plain", "--json").exit_code == 3
