"""In: key IDs. Out: the proof that accounts are decoded right and fakes are told apart."""

import pytest

from analyzer.leaks.key_id import CANARY_ACCOUNTS, decode_account, placeholder_reason
from tests.leaks.leak_material import key_id

VECTORS = [
    ("ASIA", "Y34FZKBOKMUTVV7A", "609629065308"),
    ("ASIA", "QNZGKIQY56JQ7WML", "029608264753"),
    ("ASIA", "R2TG44V5PDTTBZRR", "125843596666"),
    ("AKIA", "SP2TPHJSQH3FJRUX", "171436882533"),
    ("AKIA", "RZPUZDIKGB2VALC4", "123456789012"),
    ("ASIA", "QAAAAAAAGMKEM7X5", "000000000000"),
    ("ASIA", "VG4A4ZBJNXS4IHFS", "358363220050"),
    ("AKIA", "IOSFODNN7EXAMPLE", None),
    ("AKIA", "7777777777777777", None),
    ("AKIA", "I44QH8DHBEXAMPLE", None),
]


@pytest.mark.parametrize(("prefix", "body", "account"), VECTORS)
def test_published_ids_decode_to_their_published_accounts(prefix, body, account):
    """Every vector of the specification holds."""
    assert decode_account(prefix + body) == account


@pytest.mark.parametrize("account", [0, 1, 7, 111122223333, 999_999_999_999])
def test_an_account_survives_being_put_into_an_id(account):
    """The smallest, the largest and accounts with leading zeros come back whole."""
    assert decode_account(key_id(account)) == f"{account:012d}"


def test_an_account_of_thirteen_digits_is_none():
    """One above the largest account is no account."""
    assert decode_account(key_id(1_000_000_000_000)) is None


@pytest.mark.parametrize("character", "AHIJKP")
def test_an_old_id_names_no_account(character):
    """A fifth character below Q means the old format, whatever its other bits say."""
    assert decode_account("AKIA" + character + key_id()[5:]) is None


@pytest.mark.parametrize(
    "id_",
    ["", "AKIA", key_id()[:-1], key_id() + "A", key_id() + "\n", key_id().lower(),
     key_id(prefix="ABIA"), key_id(prefix="AROA"), key_id()[:-1] + "1", key_id()[:-1] + "é"],
)  # fmt: skip
def test_what_is_no_key_id_names_no_account(id_):
    """Anything but a whole, well-formed access key ID gives nothing."""
    assert decode_account(id_) is None


@pytest.mark.parametrize(
    ("id_", "word"),
    [
        ("AKIA" + "IOSFODNN7EXAMPLE", "example"),
        ("AKIA" + "EXAMPLE" + "Q" * 4 + "ZXYWV", "example"),
        ("AKIA" + "ABCDEFGHIJKLMNOP", "placeholder"),
        ("AKIA" + "ZYXWVUTSRQPONMLK", "placeholder"),
        ("AKIA" + "QQQQQQQQQQQQQQQQ", "placeholder"),
        ("AKIA" + "QRST" * 4, "placeholder"),
        ("AKIA" + "Q2W3E4R5" * 2, "placeholder"),
        *((key_id(int(account)), "decoy") for account in sorted(CANARY_ACCOUNTS)),
    ],
)
def test_fakes_are_demoted(id_, word):
    """Examples, decoys, sequences and repetitions each say what they are."""
    assert word in (placeholder_reason(id_) or "")


@pytest.mark.parametrize(
    "words",
    ["PACIFIC" + "NORTHEAST", "SOUTHEAST" + "REGIONS", "TRADE" + "PARTNERSHIP",
     "JAPAN" + "ANDKOREAORG", "TIC" + "ELEPHANTHERDS", "WIDE" + "DISTRIBUTION"],
)  # fmt: skip
def test_words_in_capitals_are_no_key_ids(words):
    """What goes on from "Asia" is English; it is kept, with the reason."""
    assert "an English word" in (placeholder_reason("ASIA" + words) or "")


@pytest.mark.parametrize("body", ["JLQXZKWVBNFDGHPM", "IQXZWKVJBGHTDFPN", "ZXQWKJVHGBFPMNCD"])
def test_letters_without_a_digit_are_no_words_by_themselves(body):
    """One ID in thirty has no digit, and is a key nevertheless."""
    assert placeholder_reason("AKIA" + body) is None


def test_an_old_id_with_a_digit_is_no_word():
    """Whatever letter it goes on with."""
    assert placeholder_reason("AKIA" + "LXQW7KJVHGBFPMNC") is None


def test_ordinary_keys_are_not_demoted():
    """Nothing speaks against two hundred random keys."""
    assert [n for n in range(200) if placeholder_reason(key_id(n=n))] == []


@pytest.mark.parametrize(
    "id_", ["", "A", "AKIA", "DO00" + "ABCDEFGH1JKLMNPQ", "0189" * 5, "é" * 20]
)
def test_whatever_is_asked_about_is_answered(id_):
    """Digits that AWS never issues, too few characters and foreign ones raise nothing."""
    assert placeholder_reason(id_) is None or "placeholder" in (placeholder_reason(id_) or "")
