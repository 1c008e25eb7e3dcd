"""In: the account's contacts. Out: about what AWS reaches nobody: account, attacks, bills."""

from collections.abc import Iterator, Sequence

from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.model import Account
from analyzer.inventory.small_exports import contact_type, has_contact
from analyzer.rules.catalogue import Fact
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import Outcome, Pass, Unknown, account_resource, fail, unreadable

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


def security_contact_missing(account: Account) -> Iterator[Outcome]:
    """AWS has nobody to call about a security incident. CIS 1.2 (5.0), Security Hub Account.1."""
    answers = [
        each
        for each in account.documents_of_kind(ExportKind.ACCOUNT_CONTACTS)
        if contact_type(each) == "SECURITY"
    ]
    if answers:
        yield _judge_alternate_contact(answers, account_resource(account), account=account.id)
    else:
        yield Unknown("get-alternate-contact was asked for other types, not for SECURITY")


def alternate_contact_missing(account: Account) -> Iterator[Outcome]:
    """AWS has nobody beside the owner to ask about bills or operations."""
    answers = account.documents_of_kind(ExportKind.ACCOUNT_CONTACTS)
    for sort in _OTHER_CONTACTS:
        mine = [each for each in answers if contact_type(each) == sort]
        resource = account_resource(account, f"contact/{sort}")
        if mine:
            yield _judge_alternate_contact(mine, resource, sort=sort, account=account.id)
        else:
            yield Unknown(f"get-alternate-contact was not asked for {sort}")


def _judge_alternate_contact(
    answers: Sequence[JsonNode], resource: Resource, **facts: Fact
) -> Outcome:
    """The outcome of answers about one type of contact: there, missing, or not to be told."""
    states = [has_contact(each) for each in answers]
    absent = [each.location for each, state in zip(answers, states, strict=True) if state is False]
    if len(absent) == len(answers):
        return fail(resource, *absent, **facts)
    if absent:
        why = "two answers contradict each other, and nothing says which is newer"
        return Unknown(why, absent[0])
    if True in states:
        return Pass()
    return unreadable(answers[0].location_of("AlternateContact"))
