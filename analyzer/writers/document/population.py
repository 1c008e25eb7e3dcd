"""In: an Account. Out: its full population as tables: users, roles, groups, keys.

A reviewer need not sample: every principal is listed with all columns normalised.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

import pandas as pd

from analyzer.evidence.cells import MaybeTime, MissingValue
from analyzer.inventory.model import ROOT_USER, Account, ReportEntry, Role, User
from analyzer.inventory.people import MatchedPeople, UserMatch
from analyzer.inventory.user_keys import MatchTier

USERS = {
    "user": "User",
    "created": "Created",
    "password": "Password",
    "password_last_used": "Last sign-in",
    "password_last_changed": "Password changed",
    "mfa": "MFA",
    "active_keys": "Active keys",
    "oldest_key": "Oldest active key",
    "last_activity": "Last activity",
    "groups": "Groups",
    "direct_policies": "Direct policies",
    "person": "Person",
    "match": "Matched by",
}
PEOPLE_COLUMNS = frozenset({"person", "match"})
"""Columns of users that are empty where no list of people was handed in."""
ROLES = {
    "role": "Role",
    "created": "Created",
    "last_used": "Last used",
    "policies": "Policies",
    "service_linked": "Service-linked",
}
GROUPS = {"group": "Group", "created": "Created", "members": "Members", "policies": "Policies"}
KEYS = {
    "user": "User",
    "key_id": "Key ID",
    "active": "Active",
    "created": "Created",
    "last_used": "Last used",
    "last_region": "Region",
    "last_service": "Service",
}

Cell = str | int | bool | datetime | None


def population_tables(
    account: Account, people: MatchedPeople | None = None
) -> Mapping[str, pd.DataFrame]:
    """The four tables, by name, rows by name; a value that is not known is an empty string.

    `people` tells whose a user is. A match that is not sure says so, and names nobody where several
    people fit.
    """
    return {
        "users": _build_table(
            [*_root_rows(account), *(_user_row(user, people) for user in account.users)], USERS
        ),
        "roles": _build_table([_role_row(role) for role in account.roles], ROLES),
        "groups": _build_table(
            [
                {
                    "group": group.name,
                    "created": _cell_text(group.details.created),
                    "members": len(group.members),
                    "policies": len(group.details.attached) + len(group.details.inline),
                }
                for group in account.groups
            ],
            GROUPS,
        ),
        "keys": _build_table(list(_key_rows(account)), KEYS),
    }


def _build_table(rows: list[dict[str, Cell]], columns: Mapping[str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(columns), dtype=object)
    return table.sort_values(next(iter(columns)), kind="stable", ignore_index=True)


def _root_rows(account: Account) -> Iterator[dict[str, Cell]]:
    """Root, as the credential report lists it."""
    if account.root is not None:
        row: dict[str, Cell] = dict.fromkeys(USERS, "")
        row |= {"user": ROOT_USER, "created": _cell_text(account.root.created)}
        yield row | _entry_cells(account.root)


def _user_row(user: User, people: MatchedPeople | None) -> dict[str, Cell]:
    row: dict[str, Cell] = dict.fromkeys(USERS, "")
    row |= {"user": user.name, "created": _cell_text(user.created)}
    if user.report_entry is not None:
        row |= _entry_cells(user.report_entry)
    if user.details is not None:
        row |= {
            "groups": ", ".join(user.details.groups),
            "direct_policies": len(user.details.attached) + len(user.details.inline),
        }
    return row | _person_cells(people, people.of(user)) if people else row


def _person_cells(people: MatchedPeople, match: UserMatch) -> dict[str, Cell]:
    """Whose the user is, and by what."""
    person = "nobody"
    if match.person is not None:
        shown = people.shown(match.person)
        person = shown if match.tier.is_sure else f"perhaps {shown}"
    elif match.tier is MatchTier.AMBIGUOUS:
        fitting = len(match.candidates)
        person = f"{fitting} people fit" if fitting > 1 else "not certain"
    elif match.tier is MatchTier.STATED:
        person = f"{match.kind}"
    return {"person": person, "match": match.reason if person != "nobody" else ""}


def _entry_cells(entry: ReportEntry) -> dict[str, Cell]:
    """What the credential report says of a user or of root."""
    possible = [key for key in entry.keys if key.active is not False]
    dates = [key.made for key in possible if isinstance(key.made, datetime)]
    acts = [entry.password_last_used, *(key.last_used for key in entry.keys)]
    used = [each for each in acts if isinstance(each, datetime)]
    unread = MissingValue.UNREADABLE.value
    # Whoever has no password and no key has nothing whose use the report would tell.
    is_told = bool(entry.keys) or entry.password_last_used is MissingValue.NO_INFORMATION
    unused = unread if MissingValue.UNREADABLE in acts else "never" if is_told else ""
    undated = unread if len(dates) < len(possible) else ""
    return {
        "password": _cell_text(entry.password_enabled),
        "password_last_used": _cell_text(entry.password_last_used),
        "password_last_changed": _cell_text(entry.password_last_changed),
        "mfa": _cell_text(entry.mfa_active),
        "active_keys": _count_active(entry),
        "oldest_key": undated or (_cell_text(min(dates)) if dates else ""),
        "last_activity": _cell_text(max(used)) if used else unused,
    }


def _count_active(entry: ReportEntry) -> Cell:
    """How many keys are active; at least and at most where a status can't be read."""
    least, more = len(entry.active_keys), len(entry.unreadable_keys)
    return f"{least} to {least + more}" if more else least


def _role_row(role: Role) -> dict[str, Cell]:
    return {
        "role": role.name,
        "created": _cell_text(role.details.created),
        "last_used": _last_use(role.last_used),
        "policies": len(role.details.attached) + len(role.details.inline),
        "service_linked": role.is_service_linked,
    }


def _key_rows(account: Account) -> Iterator[dict[str, Cell]]:
    """Every key of the credential report, and those that it lacks: a list alone names them."""
    told = set()
    for name, entry in _entries(account):
        for key in entry.keys:
            told.add(name)
            yield {
                "user": name,
                "key_id": key.key_id or "",
                "active": _cell_text(key.active),
                "created": _cell_text(key.made),
                "last_used": _last_use(key.last_used),
                "last_region": key.last_region,
                "last_service": key.last_service,
            }
    uses = {each.key_id: each for each in account.keys_last_used}
    # Of a user with slots nobody can tell which of the listed keys is in none of them.
    for listed in (each for each in account.listed_keys if each.user not in told):
        use = uses.get(listed.key_id)
        yield {
            "user": listed.user,
            "key_id": listed.key_id,
            "active": _cell_text(listed.active),
            "created": _cell_text(listed.created),
            "last_used": _last_use(use.last_used) if use else "",
            "last_region": use.region if use else "",
            "last_service": use.service if use else "",
        }


def _entries(account: Account) -> Iterator[tuple[str, ReportEntry]]:
    """Root and every user whom the credential report lists."""
    if account.root is not None:
        yield ROOT_USER, account.root
    yield from ((user.name, entry) for user, entry in account.users_in_report())


def _last_use(value: MaybeTime) -> str:
    """The last use of what exists: no date means never."""
    return "never" if value is MissingValue.ABSENT else _cell_text(value)


def _cell_text(value: datetime | bool | MissingValue) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        "never"
        if value is MissingValue.NO_INFORMATION
        else ""
        if value is MissingValue.ABSENT
        else value.value
    )
