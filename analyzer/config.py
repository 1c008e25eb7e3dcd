"""In: defaults, a credaudit.toml, and the flags of a command. Out: one frozen Settings.

The thresholds of a profile belong together and are printed beside the results; none mixes two.
"""

import tomllib
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from analyzer.errors import ConfigurationError


class DateOrder(StrEnum):
    """How a spreadsheet wrote its local dates; only the person who holds the file can say."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class Profile(StrEnum):
    """Whose thresholds the checks compare with."""

    CIS = "cis"
    PCI = "pci"
    FSBP = "fsbp"


@dataclass(frozen=True, slots=True)
class Limits:
    """Every threshold that a check compares with. Days unless said otherwise."""

    key_age: int = 90  # CIS 1.13 (5.0), PCI DSS 8.6.3
    key_age_stale: int = 365
    key_settling: int = 1  # the report's last-used columns lag
    service_key_life: int = 90  # days that an API key of one service may still have
    unused_key: int = 45  # CIS 1.11 (5.0)
    unused_password: int = 45  # CIS 1.11 (5.0)
    unused_credential: int = 90  # PCI DSS 8.2.6
    unused_role: int = 90
    unused_service: int = 90
    unused_action: int = 90  # never judged on less than 90 days of tracking
    workload_activity: int = 30
    rotation_overlap: int = 7
    root_window: int = 90
    initial_password: int = 14
    same_moment: int = 5  # minutes within which two times are one act
    concurrent: int = 24  # hours
    leaver_access: int = 1  # after the last day; PCI DSS 8.2.5 says immediately
    leaver_user: int = 90
    roster_age: int = 7  # between the list of people and the exports
    password_length: int = 14  # characters: CIS 1.7 (5.0)
    password_memory: int = 24  # passwords: CIS 1.8 (5.0)
    password_age: int | None = None  # None: not asked for, as CIS has it since 1.2
    password_age_single_factor_only: bool = False
    evidence_age: int = 30
    capture_spread: int = 24  # hours
    administrators: int = 5  # principals
    admin_session: int = 4  # hours that a session of an administrator of Identity Center lasts
    finding_age: int = 90  # that a finding of Access Analyzer may be open: one quarter's review
    metadata_warning: int = 30  # before the metadata of a SAML provider run out
    oidc_client_ids: tuple[str, ...] = ("sts.amazonaws.com",)  # as AWS Config's rule has it
    forbidden_policies: frozenset[str] = frozenset()  # names or ARNs of managed policies
    delegated_administrators: frozenset[str] = frozenset()  # accounts that are meant to be
    owner_tags: tuple[str, ...] = ("owner", "email", "contact", "person", "employee", "team")
    own_accounts: frozenset[str] = frozenset()
    decoy_accounts: frozenset[str] = frozenset()  # whose keys are laid out as traps
    break_glass: frozenset[str] = frozenset()


PROFILES: dict[Profile, Limits] = {
    Profile.CIS: Limits(),
    # PCI DSS 4.0.1: 8.3.6 (12 characters), 8.3.7 (last 4), 8.3.9 (90 days if single factor).
    Profile.PCI: Limits(
        password_length=12,
        password_memory=4,
        password_age=90,
        password_age_single_factor_only=True,
        unused_key=90,
        unused_password=90,
        leaver_access=0,  # 8.2.5: immediately
    ),
    # Security Hub controls IAM.7 (at least 8 characters; age and memory are ignored unless somebody
    # sets them), IAM.8 (unused 90 days).
    Profile.FSBP: Limits(password_length=8, password_memory=0, unused_key=90, unused_password=90),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What one run was asked to do."""

    inputs: tuple[Path, ...] = ()
    repositories: tuple[Path, ...] = ()
    as_of: datetime | None = None
    date_order: DateOrder | None = None
    profile: Profile = Profile.CIS
    limits: Limits = field(default_factory=Limits)
    previous: tuple[Path, ...] = ()  # earlier reports, and folders of them
    exceptions: Path | None = None
    people: tuple[Path, ...] = ()
    frameworks: tuple[str, ...] = ()  # whose controls a report shows; all that it can, if none


def limits_of(profile: Profile, path: Path | None) -> Limits:
    """The profile's limits with those of a credaudit.toml on top.

    Raises ConfigurationError for an unreadable file, an unknown key, a value of the wrong type, or
    a key_age above key_age_stale.
    """
    limits = PROFILES[profile]
    if path is None:
        return limits
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"can't be read: {error}", where=str(path)) from None
    unknown = sorted(set(table) - {"limits"})
    if unknown:
        raise ConfigurationError(f"unknown table {unknown[0]!r}", where=str(path))
    given = table.get("limits", {})
    if not isinstance(given, dict):
        raise ConfigurationError("limits must be one table", where=str(path))
    made = replace(limits, **_check_limits(given, path))
    if made.key_age > made.key_age_stale:
        raise ConfigurationError(
            f"key_age ({made.key_age}) is above key_age_stale ({made.key_age_stale}), so a key "
            "would be stale before it is old",
            where=str(path),
            remedy="Set both",
        )
    return made


def _check_limits(given: dict[str, Any], path: Path) -> dict[str, Any]:
    defaults = Limits()
    known = {each.name: getattr(defaults, each.name) for each in fields(Limits)}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise ConfigurationError(
                f"unknown limit {name!r}", where=str(path), remedy=f"Known: {', '.join(known)}"
            )
        values[name] = _convert(name, value, known[name], path)
    return values


def _convert(name: str, value: Any, default: Any, path: Path) -> Any:  # noqa: ANN401 - TOML has any
    """The value as the field's own type, told by the default that it replaces."""
    if isinstance(default, tuple | frozenset):
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return type(default)(value)
        raise ConfigurationError(f"limit {name!r} must be a list of strings", where=str(path))
    if (
        isinstance(value, int)
        and isinstance(default, bool) == isinstance(value, bool)
        and value >= 0
    ):
        return value
    raise ConfigurationError(f"limit {name!r} must be a number of 0 or more", where=str(path))
