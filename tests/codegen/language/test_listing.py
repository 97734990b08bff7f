"""The functions that files of lists copy."""

from __future__ import annotations

from codegen.language.listing import LISTS_ONCE, put, side_by_side


def test_columns_side_by_side() -> None:
    """Columns are read row by row."""
    assert side_by_side([1.0, 2.0], [3.0, 4.0]) == [1.0, 3.0, 2.0, 4.0]


def test_put_among_zeros() -> None:
    """Elements stand from a place on, a step apart, forwards and backwards."""
    assert put([1.0, 2.0], 1, 2, 5) == [0.0, 1.0, 0.0, 2.0, 0.0]
    assert put([1.0, 2.0], 2, -1, 3) == [0.0, 2.0, 1.0]


def test_operations_that_never_raise_are_copied() -> None:
    """What a long text divides with is among the functions of its file."""
    assert LISTS_ONCE.needed_portable(["_div", "_sqrt"]) == ["_div", "_sqrt"]
    assert LISTS_ONCE.portable["_div"](1.0, 0.0) == float("inf")
