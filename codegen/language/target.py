"""Targets: what differs between the languages straight-line code is written in.

A target names the text column it writes, its literals, its imports and its stand-alone functions.
The Writer (write.py) does everything else; a new text target is one record here.
"""

from __future__ import annotations

import dis
import inspect
import math
import re
import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from autodiff.errors import EmitError
from autodiff.numbers.ieee import PORTABLE
from autodiff.table.primitive import REGISTRY, Primitive
from codegen.language.numpy.array_forms import ARRAY_FORMS
from codegen.language.wrap import narrowed
from codegen.subset.template import Template, template

__all__ = ["NUMPY", "PYTHON", "Target", "globals_of", "helper_source"]


# An int is written as a float: CPython is slow where the two are mixed.
_SPELLED = re.compile(r"\d{1,20}\.\d{1,20}(?:e[+-]?\d{1,3})?|\d{1,20}e[+-]?\d{1,3}")


@dataclass(frozen=True, eq=False)
class Target:
    """One text target.

    Args:
        name: As ``compile_gradient(target=...)`` spells it.
        column: Gives a primitive's text.
        truth_as_number: Text that turns a truth value ``{0}`` into 1.0 or 0.0.
        infinity: How to write inf and nan.
        module: The module that plain function names are imported from, or "" if none is.
        header: Import line that is always written.
        portable: Functions whose source is copied into the text, by name.
        own: Names that emitted functions use besides those of primitives.
        aliases: What names of ours are called where a parameter has the name.
        numbers: What the docstring of a file says of the numbers that its functions take.
    """

    name: str
    column: Callable[[Primitive], str]
    truth_as_number: str
    infinity: tuple[str, str]
    module: str
    header: str
    portable: Mapping[str, Callable[..., object]]
    own: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    numbers: str = ""

    def beside(self, parameters: Collection[str]) -> Target:
        """The target in a file whose functions have these parameters: names of ours give way.

        >>> PYTHON.beside(["x", "exp"]).template(REGISTRY["exp"]).text
        'exp_({0})'
        """
        ours = self.own | self.functions if parameters else frozenset()
        hidden = sorted(ours.intersection(parameters))
        if not hidden:
            return self
        aliases: dict[str, str] = {}
        for name in hidden:
            alias = f"{name}_"
            while alias in ours or alias in parameters:
                alias += "_"
            aliases[name] = alias
        words = re.compile(rf"(?<![\w.])({'|'.join(hidden)})\b")
        return self._renamed(aliases, lambda text: words.sub(lambda word: aliases[word[0]], text))

    def _renamed(self, aliases: Mapping[str, str], renamed: Callable[[str], str]) -> Target:
        inf, nan = self.infinity
        return replace(
            self,
            column=lambda primitive: renamed(self.column(primitive)),
            truth_as_number=renamed(self.truth_as_number),
            infinity=(renamed(inf), renamed(nan)),
            aliases=aliases,
        )

    def called(self, name: str) -> str:
        """What a name of ours is called in this file."""
        return self.aliases.get(name, name)

    def template(self, primitive: Primitive) -> Template:
        """Analysed text of a primitive.

        Raises:
            EmitError: if a custom primitive has no text here.
        """
        text = self.column(primitive)
        if not text:
            why = "" if self.name == "numpy" else f": {primitive.missing}"
            how = "give @custom(numpy=...)" if self.name == "numpy" else "make it self-contained"
            raise EmitError(f"primitive {primitive.name!r} has no {self.name} text{why}; {how}")
        return template(text, primitive.arity)

    @property
    def functions(self) -> frozenset[str]:
        """Every name a primitive's text calls."""
        return _calls_in(self.column, tuple(REGISTRY.values()))

    def literal(self, value: float, spelled: str = "") -> str:
        """Text of a number, as the user spelled it if that is the same number written as a float.

        Negative ones stand in parentheses.
        """
        inf, nan = self.infinity
        if value != value:
            return nan
        text = inf if math.isinf(value) else repr(abs(value))
        if _SPELLED.fullmatch(spelled) and float(spelled) == abs(value):
            text = spelled
        return text if math.copysign(1.0, value) > 0 else f"(-{text})"

    def needed_portable(self, names: Iterable[str]) -> list[str]:
        """Portable functions among ``names`` and all they depend on, in a fixed order."""
        needed, queue = set(), [n for n in names if n in self.portable]
        while queue:
            name = queue.pop()
            if name not in needed:
                needed.add(name)
                queue += [n for n in globals_of(self.portable[name]) if n in self.portable]
        return [name for name in self.portable if name in needed] if needed else []


@lru_cache(maxsize=8)  # rows of the user's may come at any time
def _calls_in(column: Callable[[Primitive], str], rows: tuple[Primitive, ...]) -> frozenset[str]:
    """Every name that the text of one of these rows calls."""
    texts = ((column(row), row.arity) for row in rows)
    return frozenset(call for text, arity in texts if text for call in template(text, arity).calls)


_ARRAYS = re.compile('"(?:Floats|Any)"')


@cache
def globals_of(function: Callable[..., object]) -> tuple[str, ...]:
    """Global names that a function's code reads: among them the functions it calls.

    >>> def area(r):
    ...     return math.pi * square(r)
    >>> globals_of(area)
    ('math', 'square')
    """
    code = dis.get_instructions(function)
    return tuple(dict.fromkeys(i.argval for i in code if i.opname == "LOAD_GLOBAL"))


@cache
def helper_source(function: Callable[..., object], name: str = "") -> str:
    """Source of a portable function without its decorator, under another name if one is given."""
    # A custom primitive's source is kept: where it was defined may be gone or edited since.
    source = getattr(function, "__source__", None) or inspect.getsource(function)
    lines = textwrap.dedent(source).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("def "))
    bare = re.fullmatch(r"def (\w+)\(([\w, ]+)\):", lines[start])
    if bare:  # a custom primitive need not say that it takes floats
        typed = ", ".join(f"{parameter.strip()}: float" for parameter in bare[2].split(","))
        lines[start] = f"def {bare[1]}({typed}) -> float:"
    text = "\n".join(narrowed(lines[start:])) + "\n"
    text = _ARRAYS.sub('"np.ndarray"', text)  # the file imports NumPy alone
    return text.replace(f"def {function.__name__}(", f"def {name or function.__name__}(", 1)


PYTHON = Target(
    name="python",
    column=lambda primitive: primitive.python,
    truth_as_number="1.0 if {0} else 0.0",
    infinity=("inf", "nan"),
    module="math",
    header="",
    portable=PORTABLE,
    own=frozenset({"inf", "nan", "abs", "float", "Exception", "ArithmeticError"}),
)

NUMPY = Target(
    name="numpy",
    column=lambda primitive: primitive.numpy,
    truth_as_number="np.where({0}, 1.0, 0.0)",
    infinity=("np.inf", "np.nan"),
    module="",
    header="import numpy as np",
    portable=ARRAY_FORMS,
    own=frozenset({"np"}),
    numbers="Each float may be an array of floats, one for each point; results are arrays then.",
)
