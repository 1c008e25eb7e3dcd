"""In: names, commits and refs that git would not make. Out: the proof that they do no harm."""

import hashlib

import pytest

from analyzer.leaks.scan import scan
from tests.leaks.leak_material import credentials_file, key_id
from tests.leaks.scan_results import commits, key_ids, skip_reasons

NAMES = [b"new\nline", b"esc\x1b[31m", b"\xff\xfe", "rtl\u202e".encode(), b"--output=x",
         b"=cmd", b"<b>", b'"quoted"', b" space ", b"sub\n/new", b"\xe2\x80\xa8sep",
         b"tab\tbed", b":(top)x"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_carried_whole(repo, name):
    """A name is text that can be written as UTF-8, and the place is found in HEAD under it."""
    commit = repo.put(name, credentials_file(), day=1)
    result = scan([repo.path])
    (found,) = result.credentials[0].occurrences
    assert found.path == name.decode("utf-8", "backslashreplace")
    assert found.path.encode()
    assert (found.commit, found.in_head) == (commit, True)


def test_a_hostile_author_is_text(repo):
    """Bytes that are no UTF-8, no date and no end of it do no harm."""
    repo.put("a", credentials_file())
    tree = repo.git("rev-parse", "HEAD^{tree}")
    body = b"tree %b\nauthor \xff\x1b <x>\ncommitter c <c> 99999999999999999999 +0000\n\nm\n"
    oid = repo.git(
        "hash-object", "-t", "commit", "-w", "--literally", "--stdin",
        feed=body.replace(b"%b", tree.encode()),
    )  # fmt: skip
    repo.git("update-ref", "--no-deref", "HEAD", oid)
    (repo.path / ".git" / "refs" / "heads" / "main").write_text(oid)
    (found,) = scan([repo.path]).credentials[0].occurrences
    assert (found.commit, found.author, found.date) == (oid, "\\xff\x1b <x>", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"tree\n",
        b"tree 00\n\n",
        b"tree " + b"0" * 40 + b"\n\n\n",
        b"tree TREE\nparent x\n\n\n",
        b"tree COMMIT\nparent COMMIT\n\n\n",
    ],
)
def test_a_malformed_commit_is_a_gap(repo, body):
    """A commit that is none, or names what it must not, does not end the scan of the others."""
    commit = repo.put("a", credentials_file())
    tree = repo.git("rev-parse", "HEAD^{tree}")
    body = body.replace(b"COMMIT", commit.encode()).replace(b"TREE", tree.encode())
    oid = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", feed=body)
    (repo.path / ".git" / "refs" / "heads" / "bad").write_text(oid)
    child = repo.git("commit-tree", "-p", oid, "-m", key_id(n=2), tree, day=2)
    repo.git("update-ref", "refs/heads/child", child)
    result = scan([repo.path])
    assert commits(result) == {commit, child}
    assert skip_reasons(result)


def test_a_commit_that_calls_another_one_a_folder_takes_nothing_from_it(repo):
    """Git believes whom it reads first, and then knows no commit of that id; its origin stays."""
    commit = repo.put("a", credentials_file())
    bodies = (f"tree {commit}\n\n{n}\n".encode() for n in range(1000))
    digests = (hashlib.sha1(b"commit %d\0" % len(body) + body) for body in bodies)  # noqa: S324
    first = next(n for n, found in enumerate(digests) if found.hexdigest() < commit)
    body = f"tree {commit}\n\n{first}\n".encode()
    oid = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", feed=body)
    assert oid < commit
    (repo.path / ".git" / "refs" / "heads" / "bad").write_text(oid)
    assert commits(scan([repo.path])) == {commit}


def test_a_parent_that_is_a_folder_is_read_as_one(repo):
    """A commit whose parent is a tree, on which git gives up, hides neither."""
    commit = repo.put("a", credentials_file(1), day=1)
    tree = repo.git("rev-parse", "HEAD^{tree}")
    (repo.path / "a").unlink()
    body = f"tree {tree}\nparent {tree}\n\n{key_id(n=2)}\n".encode()
    oid = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", feed=body)
    (repo.path / ".git" / "refs" / "heads" / "bad").write_text(oid)
    result = scan([repo.path])
    assert key_ids(result) == {key_id(n=1), key_id(n=2)}
    assert commits(result) == {commit, oid}


@pytest.mark.parametrize("content", ["", "x", "0" * 39, "0" * 64, "../../x", "0" * 40, "\0" * 40])
def test_a_ref_that_names_nothing_is_told(repo, content):
    """Garbage in a ref is told under its name and takes no other ref with it."""
    commit = repo.put("a", credentials_file())
    (repo.path / ".git" / "refs" / "heads" / "bad").write_text(content)
    result = scan([repo.path])
    assert commits(result) == {commit}
    assert "refs/heads/bad" in skip_reasons(result)
