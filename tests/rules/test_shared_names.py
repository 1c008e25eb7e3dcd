"""Words that say that a crowd or a job uses a name."""

import pytest

from analyzer.rules.shared_names import shared_words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sales-team", ("team",)),
        ("shared.finance", ("shared",)),
        ("no-reply", ("noreply",)),
        ("noreply@example.com", ("noreply",)),
        ("help_desk2", ("helpdesk",)),
        ("svc-anna", ("svc",)),
        ("ci", ("ci",)),
        ("DevOpsTeam", ("team", "devops")),
        ("gitlab-runner", ("gitlab",)),
        ("empfang", ("empfang",)),
    ],
)
def test_a_word_for_a_crowd_is_enough(name: str, words: tuple[str, ...]):
    """Whatever stands beside it, however it is written."""
    assert set(words) <= set(shared_words(name))


@pytest.mark.parametrize(
    "name", ["admin", "QA", "ops_london", "marketing-emea", "test.user3", "jenkins"]
)
def test_a_name_of_nothing_but_jobs_and_places_names_nobody(name: str):
    """No word of it is a person's."""
    assert shared_words(name)


@pytest.mark.parametrize(
    "name",
    [
        "ann.lee",
        "john.smith.test",
        "admin-ann",
        "bob.jenkins",
        "bo+ops@example.com",
        "ann@team.example",
    ],
)
def test_a_persons_name_is_nobody_elses(name: str):
    """A job beside a name, a family name, and what an address says after it."""
    assert shared_words(name) == ()
