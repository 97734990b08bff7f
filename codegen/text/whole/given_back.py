"""Parameters of files of arrays whose names are those of what the file calls.

Rows of arrays are spelled with ``np`` in many places.  So a file is written with another name for
such a parameter, and in the whole text the two exchange their names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from autodiff.graph.structure import Part
from codegen.text.function import Function
from codegen.text.parameters import parts_of

__all__ = ["LIBRARIES", "given_back"]

LIBRARIES = frozenset({"np", "math"})  # modules that texts of arrays name


def given_back(
    functions: Sequence[Function], parameters: Sequence[Part], asked: Collection[str]
) -> tuple[Function, ...]:
    """The functions, whose parameters have the names that they gave up.

    Args:
        functions: The functions of a file.
        parameters: The arguments of the first.
        asked: The names of its parameters that stand for something of ours in it.
    """
    parts = [name for name, _ in parts_of(parameters)]
    aliases = {
        name: one.name for name, one in zip(parts, functions[0].head, strict=False) if name in asked
    }
    both = aliases | {alias: name for name, alias in aliases.items()}
    words = re.compile(rf"(?<![\w.])({'|'.join(both)})\b(?!=)")  # axis=0 names no value
    return tuple(_exchanged(one, both, words, aliases) for one in functions)


def _exchanged(
    function: Function, both: Mapping[str, str], words: re.Pattern[str], ours: Mapping[str, str]
) -> Function:
    def renamed(text: str) -> str:
        return words.sub(lambda word: both[word[0]], text)

    return replace(
        function.with_lines(renamed),
        head=tuple(one._replace(name=renamed(one.name)) for one in function.head),
        calls=frozenset(ours.get(call, call) for call in function.calls),
        values=tuple((renamed(name), node) for name, node in function.values),
        aliases=(*function.aliases, *((alias, name) for name, alias in ours.items())),
    )
