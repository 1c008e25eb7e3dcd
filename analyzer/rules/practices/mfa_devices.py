"""In: how far everyone gets. Out: privileged users whose one lost device locks them out."""

from collections.abc import Iterator

from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account, User
from analyzer.privesc.graph import EscalationGraph, PrivilegeLevel
from analyzer.rules.outcomes import Outcome, Pass, Unknown, fail
from analyzer.rules.privilege_queries import has_level, principals

_PRIVILEGED = (PrivilegeLevel.ADMINISTRATOR, PrivilegeLevel.DIRECT, PrivilegeLevel.CHAIN)


def privileged_user_single_mfa_device(graph: EscalationGraph) -> Iterator[Outcome]:
    """A privileged user has one MFA device and no spare; AWS takes eight.

    Root is left out: no export lists a security key of root.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html
    """
    account = graph.authorizer.account
    for principal, resource, privilege in principals(graph):
        if not isinstance(principal, User) or not principal.mfa_devices:
            continue
        is_privileged = has_level(graph, privilege, *_PRIVILEGED)
        if isinstance(is_privileged, Unknown):
            yield is_privileged
        elif not is_privileged or len(principal.mfa_devices) > 1:
            yield Pass()
        elif not _lists_all_devices(account, principal):
            location = principal.mfa_devices[0].location
            yield Unknown("list-virtual-mfa-devices names no security keys", location)
        else:
            device = principal.mfa_devices[0]
            level = privilege.level.value
            yield fail(resource, device.location, user=principal.name, privilege=level)


def _lists_all_devices(account: Account, user: User) -> bool:
    """True if list-mfa-devices was asked for the user: the other list has virtual devices alone."""
    documents = account.documents_of_kind(ExportKind.MFA_DEVICES)
    return any(
        user.name in {entry.text("UserName"), document.text("credaudit_user")}
        for document in documents
        for entry in document.each("MFADevices")
    )
