"""In: a leaked credential joined to its account. Out: its part of the report document."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account
from analyzer.leaks.model import LeakScan
from analyzer.risk.assessment import LeakAssessment
from analyzer.risk.blast_radius import BlastRadius, Capability
from analyzer.risk.exposure import ExposureLevel
from analyzer.risk.owner import Owner
from analyzer.risk.unsighted_keys import age_in_days, unsighted_keys
from analyzer.rules.catalogue import fill_command
from analyzer.rules.joined_leak_severity import joined_severity
from analyzer.rules.privilege_queries import locations
from analyzer.rules.severity import Severity
from analyzer.writers.document.parts import credential_dict, iso_utc, location_dict
from analyzer.writers.document.privileged import step_dict

_LISTS_OF_KEYS = frozenset({ExportKind.CREDENTIAL_REPORT, ExportKind.ACCESS_KEYS})
_MOST_CANDIDATES, _MOST_ROLES = 25, 50
"""How many candidates the document names; it counts the others."""


def leaks_by_severity(assessments: Iterable[LeakAssessment]) -> list[dict[str, Any]]:
    """All of them, the gravest first; the order of the scan among equals."""
    order = [each.value for each in Severity]
    return sorted(
        map(leaked_credential, assessments), key=lambda each: order.index(each["severity"])
    )


def leaked_credential(assessment: LeakAssessment) -> dict[str, Any]:
    """What `credaudit scan` says of the credential, and all that the account's exports add."""
    status, window = assessment.status, assessment.window
    is_doubtful = assessment.exposure.level is ExposureLevel.DOUBTFUL
    return credential_dict(assessment.credential, joined_severity(assessment)) | {
        # Where an export or the ID shows that it is real, a mark beside it does not count.
        "set_aside": assessment.credential.set_aside if is_doubtful else None,
        "account_relation": assessment.account_relation.value,
        "owner": _owner(assessment.owner),
        "status": status.status.value,
        "status_evidence": {
            "reason": status.reason,
            "certain": status.is_certain,
            "places": [location_dict(each) for each in status.locations],
        },
        "exposure": {
            "what": assessment.exposure.level.value,
            "since": _stamp(window.since),
            "until": _stamp(window.until),
            "days": window.days,
            "open": window.is_open,
            "at_most": window.is_at_most,
        },
        "blast_radius": _blast_radius(assessment.blast_radius),
        "timeline": [
            {
                "what": each.kind.value,
                "at": iso_utc(each.at),
                "place": location_dict(each.location) if each.location else None,
            }
            for each in assessment.events
        ],
        "steps": [
            {
                "reason": each.reason,
                "command": fill_command(each.command, each.facts) if each.command else None,
            }
            for each in assessment.response_plan
        ],
        "account_links": [
            {
                "account": each.account.id,
                "holder": each.holder,
                "unique_id": each.identifier.unique_id,
                "place": location_dict(each.identifier.occurrence),
            }
            for each in assessment.account_links
        ],
    }


def keys_not_seen(account: Account, leaks: LeakScan | None) -> list[dict[str, Any]] | None:
    """The account's active keys that no repository held.

    None where no repository was scanned, or no export tells which keys the account has.
    """
    if leaks is None or not _LISTS_OF_KEYS & account.available_exports:
        return None
    return [
        {
            "user": each.user,
            "key_id": each.key_id,
            "slot": each.slot,
            "created": _stamp(each.created) if isinstance(each.created, datetime) else None,
            "days": age_in_days(each, account),
            "compared": each.could_be_looked_for,
            "place": location_dict(each.location),
        }
        for each in unsighted_keys(account, leaks)
    ]


def _owner(owner: Owner) -> dict[str, Any]:
    return {
        "account": owner.account.id if owner.account else None,
        "user": owner.user,
        "certainty": owner.certainty.value,
        "reason": owner.reason,
        "places": [location_dict(each) for each in owner.locations],
        "candidates": [
            {
                "account": each.account,
                "user": each.user,
                "arn": each.arn,
                "score": each.score,
                "can_hold": each.can_hold_it,
                "reasons": [indicator.reason for indicator in each.indicators],
                "places": [
                    location_dict(indicator.location)
                    for indicator in each.indicators
                    if indicator.location
                ],
            }
            for each in owner.candidates[:_MOST_CANDIDATES]
        ],
        "more": max(0, len(owner.candidates) - _MOST_CANDIDATES),
        "excluded": owner.excluded,
    }


def _blast_radius(radius: BlastRadius) -> dict[str, Any]:
    privilege = radius.privilege
    none = "one service" if radius.is_one_service else "not-assessed"
    return {
        "level": radius.level.value if radius.level else none,
        "principal": radius.principal,
        "worst_case": radius.worst_case,
        "paths": privilege.paths if privilege else 0,
        "conditional_paths": privilege.conditional_paths if privilege else 0,
        "reasons": list(privilege.reasons) if privilege else [],
        "route": [step_dict(each) for each in privilege.route] if privilege else [],
        "roles": [
            {"role": each.role, "via": each.via, "certain": each.is_certain}
            for each in radius.roles[:_MOST_ROLES]
        ],
        "more_roles": max(0, len(radius.roles) - _MOST_ROLES),
        "owner_proven": radius.is_proven,
        "capabilities": [_capability(each) for each in radius.capabilities],
    }


def _capability(capability: Capability) -> dict[str, Any]:
    return {
        "text": capability.text,
        "certain": capability.is_certain,
        "places": [location_dict(each) for each in locations(capability.statements)],
    }


def _stamp(moment: datetime | None) -> str | None:
    return iso_utc(moment) if moment is not None else None
