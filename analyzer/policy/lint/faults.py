"""In: nothing; the nouns of policy linting. Out: Fault, its FaultKind, its Meaning, issue_code."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Meaning(StrEnum):
    """What a fault means for the statement that has it.

    NEVER: the statement applies to no request. PART: some of what it names applies to none.
    ALWAYS: the condition holds for every request. EVADED: it holds for every request that lacks
    the key, and requests may. REFUSED: IAM's grammar does not allow it. REMARK: no harm.
    """

    NEVER = "never"
    PART = "part"
    ALWAYS = "always"
    EVADED = "evaded"
    REFUSED = "refused"
    REMARK = "remark"


class FaultKind(StrEnum):
    """The kinds of faults."""

    # What IAM's grammar does not allow.
    MISSING_VERSION = "missing Version"
    INVALID_VERSION = "invalid Version"
    INVALID_EFFECT = "invalid Effect"
    MISSING_ELEMENT = "missing element"
    BOTH_ELEMENTS = "element and its opposite"
    REPEATED_MEMBER = "member twice"
    UNREADABLE = "unreadable element"
    NO_STATEMENT = "no statement"
    EMPTY_ACTION = "empty Action"
    EMPTY_RESOURCE = "empty Resource"
    EMPTY_CONDITION = "empty condition"
    IDENTITY_PRINCIPAL = "Principal in an identity policy"
    REPEATED_SID = "Sid twice"
    UNCLOSED_VARIABLE = "unclosed variable"
    VARIABLE_WITHOUT_VERSION = "variable in an old Version"
    INVALID_ARN = "invalid ARN"
    MISSING_ARN_FIELD = "missing ARN field"
    # What a statement names.
    UNKNOWN_SERVICE = "unknown service"
    UNKNOWN_ACTION = "unknown action"
    WILDCARD_SERVICE = "wildcard in the service"
    RESOURCE_MISMATCH = "resource of another type"
    OBJECT_ACTION_ON_BUCKET = "object action on a bucket"
    USER_ACTION_ON_GROUP = "user action on a group"
    NEEDS_STAR = "action that takes no resource"
    S3_FIELDS = "region or account in an S3 ARN"
    OTHER_PARTITION = "ARN of another partition"
    # Its conditions.
    UNREADABLE_CONDITION = "unreadable condition"
    WILDCARD_VALUE = "wildcard without Like"
    UNKNOWN_GLOBAL_KEY = "unknown global key"
    UNKNOWN_SERVICE_KEY = "unknown service key"
    UNSUPPORTED_KEY = "key that the action lacks"
    UNSUPPORTED_TAG_KEY = "tag key that the action lacks"
    TYPE_MISMATCH = "operator of another type"
    INVALID_DATE = "invalid date"
    INVALID_NUMBER = "invalid number"
    INVALID_BOOLEAN = "invalid Boolean"
    INVALID_NETWORK = "invalid network"
    EXPIRED = "expired"
    NULL_IF_EXISTS = "Null with IfExists"
    PRIVATE_ADDRESS = "private address"
    EXCLUSIVE = "conditions that exclude each other"
    ALL_ADDRESSES = "every address"
    ANY_VALUE = "any value"
    MISSING_PASSES = "a missing key passes"
    FOR_ALL_VALUES = "ForAllValues on a missing key"
    SINGLE_VALUED_KEY = "ForAllValues on a single value"
    KEY_ALWAYS_PRESENT = "Null false on a key that is always there"
    KEY_NEVER_MISSING = "Null true on a key that is always there"
    # What other parts of the policy say.
    DENIED_ANYWAY = "denied by the same policy"
    REDUNDANT_ACTION = "redundant action"
    REDUNDANT_RESOURCE = "redundant resource"
    REDUNDANT_STATEMENT = "redundant statement"
    PASS_ANY_ROLE = "any role may be passed"  # noqa: S105 - a right, not a secret
    ANY_SERVICE_LINKED_ROLE = "any service-linked role"
    # Trust policies.
    ALL_BUT_ONE = "everybody but those named"
    RESOURCE_IN_TRUST = "Resource in a trust policy"
    WILDCARD_PRINCIPAL = "wildcard in a principal"
    MISMATCHED_PRINCIPAL = "action of other principals"


_CODES: Mapping[FaultKind, str] = MappingProxyType(
    {
        FaultKind.MISSING_VERSION: "MISSING_VERSION",
        FaultKind.INVALID_VERSION: "INVALID_VERSION",
        FaultKind.INVALID_EFFECT: "INVALID_EFFECT",
        FaultKind.BOTH_ELEMENTS: "UNSUPPORTED_ELEMENT_COMBINATION",
        FaultKind.REPEATED_MEMBER: "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
        FaultKind.NO_STATEMENT: "MISSING_STATEMENT",
        FaultKind.EMPTY_ACTION: "EMPTY_ARRAY_ACTION",
        FaultKind.EMPTY_RESOURCE: "EMPTY_ARRAY_RESOURCE",
        FaultKind.EMPTY_CONDITION: "EMPTY_ARRAY_CONDITION",
        FaultKind.IDENTITY_PRINCIPAL: "UNSUPPORTED_PRINCIPAL",
        FaultKind.REPEATED_SID: "UNIQUE_SIDS_REQUIRED",
        FaultKind.UNCLOSED_VARIABLE: "MISSING_BRACE_IN_VARIABLE",
        FaultKind.VARIABLE_WITHOUT_VERSION: "VARIABLE_UNSUPPORTED_IN_VERSION",
        FaultKind.INVALID_ARN: "INVALID_ARN_PREFIX",
        FaultKind.MISSING_ARN_FIELD: "MISSING_ARN_FIELD",
        FaultKind.UNKNOWN_SERVICE: "INVALID_SERVICE_IN_ACTION",
        FaultKind.UNKNOWN_ACTION: "INVALID_ACTION",
        FaultKind.WILDCARD_SERVICE: "WILDCARD_IN_SERVICE_NAME",
        FaultKind.S3_FIELDS: "ARN_REGION_NOT_ALLOWED",
        FaultKind.OTHER_PARTITION: "INVALID_PARTITION",
        FaultKind.WILDCARD_VALUE: "WILDCARD_WITHOUT_LIKE_OPERATOR",
        FaultKind.UNKNOWN_GLOBAL_KEY: "INVALID_GLOBAL_CONDITION_KEY",
        FaultKind.UNKNOWN_SERVICE_KEY: "INVALID_SERVICE_CONDITION_KEY",
        FaultKind.UNSUPPORTED_TAG_KEY: "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        FaultKind.TYPE_MISMATCH: "TYPE_MISMATCH",
        FaultKind.INVALID_DATE: "TYPE_MISMATCH_DATE",
        FaultKind.INVALID_NUMBER: "TYPE_MISMATCH_NUMBER",
        FaultKind.INVALID_BOOLEAN: "TYPE_MISMATCH_BOOLEAN",
        FaultKind.INVALID_NETWORK: "TYPE_MISMATCH_IP_RANGE",
        FaultKind.NULL_IF_EXISTS: "NULL_WITH_IF_EXISTS",
        FaultKind.PRIVATE_ADDRESS: "PRIVATE_IP_ADDRESS",
        FaultKind.SINGLE_VALUED_KEY: "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        FaultKind.REDUNDANT_ACTION: "REDUNDANT_ACTION",
        FaultKind.REDUNDANT_RESOURCE: "REDUNDANT_RESOURCE",
        FaultKind.REDUNDANT_STATEMENT: "REDUNDANT_STATEMENT",
        FaultKind.PASS_ANY_ROLE: "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        FaultKind.ANY_SERVICE_LINKED_ROLE: "CREATE_SLR_WITH_STAR_IN_RESOURCE",
        FaultKind.ALL_BUT_ONE: "ALLOW_WITH_NOT_PRINCIPAL",
        FaultKind.RESOURCE_IN_TRUST: "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE",
        FaultKind.WILDCARD_PRINCIPAL: "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        FaultKind.MISMATCHED_PRINCIPAL: "MISMATCHED_ACTION_FOR_PRINCIPAL",
    }
)
_MISSING = {
    "Action": "MISSING_ACTION",
    "Resource": "MISSING_RESOURCE",
    "Effect": "MISSING_EFFECT",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A part of a policy that has no effect, or not the one it seems to have.

    `statement` is the index of its statement, None for the document as a whole. `pointer` is the
    place within the document, `value` what stands there, `explanation` a clause of a sentence.
    """

    kind: FaultKind
    meaning: Meaning
    statement: int | None
    pointer: str
    value: str
    explanation: str

    @property
    def restricts_nobody(self) -> bool:
        """True for a condition that every request meets, or every one without its key."""
        return self.meaning in (Meaning.ALWAYS, Meaning.EVADED)

    @property
    def issue_code(self) -> str | None:
        """What IAM Access Analyzer's validate-policy calls it; None where it says nothing.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
        """
        if self.kind is FaultKind.MISSING_ELEMENT:
            return _MISSING.get(self.value)
        return _CODES.get(self.kind)
