"""The top level of a text: what its names mean once it is imported.

Imports, functions and constants.  Heads of functions are checked even where nobody calls them:
defaults and annotations are evaluated when the file is imported.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass, field

from autodiff.table.primitive import REGISTRY, Primitive
from codegen.language.syntax import syntax_tree
from codegen.language.target import helper_source
from codegen.language.totalled import total_source
from codegen.text.module import TARGETS
from verify.program.language.annotations import check_runs_nothing, check_type
from verify.program.language.python.local_names import bound_names
from verify.program.language.refusal import unreadable
from verify.program.language.scalars.known_rows import CONSTANTS, MODULES, has_name
from verify.program.language.source import Unparsed, statements

__all__ = [
    "Constant",
    "Function",
    "Imported",
    "Module",
    "as_definition",
    "copied",
]

_PACKAGES = frozenset(module.partition(".")[0] for module in MODULES)
_DO_ANYTHING = "a decorator can do anything; write a plain function"
_TOP_LEVEL = "only imports and functions at the top level, and constants"
_NUMBERS = frozenset(
    f"{module}.{name}" for module in ("math", "numpy") for name in CONSTANTS
    if has_name(module, name)
)  # fmt: skip


_COMPUTED = (ast.Call, ast.List, ast.Subscript, ast.Dict, ast.ListComp, ast.DictComp, ast.Compare,
             ast.IfExp)  # fmt: skip
_SCRIPT = "__name__ == '__main__'"
_TOLD = frozenset({"__all__", "__author__", "__license__", "__version__"})
_OF_TEXTS = (ast.Constant, ast.List, ast.Tuple, ast.Load)


@dataclass(frozen=True)
class Function:
    """A function of the text.

    Args:
        tree: Its definition.
        head: Its parameters.
        defaults: What the last of them are where they are left out: what they were at first.
        of_names: The same of parameters that are given by name alone.
    """

    tree: ast.FunctionDef | Unparsed
    head: ast.arguments
    defaults: tuple[object, ...]
    of_names: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Imported:
    """A module, or what was imported from one."""

    full: str  # "math", "math.sin"


@dataclass(frozen=True)
class Constant:
    """A number of the top level."""

    value: object


@dataclass(frozen=True)
class Computed(Constant):
    """What calls of libraries make at the top level: arrays, lists, ``math.sqrt(2.0)``.

    Args:
        value: The expression, read where it is asked for.
        names: What its names mean where it stands.
    """

    value: ast.expr
    names: Mapping[str, Function | Imported | Constant | None]


class Module:
    """What the names at the top level of a text mean.

    Args:
        constant: Reads the value of a plain constant.
        computed: Reads what libraries make at the top level; the same object each time.
        scripts: True if what the file does as a script does not matter.
    """

    def __init__(
        self,
        constant: Callable[[ast.expr], object],
        computed: Callable[[ast.expr], object],
        scripts: bool = False,
    ) -> None:
        self._scripts = scripts
        self.names: dict[str, Function | Imported | Constant] = {}
        self._constant, self._computed = constant, computed
        self._copies: dict[str, tuple[Primitive | None, str, ast.FunctionDef]] = {}
        self._trusted: dict[str, bool] = {}

    def read(self, source: str) -> None:
        """Read a text.

        Raises:
            UnreadableError: if it does not parse, or something in it would run.
        """
        for part in statements(source):
            self._read(part)

    @property
    def functions(self) -> dict[str, Function]:
        """The functions of the text, in the order of their definition."""
        return {n: f for n, f in self.names.items() if isinstance(f, Function)}

    @property
    def has_numpy(self) -> bool:
        """True if the text is one over NumPy's numbers."""
        return Imported("numpy") in self.names.values()

    def _bind(self, node: ast.AST, name: str, meaning: Function | Imported | Constant) -> None:
        """The last definition counts, as in Python."""
        if name.startswith("__") and name.endswith("__"):
            raise unreadable(node, f"{name} means something to Python itself; choose another name")
        self.names.pop(name, None)
        self._copies.pop(name, None)
        self.names[name] = meaning

    def _read(self, part: ast.stmt | Unparsed) -> None:
        match part:
            case Unparsed():
                head = part.head()
                self._bind(head, part.name, self._function(part, head))
            case ast.FunctionDef():
                self._bind(part, part.name, self._function(part, part))
                if copy := copied(part):
                    self._copies[part.name] = copy
            case ast.Import():
                for name in part.names:
                    if name.name not in MODULES:
                        raise unreadable(part, f"only {', '.join(MODULES)} are imported")
                    meaning = name.name if name.asname else name.name.partition(".")[0]
                    self._bind(part, name.asname or meaning, Imported(meaning))
            case ast.ImportFrom():
                self._import_from(part)
            case ast.Assign(targets=targets):
                for target in targets:
                    self._read_target(part, target)
            case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
                self._check_annotation(part.annotation)
                self._bind(part, target.id, Constant(self._constant(value)))
            case _:
                if not self._does_nothing(part):
                    raise unreadable(part, _TOP_LEVEL)

    def _does_nothing(self, part: ast.stmt) -> bool:
        """True for a docstring, and for what runs where the file is a script, not imported."""
        if isinstance(part, ast.Expr):
            return isinstance(part.value, ast.Constant)
        main = isinstance(part, ast.If) and ast.unparse(part.test) == _SCRIPT and not part.orelse
        return main and self._scripts

    def _computes(self, value: ast.expr) -> bool:
        """True for what is no plain number: arrays, lists, roots, and what is made of these."""
        return any(
            isinstance(n, _COMPUTED)
            or (isinstance(n, ast.Name) and isinstance(self.names.get(n.id), Computed))
            for n in ast.walk(value)
        )

    def _of_libraries(self, value: ast.expr) -> Computed:
        """What the top level computes: nothing that another line gives another meaning."""
        names: dict[str, Function | Imported | Constant | None] = {}
        todo: list[ast.AST] = [value]
        while todo:  # also in the functions that are called while the text is loaded
            for node in ast.walk(todo.pop()):
                if isinstance(node, ast.Name) and node.id not in names:
                    meaning = names[node.id] = self.names.get(node.id)
                    if isinstance(meaning, Function):
                        todo.append(_tree_of(meaning))
        self._computed(value)
        return Computed(value, names)

    def _read_target(self, part: ast.Assign, target: ast.expr) -> None:
        """``A = ...``, ``A, B = ...``; names that tell what a file is mean nothing here."""
        if isinstance(target, ast.Name):
            texts = all(isinstance(n, _OF_TEXTS) for n in ast.walk(part.value))
            if target.id not in _TOLD or not texts:
                self._read_assignment(part, part.value, target.id)
            return
        names = [n.id for n in getattr(target, "elts", ()) if isinstance(n, ast.Name)]
        if not isinstance(target, ast.Tuple) or len(names) < len(target.elts):
            raise unreadable(part, _TOP_LEVEL)
        items = self._items(part.value, len(names))
        meanings = [  # all of them before a name has another meaning
            self._of_libraries(item) if self._computes(item) else Constant(self._constant(item))
            for item in items
        ]
        for name, meaning in zip(names, meanings, strict=True):
            self._bind(part, name, meaning)

    def _items(self, value: ast.expr, count: int) -> list[ast.expr]:
        """The expressions of what is unpacked into so many names."""
        if isinstance(value, ast.Tuple):
            items = [*value.elts]
        else:
            found = self._computed(value) if self._computes(value) else self._constant(value)
            items = [
                ast.Subscript(value, ast.Constant(i), ast.Load())
                for i in range(len(found) if isinstance(found, Sized) else 0)
            ]
            items = [ast.fix_missing_locations(ast.copy_location(x, value)) for x in items]
        if len(items) != count:
            raise unreadable(value, f"{count} names for {len(items)} items")
        return items

    def _read_assignment(self, part: ast.Assign, value: ast.expr, name: str) -> None:
        if isinstance(value, ast.Lambda):
            made = as_definition(value, name)
            self._bind(part, name, self._function(made, made))
        elif (
            isinstance(value, ast.Name) and self._is_function(value.id) and not self._is_bound(name)
        ):
            self._rename(part, name, value.id)
        elif self._computes(value):
            self._bind(part, name, self._of_libraries(value))
        else:
            self._bind(part, name, Constant(self._constant(value)))

    def _import_from(self, part: ast.ImportFrom) -> None:
        if part.module == "__future__" and [n.name for n in part.names] == ["annotations"]:
            if any(m != Imported("__future__") for m in self.names.values()):
                raise unreadable(part, "from __future__ imports must occur at the beginning")
            self._bind(part, part.names[0].asname or "annotations", Imported("__future__"))
            return
        if part.level or part.module not in (*MODULES, "scipy"):
            raise unreadable(part, f"only {', '.join(MODULES)} are imported")
        for name in part.names:
            if name.name == "*":
                raise unreadable(part, "a star imports names unseen; write the names")
            if not has_name(part.module, name.name):
                raise unreadable(part, f"{part.module} has no {name.name} that is read")
            self._bind(part, name.asname or name.name, Imported(f"{part.module}.{name.name}"))

    def _is_function(self, name: str) -> bool:
        meaning = self.names.get(name)
        if meaning is None:
            return hasattr(builtins, name) and callable(getattr(builtins, name))
        return not isinstance(meaning, Constant) and getattr(meaning, "full", "") not in _NUMBERS

    def _is_bound(self, name: str) -> bool:
        return name in self.names or hasattr(builtins, name)

    def _rename(self, node: ast.AST, alias: str, name: str) -> None:
        """``alias = name`` of a function: another name for what ``name`` means here."""
        meaning, copy = self.names.get(name), self._copies.get(name)
        self._bind(node, alias, Imported(name) if meaning is None else meaning)
        if copy is not None:
            self._copies[alias] = copy

    # --- heads ---

    def _function(self, tree: ast.FunctionDef | Unparsed, function: ast.FunctionDef) -> Function:
        """A function with its defaults, of which the head must run nothing."""
        if function.decorator_list:
            raise unreadable(function, _DO_ANYTHING)
        if getattr(function, "type_params", None):
            raise unreadable(function, "type parameters; write a plain function")
        every = function.args
        of_names = {
            parameter.arg: self._constant(default)
            for parameter, default in zip(every.kwonlyargs, every.kw_defaults, strict=True)
            if default is not None
        }
        defaults = tuple(map(self._constant, every.defaults))
        some = (every.vararg, every.kwarg)
        arguments = (*every.posonlyargs, *every.args, *every.kwonlyargs, *filter(None, some))
        for annotation in (*(a.annotation for a in arguments), function.returns):
            if annotation is not None:
                self._check_annotation(annotation)
        return Function(tree, function.args, defaults, of_names)

    def _check_annotation(self, annotation: ast.expr) -> None:
        """Nothing runs in it, and nothing in it raises where Python evaluates it."""
        check_runs_nothing(annotation)
        if Imported("__future__") not in self.names.values():
            check_type(annotation, self.full_name)

    # --- copies of our own functions ---

    def primitive(self, name: str) -> Primitive | None:
        """The primitive that a function of the text is an exact copy of."""
        copy = self._copies.get(name)
        if copy is None or copy[0] is None or not self._is_trusted(name):
            return None
        return copy[0]

    def copies(self) -> frozenset[str]:
        """Functions of the text that are exact copies of ours."""
        return frozenset(filter(self._is_trusted, self._copies))

    def _is_trusted(self, name: str) -> bool:
        """True if what a copy calls is, in this text, what the original calls."""
        found = self._trusted.get(name)
        if found is None:
            _, kind, tree = self._copies[name]
            self._trusted[name] = True  # it may call itself
            found = self._trusted[name] = all(
                self._is_original(used, kind) for used in _global_names(tree)
            )
        return found

    def _is_original(self, name: str, kind: str) -> bool:
        meaning = self.names.get(name)
        if meaning is None:
            return hasattr(builtins, name)
        if isinstance(meaning, Imported):
            return (name, meaning.full) in (("math", "math"), ("np", "numpy"))
        copy = self._copies.get(name)
        return copy is not None and copy[1] == kind and self._is_trusted(name)

    # --- names ---

    def constant(self, node: ast.expr) -> object:
        """The number that a name of a library, or of the top level, stands for."""
        full = self.full_name(node)
        if full in _NUMBERS:
            return CONSTANTS[full.rpartition(".")[2]]
        if isinstance(node, ast.Name):
            meaning = self.names.get(node.id)
            if isinstance(meaning, Computed):
                if any(self.names.get(name) is not what for name, what in meaning.names.items()):
                    raise unreadable(node, "was computed while a name meant something else")
                return self._computed(meaning.value)
            if isinstance(meaning, Constant):
                return meaning.value
        raise unreadable(node, f"{ast.unparse(node)!r} is not defined above this line")

    def full_name(self, node: ast.expr) -> str:
        """``math.sin`` for what stands for it, "abs" for a builtin, "" for anything else."""
        if isinstance(node, ast.Attribute):
            owner = self.full_name(node.value)
            return f"{owner}.{node.attr}" if owner.partition(".")[0] in _PACKAGES else ""
        if not isinstance(node, ast.Name):
            return ""
        meaning = self.names.get(node.id)
        if meaning is None:
            return node.id if hasattr(builtins, node.id) else ""
        return meaning.full if isinstance(meaning, Imported) else ""


def as_definition(node: ast.Lambda, name: str) -> ast.FunctionDef:
    """A ``lambda`` as the function that returns its expression."""
    body = ast.copy_location(ast.Return(node.body), node)
    made = ast.FunctionDef(name, node.args, [body], [], None, None)
    return ast.fix_missing_locations(ast.copy_location(made, node))


def _tree_of(function: Function) -> ast.FunctionDef:
    tree = function.tree
    return tree.definition() if isinstance(tree, Unparsed) else tree


def copied(function: ast.FunctionDef) -> tuple[Primitive | None, str, ast.FunctionDef] | None:
    """The primitive (if it is one) and the target of a portable function that is ours unchanged."""
    name = function.name
    originals = [
        (target.name, helper_source(target.portable[name]))
        for target in TARGETS.values()
        if name in target.portable
    ]
    if total := total_source(name):
        originals.append(("python", total))
    if not originals:
        return None
    text = ast.dump(function)
    for kind, original in originals:
        if text == ast.dump(syntax_tree(original).body[0]):
            return REGISTRY.get(name.removeprefix("_")), kind, function
    return None


def _global_names(function: ast.FunctionDef) -> set[str]:
    """Names that a function uses and does not bind."""
    used = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
    return used - bound_names(function)
