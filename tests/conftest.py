"""Settings and fixtures that every test shares."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.leaks.leak_material import Repository, repository

# How long an example takes says something of the machine, and nothing of the rule that is held.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """An empty repository."""
    return repository(tmp_path / "repo")
