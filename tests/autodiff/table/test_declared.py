"""Signatures of the user's functions, also where annotations name nothing."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import types
from collections.abc import Callable

import pytest

from autodiff.table import declared
from tests.project_files import SOURCES

# These ask of functions of ours, and of NumPy's.
_OURS = {
    "by_numpy", "doors", "followed", "numpy_names", "of_functions", "protocols", "row_help",
    "two_forms",
}  # fmt: skip


def test_newer_pythons_run_no_annotation(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Python 3.14 does it: annotations are evaluated unless one asks for their text."""
    text, plain = object(), inspect.signature

    def newer(function: Callable[..., object], *, annotation_format: object = None) -> object:
        if annotation_format is not text:
            raise NameError("name 'Undefined' is not defined")
        return plain(function)

    library = types.ModuleType("annotationlib")
    library.Format = types.SimpleNamespace(STRING=text)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "annotationlib", library)
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    monkeypatch.setattr(inspect, "signature", newer)
    spec = importlib.util.spec_from_file_location("read_again", declared.__file__)
    assert spec is not None
    assert spec.loader is not None
    again = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(again)
    assert list(again.signature_of(lambda x, y: x).parameters) == ["x", "y"]


def test_nobody_else_asks_for_signatures_of_users_functions() -> None:
    """The one way there is, but for functions whose annotations are known."""
    asking = {p.stem for p in SOURCES if "inspect.signature(" in p.read_text(encoding="utf-8")}
    assert asking == _OURS
