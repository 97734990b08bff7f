"""The walk over the arguments of a call, and the making of its result, as LLVM IR: one for all.

``walk`` is a function as Python calls it.  Its capsule points at a plan: words that say how the
arguments are built, what computes, and how the result is built (``codegen.native.run.call_plan``).
Numbers of other types, strided arrays and lists are converted into memory of the call's own; what
the walk does not know, it hands to the Python function in the capsule, which converts or explains.

The walk runs no code of the user's: it reads keys that are the plan's own or plain text, and fields
that are plain attributes.  Its text is in the folder ``walk``; what stands between ``$`` there is
an offset of ``Layout``, or a word of a plan's head.
"""

from __future__ import annotations

from importlib.resources import files

from codegen.native.host import Layout
from codegen.native.write.entry import handed_over

__all__ = ["GATHERED", "HEADER", "OPS", "walker"]

# What a word of a plan means where a value begins; the words that follow it are in brackets.
OPS = {
    "scalar": 0,
    "array": 1,  # [dimensions, size, each length]
    "none": 2,
    "row": 3,  # a tuple [count]
    "list": 4,  # [count]
    "dict": 5,  # [count, each key]
    "record": 6,  # [class, count, each name]
    "named": 7,  # a named tuple [class, count]
    "out": 8,  # as array, and written into
    "points": 9,  # as array, behind an axis of points
    "filled": 10,  # a dict, made [count, one that has the keys, where each value lies]
}
# What the first words of a plan are; ``*_at`` count words from the beginning.
HEADER = (
    "walk", "raw", "count", "inputs", "outputs", "floats", "leads", "names_at", "arguments_at",
    "parts_at", "result_at", "given_at", "sizes_at",
    "points", "python", "form", "total", "rows_at",
)  # fmt: skip
GATHERED = 256  # numbers up to which an array is converted here; NumPy is faster with more
_FILES = ("numbers", "arguments", "results", "python", "walk")
_CONTIGUOUS, _ALIGNED, _WRITEABLE = 0x1, 0x100, 0x400


def walker(layout: Layout) -> str:
    """The module's text, without what every module declares."""
    offsets = {
        "TYPE": layout.type, "NUMBER": layout.number, "ITEMS": layout.items,
        "SIZE": layout.items - 8, "USED": layout.used, "KEYS": layout.keys,
        "POINTER": layout.pointer, "DATA": layout.data, "DIMENSIONS": layout.dimensions,
        "SHAPE": layout.shape, "STRIDES": layout.strides, "DTYPE": layout.dtype,
        "FLAGS": layout.flags,
        "READ": _CONTIGUOUS | _ALIGNED, "WRITTEN": _CONTIGUOUS | _ALIGNED | _WRITEABLE,
        "GATHERED": GATHERED,
    }  # fmt: skip
    offsets |= {f"HEAD_{name}": 8 * place for place, name in enumerate(HEADER)}
    folder = files(__package__) / "walk"
    text = "\n".join((folder / f"{name}.ll").read_text("utf-8") for name in _FILES)
    for name in sorted(offsets, key=len, reverse=True):
        text = text.replace(f"${name}$", str(offsets[name]))
    return text.replace("$HANDED$", handed_over(layout, "ptr %args, i64 %count, ptr %names"))
