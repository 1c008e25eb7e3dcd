"""In: exports with one row or entry damaged at random. Out: the proof that all others stay."""

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from analyzer.evidence.credential_report import COLUMNS
from analyzer.inventory.join import build_accounts
from analyzer.inventory.model import Account
from analyzer.privesc.graph import escalation_graph
from tests.evidence.export_material import ACCOUNT, details, reading, root, row, table, user

WHEN = "2026-05-01T00:00:00+00:00"
NAMES = ("ann", "bob", "eve")
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["9999-12-31T23:59:59Z", "arn:", "arn:aws:iam::", "\0", "é" * 300]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
TRUST = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}


def arn(kind: str, name: str) -> str:
    """The ARN of something in the account."""
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def whole() -> dict[str, Any]:
    """Three of each kind, each with everything that an entry can have."""
    held = [{"PolicyName": "ann", "PolicyArn": arn("policy", "ann")}]
    inline = [{"PolicyName": "own", "PolicyDocument": ALLOW}]
    tags = [{"Key": "team", "Value": "x"}]
    boundary = {"PermissionsBoundaryArn": arn("policy", "bob")}
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": ALLOW, "CreateDate": WHEN}
    return details(
        *(
            user(
                name,
                GroupList=["ann"],
                UserPolicyList=inline,
                AttachedManagedPolicies=held,
                Tags=tags,
                PermissionsBoundary=boundary,
            )
            for name in NAMES
        ),
        groups=tuple(
            {"GroupName": name, "Arn": arn("group", name), "CreateDate": WHEN}
            | {"GroupPolicyList": inline, "AttachedManagedPolicies": held}
            for name in NAMES
        ),
        roles=tuple(
            {"RoleName": name, "Arn": arn("role", name), "CreateDate": WHEN}
            | {"RolePolicyList": inline, "AssumeRolePolicyDocument": TRUST, "Tags": tags}
            | {"RoleLastUsed": {"LastUsedDate": WHEN}, "InstanceProfileList": []}
            for name in NAMES
        ),
        policies=tuple(
            {"PolicyName": name, "Arn": arn("policy", name), "DefaultVersionId": "v1"}
            | {"AttachmentCount": 1, "PolicyVersionList": [version]}
            for name in NAMES
        ),
    )


NOT_SAFE = {"administrator", "administrator under conditions", "unknown"}
SECTIONS = {
    "UserDetailList": "users",
    "GroupDetailList": "groups",
    "RoleDetailList": "roles",
    "Policies": "policies",
}


def damaged(entry: Any, draw: Any) -> Any:
    """The entry with one value somewhere in it replaced, added or taken out."""
    place, entry = [], copy.deepcopy(entry)
    at = entry
    while isinstance(at, dict | list) and at and (not place or draw(st.booleans())):
        step = draw(st.sampled_from(sorted(at) if isinstance(at, dict) else list(range(len(at)))))
        place.append(step)
        at = at[step]
    *path, last = place
    holder = entry
    for step in path:
        holder = holder[step]
    if draw(st.booleans()):
        holder[last] = draw(JUNK)
    else:
        del holder[last]
    return entry


def joined(files: dict[str, Any]) -> dict[str, Account]:
    """The accounts of the files, each fully judged: nothing may raise."""
    with tempfile.TemporaryDirectory() as folder:
        evidence = reading(Path(folder), files)
        accounts, _ = build_accounts(evidence, None)
    for account in accounts:
        escalation_graph(account)
    return {account.id: account for account in accounts}


@given(st.data())
def test_damage_in_one_entry_leaves_all_others(data):
    """Whatever one entry of the details holds, every other entry is there as it was."""
    section = data.draw(st.sampled_from(sorted(SECTIONS)))
    index = data.draw(st.integers(0, len(NAMES) - 1))
    page = whole()
    page[section][index] = damaged(page[section][index], data.draw)
    content = json.dumps(page)
    account = joined({"g.json": content})[ACCOUNT]
    for other, field in SECTIONS.items():
        names = {each.name for each in getattr(account, field)}
        spared = [n for i, n in enumerate(NAMES) if (other, i) != (section, index)]
        assert set(spared) <= names
    by_name = {each.name: each for each in account.users}
    for i, name in enumerate(NAMES):
        if (section, i) != ("UserDetailList", index):
            assert [each.name for each in by_name[name].details.inline] == ["own"]


@given(st.data())
def test_damage_in_one_entry_never_makes_its_principal_safer_unnamed(data):
    """A damaged administrator is administrator still, or unknown, or named as left out."""
    page = whole()
    for entry in page["UserDetailList"]:
        del entry["PermissionsBoundary"]
    page["UserDetailList"][0] = damaged(page["UserDetailList"][0], data.draw)
    with tempfile.TemporaryDirectory() as folder:
        evidence = reading(Path(folder), {"g.json": json.dumps(page)})
        accounts, problems = build_accounts(evidence)
    account = next(each for each in accounts if each.id == ACCOUNT)
    privileges = escalation_graph(account).privileges
    for each in account.users:
        if each.name in NAMES:
            told = privileges[each.arn].level.value
            assert told in NOT_SAFE or problems, (each.name, told)


@given(st.data())
def test_damage_in_one_row_leaves_all_others(data):
    """Whatever one cell of the report holds, every other row is there as it was."""
    rows = [root(), *(row(name) for name in NAMES)]
    broken = data.draw(st.integers(1, len(NAMES)))
    column = data.draw(st.sampled_from(COLUMNS))
    junk = data.draw(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30)
        | st.sampled_from(['"', '""x', "a,b", "9999-12-31T23:59:59Z", "x" * 200_000])
    )
    text = table(*(each if n != broken else each | {column: junk} for n, each in enumerate(rows)))
    account = joined({"r.csv": text})[ACCOUNT]
    assert account.root is not None
    names = {each.name for each in account.users if each.report_entry}
    assert {name for n, name in enumerate(NAMES, 1) if n != broken} <= names


@given(st.data())
def test_damage_in_one_row_of_objects_leaves_all_others(data):
    """The same holds where the rows are JSON."""
    rows: list[Any] = [root(), *(row(name) for name in NAMES)]
    broken = data.draw(st.integers(1, len(NAMES)))
    column = data.draw(st.sampled_from(COLUMNS))
    rows[broken] = rows[broken] | {column: data.draw(JUNK)}
    account = joined({"r.json": json.dumps(rows)})[ACCOUNT]
    names = {each.name for each in account.users if each.report_entry}
    assert {name for n, name in enumerate(NAMES, 1) if n != broken} <= names
