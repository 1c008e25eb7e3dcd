"""In: credential reports. Out: proof that a user is asked for what the report says there is."""

import re
from collections import Counter

import pytest

from analyzer.writers.collect_script import LastAccessed, collect_script
from tests.evidence.export_material import row
from tests.writers.collect_material import ANSWERS, Run, collect, credential_report

SCRIPT = collect_script(regions=("eu-west-1",), last_accessed=LastAccessed.NONE)
OPERATION = {
    "list-access-keys": "keys",
    "list-mfa-devices": "mfa",
    "get-login-profile": "password",
    "list-signing-certificates": "certificates",
    "list-ssh-public-keys": "ssh",
}
ALL = set(OPERATION.values())
WHEN = "2025-05-06T07:08:09+00:00"


def asked_of(run: Run) -> dict[str, set[str]]:
    """What each user was asked for."""
    found: dict[str, set[str]] = {}
    for call in run.asked:
        what = OPERATION.get(call["arguments"][1])
        user = next((each for each in call["arguments"] if each.startswith("--user-name=")), None)
        if what and user:
            found.setdefault(user.removeprefix("--user-name="), set()).add(what)
    return found


def collected(folder, users: list[str], report: str, text: str = SCRIPT) -> Run:
    """A run in an account with these users and that report."""
    answers = {
        "iam list-users text": "".join(f"{name}\n" for name in users),
        "iam get-credential-report json": report,
    }
    return collect(folder, text, answers=answers, is_small=True)


def test_each_user_is_asked_for_what_the_report_says(tmp_path):
    """An inactive key or certificate is one; a cell without a sense is no answer."""
    rows = {
        "first": row("first"),
        "nobody": row("nobody"),
        "active": row("active", access_key_1_active="true", access_key_1_last_rotated=WHEN),
        "idle": row("idle", access_key_2_last_rotated=WHEN),
        "person": row("person", password_enabled="true"),
        "device": row("device", mfa_active="true"),
        "signer": row("signer", cert_2_last_rotated=WHEN),
        "odd": row("odd", password_enabled="maybe"),
        "a=b@c": row("a=b@c", access_key_1_active="true"),
    }
    run = collected(tmp_path, [*rows, "newer"], credential_report(*rows.values()))
    assert asked_of(run) == {
        "first": {"ssh"},
        "nobody": {"ssh"},
        "active": {"ssh", "keys"},
        "idle": {"ssh", "keys"},
        "person": {"ssh", "password"},
        "device": {"ssh", "mfa"},
        "signer": {"ssh", "certificates"},
        "odd": {"ssh", "password"},
        "a=b@c": {"ssh", "keys"},
        "newer": ALL,
    }


def test_a_name_with_a_comma_is_found(tmp_path):
    """AWS allows one, and puts such a cell into quotation marks."""
    named = row("a,b", access_key_1_active="true")
    cells = {key: f'"{value}"' if key in {"user", "arn"} else value for key, value in named.items()}
    run = collected(tmp_path, ["zed", "a,b"], credential_report(row("zed"), cells))
    assert asked_of(run)["a,b"] == {"ssh", "keys"}


def test_somebody_is_asked_of_each_sort(tmp_path):
    """That nobody has a password is AWS's answer, not a file that is missing."""
    run = collected(tmp_path, ["one", "two"], credential_report(row("one"), row("two")))
    assert asked_of(run) == {"one": ALL, "two": {"ssh"}}


@pytest.mark.parametrize("report", ["{}\n", '{"Content": "!!", "ReportFormat": "text/csv"}\n'])
def test_without_a_report_everybody_is_asked(tmp_path, report):
    """And the pack says why it took so long."""
    run = collected(tmp_path, ["one", "two"], report)
    assert asked_of(run) == {"one": ALL, "two": ALL}
    (note,) = run.manifest()["notes"]
    assert note.startswith("The credential report could not be read")


def test_five_hundred_users_are_few_calls(tmp_path):
    """2,500 calls were made for them before; 20 with keys and 30 with passwords make 54."""
    names = [f"user-{number:03}" for number in range(500)]
    rows = [
        row(
            name,
            access_key_1_active="true" if number < 20 else "false",
            password_enabled="true" if number >= 470 else "false",
            mfa_active="true" if number == 480 else "false",
        )
        for number, name in enumerate(names)
    ]
    run = collected(tmp_path, names, credential_report(*rows))
    counts = Counter(what for each in asked_of(run).values() for what in each)
    assert counts == {"keys": 20, "password": 30, "mfa": 1, "certificates": 1}
    assert len(run.asked) < 52 + 60
    assert run.manifest()["notes"] == [
        "There are more than 200 users; none was asked for SSH keys."
    ]


PRINCIPALS = {
    name: ANSWERS[name]
    for name in (
        "iam list-users text [].[Arn]",
        "iam list-roles text",
        "iam generate-service-last-accessed-details text",
        "iam get-service-last-accessed-details json",
    )
}


def test_how_exactly_last_use_is_asked_goes_by_the_number(tmp_path):
    """Two principals: by action, by service, or not at all, and the pack says so."""
    text = collect_script(regions=("eu-west-1",))
    cases = {
        "action": (text, {"ACTION_LEVEL"}, 0),
        "service": (text.replace("most_for_actions=250", "most_for_actions=1"),
                    {"SERVICE_LEVEL"}, 1),
        "none": (text.replace("most_for_services=1000", "most_for_services=1"), set(), 1),
        "forced": (collect_script(regions=("eu-west-1",), last_accessed=LastAccessed.ACTION),
                   {"ACTION_LEVEL"}, 0),
        "coarse": (collect_script(regions=("eu-west-1",), last_accessed=LastAccessed.SERVICE),
                   {"SERVICE_LEVEL"}, 0),
    }  # fmt: skip
    for name, (script, levels, notes) in cases.items():
        folder = tmp_path / name
        folder.mkdir()
        run = collect(folder, script, answers=PRINCIPALS, is_small=True)
        found = re.findall(r"--granularity=(\w+)", str(run.asked))
        assert set(found) == levels, name
        told = [each for each in run.manifest()["notes"] if "2 users and roles" in each]
        assert len(told) == notes, name


def test_last_use_that_was_cut_is_said(tmp_path):
    """AWS tells at most 1,000 services in an answer."""
    cut = '{\n    "JobStatus": "COMPLETED",\n    "IsTruncated": true\n}\n'
    answers = {"iam get-service-last-accessed-details json": cut}
    run = collect(tmp_path, collect_script(regions=("eu-west-1",)), answers=answers)
    assert (
        "last-accessed/0001.json holds the first 1000 services of more." in run.manifest()["notes"]
    )
