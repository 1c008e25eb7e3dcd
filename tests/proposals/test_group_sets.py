"""What most people share, and sets that several hold alike."""

from hypothesis import given
from hypothesis import strategies as st

from analyzer.proposals.group_sets import base_set, job_sets
from analyzer.proposals.rights import Right

RIGHTS = [Right(f"arn:{name}", "", name) for name in "abcd"]
A, B, C, D = RIGHTS
people = st.dictionaries(
    st.text("xyz", min_size=1, max_size=3), st.frozensets(st.sampled_from(RIGHTS)), max_size=12
)


def test_the_base_is_what_nine_in_ten_hold():
    """One newcomer without it does not hide what everyone else shares."""
    held = {f"u{number}": frozenset({A, B}) for number in range(9)} | {"new": frozenset({B})}
    base = base_set(held)
    assert base is not None
    assert base.rights == {A, B}
    assert "new" not in base.members


def test_nothing_is_a_base_that_every_fifth_person_lacks():
    """Else a group for everyone would leave many out."""
    held = {f"u{number}": frozenset({A}) for number in range(8)}
    assert base_set(held | {"v": frozenset({B}), "w": frozenset({C})}) is None


def test_one_person_makes_no_base_and_no_job():
    """A group of one is a policy of one under another name."""
    assert base_set({"ann": frozenset({A})}) is None
    assert not list(job_sets({"ann": frozenset({A})}))


def test_people_share_a_job_only_if_they_hold_exactly_the_same():
    """Whoever had one right less would get one."""
    held = {"a": {A, B}, "b": {A, B}, "c": {A}, "d": {A}, "e": {A}, "f": {C}}
    found = [(job.rights, job.members) for job in job_sets(held)]
    assert found == [({A}, ("c", "d", "e")), ({A, B}, ("a", "b"))]


@given(people)
def test_every_member_of_a_set_holds_all_of_it(held):
    """Whatever people hold, joining gives nobody anything new."""
    base = base_set(held)
    for shared in (*job_sets(held), *([base] if base else ())):
        assert all(shared.rights <= held[name] for name in shared.members)
        assert len(shared.members) > 1


@given(people)
def test_a_person_has_one_job_at_most(held):
    """Jobs are told apart by all that somebody holds."""
    members = [name for job in job_sets(held) for name in job.members]
    assert len(members) == len(set(members))
