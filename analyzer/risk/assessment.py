"""In: all leaks, accounts and escalation graphs. Out: one LeakAssessment a leaked credential."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from analyzer.config import Limits
from analyzer.inventory.model import Account
from analyzer.leaks.model import Credential, LeakScan
from analyzer.policy.request_context import EntryPoint
from analyzer.privesc.graph import EscalationGraph, Privilege
from analyzer.risk.account_match import (
    AccountRelation,
    AuditScope,
    RepositoryLink,
    account_relation,
    audit_scope,
    is_certain_key,
    repository_links,
)
from analyzer.risk.blast_radius import BlastRadius, blast_radius
from analyzer.risk.exposure import Exposure, exposure_of
from analyzer.risk.key_status import StatusFinding, key_status
from analyzer.risk.owner import Certainty, Owner, find_owner
from analyzer.risk.owner_candidates import CandidateCache
from analyzer.risk.response_plan import ResponseStep, response_plan
from analyzer.risk.timeline import Event, ExposureWindow, events, exposure_window


@dataclass(frozen=True, slots=True)
class LeakAssessment:
    """Everything that the exports and repositories show of one leaked credential.

    `account_links` show that the repositories it stands in have to do with an audited account.
    """

    credential: Credential
    exposure: Exposure
    account_relation: AccountRelation
    account_links: tuple[RepositoryLink, ...]
    owner: Owner
    status: StatusFinding
    window: ExposureWindow
    blast_radius: BlastRadius
    events: tuple[Event, ...]
    response_plan: tuple[ResponseStep, ...]


def assess_leaks(
    leaks: LeakScan,
    accounts: Mapping[str, Account],
    graphs: Mapping[str, EscalationGraph],
    limits: Limits,
) -> tuple[LeakAssessment, ...]:
    """One for each credential, in their order. `accounts` and `graphs` are by account number."""
    as_of = max((each.as_of for each in accounts.values()), default=None)
    join = _Join(audit_scope(accounts, limits), graphs, repository_links(leaks, accounts), as_of)
    return tuple(join.of(credential) for credential in leaks.credentials)


@dataclass(frozen=True, slots=True)
class _Join:
    """The accounts, and the answers so far, which many leaks share."""

    within: AuditScope
    graphs: Mapping[str, EscalationGraph]
    account_links: Mapping[str, tuple[RepositoryLink, ...]]
    as_of: datetime | None
    rankings: CandidateCache = field(default_factory=CandidateCache)
    privileges: dict[tuple[str, EntryPoint], Privilege] = field(default_factory=dict)
    statuses: dict[Hashable, StatusFinding] = field(default_factory=dict)
    blast_radii: dict[Hashable, BlastRadius] = field(default_factory=dict)

    def of(self, credential: Credential) -> LeakAssessment:
        """The assessment of one credential."""
        seen = exposure_of(credential, is_real=is_certain_key(credential, self.within))
        belongs = account_relation(credential, self.within)
        held = find_owner(credential, seen, belongs, self.within, self.rankings)
        now = held.account.as_of if held.account else self.as_of
        status = self._status(credential, seen, held, now)
        radius = self._blast_radius(credential, held)
        happened = events(credential, seen, held, status, now)
        where = dict.fromkeys(each.repository for each in credential.occurrences)
        return LeakAssessment(
            credential=credential,
            exposure=seen,
            account_relation=belongs,
            account_links=tuple(
                link for each in where for link in self.account_links.get(each, ())
            ),
            owner=held,
            status=status,
            window=exposure_window(seen, status, happened, now),
            blast_radius=radius,
            events=happened,
            response_plan=response_plan(credential, belongs, held, status, radius),
        )

    def _status(
        self, credential: Credential, seen: Exposure, held: Owner, now: datetime | None
    ) -> StatusFinding:
        """The status; keys that no export names share it if nothing that decides it differs.

        Of a key ID that no list names only matters that there is one.
        """
        if held.is_in_export or not credential.kind.is_of_access_key:
            return key_status(credential, seen, held, now)
        whose = held.account.id if held.account else None, held.certainty, held.user, held.reason
        what = credential.kind, credential.key_id is not None, credential.claims.expires
        same = (whose, what, seen.first, seen.last)
        if same not in self.statuses:
            self.statuses[same] = key_status(credential, seen, held, now)
        return self.statuses[same]

    def _blast_radius(self, credential: Credential, held: Owner) -> BlastRadius:
        """The blast radius; credentials of one owner, or with the same candidates, share it."""
        same: Hashable = (credential.kind, held.certainty, held.is_in_export)
        if held.certainty is Certainty.EXACT:
            same = (same, held.account.id if held.account else None, held.user)
        else:
            # The assessments so far hold every list of candidates, so no two have one address.
            same = (same, id(held.candidates) if held.candidates else None)
        if same not in self.blast_radii:
            self.blast_radii[same] = blast_radius(
                credential.kind, held, self.graphs, self.privileges
            )
        return self.blast_radii[same]
