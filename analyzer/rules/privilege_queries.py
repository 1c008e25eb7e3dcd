"""In: how far everyone gets. Out: the policies that the account can change, and who holds them."""

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.display import list_first
from analyzer.evidence.artifacts import Location
from analyzer.inventory.model import (
    Account,
    Policy,
    PolicyAttachment,
    PrincipalDetails,
    Role,
    UnplacedPart,
    User,
    is_aws_managed_policy,
)
from analyzer.policy.documents import PolicyInstance
from analyzer.policy.layers import StatementRef
from analyzer.privesc.graph import EscalationGraph, Privilege, PrivilegeLevel
from analyzer.rules.catalogue import Fact
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import Fail, Pass, Unknown, fail, shut_out, user_resource

_ADMIN_ACTION = "iam:AttachRolePolicy"
"""What an administrator certainly may do: whatever allows it is what makes it one."""
_LISTED = 3


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """A policy that the account wrote, customer-managed or inline, or one of AWS's that is held.

    `instance` None: the export lacks its text. `attachments` None: nobody counted them. One that
    serves as a boundary alone grants nothing. `holders` are places where one of AWS's is attached.
    `doubts` are parts of its entry that may be its text as well. `is_cap` tells one of the
    organization, which gives nothing either.
    """

    name: str
    resource: Resource
    instance: PolicyInstance | None
    location: Location
    attachments: int | None
    is_inline: bool
    doubts: tuple[UnplacedPart, ...] = ()
    is_boundary_only: bool = False
    holders: tuple[Location, ...] = ()
    is_cap: bool = False

    @property
    def is_held(self) -> bool:
        """True unless it is certain that nobody holds the policy, not even as a boundary."""
        return self.attachments != 0 or self.is_boundary_only

    @property
    def is_aws_managed(self) -> bool:
        """True for a policy that AWS maintains, which the account can take away but not change."""
        return is_aws_managed_policy(self.resource.arn)


def account_policies(graph: EscalationGraph) -> Iterator[AccountPolicy]:
    """Every customer-managed policy with its default version, then every inline policy.

    What can't be placed in somebody's entry may be one, too: a policy without a text.
    """
    account, cache = graph.authorizer.account, graph.authorizer.store.cache
    holders, boundaries = list(policy_holders(graph)), boundaries_in_use(account)
    grants = (grant for _, _, details in holders for grant in details.attached)
    attached = frozenset(grant.arn for grant in grants if grant.arn)
    for policy in account.policies:
        if not policy.is_aws_managed:
            yield _managed_policy(graph, policy, attached, boundaries)
    for owner, resource, details in holders:
        for grant in details.inline:
            held = cache.held(grant.document, grant.name) if grant.document else None
            own = Resource(resource.arn, f"{resource.identity}/inline/{grant.name}")
            yield AccountPolicy(
                f"{grant.name} of {owner}", own, held, grant.location, 1, is_inline=True
            )
        for part in details.unplaced:
            own = Resource(resource.arn, f"{resource.identity}/unplaced/{part.what}")
            what = f"{part.described()} of {owner}"
            yield AccountPolicy(what, own, None, part.location, 1, is_inline=True)


def granting_policies(graph: EscalationGraph) -> Iterator[AccountPolicy]:
    """The account's policies but for those that serve as a boundary and nothing else."""
    return (each for each in account_policies(graph) if not each.is_boundary_only)


def held_aws_policies(graph: EscalationGraph) -> Iterator[AccountPolicy]:
    """Each policy that AWS maintains and somebody holds, once, with all who hold it."""
    store, account = graph.authorizer.store, graph.authorizer.account
    holders: dict[str, list[tuple[str, PolicyAttachment]]] = {}
    texts: dict[str, PolicyInstance] = {}
    reserved = ((f"role {each.name}", each) for each in account.roles if each.is_identity_center)
    everyone = [(name, details) for name, _, details in policy_holders(graph)]
    everyone += [(name, role.details) for name, role in reserved]
    for name, details in everyone:
        grants = (*details.attached, *details.inline)
        for grant, held in zip(grants, store.policies_of(details), strict=True):
            if grant.arn and grant.aws_name and not grant.is_quarantine:
                holders.setdefault(grant.arn, []).append((name, grant))
                if isinstance(held, PolicyInstance):
                    texts[grant.arn] = held
    for arn, grants_held in sorted(holders.items()):
        places = tuple(grant.location for _, grant in grants_held)
        who = list_first([name for name, _ in grants_held], _LISTED)
        yield AccountPolicy(
            f"{grants_held[0][1].aws_name}, held by {who},",
            Resource(arn, arn),
            texts.get(arn),
            places[0],
            len(places),
            is_inline=False,
            holders=places,
        )


def boundaries_in_use(account: Account) -> frozenset[str]:
    """The ARNs of the policies that are somebody's permissions boundary."""
    every = [details for _, details in account.users_in_details()]
    every += [role.details for role in account.roles]
    return frozenset(each.boundary for each in every if each.boundary)


def policy_holders(graph: EscalationGraph) -> Iterator[tuple[str, Resource, PrincipalDetails]]:
    """Everyone who can hold a policy and whom the account can change."""
    account = graph.authorizer.account
    for user, details in account.users_in_details():
        yield f"user {user.name}", user_resource(user), details
    for group in account.groups:
        yield f"group {group.name}", Resource(group.arn, group.arn), group.details
    for role in account.roles:
        if not role.is_service_linked and not role.is_identity_center:
            yield f"role {role.name}", Resource(role.arn, role.stable_id), role.details


def outcome_unless_found(policy: AccountPolicy, actions: int = -1) -> Iterator[Pass | Unknown]:
    """The outcome of a policy in which nothing was found: Pass, or Unknown where it is unreadable.

    None at all for a statement that can't be read in a policy that nobody holds: it costs nobody,
    and `policy-without-effect` names it.
    """
    unread = unreadable_reason(policy, actions)
    if unread is None:
        yield Pass()
    elif policy.instance is None or policy.doubts or policy.is_held:
        yield unread


def unreadable_reason(policy: AccountPolicy, actions: int = -1) -> Unknown | None:
    """The outcome where the policy's text, or a statement of it, can't be read.

    `actions` are those that the check asks for, as bits: others can stay unread.
    """
    if policy.instance is None:
        return Unknown(f"the text of {policy.name} is not in the export", policy.location)
    if policy.doubts:
        return Unknown(f"{policy.name} holds {policy.doubts[0].described()}", policy.location)
    for statement in policy.instance.document.statements:
        if statement.unread and statement.actions & actions:
            return Unknown(statement.unread, policy.instance.location_of(statement))
    return None


def principals(graph: EscalationGraph) -> Iterator[tuple[User | Role, Resource, Privilege]]:
    """Every user and role that the account can change, with how far it gets."""
    for arn in sorted(graph.privileges):
        principal = graph.authorizer.principals[arn].principal
        if isinstance(principal, User):
            yield principal, user_resource(principal), graph.privileges[arn]
        elif not principal.is_service_linked:
            yield principal, Resource(arn, principal.stable_id), graph.privileges[arn]


def has_level(
    graph: EscalationGraph, privilege: Privilege, *levels: PrivilegeLevel
) -> bool | Unknown:
    """Whether the principal gets that far; Unknown, at its entry, where its policies can't tell."""
    where = graph.authorizer.principals[privilege.arn].details.location
    if privilege.level is PrivilegeLevel.UNKNOWN:
        return Unknown("; ".join(privilege.reasons), where)
    if privilege.level is PrivilegeLevel.CONDITIONAL and not privilege.route:
        reasons = ", ".join(privilege.reasons) or "conditions"
        return Unknown(f"full rights depend on {reasons}", where)
    return privilege.level in levels


def noun_for(principal: User | Role) -> str:
    """The principal as it is called in a sentence: "user ann", "role ci"."""
    return f"{'user' if isinstance(principal, User) else 'role'} {principal.name}"


def admin_statements(graph: EscalationGraph, arn: str) -> tuple[StatementRef, ...]:
    """The statements that make the principal an administrator."""
    policies = graph.authorizer.principals[arn]
    return graph.authorizer.decide(policies, _ADMIN_ACTION).allows


def route_statements(graph: EscalationGraph, privilege: Privilege) -> tuple[StatementRef, ...]:
    """The statements by which the principal may take the first step of its shortest route."""
    step = privilege.route[0]
    policies = graph.authorizer.principals[step.source]
    found: list[StatementRef] = []
    for requirement in graph.requirements(step):
        for action in requirement.any_of:
            target = step.on if requirement.target and step.target else None
            decision = graph.authorizer.decide(policies, action, target, step.entry_point)
            found += decision.allows
            if decision.allows:
                break
    return tuple(dict.fromkeys(found))


def locations(cited: tuple[StatementRef, ...]) -> tuple[Location, ...]:
    """Where the statements stand, each place once."""
    return tuple(dict.fromkeys(each.held.location_of(each.statement) for each in cited))


def names(cited: tuple[StatementRef, ...]) -> str:
    """The policies that the statements stand in."""
    return ", ".join(sorted({each.held.name for each in cited})) or "its policies"


def fail_principal(
    principal: User | Role, resource: Resource, /, *cited: Location, **facts: Fact
) -> Fail:
    """The principal breaks a rule about its rights; milder while nobody can get in as it."""
    return shut_out(principal, fail(resource, *cited, **facts))


def _managed_policy(
    graph: EscalationGraph, policy: Policy, attached: frozenset[str], boundaries: frozenset[str]
) -> AccountPolicy:
    cache = graph.authorizer.store.cache
    held = cache.held(policy.document, policy.name, policy.arn) if policy.document else None
    is_boundary = bool(policy.boundary_uses) or policy.arn in boundaries
    return AccountPolicy(
        policy.name,
        Resource(policy.arn, policy.arn),
        held,
        policy.location,
        policy.attachments,
        is_inline=False,
        doubts=policy.unplaced if held else (),
        is_boundary_only=is_boundary and not policy.attachments and policy.arn not in attached,
    )
