"""Dicts: what their methods give, and what may be a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from verify.program.language.read_values import (
    OneSided,
    Place,
    Table,
    Unsettled,
    Value,
    is_index,
)
from verify.program.language.refusal import RefusedError

__all__ = ["is_key", "is_plain", "of_table", "pairs_of"]


def is_key(value: Value) -> bool:
    """True for what is the same key whatever the inputs are: texts, ints, tuples of these."""
    if type(value) is tuple:
        return all(map(is_key, value))
    return type(value) is str or is_index(value)


def is_plain(value: Value) -> bool:
    """True for a number, a text or None that hangs on no input, and for tuples of these."""
    if type(value) is tuple:
        return all(map(is_plain, value))
    return value is None or type(value) in (str, int, Place, float, bool)


def of_table(table: Table, name: str, arguments: Sequence[Value]) -> Value:
    """A method that changes nothing.

    Raises:
        RefusedError: if it is none.
    """
    match name, arguments:
        case "items" | "keys" | "values", []:
            return _gone_through(table, name)
        case "get", [key] | [key, _] if is_key(key):
            default = arguments[1] if len(arguments) == 2 else None
            return _settled(table.get(key, default))
    raise RefusedError(f"{name!r} is no method of dicts that is read")


def _gone_through(table: Table, what: str) -> Iterator[Value]:
    """The items of a dict as they are when each is reached, which keeps its keys."""
    keys = [*table]
    for key in keys:
        if what == "keys":
            yield key
        else:
            value = _settled(table[key])
            yield value if what == "values" else (key, value)
        if [*table] != keys:
            raise RefusedError("a dict that gets keys while it is gone through; write list()")


def pairs_of(items: Iterable[Value]) -> Iterator[tuple[Value, Value]]:
    """Keys and values, of what ``dict`` is called with."""
    for item in items:
        if not isinstance(item, (tuple, list)) or len(item) != 2 or not is_key(item[0]):
            raise RefusedError("expected pairs of a key and a value; keys are texts or ints")
        yield (int(item[0]) if isinstance(item[0], Place) else item[0]), item[1]


def _settled(value: Value) -> Value:
    if type(value) in (OneSided, Unsettled):
        raise RefusedError(value.why)
    return value
