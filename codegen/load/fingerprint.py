"""Fingerprint of a function: everything that tracing it can depend on, or the reason for none.

Equal fingerprints must mean equal graphs, so whatever is not understood here is refused: code that
imports, reads files or draws random numbers; objects of classes of the user's; modules other than
``math``, NumPy and ours.  Functions, tuples, lists, dicts, numbers, strings and arrays that a
function reads, as globals, defaults or from enclosing functions, count with their contents.
"""

from __future__ import annotations

import builtins
import dis
import functools
import hashlib
import inspect
import platform
import sys
import types
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.numbers.ieee import PORTABLE
from autodiff.table.primitive import Primitive

__all__ = ["UnknownError", "fingerprint", "installation"]

_MODULES = ("math", "numpy", "autodiff", "proofgrad")
_BUILTINS = frozenset(
    {
        "abs", "all", "any", "bool", "dict", "divmod", "enumerate", "filter", "float", "int",
        "isinstance", "len", "list", "map", "max", "min", "pow", "range", "reversed", "round",
        "slice", "sorted", "str", "sum", "tuple", "zip", "ValueError", "TypeError",
    }
)  # fmt: skip
# Parts of NumPy whose results are not given by their arguments.
_OUTSIDE = frozenset(
    {
        "random", "load", "loadtxt", "genfromtxt", "fromfile", "memmap", "fromregex", "save",
        "savetxt", "savez", "tofile", "DataSource", "lib", "f2py", "ctypeslib", "empty",
        "empty_like", "geterr", "get_printoptions", "testing", "core", "_core", "sys", "os",
        "datetime64",
    }
)  # fmt: skip
_REFUSED = {"IMPORT_NAME": "imports", "STORE_GLOBAL": "assigns a global",
            "DELETE_GLOBAL": "deletes a global", "LOAD_BUILD_CLASS": "defines a class",
            "BUILD_SET": "builds a set"}  # fmt: skip


class UnknownError(Exception):
    """Tracing may depend on something that has no fingerprint; the message says on what."""


def fingerprint(function: Callable[..., object] | Graph, *more: object) -> str:
    """Digest of ``function``, of ``more`` values, and of everything installed that matters.

    Raises:
        UnknownError: if there is something a trace may depend on that is not understood.
    """
    # How NumPy writes arrays, and what it raises: a function may look at either.
    settings = f"{np.get_printoptions()} {np.geterr()}"
    digest = hashlib.sha256(f"{installation()} {settings}".encode())
    seen: dict[int, tuple[int, object]] = {}
    subject: object = str(function) if isinstance(function, Graph) else function
    for piece in _pieces((subject, more), seen, "the function"):
        digest.update(b"%d:" % len(piece) + piece)
    return digest.hexdigest()


@cache
def installation() -> str:
    """Digest of Python, NumPy, the machine, and our own sources."""
    digest = hashlib.sha256()
    for text in (sys.version, platform.machine(), platform.system(), np.__version__):
        digest.update(text.encode() + b"\0")
    root = Path(__file__).resolve().parents[2]
    for package in ("autodiff", "codegen", "verify"):
        for path in sorted((root / package).rglob("*.py")):
            digest.update(str(path.relative_to(root)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _pieces(value: object, seen: dict[int, tuple[int, object]], where: str) -> Iterator[bytes]:
    """Bytes that tell ``value`` from every other; shared and cyclic parts by their number."""
    kind = type(value)
    yield kind.__name__.encode()
    if value is None or kind in (bool, int, float, complex, str, bytes) or value is Ellipsis:
        yield repr(value).encode()
        return
    if id(value) in seen:
        yield b"seen %d" % seen[id(value)][0]
        return
    seen[id(value)] = len(seen), value  # held, so that no other value gets its id
    yield from _contents(value, seen, where)


def _contents(value: Any, seen: dict[int, tuple[int, object]], where: str) -> Iterator[bytes]:
    kind = type(value)
    if kind in (tuple, list):
        yield b"%d" % len(value)
        for item in value:
            yield from _pieces(item, seen, where)
    elif kind is dict:
        yield b"%d" % len(value)
        for key, item in value.items():
            yield from _pieces(key, seen, where)
            yield from _pieces(item, seen, where)
    elif kind is frozenset:  # a constant of ``x in {1, 2}``: its order is not looked at
        if not all(type(item) in (bool, int, float, str) for item in value):
            raise UnknownError(f"{where} uses a set")
        yield from sorted(repr(item).encode() for item in value)
    elif isinstance(value, np.generic) or (kind is np.ndarray and not value.dtype.hasobject):
        yield f"{value.dtype!r} {value.shape} {value.strides}".encode()  # ravel("K") goes by these
        yield value.tobytes()
    elif kind is types.CodeType:
        yield from _code(value, seen, where)
    elif kind is types.FunctionType and not _is_ours(value):
        yield from _function(value, seen)
    elif kind is functools.partial:
        yield from _pieces((value.func, value.args, value.keywords), seen, where)
    else:
        yield _named(value, where)


def _named(value: object, where: str) -> bytes:
    """Something that its name says all about: what a module has under that name."""
    if isinstance(value, Primitive):
        custom = value.name in PORTABLE and hasattr(PORTABLE[value.name], "__source__")
        if custom or value.trusted or value.module:
            raise UnknownError(f"{where} uses the custom primitive {value.name}")
        return value.name.encode()
    name = value.__name__ if isinstance(value, types.ModuleType) else _place(value)
    if name.partition(".")[0] not in _MODULES or set(name.split(".")) & _OUTSIDE:
        if name.partition(".")[0] == "builtins" and name.partition(".")[2] in _BUILTINS:
            return name.encode()
        raise UnknownError(f"{where} uses {name or 'an object of class ' + type(value).__name__}")
    if not _stands_there(value, name):
        raise UnknownError(f"{where} uses something that calls itself {name}")
    return name.encode()


def _place(value: object) -> str:
    """Module and name that something says it stands under, "" if it says nothing."""
    if isinstance(value, np.ufunc):
        return f"numpy.{value.__name__}"
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    module = getattr(value, "__module__", None)
    return f"{module}.{name}" if name and module else ""


def _stands_there(value: object, name: str) -> bool:
    """True if this is what a module has under this name; anybody may write its name on others."""
    if isinstance(value, types.ModuleType):
        return sys.modules.get(name) is value
    module, _, attribute = name.rpartition(".")
    places = module, module.partition(".")[0]  # a door stands before what a package exports
    return any(getattr(sys.modules.get(one), attribute, None) is value for one in places)


def _is_ours(function: types.FunctionType) -> bool:
    name = _place(function)
    return name.partition(".")[0] in ("numpy", "autodiff") and _stands_there(function, name)


def _function(function: types.FunctionType, seen: dict[int, tuple[int, object]]) -> Iterator[bytes]:
    where = function.__name__
    if getattr(function, "__builtins__", None) is not vars(builtins):
        raise UnknownError(f"{where} has builtins of its own")
    yield f"{function.__module__} {function.__qualname__}".encode()
    try:
        yield inspect.getsource(function).encode()  # names in the text are recovered from it
    except (OSError, TypeError):
        yield b"no source"
    yield from _pieces(function.__code__, seen, where)
    yield from _pieces((function.__defaults__, function.__kwdefaults__), seen, where)
    yield from _pieces(vars(function), seen, where)
    for cell in function.__closure__ or ():
        try:
            content = cell.cell_contents
        except ValueError:
            raise UnknownError(f"{where} reads a variable that has no value yet") from None
        yield from _pieces(content, seen, where)
    for name in _globals_of(function.__code__, where):
        yield name.encode()
        if name in function.__globals__:
            yield from _pieces(function.__globals__[name], seen, where)
        elif hasattr(builtins, name):
            if name not in _BUILTINS:
                raise UnknownError(f"{where} uses {name}()")
        else:
            raise UnknownError(f"{where} uses the name {name}, which is not defined")


def _code(code: types.CodeType, seen: dict[int, tuple[int, object]], where: str) -> Iterator[bytes]:
    for number in (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount,
                   code.co_flags, code.co_firstlineno):  # fmt: skip
        yield b"%d" % number
    yield from (code.co_code, code.co_linetable, code.co_exceptiontable)
    yield code.co_filename.encode()
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_consts)
    for group in names:
        yield from _pieces(group, seen, where)


def _globals_of(code: types.CodeType, where: str) -> list[str]:
    """Names of the globals that a code object and those inside it read, each once.

    Raises:
        UnknownError: if it holds an instruction whose effect is not known here.
    """
    found: dict[str, None] = {}
    queue = [code]
    while queue:
        code = queue.pop()
        for step in dis.get_instructions(code):
            if step.opname in _REFUSED:
                raise UnknownError(f"{where} {_REFUSED[step.opname]}")
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                found[step.argval] = None
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and (
                step.argval in _OUTSIDE or step.argval.startswith("__")
            ):
                raise UnknownError(f"{where} uses .{step.argval}")
        queue += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return list(found)
