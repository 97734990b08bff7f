"""Functions that C of whole arrays is written with, each defined where it is called."""

from __future__ import annotations

import re
from collections.abc import Collection

from codegen.c99.rows.elimination_in_c import SYSTEMS
from codegen.c99.rows.matrices_in_c import OF_MATRICES
from codegen.c99.rows.rotations_in_c import SINGULAR_VALUES
from codegen.c99.rows.sorting_in_c import ORDERS

__all__ = ["EXTREMES", "PROVIDED", "provided"]

EXTREMES = {"max": "proofgrad_largest", "min": "proofgrad_smallest"}

PROVIDED = {
    "proofgrad_largest": """\
/* The larger one; nan if one is nan. */
static double proofgrad_largest(double x, double y) { return y > x || y != y ? y : x; }
""",
    "proofgrad_smallest": """\
/* The smaller one; nan if one is nan. */
static double proofgrad_smallest(double x, double y) { return y < x || y != y ? y : x; }
""",
    "proofgrad_place": """\
/* Where x points on an axis, the last place being -1; what does not fit is noted. */
static size_t proofgrad_place(double x, double size, int *wrong)
{
    if (!(-size <= x && x < size && x == floor(x))) {
        *wrong = 1;
        return 0;
    }
    return (size_t)(x < 0.0 ? x + size : x);
}
""",
    **ORDERS,
    **SYSTEMS,
    **SINGULAR_VALUES,
    **OF_MATRICES,
}


def provided(names: Collection[str]) -> list[str]:
    """Definitions of those that are called, and of what they call, which stands before them."""
    needed = set(names)
    for name in reversed(PROVIDED):
        if name in needed:
            needed.update(re.findall(r"\bproofgrad_\w+", PROVIDED[name]))
    return [text for name, text in PROVIDED.items() if name in needed]
