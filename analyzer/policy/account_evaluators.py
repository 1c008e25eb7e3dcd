"""In: an account. Out: the evaluator of any principal's policies, made on first use and kept."""

from dataclasses import dataclass, field, replace

from analyzer.inventory.model import Account, Group, User
from analyzer.policy.actions import ActionIndex
from analyzer.policy.arns import ResourceIndex
from analyzer.policy.conditions import Context, Ternary
from analyzer.policy.evaluator import PolicyEvaluator, evaluator_for
from analyzer.policy.layer_decisions import ResourceSet
from analyzer.policy.layers import Decision, PolicyLayer, StatementRef, keys_mentioned
from analyzer.policy.principals import PolicyStore, PrincipalPolicies, group_layer
from analyzer.policy.request_context import WITH_DEVICE, EntryPoint, request_context
from analyzer.policy.target_states import TargetStates


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AccountEvaluators:
    """The evaluators of one account. Principals whom nothing tells apart share one.

    `granted` holds, for an evaluator and a number of layers, the one of the same policies where
    these layers allow everything, and `assumable` the roles on which that one allows to assume
    them, or to tag a session of theirs: see `role_assumption`.
    """

    account: Account
    actions: ActionIndex
    targets: TargetStates
    store: PolicyStore
    evaluators: dict[tuple[object, ...], PolicyEvaluator] = field(default_factory=dict)
    contexts: dict[tuple[str, EntryPoint], Context] = field(default_factory=dict)
    read_layers: dict[int, "_ReadLayers"] = field(default_factory=dict)
    granted: dict[tuple[int, int], PolicyEvaluator] = field(default_factory=dict)
    names_picked: dict[tuple[int, str], Ternary] = field(default_factory=dict)
    assumable: dict[tuple[int, int, str], ResourceSet] = field(default_factory=dict)

    @property
    def resources(self) -> ResourceIndex:
        """The account's own resources."""
        return self.targets.resources

    def context(self, policies: PrincipalPolicies, entry_point: EntryPoint) -> Context:
        """The request context of the principal by that entry point."""
        key = (policies.arn, entry_point)
        if key not in self.contexts:
            self.contexts[key] = request_context(self.account, policies.principal, entry_point)
        return self.contexts[key]

    def evaluator(self, policies: PrincipalPolicies, entry_point: EntryPoint) -> PolicyEvaluator:
        """The evaluator of the policies over the principal by that entry point."""
        return self.evaluator_for_policies(policies.layers, self.context(policies, entry_point))

    def evaluator_for_policies(
        self, layers: tuple[PolicyLayer, ...], context: Context
    ) -> PolicyEvaluator:
        """The evaluator of these layers in that context."""
        read = self._read(layers)
        signature = (read.documents, context.told_apart_by(read.mentioned))
        if signature not in self.evaluators:
            self.evaluators[signature] = evaluator_for(self.actions, self.targets, layers, context)
        return self.evaluators[signature]

    def keys_mentioned_by(self, layers: tuple[PolicyLayer, ...]) -> frozenset[str]:
        """The condition keys and variables that tell principals with these layers apart."""
        return self._read(layers).keys

    def _read(self, layers: tuple[PolicyLayer, ...]) -> "_ReadLayers":
        found = self.read_layers.get(id(layers))
        if found is None:
            found = self.read_layers[id(layers)] = _read_layers(layers)
        return found

    def group_evaluator(self, group: Group) -> PolicyEvaluator:
        """The evaluator of the group's policies alone, for a member who has shown MFA.

        A guard that denies without MFA holds nobody back for long: members enrol a device.
        """
        member = User("", "")
        context = request_context(self.account, member, EntryPoint.ANY)
        context = context.with_keys(WITH_DEVICE)
        return self.evaluator_for_policies((group_layer(group, self.store),), context)


@dataclass(frozen=True, slots=True)
class _ReadLayers:
    """What tells evaluators of these layers apart.

    The layers are kept with it, so that no others get their ID.
    """

    layers: tuple[PolicyLayer, ...]
    documents: tuple[object, ...]
    keys: frozenset[str]
    mentioned: tuple[str, ...]


def _read_layers(layers: tuple[PolicyLayer, ...]) -> _ReadLayers:
    documents = (
        (layer.name, layer.unknown, tuple(id(each.document) for each in layer.held))
        for layer in layers
    )
    keys = keys_mentioned(layers)
    return _ReadLayers(layers, tuple(documents), keys, tuple(sorted(keys)))


def name_own_policies(
    layers: tuple[PolicyLayer, ...], shared: PolicyEvaluator, decision: Decision
) -> Decision:
    """The decision with the policies of these layers named: the evaluator is shared."""
    mine = {
        id(theirs): mine
        for layer, shared_layer in zip(layers, shared.layers, strict=True)
        for mine, theirs in zip(layer.held, shared_layer.held, strict=True)
    }

    def placed(references: tuple[StatementRef, ...]) -> tuple[StatementRef, ...]:
        return tuple(
            StatementRef(mine.get(id(each.held), each.held), each.statement) for each in references
        )

    return replace(decision, allows=placed(decision.allows), denies=placed(decision.denies))
