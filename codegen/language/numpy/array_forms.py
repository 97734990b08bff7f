"""ARRAY_FORMS: the array form of every function that NumPy texts may call, by name.

A form by hand where one is faster, or where there is no other (vectorized.py); for every other
portable function the one that is written from its scalar source (codegen/subset/to_numpy.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from autodiff.errors import EmitError
from autodiff.numbers.ieee import PORTABLE
from codegen.language.numpy.vectorized import VECTORIZED
from codegen.subset.to_numpy import flat_form

__all__ = ["ARRAY_FORMS"]

Form = Callable[..., Any]


@cache
def _written(function: Callable[..., float]) -> Form | None:
    """The form that is written from the source of a function, if it can be."""
    try:
        return flat_form(function)
    except EmitError:
        return None


class _Forms(Mapping[str, Form]):
    """Looks up a form by hand, else writes one."""

    def __getitem__(self, name: str) -> Form:
        made = VECTORIZED.get(name) or _written(PORTABLE[name])
        if made is None:
            raise KeyError(name)
        names = made.__globals__
        called = [n for n in made.__code__.co_names if n not in names and n != name and n in self]
        names |= {other: self[other] for other in called}
        return made

    def __contains__(self, name: object) -> bool:
        return name in VECTORIZED or (
            name in PORTABLE and _written(PORTABLE[str(name)]) is not None
        )

    def __iter__(self) -> Iterator[str]:
        return (name for name in dict.fromkeys([*VECTORIZED, *PORTABLE]) if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


ARRAY_FORMS: Mapping[str, Form] = _Forms()
