"""Options and fixtures all tests share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.numbers.ieee import PORTABLE
from autodiff.table.custom import _DEFINED
from autodiff.table.primitive import PUBLIC, REGISTRY

_MAKERS = ("trace", "gradient", "vjp", "jvp", "jacobian", "hessian", "hvp")
_LARGEST = 3000  # nodes; larger graphs cost more to check than their tests


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update-golden`` rewrites the golden files; review the diff before you commit it."""
    parser.addoption(
        "--update-golden", action="store_true", help="write tests/golden anew instead of comparing"
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """True under ``--update-golden``."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(autouse=True)
def _every_graph_is_well_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every graph that a test traces or transforms passes the checker and survives a round trip."""
    for name in _MAKERS:
        monkeypatch.setattr(ad, name, _checked(getattr(ad, name)))


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


def _checked(make: Callable[..., Graph]) -> Callable[..., Graph]:
    @functools.wraps(make)
    def made(*args: Any, **kwargs: Any) -> Graph:
        graph = make(*args, **kwargs)
        if len(graph) <= _LARGEST:
            ad.check(graph)
            assert ad.parse(str(graph)) == graph
        return graph

    return made
