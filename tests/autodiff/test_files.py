"""Files are written whole, and those that belong together all or none."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from autodiff.errors import ArgumentError
from autodiff.files import write_together, write_whole
from autodiff.networks.state import save_state
from autodiff.nn import MLP
from autodiff.picture.draw import draw
from codegen import compile_gradient
from codegen.c99 import to_c
from verify import verify_gradient


def test_files_that_belong_together_are_both_written(tmp_path: Path) -> None:
    """Both texts are there, and nothing else."""
    write_together({tmp_path / "f.h": "header", tmp_path / "f.c": "source"})
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"f.h": "header", "f.c": "source"}


@pytest.mark.parametrize("place", [0, 1])
def test_where_one_cannot_be_written_none_is(
    place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full at either file leaves both old files, and no temporary one."""
    paths = [tmp_path / "f.h", tmp_path / "f.c"]
    for path in paths:
        path.write_text("old")
    opened, real = iter(range(2)), os.fdopen

    def full(handle: int, *arguments: str, **options: str) -> object:
        file = real(handle, *arguments, **options)  # type: ignore[call-overload]
        if next(opened) == place:
            file.close()
            raise OSError(28, "No space left on device")
        return file

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(OSError, match="No space left"):
        write_together(dict.fromkeys(paths, "new"))
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"f.h": "old", "f.c": "old"}


def test_a_folder_in_the_way_stops_both(tmp_path: Path) -> None:
    """Where the second name is a folder's, the first file is not replaced either."""
    (tmp_path / "f.h").write_text("old")
    (tmp_path / "f.c").mkdir()
    with pytest.raises(IsADirectoryError, match=r"f\.c"):
        write_together({tmp_path / "f.h": "new", tmp_path / "f.c": "new"})
    assert (tmp_path / "f.h").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f.c", "f.h"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """The error names the path that was asked for, once, and no file of ours beside it."""
    path = tmp_path / "absent" / "f.py"
    with pytest.raises(FileNotFoundError) as found:
        write_whole(path, "text")
    assert found.value.filename == str(path)
    assert str(found.value).count("absent") == 1


# --- what is no regular file -----------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there are no device files")
def test_a_device_stays_one() -> None:
    """/dev/null takes the text and is still a device; a full one says so under its own name."""
    write_whole("/dev/null", "text")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    if Path("/dev/full").exists():
        with pytest.raises(OSError, match="/dev/full"):
            write_whole("/dev/full", "text")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_gets_the_text_and_stays_a_pipe(tmp_path: Path) -> None:
    """Who reads the pipe reads the whole text."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    write_whole(pipe, "text")
    reader.join(20)
    assert read == ["text"]
    assert stat.S_ISFIFO(os.stat(pipe).st_mode)


@pytest.mark.parametrize("old", ["old", None])
def test_a_link_is_followed(tmp_path: Path, old: str | None) -> None:
    """The file that links lead to is written, there yet or not; the links stay links."""
    (tmp_path / "there").mkdir()
    target, link, outer = tmp_path / "there" / "f.py", tmp_path / "link.py", tmp_path / "outer.py"
    if old is not None:
        target.write_text(old)
    link.symlink_to(Path("there") / "f.py")
    outer.symlink_to("link.py")
    write_whole(outer, "new")
    assert target.read_text() == "new"
    assert link.is_symlink()
    assert outer.is_symlink()
    assert [p.name for p in (tmp_path / "there").iterdir()] == ["f.py"]


def test_links_in_a_circle_are_an_error(tmp_path: Path) -> None:
    """Links that lead nowhere are left as they are, and named."""
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="/a'"):
        write_whole(tmp_path / "a", "text")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    """A private file is private when it was written again."""
    path = tmp_path / "f.py"
    path.write_text("old")
    path.chmod(0o600)
    write_whole(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["-", Path("-")])
def test_a_dash_is_standard_output(name: str | Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The text is printed, after what was printed before, and no file of that name is made."""
    sys.stdout.write("before\n")
    write_whole(name, "text")
    assert capsys.readouterr().out == "before\ntext"
    assert not Path("-").exists()


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="there is no /dev/stdout")
def test_an_open_file_is_written_on(tmp_path: Path) -> None:
    """/dev/stdout is the open file, even where that is a regular one: nothing in it is lost."""
    path = tmp_path / "log"
    path.write_text("first\n")
    script = (
        "from autodiff.files import write_whole\n"
        "print('second')\nwrite_whole('/dev/stdout', 'third\\n')\nprint('fourth')\n"
    )
    with open(path, "a") as log:
        subprocess.run([sys.executable, "-c", script], stdout=log, check=True)
    assert path.read_text() == "first\nsecond\nthird\nfourth\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_where_a_stream_is_full_no_file_is_replaced(tmp_path: Path) -> None:
    """A device that takes nothing leaves the file that belongs to it as it was."""
    path = tmp_path / "f.h"
    path.write_text("old")
    with pytest.raises(OSError, match="No space left"):
        write_together({path: "new", "/dev/full": "new"})
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["f.h"]


def test_everything_that_saves_follows_links(tmp_path: Path) -> None:
    """``save`` of a gradient, a report, a C source and a drawing go through one door."""

    def f(x: float) -> float:
        return x * x

    df = compile_gradient(f, 1.0)
    savers: dict[str, Callable[[Path], object]] = {
        "gradient": df.save,
        "report": verify_gradient(df, 1.0).save,
        "c": to_c(f, 1.0).save,
        "drawing": lambda path: draw(df.graph).save(str(path)),
        "state": lambda path: save_state(MLP(1, [1]), path),
    }
    for name, save in savers.items():
        link = tmp_path / f"{name}.link"
        link.symlink_to(f"{name}.target")
        save(link)
        assert link.is_symlink(), name
        assert (tmp_path / f"{name}.target").stat().st_size > 0
        save(Path("/dev/null"))
        assert stat.S_ISCHR(os.stat("/dev/null").st_mode), name
    assert not Path("/dev/null.h").exists()


@pytest.mark.parametrize("path", ["", "a\0b", "\ud800", None, 1.5])
def test_what_is_no_path_is_named(path: object) -> None:
    """Nothing reaches the system that it could only answer without saying which argument."""
    with pytest.raises(ArgumentError, match="expected the path of a file"):
        write_whole(path, "text")  # type: ignore[arg-type]
