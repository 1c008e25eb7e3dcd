"""What people let stay is set aside and listed, and nothing else is."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.errors import ConfigurationError
from analyzer.leaks.model import (
    Credential,
    CredentialKind,
    LeakScan,
    Occurrence,
    PlaceKind,
    Suppression,
)
from analyzer.leaks.suppression.apply import apply_suppressions
from analyzer.leaks.suppression.baseline import baseline_names, read_baseline, sha1_of
from analyzer.writers.scan.baseline import render
from tests.leaks.leak_material import credentials_file, digest, key_id, secret

COMMIT = "c" * 40


def place(path="app.env", line=2, repository="shop", **more):
    """A place in a work tree."""
    return Occurrence(repository, path, line, PlaceKind.WORK_TREE, **more)


def pair(n=0, *places, **more):
    """The n-th key with its secret."""
    known = {"key_id": key_id(n=n), "account": None, "secret_digest": digest(n)} | more
    return Credential(f"cred-{n}", CredentialKind.LONG_TERM_KEY,
        occurrences=places or (place(),), **known)  # fmt: skip


@pytest.fixture
def shop(tmp_path):
    """A work tree with the first key pair in a file."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.env").write_text(credentials_file())
    return folder


def baseline(*entries, path="app.env"):
    """A baseline as detect-secrets writes it: SHA-1 and label of each entry."""
    listed = [
        {"type": "X", "filename": path, "hashed_secret": sha1, "is_verified": False,
         "line_number": 1, **({} if label is None else {"is_secret": label})}
        for sha1, label in entries
    ]  # fmt: skip
    return json.dumps({"version": "1.5.0", "results": {path: listed}})


def judged(shop, *credentials, **more):
    """The scan after everybody was heard."""
    return apply_suppressions(LeakScan(credentials), {"shop": shop}, **more)


def test_without_marks_nothing_changes(shop):
    """No file, no comment, no lock file: the scan as it was."""
    found = LeakScan((pair(),))
    assert apply_suppressions(found, {"shop": shop}) == found


def test_a_gitleaksignore_sets_a_place_aside_and_is_listed(shop):
    """With the first place and the credential that it speaks of."""
    (shop / ".gitleaksignore").write_text("app.env:aws-access-token:2\n")
    result = judged(shop, pair())
    (credential,) = result.credentials
    assert credential.set_aside == "listed in .gitleaksignore"
    assert result.suppressions == (
        Suppression(".gitleaksignore", "cred-0", "listed in .gitleaksignore (shop:app.env:2)"),
    )


def test_one_place_without_a_doubt_keeps_the_credential_live(shop):
    """An allowed copy does not excuse the one beside it; and yet the mark is listed."""
    (shop / ".gitleaksignore").write_text("app.env:aws-access-token:2\n")
    result = judged(shop, pair(0, place(), place("b.env")))
    assert result.credentials[0].set_aside is None
    assert [each.doubt for each in result.credentials[0].occurrences] == [
        "listed in .gitleaksignore",
        None,
    ]
    assert len(result.suppressions) == 1


def test_a_repository_speaks_for_itself_alone(shop, tmp_path):
    """A hostile repository can't silence what stands in another one."""
    (shop / ".gitleaksignore").write_text("app.env:aws-access-token:2\n")
    label = baseline((sha1_of(secret()), False))
    (shop / ".secrets.baseline").write_text(label)
    other = tmp_path / "other"
    other.mkdir()
    (other / "app.env").write_text(credentials_file())
    roots = {"shop": shop, "other": other}
    result = apply_suppressions(LeakScan((pair(0, place(repository="other")),)), roots)
    assert result.credentials[0].set_aside is None
    assert result.suppressions == ()


def test_a_comment_is_listed_with_how_often_it_stands_there(shop):
    """One line in the report, not a thousand."""
    doubt = "allowed by a comment: gitleaks:allow"
    places = [place(line=n, doubt=doubt) for n in range(1, 4)]
    result = judged(shop, pair(0, *places))
    assert result.credentials[0].set_aside == doubt
    assert result.suppressions == (
        Suppression("comment", "cred-0", f"{doubt} (shop:app.env:1 and 2 more)"),
    )


def test_a_lock_file_is_a_doubt_and_nobodys_mark(shop):
    """It is set aside, and no person is named for it."""
    result = judged(shop, pair(0, place("package-lock.json")))
    assert "lock file" in result.credentials[0].set_aside
    assert result.suppressions == ()


def test_a_label_of_false_alarm_sets_the_value_aside_wherever_it_moved(shop):
    """The label is about the value: another line and another file make no difference."""
    (shop / ".secrets.baseline").write_text(baseline((sha1_of(secret()), False), path="old"))
    result = judged(shop, pair(0, place(line=2), place("moved.env", 99)))
    assert result.credentials[0].set_aside == "labelled a false alarm in .secrets.baseline"
    assert [each.by for each in result.suppressions] == [".secrets.baseline"]


@pytest.mark.parametrize("label", [True, None])
def test_an_entry_that_nobody_called_a_false_alarm_says_nothing(shop, label):
    """A list that a program made and nobody read is no opinion."""
    (shop / ".secrets.baseline").write_text(baseline((sha1_of(secret()), label)))
    assert judged(shop, pair()).credentials[0].set_aside is None


def test_a_label_on_the_id_does_not_excuse_the_secret(shop):
    """An ID is no secret, as whoever labelled it may have meant."""
    (shop / ".secrets.baseline").write_text(baseline((sha1_of(key_id()), False)))
    assert judged(shop, pair()).credentials[0].set_aside is None
    assert judged(shop, pair(secret_digest=None)).credentials[0].set_aside


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"results": 1}', '{"results": {"a": [1]}}', '{"results": {"a": [{}]}}',
     "[" * 100_000, '{"results": {"a": [{"type": 1, "hashed_secret": ' + "9" * 5000 + "}]}}"],
)  # fmt: skip
def test_a_damaged_file_of_the_repository_says_nothing(shop, text):
    """It is hostile input, and the scan goes on."""
    (shop / ".secrets.baseline").write_text(text)
    (shop / ".gitleaksignore").write_text(text)
    assert judged(shop, pair()).credentials[0].set_aside is None


def test_a_pipe_or_a_link_in_place_of_an_ignore_file_is_not_followed(shop, tmp_path):
    """Nothing waits, and nothing out of the tree is read."""
    os.mkfifo(shop / ".gitleaksignore")
    (tmp_path / "outside").write_text(baseline((sha1_of(secret()), False)))
    (shop / ".secrets.baseline").symlink_to(tmp_path / "outside")
    assert judged(shop, pair()).credentials[0].set_aside is None


def test_a_folder_that_became_a_link_is_not_entered(shop, tmp_path):
    """The path was a file's in the history; now it leads out of the tree."""
    (shop / ".secrets.baseline").write_text(baseline((sha1_of(secret()), False)))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "app.env").write_text(credentials_file())
    (shop / "sub").symlink_to(tmp_path / "out")
    assert judged(shop, pair(0, place("sub/app.env"))).credentials[0].set_aside is None


def test_the_users_baseline_sets_aside_what_it_knows(shop, tmp_path):
    """Whatever the label: it is no news."""
    for label in (True, False, None):
        file = tmp_path / "known.json"
        file.write_text(baseline((sha1_of(secret()), label)))
        result = judged(shop, pair(), pair(1, place("b.env")), baseline=file)
        assert result.credentials[0].set_aside == "known: it stands in the baseline known.json"
        assert result.credentials[1].set_aside is None
        assert [each.by for each in result.suppressions] == ["baseline"]


def test_a_baseline_that_does_not_exist_knows_nothing(shop, tmp_path):
    """The first run of a job has none."""
    assert judged(shop, pair(), baseline=tmp_path / "none").credentials[0].set_aside is None


def test_a_baseline_that_can_not_be_read_is_an_error(shop, tmp_path):
    """The user named it, so it must not be passed over."""
    (tmp_path / "bad").write_text("{}")
    with pytest.raises(ConfigurationError) as raised:
        judged(shop, pair(), baseline=tmp_path / "bad")
    assert raised.value.where == str(tmp_path / "bad")


def test_a_second_hearing_changes_nothing(shop, tmp_path):
    """Who calls it twice gets what is there."""
    (shop / ".gitleaksignore").write_text("app.env:aws-access-token:2\n")
    (tmp_path / "known").write_text(baseline((sha1_of(secret()), None)))
    once = judged(shop, pair(), baseline=tmp_path / "known")
    assert apply_suppressions(once, {"shop": shop}, tmp_path / "known") == once


def test_what_is_written_is_known_next_time(shop, tmp_path):
    """In the work tree, moved, rewritten, or in the history alone."""
    file = tmp_path / "known.json"
    gone = pair(1, replace(place("gone.env"), where=PlaceKind.HISTORY, commit=COMMIT))
    alone = pair(2, place("ids.txt"), secret_digest=None)
    found = LeakScan((pair(), gone, alone))
    file.write_bytes(render(found, {"shop": shop}, file))
    (shop / "app.env").rename(shop / "new.env")
    moved = pair(0, place("new.env", 7))
    again = judged(shop, moved, gone, alone, baseline=file)
    assert all(each.set_aside for each in again.credentials)
    (shop / "new.env").unlink()
    assert all(each.set_aside for each in judged(shop, moved, baseline=file).credentials)


def test_an_id_that_was_known_is_news_once_its_secret_comes_out(shop, tmp_path):
    """The ID alone opened nothing."""
    file = tmp_path / "known.json"
    file.write_bytes(render(LeakScan((pair(secret_digest=None),)), {"shop": shop}, file))
    assert judged(shop, pair(secret_digest=None), baseline=file).credentials[0].set_aside
    assert judged(shop, pair(), baseline=file).credentials[0].set_aside is None


def test_a_new_secret_of_a_known_key_is_news(shop, tmp_path):
    """Same ID, other secret: somebody should look."""
    file = tmp_path / "known.json"
    file.write_bytes(render(LeakScan((pair(),)), {"shop": shop}, file))
    other = pair(secret_digest=digest(5))
    assert judged(shop, other, baseline=file).credentials[0].set_aside is None


def test_a_written_baseline_holds_no_value_and_keeps_labels(shop, tmp_path):
    """And is the same for the same scan, to the byte."""
    file = tmp_path / "known.json"
    first = render(LeakScan((pair(),)), {"shop": shop}, file)
    assert secret().encode() not in first
    assert key_id().encode() not in first
    assert render(LeakScan((pair(),)), {"shop": shop}, file) == first
    labels = [replace(each, is_secret=False) for each in read_baseline(first)]
    again = render(LeakScan((pair(),)), {"shop": shop}, file, labels)
    assert {each.is_secret for each in read_baseline(again)} == {False}


def test_what_the_detector_set_aside_is_not_written(shop, tmp_path):
    """A documentation example needs no entry."""
    file = tmp_path / "known.json"
    example = pair(set_aside="an example")
    assert not read_baseline(render(LeakScan((example,)), {"shop": shop}, file))


def test_detect_secrets_audits_what_was_written(shop):
    """Its own program shows the lines, takes the answers, and the answers count."""
    file = Path(".secrets.baseline")
    old = Path.cwd()
    os.chdir(shop)
    try:
        gone = pair(1, place("gone.env"))
        file.write_bytes(render(LeakScan((pair(), gone)), {"shop": Path()}, file))
    finally:
        os.chdir(old)
    # `main` of the console script; the answers are: commit it? yes, yes.
    code = "import sys; from detect_secrets.main import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "audit", str(file)],
        cwd=shop,
        input="y\ny\n",
        env={**os.environ, "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Saving progress" in done.stdout
    assert "ERROR" not in done.stdout
    labels = read_baseline((shop / file).read_bytes())
    said = {each.sha1: each.is_secret for each in labels}
    assert said[sha1_of(key_id())] is False
    assert said[sha1_of(secret())] is False
    assert judged(shop, pair()).credentials[0].set_aside
    # What no file shows is kept, too.
    assert baseline_names(gone, {}) <= set(said)
