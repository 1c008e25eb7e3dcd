"""In: a sentence about an account. Out: its exports as files, and what the rules say of them.

    account().user("ann").password(changed=400).key(age=120, last_used=3).group("dev")

Every method returns a new builder and speaks of whoever was named last. Ages are days before the
report time; a `timedelta` is exact to the second, None is "never", and a text goes into the file
as it is. Judging writes real files to a temporary folder and runs the real pipeline: read, join,
judge. The methods for the small exports stand in `tests/rules/small_exports.py`.
"""

import base64
import copy
import csv
import io
import json
import tempfile
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self

from analyzer.config import PROFILES, Profile
from analyzer.evidence.accepted_risks import RiskAcceptance
from analyzer.evidence.artifacts import Location
from analyzer.evidence.credential_report import COLUMNS
from analyzer.evidence.loading import load_evidence
from analyzer.inventory.join import build_accounts
from analyzer.inventory.model import ROOT_USER, Account
from analyzer.inventory.people import match_people
from analyzer.inventory.people_index import index_roster
from analyzer.leaks.model import (
    ClaimedFacts,
    Credential,
    CredentialKind,
    LeakScan,
    Occurrence,
    PlaceKind,
)
from analyzer.rules import catalogue
from analyzer.rules.engine import CheckInput, graph_of, reads_findings, run_again, run_checks
from analyzer.rules.finding import Finding, Result, Status
from tests.evidence.roster_material import roster_of
from tests.rules.last_quarter import keys_of, previous_of
from tests.rules.reading_back import value_in
from tests.rules.small_exports import REPORT_TIME, Age, SmallExports, blank_row, days

REPORT, DETAILS = "credential-report.json", "authorization-details.json"
_INLINE = {
    "UserDetailList": "UserPolicyList",
    "GroupDetailList": "GroupPolicyList",
    "RoleDetailList": "RolePolicyList",
}


class Proof(NamedTuple):
    """A finding as a reader checks it: whose, at which spot of which file, what stands there."""

    resource: str
    spot: str
    value: Any


@cache
def the_catalogue() -> catalogue.Catalogue:
    """The catalogue that ships with the program, read once."""
    return catalogue.load_catalogue()


def key_id(number: str, serial: int = 0) -> str:
    """A key ID as AWS could give it to a key of the account, whose number stands in its bits."""
    bits = 1 << 79 | int(number) << 39 | serial * 0x1234567 % (1 << 39)
    return "AKIA" + base64.b32encode(bits.to_bytes(10, "big")).decode()


def allow(*actions: str, on: Any = "*", when: Any = None) -> dict[str, Any]:
    """A statement that allows this."""
    said = {"Effect": "Allow", "Action": list(actions), "Resource": on}
    return said | ({"Condition": when} if when else {})


def deny(*actions: str, on: Any = "*", when: Any = None) -> dict[str, Any]:
    """A statement that denies this."""
    return allow(*actions, on=on, when=when) | {"Effect": "Deny"}


def _copied(value: Any) -> Any:
    """The value with copies of its lists and dictionaries; all else in a builder never changes."""
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def policy_text(*statements: Any) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


@dataclass(repr=False)
class AccountBuilder(SmallExports):
    """An account under construction; `account()` makes one. `named` is where details go."""

    named: str = ""
    left_out: frozenset[str] = frozenset()
    beside: dict[str, Any] = field(default_factory=dict)
    as_of: datetime | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """A copy with lists and dictionaries of its own, four times as fast as the general one."""
        return type(self)(**{each.name: _copied(getattr(self, each.name)) for each in fields(self)})

    # Who is in the account.

    def root(self, *, mfa: bool = True, password: Any = True, last_used: Age = 400) -> Self:
        """Root, described anew; `key()` and `mfa_device()` after it are root's."""
        made, row = self.without_root(), blank_row(ROOT_USER, self.arn("root"), self.when(1000))
        row |= {"password_enabled": str(password).lower(), "mfa_active": str(mfa).lower()}
        row |= {"password_last_used": self.when(last_used)}
        row["password_last_changed"] = "N/A" if password is False else self.when(900)
        made.rows.append(row | {"password_next_rotation": "not_supported"})
        return made

    def user(self, name: str, *, created: Age = 500, path: str = "/") -> Self:
        """A user without any credential, in both exports."""
        arn = self.arn(f"user{path}{name}")
        made = self._detailed("UserDetailList", arn, created, UserName=name, GroupList=[])
        made.rows.append(blank_row(name, arn, self.when(created)))
        return made

    def group(self, name: str) -> Self:
        """The user named last joins the group, which is made if need be."""
        known = {each["GroupName"] for each in self.details["GroupDetailList"]}
        made = copy.deepcopy(self) if name in known else self.empty_group(name)
        made.details["UserDetailList"][-1]["GroupList"].append(name)
        return replace(made, named=self.named)

    def empty_group(self, name: str) -> Self:
        """A group without members; policies may follow."""
        return self._detailed("GroupDetailList", self.arn(f"group/{name}"), 400, GroupName=name)

    def role(
        self,
        name: str,
        *,
        created: Age = 400,
        last_used: Age = 1,
        service: str = "ec2.amazonaws.com",
        path: str = "/",
    ) -> Self:
        """A role; `last_used` None is one that AWS has not seen used in 400 days."""
        allowed = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        used = {} if last_used is None else {"LastUsedDate": self.when(last_used), "Region": "x"}
        return self._detailed(
            "RoleDetailList",
            self.arn(f"role{path}{name}"),
            created,
            RoleName=name,
            RoleLastUsed=used,
            AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [allowed]},
        )

    def policy(
        self, name: str, *statements: Any, attachments: int = 1, boundaries: int = 0
    ) -> Self:
        """A customer-managed policy; with statements it has a text, else the export lacks it."""
        counts = {"AttachmentCount": attachments, "PermissionsBoundaryUsageCount": boundaries}
        arn = self.arn(f"policy/{name}")
        made = self._detailed("Policies", arn, 300, PolicyName=name, **counts)
        return made.version(*statements, default=True) if statements else made

    def aws_policy(self, name: str, *statements: Any) -> Self:
        """The text of a policy that AWS maintains, as the export has it of each attached one."""
        arn = f"arn:{self.partition}:iam::aws:policy/{name}"
        made = self._detailed("Policies", arn, 3000, PolicyName=name, AttachmentCount=1)
        return replace(made.version(*statements, default=True), named=self.named)

    # What the one named last holds.

    def password(self, *, changed: Age = 30, last_used: Age = 1) -> Self:
        """A console password; `last_used` None is one that nobody has signed in with."""
        used = self.when(last_used, never="no_information")
        cells = {"password_last_changed": self.when(changed), "password_last_used": used}
        return self._cells(password_enabled="true", **cells)

    def mfa(self) -> Self:
        """An MFA device of whatever type."""
        return self._cells(mfa_active="true")

    def key(
        self,
        *,
        age: Age = 30,
        last_used: Age = 1,
        active: bool = True,
        region: str = "eu-west-1",
        service: str = "s3",
    ) -> Self:
        """An access key in the next slot; `last_used` None is one that was never used."""
        slot = 1 if self.rows[-1]["access_key_1_last_rotated"] == "N/A" else 2
        seen = [region, service] if last_used is not None else ["N/A", "N/A"]
        values = [str(active).lower(), self.when(age), self.when(last_used), *seen]
        first = COLUMNS.index(f"access_key_{slot}_active")
        return self._cells(**dict(zip(COLUMNS[first : first + 5], values, strict=True)))

    def certificate(self, *, age: Age = 30, active: bool = True) -> Self:
        """An X.509 signing certificate in the first slot."""
        return self._cells(cert_1_active=str(active).lower(), cert_1_last_rotated=self.when(age))

    def attached(self, *policies: str) -> Self:
        """Managed policies: AWS's by name, others by ARN."""
        made = copy.deepcopy(self)
        for given in policies:
            arn = given if given.startswith("arn:") else f"arn:{self.partition}:iam::aws:policy/"
            arn += "" if given.startswith("arn:") else given
            held = {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}
            made.details[self.named][-1]["AttachedManagedPolicies"].append(held)
        return made

    def inline(self, name: str, *statements: Any) -> Self:
        """An inline policy."""
        made, document = copy.deepcopy(self), policy_text(*statements)
        held = made.details[self.named][-1].setdefault(_INLINE[self.named], [])
        held.append({"PolicyName": name, "PolicyDocument": document})
        return made

    def version(self, *statements: Any, default: bool = False) -> Self:
        """Another version of the policy named last."""
        made = copy.deepcopy(self)
        versions = made.details["Policies"][-1].setdefault("PolicyVersionList", [])
        number = f"v{len(versions) + 1}"
        found = {"VersionId": number, "IsDefaultVersion": default}
        versions.append(found | {"Document": policy_text(*statements)})
        return made

    def may(self, *actions: str, on: Any = "*", when: Any = None) -> Self:
        """An inline policy that allows this."""
        return self.inline(self._policy_name(), allow(*actions, on=on, when=when))

    def may_not(self, *actions: str, on: Any = "*", when: Any = None) -> Self:
        """An inline policy that denies this."""
        return self.inline(self._policy_name(), deny(*actions, on=on, when=when))

    def boundary(self, arn: str) -> Self:
        """A permissions boundary."""
        return self.member(PermissionsBoundary={"PermissionsBoundaryArn": arn})

    def trusting(self, *statements: Any) -> Self:
        """The trust policy of the role named last, in place of the one it has."""
        return self.member(AssumeRolePolicyDocument=policy_text(*statements))

    def trusts(self, principal: Any, *, when: Any = None, action: Any = "sts:AssumeRole") -> Self:
        """The role named last lets in this principal, and nobody else."""
        allowed = {"Effect": "Allow", "Principal": principal, "Action": action}
        return self.trusting(allowed | ({"Condition": when} if when else {}))

    def _policy_name(self) -> str:
        return f"p{len(self.details[self.named][-1].get(_INLINE[self.named], []))}"

    def tag(self, name: str, value: str = "x") -> Self:
        """A tag."""
        made = copy.deepcopy(self)
        made.details[self.named][-1].setdefault("Tags", []).append({"Key": name, "Value": value})
        return made

    # What lies beside the exports.

    def leak(  # noqa: PLR0913 - one parameter for each thing that a scan may tell
        self,
        name: str | None,
        *,
        account: str | None = None,
        set_aside: str | None = None,
        kind: CredentialKind | None = None,
        user: str | None = None,
        seen: Age = None,
        secret: str | None = None,
    ) -> Self:
        """A credential that the scanner found, by its key ID; None is a bare secret.

        `seen` is the age of the commit that brought it in, `secret` a digest.
        """
        kind = kind or (CredentialKind.LONG_TERM_KEY if name else CredentialKind.SECRET)
        date = None if seen is None else datetime.fromisoformat(self.when(seen))
        spot = Occurrence(
            "app.git", "settings.py", 3, PlaceKind.HISTORY, object="ab" * 20, date=date
        )
        facts = ClaimedFacts(account=account, user=user)
        found = Credential(
            f"C-{name or kind}", kind, name, account, secret, (spot,), set_aside, claims=facts
        )
        return self._beside(leaks=LeakScan((*self.scanned().beside["leaks"].credentials, found)))

    def scanned(self) -> Self:
        """A scan that found nothing (more)."""
        return self._beside(leaks=self.beside.get("leaks", LeakScan()))

    def limits(self, profile: Profile = Profile.CIS, **limits: Any) -> Self:
        """Thresholds other than the defaults: a profile's, some of them replaced."""
        return self._beside(limits=replace(PROFILES[profile], **limits))

    def audited_at(self, age: Age) -> Self:
        """An audit date other than the report time, as --as-of gives it."""
        return replace(copy.deepcopy(self), as_of=datetime.fromisoformat(self.when(age)))

    def after(self, earlier: "AccountBuilder") -> Self:
        """The report that was made of `earlier` is the previous one."""
        found = [each for result in earlier.judged_all().values() for each in result.findings]
        keys = keys_of(earlier.account())
        return self._beside(previous=previous_of(earlier.number, *found, keys=keys))

    def accepted(self, rule: str, resource: str = "*", **members: Any) -> Self:
        """An entry of the exceptions file, in force unless the members say otherwise."""
        texts = {"account": "", "reason": "known", "owner": "ann", "approver": "bob", "ticket": ""}
        times = {"created": self.now - days(30), "expires": self.now + days(60)}
        given = {"id": f"X-{rule}", "rule": rule, "resource": resource} | texts | times | members
        location = Location("exceptions:exceptions.toml", pointer="/exception/0")
        entries = (
            *self.beside.get("accepted_risks", ()),
            RiskAcceptance(**given, location=location),
        )
        return self._beside(accepted_risks=entries)

    def people(self, text: str | bytes, name: str = "people.csv") -> Self:
        """A list of people beside the exports, or its settings; several may be handed in."""
        return self._beside(rosters={**self.beside.get("rosters", {}), name: text})

    # What is wrong with the exports.

    def cell(self, user: str, column: str, text: str) -> Self:
        """Any text in the user's cell of that column; `ROOT_USER` is root's name."""
        made = copy.deepcopy(self)
        next(row for row in made.rows if row["user"] == user)[column] = text
        return made

    def member(self, **members: Any) -> Self:
        """Other members in the details of the one named last; None takes one out."""
        made = copy.deepcopy(self)
        entry = made.details[self.named][-1] | members
        made.details[self.named][-1] = {k: v for k, v in entry.items() if v is not None}
        return made

    def page(self, **members: Any) -> Self:
        """Other members of the authorization details themselves; None takes one out."""
        page = copy.deepcopy(self.details) | members
        return replace(
            copy.deepcopy(self), details={k: v for k, v in page.items() if v is not None}
        )

    def without(self, *files: str) -> Self:
        """Exports that are not handed in."""
        return replace(copy.deepcopy(self), left_out=self.left_out | set(files))

    def without_root(self) -> Self:
        """A report that lacks root's row."""
        made = copy.deepcopy(self)
        made.rows = [row for row in made.rows if row["user"] != ROOT_USER]
        return made

    def bare_report(self, text: str, name: str = "report.csv") -> Self:
        """This text as the credential report, in place of the API's JSON answer."""
        made = self.without(REPORT)
        made.texts[name] = text
        return made

    # What comes of it.

    @property
    def csv(self) -> str:
        """The credential report's text, root first and no line end after the last row."""
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(self.rows, key=lambda row: row["user"] != ROOT_USER))
        return text.getvalue().removesuffix("\n")

    def write(self, folder: Path, prefix: str = "") -> Path:
        """All exports as files in the folder."""
        content = base64.b64encode(self.csv.encode()).decode()
        report = {"Content": content, "ReportFormat": "text/csv"}
        report["GeneratedTime"] = self.now.isoformat()
        documents = {REPORT: [report], DETAILS: [self._details_written()]} | self.exports
        texts = {name: "\n".join(map(json.dumps, each)) for name, each in documents.items()}
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (texts | self.texts).items():
            if name not in self.left_out:
                (folder / f"{prefix}{name}").write_text(text, encoding="utf-8", newline="")
        return folder

    def _details_written(self) -> dict[str, Any]:
        """The details, with the policies of AWS that are in use: the export lists them, too."""
        page = dict(self.details)
        held = (
            grant
            for section in _INLINE
            for entry in page.get(section) or ()
            for grant in entry.get("AttachedManagedPolicies") or ()
        )
        listed = {each["Arn"] for each in page.get("Policies") or ()}
        missing = {
            grant["PolicyArn"]: {"PolicyName": grant["PolicyName"], "Arn": grant["PolicyArn"]}
            for grant in held
            if isinstance(grant, dict) and ":iam::aws:" in grant.get("PolicyArn", "")
        }
        if "Policies" in page:
            unlisted = [each for arn, each in missing.items() if arn not in listed]
            page["Policies"] = [*page["Policies"], *unlisted]
        return page

    def account(self) -> Account:
        """The account as the pipeline joins it."""
        with tempfile.TemporaryDirectory() as folder:
            accounts, _ = build_accounts(load_evidence((self.write(Path(folder)),)), self.as_of)
            return next(each for each in accounts if each.id == self.number)

    def case(self) -> CheckInput:
        """All that the checks may ask for."""
        account, beside = self.account(), dict(self.beside)
        if rosters := beside.pop("rosters", None):
            beside["people"] = match_people(index_roster(roster_of(rosters)), account)
        return CheckInput(account, **beside)

    def judged_all(self) -> dict[str, Result]:
        """What every rule says."""
        results = run_checks(self.case(), the_catalogue())
        return {result.rule: result for result in results}

    def judged(self, rule: str) -> Result:
        """What the rule says; the others are asked as well only if it reads their findings."""
        if reads_findings(rule):
            return self.judged_all()[rule]
        given = self.case()
        return run_again(rule, replace(given, graph=graph_of(given.account)), the_catalogue())

    def status(self, rule: str) -> Status:
        """Whether the rule is kept."""
        return self.judged(rule).status

    def proof(self, rule: str) -> list[Proof]:
        """Each finding's resource and first place, with what stands there; none if it passes."""
        result = self.judged(rule)
        assert (result.status is Status.FAIL) == bool(result.findings)
        return [self._proof(finding) for finding in result.findings]

    def value_at(self, location: Location) -> tuple[str, Any]:
        """The file that the place is in, and what really stands there. LookupError if nothing."""
        if beside := self._people_file(location.evidence):
            return beside, value_in(str(self.beside["rosters"][beside]), location)
        with tempfile.TemporaryDirectory() as folder:
            exports = self.write(Path(folder) / "exports")
            paths = {artifact.id: artifact.path for artifact in load_evidence((exports,)).artifacts}
            name = paths[location.evidence].partition("/")[2]
            return name, value_in((exports / name).read_text(encoding="utf-8"), location)

    def _people_file(self, evidence: str) -> str:
        """The list of people, or its settings, that has this id; "" for none."""
        given = self.beside.get("rosters", {})
        lists = [name for name in given if not name.endswith(".toml")]
        settings = [name for name in given if name.endswith(".toml")]
        ids = {f"R{number}": name for number, name in enumerate(lists, 1)}
        ids |= {f"RT{number}": name for number, name in enumerate(settings, 1)}
        return ids.get(evidence, "")

    def _proof(self, finding: Finding) -> Proof:
        location, resource = (
            finding.locations[0],
            finding.resource.arn.rpartition(f"{self.number}:")[2],
        )
        if not isinstance(location, Location):
            return Proof(resource, f"{location.repository}:{location.path}:{location.line}", None)
        if ":" in location.evidence:  # the previous report, the exceptions file
            return Proof(resource, f"{location.evidence}{location.pointer}", None)
        name, value = self.value_at(location)
        spot = f"{location.row}:{location.column}" if location.row else location.pointer or ""
        return Proof(resource, f"{name}:{spot}", value)

    def _detailed(self, section: str, arn: str, created: Age, **members: Any) -> Self:
        made = copy.deepcopy(self)
        entry = {"Arn": arn, "CreateDate": self.when(created), "AttachedManagedPolicies": []}
        made.details[section].append(entry | members)
        return replace(made, named=section)

    def _cells(self, **cells: str) -> Self:
        made = copy.deepcopy(self)
        made.rows[-1] |= cells
        return made

    def _beside(self, **case: Any) -> Self:
        return replace(copy.deepcopy(self), beside={**self.beside, **case})


def account(
    number: str = "111122223333", partition: str = "aws", now: datetime = REPORT_TIME
) -> AccountBuilder:
    """An account with a well-kept root and nobody else in it."""
    sections = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    details: dict[str, Any] = {section: [] for section in sections} | {"IsTruncated": False}
    return AccountBuilder(number, partition, now, details=details).root()
