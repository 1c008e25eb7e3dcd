"""A policy's text with less in it, and nothing new."""

from hypothesis import given
from hypothesis import strategies as st

from analyzer.evidence.artifacts import Location
from analyzer.evidence.json_documents import JsonNode
from analyzer.globs import covers
from analyzer.policy.actions import action_index
from analyzer.policy.documents import DocumentCache
from analyzer.proposals.trimming import Keeping, trim
from tests.builders import allow, deny, policy_text

INDEX = action_index()


def trimmed(text, *keep, listed=None, is_short=False):
    """The text with only what these patterns match."""
    bits = 0
    for each in keep:
        bits |= INDEX.bits(each)
    named = bits
    if listed is not None:
        bits = INDEX.bits(listed)
    node = JsonNode(text, Location("E1"))
    document = DocumentCache(INDEX).document(node)
    return trim(node, document, Keeping(INDEX, named, bits, is_short=is_short))


def statements(text, *keep, **options):
    """The statements that are left."""
    document = trimmed(text, *keep, **options).document
    return document["Statement"] if document else []


def test_a_wildcard_becomes_the_actions_that_are_kept():
    """And Resource, Condition and Sid stay as they are."""
    when = {"Bool": {"aws:SecureTransport": "true"}}
    text = policy_text(allow("s3:*", on=["arn:aws:s3:::a/*"], when=when) | {"Sid": "one"})
    [left] = statements(text, "s3:GetObject", "s3:PutObject")
    assert left == {
        "Sid": "one",
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": ["arn:aws:s3:::a/*"],
        "Condition": when,
    }


def test_a_pattern_of_which_all_is_kept_stays():
    """So the text says what its author meant."""
    text = policy_text(allow("s3:Get*", "ec2:*"))
    [left] = statements(text, "s3:Get*")
    assert left["Action"] == ["s3:Get*"]


def test_everything_becomes_whole_services():
    """Of which all actions are kept."""
    [left] = statements(policy_text(allow("*")), "sqs:*", "s3:GetObject")
    assert left["Action"] == ["s3:GetObject", "sqs:*"]


def test_a_pattern_that_means_every_service_has_a_keeping_of_its_own():
    """What AWS does not list stays only where it is named."""
    text = policy_text(allow("*"), allow("glue:*"))
    left = statements(text, "sqs:*", "glue:*", listed="sqs:*")
    assert [each["Action"] for each in left] == [["sqs:*"], ["glue:*"]]


def test_an_allow_of_all_but_some_becomes_actions():
    """None of those that it left out."""
    text = policy_text({"Effect": "Allow", "NotAction": ["iam:*", "sqs:Del*"], "Resource": "*"})
    [left] = statements(text, "sqs:SendMessage", "sqs:DeleteQueue", "kms:*", "iam:*")
    assert left["Action"] == ["kms:*", "sqs:SendMessage"]
    assert "NotAction" not in left


def test_a_service_is_not_abridged_where_an_exclusion_may_reach_it():
    """A pattern that matches nothing yet may match an action of tomorrow."""
    text = policy_text({"Effect": "Allow", "NotAction": ["sqs:Zap*"], "Resource": "*"})
    [left] = statements(text, "sqs:*")
    assert "sqs:*" not in left["Action"]
    assert "sqs:SendMessage" in left["Action"]


def test_a_deny_always_stays():
    """Even where no Allow is left."""
    forbidden = deny("s3:*", on="arn:aws:s3:::a")
    assert statements(policy_text(allow("sqs:*"), forbidden)) == [forbidden]


def test_all_but_some_resources_stay_so():
    """NotResource keeps its meaning, since it stays."""
    text = policy_text({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::a"})
    [left] = statements(text, "s3:GetObject")
    assert left == {"Effect": "Allow", "Action": ["s3:GetObject"], "NotResource": "arn:aws:s3:::a"}


def test_a_service_that_the_table_lacks_stays():
    """Nothing can be said of it."""
    [left] = statements(policy_text(allow("made-up:*", "sqs:*")))
    assert left["Action"] == ["made-up:*"]


def test_a_policy_of_which_nothing_is_kept_has_no_text():
    """An empty list of statements is no policy."""
    found = trimmed(policy_text(allow("sqs:*")))
    assert (found.document, found.after) == (None, 0)


def test_what_cannot_shrink_is_unchanged():
    """And its text the same."""
    text = policy_text(allow("sqs:*"))
    found = trimmed(text, "sqs:*")
    assert (found.is_changed, found.document, found.before) == (False, text, found.after)


@given(st.sets(st.sampled_from(sorted(INDEX.named(INDEX.bits("ec2:*")))), max_size=60))
def test_short_patterns_match_the_same_actions(names):
    """No action more and none less, and nothing that the old pattern would not match."""
    for old in ("ec2:*", "ec2:D*", "*:Describe*"):
        text = policy_text(allow(old))
        long, short = (trimmed(text, *names, is_short=each) for each in (False, True))
        assert long.after == short.after
        for statement in short.document["Statement"] if short.document else []:
            assert all(covers(old.lower(), each.lower()) for each in statement["Action"])
