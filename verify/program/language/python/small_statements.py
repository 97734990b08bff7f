"""Statements that say something about others: ``assert``, ``with``, ``del``, inner functions."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from verify.program.language.python.local_names import Scope
from verify.program.language.read_values import Unsettled
from verify.program.language.refusal import RefusedError
from verify.program.language.writing import Writing

__all__ = ["SmallStatements"]


class SmallStatements(Writing):
    """Reads them."""

    def _run(self, body: Sequence[ast.stmt], scope: Scope) -> object:
        """Run statements."""
        raise NotImplementedError

    def _assert(self, statement: ast.Assert, scope: Scope) -> None:
        """``assert`` of what hangs on no input."""
        if self.test(statement.test, scope) is not True:
            raise RefusedError("asserts what hangs on the inputs, or does not hold")

    def _with(self, statement: ast.With, scope: Scope) -> object:
        """``with numpy.errstate(...)``, which keeps NumPy from warning."""
        for one in statement.items:
            call = one.context_expr
            if (
                not isinstance(call, ast.Call) or call.args or one.optional_vars is not None
                or self._is_local(call.func, scope)
                or self.module.full_name(call.func) != "numpy.errstate"
                or any(
                    k.arg is None or not isinstance(k.value, ast.Constant)
                    or k.value.value not in ("ignore", "warn") for k in call.keywords
                )
            ):  # fmt: skip
                raise RefusedError("only with numpy.errstate(...='ignore')")
        return self._run(statement.body, scope)

    def _delete(self, statement: ast.Delete, scope: Scope) -> None:
        for target in statement.targets:
            if not isinstance(target, ast.Name):
                raise RefusedError("only names are deleted")
            self.value(ast.copy_location(ast.Name(target.id, ast.Load()), target), scope)
            scope.assign(target.id, Unsettled(f"{target.id!r} is deleted above this line"))

    def _definition(self, statement: ast.FunctionDef, scope: Scope) -> None:
        """A function inside another one."""
        scope.assign(statement.name, self.closure(statement, scope))
