"""Accounts that ask much of the rules on trust, for `privileges.py`: open, by session, by tag.

open       every role lets in anyone of the account: plainly, by organization, by tag, by name
sessions   every role names hundreds of sessions of others
tags       every user has tags of its own, and policies and trusts compare them
"""

from collections.abc import Callable, Mapping

ACCOUNT = "111122223333"
MADE = "2024-03-01T09:00:00+00:00"
IAM = f"arn:aws:iam::{ACCOUNT}:"
Text = dict[str, object]
NARROWINGS: tuple[Text, ...] = (
    {},
    {"StringEquals": {"aws:PrincipalOrgID": "o-example"}},
    {"StringEquals": {"aws:PrincipalTag/team": "team-1"}},
    {"StringLike": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}},
    {"ArnLike": {"aws:PrincipalArn": f"{IAM}user/user-1*"}},
)
"""What open trusts ask of whoever comes."""


def _text(*statements: Text) -> Text:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(actions: list[str], on: object = "*", when: Text | None = None) -> Text:
    said: Text = {"Effect": "Allow", "Action": actions, "Resource": on}
    return said | ({"Condition": when} if when else {})


def _trust(principal: object, when: Text) -> Text:
    said: Text = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return said | ({"Condition": when} if when else {})


def _entity(kind: str, number: int, letters: str, tags: Mapping[str, str]) -> Text:
    name = f"{kind.lower()}-{number}"
    return {
        f"{kind}Name": name,
        f"{kind}Id": f"{letters}{number:016}",
        "Arn": f"{IAM}{kind.lower()}/{name}",
        "Path": "/",
        "CreateDate": MADE,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        "AttachedManagedPolicies": [],
    }


def _user(number: int, tags: Mapping[str, str], *statements: Text) -> Text:
    held = [{"PolicyName": "own", "PolicyDocument": _text(*statements)}] if statements else []
    return _entity("User", number, "AIDA", tags) | {"GroupList": [], "UserPolicyList": held}


def _role(number: int, tags: Mapping[str, str], trust: Text, *statements: Text) -> Text:
    return _entity("Role", number, "AROA", tags) | {
        "AssumeRolePolicyDocument": trust,
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": _text(*statements)}],
        "InstanceProfileList": [],
    }


def _account(users: list[Text], roles: list[Text]) -> Text:
    return {
        "UserDetailList": users,
        "GroupDetailList": [],
        "RoleDetailList": roles,
        "Policies": [],
        "IsTruncated": False,
    }


def _rights(number: int) -> Text:
    """What a role may do; few of them lead anywhere."""
    if number % 20 == 0:
        return _allow(["iam:PutRolePolicy", "s3:*"])
    return _allow(["s3:GetObject", f"dynamodb:*{number % 7}"], on=f"arn:aws:s3:::data-{number}/*")


def open_account(size: int) -> Text:
    """Sixteen users to a role, which lets in anyone of the account, in one of five ways."""
    users = [
        _user(number, {"team": f"team-{number % 30}"}, _allow(["s3:GetObject", "ec2:Describe*"]))
        for number in range(size * 15 // 16)
    ]
    roles = [
        _role(
            number,
            {"team": f"team-{number % 30}"},
            _text(_trust({"AWS": "*"}, NARROWINGS[number % len(NARROWINGS)])),
            _rights(number),
        )
        for number in range(size // 16)
    ]
    return _account(users, roles)


def session_account(size: int) -> Text:
    """Half the principals are roles, each of which names two hundred sessions of others."""
    users = [_user(number, {}, _allow(["sts:AssumeRole"])) for number in range(size // 2)]
    count = size - size // 2
    roles = []
    for number in range(count):
        named = [
            f"arn:aws:sts::{ACCOUNT}:assumed-role/role-{(number * 7 + at) % count}/job-{at % 3}"
            for at in range(200)
        ]
        own = _trust({"AWS": named} if number % 4 else {"AWS": f"{IAM}root"}, {})
        roles.append(_role(number, {}, _text(own), _rights(number)))
    return _account(users, roles)


def tagged_account(size: int) -> Text:
    """Nine users to a role; each has tags that no other has, and rights on what has the same."""
    same: Text = {"StringEquals": {"aws:ResourceTag/owner": "${aws:PrincipalTag/owner}"}}
    mine = _allow(["iam:PutRolePolicy", "iam:CreateAccessKey", "ec2:*"], when=same)
    take = _allow(["sts:AssumeRole", "iam:PassRole"], on=f"{IAM}role/*", when=same)
    users = [
        _user(number, {"owner": f"owner-{number}", "cost": f"{number * 7}"}, mine, take)
        for number in range(size * 9 // 10)
    ]
    roles = [
        _role(
            number,
            {"owner": f"owner-{number}"},
            _text(_trust({"AWS": f"{IAM}root"}, same if number % 2 else {})),
            _rights(number),
        )
        for number in range(size - len(users))
    ]
    return _account(users, roles)


SHAPES: Mapping[str, Callable[[int], Text]] = {
    "open": open_account,
    "sessions": session_account,
    "tags": tagged_account,
}
