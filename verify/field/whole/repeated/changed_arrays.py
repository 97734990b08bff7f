"""Statements that change an array where it lies, run over residues: as a new array of that name.

``U[i, j] += w`` is ``U = added(U, w, i, j)``, if no other name that may share its memory is read
after it.  That is read off the text: each loop is gone through twice, so that what one repetition
leaves to the next is seen.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence

from autodiff.table import ops
from autodiff.table.arrays.array_row import ARRAY_ROWS
from autodiff.table.arrays.indexing import kept
from autodiff.table.arrays.reshaping import broadcast_to, reshape
from autodiff.table.arrays.row_params import Key
from autodiff.table.primitive import REGISTRY
from verify.field.both_blocks import JoinError
from verify.field.whole.array_field import ArrayField, Residues

__all__ = ["as_new_arrays", "changed_names", "functions_that_change"]

# What stands for the statements: no names of a text.
_PUT, _ADDED, _PUT_WHERE, _ELEMENT = "put there", "added there", "put there where", "one element"
_SLICE = "part of a key"
_FRESH = frozenset(
    {n for row in REGISTRY.values() for n in (row.numpy.partition("(")[0],) if n.startswith("np.")}
) | {
    "np.array", "np.sum", "np.where", "np.concatenate", "np.stack", "np.outer", "np.cumsum",
    "np.bincount", "scatter_add", "put_along", "put_at", "add_at", "assigned", "placed", "padded",
    "places_in", "abs", "float", "int", "floats",
}  # fmt: skip


def changed_names(function: ast.FunctionDef) -> set[str]:
    """The arrays of a function that statements change: those that begin as ``np.array(x, float)``.

    Raises:
        JoinError: if such a name is given another array.
    """
    begun, other = set[str](), {one.arg for one in ast.walk(function.args) if type(one) is ast.arg}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            (target,) = node.targets
            names = {n.id for n in ast.walk(target) if isinstance(n, ast.Name) and _is_store(n)}
            if isinstance(target, ast.Name) and _is_copy(node.value):
                begun |= names
            else:
                other |= names
    stored = {_owner(target) for node in ast.walk(function) for target in _changed(node)}
    if begun & other & stored:
        raise JoinError(f"{min(begun & other & stored)} is changed in place, and is another array")
    return begun & stored


def as_new_arrays(function: ast.FunctionDef) -> None:
    """Write a function without statements that change arrays where they lie.

    Raises:
        JoinError: if it reads what shares memory with an array that has changed since.
    """
    names = changed_names(function)
    if names:
        reading = _Reading(names)
        reading.block(function.body)
        function.body = _Renewed(names, reading.elements).block(function.body)


def functions_that_change(field: ArrayField) -> dict[str, Callable[..., object]]:
    """What stands for the statements."""

    def put(x: Residues, y: object, *parts: object) -> object:
        axis = _axis(parts)
        if any(isinstance(part, slice) for part in parts[axis:]):
            key = _key(parts, x.shape)
            value = broadcast_to(field.lift(y), kept(key))
            return field.of_row(ARRAY_ROWS["assign"], (x, value), {"key": key})
        return at("put_at", x, y, parts, axis)

    def added(x: Residues, y: object, *parts: object) -> object:
        return at("add_at", x, y, parts, _axis(parts))

    def put_where(x: Residues, y: object, condition: object, *parts: object) -> object:
        made = put(x, y, *parts)
        return field.lift(ops.where(field.truth(condition), made, x))

    def at(row: str, x: Residues, y: object, parts: Sequence[object], axis: int) -> object:
        place, flat = parts[axis], x
        if len(parts) > axis + 1:
            shape = x.shape[: len(parts)]
            place = field.of_row(ARRAY_ROWS["places"], tuple(parts), {"shape": shape})
            flat = reshape(x, (math.prod(shape), *x.shape[len(parts) :]))
        rest = (*flat.shape[:axis], *flat.shape[axis + 1 :])
        given = flat, place, broadcast_to(field.lift(y), rest)
        return reshape(field.of_row(ARRAY_ROWS[row], given, {"axis": axis}), x.shape)

    def element(x: Residues) -> Residues:
        if x.shape:
            raise JoinError("a part of an array is read after the array has changed")
        return x

    return {_PUT: put, _ADDED: added, _PUT_WHERE: put_where, _ELEMENT: element, _SLICE: slice}


def _axis(parts: Sequence[object]) -> int:
    """The axis of the first place that is no slice of all."""
    whole = [isinstance(part, slice) and part == slice(None) for part in parts]
    return whole.index(False) if False in whole else 0


def _key(parts: Sequence[object], shape: tuple[int, ...]) -> Key:
    """A key with one entry for each axis."""
    made: list[tuple[int, ...]] = []
    for at, n in enumerate(shape):
        part = parts[at] if at < len(parts) else slice(None)
        if isinstance(part, slice):
            places = range(*part.indices(n))
            made.append((places.start, len(places), places.step))
        elif isinstance(part, int):
            made.append((part % n,))
        else:
            raise JoinError("a key of slices and of places that are no numbers")
    return tuple(made)


class _Reading:
    """Which names share memory with arrays that change, and whether these are read too late.

    Args:
        names: The arrays.
    """

    def __init__(self, names: set[str]) -> None:
        self._version = dict.fromkeys(names, 0)
        self._shares: dict[str, dict[str, int]] = {}  # name -> arrays, as they were then
        self._by_element: dict[str, set[int]] = {}  # where an element was taken, or else a part
        self.elements = set[int]()  # statements that take elements, which they must be

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Go through statements.

        Raises:
            JoinError: if what has changed is read under another name.
        """
        for statement in body:
            match statement:
                case ast.For():
                    self.block(statement.body)
                    self.block(statement.body)
                case ast.If():
                    self._reads(statement.test)
                    self.block(statement.body)
                case _:
                    self._reads(statement)
                    self._stores(statement)

    def _reads(self, node: ast.AST) -> None:
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and not _is_store(one):
                for array, version in self._shares.get(one.id, {}).items():
                    if version != self._version[array]:
                        if one.id not in self._by_element:
                            raise JoinError(f"{one.id} is read after {array} has changed")
                        self.elements |= self._by_element[one.id]

    def _stores(self, statement: ast.stmt) -> None:
        for changed in _changed(statement):
            if (name := _owner(changed)) in self._version:
                self._version[name] += 1
        if not isinstance(statement, ast.Assign) or not statement.targets:
            return
        target, value = statement.targets[0], statement.value
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple):
            alike = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
            values = value.elts if alike and isinstance(value, ast.Tuple) else [value] * len(
                target.elts
            )  # fmt: skip
            pairs = list(zip(target.elts, values, strict=True))
        found = {
            one.id: (self._shared(given), _takes_element(given) and len(pairs) == 1)
            for one, given in pairs if isinstance(one, ast.Name)
        }  # fmt: skip
        for name, (shares, element) in found.items():
            self._shares[name] = shares
            self._by_element.pop(name, None)
            if element:
                self._by_element[name] = {id(statement)}

    def _shared(self, value: ast.expr) -> dict[str, int]:
        """The arrays that a value may be a part of, as they are now."""
        match value:
            case ast.Name(id=name) if name in self._version:
                return {name: self._version[name]}
            case ast.Name(id=name):
                return self._shares.get(name, {})
            case ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.Constant():
                return {}
            case ast.Subscript(value=owner):
                return self._shared(owner)
            case ast.Call(func=called) if ast.unparse(called).replace("np_", "np") in _FRESH:
                return {}
        found: dict[str, int] = {}
        for one in ast.iter_child_nodes(value):
            if isinstance(one, ast.expr):
                found |= self._shared(one)
        return found


class _Renewed:
    """Writes the statements as assignments to names.

    Args:
        names: The arrays that change.
        elements: Statements that take elements of them, which they must be.
    """

    def __init__(self, names: set[str], elements: set[int]) -> None:
        self._names, self._elements, self._bound = names, elements, set[str]()

    def block(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Statements, each as what it means."""
        made: list[ast.stmt] = []
        for statement in body:
            changes = [name for one in _changed(statement) if (name := _owner(one)) in self._names]
            if isinstance(statement, ast.For):
                inside = {_owner(t) for one in ast.walk(statement) for t in _changed(one)}
                going_on = sorted(inside & self._names & self._bound)  # also of a block
                made += [_assigned(name, _loaded(name)) for name in going_on]
                statement.body = self.block(statement.body)
            elif isinstance(statement, ast.If) and not _is_end(statement):
                made += [self._put(one, statement.test) for one in statement.body]
                continue
            elif changes:
                statement = self._put(statement)  # noqa: PLW2901  # what it means
            elif id(statement) in self._elements and isinstance(statement, ast.Assign):
                statement.value = _call(_ELEMENT, statement.value)
            made.append(statement)
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self._bound.add(statement.targets[0].id)
        return made

    def _put(self, statement: ast.stmt, condition: ast.expr | None = None) -> ast.stmt:
        (target,) = _changed(statement)
        if _owner(target) not in self._names:
            raise JoinError(ast.unparse(statement))
        array, parts = _loaded(_owner(target)), _parts(target.slice)
        match statement:
            case ast.Assign(value=value) if condition is None:
                return _assigned(array.id, _call(_PUT, array, value, *parts))
            case ast.Assign(value=value) if condition is not None:
                return _assigned(array.id, _call(_PUT_WHERE, array, value, condition, *parts))
            case ast.AugAssign(value=value, op=op) if condition is None:
                given = value if isinstance(op, ast.Add) else ast.UnaryOp(ast.USub(), value)
                return _assigned(array.id, _call(_ADDED, array, given, *parts))
        raise JoinError(ast.unparse(statement))


def _changed(node: ast.AST) -> list[ast.Subscript]:
    """The elements that a statement stores."""
    match node:
        case ast.Assign(targets=[ast.Subscript() as target]):
            return [target]
        case ast.AugAssign(target=ast.Subscript() as target, op=ast.Add() | ast.Sub()):
            return [target]
    return []


def _owner(target: ast.Subscript) -> str:
    return target.value.id if isinstance(target.value, ast.Name) else ""


def _parts(key: ast.expr) -> list[ast.expr]:
    entries = key.elts if isinstance(key, ast.Tuple) else [key]
    return [
        _call(_SLICE, *(one or ast.Constant(None) for one in (part.lower, part.upper, part.step)))
        if isinstance(part, ast.Slice) else part
        for part in entries
    ]  # fmt: skip


def _is_end(statement: ast.If) -> bool:
    return isinstance(statement.body[0], (ast.Continue, ast.Break))


def _is_copy(value: ast.expr) -> bool:
    """True for ``np.array(x, float)``."""
    match value:
        case ast.Call(ast.Attribute(ast.Name(), "array"), [_, ast.Name("float")], []):
            return True
    return False


def _takes_element(value: ast.expr) -> bool:
    return isinstance(value, ast.Subscript) and not any(
        isinstance(one, ast.Slice) for one in ast.walk(value.slice)
    )


def _is_store(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _loaded(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _assigned(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])
