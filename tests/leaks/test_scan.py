"""In: real repositories. Out: the proof that all their keys are found, where and from when."""

import hashlib
import subprocess
import sys

import pytest

from analyzer.errors import EvidenceError
from analyzer.leaks.key_id import DOCUMENTATION_ACCOUNTS
from analyzer.leaks.model import (
    ClaimedFacts,
    Credential,
    CredentialKind,
    Occurrence,
    PlaceKind,
)
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import (
    ACCOUNT,
    credentials_file,
    digest,
    key_id,
    repository,
    secret,
)
from tests.leaks.scan_results import noon, only, only_place, skip_reasons


def test_a_committed_pair_is_one_credential_in_one_place(repo):
    """A file that HEAD and the work tree both hold counts once, with all that is known of it."""
    commit = repo.put("conf/aws.ini", "\n" + credentials_file(), day=4)
    result = scan([repo.path])
    assert only(result) == Credential(
        id=only(result).id,
        kind=CredentialKind.LONG_TERM_KEY,
        key_id=key_id(),
        account=str(ACCOUNT),
        secret_digest=digest(),
        pairing="1 line below the key ID, in the same block, named aws_secret_access_key",
        claims=ClaimedFacts(account=str(ACCOUNT)),
        occurrences=(
            Occurrence(
                repository=repo.path.name,
                path="conf/aws.ini",
                line=3,
                where=PlaceKind.HISTORY,
                object=repo.git("rev-parse", "HEAD:conf/aws.ini"),
                commit=commit,
                author="Ada Author <ada@example.com>",
                date=noon(4),
                in_head=True,
            ),
        ),
    )
    assert skip_reasons(result) == {}


def test_a_rewritten_history_keeps_the_ids(repo, tmp_path):
    """A credential's id depends on the credential alone."""
    repo.put("a", credentials_file(), day=1)
    other = repository(tmp_path / "other")
    other.put("elsewhere", "\n" * 7 + credentials_file(), day=9)
    assert only(scan([repo.path])).id == only(scan([other.path])).id


def test_a_single_file_is_scanned_as_a_file(tmp_path):
    """A path to a file gives that file under its name."""
    file = tmp_path / "a.txt"
    file.write_text(credentials_file())
    found = only_place(scan([file]))
    assert (found.repository, found.path, found.line) == (file.name, "a.txt", 2)


def test_a_link_that_the_user_names_is_followed(tmp_path):
    """Only links that are found are not trusted."""
    (tmp_path / "a.txt").write_text(credentials_file())
    (tmp_path / "link").symlink_to("a.txt")
    assert only_place(scan([tmp_path / "link"])).path == "link"


def test_a_missing_path_is_an_error_before_anything_is_read(tmp_path):
    """A mistyped path must not look like a clean repository."""
    with pytest.raises(EvidenceError) as raised:
        scan([tmp_path, tmp_path / "none"])
    assert raised.value.where == str(tmp_path / "none")
    assert raised.value.remedy


def test_a_relative_path_is_as_good(repo, monkeypatch):
    """The result names the path as it was given."""
    commit = repo.put("a", credentials_file())
    monkeypatch.chdir(repo.path.parent)
    found = only_place(scan([repo.path.relative_to(repo.path.parent)]))
    assert (found.repository, found.commit) == ("repo", commit)


def test_importing_the_scanner_brings_no_pandas():
    """The command that only looks for leaks starts fast."""
    code = "import sys, analyzer.leaks.scan; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_repositories_that_share_a_name_are_told_by_their_paths(tmp_path):
    """Two checkouts called `app` must not look like one."""
    for team in ("red", "blue"):
        (tmp_path / team / "app").mkdir(parents=True)
    paths = [tmp_path / "red" / "app", tmp_path / "blue" / "app"]
    assert {each.path for each in scan(paths).repositories} == {str(path) for path in paths}


def test_a_key_of_an_account_of_documentation_is_set_aside_with_the_reason(repo):
    """So is all that has the account in it; a token beside such an account is not."""
    key = key_id(account=111122223333, n=2)
    repo.write("a", credentials_file(1))
    repo.write("b", f"[x]\naws_access_key_id={key}\naws_secret_access_key={secret(2)}\n")
    repo.write(
        "c.csv",
        "User name,Password,Console login link\n"
        "ann,Correct7!horse,https://111122223333.signin.aws.amazon.com/console\n",
    )
    assert [each.set_aside for each in scan([repo.path]).credentials] == [None] * 3
    found = scan([repo.path], ScanOptions(examples=DOCUMENTATION_ACCOUNTS)).credentials
    assert {each.key_id: bool(each.set_aside) for each in found} == {
        key_id(n=1): False, key: True, None: False,
    }  # fmt: skip
    (aside,) = (each for each in found if each.set_aside)
    assert "account 111122223333" in aside.set_aside
    assert aside.secret_digest == digest(2)


def test_a_key_of_an_account_of_decoys_is_set_aside_with_the_reason(repo):
    """Whoever lays out traps names their account; other keys stay what they are."""
    repo.write("a", credentials_file(1))
    repo.write("b", key_id(account=777788889999, n=2))
    found = scan([repo.path], ScanOptions(decoys=frozenset({"777788889999"})))
    set_aside = {each.key_id: each.set_aside for each in found.credentials}
    assert set_aside[key_id(n=1)] is None
    assert "a decoy: account 777788889999" in set_aside[key_id(account=777788889999, n=2)]


def test_no_secret_is_in_the_result(repo):
    """The whole result, written out, holds no ten characters of a secret."""
    repo.put("a", credentials_file())
    repo.commit(credentials_file(1))
    shown = repr(scan([repo.path]))
    for n in (0, 1):
        value = credentials_file(n).split()[-1]
        assert hashlib.sha256(value.encode()).hexdigest()[:16] in shown
        assert not [at for at in range(31) if value[at : at + 10] in shown]
