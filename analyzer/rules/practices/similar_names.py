"""In: an account. Out: users whose names look like those of one person."""

import re
from collections.abc import Iterator

from analyzer.config import Limits
from analyzer.inventory.model import Account, User
from analyzer.rules.outcomes import Outcome, Pass, fail, is_for_emergencies, user_resource
from analyzer.rules.shared_names import shared_words

_WORD = re.compile(r"[^\W\d_]+")
_SECOND_USER = frozenset(
    {
        "adm", "admin", "administrator", "cli", "api", "console", "dev", "ext", "external", "key",
        "mfa", "new", "old", "priv", "prod", "root", "su", "temp", "test", "tmp",
    }
)  # fmt: skip
"""What people add to their name for a second user."""
_EMERGENCY = frozenset({"break", "breakglass", "emergency", "glass", "notfall"})
"""Words for users that are there for an emergency, of which there should be two."""
_SHORTEST = 4
"""Letters of a name below which an initial and a surname say too little."""


def similar_user_names(account: Account, limits: Limits) -> Iterator[Outcome]:
    """A person may have several users: john.smith, jsmith, john.smith-admin. PCI 8.2.1.

    Two names in full are of one person only where they are the same: pat.smith is not paul.smith.
    """
    in_full: dict[str, User] = {}
    in_short: dict[str, User] = {}
    for user, entry in sorted(account.users_in_report(), key=lambda each: each[0].name):
        is_nobodys = shared_words(user.name) or is_for_emergencies(user, limits)
        full, short = ("", "") if is_nobodys else _person_names(user.name)
        other = in_full.get(full) or in_short.get(full) or in_full.get(short)
        if full:
            in_full.setdefault(full, user)
        if short:
            in_short.setdefault(short, user)
        if other is None or other.report_entry is None:
            yield Pass()
        else:
            where = entry.row.at("user"), other.report_entry.row.at("user")
            yield fail(user_resource(user), *where, user=user.name, other=other.name)


def _person_names(name: str) -> tuple[str, str]:
    """All words of the name as one, and initial with surname; "" for what says too little.

    What follows `@` or `+` in an address is not of the name.
    """
    local = name.partition("@")[0].partition("+")[0]
    words = [each.lower() for each in _WORD.findall(local)]
    if _EMERGENCY.intersection(words):
        return "", ""
    words = [each for each in words if each not in _SECOND_USER]
    full = "".join(words)
    short = words[0][0] + words[-1] if len(words) > 1 and len(words[-1]) >= _SHORTEST else ""
    return full if len(full) >= _SHORTEST else "", short
