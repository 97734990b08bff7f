"""Parser of the IR: ``parse(str(graph)) == graph``.

Grammar::

    graph      = ["array "] "graph" name "(" [parameter {", " parameter}] ")" "->" structure ":"
                 newline
                 {"    %" index [":" kind "[" sizes "]"] "=" (operation | number | array) newline}
                 "    return" [atom {", " atom}] newline
                 ["    limits" integers ";" integers ";" places newline]
    places     = [atom " " atom {", " atom " " atom}]
    kind       = "float" | "int" | "bool"
    array      = "[" numbers "]" | "data" json-string     (row by row; the digest of more numbers)
    operation  = primitive [params] [atom {", " atom}]          (params: see params.py)
    parameter  = name ":" structure
    structure  = "float" | "float[" sizes "]" | "None" | "(" structures ")" | "[" structures "]"
               | "{" key ":" structure ... "}" | module ":" class "(" field ":" structure ... ")"
               | "sparse[" sizes "](" ("rows" | "columns") {" " integer | ";"} ")"
    key        = json-string | number | "True" | "False" | "None" | "(" keys ")"
    atom       = "%" index | input name such as x, x[0], p.w[1,2] | number

A number is what ``float()`` reads back: ``0.5``, ``1e-05``, ``inf``, ``nan``.
An index is the node's place in the graph.  Constants have places too: one without a line of its own
stands directly before its first user, so indices may skip.  In an array graph every scalar and
array of arguments and result is one node, and arrays of constants have lines of their own.
"""

from __future__ import annotations

import copyreg
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from autodiff.errors import IRError
from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.check import check, distinct_and_literal
from autodiff.graph.graph import Builder, Graph, Limits
from autodiff.graph.inputs import Inputs
from autodiff.graph.loops.loop_nodes import arrays_in
from autodiff.graph.params import read_params
from autodiff.graph.reading.array_text import read_array
from autodiff.graph.reading.tokens import MOST, Tokens
from autodiff.graph.structure import Part, Structure, leaf_parts, records_of, size
from autodiff.graph.tree.records import import_of
from autodiff.graph.typed_node import Param, Params, Shape
from autodiff.origins.origin import Stored
from autodiff.table.arrays import ARRAY_ROWS, ArrayRow
from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["Packed", "PackedText", "packed", "parse", "unpacked"]


_HEADER = re.compile(r"(array )?graph (\S+?)\(")
_LINE = re.compile(r"\s+%(\d{1,18})(?:: (float|int|bool)\[(\d{1,18}(?:,\d{1,18})*)\])? = (?=\S)")
# The commonest line, of scalars and without parameters; what looks otherwise is read by its parts.
_PLAIN = re.compile(r'    %(\d{1,18}) = ([A-Za-z_]\w*) ([^"\n]+)', re.ASCII)
_PRIMITIVE = re.compile(r"([A-Za-z_]\w*)(?:(?= )|(?=\[))")
_LIMITS = re.compile(r"\s+limits ([\d, ]*+);([\d, ]*+);([^;]*+)(?:;([^;]*+))?$")
_PAIR = re.compile(r'((?:[^,\s\["]++|\[(?:[^"\]]++|"(?:[^"\\]++|\\.)*+")*+\])++)')
_RETURN = re.compile(r"\s+return(?=\s|$)")
# No part can match in two ways, and none gives back what it took: a line is read once.
_ATOM = re.compile(r'\s*+((?:[^,\s\["]++|\[(?:[^"\]]++|"(?:[^"\\]++|\\.)*+")*+\])++)\s*+(,|$)')


def parse(text: str) -> Graph:
    """Graph of a printed text.

    Args:
        text: What ``str`` of a graph gives, or the same written by hand.

    Returns:
        A graph that is equal to the one that was printed.

    Raises:
        IRError: naming the line, what was found and what was expected.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x, y: x * ad.sin(y), 1.0, 2.0)
    >>> ad.parse(str(g)) == g
    True
    """
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise IRError("line 1: found nothing; expected 'graph name(x: float) -> float:'")
    expanded, name, parameters, result = _parse_header(lines[0][1])
    floats = sum(size(structure) for _, structure in parameters)
    if floats > MOST:
        raise IRError(f"line 1: found {floats} floats among the arguments; expected at most {MOST}")
    known = Inputs(parameters, expanded)
    names = known.node_names
    builder = Builder(known)
    inputs = {leaf: index for index, leaf in enumerate(names)}
    atom = _atom_reader(builder, inputs)
    last = lines.pop() if _LIMITS.fullmatch(lines[-1][1]) else None
    for number, line in lines[1:-1]:
        if not _is_plain(builder, inputs, line):
            _parse_line(builder, atom, number, line)
    number, line = lines[-1]
    match = _RETURN.match(line)
    if match is None or len(lines) == 1:
        raise IRError(
            f"line {number}: found {_short(line.strip())!r}; expected 'return ...' as last line"
        )
    outputs = [atom(token, number) for token in _atoms(line, match.end(), number)]
    expected = size(result) if expanded else len(leaf_parts("", result))
    if len(outputs) != expected:
        raise IRError(
            f"line {number}: found {len(outputs)} outputs; expected {expected} for {result}"
        )
    limits = None if last is None else _parse_limits(atom, *last)
    made = builder.graph(name, parameters, outputs, result, limits=limits)
    if expanded:
        return distinct_and_literal(made)
    check(made)  # its shapes as well, by which memory is read
    return made


def _parse_limits(atom: Callable[[str, int], int], number: int, line: str) -> Limits:
    """What stands behind ``return`` (class Limits)."""
    match = _LIMITS.fullmatch(line)
    assert match is not None
    outputs, inputs = (tuple(map(int, re.findall(r"\d+", text))) for text in match.groups()[:2])

    def places(text: str) -> tuple[tuple[int, int | float], ...]:
        tokens = _PAIR.findall(text)
        if len(tokens) % 2:
            raise IRError(f"line {number}: found {text!r}; expected pairs of atoms, as in %3 0.0")
        return tuple(map(place, tokens[::2], tokens[1::2]))

    def place(one: str, other: str) -> tuple[int, int | float]:
        try:
            return atom(one, number), float(other)
        except ValueError:
            return atom(one, number), atom(other, number)

    return Limits(outputs, inputs, places(match[3]), places(match[4] or ""))


Inner: TypeAlias = tuple[Stored | None, tuple["Inner", ...]]
PackedText: TypeAlias = str | tuple[str, tuple[ArrayConstant, ...], tuple[Inner, ...]]
Packed: TypeAlias = tuple[PackedText, Stored | None]


def packed(graph: Graph) -> Packed:
    """``graph`` as plain data that pickles: its text, and where its nodes come from.

    With the text of a graph of arrays come the numbers that it names by their digests, and where
    the nodes of the graphs inside come from: emitted text goes by that, and has to stay the same.
    """
    stored, inner = _origins_of(graph)
    if graph.expanded:
        return str(graph), stored
    return (str(graph), tuple(arrays_in(graph)), inner), stored


def unpacked(text: PackedText, origins: Stored | None) -> Graph:
    """The graph that was packed; the modules of its dataclasses are imported, as by ``pickle``."""
    inner: tuple[Inner, ...] = ()
    if isinstance(text, tuple):
        text, _, inner = text  # its arrays are alive, so that their digests are known
    graph = _with_origins(parse(text), (origins, inner))
    for structure in (*(s for _, s in graph.parameters), graph.result):
        for record in records_of(structure):
            if record.kind is None:
                import_of(record.name)
    return graph


def _origins_of(graph: Graph) -> Inner:
    """Where the nodes of a graph come from, and those of the graphs inside, node by node."""
    origins = graph.origins
    stored = None if origins is None else origins.stored(len(graph.nodes))
    known: dict[int, Inner] = {}  # the results of a loop share its body
    inside = [x for node in graph.nodes for _, x in node.params if isinstance(x, Graph)]
    for body in inside:
        if id(body) not in known:
            known[id(body)] = _origins_of(body)
    return stored, tuple(known[id(body)] for body in inside)


def _with_origins(graph: Graph, found: Inner) -> Graph:
    """A graph that was parsed, with what ``_origins_of`` found."""
    origins, inner = found
    if not inner:
        return replace(graph, origins=origins)
    known: dict[int, Graph] = {}
    left = iter(inner)

    def given(value: Param) -> Param:
        if not isinstance(value, Graph):
            return value
        own = next(left)
        if id(own) not in known:
            known[id(own)] = _with_origins(value, own)
        return known[id(own)]

    nodes = (
        n._replace(params=tuple((name, given(x)) for name, x in n.params)) for n in graph.nodes
    )
    return replace(graph, nodes=tuple(nodes), origins=origins)


def _reduced(graph: Graph) -> tuple[Callable[..., Graph], Packed]:
    return unpacked, packed(graph)


copyreg.pickle(Graph, _reduced)  # nodes hold rows of the table, whose rules are no data


def _parse_header(line: str) -> tuple[bool, str, list[Part], Structure]:
    match = _HEADER.match(line)
    if match is None or "->" not in line:
        raise IRError(
            f"line 1: found {_short(line.strip())!r}; "
            "expected 'graph name(x: float, ...) -> float:'"
        )
    _identifier(match[2])
    tokens = Tokens(line[match.end() :])
    parameters = []
    while tokens.peek() != ")":
        parameter = _identifier(tokens.take())
        tokens.expect(":")
        parameters.append((parameter, tokens.structure()))
        if tokens.peek() != ")":
            tokens.expect(",")
    tokens.expect(")")
    tokens.expect("->")
    structure = tokens.structure()
    colon = tokens.peek() == ":" and tokens.take()
    if not colon or not tokens.at_end():
        raise IRError(f"line 1: found {tokens.take()!r} after the result's structure {structure}")
    return match[1] is None, match[2], parameters, structure


def _identifier(name: str) -> str:
    if not name.isidentifier():
        raise IRError(f"line 1: found name {name!r}; expected an identifier")
    return name


def _is_plain(builder: Builder, inputs: Mapping[str, int], line: str) -> bool:
    """True if a line is of the commonest kind, and its node is added; what was added may stay."""
    match = _PLAIN.fullmatch(line)
    primitive = None if match is None else REGISTRY.get(match[2])
    if match is not None and not builder.expanded and match[2] in ARRAY_ROWS:
        return False
    if match is None or primitive is None or primitive.params:
        return False
    operands = []
    for token in match[3].split(", "):
        if token in inputs:
            operands.append(inputs[token])
        elif token[:1] == "%" and token[1:].isdecimal() and len(token) < 20:
            index = int(token[1:])
            if index >= len(builder.nodes):
                return False
            operands.append(index)
        else:
            try:
                operands.append(builder.literal(float(token)))
            except ValueError:
                return False
    if len(operands) != primitive.arity:
        return False
    return builder.add(primitive, tuple(operands)) == int(match[1])


def _parse_line(builder: Builder, atom: Callable[[str, int], int], number: int, line: str) -> None:
    match = _LINE.match(line)
    if match is None:
        raise _no_line(number, line)
    index = int(match[1])
    named = _PRIMITIVE.match(line, match.end())
    if named is None and not match[2]:
        found = _constant(builder, number, line, match.end())
    elif match[2] and (line.startswith("data ", match.end()) or line[match.end()] == "["):
        array = read_array(line[match.end() :], match[2], match[3], number)
        found = builder.literal(array)
    else:
        shape = tuple(int(n) for n in (match[3] or "").split(",") if n)
        if named is None:
            raise _no_line(number, line)
        found = _operation(builder, atom, number, line, named, shape)
    if found != index:
        raise IRError(
            f"line {number}: found %{index}; expected %{len(builder.nodes) - 1}: indices count "
            "inputs, constants, and nodes, and equal nodes appear once"
        )


def _no_line(number: int, line: str) -> IRError:
    return IRError(f"line {number}: found {_short(line.strip())!r}; expected '%3 = mul %1, x'")


def _constant(builder: Builder, number: int, line: str, start: int) -> int:
    try:
        return builder.literal(float(line[start:]))
    except ValueError:
        raise _no_line(number, line) from None


def _operation(
    builder: Builder,
    atom: Callable[[str, int], int],
    number: int,
    line: str,
    named: re.Match[str],
    shape: Shape,
) -> int:
    primitive: Primitive | None = REGISTRY.get(named[1])
    start = named.end()
    if not builder.expanded:
        primitive = ARRAY_ROWS.get(named[1], primitive)
    if primitive is None:
        raise IRError(
            f"line {number}: found primitive {named[1]!r}; it is not in autodiff/table/ops (a "
            "custom one is known once the module that registers it is imported)"
        )
    params: Params = ()
    if line[start] == "[":
        params, start = read_params(line, start, number, parse)
    if tuple(name for name, _ in params) != primitive.params:
        found = ", ".join(name for name, _ in params) or "no parameters"
        raise IRError(
            f"line {number}: found {found}; {primitive.name} has "
            f"{', '.join(primitive.params) or 'none'}"
        )
    operands = tuple(atom(token, number) for token in _atoms(line, start, number))
    several = isinstance(primitive, ArrayRow) and primitive.takes(len(operands))
    if len(operands) != primitive.arity and not several:
        raise IRError(
            f"line {number}: found {len(operands)} operands; {primitive.name} has {primitive.arity}"
        )
    return builder.add(primitive, operands, params, shape)


def _atoms(line: str, start: int, number: int) -> Iterator[str]:
    """The atoms from ``line[start]`` on, with commas between them."""
    end = "," if line[start:].strip() else ""
    while end:
        match = _ATOM.match(line, start)
        if match is None:
            found = _short(line[start:].strip())
            raise IRError(f"line {number}: found {found!r}; expected an operand, then a comma")
        yield match[1]
        start, end = match.end(), match[2]


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _atom_reader(builder: Builder, inputs: dict[str, int]) -> Callable[[str, int], int]:
    def atom(token: str, number: int) -> int:
        if token in inputs:
            return inputs[token]
        if re.fullmatch(r"%\d{1,18}", token):
            index = int(token[1:])
            if index < len(builder.nodes):
                return index
            raise IRError(f"line {number}: operand {token} is not defined above this line (I2)")
        try:
            return builder.literal(float(token))
        except ValueError:
            raise IRError(
                f"line {number}: found operand {_short(token)!r}; expected %index, a number or one "
                f"of the inputs {', '.join(list(inputs)[:8])}"
            ) from None

    return atom
