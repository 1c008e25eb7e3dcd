"""In: files in folders and archives. Out: the proof that each has its account, time and name."""

import gzip
import hashlib
import json

import pytest

from analyzer.evidence.artifacts import CaptureTimeSource
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.loading import load_evidence
from tests.evidence.export_material import (
    ACCOUNT,
    OTHER,
    artifact,
    details,
    faults,
    notes,
    put,
    reading,
    report,
    row,
    table,
    tarred,
    user,
    wrapper,
    zipped,
)

POLICY = {"PasswordPolicy": {"MinimumPasswordLength": 14}}
KEYS = {
    "AccessKeyMetadata": [{"UserName": "ann", "AccessKeyId": "AKIAEXAMPLE", "Status": "Active"}]
}
HOMELESS = {
    "password policy": POLICY,
    "access keys": KEYS,
    "login profile": {"LoginProfile": {"UserName": "ann"}},
    "no device of nobody": {"MFADevices": []},
    "no device of somebody": {"credaudit_user": "ann", "MFADevices": []},
    "summary": {"SummaryMap": {"Users": 1}},
    "alias": {"AccountAliases": ["acme"]},
    "a finding about a member": {"resourceOwnerAccount": "777788889999", "findingDetails": []},
}
"""Exports that do not name their account."""


def arn(service: str, rest: str, account: str = ACCOUNT) -> str:
    """An ARN of the account."""
    return f"arn:aws:{service}::{account}:{rest}"


NAMING = {
    "caller identity": {"UserId": "A", "Account": ACCOUNT, "Arn": arn("sts", "x")},
    "details": details(user()),
    "analyzers": {
        "analyzers": [{"arn": f"arn:aws:access-analyzer:eu-west-1:{ACCOUNT}:analyzer/a"}]
    },
    "virtual devices": {"VirtualMFADevices": [{"SerialNumber": arn("iam", "mfa/ann")}]},
    "a user's devices": {"MFADevices": [{"SerialNumber": arn("iam", "u2f/user/ann/x")}]},
    "SAML providers": {"SAMLProviderList": [{"Arn": arn("iam", "saml-provider/x")}]},
    "OIDC providers": {"OpenIDConnectProviderList": [{"Arn": arn("iam", "oidc-provider/x")}]},
    "certificates": {
        "ServerCertificateMetadataList": [{"Arn": arn("iam", "server-certificate/x")}]
    },
    "last accessed": {"credaudit_principal": arn("iam", "user/ann"), "ServicesLastAccessed": []},
    "a finding": {
        "credaudit_analyzer": f"arn:aws:access-analyzer:eu-west-1:{ACCOUNT}:analyzer/org",
        "id": "1",
        "resource": arn("iam", "role/x", OTHER),
        "resourceOwnerAccount": OTHER,
        "findingDetails": [],
    },
    "pack": {"credaudit_pack": 1, "account": ACCOUNT, "calls": []},
}


@pytest.mark.parametrize("document", NAMING.values(), ids=NAMING)
def test_a_document_names_its_own_account(tmp_path, document):
    """The account comes from the document's own word or from the ARNs that are its own."""
    evidence = reading(tmp_path, {"x.json": document})
    assert [each.account for each in evidence.artifacts] == [ACCOUNT]
    assert faults(evidence.problems) == ""


@pytest.mark.parametrize("document", HOMELESS.values(), ids=HOMELESS)
@pytest.mark.parametrize(
    "near",
    ["report.csv", "users/report.csv", "users/deep/report.csv"],
    ids=["above", "same", "below"],
)
def test_an_export_without_account_goes_to_its_neighbours(tmp_path, document, near):
    """It belongs to the one account of the nearest folder around it that names any."""
    evidence = reading(tmp_path, {"users/0001.json": document, near: report()})
    assert artifact(evidence, "0001.json").account == ACCOUNT
    assert faults(evidence.problems) == ""


@pytest.mark.parametrize("pack", [zipped, tarred], ids=["zip", "tar.gz"])
def test_an_archive_is_a_folder_of_its_own(tmp_path, pack):
    """Two accounts' packs side by side do not mix."""
    files = {
        f"{account}.pack": pack(
            {"iam/report.csv": report(account=account), "users/0001.json": json.dumps(KEYS)}
        )
        for account in (ACCOUNT, OTHER)
    }
    evidence = reading(tmp_path, files)
    told = {
        each.path: each.account
        for each in evidence.artifacts
        if each.kind is ExportKind.ACCESS_KEYS
    }
    assert told == {f"in/{account}.pack!users/0001.json": account for account in (ACCOUNT, OTHER)}


@pytest.mark.parametrize("document", HOMELESS.values(), ids=HOMELESS)
def test_between_two_accounts_nobody_guesses(tmp_path, document):
    """An export without account beside two accounts is a problem that says what to do."""
    files = {"a.csv": report(), "b.csv": report(account=OTHER), "x.json": document}
    evidence = reading(tmp_path, files)
    assert artifact(evidence, "x.json").account is None
    assert "in/x.json: nothing says to which account" in faults(evidence.problems)
    assert "Put each account's files into a folder of its own" in faults(evidence.problems)


def test_the_nearest_folder_wins(tmp_path):
    """A folder that names one account keeps its files from an account further away."""
    files = {"b.csv": report(account=OTHER), "one/a.csv": report(), "one/users/x.json": KEYS}
    assert artifact(reading(tmp_path, files), "x.json").account == ACCOUNT


def test_sums_of_one_pack_do_not_judge_another(tmp_path):
    """Packs in folders called alike are checked each by its own sums."""
    for account in (ACCOUNT, OTHER):
        text = report(account=account)
        sums = f"{hashlib.sha256(text.encode()).hexdigest()}  report.csv\n"
        put(tmp_path / account / "pack", {"report.csv": text, "SHA256SUMS": sums})
    evidence = load_evidence(tuple(tmp_path / account / "pack" for account in (ACCOUNT, OTHER)))
    assert faults(evidence.problems) == ""


PACK = {
    "credaudit_pack": 1,
    "account": ACCOUNT,
    "calls": [
        {"file": "report.csv", "started": "2026-04-01T10:00:00Z"},
        {"file": "report.json", "started": "2026-04-01T10:00:00Z"},
        {"file": "empty.json", "started": "2026-04-01T10:00:01Z"},
        {"file": None, "started": "2026-04-01T10:00:02Z"},
        {"file": "odd.json", "started": "yesterday"},
    ],
}
NAMED = "status_reports_2026-03-31T09-08-07.csv"


NEWEST = "2026-03-30T07:15:00+00:00"
CLOCKS = [
    (
        "report.json",
        wrapper(report()),
        PACK,
        ("2026-03-31T08:00:00+00:00", CaptureTimeSource.STATED),
    ),
    (
        "report.json",
        wrapper(report(), None),
        PACK,
        ("2026-04-01T10:00:00+00:00", CaptureTimeSource.PACK),
    ),
    ("report.csv", report(), PACK, ("2026-04-01T10:00:00+00:00", CaptureTimeSource.PACK)),
    (NAMED, report(), PACK, ("2026-03-31T09:08:07+00:00", CaptureTimeSource.FILE_NAME)),
    (
        NAMED.replace("-08-", "_08_"),
        report(),
        {},
        ("2026-03-31T09:08:07+00:00", CaptureTimeSource.FILE_NAME),
    ),
    (
        "status_reports_2020-01-01T000000.csv",
        report(),
        {},
        (NEWEST, CaptureTimeSource.NEWEST_STAMP),
    ),
    ("report.csv", report(), {}, (NEWEST, CaptureTimeSource.NEWEST_STAMP)),
    (
        "gaad.json",
        details(user()),
        {},
        ("2023-01-02T03:04:05+00:00", CaptureTimeSource.NEWEST_STAMP),
    ),
    ("empty.json", POLICY, PACK, ("2026-04-01T10:00:01+00:00", CaptureTimeSource.PACK)),
    ("empty.json", POLICY, {}, (None, CaptureTimeSource.UNKNOWN)),
    ("odd.json", POLICY, PACK, (None, CaptureTimeSource.UNKNOWN)),
]


@pytest.mark.parametrize(("name", "content", "pack", "wanted"), CLOCKS)
def test_the_best_clock_wins(tmp_path, name, content, pack, wanted):
    """The export's own word, the pack's, the file's name, the newest stamp inside, none."""
    evidence = reading(tmp_path, {name: content} | ({"pack.json": pack} if pack else {}))
    told = artifact(evidence, name)
    time = told.captured_at.isoformat() if told.captured_at else None
    assert (time, told.captured_how) == wanted


def test_the_next_rotation_is_no_sign_of_age(tmp_path):
    """A report is not from the future because a password is to expire."""
    text = table(row(password_next_rotation="2030-01-01T00:00:00+00:00"))
    (told,) = reading(tmp_path, {"r.csv": text}).artifacts
    assert told.captured_at.year == 2023


@pytest.mark.parametrize(
    ("generated", "late"), [("2026-03-30T07:14:59Z", True), ("2026-03-30T07:15:00Z", False)]
)
def test_a_report_that_knows_its_future_is_noted(tmp_path, generated, late):
    """A time after the report's own time means that somebody changed one of the two."""
    evidence = reading(tmp_path, {"r.json": wrapper(report(), generated)})
    assert ("after its own report time" in notes(evidence)) is late


def sums(*lines: tuple[str, str], end: str = "\n") -> str:
    """A SHA256SUMS of the contents."""
    return "".join(
        f"{hashlib.sha256(text.encode()).hexdigest()}  {name}{end}" for name, text in lines
    )


@pytest.mark.parametrize(
    ("listed", "fault"),
    [
        (sums(("report.csv", report())), ""),
        (sums(("./report.csv", report()), end="\r\n"), ""),
        (sums(("report.csv", "another")), "in/report.csv: was changed after it was collected"),
        (sums(("gone.json", "x")), "in/gone.json: is in the pack's checksum list, but was not"),
    ],
    ids=["right", "right, CR LF", "changed", "missing"],
)
@pytest.mark.parametrize("container", ["folder", "archive"])
def test_sums_are_compared(tmp_path, listed, fault, container):
    """A file that is not what the pack's sums say is a problem, in a folder and in an archive."""
    files = {"report.csv": report(), "SHA256SUMS": listed}
    evidence = reading(tmp_path, files if container == "folder" else {"pack.tgz": tarred(files)})
    wanted = fault if container == "folder" else fault.replace("in/", "in/pack.tgz!")
    assert faults(evidence.problems).startswith(wanted)
    assert bool(evidence.problems) is bool(fault)


def test_the_sum_of_an_archive_beside_it_is_no_missing_file(tmp_path):
    """A list with the archive's own sum does not claim that the archive was not handed in."""
    pack = tarred({"report.csv": report()})
    listed = f"{hashlib.sha256(pack).hexdigest()}  pack.tgz\n"
    assert not reading(tmp_path, {"pack.tgz": pack, "SHA256SUMS": listed}).problems


EVENT = {"eventVersion": "1.08", "eventSource": "s3.amazonaws.com", "recipientAccountId": ACCOUNT}


@pytest.mark.parametrize(
    "document",
    [{"Records": [EVENT, EVENT]}, {"Events": [{"CloudTrailEvent": json.dumps(EVENT)}]}],
    ids=["a log file", "event history"],
)
def test_events_of_cloudtrail_name_the_account_that_received_them(tmp_path, document):
    """Its own folder may lie beside those of other accounts."""
    evidence = reading(tmp_path, {"a/report.csv": report(account=OTHER), "a/x.json": document})
    [found] = [each for each in evidence.documents if each.kind is ExportKind.CLOUDTRAIL_EVENTS]
    assert found.account == ACCOUNT


def test_a_log_file_as_it_lies_in_s3_is_read(tmp_path):
    """Compressed, in a folder of its account, region and day."""
    path = tmp_path / "AWSLogs" / ACCOUNT / "CloudTrail" / "us-east-1" / "x.json.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(json.dumps({"Records": [EVENT]}).encode()))
    evidence = load_evidence((tmp_path / "AWSLogs",))
    assert [each.kind for each in evidence.documents] == [ExportKind.CLOUDTRAIL_EVENTS]
    assert evidence.problems == ()
