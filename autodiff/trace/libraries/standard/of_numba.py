"""What numba compiles: in a trace, the Python function that it was made of.

That holds with numbers alone, too: what the compiled function makes (an array of zeros) could not
hold traced values, and it reads an array of these as if it held floats.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from autodiff.trace.libraries.constructors import CONSTRUCTORS

__all__ = ["jitted"]


def jitted(inside: Callable[..., Any]) -> dict[type, Callable[..., object]]:
    """What stands for functions under ``numba.njit`` and ``numba.vectorize``, if there can be one.

    Args:
        inside: The function that stands for the one in such a function.
    """
    made: dict[type, Callable[..., object]] = {}
    if compiler := sys.modules.get("numba.core.registry"):
        made[compiler.CPUDispatcher] = inside
    if ufuncs := sys.modules.get("numba.np.ufunc.dufunc"):
        made[ufuncs.DUFunc] = lambda one: CONSTRUCTORS["vectorize"](inside(one))
    return made
