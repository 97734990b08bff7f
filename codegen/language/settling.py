"""Source of what settles derivatives where kinks meet, for emitted files.

The functions are those of ``autodiff.numbers.settle``, each with a ``_`` before its name.
"""

from __future__ import annotations

import inspect
import re
from functools import cache

from autodiff.numbers import settle
from codegen.language.numpy import vectorized_settle

__all__ = ["ROWS_SETTLING", "SETTLING", "settling_source"]

# What emitted functions call.
SETTLING = {"_directions": settle.directions, "_settled": settle.settled}
ROWS_SETTLING = {"_settled_rows": vectorized_settle.settled_rows}
_NAME = re.compile(r"^(?:def )?_?([A-Za-z]\w+)(?:\(| = \()", re.MULTILINE)


@cache
def settling_source(rows: bool = False) -> str:
    """Text of the constants and functions; they need ``math``, or NumPy, and nothing else.

    Args:
        rows: True for those over arrays of points.
    """
    text = inspect.getsource(settle)
    text = text[text.index("\n# Scale, and") + 1 :]
    head, _, functions = text.partition("__all__ = ")
    text = head.rstrip() + functions[functions.index("\n") :]
    if rows:
        text = text[: text.index("\n\n\ndef settled(")] + "\n"
        more = inspect.getsource(vectorized_settle)
        text += re.sub(": Any| -> Any", "", more[more.index("\n\ndef settled_rows(") :])
    names = {name for name in _NAME.findall(text) if not name.startswith("_")}
    bare = re.compile(rf"(?<![\w.])_?({'|'.join(sorted(names))})(?=\(| = \(|\[|\))")
    return bare.sub(r"_\1", text)
