"""In: small exports, one damaged at random. Out: the proof that none costs another, or the run."""

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from analyzer.inventory.join import build_accounts
from tests.evidence.export_material import ACCOUNT, reading, report
from tests.inventory.test_damage_stays_where_it_is import JUNK, damaged

WHEN = "2026-05-01T00:00:00+00:00"


def arn(rest: str) -> str:
    """An ARN of the account."""
    return f"arn:aws:iam::{ACCOUNT}:{rest}"


EXPORTS: dict[str, Any] = {
    "account_summary": {"SummaryMap": {"Users": 1, "Groups": 0, "Roles": 0, "Policies": 0}},
    "password_policy": {"PasswordPolicy": {"MinimumPasswordLength": 14, "RequireSymbols": True}},
    "access_keys": {
        "AccessKeyMetadata": [
            {"UserName": "ann", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Active"}
            | {"CreateDate": WHEN}
        ]
    },
    "mfa_devices": {
        "VirtualMFADevices": [
            {"SerialNumber": arn("mfa/ann"), "EnableDate": WHEN, "User": {"Arn": arn("user/ann")}}
        ]
    },
    "login_profiles": {
        "LoginProfile": {"UserName": "ann", "CreateDate": WHEN, "PasswordResetRequired": False}
    },
    "saml_providers": {"SAMLProviderList": [{"Arn": arn("saml-provider/x"), "ValidUntil": WHEN}]},
    "account_aliases": {"AccountAliases": ["shop"]},
    "analyzers": {
        "analyzers": [
            {"arn": f"arn:aws:access-analyzer:eu-west-1:{ACCOUNT}:analyzer/a", "type": "ACCOUNT"}
        ]
    },
    "analyzer_findings": {"findings": [{"findingType": "ExternalAccess", "status": "ACTIVE"}]},
    "gaad": {"UserDetailList": [{"Arn": arn("user/ann"), "UserName": "ann", "CreateDate": WHEN}]},
}


@given(st.data())
def test_a_damaged_export_costs_no_other(data):
    """Whatever one file holds, each other file is recognised, joined and there."""
    broken = data.draw(st.sampled_from(sorted(EXPORTS)))
    junk = data.draw(st.booleans())
    value = data.draw(JUNK) if junk else damaged(copy.deepcopy(EXPORTS[broken]), data.draw)
    files = {f"{name}.json": json.dumps(each) for name, each in EXPORTS.items()}
    files |= {f"{broken}.json": json.dumps(value), "report.csv": report()}
    with tempfile.TemporaryDirectory() as folder:
        accounts, _ = build_accounts(reading(Path(folder), files))
    account = next(each for each in accounts if each.id == ACCOUNT)
    wanted = set(EXPORTS) - {broken} | {"credential_report"}
    assert wanted <= {kind.value for kind in account.available_exports}
    assert "ann" in {each.name for each in account.users}
