"""In: sightings. Out: the proof that each credential is one, with all its places and no other."""

from datetime import UTC, datetime

import pytest

from analyzer.leaks.attribution.merge import (
    drop_work_tree_copies,
    first_tree_entries,
    merge_sightings,
    merge_unique_ids,
)
from analyzer.leaks.model import (
    ClaimedFacts,
    CredentialKind,
    CredentialPart,
    Occurrence,
    PlacedSighting,
    PlaceKind,
    Sighting,
)
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import ACCOUNT, credentials_file, digest, key_id, secret
from tests.leaks.scan_results import noon, only, only_place


def test_what_is_changed_but_not_committed_is_another_place(repo):
    """A line moved in the work tree stands in the file, not in HEAD."""
    repo.put("a", credentials_file(), day=1)
    repo.write("a", "\n\n" + credentials_file())
    found = only(scan([repo.path])).occurrences
    assert [(o.line, o.where, o.object is None) for o in found] == [
        (2, PlaceKind.HISTORY, False),
        (4, PlaceKind.WORK_TREE, True),
    ]


def test_a_file_with_an_unchanged_line_is_no_second_place(repo):
    """A change elsewhere in a file does not make its key a second one."""
    repo.put("a", credentials_file(), day=1)
    repo.write("a", credentials_file() + "region = eu-west-1\n")
    assert only_place(scan([repo.path])).in_head


def test_an_old_version_brought_back_is_another_place(repo):
    """What HEAD no longer has and the work tree has again stands in both histories."""
    repo.put("a", credentials_file(), day=1)
    repo.put("a", "", day=2)
    repo.write("a", credentials_file())
    found = only(scan([repo.path])).occurrences
    assert [(o.where, o.in_head) for o in found] == [
        (PlaceKind.HISTORY, False),
        (PlaceKind.WORK_TREE, False),
    ]


def test_a_link_in_head_is_one_place(repo):
    """What the link says in the work tree is what HEAD has there."""
    (repo.path / "link").symlink_to(key_id())
    commit = repo.commit(day=2)
    found = only_place(scan([repo.path]))
    assert (found.path, found.where, found.commit) == ("link", PlaceKind.HISTORY, commit)


def test_a_secret_alone_elsewhere_is_a_place_of_its_key(repo):
    """Once a pair is known, the bare secret in another file is no second credential."""
    repo.put("a", credentials_file(), day=1)
    repo.put("b", f"\n\nsecret_key = {secret()}", day=2)
    assert [(o.path, o.line) for o in only(scan([repo.path])).occurrences] == [("a", 2), ("b", 3)]


def test_a_secret_that_lost_its_key_is_still_a_credential(repo):
    """An ID has one secret, the one most often beside it; the other one is not forgotten."""
    repo.put("a", f"{key_id()}\nsecret_key = {secret(1)}")
    repo.put("b", f"{key_id()}\nsecret_key = {secret(2)}")
    repo.put("c", f"{key_id()}\nsecret_key = {secret(2)}")
    found = {c.kind: c for c in scan([repo.path]).credentials}
    assert found[CredentialKind.LONG_TERM_KEY].secret_digest == digest(2)
    assert found[CredentialKind.SECRET].secret_digest == digest(1)
    assert [(o.path, o.line) for o in found[CredentialKind.SECRET].occurrences] == [("a", 2)]
    assert {o.path for o in found[CredentialKind.LONG_TERM_KEY].occurrences} == {"a", "b", "c"}


def test_examples_are_demoted_and_kept(repo):
    """A documentation key stays in the result and says what it is."""
    repo.put("a", "AKIA" + "IOSFODNN7EXAMPLE")
    assert "example" in (only(scan([repo.path])).set_aside or "")


def test_a_real_key_beside_an_example_secret_is_not_demoted(repo):
    """The doubt about a secret is not a doubt about its key."""
    repo.put("a", f"{key_id()}\nsecret_key={secret()[:33]}EXAMPLE")
    repo.put("b", f"secret_key={secret()[:33]}EXAMPLE")
    assert only(scan([repo.path])).set_aside is None


def test_a_temporary_key_is_told_from_a_lasting_one(repo):
    """The prefix decides."""
    repo.put("a", credentials_file(prefix="ASIA"))
    assert only(scan([repo.path])).kind is CredentialKind.TEMPORARY_KEY


def placed(sighting: Sighting, path: str = "a", repository: str = "r", **more) -> PlacedSighting:
    """A sighting at a path."""
    where = more.pop("where", PlaceKind.HISTORY)
    return PlacedSighting(sighting, Occurrence(repository, path, sighting.line, where, **more))


def id_sighting(n: int = 0, **more) -> Sighting:
    """The ID of the n-th key."""
    kind, part = CredentialKind.LONG_TERM_KEY, CredentialPart.ID
    return Sighting(kind, more.pop("line", 1), part, key_id(n=n), **more)


def secret_sighting(digest_: str, **more) -> Sighting:
    """A secret with that digest."""
    return Sighting(CredentialKind.SECRET, 2, CredentialPart.SECRET, digest=digest_, **more)


def token_sighting(digest_: str, kind: CredentialKind, **more) -> Sighting:
    """What needs no other part."""
    return Sighting(kind, 1, CredentialPart.WHOLE, digest=digest_, **more)


def test_a_key_has_the_secret_that_it_is_most_often_seen_with():
    """Two files against one; and the least reason of those given, so no order of files counts."""
    votes = [("a", "d1", "z"), ("b", "d2", "y"), ("c", "d2", "x")]
    sightings = [placed(id_sighting(digest=d, pairing=why), path) for path, d, why in votes]
    for order in (sightings, sightings[::-1]):
        (key,) = merge_sightings(order)
        assert (key.secret_digest, key.pairing) == ("d2", "x")
        assert [each.path for each in key.occurrences] == ["a", "b", "c"]


def test_of_secrets_seen_as_often_the_least_digest_counts():
    """A tie is decided by the values alone."""
    sightings = [placed(id_sighting(digest=each), each) for each in ("d2", "d1")]
    assert [each.secret_digest for each in merge_sightings(sightings)] == ["d1"]


def test_the_only_id_and_the_only_secret_of_a_folder_are_a_pair():
    """Two files of one folder, and nothing else that could be meant."""
    (key,) = merge_sightings(
        [placed(id_sighting(), "conf/id"), placed(secret_sighting("d"), "conf/s")]
    )
    assert (key.key_id, key.secret_digest) == (key_id(), "d")
    assert "the same folder" in (key.pairing or "")
    assert {each.path for each in key.occurrences} == {"conf/id", "conf/s"}


@pytest.mark.parametrize(
    "doubtful",
    [
        [id_sighting(), secret_sighting("d", doubt="another service's")],
        [id_sighting(doubt="an example"), secret_sighting("d")],
    ],
)
def test_what_is_in_doubt_is_nobodys_other_half(doubtful):
    """Another service's secret in the folder would make a key worse than it is."""
    found = merge_sightings([placed(each, f"conf/{n}") for n, each in enumerate(doubtful)])
    assert [each.pairing for each in found] == [None, None]


@pytest.mark.parametrize(
    "others",
    [
        [placed(secret_sighting("d2"), "conf/s2")],
        [placed(id_sighting(2), "conf/id2")],
        [placed(id_sighting(2), "other/id"), placed(secret_sighting("d"), "other/s")],
        [placed(id_sighting(), "other/id"), placed(secret_sighting("d2"), "other/s")],
    ],
    ids=["two secrets", "two IDs", "one secret for two IDs", "one ID for two secrets"],
)
def test_where_another_could_be_meant_nothing_is_paired_by_its_folder(others):
    """A guess would call the wrong key exposed."""
    mine = [placed(id_sighting(), "conf/id"), placed(secret_sighting("d"), "conf/s")]
    found = merge_sightings(mine + others)
    assert all(each.pairing is None for each in found)
    assert all(each.secret_digest is None for each in found if each.key_id)


def test_what_is_claimed_twice_is_the_least_and_two_users_are_none():
    """Anybody who can add a file can contradict another; the latest end of validity counts."""
    early, late = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    first = ClaimedFacts("111122223333", "ann", "eu-west-1", expires=late)
    second = ClaimedFacts("111122223333", "bob", "eu-central-1", expires=early)
    token = CredentialKind.SIGNIN_TOKEN
    for order in ([first, second], [second, first]):
        (found,) = merge_sightings(
            [placed(token_sighting("d", token, claims=each)) for each in order]
        )
        assert found.claims == ClaimedFacts("111122223333", None, "eu-central-1", expires=late)
        assert found.account == "111122223333"


def test_the_account_in_a_key_id_counts_and_not_what_is_written_beside_it():
    """Nobody can change the one, anybody the other."""
    (found,) = merge_sightings([placed(id_sighting(claims=ClaimedFacts("999999999999")))])
    assert found.account == str(ACCOUNT)


def test_the_id_of_a_password_tells_nothing_of_it():
    """It depends on the oldest place; two at one place are numbered, and a token has its own."""
    password = CredentialKind.CONSOLE_PASSWORD
    here = merge_sightings([placed(token_sighting(each, password)) for each in ("d1", "d2")])
    assert [each.id for each in here] == [here[0].id, f"{here[0].id}-2"]
    (there,) = merge_sightings([placed(token_sighting("d1", password), "elsewhere")])
    assert there.id not in {each.id for each in here}
    token = token_sighting("d1", CredentialKind.EKS_TOKEN)
    assert merge_sightings([placed(token)])[0].id == merge_sightings([placed(token, "b")])[0].id


def test_one_place_without_a_doubt_is_enough():
    """A doubt about each place sets a key aside, with all reasons; so does one about its ID."""
    doubtful = [placed(id_sighting(), path, doubt=why) for path, why in (("a", "y"), ("b", "x"))]
    assert merge_sightings(doubtful)[0].set_aside == "x; y"
    assert merge_sightings([*doubtful, placed(id_sighting(), "c")])[0].set_aside is None
    fake = [placed(id_sighting(doubt="an example"))]
    assert merge_sightings(fake)[0].set_aside == "an example"
    assert merge_sightings([*fake, placed(id_sighting(), "b")])[0].set_aside is None


def test_a_copy_in_the_work_tree_that_a_comment_allows_stays():
    """HEAD has the key without the comment: these are two statements about two places."""
    head = placed(id_sighting(), in_head=True)
    copy = placed(id_sighting(), where=PlaceKind.WORK_TREE)
    allowed = placed(id_sighting(), where=PlaceKind.WORK_TREE, doubt="allowed")
    in_git_dir = placed(id_sighting(), where=PlaceKind.GIT_DIRECTORY)
    sightings = [head, copy, allowed, in_git_dir]
    assert drop_work_tree_copies(sightings) == [head, allowed, in_git_dir]


def test_a_name_in_many_trees_is_that_of_the_oldest_commit():
    """It is in HEAD, and reachable, if one of them is; other sightings come back as they are."""

    def named(commit, **more):
        return placed(id_sighting(), where=PlaceKind.TREE_ENTRY, commit=commit, **more)

    blob = placed(id_sighting())
    trees = [
        named("new", in_head=True, reachable=False),
        named("old", reachable=False),
        named(None, reachable=True),
    ]
    assert [*first_tree_entries([blob, *trees], {"old": 0, "new": 1})] == [
        blob,
        named("old", in_head=True, reachable=True),
    ]


def test_a_unique_id_has_its_oldest_place_in_each_repository():
    """By repository and ID; credentials are left out."""
    unique_id = Sighting(None, 1, CredentialPart.ID, "AIDA")
    sightings = [
        placed(unique_id, "new", "b", date=noon(2)),
        placed(unique_id, "old", "b", date=noon(1)),
        placed(unique_id, "undated", "b"),
        placed(unique_id, "only", "a"),
        placed(id_sighting(), "key", "a"),
    ]
    found = merge_unique_ids(sightings)
    assert [(each.unique_id, each.occurrence.path) for each in found] == [
        ("AIDA", "only"),
        ("AIDA", "old"),
    ]
    assert [each.key_id for each in merge_sightings(sightings)] == [key_id()]
