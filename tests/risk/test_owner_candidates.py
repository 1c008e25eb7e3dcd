"""Who may hold a leaked key that no list names: ruled out by dates alone, ranked by hints."""

from datetime import timedelta

import pytest

from analyzer.inventory.model import ROOT_USER
from analyzer.leaks.model import ClaimedFacts
from analyzer.risk.exposure import exposure_of
from analyzer.risk.owner_candidates import CandidateCache, rank_candidates
from tests.builders import DETAILS, REPORT, account, allow
from tests.risk.leaked import KEY, OTHER, SECOND, SKEW, at, bare_secret, leak, quoted, seen, spot

MOMENT = timedelta(seconds=1)
QUARANTINE = "AWSCompromisedKeyQuarantineV3"


def asked(case, credential):
    """The candidates, likeliest first."""
    return rank_candidates(credential, exposure_of(credential), case.account())


def named(case, credential):
    """Their names, likeliest first."""
    return [each.user for each in asked(case, credential) if each.user != ROOT_USER]


def candidate(case, credential, user):
    """That one of them."""
    return next(each for each in asked(case, credential) if each.user == user)


def two(like, unlike):
    """`abe`, who comes first in the alphabet, and `zoe`, for whom something speaks."""
    return like(unlike(account().user("abe")).user("zoe"))


def plain(user):
    """A user with a key that is older than the leak, and was not used since."""
    return user.key(age=300, last_used=200)


OF_SLOTS = {
    "the key is older than the leak": (
        seen(100),
        lambda user: user.key(age=101, last_used=None, active=False),
        lambda user: user.key(age=98, last_used=None, active=False),
        at(101).isoformat(),
    ),
    "the key was made within a week before": (
        seen(100),
        lambda user: user.key(age=107, last_used=None),
        lambda user: user.key(age=timedelta(days=107) + MOMENT, last_used=None),
        at(107).isoformat(),
    ),
    "the key is active": (
        seen(100),
        plain,
        lambda user: user.key(age=300, last_used=200, active=False),
        "true",
    ),
    "the key was used since": (
        seen(100),
        lambda user: user.key(age=300, last_used=101),
        lambda user: user.key(age=300, last_used=timedelta(days=101) + MOMENT),
        at(101).isoformat(),
    ),
    "the region is the leak's": (
        leak(spot(100), claims=ClaimedFacts(region="eu-north-1")),
        lambda user: user.key(age=300, last_used=200, region="eu-north-1"),
        plain,
        "eu-north-1",
    ),
    "the service is the leak's": (
        leak(spot(100), claims=ClaimedFacts(service="bedrock")),
        lambda user: user.key(age=300, last_used=200, service="bedrock"),
        plain,
        "bedrock",
    ),
}


@pytest.mark.parametrize("hint", OF_SLOTS)
def test_what_a_slot_says_speaks_for_its_user(hint):
    """The one for whom it speaks comes first, and the cell that says so is named."""
    credential, like, unlike, cell = OF_SLOTS[hint]
    case = two(like, unlike)
    assert named(case, credential) == ["zoe", "abe"]
    zoe, abe = (candidate(case, credential, name) for name in ("zoe", "abe"))
    told = {each.reason for each in abe.indicators}
    more = [each for each in zoe.indicators if each.reason not in told]
    assert cell in quoted(case, tuple(each.location for each in more))


BY_NAME = {
    "the author's name": ("ann-miller", spot(100, author="Ann Miller <dev@example.com>")),
    "the author's mailbox": ("ann-miller", spot(100, author="A <ann.miller@example.com>")),
    "the author's address": ("zoe@example.com", spot(100, author="Z <Zoe@example.com>")),
    "a folder": ("ann-miller", spot(100, path="deploy/ann-miller/.env")),
    "three letters": ("zoe", spot(100, path="zoe/.env")),
    "a file": ("ann-miller", spot(100, path="keys/Ann_Miller.csv")),
}


@pytest.mark.parametrize("hint", BY_NAME)
def test_who_is_named_by_a_commit_or_a_path_comes_first(hint):
    """Nothing in the exports tells the two apart."""
    user, location = BY_NAME[hint]
    case = plain(plain(account().user("abe")).user(user))
    assert named(case, leak(location)) == [user, "abe"]
    assert named(case, leak(spot(100)))[0] == "abe"


def test_whom_the_file_names_comes_first():
    """The user's name stands beside the key."""
    case = plain(plain(account().user("abe")).user("zoe"))
    assert named(case, seen(100, claims=ClaimedFacts(user="zoe"))) == ["zoe", "abe"]


@pytest.mark.parametrize(
    ("user", "location"),
    [
        ("ann", spot(100, path="annual/report.env")),
        ("ann-miller", spot(100, path="miller-ann/.env")),
        ("ann", spot(100, author="Joanna <joanna@example.com>")),
        ("ci", spot(100, path="ci/settings.py")),
        ("ci", spot(100, author="ci <ci@example.com>")),
    ],
)
def test_a_part_of_a_word_names_nobody(user, location):
    """And a name of two letters is a part of too many paths."""
    case = account().user(user)
    assert candidate(case, leak(location), user).score == candidate(case, seen(100), user).score


def test_a_tag_that_is_the_authors_address_speaks_for_the_user():
    """Compared without regard to case; the tags are named as the place."""
    case = plain(plain(account().user("abe")).user("zoe").tag("team", "web"))
    case = case.tag("contact", "Zoe.Z@example.com")
    credential = leak(spot(100, author="zz <zoe.z@Example.com>"))
    assert named(case, credential) == ["zoe", "abe"]
    hint = max(candidate(case, credential, "zoe").indicators, key=lambda each: each.weight)
    assert "contact" in hint.reason
    assert {"Key": "contact", "Value": "Zoe.Z@example.com"} in quoted(case, (hint.location,))[0]


def test_a_tag_of_somebody_else_says_nothing():
    """An author without an address has none either."""
    case = account().user("zoe").tag("contact", "").tag("note", "x")
    for author in ("nobody", "zz <other@example.com>", None):
        credential = leak(spot(100, author=author))
        assert candidate(case, credential, "zoe").score == 0


def test_a_quarantine_by_aws_speaks_for_the_user():
    """AWS attaches this policy to the user of a key that it has seen in public."""
    case = plain(plain(account().user("abe")).user("zoe").attached(QUARANTINE))
    assert named(case, seen(100)) == ["zoe", "abe"]
    hint = max(candidate(case, seen(100), "zoe").indicators, key=lambda each: each.weight)
    assert quoted(case, (hint.location,))[0]["PolicyName"] == QUARANTINE


def test_a_namesake_of_the_quarantine_is_not_from_aws():
    """Anybody can call a policy so."""
    own = f"arn:aws:iam::111122223333:policy/{QUARANTINE}"
    case = account().policy(QUARANTINE, allow("s3:Get*")).user("zoe").attached(own)
    assert candidate(case, seen(100), "zoe").score == 0


@pytest.mark.parametrize("export", [REPORT, DETAILS])
def test_who_was_made_after_the_leak_is_out(export):
    """Beyond a day, by which clocks may differ; whichever export tells when."""
    case = account().user("old", created=500).user("same", created=timedelta(days=100) - SKEW)
    case = case.user("new", created=timedelta(days=100) - SKEW - MOMENT).without(export)
    found = set(named(case, seen(100)))
    assert {"old", "same"} <= found
    assert "new" not in found


def test_the_first_sighting_decides():
    """A later place of the same key clears nobody."""
    case = account().user("old", created=500).user("new", created=60)
    assert "new" in named(case, seen(50, 40))
    assert "new" not in named(case, seen(100, 50))


def test_a_date_by_which_nobody_was_there_is_not_believed():
    """Some clock said 1970: then it clears nobody."""
    case = account().user("old", created=500).user("new", created=60)
    assert {"old", "new"} <= set(named(case, seen(9000)))


def test_nothing_but_a_date_rules_out():
    """Not a lack of keys, not a time that can't be read, and nothing at all if no place has one."""
    bare = account().user("bare").user("odd", created="soon").user("new", created=1)
    assert {"bare", "odd"} <= set(named(bare, seen(100)))
    assert {"bare", "odd", "new"} <= set(named(bare, seen(None)))


def test_a_user_of_one_export_alone_can_own_it():
    """Whom the report lacks may have any key."""
    for export in (REPORT, DETAILS):
        case = account().user("ann").without(export)
        assert "ann" in named(case, seen(100))
    assert candidate(account().user("ann").without(REPORT), seen(100), "ann").can_hold_it


def test_a_key_with_another_id_is_not_this_one():
    """list-access-keys tells which key is in the slot."""
    case = account().user("ann").key(age=300).listed_key(SECOND, age=300)
    assert not candidate(case, seen(100), "ann").can_hold_it
    assert not candidate(case, seen(100), "ann").slots
    assert candidate(case, seen(100, key_id=SECOND), "ann").can_hold_it


def old_enough(case, credential):
    """How many of the user's slots are old enough to hold the key."""
    return len(candidate(case, credential, "ann").slots)


def test_a_slot_is_old_enough_up_to_a_day_after_the_leak():
    """By so much clocks may differ."""
    latest = timedelta(days=100) - SKEW
    assert old_enough(account().user("ann").key(age=latest), seen(100, 50)) == 1
    assert old_enough(account().user("ann").key(age=latest - MOMENT), seen(100, 50)) == 0


def test_without_dates_no_slot_is_too_new():
    """Neither where the leak has none, nor where the slot's can't be read; and nothing is said."""
    dated, odd = account().user("ann").key(age=1), account().user("ann").key(age="soon")
    for case, credential in ((dated, seen(None)), (odd, seen(100)), (odd, seen(None))):
        assert old_enough(case, credential) == 1
        said = " ".join(each.reason for each in candidate(case, credential, "ann").indicators)
        assert said == "key 1 is active" or "since the leak" in said


def test_a_slot_with_the_keys_own_id_holds_it_whenever_it_was_made():
    """The list goes before every date that a commit has."""
    case = account().user("ann").key(age=10).listed_key(KEY, age=10)
    assert old_enough(case, seen(100)) == 1


def test_a_secret_without_its_id_may_be_of_any_key():
    """No list of IDs tells whose it is."""
    case = account().user("ann").key(age=300).listed_key(SECOND, age=300)
    assert candidate(case, bare_secret(spot(100)), "ann").can_hold_it


def test_a_key_that_changed_since_the_leak_may_still_be_the_one():
    """The report's date moves when the key is switched off and on, too."""
    case = account().user("ann").key(age=10)
    assert candidate(case, seen(100), "ann").can_hold_it


def test_who_has_no_key_now_holds_none():
    """The key may have been theirs; none that works can be."""
    assert not candidate(account().user("ann"), seen(100), "ann").can_hold_it
    assert candidate(account().user("ann").key(), seen(100), "ann").can_hold_it


@pytest.mark.parametrize("age", [-1, None])
def test_a_report_that_may_be_older_than_the_key_does_not_tell_that_nobody_holds_it(age):
    """The key may have been made since, by whoever had none then."""
    for case in (account().user("ann"), account().user("ann").key().listed_key(SECOND)):
        assert all(each.can_hold_it for each in asked(case, seen(age)))


def test_root_is_a_candidate():
    """Its keys stand in the report like anybody's."""
    case = account().key(age=300, last_used=50).user("ann")
    root = candidate(case, seen(100), ROOT_USER)
    assert root.can_hold_it
    assert root.arn.endswith(":root")
    assert at(50).isoformat() in quoted(case, tuple(each.location for each in root.indicators))


def test_root_without_a_key_holds_none():
    """The report says so."""
    assert not candidate(account().user("ann"), seen(100), ROOT_USER).can_hold_it


@pytest.mark.parametrize("case", [account().without_root(), account().without(REPORT)])
def test_root_is_a_candidate_where_the_report_lacks_it(case):
    """What no file shows is not ruled out."""
    assert candidate(case.user("ann"), seen(100), ROOT_USER).can_hold_it


def test_the_ranking_is_by_weight_then_by_who_holds_a_key_then_by_name():
    """So that the same files give the same list."""
    case = account().user("a-bare").user("b-bare").user("c-key").key(age=50, active=False)
    case = case.key(age=51, active=False).user("z-old").key(age=300)
    found = asked(case, seen(100))
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    assert [each.user for each in found] == ["z-old", "c-key", ROOT_USER, "a-bare", "b-bare"]


def test_of_two_slots_the_likelier_one_speaks():
    """Weights of both never add up."""
    likely = account().user("ann").key(age=300, last_used=50)
    both = likely.key(age=300, last_used=50, active=False)
    assert candidate(both, seen(100), "ann").score == candidate(likely, seen(100), "ann").score
    assert KEY not in str(candidate(both, seen(100), "ann").indicators)


# One ranking for many keys.


def test_keys_of_which_the_same_is_known_share_one_ranking():
    """A repository can hold any number of made-up IDs."""
    case, rankings = two(plain, plain).account(), CandidateCache()
    first, second = (
        rankings.of(each, exposure_of(each), (case,))
        for each in (seen(100), seen(100, key_id=SECOND))
    )
    assert first is second


@pytest.mark.parametrize(
    "other",
    [
        seen(90),
        leak(spot(100, path="zoe/.env")),
        leak(spot(100, author="zoe <zoe@example.com>")),
        leak(spot(100), claims=ClaimedFacts(region="eu-west-1")),
        leak(spot(100), claims=ClaimedFacts(service="s3")),
        leak(spot(100), claims=ClaimedFacts(user="zoe")),
        bare_secret(spot(100)),
    ],
)
def test_keys_of_which_something_else_is_known_have_their_own(other):
    """Whatever may change a hint or a slot: time, place, author, region, service, a missing ID."""
    case, rankings = two(plain, plain).listed_key(SECOND, age=300).account(), CandidateCache()
    assert rankings.of(seen(100), exposure_of(seen(100)), (case,)) == asked_of(case, seen(100))
    assert rankings.of(other, exposure_of(other), (case,)) == asked_of(case, other)


def asked_of(account, credential):
    """The candidates without any ranking that is shared."""
    return rank_candidates(credential, exposure_of(credential), account)


def test_when_too_many_were_ranked_nobody_is_excluded():
    """None is no empty list: whoever asks can tell."""
    case, rankings = two(plain, plain).account(), CandidateCache(left=3)
    assert rankings.of(seen(100), exposure_of(seen(100)), (case,))
    assert rankings.of(seen(90), exposure_of(seen(90)), (case,)) is None
    assert rankings.of(seen(100), exposure_of(seen(100)), (case,))


def test_candidates_of_several_accounts_are_in_one_order():
    """The likeliest comes first, wherever it is."""
    accounts = (account().user("abe").account(), plain(account(OTHER).user("zoe")).account())
    found = CandidateCache().of(seen(100), exposure_of(seen(100)), accounts)
    assert (found[0].account, found[0].user) == (OTHER, "zoe")
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
