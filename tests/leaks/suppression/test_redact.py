"""No name of a place shows a secret, plain or encoded; what holds none stays as it is."""

import pytest

from analyzer.leaks.detect.prefilter import candidate_offsets
from analyzer.leaks.model import Credential, CredentialKind, LeakScan, Occurrence, PlaceKind
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.leaks.suppression.redact import redact
from tests.leaks.leak_material import credentials_file, digest, key_id, repository, secret

PAIR = f"AWS_ACCESS_KEY_ID={key_id(n=1)}\nAWS_SECRET_ACCESS_KEY={secret(1)}\n"


def shown(path: str) -> str:
    """The path of a place of another key, as a report has it."""
    place = Occurrence("shop", path, 1, PlaceKind.WORK_TREE)
    found = Credential("cred-2", CredentialKind.LONG_TERM_KEY, key_id(n=2), None, digest(2),
        (place,))  # fmt: skip
    (credential,) = redact(LeakScan((found,))).credentials
    return credential.occurrences[0].path


@pytest.mark.parametrize(
    "encoded", [PAIR.encode().hex(), "".join(f"%{byte:02X}" for byte in PAIR.encode())]
)
def test_a_name_in_which_a_secret_is_encoded_is_masked(encoded):
    """Whatever else was found in the file of that name; the folders above it stay."""
    assert shown(f"etc/{encoded}") == "etc/(a name that hides a credential)"


@pytest.mark.parametrize(
    "path", [f"{key_id(n=3)}.env", f"by-id/{key_id(n=3).encode().hex()}", "objects/1f/" + "ab" * 19]
)
def test_an_id_and_a_hash_are_shown(path):
    """A key is identified by its ID, and a file found by its name."""
    assert shown(path) == path


def test_a_repository_shows_neither_the_secret_nor_its_encoding(tmp_path):
    """In its names of branches; the file beside them keeps its path."""
    repo = repository(tmp_path / "shop")
    repo.put("deploy.env", credentials_file(2))
    repo.git("branch", f"b-{PAIR.encode().hex()}")
    repo.git("branch", f"AWS_SECRET_ACCESS_KEY={secret(4)}")
    told = str(scan([repo.path], ScanOptions(jobs=1)))
    assert "deploy.env" in told
    assert PAIR.encode().hex() not in told
    assert secret(4) not in told


def test_the_prefilter_is_asked_once_for_each_name(monkeypatch):
    """However many places have it, and whether it stands by itself or within a path."""
    asked: list[bytes] = []
    monkeypatch.setattr(
        "analyzer.leaks.suppression.redact.candidate_offsets",
        lambda data: asked.append(data) or candidate_offsets(data),
    )
    names = ["shop", "src/a.py", "src/b.py", f"src/{key_id(n=3)}.env", "src/a.py"]
    places = tuple(Occurrence("shop", name, 1, PlaceKind.WORK_TREE) for name in names)
    found = Credential("cred-2", CredentialKind.LONG_TERM_KEY, key_id(n=2), None, None, places)
    redact(LeakScan((found,)))
    assert sorted(asked) == sorted(
        name.encode() for name in {*names, "src", "a.py", "b.py", f"{key_id(n=3)}.env"}
    )
