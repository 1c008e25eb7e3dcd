"""What holds of every leak: its owner is among those who are named, and unknown is not safe."""

from datetime import timedelta

from hypothesis import assume, event, given
from hypothesis import strategies as st

from analyzer.config import Limits
from analyzer.leaks.model import LeakScan
from analyzer.risk.assessment import assess_leaks
from analyzer.risk.owner import Certainty
from analyzer.rules.joined_leak_severity import joined_severity
from analyzer.rules.severity import Severity
from tests.builders import DETAILS, REPORT
from tests.hypothesis_profiles import examples
from tests.risk.leaked import NUMBER, joined
from tests.risk.random_accounts import (
    LATER,
    SUMMARY,
    Listing,
    ages,
    exported,
    histories,
    leaks,
    list_of,
    removals,
    without_id,
)

ORDER = list(Severity)


@examples(2)
@given(st.data())
def test_the_true_owner_is_always_among_those_who_are_named(data):
    """On a thousand accounts, by whatever exports there are: named exactly, or as a candidate."""
    history = data.draw(histories())
    credential, true_owner = data.draw(leaks(history.keys()))
    credential = data.draw(st.sampled_from([credential, without_id(credential)]))
    lists = data.draw(st.sets(st.sampled_from([list_of(name) for name in history.users])))
    case = exported(history).without(*lists, data.draw(st.sampled_from(["", REPORT, DETAILS])))
    [found] = assess_leaks(LeakScan((credential,)), {NUMBER: case.account()}, {}, Limits())
    event(f"{found.owner.certainty}")
    if found.owner.certainty is Certainty.EXACT:
        assert found.owner.user == true_owner
    else:
        assert true_owner in {each.user for each in found.owner.candidates}


@examples(0.5)
@given(st.data())
def test_less_evidence_never_makes_a_leak_look_safer(data):
    """Without any one file, row or entry its severity is the same or worse."""
    history = data.draw(histories())
    credential, _ = data.draw(leaks(history.keys()))
    credential = data.draw(st.sampled_from([credential, credential, without_id(credential)]))
    case = exported(history)
    removed = removals(case, history)
    missing = data.draw(st.sampled_from(sorted(removed)))
    whole, less = joined(case, credential), joined(removed[missing], credential)
    before, after = joined_severity(whole), joined_severity(less)
    event(f"{before} {missing.partition(' ')[0]} {after}")
    assert ORDER.index(after) <= ORDER.index(before), (missing, whole.status, less.status)


@examples(1)
@given(st.data())
def test_a_key_that_works_is_never_called_dead(data):
    """Whatever was handed in, however old each list is, and whatever happened after the report."""
    history = data.draw(histories(LATER))
    alive = tuple(
        key
        for key in history.keys(LATER)
        if key.is_on and not key.is_gone and key.changed == key.made
    )
    assume(alive)
    credential, _ = data.draw(leaks(alive, LATER, skew=timedelta(0)))
    credential = data.draw(st.sampled_from([credential, without_id(credential)]))
    names = sorted(history.users)
    listed = data.draw(st.sets(st.sampled_from(names), min_size=len(names) - 1))
    times = st.builds(Listing, ages(LATER), st.booleans())
    case = exported(history, {name: data.draw(times) for name in sorted(listed)} or None)
    missing = data.draw(st.sampled_from(["", "", REPORT, DETAILS, SUMMARY]))
    [found] = assess_leaks(
        LeakScan((credential,)), {NUMBER: case.without(missing).account()}, {}, Limits()
    )
    event(f"{found.status.status} {found.status.is_certain}")
    assert not found.status.is_dead, found.status
