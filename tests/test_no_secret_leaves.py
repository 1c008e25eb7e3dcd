"""A secret value goes into the program and into no output of it."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.cli import main
from tests.pdf_text import read_pages

ROOT = Path(__file__).parents[1]
SEED = "JBSW" + "Y3DPEHPK3PXP" * 4


def made_up_secret():
    """40 characters that look like a secret access key, the same every time."""
    return base64.b64encode(hashlib.sha512(b"credaudit test").digest()).decode()[:40]


def made_up_key_id():
    """A key ID of account 111122223333, built at run time so that no scanner meets it here."""
    number = (1 << 79) | (111122223333 << 39) | 12345
    return "AKIA" + base64.b32encode(number.to_bytes(10, "big")).decode()


@pytest.fixture
def repository(tmp_path):
    """A repository with a key pair in its history and, elsewhere, in its work tree."""
    folder = tmp_path / "shop"
    folder.mkdir()
    pair = f"aws_access_key_id = {made_up_key_id()}\naws_secret_access_key = {made_up_secret()}\n"
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = {f"GIT_{role}_{key}": "kim@example.com" for role in ("AUTHOR", "COMMITTER")
           for key in ("NAME", "EMAIL")}  # fmt: skip

    def git(*arguments):
        subprocess.run(["git", *arguments], cwd=folder, env=os.environ | own | who, check=True)

    git("init", "-q")
    (folder / "credentials").write_text(pair)
    git("add", ".")
    git("commit", "-qm", f"add {made_up_secret()}")
    git("rm", "-q", "credentials")
    git("commit", "-qm", "remove")
    (folder / "notes.txt").write_text(pair)
    return folder


@pytest.fixture
def evidence(tmp_path):
    """Exports of the key's account, an MFA seed among them by mistake."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    device = {
        "SerialNumber": "arn:aws:iam::111122223333:mfa/ann",
        "EnableDate": "2026-01-01T00:00:00Z",
        "Base32StringSeed": SEED,
        "QRCodePNG": SEED,
        "User": {"Arn": "arn:aws:iam::111122223333:user/ann"},
    }
    (folder / "devices.json").write_text(json.dumps({"VirtualMFADevices": [device]}))
    return folder


def test_no_output_holds_a_secret_value(repository, evidence, tmp_path, monkeypatch, capfd):
    """Not the reports, not what is said on the terminal; the key ID is there, so it was found."""
    out = tmp_path / "out"
    arguments = ["audit", evidence, "--repo", repository, "-o", out, "--as-of", "2026-10-01"]
    monkeypatch.setattr(sys, "argv", ["credaudit", *map(str, arguments)])
    with pytest.raises(SystemExit):
        main()
    said = capfd.readouterr()
    texts = {path.name: path.read_bytes() for path in out.iterdir()}
    pages = "".join(read_pages(texts["report.pdf"]))
    texts["pages"] = pages.replace(" ", "").encode()  # no line break inside a secret hides it
    texts["said"] = (said.out + said.err).encode()
    assert made_up_key_id().encode() in texts["report.json"]
    for name, text in texts.items():
        for secret in (made_up_secret(), SEED):
            assert secret.encode() not in text, name
            assert secret[:20].encode() not in text, name
