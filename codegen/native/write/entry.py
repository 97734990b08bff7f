"""The functions Python calls, as LLVM IR: ``call``, ``bound`` and ``raw``.

``call(*args)`` follows CPython's fast calling convention.  It reads floats, ints and contiguous
float64 arrays where they lie and makes the result; for anything else (another type, ``out=``, a
wrong shape) it hands the whole call to the Python function in its capsule, which converts or
explains.  ``bound()`` reads the addresses of its arrays from its capsule.  ``raw(table)`` is the
same for ctypes.
"""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph.structure import Array, Scalar, Structure, Tuple
from codegen.native.host import Layout
from codegen.native.write.computing import Computing, counted
from codegen.native.write.tables import led_table

__all__ = ["declarations", "deferring", "entries", "handed_over", "settling"]

_DECLARED = """\
declare ptr @PyCapsule_GetContext(ptr)
declare void @PyErr_Clear()
declare ptr @PyDict_Copy(ptr)
declare ptr @PyDict_GetItemWithError(ptr, ptr)
declare ptr @PyDict_New()
declare i32 @PyDict_Next(ptr, ptr, ptr, ptr)
declare i32 @PyDict_SetItem(ptr, ptr, ptr)
declare ptr @PyErr_NoMemory()
declare ptr @PyErr_Occurred()
declare double @PyFloat_AsDouble(ptr)
declare ptr @PyFloat_FromDouble(double)
declare i32 @PyGILState_Ensure()
declare void @PyGILState_Release(i32)
declare ptr @PyList_New(i64)
declare double @PyLong_AsDouble(ptr)
declare void @PyMem_RawFree(ptr)
declare ptr @PyMem_RawMalloc(i64)
declare void @PyObject_GC_UnTrack(ptr)
declare i32 @PyObject_GenericSetAttr(ptr, ptr, ptr)
declare ptr @PyObject_GetAttr(ptr, ptr)
declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare ptr @PyTuple_New(i64)
declare ptr @PyType_GenericAlloc(ptr, i64)
declare i32 @PyUnicode_Compare(ptr, ptr)
declare void @Py_DecRef(ptr)
declare void @Py_IncRef(ptr)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
"""
_OBJECTS = (
    "float", "int", "float64", "ndarray", "dtype", "dtype32", "dtype_int", "float32", "int64",
    "tuple", "list", "dict", "str", "none",
)  # fmt: skip
_NPY_DOUBLE = 12
_CONTIGUOUS, _ALIGNED = 0x1, 0x100

# 0: any function; 1: C's functions; 2: functions so long that no caller shall take them in; 3: the
# same whose registers are saved on whole cache lines, which else takes twice the time.
_ATTRIBUTES = (
    "attributes #0 = { nounwind }\n"
    "attributes #1 = { nounwind willreturn memory(none) }\n"
    "attributes #2 = { nounwind noinline }\n"
    'attributes #3 = { nounwind noinline "stackrealign" }\n'
)


def declarations() -> str:
    """What every module may refer to."""
    objects = [f'@"object.{name}" = external global i8\n' for name in _OBJECTS]
    array_new = "declare ptr @PyArray_New(ptr, i32, ptr, i32, ptr, ptr, i32, i32, ptr)\n"
    return "".join((_DECLARED, *objects, array_new, _ATTRIBUTES))


def entries(
    kernel: Computing,
    parameters: Sequence[Structure],
    result: Structure,
    layout: Layout | None,
    leads: bool,
) -> str:
    """Text of the entries that this machine's layout allows; ``raw`` is always there.

    Args:
        kernel: What they call.
        parameters: Structures of the arguments.
        result: Structure of the result.
        layout: How objects lie in memory.
        leads: Whether the result begins with a float that ``bound`` returns.
    """
    text = _raw(kernel)
    if layout is None:
        return text
    return text + _bound(kernel, layout, leads) + _Call(kernel, parameters, result, layout).text()


def settling(kernel: Computing, inputs: int, before: int) -> str:
    """``settle(table)``: settles derivatives in place where switches tie; 2 if it cannot.

    Args:
        kernel: Of the derivatives from all sides (``autodiff.run.one_sided``): it takes the parts
            of the arguments and of the derivatives, and gives those of the latter and one number.
        inputs: How many parts the arguments have.
        before: How many parts of the result come before the derivatives.
    """
    lines = ["define i32 @settle(ptr %table) #0 {\n"]
    count = len(kernel.inputs)
    for k in range(count):
        place = k if k < inputs else k + before
        lines.append(f"%x{k}.place = getelementptr ptr, ptr %table, i64 {place}\n")
        lines.append(f"%x{k} = load ptr, ptr %x{k}.place\n")
    lines += [f"%y{k} = alloca [{size} x double]\n" for k, size in enumerate(kernel.outputs)]
    names = [f"ptr %x{k}" for k in range(count)]
    names += [f"ptr %y{k}" for k in range(len(kernel.outputs))]
    last = len(kernel.outputs) - 1
    lines += [
        f"%status = call i32 @compute({', '.join(names)})\n",
        "%failed = icmp ne i32 %status, 0\nbr i1 %failed, label %lost, label %found\n",
        f"found:\n%number = load double, ptr %y{last}\n%away = fcmp une double %number, 0.0\n",
        "br i1 %away, label %lost, label %known\nlost:\nret i32 2\nknown:\n",
    ]
    for k, size in enumerate(kernel.outputs[:last]):
        copied = f"ptr %x{inputs + k}, ptr %y{k}, i64 {size * 8}, i1 false"
        lines.append(f"call void @llvm.memcpy.p0.p0.i64({copied})\n")
    return "".join([*lines, "ret i32 0\n}\n"])


def _loaded(kernel: Computing, first_output: int) -> list[str]:
    """Lines that load the pointers of all parts from ``%table``, and the call of ``compute``."""
    lines, names = [], []
    count = len(kernel.inputs)
    if kernel.tabled:
        return led_table(count, len(kernel.outputs), first_output)
    for k in range(count + len(kernel.outputs) - first_output):
        name = f"%x{k}" if k < count else f"%y{k - count + first_output}"
        lines.append(f"{name}.place = getelementptr ptr, ptr %table, i64 {k}\n")
        lines.append(f"{name} = load ptr, ptr {name}.place\n")
    names = [f"ptr %x{i}" for i in range(count)]
    names += [f"ptr %y{i}" for i in range(len(kernel.outputs))]
    lines.append(f"%status = call i32 @compute({', '.join(names)})\n")
    return lines


def _raw(kernel: Computing) -> str:
    body = "".join(_loaded(kernel, 0))
    return f"define i32 @raw(ptr %table) #0 {{\n{body}ret i32 %status\n}}\n"


def _bound(kernel: Computing, layout: Layout, leads: bool) -> str:
    """``bound()``: results go where the capsule's table says, but a value that is returned.

    Without such a value it returns the third thing that the capsule holds, the caller's ``out``.
    """
    if leads:
        first, returned = ["%y0 = alloca double\n"], [
            "%value = load double, ptr %y0\n",
            "%number = call ptr @PyFloat_FromDouble(double %value)\nret ptr %number\n}\n",
        ]  # fmt: skip
    else:
        first, returned = [], [
            "%all = call ptr @PyCapsule_GetContext(ptr %self)\n",
            f"%third = getelementptr i8, ptr %all, i64 {layout.items + 16}\n",
            "%out = load ptr, ptr %third\n",
            "call void @Py_IncRef(ptr %out)\nret ptr %out\n}\n",
        ]  # fmt: skip
    lines = [
        "define ptr @bound(ptr %self, ptr %none) #0 {\n",
        f"%pointer = getelementptr i8, ptr %self, i64 {layout.pointer}\n",
        "%table = load ptr, ptr %pointer\n",
        *first,
        *counted(kernel, "settle"),
        *_loaded(kernel, len(first)),
        "%failed = icmp ne i32 %status, 0\n",
        "br i1 %failed, label %error, label %fine\n",
        "error:\n%tied = icmp eq i32 %status, 2\nbr i1 %tied, label %settle, label %raised\n",
        "raised:\nret ptr null\n",
        f"settle:\n{handed_over(layout, 'ptr null, i64 0, ptr null')}fine:\n",
        *returned,
    ]
    return "".join(lines)


def handed_over(layout: Layout, arguments: str) -> str:
    """Return what the Python function in the capsule returns."""
    return (
        "%held = call ptr @PyCapsule_GetContext(ptr %self)\n"
        f"%first = getelementptr i8, ptr %held, i64 {layout.items}\n"
        "%python = load ptr, ptr %first\n"
        f"%answer = call ptr @PyObject_Vectorcall(ptr %python, {arguments})\nret ptr %answer\n"
    )


_HEAD = "define ptr @call(ptr %self, ptr %arguments, i64 %count, ptr %names) #0 {\nentry:\n"


def deferring(layout: Layout) -> str:
    """A ``call`` that reads nothing itself."""
    return f"{_HEAD}br label %slow\n{_slow(layout)}}}\n"


def _slow(layout: Layout) -> str:
    """Hand the call to what the plan's first word says, else to Python."""
    given = "ptr %arguments, i64 %count, ptr %names"
    plan = (
        f"%plan.at = getelementptr i8, ptr %self, i64 {layout.pointer}\n"
        "%plan = load ptr, ptr %plan.at\n%walk = load ptr, ptr %plan\n"
        "%none = icmp eq ptr %walk, null\nbr i1 %none, label %hand, label %general\n"
        f"general:\n%walked = tail call ptr %walk(ptr %self, {given})\nret ptr %walked\n"
    )
    return f"slow:\n{plan}hand:\n" + handed_over(layout, given)


class _Call:
    """Writes ``call``; every check that fails goes to ``slow``, every error to ``fail``."""

    def __init__(
        self, kernel: Computing, parameters: Sequence[Structure], result: Structure, layout: Layout
    ) -> None:
        self._kernel, self._parameters, self._result = kernel, parameters, result
        self._layout = layout
        self._lines: list[str] = []
        self._constants: list[str] = []
        self._counted = counted(kernel, "hand")
        self._numbers: list[tuple[str, str]] = []  # scalar results: memory, and where they go

    def text(self) -> str:
        """The entry and its constants."""
        read = _reads(self._parameters, self._result) and not self._kernel.tabled
        body = self._fast() if read else "".join([*self._counted, "br label %slow\n"])
        return f"{''.join(self._constants)}{_HEAD}{body}{_slow(self._layout)}}}\n"

    def _fast(self) -> str:
        add = self._lines.append
        count = len(self._parameters)
        slots = [f"%n{k} = alloca double\n" for k, s in enumerate(self._parameters)
                 if isinstance(s, Scalar)]  # fmt: skip
        add(f"%all = icmp eq i64 %count, {count}\n%unnamed = icmp eq ptr %names, null\n")
        add("%usual = and i1 %all, %unnamed\nbr i1 %usual, label %a0, label %slow\n")
        for k, structure in enumerate(self._parameters):
            add(f"a{k}:\n%q{k} = getelementptr ptr, ptr %arguments, i64 {k}\n")
            add(f"%o{k} = load ptr, ptr %q{k}\n")
            self._field(f"%t{k}", f"%o{k}", self._layout.type, "ptr")
            if isinstance(structure, Scalar):
                self._number(k)
            else:
                assert isinstance(structure, Array)
                self._array(k, structure.shape)
        add(f"a{count}:\n")
        outputs = self._make_result()
        names = [
            f"ptr %n{k}" if isinstance(s, Scalar) else f"ptr %d{k}"
            for k, s in enumerate(self._parameters)
        ]
        add(f"%status = call i32 @compute({', '.join([*names, *outputs])})\n")
        add("%failed = icmp ne i32 %status, 0\nbr i1 %failed, label %failing, label %computed\n")
        add("failing:\n%tied = icmp eq i32 %status, 2\n")
        add("br i1 %tied, label %again, label %fail\nagain:\n")  # Python settles ties
        if not isinstance(self._result, Scalar):
            add("call void @Py_DecRef(ptr %root)\n")
        add("br label %slow\ncomputed:\n")
        returned = self._fill()
        add(f"ret ptr {returned}\n")
        add("fail:\n")
        if not isinstance(self._result, Scalar):
            add("call void @Py_DecRef(ptr %root)\n")
        add("ret ptr null\n")
        slots += [f"{memory} = alloca double\n" for memory, _ in self._numbers]
        return "".join([*slots, *self._counted, *self._lines])

    def _field(self, name: str, base: str, offset: int, kind: str) -> None:
        self._lines.append(f"{name}.at = getelementptr i8, ptr {base}, i64 {offset}\n")
        self._lines.append(f"{name} = load {kind}, ptr {name}.at\n")

    # --- arguments ---

    def _number(self, k: int) -> None:
        """A float, numpy.float64 or int, to the slot ``%n{k}``."""
        add = self._lines.append
        add(f'%f{k} = icmp eq ptr %t{k}, @"object.float"\n')
        add(f"br i1 %f{k}, label %read{k}, label %other{k}\nother{k}:\n")
        add(f'%g{k} = icmp eq ptr %t{k}, @"object.float64"\n')
        add(f"br i1 %g{k}, label %read{k}, label %third{k}\nthird{k}:\n")
        add(f'%h{k} = icmp eq ptr %t{k}, @"object.int"\n')
        add(f"br i1 %h{k}, label %int{k}, label %slow\nread{k}:\n")
        self._field(f"%b{k}", f"%o{k}", self._layout.number, "double")
        add(f"store double %b{k}, ptr %n{k}\nbr label %a{k + 1}\nint{k}:\n")
        add(f"%i{k} = call double @PyLong_AsDouble(ptr %o{k})\nstore double %i{k}, ptr %n{k}\n")
        add(f"%m{k} = fcmp oeq double %i{k}, -1.0\n")  # -1.0 may mean an error
        add(f"br i1 %m{k}, label %check{k}, label %a{k + 1}\ncheck{k}:\n")
        add(f"%e{k} = call ptr @PyErr_Occurred()\n%z{k} = icmp eq ptr %e{k}, null\n")
        add(f"br i1 %z{k}, label %a{k + 1}, label %clear{k}\nclear{k}:\n")
        add("call void @PyErr_Clear()\nbr label %slow\n")

    def _array(self, k: int, shape: tuple[int, ...]) -> None:
        """A contiguous float64 array of this shape; its data to ``%d{k}``."""
        layout, needed = self._layout, _CONTIGUOUS | _ALIGNED
        self._require(k, "t", f'icmp eq ptr %t{k}, @"object.ndarray"')
        self._field(f"%type{k}", f"%o{k}", layout.dtype, "ptr")
        self._require(k, "type", f'icmp eq ptr %type{k}, @"object.dtype"')
        self._field(f"%nd{k}", f"%o{k}", layout.dimensions, "i32")
        self._require(k, "nd", f"icmp eq i32 %nd{k}, {len(shape)}")
        self._field(f"%flags{k}", f"%o{k}", layout.flags, "i32")
        self._lines.append(f"%set{k} = and i32 %flags{k}, {needed}\n")
        self._require(k, "flags", f"icmp eq i32 %set{k}, {needed}")
        if shape:
            self._field(f"%shape{k}", f"%o{k}", layout.shape, "ptr")
        for axis, length in enumerate(shape):
            self._field(f"%l{k}.{axis}", f"%shape{k}", 8 * axis, "i64")
            self._require(k, f"l{axis}", f"icmp eq i64 %l{k}.{axis}, {length}")
        self._field(f"%d{k}", f"%o{k}", layout.data, "ptr")
        self._lines.append(f"br label %a{k + 1}\n")

    def _require(self, k: int, what: str, condition: str) -> None:
        label = f"is.{what}.{k}"
        self._lines.append(f"%ok.{label} = {condition}\n")
        self._lines.append(f"br i1 %ok.{label}, label %{label}, label %slow\n{label}:\n")

    # --- result ---

    def _make_result(self) -> list[str]:
        """Make tuples and arrays; the memory of each scalar and array, in order."""
        outputs: list[str] = []
        self._make(self._result, "root", "", outputs)
        return [f"ptr {name}" for name in outputs]

    def _make(self, structure: Structure, name: str, place: str, outputs: list[str]) -> None:
        """Make ``structure`` as ``%name`` and put it into ``place``, so that its owner frees it."""
        add = self._lines.append
        if isinstance(structure, Scalar):
            memory = f"%number.{name}"
            self._numbers.append((memory, place))
            outputs.append(memory)
            return
        if isinstance(structure, Array):
            shape = structure.shape
            dims = ", ".join(f"i64 {n}" for n in shape)
            self._constants.append(
                f"@dims.{name} = internal constant [{len(shape)} x i64] [{dims}]\n"
            )
            add(f'%{name} = call ptr @PyArray_New(ptr @"object.ndarray", i32 {len(shape)}, ')
            add(f"ptr @dims.{name}, i32 {_NPY_DOUBLE}, ptr null, ptr null, i32 0, i32 0, ")
            add("ptr null)\n")
        else:
            assert isinstance(structure, Tuple)
            add(f"%{name} = call ptr @PyTuple_New(i64 {len(structure.items)})\n")
        add(f"%none.{name} = icmp eq ptr %{name}, null\n")
        lost = "fail" if place else "lost"
        add(f"br i1 %none.{name}, label %{lost}, label %made.{name}\n")
        if not place:
            add("lost:\nret ptr null\n")
        add(f"made.{name}:\n")
        if isinstance(structure, Tuple):
            # Nobody may see it half made, by gc.get_objects() in a Python function we call, say.
            # It stays untracked, as the collector itself leaves tuples of floats and arrays.
            add(f"call void @PyObject_GC_UnTrack(ptr %{name})\n")
        if place:
            add(f"store ptr %{name}, ptr {place}\n")
        if isinstance(structure, Array):
            self._field(f"%data.{name}", f"%{name}", self._layout.data, "ptr")
            outputs.append(f"%data.{name}")
            return
        assert isinstance(structure, Tuple)
        for k, item in enumerate(structure.items):
            inner = f"{name}.{k}"
            add(f"%place.{inner} = getelementptr i8, ptr %{name}, i64 ")
            add(f"{self._layout.items + 8 * k}\n")
            self._make(item, inner, f"%place.{inner}", outputs)

    def _fill(self) -> str:
        """Make the floats of the result; the name of the whole."""
        add = self._lines.append
        for k, (memory, place) in enumerate(self._numbers):
            add(f"%w{k} = load double, ptr {memory}\n")
            add(f"%p{k} = call ptr @PyFloat_FromDouble(double %w{k})\n")
            if not place:
                return f"%p{k}"
            add(f"%missing{k} = icmp eq ptr %p{k}, null\n")
            add(f"br i1 %missing{k}, label %fail, label %kept{k}\nkept{k}:\n")
            add(f"store ptr %p{k}, ptr {place}\n")
        return "%root"


def _reads(parameters: Sequence[Structure], result: Structure) -> bool:
    return all(isinstance(s, (Scalar, Array)) for s in parameters) and _plain(result)


def _plain(structure: Structure) -> bool:
    """True if it is made of scalars, arrays and tuples."""
    if isinstance(structure, Tuple):
        return all(map(_plain, structure.items))
    return isinstance(structure, (Scalar, Array))
