"""Our detector inside detect-secrets, and detect-secrets' other plugins inside our scan."""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from detect_secrets.settings import get_settings

from analyzer.leaks import detect_secrets
from analyzer.leaks.detect_secrets import load_plugins
from analyzer.leaks.model import CredentialKind, CredentialPart, Sighting
from analyzer.leaks.options import Detectors, ScanOptions
from analyzer.leaks.scan import scan
from analyzer.leaks.suppression.baseline import sha1_of
from tests.leaks.leak_material import credentials_file, digest, key_id, secret

MAIN = "import sys; from detect_secrets.main import main; sys.exit(main(sys.argv[1:]))"
PASSWORD = "Tr0ub4dor&3xyz"


def scanned(folder, name):
    """What the real program finds with our plugins: kind, SHA-1 and line of each."""
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "scan", "-n", "-p", detect_secrets.__file__, name],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["results"].get(name, [])
    return {
        (each["type"], each["hashed_secret"], each["line_number"])
        for each in found
        if "credaudit" in each["type"]
    }


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (credentials_file(), (2, 3)),
        (f"export AWS_ACCESS_KEY_ID={key_id()}\nexport AWS_SECRET_ACCESS_KEY={secret()}\n", (1, 2)),
        (f"{key_id()}\n{secret()}\n", (1, 2)),
        (json.dumps({"AccessKeyId": key_id(), "SecretAccessKey": secret()}), (1, 1)),
    ],
)
def test_detect_secrets_finds_with_our_plugins_what_it_misses_alone(tmp_path, text, lines):
    """The real program, started with -p: unquoted, bare, and in JSON."""
    (tmp_path / "a.txt").write_text(text)
    assert scanned(tmp_path, "a.txt") == {
        ("AWS key ID (credaudit)", sha1_of(key_id()), lines[0]),
        ("AWS secret key (credaudit)", sha1_of(secret()), lines[1]),
    }


def test_what_is_most_likely_made_up_is_no_finding_there(tmp_path):
    """A baseline has no lower class to put documentation examples into."""
    example = "AKIA" + "IOSFODNN7EXAMPLE"
    (tmp_path / "a.txt").write_text(f"{example}\n{'f' * 40}\n")
    assert scanned(tmp_path, "a.txt") == set()


def test_other_plugins_see_what_is_no_aws_credential():
    """With the line, the digest and the plugin's own name for it."""
    with load_plugins() as others:
        seen = others.scan(f"a\npassword = '{PASSWORD}'\n", "a.py")
    (sighting,) = seen.sightings
    assert (sighting.line, sighting.kind, sighting.part) == (
        2,
        CredentialKind.OTHER,
        CredentialPart.WHOLE,
    )
    assert sighting.claims.label == "Secret Keyword"
    assert PASSWORD not in repr(seen)


def test_what_our_detector_found_is_not_found_twice():
    """The same value under another name would be a second credential."""
    text = f'secret = "{secret()}"\n'
    known = Sighting(CredentialKind.SECRET, 1, CredentialPart.SECRET, digest=digest())
    with load_plugins() as others:
        assert others.scan(text, "a.py").sightings
        assert others.scan(text, "a.py", [known]).sightings == ()


@pytest.mark.parametrize(
    "line",
    [
        "password = '${PASSWORD}'",
        "password = get_password()",
        "password = 'abcdefghijklmnop'",
        "id = '123e4567-e89b-12d3-a456-426614174000'",
        "password = '**********'",
    ],
)
def test_its_filters_hold(line):
    """Templates, calls, sequences and UUIDs are no secrets."""
    with load_plugins() as others:
        assert others.scan(line, "a.py").sightings == ()


def test_lock_files_are_not_given_to_them():
    """Thousands of checksums are thousands of false alarms."""
    with load_plugins() as others:
        assert others.scan(f"password = '{PASSWORD}'", "package-lock.json").sightings == ()


def test_a_line_without_end_is_told_and_not_tried():
    """Their patterns are not made for it."""
    with load_plugins() as others:
        seen = others.scan("a\n" + "x" * 30_000, "a.min.js")
    (skipped,) = seen.skipped
    assert (skipped.what, skipped.size) == ("a.min.js:2", 30_000)


def test_the_settings_of_the_process_come_back():
    """Also when something breaks inside."""
    before = get_settings().json()
    with suppress(RuntimeError), load_plugins():
        assert get_settings().json() != before
        raise RuntimeError
    assert get_settings().json() == before


def test_no_plugin_verifies_anything(monkeypatch):
    """Verification asks servers; its filter is not set, so nothing gets that far."""

    def refuse(*_, **__):
        raise AssertionError

    monkeypatch.setattr("requests.sessions.Session.request", refuse)
    token = "ghp_" + "a1B2" * 9
    with load_plugins() as others:
        seen = others.scan(f"token = '{token}'\n", "a.py")
    assert "GitHub Token" in {each.claims.label for each in seen.sightings}


def test_no_other_module_imports_detect_secrets():
    """It loads slowly, and a scan for AWS credentials alone does without it."""
    package = Path(detect_secrets.__file__).parents[1]
    users = [
        path.name
        for path in package.rglob("*.py")
        if any(
            line.split()[:2] == ["import", "detect_secrets"] or "from detect_secrets" in line
            for line in path.read_text().splitlines()
        )
    ]
    assert users == ["detect_secrets.py"]


def test_the_other_plugins_look_at_a_pipe_and_say_where_they_do_not_look(repo):
    """What comes through is a file like any other; the ledger tells what is left to us alone."""
    password = f'password = "{secret(5)[:24]}"\n'
    options = ScanOptions(detectors=Detectors.ALL, standard_input=password.encode())
    result = scan([repo.path], options)
    assert [each.kind for each in result.credentials] == [CredentialKind.OTHER]
    assert all("detect-secrets" in each.skipped[-1].reason for each in result.repositories)
