"""In: an account. Out: whether root has a signing certificate."""

from collections.abc import Iterator

from analyzer.inventory.model import Account
from analyzer.rules.outcomes import Outcome, Pass, Unknown, account_resource, fail, unreadable
from analyzer.rules.root_sources import summary_counts

_PRESENT = "AccountSigningCertificatesPresent"


def root_signing_certificate_active(account: Account) -> Iterator[Outcome]:
    """Root can sign requests with an X.509 certificate, which no list of keys shows.

    Where root's row has no certificate, the account summary may know of a newer one.
    """
    certificates = account.root.certificates if account.root else ()
    active = [each for each in certificates if each.active is True]
    unread = [each for each in certificates if not isinstance(each.active, bool)]
    if active:
        where = (each.location("active") for each in active)
        found = len(active)
        yield fail(account_resource(account), *where, account=account.id, certificates=found)
    elif unread:
        yield unreadable(unread[0].location("active"))
    elif certificates:
        yield Pass()
    else:
        yield _check_summary(account)


def _check_summary(account: Account) -> Outcome:
    """What the account summary says, for want of a certificate in root's row."""
    counts = summary_counts(account)
    present = counts.number(_PRESENT) if counts else None
    if counts is not None and present:
        location = counts.location.child(_PRESENT)
        return fail(account_resource(account), location, account=account.id, certificates=present)
    if account.root is not None or present == 0:
        return Pass()
    if counts is not None:
        return unreadable(counts.location_of(_PRESENT))
    return Unknown("the credential report has no row of the root user")
