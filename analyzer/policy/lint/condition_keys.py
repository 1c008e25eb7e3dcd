"""In: a condition key in lower case. Out: its type, and which requests have it.

Of the keys that AWS has for every service:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from analyzer.policy.lint.action_details import ActionDetails


class KeyType(StrEnum):
    """The types of values, as AWS's lists name them."""

    STRING = "String"
    ARN = "ARN"
    BOOL = "Bool"
    DATE = "Date"
    NUMERIC = "Numeric"
    ADDRESS = "IPAddress"
    STRINGS = "ArrayOfString"
    ARNS = "ArrayOfARN"
    BOOLS = "ArrayOfBool"

    @property
    def has_many(self) -> bool:
        """True if a request may give the key several values."""
        return self in (KeyType.STRINGS, KeyType.ARNS, KeyType.BOOLS)


_S, _M = KeyType.STRING, KeyType.STRINGS
GLOBAL_KEYS: Mapping[str, KeyType] = MappingProxyType(
    {
        "aws:assumedroot": _S,
        "aws:calledvia": _M,
        "aws:calledviaawsmcp": _S,
        "aws:calledviafirst": _S,
        "aws:calledvialast": _S,
        "aws:chatbotsourcearn": KeyType.ARN,
        "aws:currenttime": KeyType.DATE,
        "aws:ec2instancesourceprivateipv4": KeyType.ADDRESS,
        "aws:ec2instancesourcevpc": _S,
        "aws:epochtime": KeyType.DATE,
        "aws:federatedprovider": _S,
        "aws:ismcpserviceaction": KeyType.BOOL,
        "aws:multifactorauthage": KeyType.NUMERIC,
        "aws:multifactorauthpresent": KeyType.BOOL,
        "aws:principalaccount": _S,
        "aws:principalarn": KeyType.ARN,
        "aws:principalisawsservice": KeyType.BOOL,
        "aws:principalorgid": _S,
        "aws:principalorgmasteraccountid": _S,
        "aws:principalorgpaths": _M,
        "aws:principalservicename": _S,
        "aws:principalservicenameslist": _M,
        "aws:principaltag/": _S,
        "aws:principaltype": _S,
        "aws:referer": _S,
        "aws:requestedregion": _S,
        "aws:requesttag/": _S,
        "aws:resourceaccount": _S,
        "aws:resourceorgid": _S,
        "aws:resourceorgpaths": _M,
        "aws:resourcetag/": _S,
        "aws:securetransport": KeyType.BOOL,
        "aws:signinsessionarn": KeyType.ARN,
        "aws:sourceaccount": _S,
        "aws:sourcearn": KeyType.ARN,
        "aws:sourceidentity": _S,
        "aws:sourceip": KeyType.ADDRESS,
        "aws:sourceorgid": _S,
        "aws:sourceorgpaths": _M,
        "aws:sourcevpc": _S,
        "aws:sourcevpcarn": KeyType.ARN,
        "aws:sourcevpce": _S,
        "aws:tagkeys": _M,
        "aws:tokenissuetime": KeyType.DATE,
        "aws:useragent": _S,
        "aws:userid": _S,
        "aws:username": _S,
        "aws:viaawsmcpservice": KeyType.BOOL,
        "aws:viaawsservice": KeyType.BOOL,
        "aws:vpceaccount": _S,
        "aws:vpceorgid": _S,
        "aws:vpceorgpaths": _M,
        "aws:vpcsourceip": KeyType.ADDRESS,
    }
)
"""Every global key, families up to their slash, with its type."""
ALWAYS_PRESENT = frozenset(
    {
        "aws:currenttime", "aws:epochtime", "aws:principalaccount", "aws:principalarn",
        "aws:principaltype", "aws:requestedregion", "aws:securetransport", "aws:userid",
        "aws:viaawsservice",
    }
)  # fmt: skip
"""Keys that every signed request of a user or a role has."""
MAY_BE_MISSING = frozenset(
    {
        # A long-term key has none of them.
        "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime",
        # A call over the Internet has none of them.
        "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:vpcsourceip",
        "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths",
        # A direct call has none of them.
        "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:principalservicename",
        "aws:principalservicenameslist", "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid",
        "aws:sourceorgpaths",
        # An account outside an organization has none of them.
        "aws:principalorgid", "aws:principalorgpaths",
        # Most sessions have none of them, and users never.
        "aws:sourceidentity", "aws:federatedprovider", "aws:chatbotsourcearn",
        "aws:ec2instancesourcevpc", "aws:ec2instancesourceprivateipv4", "aws:assumedroot",
        "aws:signinsessionarn",
        # Whoever asks can leave them away.
        "aws:referer", "aws:useragent",
    }
)  # fmt: skip
"""Keys that whoever asks may lack, without doing anything for it or by leaving something away."""
DIRECT_CALLS = frozenset(
    {
        "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:principalservicename",
        "aws:principalservicenameslist", "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid",
        "aws:sourceorgpaths",
    }
)  # fmt: skip
"""Keys that only calls of services have: who tests them by a negation may well mean the others."""
PICKED_BY_ASKER = frozenset(
    {"aws:referer", "aws:useragent", "sts:externalid", "sts:rolesessionname"}
)
"""Keys to which whoever asks gives any value."""
_OF_ANY_SESSION = (
    "ec2:roledelivery", "ec2:sourceinstancearn", "glue:roleassumedby",
    "glue:credentialissuingservice", "codebuild:buildarn", "codebuild:projectarn",
    "lambda:sourcefunctionarn", "ssm:sourceinstancearn", "identitystore:userid",
)  # fmt: skip
"""Keys of services that sessions carry into requests for any other."""
_TAG_FAMILIES = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")


def global_type(key: str) -> KeyType | None:
    """The type of a global key; None for any other."""
    name, slash, rest = key.partition("/")
    return GLOBAL_KEYS.get(f"{name}/" if slash and rest else key)


def is_global(key: str) -> bool:
    """True for a key of AWS's own, known or not."""
    return key.startswith("aws:")


def is_tag(key: str) -> bool:
    """True for a key that holds the value of somebody's or something's tag."""
    return key.startswith(_TAG_FAMILIES)


def is_of_service(key: str, details: ActionDetails) -> bool:
    """True for a key of a service that is tied to its actions: no global one, no provider's."""
    prefix = key.partition(":")[0]
    return (
        prefix != "aws"
        and "." not in prefix
        and prefix in details.services
        and key not in _OF_ANY_SESSION
    )


def type_of(key: str, details: ActionDetails) -> KeyType | None:
    """The type of any key; None where no list tells."""
    if is_global(key):
        return global_type(key)
    found = details.type_of(key)
    return KeyType(found) if found else None
