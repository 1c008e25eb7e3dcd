"""In: a test of an attack. Out: no network for it, and a program that must never run."""

import socket
from pathlib import Path

import pytest

from tests.leaks.leak_material import Repository, credentials_file, repository


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a socket fails."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refuse)


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that must never run; `<trap>.sprung` is there if it did."""
    program = tmp_path / "trap"
    program.write_text(f'#!/bin/sh\n: > "{program}.sprung"\n')
    program.chmod(0o755)
    return program


@pytest.fixture
def outside(tmp_path: Path) -> Repository:
    """A repository that was not handed over."""
    other = repository(tmp_path / "private")
    other.put("private", credentials_file(9))
    return other
