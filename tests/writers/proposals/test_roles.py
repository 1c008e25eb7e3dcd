"""Proposed roles as Terraform: nothing is left away that the commands would do."""

from analyzer.config import Limits
from analyzer.proposals.roles import propose_roles
from analyzer.writers.proposals.roles import roles_as_terraform, roles_as_text
from tests.builders import account

GITHUB = "token.actions.githubusercontent.com"


def terraform(case, more=(), providers=()):
    """The blocks for the account; each role could do these actions more."""
    proposal = propose_roles(case.account(), Limits())
    gained = {each.name: list(more) for each in proposal.roles}
    return "\n\n".join(roles_as_terraform(proposal, gained, frozenset(providers)))


def test_what_a_role_could_do_more_stands_above_its_block():
    """Whoever applies it is warned as whoever types the commands is."""
    found = terraform(account().user("job").key().may("s3:*"), ["s3:GetObject"])
    caution = found.index("# CAUTION: could do more than the key: s3:GetObject")
    assert caution < found.index('resource "aws_iam_role"')


def test_a_long_list_of_actions_is_cut():
    """A role that could do everything would fill pages."""
    case = account().user("job").key().may("s3:*")
    proposal = propose_roles(case.account(), Limits())
    more = {"job-role": [f"s3:Get{number}" for number in range(100)]}
    page = "\n".join(roles_as_text(proposal, more, frozenset()))
    assert "s3:Get11 and 88 more" in page


def test_the_tags_that_policies_may_test_go_with_the_role():
    """But none of AWS's own, which nobody may set."""
    case = account().user("job").key().may("s3:*").tag("team", 'a"b').tag("aws:stack", "x")
    assert 'tags               = { "team" = "a\\"b" }' in terraform(case)


def test_what_belongs_to_the_role_is_made_after_it():
    """A name alone would let Terraform make both at once."""
    found = terraform(account().user("job").key().may("s3:*").attached("ReadOnlyAccess"))
    assert found.count("= aws_iam_role.job_role.name") == 2


def test_a_provider_is_made_once_and_only_where_it_is_missing():
    """IAM takes one of an address."""
    case = account().user("github-a").key().user("github-b").key()
    assert terraform(case).count('"aws_iam_openid_connect_provider"') == 1
    known = f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"
    assert "openid_connect_provider" not in terraform(case, providers=[known])


def test_a_role_for_instances_has_a_profile():
    """Instances take nothing else."""
    found = terraform(account().user("ec2-batch").key())
    assert 'resource "aws_iam_instance_profile" "ec2_batch_role" {' in found


def test_nothing_to_propose_is_said():
    """An empty answer could be a fault."""
    assert terraform(account().user("ann")) == (
        "# no user without a password has a key that a program works with"
    )
