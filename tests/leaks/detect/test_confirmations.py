"""What is asked of a match of the prefilter."""

import base64
import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.leaks.detect.confirmations import (
    confirm_assigned,
    confirm_begun_id,
    confirm_beside,
    confirm_escaped_secret,
    confirm_id,
    confirm_pieces,
    confirm_secret,
    confirm_service_key,
)
from analyzer.leaks.detect.prefilter_terms import REACH
from tests.leaks.leak_material import key_id, secret

ID, SECRET = key_id(n=7), secret(7)
CAPITALS = string.ascii_uppercase + "234567"
RANDOM = hashlib.sha512(b"nothing").digest()


def asked(question, text, match):
    """The answer where `match`, the part of the text that an expression took, ends."""
    data = text if isinstance(text, bytes) else text.encode()
    part = match if isinstance(match, bytes) else match.encode()
    return question(data, data.index(part) + len(part))


@pytest.mark.parametrize(
    "text",
    [
        ID, f"x = '{ID}'", f"%3D{ID}", f"\\u003d{ID}", f"\x1b[31m{ID}", f"a\n+{ID}", f"lower{ID}",
        f"&amp;#x003d;3D{ID}", f"ESC[1mESC[K{ID}", f"{ID}ESC[0m", f"{ID}ESC%5B0m",
    ],
)  # fmt: skip
def test_an_id_that_stands_alone_is_worth_a_look(text):
    """By itself, behind an escape, a colour or the sign of a diff; before a spelled ESC."""
    assert asked(confirm_begun_id, text, ID[:4])


@pytest.mark.parametrize(
    "joint", ["' + '", '" "', "\\\n", "\r\n", "-", "\x1b[0m", "<b>", "\0", "=\n"]
)
@pytest.mark.parametrize("at", [4, 5, 12, 19])
def test_an_id_in_pieces_is_worth_a_look(joint, at):
    """Whatever a decoder takes out from between them."""
    assert asked(confirm_begun_id, f"{ID[:at]}{joint}{ID[at:]}", ID[:4])


def test_an_id_that_content_cuts_off_is_worth_a_look():
    """The rest is possibly in the next piece of a stream."""
    assert asked(confirm_begun_id, ID[:9], ID[:4])


@pytest.mark.parametrize(
    "text",
    [
        "AKIA[A-Z0-9]{16}", "(?:A3T[A-Z0-9]|AKIA|AGPA)", "var AKIA_COUNT = 1", "the prefix AKIAs",
        f"XX{ID}", f"{ID}X", f"{ID[:12]}lower",
    ],
)  # fmt: skip
def test_a_prefix_that_begins_no_id_is_not(text):
    """In the rules of a scanner, in a name, within a longer run."""
    assert not asked(confirm_begun_id, text, "AKIA")


def test_an_escape_counts_where_it_ends_at_the_id():
    """One further in front belongs to another word."""
    assert asked(confirm_begun_id, f"%253D{ID}", ID[:4])
    assert not asked(confirm_begun_id, f'\\"SK\\" - SLOV{ID}', ID[:4])


@pytest.mark.parametrize("distance", [0, 9, 10, 11])
def test_what_has_to_be_beside_a_name_may_be_so_far_from_it(distance):
    """It begins within ten bytes before or behind; beyond that the name says nothing."""
    question = confirm_beside(b"value", 10, 15)
    assert asked(question, f"name{'-' * distance}value", "name") == (distance <= 10)
    gap = distance - len("name")
    assert asked(question, f"value{'-' * gap}name", "name") == (distance <= 5)


def test_nothing_is_asked_farther_than_versions_are_searched_again():
    """Or a version would be thought to have what only the text before it has."""
    confirm_beside(b"value", REACH, REACH)
    for before, after in ((REACH + 1, 0), (0, REACH + 1)):
        with pytest.raises(ValueError, match="at most 800"):
            confirm_beside(b"value", before, after)


def test_an_id_of_a_rare_prefix_is_told_from_a_word_in_capitals():
    """The expression ends four characters behind the prefix."""
    rare = "ABIA" + ID[4:]
    assert asked(confirm_id, f"({rare})", rare[:8])
    assert asked(confirm_id, f"[32m{rare}ESC[0m", rare[:8])
    assert not asked(confirm_id, f"VOCABIA{ID[4:]}"[:20], "ABIA" + ID[4:8])
    assert not asked(confirm_id, f"({rare}X)", rare[:8])
    assert not asked(confirm_id, f"X{rare}", rare[:8])


@pytest.mark.parametrize(
    ("before", "is_worth"),
    [
        ("", True),
        (" ", True),
        ("\\n", True),
        ("%3D", True),
        ("\n+", True),
        ("ESC[33m", True),
        ("[0m", True),
        ("A", False),
        ("0/", False),
    ],
)
def test_a_service_key_begins_a_run(before, is_worth):
    """In a font in Base64 AEAA stands a thousand times, amid a run."""
    key = "AEAA" + "Ab3/" * 10
    assert asked(confirm_service_key, f"{'x ' * 9}{before}{key}", key) is is_worth


@pytest.mark.parametrize(
    "run",
    [
        SECRET, f"n{SECRET}", f"u003d{SECRET}", f"{ID}/{SECRET}", SECRET.encode().hex().upper(),
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
        base64.b64encode(f"ü {SECRET}".encode()).decode(),
        base64.b64encode(base64.b64encode(SECRET.encode())).decode().rstrip("="),
        "n" + base64.b64encode(f"{SECRET}: x".encode()).decode(),
        base64.b64encode(SECRET.encode()).decode().rstrip("=") + "ESC",
        base64.b64encode(SECRET.encode("utf-16-le"))[:64].decode(),
    ],
)  # fmt: skip
def test_every_form_of_a_secret_is_worth_a_look(run):
    """Alone, behind an escape or its ID, in hexadecimal, in Base64, in that of Base64."""
    match = run.rstrip("=")
    assert asked(confirm_secret, f"secret: {run}\n", match)
    assert asked(confirm_secret, f"secret: {run}\n", f"{run}\n"[: len(match) + 1])


@pytest.mark.parametrize(
    "run",
    [
        hashlib.sha256(b"x").hexdigest()[:40], "B" + "a" * 38, "B" + "a" * 90,
        base64.b64encode(RANDOM[:48]).decode(),
    ],
)  # fmt: skip
def test_what_is_no_form_of_a_secret_is_not(run):
    """Without a capital, of another length, Base64 of what is no text, as in a certificate."""
    assert not asked(confirm_secret, f"secret: {run}\n", run)


def test_a_padded_hash_is_not():
    """Lock files have one on each line, and modules called secret among them."""
    hashed = base64.b64encode(RANDOM[:32]).decode()
    assert not asked(confirm_secret, f"secret v1 h1:{hashed}\n", hashed.rstrip("="))
    assert not asked(confirm_secret, f"secret.py,sha256={hashed[:-1]},12", hashed[:-1])
    assert asked(confirm_secret, f"secret {hashed[:-1]}\n", hashed[:-1])


@pytest.mark.parametrize("joint", ['" + "', '", "', '" "', '" .\n    "', '" \\\n  "'])
@pytest.mark.parametrize("at", [2, 20, 38])
def test_pieces_that_are_a_secret_together_are_worth_a_look(joint, at):
    """However they are joined."""
    begun = f'secret = "{SECRET[:at]}{joint}{SECRET[at : at + 2]}'
    assert asked(confirm_pieces, f'{begun}{SECRET[at + 2 :]}"', begun)


def test_a_list_of_names_is_not():
    """Models of an API have thousands on one line."""
    names = ",".join(f'"DescribeSecret{each}"' for each in "ABCDEFGHIJKLMNOPQRST")
    assert not asked(confirm_pieces, f"[{names}]", names[:120])


@given(st.text(string.ascii_letters + string.digits + "/+", min_size=40, max_size=40), st.data())
def test_no_secret_with_a_capital_is_missed(value, data):
    """Whatever its characters are, and whatever stands around it."""
    around = data.draw(st.sampled_from(["\n", '"', "'", " ", "=", ":", "<", "\\"]))
    has_capital = value != value.lower()
    assert asked(confirm_secret, f"secret{around}{value}\n", f"{value}\n") is has_capital


ASSIGNED = [
    "name = {}", 'name": "{}', "name\\t=\\t{}", 'name\\\\\\":\\\\\\"{}', "name&quot;: &quot;{}",
    "name%2522%253A%2522{}", "name=3D{}", "name\\u0022\\u003a\\u0022{}", "name&#34;&#x3a;{}",
    '"name", "value": "{}', "<name><string>{}",
]  # fmt: skip


@pytest.mark.parametrize("frame", ASSIGNED)
def test_a_value_behind_its_name_is_worth_a_look(frame):
    """Whatever signs stand between, and however they are escaped."""
    confirm = confirm_assigned(rb"[a-z]{3}[0-9]{5}")
    assert asked(confirm, frame.format("abc12345"), "name")
    assert not asked(confirm, frame.format("abcdefgh"), "name")
    assert not asked(confirm, frame.format("or abc12345"), "name")


@pytest.mark.parametrize("sign", ["\\/", "%2F", "%252B", "\\u002f", "\\x2b", "=2B", "&#47;"])
def test_a_secret_with_an_escaped_slash_or_plus_is_worth_a_look(sign):
    """JSON and addresses write them so; what is no secret without the escape is none with it."""
    for value, is_worth in ((SECRET, True), (SECRET[:30], False), (SECRET.lower(), False)):
        text = f'"secretKey": "{value[:12]}{sign}{value[13:]}" x'
        assert asked(confirm_escaped_secret, text, sign) is is_worth
