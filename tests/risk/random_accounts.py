"""In: hypothesis. Out: what happened to an account's keys, which of them leaked, and the exports.

Keys are made, switched off and on, rotated and deleted, each at its time; the exports show what is
left at the report. Whoever had the leaked key is known here, and to no export but a list of keys.
"""

import copy
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import strategies as st

from analyzer.inventory.model import ROOT_USER
from analyzer.leaks.model import ClaimedFacts, Credential, CredentialKind
from tests.builders import DETAILS, REPORT, AccountBuilder, account, key_id
from tests.risk.leaked import NUMBER, SKEW, leak, spot

SUMMARY = "account-summary.json"
REPORT_AGE, LATER = timedelta(0), timedelta(days=-30)
"""When the credential report is made, and a time after it."""
TRUSTED = {"AWS": f"arn:aws:iam::{NUMBER}:root"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
_AGE_OF_ROOT = timedelta(days=1000)
_SLOTS = 2


@dataclass(frozen=True)
class Key:
    """A key and its ages: how long ago it was made, and how long ago it last changed."""

    owner: str
    id: str
    made: timedelta
    changed: timedelta
    is_on: bool = True
    is_gone: bool = False


@dataclass(frozen=True)
class History:
    """Who was there since when, what each may do, and what happened: age, who, what, to which."""

    users: dict[str, timedelta]
    privileges: dict[str, str]
    happened: tuple[tuple[timedelta, str, str, bool], ...]

    def keys(self, age: timedelta = REPORT_AGE) -> tuple[Key, ...]:
        """Every key that there ever was, as it is at that age."""
        found: list[Key] = []
        for when, owner, deed, takes_last in self.happened:
            if when >= age:
                _happen(found, when, owner, deed, takes_last=takes_last)
        return tuple(found)

    def left(self, owner: str, age: timedelta = REPORT_AGE) -> list[Key]:
        """The keys that are there at that age, off or on."""
        return [key for key in self.keys(age) if key.owner == owner and not key.is_gone]


RIGHTS = {
    "nothing": lambda user: user,
    "reading": lambda user: user.may("s3:GetObject"),
    "everything": lambda user: user.attached("AdministratorAccess"),
    "everything with a device": lambda user: user.password().mfa().may("*", when=MFA),
    "keys of others": lambda user: user.may("iam:CreateAccessKey"),
    "passwords of others": lambda user: user.may("iam:CreateLoginProfile"),
    "rights of others": lambda user: user.may("iam:AttachGroupPolicy"),
    "the strong role": lambda user: user.may("sts:AssumeRole", on=f"arn:aws:iam::{NUMBER}:role/r"),
    "what nobody knows": lambda user: user.attached(f"arn:aws:iam::{NUMBER}:policy/gone"),
}


def ages(latest: timedelta = REPORT_AGE) -> st.SearchStrategy[timedelta]:
    """Ages to the second, as exports have them."""
    exact = st.timedeltas(latest, timedelta(days=400))
    return exact.map(lambda age: timedelta(seconds=age // timedelta(seconds=1)))


@st.composite
def histories(draw: st.DrawFn, latest: timedelta = REPORT_AGE) -> History:
    """Two to five users and root, with at least one key in all the time."""
    users = {f"u{n}": draw(ages()) for n in range(draw(st.integers(2, 5)))}
    owners = {ROOT_USER: _AGE_OF_ROOT} | users
    who = st.sampled_from(sorted(owners))
    deeds = st.sampled_from(["make", "make", "switch", "rotate", "delete"])
    drawn = draw(st.lists(st.tuples(ages(latest), who, deeds, st.booleans()), max_size=8))
    drawn.append((min(owners[first := draw(who)], draw(ages(latest))), first, "make", True))
    happened = sorted((each for each in drawn if each[0] <= owners[each[1]]), key=lambda e: -e[0])
    privileges = {name: draw(st.sampled_from(list(RIGHTS))) for name in users}
    return History(users, privileges, tuple(happened))


def _happen(keys: list[Key], age: timedelta, owner: str, deed: str, *, takes_last: bool) -> None:
    """What AWS would do: a user has two keys at most, and a change of status moves its date."""
    there = [at for at, key in enumerate(keys) if key.owner == owner and not key.is_gone]
    if deed == "make" and len(there) < _SLOTS:
        keys.append(Key(owner, key_id(NUMBER, len(keys) + 1), age, age))
    if deed == "make" or not there:
        return
    at = there[-1 if takes_last else 0]
    if deed == "switch":
        keys[at] = replace(keys[at], is_on=not keys[at].is_on, changed=age)
        return
    keys[at] = replace(keys[at], is_gone=True)
    if deed == "rotate":
        keys.append(Key(owner, key_id(NUMBER, len(keys) + 1), age, age))


@st.composite
def leaks(
    draw: st.DrawFn,
    keys: tuple[Key, ...],
    latest: timedelta = REPORT_AGE,
    skew: timedelta = SKEW,
) -> tuple[Credential, str]:
    """One of the keys, seen at one or more times since it was made, and whose it is.

    A commit may be dated too early by the skew, and some files say whose the key is.
    """
    key = draw(st.sampled_from(keys))
    since = st.timedeltas(latest, key.made)
    early = draw(st.timedeltas(timedelta(0), skew))
    locations = [
        spot(age + early, reachable=draw(st.booleans()))
        for age in draw(st.lists(since, min_size=1, max_size=3))
    ]
    claims = ClaimedFacts(user=key.owner if draw(st.integers(0, 4)) == 0 else None)
    digest = draw(st.sampled_from(["5e" * 8, "5e" * 8, None]))
    return leak(*locations, key_id=key.id, claims=claims, secret_digest=digest), key.owner


def without_id(credential: Credential) -> Credential:
    """The same leak, if only the secret was found."""
    known = {"kind": CredentialKind.SECRET, "key_id": None, "secret_digest": "5e" * 8}
    return replace(credential, **known)


@dataclass(frozen=True)
class Listing:
    """When a user's keys were listed, and whether the pack states that time."""

    age: timedelta = REPORT_AGE
    is_stated: bool = False


def exported(history: History, lists: dict[str, Listing] | None = None) -> AccountBuilder:
    """All exports of the account: report, details, a list of keys for each user, the summary."""
    listings = lists or dict.fromkeys(history.users, Listing())
    case = _holding(account(), history.left(ROOT_USER))
    for name, created in history.users.items():
        case = _holding(case.user(name, created=created), history.left(name))
        case = RIGHTS[history.privileges[name]](case)
        if name in listings:
            case = _listed(case, history, name, listings[name])
    case = case.role("r").may("*").trusts(TRUSTED)
    return case.summary(Users=len(history.users))


def _listed(case: AccountBuilder, history: History, user: str, at: Listing) -> AccountBuilder:
    listed = [
        {
            "UserName": user,
            "AccessKeyId": key.id,
            "Status": "Active" if key.is_on else "Inactive",
            "CreateDate": case.when(key.made),
        }
        for key in history.left(user, at.age)
    ]
    answer = {"credaudit_user": user, "AccessKeyMetadata": listed}
    case = case.export(list_of(user), answer)
    return case.captured(list_of(user), at.age) if at.is_stated else case


def _holding(case: AccountBuilder, keys: list[Key]) -> AccountBuilder:
    for key in keys:
        case = case.key(age=key.changed, last_used=None, active=key.is_on)
    return case


def list_of(user: str) -> str:
    """The file that names the user's keys."""
    return f"keys-{user}.json"


def removals(case: AccountBuilder, history: History) -> dict[str, AccountBuilder]:
    """The account with one file, one row or one entry less, by what is missing."""
    files = [REPORT, DETAILS, SUMMARY, *map(list_of, history.users)]
    found = {f"file {name}": case.without(name) for name in files}
    for name in (ROOT_USER, *history.users):
        found[f"row {name}"] = less = copy.deepcopy(case)
        less.rows = [row for row in less.rows if row["user"] != name]
    for name in history.users:
        found[f"entry {name}"] = less = copy.deepcopy(case)
        entries = less.details["UserDetailList"]
        less.details["UserDetailList"] = [e for e in entries if e["UserName"] != name]
    return found
