"""In: a path of the catalogue. Out: an account in which a caller may go it, and nothing else.

All that a path needs is put there from its own entry, so a new path is tested by being added.
"""

from typing import Any

from analyzer.privesc.catalogue import EscalationPath, Gain, Precondition, Target
from analyzer.privesc.graph import escalation_graph
from analyzer.privesc.outcomes import Edge
from tests.builders import AccountBuilder, account, allow, deny

NUMBER = "111122223333"
ROOT = {"AWS": f"arn:aws:iam::{NUMBER}:root"}
PROVIDER = f"arn:aws:iam::{NUMBER}:saml-provider/corp"
OIDC = f"arn:aws:iam::{NUMBER}:oidc-provider/gitlab.com"
OWN_POLICY = f"arn:aws:iam::{NUMBER}:policy/mine"
ALL = allow("*")
OF_ROLES = {Target.SELF_ROLE, Target.SELF_OR_ASSUMABLE_ROLE}
BLOCKING = (
    "iam:PutUserPolicy",
    "iam:PutRolePolicy",
    "iam:AttachUserPolicy",
    "iam:AttachRolePolicy",
)
REMOVED_BY_GROUP = {
    Precondition.MANAGED_DENY_GROUP,
    Precondition.INLINE_DENY_GROUP,
    Precondition.DENY_FROM_GROUP,
}
HELD_BACK_OTHERS = {
    Precondition.BOUNDARY_OF_OTHER,
    Precondition.BOUNDARY_POLICY_OF_OTHER,
    Precondition.MANAGED_DENY_OTHER,
    Precondition.INLINE_DENY_OTHER,
}
FREE_OF_BOUNDARY = {Precondition.CALLER_HAS_BOUNDARY}


def is_role(path: EscalationPath) -> bool:
    """Whether the caller of the path must be a role."""
    targets = {each.target for each in path.requires}
    return bool(targets & OF_ROLES) or Precondition.CALLER_IS_ROLE in path.preconditions


def caller(path: EscalationPath) -> str:
    """The caller's ARN."""
    return f"arn:aws:iam::{NUMBER}:{'role' if is_role(path) else 'user'}/caller"


def ready(path: EscalationPath, *more: Any, granted: list[Any] | None = None) -> AccountBuilder:
    """The account with all the path needs; `more` statements go to the caller besides."""
    case = surroundings(path)
    case = case.role("caller") if is_role(path) else case.user("caller").key()
    statements = grants(path) if granted is None else granted
    case = holding(path, case, [*statements, *more])
    targets = {each.target for each in path.requires}
    if Target.OWN_GROUP in targets and "caller-in-group" in path.preconditions:
        case = case.group("mine")
    if Target.POLICY_OF_SELF in targets:
        case = case.attached(OWN_POLICY).policy("mine", allow("s3:Get*")).version(ALL)
    return case


def grants(path: EscalationPath) -> list[Any]:
    """What the path requires, and no more: the first of the actions that will do."""
    return [allow(each.any_of[0]) for each in path.requires]


def holding(path: EscalationPath, case: AccountBuilder, statements: list[Any]) -> AccountBuilder:
    """The caller with these statements, held back by whatever the path takes away."""
    barred = [name for name in BLOCKING if name not in path.actions]
    if is_capped(path):
        case = case.inline("all", ALL, *statements[len(path.requires) :])
        case = case.boundary(f"arn:aws:iam::{NUMBER}:policy/cap")
        case = case.policy("cap", *statements[: len(path.requires)])
        is_older_wider = Precondition.WIDER_VERSION in path.preconditions
        return case.version(ALL) if is_older_wider else case
    if Precondition.MANAGED_DENY in path.preconditions:
        case = case.inline("all", ALL, *statements).attached(f"arn:aws:iam::{NUMBER}:policy/no")
        return case.policy("no", deny(*barred, "iam:Create*", "iam:Update*"))
    if Precondition.INLINE_DENY in path.preconditions:
        case = case.inline("all", ALL, *statements)
        return case.inline("no", deny(*barred, "iam:Create*", "iam:Update*"))
    if path.preconditions & REMOVED_BY_GROUP:
        return in_a_barring_group(path, case.inline("all", ALL, *statements), barred)
    if "grants-conditioned-on-PrincipalTag" in path.preconditions:
        tagged = allow("*", when={"StringEquals": {"aws:PrincipalTag/team": "ops"}})
        return case.inline("all", tagged, *statements)
    if Precondition.NAME_GRANTS in path.preconditions:
        named = allow("*", when={"StringEquals": {"aws:username": "other"}})
        return case.inline("all", named, *statements)
    if Precondition.TAG_DENIES in path.preconditions:
        tagged = deny(*barred, when={"StringEquals": {"aws:PrincipalTag/team": "ops"}})
        return case.inline("all", ALL, tagged, *statements).tag("team", "ops")
    if "grants-conditioned-on-MFA" in path.preconditions:
        strong = allow("iam:PutUserPolicy", when={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
        return case.inline("all", strong, *statements)
    return case.inline("all", *statements)


def is_capped(path: EscalationPath) -> bool:
    """Whether the path lifts a boundary off the caller itself."""
    on_self = Precondition.ROLE_HAS_BOUNDARY in path.preconditions and is_role(path)
    return Precondition.CALLER_HAS_BOUNDARY in path.preconditions or on_self


def in_a_barring_group(
    path: EscalationPath, case: AccountBuilder, barred: list[str]
) -> AccountBuilder:
    """The caller in a group whose policy denies."""
    denied = deny(*barred, "iam:Create*", "iam:Update*")
    case = case.group("mine")
    case.details["GroupDetailList"] = []
    named = case.named
    group = case.empty_group("mine")
    if Precondition.INLINE_DENY_GROUP in path.preconditions:
        group = group.inline("no", denied)
    else:
        group = group.attached(f"arn:aws:iam::{NUMBER}:policy/no").policy("no", denied)
    group.named = named
    return group


def somebody_else(path: EscalationPath) -> AccountBuilder:
    """The user who is worth taking over, or whom the path gives rights."""
    if path.preconditions & HELD_BACK_OTHERS:
        case = held_back(path, account().user("boss").inline("all", ALL))
        return held_back(path, case.role("chief").inline("all", ALL))
    if path.gain is Gain.RIGHTS_FOR_OTHERS:
        case = account().user("boss").group("crew").attached(OWN_POLICY)
        return case.policy("mine", allow("s3:Get*")).version(ALL)
    case = account().user("boss").attached("AdministratorAccess")
    if Precondition.USER_HAS_BOUNDARY in path.preconditions:
        case = case.boundary(f"arn:aws:iam::{NUMBER}:policy/narrow").policy("narrow", allow("s3:*"))
    if Precondition.USER_WITH_PASSWORD in path.preconditions:
        case = case.password()
    if "iam:DeactivateMFADevice" in path.actions:
        case = case.mfa()
    if "inactive-key-known-secret" in path.preconditions:
        case = case.key(active=False)
    return case


def with_lock(case: AccountBuilder, statement: Any) -> AccountBuilder:
    """The account with that policy, once."""
    names = {each["PolicyName"] for each in case.details["Policies"]}
    if "lock" in names:
        return case
    named = case.named
    case = case.policy("lock", statement)
    case.named = named
    return case


def held_back(path: EscalationPath, case: AccountBuilder) -> AccountBuilder:
    """Whoever was named last, kept from full rights by what the path takes away."""
    if Precondition.MANAGED_DENY_OTHER in path.preconditions:
        case = case.attached(f"arn:aws:iam::{NUMBER}:policy/lock")
        return with_lock(case, deny("s3:*"))
    if Precondition.INLINE_DENY_OTHER in path.preconditions:
        return case.inline("lock", deny("s3:*"))
    case = case.boundary(f"arn:aws:iam::{NUMBER}:policy/lock")
    return with_lock(case, allow("s3:*"))


def surroundings(path: EscalationPath) -> AccountBuilder:
    """Users, groups and roles that are worth taking over, each in the state that the path needs."""
    case = somebody_else(path)
    strong = case.role("strong", service=path.role_trusts or "nobody.amazonaws.com")
    strong = strong.member(InstanceProfileList=[{"InstanceProfileName": "x"}])
    if path.role_trusts == "cognito-identity.amazonaws.com":
        strong = strong.trusts(
            {"Federated": path.role_trusts}, action="sts:AssumeRoleWithWebIdentity"
        )
    if needs_a_way_in(path):
        strong = strong.trusts(ROOT)
    if Precondition.TRUSTS_SAML in path.preconditions:
        strong = strong.trusts({"Federated": PROVIDER}, action="sts:AssumeRoleWithSAML")
    if Precondition.TRUSTS_OIDC in path.preconditions:
        strong = strong.trusts({"Federated": OIDC}, action="sts:AssumeRoleWithWebIdentity")
    strong = strong.inline("all", ALL)
    if Target.POLICY_OF_OTHER in {each.target for each in path.requires}:
        held = f"arn:aws:iam::{NUMBER}:policy/theirs"
        strong = strong.attached(held).policy("theirs", allow("s3:Get*"))
    if Precondition.ROLE_HAS_BOUNDARY in path.preconditions:
        strong.details["RoleDetailList"][-1]["PermissionsBoundary"] = {
            "PermissionsBoundaryArn": f"arn:aws:iam::{NUMBER}:policy/narrow"
        }
        strong = strong.policy("narrow", allow("s3:*"))
    return strong.empty_group("strong").attached("AdministratorAccess")


def needs_a_way_in(path: EscalationPath) -> bool:
    """Whether the path takes a role by its trust as it stands."""
    targets = {each.target for each in path.requires}
    return "sts:AssumeRole" in path.actions or Target.SELF_OR_ASSUMABLE_ROLE in targets


def step(case: AccountBuilder, path: EscalationPath) -> Edge | None:
    """The caller's move by that path, if it has one."""
    edges = escalation_graph(case.account()).edges.get(caller(path), ())
    return next((edge for edge in edges if first_path(edge).id == path.id), None)


def first_path(edge: Edge) -> EscalationPath:
    """The path of the first of its steps."""
    return edge.after[0].path if edge.after else edge.path
