"""In: paths.toml. Out: the ways in which a principal can raise its rights.

The file says what each field means and where the facts come from.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Highest(StrEnum):
    """The most that a path may be scored as."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Gain(StrEnum):
    """What the principal has after the step."""

    ADMIN = "admin"
    OLDER_VERSION = "older-version"
    OTHER_USER = "other-user"
    OTHER_USER_LIMITED = "other-user-limited"
    GROUP = "group"
    ROLE = "role"
    ROLE_LIMITED = "role-limited"
    OWN_IDENTITY_POLICIES = "own-identity-policies"
    CONDITIONAL_GRANTS = "conditional-grants"
    CLUSTER_ADMIN = "cluster-admin"
    SECRET = "secret"  # noqa: S105 - a word of the catalogue, not a secret


class Target(StrEnum):
    """What a permission must reach."""

    SELF_USER = "self-user"
    SELF_ROLE = "self-role"
    OWN_GROUP = "own-group"
    GROUP = "group"
    OTHER_USER = "other-user"
    SAME_USER = "same-user"
    NEW_USER = "new-user"
    OTHER_ROLE = "other-role"
    SAME_ROLE = "same-role"
    NEW_ROLE = "new-role"
    ROLE = "role"
    ROLE_WITH_POLICY = "role-with-that-policy"
    SELF_OR_ASSUMABLE_ROLE = "self-or-assumable-role"
    POLICY_OF_SELF = "policy-attached-to-self"
    POLICY_OF_OTHER = "policy-attached-to-other"
    PROVIDER = "provider"


class Need(StrEnum):
    """What must be there besides, where the exports can tell. Other needs are for the reader."""

    CALLER_IS_USER = "caller-is-user"
    CALLER_IS_ROLE = "caller-is-role"
    CALLER_HAS_BOUNDARY = "caller-has-boundary"
    ROLE_HAS_BOUNDARY = "role-has-boundary"
    FREE_KEY_SLOT = "free-key-slot"
    USER_WITH_PASSWORD = "user-with-password"  # noqa: S105 - a word of the catalogue
    USER_WITHOUT_PASSWORD = "user-without-password"  # noqa: S105 - a word of the catalogue
    INSTANCE_PROFILE = "instance-profile"
    MANAGED_DENY = "managed-deny-on-self"
    MANAGED_DENY_GROUP = "managed-deny-on-group"
    INLINE_DENY = "inline-deny-on-self"
    INLINE_DENY_GROUP = "inline-deny-on-group"
    DENY_FROM_GROUP = "deny-from-group"
    TRUSTS_SAML = "role-trusts-saml-provider"
    TRUSTS_OIDC = "role-trusts-oidc-provider"


class Offline(StrEnum):
    """How far the exports decide a path."""

    FULL = "full"
    PARTIAL = "partial"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One permission that a path takes: any of these actions, on a target of that sort.

    Without a target, any resource will do.
    """

    any_of: tuple[str, ...]
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """One way up. `highest` caps the severity of what rests on our own knowledge alone."""

    id: str
    does: str
    gains: str
    category: str
    gain: Gain
    requires: tuple[Requirement, ...]
    role_trusts: str | None
    needs: frozenset[str]
    offline: Offline
    refs: tuple[str, ...]
    reviewed: str
    highest: Highest | None
    is_retired: bool

    @property
    def actions(self) -> frozenset[str]:
        """Every action that the path names."""
        return frozenset(action for each in self.requires for action in each.any_of)


@cache
def load() -> tuple[Path, ...]:
    """The paths, in the file's order. ValueError names a path that the program can't read."""
    text = files("analyzer.reach").joinpath("paths.toml").read_text(encoding="utf-8")
    read = tomllib.loads(text)
    return tuple(_path(name, table, read["gain"]) for name, table in read["path"].items())


def _path(name: str, table: dict[str, Any], gains: Mapping[str, str]) -> Path:
    try:
        highest = table.get("highest")
        return Path(
            id=name,
            does=table["does"],
            gains=gains[table["gain"]],
            category=table["category"],
            gain=Gain(table["gain"]),
            requires=tuple(
                Requirement(
                    tuple(each["any_of"]), Target(each["target"]) if "target" in each else None
                )
                for each in table["requires"]
            ),
            role_trusts=table.get("role_trusts"),
            needs=frozenset(table.get("needs", ())),
            offline=Offline(table["offline"]),
            refs=tuple(table["refs"]),
            reviewed=table.get("reviewed", ""),
            highest=Highest(highest) if highest else None,
            is_retired=table.get("is_retired", False),
        )
    except (KeyError, ValueError) as error:
        message = f"path {name} can't be read: {error}"
        raise ValueError(message) from None
