"""In: an account and the credentials found in repositories. Out: which of its keys are exposed.

The second half of practice 3. A leak counts once, in however many files it stands.
"""

from collections.abc import Iterator
from dataclasses import replace

from analyzer.config import Limits
from analyzer.evidence.export_kinds import ExportKind
from analyzer.inventory.model import Account, KeyLastUsed, ListedKey, User
from analyzer.leaks.model import Credential, CredentialKind, LeakScan
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.entry_points import privilege_by
from analyzer.privesc.graph import EscalationGraph, PrivilegeLevel
from analyzer.risk.account_match import audit_scope, is_certain_key
from analyzer.risk.assessment import assess_leaks
from analyzer.risk.key_status import StatusFinding
from analyzer.rules.catalogue import Fact
from analyzer.rules.finding import Resource
from analyzer.rules.outcomes import Fail, Outcome, Pass, Unknown, as_variant, fail
from analyzer.rules.privilege_queries import has_level


def leaked_key_active(account: Account, leaks: LeakScan) -> Iterator[Outcome]:
    """A key found in a repository is listed as active."""
    yield from _unread_repositories(leaks)
    for credential, listed in _match_listed_keys(account, leaks):
        if listed.active is True:
            yield _fail_listed(account, credential, listed)
        elif listed.active is False:
            yield Pass()
        else:
            yield Unknown("the key's status can't be read", listed.location)


def leaked_key_inactive(account: Account, leaks: LeakScan) -> Iterator[Outcome]:
    """A key found in a repository is listed as inactive, but not deleted."""
    yield from _unread_repositories(leaks)
    for credential, listed in _match_listed_keys(account, leaks):
        if listed.active is False:
            yield _fail_listed(account, credential, listed)
        elif listed.active is True:
            yield Pass()
        else:
            yield Unknown("the key's status can't be read", listed.location)


def leaked_key_owner_unknown(account: Account, leaks: LeakScan) -> Iterator[Outcome]:
    """A credential of this account, or of none that can be read, is in no key list: not safe.

    One that whole lists no longer name opens nothing any more, and is told for the record.
    """
    yield from _unread_repositories(leaks)
    known = _named_keys(account)
    statuses: dict[str, StatusFinding] = {}
    for credential in _live_credentials(account, leaks):
        if credential.account in {account.id, None} and not credential.kind.is_service_specific:
            if credential.key_id in known:
                yield Pass()
                continue
            statuses = statuses or _statuses(account, leaks)
            yield _fail_unlisted(account, credential, statuses[credential.id])


def leaked_key_owner_match_unavailable(account: Account, leaks: LeakScan) -> Iterator[Outcome]:
    """A credential was found, and no export tells whose it is, for there is no list of keys."""
    if ExportKind.ACCESS_KEYS in account.available_exports:
        return
    yield from _unread_repositories(leaks)
    known = _named_keys(account)
    for credential in _live_credentials(account, leaks):
        if credential.account in {account.id, None} and not credential.kind.is_service_specific:
            if credential.key_id in known:
                yield Pass()
            else:
                yield _fail_ownerless(account, credential)


def leaked_service_api_key(account: Account, leaks: LeakScan) -> Iterator[Outcome]:
    """A key or password that opens one service was found; no list of access keys shows it."""
    yield from _unread_repositories(leaks)
    for credential in _live_credentials(account, leaks):
        user = credential.claims.user
        if not credential.kind.is_service_specific:
            yield Pass()
        elif credential.account in {account.id, None}:
            yield fail(
                _resource(account, credential),
                *credential.occurrences,
                what=credential.kind.value.replace("-", " "),
                owner=user or "an unknown user",
                user=user or "USER_NAME",
                **_occurrence_facts(credential),
            )


def leaked_key_other_account(
    account: Account, leaks: LeakScan, limits: Limits
) -> Iterator[Outcome]:
    """A key found in a repository belongs to an account that was not handed in."""
    yield from _unread_repositories(leaks)
    for credential in _live_credentials(account, leaks):
        if credential.account in {None, account.id} or credential.account in limits.own_accounts:
            continue
        yield fail(
            _resource(account, credential),
            *credential.occurrences,
            key_id=credential.key_id or "",
            owner=credential.account or "",
            **_occurrence_facts(credential),
        )


def leaked_key_privileged_owner(graph: EscalationGraph, leaks: LeakScan) -> Iterator[Outcome]:
    """The owner of a leaked key, active or not, is or can become administrator by that key alone.

    Its holder has no MFA device; what the owner can do with one is told by the other checks.
    """
    account = graph.authorizer.account
    named = _named_keys(account)
    yield from _unnamed_keys(account, leaks)
    users = {user.name: user for user, _ in account.users_in_details()}
    for leak in leaks.credentials:  # what an export names is no example, however it looks
        told = named.get(leak.key_id or "")
        if told is not None:
            owner = users.get(told.user)
            yield (
                _check_owner(graph, leak, told, owner)
                if owner
                else Unknown(
                    f"the authorization details lack {told.user}, the owner of a leaked key",
                    told.location,
                )
            )


def _named_keys(account: Account) -> dict[str, ListedKey | KeyLastUsed]:
    """Every key whose user an export names, by its ID: a list of keys, or the inquiry into one."""
    named: dict[str, ListedKey | KeyLastUsed] = {
        each.key_id: each for each in account.keys_last_used
    }
    return named | {each.key_id: each for each in account.listed_keys}


def _unnamed_keys(account: Account, leaks: LeakScan) -> Iterator[Unknown]:
    """Without lists of keys: one for each leaked key of the account that no inquiry names."""
    if ExportKind.ACCESS_KEYS in account.available_exports:
        return
    named = _named_keys(account)
    for each in _live_credentials(account, leaks):
        is_own = each.account in {account.id, None} and each.kind.is_of_access_key
        if is_own and each.key_id not in named:
            yield Unknown("no list of access keys says whose a leaked key is")


def _live_credentials(account: Account, leaks: LeakScan) -> Iterator[Credential]:
    """All but those that are most likely made up; the report lists these elsewhere.

    A mark that somebody put beside a key of the account makes it no example.
    """
    within = audit_scope({account.id: account})
    return (
        each for each in leaks.credentials if each.set_aside is None or is_certain_key(each, within)
    )


def _unread_repositories(leaks: LeakScan) -> Iterator[Unknown]:
    """One for each repository of which something was not looked at: it may hold a key."""
    for repository in leaks.repositories:
        skipped = [each for each in repository.skipped if "symbolic link" not in each.reason]
        if skipped:
            first = skipped[0]
            words = f"{len(skipped)} part(s) of {repository.path} were not read; the first: "
            yield Unknown(f"{words}{first.what} ({first.reason})")


def _match_listed_keys(account: Account, leaks: LeakScan) -> Iterator[tuple[Credential, ListedKey]]:
    listed = {key.key_id: key for key in account.listed_keys}
    for credential in leaks.credentials:  # what is listed is no example, however it looks
        if credential.key_id in listed:
            yield credential, listed[credential.key_id]


def _fail_listed(account: Account, credential: Credential, listed: ListedKey) -> Fail:
    return fail(
        _resource(account, credential),
        *credential.occurrences,
        listed.location,
        key_id=listed.key_id,
        user=listed.user,
        **_occurrence_facts(credential),
    )


def _fail_ownerless(account: Account, credential: Credential) -> Fail:
    shown = credential.key_id or "a secret key without its key ID"
    return fail(
        _resource(account, credential),
        *credential.occurrences,
        key_id=shown,
        **_occurrence_facts(credential),
    )


def _statuses(account: Account, leaks: LeakScan) -> dict[str, StatusFinding]:
    """Whether each credential still works, as far as this account's exports tell."""
    assessed = assess_leaks(leaks, {account.id: account}, {}, Limits())
    return {each.credential.id: each.status for each in assessed}


def _fail_unlisted(account: Account, credential: Credential, status: StatusFinding) -> Fail:
    found = _fail_ownerless(account, credential)
    if not status.is_dead:
        return found
    facts = {**found.facts, "reason": status.reason}
    locations = (*found.locations, *status.locations)
    return as_variant("gone", replace(found, locations=locations, facts=facts))


def _occurrence_facts(credential: Credential) -> dict[str, Fact]:
    first = credential.occurrences[0]
    return {"repository": first.repository, "count": len(credential.occurrences)}


def _resource(account: Account, credential: Credential) -> Resource:
    kind = "secret" if credential.kind is CredentialKind.SECRET else "key"
    shown = credential.key_id or credential.id
    return Resource(
        f"{account.root_arn.removesuffix(':root')}:leaked-{kind}/{shown}", credential.id
    )


def _check_owner(
    graph: EscalationGraph, leak: Credential, told: ListedKey | KeyLastUsed, owner: User
) -> Outcome:
    privilege = privilege_by(graph, owner.arn, EntryPoint.LEAKED_KEY)
    is_privileged = has_level(
        graph, privilege, PrivilegeLevel.ADMINISTRATOR, PrivilegeLevel.DIRECT, PrivilegeLevel.CHAIN
    )
    if isinstance(is_privileged, Unknown):
        return is_privileged
    if not is_privileged:
        return Pass()
    resource = Resource(owner.arn, f"{owner.stable_id}/leaked/{leak.key_id}")
    key, level = leak.key_id or "", privilege.level.value
    return fail(
        resource, *leak.occurrences, told.location, user=owner.name, key=key, privilege=level
    )
