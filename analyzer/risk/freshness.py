"""In: an account's exports and a time. Out: whether they possibly are older than that."""

from datetime import datetime

from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account


def captured_at(account: Account, kind: ExportKind) -> datetime | None:
    """When the account's exports of that kind were made; of several the oldest, None if unknown.

    A time that was inferred from the newest date inside is never too late.
    """
    times = [each.captured_at for each in account.artifacts if each.kind is kind]
    known = [each for each in times if each is not None]
    return min(known) if known and len(known) == len(times) else None


def may_predate(account: Account, kind: ExportKind, moment: datetime | None) -> bool:
    """True unless the exports of that kind were certainly made at that time or later."""
    when = captured_at(account, kind)
    return moment is None or when is None or when < moment
