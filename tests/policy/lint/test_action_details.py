"""The second file of AWS's list: what each action works on, and the keys of its requests."""

import pytest

from analyzer.policy.actions import action_index
from analyzer.policy.lint.action_details import action_details, families_of

DETAILS = action_details()


def test_every_action_has_its_own_row():
    """The two files are of one day and in one order: an action works on what the other requires."""
    table = action_index()
    told = [name for name in table.folded if name in DETAILS.forms]
    assert len(told) > len(table.folded) * 0.99
    assert DETAILS.forms["iam:createuser"] == ("iam::@:user/*",)
    for name in told:
        required = table.resource_forms(name).forms if DETAILS.forms[name] else ()
        assert set(required) <= set(DETAILS.forms[name])


@pytest.mark.parametrize(
    ("action", "key", "has"),
    [
        ("s3:listbucket", "s3:prefix", True),
        ("s3:putobject", "s3:prefix", False),
        ("iam:passrole", "iam:passedtoservice", True),
        ("ec2:runinstances", "aws:requesttag/team", True),
        ("s3:getobject", "s3:existingobjecttag/mark", True),
        ("s3:getobject", "s3:dataaccesspointarn", True),
        ("kms:decrypt", "kms:encryptioncontext:app", True),
        ("corp:unheard", "s3:prefix", None),
    ],
)
def test_a_key_belongs_to_some_actions(action, key, has):
    """Keys of the resources count, and families by what they begin with."""
    assert DETAILS.has_key(action, key) is has


def test_a_family_is_known_by_its_beginning():
    """The longest first, so that a key of its own wins over its family."""
    assert list(families_of("aws:requesttag/a")) == ["aws:requesttag/a", "aws:requesttag/", "aws:"]


def test_keys_have_types():
    """As AWS lists them; None for one of which it says nothing."""
    assert DETAILS.type_of("iam:awsservicename") == "String"
    assert DETAILS.type_of("ec2:encrypted") == "Bool"
    assert DETAILS.type_of("corp:unheard") is None
