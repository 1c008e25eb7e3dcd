"""In: what git and diff write, through a pipe. Out: finds at the files and lines they are of."""

import gzip
import hashlib
import subprocess

import pytest

from analyzer.leaks.model import PlaceKind
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import binary_patches
from analyzer.leaks.sources.diffs import DiffPart, split_diff
from tests.leaks.detect.hostile_material import HEADINGS
from tests.leaks.leak_material import credentials_file, digest, key_id, secret
from tests.leaks.scan_results import key_ids, only, only_place, skip_reasons

ADDED, KEPT, REMOVED = PlaceKind.ADDED_LINE, PlaceKind.KEPT_LINE, PlaceKind.REMOVED_LINE
FILLER = "".join(f"line {n}\n" for n in range(1, 31))


def piped(text: str, **options):
    """What is found in a text that came through a pipe."""
    return scan([], ScanOptions(standard_input=text.encode(), **options))


def places(result):
    """Path, line and kind of every place, in order."""
    return sorted(each for c in result.credentials for each in places_of(c))


def places_of(credential):
    """The same of one credential."""
    return [(o.path, o.line, o.where) for o in credential.occurrences]


@pytest.mark.parametrize(
    "options",
    [(), ("--color=always",), ("--no-prefix",), ("--src-prefix=i/", "--dst-prefix=w/"), ("-U0",),
     ("--word-diff=none", "--function-context"), ("--cached",)],
)  # fmt: skip
def test_added_lines_have_the_number_of_the_new_file(repo, options):
    """Whatever the form of the diff: the file, its line, and that the line is added."""
    repo.put("sub/a b.env", FILLER)
    repo.write("sub/a b.env", f"new\n{FILLER}{credentials_file(1)}")
    if options == ("--cached",):
        repo.git("add", "-A")
    assert places(piped(repo.git("diff", *options) + "\n")) == [("sub/a b.env", 33, ADDED)]


def test_removed_and_unchanged_lines_are_called_so(repo):
    """A removed line has the number that it had; the key ID that stands there names both."""
    repo.put("a.env", FILLER + credentials_file(1))
    repo.write("a.env", FILLER.replace("line 3\n", "") + "end\n")
    assert places(piped(repo.git("diff"))) == [("a.env", 32, REMOVED)]
    repo.write("a.env", f"{FILLER}{credentials_file(1)}more\n")
    result = piped(repo.git("diff"))
    assert places(result) == [("a.env", 32, KEPT)]
    repo.write("a.env", FILLER + credentials_file(1).replace(secret(1), secret(2)))
    result = piped(repo.git("diff"))
    # The secret that was there is another one than the one that is there now.
    assert places(result) == [("a.env", 32, KEPT), ("a.env", 33, REMOVED)]
    assert {c.key_id for c in result.credentials} == {key_id(n=1)}


BY_WORDS = ("--word-diff", "--color-words", "--word-diff=porcelain", "--word-diff=color")


@pytest.mark.parametrize("form", [*BY_WORDS, "--word-diff --color"])
@pytest.mark.parametrize("head", ["", "- a: b\n  c: d\n", "    indented\n"])
def test_a_diff_by_words_keeps_what_was_apart_from_what_is(repo, form, head):
    """Names and lines are those of the file; old and new key are each with its own secret."""
    repo.put("a.env", head + credentials_file(1) + FILLER)
    repo.write("a.env", f"new words\n{head}{credentials_file(2)}{FILLER}end {key_id(n=3)}\n")
    result = piped(repo.git("diff", *form.split()) + "\n")
    at = head.count("\n") + 2
    found = {c.key_id: c for c in result.credentials}
    seen = {name: [(o.path, o.line, o.where) for o in c.occurrences] for name, c in found.items()}
    assert seen == {
        key_id(n=1): [("a.env", at, REMOVED)],
        key_id(n=2): [("a.env", at + 1, ADDED)],
        key_id(n=3): [("a.env", at + 33, ADDED)],
    }
    assert found[key_id(n=1)].secret_digest == digest(1)
    assert found[key_id(n=2)].secret_digest == digest(2)


@pytest.mark.parametrize("form", BY_WORDS)
def test_a_diff_by_words_of_several_files_and_commits_is_read_to_its_end(repo, form):
    """Each hunk ends by its counts, and what comes behind it is another's."""
    first = repo.put("a.env", f"- x: [-1]\n{credentials_file(1)}", day=1)
    repo.put("b.env", f"{FILLER}{credentials_file(2)}", day=2)
    repo.write("a.env", f"- x: [-2]\n{credentials_file(1)}")
    third = repo.put("b.env", f"1{FILLER}{credentials_file(3)}", day=3)
    result = piped(repo.git("log", "-p", form))
    seen = {
        (c.key_id, o.commit, o.path, o.line, o.where)
        for c in result.credentials
        for o in c.occurrences
        if o.commit in {first, third}
    }
    assert seen == {
        (key_id(n=1), first, "a.env", 3, ADDED),
        (key_id(n=1), third, "a.env", 3, KEPT),
        (key_id(n=2), third, "b.env", 32, REMOVED),
        (key_id(n=3), third, "b.env", 32, ADDED),
    }


def test_a_diff_by_lines_is_not_taken_for_one_by_words(repo):
    """Though code has brackets with signs, the text breaks off, and its counts are wrong."""
    code = f"x[-1] = y[-2-]\n{credentials_file(1)}"
    repo.put("a", code)
    repo.write("a", f"{code}{secret(2)}\nz = {{+1+}}\n{key_id(n=2)}\n" + FILLER)
    diff = repo.git("diff", "--color=always")
    for text in (diff, diff[: diff.index("line 3")], diff.replace("+1,36", "+1,40")):
        found = {c.key_id: (c.secret_digest, *c.occurrences) for c in piped(text).credentials}
        assert found[key_id(n=2)][0] == digest(2)
        assert found[key_id(n=2)][1].line == 7


def test_a_secret_that_begins_its_line_is_not_taken_for_a_longer_one(repo):
    """The mark of an added line is a character that secrets have, too."""
    repo.put("a", "nothing\n")
    repo.write("a", f"nothing\n{key_id(n=1)}\n{secret(1)}\n")
    result = piped(repo.git("diff"))
    assert only(result).secret_digest
    assert places(result) == [("a", 2, ADDED)]


@pytest.mark.parametrize(
    "command",
    [("log", "-p"), ("log", "-p", "--pretty=raw"), ("show",), ("format-patch", "--stdout", "-1")],
)
def test_a_log_with_changes_names_the_commit(repo, command):
    """For its files, its message and whoever wrote it."""
    repo.put("a", "words")
    repo.write("a.env", credentials_file(1))
    commit = repo.commit(message=f"a subject\n\nand {key_id(n=2)}")
    result = piped(repo.git(*command))
    found = {c.key_id: c.occurrences[0] for c in result.credentials}
    assert (found[key_id(n=1)].path, found[key_id(n=1)].line) == ("a.env", 2)
    assert {each.commit for each in found.values()} == {commit}
    assert found[key_id(n=1)].author == "Ada Author <ada@example.com>"
    assert (found[key_id(n=1)].where, found[key_id(n=2)].where) == (
        ADDED, PlaceKind.COMMIT_MESSAGE,
    )  # fmt: skip
    assert key_ids(piped(repo.git(*command), messages=False)) == {key_id(n=1)}


def test_several_commits_each_have_their_own(repo):
    """A place belongs to the commit above it, a message has its own lines."""
    first = repo.put("a.env", credentials_file(1), day=1)
    second = repo.put("a.env", credentials_file(2), day=2)
    result = piped(repo.git("log", "-p"))
    seen = {(c.key_id, o.commit, o.where) for c in result.credentials for o in c.occurrences}
    assert seen == {
        (key_id(n=1), first, ADDED), (key_id(n=1), second, REMOVED), (key_id(n=2), second, ADDED),
    }  # fmt: skip


def test_the_diff_of_a_merge_has_a_column_for_each_side(repo):
    """A line is added where no side had it."""
    repo.put("a", FILLER, day=1)
    repo.git("checkout", "-q", "-b", "side")
    repo.put("a", FILLER.replace("line 9\n", "side 9\n"), day=2)
    repo.git("checkout", "-q", "main")
    repo.put("a", FILLER.replace("line 20\n", "main 20\n"), day=3)
    repo.git("merge", "-q", "--no-commit", "side")
    repo.write("a", FILLER.replace("line 9\n", f"side 9\n{credentials_file(1)}"))
    repo.commit(day=4)
    text = repo.git("show", "-c")
    assert "@@@" in text
    assert places(piped(text)) == [("a", 11, ADDED)]


def test_names_that_git_quotes_and_names_of_deleted_files(repo):
    """Bytes that are not plain come as numbers; what is deleted has its old name."""
    repo.put('d\u00e9"p\t.env', "a\n")
    repo.write('d\u00e9"p\t.env', f"a\n{credentials_file(1)}")
    assert only_place(piped(repo.git("diff"))).path == 'd\u00e9"p\t.env'
    repo.commit()
    repo.git("rm", "-q", "--", 'd\u00e9"p\t.env')
    assert places(piped(repo.git("diff", "HEAD"))) == [('d\u00e9"p\t.env', 3, REMOVED)]


def test_the_plain_diff_of_two_folders(tmp_path):
    """What other programs than git write, with dates behind the names."""
    for name, text in (("one", FILLER), ("two", FILLER + credentials_file(1))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.env").write_text(text)
    done = subprocess.run(
        ["diff", "-ru", "one", "two"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert places(piped(done.stdout)) == [("two/a.env", 32, ADDED)]


def test_what_is_around_a_diff_is_read_as_well():
    """Text before and behind it, headings of hunks, and hunks that break off or lie."""
    text = (
        f"note {key_id(n=1)}\n--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@ def f({key_id(n=2)}):\n"
        f"+{key_id(n=3)}\nbroken {key_id(n=4)}\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n"
        f"+{key_id(n=5)}\n\\ {key_id(n=6)}\n"
    )
    result = piped(text)
    assert key_ids(result) == {key_id(n=n) for n in range(1, 7)}
    where = {c.key_id: c.occurrences[0] for c in result.credentials}
    assert (where[key_id(n=3)].path, where[key_id(n=3)].line) == ("x", 1)
    assert (where[key_id(n=4)].path, where[key_id(n=4)].line) == ("", 6)
    assert where[key_id(n=5)].line == 12


def test_every_line_of_a_text_is_in_a_part():
    """Once each, with the number that leads back to it, or as a line of a file."""
    text = (
        b"commit " + b"a" * 40 + b"\nAuthor: A\n\n    m\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n"
    )
    text += b"@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline\n\ntail\n"
    parts = [each for each in split_diff(text) if isinstance(each, DiffPart)]
    assert sum(1 for each in parts for number in each.numbers if number) == text.count(b"\n") + 1


def test_what_a_diff_has_no_content_of_is_listed(repo):
    """A binary file is told."""
    repo.put("a.bin", b"\0\1")
    repo.write("a.bin", b"\0" + credentials_file(1).encode())
    result = piped(repo.git("diff") + "\n@@ -1 +1 @@\n")
    assert skip_reasons(result) == {"a.bin": "a binary file, of which a diff has no content"}


@pytest.mark.parametrize("name", ["a b.bin", 'd\u00e9".bin', "sub/a"])
@pytest.mark.parametrize("prefix", ["--src-prefix=a/", "--no-prefix"])
def test_a_binary_patch_is_unpacked_and_searched(repo, name, prefix):
    """What the file becomes, and what it was: each line of base 85 is no text of its own."""
    noise = hashlib.sha512(b"noise").digest().replace(b"\n", b"")
    repo.put(name, b"\0" + noise + f"\n{credentials_file(1)}".encode())
    repo.git("rm", "-q", "--", name)
    repo.write("new", b"\0\n" + credentials_file(2).encode() + noise)
    repo.git("add", "new")
    result = piped(repo.git("diff", "--binary", "--no-renames", prefix, "--cached", "HEAD") + "\n")
    seen = {c.key_id: (c.secret_digest, places_of(c)) for c in result.credentials}
    assert seen == {
        key_id(n=1): (digest(1), [(name, 3, REMOVED)]),
        key_id(n=2): (digest(2), [("new", 3, ADDED)]),
    }
    assert not result.repositories[0].skipped


def test_what_a_delta_adds_is_searched_and_the_rest_is_a_gap(repo):
    """Git writes one for most changes; the lines of the file are not known then."""
    noise = b"\0" + hashlib.sha512(b"noise").digest() * 8
    repo.put("a.bin", noise)
    repo.write("a.bin", noise + b"\n" * 9 + credentials_file(2).encode())
    text = repo.git("diff", "--binary") + "\n"
    assert "\ndelta " in text
    result = piped(text)
    assert only(result).secret_digest == digest(2)
    assert places(result) == [("a.bin", 1, ADDED)]
    (gap,) = result.repositories[0].gaps
    assert (gap.what, gap.reason.partition(":")[0]) == ("a.bin", "a delta in a binary patch")


def test_a_binary_patch_in_a_log_has_its_commit_and_what_is_in_an_archive(repo):
    """It is a file as any other."""
    repo.put("a", "words")
    packed = gzip.compress(b"words\0\n" + credentials_file(1).encode(), mtime=0)
    commit = repo.put("a.gz", packed)
    found = only_place(piped(repo.git("log", "-p", "--binary")))
    assert (found.path, found.commit, found.where) == (
        "a.gz!/content", commit, ADDED,
    )  # fmt: skip


def test_what_a_binary_patch_does_not_hold_is_a_gap(repo, monkeypatch):
    """A delta, what is damaged, and what unpacks to too much: by name, with the rest read."""
    noise = b"\0" + hashlib.sha512(b"noise").digest() * 8
    repo.put("a.bin", noise)
    repo.write("a.bin", noise + b"more")
    repo.write("b.bin", b"\0" + credentials_file(1).encode())
    repo.git("add", "-A")
    diff = repo.git("diff", "--binary", "--cached") + "\n"
    result = piped(diff)
    assert only_place(result).path == "b.bin"
    gaps = result.repositories[0].gaps
    assert [each.what for each in gaps] == ["a.bin"]
    lines = diff.split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("literal") and line[8:] != "0")
    for spoilt in ([lines[at + 1][:-5]], [lines[at + 1][0] + "'" * 20], ["literal x"], []):
        damaged = "\n".join([*lines[: at + 1], *spoilt, *lines[at + 2 :]])
        reasons = {each.what: each.reason for each in piped(damaged).repositories[0].gaps}
        assert reasons["b.bin"] == "a binary patch that is damaged"
    monkeypatch.setattr(binary_patches, "LARGEST", 8)
    reasons = {each.what: each.reason for each in piped(diff).repositories[0].gaps}
    assert reasons["b.bin"].startswith("a binary patch that unpacks to more than")


def test_paths_of_a_diff_can_be_left_out(repo):
    """Added, removed and unchanged lines, with a count, as everywhere."""
    repo.put("tests/a.env", f"a\n{key_id(n=3)}\nx\n{key_id(n=4)}\n")
    repo.put("b.env", "b\n")
    repo.write("tests/a.env", f"{credentials_file(1)}x\n{key_id(n=4)}\n")
    repo.write("b.env", credentials_file(2))
    result = piped(repo.git("diff"), exclude=("tests/",))
    assert key_ids(result) == {key_id(n=2)}
    assert "find in the input" in skip_reasons(result)["--exclude tests/"].replace("finds", "find")


def test_a_text_without_a_diff_is_one_text():
    """As it was."""
    found = only_place(piped("a\n" + credentials_file(1)))
    assert (found.path, found.line, found.where) == ("", 3, PlaceKind.STANDARD_INPUT)


@pytest.mark.parametrize("line", HEADINGS)
def test_a_text_of_nothing_but_headings_hides_nothing_behind_it(line):
    """It is read to its end, in time that `tests/benchmarks/hostile_text.py` measures."""
    head = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n+a\n"
    assert only(piped(f"{head}{line * 5_000}\n\n{credentials_file()}")).key_id == key_id()
