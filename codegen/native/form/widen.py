"""Scalar IR widened to lanes: every value becomes a vector, one point a lane.

A straight line of scalar instructions means the same for each lane, so its text is translated word
by word: ``double`` to ``<8 x double>``, a literal to a splat, a function to its wide twin.  A wide
function is written out (inlined.py), or libmvec's, or the portable source without branches
(flat_llvm.py), or the scalar function called lane by lane.
"""

from __future__ import annotations

import re

from autodiff.numbers.ieee import PORTABLE
from autodiff.table.primitive import Primitive
from codegen.native.form import vector_math
from codegen.native.form.forms import Form, Library, row_function
from codegen.native.form.inlined import DECLARED, INTRINSICS, inlined
from codegen.native.form.remainder import MEANINGS
from codegen.subset.flat_llvm import flat
from codegen.subset.read_python import SubsetError, function_of

__all__ = ["WideLibrary", "vector"]

_WORDS = re.compile(
    r'(?P<call>@"f\.(?P<name>[^"]+)")'
    r"|(?P<intrinsic>@llvm\.(?P<operation>\w+)\.f64)"
    r"|(?P<type>\b(?:double|i1)\b)"
    r"|(?P<number>(?<![\w%.])(?:0x[0-9A-F]{16}|-?\d+\.\d+))"
    r"|(?P<truth>(?<![\w%.])(?:true|false)\b)"
)


_CALLED = re.compile(
    r'(?P<result>%\S+) = call double @"f\.(?P<name>\w+)"\(double (?P<operand>[^,()]+)\)'
)

# Next to their zeros on the negative axis terms cancel: there the last bits of a vector's logarithm
# or tangent would show, so that the scalar function is called.
_CANCELLING = frozenset({"lgamma", "digamma"})


def vector(kind: str) -> str:
    """The type of one value a lane.

    >>> vector("double") in ("<8 x double>", "<4 x double>", "<2 x double>")
    True
    """
    return f"<{vector_math.lanes()} x {kind}>"


class WideLibrary:
    """Wide forms of the primitives, and the functions that they call.

    Args:
        flags: Fast-math flags of the primitives' arithmetic, "" for none.
    """

    def __init__(self, flags: str = "") -> None:
        self.scalar = Library(flags)
        self.symbols: dict[str, int] = {}
        self._forms: dict[Primitive, Form] = {}
        self._rows: dict[str, Primitive] = {}
        self._definitions: dict[str, str] = {}
        self._intrinsics: dict[tuple[str, int], None] = {}

    def form(self, primitive: Primitive) -> Form:
        """Wide form of a primitive; what it calls becomes part of the module."""
        form = self._forms.get(primitive)
        if form is None:
            self._rows[f"row {primitive.name}"] = primitive
            scalar = self.scalar.form(primitive)
            text = self.widened(scalar.text)
            form = self._forms[primitive] = Form(text, scalar.conditions, scalar.truth)
        return form

    def widened(self, text: str) -> str:
        """A straight line of scalar instructions, for all lanes."""
        lines = [one for line in text.splitlines() for one in self._inlined(line)]
        return "".join(f"{line}\n" for line in lines)

    def _inlined(self, line: str) -> list[str]:
        """A line for all lanes, or the lines of the function that it calls."""
        call = _CALLED.fullmatch(line)
        if call is not None:
            operand = self._line(call["operand"])
            lines = inlined(call["name"], operand, call["result"])
            if lines is not None:
                self._definitions["inlined"] = DECLARED
                self._intrinsics |= dict.fromkeys(INTRINSICS.items())
                return lines
        return [self._line(line)]

    def _line(self, line: str) -> str:
        arity = line.count("double ") - 1  # of a call: its own type comes first

        def wide(match: re.Match[str]) -> str:
            if match["call"]:
                self._wanted(match["name"], arity)
                return f'@"w.{match["name"]}"'
            if match["intrinsic"]:
                self._intrinsics[match["operation"], arity] = None
                return f"@llvm.{match['operation']}.v{vector_math.lanes()}f64"
            if match["type"]:
                return vector(match["type"])
            kind = "double" if match["number"] else "i1"
            return f"splat ({kind} {match['number'] or match['truth']})"

        return _WORDS.sub(wide, line)

    # --- functions ---

    def _wanted(self, name: str, arity: int) -> None:
        if name not in self._definitions:
            self._definitions[name] = ""  # it may refer to itself
            self._definitions[name] = self._defined(name, arity)

    def _defined(self, name: str, arity: int) -> str:
        parameters = ", ".join([vector("double")] * arity)
        address = vector_math.address_of(name, arity)
        if address is not None:
            self.symbols[f"w.{name}"] = address
            return f'declare {vector("double")} @"w.{name}"({parameters}) #1'
        try:
            lines, result = self._flat(name)
        except SubsetError:
            return self._lane_by_lane(name, arity)
        return self._definition(name, arity, self.widened("\n".join(lines)), result)

    def _flat(self, name: str) -> tuple[list[str], str]:
        row = self._rows.get(name)
        if row is not None:
            return flat(row_function(row))
        function = MEANINGS.get(name) or PORTABLE.get(name)
        if function is None or name in _CANCELLING:
            raise SubsetError(f"found {name}; expected a portable function without cancellation")
        return flat(function_of(function))

    def _lane_by_lane(self, name: str, arity: int) -> str:
        """The scalar function, once a lane."""
        self.scalar.require(name, arity)
        lines = []
        made = "poison"
        for lane in range(vector_math.lanes()):
            for k in range(arity):
                lines.append(
                    f"%x{k}.{lane} = extractelement {vector('double')} %a{k}, i32 {lane}\n"
                )
            arguments = ", ".join(f"double %x{k}.{lane}" for k in range(arity))
            lines.append(f'%y{lane} = call double @"f.{name}"({arguments})\n')
            lines.append(
                f"%r{lane} = insertelement {vector('double')} {made}, double %y{lane}, i32 {lane}\n"
            )
            made = f"%r{lane}"
        return self._definition(name, arity, "".join(lines), made)

    def _definition(self, name: str, arity: int, body: str, result: str) -> str:
        parameters = ", ".join(f"{vector('double')} %a{k}" for k in range(arity))
        returned = self._line(f"ret double {result}")
        return (
            f'define internal {vector("double")} @"w.{name}"({parameters}) #0 {{\n'
            f"{body}{returned}\n}}"
        )

    def definitions(self) -> str:
        """Text of all functions, wide and scalar, to stand in the module once."""
        width = vector_math.lanes()
        wide = [
            f"declare {vector('double')} @llvm.{name}.v{width}f64"
            f"({', '.join([vector('double')] * arity)})"
            for name, arity in self._intrinsics
        ]
        return "\n".join([*wide, *self._definitions.values(), self.scalar.definitions()])
