"""The README's pictures come from one script, and all of them are there."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.modules_by_path import module_at

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "examples" / "pictures"
PICTURES = ["boundary.png", "code.svg", "graph.svg", "verdict.svg"]


def test_the_script_makes_every_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It writes the four pictures, whole documents all, with what each is to show."""
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    script = module_at(FOLDER / "make_pictures.py")
    monkeypatch.setattr(sys, "argv", ["make_pictures.py", str(tmp_path)])
    script.main()
    assert sorted(path.name for path in tmp_path.iterdir()) == PICTURES
    shown = {
        name: "".join(ElementTree.parse(tmp_path / name).getroot().itertext())
        for name in PICTURES
        if name.endswith(".svg")
    }
    assert "grad -0.25" in shown["graph.svg"]
    assert "a_bar" in shown["code.svg"]
    assert "PROVED" in shown["verdict.svg"]
    assert "REFUTED" in shown["verdict.svg"]
    assert (tmp_path / "boundary.png").read_bytes().startswith(b"\x89PNG")


def test_the_readme_shows_them() -> None:
    """Each picture of the folder is in the README, with a text for those who cannot see it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"!\[(.+?)\]\(examples/pictures/(.+?)\)", text))
    assert sorted(shown.values()) == PICTURES
    assert sorted(p.name for p in FOLDER.iterdir() if p.suffix in (".svg", ".png")) == PICTURES
