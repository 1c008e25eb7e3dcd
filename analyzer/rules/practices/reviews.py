"""In: an account, the last report, the exceptions. Out: whether anybody looks, and acts."""

import re
from collections.abc import Iterator
from datetime import datetime

from analyzer.evidence.accepted_risks import RiskAcceptance
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.json_documents import JsonNode
from analyzer.evidence.previous_report import PreviousReport
from analyzer.inventory.model import Account
from analyzer.rules.external_access import has_external_findings, is_external
from analyzer.rules.finding import Finding, Resource
from analyzer.rules.outcomes import (
    SETTLED,
    Outcome,
    Pass,
    Unknown,
    account_resource,
    fail,
    unreadable,
)

_ARN_REGION = re.compile(r"arn:[a-z-]+:access-analyzer:([a-z0-9-]+):")
_EXTERNAL = frozenset({"ACCOUNT", "ORGANIZATION"})


def external_access_analyzer_missing(account: Account) -> Iterator[Outcome]:
    """A region has no active external-access analyzer. CIS 1.19 (5.0), Security Hub IAM.28."""
    for error in account.documents_of_kind(ExportKind.FAILED_CALL):
        called = (error.text("operation") or "").lower()
        if "listanalyzers" in called.replace("-", "").replace(" ", ""):
            yield Unknown("a region's list of analyzers could not be read", error.location)
    yield from _withheld_regions(account)
    regions: dict[str, list[JsonNode]] = {}
    for document in account.documents_of_kind(ExportKind.ANALYZERS):
        regions.setdefault(_region(document), []).append(document)
    for region, documents in sorted(regions.items()):
        analyzers = [each for document in documents for each in document.each("analyzers")]
        if any(
            each.text("type") in _EXTERNAL and each.text("status") == "ACTIVE" for each in analyzers
        ):
            yield Pass()
        else:
            where = (document.location.child("analyzers") for document in documents)
            yield fail(account_resource(account, region), *where, region=region)


def analyzer_public_finding_open(account: Account) -> Iterator[Outcome]:
    """Access Analyzer says that a resource is open to everyone, and nobody has acted on it."""
    if not has_external_findings(account):
        yield Unknown("no finding of an external-access analyzer was handed in")
    detailed: set[str] = set()
    for found in account.analyzer_findings:
        if found.has("findingDetails") and found.text("status") == "ACTIVE":
            detailed.add(found.text("id") or "")
            yield from _check_exposure(found)
    for found in account.analyzer_findings:
        is_told = found.has("findingDetails") or found.text("id") in detailed
        if not is_external(found) or found.text("status") in SETTLED or is_told:
            continue
        if found.text("status") != "ACTIVE":
            yield unreadable(found.location_of("status"))
            continue
        if found.has("isPublic"):  # list-findings, the older call, says it at once
            yield from _check_verdict(found, found)
        else:
            yield Unknown("no get-finding-v2 export says whether it is public", found.location)


def exception_expired(  # noqa: PLR0913, PLR0917 - a check asks by name for what it reads
    account: Account,
    findings: tuple[Finding, ...],
    unsettled: frozenset[str],
    accepted_risks: tuple[RiskAcceptance, ...],
    told_elsewhere: frozenset[str],
    previous: PreviousReport | None,
) -> Iterator[Outcome]:
    """An exception has run out, nobody answers for it, or it accepts what is no longer there.

    What a rule that was not judged would find nobody knows, nor whether its exception is needed.
    One for every account is told where it covers something, and once where it covers nothing.
    """
    earlier = previous.findings.values() if previous else ()
    known = [(found.rule, found.resource.arn) for found in findings]
    known += [(each.rule, each.resource) for each in earlier if each.account == account.id]
    for each in accepted_risks:
        if each.only_account not in {"", account.id}:
            continue
        covered = any(each.covers(rule, account.id, resource) for rule, resource in known)
        if not covered and each.id in told_elsewhere:
            yield Pass()
            continue
        fault = each.invalid_reason(account.as_of)
        if not fault and not covered and each.rule in unsettled:
            why = f"whether {each.id} is still needed can't be told: {each.rule} is not assessed"
            yield Unknown(why, each.location)
            continue
        fault = fault or ("" if covered else "accepts nothing that is found")
        if fault:
            resource = account_resource(account, f"exception/{each.id}")
            yield fail(resource, each.location, exception=each.id, rule=each.rule, fault=fault)
        else:
            yield Pass()


def _withheld_regions(account: Account) -> Iterator[Unknown]:
    """One for each list of analyzers that the pack's own record names and that is not there."""
    handed_in = tuple(artifact.path for artifact in account.artifacts)
    for manifest in account.documents_of_kind(ExportKind.PACK_MANIFEST):
        for call in manifest.each("calls"):
            name = call.text("file") or ""
            is_asked = "list-analyzers" in (call.text("command") or "") and name.endswith(".json")
            is_answered = call.number("exit") == 0
            if is_asked and is_answered and not any(path.endswith(name) for path in handed_in):
                yield Unknown(f"{name}, which the pack's record names, is missing", call.location)


def _region(document: JsonNode) -> str:
    stated = document.text("credaudit_region")
    if stated:
        return stated
    for analyzer in document.each("analyzers"):
        named = _ARN_REGION.match(analyzer.text("arn") or "")
        if named:
            return named[1]
    return "an unnamed region"


def _check_exposure(found: JsonNode) -> Iterator[Outcome]:
    for detail in found.each("findingDetails"):
        external = detail.child("externalAccessDetails")
        if external is not None:
            yield from _check_verdict(found, external)


def _check_verdict(found: JsonNode, detail: JsonNode) -> Iterator[Outcome]:
    match detail.boolean("isPublic"):
        case True:
            arn = found.text("resource") or ""
            since = found.time("createdAt")
            yield fail(
                Resource(arn, found.text("id") or arn),
                detail.location.child("isPublic"),
                resource=arn,
                finding=found.text("id") or "FINDING_ID",
                type=found.text("resourceType") or "resource",
                since=since if isinstance(since, datetime) else "an unknown date",
            )
        case False:
            yield Pass()
        case _:
            yield unreadable(detail.location.child("isPublic"))
