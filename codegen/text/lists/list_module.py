"""The file of emitted functions of floats and lists."""

from __future__ import annotations

from codegen.language.listing import LISTS, LISTS_ONCE, LISTS_TOTAL
from codegen.language.target import Target
from codegen.language.totalled import PYTHON_TOTAL
from codegen.text.module import TARGETS

__all__ = ["LISTS", "LISTS_ONCE", "in_lists"]

for _target in (LISTS, LISTS_ONCE):
    TARGETS[_target.name] = _target


def in_lists(language: Target) -> Target:
    """The language of lists beside one of numbers, which may be the one that never raises."""
    return LISTS_TOTAL if language is PYTHON_TOTAL else language
