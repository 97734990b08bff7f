"""ARRAY_FORMS: the array form of every function that NumPy texts may call, by name.

A form by hand where one is faster, or where there is no other (vectorized.py); for every other
portable function the one that is written from its scalar source (flat.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autodiff.numbers.ieee import PORTABLE
from codegen.language.numpy.flat import flat_form
from codegen.language.numpy.vectorized import VECTORIZED

__all__ = ["ARRAY_FORMS"]

Form = Callable[..., Any]


class _Forms(Mapping[str, Form]):
    """Looks up a form by hand, else writes one."""

    def __getitem__(self, name: str) -> Form:
        if name in VECTORIZED:
            return VECTORIZED[name]
        made = flat_form(PORTABLE[name])
        names = made.__globals__
        names |= {other: self[other] for other in made.__code__.co_names
                  if other in self and other not in names and other != name}  # fmt: skip
        return made

    def __contains__(self, name: object) -> bool:
        return name in VECTORIZED or name in PORTABLE

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*VECTORIZED, *PORTABLE]))

    def __len__(self) -> int:
        return len({*VECTORIZED, *PORTABLE})


ARRAY_FORMS: Mapping[str, Form] = _Forms()
