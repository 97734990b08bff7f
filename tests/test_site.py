"""The documentation as a site: built without a warning, and read at a phone's width."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import proofgrad
from tests.chromium import headless

for _name in ("sphinx", "furo", "myst_nb", "latex2mathml"):
    pytest.importorskip(_name, reason="needs the extra docs")

ROOT = Path(__file__).parent.parent
BUILT = ROOT / "site"  # where .ci/run puts it
PHONE = 390  # pixels


def _is_built() -> bool:
    """True if the pages are newer than all that they are made from."""
    if not (BUILT / "searchindex.js").exists():
        return False
    folders = ("autodiff", "codegen", "verify", "proofgrad", "docs", "examples")
    sources = [path for name in folders for path in (ROOT / name).rglob("*.*")]
    made_from = [
        p for p in (*sources, *ROOT.glob("*.md")) if not {"__pycache__", "reference"} & {*p.parts}
    ]
    return max(p.stat().st_mtime for p in made_from) < (BUILT / "searchindex.js").stat().st_mtime


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages: those that CI has built of this very tree, if they are there."""
    if _is_built():
        return BUILT
    source, folder = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("site")
    for name in ("docs", "examples", *(path.name for path in ROOT.glob("*.md"))):
        place = ROOT / name
        (shutil.copytree if place.is_dir() else shutil.copy)(place, source / name)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"]
    subprocess.run([*command, str(source / "docs"), str(folder)], check=True, cwd=ROOT)
    return folder


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    """A name that is exported has an entry of its own that a link can point to."""
    pages = "".join(page.read_text(encoding="utf-8") for page in site.glob("reference/*.html"))
    known = set(re.findall(r'id="(?:autodiff|codegen|verify)\.(\w+)"', pages))
    for name in proofgrad.__all__:
        thing = getattr(proofgrad, name)
        if not inspect.ismodule(thing):  # NumPy's spelling of a row is in the row's entry
            assert known & {name, getattr(thing, "name", ""), getattr(thing, "__name__", "")}, name


def test_nothing_is_fetched(site: Path) -> None:
    """No page loads a script or a style from elsewhere."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r'<(?:script|link)[^>]*(?:src|href)="https?:', text), page


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a screen."""
    yield from headless()


def test_no_page_is_wider_than_a_phone(site: Path, browser: Any) -> None:
    """At a phone's width nothing must be scrolled sideways but what scrolls in its own box."""
    metrics = {"width": PHONE, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    wide = {}
    for page in sorted(site.rglob("*.html")):
        browser.get(page.as_uri())
        width = browser.execute_script("return document.documentElement.scrollWidth")
        if width > PHONE:
            wide[page.name] = width
    assert not wide
