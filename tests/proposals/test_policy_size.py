"""Policies within IAM's limits, which together say the same."""

from hypothesis import given
from hypothesis import strategies as st

from analyzer.proposals.policy_size import size_of, split_policy
from tests.builders import allow, deny, policy_text

NAMES = st.lists(
    st.text("abcdef", min_size=5, max_size=20), min_size=1, max_size=60, unique=True
) | st.just([f"x{number:09}" for number in range(60)])


def meant(documents):
    """What each statement says of each action, in any order."""
    return sorted(
        (each["Effect"], action, str(each["Resource"]))
        for document in documents
        for each in document["Statement"]
        for action in each["Action"]
    )


def test_white_space_does_not_count():
    """IAM counts none, wherever it stands."""
    assert size_of(policy_text(allow("s3:GetObject", on="a b"))) == size_of(
        policy_text(allow("s3:GetObject", on="ab"))
    )


@given(st.lists(st.tuples(NAMES, st.booleans()), min_size=1, max_size=6))
def test_the_parts_say_what_the_whole_said(given_statements):
    """Each within the limit."""
    made = [
        (deny if forbids else allow)(*names, on=f"r{number}") | {"Sid": f"s{number}"}
        for number, (names, forbids) in enumerate(given_statements)
    ]
    whole = policy_text(*made)
    parts = split_policy(whole, 300)
    assert parts is not None
    assert all(size_of(each) <= 300 for each in parts)
    assert meant(parts) == meant([whole])
    for part in parts:
        names = [each["Sid"] for each in part["Statement"] if "Sid" in each]
        assert len(names) == len(set(names))


def test_a_statement_that_cannot_be_divided_is_told():
    """A list of resources is one thing with its actions."""
    assert split_policy(policy_text(allow("s3:GetObject", on=["x" * 400])), 300) is None
