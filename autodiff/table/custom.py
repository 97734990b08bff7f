"""custom: a primitive of the user's own, checked and proven when it is registered.

The function under the decorator is the value, the rules stand in the decorator, written like those
of the table: ``rule(g, out, *operands)`` is ``g`` times the partial derivative.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import math
import re
import types
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.numbers.ieee import PORTABLE
from autodiff.table.custom_text import (
    alone,
    not_portable,
    numpy_text,
    row_of,
    source_of,
    sympy_column,
)
from autodiff.table.declared import signature_of
from autodiff.table.float import ARITHMETIC_ERRORS, Float
from autodiff.table.lines_again import identity
from autodiff.table.primitive import PUBLIC, REAL, REGISTRY, Primitive, Rule
from autodiff.table.provers import prover

__all__ = ["custom"]

Value = Callable[..., float]
_PROBES = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-320, 1e300, -1e300, math.inf, -math.inf, math.nan)


def custom(
    *partials: Rule | None,
    sympy: str | Callable[..., object] | None = None,
    domain: Sequence[tuple[float, float]] | tuple[float, float] | None = None,
    kinks: Iterable[tuple[str, str]] = (),
    name: str = "",
    numpy: str = "",
    prove: bool = True,
) -> Callable[[Value], Primitive]:
    """Register the decorated function as a primitive.

    Args:
        partials: One rule per argument: ``rule(g, out, *operands)`` gives ``g`` times the partial
            derivative, written with operators and functions of ``autodiff``; None where nothing
            flows.  A rule is a number wherever the function has a derivative, and right where
            something that it asks ties.
        sympy: The function's meaning, as a text of SymPy's functions over the argument names
            (``"log(x / (1 - x))"``), or as a function of SymPy's symbols.  Without it the rules
            cannot be proven: every verdict on a function that uses them says whom it trusts.
        domain: Interval of each argument on which the rules hold, or one for the only argument;
            by default all reals.
        kinks: Where the derivative does not exist and what the rule returns there, for reports.
        name: Name of the primitive; by default the function's.
        numpy: Text over ``np`` arrays with ``{0}`` for the first argument, for batches; not needed
            for a single expression over ``math``.  It is compared with the function at points.
        prove: False trusts the rules as if there were no ``sympy``, and registers at once.

    Returns:
        A decorator; the decorated name becomes the primitive, which takes floats, arrays, Values
        and traced values alike.

    Raises:
        ArgumentError: if the name is taken, or arguments, rules and domain do not fit together.
        verify.VerificationError: if the function or a rule is not what ``sympy`` says, or
            ``numpy`` not what the function says; the message has the point and both numbers.

    >>> import math
    >>> import autodiff as ad
    >>> @custom(lambda g, out, x: g / (x * (1 - x)), sympy="log(x / (1 - x))", domain=(0, 1))
    ... def log_odds(x):
    ...     return math.log(x / (1.0 - x))
    >>> log_odds(0.5), ad.grad(log_odds)(0.5), log_odds(1.0)
    (0.0, 4.0, inf)
    """

    if not isinstance(prove, (bool, np.bool_)):
        raise ArgumentError(f"custom: prove: found {type(prove).__name__}; expected True or False")
    pairs = _check_options(kinks, name=name, numpy=numpy)
    given = _Given(sympy, domain, pairs, numpy, prove)

    def register(value: Value) -> Primitive:
        return _register(value, name, partials, given)

    if (
        len(partials) == 1
        and isinstance(partials[0], types.FunctionType)
        and _undecorated(partials)
    ):
        raise ArgumentError(
            "custom: found the function itself; give its rules: @custom(lambda g, out, x: ...)"
        )
    return register


def _check_options(kinks: object, **texts: object) -> tuple[tuple[str, str], ...]:
    """The kinks, which are pairs of texts, as what else is given by name is texts."""
    for option, text in texts.items():
        if not isinstance(text, str):
            raise ArgumentError(f"custom: {option}: found {type(text).__name__}; expected a text")
    pairs = list(kinks) if isinstance(kinks, Iterable) else [None]
    told = [p for p in pairs if isinstance(p, (list, tuple)) and list(map(type, p)) == [str, str]]
    if len(told) < len(pairs):
        raise ArgumentError(
            f"custom: kinks: found {type(kinks).__name__}; expected pairs of texts: where, and "
            "what the rule returns there"
        )
    return tuple((where, what) for where, what in told)


def _undecorated(partials: Sequence[Any]) -> bool:
    """True for ``@custom`` without brackets: the one rule takes no g and no result."""
    return len(signature_of(partials[0]).parameters) < 3


class _Given(NamedTuple):
    """What the decorator was given beside the rules."""

    sympy: str | Callable[..., object] | None
    domain: object
    kinks: tuple[tuple[str, str], ...]
    numpy: str
    prove: bool


def _register(value: Value, name: str, partials: Sequence[Rule | None], given: _Given) -> Primitive:
    if not callable(value):
        raise ArgumentError(f"custom: found {type(value).__name__}; expected a function of floats")
    name = name or getattr(value, "__name__", "")
    _check_name(name)
    arguments = _arguments(value, name)
    _check_rules(partials, arguments, name)
    intervals = _intervals(given.domain, len(arguments), name)
    found, lines = source_of(value), identity(value, *partials)
    source_text, source = found or ("", None)
    value = alone(value) or value  # nothing that happens around it later reaches what is proven
    impl = _total(value, name)
    _probe(value, impl, len(arguments), name)
    text = _sympy_text(given.sympy, arguments, name)
    reason = not_portable(source, arguments, alone(value) is not None)
    if source is not None and source.name != name:
        reason = f"its function is called {source.name!r}, not {name!r}"
    made_from = (text, given.numpy, given.prove, intervals, source and ast.dump(source), lines)
    known = _made_before(name, made_from, source)
    if known is not None:
        return known
    trusted = not (text and given.prove)
    if not trusted:  # what is proven is what will run, whatever a rule makes of a later call
        partials = prover("custom rules")(partials, len(arguments))
    call = f"{name}({', '.join(f'{{{i}}}' for i in range(len(arguments)))})"
    row = Primitive(
        name,
        impl,
        tuple(partials),
        python="" if reason else call,
        numpy=given.numpy or ("" if source is None else numpy_text(source, arguments)),
        sympy=text or call,
        domain=intervals,
        kinks=given.kinks,
        trusted=trusted,
        missing=reason,
        module=getattr(value, "__module__", "") or "__main__",
    )
    _prove(row, given.numpy)
    if not reason:
        vars(value)["__source__"] = source_text
        PORTABLE[name] = value
    _DEFINED[name] = made_from
    return row


def _made_before(
    name: str, made_from: tuple[object, ...], source: ast.FunctionDef | None
) -> Primitive | None:
    """The row of this name, where the same module is run again; None if there is none.

    Raises:
        ArgumentError: if it was made from something else.
    """
    known = REGISTRY.get(name)
    if known is not None and (source is None or _DEFINED.get(name) != made_from):
        raise ArgumentError(f"{name}: there is a primitive of this name; choose another name")
    return known


def _prove(row: Primitive, numpy: str) -> None:
    """Prove what the row says; it is no row if that fails."""
    try:
        if numpy:
            prover("custom numpy text")(row)
        if not row.trusted:
            prover("custom primitive")(row)
    except BaseException:
        del REGISTRY[row.name], PUBLIC[row.name]
        raise


# What each custom primitive was made from.
_DEFINED: dict[str, tuple[object, ...]] = {}


# --- checks ----------------------------------------------------------------------------------


def _check_name(name: str) -> None:
    if not (name.isidentifier() and name.isascii()) or keyword.iskeyword(name) or name[0] == "_":
        raise ArgumentError(
            f"custom: found the name {name!r}; expected an ASCII identifier: name='my_function'"
        )
    taken = hasattr(math, name) or hasattr(builtins, name) or re.fullmatch(r"v\d+|np|w", name)
    if taken or (name in {*PUBLIC, *REGISTRY, *PORTABLE} and name not in _DEFINED):
        raise ArgumentError(f"{name}: this name has a meaning already; choose another name")


def _arguments(value: Value, name: str) -> list[str]:
    try:
        parameters = list(signature_of(value).parameters.values())
    except (TypeError, ValueError):
        raise ArgumentError(
            f"{name}: found a function without a signature; wrap it: def {name}(x): ..."
        ) from None
    if not parameters or any(
        p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters
    ):
        raise ArgumentError(f"{name}: expected one or more arguments by position, each a float")
    return [p.name for p in parameters]


def _check_rules(partials: Sequence[object], arguments: Sequence[str], name: str) -> None:
    if len(partials) != len(arguments):
        raise ArgumentError(
            f"{name}: found {len(partials)} rules; expected one per argument "
            f"({', '.join(arguments)}), None where nothing flows"
        )
    for argument, rule in zip(arguments, partials, strict=True):
        if rule is None:
            continue
        if not callable(rule):
            raise ArgumentError(
                f"{name}: the rule of {argument} is {type(rule).__name__}; expected a function "
                "rule(g, out, ...) or None"
            )
        try:
            signature_of(rule).bind(*range(2 + len(arguments)))
        except TypeError:
            raise ArgumentError(
                f"{name}: the rule of {argument} takes other arguments; expected "
                f"rule(g, out, {', '.join(arguments)})"
            ) from None


def _intervals(domain: Any, count: int, name: str) -> tuple[tuple[float, float], ...]:
    if domain is None:
        return ()
    try:
        pairs = [domain] if count == 1 and not isinstance(domain[0], Sequence) else list(domain)
        intervals = tuple((float(low), float(high)) for low, high in (p or REAL for p in pairs))
    except (TypeError, ValueError, LookupError):
        intervals = ()
    if len(intervals) != count or not all(low < high for low, high in intervals):
        raise ArgumentError(
            f"{name}: found domain={domain!r}; expected one interval (low, high) per argument"
        )
    return intervals


def _probe(value: Value, impl: Value, count: int, name: str) -> None:
    """The value is a float wherever there is one, and calling it is never an error."""
    worked = 0
    for point in product(_PROBES, repeat=min(count, 2)):
        operands = (*point, *[0.5] * (count - len(point)))
        impl(*operands)
        try:
            found = value(*operands)
        except ARITHMETIC_ERRORS:
            continue
        worked += 1
        if type(found) is not float and not isinstance(found, complex):
            raise ArgumentError(
                f"{name}{operands}: found {type(found).__name__} {found!r}; expected a float, as "
                "in return 0.0"
            )
    if not worked:
        raise ArgumentError(f"{name}: raises everywhere; expected a function of floats")


def _sympy_text(sympy: object, arguments: Sequence[str], name: str) -> str:
    """The column's text: holes for arguments, exact quotients of integers."""
    if sympy is None:
        return ""
    if not isinstance(sympy, str):
        if not callable(sympy):
            raise ArgumentError(
                f"{name}: found sympy={sympy!r}; expected a text such as 'log(x)', or a function"
            )
        try:
            signature_of(sympy).bind(*arguments)
        except (TypeError, ValueError):
            raise ArgumentError(
                f"{name}: sympy: found {type(sympy).__name__}; expected a function of "
                f"{', '.join(arguments)}, which SymPy's symbols are given to"
            ) from None
        sympy = str(prover("custom text")(sympy, arguments))
    try:
        return sympy_column(sympy, arguments)
    except SyntaxError as error:
        raise ArgumentError(f"{name}: sympy={sympy!r}: {error.msg}") from None


# --- the value -------------------------------------------------------------------------------


class _IeeeMath:
    """``math`` with IEEE results: its functions that are primitives, else its own."""

    def __getattr__(self, name: str) -> object:
        return row_of(name) or getattr(math, name)


_IEEE_MATH = _IeeeMath()


def _total(value: Value, name: str) -> Value:
    """``value`` with IEEE results: where it raises, its own code runs again on total numbers."""
    again = value
    if isinstance(value, types.FunctionType):
        names = {key: _ieee(found) for key, found in value.__globals__.items()
                 if key in value.__code__.co_names}  # fmt: skip
        again = types.FunctionType(
            value.__code__,
            {**value.__globals__, **names},
            name,
            value.__defaults__,
            value.__closure__,
        )

    def total(*operands: float) -> float:
        try:
            return float(value(*operands))
        except (*ARITHMETIC_ERRORS, TypeError):  # TypeError: a complex number
            pass
        try:
            return float(again(*map(Float, operands)))
        except (*ARITHMETIC_ERRORS, TypeError):
            return math.nan

    total.__name__ = name
    total.__wrapped__ = value  # type: ignore[attr-defined]  # where its source is
    return total


def _ieee(found: object) -> object:
    if found is math:
        return _IEEE_MATH
    if isinstance(found, types.BuiltinFunctionType) and found.__module__ == "math":
        return getattr(_IEEE_MATH, found.__name__)
    return found
