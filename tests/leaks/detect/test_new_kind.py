"""A new kind of credential needs a pattern file and a table, and no other file is touched."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import analyzer
from analyzer.leaks.credential_kinds import TABLES

PATTERN = r'''
"""In: a text. Out: candidates of tokens that a made-up service hands out: mdp_ and 32 letters."""

from collections.abc import Iterator

from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.detect.candidate import Candidate, Pattern
from analyzer.leaks.detect.prefilter_terms import TOKEN_PREFIX, Literal
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import CredentialPart

_TOKEN = lazy_regex(r"(?<![A-Za-z0-9])mdp_[a-z]{32}(?![A-Za-z0-9])")
_KIND = CredentialKind("made-up-token")


def find(text: str) -> Iterator[Candidate]:
    """Every such token."""
    for match in _TOKEN.finditer(text):
        yield Candidate(_KIND, CredentialPart.WHOLE, match.start(), match.end(), match[0])


PATTERNS = (
    Pattern(
        kinds=frozenset({_KIND}),
        triggers=(rb"mdp_[a-z]{32}",),
        prefilter=(Literal(b"mdp_", TOKEN_PREFIX),),
        find=find,
    ),
)
'''
TABLE = """
[kind.made-up-token]
title = "Token of a made-up service"
why = "Its holder makes things up."
fix = "Make up another one."
page = "https://example.org/tokens"
severity = "high"
severity_of_id = "low"
status = "none"
steps = ["session", "search"]
rule_words = ["made-up"]
traits = ["temporary", "guessable"]
"""
SCAN = """
import hashlib, json, sys
from pathlib import Path
from analyzer.leaks.credential_kinds import CredentialKind
from analyzer.leaks.scan import scan
from analyzer.leaks.suppression.ignore_files import LISTED
from analyzer.risk.account_match import AccountRelation
from analyzer.risk.blast_radius import BlastRadius
from analyzer.risk.key_status import KeyStatus, StatusFinding
from analyzer.risk.owner import Certainty, Owner
from analyzer.risk.response_plan import response_plan, response_steps
from analyzer.rules.leak_severity import severity_of

credentials = scan([Path(sys.argv[1])]).credentials
assert {each.kind for each in credentials} == {CredentialKind("made-up-token")}
first, status = credentials[0], StatusFinding(KeyStatus.UNKNOWN, "")
nobody = Owner(Certainty.INFERRED, "")
plan = response_plan(first, AccountRelation.OWN, nobody, status, BlastRadius(None, ""))
names = {step["why"]: name for name, step in response_steps().items()}
print(json.dumps({
    "files": sorted(each.path for one in credentials for each in one.occurrences),
    "listed": sorted(
        each.path for one in credentials for each in one.occurrences if each.doubt == LISTED
    ),
    "id_is_of_the_token": first.id == "cred-" + hashlib.sha256(
        (first.secret_digest or "").encode()
    ).hexdigest()[:16],
    "severity": severity_of(first, None),
    "is_temporary": first.kind.is_temporary,
    "steps": [names[step.reason] for step in plan],
}))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with a copy of the package to which the kind was added as CONTRIBUTING says."""
    source, copy = Path(analyzer.__file__).parent, tmp_path / "checkout" / "analyzer"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "leaks/detect/patterns/made_up_tokens.py").write_text(PATTERN)
    with (copy / TABLES.relative_to(source)).open("a") as tables:
        tables.write(TABLE)
    return copy.parent


def run(package: Path, *arguments: str) -> str:
    """What Python prints in that copy."""
    environment = {**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    ended = subprocess.run(
        command, cwd=package, env=environment, capture_output=True, text=True, check=False
    )
    assert not ended.stderr, ended.stderr
    return ended.stdout


def test_a_pattern_file_and_a_table_make_a_kind(package, tmp_path):
    """It is found plain and encoded, by every process, with severity, traits, steps and rules."""
    token, folder = "mdp_" + "abcdefgh" * 4, tmp_path / "repository"
    folder.mkdir()
    (folder / "plain").write_text(f"token = {token}\n")
    (folder / "wide").write_bytes(f"token = {token}\n".encode("utf-16"))
    (folder / ".gitleaksignore").write_text("wide:a-made-up-rule:1\nplain:aws-token:1\n")
    told = json.loads(run(package, "-c", SCAN, str(folder)))
    assert told == {
        "files": ["plain", "wide"],
        "listed": ["wide"],
        "id_is_of_the_token": False,
        "severity": "high",
        "is_temporary": True,
        "steps": ["session", "search", "rewrite"],
    }
    sarif = run(package, "-m", "analyzer", "scan", "-q", "-f", "sarif", str(folder))
    rules = json.loads(sarif)["runs"][0]["tool"]["driver"]["rules"]
    assert (rules[-1]["id"], rules[-1]["shortDescription"]["text"]) == (
        "made-up-token",
        "Token of a made-up service",
    )
