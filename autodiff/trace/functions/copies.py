"""A copy of a function that finds other things under the names it uses.

NumPy's constructors cannot know that traced values will be stored in what they make, ``math`` needs
floats, SciPy's functions test their arguments.  A copy of the traced function, and of those it
calls, that finds functions of ours in their place records where the original would stop.  Code is
shared, so lines and variables are the user's.
"""

from __future__ import annotations

import builtins
import types
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from inspect import getattr_static
from typing import Any

from autodiff.table.written import codes_within
from autodiff.trace.branching.source.rewriting import Rewriting, branches, rewritten
from autodiff.trace.branching.source.unnamed_calls import CALLED, called_by
from autodiff.trace.functions.library_views import Library, Passing, ours_by_id
from autodiff.trace.functions.seen_objects import (
    derived,
    holds_traced,
    is_own,
    is_plain,
    may_be_seen,
    methods_of,
    remade,
    seen_through,
)

__all__ = ["Copies"]

_CACHED = type(lru_cache(lambda: None))
_LIBRARIES = ("autodiff", "codegen", "verify", "proofgrad", "numpy", "scipy")


class Copies:
    """Copies of functions that call each other.

    Args:
        libraries: By the name of a module, what copies find in it under some names.
        builtins: Builtin names that copies find replaced.
        kinds: What copies find in place of a value of exactly this type.
        scope: What rewritten functions find besides; without it none is rewritten.
        rewriting: Which code is rewritten, and how.
    """

    def __init__(
        self,
        libraries: Mapping[str, Mapping[str, object]],
        builtins: Mapping[str, object] | None = None,
        kinds: Mapping[type, Callable[[object], object]] | None = None,
        scope: Mapping[str, object] | None = None,
        rewriting: Rewriting = (branches, rewritten),
    ) -> None:
        self._branches, self._rewritten = rewriting
        self._kinds = dict(kinds or {})
        self._scope = dict(scope or {})
        self._libraries, self._builtins = libraries, dict(builtins or {})
        self._ours = ours_by_id(libraries) | _by_id(self._builtins)
        self._made: dict[int, types.FunctionType] = {}
        self._needed: dict[int, bool] = {}
        self._objects: dict[int, object] = {}
        self._alive: dict[int, object] = {}  # what ids stand for: none of them may come again

    def called(self, function: object) -> Any:
        """What a copy calls where only the call itself says what: a copy, too."""
        if id(function) in self._ours:
            return self._ours[id(function)]
        if isinstance(function, type):
            return self._class(function) if is_plain(function) else function
        if type(function) in self._kinds:
            return self._kinds[type(function)](function)
        if (method := self._method_of_ours(function)) is not None:
            return method
        if isinstance(function, _CACHED):
            return self._cached(function)
        if isinstance(function, partial):
            return function if self.called(function.func) is function.func else self.copy(function)
        owner = code = function
        if isinstance(function, types.MethodType):
            owner, code = function.__self__, function.__func__
        elif not isinstance(function, types.FunctionType):
            code = getattr_static(type(function), "__call__", None)
        if not isinstance(code, types.FunctionType) or not self._is_new(code):
            return function
        self._alive[id(code)] = code
        inner = self.copy(code)
        if inner is code:
            return function
        return inner if code is function else inner.__get__(self.seen(owner))

    def _method_of_ours(self, function: object) -> object:
        """A method of what stands for an object of a library's; None if nothing does."""
        if not isinstance(function, types.MethodType):
            return None
        owner = function.__self__
        if id(owner) in self._ours:
            return getattr(self._ours[id(owner)], function.__name__)
        kind = self._kinds.get(type(owner))
        return None if kind is None else getattr(kind(owner), function.__name__)

    def _is_new(self, function: types.FunctionType) -> bool:
        """True for a function of the user's that is no copy."""
        return not _is_copy(function) and _is_users(function) and is_own(function)

    def _cached(self, function: Any) -> object:
        """A function under ``functools.cache``: its results are kept for what can be a key."""
        if id(function) not in self._objects:
            inner = self.called(function.__wrapped__)
            kept = lru_cache(maxsize=None)(inner)

            def call(*args: object, **named: object) -> object:
                if holds_traced((*args, *named.values())):
                    return inner(*args, **named)
                try:
                    hash((args, *named.items()))
                except TypeError:  # arrays are no keys, either
                    return inner(*args, **named)
                return kept(*args, **named)

            self._alive[id(function)], self._objects[id(function)] = function, call
        return self._objects[id(function)]

    def copy(self, function: object) -> Any:
        """The copy of a function, made once; the function itself if nothing in it is replaced."""
        if id(function) in self._ours:
            return self._ours[id(function)]
        if (method := self._method_of_ours(function)) is not None:
            return method
        if isinstance(function, types.MethodType):
            inner, owner = self.copy(function.__func__), self.seen(function.__self__)
            same = inner is function.__func__ and owner is function.__self__
            return function if same else inner.__get__(owner)
        if type(function) is partial:
            inner = self.copy(function.func)
            if inner is function.func:
                return function
            return partial(inner, *function.args, **function.keywords)
        if (
            type(function) is types.FunctionType
            and _is_users(function)
            and self._is_needed(function)
        ):
            return self._made.get(id(function)) or self._copied(function)
        if type(function) in self._kinds:
            return self._kinds[type(function)](function)
        return self._cached(function) if isinstance(function, _CACHED) else self.seen(function)

    def seen(self, thing: object) -> object:
        """An object of the user's as copies see it: the same, with copies for methods.

        It holds what the original holds, so that methods find each other however they are called.
        """
        if not may_be_seen(thing):
            return thing
        if id(thing) not in self._objects:
            self._alive[id(thing)] = thing
            methods = [one for one in methods_of(type(thing)) if any(map(self._is_needed, one[2]))]
            above = self._above(type(thing)) if methods else ()
            seen = self._objects[id(thing)] = seen_through(thing, above) if methods else thing
            for name, member, _ in methods:  # last: they may use the object
                setattr(type(seen), name, remade(member, name, self.copy))
        return self._objects[id(thing)]

    def _copied(self, function: types.FunctionType) -> types.FunctionType:
        scope = dict(function.__globals__) | {CALLED: self.called}
        if self._imports(function):
            scope["__builtins__"] = vars(builtins) | {"__import__": self._import}
        cells = tuple(types.CellType() for _ in function.__closure__ or ())
        code = function.__code__
        if self._is_rewritten(function):
            code = self._rewritten(code) or code
            scope |= self._scope
        made = types.FunctionType(code, scope, function.__name__, function.__defaults__, cells)
        made.__kwdefaults__ = function.__kwdefaults__
        made.__dict__.update(function.__dict__)
        self._made[id(function)] = made  # before those it calls: they may call it
        for name in _names(function.__code__):
            if name in scope:
                scope[name] = self._found(scope[name])
            elif name in self._builtins:
                scope[name] = self._builtins[name]
        free = function.__code__.co_freevars
        for name, cell, original in zip(free, cells, function.__closure__ or (), strict=True):
            try:
                value = original.cell_contents
                # super() looks for the class itself among those of the object.
                cell.cell_contents = value if name == "__class__" else self._found(value)
            except ValueError:  # assigned later, if ever
                continue
        return made

    def _is_rewritten(self, function: types.FunctionType) -> bool:
        """True if its source says what cannot be recorded as it stands."""
        return bool(self._scope) and (self._branches(function.__code__) or _calls_unknown(function))

    def _imports(self, function: types.FunctionType) -> bool:
        """True if it imports a library itself."""
        names = _names(function.__code__) - function.__globals__.keys()
        return not names.isdisjoint(self._libraries)

    def _import(self, *args: Any, **kwargs: Any) -> object:
        """What an import statement in a copy finds."""
        module = __import__(*args, **kwargs)
        return self._library(module)

    def _library(self, module: types.ModuleType) -> object:
        """A module as copies see it."""
        if module.__name__ in self._libraries:
            return Library(module, self._libraries)
        passes = any(id(one) in self._ours for one in [*vars(module).values()])
        return Passing(module, self._ours) if passes else module

    def _found(self, value: object) -> object:
        """What a copy finds in place of ``value``."""
        if isinstance(value, types.ModuleType):
            return self._library(value)
        if id(value) not in self._ours and is_plain(value):
            return self._class(value)
        return self.copy(value)

    def _replaced(self, module: types.ModuleType) -> set[str]:
        """Names in a module under which copies find something else."""
        name = module.__name__
        if name not in self._libraries:
            return {name for name, one in [*vars(module).items()] if id(one) in self._ours}
        inside = {n.rpartition(".")[2] for n in self._libraries if n.rpartition(".")[0] == name}
        return inside.union(self._libraries[name])

    def _class(self, kind: type) -> type:
        """A class of the user's as copies see it: derived from it, with copies for methods."""
        known = self._objects.get(id(kind))
        if known is None:
            self._alive[id(kind)] = kind
            methods = [one for one in methods_of(kind) if any(map(self._is_needed, one[2]))]
            above = self._above(kind) if methods else ()
            known = self._objects[id(kind)] = derived(kind, above) if methods else kind
            for name, member, _ in methods:
                setattr(known, name, remade(member, name, self.copy))
        return known  # type: ignore[return-value]  # classes stand for classes

    def _above(self, kind: type) -> tuple[type, ...]:
        """What stands for the bases of a class, where it is not they themselves."""
        plain = [base for base in kind.__bases__ if is_plain(base)]
        return tuple(seen for base in plain if (seen := self._class(base)) is not base)

    def _is_needed(self, function: types.FunctionType) -> bool:
        """True if the function, or one that it calls, finds something replaced."""
        if _is_copy(function):
            return False
        if id(function) not in self._needed:
            callers: dict[int, list[int]] = {}
            pending, direct = [function], []
            while pending:
                one = pending.pop()
                if id(one) in self._needed:
                    continue
                called, is_direct = self._uses(one)
                self._needed[id(one)] = False
                if is_direct:
                    direct.append(id(one))
                for other in called:
                    callers.setdefault(id(other), []).append(id(one))
                    if self._needed.get(id(other)):
                        direct.append(id(other))
                pending += called
            while direct:
                one_id = direct.pop()
                self._needed[one_id] = True
                direct += [c for c in callers.get(one_id, ()) if not self._needed[c]]
        return self._needed[id(function)]

    def _uses(self, function: types.FunctionType) -> tuple[list[types.FunctionType], bool]:
        """The user's functions that it may call, and whether it finds something replaced."""
        scope, names = function.__globals__, _names(function.__code__)
        values = [scope[name] for name in names if name in scope]
        for cell in function.__closure__ or ():
            try:
                values.append(cell.cell_contents)
            except ValueError:  # assigned later, if ever
                continue
        direct = any(name in self._builtins and name not in scope for name in names)
        direct = direct or self._imports(function)
        direct = direct or self._is_rewritten(function)
        called: list[types.FunctionType] = []
        for value in values:
            if isinstance(value, types.ModuleType):
                direct = direct or not names.isdisjoint(self._replaced(value))
            elif (
                type(value) in self._kinds
                or type(getattr(value, "__self__", None)) in self._kinds
                or isinstance(value, _CACHED)
                or any(id(one) in self._ours for one in (value, getattr(value, "__self__", None)))
            ):
                direct = True
            elif _is_users(value):
                inner = value.func if isinstance(value, partial) else value
                if isinstance(inner, types.FunctionType):
                    called.append(inner)
            elif is_plain(value):
                for kind in filter(is_plain, value.__mro__):  # super() calls those of bases
                    called += [one for _, _, methods in methods_of(kind) for one in methods]
            else:
                owner = value.__self__ if isinstance(value, types.MethodType) else value
                if may_be_seen(owner):
                    called += [one for _, _, some in methods_of(type(owner)) for one in some]
        return called, direct


def _by_id(replaced: Mapping[str, object]) -> dict[int, object]:
    """What stands for builtins, by the id of each."""
    return {id(getattr(builtins, name)): ours for name, ours in replaced.items()}


def _is_users(value: object) -> bool:
    """True for a function of the user's, as far as it can be copied."""
    package = str(getattr(value, "__module__", "")).partition(".")[0]
    return isinstance(value, (types.FunctionType, partial)) and package not in _LIBRARIES


def _is_copy(function: types.FunctionType) -> bool:
    """True for a copy, and for a function that a copy makes."""
    return CALLED in function.__globals__


def _calls_unknown(function: types.FunctionType) -> bool:
    """True if only its calls say what is called: of parameters, tables, other objects."""
    scope = function.__globals__
    roots = called_by(function.__code__)
    names = _names(function.__code__)
    return (
        None in roots
        or any(_is_open(scope[name]) for name in roots if name in scope)
        or any(_is_table(scope[name]) for name in names if name in scope)
    )


def _is_open(value: object) -> bool:
    """True for a module, a class or an object of the user's through which functions are called."""
    if isinstance(value, types.ModuleType):
        return is_own(types.SimpleNamespace(__module__=value.__name__))
    return is_own(value if isinstance(value, type) else type(value))


def _is_table(value: object) -> bool:
    """True for a container that holds functions."""
    if isinstance(value, types.SimpleNamespace):
        value = vars(value)
    if isinstance(value, dict):
        value = [*value.values()]
    return isinstance(value, (list, tuple)) and any(callable(one) for one in value)


def _names(code: types.CodeType) -> set[str]:
    """Names of globals and attributes that a function, and the functions inside it, use."""
    return {name for one in codes_within(code) for name in one.co_names}
