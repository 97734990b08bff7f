"""Native addresses as Python callables that own what they need.

A callable is a built-in function whose ``self`` is a capsule; the capsule owns the code, the arrays
and the Python function for unusual calls.  The garbage collector does not look into a capsule, so
the code is freed when the callable is, never before: not even in a cycle of garbage whose
finalizers call it once more.

For objects of other classes a tuple and a dict of the arguments are made at each call.
``own_class`` makes classes, as CPython's interface for extensions lets one, whose objects are
called as built-in functions are: a few lines of machine code hand the arguments on as they lie.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

from codegen.load.often import HELD
from codegen.native.host import LAYOUT
from codegen.native.run.jit import Code, Source, compile_modules
from codegen.native.write.entry import declarations

__all__ = ["answer", "builtin", "own_class"]

VARIADIC = 0x80 | 0x02  # METH_FASTCALL | METH_KEYWORDS
NO_ARGUMENTS = 0x04  # METH_NOARGS

_SHARED = """\
define void @release(ptr %capsule) #0 {
%held = call ptr @PyCapsule_GetContext(ptr %capsule)
call void @Py_DecRef(ptr %held)
ret void
}
define ptr @called(ptr %object, ptr %arguments, i64 %count, ptr %names) #0 {
%place = getelementptr i8, ptr %object, i64 HELD
%found = load ptr, ptr %place
%none = icmp eq ptr %found, null
%held = select i1 %none, ptr @"object.none", ptr %found
%answer = tail call ptr @PyObject_Vectorcall(ptr %held, ptr %arguments, i64 %count, ptr %names)
ret ptr %answer
}
"""


_WORD = 8
_SIZE = type("Plain", (), {}).__basicsize__  # of objects of any class without slots
# As CPython's headers number them.
_OBJECT, _WHOLE_NUMBER, _READ_ONLY = 16, 19, 1
_TP_CALL, _TP_MEMBERS = 50, 72
_BASE_TYPE, _HAS_VECTORCALL = 1 << 10, 1 << 11


class _Member(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("kind", ctypes.c_int),
        ("offset", ctypes.c_ssize_t),
        ("flags", ctypes.c_int),
        ("documentation", ctypes.c_char_p),
    )


class _Slot(ctypes.Structure):
    _fields_ = (("slot", ctypes.c_int), ("value", ctypes.c_void_p))


class _Spec(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("size", ctypes.c_int),
        ("item_size", ctypes.c_int),
        ("flags", ctypes.c_uint),
        ("slots", ctypes.c_void_p),
    )


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
_new_type = _api("PyType_FromSpecWithBases", ctypes.py_object, ctypes.c_void_p, ctypes.py_object)
_new_function = _api(
    "PyCFunction_NewEx", ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.py_object
)


@cache
def _shared() -> Code:
    """The capsules' destructor ``release``, which gives back what a capsule owns, and ``called``,
    which calls what an object of a class of its own holds.
    """
    text = _SHARED.replace("HELD", str(_SIZE + _WORD))
    code = compile_modules((), Source(declarations() + text, {}, {}))
    _own(code)  # for the life of the process: the last capsule may die after this module
    return code


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
    capsule = _new_capsule(table, None, _shared().address("release"))
    _own(held)
    _set_context(capsule, held)
    function: Callable[..., object] = _new_function(
        ctypes.addressof(method), capsule, "codegen.native"
    )
    return function


@cache
def own_class(base: type) -> type | None:
    """A class of objects that are called without a detour; None where this machine has none.

    ``answer`` says what a call of one calls; it is the object's attribute ``HELD``.
    """
    if LAYOUT is None or base.__basicsize__ != _SIZE:
        return None
    members = (_Member * 3)(
        _Member(b"__vectorcalloffset__", _WHOLE_NUMBER, _SIZE, _READ_ONLY, None),
        _Member(HELD.encode(), _OBJECT, _SIZE + _WORD, 0, None),
    )
    call = ctypes.cast(ctypes.pythonapi.PyVectorcall_Call, ctypes.c_void_p).value
    slots = (_Slot * 3)(_Slot(_TP_CALL, call), _Slot(_TP_MEMBERS, ctypes.addressof(members)))
    name = f"{base.__module__}.{base.__qualname__}".encode()
    flags = _BASE_TYPE | _HAS_VECTORCALL
    spec = _Spec(name, _SIZE + 2 * _WORD, 0, flags, ctypes.addressof(slots))
    _own((members, slots, spec, name))  # the class names them
    made: type = _new_type(ctypes.addressof(spec), (base,))
    return made


def answer(instance: object, call: Callable[..., object]) -> None:
    """Have an object of such a class call ``call`` when it is called."""
    setattr(instance, HELD, call)
    vectorcall = ctypes.c_void_p.from_address(id(instance) + _SIZE)
    vectorcall.value = _shared().address("called")
