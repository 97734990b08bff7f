"""Every public name says what a user needs: arguments, result, errors, and an example that runs."""

from __future__ import annotations

import inspect
import pydoc
import re
from types import FunctionType

import numpy as np
import pytest

import autodiff as ad
import codegen
import proofgrad
from autodiff.table.primitive import REGISTRY, Primitive
from autodiff.table.row_help import derivatives

PUBLIC = {name: getattr(proofgrad, name) for name in proofgrad.__all__}
INSIDE = {
    f"{room}.{name}": getattr(getattr(proofgrad, room), name)
    for room in ("losses", "nn", "optimizers", "state")
    for name in getattr(proofgrad, room).__all__
}
DESCRIBED = {**PUBLIC, **INSIDE}
FUNCTIONS = sorted(name for name, thing in DESCRIBED.items() if isinstance(thing, FunctionType))
CLASSES = sorted(name for name, thing in DESCRIBED.items() if inspect.isclass(thing))
ROWS = sorted(name for name, thing in PUBLIC.items() if isinstance(thing, Primitive))
NEVER_RAISE = {"accuracy_table"}  # it writes what it is given


def test_every_public_name_is_of_a_kind_that_is_checked() -> None:
    """A public name is a function, a class, a row of the table, or a module."""
    others = set(PUBLIC) - {*FUNCTIONS, *CLASSES, *ROWS}
    assert {name for name in others if not inspect.ismodule(PUBLIC[name])} == set()
    assert len(PUBLIC) >= 40


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_described(name: str) -> None:
    """A public function names each argument, its result, its errors, and shows a call."""
    text = inspect.getdoc(DESCRIBED[name]) or ""
    signature = inspect.signature(DESCRIBED[name])
    for argument in signature.parameters:
        assert re.search(rf"^    {argument}: \S", text, re.MULTILINE), f"Args: {argument}"
    assert "\nReturns:\n" in text or signature.return_annotation in (None, "None")
    assert "\nRaises:\n" in text or name in NEVER_RAISE
    first = re.search(r"\nReturns:\n +(.*)", text)  # what a colon parts is a type to Sphinx
    assert first is None or ": " not in first[1]
    assert ">>> " in text
    assert text.partition("\n")[0].rstrip().endswith((".", ":"))


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_described(name: str) -> None:
    """A public class says what it is, and so does each of its public attributes."""
    thing = DESCRIBED[name]
    assert len(inspect.getdoc(thing) or "") > 50
    silent = [
        attribute
        for attribute, value in vars(thing).items()
        if not attribute.startswith("_")
        and (callable(value) or isinstance(value, property))
        and not inspect.getdoc(value)
    ]
    assert not silent


@pytest.mark.parametrize("name", ROWS)
def test_rows_are_described(name: str) -> None:
    """``help`` of a row is about that row: its operands, its derivative, and a call as it runs."""
    row = PUBLIC[name]
    shown = pydoc.plain(pydoc.render_doc(row))
    assert f"{row.name}({', '.join(inspect.signature(row).parameters)}): {row.about}." in shown
    assert "frozen" not in shown
    assert "partials" not in shown
    for where, what in row.kinks:
        assert f"Kink, {where}: {what}." in shown
    call = re.search(r"^>>> (ad\.\w+\(.*\))\n(.*)$", row.__doc__, re.MULTILINE)
    if ad.__dict__[row.name] is row:
        assert call is not None
        assert repr(eval(call[1], {"ad": ad})) == call[2]


@pytest.mark.parametrize("row", [row for row in REGISTRY.values() if not row.module], ids=repr)
def test_the_tables_own_rows_say_what_they_are(row: Primitive) -> None:
    """A row without a word about itself would leave its ``help`` empty."""
    assert row.about
    assert not row.about.endswith(".")


def test_derivatives_are_those_of_the_rules() -> None:
    """The formulas in ``help`` are the rules, written down."""
    assert derivatives(REGISTRY["sin"]) == ["by x: cos(x)"]
    assert derivatives(REGISTRY["mul"]) == ["by x: y", "by y: x"]
    assert derivatives(REGISTRY["where"]) == ["by x: 1 if c else 0", "by y: 1 if not (c) else 0"]
    assert derivatives(REGISTRY["floor"]) == ["0 everywhere."]


def test_the_class_keeps_its_own_description() -> None:
    """``help(ad.Primitive)`` is about rows in general, and so is its signature."""
    assert (inspect.getdoc(ad.Primitive) or "").startswith("One atomic operation")
    assert list(inspect.signature(ad.Primitive).parameters)[:2] == ["name", "impl"]


def test_help_of_a_gradient_is_about_that_gradient() -> None:
    """``help(df)`` names the arguments with their structure, the result, and what ``df`` offers."""

    def loss(p: dict[str, float], x: np.ndarray) -> float:
        return np.sum(p["w"] * x) ** 2

    df = codegen.compile_gradient(loss, {"w": 1.0}, np.zeros(3), wrt=0)
    shown = pydoc.plain(pydoc.render_doc(df))
    for line in ('p: {"w": float}', "x: float[3]", '(float, {"w": float}), of one point'):
        assert line in shown
    offered = re.findall(r"^        (\w+)[(:]", shown, re.MULTILINE)
    assert {"bind", "source", "verdict", "forward"} <= set(offered)
    assert all(hasattr(df, name) for name in offered if name not in ("p", "x"))
