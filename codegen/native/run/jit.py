"""LLVM in process: modules of IR -> machine code, and the memory it lives in.

llvmlite is imported at first use.  Compiling happens under a lock, module by module, so that
other threads and Ctrl-C are served in between; code is freed when the last reference to its
``Code`` is gone, but for that of the last few programs.  Until then, who compiles the same text
again gets the same machine code.
"""

from __future__ import annotations

import ctypes
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Protocol
from weakref import WeakValueDictionary

from autodiff.forking import hold_at_fork
from codegen.native.host import llvm, llvm_lock

__all__ = ["FULL", "KEPT", "QUICK", "WIDE", "Code", "Source", "compile_modules"]

_LOCK = threading.RLock()


class _InsideLLVM:
    """llvmlite's own lock, for whoever forks.

    Machine code is freed under it, by whichever thread drops the last reference, and other
    libraries compile under it.
    """

    def __init__(self) -> None:
        self._held: list[AbstractContextManager[object]] = []

    def acquire(self) -> None:
        """Wait until no thread is inside LLVM."""
        lock = llvm_lock()
        if lock is not None:
            lock.__enter__()
            self._held.append(lock)

    def release(self) -> None:
        """Let go what was acquired."""
        if self._held:
            self._held.pop().__exit__(None, None, None)


hold_at_fork(_InsideLLVM())
hold_at_fork(_LOCK)  # acquired first, as it is when we compile
# The graph's passes have done what LLVM's could: on straight-line code these took up to half of the
# time and gained nothing, nor did more effort than 1 of 3 in the code generator.
FULL = 1
QUICK = 0  # of long programs, which are compiled again later
# But for one: operations that are alike, side by side in one register.  It takes several times as
# long as all the rest, so it is for what is called so often that others compile meanwhile.
WIDE = 2
KEPT = 8  # programs that nobody needs any more; small ones take half a megabyte each


@dataclass(frozen=True)
class Source:
    """One module to compile.

    Args:
        text: Its IR.
        symbols: Addresses of the C functions it refers to.
        called: Python functions it calls, by the name of the pointer to each.
        slots: Whether it has functions whose variables are stack slots.
    """

    text: str
    symbols: Mapping[str, int]
    called: Mapping[str, Callable[..., object]]
    slots: bool = False

    @property
    def is_stateless(self) -> bool:
        """True if the code holds nothing that is its own: no pointer that is set, no number."""
        return self.text.count(" global ") == self.text.count(" external global ")


@cache
def _processor() -> tuple[str, str]:
    """Name and features of the host's processor."""
    binding = llvm()
    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()


def _machine(effort: int = FULL) -> object:
    """A target machine for the host; an engine takes it over, so each needs its own."""
    cpu, features = _processor()
    target, level = llvm().Target.from_default_triple(), min(effort, FULL)
    return target.create_target_machine(cpu=cpu, features=features, opt=level, jit=True)


@cache
def _pass_builder() -> object:
    binding = llvm()
    return binding.create_pass_builder(_machine(), binding.create_pipeline_tuning_options(0))


def _optimize(module: object) -> None:
    """Make registers of the stack slots that compiled functions keep their variables in."""
    passes = llvm().create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    passes.run(module, _pass_builder())


def _widen(module: object) -> None:
    """Put operations that are alike into one register; every result keeps its bits."""
    binding = llvm()
    options = binding.create_pipeline_tuning_options(2)
    options.slp_vectorization = True
    options.loop_vectorization = options.loop_unrolling = False
    builder = binding.create_pass_builder(_machine(), options)
    builder.getModulePassManager().run(module, builder)


class Engine(Protocol):
    """What of llvmlite's ExecutionEngine is used."""

    def finalize_object(self) -> None:
        """Compile."""

    def remove_module(self, module: object, /) -> None:
        """Let go of the text."""

    def get_function_address(self, name: str, /) -> int:
        """Where a function is; 0 if there is none."""
        ...

    def get_global_value_address(self, name: str, /) -> int:
        """Where a variable is."""
        ...


_ALIVE: WeakValueDictionary[object, Engine] = WeakValueDictionary()  # stateless modules, by text
_RECENT: deque[Engine] = deque(maxlen=KEPT)  # for who compiles the same function once more


class Code:
    """Machine code, and everything it refers to.

    Code is freed when this object is; who holds an address holds the Code.
    """

    def __init__(self) -> None:
        self._engines: list[Engine] = []
        self._main: Engine  # of the module with the entries, added last
        self._kept: list[object] = []  # Python functions that the code calls, memory it uses

    def address(self, name: str) -> int:
        """Address of a function of the main module; 0 if it has none of that name."""
        return self._main.get_function_address(name)

    def place(self, name: str) -> int:
        """Address of a variable of the main module."""
        return self._main.get_global_value_address(name)

    def point(self, name: str, address: int) -> None:
        """Let a pointer of the main module point at an address."""
        ctypes.c_void_p.from_address(self.place(name)).value = address

    def keep(self, thing: object) -> None:
        """Keep what the code refers to as long as it lives."""
        self._kept.append(thing)

    def add(self, source: Source, effort: int = FULL, main: bool = False) -> Engine:
        """Compile a module; the engine that holds it."""
        llvm()  # which says what is missing
        with _LOCK:
            known = sha256(source.text.encode()).digest(), effort, *source.symbols.items()
            engine = _ALIVE.get(known)
            if engine is None:
                engine = self._compiled(source, effort)
                if source.is_stateless:
                    _ALIVE[known] = engine
            if known in _ALIVE:
                _RECENT.append(engine)
            self._engines.append(engine)
        if main:
            self._main = engine
        return engine

    def _compiled(self, source: Source, effort: int) -> Engine:
        binding = llvm()
        for name, address in source.symbols.items():
            binding.add_symbol(name, address)
        module = binding.parse_assembly(source.text)
        if source.slots:
            _optimize(module)
        if effort == WIDE:
            _widen(module)
        engine: Engine = binding.create_mcjit_compiler(module, _machine(effort))
        engine.finalize_object()
        engine.remove_module(module)  # the code stays; the text in memory is ten times its size
        module.close()
        for name, function in source.called.items():
            place = engine.get_global_value_address(f"impl.{name}")
            ctypes.c_void_p.from_address(place).value = id(function)
            self._kept.append(function)
        return engine


def compile_modules(groups: Iterable[Source], main: Source, effort: int = FULL) -> Code:
    """Compile a module and the groups of chunks it calls.

    Args:
        groups: Modules that define ``group``, made one by one; ``main`` has a table ``@groups``
            of these.
        main: The module with the entries.
        effort: Of the code generator.
    """
    code = Code()
    addresses: list[ctypes.c_void_p | int | None] = [
        code.add(source, effort).get_function_address("group") for source in groups
    ]
    code.add(main, effort, main=True)
    if addresses:
        (ctypes.c_void_p * len(addresses)).from_address(code.place("groups"))[:] = addresses
    return code
