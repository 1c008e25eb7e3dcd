"""In: tables as the IAM console hands them out. Out: the proof that each cell is its user's."""

import hashlib

import pytest

from analyzer.leaks.model import CredentialKind, CredentialPart
from tests.leaks.detect.detect_material import read
from tests.leaks.leak_material import ACCOUNT, digest, key_id, secret

LINK = f"https://{ACCOUNT}.signin.aws.amazon.com/console"
PASSWORDS = ["Correct-horse" + "7!battery", "b|4t" + "Stapl3"]
HEADERS = [
    "User name,Password,Access key ID,Secret access key,Console login link",
    "User Name,Password,Access key ID,Secret access key,Console login link",
    "\ufeffUser name,Password,Access key ID,Secret access key,Console sign-in URL",
    '"User name","Password","Access key ID","Secret access key","Console login link"',
]


def digest_of(value: str) -> str:
    """What a report may say of a value."""
    return hashlib.sha256(value.encode()).hexdigest()[:16]


def table(header: str, delimiter: str = ",", end: str = "\n") -> str:
    """Two users with all that they have."""
    rows = [(f"user{n}", PASSWORDS[n], key_id(n=n), secret(n), LINK) for n in range(len(PASSWORDS))]
    lines = [header.replace(",", delimiter), *(delimiter.join(row) for row in rows)]
    return end.join([*lines, ""])


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_row_is_one_users(header, delimiter, end):
    """Password, key ID and secret, under the header that the console writes."""
    found = read(table(header, delimiter, end))
    assert [(each.kind, each.part, each.line) for each in found] == [
        (CredentialKind.CONSOLE_PASSWORD, CredentialPart.WHOLE, 2),
        (CredentialKind.LONG_TERM_KEY, CredentialPart.ID, 2),
        (CredentialKind.LONG_TERM_KEY, CredentialPart.SECRET, 2),
        (CredentialKind.CONSOLE_PASSWORD, CredentialPart.WHOLE, 3),
        (CredentialKind.LONG_TERM_KEY, CredentialPart.ID, 3),
        (CredentialKind.LONG_TERM_KEY, CredentialPart.SECRET, 3),
    ]
    assert [each.claims.user for each in found] == ["user0"] * 3 + ["user1"] * 3
    assert [each.digest for each in found[:2]] == [digest_of(PASSWORDS[0]), digest()]
    assert {each.claims.account for each in found} == {str(ACCOUNT)}


def test_a_user_without_keys_has_a_password_all_the_same():
    """An empty cell is nothing, and a link with an alias names no account."""
    text = f"{HEADERS[0]}\nann,{PASSWORDS[0]},,,https://our-alias.signin.aws.amazon.com/console\n"
    (found,) = read(text)
    assert (found.kind, found.claims.user) == (CredentialKind.CONSOLE_PASSWORD, "ann")
    assert found.claims.account is None


def test_a_password_between_quotes_is_taken_without_them():
    """Two quotes are one that belongs to it."""
    text = f'{HEADERS[0]}\nann,"a,b""{PASSWORDS[0]}",,,{LINK}\n'
    (found,) = read(text)
    assert found.digest == digest_of(f'a,b"{PASSWORDS[0]}')


def test_keys_below_their_columns_are_found():
    """As the console hands them out for one key."""
    found = read(f"Access key ID,Secret access key\n{key_id()},{secret()}")
    assert [(each.key_id, each.digest, each.part) for each in found] == [
        (key_id(), digest(), CredentialPart.ID),
        (key_id(), digest(), CredentialPart.SECRET),
    ]
    assert "Secret access key" in (found[0].pairing or "")


@pytest.mark.parametrize(
    "text",
    [
        f"User name,Password,Mail\nann,{PASSWORDS[0]},a@example.com\n",
        f"{HEADERS[0]}\nann,{PASSWORDS[0]}\n",
        f"{HEADERS[0]}\n\nann,{PASSWORDS[0]},,,{LINK}\n",
        f"The user name and the password, see the console login link\n{PASSWORDS[0]},a,b\n",
    ],
)
def test_other_tables_and_other_rows_hold_no_password_of_the_console(text):
    """Only what stands below all five columns counts, until the table ends."""
    assert read(text) == ()


def test_an_example_in_a_table_is_doubted():
    """AWS shows such tables in its guides."""
    found = read(f"{HEADERS[0]}\nann,EXAMPLE-x,{key_id()[:-7]}EXAMPLE,,{LINK}\n")
    assert [bool(each.doubt) for each in found] == [True, True]
