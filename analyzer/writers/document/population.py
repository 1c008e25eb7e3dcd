"""In: an Account. Out: its full population as tables: users, roles, groups, keys.

A reviewer need not sample: every principal is listed with all columns normalised.
"""

from collections.abc import Mapping
from datetime import datetime

import pandas as pd

from analyzer.evidence.cells import MissingValue
from analyzer.inventory.model import Account, Role, User

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
}
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


def population_tables(account: Account) -> Mapping[str, pd.DataFrame]:
    """The four tables, by name, rows by name; a value that is not known is an empty string."""
    return {
        "users": _table([_user(user) for user in account.users], USERS),
        "roles": _table([_role(role) for role in account.roles], ROLES),
        "groups": _table(
            [
                {
                    "group": group.name,
                    "created": _shown(group.details.created),
                    "members": len(group.members),
                    "policies": len(group.details.attached) + len(group.details.inline),
                }
                for group in account.groups
            ],
            GROUPS,
        ),
        "keys": _table(list(_keys(account)), KEYS),
    }


def _table(rows: list[dict[str, Cell]], columns: Mapping[str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(columns), dtype=object)
    return table.sort_values(next(iter(columns)), kind="stable", ignore_index=True)


def _user(user: User) -> dict[str, Cell]:
    row: dict[str, Cell] = dict.fromkeys(USERS, "")
    row |= {"user": user.name, "created": _shown(user.created)}
    if user.report_entry is not None:
        credentials = user.report_entry
        made = [key.created for key in credentials.active_keys]
        dates = [each for each in made if isinstance(each, datetime)]
        acts = [credentials.password_last_used, *(key.last_used for key in credentials.keys)]
        used = [each for each in acts if isinstance(each, datetime)]
        row |= {
            "password": _shown(credentials.password_enabled),
            "password_last_used": _shown(credentials.password_last_used),
            "password_last_changed": _shown(credentials.password_last_changed),
            "mfa": _shown(credentials.mfa_active),
            "active_keys": len(credentials.active_keys),
            "oldest_key": _shown(min(dates)) if dates else "",
            "last_activity": _shown(max(used)) if used else "",
        }
    if user.details is not None:
        row |= {
            "groups": ", ".join(user.details.groups),
            "direct_policies": len(user.details.attached) + len(user.details.inline),
        }
    return row


def _role(role: Role) -> dict[str, Cell]:
    return {
        "role": role.name,
        "created": _shown(role.details.created),
        "last_used": _shown(role.last_used),
        "policies": len(role.details.attached) + len(role.details.inline),
        "service_linked": role.is_service_linked,
    }


def _keys(account: Account) -> list[dict[str, Cell]]:
    return [
        {
            "user": user.name,
            "key_id": key.key_id or "",
            "active": _shown(key.active),
            "created": _shown(key.created),
            "last_used": _shown(key.last_used),
            "last_region": key.last_region,
            "last_service": key.last_service,
        }
        for user, credentials in account.users_in_report()
        for key in credentials.keys
    ]


def _shown(value: datetime | bool | MissingValue) -> str:
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
