"""Names of emitted values: the user's own where they are known and safe, else ``v1``, ``v2``, ...

Parameters keep the user's names, and everything else gives way to them.
A cotangent is called after its value (``d1_bar``), a tangent likewise (``d1_dot``), and what adds
up to a cotangent ``d1_bar_1``, ``d1_bar_2``.  A name that is assigned again in the user's code
(``total = total + x``) gets a number, since no emitted name is assigned twice.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

from autodiff.graph.graph import Graph
from autodiff.origins.origin import Label, Role
from autodiff.table.primitive import REGISTRY

__all__ = ["Anonymous", "Names", "Naming", "can_stay"]

_RESERVED = (
    frozenset(keyword.kwlist)
    | frozenset(keyword.softkwlist)
    | frozenset(dir(builtins))
    | {"np", "math", "inf", "nan", "residuals", "cotangent"}
    | {"evaluate", "forward", "backward", "value_and_gradient"}
)
_PATH = str.maketrans({"[": "_", "]": None, ",": "_", ".": "_", '"': None})  # x[1,2] -> x_1_2
_LONGEST = 40  # characters of a name of the user's
# What contributions to a cotangent meet in.
_ADDED = frozenset(REGISTRY[name] for name in ("add", "sub", "where"))
_DESCRIBED = 20  # characters of the names in a description
_PLAIN = re.compile(r"(?!v\d+$)[A-Za-z]\w*", re.ASCII)
_LETTER = re.compile("[A-Za-z\u0370-\u03ff]")  # a name without any cannot be spelled in ASCII
_OURS = re.compile(r"v\d+(_|$)")
# Functions of emitted files that call each other by these names.
_FIXED = re.compile(r"_\w+_(halves|ieee|settled|sides|piece|ties)")
# Functions that read well in a name: sin_x, sqrt_T.
_FUNCTIONS = frozenset(
    {"sqrt", "exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "erf", "abs", "square"}
)


def can_stay(name: str) -> bool:
    """True if a parameter of an emitted function can have this name of the user's."""
    plain = name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
    return plain and not _FIXED.fullmatch(name)


class Names:
    """Identifiers of one emitted file; none is given twice, and no local one shadows a function."""

    def __init__(self, functions: Iterable[str]) -> None:
        self._reserved = _RESERVED | set(functions)
        self._taken = set(self._reserved)
        self._count = 0
        self._kept: set[str] = set()  # parameters
        self._numbers: dict[str, int] = {}  # name -> the last number put behind it
        self._events: dict[int, str] = {}  # elements of one array have one base
        self._bases: dict[str, str] = {}  # what the user calls values -> the identifier

    def keep(self, parameters: Iterable[str]) -> None:
        """Give parameters their own names, whatever is called so besides."""
        self._kept.update(parameters)
        self._taken |= self._kept

    @property
    def kept(self) -> frozenset[str]:
        """The parameters that have their own names."""
        return frozenset(self._kept)

    def ours(self, name: str) -> str:
        """A name of ours, another one if a parameter has it."""
        while name in self._kept or (name in self._taken and name not in self._reserved):
            name += "_"
        self._taken.add(name)
        return name

    def claim(self, wish: str) -> str:
        """An unused ASCII identifier as close to ``wish`` as possible."""
        return self._first(_identifier(wish))

    def _first(self, name: str) -> str:
        return self._next(f"{name}_" if name in self._reserved else name, bare=True)

    def part(self, whole: str) -> str:
        """Name for something that adds up to ``whole``: ``whole_1``, ``whole_2``, ..."""
        return self._next(f"{_identifier(whole)}_", bare=False)

    def _next(self, name: str, bare: bool) -> str:
        """``name`` with the next free number behind it; with ``bare`` the first has none."""
        number, taken = self._numbers.get(name, 0), self._taken
        if bare and number == 0 and name not in taken:
            self._numbers[name] = 1
            taken.add(name)
            return name
        start = _numbered(name)
        while True:
            number += 1
            free = name if bare and number == 1 else f"{start}{number}"
            if free not in taken:
                break
        self._numbers[name] = number
        taken.add(free)
        return free

    def labelled(self, label: Label) -> str:
        """Name for what the user called ``label``."""
        base = self._bases.get(label.base)
        if base is None:
            base = self._bases[label.base] = _identifier(label.base[:_LONGEST])
        if not label.path:
            return self._first(base)
        known = self._events.get(label.event)
        if known is None:
            again = f"{base}[]"  # counts arrays of this name; no identifier
            number = self._numbers[again] = self._numbers.get(again, 0) + 1
            known = base if number == 1 else f"{_numbered(base)}{number}"
            self._events[label.event] = known
        return self.claim("_".join([known, *map(str, label.path)]))

    def temporary(self) -> str:
        """The next ``v1``, ``v2``, ...; no claimed name but a parameter's looks like one."""
        self._count += 1
        while f"v{self._count}" in self._kept:
            self._count += 1
        return f"v{self._count}"


def _numbered(name: str) -> str:
    """``name``, ready for a number behind it; v with one would be a temporary's."""
    return f"{name}_" if name[-1].isdigit() or name == "v" else name


def _identifier(wish: str) -> str:
    """``wish`` as an ASCII identifier that is no temporary's."""
    if _PLAIN.fullmatch(wish):
        return wish
    name = wish.translate(_PATH)
    if not name.isascii():
        name = "".join(map(_ascii, unicodedata.normalize("NFKD", name)))
    if not name.isidentifier():
        name = re.sub(r"\W+", "_", name, flags=re.ASCII).rstrip("_") or "x"
    if name[0].isdigit() or name.startswith("_"):
        name = f"x{name}" if name[0] == "_" else f"x_{name}"
    return f"{name}_" if re.fullmatch(r"v\d+", name) else name


def _ascii(character: str) -> str:
    """The letter itself, the name of a Greek one, else nothing."""
    if character.isascii():
        return character
    kind, _, letter = unicodedata.name(character, "").partition(" LETTER ")
    name = letter.split(" ")[0].lower()
    return name.capitalize() if kind == "GREEK CAPITAL" else name if kind == "GREEK SMALL" else ""


class Naming:
    """Chooses the name of each node of a graph that gets a line.

    Args:
        graph: The graph.
        names: Identifiers of the file.
        texts: Text of the nodes written so far, as the Writer keeps it.
        backward: Nodes of the backward section, in order.
    """

    def __init__(
        self, graph: Graph, names: Names, texts: Mapping[int, str], backward: Collection[int] = ()
    ) -> None:
        self._names, self._texts, self._nodes = names, texts, graph.nodes
        origins, derived = graph.origins, set(backward)
        self.labels: Mapping[int, Label] = {} if origins is None else origins.labels
        roles = {} if origins is None else origins.roles
        self._roles = {i: role for i, role in roles.items() if i in derived}
        # Nodes that the user made a variable of: each gets a line.
        self.variables = frozenset(i for i, label in self.labels.items() if label.strength == 0)
        self._parts = _parts(graph, self._roles, backward)

    def name(self, index: int) -> str:
        """Name for node ``index``."""
        label = self.labels.get(index)
        if label is not None and _LETTER.search(label.base):
            return self._names.labelled(label)
        role = self._roles.get(index)
        if role is not None and (value := self._value(role.of)):
            return self._names.claim(f"{value}_{role.suffix}")
        role = self._parts.get(index)
        if role is not None and (value := self._value(role.of)):
            return self._names.part(f"{value}_{role.suffix}")
        description = self._described(index)
        return self._names.claim(description) if description else self._names.temporary()

    def _described(self, index: int) -> str:
        """``sin_x``, ``x_over_y`` or ``x_scaled``: an operation on values that have names."""
        primitive, operands = self._nodes[index][:2]
        assert primitive is not None
        words = [self._texts.get(i, "") for i in operands]
        names = [w for w in words if w.isidentifier() and not _OURS.match(w)]
        if primitive.name == "mul" and len(names) == 1 and words[0] != words[1]:
            other = operands[0] if words[1] == names[0] else operands[1]
            return f"{names[0]}_scaled" if self._nodes[other].value is not None else ""
        if len(names) != len(operands) or len("".join(names)) > _DESCRIBED:
            return ""
        if primitive.name == "div":
            return f"{names[0]}_over_{names[1]}"
        return f"{primitive.name}_{names[0]}" if primitive.name in _FUNCTIONS else ""

    def _value(self, index: int) -> str:
        """How the value is called whose derivative is to be named."""
        written = self._texts.get(index, "")
        if written.isidentifier():
            return written
        label = self.labels.get(index)
        return "" if label is None else "_".join([label.base, *map(str, label.path)])


class Anonymous:
    """A naming that knows no names of the user's."""

    variables: frozenset[int] = frozenset()

    def __init__(self, names: Names) -> None:
        self._names = names

    def name(self, index: int) -> str:
        """The next temporary."""
        return self._names.temporary()


def _parts(graph: Graph, roles: Mapping[int, Role], backward: Collection[int]) -> dict[int, Role]:
    """The nodes that are added up to a cotangent, by that cotangent's role."""
    parts: dict[int, Role] = {}
    inside, nodes = set(backward), graph.nodes
    for index in reversed(list(backward)):
        primitive, operands = nodes[index][0], nodes[index][1]
        if primitive in _ADDED and (role := roles.get(index) or parts.get(index)) is not None:
            for operand in operands[-2:]:
                if operand in inside and operand not in roles and operand not in parts:
                    parts[operand] = role
    return parts
