"""In: how far everyone gets. Out: the policies that the account can change, and who holds them."""

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.evidence.artifacts import Location
from analyzer.inventory.model import Policy, PrincipalDetails, Role, User
from analyzer.policy.arns import is_everything
from analyzer.policy.documents import Held, Statement
from analyzer.policy.layers import Cited
from analyzer.privesc.graph import Level, Power, Reach
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import Unknown, of_user

_CONTROL = "iam:AttachRolePolicy"
"""What an administrator surely may do: whatever allows it is what makes it one."""


@dataclass(frozen=True, slots=True)
class Written:
    """A policy that the account itself wrote: customer-managed, or inline in somebody.

    `held` None: the export lacks its text. `attachments` None: nobody counted them.
    """

    name: str
    resource: Resource
    held: Held | None
    place: Location
    attachments: int | None
    is_inline: bool


def written(reach: Reach) -> Iterator[Written]:
    """Every customer-managed policy with its default version, then every inline policy."""
    account, library = reach.verdicts.account, reach.verdicts.shelf.library
    for policy in account.policies:
        if not policy.is_aws_managed:
            yield _managed(reach, policy)
    for owner, resource, details in holders(reach):
        for grant in details.inline:
            held = library.held(grant.document, grant.name) if grant.document else None
            own = Resource(resource.arn, f"{resource.identity}/inline/{grant.name}")
            yield Written(f"{grant.name} of {owner}", own, held, grant.place, 1, is_inline=True)


def holders(reach: Reach) -> Iterator[tuple[str, Resource, PrincipalDetails]]:
    """Everyone who can hold a policy and whom the account can change."""
    account = reach.verdicts.account
    for user, details in account.users_in_details():
        yield f"user {user.name}", of_user(user), details
    for group in account.groups:
        yield f"group {group.name}", Resource(group.arn, group.arn), group.details
    for role in account.roles:
        if not role.is_service_linked and not role.is_identity_center:
            yield f"role {role.name}", Resource(role.arn, role.stable_id), role.details


def open_statements(policy: Written) -> Iterator[Statement]:
    """Its Allow statements that speak of every resource and carry no condition."""
    for statement in policy.held.document.statements if policy.held else ():
        is_all = any(is_everything(each) for each in statement.resources)
        if statement.excludes_resources:
            is_all = not statement.resources
        if statement.effect == "Allow" and is_all and not statement.clauses:
            yield statement


def unread(policy: Written) -> Unknown | None:
    """The outcome where the policy's text, or a statement of it, can't be read."""
    if policy.held is None:
        return Unknown(f"the text of {policy.name} is not in the export", policy.place)
    for statement in policy.held.document.statements:
        if statement.unread:
            return Unknown(statement.unread, policy.held.place_of(statement))
    return None


def principals(reach: Reach) -> Iterator[tuple[User | Role, Resource, Power]]:
    """Every user and role that the account can change, with how far it gets."""
    for arn in sorted(reach.powers):
        principal = reach.verdicts.permits[arn].principal
        if isinstance(principal, User):
            yield principal, of_user(principal), reach.powers[arn]
        elif not principal.is_service_linked:
            yield principal, Resource(arn, principal.stable_id), reach.powers[arn]


def gets_to(power: Power, *levels: Level) -> bool | Unknown:
    """Whether the principal gets that far; Unknown where its policies can't tell."""
    if power.level is Level.UNKNOWN:
        return Unknown("; ".join(power.because))
    if power.level is Level.CONDITIONAL and not power.route:
        return Unknown(f"full rights depend on {', '.join(power.because) or 'conditions'}")
    return power.level in levels


def sort_of(principal: User | Role) -> str:
    """The principal as it is called in a sentence: "user ann", "role ci"."""
    return f"{'user' if isinstance(principal, User) else 'role'} {principal.name}"


def control(reach: Reach, arn: str) -> tuple[Cited, ...]:
    """The statements that make the principal an administrator."""
    permit = reach.verdicts.permits[arn]
    return reach.verdicts.decide(permit, _CONTROL).allows


def of_route(reach: Reach, power: Power) -> tuple[Cited, ...]:
    """The statements by which the principal may take the first step of its shortest route."""
    step = power.route[0]
    permit = reach.verdicts.permits[step.source]
    found: list[Cited] = []
    for requirement in step.path.requires:
        for action in requirement.any_of:
            target = step.on if requirement.target and step.target else None
            decision = reach.verdicts.decide(permit, action, target, step.session)
            found += decision.allows
            if decision.allows:
                break
    return tuple(dict.fromkeys(found))


def places(cited: tuple[Cited, ...]) -> tuple[Location, ...]:
    """Where the statements stand, each place once."""
    return tuple(dict.fromkeys(each.held.place_of(each.statement) for each in cited))


def names(cited: tuple[Cited, ...]) -> str:
    """The policies that the statements stand in."""
    return ", ".join(sorted({each.held.name for each in cited})) or "its policies"


def _managed(reach: Reach, policy: Policy) -> Written:
    library = reach.verdicts.shelf.library
    held = library.held(policy.document, policy.name, policy.arn) if policy.document else None
    own = Resource(policy.arn, policy.arn)
    return Written(policy.name, own, held, policy.place, policy.attachments, is_inline=False)
