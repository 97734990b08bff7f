"""Text -> callable: check the emitted text, compile it, run it with IEEE results.

Before anything is compiled, every function is checked against an allow-list: of syntax (its parsed
tree) or, for very long texts, of characters and names.  The compiled functions see only the names
they may call.

What runs is the text that a saved file holds.  The second form of a function, to which an
exception leads (``standalone.py``), is written and compiled when it is first needed.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from types import CodeType
from typing import Any, TypeVar

import numpy as np

from autodiff.errors import EmitError
from autodiff.table.primitive import REGISTRY
from autodiff.trace.collection import collection_paused
from autodiff.tracebacks import shorten
from codegen.language.settling import ROWS_SETTLING, SETTLING
from codegen.language.syntax import compiled_tree, syntax_tree
from codegen.language.totalled import total_functions
from codegen.load.allowed import ABSENT, TREE_LIMIT, check_function
from codegen.load.converted import quick_floats
from codegen.load.in_doubles import as_floats
from codegen.load.often import OFTEN, machine
from codegen.load.progress import shown
from codegen.text.function import Function, fallback_name
from codegen.text.module import TARGETS, Module, aliases_in, called_by

__all__ = ["Loaded", "load", "rename"]


_Node = TypeVar("_Node", bound=ast.AST)


# --- namespaces ------------------------------------------------------------------------------


def _namespace(module: Module, functions: Iterable[Function]) -> dict[str, Any]:
    """What these functions of ``module`` may call, and nothing else."""
    target = TARGETS[module.target]
    # float() would read text, and drop imaginary parts and masks; this is as fast and lets floats
    # alone through: ``Loaded`` converts what else is a number, by the rule of all targets.
    builtins = {
        "abs": abs, "float": float.conjugate, "range": range, "reversed": reversed,
        "Exception": Exception, "ArithmeticError": ArithmeticError,
    }  # fmt: skip
    names: dict[str, object] = {"__builtins__": builtins, "inf": math.inf, "nan": math.nan}
    names |= {name: target.portable[name] for name in module.portable(functions)}
    names |= {call: getattr(math, name) for call, name in module.imported(functions).items()}
    if target.header:
        names["np"] = np
    return names


def rename(names: dict[str, object], functions: Iterable[Function]) -> None:
    """Add what stands in the texts of these functions instead of names of ours."""
    builtins = names["__builtins__"]
    assert isinstance(builtins, dict)
    for alias, name in aliases_in(functions):
        for known in (names, builtins):
            if name in known:
                names[alias] = known[name]


def _require(
    module: Module, functions: Iterable[Function], namespace: Mapping[str, object]
) -> None:
    """Refuse functions that call what they will not find when they run.

    Raises:
        EmitError: naming the function and the name.
    """
    own = {name for f in functions for name in (f.name, f.settles)}
    if twice := own.intersection(module.portable(functions)):
        raise EmitError(
            f"{module.target} text: a primitive is called {sorted(twice)[0]!r}, and so is a "
            "function of the file: register it under another name"
        )
    builtins = namespace["__builtins__"]
    assert isinstance(builtins, dict)
    for function in functions:
        missing = function.called - own - namespace.keys() - builtins.keys()
        if "np" in namespace:
            called = re.findall(rf"\b{function.called_here('np')}\.(\w+)", function.text)
            missing |= {f"np.{name}" for name in called if not hasattr(np, name)}
        if missing:
            library = "NumPy" if "np" in namespace else "math"
            raise EmitError(
                f"{module.target} text of {function.name} calls {', '.join(sorted(missing))}; "
                f"found neither in {library} nor among the functions that emitted files copy: "
                "spell the row's text with functions that exist"
            )


# --- loading ---------------------------------------------------------------------------------


class Loaded:
    """The callables of an emitted module.

    Args:
        module: The emitted module.
        on_type_error: Called as ``on_type_error(function name, arguments)`` when an argument is
            no number; it raises the error to show.
        codes: Code per function, where text was checked and compiled before.
    """

    def __init__(
        self,
        module: Module,
        on_type_error: Callable[[str, tuple[object, ...]], object],
        codes: Mapping[str, CodeType] | None = None,
    ):
        self.module = module
        self._on_type_error = on_type_error
        self.codes = dict(codes or {})
        self._small = not module.in_parts and module.statements <= TREE_LIMIT
        self._text = module.text(module.functions)
        self._checked: dict[str, ast.Module] = {}
        for function in module.functions if codes is None else ():
            self._check(function)
        digest = hashlib.sha256(self._text.encode()).hexdigest()
        self.filename = f"<proofgrad {module.target} {digest[:12]}>"
        if self._small:  # tracebacks and debuggers find the emitted lines
            lines = self._text.splitlines(keepends=True)
            linecache.cache[self.filename] = (len(self._text), None, lines, self.filename)
        self.functions = self._compile()

    def _check(self, function: Function) -> None:
        tree = check_function(function, self.module.target, self._lines_before(function))
        if tree is not None and self._small:
            self._checked[function.name] = tree

    def _lines_before(self, function: Function) -> int:
        return self._text.count("\n", 0, self._text.index(function.text)) if self._small else 0

    def _compile(self) -> dict[str, Callable[..., Any]]:
        namespace = _namespace(self.module, self.module.functions)
        rename(namespace, self.module.functions)
        _require(self.module, self.module.functions, namespace)
        namespace["explain!"] = self._explain  # no identifier: cannot clash with a name
        namespace["wrong!"] = (TypeError, ValueError)
        namespace["isinstance!"], namespace["float!"] = isinstance, float
        namespace["shorten!"], namespace["any!"] = shorten, Exception
        functions = self.module.functions
        for function in shown(functions, len(functions), "compiling functions"):
            if function.name not in self.codes:
                self.codes[function.name] = self._code(function)
            exec(self.codes[function.name], namespace)
            namespace[f"{function.name}!"] = converting = self._at_first_use(function.name)
            if function.falls_back:
                namespace[fallback_name(function.name)] = converting
            if function.settles:
                namespace[function.settles] = self._settling(function.settles)
        return {f.name: namespace[f.name] for f in self.module.functions}

    def _code(self, function: Function) -> CodeType:
        if not self._small:
            return compile(function.text, self.filename, "exec")
        tree = self._checked.pop(function.name, None)
        if tree is None:
            tree = syntax_tree("\n" * self._lines_before(function) + function.text)
        definition = tree.body[0]
        assert isinstance(definition, ast.FunctionDef)
        if self._explains(function):
            _explained(definition, function)
        if function.parameters == function.scalars and TARGETS[self.module.target].module:
            if function.parameters:
                _converted_first(definition, function)
            _counted(definition, function)
        _shortened(definition)
        return compiled_tree(tree, self.filename)

    def _explains(self, function: Function) -> bool:
        """True if no fallback says what is wrong with an argument."""
        return bool(function.scalars) and not function.falls_back

    def _explain(self, name: str, *arguments: object) -> object:
        """The result after all if the arguments are numbers, only no floats; else the error."""
        floats = as_floats(self._function(name), arguments)
        if floats is not None:
            try:
                return self.functions[name](*floats)
            except (TypeError, ValueError):  # residuals that are none, where no text looks at them
                pass
        return self._on_type_error(name, arguments)

    def _function(self, name: str) -> Function:
        return next(f for f in self.module.functions if f.name == name)

    def _at_first_use(self, name: str) -> Callable[..., object]:
        """What converts arguments of ``name``, and its second form, compiled when first called."""
        function = self._function(name)
        count = len(function.parameters) if function.parameters == function.scalars else -1
        left = iter(range(OFTEN))
        numbers: Callable[[Sequence[object]], Sequence[float] | None] = quick_floats

        def fallback(*arguments: object) -> object:
            nonlocal numbers
            if len(arguments) == count:  # floats alone are wanted: what most calls need
                if next(left, -1) == OFTEN - 1:
                    numbers = machine().numbers(count) or quick_floats
                known = not count or isinstance(arguments[0], float)
                quick = (quick_floats if known else numbers)(arguments)
                if quick is not None and quick is not arguments:
                    return self.functions[name](*quick)
            floats = as_floats(function, arguments)
            if floats is not None:
                return self.functions[name](*floats)
            if function.falls_back:
                second = self._fallbacks[fallback_name(name)]
                with suppress(TypeError, ValueError, OverflowError):
                    return second(*arguments)
            return self._on_type_error(name, arguments)

        return fallback

    def _settling(self, name: str) -> Callable[..., object]:
        """The function ``name`` for where switches tie, compiled when it is first called."""

        def settling(*arguments: object) -> object:
            return self._fallbacks[name](*arguments)

        return settling

    @cached_property
    def _fallbacks(self) -> dict[str, Callable[..., object]]:
        with collection_paused():
            functions = self.module.fallbacks
        namespace = _namespace(self.module, functions)
        totals = total_functions(called_by(functions))
        namespace |= {name: REGISTRY[name[1:]].impl for name in totals}
        namespace |= SETTLING if TARGETS[self.module.target].module else ROWS_SETTLING
        rename(namespace, functions)
        _require(self.module, functions, namespace)
        for function in functions:
            namespace[function.name] = self._late(function, namespace)
        return namespace

    def _late(self, function: Function, namespace: dict[str, Any]) -> Callable[..., object]:
        """A function of ``namespace``, checked and compiled when it is first called."""

        def first(*arguments: object) -> object:
            with collection_paused():
                check_function(function, self.module.target)
                code = compile(function.text, self.filename, "exec")
            exec(code, namespace)
            return namespace[function.name](*arguments)

        return first

    def guarded(self, name: str) -> Callable[..., Any]:
        """The function ``name``, with errors that say what is wrong with an argument."""
        raw = self.functions[name]
        function = self._function(name)
        if self._small or not self._explains(function):
            return raw

        def explained(*arguments: object) -> object:
            try:
                return raw(*arguments)
            except (TypeError, ValueError):
                return self._explain(name, *arguments)

        return explained


def _explained(definition: ast.FunctionDef, function: Function) -> None:
    """Wrap the body: ``try: body; except wrong!: return explain!(name, x, ...)``."""
    start = definition.body[0]
    handler = ast.ExceptHandler(
        ast.Name("wrong!", ast.Load()), None, [_explaining(function.name, function.parameters)]
    )
    body = ast.Try(definition.body[1:], [_at(handler, start)], [], [])
    definition.body = [start, ast.copy_location(body, start)]


def _converted_first(definition: ast.FunctionDef, function: Function) -> None:
    """Where the first argument is no float, go where the exception of ``float(x)`` would lead.

    ``if not isinstance!(x, float!): return f!(x, ...)``: arguments of one other type, as
    integers or ``np.float32``, are converted without the price of an exception.
    """
    start, load = definition.body[0], ast.Load()
    names: list[ast.expr] = [ast.Name(name, load) for name in function.parameters]
    known = ast.Call(ast.Name("isinstance!", load), [names[0], ast.Name("float!", load)], [])
    other = ast.Return(ast.Call(ast.Name(f"{function.name}!", load), names, []))
    test = ast.UnaryOp(ast.Not(), known)
    definition.body.insert(1, _at(ast.If(test, [other], []), start))


def _counted(definition: ast.FunctionDef, function: Function) -> None:
    """Let a call with another number of arguments end in an error of ours, at no cost to others.

    ``def f(x=..., y=..., out=..., *more!): if out is not ...: return explain!("f", x, y, out,
    *more!)``: what is missing is no float, and what is too much, or ``out=``, arrives in ``out``.
    """
    start, arguments = definition.body[0], definition.args
    out = "out!" if "out" in function.parameters else "out"
    arguments.args.append(_at(ast.arg(out), start))
    arguments.vararg = _at(ast.arg("more!"), start)
    arguments.defaults = [_at(ast.Constant(ABSENT), start) for _ in arguments.args]
    given = ast.Compare(ast.Name(out, ast.Load()), [ast.IsNot()], [ast.Constant(ABSENT)])
    call = _explaining(function.name, (*function.parameters, out))
    assert isinstance(call.value, ast.Call)
    call.value.args.append(ast.Starred(ast.Name("more!", ast.Load()), ast.Load()))
    definition.body.insert(1, _at(ast.If(given, [call], []), start))


def _shortened(definition: ast.FunctionDef) -> None:
    """Wrap the body: ``try: body; except any! as error!: shorten!(error!); raise``."""
    start, load = definition.body[0], ast.Load()
    call = ast.Call(ast.Name("shorten!", load), [ast.Name("error!", load)], [])
    handler = ast.ExceptHandler(
        ast.Name("any!", load), "error!", [ast.Expr(call), ast.Raise(None, None)]
    )
    body = ast.Try(definition.body[1:], [_at(handler, start)], [], [])
    definition.body = [start, ast.copy_location(body, start)]


def _explaining(name: str, arguments: Iterable[str]) -> ast.Return:
    """``return explain!(name, x, ...)``."""
    load = ast.Load()
    names = [ast.Name(argument, load) for argument in arguments]
    return ast.Return(ast.Call(ast.Name("explain!", load), [ast.Constant(name), *names], []))


def _at(node: _Node, start: ast.stmt) -> _Node:
    """``node``, with all that is in it, at the place of ``start``."""
    place = {name: getattr(start, name) for name in ast.stmt._attributes}
    for inside in ast.walk(node):
        if isinstance(inside, (ast.expr, ast.stmt, ast.excepthandler, ast.arg)):
            vars(inside).update(place)
    return node


def load(module: Module, on_type_error: Callable[[str, tuple[object, ...]], object]) -> Loaded:
    """Check, compile and load an emitted module.

    Raises:
        EmitError: if the text is not what the emitters write.
    """
    return Loaded(module, on_type_error)
