"""The documentation's page "In the browser": Python in the page, under node and in Chromium.

Pyodide comes from npm's ``pyodide`` package, NumPy and SymPy for it from Pyodide's index, or from a
folder that the environment variable ``PROOFGRAD_PYODIDE_PACKAGES`` names.  What is not there is the
reason of a skip.
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import headless

builders = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed")

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "docs" / "_static" / "browser.js"
PAGE = ROOT / "docs" / "guides" / "browser.md"
UNREACHABLE = 77  # exit code of the program below

LESSON = """
import { readFile } from "node:fs/promises";
import { loadPyodide } from "pyodide";
import { started, lesson } from "./browser.mjs";

const [wheel, packages] = process.argv.slice(2);
const options = packages ? { packageBaseUrl: packages } : {};
let python;
try {
  python = await started(loadPyodide, await readFile(wheel), () => {}, options);
} catch (problem) {
  console.log(String(problem));
  process.exit(String(problem).includes("not reachable") ? 77 : 1);
}
const right = lesson(python, `
import numpy as np
def loss(w=0.5, b=-0.25):
    return (np.tanh(2.0 * w + b) - 1.0) ** 2
`, "");
const wrong = lesson(python, "def f(x):\\n    return x", "");
const verdict = /"verdict":"([^"]*)"/.exec(right.page ?? "");
console.log(JSON.stringify([verdict && verdict[1], right.error ?? "", wrong.error]));
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Proofgrad's wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    (path,) = builders.WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(path)


def version() -> str:
    """The version of Pyodide that the page loads."""
    found = re.search(r'const VERSION = "([^"]+)"', SCRIPT.read_text(encoding="utf-8"))
    assert found
    return found[1]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which node finds Pyodide and the page's script."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text('{"private": true, "type": "module"}', encoding="utf-8")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", f"pyodide@{version()}"]
    try:
        done = subprocess.run(
            command, cwd=folder, check=False, capture_output=True, text=True, timeout=120
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm's registry did not answer")
    if done.returncode:
        pytest.skip(f"npm could not install Pyodide: {done.stderr.strip()[-100:]}")
    shutil.copy(SCRIPT, folder / "browser.mjs")
    return folder


def test_a_lesson_is_proven_in_pyodide(node: Path, wheel: Path) -> None:
    """Under Pyodide a typed function is traced, differentiated and PROVED; mistakes are told."""
    (node / "lesson.mjs").write_text(LESSON, encoding="utf-8")
    packages = os.environ.get("PROOFGRAD_PYODIDE_PACKAGES", "")
    done = subprocess.run(
        ["node", "lesson.mjs", str(wheel), packages],
        cwd=node, check=False, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    if done.returncode == UNREACHABLE:
        pytest.skip(f"Pyodide's NumPy and SymPy are not reachable: {done.stdout.strip()[:120]}")
    assert done.returncode == 0, done.stdout + done.stderr[-800:]
    verdict, error, mistake = json.loads(done.stdout.splitlines()[-1])
    assert (verdict, error) == ("PROVED", "")
    assert "nothing says where" in mistake


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Iterator[str]:
    """Where the page is served, with script and wheel at their places."""
    folder = tmp_path_factory.mktemp("served")
    static, guides = folder / "_static" / "browser", folder / "guides"
    static.mkdir(parents=True)
    guides.mkdir()
    shutil.copy(SCRIPT, folder / "_static" / "browser.js")
    shutil.copy(wheel, static / wheel.name)
    (static / "wheel.json").write_text(json.dumps({"wheel": wheel.name}), encoding="utf-8")
    html = re.search(r"```\{raw\} html\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert html
    (guides / "browser.html").write_text(
        f"<!DOCTYPE html><meta charset=utf-8><title>t</title>{html[1]}", encoding="utf-8"
    )

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/guides/browser.html"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Chromium without a screen."""
    yield from headless()


def test_the_page_shows_a_lesson_or_says_what_is_missing(address: str, chromium: Any) -> None:
    """A click starts Python in a worker; then there is a lesson, or why there is none."""
    from selenium.webdriver.support.ui import WebDriverWait

    chromium.get(address)
    wait = WebDriverWait(chromium, 240)
    button = chromium.find_element("id", "browser-run")
    wait.until(lambda _: button.is_enabled())
    status = chromium.find_element("id", "browser-status")
    frame = chromium.find_element("id", "browser-lesson")
    button.click()
    wait.until(lambda _: "could not be loaded" in status.text or frame.is_displayed())
    wait.until(lambda _: button.is_enabled())
    if "could not be loaded" in status.text:
        assert "wrong" in status.get_attribute("class")
        assert not frame.is_displayed()
    else:
        assert frame.is_displayed()
        assert "PROVED" in frame.get_attribute("srcdoc")
