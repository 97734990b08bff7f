"""What the project promises about itself: imports, names, sizes, README and CI in step."""

from __future__ import annotations

import ast
import functools
import itertools
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import NamedTuple

import pytest

import autodiff
import codegen
import proofgrad
import verify
from autodiff.table.primitive import PUBLIC, REGISTRY
from tests.project_files import PACKAGES, ROOT, SOURCES

MOST_ANY = 673  # lines of annotations that say Any


LARGEST = 400  # lines a file may have, unless its first lines say why it is longer


MOST_IN_A_FOLDER = 15


def parsed(path: Path) -> ast.Module:
    """A file as Python reads it."""
    return ast.parse(path.read_text(encoding="utf-8"))


class Module(NamedTuple):
    """What several tests ask of a file: each is read once, and its tree not kept."""

    docstring: str
    imports: frozenset[str]  # modules, and names in modules, that it names in an import
    any_lines: frozenset[int]  # where an annotation says Any
    any_aliases: frozenset[str]  # other names for it


def statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Each statement, also inside others: a tenth of all nodes, and types and imports are there."""
    waiting: list[ast.AST] = [tree]
    for node in waiting:
        inner = (x for x in ast.iter_child_nodes(node) if not isinstance(x, (ast.expr, ast.alias)))
        waiting += inner
        if isinstance(node, ast.stmt):
            yield node


def said_by(node: ast.stmt) -> Iterator[ast.expr]:
    """The types that a statement says."""
    if isinstance(node, ast.AnnAssign):
        yield node.annotation
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        taken = node.args
        every = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs, taken.vararg, taken.kwarg]
        yield from (one.annotation for one in every if one is not None and one.annotation)
        yield from [node.returns] if node.returns else []


@functools.cache
def module(path: Path) -> Module:
    """Its docstring, imports and types, wherever they stand: in a function, for types."""
    tree = parsed(path)
    imports: set[str] = set()
    any_lines: set[int] = set()
    for node in statements(tree):
        for said in said_by(node):
            found = ast.walk(said)
            any_lines |= {n.lineno for n in found if isinstance(n, ast.Name) and n.id == "Any"}
        if isinstance(node, ast.Import):
            imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            imports |= inner & MODULES.keys() or {node.module}
    aliases = {
        ast.unparse(node).partition(" ")[0].removesuffix(":")
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        and isinstance(node.value, ast.Name)
        and node.value.id == "Any"
    }
    docstring = ast.get_docstring(tree) or ""
    known = frozenset(imports & MODULES.keys())
    return Module(docstring, known, frozenset(any_lines), frozenset(aliases))


def test_public_names_are_frozen() -> None:
    """A public name appears or goes only together with this list, a row together with the table."""
    rows = {*PUBLIC, *(row.ufunc for row in REGISTRY.values() if row.ufunc)}
    assert rows < set(autodiff.__all__)
    assert [name for name in autodiff.__all__ if name not in rows] == [
        "ArgumentError",
        "DifferentiationError",
        "Drawing",
        "EmitError",
        "Graph",
        "IRError",
        "Pattern",
        "Primitive",
        "ProofgradError",
        "TargetError",
        "TraceError",
        "TrainingError",
        "UnsupportedError",
        "Value",
        "backpropagate",
        "check",
        "cond",
        "custom",
        "draw",
        "evaluate",
        "fixed_point",
        "grad",
        "gradient",
        "hessian",
        "hessian_pattern",
        "hvp",
        "jacobian",
        "jacobian_pattern",
        "jvp",
        "parse",
        "root",
        "scan",
        "trace",
        "trace_nan",
        "value_and_grad",
        "vjp",
        "while_loop",
    ]
    assert codegen.__all__ == [
        "BenchReport",
        "CSource",
        "CompiledFunction",
        "CompiledGradient",
        "bench",
        "compile",
        "compile_function",
        "compile_gradient",
        "compile_graph",
        "compile_hessian",
        "compile_hvp",
        "compile_jacobian",
        "compile_jvp",
        "compile_operator",
        "compile_step",
        "compile_vjp",
        "measure",
        "predict",
        "to_c",
        "to_latex",
        "train",
    ]
    assert "verify_gradient" in verify.__all__


@pytest.mark.parametrize("package", [autodiff, codegen, verify, proofgrad])
def test_public_names_exist(package: object) -> None:
    """Every name of ``__all__`` is there, once."""
    names = package.__all__  # type: ignore[attr-defined]
    assert len(names) == len(set(names))
    for name in names:
        assert getattr(package, name) is not None


def test_few_annotations_say_any() -> None:
    """A type that can be said is said: the number of lines that say ``Any`` only falls."""
    assert sum(len(module(path).any_lines) for path in SOURCES) <= MOST_ANY


def test_no_type_is_another_name_for_any() -> None:
    """What says nothing of a value says so by its name.

    What a text that is read computes with, and gives, is told apart by its class where it matters.
    """
    aliases = {(path.stem, name) for path in SOURCES for name in module(path).any_aliases}
    assert aliases == {("read_values", "Value"), ("ways", "Placed")}


def code_lines(path: Path) -> int:
    """Lines that are neither blank, nor comment, nor docstring."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    skipped: set[int] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            skipped |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return sum(
        1
        for n, line in lines
        if line.strip() and not line.lstrip().startswith("#") and n not in skipped
    )


def is_too_long(path: Path) -> bool:
    """True beyond the budget: of lines, unless a line says "One file, ..."; of code always."""
    if len(path.read_text(encoding="utf-8").splitlines()) <= LARGEST:
        return False
    reason = re.search(r"^One file, ", module(path).docstring, re.MULTILINE)
    return not reason or code_lines(path) > LARGEST


def test_files_stay_small() -> None:
    """A file that outgrows the budget has a second job: split it, or say why that would be worse.

    The reason is a line of its docstring that begins with "One file, "; code is limited all the
    same.
    """
    assert not [str(path) for path in SOURCES if is_too_long(path)]


@pytest.mark.parametrize(
    ("first_line", "lines", "expected"),
    [
        ("Short.", LARGEST - 1, False),
        ("Long.", LARGEST, True),
        ("One file, for two would be worse.", LARGEST, False),
        ("One file, for two would be worse.", LARGEST + 1, True),
    ],
)
def test_long_files_are_seen(first_line: str, lines: int, expected: bool, tmp_path: Path) -> None:
    """A reason excuses what is not code, and no line of code."""
    path = tmp_path / "long.py"
    path.write_text(f'"""{first_line}"""\n' + "x = 1\n" * lines)
    assert is_too_long(path) is expected


def test_every_module_says_its_job() -> None:
    """Each file starts with a docstring."""
    assert not [str(path) for path in SOURCES if not module(path).docstring]


def test_every_test_says_what_is_true() -> None:
    """Each test has a docstring."""
    silent = [
        f"{path.name}:{node.lineno}: {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and ast.get_docstring(node) is None
    ]
    assert not silent


def test_no_module_is_a_drawer() -> None:
    """No file is called utils, helpers or manager."""
    assert not [p for p in SOURCES if re.search(r"util|helper|manager|common|misc", p.stem)]


# Modules that only repeat the public names of a room: they are called as the file inside it is.
PUBLIC_NAMES = {
    *(f"autodiff.{name}" for name in ("losses", "nn", "optimizers", "state", "value")),
    *(f"codegen.{name}" for name in ("contest", "plot")),
}


def module_name(path: Path) -> str:
    """``autodiff.graph.tree`` of autodiff/graph/tree/__init__.py as of autodiff/graph/tree.py."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in SOURCES}


def circles(graph: Mapping[str, AbstractSet[str]]) -> list[str]:
    """What is left of a graph when whoever imports nothing that is left is taken away."""
    left = {name: set(uses) for name, uses in graph.items()}
    while leaves := {name for name, uses in left.items() if not uses & left.keys()}:
        left = {name: uses for name, uses in left.items() if name not in leaves}
    return sorted(left)


def test_files_do_not_import_in_circles() -> None:
    """No file needs itself, not even for a type or when a function runs."""
    assert not circles({name: module(path).imports - {name} for name, path in MODULES.items()})


def test_circles_are_found() -> None:
    """Two that import each other are told, with those that need them; others are not."""
    graph = {"a": {"b"}, "b": {"a", "c"}, "c": set(), "d": {"c"}, "e": {"a"}}
    assert circles(graph) == ["a", "b", "e"]


def test_folders_stay_small() -> None:
    """A folder with more files than fit in one's head has a room inside it."""
    files = Counter(path.parent for path in SOURCES)
    assert not [str(folder) for folder, count in files.items() if count > MOST_IN_A_FOLDER]


def alike(one: str, other: str) -> bool:
    """True if two names are equal, or one letter apart: another one, or one more."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) > len(one) + 1:
        return False
    if len(one) == len(other):
        return sum(x != y for x, y in zip(one, other, strict=True)) <= 1
    return any(one == other[:i] + other[i + 1 :] for i in range(len(other)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("layout", "layout", True),
        ("meaning", "meanings", True),
        ("compose", "composed", True),
        ("race", "trace", True),
        ("lanes", "lines", True),
        ("read", "reread", False),
        ("trace", "crate", False),
        ("balls", "rules", False),
    ],
)
def test_names_one_letter_apart(one: str, other: str, expected: bool) -> None:
    """Another letter or one more is too little to tell two files apart, two letters are not."""
    assert alike(one, other) is alike(other, one) is expected


def test_every_file_has_a_name_of_its_own() -> None:
    """No two files share a name or differ by one letter: who says ``compose`` means one file.

    A room and its main file may be called alike, for one is the way to the other.
    """
    names = sorted(
        name
        for name, path in MODULES.items()
        if path.stem not in ("__init__", "__main__") and name not in PUBLIC_NAMES
    )
    pairs = [
        (one, other)
        for one, other in itertools.combinations(names, 2)
        if alike(one.split(".")[-1], other.split(".")[-1])
    ]
    assert not pairs


@pytest.mark.parametrize("name", sorted(PUBLIC_NAMES))
def test_public_names_only_point(name: str) -> None:
    """A module that is exempt because it repeats a public name holds nothing but an import."""
    kinds = {type(statement) for statement in parsed(MODULES[name]).body}
    assert kinds <= {ast.Expr, ast.ImportFrom, ast.Assign}


def test_rooms_say_what_comes_in_and_goes_out() -> None:
    """The docstring of each room names its job, what it takes and what it gives."""
    says = re.compile(r"^In: .*Out: ", re.MULTILINE | re.DOTALL)
    rooms = [p for p in SOURCES if p.name == "__init__.py" and p.parent.parent != ROOT]
    assert not [str(p) for p in rooms if not says.search(module(p).docstring)]


def test_packages_are_typed() -> None:
    """Each package ships py.typed."""
    for package in PACKAGES:
        assert (ROOT / package / "py.typed").exists()


def test_top_level_is_fixed() -> None:
    """Nothing new appears beside the packages."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    found = {line.split("/")[0] for line in listed.stdout.splitlines()}
    allowed = {
        *PACKAGES,
        "proofgrad",
        "tests",
        "docs",
        "examples",
        "pyproject.toml",
        "README.md",
        "ARCHITECTURE.md",
    }
    assert found <= allowed | {
        "ACCURACY.md",
        "ARCHITECTURE.md",
        "BENCHMARKS.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "CITATION.cff",
        "SECURITY.md",
        "README.md",
        "LICENSE",
        ".ci",
        ".gitignore",
    }
