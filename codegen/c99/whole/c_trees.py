"""Trees of loops as lines of C.

What one statement alone reads, in the same turn of the same loops, is written inside that statement
while the line stays short.  A sum over loops is a variable, or, where many places are summed at
once, the places themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set

from autodiff.graph.graph import Graph
from codegen.c99.c_writer import SUB
from codegen.c99.whole.c_provided import EXTREMES
from codegen.c99.whole.c_sheet import LOCAL, Sheet
from codegen.c99.whole.c_terms import Place, Term, composed
from codegen.language.naming import Naming
from codegen.nests.fusing import Branch, Loop, written_by
from codegen.nests.lower.loop_statement import (
    Access,
    Fold,
    Opaque,
    Operand,
    Pick,
    Repeat,
    Statement,
    Tensor,
)
from codegen.nests.storing import Room
from codegen.subset.template import ATOM

__all__ = ["Trees"]

_FOLDED = 64  # characters from which a value that is used once has a line of its own


class Trees:
    """Loops and statements over tensors, tree by tree.

    Args:
        sheet: Where they are written.
        tensors: All tensors.
        graph: Whose values they are.
        naming: What these are called.
        rooms: The tensors that live inside loops, and the numbers that are variables.
    """

    def __init__(
        self, sheet: Sheet, tensors: Sequence[Tensor], graph: Graph, naming: Naming,
        rooms: Mapping[int, Room],
    ) -> None:  # fmt: skip
        self._sheet, self._tensors, self._graph = sheet, tensors, graph
        self._naming, self._rooms = naming, rooms
        self.texts: dict[int, str] = {}  # of nodes, as the naming sees them
        self._vars: list[str] = []  # of the open loops
        self._places: dict[int, Place] = {}
        self._variables: dict[int, Term] = {}
        self._pending: dict[int, Term] = {}  # written where it is used
        self._sums: dict[Statement, str] = {}
        self._alone: set[int] = set()  # tensors that one statement reads, in the same turn
        self._truths: set[int] = set()  # tensors that are truth values
        self._ahead: dict[int, str] = {}  # variables that are declared before an ``if``

    def prepare(self, trees: Sequence[Branch], read: Sequence[Operand | None]) -> None:
        """Find out what is written inside what.

        Args:
            trees: What is to be written, in order.
            read: What is read behind it.
        """
        self._truths = self._conditions(trees)
        self._alone = _read_once(trees, read) - self._truths

    # --- branches ---

    def _conditions(self, trees: Sequence[Branch]) -> set[int]:
        """The tensors that are truth values, and variables."""
        return {
            step.target.tensor
            for _, step in _steps(trees, None)
            if isinstance(step, Statement)
            and step.primitive is not None
            and step.primitive.predicate
            and step.fold is None
            and self.is_variable(step.target.tensor)
        }

    def _body(self, branches: Sequence[Branch], behind: Set[int]) -> None:
        """Branches of one body; ``behind`` are the tensors that are read behind it."""
        raise NotImplementedError

    def _behind(self, loop: Loop) -> set[int]:
        """The tensors of a loop that live longer than its turns."""
        rooms = self._rooms
        return {t for t in written_by(loop) if t not in rooms or rooms[t].depth <= loop.depth}

    def _known(self, tensor: int, text: str, truth: bool = False) -> None:
        """Note what a variable is; one that was declared ahead gets it."""
        name = self._ahead.get(tensor)
        if name is not None:
            self._sheet.give(name, text)
        self._variables[tensor] = Term(name or text, truth=truth)

    def _branch(self, branch: Branch) -> None:
        if isinstance(branch, Loop):
            self._loop(branch)
        elif isinstance(branch, Statement):
            self._statement(branch)
        else:
            self._other(branch)

    def _other(self, step: Opaque | Repeat) -> None:
        """What is neither a loop nor a statement."""
        raise NotImplementedError

    def _loop(self, loop: Loop) -> None:
        sheet = self._sheet
        begun = [s for s in loop.statements if s.reduction == loop.depth]
        for tensor in written_by(loop):
            self._before_writing(tensor)
        for statement in begun:
            self._begin(statement, loop.depth)
        variable = sheet.variable(loop.depth)
        with sheet.block(sheet.loop(variable, loop.extent)):
            self._vars.append(variable)
            for statement in loop.statements:
                self._declare(statement.target.tensor, loop.depth + 1)
            self._body(loop.body, self._behind(loop))
            self._vars.pop()
        for statement in begun:
            self._end(statement)

    def _declare(self, tensor: int, depth: int) -> None:
        """Make room for what lives in a turn of this loop."""
        room = self._rooms.get(tensor)
        if room is None or room.depth != depth or room.size == 1 or tensor in self._places:
            return
        name = self.name(tensor)
        if room.size > LOCAL:
            self._sheet.array(name, room.size)
        else:
            self._sheet.add(f"double {name}[{room.size}];")
        self._places[tensor] = Place(name)

    # --- names and places ---

    def name(self, tensor: int) -> str:
        """A new name for a tensor: as the user calls its value."""
        node = self._tensors[tensor].node
        if node < 0 or self._graph.nodes[node].primitive is None:
            return self._sheet.names.temporary()
        name = self.texts[node] = self._naming.name(node)
        return name

    def is_variable(self, tensor: int) -> bool:
        """True if a tensor is a number that lies nowhere."""
        room = self._rooms.get(tensor)
        return room is not None and room.size == 1

    def place(self, tensor: int) -> Place:
        """Where a tensor begins."""
        if tensor not in self._places:
            name = self.name(tensor)
            self._sheet.array(name, self._tensors[tensor].size)
            self._places[tensor] = Place(name)
        return self._places[tensor]

    def place_of(self, access: Access) -> Place:
        """A place in this turn of the loops."""
        room = self._rooms.get(access.tensor)
        first = 0 if room is None else room.depth
        strides = access.strides[first:]
        terms = list(zip(self._vars[first : first + len(strides)], strides, strict=False))
        if access.pick is not None:
            terms.append((self._picked(access.pick), access.pick.stride))
        return self.lying(access.tensor).at(terms, access.offset)

    def lying(self, tensor: int) -> Place:
        """Where a tensor begins; a number that lies nowhere is put somewhere."""
        if tensor not in self._variables:
            return self.place(tensor)
        name = self._sheet.names.claim("number")
        text = self._variables[tensor].number(self._sheet.target).text
        self._sheet.add(f"const double {name}[1] = {{{text}}};")
        return Place(name)

    def _picked(self, pick: Pick) -> str:
        """What an index map says, as a count."""
        if pick.checked:
            return f"(size_t){self.read(pick.places).within(ATOM)}"
        self._sheet.helpers.add("proofgrad_place")
        text = self.read(pick.places).number(self._sheet.target).text
        return f"proofgrad_place({text}, {float(pick.size)!r}, &{self._sheet.flag()})"

    def read(self, operand: Operand) -> Term:
        """A number that has been computed, or lies somewhere."""
        if isinstance(operand, float):
            return Term(self._sheet.target.literal(operand))
        tensor = operand.tensor
        if operand.pick is None:
            known = self._pending.get(tensor) or self._variables.get(tensor)
            if known is not None:
                return known
        reads = {tensor} if operand.pick is None else {tensor, operand.pick.places.tensor}
        return Term(self.place_of(operand).number, reads=frozenset(reads))

    # --- statements ---

    def _statement(self, statement: Statement) -> None:
        term = self._computed(statement)
        tensor = statement.target.tensor
        if statement.fold is not None:
            self._folded(statement, statement.fold, term)
        elif self.is_variable(tensor):
            self._give(tensor, term)
        else:
            self._before_writing(tensor)
            number = term.number(self._sheet.target)
            self._sheet.give(self.place_of(statement.target).number, number.text)

    def _computed(self, statement: Statement) -> Term:
        if statement.primitive is None:
            return self._taken(statement.operands)[0]
        target = self._sheet.target
        if statement.primitive is SUB and statement.operands[0] == 0.0:
            self._name_number(statement.operands[1])
        form = target.template(statement.primitive)
        self._sheet.calls.update(form.calls)
        for position in form.repeated:
            self._settle(statement.operands[position])
        made = composed(statement.primitive, [self.read(x) for x in statement.operands], target)
        while len(made.text) > self._sheet.width and self._settle_longest(statement.operands):
            made = composed(statement.primitive, [self.read(x) for x in statement.operands], target)
        self._taken(statement.operands)
        return made

    def _name_number(self, operand: Operand) -> None:
        """Give a truth value a name as a number: see ``CWriter``."""
        term = self.read(operand)
        if term.truth and not isinstance(operand, float):
            self._pending.pop(operand.tensor, None)
            name = self._sheet.names.temporary()
            self._sheet.give(f"const double {name}", term.number(self._sheet.target).text)
            self._variables[operand.tensor] = Term(name)

    def _taken(self, operands: Sequence[Operand]) -> list[Term]:
        """What operands are; those that are pending are written here, for good."""
        terms = [self.read(x) for x in operands]
        for operand in operands:
            if not isinstance(operand, float):
                self._pending.pop(operand.tensor, None)
        return terms

    def _give(self, tensor: int, term: Term) -> None:
        if tensor in self._ahead:
            self._known(tensor, term.text, term.truth)
            return
        named = self._tensors[tensor].node in self._naming.variables
        if tensor in self._alone and not named and len(term.text) <= _FOLDED:
            self._pending[tensor] = term
        else:
            self._constant(tensor, term)

    def _constant(self, tensor: int, term: Term) -> None:
        name, kind = self.name(tensor), "int" if term.truth else "double"
        self._sheet.give(f"const {kind} {name}", _bare(term.text))
        self._variables[tensor] = Term(name, truth=term.truth)

    def _settle(self, operand: Operand) -> None:
        """Give a value that is pending, or a number that is read twice, a name."""
        if isinstance(operand, float):
            return
        pending = self._pending.pop(operand.tensor, None)
        if pending is not None:
            self._constant(operand.tensor, pending)

    def _settle_longest(self, operands: Sequence[Operand]) -> bool:
        pending = [x for x in operands if not isinstance(x, float) and x.tensor in self._pending]
        if not pending:
            return False
        self._settle(max(pending, key=lambda x: len(self._pending[x.tensor].text)))
        return True

    def _before_writing(self, tensor: int) -> None:
        """Compute what reads a tensor, or what else lies there, before that is written over."""
        if not self._pending:
            return
        over = self._lying_at(tensor)
        for other in [t for t, term in self._pending.items() if not over.isdisjoint(term.reads)]:
            self._constant(other, self._pending.pop(other))

    def _lying_at(self, tensor: int) -> set[int]:
        """The tensors that share memory with one, itself among them."""
        return {tensor}

    # --- sums and extremes ---

    def _begin(self, statement: Statement, depth: int) -> None:
        """Make the place where a reduction comes together, and put what nothing folds to there."""
        assert statement.fold is not None
        start = self._sheet.target.literal(statement.fold.start)
        kept = _kept(statement, depth)
        if not kept:
            tensor = statement.target.tensor
            own = self.is_variable(tensor)
            own = own and tensor not in self._ahead
            name = self.name(tensor) if own else self._sheet.names.claim("total")
            self._sums[statement] = name
            self._sheet.add(f"double {name} = {_bare(start)};")
            return
        opened = len(self._vars)
        self._vars += [""] * (len(statement.extents) - opened)
        self._cleared(statement, kept, start)
        del self._vars[opened:]

    def _cleared(self, statement: Statement, kept: Sequence[int], start: str) -> None:
        if not kept:
            self._sheet.give(self.place_of(statement.target).number, _bare(start))
            return
        depth, sheet = kept[0], self._sheet
        self._vars[depth] = sheet.variable(depth)
        with sheet.block(sheet.loop(self._vars[depth], statement.extents[depth])):
            self._cleared(statement, kept[1:], start)

    def _folded(self, statement: Statement, fold: Fold, term: Term) -> None:
        """Fold a value into what is there."""
        name = self._sums.get(statement)
        if name is None:
            self._before_writing(statement.target.tensor)
            name = self.place_of(statement.target).number
        text = term.number(self._sheet.target).text
        if fold is Fold.ADD:
            self._sheet.give(name, text, "+=")
            return
        self._sheet.helpers.add(EXTREMES[fold.value])
        self._sheet.give(name, f"{EXTREMES[fold.value]}({name}, {text})")

    def _end(self, statement: Statement) -> None:
        """Store what came together."""
        name = self._sums.pop(statement, None)
        if name is None:
            return
        tensor = statement.target.tensor
        if self.is_variable(tensor):
            self._known(tensor, name)
        else:
            self._before_writing(tensor)
            self._sheet.give(self.place_of(statement.target).number, name)


def _kept(statement: Statement, depth: int) -> list[int]:
    """The loops inside over places that do not come together."""
    inside = range(depth + 1, len(statement.extents))
    return [d for d in inside if not statement.reduces(d)]


def _bare(text: str) -> str:
    """A negative number needs no parentheses where it stands alone."""
    inside = text[1:-1]
    alone = text.startswith("(-") and text.endswith(")") and not set(inside) & set("() +*/")
    return inside if alone else text


def _read_once(trees: Sequence[Branch], read: Sequence[Operand | None]) -> set[int]:
    """Tensors that are read once, in the turn that writes them."""
    reads: Counter[int] = Counter()
    readers: dict[int, object] = {}
    writers: dict[int, object] = {}
    for body, step in _steps(trees, None):
        if isinstance(step, Statement):
            found = [(x, 1) for x in step.operands if not isinstance(x, float)]
            writers[step.target.tensor] = body
            picks = [x.pick.places for x in step.accesses() if x.pick is not None]
            found += [(x, 2) for x in picks]
        elif isinstance(step, Repeat):
            found = [(x, 2) for x in step.reads()]
        else:
            found = []
        for access, count in found:
            reads[access.tensor] += count
            readers[access.tensor] = body
    for operand in read:
        if operand is not None and not isinstance(operand, float):
            reads[operand.tensor] += 1
            readers[operand.tensor] = None
    return {t for t, n in reads.items() if n == 1 and t in writers and readers[t] is writers[t]}


def _steps(
    trees: Sequence[Branch], body: Loop | None
) -> Iterator[tuple[Loop | None, Statement | Opaque | Repeat]]:
    for tree in trees:
        if isinstance(tree, Loop):
            yield from _steps(tree.body, tree)
        else:
            yield body, tree
