"""What is published: the wheel and the sdist, built twice."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="hatchling is not installed")

ROOT = Path(__file__).parent.parent
LARGEST = 3_000_000  # bytes of either file


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two folders, each with a wheel and an sdist: of this tree, and of what its sdist holds.

    The second is made elsewhere, later, by somebody whose files others may not read.
    """
    one, two, elsewhere = map(tmp_path_factory.mktemp, ("one", "two", "elsewhere"))
    _build(ROOT, one)
    [sdist] = one.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(elsewhere, filter="data")
    [copy] = elsewhere.iterdir()
    for path in copy.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
        os.utime(path, (2e9, 2e9))
    _build(copy, two)
    return [one, two]


def _build(tree: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=tree, check=True, capture_output=True)


def test_the_same_sources_give_the_same_bytes(built: list[Path]) -> None:
    """Files that are equal to the last byte, whoever builds them and when, and small."""
    one, two = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in built)
    assert one == two
    assert len(one) == 2
    assert all(len(content) < LARGEST for content in one.values())


def test_the_wheel_has_the_packages_alone(built: list[Path]) -> None:
    """Three packages, the one name, their types, the licence; no test, no cache."""
    [wheel] = built[0].glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        *("autodiff", "codegen", "verify", "proofgrad")
    }
    assert {f"{top}/py.typed" for top in ("autodiff", "codegen", "verify", "proofgrad")} < {*names}
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]


def test_the_sdist_has_what_ci_needs(built: list[Path]) -> None:
    """Sources, tests, examples and documentation are in it, nothing that was built."""
    [sdist] = built[0].glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "README.md",
        "SECURITY.md",
        "CITATION.cff",
        "docs/index.md",
        "tests/conftest.py",
    } < names
    assert not [name for name in names if name.startswith(("docs/reference/", "site/"))]


def test_the_descriptions_render(built: list[Path]) -> None:
    """``twine check`` finds nothing to complain of."""
    pytest.importorskip("twine", reason="twine is not installed")
    files = [str(path) for path in built[0].iterdir()]
    command = [sys.executable, "-m", "twine", "check", "--strict", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
