"""Fixtures of the hiding places: one repository with all of them, made once a process."""

import pytest

from analyzer.leaks.model import LeakScan
from analyzer.leaks.scan import scan
from tests.leaks.hiding.objects import Hidden
from tests.leaks.hiding.places import hide_everything


@pytest.fixture(scope="session")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Hidden:
    """The repository with a pair in every place."""
    return hide_everything(tmp_path_factory.mktemp("hiding") / "everything")


@pytest.fixture(scope="session")
def scanned(hidden: Hidden) -> LeakScan:
    """What one scan says of all of it."""
    return scan([hidden.repo.path])
