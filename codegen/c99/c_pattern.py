"""Where the entries of a sparse matrix stand, as constant arrays in a C header."""

from __future__ import annotations

from autodiff.graph.pattern import Pattern
from codegen.c99.c_function import listed

__all__ = ["described_pattern", "pattern_arrays"]


def described_pattern(pattern: Pattern, form: str) -> str:
    """What the numbers of a sparse matrix are, in words."""
    rows, columns = pattern.shape
    order = "column by column" if form == "csc" else "row by row"
    return f"the {pattern.count} entries of a {rows} by {columns} matrix, {order}"


def pattern_arrays(name: str, quantity: str, pattern: Pattern, form: str) -> str:
    """Definitions of a matrix's size, and of the arrays that say where its entries stand.

    Args:
        name: The user's function.
        quantity: The array of the entries.
        pattern: Where they stand.
        form: "csr", "csc" or "coo".
    """
    prefix = f"{name}_{quantity}"
    rows, columns = pattern.shape
    sizes = [f"#define {prefix.upper()}_{side} {count}" for side, count in (
        ("ROWS", rows), ("COLUMNS", columns),
    )]  # fmt: skip
    if form == "coo":
        said = f"/* {quantity}[k] stands in row {prefix}_rows[k] and column {prefix}_columns[k]. */"
        arrays = {"rows": pattern.rows, "columns": pattern.columns}
    else:
        line, other = ("column", "rows") if form == "csc" else ("row", "columns")
        said = (
            f"/* The entries of {line} i are {quantity}[k] from k = {prefix}_starts[i] up to, but\n"
            f" * without, k = {prefix}_starts[i + 1]; they stand in {other} {prefix}_{other}[k]. */"
        )
        arrays = {"starts": pattern.starts, other: pattern.indices}
    tables = [
        line
        for suffix, numbers in arrays.items()
        for line in _table(f"{prefix}_{suffix}", numbers.tolist())
    ]
    return "\n".join([*sizes, "", said, *tables])


def _table(name: str, numbers: list[int]) -> list[str]:
    """An array, which C wants to have one element at least."""
    numbers = numbers or [0]
    return listed(f"static const int {name}[{len(numbers)}]", list(map(str, numbers)))
