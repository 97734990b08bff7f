"""Vector math of the host: how many points one register holds, and glibc's libmvec.

libmvec computes eight exponentials in the time of two; its functions are within 4 ulp, like
NumPy's.  Where it is missing, or lacks a function, the scalar function is called lane by lane.
"""

from __future__ import annotations

import ctypes
import platform
from functools import cache

from codegen.native.host import llvm

__all__ = ["address_of", "lanes"]

# Lanes -> the letter that names the instruction set in libmvec's symbols.
_LETTERS = {8: "e", 4: "d", 2: "b"}


@cache
def lanes() -> int:
    """Doubles in a register of this machine: 8, 4 or 2."""
    features = llvm().get_host_cpu_features()
    if features.get("avx512f"):
        return 8
    return 4 if features.get("avx2") else 2


@cache
def _library() -> ctypes.CDLL | None:
    if platform.machine() not in ("x86_64", "AMD64"):
        return None
    try:
        return ctypes.CDLL("libmvec.so.1")
    except OSError:
        return None


@cache
def address_of(name: str, arity: int) -> int | None:
    """Address of libmvec's function for this machine's registers; None if there is none.

    A function of that address takes and returns ``<lanes() x double>``.
    """
    library = _library()
    if library is None:
        return None
    symbol = f"_ZGV{_LETTERS[lanes()]}N{lanes()}{'v' * arity}_{name}"
    try:
        function = getattr(library, symbol)
    except AttributeError:
        return None
    return ctypes.cast(function, ctypes.c_void_p).value
