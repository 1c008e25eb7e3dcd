"""In: a few words. Out: a leaked credential, and what the risk stage says of it in an account.

Ages are days before the report, as in `tests/builders.py`.
"""

from datetime import datetime, timedelta
from typing import Any

from analyzer.config import Limits
from analyzer.evidence.artifacts import Location
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account
from analyzer.leaks.model import Credential, CredentialKind, LeakScan, Occurrence, PlaceKind
from analyzer.privesc.graph import escalation_graph
from analyzer.risk.assessment import LeakAssessment, assess_leaks
from tests.builders import AccountBuilder, key_id
from tests.rules.small_exports import REPORT_TIME

NUMBER = "111122223333"
OTHER = "444455556666"
KEY, SECOND, THIRD = (key_id(NUMBER, serial) for serial in (1, 2, 3))
SKEW = timedelta(days=1)
"""How far the clock of whoever commits may be off."""


def at(age: float | timedelta) -> datetime:
    """The time of that age."""
    return REPORT_TIME - (age if isinstance(age, timedelta) else timedelta(days=age))


def spot(age: float | timedelta | None = None, **more: Any) -> Occurrence:
    """A place that came in at that age; None is one without a date."""
    known = {"repository": "app.git", "path": "settings.py", "line": 3, "where": PlaceKind.HISTORY}
    known |= {"object": "ab" * 20, "author": "Someone <someone@example.com>"}
    return Occurrence(**(known | {"date": None if age is None else at(age)} | more))


def leak(*locations: Occurrence, **more: Any) -> Credential:
    """A key pair that leaked at these places: without any, a hundred days before the report."""
    known = {"key_id": KEY, "account": NUMBER, "secret_digest": "5e" * 8}
    known |= {"kind": CredentialKind.LONG_TERM_KEY, "occurrences": locations or (spot(100),)}
    return Credential("cred-1", **(known | more))


def seen(*ages: float | timedelta | None, **more: Any) -> Credential:
    """The key pair, leaked at places of these ages."""
    return leak(*(spot(age) for age in ages), **more)


def bare_secret(*locations: Occurrence, **more: Any) -> Credential:
    """A secret of which nobody knows the key ID."""
    return leak(*locations, **({"kind": CredentialKind.SECRET, "key_id": None} | more))


def answered(
    case: AccountBuilder, user: str, key: str = KEY, used: float | None = None
) -> AccountBuilder:
    """The account with the answer of get-access-key-last-used, whose file name has the key's ID."""
    tells = {} if used is None else {"LastUsedDate": case.when(used)}
    tells |= {"Region": "eu-west-1", "ServiceName": "s3"}
    answer = {"UserName": user, "AccessKeyLastUsed": tells}
    return case.export(f"access-key-last-used-{key}.json", answer)


def joined_all(
    accounts: tuple[Account, ...], credential: Credential, limits: Limits | None = None
) -> LeakAssessment:
    """All that is told of the one credential, as an audit of these accounts tells it."""
    known = {account.id: account for account in accounts}
    graphs = {
        number: escalation_graph(account)
        for number, account in known.items()
        if ExportKind.AUTHORIZATION_DETAILS in account.available_exports
    }
    (risk,) = assess_leaks(LeakScan((credential,)), known, graphs, limits or Limits())
    return risk


def joined(case: AccountBuilder, credential: Credential) -> LeakAssessment:
    """All that is told of the one credential by the exports of one account."""
    return joined_all((case.account(),), credential)


def quoted(case: AccountBuilder, locations: tuple[Any, ...]) -> list[Any]:
    """What really stands at these places of the account's exports."""
    return [case.value_at(location)[1] for location in locations if isinstance(location, Location)]
