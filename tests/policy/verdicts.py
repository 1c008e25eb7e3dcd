"""An account of one user, Ann, and the verdict on what she or others ask for in it."""

from analyzer.policy.authorizer import authorizer_for
from analyzer.policy.layers import Verdict
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.graph import escalation_graph
from tests.builders import account, policy_text

ALLOWED, CONDITIONAL, NONE, DENIED = (
    Verdict.ALLOWED,
    Verdict.CONDITIONAL,
    Verdict.NONE,
    Verdict.DENIED,
)
IAM = "arn:aws:iam::111122223333:"
ANN, ROLE, LIMIT = f"{IAM}user/ann", f"{IAM}role/app", f"{IAM}policy/limit"
OBJECT = "arn:aws:s3:::bucket/ann/photo"
UNKNOWN_KEY = "corp:Unheard"
LIVE = account().user("ann").key()
"""Ann, with an active access key and no policy."""
MFA = "aws:MultiFactorAuthPresent"
ROOT = {"AWS": f"{IAM}root"}
GET = "s3:GetObject"
UNREAD = {"Effect": "Perhaps", "Action": "s3:*", "Resource": "*"}


def verdict_in(case, action=GET, on=OBJECT, keys=None, by=(ANN, EntryPoint.LEAKED_KEY)):
    """The verdict on one request in that account, by someone who comes in that way."""
    found, (who, entry_point) = authorizer_for(case.account(), (action,)), by
    return found.decide(found.principals[who], action, on, entry_point, keys).verdict


def verdict_by(*statements, case=LIVE, **request):
    """The verdict on one request of Ann's, who has these statements."""
    return verdict_in(case.inline("p", *statements), **request)


def assume_verdict(case, who=ANN, entry_point=None, keys=None):
    """Whether the principal may assume the role."""
    found = authorizer_for(case.account())
    return found.may_assume(found.principals[who], ROLE, entry_point, keys).verdict


def role_trusting(principal, *, ann=LIVE, when=None, action="sts:AssumeRole"):
    """Ann, and a role that lets in this principal."""
    return ann.role("app").trusts(principal, when=when, action=action)


def with_boundary(case, *statements):
    """The same, with the one named last under a boundary that says this."""
    return case.boundary(LIMIT).policy("limit", *statements)


def under_scps(case, *levels):
    """The account under these levels of service control policies, from the root down."""
    for number, statements in enumerate(levels):
        policy = {"Id": f"p-{number}", "Type": "SERVICE_CONTROL_POLICY"}
        level = {"credaudit_target": f"ou-{number}", "credaudit_account": "111122223333"}
        text = {"Policy": {"PolicySummary": policy, "Content": policy_text(*statements)}}
        for answer in (level | {"Policies": [policy]}, text):
            case = case.export("control-policies.json", answer)
    return case


def level_of(case, who=ANN):
    """How far that principal gets."""
    return escalation_graph(case.account()).privileges[who].level
