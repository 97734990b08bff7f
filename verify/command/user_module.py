"""The user's file as a module: by its path, alone or in its package, or by its dotted name."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import tokenize
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

__all__ = ["import_file", "import_name", "users_code"]


def import_file(path: Path) -> ModuleType:
    """Run a file as a module.

    In a package it is the package's module, so that relative imports work; alone it finds its
    neighbours, as under ``python file.py``.

    Raises:
        TargetError: if it cannot be read, does not parse, or raises.
    """
    code = _compiled(path)
    name, root = _name_and_root(path)
    module = ModuleType(name)
    module.__file__ = str(path)
    with _importable(root), users_code(path):
        parent = name.rpartition(".")[0]
        if parent:
            importlib.import_module(parent)
            module.__package__ = parent
        if path.name == "__init__.py" and root != path.resolve().parent:
            module.__package__, module.__path__ = name, [str(path.resolve().parent)]
        sys.modules[name] = module  # dataclasses and pickles look their module up
        exec(code, vars(module))
    return module


def import_name(name: str) -> tuple[ModuleType, Path]:
    """Import ``pkg.module``, the working directory first on the path; the module and its file.

    Raises:
        TargetError: if there is no such module, or importing it raises.
    """
    from autodiff.errors import TargetError

    here = Path.cwd()
    with _importable(here):
        with users_code(here / "any"):
            spec = _spec(name)
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            raise TargetError(
                f"{name}: there is no such file, and no module of this name can be imported from "
                f"{here}; expected path/to/file.py:function or package.module:function"
            )
        path = Path(spec.origin)
        _compiled(path)
        with users_code(path):
            return importlib.import_module(name), path


def _spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            return None
        raise
    except ValueError:  # __main__
        return None


def _name_and_root(path: Path) -> tuple[str, Path]:
    """The module's name, and the folder that it is imported from."""
    folder = path.resolve().parent
    names = [] if path.name == "__init__.py" else [path.stem]
    root = folder
    while (root / "__init__.py").is_file() and root.name.isidentifier():
        names.insert(0, root.name)
        root = root.parent
    if root != folder and not _is_taken(names[0], root / names[0]):
        return ".".join(names), root
    # A file of the user's called numpy.py must not hide another module.
    taken = path.stem in sys.modules or path.stem in sys.stdlib_module_names
    return f"{path.stem}_target" if taken else path.stem, folder


def _is_taken(name: str, folder: Path) -> bool:
    """True if a package of this name is found elsewhere: one of ours, or one that ours import."""
    try:
        spec = importlib.util.find_spec(name)
    except ValueError:  # loaded by something that says nothing of its place
        return True
    if spec is None:
        return False
    return folder not in [Path(place).resolve() for place in spec.submodule_search_locations or ()]


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """``folder`` first on ``sys.path`` meanwhile, last from then on.

    Ours must win, but what the user's functions import later is still found.
    """
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.path.append(str(folder))


def _compiled(path: Path) -> CodeType:
    from autodiff.errors import TargetError

    try:
        with tokenize.open(path) as file:
            return compile(file.read(), str(path), "exec")
    except SyntaxError as error:
        line = f":{error.lineno}" if error.lineno else ""
        shown = f": {error.text.strip()}" if error.text else ""
        raise TargetError(f"{path}{line}: does not parse: {error.msg}{shown}") from None
    except (UnicodeDecodeError, ValueError) as error:
        raise TargetError(f"{path}: does not parse: {error}") from None
    except (RecursionError, MemoryError):
        raise TargetError(f"{path}: does not parse: it is nested too deeply") from None
    except OSError as error:
        raise TargetError(f"{path}: cannot be read: {error.strerror}") from None


@contextmanager
def users_code(*files: Path) -> Iterator[None]:
    """Around code of the user: its exceptions become TargetErrors, its prints go to stderr.

    Proofgrad's own errors pass unchanged, and so does an exception that never went through the
    user's files: that one is our bug.
    """
    from autodiff.errors import ProofgradError, TargetError

    try:
        with redirect_stdout(sys.stderr):
            yield
    except (ProofgradError, KeyboardInterrupt):
        raise
    except BaseException as error:  # SystemExit, and whatever the user derived from no Exception
        frame = _user_frame(error, files)
        if frame is None:
            raise
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        shown = f"\n    {frame.line}" if frame.line else ""
        raise TargetError(f"{frame.filename}:{frame.lineno}: {what}{shown}") from error


def _user_frame(error: BaseException, files: Sequence[Path]) -> traceback.FrameSummary | None:
    """The innermost frame in one of the user's files, or in a file beside or below it."""
    names = {str(file) for file in files}
    folders = tuple(str(file.resolve().parent) + os.sep for file in files)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        below = frame.filename.startswith(folders) and "site-packages" not in frame.filename
        if frame.filename in names or below:
            return frame
    return None
