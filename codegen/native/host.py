"""What the host offers native code: LLVM, and where CPython and NumPy keep what is read of them.

Nothing is assumed: every offset is checked on live objects.  Where a check fails (another
interpreter, another build), ``LAYOUT`` is None and calls go through ctypes instead.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np

from autodiff.errors import EmitError, installing
from autodiff.forking import IMPORTING
from autodiff.graph.structure import Key

__all__ = ["LAYOUT", "Layout", "llvm", "llvm_lock", "value_places"]

_FUNCTIONS = (
    "PyCapsule_GetContext", "PyDict_Copy", "PyDict_GetItemWithError", "PyDict_New", "PyDict_Next",
    "PyDict_SetItem", "PyErr_Clear", "PyErr_NoMemory", "PyErr_Occurred", "PyFloat_AsDouble",
    "PyFloat_FromDouble", "PyGILState_Ensure", "PyGILState_Release", "PyList_New",
    "PyLong_AsDouble", "PyMem_RawFree", "PyMem_RawMalloc", "PyObject_GC_UnTrack",
    "PyObject_GenericSetAttr", "PyObject_GetAttr", "PyObject_Vectorcall", "PyTuple_New",
    "PyType_GenericAlloc", "PyUnicode_Compare", "Py_DecRef", "Py_IncRef",
)  # fmt: skip
_PY_ARRAY_NEW = 93  # its place in NumPy's table of functions, part of the binary interface

_UNKNOWN_DICTS = (3, 15)  # the first whose dicts nobody has looked at
_OLDEST_LLVM = 16  # older ones want to be told what pointers point to


@dataclass(frozen=True)
class Layout:
    """Offsets in bytes, and addresses.

    Args:
        type: Offset of an object's type.
        number: Of a float's value, and of a numpy.float64's.
        items: Of a tuple's first item, and of a list's pointer to its items; their number is in
            the word before.
        used: Of a dict's number of items.
        pointer: Of a capsule's pointer.
        data: Of an array's data; the other fields of an array follow (``_array_fields``).
        array_new: Address of NumPy's ``PyArray_New``.
    """

    type: int
    number: int
    items: int
    used: int
    pointer: int
    data: int
    array_new: int

    @property
    def keys(self) -> int:
        """Offset of a dict's pointer to its table of keys and values."""
        return self.used + 16

    @property
    def dimensions(self) -> int:
        """Offset of an array's number of dimensions (an int)."""
        return self.data + 8

    @property
    def shape(self) -> int:
        """Offset of an array's pointer to its shape."""
        return self.data + 16

    @property
    def strides(self) -> int:
        """Offset of an array's pointer to its strides."""
        return self.data + 24

    @property
    def dtype(self) -> int:
        """Offset of an array's dtype."""
        return self.data + 40

    @property
    def flags(self) -> int:
        """Offset of an array's flags (an int)."""
        return self.data + 48


def _pointer(address: int) -> int | None:
    return ctypes.c_void_p.from_address(address).value


def _double(address: int) -> float:
    return ctypes.c_double.from_address(address).value


def _api_addresses() -> dict[str, int]:
    """Functions of CPython, and objects as ``object.NAME``, that native code refers to."""
    api = ctypes.pythonapi
    found = {name: ctypes.cast(getattr(api, name), ctypes.c_void_p).value for name in _FUNCTIONS}
    objects = {
        "float": float,
        "int": int,
        "float64": np.float64,
        "ndarray": np.ndarray,
        "dtype": np.dtype(np.float64),
        "dtype32": np.dtype(np.float32),
        "dtype_int": np.dtype(np.int64),
        "float32": np.float32,
        "int64": np.int64,
        "tuple": tuple,
        "list": list,
        "dict": dict,
        "str": str,
        "none": None,
    }
    return {k: v for k, v in found.items() if v} | {
        f"object.{name}": id(value) for name, value in objects.items()
    }


def _array_new() -> int:
    home = "numpy._core" if int(np.__version__.split(".")[0]) > 1 else "numpy.core"
    capsule = importlib.import_module(f"{home}._multiarray_umath")._ARRAY_API
    get = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", ctypes.pythonapi)
    )
    table = get(capsule, None)
    return _pointer(table + 8 * _PY_ARRAY_NEW) or 0


def _found() -> Layout | None:
    """The layout, or None where it is not what native code can read."""
    if sys.implementation.name != "cpython" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    head = object.__basicsize__
    try:
        layout = Layout(
            type=head - 8,
            number=float.__basicsize__ - 8,
            items=tuple.__basicsize__,
            used=head,
            pointer=head,
            data=head,
            array_new=_array_new(),
        )
    except (ImportError, AttributeError, ValueError):
        return None
    return layout if _holds(layout) else None


def _holds(layout: Layout) -> bool:
    """True if live objects look as ``layout`` says."""
    pair = (1.5, "x")
    numbers = (1.2345678901234567, np.float64(-9.87654321e-300))
    if not all(
        _pointer(id(x) + layout.type) == id(type(x)) and _double(id(x) + layout.number) == x
        for x in numbers
    ):
        return False
    if [_pointer(id(pair) + layout.items + 8 * i) for i in range(2)] != [*map(id, pair)]:
        return False
    if not _containers_hold(layout):
        return False
    return _capsules_hold(layout) and layout.array_new != 0 and _arrays_hold(layout)


def _containers_hold(layout: Layout) -> bool:
    """Lists, counts, and the other scalars of NumPy."""
    items = [1.5, "x", None]
    inside = _pointer(id(items) + layout.items) or 0
    single, whole = np.float32(1.5), np.int64(-7)
    return (
        [_pointer(inside + 8 * i) for i in range(3)] == [*map(id, items)]
        and [_pointer(id(row) + layout.items - 8) for row in (items, (1, 2))] == [3, 2]
        and _pointer(id({"a": 1, "b": 2}) + layout.used) == 2
        and ctypes.c_float.from_address(id(single) + layout.number).value == single
        and ctypes.c_int64.from_address(id(whole) + layout.number).value == whole
    )


def _capsules_hold(layout: Layout) -> bool:
    new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)(
        ("PyCapsule_New", ctypes.pythonapi)
    )
    capsule = new(0x1234, None, None)
    return _pointer(id(capsule) + layout.pointer) == 0x1234


def _arrays_hold(layout: Layout) -> bool:
    whole = np.zeros((4, 3, 2))
    read_only = np.zeros(3)
    read_only.flags.writeable = False
    for array in (whole, whole[1:, 1], whole.T, np.zeros(()), read_only, np.zeros(3, np.int32)):
        base, n = id(array), array.ndim
        shape = (_pointer(base + layout.shape) or 0) if n else 0
        if (
            _pointer(base + layout.data) != array.ctypes.data
            or ctypes.c_int.from_address(base + layout.dimensions).value != n
            or (n and [ctypes.c_ssize_t.from_address(shape + 8 * i).value for i in range(n)]
                != list(array.shape))
            or (n and [ctypes.c_ssize_t.from_address(
                    (_pointer(base + layout.strides) or 0) + 8 * i).value for i in range(n)]
                != list(array.strides))
            or _pointer(base + layout.dtype) != id(array.dtype)
            or ctypes.c_int.from_address(base + layout.flags).value & 0x501
            != _flags(array)
        ):  # fmt: skip
            return False
    return True


def _flags(array: np.ndarray) -> int:
    """C-contiguous 0x1, aligned 0x100, writeable 0x400, as NumPy's headers number them."""
    flags = array.flags
    return flags.c_contiguous * 0x1 + flags.aligned * 0x100 + flags.writeable * 0x400


LAYOUT: Layout | None = _found()


def value_places(full: dict[Key, object]) -> list[int] | None:
    """Where copies of a dict have their values: how many bytes into their tables, in order.

    Args:
        full: A dict that has items, and values that stand nowhere else in it.

    Returns:
        None where a table is not what is known of it.
    """
    if LAYOUT is None or sys.version_info >= _UNKNOWN_DICTS:
        return None
    places = [_value_places(one) for one in (full, full.copy())]
    return places[0] if places[0] == places[1] else None


def _value_places(full: dict[Key, object]) -> list[int] | None:
    assert LAYOUT is not None
    words = ctypes.c_size_t * ((full.__sizeof__() - dict.__basicsize__) // 8)
    table = list(words.from_address(_pointer(id(full) + LAYOUT.keys) or 0))
    if any(table.count(id(value)) != 1 for value in full.values()):
        return None
    return [8 * table.index(id(value)) for value in full.values()]


@cache
def llvm() -> ModuleType:
    """llvmlite's binding, ready to compile for this machine.

    Raises:
        EmitError: if llvmlite is not installed.
    """
    try:
        with IMPORTING:
            from llvmlite import binding
    except ImportError as error:
        raise EmitError(
            "target 'native' needs llvmlite, which is not installed; "
            f"install it with: {installing('native')}"
        ) from error
    if binding.llvm_version_info[0] < _OLDEST_LLVM:
        old = ".".join(map(str, binding.llvm_version_info))
        raise EmitError(
            f"target 'native' needs llvmlite 0.45 or newer; found one of LLVM {old}. "
            f"Install it with: {installing('native')}"
        )
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    for name, address in _api_addresses().items():
        binding.add_symbol(name, address)
    if LAYOUT is not None:
        binding.add_symbol("PyArray_New", LAYOUT.array_new)
    found: ModuleType = binding
    return found


def llvm_lock() -> AbstractContextManager[object] | None:
    """The lock that llvmlite holds around every call of LLVM; None before llvmlite is imported."""
    ffi = sys.modules.get("llvmlite.binding.ffi")
    lock = getattr(getattr(ffi, "lib", None), "_lock", None)
    return lock if isinstance(lock, AbstractContextManager) else None
