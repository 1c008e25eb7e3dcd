"""In: an account. Out: what each of its principals may do, and which roles it may take.

Everything here rests on the authorization details alone: session policies, resource policies other
than trust, and whatever the organization forbids beyond the files at hand stay out of sight.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from analyzer.inventory.model import Account, Group, Role, User
from analyzer.policy.actions import Actions, actions
from analyzer.policy.arns import Universe, universe
from analyzer.policy.conditions import Context, Judgement, KeyState, Truth, judge
from analyzer.policy.documents import Held, Library, Statement
from analyzer.policy.evaluator import Sheet, sheet
from analyzer.policy.layers import Cited, Decision, Layer, Verdict, mentioned
from analyzer.policy.organization_policies import guardrails
from analyzer.policy.principals import Permit, Shelf, documents_of, group_layer, permits, shelf
from analyzer.policy.request_context import Session, context_of, sessions_of
from analyzer.policy.trust_policies import (
    ASSUME,
    Opening,
    Who,
    named,
    names_role,
    openings,
    trust_of,
)

_ORDER = list(Verdict)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Verdicts:
    """What every principal of one account may do. Sheets are made on first use and kept."""

    account: Account
    actions: Actions
    universe: Universe
    shelf: Shelf
    permits: Mapping[str, Permit]
    trusts: Mapping[str, Held]
    openings: Mapping[str, tuple[Opening, ...]]
    sheets: dict[tuple[object, ...], Sheet] = field(default_factory=dict)
    contexts: dict[tuple[str, Session], Context] = field(default_factory=dict)

    def context(self, permit: Permit, session: Session) -> Context:
        """What the principal's requests carry when it comes in that way."""
        key = (permit.arn, session)
        if key not in self.contexts:
            self.contexts[key] = context_of(self.account, permit.principal, session)
        return self.contexts[key]

    def sheet(self, permit: Permit, session: Session) -> Sheet:
        """What the policies over the principal say when it comes in that way."""
        return self.sheet_of(permit.layers, self.context(permit, session))

    def sheet_of(self, layers: tuple[Layer, ...], context: Context) -> Sheet:
        """What these layers say in that context."""
        documents = (
            (layer.name, layer.unknown, tuple(id(each.document) for each in layer.held))
            for layer in layers
        )
        states = tuple((key, context.of(key)) for key in sorted(mentioned(layers)))
        signature = (tuple(documents), states)
        if signature not in self.sheets:
            self.sheets[signature] = sheet(self.actions, self.universe, layers, context)
        return self.sheets[signature]

    def all_sheets(self, permit: Permit) -> tuple[Sheet, ...]:
        """One sheet for each way in that the principal has, each once."""
        found = (self.sheet(permit, session) for session in sessions_of(permit.principal))
        return tuple({id(each): each for each in found}.values())

    def possible(self, permit: Permit, keys: Mapping[str, KeyState] | None = None) -> int:
        """The actions that some way in may allow somewhere, as bits: a filter, not a verdict."""
        found = 0
        for each in self.all_sheets(permit):
            found |= each.given(keys or {}).possible
        return found

    def group_sheet(self, group: Group) -> Sheet:
        """What a member gets from the group, whoever it is."""
        member = User("", "")
        context = context_of(self.account, member, Session.ANY)
        return self.sheet_of((group_layer(group, self.shelf),), context)

    def decide(
        self,
        permit: Permit,
        action: str,
        resource: str | None = None,
        session: Session | None = None,
        keys: Mapping[str, KeyState] | None = None,
    ) -> Decision:
        """The verdict on one request; without a resource, on whichever suits the asker best.

        Without a session, the best of the ways in that the principal has. A role named as the
        resource of sts:AssumeRole must let the asker in, too.
        """
        if resource in self.trusts and resource is not None and action.lower() == ASSUME.lower():
            return self.may_assume(permit, resource, session, keys)
        sheets = [self.sheet(permit, session)] if session else self.all_sheets(permit)
        asked = (_asked(each.given(keys or {}), action, resource) for each in sheets)
        return _best(_own(permit, *each) for each in zip(sheets, asked, strict=True))

    def who_can(self, action: str, resource: str | None) -> Iterator[tuple[Permit, Decision]]:
        """Every principal that may do that, or might, by ARN."""
        for arn in sorted(self.permits):
            decision = self.decide(self.permits[arn], action, resource)
            if decision.verdict in (Verdict.ALLOWED, Verdict.CONDITIONAL):
                yield self.permits[arn], decision

    def may_assume(
        self,
        permit: Permit,
        role: str,
        session: Session | None = None,
        keys: Mapping[str, KeyState] | None = None,
    ) -> Decision:
        """Whether the principal may take the role: both its own policies and the role's trust."""
        sessions = [session] if session else sessions_of(permit.principal)
        return _best(self._assumes(permit, role, each, keys or {}) for each in sessions)

    def _assumes(
        self, permit: Permit, role: str, session: Session, keys: Mapping[str, KeyState]
    ) -> Decision:
        trust = self.trusts.get(role)
        if trust is None:
            return Decision(Verdict.CONDITIONAL, because=("trust policy unknown",))
        context = self.context(permit, session).with_keys(dict(keys))
        base = self.sheet(permit, session)
        own = _own(permit, base, base.given(keys).on(ASSUME, role))
        let_in = _let_in(trust, permit, context, self.actions)
        if Verdict.DENIED in (own.verdict, let_in.verdict):
            return Decision(Verdict.DENIED, (), (*own.denies, *let_in.denies))
        if let_in.verdict is Verdict.NONE:
            return Decision(Verdict.NONE)
        allows, because = (*let_in.allows, *own.allows), {*let_in.because, *own.because}
        verdict = max(own.verdict, let_in.verdict, key=_ORDER.index)
        if own.verdict is Verdict.NONE and let_in.is_by_name:
            verdict, why = self._without_own_allow(permit, session, role)
            because |= why
            verdict = max(verdict, let_in.verdict, key=_ORDER.index)
        if verdict is Verdict.NONE:
            return Decision(verdict)
        return Decision(verdict, allows, own.denies, tuple(sorted(because)))

    def _without_own_allow(
        self, permit: Permit, session: Session, role: str
    ) -> tuple[Verdict, set[str]]:
        """A trust that names the principal needs no Allow of its own, but the caps still hold.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html: a boundary
        cuts what a resource policy gives to a role; of users AWS's pages disagree.
        """
        caps = tuple(each for each in permit.layers[1:])
        if not caps:
            return Verdict.ALLOWED, set()
        verdict = self.sheet_of(caps, self.context(permit, session)).on(ASSUME, role).verdict
        if verdict is Verdict.NONE and isinstance(permit.principal, User) and permit.has_boundary:
            guards = permit.layers[2:]
            rest = self.sheet_of(guards, self.context(permit, session)) if guards else None
            if rest is None or rest.on(ASSUME, role).verdict is Verdict.ALLOWED:
                return Verdict.CONDITIONAL, {"the boundary does not allow sts:AssumeRole"}
        return verdict, set() if verdict is Verdict.ALLOWED else {"a boundary or guardrail"}


@dataclass(frozen=True, slots=True)
class _LetIn:
    """What a trust policy says of one principal of the same account."""

    verdict: Verdict
    is_by_name: bool = False
    allows: tuple[Cited, ...] = ()
    denies: tuple[Cited, ...] = ()
    because: tuple[str, ...] = ()


def verdicts(account: Account, extra: Iterable[str] = ()) -> Verdicts:
    """The verdicts of the account. `extra` are actions to ask of that no table may know."""
    table = actions((*documents_of(account), *extra))
    library = Library(table)
    arns = [user.arn for user in account.users] + [group.arn for group in account.groups]
    arns += [role.arn for role in account.roles] + [policy.arn for policy in account.policies]
    books = shelf(account, library)
    over = guardrails(account, library)
    trusts = {role.arn: trust for role in account.roles if (trust := trust_of(role, library))}
    return Verdicts(
        account=account,
        actions=table,
        universe=universe(arns, account.partition, account.id),
        shelf=books,
        permits={each.arn: each for each in permits(account, books, over)},
        trusts=trusts,
        openings={arn: tuple(openings(trust, table)) for arn, trust in trusts.items()},
    )


def _asked(sheet: Sheet, action: str, resource: str | None) -> Decision:
    return sheet.anywhere(action) if resource is None else sheet.on(action, resource)


def _own(permit: Permit, shared: Sheet, decision: Decision) -> Decision:
    """The decision with the principal's own policies: others with the same text share the sheet."""
    mine = {
        id(theirs): mine
        for layer, shared_layer in zip(permit.layers, shared.layers, strict=True)
        for mine, theirs in zip(layer.held, shared_layer.held, strict=True)
    }

    def placed(cited: tuple[Cited, ...]) -> tuple[Cited, ...]:
        return tuple(Cited(mine.get(id(each.held), each.held), each.statement) for each in cited)

    return replace(decision, allows=placed(decision.allows), denies=placed(decision.denies))


def _best(decisions: Iterable[Decision]) -> Decision:
    """The most that the asker gets; the asker chooses the way in."""
    return min(decisions, key=lambda each: _ORDER.index(each.verdict))


def _let_in(trust: Held, permit: Permit, context: Context, table: Actions) -> _LetIn:
    """The trust policy's word on the principal. A service-linked trust names services only."""
    assume = table.bit(ASSUME)
    allows: list[tuple[Statement, Judgement, bool]] = []
    denies: list[tuple[Statement, Judgement]] = []
    for statement in trust.document.statements:
        if not statement.actions & assume:
            continue
        match = _matches(statement, permit)
        if match is None:
            continue
        judgement = _judged(statement, context)
        if statement.allows and judgement.truth is not Truth.FALSE:
            allows.append((statement, judgement, match))
        if statement.denies and judgement.truth is not Truth.FALSE:
            denies.append((statement, judgement))
    return _summed(trust, allows, denies)


def _summed(
    trust: Held,
    allows: list[tuple[Statement, Judgement, bool]],
    denies: list[tuple[Statement, Judgement]],
) -> _LetIn:
    against = tuple(Cited(trust, statement) for statement, _ in denies)
    if any(judgement.truth is Truth.TRUE for _, judgement in denies):
        return _LetIn(Verdict.DENIED, denies=against)
    if not allows:
        return _LetIn(Verdict.NONE)
    # A sure statement speaks before a conditional one, one that names the principal before others.
    allows.sort(key=lambda each: (each[1].truth is not Truth.TRUE, not each[2]))
    is_sure = allows[0][1].truth is Truth.TRUE and not denies
    best = [each for each in allows if each[1].truth is allows[0][1].truth]
    because = {why for _, judgement, _ in best for why in judgement.because}
    because |= {why for _, judgement in denies for why in judgement.because}
    return _LetIn(
        Verdict.ALLOWED if is_sure else Verdict.CONDITIONAL,
        is_by_name=any(by_name for _, _, by_name in best),
        allows=tuple(Cited(trust, statement) for statement, _, _ in best),
        denies=against,
        because=tuple(sorted(because)) if not is_sure else (),
    )


def _judged(statement: Statement, context: Context) -> Judgement:
    if statement.unread:
        return Judgement(Truth.UNKNOWN, frozenset(), (statement.unread,))
    return judge(
        statement.clauses,
        context,
        allows=statement.allows,
        has_variables=statement.has_variables,
    )


def _matches(statement: Statement, permit: Permit) -> bool | None:
    """True: by name; False: through its account or everyone; None: the statement means others."""
    if statement.unread:
        return False
    found = [
        match
        for who, name, number in named(statement)
        if (match := _is_meant(who, name, number, permit)) is not None
    ]
    if statement.excludes_principals:
        # AWS: a Deny by exception also meets the exceptions that have a permissions boundary.
        is_meant = not found or (statement.denies and permit.has_boundary)
        return False if is_meant else None
    return any(found) if found else None


def _is_meant(who: Who, name: str, number: str | None, permit: Permit) -> bool | None:
    if who is Who.ANYONE:
        return False
    if who is Who.ACCOUNT:
        return False if number == permit.arn.split(":")[4] else None
    if who in (Who.USER, Who.ROLE):
        return True if name == permit.arn else None
    if who is Who.SESSION and isinstance(permit.principal, Role):
        return True if names_role(name, permit.arn) else None
    return None
