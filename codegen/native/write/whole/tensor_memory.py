"""Where the values of tensors are found and kept: registers, the stack, memory."""

from __future__ import annotations

from collections.abc import Sequence

from codegen.native.form import vector_math
from codegen.native.form.widen import vector
from codegen.native.write.shuffling import picked, strided, transposed
from codegen.native.write.whole.ir_lines import IRLines, IRValue, Sheet
from codegen.native.write.whole.planning import COLUMNS, MOST_ON_STACK, Plan
from codegen.nests.lower.loop_statement import Access, Home, Pick, Tensor
from codegen.subset.to_llvm import number

__all__ = ["TensorMemory"]

_ON_STACK = 512  # numbers of one tensor or reduction
_LINE = 8  # numbers of a cache line


class TensorMemory(IRLines):
    """Loads and stores.

    Args:
        tensors: All tensors.
        plan: What is decided for the trees of the function.
        sheet: The function.
    """

    def __init__(self, tensors: Sequence[Tensor], plan: Plan, sheet: Sheet) -> None:
        super().__init__(sheet)
        self._tensors, self._plan, self._rooms = tensors, plan, plan.rooms
        self._vars: list[int | str] = []  # of the open loops
        self._extents: list[int] = []
        self._wide: int | None = None  # depth of the loop in lanes that is open
        self._registers: dict[int, IRValue] = {}
        self._memory: dict[int, str] = {}  # tensors on the stack
        self._written: set[int] = set()  # tensors that the tree at hand writes
        self._changing = {t for t, x in enumerate(tensors) if x.home is Home.CARRY and x.written}

    def _operand(self, operand: Access | float, wide: bool) -> IRValue:
        """An operand as wide as it is asked for."""
        if isinstance(operand, float):
            return IRValue(self._literal(operand, wide), wide)
        known = None if operand.pick else self._registers.get(operand.tensor)
        if known is None:
            return IRValue(self._loaded(operand, wide), wide)
        if wide and not known.wide:
            return IRValue(
                self._spread(known.name, "i1" if known.truth else "double"), True, known.truth
            )
        return known

    # --- addresses ---

    def _base(self, tensor: int) -> str:
        room = self._rooms.get(tensor)
        if room is None:
            return f"%b{tensor}"
        if tensor not in self._memory:
            wide = self._lanes_of(tensor)
            self._memory[tensor] = self._reserved(room.size, wide)
        return self._memory[tensor]

    def _reserved(self, size: int, wide: bool) -> str:
        """Memory of this call: on the stack, or beside it where it is much."""
        sheet = self._sheet
        name = f"%s{next(sheet.count)}"
        numbers = size * (vector_math.lanes() if wide else 1)
        if numbers > _ON_STACK or sheet.stack + numbers > MOST_ON_STACK:
            sheet.slots.append(f"{name} = getelementptr double, ptr %beside, i64 {sheet.beside}\n")
            sheet.beside += -(-numbers // _LINE) * _LINE
            return name
        sheet.stack += numbers
        sheet.slots.append(f"{name} = alloca [{size} x {self._kind(wide)}], align 64\n")
        return name

    def _lanes_of(self, tensor: int) -> bool:
        """True if each place of a tensor on the stack is a register of lanes."""
        room = self._rooms.get(tensor)
        return room is not None and self._wide is not None and room.depth > self._wide

    def _address(
        self,
        access: Access,
        strides: Sequence[int] | None = None,
        base: str = "",
        wide: bool = False,
    ) -> str:
        """Where an access points in this turn."""
        own = access.strides if strides is None else strides
        offset = access.offset if strides is None else 0
        room = None if base else self._rooms.get(access.tensor)
        first = 0 if room is None else room.depth
        terms = []
        for depth in range(first, len(own)):
            stride, variable = own[depth], self._vars[depth]
            if isinstance(variable, int):
                offset += stride * variable
            elif stride:
                terms.append((variable, stride))
        kind = self._kind(wide or (room is not None and self._lanes_of(access.tensor)))
        key = ("address", base or access.tensor, kind, offset, tuple(terms))

        def make() -> str:
            place = base or self._base(access.tensor)
            for variable, stride in terms:
                step = variable if stride == 1 else self._scaled(variable, stride)
                place = self._new(f"getelementptr {kind}, ptr {place}, i64 {step}")
            if offset:
                place = self._new(f"getelementptr {kind}, ptr {place}, i64 {offset}")
            return place

        return self._once(key, make)

    def _scaled(self, variable: str, stride: int) -> str:
        text = f"mul i64 {variable}, {stride}"
        return self._once(("scaled", variable, stride), lambda: self._new(text))

    def _loaded(self, access: Access, wide: bool) -> str:
        """A number from memory, or one in every lane."""
        if self._lanes_of(access.tensor):
            return self._new(f"load {vector('double')}, ptr {self._address(access)}, align 64")
        if access.pick is not None:
            return self._picked(access, access.pick, wide)
        stride = access.strides[self._wide] if wide and self._wide is not None else 0
        if wide and self._wide is not None and len(self._vars) <= self._wide:
            assert stride == 0  # before the loop in lanes
        address = self._address_outside(access)

        def make() -> str:
            if wide and stride not in (0, 1):
                column = self._column(access, stride)
                if column is not None:
                    return column
                lanes = range(vector_math.lanes())
                return self._gathered([self._shifted(address, k * stride) for k in lanes])
            kind = self._kind(wide and stride == 1)
            made = self._new(f"load {kind}, ptr {address}, align 8")
            return self._spread(made) if wide and stride == 0 else made

        if access.tensor in self._written:
            return make()
        return self._once(("loaded", address, stride if wide else None), make)

    def _column(self, access: Access, step: int) -> str | None:
        """One column of rows that lie in a row, of which all are read at once; None if none is."""
        if access.tensor in self._written or step < 0:
            return None
        offset, terms, last = access.offset, [], access.offset
        near = step < vector_math.lanes()
        opened = access.strides[: len(self._vars)]  # a loop that is not open yet takes no part
        for depth, (stride, variable, extent) in enumerate(
            zip(opened, self._vars, self._extents, strict=True)
        ):
            if isinstance(variable, int):
                offset += stride * variable
                last += stride * variable
                near = near or (depth != self._wide and stride == 1 and extent >= COLUMNS)
            elif stride:
                terms.append((variable, stride))
                last += stride * (extent - (vector_math.lanes() if depth == self._wide else 1))
        place = offset % step
        first = offset - place
        width = vector_math.lanes()
        group = 0 if step < width else min(place - place % width, step - width)
        whole = (width - 1) * step + group + width if step >= width else width * step
        if not near or any(stride < 0 for _, stride in terms):
            return None
        if last - place + whole > self._tensors[access.tensor].size:
            return None

        def key(column: int) -> object:
            return "column", access.tensor, tuple(terms), first, step, column

        def make() -> str:
            columns = self._columns(access.tensor, terms, first + group, step)
            for k, name in enumerate(columns):
                self._memo[-1][key(group + k)] = name
            return columns[place - group]

        return self._once(key(place), make)

    def _columns(
        self, tensor: int, terms: Sequence[tuple[str, int]], offset: int, step: int
    ) -> list[str]:
        """As many columns as there are lanes, or as rows are long."""
        width, kind = vector_math.lanes(), vector("double")
        base = self._base(tensor)
        for variable, stride in terms:
            base = self._new(
                f"getelementptr double, ptr {base}, i64 {self._scaled(variable, stride)}"
            )
        dense = step < width
        starts = [offset + k * (width if dense else step) for k in range(step if dense else width)]
        rows = [
            self._new(f"load {kind}, ptr {self._shifted(base, start)}, align 8") for start in starts
        ]
        return picked(self._new, rows, strided(step)) if dense else transposed(self._new, rows)

    def _address_outside(self, access: Access) -> str:
        """The address where not all loops are open: those that are not have no part in it."""
        missing = len(access.strides) - len(self._vars)
        if missing <= 0:
            return self._address(access)
        self._vars += [0] * missing
        try:
            return self._address(access)
        finally:
            del self._vars[-missing:]

    def _shifted(self, address: str, offset: int) -> str:
        return (
            self._new(f"getelementptr double, ptr {address}, i64 {offset}") if offset else address
        )

    def _gathered(self, addresses: Sequence[str]) -> str:
        kind, made = vector("double"), "poison"
        for lane, address in enumerate(addresses):
            one = self._new(f"load double, ptr {address}, align 8")
            made = self._new(f"insertelement {kind} {made}, double {one}, i32 {lane}")
        return made

    def _store(self, target: Access, value: str) -> None:
        if self._lanes_of(target.tensor):
            self._add(f"store {vector('double')} {value}, ptr {self._address(target)}, align 64")
            return
        if target.pick is not None:
            wide = self._wide is not None
            for lane, place in enumerate(self._addresses(target, target.pick, wide)):
                one = self._lane(value, lane) if wide else value
                self._add(f"store double {one}, ptr {place}, align 8")
            return
        address = self._address(target)
        if self._wide is None:
            self._add(f"store double {value}, ptr {address}, align 8")
            return
        stride = target.strides[self._wide]
        if stride == 1:
            self._add(f"store {vector('double')} {value}, ptr {address}, align 8")
            return
        for lane in range(vector_math.lanes()):
            place = self._shifted(address, lane * stride)
            self._add(f"store double {self._lane(value, lane)}, ptr {place}, align 8")

    # --- index maps ---

    def _places(self, pick: Pick, wide: bool) -> list[str]:
        """What the index map says, per lane, checked."""
        given = self._number(self._operand(pick.places, wide), wide)
        numbers = [self._lane(given, k) for k in range(vector_math.lanes())] if wide else [given]
        return [self._place(x, pick) for x in numbers]

    def _place(self, x: str, pick: Pick) -> str:
        if pick.checked:
            return self._new(f"fptosi double {x} to i64")
        size = number(float(pick.size))
        low = self._new(f"fcmp oge double {x}, {number(-float(pick.size))}")
        high = self._new(f"fcmp olt double {x}, {size}")
        inside = self._new(f"and i1 {low}, {high}")
        safe = self._new(f"select i1 {inside}, double {x}, double {number(0.0)}")
        whole = self._new(f"fptosi double {safe} to i64")
        back = self._new(f"sitofp i64 {whole} to double")
        same = self._new(f"fcmp oeq double {back}, {x}")
        fits = self._new(f"and i1 {inside}, {same}")
        self._blame(self._new(f"xor i1 {fits}, true"))
        negative = self._new(f"icmp slt i64 {whole}, 0")
        wrapped = self._new(f"add i64 {whole}, {pick.size}")
        kept = self._new(f"select i1 {negative}, i64 {wrapped}, i64 {whole}")
        return self._new(f"select i1 {fits}, i64 {kept}, i64 0")

    def _blame(self, wrong: str) -> None:
        """Let the function return 2 where something is wrong."""
        self._sheet.faults = True
        before = self._new("load i1, ptr %fault")
        self._add(f"store i1 {self._new(f'or i1 {before}, {wrong}')}, ptr %fault")

    def _addresses(self, access: Access, pick: Pick, wide: bool) -> list[str]:
        """Where each lane points."""
        address, found = self._address(access), []
        stride = access.strides[self._wide] if wide and self._wide is not None else 0
        for lane, place in enumerate(self._places(pick, wide)):
            step = self._new(f"mul i64 {place}, {pick.stride}")
            own = self._shifted(address, lane * stride)
            found.append(self._new(f"getelementptr double, ptr {own}, i64 {step}"))
        return found

    def _picked(self, access: Access, pick: Pick, wide: bool) -> str:
        addresses = self._addresses(access, pick, wide)
        if wide:
            return self._gathered(addresses)
        return self._new(f"load double, ptr {addresses[0]}, align 8")
