"""Options and fixtures all tests share."""

from __future__ import annotations

import os

# Before NumPy and SciPy are imported: their threads would wait for each other, at work, on the core
# of another worker.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import functools
import gc
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import engine, providers

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.numbers.ieee import PORTABLE
from autodiff.table.custom import _DEFINED
from autodiff.table.primitive import PUBLIC, REGISTRY
from autodiff.tracebacks import SHOW_ALL
from codegen.call.compiled import CompiledFunction
from codegen.native.run import jit
from tests.late_check import LateCheck

_MAKERS = ("trace", "gradient", "vjp", "jvp", "jacobian", "hessian", "hvp")
# Nodes: larger graphs cost more to check than their tests.  Reading back what was printed already
# takes three times as long as making it, and what is read keeps the invariants.
_LARGEST, _READ = 400, 1000


# ``pytest -m quick``: what shows within half a minute that nothing fundamental is broken.  Whole
# files, so that a new test needs no thought: the IR, the trace, the passes, the emitted text to the
# letter, the front door, what a verdict says, and the project's own rules.
_TESTS = Path(__file__).parent
_QUICK = tuple(
    _TESTS / place
    for place in (
        "autodiff/graph",
        "autodiff/trace/test_trace.py",
        "codegen/passes/test_passes.py",
        "codegen/test_emit_golden.py",
        "codegen/test_gradient.py",
        "codegen/call/whole/test_settled_at_ties.py",
        "verify/answer",
        "test_imports.py",
        "test_project.py",
        "test_readme_and_ci.py",
    )
)

# Tests there compare numbers: most never look at what the check says.
_CHECKED_LATE = (_TESTS / "autodiff", _TESTS / "codegen")

# Every primitive and kind of kernel is in these; functions of arrays and loops say it themselves.
_MADE_AS_FOR_USERS = tuple(
    _TESTS / "codegen" / "native" / place
    for place in ("form", "write", "run/test_native_bits.py", "run/test_native_calls.py",
                  "run/test_native_life.py", "run/test_native_batch.py", "run/test_second_build.py")
)  # fmt: skip

# A failing random graph is made smaller for so long, not for hypothesis's five minutes.
engine.MAX_SHRINKING_SECONDS = 5

# New random graphs at each run of a developer, who can look at what they find; the same ones
# wherever CI is set, so that a change is judged by what it does and not by what was drawn.
settings.register_profile("repeatable", derandomize=True, database=None)
if os.environ.get("CI"):
    settings.load_profile("repeatable")
    # Hypothesis draws numbers that it finds in our modules, in those that tests have imported by
    # then: other graphs in another order of tests, or beside a new constant.
    providers._get_local_constants = lambda: providers._local_constants


# What failed is looked for in our code.
os.environ.setdefault(*SHOW_ALL)

# Processes that tests start find our modules compiled, as a user's do, whatever was asked of this
# one: reading 600 sources takes each of them a second.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@functools.cache
def _is_quick(path: Path) -> bool:
    return _lies_in(path, _QUICK)


def pytest_sessionstart() -> None:
    """No garbage is looked for while tests are collected, for these stay."""
    gc.disable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """``-m quick`` does not even read the other files."""
    if config.getoption("markexpr") != "quick" or collection_path.suffix != ".py":
        return None
    return None if _is_quick(collection_path) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The marker follows from the file; tests that share what their file makes come first.

    Workers get long stretches of tests at first and short ones at last: a site or a cluster is then
    made by one of them, not by each.
    """
    for item in items:
        if _is_quick(item.path):
            item.add_marker(pytest.mark.quick)
    items.sort(key=lambda item: not _shares(item))


def _shares(item: pytest.Item) -> bool:
    """True if a test asks for what is made once for its file."""
    fixtures = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    return any(found[-1].scope == "module" for found in fixtures.values())


def pytest_collection_finish() -> None:
    """The collector need not go over the tests and libraries while tests run, nor before.

    A trace keeps what it makes: looking for garbage among every 700 new objects finds none.
    """
    gc.enable()
    gc.freeze()
    gc.set_threshold(1_000_000, 20, 50)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update-golden`` rewrites the golden files; review the diff before you commit it."""
    parser.addoption(
        "--update-golden", action="store_true", help="write tests/golden anew instead of comparing"
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """True under ``--update-golden``."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(autouse=True, scope="session")
def _made_for_tests() -> Iterator[None]:
    """What tests trace and transform is checked; what they compile is checked and made as asked.

    Every graph passes the checker and survives a round trip.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in _MAKERS:
            patch.setattr(ad, name, _checked(getattr(ad, name)))
        patch.setattr(CompiledFunction, "_check", LateCheck(), raising=False)
        patch.setattr(CompiledFunction, "certify", LateCheck.certify)
        patch.setattr(jit.Code, "add", _Effort.add)
        patch.setattr(jit, "_RECENT", deque(maxlen=256))  # tests compile the same functions
        yield


class _Effort:
    """How hard LLVM works on what a test compiles."""

    as_for_users = False

    @staticmethod
    def add(
        code: jit.Code, source: jit.Source, effort: int = jit.FULL, main: bool = False,
        add: Callable[..., jit.Engine] = jit.Code.add,
    ) -> jit.Engine:  # fmt: skip
        """In place of ``jit.Code.add``."""
        return add(code, source, effort if _Effort.as_for_users else jit.QUICK, main)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """How a test's functions are compiled follows from its place, and from what it asks for."""
    asked = getattr(item, "fixturenames", ())
    late, full = _compiled_there(item.path)
    LateCheck.waits = late and "checked_at_once" not in asked
    _Effort.as_for_users = full or "made_as_for_users" in asked
    if hasattr(getattr(item, "module", None), "gc"):
        gc.freeze()  # it looks for its own garbage, not through what all tests before it hold


@functools.cache
def _compiled_there(path: Path) -> tuple[bool, bool]:
    """Whether checks wait until somebody reads them, and whether LLVM works as for users."""
    return _lies_in(path, _CHECKED_LATE), _lies_in(path, _MADE_AS_FOR_USERS)


def _lies_in(path: Path, places: Iterable[Path]) -> bool:
    return any(path == place or place in path.parents for place in places)


@pytest.fixture
def checked_at_once() -> None:
    """For tests of what a compile itself refuses."""


@pytest.fixture
def made_as_for_users() -> None:
    """For tests of the machine code itself."""


@pytest.fixture(autouse=True)
def _custom_primitives_are_forgotten() -> Iterator[None]:
    """What a test registers is gone after it: other tests walk the registry."""
    tables: tuple[dict[str, Any], ...] = (REGISTRY, PUBLIC, PORTABLE, _DEFINED)
    before = [dict(table) for table in tables]
    yield
    for table, entries in zip(tables, before, strict=True):
        if len(table) != len(entries):
            table.clear()
            table.update(entries)


_parsed = functools.lru_cache(maxsize=256)(ad.parse)  # many tests trace the same functions


def _checked(make: Callable[..., Graph]) -> Callable[..., Graph]:
    @functools.wraps(make)
    def made(*args: Any, **kwargs: Any) -> Graph:
        graph = make(*args, **kwargs)
        if len(graph) <= _LARGEST:
            ad.check(graph)
        if len(graph) <= _READ:
            assert _parsed(str(graph)) == graph
        return graph

    return made
