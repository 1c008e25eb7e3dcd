"""In: nothing. Out: a made-up scan with something of every sort, key IDs made at run time."""

import base64
from datetime import UTC, datetime

from analyzer.files import Skipped
from analyzer.leaks.model import (
    ClaimedFacts,
    Credential,
    CredentialKind,
    LeakScan,
    Occurrence,
    PlaceKind,
    ScanCoverage,
    Suppression,
)

COMMIT = "c" * 40
BLOB = "b" * 40
ODD = 'sp ace/\\xff[x](y):é\x1b[31m\u202e"<=cmd>.txt'
"""A path that tries everything: an escape sequence, reversed text, a link, a byte of no UTF-8."""


def key_id(n, prefix="AKIA"):
    """The n-th key ID of account 111122223333."""
    return (
        prefix + base64.b32encode((1 << 79 | 111122223333 << 39 | n).to_bytes(10, "big")).decode()
    )


def place(path="app.py", line=3, where=PlaceKind.WORK_TREE, **more):
    """A place in the repository `shop`."""
    return Occurrence("shop", path, line, where, **more)


def in_history(day=1, **more):
    """A place that a commit of March 2026 brought in and HEAD no longer has."""
    date = datetime(2026, 3, day, 12, tzinfo=UTC)
    claims = {"object": BLOB, "commit": COMMIT, "author": "Ann", "date": date}
    return place(**({"where": PlaceKind.HISTORY} | claims | more))


def credential(n=1, kind="aws-access-key", *places, **more):
    """A key pair, or whatever `more` makes of it."""
    claims = {"key_id": key_id(n), "account": "111122223333", "secret_digest": f"{n:016x}"}
    return Credential(
        id=f"cred-{n:016x}",
        kind=CredentialKind(kind),
        occurrences=places or (place(),),
        **(claims | more),
    )


def leaks():
    """Some of everything: a pair, an ID alone, a token, something set aside by each means."""
    expires = datetime(2026, 3, 1, 15, tzinfo=UTC)
    token = ClaimedFacts(user="ann", region="eu-west-1", service="bedrock", expires=expires)
    message = in_history(path="", line=1, object=COMMIT, where=PlaceKind.COMMIT_MESSAGE)
    return LeakScan(
        credentials=(
            credential(1, "aws-access-key", in_history(), place(), message,
                pairing="on the next line"),
            credential(2, secret_digest=None),
            credential(3, CredentialKind.BEDROCK_SHORT_KEY, in_history(2, reachable=False),
                key_id=None, claims=token),
            credential(4, "aws-access-key", place(ODD), set_aside="an example"),
            credential(5, "aws-access-key", place(doubt="allowed by a comment: x:y"),
                set_aside="allowed by a comment: x:y"),
            credential(6, CredentialKind.OTHER, place(encoding="base64"), key_id=None,
                claims=ClaimedFacts(label="Secret Keyword")),
        ),
        repositories=(
            ScanCoverage("shop", 12, 3456, 1, (Skipped("big.bin", "too large", 5_000),)),
        ),
        suppressions=(
            Suppression("comment", "cred-0000000000000005", "allowed by a comment: x:y"),
        ),
    )  # fmt: skip
