"""Lanes that change places between registers: rows of memory to columns of numbers, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from codegen.native.form import vector_math
from codegen.native.form.widen import vector

__all__ = ["interleaved", "lane_mask", "picked", "strided", "transposed"]

New: TypeAlias = Callable[[str], str]  # an instruction -> the name of its result


def transposed(new: New, rows: Sequence[str]) -> list[str]:
    """A square of registers, transposed: blocks of half the size change places, then theirs."""
    found, width, wide = list(rows), vector_math.lanes(), vector("double")
    step = width // 2
    while step:
        for i in range(width):
            if i & step:
                continue
            a, b = found[i], found[i + step]
            upper = [lane if not lane & step else width + lane - step for lane in range(width)]
            lower = [lane + step if not lane & step else width + lane for lane in range(width)]
            found[i] = new(f"shufflevector {wide} {a}, {wide} {b}, {lane_mask(upper)}")
            found[i + step] = new(f"shufflevector {wide} {a}, {wide} {b}, {lane_mask(lower)}")
        step //= 2
    return found


def picked(
    new: New, registers: Sequence[str], picks: Sequence[Sequence[tuple[int, int]]]
) -> list[str]:
    """Registers made of lanes of others: for each lane, which register and which lane."""
    found, width, wide = [], vector_math.lanes(), vector("double")
    for pick in picks:
        made = ""
        for source in dict.fromkeys(register for register, _ in pick):
            # Lanes of this register, and those that are there already.
            places = [
                lane if register == source else width + place
                for place, (register, lane) in enumerate(pick)
            ]
            other = made or "poison"
            made = new(
                f"shufflevector {wide} {registers[source]}, {wide} {other}, {lane_mask(places)}"
            )
        found.append(made)
    return found


def strided(size: int) -> list[list[tuple[int, int]]]:
    """Where each column of a block lies, in registers filled from memory."""
    width = vector_math.lanes()
    return [[divmod(row * size + column, width) for row in range(width)] for column in range(size)]


def interleaved(size: int) -> list[list[tuple[int, int]]]:
    """The columns and lanes that make up each register of a block as it lies in memory."""
    width = vector_math.lanes()
    flat = [divmod(place, size) for place in range(size * width)]
    return [
        [(column, row) for row, column in flat[start : start + width]]
        for start in range(0, size * width, width)
    ]


def lane_mask(places: Sequence[int]) -> str:
    """The operand of ``shufflevector`` that says which lanes are taken."""
    return f"{vector('i32')} <{', '.join(f'i32 {place}' for place in places)}>"
