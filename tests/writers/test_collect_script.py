"""In: the export script, and an `aws` that writes down what it is asked. Out: proof that it reads.

And that it goes on whatever fails, and that no name in an account can steer it.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import time

import jmespath
import pytest

from analyzer import __version__
from analyzer.errors import ConfigurationError
from analyzer.writers.collect_rights import script_calls
from analyzer.writers.collect_script import LastAccessed, collect_script
from tests.writers.collect_material import (
    ANALYZER,
    ANSWERS,
    BASH,
    HOSTILE_PATH,
    UNUSED,
    USERS,
    collect,
    prepare,
    start,
)

VARIANTS = [
    pytest.param({}, id="plain"),
    pytest.param({"regions": ("eu-west-1", "us-east-1")}, id="regions"),
    pytest.param({"last_accessed": LastAccessed.NONE}, id="no last use"),
    pytest.param({"last_accessed": LastAccessed.SERVICE, "extended": True}, id="extended"),
    pytest.param({"organization": "credaudit"}, id="organization"),
    pytest.param({"organization": "a+=,.@_-", "extended": True, "regions": ("us-gov-west-1",)},
                 id="everything"),
]  # fmt: skip
READS = re.compile(r"(?:get|list|describe)-[a-z0-9-]+")
PREPARES = {
    "generate-credential-report",
    "generate-service-last-accessed-details",
    "generate-finding-recommendation",
}
ENTERS = {"assume-role"}
TOO_NEW = re.compile(
    r"BASHPID|mapfile|readarray|globstar|\$\{\w+[,^]|declare -[Agn]|local -[Agn]|\|&|&>>|\[-\d+\]"
)
"""What the bash of macOS, 3.2, lacks."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One run with every question asked, in an account full of hostile names."""
    return collect(tmp_path_factory.mktemp("whole"), collect_script(extended=True))


@pytest.mark.parametrize("options", VARIANTS)
def test_it_is_bash(options):
    """Every variant is a script that bash can parse."""
    ended = subprocess.run(
        [BASH, "-n"], input=collect_script(**options), capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("options", VARIANTS)
def test_shellcheck_finds_nothing(options):
    """Every variant passes shellcheck at its strictest level."""
    ended = subprocess.run(
        ["shellcheck", "--severity=style", "-"],
        input=collect_script(**options),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "")


@pytest.mark.parametrize("options", VARIANTS)
def test_nothing_of_the_template_is_left(options):
    """The script names its version, no mark of the template is left, and it is ASCII."""
    text = collect_script(**options)
    assert f"credaudit {__version__}" in text
    assert text.startswith("#!/usr/bin/env bash\n")
    assert text.splitlines()[-1] in {"read_everything", "read_every_account"}
    assert not re.search(r"@\{|\}@|@%|%@|^#%", text, re.MULTILINE)
    assert text.isascii()


@pytest.mark.parametrize("options", VARIANTS)
def test_the_same_arguments_give_the_same_bytes(options):
    """Two renderings don't differ in a byte."""
    assert collect_script(**options) == collect_script(**options)


@pytest.mark.parametrize("region", ["", "eu-west", "eu-west-1; id", "$(id)", "eu-west-1\n", "EU-1"])
def test_a_name_that_is_no_region_is_refused(region):
    """Nothing but the name of a region gets into a script that a stranger runs."""
    with pytest.raises(ConfigurationError, match="region"):
        collect_script(regions=("eu-west-1", region))


@pytest.mark.parametrize("options", VARIANTS)
def test_the_text_holds_reading_verbs_only(options):
    """Every AWS operation that the text names is one that reads, but for entering a role."""
    named = {operation for _, operation in script_calls(collect_script(**options))}
    enters = ENTERS if "organization" in options else set()
    assert {verb for verb in named if not READS.fullmatch(verb)} - PREPARES == enters


@pytest.mark.parametrize("options", VARIANTS)
def test_the_cli_is_started_in_few_places(options):
    """The runner of calls and the preflight start the AWS CLI, and one function enters roles."""
    code = re.sub(r"^\s*#.*$", "", collect_script(**options), flags=re.MULTILINE)
    started = re.findall(r"(?:^|[$(;&|]) *(aws \S+)", code, re.MULTILINE)
    enters = ["aws sts"] if "organization" in options else []
    assert sorted(started) == ['aws "$@"', "aws --version", "aws configure", *enters]


@pytest.mark.parametrize("options", VARIANTS)
def test_the_bash_of_a_mac_can_run_it(options):
    """Nothing in it came after bash 3.2, but for one wait that asks for the version first."""
    text = collect_script(**options)
    assert not TOO_NEW.search(text)
    assert text.count("wait -n") == 1
    assert ">= 403" in text.partition("wait -n")[0]


def test_a_run_asks_only_what_reads(whole):
    """In a run that takes every branch, the AWS CLI is asked for nothing but reading."""
    verbs = {operation.split()[1] for operation in whole.operations - {"configure get"}}
    assert all(READS.fullmatch(verb) or verb in PREPARES for verb in verbs)


def test_a_run_asks_all_that_is_in_the_text(whole):
    """No operation of the text is left out by that run, so the check above covers them all."""
    named = {" ".join(call) for call in script_calls(collect_script(extended=True))}
    assert named == whole.operations - {"configure get"}


def test_last_use_is_not_asked_where_it_is_not_wanted(tmp_path):
    """With `none`, the slow question is neither in the text nor asked."""
    text = collect_script(last_accessed=LastAccessed.NONE)
    run = collect(tmp_path, text)
    assert "last-accessed" not in text
    assert not any("last-accessed" in operation for operation in run.operations)


def test_given_regions_are_the_regions_asked(tmp_path):
    """With regions given, those are asked, and AWS isn't asked which there are."""
    run = collect(tmp_path, collect_script(regions=("eu-north-1",)))
    regions = {
        call["arguments"][call["arguments"].index("--region") + 1]
        for call in run.asked
        if "--region" in call["arguments"]
        # A trail is asked for where it lives.
        and call["arguments"][0] not in {"logs", "cloudwatch"}
        and call["arguments"][1] != "get-trail-status"
    }
    assert regions == {"eu-north-1"}
    assert run.manifest()["regions"] == ["eu-north-1"]
    assert "ec2 describe-regions" not in run.operations


def test_unknown_regions_are_said_to_be_unknown(tmp_path):
    """Where AWS doesn't tell its regions, the configured one is asked, and the pack says so."""
    run = collect(tmp_path, collect_script(), failures={"ec2 describe-regions": "AccessDenied"})
    manifest = run.manifest()
    assert manifest["regions"] == ["us-east-1"]
    assert manifest["notes"] == ["The account's regions are not known; only us-east-1 was asked."]
    assert "region-names.error.txt" in run.members()


PROBES = {
    "accessanalyzer list-analyzers", "cloudtrail describe-trails", "sso-admin list-instances",
    "rolesanywhere list-trust-anchors", "cognito-identity list-identity-pools",
}  # fmt: skip
"""What is asked in a region that may lack the service."""


def test_the_cli_behaves_the_same_for_everyone(whole):
    """No pager, no prompt, JSON, patient retries and plain errors, whatever a profile says."""
    for call in whole.asked:
        if call["arguments"][:2] != ["configure", "get"]:
            is_probe = " ".join(call["arguments"][:2]) in PROBES and "json" in call["arguments"]
            assert call["environment"] == {
                "AWS_MAX_ATTEMPTS": "2" if is_probe else "10",
                "AWS_PAGER": "",
                "AWS_DEFAULT_OUTPUT": "json",
                "AWS_CLI_AUTO_PROMPT": "off",
                "AWS_CLI_ERROR_FORMAT": "legacy",
                "AWS_RETRY_MODE": "adaptive",
                "AWS_REGION": "us-east-1",
                "AWS_DEFAULT_REGION": "us-east-1",
            }


def test_no_more_calls_run_at_once_than_allowed(tmp_path):
    """At no moment do more calls run than CREDAUDIT_JOBS says."""
    run = collect(tmp_path, collect_script(regions=("eu-west-1",)), pause=0.05)
    moments = sorted(
        [(call["begun"], 1) for call in run.asked] + [(call["ended"], -1) for call in run.asked]
    )
    running = most = 0
    for _, step in moments:
        running += step
        most = max(most, running)
    assert 1 < most <= 3


def test_hostile_names_reach_aws_as_they_are(whole):
    """Each user name is one argument that can't be taken for an option, whatever stands in it."""
    asked = {
        argument.removeprefix("--user-name=")
        for call in whole.asked
        for argument in call["arguments"]
        if argument.startswith("--user-name")
    }
    assert asked == set(USERS)


def test_hostile_names_start_nothing_and_become_no_path(whole):
    """No name is run as a command, and none is part of a file's name."""
    assert not list(whole.folder.parent.rglob("pwned"))
    assert sorted(path.name for path in whole.folder.iterdir()) == [
        whole.archives[0].name.removesuffix(".tar.gz"),
        whole.archives[0].name,
    ]
    words = r"(?:[a-z0-9-]+/){0,2}[a-z0-9.-]+\.(?:json|error\.txt)|SHA256SUMS"
    assert all(re.fullmatch(words, name) for name in whole.members())


def test_queries_hold_names_as_constants(whole):
    """Each query is one that AWS's query language accepts, and yields the very name put into it."""
    marked = {"user": set(), "principal": set()}
    for call in whole.asked:
        if "--query" in call["arguments"]:
            query = jmespath.compile(call["arguments"][call["arguments"].index("--query") + 1])
            if call["arguments"][1] == "list-access-keys":
                found = query.search({"AccessKeyMetadata": []})
                assert found.keys() == {"credaudit_user", "AccessKeyMetadata"}
                marked["user"].add(found["credaudit_user"])
            if call["arguments"][1] == "get-service-last-accessed-details":
                marked["principal"].add(query.search({})["credaudit_principal"])
    assert marked["user"] == set(USERS)
    assert marked["principal"] == {
        f"arn:aws:iam::111122223333:user{HOSTILE_PATH}alice",
        f"arn:aws:iam::111122223333:role{HOSTILE_PATH}worker",
    }


def test_the_manifest_tells_of_every_call(whole):
    """pack.json is JSON whatever the names, and tells each call as a line that a shell can run."""
    manifest = whole.manifest()
    told = sorted(call["command"] for call in manifest["calls"])
    assert len(told) == len([c for c in whole.asked if c["arguments"][:2] != ["configure", "get"]])
    shown = subprocess.run(
        [
            BASH,
            "-c",
            "aws() { printf '%s\\0' \"$@\"; printf '\\1'; }; eval \"$1\"",
            "-",
            "\n".join(told),
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=whole.folder,
    ).stdout
    again = {tuple(line.split("\0")[:-1]) for line in shown.split("\1")[:-1]}
    asked = {
        tuple(call["arguments"][: call["arguments"].index("--output")])
        for call in whole.asked
        if "--output" in call["arguments"]
    }
    assert again == asked
    assert manifest["account"] == "111122223333"
    assert manifest["cli"] == "aws-cli/0.0"


def test_sums_and_printed_digest_are_true(whole):
    """SHA256SUMS covers every other file, and the digest on the screen is the archive's."""
    members = whole.members()
    stated = dict(
        reversed(line.split("  ", 1)) for line in members.pop("SHA256SUMS").decode().splitlines()
    )
    assert stated == {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    digest = hashlib.sha256(whole.archives[0].read_bytes()).hexdigest()
    assert whole.printed == f"./{whole.archives[0].name}\nSHA-256 {digest}\n"


def test_a_folder_can_be_chosen(tmp_path):
    """With -o, the pack lies in that folder."""
    run = collect(tmp_path, collect_script(regions=("eu-west-1",)), "-o", str(tmp_path / "tmp"))
    assert run.code == 0
    assert not run.archives
    assert len(list((tmp_path / "tmp").glob("credaudit-111122223333-*.tar.gz"))) == 1


def test_details_are_read_for_findings_of_every_kind(whole):
    """Of each analyzer's open findings; for unused permissions, AWS's recommendation as well."""
    read = [call["arguments"] for call in whole.asked if call["arguments"][1] == "get-finding-v2"]
    advised = [
        call["arguments"]
        for call in whole.asked
        if call["arguments"][1] == "get-finding-recommendation"
    ]
    assert len(read) == 2 * 2 * 3
    assert len(advised) == 2 * 2
    for analyzer in (ANALYZER, UNUSED):
        ids = {arg for each in read if f"--analyzer-arn={analyzer}" in each for arg in each}
        assert {"--id=f-1", "--id=f-2", "--id=f-3"} <= ids
    assert all("--id=f-3" in each for each in advised)


def test_too_many_findings_are_cut_and_said(tmp_path):
    """Past the bound, no more findings are read in full, and the pack says how many there are."""
    text = collect_script(regions=("eu-west-1",))
    assert "readonly most_findings=200\n" in text
    run = collect(tmp_path, text.replace("most_findings=200", "most_findings=1"))
    members = run.members()
    details = [name for name in members if name.startswith("access-analyzer/finding-")]
    advice = [name for name in members if name.startswith("access-analyzer/recommendation-")]
    assert (len(details), len(advice)) == (2, 1)
    assert run.manifest()["notes"] == [
        "There are 2 active findings on unused and internal access; the first 1 were read in full.",
        "There are 2 active findings on unused permissions; the first 1 were read in full.",
        "There are 4 active external findings; the first 1 were read in full.",
    ]


def test_waiting_has_an_end(tmp_path):
    """A report or a job that AWS never finishes is given up after a while, and the pack says so."""
    sleep = tmp_path / "sleep"
    environment = prepare(
        tmp_path,
        answers={
            "iam generate-credential-report text": "INPROGRESS\n",
            "iam get-service-last-accessed-details json": '{\n  "JobStatus": "IN_PROGRESS"\n}\n',
        },
    )
    # A `sleep` that notes how long it was asked to, and returns at once.
    tool = tmp_path / "bin" / "sleep"
    tool.write_text(f'#!/bin/sh\necho "$1" >>{sleep}\n')
    tool.chmod(0o755)
    text = collect_script(regions=("eu-west-1",))
    ended = start(tmp_path, text, environment)
    asked = [" ".join(call["arguments"][:2]) for call in ended.asked]
    pauses = [int(line) for line in sleep.read_text().split()]
    assert ended.code == 0
    assert asked.count("iam generate-credential-report") == 14
    assert asked.count("iam get-service-last-accessed-details") == 2 * 10
    assert pauses[:14] == [1, 2, 4, 8, *[16] * 10]
    assert ended.manifest()["notes"] == [
        "The credential report was still INPROGRESS when it was fetched."
    ]
    assert "credential-report.json" in ended.members()


def test_an_empty_account_makes_a_pack(tmp_path):
    """An account without users, regions' analyzers or providers gives a whole pack all the same."""
    nothing = {name: "" if name.endswith("text") else "{}\n" for name in ANSWERS}
    del nothing["sts get-caller-identity json"], nothing["iam generate-credential-report text"]
    run = collect(tmp_path, collect_script(), answers=nothing)
    assert run.code == 0
    assert run.manifest()["regions"] == ["us-east-1"]
    assert not any(name.startswith("users/") for name in run.members())


# Two runs, for an operation can fail in one way only in each.
REFUSALS = [
    {
        "iam get-login-profile": ("An error occurred (NoSuchEntity) when calling", "none"),
        "iam get-account-password-policy": ("error occurred (NoSuchEntity) when", "none"),
        "account get-alternate-contact": ("(ResourceNotFoundException) when calling", "none"),
        "organizations describe-organization": ("(AWSOrganizationsNotInUseException)", "none"),
        "iam list-organizations-features": ("(OrganizationNotFoundException) when", "none"),
        "iam list-access-keys": ("An error occurred (NoSuchEntity) when calling", "failed"),
        "iam list-service-specific-credentials": ("Unknown options: --all-users", "unsupported"),
    },
    {
        "iam get-login-profile": ("(AccessDenied) when calling", "failed"),
        "iam list-organizations-features": ("argument operation: Invalid choice", "unsupported"),
        "accessanalyzer list-findings-v2": ("aws: error: invalid choice", "unsupported"),
    },
]


@pytest.fixture(scope="module", params=range(len(REFUSALS)), ids=["absent", "denied"])
def refused(request, tmp_path_factory):
    """One run in which AWS refuses what the plan says, and that plan."""
    plan = REFUSALS[request.param]
    failures = {operation: words for operation, (words, _) in plan.items()}
    folder = tmp_path_factory.mktemp("refused")
    return collect(folder, collect_script(regions=("eu-west-1",)), failures=failures), plan


def test_each_way_of_not_answering_is_told_apart(refused):
    """No such thing, not known to this CLI, and failed are three outcomes; the words are kept."""
    run, plan = refused
    members = run.members()
    met = set()
    for call in run.manifest()["calls"]:
        operation = " ".join(call["command"].split()[1:3])
        words, outcome = plan.get(operation, ("", "ok"))
        assert (call["outcome"], call["exit"]) == (outcome, 0 if outcome == "ok" else 255)
        if outcome == "ok":
            assert call["error"] is None
        else:
            met.add(operation)
            assert members[call["error"]].decode() == f"{call['command']}\n\n{words}\n"
            assert call["file"] not in members
    assert met == plan.keys()


def test_the_owner_is_told_how_many_failed(refused):
    """The last words count what failed, and apart from that what this CLI doesn't know."""
    run, _ = refused
    outcomes = [call["outcome"] for call in run.manifest()["calls"]]
    failed, unsupported = outcomes.count("failed"), outcomes.count("unsupported")
    assert failed
    assert f"{len(outcomes)} calls, {failed} failed." in run.said
    assert f"{unsupported} calls are unknown to this version of the AWS CLI" in run.said


def test_everything_may_fail_but_the_identity(tmp_path):
    """With every call refused, there is still a pack that says so, and the script ends well."""
    refused = {name.rsplit(" ", 1)[0]: "(AccessDenied)" for name in ANSWERS}
    del refused["sts get-caller-identity"]
    refused |= {"iam get-credential-report": "(AccessDenied)", "iam get-account-summary": "(No)"}
    run = collect(tmp_path, collect_script(), failures=refused)
    assert run.code == 0
    assert "credential-report-state.error.txt" in run.members()
    assert "user-names.error.txt" in run.members()


def test_without_an_identity_nothing_is_kept(tmp_path):
    """Not signed in, the script says what AWS said, leaves nothing, and ends with 1."""
    words = "Unable to locate credentials"
    run = collect(tmp_path, collect_script(), failures={"sts get-caller-identity": words})
    assert (run.code, run.printed) == (1, "")
    assert words in run.said
    assert not list(run.folder.iterdir())
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.parametrize("options", [("-x",), ("-o",), ("/no/such/folder",)])
def test_wrong_usage_ends_before_aws_is_asked(tmp_path, options):
    """An option that isn't known, or a folder that isn't there, ends the script with 2."""
    run = collect(tmp_path, collect_script(), *options)
    assert (run.code, run.asked) == (2, ())


def test_help_says_how_to_use_it(tmp_path):
    """With -h, it says how to use it and asks nothing."""
    run = collect(tmp_path, collect_script(), "-h")
    assert (run.code, run.asked) == (0, ())
    assert run.said.startswith("Usage: bash collect.sh")


def test_an_interrupted_run_keeps_nothing(tmp_path):
    """Ctrl-C ends the script with 130, and neither half a pack nor a temporary file is left."""
    environment = prepare(tmp_path, pause=0.2)
    text = tmp_path / "collect.sh"
    text.write_text(collect_script())
    # Tests that run in the background ignore SIGINT, and so would all that they start.
    process = subprocess.Popen(
        ["env", "--default-signal=INT", BASH, str(text)],
        env=environment,
        cwd=tmp_path / "out",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    while not list((tmp_path / "out").glob("*/users/*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Interrupted" in said
    assert not list((tmp_path / "out").iterdir())
    assert not list((tmp_path / "tmp").iterdir())
