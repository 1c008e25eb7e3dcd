"""Fixtures of the leak scanner's tests."""

from pathlib import Path

import pytest

from tests.leaks.leak_material import Repository, repository


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """An empty repository."""
    return repository(tmp_path / "repo")
