"""What tests of the command share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verify.command.users_file import users_file


@pytest.fixture
def good(tmp_path: Path) -> Iterator[Path]:
    """A user's file."""
    with users_file(tmp_path) as path:
        yield path
