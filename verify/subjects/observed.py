"""Observed: what a callable's code does besides arithmetic, read from its bytecode.

A callable is called a number of times beside its trace.  One that counts its calls, that asks for
the type of what it is given or for the clock may be right each of these times, and wrong later; no
number of calls excludes that, reading its code does.  Code is *plain* if it is made of arithmetic
on its arguments, of functions of ``math``, ``numpy`` and ``autodiff``, of a few builtins, and of
other plain Python functions, and stores nothing that outlives a call.  Of whatever is not plain it
is said what.

Plain code runs the same operations whatever the numbers are.  So what it may change besides its
own values, a list it closes over, the attributes of an object, shows after any call
(``Observed.shared``).  What keeps a state that is nowhere to be seen (an iterator, a class in C)
is not plain.

One file, because every check is one more way in which code may keep a state, of one question.
"""

from __future__ import annotations

import builtins
import dis
import enum
import functools
import inspect
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any, Generic

import numpy as np

from codegen import CompiledFunction

__all__ = ["Observed", "observed"]

# Whose functions are what they say.
_TRUSTED = ("autodiff", "numpy", "math", "codegen", "verify", "proofgrad", "scipy")
_MODULES = (
    *_TRUSTED, "numpy.linalg", "numpy.fft", "numpy.polynomial", "numpy.polynomial.polynomial",
    "scipy.special", "scipy.linalg",
)  # fmt: skip
_HOLDING = ("numpy", "scipy")  # whose objects may hold functions of the user's
_UFUNCS = ("numpy", "scipy.special")
_INDEXED = (np.r_, np.c_, np.s_, np.index_exp, np.mgrid, np.ogrid)  # objects of NumPy's
_DONE = {
    "STORE_GLOBAL": "stores into a global name",
    "DELETE_GLOBAL": "deletes a global name",
    "STORE_ATTR": "stores into an attribute",
    "DELETE_ATTR": "deletes an attribute",
    "FORMAT_VALUE": "writes numbers as text",
    "FORMAT_SIMPLE": "writes numbers as text",
    "FORMAT_WITH_SPEC": "writes numbers as text",
    "IMPORT_NAME": "imports",
    "PUSH_EXC_INFO": "catches exceptions",
    "MATCH_CLASS": "asks for a class",
    "MATCH_SEQUENCE": "asks for a sequence",
    "MATCH_MAPPING": "asks for a mapping",
}
_BUILTINS = frozenset(
    {
        "abs", "all", "any", "bool", "complex", "dict", "divmod", "enumerate", "filter", "float",
        "int", "len", "list", "map", "max", "min", "pow", "range", "reversed", "round", "slice",
        "sorted", "sum", "tuple", "zip", "ArithmeticError", "Exception", "OverflowError",
        "ValueError", "ZeroDivisionError",
    }
)  # fmt: skip
# Attributes that tell one kind of number from another, or are drawn.
_TELLING = frozenset(
    {
        "dtype", "as_integer_ratio", "is_integer", "hex", "real", "imag", "item", "itemsize",
        "nbytes", "flags", "ctypes", "data", "base", "random", "default_rng", "setbufsize",
        "getbufsize", "seterr", "geterr", "seterrcall", "geterrcall", "set_printoptions",
        "get_printoptions", "save", "load", "savetxt", "loadtxt", "fromfile", "tofile", "memmap",
        "isscalar", "iscomplexobj", "isrealobj", "isdtype", "issubdtype", "iterable", "isfortran",
        "typename", "mintypecode", "promote_types", "result_type", "can_cast", "min_scalar_type",
        "common_type", "array_repr", "array_str", "array2string", "base_repr", "binary_repr",
        "format_float_positional", "format_float_scientific", "frombuffer", "fromstring",
        "fromregex", "genfromtxt", "from_dlpack", "shares_memory", "may_share_memory", "ndarray",
        "generic", "number", "inexact", "floating", "lib", "core", "_core", "ctypeslib", "f2py",
        "testing", "info", "test", "show_config", "tobytes", "tostring", "dump", "dumps", "strides",
        "view", "char", "strings", "encode", "from_bytes", "bytes_", "str_", "void", "rec",
        "format", "format_map",
    }
)  # fmt: skip
_BEGINNING = frozenset({"__init__", "__post_init__"})  # where an object gets its attributes
_NOT_CALLED = frozenset({"__repr__", "__str__", "__format__"})  # but by what is flagged
_NOT_CALLED_ON_OBJECTS = frozenset({"__init__", "__new__", "__init_subclass__"}) | _NOT_CALLED
_PLAIN_DATA = (bool, int, float, complex, str, type(None), type(...))
_KINDS: tuple[Any, ...] = (tuple, list, set, frozenset)
# What a class may rest on: they keep nothing but what is looked at.
_BASES = frozenset({*_PLAIN_DATA, *_KINDS, object, type, dict, np.ndarray, Generic, enum.Enum})
_OF_CLASSES = ("__dict__", "__weakref__", "__doc__", "__module__", "__slots__", "__annotations__")
# What the classes of C modules are made of.
_IN_C = (
    types.WrapperDescriptorType, types.MethodDescriptorType, types.GetSetDescriptorType,
    types.MemberDescriptorType, types.ClassMethodDescriptorType,
)  # fmt: skip
_MOST, _DEPTH = 200, 6  # objects looked at
_MANY = "refers to more than anybody reads"


@dataclass
class Observed:
    """What was read of a callable.

    Args:
        why: What keeps it from being plain, "" if it is.
        shared: What it may change, of what outlives a call.
        unwritten: True if it makes arrays that hold whatever was in memory.
    """

    why: str = ""
    shared: list[object] = field(default_factory=list)
    unwritten: bool = False

    def now(self) -> object:
        """What is shared, as it is now; it can be compared."""
        return _frozen(self.shared, _DEPTH)


def observed(function: Callable[..., object]) -> Observed:
    """Read a callable.

    >>> observed(lambda x: 2 * x).why
    ''
    >>> observed(lambda x: isinstance(x, float) * x).why
    '<lambda> uses isinstance'
    """
    names: set[str] = set()
    while True:  # until nothing more of what it refers to is asked for
        reading = _Reading(names)
        try:
            why = next(reading.of(function), "")
        except (TypeError, ValueError, AttributeError) as error:  # classes that are something else
            why = f"its code cannot be read: {error}"
        if why or reading.names == names:
            return Observed(why, reading.changeable, reading.unwritten)
        names = reading.names


def _frozen(value: object, depth: int) -> object:
    """A value that compares as what it holds: nan with nan, and an object with itself."""
    if isinstance(value, np.ndarray) and np.ndarray.dtype.__get__(value).kind != "O":
        return np.ndarray.tolist(value), np.ndarray.tobytes(value)
    if isinstance(value, (dict, *_KINDS, np.ndarray)) and depth:
        return tuple(_frozen(item, depth - 1) for item in _items(value))
    return repr(value) if isinstance(value, (*_PLAIN_DATA, np.generic)) else id(value)


class _Reading:
    """One callable, with all that its code refers to.

    Args:
        names: Names that its code is known to ask for.

    Attributes:
        names: These, and more that were found.
        changeable: What may be stored into, of what outlives a call.
        unwritten: Whether it asks for arrays that hold whatever was in memory.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names, self.changeable = set(names), list[object]()
        self.unwritten = False
        self._asked = frozenset(names)
        self._seen: dict[int, object] = {}  # kept alive, so that no number is given twice

    def of(self, value: object) -> Iterator[str]:
        """What is not plain in an object that code refers to."""
        if id(value) in self._seen or _is_plain(value):
            return
        self._seen[id(value)] = value
        if isinstance(value, (list, dict, set, np.ndarray)):
            self.changeable.append(value)
        if why := _as_text(value) or (_MANY if len(self._seen) > _MOST else ""):
            yield why
        elif isinstance(value, types.ModuleType):
            known = value.__name__ in _MODULES
            if not known or sys.modules.get(value.__name__) is not value:
                yield f"uses the module {value.__name__}"
            yield from self._put_on(value)
        elif isinstance(value, FunctionType):
            yield from self._function(value)
        elif _is_trusted(value):
            self.unwritten |= value is np.empty or value is np.empty_like
        elif isinstance(value, types.MethodType):
            yield from self._instance(value.__self__, value.__func__)
        elif type(value) is functools.partial:
            for part in (value.func, *value.args, *value.keywords.values()):
                yield from self.of(part)
            yield from self._put_on(value)
        elif isinstance(value, type):
            yield from self._class(value)
        else:
            yield from self._object(value)

    def _object(self, value: object) -> Iterator[str]:
        if type(value) in (tuple, frozenset, list, dict, set, np.ndarray):
            yield from self._container(value)
        else:
            called = inspect.getattr_static(type(value), "__call__", None)
            yield from self._instance(value, called)

    def _put_on(self, value: object) -> Iterator[str]:
        """What somebody put on a function or a module, of the names that are asked for."""
        held = vars(value)
        for name in held.keys() & self._asked:
            yield from self.of(held[name])

    def _class(self, value: type) -> Iterator[str]:
        """A class of the user's, with those that it and its own class are derived from."""
        for kind in inspect.getmro(value) + inspect.getmro(type(value)):
            if kind in _BASES:
                continue
            if not _is_written_in_python(kind):
                yield f"uses {kind.__name__}, whose code cannot be read"
            held = {n for n in vars(kind) if n.startswith("__")} - {*_OF_CLASSES, *_NOT_CALLED}
            for name in vars(kind).keys() & (held | self._asked):
                part = vars(kind)[name]
                yield from self.of(_function_in(part))
                yield from self.of(part.fset if isinstance(part, property) else None)

    def _container(self, value: object) -> Iterator[str]:
        for item in [*_items(value)][:_MOST]:
            yield from self.of(item)

    def _instance(self, value: object, method: object) -> Iterator[str]:
        """An object of a class of the user's: the methods its code calls, and what it holds."""
        if isinstance(value, np.vectorize):
            yield "uses np.vectorize, whose results have the type of the first one"
            return
        kind = type(value)
        own = [c for c in kind.__mro__ if c not in _BASES]
        readable = all(map(_is_written_in_python, own))
        if not readable or not (isinstance(method, FunctionType) or hasattr(value, "__dict__")):
            name = getattr(value, "__name__", kind.__name__)
            yield f"uses {name}, whose code cannot be read"
            return
        methods = {name: part for c in reversed(own) for name, part in vars(c).items()}
        if {"__getattr__", "__getattribute__", "__setattr__", "__slots__"} & methods.keys():
            yield f"uses {kind.__name__}, which decides what its attributes are"
            return
        called = {n for n in methods if n.startswith("__")} - _NOT_CALLED_ON_OBJECTS
        called |= {getattr(method, "__name__", ""), *self._asked}
        for name in methods.keys() & called:
            function = _function_in(methods[name])
            if name in self._asked or callable(function):
                yield from self.of(function)
        yield from self._container(value)
        self.changeable.append(vars(value))
        for held in vars(value).values():
            yield from self.of(held)

    def _function(self, function: FunctionType) -> Iterator[str]:
        if id(function.__code__) in self._seen:
            return
        self._seen[id(function.__code__)] = function.__code__
        yield from self._put_on(function)
        outside = inspect.getclosurevars(function)
        if _is_trusted(function):  # what it closes over may be the user's
            for value in outside.nonlocals.values():
                yield from self.of(value)
            return
        defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
        inner = _globals_inside(function)
        held = [*outside.globals.values(), *inner.values(), *outside.nonlocals.values(), *defaults]
        names = {**outside.builtins, **vars(builtins), **outside.globals}
        names |= {**inner, **outside.nonlocals}
        for code in _codes(function.__code__):
            for why in self._code(code, names):
                yield f"{function.__name__} {why}"
            held += [c for c in code.co_consts if isinstance(c, (bytes, tuple, frozenset))]
            self.names.update(code.co_names)
        if function.__code__.co_flags & inspect.CO_GENERATOR:
            yield f"{function.__name__} is a generator"
        for value in held:
            yield from self.of(value)

    def _code(self, code: CodeType, names: dict[str, object]) -> Iterator[str]:
        before = last = None
        for step in dis.get_instructions(code):
            name = step.argval
            if step.opname in _DONE and not _fills_its_own(code, step, last):
                yield _DONE[step.opname] + (f" ({name})" if isinstance(name, str) else "")
            elif step.opname in ("STORE_DEREF", "DELETE_DEREF") and name in code.co_freevars:
                yield f"stores into {name}, which outlives a call"
            elif step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                if name not in names:
                    yield f"uses {name}, which is not defined"
                elif names[name] is getattr(builtins, name, None) and name not in _BUILTINS:
                    yield f"uses {name}"
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and (
                name in _TELLING or name.startswith("__")
            ):
                yield f"uses .{name}"
            elif step.opname == "IS_OP" and before is not None:
                yield "compares by is"
            elif step.opname == "LOAD_CONST" and (why := _as_text(name)):  # no docstring
                yield why
            before = step.argval if step.opname == "LOAD_CONST" else step
            last = step


def _is_written_in_python(kind: type) -> bool:
    """True for a class whose text says all that it does; one in C may keep a state of its own."""
    held = [part for name, part in vars(kind).items() if name not in _OF_CLASSES]
    return not any(isinstance(part, (*_IN_C, types.BuiltinFunctionType)) for part in held)


def _function_in(part: object) -> object:
    """The function that a method, a property or the like of a class calls."""
    within = "func" if isinstance(part, functools.cached_property) else "__func__"
    return getattr(part, within, getattr(part, "fget", part))


def _is_plain(value: object) -> bool:
    """True for numbers and texts; their subclasses may compute anything."""
    kind = type(value)
    known = isinstance(value, np.generic) and kind.__module__ == "numpy"
    return (kind in _PLAIN_DATA or known) and not _as_text(value)


def _as_text(value: object) -> str:
    """What writes numbers, or compares the memory of an array, where a trace holds no numbers."""
    kind = value.dtype.kind if isinstance(value, (np.ndarray, np.generic)) else ""
    if isinstance(value, bytes) or kind in ("S", "V"):
        return "uses bytes, which numbers are, too"
    written = isinstance(value, str) and "%" in value
    return "has a text with %, which numbers may be written by" if written else ""


def _items(value: object) -> Iterable[object]:
    """What a container holds, whatever its class makes of it."""
    if isinstance(value, dict):
        return [*dict.keys(value), *dict.values(value)]
    if isinstance(value, np.ndarray):
        return np.ndarray.ravel(value).tolist() if value.dtype == object else ()
    iterate = next((kind.__iter__ for kind in _KINDS if isinstance(value, kind)), None)
    return () if iterate is None else [*iterate(value)]


def _is_trusted(value: object) -> bool:
    """True for functions and classes of libraries whose functions are what they say."""
    name = getattr(value, "__name__", "")
    if getattr(builtins, name, None) is value:  # under whatever name it is called
        return name in _BUILTINS
    if name in _TELLING:
        return False
    if isinstance(value, np.ufunc):
        homes = (vars(sys.modules[m]) for m in _UFUNCS if m in sys.modules)
        return any(home.get(name) is value for home in homes)
    if value is tuple.__new__ or any(value is one for one in _INDEXED):
        return True
    if _is_found_in_its_module(value, str(name)):
        return True
    if isinstance(value, CompiledFunction):
        return True
    is_one = isinstance(value, (type, FunctionType, types.BuiltinFunctionType))
    one = value if is_one else type(value)
    module = str(getattr(one, "__module__", ""))
    top = module.partition(".")[0]
    if top not in _TRUSTED or "random" in module or not (is_one or top not in _HOLDING):
        return False
    return isinstance(one, types.BuiltinFunctionType) or _lives_in(one, sys.modules.get(module))


def _is_found_in_its_module(value: object, name: str) -> bool:
    """True for NumPy's functions as ``np.linalg.norm`` finds them, whatever name they have here."""
    if type(value).__module__ != "numpy":
        return False
    module = str(getattr(value, "__module__", ""))
    home = sys.modules.get(module) if module in _MODULES else None
    return home is not None and vars(home).get(name) is value


def _lives_in(one: object, module: types.ModuleType | None) -> bool:
    """True for a function or a class of a module's own; anybody may write its name on others."""
    if isinstance(one, FunctionType):  # it may stand before another module's function, as a door
        home = sys.modules.get(str(one.__globals__.get("__name__")))
        name = getattr(home, "__name__", "")
        is_ours = name.partition(".")[0] in _TRUSTED and "random" not in name
        return is_ours and vars(home) is one.__globals__
    return getattr(module, "__dict__", {}).get(getattr(one, "__qualname__", "")) is one


def _fills_its_own(code: CodeType, step: dis.Instruction, last: dis.Instruction | None) -> bool:
    """True for ``self.x = ...`` where an object begins: it outlives a call where it is kept only,
    and what keeps it is looked at.
    """
    if step.opname != "STORE_ATTR" or code.co_name not in _BEGINNING or not code.co_argcount:
        return False
    own = code.co_varnames[0]
    if last is None or not last.opname.startswith("LOAD_FAST"):
        return False
    loaded = last.argval[-1] if isinstance(last.argval, tuple) else last.argval  # two at once
    if loaded != own:
        return False
    return not any(
        i.opname.startswith(("STORE_FAST", "DELETE_FAST")) and i.argval == own
        for i in dis.get_instructions(code)
    )


def _globals_inside(function: FunctionType) -> dict[str, object]:
    """The global names of comprehensions, lambdas and functions inside a function."""
    read = {
        step.argval
        for code in _codes(function.__code__)
        for step in dis.get_instructions(code)
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    return {name: value for name, value in function.__globals__.items() if name in read}


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code of a function, and of the functions inside it."""
    yield code
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _codes(part)
