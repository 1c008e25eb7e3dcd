"""What workers send comes back as it was."""

import copy
import pickle
from datetime import UTC, datetime

from analyzer.leaks.model import (
    ClaimedFacts,
    CredentialKind,
    CredentialPart,
    Occurrence,
    PlacedSighting,
    PlaceKind,
    Sighting,
)

WHEN = datetime(2024, 2, 29, tzinfo=UTC)
PLACED = PlacedSighting(
    Sighting(
        CredentialKind.SECRET,
        7,
        CredentialPart.SECRET,
        digest="0123",
        member="a.zip!/b",
        claims=ClaimedFacts(account="210987654321", expires=WHEN, subject="somebody"),
        allowed="a comment",
    ),
    Occurrence("repo", "a/b", 7, PlaceKind.HISTORY, "c0ffee", date=WHEN, in_head=True, doubt="x"),
)


def test_a_sighting_comes_back_as_it_was():
    """Each of its values, and those of its place and its claims."""
    sent = pickle.dumps(PLACED, pickle.HIGHEST_PROTOCOL)
    assert pickle.loads(sent) == PLACED  # noqa: S301 - of our own making
    assert copy.deepcopy(PLACED) == PLACED
