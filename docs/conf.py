"""Sphinx: the documentation site.  ``sphinx-build -W docs build/docs`` builds it.

Pages are Markdown (MyST); their Python blocks are run by ``tests/test_documentation.py``.
Notebooks are those of ``examples/notebooks``, with the outputs that are committed; the reference
is written from docstrings by ``reference_pages.py``.
"""

import json
import shutil
import sys
from pathlib import Path

from docutils import nodes
from hatchling.builders.wheel import WheelBuilder
from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from reference_pages import write_reference  # needs the path above

import autodiff
from autodiff.version import VERSION

project = "Proofgrad"
author = "Proofgrad contributors"
project_copyright = author
release = version = VERSION
html_title = f"Proofgrad {VERSION}"

extensions = ["mathml", "myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_math_renderer = "mathml"
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]
suppress_warnings = ["mystnb.unknown_mime_type"]

myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # the tests run them; what they gave is in the files
napoleon_google_docstring = True
napoleon_use_ivar = True
napoleon_custom_sections = ["Derivative"]
autodoc_typehints = "none"  # the docstrings say what goes in and out
autodoc_member_order = "bysource"
add_module_names = False


def _copied() -> None:
    """Notebooks and pictures lie where Sphinx finds them."""
    notebooks = HERE / "notebooks"
    shutil.rmtree(notebooks, ignore_errors=True)
    notebooks.mkdir()
    for path in sorted((HERE.parent / "examples" / "notebooks").glob("*.ipynb")):
        shutil.copy(path, notebooks / path.name)


def _packed() -> None:
    """The wheel that the page "In the browser" installs lies beside its script."""
    folder = HERE / "_static" / "browser"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    builder = WheelBuilder(str(Path(autodiff.__file__).parents[1]))
    (wheel,) = builder.build(directory=str(folder), versions=["standard"])
    (folder / "wheel.json").write_text(json.dumps({"wheel": Path(wheel).name}), encoding="utf-8")


def _ended(_: Sphinx, page: nodes.document) -> None:
    """No empty line at the end of a block: it is there for the tests that run the block."""
    for block in page.findall(nodes.literal_block):
        text = block.astext().rstrip()
        block.rawsource, block.children = text, []
        block.append(nodes.Text(text))


def setup(app: Sphinx) -> None:
    """What Sphinx calls."""
    app.connect("doctree-read", _ended)


_copied()
_packed()
write_reference(HERE / "reference")
