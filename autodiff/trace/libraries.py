"""Which functions of other libraries a traced function finds replaced by ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.trace import arrays, numpy_functions
from autodiff.trace.constructors import CONSTRUCTORS
from autodiff.trace.copies import Copies
from autodiff.trace.densities import STATS
from autodiff.trace.scipy_functions import SPECIAL

__all__ = ["as_traced"]

# NumPy's protocols hand over by these tables what meets a traced value.
arrays.UFUNCS.update(numpy_functions.UFUNCS)
arrays.FUNCTIONS.update(numpy_functions.FUNCTIONS)
_LIBRARIES: dict[str, dict[str, Any]] = {
    "numpy": CONSTRUCTORS,
    "scipy.special": SPECIAL,
    "scipy.stats": STATS,
}


def as_traced(function: Callable[..., object]) -> Callable[..., Any]:
    """``function`` as it is traced: where it finds a function that cannot record, ours stands.

    The function itself stays as it is, and is returned as it is if it uses none of these.
    """
    found: Callable[..., Any] = Copies(_LIBRARIES).copy(function)
    return found
