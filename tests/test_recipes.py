"""The recipes of CONTRIBUTING.md, done to the letter in a copy of the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RECIPES = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the recipes change, and of the tests."""
    for name in ("autodiff", "codegen", "verify", "proofgrad", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name)  # with what Python has compiled of it
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def block(recipe: str) -> str:
    """The code of a recipe."""
    section = RECIPES.split(f"## Recipe: {recipe}\n")[1].split("\n## ")[0]
    found = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


def change(path: Path, old: str, new: str) -> None:
    """Replace the one place where ``old`` stands."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(tree: Path, *command: str) -> str:
    """What Python says in the copy."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tree,
        env=dict(os.environ, PYTHONPATH=str(tree), PROOFGRAD_CACHE=""),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_primitive_is_one_row_in_one_file(tree: Path) -> None:
    """The row alone gives a function with value, rule, proof and text in every target."""
    section = tree / "autodiff" / "table" / "ops" / "trigonometric.py"
    change(section, "__all__ = [\n", '__all__ = [\n    "sech",\n')
    section.write_text(section.read_text(encoding="utf-8") + block("a primitive"), encoding="utf-8")
    walks = "autodiff/test_primitive_rules.py", "verify/rules", "test_docstrings.py"
    files = (f"tests/{place}" for place in walks)
    tested = run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "sech", *files)
    assert int(re.search(r"(\d+) passed", tested)[1]) >= 7  # type: ignore[index]
    assert run(tree, "-c", _USES_SECH).split() == ["True"] * 4


_USES_SECH = """
import math, numpy as np, autodiff as ad
from codegen import compile_gradient, to_c
from verify import verify_gradient
f = lambda x: ad.sech(x * x)
slope = -2 * 0.7 * math.tanh(0.49) / math.cosh(0.49)
df = compile_gradient(f, 1.0)
print(str(verify_gradient(df).verdict) in ("PROVED", "CERTIFIED"))
print(abs(df(0.7)[1] - slope) < 1e-15)
points = compile_gradient(f, 1.0, target="numpy", batch=True)(np.array([0.7, 30.0]))
print(abs(points[1][0] - slope) < 1e-15 and points[0][1] == 0.0)
print("exp(" in to_c(f, 1.0).source())
"""


def test_a_pass_is_one_file_and_one_line(tree: Path) -> None:
    """The stage reaches every profile and target, and the tests that walk the pipeline."""
    passes = tree / "codegen" / "passes"
    (passes / "squares.py").write_text(block("a pass"), encoding="utf-8")
    change(
        passes / "__init__.py",
        "from codegen.passes.sums import sums\n",
        "from codegen.passes.squares import squares\nfrom codegen.passes.sums import sums\n",
    )
    change(
        passes / "__init__.py",
        "    Stage(simplify, EXACT),\n",
        "    Stage(simplify, EXACT),\n    Stage(squares),\n",
    )
    assert run(tree, "-c", _USES_SQUARES).split() == ["True"] * 4
    run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", *_WALK_THE_PIPELINE)


_WALK_THE_PIPELINE = ("tests/codegen/passes/test_passes.py", "-k", "pipeline or argument")
_USES_SQUARES = """
import autodiff as ad
from codegen import compile_gradient
for target in ("python", "numpy"):
    for profile in ("exact", "fast"):
        df = compile_gradient(lambda x: abs(x * x), 1.0, target=target, profile=profile)
        print("abs" not in df.source.split("def value_and_gradient")[1].split("# backward")[0])
"""


def test_a_target_is_one_record(tree: Path) -> None:
    """Value and gradient as text of the new target, run with 50 digits."""
    target = tree / "codegen" / "language" / "target.py"
    target.write_text(target.read_text(encoding="utf-8") + block("a target"), encoding="utf-8")
    module = tree / "codegen" / "text" / "module.py"
    change(module, "import NUMPY, PYTHON,", "import MPMATH, NUMPY, PYTHON,")
    change(module, "in (PYTHON, NUMPY)}", "in (PYTHON, NUMPY, MPMATH)}")
    assert run(tree, "-c", _USES_MPMATH).split() == ["True", "True"]


_USES_MPMATH = """
import autodiff as ad, mpmath
from autodiff.run.transform import value_and_gradient
from autodiff.graph.structure import leaf_parts
from codegen.text.emit import emit_value_and_gradient
from codegen.text.module import TARGETS, Module
from codegen.language.naming import Names
target = TARGETS["mpmath"]
graph = ad.trace(lambda x: ad.sin(x) / x, 1.0)
both = value_and_gradient(graph)
bars = leaf_parts("x", graph.parameters[0][1])
emitted = emit_value_and_gradient(both, target, Names(target.functions), bars, True)
scope = {}
exec(Module("mpmath", "Text", emitted).source, scope)
mpmath.mp.dps = 50
x = mpmath.mpf("0.3")
value, slope = scope["value_and_gradient"](x)
print(abs(value - mpmath.sin(x) / x) < 1e-48)
print(abs(slope - (mpmath.cos(x) / x - mpmath.sin(x) / x**2)) < 1e-48)
"""
