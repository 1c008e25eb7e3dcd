"""`credaudit scan`: what it prints, writes and ends with, as a developer or a workflow meets it."""

import csv
import io
import json
import os
import pty
import re
import shlex
import stat
import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.leaks.leak_material import credentials_file, key_id, repository, secret

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((files("analyzer.writers") / "scan.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def repo(tmp_path):
    """A repository in which a key pair was committed and taken out again."""
    made = repository(tmp_path / "shop")
    made.put("deploy.env", credentials_file(1))
    made.put("deploy.env", "")
    return made


@pytest.fixture
def clean(tmp_path):
    """A repository without any credential."""
    made = repository(tmp_path / "clean")
    made.put("README.md", "hello\n")
    return made


def scanned(ended):
    """The document on standard output."""
    document = json.loads(ended.out)
    jsonschema.validate(document, SCHEMA)
    return document


# How it ends


def test_a_leak_ends_with_1_and_its_place(run, repo):
    """By default any credential counts; the text names key, pair and place, and no secret."""
    ended = run("scan", repo.path)
    assert ended.code == 1
    assert key_id(n=1) in ended.out
    assert "with its secret" in ended.out
    assert ":deploy.env:2  history" in ended.out
    assert "1 credential" in ended.out
    assert secret(1) not in ended.out + ended.err


def test_nothing_found_ends_with_0(run, clean):
    """And says what was looked at."""
    ended = run("scan", clean.path)
    assert ended.code == 0
    assert "looked at clean: " in ended.out
    assert "0 credentials" in ended.out


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("any", 1), ("low", 1), ("medium", 1), ("high", 0), ("critical", 0), ("never", 0)],
)
def test_fail_on_says_how_bad_is_too_bad(run, tmp_path, wanted, code):
    """A key ID without its secret is of medium severity."""
    (tmp_path / "notes.txt").write_text(key_id(n=1))
    assert run("scan", tmp_path / "notes.txt", "--fail-on", wanted).code == code


@pytest.mark.parametrize("account", ["111122223333", "123456789012", "444455556666"])
def test_a_key_of_documentation_is_shown_and_does_not_fail(run, tmp_path, account):
    """The report says whose it would be."""
    (tmp_path / "a").write_text(key_id(account=int(account)))
    ended = run("scan", tmp_path)
    assert ended.code == 0
    assert f"account {account} is one of documentation" in ended.out


@pytest.mark.parametrize(("year", "word"), [(2024, "set aside: expired"), (2124, "medium")])
def test_a_signed_address_that_ended_is_shown_and_set_aside(run, tmp_path, year, word):
    """It says itself when it ended; the key that signed it counts by itself."""
    (tmp_path / "a").write_text(
        f"https://b.s3.amazonaws.com/x?X-Amz-Credential={key_id(prefix='ASIA')}"
        f"/{year}0301/eu-west-1/s3/aws4_request&X-Amz-Date={year}0301T100000Z&X-Amz-Expires=60"
        f"&X-Amz-SignedHeaders=host&X-Amz-Signature={'0f1e2d3c4b5a6978' * 3}{'8796a5b4c3d2e1f0'}"
    )
    ended = run("scan", tmp_path)
    assert ended.code == 1
    assert word in ended.out
    assert run("scan", tmp_path, "--fail-on", "medium").code == int(year > 2100)


def test_a_credential_that_is_set_aside_is_shown_and_does_not_fail(run, tmp_path):
    """A comment allows it; the reason stands beside it."""
    (tmp_path / "test.py").write_text(f'KEY = "{key_id(n=1)}"  # gitleaks:allow\n')
    ended = run("scan", tmp_path / "test.py")
    assert ended.code == 0
    assert "Set aside:" in ended.out
    assert "set aside: allowed by a comment: gitleaks:allow" in ended.out
    assert "0 credentials, 1 set aside" in ended.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "no such file or folder"),
        (["--staged", "-"], "nothing is staged in standard input"),
        (["--fail-on", "severe", "."], "'severe' is not one of"),
        ([], "Missing argument 'PATH...'"),
    ],
)
def test_what_can_not_be_meant_ends_with_2(run, arguments, said):
    """Before anything is read."""
    ended = run("scan", *arguments)
    assert ended.code == 2
    assert said in ended.err


def test_nothing_to_scan_ends_with_3(run, tmp_path):
    """An empty folder is more likely a mistake than a clean one."""
    (tmp_path / "empty").mkdir()
    ended = run("scan", tmp_path / "empty")
    assert ended.code == 3
    assert "nothing was scanned" in ended.err


def test_a_history_that_can_not_be_read_ends_with_3_and_shows_what_was_found(run, repo):
    """More may be there than what was found."""
    repo.write("now.env", credentials_file(2))
    (repo.path / ".git" / "objects").rename(repo.path / ".git" / "gone")
    (repo.path / ".git" / "objects").write_text("no folder")
    ended = run("scan", repo.path)
    assert ended.code == 3
    assert key_id(n=2) in ended.out
    assert "could not be read: history (objects in the git directory is not a folder)" in ended.err


def test_a_damaged_object_makes_a_scan_incomplete(run, clean):
    """What it held is not known; the ledger names it."""
    clean.write("more", "some words\n")
    oid = clean.git("hash-object", "-w", "more")
    clean.loose(oid).chmod(0o600)
    clean.loose(oid).write_bytes(b"no zlib")
    ended = run("scan", clean.path)
    assert ended.code == 3
    assert oid in ended.out
    assert oid in ended.err


@pytest.mark.parametrize("depth", [1, 2])
def test_what_a_shallow_clone_never_had_is_told_and_no_fault(run, repo, tmp_path, depth):
    """A workflow checks out so by default."""
    repo.put("last", "words\n")
    repo.git("clone", "--quiet", f"--depth={depth}", f"file://{repo.path}", tmp_path / "cut")
    ended = run("scan", tmp_path / "cut")
    assert ended.code == 0
    assert "a shallow clone" in ended.out
    assert "Ada Author" not in ended.out


def test_an_encrypted_archive_is_told_and_no_fault(run, tmp_path):
    """Nobody could expect it to be read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("notes.env", credentials_file(1))
    locked = packed.getvalue().replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
    )
    (tmp_path / "locked.zip").write_bytes(
        locked.replace(credentials_file(1).encode(), b"?" * len(credentials_file(1)))
    )
    ended = run("scan", tmp_path / "locked.zip")
    assert ended.code == 0
    assert "not locked.zip!/notes.env" in ended.out


def test_a_folder_with_an_empty_repository_in_it_was_scanned(run, tmp_path):
    """Only what is named must hold something."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "notes.txt").write_text("words\n")
    repository(tmp_path / "work" / "new")
    assert run("scan", tmp_path / "work").code == 0


def test_an_output_that_can_not_be_written_ends_with_3(run, repo, tmp_path):
    """And names it."""
    (tmp_path / "file").write_text("no folder")
    ended = run("scan", repo.path, "-o", tmp_path / "file" / "leaks.json")
    assert ended.code == 3
    assert "leaks.json" in ended.err


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("{scan} {repo} > /dev/full", 3, "standard output: No space left on device"),
        ("{scan} {repo} >&-", 3, "standard output: is closed"),
        ("{scan} {repo} 2>&-", 1, ""),
        ("{scan} - <&-", 3, "standard input: is closed"),
        ("{scan} --pre-receive {repo} <&-", 3, "standard input: is closed"),
    ],
)
def test_a_stream_that_is_closed_or_full_is_no_find(repo, command, code, said):
    """What could not be read or written ends with 3 and is named; without stderr all goes well."""
    scan = f"{shlex.quote(sys.executable)} -m analyzer scan"
    line = command.format(scan=scan, repo=shlex.quote(str(repo.path)))
    ended = subprocess.run(
        ["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == code
    assert ended.stderr == (f"credaudit: {said}\n" if said else "")


@pytest.mark.parametrize(("name", "code"), [("k.env", 1), ("empty", 0)])
def test_a_reader_who_has_seen_enough_makes_no_difference(tmp_path, name, code):
    """`credaudit scan . | head` in a job must not pass for clean."""
    (tmp_path / "k.env").write_text(credentials_file(1))
    (tmp_path / "empty").write_text("")
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "analyzer", "scan", tmp_path / name],
        cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (code, b"")


# What is read


def test_standard_input_is_a_source(process, repo):
    """What a pipe brings is read to its end."""
    ended = subprocess.run(
        [sys.executable, "-m", "analyzer", "scan", "-"],
        input=credentials_file(3), cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert key_id(n=3) in ended.stdout
    assert "standard input" in ended.stdout


def test_without_history_only_files_count(run, repo):
    """The pair was taken out of the file."""
    assert run("scan", repo.path, "--no-history").code == 0


def test_staged_reads_what_the_next_commit_brings_and_nothing_else(run, repo):
    """Neither the history nor a file that is not staged."""
    repo.write("later.env", credentials_file(4))
    assert run("scan", "--staged", repo.path).code == 0
    repo.git("add", "later.env")
    ended = run("scan", "--staged", repo.path)
    assert ended.code == 1
    assert key_id(n=4) in ended.out
    assert key_id(n=1) not in ended.out


def hook(name, *files, cwd):
    """How a hook of pre-commit ends that is run as pre-commit runs it."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (found,) = (each for each in hooks if each["id"] == name)
    program, *arguments = shlex.split(found["entry"])
    assert (program, found["pass_filenames"]) == ("credaudit", True)
    return subprocess.run(
        [sys.executable, "-m", "analyzer", *arguments, *files], cwd=cwd, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
    )  # fmt: skip


def test_the_hook_for_pre_commit_stops_a_commit(repo):
    """Its entry, run as the hook does, in a repository with a key staged and with none."""
    assert hook("credaudit", cwd=repo.path).returncode == 0
    repo.write("later.env", credentials_file(4))
    repo.git("add", "later.env")
    ended = hook("credaudit", "later.env", cwd=repo.path)
    assert ended.returncode == 1
    assert key_id(n=4) in ended.stdout


def test_the_hook_for_pre_commit_reads_all_files_that_are_named(repo):
    """With nothing staged, as in `pre-commit run --all-files`: what HEAD has is read by name."""
    repo.put("src/old.env", credentials_file(4))
    repo.put("clean.txt", "words\n")
    assert hook("credaudit", "clean.txt", cwd=repo.path).returncode == 0
    ended = hook("credaudit", "clean.txt", "src/old.env", cwd=repo.path)
    assert ended.returncode == 1
    assert f"{key_id(n=4)}" in ended.stdout
    assert ":src/old.env:2" in ended.stdout
    repo.write(".gitleaksignore", "src/old.env:aws-access-token:2\n")
    assert hook("credaudit", "src/old.env", cwd=repo.path).returncode == 0
    repo.write("loose.env", credentials_file(5))
    ended = hook("credaudit", "loose.env", cwd=repo.path)
    assert ended.returncode == 3
    assert "not in the index" in ended.stderr


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [("HEAD~2", "HEAD", {4}), ("HEAD~1", "HEAD", set()), ("HEAD~1", "side", {5}), ("", "", {4, 5})],
)
def test_the_hook_for_a_push_reads_its_commits(repo, tmp_path, first, last, found):
    """Also what is taken out again, and another branch; all of it where no range is told."""
    repo.put("a", "words\n")
    repo.git("checkout", "-q", "-b", "side")
    repo.put("side.env", credentials_file(5))
    repo.git("checkout", "-q", "main")
    repo.put("old.env", credentials_file(4))
    repo.put("old.env", "")
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (published,) = (each for each in hooks if each["id"] == "credaudit-pre-push")
    program = tmp_path / "bin" / "credaudit"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m analyzer "$@"\n')
    program.chmod(0o755)
    told = {"PRE_COMMIT_FROM_REF": first, "PRE_COMMIT_TO_REF": last} if first else {}
    path = f"{program.parent}:{os.environ['PATH']}"
    ended = subprocess.run(
        [*shlex.split(published["entry"]), "--exclude", "deploy.env"], cwd=repo.path, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": path, **told},
        capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == int(bool(found)), ended
    assert {n for n in range(9) if key_id(n=n) in ended.stdout} == found


def test_the_hook_for_messages_stops_a_commit(repo):
    """A real commit, with the hook where git looks for it."""
    place = repo.path / ".git" / "hooks" / "commit-msg"
    place.parent.mkdir(exist_ok=True)
    place.write_text(
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)}"
        ' -m analyzer scan --commit-message --quiet "$1"\n'
    )
    place.chmod(0o755)
    repo.commit("a harmless message")
    with pytest.raises(AssertionError, match=key_id(n=4)):
        repo.git("commit", "-q", "--allow-empty", "-m", f"with\n\n{credentials_file(4)}")


def test_a_message_ends_where_git_shows_the_changes(repo, tmp_path):
    """`git commit -v` shows what is removed, which is no part of the message."""
    (tmp_path / "COMMIT_EDITMSG").write_text(
        "take the key out\n# ------------------------ >8 ------------------------\n"
        f"# Do not modify or remove the line above.\n-{key_id(n=4)}\n"
    )
    assert hook("credaudit-commit-msg", tmp_path / "COMMIT_EDITMSG", cwd=repo.path).returncode == 0
    (tmp_path / "COMMIT_EDITMSG").write_text(
        f"a line\n# ------------------------ >8 ------------------------\n{key_id(n=4)}\n"
    )
    ended = hook("credaudit-commit-msg", tmp_path / "COMMIT_EDITMSG", cwd=repo.path)
    assert ended.returncode == 1
    assert "COMMIT_EDITMSG:3  commit message" in ended.stdout


def test_patterns_of_paths_are_options_of_the_hook_as_well(repo):
    """A file that is named and left out is no failure, and no fault of what is staged is."""
    repo.put("tests/old.env", credentials_file(4))
    repo.write("tests/new.env", credentials_file(5))
    repo.git("add", "-A")
    arguments = ("--exclude", "tests/", "tests/old.env")
    assert hook("credaudit", *arguments, cwd=repo.path).returncode == 0
    command = [sys.executable, "-m", "analyzer", "scan", "--exclude", "tests/", "tests/old.env"]
    there = {"cwd": repo.path, "env": {**os.environ, "PYTHONPATH": str(ROOT)}}
    ended = subprocess.run(command, **there, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "left out: 1 file" in ended.stdout


def test_what_is_left_out_of_a_scan_is_in_every_ledger(run, repo):
    """In the text and in the document."""
    repo.put("tests/x.env", credentials_file(7))
    ended = run("scan", repo.path, "--exclude", "tests/", "--exclude", "*.env", "--no-messages")
    assert ended.code == 0
    assert "not --exclude tests/: left out: 1 folder" in ended.out
    assert "--no-messages: 0 finds left out" in ended.out
    document = scanned(run("scan", repo.path, "--exclude", "tests/", "-f", "json"))
    listed = document["coverage"]["repositories"][0]["skipped"]
    assert [each["what"] for each in listed] == ["--exclude tests/"]


def test_a_range_of_commits_can_be_asked_for(run, repo):
    """An empty one is no fault; an unknown one is, with what to do."""
    assert run("scan", repo.path, "--since", "HEAD").code == 0
    assert run("scan", repo.path, "--since", "HEAD~1").code == 0
    repo.put("new.env", credentials_file(5))
    ended = run("scan", repo.path, "--since", "HEAD~1..HEAD")
    assert (ended.code, key_id(n=5) in ended.out) == (1, True)
    ended = run("scan", repo.path, "--since", "nowhere")
    assert ended.code == 2
    assert "'nowhere' is no commit of shop. Name a commit" in ended.err
    assert run("scan", repo.path, "--since", "").code == 2


@pytest.mark.parametrize(
    "arguments",
    [("--since", "HEAD", "--staged"), ("--since", "HEAD", "--no-history"), ("--since", "HEAD", "-"),
     ("--pre-receive", "-"), ("--commit-message",), ("--exclude", "/")],
)  # fmt: skip
def test_options_that_do_not_go_together_are_refused(run, repo, arguments):
    """Before anything is read."""
    assert run("scan", repo.path, *arguments).code == 2


def test_what_is_no_file_is_called_what_it_is(run, tmp_path):
    """A pipe, a device, a socket's place, a link to nowhere: none is opened."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("gone")
    for path, said in (("pipe", "a named pipe"), ("/dev/zero", "a device"),
                       ("link", "leads nowhere"), ("gone", "no such file")):  # fmt: skip
        ended = run("scan", tmp_path / path)
        assert ended.code == 2
        assert said in ended.err
    assert "credaudit scan - <" in run("scan", tmp_path / "pipe").err


def test_a_folder_of_a_repository_says_that_its_history_is_not_read(run, repo):
    """And where it is; whoever wants no history, or hands in the whole as well, is told nothing."""
    repo.put("deep/er/a", "words")
    ended = run("scan", repo.path / "deep" / "er")
    assert ended.code == 0
    assert "not history: this is a folder of the repository in ../..: scan that" in ended.out
    assert "not history" not in run("scan", repo.path / "deep", "--no-history").out
    assert "not history" not in run("scan", repo.path).out
    assert "not history" not in run("scan", repo.path / "deep", repo.path).out


def test_the_output_of_an_agents_tool_is_looked_at(repo):
    """The JSON that an agent hands to its hook, with the text escaped in it; and the answer."""
    said = {"tool": "Bash", "response": {"stdout": f"$ cat .env\n{credentials_file(3)}"}}
    for text, code in ((json.dumps(said), 1), (json.dumps({"stdout": "fine"}), 0)):
        ended = subprocess.run(
            [sys.executable, "-m", "analyzer", "scan", "-", "-f", "json"],
            input=text, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        document = json.loads(ended.stdout)
        jsonschema.validate(document, SCHEMA)
        assert ended.returncode == code
        assert len(document["credentials"]) == code
        assert secret(3) not in ended.stdout + ended.stderr


def test_several_paths_are_one_scan(run, repo, tmp_path):
    """A key that stands in two of them is one finding."""
    (tmp_path / "copy.env").write_text(credentials_file(1))
    ended = run("scan", repo.path, tmp_path / "copy.env", "-f", "json")
    (found,) = scanned(ended)["credentials"]
    assert {location["repository"] for location in found["occurrences"]} == {"shop", "copy.env"}


# What is written


def test_json_is_what_the_schema_says_and_names_what_was_read(run, repo):
    """One document, on standard output, with nothing else there."""
    document = scanned(run("scan", repo.path, "-f", "json"))
    (found,) = document["credentials"]
    (location,) = found["occurrences"]
    assert (found["key_id"], found["severity"]) == (key_id(n=1), "critical")
    assert (location["path"], location["line"], location["in_head"]) == ("deploy.env", 2, False)
    assert document["coverage"]["repositories"][0]["objects"] > 0


def test_csv_has_a_row_a_place(run, repo):
    """With a heading."""
    rows = list(csv.DictReader(io.StringIO(run("scan", repo.path, "-f", "csv").out)))
    assert [(row["key_id"], row["path"], row["line"]) for row in rows] == [
        (key_id(n=1), "deploy.env", "2")
    ]


def test_a_file_is_for_its_owner_alone_and_standard_output_stays_empty(run, repo, tmp_path):
    """It says where keys are."""
    out = tmp_path / "leaks.sarif"
    ended = run("scan", repo.path, "-f", "sarif", "-o", out, "-q")
    assert (ended.code, ended.out) == (1, "")
    assert json.loads(out.read_text())["version"] == "2.1.0"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_the_same_repository_gives_the_same_bytes(run, repo):
    """Whatever number of processes read it."""
    one, two = (run("scan", repo.path, "-f", "json", "--jobs", jobs).out for jobs in (1, 3))
    assert one == two


def test_a_baseline_holds_what_is_known(run, repo, tmp_path):
    """Written once, it sets aside what stands in it, and nothing that comes later."""
    baseline = tmp_path / "known.json"
    assert run("scan", repo.path, "--write-baseline", baseline).code == 1
    assert secret(1) not in baseline.read_text()
    ended = run("scan", repo.path, "--baseline", baseline)
    assert ended.code == 0
    assert "known: it stands in the baseline known.json" in ended.out
    repo.put("new.env", credentials_file(5))
    ended = run("scan", repo.path, "--baseline", baseline, "-f", "json")
    live = [each["key_id"] for each in scanned(ended)["credentials"] if not each["set_aside"]]
    assert (ended.code, live) == (1, [key_id(n=5)])


def test_a_cache_changes_nothing_but_the_time(run, repo, tmp_path):
    """The first scan fills it, the second uses it; both say the same."""
    repo.git("gc", "--quiet")
    plain = run("scan", repo.path, "-f", "json").out
    for _ in range(2):
        assert run("scan", repo.path, "-f", "json", "--cache", tmp_path / "kept").out == plain


# On a terminal


def test_a_name_of_a_file_can_not_command_a_terminal(run, tmp_path):
    """Escape sequences, new lines and reversed text are written out."""
    name = "a\x1b[2J\nb\u202e.env"
    (tmp_path / name).write_text(credentials_file(6))
    ended = run("scan", tmp_path / name)
    assert ended.code == 1
    assert not {"\x1b", "\u202e"} & set(ended.out + ended.err)
    assert "a\\x1b[2J\\nb\\u202e.env" in ended.out


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals_and_can_be_declined(repo, environment, coloured):
    """A real terminal, on which the program writes."""
    ours, theirs = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        [sys.executable, "-m", "analyzer", "scan", str(repo.path)],
        cwd=ROOT, stdout=theirs, stderr=subprocess.DEVNULL,
        env={**inherited, "TERM": "xterm", **environment},
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
        os.close(ours)
    assert process.returncode == 1
    assert (b"\x1b[1;31mcritical" in shown) is coloured


def _read(descriptor):
    """What a terminal has; nothing once its other end is closed."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def test_nothing_is_drawn_where_no_terminal_is(process, repo):
    """A workflow's log holds the findings alone."""
    ended = process("scan", repo.path)
    assert ended.err == ""


def test_a_long_scan_tells_a_log_how_far_it_is(run, repo, monkeypatch):
    """By what was read, never by the clock; nothing where it was asked to be quiet."""
    monkeypatch.setattr("analyzer.cli.console._OBJECTS_PER_LINE", 3)
    ended = run("scan", repo.path, "--jobs", "1")
    lines = ended.err.splitlines()
    assert lines
    assert all(
        re.fullmatch(r"credaudit: scanning: \d+ objects, 0 MB, \d+ % of .+", x) for x in lines
    )
    assert run("scan", repo.path, "--quiet").err == ""


_HEAVY = {"pandas", "numpy", "jinja2", "weasyprint", "detect_secrets", "rich", "logging"}


def loaded_by_scan(path):
    """How a scan ends, and all modules that it has loaded then."""
    code = (
        "import sys; from analyzer.cli import main\n"
        "try: main()\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, "scan", str(path), "-f", "json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ended.returncode, {*ended.stderr.split()}


def test_a_scan_loads_nothing_that_it_does_not_need(repo):
    """What takes long to load would be most of the time of a small scan."""
    code, loaded = loaded_by_scan(repo.path)
    assert code == 1
    archives = {"analyzer.archives.members", "analyzer.archives.decompress", "zstandard"}
    assert not loaded & (_HEAVY | archives | {"html"})


def test_a_scan_that_finds_nothing_loads_nothing_for_git_and_looks_no_closer(clean):
    """Most commits of most people bring no secret in."""
    code, loaded = loaded_by_scan(clean.path)
    assert code == 0
    closer = {"analyzer.leaks.detect.deep_scan", "analyzer.leaks.kind_facts", "tomllib"}
    assert not loaded & (_HEAVY | closer | {"subprocess", "tempfile", "shutil"})
