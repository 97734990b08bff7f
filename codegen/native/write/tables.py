"""Parts by a table of addresses: copies between it and the memory of chunks, as LLVM IR.

Thousands of scalars as parameters of one function take LLVM more than linear time; a table of
their addresses is one parameter, and a loop copies a row of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

__all__ = ["MANY", "addresses", "copied", "led_table"]

MANY = 200  # parts of a call from which on they are given by a table


def addresses(names: Sequence[str]) -> str:
    """Lines that load the addresses of all parts from ``%table``."""
    return "".join(
        f"{name}.at = getelementptr ptr, ptr %table, i64 {place}\n"
        f"{name} = load ptr, ptr {name}.at\n"
        for place, name in enumerate(names)
    )


def copied(sizes: Sequence[int], first_part: int, first: int, into: bool, block: str) -> str:
    """Lines that copy parts to ``%w``, or from it, in blocks of their own.

    Args:
        sizes: How many numbers each has.
        first_part: The place of the first in the table.
        first: Where ``%w`` has it.
        into: Whether to ``%w``.
        block: The block that the lines begin in; it is left, and ``{block}.copied`` entered.
    """
    lines: list[str] = []
    part, word, here = first_part, first, block
    for number, (scalar, group) in enumerate(groupby(sizes, lambda size: size == 1)):
        lengths = list(group)
        if scalar:
            name = f"{block}.row{number}"
            lines.append(_row(name, here, part, word, len(lengths), into))
            here = f"{name}.end"
            part, word = part + len(lengths), word + len(lengths)
            continue
        for length in lengths:
            lines.append(_one(f"{block}.{part}", part, word, length, into))
            part, word = part + 1, word + length
    return "".join([*lines, f"br label %{block}.copied\n{block}.copied:\n"])


def led_table(inputs: int, outputs: int, first_output: int) -> list[str]:
    """Lines that call ``compute`` with ``%table``, or with one that has ``%y0`` in its place."""
    if first_output == 0:
        return ["%status = call i32 @compute(ptr %table)\n"]
    return [
        f"%whole = alloca [{inputs + outputs} x ptr]\n",
        f"call void @llvm.memcpy.p0.p0.i64(ptr %whole, ptr %table, i64 {8 * inputs}, i1 false)\n",
        f"%whole.first = getelementptr ptr, ptr %whole, i64 {inputs}\n",
        "store ptr %y0, ptr %whole.first\n",
        f"%whole.rest = getelementptr ptr, ptr %whole, i64 {inputs + 1}\n",
        f"%table.rest = getelementptr ptr, ptr %table, i64 {inputs}\n",
        "call void @llvm.memcpy.p0.p0.i64(ptr %whole.rest, ptr %table.rest, "
        f"i64 {8 * (outputs - 1)}, i1 false)\n",
        "%status = call i32 @compute(ptr %whole)\n",
    ]


def _row(name: str, before: str, part: int, word: int, count: int, into: bool) -> str:
    """A loop over scalars."""
    copy = (
        f"%{name}.v = load double, ptr %{name}.p\nstore double %{name}.v, ptr %{name}.q\n"
        if into
        else f"%{name}.v = load double, ptr %{name}.q\nstore double %{name}.v, ptr %{name}.p\n"
    )
    return (
        f"br label %{name}\n{name}:\n%{name}.k = phi i64 [ 0, %{before} ], [ %{name}.n, %{name} ]\n"
        f"%{name}.i = add i64 %{name}.k, {part}\n"
        f"%{name}.at = getelementptr ptr, ptr %table, i64 %{name}.i\n"
        f"%{name}.p = load ptr, ptr %{name}.at\n"
        f"%{name}.j = add i64 %{name}.k, {word}\n"
        f"%{name}.q = getelementptr double, ptr %w, i64 %{name}.j\n"
        f"{copy}%{name}.n = add i64 %{name}.k, 1\n"
        f"%{name}.more = icmp ult i64 %{name}.n, {count}\n"
        f"br i1 %{name}.more, label %{name}, label %{name}.end\n{name}.end:\n"
    )


def _one(name: str, part: int, word: int, length: int, into: bool) -> str:
    """An array."""
    ends = (f"ptr %{name}.q", f"ptr %{name}.p") if into else (f"ptr %{name}.p", f"ptr %{name}.q")
    return (
        f"%{name}.at = getelementptr ptr, ptr %table, i64 {part}\n"
        f"%{name}.p = load ptr, ptr %{name}.at\n"
        f"%{name}.q = getelementptr double, ptr %w, i64 {word}\n"
        f"call void @llvm.memcpy.p0.p0.i64({', '.join(ends)}, i64 {8 * length}, i1 false)\n"
    )
