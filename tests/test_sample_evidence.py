"""In: the sample evidence. Out: proof that its script makes it, and of what it shows."""

import hashlib
import json
import os
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from analyzer.evidence.artifacts import CaptureTimeSource
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.loading import load_evidence
from analyzer.inventory.join import build_accounts
from analyzer.leaks.key_id import decode_account, placeholder_reason
from analyzer.rules.catalogue import Practice, load_catalogue
from analyzer.rules.engine import CheckInput, run_checks
from analyzer.rules.finding import Status
from analyzer.writers.collect_script import collect_script
from sample_reports.make_evidence import ACCOUNT, ACCOUNTS, AS_OF, EVIDENCE, SECURITY_ACCOUNT

CATALOGUE = load_catalogue()
INPUTS = [
    pytest.param([EVIDENCE / "northwind"], id="northwind"),
    pytest.param([EVIDENCE / "northwind-security"], id="northwind-security"),
    pytest.param([EVIDENCE], id="both"),
]


def contents(folder):
    """Every file in the folder: its path there, its bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def member_asked_about(path):
    """The account whose control policies the management account's pack tells there, or None."""
    _, found, rest = path.partition("/control-policies/")
    number = rest.partition("/")[0]
    return number if found and number.isdigit() else None


def accounts(*inputs):
    """Each account in the inputs, by its number."""
    found, problems = build_accounts(load_evidence(inputs))
    assert problems == ()
    return {account.id: account for account in found}


def failing(account):
    """The rules that the account breaks, each with its entry in the catalogue."""
    results = run_checks(CheckInput(account), CATALOGUE)
    return {
        each.rule: CATALOGUE.entries[each.rule] for each in results if each.status is Status.FAIL
    }


@pytest.fixture(scope="module")
def northwind():
    """The company's account, in which much is amiss."""
    return accounts(EVIDENCE / "northwind")[ACCOUNT]


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_script_makes_what_is_committed(tmp_path, seed):
    """Another process, hash seed, time zone and locale: the same files with the same bytes."""
    code = "import sys, pathlib, sample_reports.make_evidence as it; it.make(pathlib.Path('.'))"
    subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(EVIDENCE.parent.parent),
            "PYTHONHASHSEED": seed,
            "TZ": "Pacific/Auckland",
            "LC_ALL": "C",
        },
        check=True,
    )
    assert contents(tmp_path) == contents(EVIDENCE)


def test_the_script_starts_as_a_file_from_anywhere(tmp_path):
    """`python sample_reports/make_evidence.py` finds its modules; a copy writes beside itself."""
    folder = tmp_path / "sample_reports"
    for path in chain(EVIDENCE.parent.glob("*.py"), EVIDENCE.parent.glob("accounts/*.toml")):
        copy = folder / path.relative_to(EVIDENCE.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    # As if the program were installed; the folder's own modules come from the copy all the same.
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(EVIDENCE.parent.parent)}
    command = [sys.executable, "-B", str(folder / "make_evidence.py")]
    subprocess.run(command, cwd="/", env=environment, check=True)
    assert contents(folder / "evidence") == contents(EVIDENCE)


@pytest.mark.parametrize("inputs", INPUTS)
def test_every_file_is_read_and_belongs_to_its_account(inputs):
    """No problem, nothing unrecognised, each file with its account and a stated time."""
    evidence = load_evidence(tuple(inputs))
    assert evidence.problems == ()
    for artifact in evidence.artifacts:
        folder = next(part for part in Path(artifact.path).parts if part in ACCOUNTS)
        assert artifact.kind is not ExportKind.UNRECOGNISED
        assert artifact.account == (member_asked_about(artifact.path) or ACCOUNTS[folder])
    exports = [each for each in evidence.artifacts if each.kind.traits.calls]
    assert len(exports) > len(inputs) * 20
    assert {each.captured_how for each in exports} <= {
        CaptureTimeSource.STATED,
        CaptureTimeSource.PACK,
    }


@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_pack_is_laid_out_as_the_export_script_does(name):
    """pack.json accounts for every file, its calls are the script's, and the sums hold."""
    files = contents(EVIDENCE / name)
    manifest = json.loads(files["pack.json"])
    calls = manifest["calls"]
    told = {call["error"] or call["file"] for call in calls} - {None}
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    questions = collect_script(regions=tuple(manifest["regions"]))
    assert told == set(files) - {"pack.json", "SHA256SUMS"}
    assert sums == {
        path: hashlib.sha256(data).hexdigest()
        for path, data in files.items()
        if path != "SHA256SUMS"
    }
    for service, operation in {tuple(call["command"].split()[1:3]) for call in calls}:
        assert f"{service} {operation}" in questions
    assert manifest["account"] == ACCOUNTS[name]
    assert "Made up" in manifest["notes"][0]


def test_the_constants_are_those_of_the_evidence(northwind):
    """What other tests import is what the files say."""
    assert northwind.as_of == AS_OF
    assert northwind.alias == "northwind-trading"
    assert len(northwind.users) == 66
    assert ACCOUNTS == {"northwind": ACCOUNT, "northwind-security": SECURITY_ACCOUNT}


def test_key_ids_are_well_formed_and_join_with_the_report(northwind):
    """Each listed key carries the account, is no placeholder, and is found in a user's row."""
    joined = {key.key_id for _, row in northwind.users_in_report() for key in row.keys}
    listed = {key.key_id for key in northwind.listed_keys}
    assert joined == listed
    assert len(listed) == len(northwind.listed_keys) > 10
    assert {decode_account(key) for key in listed} == {ACCOUNT}
    assert {placeholder_reason(key) for key in listed} == {None}


def test_northwind_breaks_something_in_each_practice(northwind):
    """All eight chapters of the sample report have something to say, but most users are fine."""
    broken = failing(northwind)
    unprotected = broken["console-user-no-mfa"]
    results = {each.rule: each for each in run_checks(CheckInput(northwind), CATALOGUE)}
    assert {practice for entry in broken.values() for practice in entry.practices} == set(Practice)
    assert results[unprotected.id].failed < results[unprotected.id].population / 5


def test_the_security_account_is_clean():
    """Nothing fails there, judged alone or beside the account that does not do so well."""
    alone = accounts(EVIDENCE / "northwind-security")[SECURITY_ACCOUNT]
    beside = accounts(EVIDENCE)[SECURITY_ACCOUNT]
    assert failing(alone) == failing(beside) == {}


@pytest.mark.parametrize("inputs", INPUTS)
def test_the_evidence_itself_is_sound(inputs):
    """Counts agree, times fit, nothing is cut or re-saved: all checks of exports pass."""
    for account in accounts(*inputs).values():
        quality = {
            each.rule: each.status
            for each in run_checks(CheckInput(account), CATALOGUE)
            if CATALOGUE.entries[each.rule].kind == "data-quality"
        }
        # Nobody hands in lists of people here.
        asked = {rule: status for rule, status in quality.items() if not rule.startswith("roster-")}
        assert set(asked.values()) == {Status.PASS}, quality
