"""The report of the two sample accounts, made once a session, and its two faces."""

from pathlib import Path

import pytest

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.rules.catalogue import load_catalogue
from analyzer.writers import html
from tests.writers.leaked_report import joined

EVIDENCE = Path(__file__).parents[2] / "sample_reports" / "evidence"


@pytest.fixture(scope="session")
def catalogue():
    """The catalogue that ships with the program."""
    return load_catalogue()


@pytest.fixture(scope="session")
def report():
    """The report of the two sample accounts."""
    return audit(Settings(inputs=(EVIDENCE,)))


@pytest.fixture(scope="session")
def page(report, catalogue):
    """report.html as text."""
    return html.render(report, catalogue).decode("utf-8")


@pytest.fixture(scope="session")
def drawn(report, catalogue):
    """Draws report.html with these credentials; what more is said goes to `joined`."""
    return lambda *leaks, **more: html.render(joined(report, *leaks, **more), catalogue).decode()
