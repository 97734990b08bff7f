"""What is imported, by whom, and when."""

from __future__ import annotations

import subprocess
import sys

import pytest

import autodiff
import codegen
import proofgrad
import verify
from tests.project_files import ROOT


def test_imports_go_one_way() -> None:
    """The contracts in pyproject.toml hold: verify -> codegen -> autodiff, SymPy in verify only."""
    check = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("package", ["autodiff", "codegen", "proofgrad"])
def test_the_run_time_needs_numpy_alone(package: str) -> None:
    """Importing a package loads neither SymPy, LLVM, nor anything for terminals."""
    unwanted = ("sympy", "mpmath", "flint", "click", "rich", "scipy", "llvmlite")
    script = f"import sys, {package}; print([m for m in {unwanted} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["codegen", "verify", "proofgrad"])
def test_what_is_exported_is_imported_when_it_is_asked_for(package: str) -> None:
    """Importing a package loads no machine code, C, pictures, networks or proofs yet."""
    late = ("codegen.gradient", "codegen.native", "codegen.c99", "autodiff.picture.draw",
            "autodiff.networks", "verify.ladder")  # fmt: skip
    script = (
        f"import sys, {package} as p; print([m for m in {late} if m in sys.modules]);"
        "print(set(p.__all__) <= set(dir(p)), callable(getattr(p, p.__all__[-6])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["[]", "True True"]


def test_a_late_name_is_one_object() -> None:
    """Whoever asks for a late name gets the same function, under either package."""
    assert proofgrad.compile_gradient is codegen.compile_gradient
    assert proofgrad.backpropagate is autodiff.backpropagate
    assert proofgrad.verify_gradient is verify.verify_gradient
    assert callable(codegen.measure)
    with pytest.raises(AttributeError, match="module 'codegen' has no attribute 'compil'"):
        codegen.compil  # noqa: B018


def test_help_waits_for_no_mathematics() -> None:
    """``proofgrad --help`` imports neither NumPy nor our own packages below the command."""
    script = (
        "import sys; sys.argv = ['proofgrad', '--help']\n"
        "from verify.command import main\n"
        "try: main()\n"
        "except SystemExit: print([m for m in ('numpy', 'autodiff') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_compile_imports_what_it_uses() -> None:
    """Python for numbers is compiled and checked without SymPy, machine code or masked arrays."""
    unused = (
        "sympy",
        "numpy.ma",
        "codegen.native",
        "codegen.nests",
        "codegen.call.whole.in_arrays",
    )
    script = (
        "import sys; from codegen import compile_gradient; from verify import verify_gradient\n"
        "print(compile_gradient(lambda x: x * x, 3.0)(3.0))\n"
        f"print([m for m in {unused} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["(9.0, 6.0)", "[]"]


def test_import_is_quick() -> None:
    """``import autodiff`` imports nothing large but NumPy."""
    listing = "import autodiff, sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", listing], cwd=ROOT, check=True, capture_output=True, text=True
    )
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    heavy = {
        "sympy",
        "mpmath",
        "scipy",
        "codegen",
        "verify",
        "click",
        "rich",
        "asyncio",
        "llvmlite",
    }
    assert not loaded & heavy
