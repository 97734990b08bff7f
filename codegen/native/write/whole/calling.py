"""What machine code of arrays leaves to others: products of matrices to BLAS, rows to NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from codegen.native.form.blas import dgemm_address
from codegen.native.form.widen import WideLibrary
from codegen.nests.lower.loop_statement import Opaque, Product

__all__ = ["Called", "Calling"]


class Called(NamedTuple):
    """A call.

    Args:
        slots: Lines for the function's beginning.
        lines: Lines of the call.
        status: The name of what it returns, 0 if all is well; "" if it always is.
    """

    slots: str
    lines: str
    status: str


class Calling:
    """The calls of one module, and what they refer to.

    Args:
        library: Where addresses of functions are kept.

    Attributes:
        rows: What NumPy computes; ``@"row.K"`` is a pointer to a function of each.
    """

    def __init__(self, library: WideLibrary) -> None:
        self._library = library
        self.rows: list[Opaque] = []
        self._products = 0
        self._pointees: dict[str, str] = {}

    def globals(self) -> str:
        """What the calls refer to."""
        rows = [f'@"row.{k}" = global ptr null\n' for k in range(len(self.rows))]
        blas = ""
        if self._products:
            blas = f'declare void @"blas.dgemm"({", ".join(["ptr"] * 13)})\n'
        return "".join((blas, *self._pointees.values(), *rows))

    def call(self, step: Opaque, operands: Sequence[str], target: str) -> Called:
        """A call, with pointers to where its operands and its result lie."""
        if step.product is not None:
            return self._product(step, step.product, operands, target)
        return self._row(step, operands, target)

    def _product(
        self, step: Opaque, product: Product, operands: Sequence[str], target: str
    ) -> Called:
        """A product of matrices by BLAS, which takes columns first: everything is turned."""
        k, self._products = self._products, self._products + 1
        address = dgemm_address()
        assert address is not None
        self._library.symbols["blas.dgemm"] = address
        names = [
            self._pointed("i32", number)
            for number in (product.columns, product.rows, product.inner,
                           product.right[0], product.left[0])
        ]  # fmt: skip
        n, m, inner, ldb, lda = names
        flips = [self._pointed("i8", ord("T" if turned else "N"))
                 for _, turned in (product.right, product.left)]  # fmt: skip
        one, zero = self._pointed("double", "1.0"), self._pointed("double", "0.0")
        lines, places = [], []
        for place, (start, pointer) in enumerate(zip(step.starts, operands, strict=True)):
            places.append(f"%m{k}.{place}")
            lines.append(f"%m{k}.{place} = getelementptr double, ptr {pointer}, i64 {start}\n")
        given = [*flips, n, m, inner, one, places[1], ldb, places[0], lda, zero, target, n]
        taken = ", ".join(f"ptr {name}" for name in given)
        lines.append(f'call void @"blas.dgemm"({taken})\n')
        return Called("", "".join(lines), "")

    def _pointed(self, kind: str, value: int | str) -> str:
        """A constant in memory."""
        name = f'@"{kind}.{value}"'
        self._pointees[name] = f"{name} = private constant {kind} {value}\n"
        return name

    def _row(self, step: Opaque, operands: Sequence[str], target: str) -> Called:
        """A row that NumPy computes, called with the addresses of its arrays."""
        k = len(self.rows)
        self.rows.append(step)
        pointers = [*zip(operands, step.starts, strict=True), (target, 0)]
        lines = []
        for place, (pointer, start) in enumerate(pointers):
            lines.append(
                f"%at{k}.{place} = getelementptr double, ptr {pointer}, i64 {start}\n"
                f"%in{k}.{place} = getelementptr ptr, ptr %list{k}, i64 {place}\n"
                f"store ptr %at{k}.{place}, ptr %in{k}.{place}\n"
            )
        lines.append(
            f'%row{k} = load ptr, ptr @"row.{k}"\n%call{k} = call i32 %row{k}(ptr %list{k})\n'
        )
        return Called(f"%list{k} = alloca [{len(pointers)} x ptr]\n", "".join(lines), f"%call{k}")
