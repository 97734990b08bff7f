"""Files are written whole, and those that belong together all or none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autodiff.files import write_together, write_whole


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
    """The error names the path that was asked for."""
    with pytest.raises(OSError, match="there"):
        write_whole(tmp_path / "missing" / "f.py", "text")
