"""In: an account. Out: where its summary and root's row of the credential report disagree.

Both tell of root's MFA device and of its access keys; of its password the row says nothing but
not_supported in most accounts.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.evidence.artifacts import Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account

_MFA = "AccountMFAEnabled"
_KEYS = "AccountAccessKeysPresent"
_PASSWORD = "AccountPasswordPresent"  # noqa: S105 - a member of the summary, not a password


@dataclass(frozen=True, slots=True)
class RootContradiction:
    """A member of the summary, what it states of root, and what root's row has instead."""

    member: str
    what: str
    stated: int
    counted: int
    summary: Location
    row: Location

    @property
    def is_about_mfa(self) -> bool:
        """True if the two disagree on root's MFA device."""
        return self.member == _MFA

    @property
    def sentence(self) -> str:
        """The contradiction in words."""
        return (
            f"the account summary states {self.stated} for {self.what}, and root's row in the "
            f"credential report {self.counted}"
        )


def root_contradictions(account: Account) -> Iterator[RootContradiction]:
    """Every member of the summary that root's row contradicts; none where a cell can't be read."""
    root, counts = account.root, summary_counts(account)
    if root is None or counts is None:
        return
    told = (
        (_MFA, "root's MFA device", root.mfa_active, "mfa_active"),
        (
            _KEYS,
            "root's active access keys",
            bool(root.active_keys) if not root.unreadable_keys else None,
            "access_key_1_active",
        ),
        (_PASSWORD, "root's password", root.password_enabled, "password_enabled"),
    )
    for member, what, value, column in told:
        stated = counts.number(member)
        if stated is None or not isinstance(value, bool) or bool(stated) == value:
            continue
        if member == _KEYS and root.keys and stated:
            continue  # an inactive key is present, too
        yield RootContradiction(
            member, what, stated, int(value), counts.location.child(member), root.row.at(column)
        )


def summary_counts(account: Account) -> JsonNode | None:
    """The newest account summary's counts; None where no summary was handed in."""
    for document in account.documents_of_kind(ExportKind.ACCOUNT_SUMMARY):
        if (counts := document.child("SummaryMap")) is not None:
            return counts
    return None
