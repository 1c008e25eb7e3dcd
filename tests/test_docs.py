"""The documentation says what the program does: terms, checks, schemas, score, paths, commands."""

import csv
import dataclasses
import importlib
import inspect
import json
import re
import subprocess
import textwrap
import tomllib
from pathlib import Path

import pytest
import yaml

from analyzer.rules.catalogue import Practice, load_catalogue
from analyzer.rules.engine import CheckInput
from analyzer.rules.finding import Status
from analyzer.rules.practices.identities import user_owner_unknown
from analyzer.rules.severity import Severity
from analyzer.score import FORMULA
from docs import make_pages
from tests.example_accounts import NotAnExportError, account_with
from tests.rules.small_exports import COLUMNS

ROOT = Path(__file__).parents[1]
CATALOGUE = load_catalogue()
PROSE = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / ".github" / "pull_request_template.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
SCHEMAS = {
    name: json.loads((ROOT / "analyzer" / "writers" / f"{name}.schema.json").read_text())
    for name in make_pages.SCHEMAS
}
NOT_RUN = dict.fromkeys(
    (
        "leaked-key-active",
        "leaked-key-inactive",
        "leaked-key-other-account",
        "leaked-key-owner-match-unavailable",
        "leaked-key-owner-unknown",
        "leaked-key-privileged-owner",
        "leaked-service-api-key",
    ),
    "the excerpt is a line of a repository, with its secret left out",
) | {
    "analyzer-public-finding-open": "a finding takes the list and the details of one analyzer",
    "evidence-account-mismatch": "it is about whole files, not about rows",
    "evidence-out-of-sync": "it is about whole files, not about rows",
    "evidence-stale": "it is about the dates of whole files",
    "exception-expired": "the excerpt is a file of accepted risks",
    "key-new-region-or-service": "the excerpt is of the last report, too",
    "granted-services-unused": "services are judged by the share of them that goes unused",
    "iam-event-alarm-missing": "each event takes a filter with an alarm of its own",
    "population-count-mismatch": "it is about whole files, not about rows",
    "report-missing-root-row": "it is about whole files, not about rows",
    "too-many-administrators": "the excerpt counts principals that it does not list",
}
"""Checks whose excerpts no test can hand in as exports, with the reason; it only shrinks."""
LIMITS = {
    each: {"password_age": 90} for each in ("password-max-age", "password-older-than-90-days")
}
"""Checks that only some profile makes."""


def rows_after(text: str, mark: str) -> list[list[str]]:
    """The cells of the table that follows the mark."""
    lines = text.partition(f"<!-- {mark} -->\n")[2].partition("\n\n")[0].splitlines()
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines[2:]]


def glossary() -> list[list[str]]:
    """Term, meaning and place of each line of the glossary."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]


def named_object(dotted: str) -> object:
    """The module, class or field of that name. Raises AttributeError where there is none."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            fields = (
                {each.name for each in dataclasses.fields(found)}
                if (dataclasses.is_dataclass(found))
                else set()
            )
            found = name if name in fields else getattr(found, name)
        return found
    raise AttributeError(dotted)


@pytest.mark.parametrize("row", glossary(), ids=lambda row: row[0])
def test_each_term_of_the_glossary_is_in_the_code(row):
    """A term names a class, a field of one or a module, in one or two sentences."""
    _, meaning, dotted = row
    assert named_object(dotted) is not None
    assert 1 <= len(re.findall(r"[.:;](?: |$)", meaning)) <= 4
    assert meaning.endswith(".")


def test_the_glossary_has_each_term_once_in_order():
    """A reader finds a term by the alphabet."""
    terms = [row[0] for row in glossary()]
    assert len(terms) >= 25
    assert terms == sorted(set(terms))


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_member_of_a_schema_is_described(name: str):
    """In a sentence; and the page lists each of them."""
    page = make_pages.schema_page(name)
    parts = [SCHEMAS[name], *SCHEMAS[name]["$defs"].values()]
    found = [each for part in parts for each in make_pages.members(part)]
    assert len(found) == json.dumps(SCHEMAS[name]).count('"description"')
    for member, _, text in found:
        assert text.endswith(".")
        assert text[0].isupper() or text[0] == "`"
        assert f"| `{member}` |" in page


def test_the_page_of_the_score_has_the_constants_of_the_code():
    """Cell by cell."""
    page = (ROOT / "docs" / "scoring.md").read_text(encoding="utf-8")
    assert f"`{FORMULA.name}`" in page
    assert rows_after(page, "points") == [
        [each.value, str(FORMULA.points[each]), str(FORMULA.coverage[each])] for each in Severity
    ]
    assert rows_after(page, "practices") == [
        [each.value, str(FORMULA.weights[each]), FORMULA.key_files[each].value] for each in Practice
    ]
    caps = {
        "high": FORMULA.high_caps,
        "critical": FORMULA.critical_caps,
        "account-takeover": FORMULA.takeover_caps,
    }
    assert rows_after(page, "caps") == [
        [name, str(least), str(limit)] for name, pairs in caps.items() for least, limit in pairs
    ]
    assert rows_after(page, "grades") == [
        [str(least), grade.value] for least, grade in FORMULA.grades
    ]
    listed = page.partition("<!-- account-takeover -->\n")[2].partition("\n\n")[0]
    assert re.findall(r"- `(.+)`", listed) == sorted(FORMULA.takeover)
    assert f"less than {FORMULA.practice_rated_from} % of what applies" in page
    assert f"The base is {FORMULA.mean_share} of the weighted mean" in page
    assert f"Below\n{FORMULA.rated_from} % there is no grade" in page
    assert f"below {FORMULA.best_from} % the grade is B at most" in page
    assert f"at most {FORMULA.worst_account_margin} points above the worst" in page


def test_each_check_has_a_page_and_a_line_in_the_list(tmp_path):
    """The generator leaves out none, and makes no page for what is no check."""
    written = make_pages.write_pages(tmp_path)
    assert all(path.read_text(encoding="utf-8") for path in written)
    stems = {path.stem for path in (tmp_path / "checks").glob("*.md")}
    assert stems == set(CATALOGUE.entries) | {"index"}
    listed = (tmp_path / "checks" / "index.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[`(.+)`\]", listed, re.MULTILINE) == [
        name for name, _ in make_pages.checks(CATALOGUE)
    ]


@pytest.mark.parametrize("entry", CATALOGUE.entries.values(), ids=lambda entry: entry.id)
def test_every_sentence_about_a_check_is_the_catalogues(entry):
    """The page adds headings and tables, and no word about the check."""
    page = make_pages.check_page(entry, CATALOGUE)
    for text in (entry.title, entry.why, entry.bad, *entry.controls):
        parts = [make_pages.FRAMEWORKS[text]] if text in entry.controls else text.split("\n\n")
        assert all(part in page for part in parts)
    plain = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    said = [
        line.partition("** ")[2] or line.removeprefix("- ")
        for line in plain.splitlines()
        if line and line[0] not in "#|"
    ]
    ours = {entry.expected, entry.observed, entry.why, entry.fix}
    ours |= {each.fix for each in entry.variants.values() if each.fix}
    ours |= {
        " and ".join(CATALOGUE.inputs[name].what for name in needed) for needed in entry.inputs
    }
    assert {re.sub(r"`(\w+)`", r"{\1}", line) for line in said} == {
        re.sub(r"`(\w+)`", r"{\1}", text) for text in ours
    }


@pytest.mark.parametrize("entry", CATALOGUE.entries.values(), ids=lambda entry: entry.id)
def test_every_check_has_a_bad_and_a_fixed_excerpt(entry):
    """Both can be read in their format, and a table has columns of the credential report."""
    assert entry.bad != entry.fixed
    for excerpt in (*entry.bad.split("\n\n"), *entry.fixed.split("\n\n")):
        language = make_pages.language_of(excerpt)
        if language == "json":
            json.loads(excerpt)
        elif language == "toml":
            tomllib.loads(excerpt)
        elif excerpt.startswith("user,"):
            header, *rows = csv.reader(excerpt.splitlines())
            assert set(header) <= set(COLUMNS)
            assert rows
            assert {len(row) for row in rows} == {len(header)}


@pytest.mark.parametrize("rule", sorted(CATALOGUE.entries))
def test_the_bad_excerpt_fails_the_check_and_the_fixed_one_does_not(rule: str):
    """The check itself is run on an account that holds just these."""
    entry = CATALOGUE.entries[rule]
    if rule in NOT_RUN:
        try:
            status = account_with(entry.bad).status(rule)
        except NotAnExportError:
            status = None
        assert status is not Status.FAIL, f"{rule} can be run: take it out of the list"
        return
    bad, fixed = account_with(entry.bad), account_with(entry.fixed)
    if rule in LIMITS:
        bad, fixed = bad.limits(**LIMITS[rule]), fixed.limits(**LIMITS[rule])
    assert bad.status(rule) is Status.FAIL
    assert fixed.status(rule) in {Status.PASS, Status.NOT_APPLICABLE}


def test_the_committed_picture_is_the_declared_order():
    """Draw it again with: python docs/make_pages.py."""
    assert make_pages.FLOW.read_text(encoding="utf-8") == make_pages.flow_picture()


def test_the_picture_shows_every_package_in_the_declared_order():
    """What is drawn as a stage stands as `analyzer/__init__.py` lists it."""
    listed = list(make_pages.listed_modules(ROOT / "analyzer"))
    assert [name for name in listed if name in make_pages.LANES] == list(make_pages.LANES)
    picture = make_pages.flow_picture()
    assert all(re.search(rf"[> ]{name}[<,]", picture) for name in listed)


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.name)
def test_every_path_and_make_target_that_a_page_names_exists(page: Path):
    """In backticks: what begins like a file of the repository, or ends like a source file."""
    text = re.sub(r"(?ms)^```.*?^```", "", page.read_text(encoding="utf-8"))
    tops = {each.name for each in ROOT.iterdir()}
    for name in re.findall(r"`([\w./-]+)`", text):
        first = name.split("/")[0]
        is_path = "/" in name and first in tops
        if is_path or (re.search(r"\.(py|toml|md|lock|j2)$", name) and "/" in name):
            assert (ROOT / name).exists(), f"{page.name} names {name}"
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", text)) <= targets
    assert set(re.findall(r"^    make ([a-z]+)", text, re.MULTILINE)) <= targets


def test_the_check_in_contributing_is_the_one_in_the_code():
    """Copy the function anew where they differ; and the inputs named are those there are."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(   def user_owner_unknown.*?)   ```", text, re.DOTALL)
    assert block
    assert textwrap.dedent(block[1]) == inspect.getsource(user_owner_unknown)
    named = re.search(r"reads \(([^)]*)\)", text)
    assert named
    inputs = {field.name for field in dataclasses.fields(CheckInput)} | {"findings", "unsettled"}
    assert set(re.findall(r"`(\w+)`", named[1])) == inputs


def test_the_changelogs_new_keys_are_in_the_schemas_and_the_old_ones_are_gone():
    """Line by line, in the object that it names."""
    rows = rows_after((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), "renamed keys")
    report = SCHEMAS["report"]
    there = {member for member, _, _ in make_pages.members(report)}
    there |= {
        f"credentials[].{member}"
        for member, _, _ in make_pages.members(report["$defs"]["credential"])
    }
    assert rows
    for place, old, new in rows:
        assert f"{place}.{new}" in there
        assert f"{place}.{old}" not in there


def test_the_workflow_runs_what_the_readme_promises():
    """Every Python of the package's classifiers, the two commands on Debian 12, actions pinned."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pythons = [each.split(" :: ")[-1] for each in project["classifiers"] if " :: 3." in each]
    jobs = workflow["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == pythons
    assert jobs["debian"]["container"] == "debian:12"
    commands = [step.get("run", "") for step in jobs["debian"]["steps"]]
    assert commands[-2:] == ["make demo", "make test"]
    assert workflow["permissions"] == {}
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert all(re.search(r"@[0-9a-f]{40}$", each["uses"]) for each in steps if "uses" in each)
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = [each.get("run", "") for each in steps]
    named = {line.split()[1] for line in commands if line.startswith("make ")}
    assert {"check", "test", "demo", "docs"} == named
    assert named <= targets


def test_the_forms_of_github_are_well_formed():
    """Each issue form has a name, a description and a body with an id for every answer."""
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    read = {path.stem: yaml.safe_load(path.read_text()) for path in forms}
    assert set(read) == {"bug", "config", "missed_leak_or_false_finding", "new_check"}
    for name, form in read.items():
        if name != "config":
            asked = [each["id"] for each in form["body"] if each["type"] != "markdown"]
            assert form["name"]
            assert form["description"]
            assert len(asked) == len(set(asked)) > 1
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    assert {each["package-ecosystem"] for each in updates} == {"pip", "github-actions"}


def test_our_own_hooks_run_what_make_check_installs_and_the_published_scan():
    """None comes from the network, and ours scans as the hook does that others use."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (published,) = (each for each in hooks if each["id"] == "credaudit")
    assert [each["repo"] for each in config["repos"]] == ["local"]
    entries = {each["id"]: each["entry"] for each in config["repos"][0]["hooks"]}
    assert set(entries) == {"ruff", "ruff-format", "mypy", "credaudit"}
    assert all(entry.startswith(".ci/dev ") for entry in entries.values())
    assert entries["credaudit"] == f".ci/dev {published['entry']}"


@pytest.mark.nightly
def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere():
    """`make docs` takes warnings for errors; no page asks another host for a font or a script."""
    subprocess.run(["make", "-C", str(ROOT), "docs"], check=True, capture_output=True)
    pages = sorted((ROOT / "docs" / "_build" / "html").rglob("*.html"))
    assert len(pages) > len(CATALOGUE.entries)
    loaded = re.compile(r"<(?:link|script|img|iframe)\b[^>]*(?:href|src)=\"(?:https?:)?//")
    for page in pages:
        assert not loaded.search(page.read_text(encoding="utf-8")), page
