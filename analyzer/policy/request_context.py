"""In: a principal and its entry point. Out: the request context: the condition keys it carries.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from collections.abc import Mapping
from enum import StrEnum

from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account, Role, User
from analyzer.policy.conditions import Beginning, Context, KeyKnowledge, KeyState
from analyzer.policy.principals import Principal
from analyzer.policy.request_variants import OTHER_NETWORKS
from analyzer.policy.session_tags import tags_of_every_session, takes_session_tags


class EntryPoint(StrEnum):
    """How a principal comes in, which decides the condition keys of its requests.

    LEAKED_KEY is anyone who holds a long-term key, anywhere, with nothing else in hand. OWN_KEY is
    the user itself with its key, in a network that no export tells. ENROLLED is
    whoever has enrolled an MFA device for the user, and signs in or asks for a session with it.
    SESSION is the holder of a key with a session that it gives without MFA. NEW_KEY and
    NEW_PASSWORD are a user who has made itself the credential that it lacked. ANY is a user of
    whose credentials nothing is known.
    """

    LEAKED_KEY = "leaked-key"
    OWN_KEY = "own-key"
    CONSOLE = "console"
    ENROLLED = "enrolled-mfa"
    SESSION = "session-token"
    NEW_KEY = "new-key"
    NEW_PASSWORD = "new-password"  # noqa: S105 - a way in, not a secret
    ROLE = "role-session"
    ANY = "any"


_BY_KEY = (EntryPoint.LEAKED_KEY, EntryPoint.SESSION, EntryPoint.NEW_PASSWORD)
"""By a key in hand, from wherever that is."""
_FAMILIES = {"aws:requesttag/": KeyKnowledge.FREE, "iam:resourcetag/": KeyKnowledge.UNKNOWN}
_DIRECT: dict[str, KeyState] = {
    # The asker's own calls, in a region and with a name of its choice.
    "aws:requestedregion": KeyKnowledge.CHOSEN,
    "aws:useragent": KeyKnowledge.FREE,
    "aws:referer": KeyKnowledge.FREE,
    "aws:tagkeys": KeyKnowledge.FREE,
    "sts:externalid": KeyKnowledge.FREE,
    "sts:rolesessionname": KeyKnowledge.FREE,
    "iam:policyarn": KeyKnowledge.FREE,
    "aws:securetransport": ("true",),
    # No service calls in its place.
    "aws:viaawsservice": ("false",),
    "aws:principalisawsservice": ("false",),
    "aws:calledvia": KeyKnowledge.ABSENT,
    "aws:calledviafirst": KeyKnowledge.ABSENT,
    "aws:calledvialast": KeyKnowledge.ABSENT,
    "aws:principalservicename": KeyKnowledge.ABSENT,
    "aws:principalservicenameslist": KeyKnowledge.ABSENT,
    "aws:sourcearn": KeyKnowledge.ABSENT,
    "aws:sourceaccount": KeyKnowledge.ABSENT,
    "aws:sourceorgid": KeyKnowledge.ABSENT,
    "aws:sourceorgpaths": KeyKnowledge.ABSENT,
}
_WITHOUT_SESSION: dict[str, KeyState] = {
    # Keys of temporary credentials are not in the request of a long-term key.
    "aws:multifactorauthpresent": KeyKnowledge.ABSENT,
    "aws:multifactorauthage": KeyKnowledge.ABSENT,
    "aws:tokenissuetime": KeyKnowledge.ABSENT,
}
_FROM_ANYWHERE: dict[str, KeyState] = {
    "aws:sourceip": KeyKnowledge.ANY_IPV4,
    "aws:sourcevpc": KeyKnowledge.ABSENT,
    "aws:sourcevpcarn": KeyKnowledge.ABSENT,
    "aws:sourcevpce": KeyKnowledge.ABSENT,
    "aws:vpcsourceip": KeyKnowledge.ABSENT,
    "aws:vpceaccount": KeyKnowledge.ABSENT,
    "aws:vpceorgid": KeyKnowledge.ABSENT,
    "aws:vpceorgpaths": KeyKnowledge.ABSENT,
}
NETWORK_KEYS = frozenset({*_FROM_ANYWHERE, *(key for each in OTHER_NETWORKS for key in each)})
"""The keys that tell from where a request comes."""
WITH_DEVICE: dict[str, KeyState] = {
    # The device was used a moment ago, and can be used again.
    "aws:multifactorauthpresent": ("true",),
    "aws:multifactorauthage": ("0",),
}
_WITHOUT_DEVICE: dict[str, KeyState] = {
    "aws:multifactorauthpresent": ("false",),
    "aws:multifactorauthage": KeyKnowledge.ABSENT,
}
SESSION_KEYS = frozenset(_WITHOUT_SESSION)
"""The keys that tell a session from a long-term key, and one with MFA from one without."""
_OF_SESSIONS = (
    "aws:ec2instancesourceprivateipv4", "aws:ec2instancesourcevpc", "aws:federatedprovider",
    "aws:sourceidentity", "ec2:roledelivery", "ec2:sourceinstancearn", "lambda:sourcefunctionarn",
    "ssm:sourceinstancearn",
)  # fmt: skip
"""Keys that only sessions of roles carry."""
_OF_ROLES: dict[str, KeyState] = {
    # "The temporary credentials returned by AssumeRole do not include MFA information in the
    # context", with whatever device its caller was let in.
    "aws:multifactorauthpresent": KeyKnowledge.ABSENT_OR_FALSE,
    "aws:multifactorauthage": KeyKnowledge.ABSENT,
    "aws:username": KeyKnowledge.ABSENT,
    "aws:principaltype": ("AssumedRole",),
}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html"""


def entry_points_of(principal: Principal) -> tuple[EntryPoint, ...]:
    """The entry points that the principal has by the credential report; at least one."""
    if isinstance(principal, Role):
        return (EntryPoint.ROLE,)
    if principal.report_entry is None:
        return (EntryPoint.ANY,)
    # With a key and an MFA device, sts:GetSessionToken gives a session like the console's.
    has_device = principal.report_entry.mfa_active is not False
    has_key = any(key.active is not False for key in principal.report_entry.keys)
    signs_in = principal.report_entry.password_enabled is not False or (has_key and has_device)
    if signs_in and has_key:
        return (EntryPoint.LEAKED_KEY, EntryPoint.CONSOLE)
    return (EntryPoint.CONSOLE,) if signs_in else (EntryPoint.LEAKED_KEY,)


def request_context(account: Account, principal: Principal, entry_point: EntryPoint) -> Context:
    """The condition keys of a request by that entry point. All times are those of the report."""
    now = account.as_of
    keys: dict[str, KeyState] = {
        **_DIRECT,
        "aws:currenttime": (now.isoformat(),),
        "aws:epochtime": (str(int(now.timestamp())),),
        "aws:principalaccount": (account.id,),
        "aws:principalarn": (principal.arn,),
        **_organization(account),
        **_session(principal, entry_point, now.isoformat()),
    }
    tags, unknown_tags = _tags(principal)
    keys |= {f"aws:principaltag/{name.lower()}": value for name, value in tags.items()}
    comes_by_key = entry_point in _BY_KEY or (
        entry_point is EntryPoint.ENROLLED and EntryPoint.LEAKED_KEY in entry_points_of(principal)
    )
    return Context(
        keys,
        {**_FAMILIES, "aws:principaltag/": unknown_tags},
        OTHER_NETWORKS if comes_by_key else (),
        is_bare_session=entry_point is EntryPoint.SESSION,
    )


def _session(principal: Principal, entry_point: EntryPoint, now: str) -> dict[str, KeyState]:
    if isinstance(principal, Role):
        # A session issued now is to be had at any time, and whoever takes the role names it.
        number = principal.details.unique_id
        name: dict[str, KeyState] = {"aws:userid": Beginning(f"{number}:")} if number else {}
        return _OF_ROLES | name | {"aws:tokenissuetime": (now,)}
    details = principal.details
    own: dict[str, KeyState] = {"aws:username": (principal.name,), "aws:principaltype": ("User",)}
    own |= dict.fromkeys(_OF_SESSIONS, KeyKnowledge.ABSENT)
    if details is not None and details.unique_id:
        own["aws:userid"] = (details.unique_id,)
    if entry_point is EntryPoint.LEAKED_KEY:
        return own | _WITHOUT_SESSION | _FROM_ANYWHERE
    if entry_point in (EntryPoint.OWN_KEY, EntryPoint.NEW_KEY):
        return own | _WITHOUT_SESSION
    if entry_point in _BY_KEY:
        return own | _FROM_ANYWHERE | {"aws:tokenissuetime": (now,), **_WITHOUT_DEVICE}
    if entry_point is EntryPoint.ENROLLED:
        network = _FROM_ANYWHERE if EntryPoint.LEAKED_KEY in entry_points_of(principal) else {}
        return own | network | {"aws:tokenissuetime": (now,), **WITH_DEVICE}
    if entry_point is EntryPoint.CONSOLE:
        own |= {"aws:tokenissuetime": (now,), **_second_factor(principal)}
    return own


def _second_factor(user: User) -> dict[str, KeyState]:
    active = user.report_entry.mfa_active if user.report_entry else None
    if active is True:
        return dict(WITH_DEVICE)
    if active is False:
        return dict(_WITHOUT_DEVICE)
    return {}


def _organization(account: Account) -> Mapping[str, KeyState]:
    for node in account.documents_of_kind(ExportKind.ORGANIZATION):
        found = node.child("Organization")
        if found is not None and (number := found.text("Id")):
            return {"aws:principalorgid": (number,)}
    return {}


def _tags(principal: Principal) -> tuple[dict[str, KeyState], KeyKnowledge]:
    """The principal's tags, and how it stands with any other; session tags may replace a role's."""
    details = principal.details
    if details is None:
        return {}, KeyKnowledge.UNKNOWN
    if isinstance(principal, Role) and takes_session_tags(principal):
        passed = tags_of_every_session(principal)
        return {name: (value,) for name, value in passed.items()}, KeyKnowledge.UNKNOWN
    return {name: (value,) for name, value in details.tags.items()}, KeyKnowledge.ABSENT
