"""In: what IAM and Terraform write of a key. Out: the proof that its user is read beside it."""

import json

import pytest

from analyzer.leaks.model import CredentialPart
from tests.leaks.detect.detect_material import read
from tests.leaks.leak_material import digest, key_id, secret

ANSWER = {
    "AccessKey": {
        "UserName": "ann",
        "AccessKeyId": key_id(),
        "Status": "Active",
        "SecretAccessKey": secret(),
        "CreateDate": "2026-03-01T10:00:00Z",
    }
}
LIST = {
    "AccessKeyMetadata": [
        {"UserName": "bob", "AccessKeyId": key_id(n=2), "Status": "Active"},
        {"UserName": "ann", "AccessKeyId": key_id(), "Status": "Inactive"},
    ]
}
STATE = {
    "resources": [
        {
            "type": "aws_iam_access_key",
            "instances": [{"attributes": {"id": key_id(), "secret": secret(), "user": "ann"}}],
        }
    ]
}
SHOWN = f"""# aws_iam_access_key.deploy:
resource "aws_iam_access_key" "deploy" {{
    id     = "{key_id()}"
    secret = "{secret()}"
    status = "Active"
    user   = "ann"
}}
"""


@pytest.mark.parametrize(
    "text",
    [json.dumps(ANSWER), json.dumps(ANSWER, indent=4), json.dumps(STATE, indent=2), SHOWN],
    ids=["one line", "create-access-key", "Terraform state", "terraform show"],
)
def test_the_user_that_a_key_was_made_for_is_read(text):
    """Key ID, secret and user stand in one object."""
    (found,) = [each for each in read(text) if each.part is CredentialPart.ID]
    assert (found.key_id, found.digest, found.claims.user) == (key_id(), digest(), "ann")


def test_each_key_of_a_list_has_its_own_user():
    """The nearest name is not enough: it has to stand in the same object."""
    found = {each.key_id: each.claims.user for each in read(json.dumps(LIST))}
    assert found == {key_id(n=2): "bob", key_id(): "ann"}


def test_text_that_is_no_state_names_nobody():
    """An equals sign is everywhere; what a Terraform block says counts only in Terraform."""
    text = SHOWN.replace("aws_iam_access_key", "my_program")
    assert {each.claims.user for each in read(text)} == {None}
