"""In: the account's contacts. Out: nobody whom AWS reaches about the account, bills, operations."""

from collections.abc import Iterator

from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account
from analyzer.inventory.small_exports import contact_type
from analyzer.rules.outcomes import Outcome, Pass, Unknown, account_resource, fail

_NEEDED = ("FullName", "CountryCode", "PhoneNumber")
_ADDRESS = ("AddressLine1", "City")
_OTHER_CONTACTS = ("BILLING", "OPERATIONS")


def contact_information_missing(account: Account) -> Iterator[Outcome]:
    """The primary contact is missing or lacks what AWS needs to reach somebody. CIS 2.2 (7.0)."""
    answers = account.documents_of_kind(ExportKind.CONTACT_INFORMATION)
    told = [found for each in answers if (found := each.child("ContactInformation"))]
    if not told:
        for answer in answers:
            yield fail(account_resource(account, "contact"), answer.location, lacking="all of it")
        return
    contact = told[0]
    # The collect script does not ask for the address, and AWS takes no contact without one.
    needed = (*_NEEDED, *_ADDRESS) if any(map(contact.has, _ADDRESS)) else _NEEDED
    lacking = [name for name in needed if not (contact.text(name) or "").strip()]
    if lacking:
        where = [contact.location_of(name) for name in lacking]
        yield fail(account_resource(account, "contact"), *where, lacking=", ".join(lacking))
    else:
        yield Pass()


def alternate_contact_missing(account: Account) -> Iterator[Outcome]:
    """AWS has nobody beside the owner to ask about bills or operations."""
    answers = account.documents_of_kind(ExportKind.ACCOUNT_CONTACTS)
    for sort in _OTHER_CONTACTS:
        mine = [each for each in answers if contact_type(each) == sort]
        absent = [each.location for each in mine if each.child("AlternateContact") is None]
        if not mine:
            yield Unknown(f"get-alternate-contact was not asked for {sort}")
        elif len(absent) == len(mine):
            resource = account_resource(account, f"contact/{sort}")
            yield fail(resource, *absent, sort=sort, account=account.id)
        elif absent:
            why = "two answers contradict each other, and nothing says which is newer"
            yield Unknown(why, absent[0])
        else:
            yield Pass()
