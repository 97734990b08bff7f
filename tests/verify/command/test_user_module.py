"""The ways to name a function: by file, in its package, by module, as a method."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from autodiff.errors import TargetError
from verify.command.user_function import load_function, read_examples

MODULE = """\
from ..halves import half


class Model:
    def __init__(self, k=2.0):
        self.k = k

    def energy(self, x):
        return self.k * half(x)

    @staticmethod
    def square(x):
        return x * x

    @classmethod
    def cube(cls, x):
        return cls.square(x) * x


class Sized:
    def __init__(self, k):
        self.k = k

    def energy(self, x):
        return self.k * half(x)

    @property
    def broken(self):
        raise ValueError("broken")


class Failing:
    def __init__(self):
        raise ValueError("cannot be made")

    def energy(self, x):
        return x


model = Sized(6.0)


def f(x):
    return half(x) * x
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory with a package; the interpreter's import state is put back afterwards."""
    inner = tmp_path / "physics_pkg" / "inner"
    inner.mkdir(parents=True)
    for package in (inner.parent, inner):
        (package / "__init__.py").write_text("from importlib import import_module\n")
    (inner.parent / "halves.py").write_text("def half(x):\n    return x / 2\n")
    (inner / "model.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    before, modules = list(sys.path), set(sys.modules)
    yield tmp_path
    sys.path[:] = before
    for name in set(sys.modules) - modules:
        if name.startswith("physics_pkg"):
            del sys.modules[name]


@pytest.mark.parametrize("place", ["physics_pkg/inner/model.py", "physics_pkg.inner.model"])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("f", 8.0),
        ("Model.energy", 4.0),
        ("Model.square", 16.0),
        ("Model.cube", 64.0),
        ("model.energy", 12.0),
    ],
)
def test_functions_of_a_package(folder: Path, place: str, name: str, expected: float) -> None:
    """By file or by module, relative imports work, and methods have the object they need."""
    function, path = load_function(f"{place.replace('/', os.sep)}:{name}")
    assert function(4.0) == expected
    assert path.resolve() == folder / "physics_pkg" / "inner" / "model.py"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("physics_pkg.inner.model:Sized.energy", "model = Sized\\(...\\)"),
        ("physics_pkg.inner.model:model.enrgy", "no 'enrgy' in model. Did you mean energy"),
        ("physics_pkg.inner.model:model.broken", "model.py:29: ValueError: broken"),
        ("physics_pkg.inner.model:Failing.energy", "model.py:34: ValueError: cannot be made"),
        ("physics_pkg.inner.model:Model", "Model is a class"),
        ("physics_pkg.inner.mdl:f", "no such file, and no module of this name"),
        ("nothing_there:f", "no such file, and no module of this name"),
        ("nothing.there:f", "no such file, and no module of this name"),
        ("math:sin", "no module of this name"),
        ("physics_pkg:f", "is a folder"),
        ("/dev/null:f", "no regular file"),
        ("physics_pkg.inner.model:a..b", "expected path/to/file.py:function"),
    ],
)
def test_wrong_names_are_told(folder: Path, target: str, words: str) -> None:
    """Each with what was found and what to write instead."""
    with pytest.raises(TargetError, match=words):
        load_function(target)


def test_a_package_named_like_ours_is_not_ours(folder: Path) -> None:
    """A user's package ``codegen`` hides nothing, and a file in it loads by itself."""
    package = folder / "codegen"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "mine.py").write_text("def g(x):\n    return x + 1.0\n")
    assert load_function(f"codegen{os.sep}mine.py:g")[0](1.0) == 2.0


def test_a_module_that_raises_is_named_with_its_line(folder: Path) -> None:
    """Import errors of a module named by its dots are the user's, with file and line."""
    (folder / "physics_pkg" / "bad.py").write_text("\nimport physics_pkg.nowhere\n")
    with pytest.raises(TargetError, match=r"bad\.py:2: ModuleNotFoundError"):
        load_function("physics_pkg.bad:f")


@pytest.mark.parametrize("text", ["inf, -inf, nan", "np.inf, -math.inf, numpy.nan"])
def test_infinities_can_be_written(text: str) -> None:
    """``inf`` and ``nan`` stand for numbers in --at, in lists too."""

    def f(x: float, y: float, z: float) -> float:
        return x + y + z

    x, y, z = read_examples(f, text)
    assert (x, y) == (np.inf, -np.inf)
    assert np.isnan(z)
    (array,) = read_examples(lambda v: v, "[inf, 1.0]")
    assert array.tolist() == [np.inf, 1.0]
