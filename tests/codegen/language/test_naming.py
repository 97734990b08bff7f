from __future__ import annotations

import ast
import math
import re
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from codegen.language.naming import Names
from codegen.language.target import PYTHON


def assigned(source: str) -> list[str]:
    """Every name that value_and_gradient assigns."""
    tree = ast.parse(source)
    function = next(n for n in tree.body if getattr(n, "name", "") == "value_and_gradient")
    return [n.id for n in ast.walk(function)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]  # fmt: skip


def check(function: Any, *point: float) -> list[str]:
    """Names in the emitted text, after its result is compared with the interpreter's."""
    df = compile_gradient(function, *point)
    assert df(*point) == ad.backpropagate(df.graph, *point)
    assert all(len(line) <= 88 for line in df.source.splitlines())
    names = assigned(df.source)
    assert sorted(names) == sorted({*names})  # a parameter is converted to a float once
    assert all(re.fullmatch(r"[A-Za-z]\w*", n, re.ASCII) for n in names)
    return names


def test_reassigned_names_are_numbered() -> None:
    """A variable that is assigned again keeps its name and gets a number."""

    def f(x: Any, x1: Any) -> Any:
        total = x * 2.0
        for _ in range(2):
            total = np.sin(total) * x1
            x1 = x1 * total
        return total * x1

    names = check(f, 0.5, 0.7)
    assert {"total", "total2", "total3", "x1_2", "x1_3"} <= set(names)


def test_cotangents_are_named_after_their_values() -> None:
    """The cotangent of d1 is d1_bar."""

    def f(x: Any, y: Any) -> Any:
        d1 = np.sin(x) * y
        d2 = d1 - np.exp(y)
        return d1 * d2 * d2

    assert {"d1", "d2", "d1_bar", "d2_bar", "x_bar", "y_bar", "f"} <= set(check(f, 0.5, 0.7))


def test_helpers_do_not_clash() -> None:
    """Two functions with the same variable get two names."""

    def one(z: Any) -> Any:
        u = z * z
        return u * np.sin(u)

    def two(z: Any) -> Any:
        u = z + z
        return u * np.exp(u)

    def f(x: Any) -> Any:
        return one(x) * two(x)

    assert {"u", "u2"} <= set(check(f, 0.3))


def test_a_variable_called_v_is_no_temporary() -> None:
    """A variable v that is assigned again never gets the name of a value without one."""

    def pair(v: Any, other: Any) -> tuple[Any, Any]:
        v, other = np.minimum(v, other), np.maximum(v, other)
        return v, other

    def f(x: Any, y: Any, a: Any, b: Any) -> Any:
        v, top = pair(x, y)
        v = v * a + np.sin(v) * b
        v = v + top * np.where(a > b, v, y)
        return v * top

    assert {"v", "v_2", "v1"} <= set(check(f, 0.3, 0.4, 0.6, 0.5))


def test_hostile_names() -> None:
    """Names that mean something to Python, to us or to C are never shadowed."""

    def f(sin: Any, math_: Any) -> Any:
        exp = sin * math_
        value_and_gradient = np.exp(exp) + exp
        residuals = np.sin(value_and_gradient)
        v1 = residuals * residuals
        abs = v1 * exp  # noqa: A001
        __import__ = abs * abs  # noqa: A001
        lambda_ = __import__ * residuals
        return lambda_ * v1

    names = set(check(f, 0.3, 0.4))
    assert not names & {"exp", "value_and_gradient", "residuals", "abs", "__import__"}


def test_unicode_names_are_spelled_out() -> None:
    """Greek letters become their names; other letters are left out."""
    scope: dict[str, Any] = {"sin": ad.sin}
    exec("def f(σ, x):\n    Δt = sin(σ) * x\n    变 = Δt * Δt\n    return 变 * sin(变)", scope)
    names = set(check(scope["f"], 0.5, 0.6))
    assert {"Deltat", "sigma_bar"} <= names


def test_names_without_a_limit() -> None:
    """A name of a thousand letters gives lines of 88 columns."""
    long = "a" * 1000
    scope: dict[str, Any] = {"sin": ad.sin}
    exec(f"def f(x):\n    {long} = sin(x)\n    return {long} * {long} * sin({long})", scope)
    check(scope["f"], 0.5)


def test_hostile_files_and_functions() -> None:
    """Neither a file's name nor a docstring can put anything into the text."""
    scope: dict[str, Any] = {"sin": ad.sin}
    text = 'def f(x):\n    """\\"\\"\\" ; import os"""\n    return sin(x) * x'
    exec(compile(text, '/tmp/"""\nimport os;\\.py', "exec"), scope)
    df = compile_gradient(scope["f"], 0.5)
    tree = ast.parse(df.source)
    modules = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert set(modules) <= {"math"}
    assert df(0.5)[0] == math.sin(0.5) * 0.5


def test_literals_are_spelled_as_the_user_did() -> None:
    """1e-3 stays 1e-3; an int becomes a float."""

    def f(x: Any) -> Any:
        return x * 1e-3 + np.sin(x) * 2 + 0.250 * np.exp(x)

    source = compile_gradient(f, 1.0).source
    assert "1e-3" in source
    assert "0.250" in source
    assert "2.0" in source


def test_claimed_names_cost_constant_time() -> None:
    """The ten-thousandth ``x`` is found as quickly as the second."""
    names = Names(PYTHON.functions)
    claimed = [names.claim("x") for _ in range(10_000)]
    assert claimed[:3] == ["x", "x2", "x3"]
    assert len(set(claimed)) == 10_000


@pytest.mark.parametrize("wish", ["if", "v12", "_x", "3d", "", "a b", "print"])
def test_every_wish_gives_an_identifier(wish: str) -> None:
    """Whatever is wished for, the name is a plain identifier that nothing else has."""
    name = Names(PYTHON.functions).claim(wish)
    assert re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII)
    assert name != wish
