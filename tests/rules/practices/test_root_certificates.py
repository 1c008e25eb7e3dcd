"""Practice 1: root's signing certificates."""

import pytest

from analyzer.inventory.model import ROOT_USER
from analyzer.rules.finding import Status
from tests.builders import REPORT, account

RULE = "root-signing-certificate-active"
PRESENT = "AccountSigningCertificatesPresent"


def test_an_active_certificate_of_root_is_found():
    """A user's is told of elsewhere."""
    [(resource, spot, value)] = account().certificate().proof(RULE)
    assert (resource, spot, value) == ("root", f"{REPORT}:2:cert_1_active", "true")
    assert account().user("ann").certificate().status(RULE) is Status.PASS


@pytest.mark.parametrize("present", [None, 0, 1])
def test_an_inactive_certificate_is_in_order(present: int | None):
    """The summary counts it, too."""
    case = account().certificate(active=False)
    case = case if present is None else case.summary(**{PRESENT: present})
    assert case.status(RULE) is Status.PASS


def test_the_account_summary_knows_of_a_newer_certificate():
    """The report is up to four hours old."""
    case = account().summary(**{PRESENT: 1})
    assert case.proof(RULE) == [("root", f"account-summary.json:/SummaryMap/{PRESENT}", 1)]
    assert account().summary(**{PRESENT: 0}).status(RULE) is Status.PASS


@pytest.mark.parametrize(
    ("counts", "status"),
    [({PRESENT: 1}, Status.FAIL), ({PRESENT: 0}, Status.PASS), ({"Users": 1}, Status.NOT_ASSESSED)],
)
def test_without_root_s_row_the_summary_alone_says_it(counts, status):
    """And where it lacks the number, nobody does."""
    case = account().user("ann").without_root().summary(**counts)
    assert case.status(RULE) is status


def test_a_certificate_of_unreadable_status_is_not_assessed():
    """Nor is root without a row and a summary."""
    case = account().certificate().cell(ROOT_USER, "cert_1_active", "?")
    assert case.status(RULE) is Status.NOT_ASSESSED
    assert account().user("ann").without_root().status(RULE) is Status.NOT_ASSESSED
