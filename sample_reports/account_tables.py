"""In: accounts/*.toml, made-up AWS accounts as tables. Out: Source: users, ids, times, policies.

What a table leaves out is filled in from a digest of names, so that it is the same on each run.
"""

import base64
import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

AS_OF = datetime(2026, 10, 1, 8, tzinfo=UTC)
"""When AWS made the credential reports, and so the time that an audit reckons from."""
ACCOUNT = "111122223333"
SECURITY_ACCOUNT = "444455556666"
ACCOUNTS = {"northwind": ACCOUNT, "northwind-security": SECURITY_ACCOUNT}
"""The account of each table, and of each folder of the evidence."""
HOME = "eu-west-1"
MORNING, FORENOON, NOON, EVENING = time(7), time(10), time(13), time(18)
"""Users come in the morning, secrets are made in the forenoon, and all is used in the afternoon."""

_TABLES = Path(__file__).parent / "accounts"
_SATURDAY = 5
_NUMBERED_SINCE = date(2020, 1, 1)
"""Since then users are made with a tag that holds the employee ID."""
_TRUST_ACTIONS = {
    "AWS": "sts:AssumeRole",
    "Service": "sts:AssumeRole",
    "Federated": "sts:AssumeRoleWithWebIdentity",
}

Table = dict[str, Any]


def source_of(name: str) -> "Source":
    """The table of one of ACCOUNTS."""
    table = tomllib.loads((_TABLES / f"{name}.toml").read_text(encoding="utf-8"))
    aws = tomllib.loads((_TABLES / "aws-managed.toml").read_text(encoding="utf-8"))
    if table["account"] != ACCOUNTS[name]:
        raise ValueError(f"{name}.toml is not of account {ACCOUNTS[name]}")
    return Source(table, aws["policies"], aws["services"])


def key_id(prefix: str, account: str, number: int) -> str:
    """The identifier that carries the account as AWS's own do; made here, so none stands in code.

    Base32 of 80 bits: a one, 40 bits of account, 39 bits that tell the things of one sort apart.
    """
    scattered = number * 0x4F1BBCDC95 % (1 << 39)  # an odd factor: no two numbers fall together
    body = 1 << 79 | int(account) << 39 | scattered
    return prefix + base64.b32encode(body.to_bytes(10, "big")).decode()


def _number(seed: str, below: int) -> int:
    """A number for the seed, the same on every machine and with every version of Python."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") % below


def between(day: date, start: time, end: time, seed: str) -> datetime:
    """A moment of that day, between the two times."""
    first = datetime.combine(day, start, UTC)
    span = int((datetime.combine(day, end, UTC) - first).total_seconds())
    return first + timedelta(seconds=_number(f"{seed}/{day}", span))


def iso(moment: datetime) -> str:
    """The moment as the AWS CLI writes it."""
    return moment.isoformat()


@dataclass(frozen=True, slots=True)
class Key:
    """An access key."""

    id: str
    active: bool
    made: datetime
    used: datetime | None
    region: str
    service: str


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user. `changed` is None where there is no password, `used` where it never was."""

    name: str
    arn: str
    id: str
    made: datetime
    table: Table
    changed: datetime | None
    used: datetime | None
    device: str | None
    keys: tuple[Key, ...]
    groups: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]

    @property
    def has_password(self) -> bool:
        """True for a user who can sign in to the console."""
        return self.changed is not None

    @property
    def enabled(self) -> datetime:
        """When the MFA device was set up."""
        return self.made + timedelta(hours=1)


@dataclass(frozen=True)
class Source:
    """One account's table, with the names and numbers that follow from it."""

    table: Table
    managed: Table
    services: Mapping[str, str]
    taken: Counter[str] = field(default_factory=Counter)

    @property
    def id(self) -> str:
        """The account's number."""
        return str(self.table["account"])

    def part(self, name: str) -> Table:
        """A table of the account, empty where the account has no such things."""
        return dict(self.table.get(name, {}))

    def arn(self, rest: str) -> str:
        """The ARN of something in the account's IAM."""
        return f"arn:aws:iam::{self.id}:{rest}"

    def new_id(self, prefix: str) -> str:
        """The next identifier of that sort."""
        self.taken[prefix] += 1
        return key_id(prefix, self.id, self.taken[prefix])

    def policy_arn(self, name: str) -> str:
        """The ARN of a managed policy: the account's own, else AWS's."""
        if name in self.part("policies"):
            return self.arn(f"policy/{name}")
        return f"arn:aws:iam::aws:policy{self.managed[name].get('path', '/')}{name}"

    def inline(self, names: Iterable[str]) -> list[Table]:
        """The inline policies of those names, as a principal's details list them."""
        documents = self.part("inline")
        return [{"PolicyName": name, "PolicyDocument": policy(documents[name])} for name in names]

    def attached(self, table: Table) -> list[Table]:
        """The managed policies of a principal, as its details list them."""
        names = table.get("attached", ())
        return [{"PolicyName": name, "PolicyArn": self.policy_arn(name)} for name in names]

    @cached_property
    def users(self) -> tuple[User, ...]:
        """Every user, in the order in which AWS lists them."""
        names = sorted(self.part("users"), key=str.lower)
        return tuple(self._user(name, self.part("users")[name]) for name in names)

    @cached_property
    def role_ids(self) -> dict[str, str]:
        """The identifier of every role."""
        return {name: self.new_id("AROA") for name in sorted(self.part("roles"))}

    @cached_property
    def employee_ids(self) -> dict[str, str]:
        """The number that HR gave to everybody with a user, in the order in which they came."""
        people = {name: each for name, each in self.part("users").items() if "is" in each}
        order = sorted(people, key=lambda name: (people[name]["made"], name))
        return {name: f"NW{1004 + 7 * place}" for place, name in enumerate(order)}

    def _user(self, name: str, table: Table) -> User:
        arn = self.arn(f"user{table.get('path', '/')}{name}")
        made = between(table["made"], MORNING, FORENOON, arn)
        console = table.get("console", True)
        team = table.get("team")
        return User(
            name=name,
            arn=arn,
            id=self.new_id("AIDA"),
            made=made,
            table=table,
            changed=_changed(table, made, arn) if console else None,
            used=_used(table, arn) if console else None,
            device=self._device(name, table.get("mfa", "virtual" if console else "none")),
            keys=tuple(
                sorted((self._key(each, arn) for each in table.get("keys", ())), key=_by_id)
            ),
            groups=tuple(table.get("in", ("all-staff", team))),
            tags=tuple(self._tags(name, table)),
        )

    def _device(self, name: str, kind: str) -> str | None:
        if kind == "none":
            return None
        if kind == "virtual":
            return self.arn(f"mfa/{name}")
        suffix = base64.b32encode(hashlib.sha256(name.encode()).digest()[:15]).decode()
        return self.arn(f"u2f/user/{name}/security-key-{suffix}")

    def _key(self, table: Table, seed: str) -> Key:
        used = table.get("used")
        return Key(
            id=self.new_id("AKIA"),
            active=table.get("active", True),
            made=between(table["made"], FORENOON, NOON, f"{seed}/key"),
            used=between(used, NOON, EVENING, f"{seed}/key") if used else None,
            region=table.get("region", HOME) if used else "N/A",
            service=table.get("service", "N/A"),
        )

    def _tags(self, name: str, table: Table) -> Iterator[tuple[str, str]]:
        owner = table.get("owner", f"{name}@{self.table['mail']}")
        is_numbered = "is" in table and table["made"] >= _NUMBERED_SINCE
        stated = {
            "department": table.get("team"),
            "employee-id": self.employee_ids[name] if is_numbered else None,
            "name": table.get("is"),
            "owner": owner,
        }
        yield from ((key, value) for key, value in stated.items() if value)


def _by_id(key: Key) -> str:
    return key.id


def _changed(table: Table, made: datetime, seed: str) -> datetime:
    """When the password was set; some time after the first day, unless the table says otherwise."""
    stated = table.get("changed")
    if stated == "never":
        return made + timedelta(seconds=1)
    oldest = (AS_OF - made).days - 2
    day = stated or (made + timedelta(days=1 + _number(f"{seed}/changed", oldest))).date()
    return between(day, FORENOON, NOON, f"{seed}/changed")


def _used(table: Table, seed: str) -> datetime | None:
    """The last sign-in; on a working day of the last two weeks, unless the table says otherwise."""
    stated = table.get("used")
    if stated == "never":
        return None
    day = stated or (AS_OF - timedelta(days=1 + _number(f"{seed}/used", 14))).date()
    if not stated and day.weekday() >= _SATURDAY:
        day -= timedelta(days=2)
    return between(day, NOON, EVENING, f"{seed}/used")


def policy(table: Table) -> Table:
    """The policy document that the table shortens."""
    statements = [
        {"Effect": effect.title()}
        | {"Action": each["actions"], "Resource": each.get("resources", "*")}
        | ({"Condition": each["when"]} if "when" in each else {})
        for effect in ("allow", "deny")
        for each in table.get(effect, ())
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def trust(table: Table) -> Table:
    """The trust policy of a role; one that a service owns names that service alone."""
    statements = []
    for each in table.get("trust") or [{"Service": table["service"]}]:
        kind = next(name for name in _TRUST_ACTIONS if name in each)
        saml = ":saml-provider/" in str(each[kind])
        statement = {
            "Effect": "Allow",
            "Principal": {kind: each[kind]},
            "Action": each.get("actions")
            or ("sts:AssumeRoleWithSAML" if saml else _TRUST_ACTIONS[kind]),
        }
        statements.append(statement | ({"Condition": each["when"]} if "when" in each else {}))
    return {"Version": "2012-10-17", "Statement": statements}
