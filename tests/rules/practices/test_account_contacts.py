"""Practice 7: whom AWS reaches about the account."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account
from tests.rules.organization_exports import alternate_contact, contact

PRIMARY, ALTERNATE = "contact-information-missing", "alternate-contact-missing"


def answered(*sorts, refused=()):
    """The alternate contacts of these types, and AWS's word that the others are missing."""
    case = account()
    for sort in sorts:
        case = case.export("contacts.json", alternate_contact(sort))
    for sort in refused:
        name = f"{sort}.json"
        case = case.answer(name, "GetAlternateContact", "ResourceNotFoundException")
        asked = f"aws account get-alternate-contact --alternate-contact-type {sort}"
        case.texts[name] = f"{asked}{case.texts[name]}"
    return case


@pytest.mark.parametrize(
    "member", ["FullName", "AddressLine1", "City", "CountryCode", "PhoneNumber"]
)
@pytest.mark.parametrize("text", [None, "", " "])
def test_a_primary_contact_that_lacks_something_is_found(member, text):
    """By the name of what it lacks."""
    case = account().export("address.json", contact(**{member: text}))
    [found] = case.judged(PRIMARY).findings
    assert found.facts["lacking"] == member


def test_a_whole_primary_contact_keeps_the_rule():
    """A company's name is no duty."""
    assert account().export("address.json", contact()).status(PRIMARY) is Status.PASS


def test_an_address_that_was_not_asked_for_is_not_missed():
    """The collect script leaves it with AWS; what it asks for is judged all the same."""
    bare = {"AddressLine1": None, "City": None}
    assert account().export("a.json", contact(**bare)).status(PRIMARY) is Status.PASS
    mute = account().export("a.json", contact(**bare, PhoneNumber=""))
    assert mute.judged(PRIMARY).findings[0].facts["lacking"] == "PhoneNumber"


def test_no_primary_contact_at_all_is_found():
    """By AWS's own word; a refusal says nothing."""
    absent = account().answer("a.json", "GetContactInformation", "ResourceNotFoundException")
    assert absent.status(PRIMARY) is Status.FAIL
    refused = account().answer("a.json", "GetContactInformation", "AccessDeniedException")
    assert refused.status(PRIMARY) is Status.NOT_ASSESSED


def test_each_missing_alternate_contact_is_found():
    """Of billing and of operations."""
    case = answered(refused=("BILLING", "OPERATIONS"))
    found = case.judged(ALTERNATE).findings
    assert sorted(str(each.facts["sort"]) for each in found) == ["BILLING", "OPERATIONS"]
    assert answered("BILLING", "OPERATIONS").status(ALTERNATE) is Status.PASS


def test_a_type_that_nobody_asked_for_is_not_assessed():
    """The collect script of old asked for the security contact alone."""
    assert account().contact().status(ALTERNATE) is Status.NOT_ASSESSED
    assert answered("BILLING").status(ALTERNATE) is Status.NOT_ASSESSED


def test_two_answers_that_contradict_each_other_settle_nothing():
    """Nobody knows which is newer."""
    case = answered("BILLING", "OPERATIONS", refused=("BILLING",))
    assert case.status(ALTERNATE) is Status.NOT_ASSESSED
