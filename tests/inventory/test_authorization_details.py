"""In: authorization details in every form that SDKs write. Out: the proof that all say the same."""

import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
import yaml

from analyzer.evidence.cells import MissingValue
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.join import build_accounts
from tests.evidence.export_material import ACCOUNT, OTHER, details, faults, notes, reading, user

POLICY = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": 'a/b c+d?%41&<"'},
}
ANN = user(
    GroupList=["dev"],
    UserPolicyList=[{"PolicyName": "own", "PolicyDocument": POLICY}],
    AttachedManagedPolicies=[
        {"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    ],
)
DEV = {
    "Path": "/",
    "GroupName": "dev",
    "Arn": f"arn:aws:iam::{ACCOUNT}:group/dev",
    "CreateDate": "2020-01-01T00:00:00+00:00",
    # An object where a list should be, as in the AWS CLI's own documentation.
    "AttachedManagedPolicies": {
        "PolicyName": "AdministratorAccess",
        "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
    },
}
ROLE = {
    "RoleName": "app",
    "Arn": f"arn:aws:iam::{ACCOUNT}:role/app",
    "CreateDate": "2020-01-01T00:00:00+00:00",
    "AssumeRolePolicyDocument": POLICY,
    "RoleLastUsed": {},
    "InstanceProfileList": [
        {
            "InstanceProfileName": "app",
            "Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/app",
            "Roles": [{"RoleName": "app", "Arn": f"arn:aws:iam::{ACCOUNT}:role/app"}],
        }
    ],
}
AWS_OWNED = tuple(
    {"PolicyName": name, "Arn": f"arn:aws:iam::aws:policy/{name}"}
    for name in ("ReadOnlyAccess", "AdministratorAccess")
)
WHOLE = details(ANN, groups=(DEV,), roles=(ROLE,), policies=AWS_OWNED)
PAGES = [
    details(ANN, IsTruncated=True, Marker="more"),
    details(groups=(DEV,), IsTruncated=True, Marker="yet more"),
    details(roles=(ROLE,), policies=AWS_OWNED),
]

# Through JSON, so that no object is written as an alias of another.
YAML = yaml.safe_dump(json.loads(json.dumps(WHOLE)))


def documents_as(spell) -> dict:
    """The details with each policy document as a text."""
    spelled = json.loads(json.dumps(WHOLE))
    spelled["UserDetailList"][0]["UserPolicyList"][0]["PolicyDocument"] = spell(POLICY)
    spelled["RoleDetailList"][0]["AssumeRolePolicyDocument"] = spell(POLICY)
    return spelled


def keys_as(spell, value):
    """The value with every key of AWS spelled so; policy documents keep theirs."""
    if isinstance(value, list):
        return [keys_as(spell, each) for each in value]
    if not isinstance(value, dict) or "Statement" in value:
        return value
    return {spell(key): keys_as(spell, each) for key, each in value.items()}


def snake(key: str) -> str:
    """UserDetailList as user_detail_list."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower()


def camel(key: str) -> str:
    """UserDetailList as userDetailList."""
    return key[0].lower() + key[1:]


FORMS: dict[str, dict[str, str | bytes]] = {
    "as the CLI writes it": {"gaad.json": json.dumps(WHOLE, indent=4)},
    "URL-encoded documents": {
        "gaad.json": json.dumps(documents_as(lambda p: quote(json.dumps(p))))
    },
    "documents as JSON text": {"gaad.json": json.dumps(documents_as(json.dumps))},
    "documents encoded and HTML-escaped": {
        "gaad.json": json.dumps(documents_as(lambda p: quote(html.escape(json.dumps(p)))))
    },
    "pages back to back": {"gaad.json": "\n".join(map(json.dumps, PAGES))},
    "pages back to back, no break": {"gaad.json": "".join(map(json.dumps, PAGES))},
    "a list of pages": {"gaad.json": json.dumps(PAGES)},
    "a file a page": {f"page{n}.json": json.dumps(page) for n, page in enumerate(PAGES)},
    "a file a page, another order": {
        f"page{9 - n}.json": json.dumps(page) for n, page in enumerate(PAGES)
    },
    "the same page twice": {"a.json": json.dumps(WHOLE), "b.json": json.dumps(WHOLE)},
    "UTF-16": {"gaad.json": json.dumps(WHOLE).encode("utf-16")},
    "UTF-16 without mark": {"gaad.json": json.dumps(WHOLE).encode("utf-16-le")},
    "UTF-8 with mark": {"gaad.json": json.dumps(WHOLE).encode("utf-8-sig")},
    "snake_case": {"gaad.json": json.dumps(keys_as(snake, WHOLE))},
    "camelCase": {"gaad.json": json.dumps(keys_as(camel, WHOLE))},
    "YAML": {"gaad.yaml": YAML},
    "YAML, unquoted times": {"gaad.yaml": re.sub(r"'(\d{4}-[^']*)'", r"\1", YAML)},
    "YAML pages": {"gaad.yaml": yaml.safe_dump_all(PAGES)},
}  # fmt: skip


def told(evidence):
    """What the one account holds, without the places."""
    (account,), problems = build_accounts(evidence)
    assert faults(problems) == ""
    (ann,), (dev,), (app,) = account.users, account.groups, account.roles
    return {
        "id": account.id,
        "complete": account.details_are_complete,
        "user": (ann.name, ann.created, ann.details.groups),
        "inline": [(each.name, each.document.value) for each in ann.details.inline],
        "attached": [(each.name, each.arn) for each in ann.details.attached],
        "group": (dev.name, dev.members, [each.arn for each in dev.details.attached]),
        "role": (app.name, app.trust.value, app.last_used, app.instance_profiles),
    }


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(tmp_path, form):
    """Pages, encodings, spellings and SDKs change nothing of what the details say."""
    evidence = reading(tmp_path, FORMS[form])
    plain = told(reading(tmp_path / "plain", FORMS["as the CLI writes it"]))
    assert faults(evidence.problems) == ""
    assert told(evidence) == plain
    assert plain["complete"]
    assert plain["inline"] == [("own", POLICY)]
    assert plain["group"] == ("dev", ("ann",), ["arn:aws:iam::aws:policy/AdministratorAccess"])
    profiles = (f"arn:aws:iam::{ACCOUNT}:instance-profile/app",)
    assert plain["role"] == ("app", POLICY, MissingValue.ABSENT, profiles)
    assert {each.kind for each in evidence.artifacts} == {ExportKind.AUTHORIZATION_DETAILS}


@pytest.mark.parametrize(
    "text",
    [
        "{broken",
        "%7Bbroken",
        "",
        quote_plus('{"a": "b c"') + "+",
        quote('{"Statement": [{"Effect": "Allow"}], "Statement": []}'),
    ],
)
def test_a_document_that_can_not_be_parsed_stays_text(tmp_path, text):
    """A broken document is neither dropped nor repaired: it stays there as unread text."""
    entry = user(UserPolicyList=[{"PolicyName": "own", "PolicyDocument": text}])
    (account,), _ = build_accounts(reading(tmp_path, {"gaad.json": details(entry)}))
    (grant,) = account.users[0].details.inline
    assert grant.document.value == text


@pytest.mark.parametrize(
    "written",
    [
        "2023-01-02T03:04:05Z",
        "2023-01-02T03:04:05+00:00",
        "2023-01-02 03:04:05+00:00",
        "2023-01-02T03:04:05.678Z",
        "2023-01-02T04:04:05+01:00",
        "2023-01-02 03:04:05 UTC",
        1672628645,
        1672628645.0,
    ],
)
def test_every_form_of_a_time_is_one_time(tmp_path, written):
    """CLI, SDKs and epoch numbers write one moment in many ways."""
    (account,), _ = build_accounts(
        reading(tmp_path, {"gaad.json": details(user(CreateDate=written))})
    )
    assert account.users[0].created.isoformat() == "2023-01-02T03:04:05+00:00"


@pytest.mark.parametrize("written", ["last week", "02/01/2023", True, [], {}, 1672628645000, 1e300])
def test_what_is_no_time_is_unreadable(tmp_path, written):
    """Milliseconds, local dates and worse are not turned into a date."""
    entry = user(CreateDate=written)
    gaad = details(entry, user("bob"))
    (account,), _ = build_accounts(reading(tmp_path, {"gaad.json": gaad}))
    assert account.users[0].details.created is MissingValue.UNREADABLE


@pytest.mark.parametrize(
    ("more", "complete"),
    [
        ({}, True),
        ({"IsTruncated": True, "Marker": "m"}, False),
        ({"IsTruncated": "true"}, False),
        ({"IsTruncated": "perhaps"}, False),
        ({"IsTruncated": 1}, False),
        ({"NextToken": "n"}, False),
        ({"NextToken": None}, True),
    ],
    ids=str,
)
def test_a_page_that_is_not_the_last_is_not_all(tmp_path, more, complete):
    """Details are complete only where a page says so without doubt."""
    (account,), _ = build_accounts(reading(tmp_path, {"gaad.json": details(user(), **more)}))
    assert account.details_are_complete is complete


@pytest.mark.parametrize(
    "section", ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"]
)
def test_a_missing_section_is_taken_and_told(tmp_path, section):
    """An export filtered to some kinds is read for what it has, and known to lack the rest."""
    page = details(user(), roles=(ROLE,))
    del page[section]
    (account,), problems = build_accounts(reading(tmp_path, {"gaad.json": page}))
    assert not problems
    assert account.details_are_complete is False
    assert len(account.users) == (section != "UserDetailList")


@pytest.mark.parametrize(
    ("counts", "role_too", "complete"),
    [
        ({"AttachmentCount": 1}, False, True),
        ({"AttachmentCount": 2}, False, False),
        ({"AttachmentCount": 1, "PermissionsBoundaryUsageCount": 1}, False, False),
        ({"AttachmentCount": 2}, True, True),
        ({}, False, True),
    ],
    ids=str,
)
def test_a_policy_in_more_use_than_is_listed_proves_an_empty_section_filtered(
    tmp_path, counts, role_too, complete
):
    """AWS counts a policy's holders; an export with roles, users and groups may lag behind."""
    arn = f"arn:aws:iam::{ACCOUNT}:policy/own"
    text = {"VersionId": "v1", "IsDefaultVersion": True, "Document": POLICY}
    policy = {"PolicyName": "own", "Arn": arn, "PolicyVersionList": [text]} | counts
    group = {"GroupName": "g", "Arn": f"arn:aws:iam::{ACCOUNT}:group/g"}
    held = user(AttachedManagedPolicies=[{"PolicyName": "own", "PolicyArn": arn}])
    page = details(held, groups=(group,), roles=(ROLE,) if role_too else (), policies=(policy,))
    (account,), _ = build_accounts(reading(tmp_path, {"gaad.json": page}))
    assert account.details_are_complete is complete
    told = " ".join(gap.text for gap in account.details_gaps)
    assert ("of which 1 are listed; RoleDetailList is empty" in told) is not complete


def test_of_two_versions_marked_as_default_none_is_taken(tmp_path):
    """Which of them is in force nobody can tell, whatever the entry calls its default."""
    versions = [
        {"VersionId": name, "IsDefaultVersion": True, "Document": POLICY} for name in ("v1", "v2")
    ]
    arn = f"arn:aws:iam::{ACCOUNT}:policy/own"
    policy = {"Arn": arn, "DefaultVersionId": "v1", "PolicyVersionList": versions}
    (account,), problems = build_accounts(
        reading(tmp_path, {"gaad.json": details(user(), policies=(policy,))})
    )
    assert account.policies[0].document is None
    assert "without the text of a default version" in faults(problems)


@pytest.mark.parametrize("held", [None, {}, []])
def test_members_that_are_null_or_empty_are_nothing(tmp_path, held):
    """A list that is absent, null or empty grants nothing and breaks nothing."""
    bare = {"Arn": f"arn:aws:iam::{ACCOUNT}:user/ann", "CreateDate": "2020-01-01T00:00:00Z"}
    lists = ("UserPolicyList", "GroupList", "AttachedManagedPolicies", "Tags")
    entry = bare | dict.fromkeys(lists, held)
    (account,), problems = build_accounts(reading(tmp_path, {"gaad.json": details(entry)}))
    assert not problems
    found = account.users[0].details
    assert (found.inline, found.attached, found.groups, found.tags) == ((), (), (), {})


def test_an_entry_without_arn_is_a_problem(tmp_path):
    """Who can't be told apart is left out, and a problem says where it stood."""
    entry = user("bob")
    del entry["Arn"]
    evidence = reading(tmp_path, {"gaad.json": details(user(), entry)})
    (account,), problems = build_accounts(evidence)
    assert [each.name for each in account.users] == ["ann"]
    assert "without Arn at /UserDetailList/1" in faults(problems)


def test_two_accounts_in_one_document_are_judged_each_by_itself(tmp_path):
    """Each entry belongs to the account in its ARN and keeps its place; AWS's policies to both."""
    managed = {"PolicyName": "p", "Arn": "arn:aws:iam::aws:policy/p"}
    foreign = {"PolicyName": "q", "Arn": f"arn:aws:iam::{OTHER}:policy/q"}
    page = details(user(), user("eve", OTHER), roles=(ROLE,), policies=(managed, foreign))
    evidence = reading(tmp_path, {"both.json": page})
    assert faults(evidence.problems) == ""
    assert f"it holds entries of accounts {ACCOUNT}, {OTHER}; each was judged" in notes(evidence)
    ours, theirs = build_accounts(evidence)[0]
    assert (ours.id, theirs.id) == (ACCOUNT, OTHER)
    assert [[each.name for each in of.users] for of in (ours, theirs)] == [["ann"], ["eve"]]
    assert [[each.name for each in of.roles] for of in (ours, theirs)] == [["app"], []]
    assert [[each.name for each in of.policies] for of in (ours, theirs)] == [["p"], ["q", "p"]]
    assert theirs.users[0].details.location.pointer == "/UserDetailList/1"
    assert ours.details_are_complete
    assert theirs.details_are_complete


def test_both_halves_of_a_merged_document_list_the_policies_of_aws(tmp_path):
    """Each account counts its own attachments of one and the same policy: no contradiction."""
    arn = "arn:aws:iam::aws:policy/p"
    text = {"VersionId": "v1", "IsDefaultVersion": True, "Document": POLICY}
    one, two = (
        {"PolicyName": "p", "Arn": arn, "AttachmentCount": n, "PolicyVersionList": [text]}
        for n in (1, 2)
    )
    page = details(user(), user("eve", OTHER), policies=(one, two))
    accounts, problems = build_accounts(reading(tmp_path, {"both.json": page}))
    assert faults(problems) == ""
    assert [each.unplaced for of in accounts for each in of.policies] == [(), ()]


def test_an_entry_of_no_account_leaves_every_account_of_its_document_incomplete(tmp_path):
    """A redacted ARN may be anyone's: it is named once, and no account is called whole."""
    redacted = user("zoe", "YOUR-ACCOUNT")
    page = details(user(), user("eve", OTHER), redacted)
    accounts, problems = build_accounts(reading(tmp_path, {"both.json": page}))
    assert [each.details_are_complete for each in accounts] == [False, False]
    assert [[each.name for each in of.users] for of in accounts] == [["ann"], ["eve"]]
    assert faults(problems).count("at /UserDetailList/2") == 1


def test_pages_of_two_accounts_in_one_file_are_told_apart(tmp_path):
    """Each document of a file belongs to the account of its own ARNs."""
    text = json.dumps(details(user())) + json.dumps(details(user("eve", OTHER)))
    evidence = reading(tmp_path, {"both.json": text})
    assert [each.account for each in evidence.documents] == [ACCOUNT, OTHER]
    assert evidence.artifacts[0].account is None
    accounts, _ = build_accounts(evidence)
    assert [[each.path for each in account.artifacts] for account in accounts] == [
        ["in/both.json"]
    ] * 2


def test_foreign_and_aws_arns_name_no_account_of_their_own(tmp_path):
    """AWS's policies, and the accounts that a trust policy names, are not the document's own."""
    trust = {"Statement": [{"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}]}
    managed = {"PolicyName": "p", "Arn": "arn:aws:iam::aws:policy/p"}
    page = details(user(), roles=(ROLE | {"AssumeRolePolicyDocument": trust},), policies=(managed,))
    evidence = reading(tmp_path, {"gaad.json": page})
    assert faults(evidence.problems) == ""
    assert evidence.artifacts[0].account == ACCOUNT


def test_two_stories_of_one_arn_are_a_problem(tmp_path):
    """Of two entries that differ the first is used, and both places are named."""
    evidence = reading(
        tmp_path, {"a.json": details(user(GroupList=["x"])), "b.json": details(user())}
    )
    (account,), problems = build_accounts(evidence)
    assert account.users[0].details.groups == ("x",)
    assert "in/a.json at /UserDetailList/0: tells different things" in faults(problems)
    assert "than in/b.json at /UserDetailList/0" in faults(problems)


def test_a_document_that_breaks_off_leaves_what_came_before(tmp_path):
    """Of pages back to back, those before the damage are read, and a note says how many."""
    evidence = reading(tmp_path, {"gaad.json": json.dumps(WHOLE) + '\n{"UserDetailList": ['})
    assert told(evidence)["user"][0] == "ann"
    assert "the 1 document(s) before it were read" in notes(evidence)


def test_a_pointer_leads_to_the_entry(tmp_path):
    """A place in a file of many documents starts with the document's number."""
    evidence = reading(tmp_path, {"gaad.json": "\n".join(map(json.dumps, PAGES))})
    (account,), _ = build_accounts(evidence)
    assert account.users[0].details.location.pointer == "/0/UserDetailList/0"
    assert account.roles[0].details.location.pointer == "/2/RoleDetailList/0"


VERSIONS = [
    {"VersionId": "v1", "Document": {"n": 1}},
    {"VersionId": "v2", "Document": {"n": 2}},
]


@pytest.mark.parametrize(
    ("versions", "named", "chosen"),
    [
        ([VERSIONS[0], VERSIONS[1] | {"IsDefaultVersion": True}], "v2", {"n": 2}),
        ([VERSIONS[0], VERSIONS[1] | {"IsDefaultVersion": True}], "v1", None),
        ([each | {"IsDefaultVersion": True} for each in VERSIONS], None, None),
        ([VERSIONS[0], VERSIONS[1] | {"IsDefaultVersion": "true"}], None, {"n": 2}),
        (VERSIONS, "v2", {"n": 2}),
        (VERSIONS[:1], None, {"n": 1}),
        (VERSIONS, None, None),
        (VERSIONS, "v9", None),
        ([], "v1", None),
    ],
)
def test_the_version_in_force_is_never_guessed(tmp_path, versions, named, chosen):
    """Of several versions the one that the export marks is used; unmarked or in doubt, none is."""
    policy = {
        "Arn": f"arn:aws:iam::{ACCOUNT}:policy/p",
        "DefaultVersionId": named,
        "PolicyVersionList": versions,
    }
    gaad = details(user(), policies=(policy,))
    (account,), _ = build_accounts(reading(tmp_path, {"gaad.json": gaad}))
    document = account.policies[0].document
    assert (document.value if document else None) == chosen


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"Arn": "arn:aws:iam::1:instance-profile/web"}, "arn:aws:iam::1:instance-profile/web"),
        ({"InstanceProfileName": "web"}, f"arn:aws:iam::{ACCOUNT}:instance-profile/web"),
        (
            {"InstanceProfileName": "web", "Path": "/ops/"},
            f"arn:aws:iam::{ACCOUNT}:instance-profile/ops/web",
        ),
        ("web", f"arn:aws:iam::{ACCOUNT}:instance-profile/*"),
    ],
)
def test_an_instance_profile_without_its_arn_is_known_by_its_name(tmp_path, told, expected):
    """Cut-down exports keep the name alone, and a mangled one is still a profile."""
    role = {**ROLE, "Arn": f"arn:aws:iam::{ACCOUNT}:role/ops/app", "InstanceProfileList": [told]}
    export = {"gaad.json": json.dumps(details(ANN, roles=(role,)))}
    (account,), _ = build_accounts(reading(tmp_path, export))
    assert [each.instance_profiles for each in account.roles] == [(expected,)]


def test_a_role_without_profiles_differs_from_one_of_which_nothing_is_said(tmp_path):
    """An empty list says that there is none; a missing one says nothing."""
    silent = {key: value for key, value in ROLE.items() if key != "InstanceProfileList"}
    bare = {**ROLE, "RoleName": "bare", "Arn": f"{ROLE['Arn']}-bare", "InstanceProfileList": []}
    export = {"gaad.json": json.dumps(details(ANN, roles=(silent, bare)))}
    (account,), _ = build_accounts(reading(tmp_path, export))
    assert [each.instance_profiles for each in account.roles] == [None, ()]
