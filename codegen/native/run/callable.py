"""Native addresses as Python callables that own what they need.

A callable is a built-in function whose ``self`` is a capsule; the capsule owns the code, the arrays
and the Python function for unusual calls.  The garbage collector does not look into a capsule, so
the code is freed when the callable is, never before: not even in a cycle of garbage whose
finalizers call it once more.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

from codegen.native.run.jit import Source, compile_modules
from codegen.native.write.entry import declarations

__all__ = ["builtin"]

VARIADIC = 0x80 | 0x02  # METH_FASTCALL | METH_KEYWORDS
NO_ARGUMENTS = 0x04  # METH_NOARGS

_RELEASE = """\
define void @release(ptr %capsule) #0 {
%held = call ptr @PyCapsule_GetContext(ptr %capsule)
call void @Py_DecRef(ptr %held)
ret void
}
"""


class _Method(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("documentation", ctypes.c_char_p),
    )


def _api(name: str, result: type | None, *arguments: type) -> Callable[..., Any]:
    return ctypes.PYFUNCTYPE(result, *arguments)((name, ctypes.pythonapi))


_new_capsule = _api(
    "PyCapsule_New", ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p
)
_set_context = _api("PyCapsule_SetContext", ctypes.c_int, ctypes.py_object, ctypes.py_object)
_own = _api("Py_IncRef", None, ctypes.py_object)
_new_function = _api(
    "PyCFunction_NewEx", ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.py_object
)


@cache
def _release() -> int:
    """Address of the capsules' destructor, which gives back what a capsule owns."""
    code = compile_modules((), Source(declarations() + _RELEASE, {}, {}))
    _own(code)  # for the life of the process: the last capsule may die after this module
    return code.address("release")


def builtin(
    name: str,
    address: int,
    flags: int,
    owned: tuple[object, ...],
    python: Callable[..., object] | None = None,
    table: int = 1,
) -> Callable[..., object]:
    """A built-in function that runs native code.

    Args:
        name: Its ``__name__``.
        address: Where the code starts.
        flags: CPython's calling convention.
        owned: What must live as long as the function: the code, arrays.
        python: Called instead where an argument is not what the code reads.
        table: Address that the code finds in the capsule; not 0.
    """
    method = _Method(name.encode(), address, flags, None)
    held = (python, method, *owned)
    capsule = _new_capsule(table, None, _release())
    _own(held)
    _set_context(capsule, held)
    function: Callable[..., object] = _new_function(
        ctypes.addressof(method), capsule, "codegen.native"
    )
    return function
