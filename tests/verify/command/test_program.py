"""``proofgrad`` as a program: help, streams, certificates, what is not installed."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.verify.command.users_file import fails_with, run
from verify.command import app


def test_the_module_runs_as_a_program() -> None:
    """``python -m autodiff --version`` names the distribution; unknown commands exit with 2."""
    command = [sys.executable, "-m", "autodiff"]
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("proofgrad ")
    unknown = subprocess.run([*command, "frobnicate"], capture_output=True, text=True, check=False)
    assert unknown.returncode == 2


def test_help_is_quick() -> None:
    """``proofgrad --help`` imports neither SymPy nor anything that a command works with."""
    command = [sys.executable, "-X", "importtime", "-m", "autodiff", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for heavy in ("sympy", "codegen", "verify.ladder", "matplotlib", "llvmlite"):
        assert f" {heavy}\n" not in done.stderr


def test_every_help_has_an_example_that_is_read() -> None:
    """Each subcommand's --help shows one use; its options exist, so that it can be copied."""
    for name, command in app.commands.items():
        epilog = str(command.epilog)
        assert epilog.startswith(f"Example: proofgrad {name} ")
        words = shlex.split(epilog.partition(f"proofgrad {name} ")[2])
        command.make_context(name, words)


def test_dashes_and_devices_are_written_through(good: Path) -> None:
    """``-o -`` prints what no ``-o`` prints; /dev/null stays a device, for C too."""
    for target in ("python", "c", "latex"):
        plain = run("compile", f"{good}:energy", "--target", target)
        dashed = run("compile", f"{good}:energy", "--target", target, "-o", "-")
        assert dashed.stdout == plain.stdout
        assert "wrote" not in dashed.stderr
        assert (
            run("compile", f"{good}:energy", "--target", target, "-o", "/dev/null").exit_code == 0
        )
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert not Path("/dev/null.h").exists()


def test_a_certificate_is_announced(good: Path, tmp_path: Path) -> None:
    """``--certificate`` says the verdict and where the proof lies."""
    saved = tmp_path / "proof.json"
    result = run("compile", f"{good}:energy", "--certificate", saved)
    assert "energy: PROVED" in result.stderr
    assert f"wrote {saved}" in result.stderr


def test_unknown_targets_are_answered_with_all(good: Path) -> None:
    """All targets are listed, with --explain too."""
    for more in ([], ["--explain"]):
        refused = run("compile", f"{good}:energy", "--target", "rust", *more)
        fails_with(refused, "'rust'", "python, numpy, native, c, latex")


def test_a_chart_is_refused_before_anything_is_measured(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without matplotlib, or for a format it has not, bench stops at once."""

    def measured(*args: Any, **options: Any) -> None:
        raise AssertionError("it measured")

    monkeypatch.setattr("verify.command.subcommands.bench_command.measured", measured)
    fails_with(run("bench", f"{good}:energy", "--plot", "chart.xyz"), "format 'xyz'", "png")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    fails_with(run("bench", f"{good}:energy", "--plot", "chart.png"), "proofgrad[plot]")


@pytest.mark.parametrize("command", ["domain", "accuracy"])
def test_without_flint_it_is_told_what_to_install(good: Path, tmp_path: Path, command: str) -> None:
    """domain answers what it can, accuracy nothing; both name the package that is missing."""
    missing = tmp_path / "elsewhere" / "flint"
    missing.mkdir(parents=True)
    (missing / "__init__.py").write_text("raise ImportError('not there')\n")
    path = os.pathsep.join([str(missing.parent), os.environ.get("PYTHONPATH", "")])
    arguments = ["domain", f"{good}:energy"] if command == "domain" else ["accuracy"]
    done = subprocess.run(
        [sys.executable, "-m", "autodiff", *arguments],
        env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == (0 if command == "domain" else 2), done.stderr
    assert "pip install 'proofgrad[proof]'" in done.stderr
    assert "Traceback" not in done.stderr
