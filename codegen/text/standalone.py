"""Emitted functions as they stand in a file: typed, with IEEE results, whatever the arguments.

Straight-line text over ``/`` and ``math`` is fast, but raises where IEEE 754 defines a result.  So
its body stands in ``try:``, and on any exception the call goes to a second function at the end of
the file: the same steps with operations that never raise (``_div``, ``_exp``, ... of
``total.py``).  Nothing but ``except Exception`` catches: compilers of Python know it too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from autodiff.errors import EmitError
from codegen.language.lines import INDENT, LINE, bracketed
from codegen.language.totalled import raises
from codegen.text.function import Function

__all__ = ["FALLBACK", "can_raise", "fallback_name", "fallbacks", "guarded"]

FALLBACK = """\
# The same steps with operations that never raise: 1.0 / 0.0 is inf, log(-1.0) is nan.
"""

_FILE_LINE = LINE + len(INDENT)
_LONG_TUPLE = 6  # items from which a tuple of floats is ``tuple[float, ...]``


def fallback_name(name: str) -> str:
    """Name of the function that ``name`` falls back to."""
    return f"_{name}_ieee"


def can_raise(functions: Iterable[Function]) -> frozenset[str]:
    """Names of the functions (callees first) that hold an operation which can raise."""
    raising: set[str] = set()
    for function in functions:
        if (
            any(map(raises, function.calls))
            or function.calls & raising
            or re.search(r"^[^#\n]* [/%] ", function.text, re.MULTILINE)
        ):
            raising.add(function.name)
    return frozenset(raising)


def guarded(functions: Sequence[Function]) -> tuple[Function, ...]:
    """The functions, typed; those that can raise fall back to their second form."""
    raising = can_raise(functions)
    return tuple(
        _rewritten(function, function.name in raising and not _is_part(function))
        for function in functions
    )


def fallbacks(functions: Sequence[Function], raising: frozenset[str]) -> tuple[Function, ...]:
    """Those of the functions, written with total operations, that ``raising`` fall back to."""
    needed = [f for f in functions if f.name in raising or _is_part(f)]
    renamed = re.compile(rf"\b({'|'.join(f.name for f in needed)})\(") if needed else None
    return tuple(
        replace(
            typed,
            name=fallback_name(typed.name),
            text=renamed.sub(lambda m: f"{fallback_name(m[1])}(", typed.text) if renamed else "",
            calls=frozenset(
                fallback_name(c) if any(c == f.name for f in needed) else c for c in typed.calls
            ),
        )
        for typed in (_rewritten(function, False) for function in needed)
    )


def _is_part(function: Function) -> bool:
    return function.parameters == ("w",)


def _rewritten(function: Function, falls_back: bool) -> Function:
    if function.complete:
        return function
    head, documentation, body, results = _pieces(function)
    indent = INDENT if falls_back else ""
    lines = [_definition(function, head, results), *documentation]
    if falls_back:
        lines.append(f"{INDENT}try:")
    lines += [f"{indent}{INDENT}{line}" for line in _coercions(function.scalars)]
    lines += [indent + line if line else line for line in body]
    if falls_back:
        lines.append(f"{INDENT}except Exception:")
        lines += [INDENT * 2 + line for line in _call(fallback_name(function.name), function)]
    return replace(function, text="\n".join(lines) + "\n", falls_back=falls_back, complete=True)


def _coercions(scalars: Sequence[str]) -> list[str]:
    """``x, y, z = float(x), float(y), float(z)``: up to three need no tuple."""
    groups = [scalars[i : i + 3] for i in range(0, len(scalars), 3)]
    lines = [f"{', '.join(g)} = {', '.join(f'float({p})' for p in g)}" for g in groups]
    if any(len(INDENT + line) > LINE for line in lines):
        return [f"{p} = float({p})" for p in scalars]
    return lines


def _call(name: str, function: Function) -> list[str]:
    arguments = ", ".join(function.parameters)
    line = f"return {name}({arguments})"
    if len(INDENT + line) <= LINE:
        return [line]
    return bracketed(f"return {name}", function.parameters, "")


def _pieces(function: Function) -> tuple[list[str], list[str], list[str], str]:
    """Parameters with their defaults, lines of the docstring and of the body, the results."""
    lines = function.text.splitlines()
    end = next((i for i, line in enumerate(lines) if line.endswith("):")), -1) + 1
    inside = " ".join(lines[:end])
    if not re.fullmatch(rf"def {function.name}\([\w, =.]*\):", inside):
        raise EmitError(f"{function.name}: found {lines[0]!r}; expected its bare definition")
    parameters = inside[inside.index("(") + 1 : inside.rindex(")")]
    stop = end
    if stop < len(lines) and lines[stop].startswith(f'{INDENT}"""'):
        while not (lines[stop].endswith('"""') and len(lines[stop].strip()) > 3):
            stop += 1
        stop += 1
    body = lines[stop:]
    last = max(
        (i for i, line in enumerate(body) if line.startswith(f"{INDENT}return ")), default=-1
    )
    results = " ".join(line.strip() for line in body[last:]) if last >= 0 else ""
    return (
        [p.strip() for p in parameters.split(",") if p.strip()],
        lines[end:stop],
        body,
        results.removeprefix("return "),
    )


# --- types -----------------------------------------------------------------------------------


def _definition(function: Function, parameters: Sequence[str], results: str) -> str:
    """``def name(x: float, y: list[float]) -> tuple[float, float]:``, on one line or several."""
    kept = "list[float]" if "w[" in function.text or " w" in results else "tuple[float, ...]"
    typed = []
    for parameter in parameters:
        name, _, default = parameter.partition("=")
        kind = "float" if name in function.scalars else "list[float]"
        kind = kept if name == "residuals" else kind
        typed.append(f"{name}: {kind}" + (f" = {default}" if default else ""))
    returned = _type(ast.parse(results, mode="eval").body) if results else "None"
    head = f"def {function.name}("
    line = f"{head}{', '.join(typed)}) -> {returned}:"
    longer = len(fallback_name(function.name)) - len(function.name)  # its second form's name
    if len(line) + longer <= _FILE_LINE:
        return line
    inside = f"{INDENT}{', '.join(typed)}"
    items = [inside] if len(inside) <= _FILE_LINE else [f"{INDENT}{item}," for item in typed]
    return "\n".join([head, *items, *_filled(f") -> {returned}:")])


def _filled(line: str) -> list[str]:
    """A long annotation, broken behind commas."""
    lines = []
    while len(line) > _FILE_LINE and ", " in line[len(INDENT) : _FILE_LINE]:
        place = line.rindex(", ", 0, _FILE_LINE)
        lines.append(line[: place + 1])
        line = INDENT + line[place + 2 :]
    return [*lines, line]


def _type(node: ast.expr) -> str:
    """Type of a returned expression, as the emitters write them."""
    match node:
        case ast.Tuple():
            items = [_type(item) for item in node.elts]
            if len(items) > _LONG_TUPLE and len(set(items)) == 1:
                return f"tuple[{items[0]}, ...]"
            return f"tuple[{', '.join(items) or '()'}]"
        case ast.List() | ast.Subscript(slice=ast.Slice()) | ast.Name(id="w"):
            return "list[float]"
    return "float"
