"""In: leaked credentials of the report. Out: which have a page, what it says, and all in sum.

What nobody knows is said to be unknown, and what may work counts as working.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.risk.account_match import Belonging
from analyzer.risk.exposure import Exposure
from analyzer.risk.key_status import Life
from analyzer.risk.owner import Certainty
from analyzer.risk.owner_candidates import ROOT
from analyzer.rules.severity import Severity
from analyzer.writers.document.privileged import called
from analyzer.writers.document.report import Report
from analyzer.writers.view.escalation_diagram import Drawing, drawing

Leak = Mapping[str, Any]
"""One entry of `credentials` in the report."""

_LIVES = {
    Life.ACTIVE: "It is active",
    Life.INACTIVE: "It is inactive",
    Life.ROTATED: "It was rotated",
    Life.DELETED: "It was deleted",
    Life.EXPIRED: "It has expired",
    Life.UNKNOWN: "Nobody can tell",
}
_BELONGS = {
    Belonging.OWN: "Of account {}, which this report audits.",
    Belonging.KNOWN: "Of account {}, which is known, but is not part of this audit.",
    Belonging.DECOY: "Of account {}, which holds decoys: it is a trap for thieves.",
    Belonging.FOREIGN: "Of account {}, which is not part of this audit.",
    Belonging.UNKNOWN: "Nothing tells of which account it is.",
}
_POWERS = {
    "limited": "Limited: no way to full rights was found.",
    "unknown": "Unknown: the exports lack policies or principals, so nobody can tell.",
    "one service": "One service, the one that it was made for.",
    "not-assessed": "Not assessed, which is not the same as nothing.",
}


@dataclass(frozen=True, slots=True)
class Toll:
    """All leaked credentials that have a page, in sum.

    `working` counts those that may still work, `ownerless` those whose user is not known for
    certain. `longest` lay open for most days; None where no leak is dated.
    """

    leaks: tuple[Leak, ...]
    severities: Mapping[str, int]
    working: int
    users: int
    ownerless: int
    longest: Leak | None


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
    return bool(leak["exposure"]["what"] != Exposure.DOUBTFUL)


def paged(report: Report) -> tuple[Leak, ...]:
    """Every credential that has a page, the gravest first."""
    return tuple(each for each in report["credentials"] if has_page(each))


def short(report: Report) -> tuple[Leak, ...]:
    """Those that are most likely harmless, which are only listed."""
    return tuple(each for each in report["credentials"] if not has_page(each))


def toll(report: Report) -> Toll | None:
    """The sum of them; None where there are none."""
    leaks = paged(report)
    if not leaks:
        return None
    found = Counter(each["severity"] for each in leaks)
    owned = [each for each in leaks if each["owner"]["certainty"] == Certainty.EXACT]
    dated = [each for each in leaks if each["exposure"]["days"] is not None]
    return Toll(
        leaks=leaks,
        severities={each.value: found[each.value] for each in Severity if found[each.value]},
        working=sum(map(may_work, leaks)),
        users=len({(each["owner"]["account"], each["owner"]["user"]) for each in owned}),
        ownerless=len(leaks) - len(owned),
        longest=max(dated, key=lambda each: int(each["exposure"]["days"]), default=None),
    )


def may_work(leak: Leak) -> bool:
    """True unless a file shows for sure that it opens nothing any more."""
    return bool(leak["exposure"]["open"])


def person(user: str) -> str:
    """What a sentence calls the user: "user ann", or "the root user"."""
    return "the root user" if user == ROOT else f"user {user}"


def holder(arn: str) -> str:
    """What a sentence calls the principal: "user ann", "role ci", "the root user"."""
    return person(ROOT) if arn.endswith(":root") else called(arn)


def worst(leak: Leak) -> str:
    """The worst that its holder can do, as a sentence.

    With an if where no export tells the owner, and as what was where it surely ended.
    """
    reach, owner = leak["reach"], leak["reach"]["of"]
    said = str(reach["worst"])
    is_proven = leak["owner"]["certainty"] == Certainty.EXACT and reach["proven"]
    if owner is not None and not is_proven and not said.startswith("If it is "):
        said = f"If it is of {holder(owner)}, {_lowered(said)}"
    if may_work(leak):
        return said
    if leak["life"] == Life.INACTIVE:
        return f"It is switched off. If somebody switches it on: {_lowered(said)}"
    return f"It opens nothing any more. While it did: {_lowered(said)}"


def ranking(leak: Leak, most: int) -> Ranking:
    """The first candidates; those for whom nothing speaks only where there are no others."""
    owner = leak["owner"]
    listed = owner["candidates"]
    spoken_for = [each for each in listed if each["score"] or each["holds_it"]]
    shown = (spoken_for or listed)[:most]
    number = len(listed) + owner["more"]
    has_idle = len(shown) < number and (not owner["more"] or len(spoken_for) < len(listed))
    return Ranking(tuple(shown), number, has_idle and len(spoken_for) <= most)


def belonging(leak: Leak) -> str:
    """Whose account it is of, as a sentence."""
    account = leak["owner"]["account"] or leak["account"] or "(unknown)"
    return _BELONGS[Belonging(leak["belongs"])].format(account)


def state(leak: Leak) -> str:
    """Whether it works, in a few words."""
    if leak["life"] == Life.UNKNOWN:
        return "may be active"
    return str(leak["life"]) if leak["life_proof"]["sure"] else f"likely {leak['life']}, not sure"


def life(leak: Leak) -> str:
    """Whether it still works, and why, with the doubt that there is."""
    proof = leak["life_proof"]
    head = _LIVES[Life(leak["life"])]
    if not proof["sure"] and leak["life"] != Life.UNKNOWN:
        subject, verb, what = head.split(" ", 2)
        head = f"{subject} {verb} likely {what}, but that is not sure"
    doubt = may_work(leak) and leak["life"] != Life.ACTIVE
    return f"{head}: {proof['because']}.{' It counts as active.' if doubt else ''}"


def exposure(leak: Leak) -> str:
    """How long it lay open: at least where it may go on, at most where no file tells the end."""
    known = leak["exposure"]
    since, until = known["since"], known["until"]
    if since is None:
        return "Nobody can tell how long, since nothing dates the leak."
    if until is None or known["days"] is None:
        return f"Since {_day(since)}; nothing tells until when."
    if since > until:
        return f"Since {_day(since)}, which is after the exports were made: no day is counted yet."
    told = f"{days_open(leak)}, from {_day(since)} to"
    told = f"{told[:1].upper()}{told[1:]}"
    if known["open"]:
        return f"{told} the report of {_day(until)}, and it may still go on."
    if known["at_most"]:
        return f"{told} the report of {_day(until)}: on which day it ended, no export tells."
    end = "ran out" if leak["life"] == Life.EXPIRED else "ended"
    return f"{told} {_day(until)}, when it {end}."


def days_open(leak: Leak) -> str:
    """For how many days, in a few words."""
    known = leak["exposure"]
    if known["days"] is None:
        return "unknown"
    bound = "at least " if known["open"] else "at most " if known["at_most"] else ""
    return f"{bound}{_days(known['days'])}"


def begins_late(leak: Leak) -> bool:
    """True if the days begin with the making of the key, since a commit claims to be older."""
    leaked = [each["at"] for each in leak["timeline"] if each["what"] == "leaked"]
    since = leak["exposure"]["since"]
    return bool(leaked) and since is not None and since > min(leaked)


def power(leak: Leak) -> str:
    """How far whoever holds it gets, as a sentence."""
    word = str(leak["power"])
    return _POWERS.get(word, f"{word[:1].upper()}{word[1:]}.")


def way_up(leak: Leak, accounts: Sequence[Mapping[str, Any]]) -> Drawing | None:
    """The shortest way to full rights of whoever holds it; None where none is known.

    Administrators stand beside it, since a way that ends with one of them surely ends there.
    """
    reach = leak["reach"]
    if not reach["route"]:
        return None
    holder = {"principal": reach["of"] or "", "level": leak["power"], **reach}
    admins = (each for account in accounts for each in account["privileged"] or ())
    return drawing([holder, *(each for each in admins if not each["route"])])


def _lowered(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _days(number: int) -> str:
    return f"{number:,} day{'' if number == 1 else 's'}"


def _day(stamp: str) -> str:
    return stamp[:10]
