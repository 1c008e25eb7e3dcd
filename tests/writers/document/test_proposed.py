"""What would be enough, in the report."""

import json
from pathlib import Path

import jsonschema

from analyzer import writers
from analyzer.audit import audit
from analyzer.config import Settings
from tests.proposals.test_account_proposals import everything

SCHEMA = json.loads((Path(writers.__file__).parent / "report.schema.json").read_text())


def test_the_report_holds_policies_groups_and_roles(tmp_path):
    """Each with its account, and the policy as the fix of the finding that it is for."""
    report = audit(Settings(inputs=(everything().write(tmp_path / "e"),)))
    jsonschema.validate(report, SCHEMA)
    told = report["proposals"]
    [policy], [group], [role] = told["policies"], told["groups"], told["roles"]
    assert {policy["account"], group["account"], role["account"]} == {"111122223333"}
    assert (group["joining"], role["user"], told["omitted"]) == (["ann", "bob"], "job", 0)
    assert policy["commands"][0].startswith("aws iam put-role-policy")
    files = {each["id"]: each["path"] for each in report["evidence"]}
    assert files[policy["used"][0]["evidence"]].endswith("last-accessed-role-ci.json")
    text = json.dumps(policy["documents"][0]["document"], indent=2)
    fixed = {each["rule"] for each in report["findings"] if each["fix"]["policy"] == text}
    assert {"role-effective-admin", "granted-services-unused"} <= fixed


def test_an_account_without_policies_gets_no_proposal(tmp_path):
    """The export that holds them was not handed in."""
    case = everything().without("authorization-details.json")
    report = audit(Settings(inputs=(case.write(tmp_path / "e"),)))
    assert report["proposals"] == {"policies": [], "groups": [], "roles": [], "omitted": 0}
