"""In: the rows of export kinds. Out: the proof that a kind is whole, and that a row makes one."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import analyzer
from analyzer.evidence.export_kinds import ExportKind
from analyzer.writers.collect_script import collect_script
from tests.builders import the_catalogue
from tests.evidence.export_material import ACCOUNT, OTHER, put, report

PACKAGE = Path(analyzer.__file__).parent
STAGES = ("inventory", "policy", "risk", "rules", "proposals")
SCRIPT = collect_script(extended=True)
INPUTS = [kind for kind in ExportKind if kind.traits.is_input]
BESIDE_AWS = {ExportKind.PREVIOUS_REPORT, ExportKind.EXCEPTIONS, ExportKind.PEOPLE}
"""What the auditor hands in by an option, and AWS does not answer."""


def mentions(kind: ExportKind) -> set[str]:
    """The stages whose modules name the kind, but for the one that chooses the newest export."""
    word = re.compile(rf"ExportKind\.{kind.name}\b|\"{kind.value}\"")
    return {
        stage
        for stage in STAGES
        for path in (PACKAGE / stage).rglob("*")
        if path.suffix in {".py", ".toml"} and path.name != "newest_exports.py"
        if word.search(re.sub(r"(?m)^\[input\..*$", "", path.read_text()))
    }


@pytest.mark.parametrize("kind", INPUTS)
def test_the_catalogue_says_how_to_make_every_input(kind):
    """A kind that checks may ask for has an `[input.]` table, with the call or the script."""
    made_by = the_catalogue().inputs[kind.value].command
    if kind in BESIDE_AWS:
        assert f"--{kind.value.removesuffix('_run')}" in made_by
    else:
        assert all(call in made_by for call in kind.traits.calls[:1]) or "collect" in made_by


@pytest.mark.parametrize("kind", [kind for kind in ExportKind if kind.traits.calls])
def test_the_collect_script_asks_for_every_kind_that_says_so(kind):
    """All calls of a collected kind are in the script, and none of one that is not collected."""
    asked = {call for call in kind.traits.calls if call in SCRIPT}
    assert asked == (set(kind.traits.calls) if kind.traits.is_collected else set())


@pytest.mark.parametrize("kind", [kind for kind in ExportKind if kind.traits.calls])
def test_an_answer_of_aws_can_be_recognised(kind):
    """Each kind that AWS answers has keys that tell it."""
    assert kind.traits.signatures
    assert all(kind.traits.signatures)


def test_no_two_kinds_have_the_same_signature():
    """Keys that tell one kind do not tell another."""
    keys = [keys for kind in ExportKind for keys in kind.traits.signatures]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("kind", INPUTS)
def test_a_kind_is_read_if_and_only_if_it_says_so(kind):
    """What is collected and then read by nothing is marked, so nobody takes it for checked."""
    is_given = kind in BESIDE_AWS
    assert (is_given or bool(mentions(kind))) is kind.traits.is_read


def test_these_kinds_are_read_by_no_stage_yet():
    """Whoever writes a check for one of them takes the mark off."""
    unread = {kind for kind in INPUTS if not kind.traits.is_read}
    assert unread == {
        ExportKind.IDENTITY_STORE,
        ExportKind.ORGANIZATION_ROOTS,
        ExportKind.ORGANIZATION_DELEGATION,
        ExportKind.SAML_PROVIDER_DETAILS,
        ExportKind.COMPUTE_RESOURCES,
        ExportKind.RESOURCE_POLICIES,
    }


ROW = """
    MADE_UP = (
        "made_up",
        ExportTraits(
            calls=("iam list-made-up",),
            signatures=(("MadeUpList",),),
            lists=("MadeUpList",),
            own_arns=(("MadeUpList", "Arn"),),
            answers=(("ListMadeUp", "NoSuchMadeUp"),),
        ),
    )
"""
PARSER = '''

def made_up(documents: Documents) -> Iterator[str]:
    """The name of every made-up thing."""
    for document in documents.get(ExportKind.MADE_UP, ()):
        for entry in document.each("MadeUpList"):
            yield entry.text("Name") or ""
'''
INPUT = (
    '[input.made_up]\nwhat = "the made-up things"\ncommand = "aws iam list-made-up > x.json"\n\n'
)
QUESTION = "  call made-up.json iam list-made-up\n"
PROGRAM = """
import json, pathlib, sys
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.loading import load_evidence
from analyzer.inventory.join import build_accounts
from analyzer.inventory.small_exports import made_up
from analyzer.rules.catalogue import load_catalogue
from analyzer.rules.engine import CheckInput
from analyzer.writers.collect_script import collect_script

evidence = load_evidence((pathlib.Path(sys.argv[1]),))
accounts, problems = build_accounts(evidence)
print(json.dumps({
    "kinds": {each.path: [each.kind, each.account, each.rows] for each in evidence.artifacts},
    "names": {each.id: list(made_up(each.documents)) for each in accounts},
    "holds": {each.id: CheckInput(each).holds("made_up") for each in accounts},
    "input": load_catalogue().inputs["made_up"].what,
    "asked": all(call in collect_script() for call in ExportKind.MADE_UP.traits.calls),
    "problems": [str(each) for each in (*evidence.problems, *problems)],
}))
"""


def insert(path: Path, before: str, text: str) -> None:
    """Puts the text before the one place where the other stands."""
    whole = path.read_text()
    assert whole.count(before) == 1
    path.write_text(whole.replace(before, text + before))


@pytest.fixture
def extended(tmp_path):
    """A copy of the program to which a kind was added as CONTRIBUTING says."""
    copy = tmp_path / "program"
    for name in ("analyzer", "templates"):
        shutil.copytree(PACKAGE.parent / name, copy / name)
    insert(copy / "analyzer/evidence/export_kinds.py", "    CHECKSUMS = ", ROW)
    insert(copy / "analyzer/rules/catalogue.toml", "[input.repo_scan]", INPUT)
    insert(copy / "templates/collect/account.sh.j2", "  call saml-providers.json", QUESTION)
    with (copy / "analyzer/inventory/small_exports.py").open("a") as file:
        file.write(PARSER)
    return copy


def test_a_row_a_parser_and_a_question_make_a_kind(tmp_path, extended):
    """It is recognised, counted, attributed, joined, collected, and there for the checks."""
    arn = f"arn:aws:iam::{ACCOUNT}:made-up/one"
    refusal = (
        "An error occurred (NoSuchMadeUp) when calling the ListMadeUp operation: There is none."
    )
    folder = put(
        tmp_path / "in",
        {
            "x.json": {"MadeUpList": [{"Arn": arn, "Name": "one"}, {"Name": "two"}]},
            "b/report.csv": report(account=OTHER),
            "b/x.error.txt": refusal,
            "a/report.csv": report(),
        },
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(extended)}
    command = [sys.executable, "-B", "-c", PROGRAM, str(folder)]
    done = subprocess.run(command, env=environment, cwd=tmp_path, check=True, capture_output=True)
    assert json.loads(done.stdout) == {
        "kinds": {
            "in/a/report.csv": ["credential_report", ACCOUNT, 2],
            "in/b/report.csv": ["credential_report", OTHER, 2],
            "in/b/x.error.txt": ["made_up", OTHER, 0],
            "in/x.json": ["made_up", ACCOUNT, 2],
        },
        "names": {ACCOUNT: ["one", "two"], OTHER: []},
        "holds": {ACCOUNT: True, OTHER: True},
        "input": "the made-up things",
        "asked": True,
        "problems": [],
    }
