"""In: sightings. Out: the proof that each credential is one, with all its places and no other."""

from analyzer.leaks.model import (
    CredentialKind,
    PlaceKind,
)
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import (
    credentials_file,
    digest,
    key_id,
    secret,
)
from tests.leaks.scan_results import only, only_place


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
