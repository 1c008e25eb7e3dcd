"""Every command, as a process: what it prints, what it writes, how it ends."""

import json
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.cli import credaudit
from tests.builders import account

ROOT = Path(__file__).parents[2]
AS_OF = ("--as-of", "2026-10-01")


def test_help_names_every_command(process):
    """Nobody has to look into the code to find out what there is."""
    ended = process("--help")
    assert ended.code == 0
    for name in credaudit.commands_in:
        assert f"\n  {name} " in ended.out


@pytest.mark.parametrize("name", sorted(credaudit.commands_in))
def test_every_command_explains_itself(run, name):
    """`--help` of each works and says something."""
    ended = run(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert len(ended.out.splitlines()) > 3


def test_audit_writes_the_formats_asked_for_and_no_others(run, evidence, tmp_path):
    """Two formats asked for are two formats written; the CSV comes with the population."""
    ended = run("audit", evidence, "-o", tmp_path / "out", "-f", "json", "-f", "csv", *AS_OF)
    assert ended.code == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"report.json", "findings.csv", "population.csv", "controls.csv"}


def test_framework_chooses_whose_controls_the_pages_show(run, evidence, tmp_path):
    """By its name on the command line; the tables keep all of them."""
    run("audit", evidence, "-o", tmp_path, "-f", "json", "--framework", "soc-2", *AS_OF)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["tool"]["frameworks"] == ["soc2"]
    assert len(report["frameworks"]) > 1


def test_an_unknown_framework_ends_with_2_and_names_the_known(run, evidence):
    """Nobody guesses the names."""
    ended = run("audit", evidence, "--framework", "cobit")
    assert ended.code == 2
    assert "'cobit' is none of cis-7.0, " in " ".join(ended.err.split())


def test_reports_are_for_the_owner_alone(run, evidence, tmp_path):
    """Who may read a report knows where an account is weak."""
    run("audit", evidence, "-o", tmp_path / "out", "-f", "json", *AS_OF)
    mode = (tmp_path / "out" / "report.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_standard_output_stays_empty(run, evidence, tmp_path):
    """Talk goes to stderr; a pipe gets nothing that it did not ask for."""
    assert run("audit", evidence, "-o", tmp_path / "out", "-f", "json", *AS_OF).out == ""


def test_quiet_says_nothing(run, evidence, tmp_path):
    """A job in a crontab sends no mail when all went well."""
    ended = run("audit", evidence, "-o", tmp_path / "out", "-f", "json", "-q", *AS_OF)
    assert (ended.out, ended.err) == ("", "")


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [("never", 0), ("critical", 0), ("high", 0), ("medium", 1), ("low", 1)],
)
def test_fail_on_sets_the_exit_code(run, evidence, tmp_path, fail_on, code):
    """The worst finding here is of medium severity."""
    out = ("-o", tmp_path / "out", "-f", "json")
    assert run("audit", evidence, *out, *AS_OF, "--fail-on", fail_on).code == code


def test_as_of_sets_the_time_of_the_report(run, evidence, tmp_path):
    """Ages are reckoned from there, whatever day it is."""
    run("audit", evidence, "-o", tmp_path / "out", "-f", "json", "--as-of", "2026-10-01T12:00:00Z")
    assert json.loads((tmp_path / "out/report.json").read_text())["as_of"] == "2026-10-01T12:00:00Z"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("audit",), "INPUT"),
        (("audit", "nowhere"), "there is no such file"),
        (("audit", "evidence", "--as-of", "soon"), "2026-12-31"),
        (("audit", "evidence", "-f", "docx"), "docx"),
        (("rules", "no-such-rule"), "no check has this id"),
        (("key", "hello"), "is no AWS identifier"),
        (("frobnicate",), "frobnicate"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(run, evidence, arguments, says):
    """And never with a traceback."""
    ended = run(*arguments)
    assert ended.code == 2
    assert says in ended.err
    assert "Traceback" not in ended.err


def test_no_time_anywhere_ends_with_3_and_names_the_option(run, evidence):
    """Two files without a date can't be audited by the clock on the wall."""
    ended = run("audit", evidence)
    assert ended.code == 3
    assert "--as-of" in ended.err


def test_nothing_usable_ends_with_3(run, tmp_path):
    """An empty folder is no clean account."""
    (tmp_path / "empty").mkdir()
    assert run("audit", tmp_path / "empty").code == 3


def test_a_broken_file_beside_good_ones_is_named_and_the_report_written(run, evidence, tmp_path):
    """Whatever could be made is made; the exit code says that something is missing."""
    (evidence / "broken.json").write_text('{"UserDetailList": [')
    ended = run("audit", evidence, "-o", tmp_path / "out", "-f", "json", *AS_OF)
    assert ended.code == 3
    assert "evidence/broken.json" in ended.err
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert [each["where"] for each in report["problems"]] == ["evidence/broken.json"]


def test_a_folder_that_can_not_be_written_ends_with_3(run, evidence, tmp_path):
    """The message names the path."""
    (tmp_path / "file").write_text("")
    ended = run("audit", evidence, "-o", tmp_path / "file" / "out", "-f", "json", *AS_OF)
    assert ended.code == 3
    assert "report.json" in ended.err


def test_the_same_evidence_gives_the_same_bytes(process, evidence, tmp_path):
    """Nothing of the clock, the locale or the hash seed gets in."""
    for name, seed, zone in (("a", "1", "Asia/Tokyo"), ("b", "2", "America/Lima")):
        process("audit", evidence, "-o", tmp_path / name, "-f", "json", "-f", "csv", *AS_OF,
            PYTHONHASHSEED=seed, TZ=zone, LC_ALL="C")  # fmt: skip
    for name in ("report.json", "findings.csv", "population.csv", "controls.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_config_file_moves_a_threshold_and_a_typo_in_it_is_an_error(run, evidence, tmp_path):
    """`credaudit.toml` in the folder is read; unknown names are not passed over."""
    config = tmp_path / "credaudit.toml"
    config.write_text("[limits]\npassword_length = 8\n")
    out = ("-o", tmp_path / "out", "-f", "json", *AS_OF)
    assert run("audit", evidence, *out).code == 0
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert "password-min-length" not in {each["rule"] for each in report["findings"]}
    config.write_text("[limits]\npassword_lenght = 8\n")
    ended = run("audit", evidence, *out)
    assert ended.code == 2
    assert "password_lenght" in ended.err


def test_exceptions_accept_until_they_expire(run, evidence, tmp_path):
    """An accepted finding stays in the report; an expired exception is a finding itself."""
    text = """
[[exception]]
id = "X1"
rule = "password-min-length"
resource = "arn:aws:iam::111111111111:*"
reason = "replaced by single sign-on in spring"
owner = "ann"
approver = "bob"
created = 2026-07-01
expires = {expires}
"""
    out = ("-o", tmp_path / "out", "-f", "json", *AS_OF, "--exceptions", tmp_path / "risks.toml")
    for expires, status, expired in (("2026-12-31", "accepted", 0), ("2026-09-01", "open", 1)):
        (tmp_path / "risks.toml").write_text(text.format(expires=expires))
        assert run("audit", evidence, *out).code == 0
        findings = json.loads((tmp_path / "out/report.json").read_text())["findings"]
        by_rule = {each["rule"]: each["status"] for each in findings}
        assert by_rule["password-min-length"] == status
        assert ("exception-expired" in by_rule) is bool(expired)


def test_previous_keeps_what_was_withdrawn_and_dates_what_stays(run, evidence, tmp_path):
    """Leaving the failing file out next quarter closes nothing."""
    run("audit", evidence, "-o", tmp_path / "q1", "-f", "json", "--as-of", "2026-07-01")
    both = ("-f", "json", "--previous", tmp_path / "q1", *AS_OF)
    run("audit", evidence, "-o", tmp_path / "q2", *both)
    findings = json.loads((tmp_path / "q2/report.json").read_text())["findings"]
    short = next(each for each in findings if each["rule"] == "password-min-length")
    assert short["since"] == "2026-07-01T00:00:00Z"
    assert (short["change"], short["reports"]) == ("open", 2)
    (evidence / "policy.json").unlink()
    run("audit", evidence, "-o", tmp_path / "q3", *both)
    withdrawn = json.loads((tmp_path / "q3/report.json").read_text())["findings"]
    kept = next(each for each in withdrawn if each["rule"] == "password-min-length")
    assert kept["fingerprint"] == short["fingerprint"]
    assert kept["observed"].startswith("found earlier; nothing that was handed in this time")


def test_verify_tells_changed_files(run, evidence, tmp_path):
    """An auditor can show that the report was made from these very files."""
    run("audit", evidence, "-o", tmp_path / "out", "-f", "json", *AS_OF)
    assert run("verify", tmp_path / "out/report.json", evidence).code == 0
    (evidence / "policy.json").write_text('{"PasswordPolicy": {}}')
    ended = run("verify", tmp_path / "out/report.json", evidence)
    assert ended.code == 3
    assert "changed or missing: evidence/policy.json" in ended.out


def test_compare_names_what_was_fixed(run, evidence, tmp_path):
    """Quarter against quarter, in words."""
    out = ("-f", "json", *AS_OF)
    run("audit", evidence, "-o", tmp_path / "old", *out)
    policy = json.loads((evidence / "policy.json").read_text())
    policy["PasswordPolicy"]["RequireSymbols"] = True
    (evidence / "policy.json").write_text(json.dumps(policy))
    run("audit", evidence, "-o", tmp_path / "new", *out)
    ended = run("compare", tmp_path / "old/report.json", tmp_path / "new/report.json")
    assert "fixed (1)\n  low      password-symbol" in ended.out


def test_the_summary_counts_what_is_open_and_accepted_apart(run, evidence, tmp_path):
    """As the report itself does."""
    out = ("-o", tmp_path / "out", "-f", "json", *AS_OF)
    low = re.search(r"(\d+) low", run("audit", evidence, *out).err)[1]
    (tmp_path / "risks.toml").write_text(
        '[[exception]]\nid = "X"\nrule = "password-symbol"\nresource = "*"\nreason = "known"\n'
        'owner = "ann"\napprover = "bob"\ncreated = 2026-09-01\nexpires = 2026-12-01\n'
    )
    told = run("audit", evidence, *out, "--exceptions", tmp_path / "risks.toml").err
    assert re.search(rf"findings: .*\b{int(low) - 1} low.*, 1 accepted\n", told)


def test_an_alias_is_no_style_of_the_terminal(run, tmp_path):
    """It is shown as it is, and ends no audit."""
    named = account().export("account-aliases.json", {"AccountAliases": ["[/b] [red]x"]})
    exports = (named.write(tmp_path / "one"), account("444455556666").write(tmp_path / "two"))
    ended = run("audit", *exports, "-o", tmp_path / "out", "-f", "json")
    assert ended.code == 0
    assert "[/b] [red]x (111122223333)" in ended.err


def test_compare_says_that_thresholds_differ(run, evidence, tmp_path):
    """A limit that moved opens and closes findings by itself."""
    for profile in ("cis", "pci"):
        out = tmp_path / profile
        run("audit", evidence, "-o", out, "-f", "json", "--profile", profile, *AS_OF)
    files = [tmp_path / profile / "report.json" for profile in ("cis", "pci")]
    assert "other thresholds: profile cis then, pci now" in run("compare", *files).out
    assert "thresholds" not in run("compare", files[0], files[0]).out


@pytest.mark.parametrize("lost", ["score", "tool", "status"])
def test_compare_refuses_a_damaged_report(run, evidence, tmp_path, lost):
    """By name, and not with the exit code of findings."""
    run("audit", evidence, "-o", tmp_path, "-f", "json", *AS_OF)
    whole, damaged = tmp_path / "report.json", tmp_path / "damaged.json"
    report = json.loads(whole.read_text())
    del (report["accounts"][0]["rules"][0] if lost == "status" else report)[lost]
    damaged.write_text(json.dumps(report))
    ended = run("compare", whole, damaged)
    assert ended.code == 3
    assert f"damaged.json: lacks '{lost}'" in ended.err
    assert ended.out == ""


def test_compare_has_a_word_for_no_score(run, evidence, tmp_path):
    """Python's None is not one."""
    run("audit", evidence, "-o", tmp_path, "-f", "json", *AS_OF)
    report = json.loads((tmp_path / "report.json").read_text())
    report["score"]["value"] = None
    (tmp_path / "unrated.json").write_text(json.dumps(report))
    ended = run("compare", tmp_path / "unrated.json", tmp_path / "report.json")
    assert "score none on 2026-10-01, " in ended.out


def test_rules_explains_one(run):
    """Title, why, fix and the numbers of the frameworks."""
    ended = run("rules", "console-user-no-mfa")
    assert "Console user without MFA" in ended.out
    assert "IAM.5" in ended.out


def test_key_reads_the_account_from_the_id(run):
    """The published example of an ID whose account is known (localstack's test account)."""
    ended = run("key", "AKIA" + "RZPUZDIKGB2VALC4")
    assert "123456789012" in ended.out


def test_collect_writes_a_script(run, tmp_path):
    """To standard output or to a file."""
    printed = run("collect")
    assert printed.out.startswith("#!/usr/bin/env bash")
    assert run("collect", "-o", tmp_path / "collect.sh").code == 0
    assert (tmp_path / "collect.sh").read_text() == printed.out


def test_doctor_finds_everything_here(run):
    """What `make test` installed is enough."""
    ended = run("doctor")
    assert ended.code == 0
    assert "PDF             ready" in ended.out


def test_help_does_not_import_what_is_slow(process):
    """Both pandas and WeasyPrint cost a second; `--help` pays for neither."""
    ended = process("--help", PYTHONPROFILEIMPORTTIME="1")
    loaded = {line.rpartition("|")[2].strip() for line in ended.err.splitlines()}
    assert "click" in loaded
    assert not loaded & {"pandas", "weasyprint", "detect_secrets", "numpy"}


def test_nothing_is_searched_for_cycles_at_the_end(tmp_path):
    """Whoever starts the program often waits for its end, too: a tenth of a small scan."""
    code = (
        "import atexit, gc; from analyzer.cli import main\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, "scan", tmp_path, "-q"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.stdout.splitlines()[-1] == "True"
