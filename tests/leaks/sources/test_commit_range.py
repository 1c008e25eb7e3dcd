"""In: ranges of commits and pushes. Out: what these brought in is found, and nothing older."""

import gzip
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.errors import ConfigurationError
from analyzer.leaks.model import CredentialKind, PlaceKind
from analyzer.leaks.options import PushedRef, ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import (
    ENVIRONMENT,
    Repository,
    credentials_file,
    key_id,
    repository,
    secret,
)
from tests.leaks.scan_results import key_ids, noon, only_place, skip_reasons

ROOT = Path(__file__).parents[3]
KNOWN = (
    "main~2", "HEAD^^", "v1", "@~2", "{id}", "{short}", "{id}..main", "v1..", "refs/tags/v1",
    "v1..HEAD", "heads/main~2", "v1^0...main", "FETCH_HEAD", "noted", "v1^{commit}", "noted^{}",
    "noted^{commit}^0", "main~2^{commit}..main", "origin", "origin/HEAD", "origin/HEAD~0..main",
    "@{u}", "@{upstream}^0", "main@{u}..HEAD", "@{U}", "topic@{u}",
)  # fmt: skip
UNKNOWN = (
    "nowhere", "", "main~99", "v1..nowhere", "main@{1}", "-h", "a b", "HEAD:a", "..", "..HEAD",
    "...", "--all", "0" * 40, "main^{tree}", "main^{/words}", "main^{commit", "other", "@{u}",
    "side@{u}",
)  # fmt: skip


def since(repo, text, **options):
    """What the commits of a range brought in."""
    return scan([repo.path], ScanOptions(since=text, **options))


def test_only_what_later_commits_brought_in_counts(repo):
    """With the commit, its author and its date; neither older nor unsaved content."""
    repo.put("old.env", credentials_file(1), day=1)
    repo.git("tag", "v1")
    new = repo.put("new.env", "\n" + credentials_file(2), day=2)
    repo.put("new.env", "", day=3)
    repo.write("later.env", credentials_file(3))
    found = only_place(since(repo, "v1"))
    assert (found.path, found.line, found.commit, found.where) == (
        "new.env", 3, new, PlaceKind.HISTORY,
    )  # fmt: skip
    assert (found.author, found.date) == ("Ada Author <ada@example.com>", noon(2))
    assert (found.in_head, found.reachable) == (False, True)


@pytest.mark.parametrize("text", KNOWN)
def test_a_commit_can_be_named_as_git_names_it(repo, text):
    """Branches, tags with and without a message, ids, steps back, ranges of two, remotes."""
    first = repo.put("a", credentials_file(1), day=1)
    repo.git("tag", "v1")
    repo.git("tag", "-a", "-m", "first", "noted")
    (repo.path / ".git" / "FETCH_HEAD").write_text(f"{first}\t\tbranch 'x' of there\n")
    repo.git("update-ref", "refs/remotes/origin/main", first)
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    repo.git("remote", "add", "origin", "there")
    repo.git("branch", "topic", "v1")
    for branch, remote in (("main", "origin"), ("topic", ".")):
        repo.git("config", f"branch.{branch}.remote", remote)
        repo.git("config", f"branch.{branch}.merge", f"refs/heads/{branch}")
    repo.put("b", credentials_file(2), day=2)
    repo.put("c", credentials_file(3), day=3)
    result = since(repo, text.replace("{id}", first).replace("{short}", first[:8]))
    assert key_ids(result) == {key_id(n=2), key_id(n=3)}


def test_a_range_ends_where_it_says(repo):
    """What comes behind its end is another range's."""
    for n in range(1, 5):
        repo.put(f"f{n}", credentials_file(n), day=n)
    assert key_ids(since(repo, "main~3..main~1")) == {key_id(n=2), key_id(n=3)}
    assert key_ids(since(repo, "main..main~1")) == set()


@pytest.mark.parametrize("text", UNKNOWN)
def test_an_unknown_commit_is_refused_with_what_to_do(repo, text):
    """A scan of nothing would look like a clean one."""
    repo.put("a", "words")
    repo.git("symbolic-ref", "refs/remotes/other/HEAD", "refs/remotes/other/gone")
    repo.git("config", "branch.side.remote", "nowhere")
    repo.git("config", "branch.side.merge", "refs/heads/main")
    with pytest.raises(ConfigurationError, match="is no commit of") as raised:
        since(repo, text)
    assert "git fetch --unshallow" in raised.value.remedy


def test_a_folder_without_a_repository_is_refused(tmp_path):
    """There is no history to look at."""
    (tmp_path / "plain").mkdir()
    with pytest.raises(ConfigurationError, match="no repository"):
        scan([tmp_path / "plain"], ScanOptions(since="HEAD"))


def test_an_edit_elsewhere_in_a_file_brings_in_no_old_key(repo):
    """Only added lines count, though the whole file is read."""
    old = credentials_file(1)
    repo.put("a.env", old, day=1)
    repo.put("a.env", f"# a remark\n{old}", day=2)
    assert key_ids(since(repo, "HEAD~1")) == set()
    repo.put("a.env", f"# a remark\n{old}{credentials_file(2)}", day=3)
    assert key_ids(since(repo, "HEAD~2")) == {key_id(n=2)}
    repo.put("b.env", old, day=4)
    assert only_place(since(repo, "HEAD~1")).path == "b.env"


def test_half_a_pair_that_is_new_shows_the_pair(repo):
    """A secret that is filled in behind an ID of long ago."""
    both = credentials_file(1)
    repo.put("a.env", both.replace(secret(1), ""), day=1)
    repo.put("a.env", both, day=2)
    (found,) = since(repo, "HEAD~1").credentials
    assert (found.key_id, bool(found.secret_digest)) == (key_id(n=1), True)
    assert found.kind is CredentialKind.LONG_TERM_KEY


def test_an_old_key_on_a_new_line_is_what_that_line_brings_in(repo):
    """Its value was there before, the line was not."""
    repo.put("a.env", credentials_file(1), day=1)
    repo.put("a.env", f"{credentials_file(1)}\nagain = {key_id(n=1)}\n", day=2)
    (found,) = since(repo, "HEAD~1").credentials
    assert 5 in {place.line for place in found.occurrences}


def test_a_file_that_was_moved_brings_nothing_in(repo):
    """Whether or not it was edited on the way; a name that is new is looked at."""
    filler = "".join(f"line {n}\n" for n in range(50))
    repo.put("a.env", credentials_file(1) + filler, day=1)
    repo.git("mv", "a.env", "b.env")
    repo.put("b.env", credentials_file(1) + filler + credentials_file(2), day=2)
    assert key_ids(since(repo, "HEAD~1")) == {key_id(n=2)}
    repo.git("mv", "b.env", f"{key_id(n=3)}.env")
    repo.commit(day=3)
    found = only_place(since(repo, "HEAD~1"))
    assert (found.where, found.path) == (PlaceKind.TREE_ENTRY, f"{key_id(n=3)}.env")


def test_other_ends_of_lines_bring_nothing_in(repo):
    """Nor does an old name, if the file that is called so is edited."""
    repo.put("a.env", credentials_file(1), day=1)
    repo.put(f"{key_id(n=2)}.txt", "words\n", day=1)
    repo.write("a.env", credentials_file(1).replace("\n", "\r\n"))
    repo.put(f"{key_id(n=2)}.txt", "other words\n", day=2)
    assert key_ids(since(repo, "HEAD~1")) == set()


def test_what_a_merge_itself_brings_in_is_found(repo):
    """A merge can hold what neither side has; what one side had before is old."""
    repo.put("a", "words\n", day=1)
    repo.git("checkout", "-q", "-b", "side")
    repo.put("side.env", credentials_file(1), day=2)
    repo.git("checkout", "-q", "main")
    repo.put("b", "words\n", day=3)
    repo.git("merge", "-q", "--no-commit", "--no-ff", "side", day=4)
    repo.write("evil.env", credentials_file(2))
    repo.write("a", f"words\n{credentials_file(3)}")
    merge = repo.commit("merged", day=4)
    assert key_ids(since(repo, "side..main")) == {key_id(n=2), key_id(n=3)}
    assert key_ids(since(repo, "HEAD^1")) == {key_id(n=n) for n in (1, 2, 3)}
    assert {o.commit for c in since(repo, "side..").credentials for o in c.occurrences} == {merge}


def test_messages_and_tags_of_the_range_are_read(repo):
    """And can be left out; those of older commits are not in it."""
    repo.commit(message=f"old {key_id(n=1)}", day=1)
    repo.git("tag", "-a", "-m", f"old {key_id(n=2)}", "old")
    repo.commit(message=f"new {key_id(n=3)}", day=2)
    repo.git("tag", "-a", "-m", f"new {key_id(n=4)}", "new")
    assert key_ids(since(repo, "HEAD~1")) == {key_id(n=3), key_id(n=4)}
    result = since(repo, "HEAD~1", messages=False)
    assert key_ids(result) == set()
    assert "2 finds" in skip_reasons(result)["messages of commits and tags, and notes"]


def test_paths_are_left_out_of_a_range_and_counted(repo):
    """Before they are read."""
    repo.put("a", "words", day=1)
    repo.put("tests/a.env", credentials_file(1), day=2)
    repo.put("b.env", credentials_file(2), day=3)
    result = since(repo, "HEAD~2", exclude=("tests/",))
    assert key_ids(result) == {key_id(n=2)}
    assert skip_reasons(result) == {"--exclude tests/": "left out: 1 changed file"}


def test_a_linked_work_tree_a_bare_repository_and_a_subfolder(repo, tmp_path):
    """The repository is found as git finds it, with the HEAD of the work tree."""
    repo.put("sub/a", credentials_file(1), day=1)
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Repository(tmp_path / "side")
    side.put("b", credentials_file(2), day=2)
    assert key_ids(since(side, "main")) == {key_id(n=2)}
    assert key_ids(since(repo, "main")) == set()
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare.git"))
    assert key_ids(since(Repository(tmp_path / "bare.git"), "main..side")) == {key_id(n=2)}
    assert key_ids(scan([repo.path / "sub"], ScanOptions(since="main..side"))) == {key_id(n=2)}


@pytest.mark.parametrize(("form", "top"), [("gztar", ".."), ("zip", "."), ("tar", "sub")])
def test_an_archive_has_the_range_of_the_repository_in_it(tmp_path, form, top):
    """At its top or in a folder; a submodule and what lies in .git do not make it two."""
    repo = repository(tmp_path / "sub" / "repo")
    repo.put("a", credentials_file(1), day=1)
    repository(repo.path / "inner").put("x", credentials_file(3))
    repository(repo.path / ".git" / "modules" / "inner").put("x", "words")
    repo.put("b", credentials_file(2), day=2)
    above = {"..": repo.path.parent, ".": repo.path, "sub": tmp_path / "sub"}[top]
    archive = shutil.make_archive(str(tmp_path / "packed"), form, above)
    assert key_ids(scan([Path(archive)], ScanOptions(since="HEAD~1"))) == {key_id(n=2)}


def test_an_archive_of_several_repositories_or_of_half_a_one_has_no_range(repo, tmp_path):
    """Nobody said which, and a folder outside of the archive is not read for it."""
    repo.put("a", "words")
    other = repository(repo.path.parent / "other")
    other.put("b", "words")
    archive = Path(shutil.make_archive(str(tmp_path / "two"), "tar", repo.path.parent))
    with pytest.raises(ConfigurationError, match="several repositories"):
        scan([archive], ScanOptions(since="HEAD"))
    (repo.path / ".git" / "commondir").write_text(str(other.path / ".git"))
    archive = Path(shutil.make_archive(str(tmp_path / "half"), "tar", repo.path))
    with pytest.raises(ConfigurationError, match="history of its own"):
        scan([archive], ScanOptions(since="HEAD"))


def test_long_ids_packs_and_links(tmp_path):
    """SHA-256, deltas, and the text of a symbolic link."""
    repo = repository(tmp_path / "long", "--object-format=sha256")
    body = "".join(f"line {n}\n" for n in range(2000))
    repo.put("a", body, day=1)
    repo.put("a", body + credentials_file(1), day=2)
    (repo.path / "link").symlink_to(f"/srv/{key_id(n=2)}")
    repo.commit(day=3)
    repo.git("gc", "-q")
    assert key_ids(since(repo, "HEAD~2")) == {key_id(n=1), key_id(n=2)}


def test_what_can_not_be_read_of_a_range_is_a_gap(repo):
    """A lost blob costs itself, a lost commit the range; each file is told by its path."""
    repo.put("a", "words", day=1)
    repo.put("b.env", credentials_file(1), day=2)
    lost = repo.git("rev-parse", "HEAD:b.env")
    middle = repo.put("c.env", credentials_file(2), day=3)
    repo.write("sub/bad.gz", gzip.compress(os.urandom(3000))[:1500])
    repo.put("d.env", credentials_file(3), day=4)
    repo.loose(lost).unlink()
    result = since(repo, "HEAD~3")
    assert key_ids(result) == {key_id(n=2), key_id(n=3)}
    told = skip_reasons(result)
    assert told[f"b.env, object {lost}"] == "missing or damaged"
    assert told["sub/bad.gz!/content"].startswith("damaged")
    repo.loose(middle).unlink()
    (coverage,) = since(repo, repo.git("rev-parse", "HEAD")).repositories
    assert not coverage.gaps
    with pytest.raises(ConfigurationError):
        since(repo, "HEAD~3")


def test_what_a_partial_clone_never_fetched_of_a_range_is_one_gap(repo, tmp_path):
    """With their number, and the command that brings them."""
    repo.put("a", "words", day=1)
    repo.put("b", credentials_file(1), day=2)
    repo.put("c", credentials_file(2), day=3)
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = Repository(tmp_path / "clone")
    from_here = ("--no-checkout", "--filter=blob:none", f"file://{repo.path}")
    repo.git("clone", "-q", *from_here, str(clone.path))
    (gap,) = since(clone, "HEAD~2").repositories[0].gaps
    assert gap.what.startswith("2 objects, ")
    assert "`git fetch --refetch --no-filter` brings the rest" in gap.reason


def test_a_range_that_a_shallow_clone_cuts_off_is_a_gap(repo, tmp_path):
    """The commits between are not there; a commit that was never fetched is refused."""
    for n in range(1, 5):
        repo.put(f"f{n}", credentials_file(n), day=n)
    first = repo.git("rev-parse", "HEAD~3")
    url = f"file://{repo.path}"
    repo.git("clone", "-q", "--depth=2", url, str(tmp_path / "cut"))
    cut = Repository(tmp_path / "cut")
    assert key_ids(since(cut, "HEAD~1")) == {key_id(n=4)}
    with pytest.raises(ConfigurationError):
        since(cut, first)
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    cut.git("fetch", "-q", "--depth=1", url, first)
    result = since(cut, "FETCH_HEAD")
    assert "a shallow clone" in result.repositories[0].gaps[0].reason
    # At the edge it may be older, and another's.
    places = {each.key_id: each.occurrences for each in result.credentials}
    (edge,), (after,) = places[key_id(n=2)], places[key_id(n=4)]
    assert (edge.commit, edge.author, edge.date) == (cut.git("rev-parse", "HEAD~1"), None, None)
    assert after.author
    assert after.date


def test_no_program_of_the_repository_is_run(repo, tmp_path):
    """Neither filters nor drivers for differences nor hooks."""
    repo.put("a", "words", day=1)
    script = repo.write("run.sh", f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
    script.chmod(0o755)
    for name in ("diff.x.command", "diff.x.textconv", "filter.x.smudge", "core.fsmonitor",
                 "core.pager", "diff.external"):  # fmt: skip
        repo.git("config", name, str(script))
    repo.write(".gitattributes", "* diff=x filter=x\n")
    repo.write("b.env", credentials_file(1))
    repo.git("-c", "filter.x.smudge=", "-c", "core.fsmonitor=", "add", "-A")
    repo.git("-c", "core.fsmonitor=", "commit", "-qm", "b", day=2)
    (tmp_path / "ran").unlink(missing_ok=True)
    assert key_ids(since(repo, "HEAD~1")) == {key_id(n=1)}
    assert not (tmp_path / "ran").exists()


# What a push brings in


def server(tmp_path: Path) -> Repository:
    """A bare repository whose hook refuses a push that brings a credential in."""
    made = Repository(tmp_path / "server.git")
    made.path.mkdir()
    made.git("init", "-q", "--bare", "--initial-branch=main", "--template=")
    hook = made.path / "hooks" / "pre-receive"
    hook.parent.mkdir()
    command = f"{shlex.quote(sys.executable)} -m analyzer scan --pre-receive --quiet ."
    hook.write_text(f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {command}\n")
    hook.chmod(0o755)
    return made


def push(repo: Repository, *refs: str) -> subprocess.CompletedProcess[str]:
    """What git says to a push."""
    command = ["git", "push", "-q", str(repo.path.parent / "server.git"), *refs]
    return subprocess.run(
        command, cwd=repo.path, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


def refused(repo: Repository, n: int, *refs: str) -> bool:
    """Whether a push was refused for the n-th key."""
    done = push(repo, *refs)
    if not done.returncode:
        return False
    assert key_id(n=n) in done.stderr, done
    return True


def test_a_server_refuses_what_brings_a_key_in(tmp_path):
    """New branches, updates, tags and their messages; deletions and clean pushes pass."""
    server(tmp_path)
    repo = repository(tmp_path / "work")
    repo.put("a", "words", day=1)
    assert not refused(repo, 0, "main")
    repo.put("b.env", credentials_file(1), day=2)
    repo.put("b.env", "", day=3)
    assert refused(repo, 1, "main")
    assert refused(repo, 1, "main:refs/heads/new")
    repo.git("reset", "-q", "--hard", "HEAD~2")
    repo.put("c", "words", day=4)
    assert not refused(repo, 0, "main", "main:refs/heads/other")
    repo.git("tag", "-a", "-m", credentials_file(2), "v1")
    assert refused(repo, 2, "v1")
    assert not refused(repo, 0, ":refs/heads/other")
    blob = repo.git("hash-object", "-w", "--stdin", feed=credentials_file(3).encode())
    repo.git("tag", "blob", blob)
    assert refused(repo, 3, "blob")
    repo.git("tag", "-a", "-m", "of a blob", "noted", blob)
    assert refused(repo, 3, "noted")
    repo.write("d.env", credentials_file(4))
    repo.git("add", "d.env")
    repo.git("tag", "tree", repo.git("write-tree"))
    assert refused(repo, 4, "tree")


@pytest.mark.parametrize("is_done", [False, True])
def test_a_pushed_commit_is_told_whether_or_not_its_ref_is_changed(repo, is_done):
    """A post-receive hook gets the same lines: its own refs are no reason to look at nothing."""
    old = repo.put("a", "words", day=1)
    new = repo.put("a.env", credentials_file(1), day=2)
    if not is_done:
        repo.git("update-ref", "refs/heads/main", old)
    line = (PushedRef(old, new, "refs/heads/main"),)
    assert key_ids(scan([repo.path], ScanOptions(pushed=line))) == {key_id(n=1)}
    repo.git("update-ref", "refs/heads/other", new)
    assert key_ids(scan([repo.path], ScanOptions(pushed=line))) == set()


def test_a_server_refuses_the_name_of_a_branch_or_a_tag(tmp_path):
    """It brings nothing else in; once it is there, nobody is refused for it, or for its end."""
    made = server(tmp_path)
    repo = repository(tmp_path / "work")
    repo.put("a", "words", day=1)
    assert not refused(repo, 0, "main")
    assert refused(repo, 1, f"main:refs/heads/{key_id(n=1)}")
    assert refused(repo, 2, f"main:refs/tags/v-{key_id(n=2)}")
    made.git("branch", key_id(n=3), "main")
    repo.put("b", "words", day=2)
    assert not refused(repo, 3, f"main:refs/heads/{key_id(n=3)}")
    assert not refused(repo, 3, f":refs/heads/{key_id(n=3)}")


def test_a_push_is_not_refused_for_what_is_there(tmp_path):
    """A key of long ago in the file that is edited, in a pack that git completes with it."""
    made = server(tmp_path)
    repo = repository(tmp_path / "work")
    body = "".join(f"line {n}\n" for n in range(3000))
    repo.put("a.env", credentials_file(1) + body, day=1)
    (made.path / "hooks" / "pre-receive").rename(made.path / "hooks" / "later")
    assert push(repo, "main").returncode == 0
    (made.path / "hooks" / "later").rename(made.path / "hooks" / "pre-receive")
    made.git("config", "receive.unpackLimit", "1")
    repo.put("a.env", credentials_file(1) + body + "more\n", day=2)
    done = push(repo, "main", "main:refs/heads/side")
    assert done.returncode == 0, done.stderr


def test_what_a_push_brings_and_no_ref_leads_to_is_read(tmp_path):
    """A client can send any object along; the server would keep it."""
    made = server(tmp_path)
    repo = repository(tmp_path / "work")
    tip = repo.put("a", "words", day=1)
    blob = repo.git("hash-object", "-w", "--stdin", feed=credentials_file(1).encode())
    incoming = made.path / "objects" / "incoming-x"
    (incoming / "pack").mkdir(parents=True)
    listed = repo.git("rev-list", "--objects", "--no-object-names", tip).split()
    repo.git("pack-objects", "-q", str(incoming / "pack" / "pack"),
             feed="\n".join([*listed, blob, ""]).encode())  # fmt: skip
    pushed = (PushedRef("", tip, "refs/heads/main"),)
    options = ScanOptions(pushed=pushed, quarantine=incoming)
    found = only_place(scan([made.path], options))
    assert (found.object, found.reachable, found.commit) == (blob, False, None)


@pytest.mark.parametrize(
    ("given", "code"),
    [(b"", 0), (b"nonsense\n", 2), (b"%b %b refs/x\n" % (b"0" * 40, b"0" * 40), 0)],
)
def test_the_input_of_the_hook_is_checked(tmp_path, given, code):
    """A push of nothing brings nothing in; anything else is refused rather than passed."""
    made = server(tmp_path)
    command = [sys.executable, "-m", "analyzer", "scan", "--pre-receive", "-q", "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        command, cwd=made.path, env=environment, input=given, capture_output=True, check=False
    )
    assert ended.returncode == code, ended.stderr


def test_a_tree_that_multiplies_itself_ends(repo):
    """A few objects make a hundred thousand paths: what is found is told, and that it is cut."""
    repo.put("a", "words", day=1)
    blob = repo.git("hash-object", "-w", "--stdin", feed=credentials_file(1).encode())
    row = "".join(f"100644 blob {blob}\tf{n}\n" for n in range(10))
    for _ in range(4):
        tree = repo.git("mktree", feed=row.encode())
        row = "".join(f"040000 tree {tree}\td{n}\n" for n in range(10))
    commit = repo.git("commit-tree", "-p", "HEAD", "-m", "bomb", tree, day=2)
    result = since(repo, f"HEAD..{commit}")
    assert key_ids(result) == {key_id(n=1)}
    assert "not all listed" in skip_reasons(result)[f"object {blob}"]


def test_more_changes_than_are_read_are_a_gap(repo, monkeypatch):
    """No memory holds them all."""
    monkeypatch.setattr("analyzer.leaks.sources.commit_range._MOST_CHANGES", 2)
    repo.put("a", "words", day=1)
    for n in range(4):
        repo.write(f"f{n}", credentials_file(n))
    repo.commit(day=2)
    (coverage,) = since(repo, "HEAD~1").repositories
    assert "changed files: the rest is not read" in coverage.gaps[0].reason
