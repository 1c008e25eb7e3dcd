"""In: a leaked credential joined to its account. Out: its part of the report document."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from analyzer.inventory.model import Account
from analyzer.leaks.model import LeakScan
from analyzer.risk.assessment import Risk
from analyzer.risk.blast_radius import Deed, Might
from analyzer.risk.exposure import Exposure
from analyzer.risk.owner import Owner
from analyzer.risk.unsighted_keys import age_in_days, unseen
from analyzer.rules.catalogue import command
from analyzer.rules.joined_leak_severity import severity_with_account
from analyzer.rules.privilege_queries import places
from analyzer.rules.severity import Severity
from analyzer.writers.document.parts import credential, place, stamp
from analyzer.writers.document.privileged import step

_MOST_CANDIDATES, _MOST_ROLES = 25, 50
"""How many candidates the document names; it counts the others."""


def worst_first(risks: Iterable[Risk]) -> list[dict[str, Any]]:
    """All of them, the gravest first; the order of the scan among equals."""
    order = [each.value for each in Severity]
    return sorted(map(compromised, risks), key=lambda each: order.index(each["severity"]))


def compromised(risk: Risk) -> dict[str, Any]:
    """What `credaudit scan` says of the credential, and all that the account's exports add."""
    life, reckoned = risk.life, risk.exposed
    power = "one service" if risk.might.is_one_service else "not-assessed"
    is_doubtful = risk.seen.exposure is Exposure.DOUBTFUL
    return credential(risk.credential, severity_with_account(risk)) | {
        # Where an export or the ID shows that it is real, a mark beside it does not count.
        "demoted": risk.credential.demoted if is_doubtful else None,
        "belongs": risk.belongs.value,
        "owner": _owner(risk.owner),
        "life": life.life.value,
        "life_proof": {
            "because": life.because,
            "sure": life.is_sure,
            "places": [place(each) for each in life.places],
        },
        "exposure": {
            "what": risk.seen.exposure.value,
            "since": _stamp(reckoned.since),
            "until": _stamp(reckoned.until),
            "days": reckoned.days,
            "open": reckoned.is_open,
            "at_most": reckoned.is_at_most,
        },
        "power": risk.might.level.value if risk.might.level else power,
        "reach": _reach(risk.might),
        "timeline": [
            {
                "what": each.what.value,
                "at": stamp(each.at),
                "place": place(each.place) if each.place else None,
            }
            for each in risk.events
        ],
        "steps": [
            {
                "why": each.why,
                "command": command(each.command, each.facts) if each.command else None,
            }
            for each in risk.steps
        ],
        "proofs": [
            {
                "account": each.account.id,
                "holder": each.holder,
                "unique_id": each.identifier.unique_id,
                "place": place(each.identifier.occurrence),
            }
            for each in risk.proofs
        ],
    }


def unseen_keys(account: Account, leaks: LeakScan | None) -> list[dict[str, Any]] | None:
    """The account's active keys that no repository held; None where none was scanned."""
    if leaks is None:
        return None
    return [
        {
            "user": each.user,
            "key_id": each.key_id,
            "slot": each.slot,
            "created": _stamp(each.created) if isinstance(each.created, datetime) else None,
            "days": age_in_days(each, account),
            "compared": each.could_be_looked_for,
            "place": place(each.place),
        }
        for each in unseen(account, leaks)
    ]


def _owner(owner: Owner) -> dict[str, Any]:
    return {
        "account": owner.account.id if owner.account else None,
        "user": owner.user,
        "certainty": owner.certainty.value,
        "because": owner.because,
        "places": [place(each) for each in owner.places],
        "candidates": [
            {
                "account": each.account,
                "user": each.user,
                "arn": each.arn,
                "score": each.score,
                "holds_it": each.holds_it,
                "reasons": [hint.reason for hint in each.hints],
                "places": [place(hint.place) for hint in each.hints if hint.place],
            }
            for each in owner.candidates[:_MOST_CANDIDATES]
        ],
        "more": max(0, len(owner.candidates) - _MOST_CANDIDATES),
        "excluded": owner.excluded,
    }


def _reach(might: Might) -> dict[str, Any]:
    power = might.power
    return {
        "of": might.of,
        "worst": might.worst,
        "ways": power.ways if power else 0,
        "conditional_ways": power.conditional_ways if power else 0,
        "because": list(power.because) if power else [],
        "route": [step(each) for each in power.route] if power else [],
        "roles": [
            {"role": each.role, "via": each.via, "sure": each.is_sure}
            for each in might.roles[:_MOST_ROLES]
        ],
        "more_roles": max(0, len(might.roles) - _MOST_ROLES),
        "proven": might.is_proven,
        "deeds": [_deed(each) for each in might.deeds],
    }


def _deed(deed: Deed) -> dict[str, Any]:
    return {
        "says": deed.says,
        "sure": deed.is_sure,
        "places": [place(each) for each in places(deed.cited)],
    }


def _stamp(moment: datetime | None) -> str | None:
    return stamp(moment) if moment is not None else None
