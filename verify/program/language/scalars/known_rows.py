"""Names that a text may use: modules, constants, and which functions are primitives."""

from __future__ import annotations

import math
import re
from functools import cache

import numpy as np

from autodiff.table.primitive import PUBLIC, REGISTRY, Primitive
from autodiff.trace.libraries.scipy_functions import SPECIAL_FORMS, SPECIAL_ROWS

__all__ = [
    "CONSTANTS",
    "EXHAUSTING",
    "FLOATS",
    "ITERATING",
    "MODULES",
    "SPECIAL",
    "gives_floats",
    "has_name",
    "known_rows",
]

CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau, "inf": math.inf, "nan": math.nan}
OURS = ("autodiff", "proofgrad")  # one row under two names
SPECIAL = "scipy.special"
SPECIAL_SPELLED = ("logit", "softmax", "log_softmax", "logsumexp")  # in real numbers, by the reader
MODULES = ("math", "numpy", *OURS, SPECIAL, "numpy.linalg", "itertools", "functools", "typing",
           "collections.abc", "numpy.typing")  # fmt: skip
_OFFERED = {  # of modules of which little is read
    "scipy": ("special",), "itertools": ("chain", "combinations", "pairwise", "permutations",
    "product"), "functools": ("reduce",), "numpy.typing": ("NDArray",),
    "typing": ("Any", "Callable", "Dict", "Iterable", "List", "Mapping", "Optional", "Sequence",
    "Tuple"), "collections.abc": ("Callable", "Iterable", "Mapping", "Sequence"),
}  # fmt: skip
FLOATS = frozenset({"float", "numpy.float64"})  # as dtype=
# Functions that go through their arguments at once, and those that do so as they are gone through.
EXHAUSTING = frozenset({"sum", "max", "min", "list", "tuple", "sorted", "math.fsum", "math.prod"})
ITERATING = EXHAUSTING | {"zip", "enumerate"}


@cache
def known_rows() -> dict[str, Primitive]:
    """Function -> the primitive it means: ``math.sin``, ``numpy.arctan2``, ``autodiff.relu``."""
    known = {f"autodiff.{name}": REGISTRY[row.name] for name, row in PUBLIC.items()
             if isinstance(row, Primitive)}  # fmt: skip
    for row in REGISTRY.values():
        if row.ufunc:
            known[f"numpy.{row.ufunc}"] = known[f"autodiff.{row.ufunc}"] = row
        holes = ", ".join(f"{{{i}}}" for i in range(row.arity))
        for column, module in ((row.python, math), (row.numpy, np)):
            call = re.fullmatch(r"(?:np\.)?(\w+)\(" + re.escape(holes) + r"\)", column)
            if call and hasattr(module, call[1]):
                known[f"{module.__name__}.{call[1]}"] = row
    by_name = {"abs": "abs", "math.fabs": "abs", "numpy.abs": "abs", "numpy.where": "where",
               "autodiff.pow": "pow", "autodiff.maximum": "maximum",
               "autodiff.minimum": "minimum"}  # fmt: skip
    known |= {name: REGISTRY[row] for name, row in by_name.items()}
    known |= {f"{SPECIAL}.{name}": REGISTRY[row.name] for name, row in SPECIAL_ROWS.items()}
    ours = {name.partition(".")[2]: row for name, row in known.items() if name.startswith(OURS)}
    return known | {f"{module}.{name}": row for module in OURS for name, row in ours.items()}


@cache
def gives_floats(name: str, arity: int) -> bool:
    """True if NumPy makes doubles of integers with this function."""
    return bool(np.asarray(getattr(np, name.partition(".")[2])(*[2] * arity)).dtype == np.float64)


def has_name(module: str, name: str) -> bool:
    """True if a module offers what is imported from it."""
    if module == SPECIAL:
        return f"{module}.{name}" in known_rows() or name in (*SPECIAL_FORMS, *SPECIAL_SPELLED)
    if module in OURS:
        return f"{module}.{name}" in known_rows()
    if module in _OFFERED:
        return name in _OFFERED[module]
    return hasattr({"math": math, "numpy": np, "numpy.linalg": np.linalg}[module], name)
