"""Practice 7: whom AWS reaches about the account."""

import pytest

from analyzer.rules.finding import Status
from tests.builders import account
from tests.rules.organization_exports import alternate_contact, contact

PRIMARY, ALTERNATE = "contact-information-missing", "alternate-contact-missing"
SECURITY = "security-contact-missing"


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


# security-contact-missing


def test_security_contact_missing_fails_for_the_saved_error():
    """ResourceNotFoundException is AWS's word that there is none."""
    [(resource, spot, text)] = account().no_contact().proof(SECURITY)
    assert (resource, spot) == ("root", "contact.json:")
    assert "ResourceNotFoundException" in text


def test_security_contact_missing_passes_with_a_contact():
    """AWS knows whom to call."""
    assert account().contact().status(SECURITY) is Status.PASS


def test_security_contact_missing_does_not_pass_for_a_contact_of_another_type():
    """Billing is not who to call about an intrusion."""
    billing = {"AlternateContact": {"AlternateContactType": "BILLING", "Name": "Billing"}}
    case = account().export("contact.json", billing)
    assert case.status(SECURITY) is not Status.PASS


BILLING = {"AlternateContact": {"AlternateContactType": "BILLING", "Name": "b"}}


def no_contact_of(sort: str) -> str:
    """The error of get-alternate-contact with its command line, as the collect script saves it."""
    return (
        f"aws account get-alternate-contact --alternate-contact-type {sort}\n\nAn error occurred "
        "(ResourceNotFoundException) when calling the GetAlternateContact operation: No contact.\n"
    )


def test_security_contact_missing_passes_beside_a_missing_billing_contact():
    """Which contact is missing the saved command line says."""
    case = account().contact()
    case.texts["contact-billing.txt"] = no_contact_of("BILLING")
    assert case.status(SECURITY) is Status.PASS
    case.texts["contact-billing.txt"] = no_contact_of("SECURITY")
    assert case.status(SECURITY) is Status.NOT_ASSESSED


@pytest.mark.parametrize("sort", ["BILLING", "OPERATIONS"])
def test_security_contact_missing_is_not_assessed_where_others_were_asked_for(sort: str):
    """An answer about another contact, or its absence, says nothing of this one."""
    case = account()
    case.texts["contact.txt"] = no_contact_of(sort)
    assert case.status(SECURITY) is Status.NOT_ASSESSED
    other = account().export("contact.json", BILLING)
    assert other.status(SECURITY) is Status.NOT_ASSESSED


@pytest.mark.parametrize("prompt", ["$ ", "[cloudshell-user@ip-10-0-0-1 ~]$ ", "PS C:\\> "])
@pytest.mark.parametrize(
    ("sort", "status"),
    [
        ("BILLING", Status.NOT_ASSESSED),
        ("\\\n  OPERATIONS", Status.NOT_ASSESSED),
        ("$sort", Status.NOT_ASSESSED),
        ("SECURITY", Status.FAIL),
    ],
)
def test_security_contact_missing_reads_the_command_behind_a_prompt(prompt, sort, status):
    """A terminal's copy says what was asked for, be it on two lines."""
    case = account()
    case.texts["contact.txt"] = f"{prompt}{no_contact_of(sort)}{prompt}"
    assert case.status(SECURITY) is status


def test_security_contact_missing_fails_for_the_saved_command():
    """The command asked for SECURITY."""
    case = account()
    case.texts["contact.txt"] = no_contact_of("SECURITY")
    assert case.status(SECURITY) is Status.FAIL


DAMAGED = ["x", 7, [], {}, {"AlternateContactType": "SECURITY"}, {"Name": " "}]


@pytest.mark.parametrize("value", DAMAGED)
def test_what_stands_in_the_place_of_a_contact_is_none(value):
    """Of any type; and nobody can tell whether there is one."""
    case = account().export("contact.json", {"AlternateContact": value})
    assert case.status(SECURITY) is Status.NOT_ASSESSED
    damaged = account()
    for sort in ("BILLING", "OPERATIONS"):
        asked = {"command": f"aws account get-alternate-contact --alternate-contact-type {sort}"}
        damaged = damaged.export(f"{sort}.json", asked | {"AlternateContact": value})
    assert damaged.status(ALTERNATE) is Status.NOT_ASSESSED
