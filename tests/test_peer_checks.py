"""The table of other tools' checks names checks that exist, and README counts it rightly."""

import re
from pathlib import Path

import pytest

from docs.peer_pages import WORDS, count_answers, peers_page, read_peers
from tests.builders import the_catalogue

ROOT = Path(__file__).parents[1]
_COUNTED = re.compile(r"Of (\d+) checks of eight other tools, (\d+) are made whole, (\d+) in part")
CHECKS = [(source["id"], name) for source in read_peers() for name in source["checks"]]
BY_ID = {source["id"]: source for source in read_peers()}


@pytest.mark.parametrize(("source", "name"), CHECKS)
def test_each_check_of_a_peer_is_answered_by_checks_that_exist(source, name):
    """What is judged names what judges it, and nothing else does."""
    told = BY_ID[source]["checks"][name]
    ours = told.get("ours", [])
    assert told["is"] in WORDS
    assert bool(ours) is (told["is"] in {"whole", "part", "command"})
    if told["is"] != "command":
        assert set(ours) <= set(the_catalogue().entries)


def test_the_page_has_a_line_for_each():
    """Nothing of the data is lost on the way."""
    page = peers_page()
    assert all(f"| `{name}` |" in page for _, name in CHECKS)


def test_readme_counts_them():
    """The figures of the first page are those of the data."""
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    counts = count_answers()
    found = re.search(
        r"Of (\d+) checks of eight other tools, (\d+) are made whole, (\d+) in part", text
    )
    assert found
    assert [int(each) for each in found.groups()] == [
        sum(counts.values()),
        counts["whole"],
        counts["part"],
    ]
