"""In: an account's documents. Out: those that count, the newest of each export; older ones named.

Two documents are the same export where one call with the same arguments answers so: the same kind,
and the same user, region, principal or the like. Pages of one answer stay together. Where nothing
says which of two is newer, both count.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from analyzer.errors import EvidenceError
from analyzer.evidence.artifacts import Artifact
from analyzer.evidence.attribution import ancestor_paths
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.evidence.loading import EvidenceDocument
from analyzer.inventory.small_exports import contact_type

_ONE_RUN = timedelta(days=1)
"""Pages of one answer are fetched within this time."""
_NEVER = datetime.min.replace(tzinfo=UTC)
_REGION = re.compile(r"arn:[a-z-]+:[a-z-]+:([a-z0-9-]+):")
_PROFILE_OF = re.compile(r"Login Profile for User (\S+)")
_OF_THE_ACCOUNT = frozenset(
    {
        ExportKind.AUTHORIZATION_DETAILS,
        ExportKind.ACCOUNT_SUMMARY,
        ExportKind.PASSWORD_POLICY,
        ExportKind.SERVER_CERTIFICATES,
        ExportKind.SAML_PROVIDERS,
        ExportKind.ACCOUNT_ALIASES,
        ExportKind.ORG_FEATURES,
        ExportKind.ORGANIZATION,
        ExportKind.ORG_ACCOUNTS,
    }
)
"""One answer tells of the whole account."""


@dataclass(frozen=True, slots=True)
class ExportTimes:
    """When each file was made, by its id: `stated`, and `inferred` from what stands inside.

    A file that has no time of its own has that of the files in its folder whose time is stated.
    """

    stated: Mapping[str, datetime]
    inferred: Mapping[str, datetime]

    def is_newer(self, one: EvidenceDocument, other: EvidenceDocument) -> bool:
        """True if the one was certainly made later; of authorization details, if it seems so."""
        first, second = self.of(one), self.of(other)
        return first is not None and second is not None and first > second

    def are_apart(self, one: EvidenceDocument, other: EvidenceDocument) -> bool:
        """True if they can't be pages of one answer."""
        first, second = (self.stated.get(_file(each)) for each in (one, other))
        return first is not None and second is not None and abs(first - second) > _ONE_RUN

    def of(self, document: EvidenceDocument) -> datetime | None:
        """The time that orders it."""
        name = _file(document)
        found = self.stated.get(name)
        is_dated = document.kind is ExportKind.AUTHORIZATION_DETAILS
        # Details name the last use of each role; other exports only know when something was made.
        return found or (self.inferred.get(name) if is_dated else None)


def export_times(artifacts: Iterable[Artifact]) -> ExportTimes:
    """The times of these files."""
    files = tuple(artifacts)
    dated = [each for each in files if each.captured_at is not None]
    stated = {
        each.id: each.captured_at
        for each in dated
        if each.captured_at is not None and each.captured_how.is_stated
    }
    folders: dict[str, datetime] = {}
    for each in files:
        if each.id in stated:
            folder = ancestor_paths(each.path)[0]
            folders[folder] = max(folders.get(folder, stated[each.id]), stated[each.id])
    beside = {each.id: folders.get(ancestor_paths(each.path)[0]) for each in files}
    known = {name: time for name, time in beside.items() if time is not None} | stated
    inferred = {each.id: each.captured_at for each in dated if each.captured_at is not None}
    return ExportTimes(known, inferred)


def newest_documents(
    documents: Iterable[EvidenceDocument],
    times: ExportTimes,
    paths: Mapping[str, str],
    problems: list[EvidenceError],
) -> list[EvidenceDocument]:
    """The documents that count, in their order. `paths` are the files' names, by artifact id.

    Each older one that tells something else becomes a problem, and so do two of which nobody can
    say which is newer.
    """
    given = list(documents)
    groups: dict[Hashable, list[EvidenceDocument]] = defaultdict(list)
    for each in given:
        subject = _subject(each)
        groups[id(each) if subject is None else (each.kind, each.account, subject)].append(each)
    dropped: dict[int, EvidenceDocument] = {}
    for group in groups.values():
        if len(group) > 1:
            replaced = _replaced(group, times)
            dropped |= replaced
            problems += _rivals([each for each in group if id(each) not in replaced], paths)
    named: dict[str, EvidenceError] = {}
    for each in given:
        newer = dropped.get(id(each))
        if newer is not None and newer.node.value != each.node.value:
            named.setdefault(_file(each), _older_error(each, newer, paths))
    problems += named.values()
    return [each for each in given if id(each) not in dropped]


def _replaced(group: list[EvidenceDocument], times: ExportTimes) -> dict[int, EvidenceDocument]:
    """By id the documents that the newest whole one takes the place of, and that one.

    Its own pages stay. Details may be exported in parts, by sort of entity: parts and pages of one
    export share no entity, two exports of an account do.
    """
    whole = [each for each in group if _is_last_page(each.node) and times.of(each) is not None]
    if not whole:
        return {}
    newest = max(whole, key=lambda each: times.of(each) or _NEVER)
    found: dict[int, EvidenceDocument] = {}
    told: set[str] = set()
    for each in sorted(group, key=lambda each: times.of(each) or _NEVER, reverse=True):
        is_details = each.kind is ExportKind.AUTHORIZATION_DETAILS
        own = _arns(each.node) if is_details else frozenset()
        is_another = bool(own & told) if is_details else _is_last_page(each.node)
        if times.is_newer(newest, each) and (is_another or times.are_apart(newest, each)):
            found[id(each)] = newest
        else:
            told |= own
    return found


def _rivals(kept: list[EvidenceDocument], paths: Mapping[str, str]) -> Iterable[EvidenceError]:
    """A problem for two whole answers to one question of which neither is known to be newer."""
    whole = [each for each in kept if _is_last_page(each.node)]
    for one, other in pairwise(whole):
        is_two = _file(one) != _file(other) and one.node.value != other.node.value
        if is_two and one.kind is ExportKind.AUTHORIZATION_DETAILS:
            is_two = bool(_arns(one.node) & _arns(other.node))
        if is_two:
            yield EvidenceError(
                f"tells of the same as {paths.get(_file(one), '')}, and nothing says which of the "
                "two is newer; both count",
                where=paths.get(_file(other), ""),
                remedy="Hand in one export of each kind for each account",
            )


def _older_error(
    older: EvidenceDocument, newer: EvidenceDocument, paths: Mapping[str, str]
) -> EvidenceError:
    used = paths.get(_file(newer), "")
    return EvidenceError(
        f"is an older {older.kind.value} export of account {older.account}; {used} was used",
        where=paths.get(_file(older), ""),
        remedy="Audit each quarter by itself and compare the reports",
    )


def _file(document: EvidenceDocument) -> str:
    return document.node.location.evidence


def _is_last_page(node: JsonNode) -> bool:
    says_no = node.boolean("IsTruncated") in {False, MissingValue.ABSENT}
    return says_no and not any(node.child(name) is not None for name in ("Marker", "NextToken"))


def _arns(node: JsonNode) -> frozenset[str]:
    """The account's own entities; policies of AWS are in the export of every account."""
    sections = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    named = (entry.text("Arn") or "" for name in sections for entry in node.each(name))
    return frozenset(arn for arn in named if arn and ":iam::aws:" not in arn)


def _subject(document: EvidenceDocument) -> Hashable:
    """What the answer is about, beside its account; None where nothing says so."""
    kind, node = document.kind, document.node
    if kind in _OF_THE_ACCOUNT:
        return "the account"
    if kind is ExportKind.ACCOUNT_CONTACTS:
        return contact_type(node)
    if kind is ExportKind.LAST_ACCESSED:
        return node.text("credaudit_principal")
    if kind is ExportKind.ANALYZERS:
        named = (_REGION.match(each.text("arn") or "") for each in node.each("analyzers"))
        return node.text("credaudit_region") or next((m[1] for m in named if m), None)
    if kind in {ExportKind.ANALYZER_FINDINGS, ExportKind.FINDING_DETAILS}:
        return node.text("id") if node.has("findingDetails") else node.text("credaudit_analyzer")
    if kind is ExportKind.OIDC_PROVIDERS:
        return node.text("Url") or "the account"
    if kind is ExportKind.MFA_DEVICES and node.has("VirtualMFADevices"):
        return "the account"
    if kind is ExportKind.LOGIN_PROFILES:
        refused = _PROFILE_OF.search(node.text("message") or "")
        profile = node.child("LoginProfile")
        return refused[1] if refused else profile.text("UserName") if profile else None
    if kind in {ExportKind.ACCESS_KEYS, ExportKind.MFA_DEVICES}:
        return _user_of_list(node)
    return None


def _user_of_list(node: JsonNode) -> Hashable:
    """The user whom a list is about; "everybody" for one of several users."""
    names = {
        name
        for section in ("AccessKeyMetadata", "MFADevices")
        for entry in node.each(section)
        if (name := entry.text("UserName"))
    }
    asked = node.text("credaudit_user")
    names |= {asked} if asked else set()
    return ("everybody",) if len(names) > 1 else next(iter(names), None)
