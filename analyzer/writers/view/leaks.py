"""In: leaked credentials of the report. Out: which have a page, what it says, and all in sum.

What nobody knows is said to be unknown, and what may work counts as working.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.inventory.model import ROOT_USER, principal_noun
from analyzer.risk.account_match import AccountRelation
from analyzer.risk.exposure import ExposureLevel
from analyzer.risk.key_status import KeyStatus
from analyzer.risk.owner import Certainty
from analyzer.rules.severity import Severity
from analyzer.writers.document.report import Report
from analyzer.writers.view.escalation_diagram import EscalationDiagram, escalation_diagram

Leak = Mapping[str, Any]
"""One entry of `credentials` in the report."""

_STATUS_SENTENCES = {
    KeyStatus.ACTIVE: "It is active",
    KeyStatus.INACTIVE: "It is inactive",
    KeyStatus.ROTATED: "It was rotated",
    KeyStatus.DELETED: "It was deleted",
    KeyStatus.EXPIRED: "It has expired",
    KeyStatus.UNKNOWN: "Nobody can tell",
}
_RELATION_SENTENCES = {
    AccountRelation.OWN: "Of account {}, which this report audits.",
    AccountRelation.KNOWN: "Of account {}, which is known, but is not part of this audit.",
    AccountRelation.DECOY: "Of account {}, which holds decoys: it is a trap for thieves.",
    AccountRelation.FOREIGN: "Of account {}, which is not part of this audit.",
    AccountRelation.UNKNOWN: "Nothing tells of which account it is.",
}
_BLAST_RADIUS_SENTENCES = {
    "limited": "Limited: no way to full rights was found.",
    "unknown": "Unknown: the exports lack policies or principals, so nobody can tell.",
    "one service": "One service, the one that it was made for.",
    "not-assessed": "Not assessed, which is not the same as nothing.",
}


@dataclass(frozen=True, slots=True)
class LeakSummary:
    """All leaked credentials that have a page, in sum.

    `possibly_active` counts those that may still work, `without_certain_owner` those whose user is
    not known for certain, and `users` the users of the others. `longest_exposed` lay open for most
    days; None where no leak is dated.
    """

    leaks: tuple[Leak, ...]
    severities: Mapping[str, int]
    possibly_active: int
    users: int
    without_certain_owner: int
    longest_exposed: Leak | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The candidates that are shown, of so many. `is_idle_rest`: nothing speaks for the others."""

    shown: tuple[Mapping[str, Any], ...]
    number: int
    is_idle_rest: bool


def has_page(leak: Leak) -> bool:
    """True unless it is most likely harmless.

    True also for one that somebody marked as harmless where an export names it as a real key.
    """
    return bool(leak["exposure"]["what"] != ExposureLevel.DOUBTFUL)


def leaks_with_page(report: Report) -> tuple[Leak, ...]:
    """Every credential that has a page, the gravest first."""
    return tuple(each for each in report["credentials"] if has_page(each))


def doubtful_leaks(report: Report) -> tuple[Leak, ...]:
    """Those that are most likely harmless, which are only listed."""
    return tuple(each for each in report["credentials"] if not has_page(each))


def leak_summary(report: Report) -> LeakSummary | None:
    """The sum of them; None where there are none."""
    leaks = leaks_with_page(report)
    if not leaks:
        return None
    found = Counter(each["severity"] for each in leaks)
    owned = [each for each in leaks if each["owner"]["certainty"] == Certainty.EXACT]
    dated = [each for each in leaks if each["exposure"]["days"] is not None]
    return LeakSummary(
        leaks=leaks,
        severities={each.value: found[each.value] for each in Severity if found[each.value]},
        possibly_active=sum(map(is_possibly_active, leaks)),
        users=len({(each["owner"]["account"], each["owner"]["user"]) for each in owned}),
        without_certain_owner=len(leaks) - len(owned),
        longest_exposed=max(dated, key=lambda each: int(each["exposure"]["days"]), default=None),
    )


def is_possibly_active(leak: Leak) -> bool:
    """True unless a file certainly shows that it opens nothing any more."""
    return bool(leak["exposure"]["open"])


def user_noun(user: str) -> str:
    """What a sentence calls the user: "user ann", or "the root user"."""
    return "the root user" if user == ROOT_USER else f"user {user}"


def holder_noun(arn: str) -> str:
    """What a sentence calls the principal: "user ann", "role ci", "the root user"."""
    return user_noun(ROOT_USER) if arn.endswith(":root") else principal_noun(arn)


def worst_case_sentence(leak: Leak) -> str:
    """The worst that its holder can do, as a sentence.

    It begins with an "if" where no export names the owner, and is in the past tense where it has
    certainly ended.
    """
    radius, owner = leak["blast_radius"], leak["blast_radius"]["principal"]
    said = str(radius["worst_case"])
    is_proven = leak["owner"]["certainty"] == Certainty.EXACT and radius["owner_proven"]
    if owner is not None and not is_proven and not said.startswith("If it is "):
        said = f"If it is of {holder_noun(owner)}, {_lower_first(said)}"
    if is_possibly_active(leak):
        return said
    if leak["status"] == KeyStatus.INACTIVE:
        return f"It is switched off. If somebody switches it on: {_lower_first(said)}"
    return f"It opens nothing any more. While it did: {_lower_first(said)}"


def ranking(leak: Leak, most: int) -> Ranking:
    """The first candidates; those for whom nothing speaks only where there are no others."""
    owner = leak["owner"]
    listed = owner["candidates"]
    spoken_for = [each for each in listed if each["score"] or each["can_hold"]]
    shown = (spoken_for or listed)[:most]
    number = len(listed) + owner["more"]
    has_idle = len(shown) < number and (not owner["more"] or len(spoken_for) < len(listed))
    return Ranking(tuple(shown), number, has_idle and len(spoken_for) <= most)


def relation_sentence(leak: Leak) -> str:
    """Whose account it is of, as a sentence."""
    account = leak["owner"]["account"] or leak["account"] or "(unknown)"
    return _RELATION_SENTENCES[AccountRelation(leak["account_relation"])].format(account)


def status_words(leak: Leak) -> str:
    """Whether it works, in a few words."""
    if leak["status"] == KeyStatus.UNKNOWN:
        return "may be active"
    return (
        str(leak["status"])
        if leak["status_evidence"]["certain"]
        else f"likely {leak['status']}, not certain"
    )


def status_sentence(leak: Leak) -> str:
    """Whether it still works, and why, with the doubt that there is."""
    proof = leak["status_evidence"]
    head = _STATUS_SENTENCES[KeyStatus(leak["status"])]
    if not proof["certain"] and leak["status"] != KeyStatus.UNKNOWN:
        subject, verb, what = head.split(" ", 2)
        head = f"{subject} {verb} likely {what}, but that is not certain"
    doubt = is_possibly_active(leak) and leak["status"] != KeyStatus.ACTIVE
    return f"{head}: {proof['reason']}.{' It counts as active.' if doubt else ''}"


def exposure_sentence(leak: Leak) -> str:
    """How long it lay open: at least where it may go on, at most where no file tells the end."""
    known = leak["exposure"]
    since, until = known["since"], known["until"]
    if since is None:
        return "Nobody can tell how long, since nothing dates the leak."
    if until is None or known["days"] is None:
        return f"Since {_day_of(since)}; nothing tells until when."
    if since > until:
        return (
            f"Since {_day_of(since)}, which is after the exports were made: no day is counted yet."
        )
    told = f"{days_open(leak)}, from {_day_of(since)} to"
    told = f"{told[:1].upper()}{told[1:]}"
    if known["open"]:
        return f"{told} the report of {_day_of(until)}, and it may still go on."
    if known["at_most"]:
        return f"{told} the report of {_day_of(until)}: on which day it ended, no export tells."
    end = "ran out" if leak["status"] == KeyStatus.EXPIRED else "ended"
    return f"{told} {_day_of(until)}, when it {end}."


def days_open(leak: Leak) -> str:
    """For how many days, in a few words."""
    known = leak["exposure"]
    if known["days"] is None:
        return "unknown"
    bound = "at least " if known["open"] else "at most " if known["at_most"] else ""
    return f"{bound}{_count_days(known['days'])}"


def begins_late(leak: Leak) -> bool:
    """True if the days begin with the making of the key, since a commit claims to be older."""
    leaked = [each["at"] for each in leak["timeline"] if each["what"] == "leaked"]
    since = leak["exposure"]["since"]
    return bool(leaked) and since is not None and since > min(leaked)


def blast_radius_sentence(leak: Leak) -> str:
    """How far whoever holds it gets, as a sentence."""
    word = str(leak["blast_radius"]["level"])
    return _BLAST_RADIUS_SENTENCES.get(word, f"{word[:1].upper()}{word[1:]}.")


def path_diagram(leak: Leak, accounts: Sequence[Mapping[str, Any]]) -> EscalationDiagram | None:
    """The shortest way to full rights of whoever holds it; None where none is known.

    Administrators are drawn beside it, since a route that ends with one of them ends there.
    """
    radius = leak["blast_radius"]
    if not radius["route"]:
        return None
    holder = {**radius, "principal": radius["principal"] or ""}
    admins = (each for account in accounts for each in account["privileged"] or ())
    return escalation_diagram([holder, *(each for each in admins if not each["route"])])


def _lower_first(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _count_days(number: int) -> str:
    return f"{number:,} day{'' if number == 1 else 's'}"


def _day_of(stamp: str) -> str:
    return stamp[:10]
