"""The matrix product of SciPy's BLAS, by address.

SciPy exposes BLAS to compiled code as capsules whose names say what they take.  Where SciPy is not
there, or has a BLAS with other integers, products of matrices are loops like everything else.
"""

from __future__ import annotations

import ctypes
import importlib
from functools import cache

__all__ = ["dgemm_address"]

_TAKES = "char *, char *, int *, int *, int *"  # and twelve-byte pointers on: LP64, by reference


@cache
def dgemm_address() -> int | None:
    """Address of Fortran's ``dgemm`` with 32-bit integers; None if there is none."""
    try:
        capsule = importlib.import_module("scipy.linalg.cython_blas").__pyx_capi__["dgemm"]
    except (ImportError, AttributeError, KeyError):
        return None
    api = ctypes.pythonapi
    name_of = ctypes.PYFUNCTYPE(ctypes.c_char_p, ctypes.py_object)(("PyCapsule_GetName", api))
    pointer_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", api)
    )
    name: bytes = name_of(capsule)
    if _TAKES not in name.decode():
        return None
    found: int | None = pointer_of(capsule, name)
    return found
