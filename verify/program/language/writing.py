"""Writing: what assignments to items and parts change."""

from __future__ import annotations

import ast

from verify.program.language.arrays.indexed_parts import has_list, is_mask
from verify.program.language.operations import depends, put
from verify.program.language.python.dicts import is_key
from verify.program.language.python.local_names import Scope
from verify.program.language.read_values import (
    Array,
    List,
    Place,
    Table,
    Value,
    is_index,
    is_number,
)
from verify.program.language.refusal import RefusedError
from verify.program.language.scalars.by_conditions import leaves
from verify.program.language.text_calls import Calls

__all__ = ["TRUNCATES", "Writing"]

TRUNCATES = "an array of integers truncates what is written to it; make it one of floats"


class Writing(Calls):
    """Writes items."""

    def _write(self, owner: Value, key: Value, value: Value) -> None:
        """``owner[key] = value``."""
        if depends(key):
            at, cases = self.places(key)
            for k in sorted({*map(int, leaves(cases))}):
                here, plain = self.numbers.equals(cases, k), put(key, at, k)
                self._write(owner, plain, self.chosen(here, value, self.selected(owner, plain)))
        elif isinstance(owner, Array):
            if owner.kind != "float":
                raise RefusedError(TRUNCATES)
            if is_mask(key):
                self._write_under(owner, key, value)
                return
            part = self.arrays.places(owner, key)
            new = self.arrays.stored(value, owner, key)
            for place, item in zip(part, new, strict=True):
                self.memory.change(owner, place, item)
        elif isinstance(owner, List) and is_index(key) and -len(owner) <= key < len(owner):
            self.memory.change(owner, int(key) % len(owner), value)
        elif isinstance(owner, Table) and is_key(key):
            self.memory.change(owner, int(key) if isinstance(key, Place) else key, value)
        else:
            raise RefusedError("only items of a list are assigned to")

    def _write_under(self, owner: Array, mask: Array, new: Value) -> None:
        """``owner[mask] = new``: a number where the conditions hold, or as many as hold."""
        if is_number(new):
            self._choose_under(owner, mask, self.arrays.filled(new, owner.shape))
            return
        for place, item in self.arrays.stored_under(mask, new, owner):
            self.memory.change(owner, place, item)

    def _choose_under(self, owner: Array, mask: Array, new: Array) -> None:
        """As many new numbers as there are old ones, each where its condition holds."""
        for place, item in enumerate(self.arrays.under(mask, new, owner)):
            self.memory.change(owner, place, item)

    def _change_part(
        self, kind: type[ast.operator], owner: Array, key: Value, node: ast.expr, scope: Scope
    ) -> None:
        """``owner[key] += ...``: a view sees what the right side changes, a copy does not."""
        if is_mask(key):
            before = self.arrays.array(owner)
            more = self.value(node, scope)
            if is_number(more):
                self._choose_under(owner, key, self.arrays.binary(kind, before, more))
            else:
                part = self.arrays.under_mask(before, key)
                self._write_under(owner, key, self.operate(kind, part, more))
            return
        if depends(key):
            more = self.value(node, scope)
            self._write(owner, key, self.operate(kind, self.selected(owner, key), more))
            return
        old = self.arrays.part(owner, key)
        more = self.value(node, scope)
        if isinstance(old, Array) and not has_list(key):
            old = self.arrays.part(owner, key)
        self._write(owner, key, self.operate(kind, old, more))

    def written_by(self, name: str, owner: Value, rest: list[Value]) -> None:
        """What a function of ``WRITING`` does to an array."""
        if name == "numpy.fill_diagonal" and len(rest) == 1:
            if not isinstance(owner, Array) or len(owner.shape) != 2 or owner.kind != "float":
                raise RefusedError("only the diagonal of a matrix of floats is filled")
            places = [k * (owner.shape[1] + 1) for k in range(min(owner.shape))]
            for place, item in zip(
                places, self.arrays.fitting(rest[0], (len(places),)), strict=True
            ):
                self.memory.change(owner, place, item)
        elif name == "numpy.copyto" and len(rest) == 1 and isinstance(owner, Array):
            self._write(owner, ..., rest[0])
        elif name in ("numpy.add.at", "numpy.subtract.at") and len(rest) == 2:
            key, more = rest
            less = name != "numpy.add.at"
            self.added_at(owner, key, self.operate(ast.Mult, -1.0, more) if less else more)
        else:
            raise RefusedError(f"{name} with {len(rest) + 1} arguments")

    def added_at(self, owner: Value, key: Value, more: Value) -> None:
        """``numpy.add.at``: to a place that is named twice it adds twice."""
        if not isinstance(owner, Array) or owner.kind != "float" or depends(key):
            raise RefusedError("an array of floats is added to, at plain places")
        for place, item in zip(
            self.arrays.places(owner, key), self.arrays.stored(more, owner, key), strict=True
        ):
            new = self.numbers.binary(ast.Add, self.arrays.kept(owner.number(place)), item)
            self.memory.change(owner, place, self.arrays.kept(new))

    def _extend(self, kind: type[ast.operator], old: List, more: Value) -> None:
        """``old += more`` of a list, which all its names see."""
        if kind is not ast.Add or not isinstance(more, (list, tuple)):
            raise RefusedError("arithmetic on a list in place; write it out")
        self.memory.grow(old, at_end=True)
        self.library.make(len(more))
        old.extend([*more])

    def _replace(self, old: Array, new: Value) -> None:
        """``old += ...`` of an array, which all its names see."""
        if old.kind != "float":
            raise RefusedError(TRUNCATES)
        for place, item in enumerate(self.arrays.fitting(new, old.shape)):
            self.memory.change(old, place, item)
