"""The README, the documentation, CI and the suite say the same as the code."""

from __future__ import annotations

import inspect
import re
import tomllib

import pytest
from hypothesis.internal.conjecture import engine

import proofgrad
from autodiff.table.primitive import REGISTRY
from tests.conftest import _QUICK
from tests.figures.benchmarks import HOW, with_times
from tests.project_files import PACKAGES, ROOT, SOURCES

README = (ROOT / "README.md").read_text(encoding="utf-8")


KINKS = (ROOT / "docs" / "about" / "kinks.md").read_text(encoding="utf-8")


def kinks_table() -> str:
    """The conventions of all rows, as the documentation prints them."""
    rows = [
        f"| `{row.name}` | {where} | {result} |"
        for row in REGISTRY.values()
        for where, result in row.kinks
    ]
    return "\n".join(["| primitive | where | derivative |", "|---|---|---|", *rows])


def test_the_documentation_prints_the_kinks_of_the_table() -> None:
    """The page's table of conventions is the registry's."""
    match = re.search(r"<!-- kinks: .*? -->\n(.*?)\n?<!-- end of kinks -->", KINKS, re.DOTALL)
    assert match is not None
    assert match[1] == kinks_table(), f"put this into docs/about/kinks.md:\n{kinks_table()}"


def test_the_readme_is_read_in_three_minutes() -> None:
    """Short, with comparison and limits before the details."""
    assert len(README.splitlines()) <= 220
    headings = re.findall(r"^## (.*)$", README, re.MULTILINE)
    assert headings.index("How it compares") < headings.index("Limits") <= 3


def test_the_readme_has_the_times_of_the_benchmarks() -> None:
    """One run, one table: each time in README.md is that of the named row of BENCHMARKS.md."""
    page = (ROOT / "BENCHMARKS.md").read_text(encoding="utf-8")
    assert HOW in page
    assert with_times(README, page) == README
    other = re.sub(r"[\d.]+ [nµm]s", "1 ns", page)
    assert with_times(README, other).count("| 1 ns |") >= 10  # it finds the README's rows


def test_every_page_points_to_what_exists() -> None:
    """Each file that README or a page of the documentation links to is there."""
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            found = page.parent / target
            if found.parent.name == "notebooks" and page.name != "README.md":
                found = ROOT / "examples" / "notebooks" / found.name  # copied when it is built
            assert found.exists(), f"{page}: {target}"


def test_the_version_is_said_once() -> None:
    """pyproject.toml, the package, the citation and the changelog have one version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == proofgrad.__version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {proofgrad.__version__}\n" in citation
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## {proofgrad.__version__}" in changelog


def test_all_is_every_extra_of_a_user() -> None:
    """``proofgrad[all]`` leaves out the tools of developers alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    [everything] = extras["all"]
    named = set(everything.removeprefix("proofgrad[").removesuffix("]").split(","))
    # IPOPT is a library of its own, which cyipopt does not bring along everywhere; Ray is large,
    # and does what Dask does.
    assert named == set(extras) - {"all", "bench", "docs", "ipopt", "ray", "test"}


def shell_commands() -> list[str]:
    """Lines of README.md that set up a virtual environment."""
    return re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)


def test_two_commands_do_all_the_set_up() -> None:
    """One command installs and runs the main job, one installs and passes the tests."""
    job, tests = shell_commands()
    assert job.startswith(
        "python3 -m venv .venv && .venv/bin/pip install --no-compile . && .venv/bin/proofgrad "
    )
    assert tests == (
        "python3 -m venv .venv && .venv/bin/pip install -e '.[test]'"
        " && .venv/bin/python -m pytest -n auto"
    )
    target = job.split()[-1]
    path, _, function = target.partition(":")
    assert f"def {function}(" in (ROOT / path).read_text(encoding="utf-8")


def test_ci_takes_its_commands_from_the_readme() -> None:
    """.ci/run finds both commands in README.md and is executable."""
    script = ROOT / ".ci" / "run"
    endings = re.findall(r"readme_command '(.*?)'", script.read_text())
    assert [any(line.endswith(end) for line in shell_commands()) for end in endings] == [True, True]
    assert script.stat().st_mode & 0o111


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_pages_for_maintainers_name_what_exists(page: str) -> None:
    """No file, folder or folder of a file is named that is gone, or lies elsewhere now."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:\w+/)+(?:\w+(?:\.\w+)?)?|\w+\.py)`", text)
    folders = (ROOT / folder for folder in (*PACKAGES, "proofgrad", "tests"))
    known = {f"/{x.relative_to(ROOT)}" for folder in folders for x in folder.rglob("*")}
    missing = {name for name in named if not any(x.endswith(f"/{name.rstrip('/')}") for x in known)}
    assert missing <= {f"codegen/passes/{name}.py" for name in ("NAME", "squares")}  # a recipe's


def test_architecture_names_every_room() -> None:
    """A stranger finds each folder of the packages in ARCHITECTURE.md."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {
        path.parent.relative_to(ROOT).parts[1]
        for path in SOURCES
        if len(path.relative_to(ROOT).parts) > 2
    }
    assert {room for room in rooms if not re.search(rf"\b{room}\b", text)} == set()


def test_the_readme_shows_commands_that_exist() -> None:
    """Each ``proofgrad`` command line of the README names a real subcommand."""
    from verify.command import app

    shown = set(re.findall(r"^(?:.*/bin/)?proofgrad +([\w-]+)", README, re.MULTILINE))
    assert shown == set(app.commands)


def test_dependencies_are_those_of_the_design() -> None:
    """A plain install brings NumPy, SymPy and mpmath, and click and rich for the command."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[<>=]", dependency)[0] for dependency in project["dependencies"]}
    assert names == {"numpy", "sympy", "mpmath", "click", "rich"}
    assert project["requires-python"] == ">=3.11"


def test_the_quick_tests_are_of_every_package(request: pytest.FixtureRequest) -> None:
    """Every file that ``-m quick`` runs exists, and each package has some."""
    for place in _QUICK:
        assert place.exists(), place
    for package in PACKAGES:
        assert any(package in place.parts for place in _QUICK)
    assert request.node.get_closest_marker("quick") is not None


def test_shrinking_is_bounded() -> None:
    """A failing random graph is not made smaller for minutes; hypothesis reads this number."""
    assert "MAX_SHRINKING_SECONDS" in inspect.getsource(engine.ConjectureRunner)
    assert engine.MAX_SHRINKING_SECONDS <= 10
