"""Fixtures of the precision test."""

from pathlib import Path

import pytest

from tests.leaks.precision.packages_material import Unreachable, fetched


@pytest.fixture(scope="session")
def packages(request: pytest.FixtureRequest, tmp_path_factory) -> dict[str, Path]:
    """Each package by its name and form; kept in pytest's cache from one run to the next."""
    cache = getattr(request.config, "cache", None)
    home = cache.mkdir("packages") if cache else tmp_path_factory.mktemp("packages")
    try:
        found = fetched(home)
    except Unreachable as fault:
        pytest.skip(f"the package index does not answer: {fault}")
    forms = {".whl": "wheel", ".gz": "sdist"}
    return {f"{path.name.partition('-')[0]} {forms[path.suffix]}": path for path in found}
