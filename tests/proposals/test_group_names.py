"""Names that IAM takes and that a reader knows."""

import re

from hypothesis import given
from hypothesis import strategies as st

from analyzer.proposals.group_names import free_name, job_name
from analyzer.proposals.rights import Right

POLICY = Right("arn:aws:iam::aws:policy/ReadOnlyAccess", "", "ReadOnlyAccess")


def test_a_tag_that_most_members_share_names_the_group():
    """The people's own word for the job."""
    tags = [{"Department": "Data"}, {"department": "Data"}, {"department": "Sales"}]
    assert job_name(tags, [POLICY], ()) == "data"


def test_without_such_a_tag_the_first_policy_names_it():
    """Half of the members are not most of them."""
    tags = [{"team": "a"}, {"team": "b"}]
    assert job_name(tags, [POLICY], ()) == "readonlyaccess"


def test_a_name_in_use_gives_way_to_the_next_word_and_then_to_a_number():
    """IAM tells no capitals from small letters in the names of groups."""
    tags = [{"team": "Data"}, {"team": "Data"}]
    assert job_name(tags, [POLICY], ["DATA"]) == "readonlyaccess"
    assert job_name(tags, [POLICY], ["data", "readonlyaccess", "job"]) == "data-2"
    assert free_name("x", ["X", "x-2"]) == "x-3"


@given(st.lists(st.dictionaries(st.sampled_from(["team", "Job-Title"]), st.text()), max_size=3))
def test_whatever_tags_hold_the_name_is_one_that_iam_takes(tags):
    """Tags take any text, names of groups do not."""
    assert re.fullmatch(r"[\w+=,.@-]{1,128}", job_name(tags, [POLICY], ()), re.ASCII)
