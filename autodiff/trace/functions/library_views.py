"""Modules as copies of functions see them: with ours in place of what cannot record."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping

__all__ = ["Library", "Passing", "ours_by_id"]


class Library:
    """A module as copies see it: some of its names are ours, the rest is its own.

    Args:
        module: The module.
        libraries: By the names of modules, what is ours of them; also of modules inside this one.
    """

    def __init__(
        self, module: types.ModuleType, libraries: Mapping[str, Mapping[str, object]]
    ) -> None:
        self._module, self._libraries = module, libraries
        self._ours = libraries[module.__name__]

    def __getattr__(self, name: str) -> object:
        ours = self._ours.get(name, self)
        if ours is not self:
            return ours
        found = getattr(self._module, name)
        if isinstance(found, types.ModuleType) and found.__name__ in self._libraries:
            return Library(found, self._libraries)
        return found


class Passing:
    """A module that passes on what is a library's, as copies see it: they find ours there."""

    def __init__(self, module: types.ModuleType, ours: Mapping[int, object]) -> None:
        self._module, self._ours = module, ours

    def __getattr__(self, name: str) -> object:
        found = getattr(self._module, name)
        return self._ours.get(id(found), found)


_KNOWN: dict[tuple[int, frozenset[str]], dict[int, object]] = {}


def ours_by_id(libraries: Mapping[str, Mapping[str, object]]) -> dict[int, object]:
    """What stands for a function of a library, by the id of that function.

    Libraries live as long as the program, so their ids stay; what the program imports later is
    found when it is there.
    """
    present = frozenset(name for name in libraries if name in sys.modules)
    found = _KNOWN.get((id(libraries), present))
    if found is None:
        found = {
            id(original): ours
            for library in present
            for name, ours in libraries[library].items()
            if (original := getattr(sys.modules[library], name, None)) is not None
        }
        _KNOWN[id(libraries), present] = found
    return found
