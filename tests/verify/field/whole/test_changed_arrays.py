"""Texts that change arrays where they lie: read as new arrays, refused where something is stale."""

from __future__ import annotations

import ast

import pytest

from verify.field.both_blocks import JoinError
from verify.field.whole.repeated.changed_arrays import as_new_arrays


def _renewed(*lines: str) -> str:
    text = "\n    ".join(["def f(A):", "U = np.array(A, float)", *lines])
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    as_new_arrays(function)
    return ast.unparse(ast.fix_missing_locations(function))


@pytest.mark.parametrize(
    "lines",
    [
        ("row = U[1]", "v = row * 2.0", "U[0, 1] = 3.0", "return v"),
        ("U[0] = 2.0", "row = U[1]", "return row"),
        ("for i in range(3):", "    row = U[x[i]]", "    U[0, 1] += row[2]", "return U"),
        ("flat = U.ravel()[2] * 1.0", "U[0] = 2.0", "return flat"),
        ("new = np.array(U, float)", "U[0] = 2.0", "return new"),
    ],
)
def test_what_is_read_in_time(lines: tuple[str, ...]) -> None:
    """Parts that are read before the array changes, or taken anew, or copied."""
    assert "U = " in _renewed(*lines)


@pytest.mark.parametrize(
    "lines",
    [
        ("row = U.ravel()", "U[0, 1] = 3.0", "return row"),
        ("V = U", "U[0, 1] = 3.0", "return V + 1.0"),
        ("row, n = U[0:2], 1.0", "U[0, 1] = 3.0", "return row"),
        ("row = U.T", "for i in range(3):", "    v = row * 2.0", "    U[0, 1] = 3.0", "return v"),
        ("last = A", "for i in range(3):", "    U[i, 0] += 1.0", "    s = last + 1.0",
         "    last = U.ravel()", "return s"),
        ("row = put_where(U, 0, 1.0, c, 0)", "U[0, 1] = 3.0", "return row"),
        ("row = np.broadcast_to(U, (2, 3))", "if c:", "    U[0, 1] = 3.0", "return row"),
    ],
)  # fmt: skip
def test_what_is_read_too_late(lines: tuple[str, ...]) -> None:
    """Another name for a part of the array is read after it has changed."""
    with pytest.raises(JoinError, match=r"after|changed"):
        _renewed(*lines)


def test_an_argument_is_not_changed() -> None:
    """What begins as no copy may be anybody's: there statements stay, and nothing runs them."""
    function = ast.parse("def f(A):\n    A[0] = 1.0\n    return A").body[0]
    assert isinstance(function, ast.FunctionDef)
    as_new_arrays(function)
    assert "A[0] = 1.0" in ast.unparse(function)


def test_an_element_read_before_is_one() -> None:
    """``v = U[i]`` that is read after a change has to be a number."""
    assert "one element" in _renewed("v = U[1]", "U[0] = 3.0", "return v")
    assert "one element" not in _renewed("v = U[1]", "w = v", "U[0] = 3.0", "return U")
