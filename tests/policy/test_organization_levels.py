"""In: levels of an organization as the management account reads them. Out: who stands under which."""

from typing import Any

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.inventory.join import build_accounts
from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.layers import Verdict
from analyzer.policy.organization_levels import RESOURCE, SERVICE, levels_over
from tests.builders import deny, policy_text
from tests.evidence.export_material import ACCOUNT, OTHER, details, reading, report, user

MANAGER = "999988887777"
FULL = {SERVICE: "p-FullAWSAccess", RESOURCE: "p-RCPFullAWSAccess"}


def attached(place: dict[str, str], sort: str, *more: str) -> dict[str, Any]:
    """A list-policies-for-target answer as the script writes it: AWS's policy, and those."""
    listed = [{"Id": each, "Type": sort} for each in (FULL[sort], *more)]
    return {**place, "credaudit_filter": sort, "Policies": listed}


def own(account: str, sort: str, *more: str) -> dict[str, Any]:
    """What is attached to the account itself."""
    return attached({"credaudit_target": account, "credaudit_account": account}, sort, *more)


def unit(name: str, sort: str, *more: str) -> dict[str, Any]:
    """What is attached to a unit or the root."""
    return attached({"credaudit_unit": name, "credaudit_account": MANAGER}, sort, *more)


def parent(child: str, name: str) -> dict[str, Any]:
    """A list-parents answer."""
    whose = child if child.isdigit() else MANAGER
    parents = [{"Id": name, "Type": "x"}]
    return {"credaudit_child": child, "credaudit_account": whose, "Parents": parents}


def organization() -> dict[str, dict[str, Any]]:
    """Two accounts, one in a unit with a policy of its own, and the root above both."""
    answers = [parent("ou-1", "r-1"), parent(ACCOUNT, "ou-1")]
    answers += [parent(OTHER, "r-1")]
    for sort in FULL:
        answers += [own(ACCOUNT, sort), own(OTHER, sort), unit("r-1", sort)]
    answers += [unit("ou-1", SERVICE, "p-no-s3"), unit("ou-1", RESOURCE)]
    return {f"{number:02}": each for number, each in enumerate(answers)}


def over(account: str, answers: dict[str, dict[str, Any]]):
    """The levels over the account."""
    return levels_over(account, [JsonNode(each, Location("E1")) for each in answers.values()])


def test_an_account_stands_under_its_own_units_alone():
    """The unit's level counts for the account in it, and the root's for both."""
    whole = organization()
    for account, path in ((ACCOUNT, {ACCOUNT, "ou-1", "r-1"}), (OTHER, {OTHER, "r-1"})):
        found = over(account, whole)
        assert {each.target for each in found.levels} == path
        assert found.missing == ()


def test_each_answer_that_is_missing_is_named():
    """Take any away: the level of that sort is unknown, and so is all above a missing parent."""
    whole = organization()
    for left_out, answer in whole.items():
        rest = {name: each for name, each in whole.items() if name != left_out}
        missing = set(over(ACCOUNT, rest).missing)
        if "Parents" not in answer:
            target = answer.get("credaudit_unit") or answer["credaudit_target"]
            expected = set() if target == OTHER else {(answer["credaudit_filter"], target)}
        elif answer["credaudit_child"] == OTHER:
            expected = set()
        else:
            expected = {(sort, f"above {answer['credaudit_child']}") for sort in FULL}
        assert missing == expected, answer


def test_a_circle_of_parents_ends():
    """Answers that no organization gives don't hang the audit, and the top stays unknown."""
    found = over(ACCOUNT, {"a": parent(ACCOUNT, "ou-1"), "b": parent("ou-1", "ou-1")})
    assert (SERVICE, "above ou-1") in found.missing


def verdicts(tmp_path, answers: dict[str, dict[str, Any]]) -> dict[str, Verdict]:
    """What ann of each account may do with a bucket; her own policies allow everything."""
    described = {
        "PolicySummary": {"Id": "p-no-s3", "Type": SERVICE, "Name": "no-s3"},
        "Content": policy_text(deny("s3:*")),
    }
    manager = {
        "m/pack.json": {"credaudit_pack": 1, "account": MANAGER},
        "m/accounts.json": {"Accounts": [{"Id": ACCOUNT}, {"Id": OTHER}, {"Id": "1" * 12}]},
        "m/organization.json": {"Organization": {"Id": "o-1", "MasterAccountId": MANAGER}},
        "m/policy.json": {"Policy": described, "credaudit_account": MANAGER},
    }
    inline = [{"PolicyName": "all", "PolicyDocument": _EVERYTHING}]
    members = {
        f"{name}/d.json": details(user("ann", number, UserPolicyList=inline))
        for name, number in (("a", ACCOUNT), ("b", OTHER))
    }
    members |= {"a/r.csv": report(), "b/r.csv": report(account=OTHER)}
    levels = {f"m/control-policies/{name}.json": each for name, each in answers.items()}
    accounts, _ = build_accounts(reading(tmp_path, {**manager, **members, **levels}))
    found = {}
    for account in accounts:
        if account.users:
            made = authorizer_for(account, ["s3:GetObject"])
            ann = made.principals[f"arn:aws:iam::{account.id}:user/ann"]
            found[account.id] = made.decide(ann, "s3:GetObject", None).verdict
    assert "1" * 12 not in {account.id for account in accounts}
    return found


_EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def test_what_the_management_account_read_counts_for_each_member(tmp_path):
    """The denial of the unit reaches the account in it and not the other."""
    assert verdicts(tmp_path, organization()) == {
        ACCOUNT: Verdict.DENIED,
        OTHER: Verdict.ALLOWED,
    }


def test_a_level_that_could_not_be_read_may_forbid_anything(tmp_path):
    """Nothing unknown is called allowed."""
    whole = organization()
    answers = {name: each for name, each in whole.items() if each.get("credaudit_unit") != "r-1"}
    assert verdicts(tmp_path, answers) == {
        ACCOUNT: Verdict.DENIED,
        OTHER: Verdict.CONDITIONAL,
    }
