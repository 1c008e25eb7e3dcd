"""Fixtures of the precision tests."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.leaks.precision import npm_material, packages_material

Found = TypeVar("Found")


@pytest.fixture(scope="session")
def packages(request: pytest.FixtureRequest, tmp_path_factory) -> dict[str, Path]:
    """Each package of PyPI by its name and form; kept from one run to the next."""
    home = _home("packages", request, tmp_path_factory)
    forms = {".whl": "wheel", ".gz": "sdist"}
    found = _or_skipped(packages_material.fetched, home)
    return {f"{path.name.partition('-')[0]} {forms[path.suffix]}": path for path in found}


@pytest.fixture(scope="session")
def npm_packages(request: pytest.FixtureRequest, tmp_path_factory) -> dict[str, Path]:
    """Each package of npm by its name with the version; kept from one run to the next."""
    return _or_skipped(npm_material.fetched, _home("npm-packages", request, tmp_path_factory))


def _home(name: str, request: pytest.FixtureRequest, tmp_path_factory) -> Path:
    """A folder in pytest's cache, where there is one."""
    cache = getattr(request.config, "cache", None)
    return cache.mkdir(name) if cache else tmp_path_factory.mktemp(name)


def _or_skipped(fetch: Callable[[Path], Found], home: Path) -> Found:
    try:
        return fetch(home)
    except packages_material.Unreachable as fault:
        pytest.skip(f"the package index does not answer: {fault}")
