"""In: a trust in an identity provider. Out: whose tokens it takes, as its conditions pin them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
"""

from dataclasses import dataclass
from enum import StrEnum

from analyzer.policy.condition_blocks import Clause
from analyzer.policy.trust import Opening, Who, ties

_SHARED = (
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "oidc.circleci.com",
    "api.bitbucket.org",
    "agent.buildkite.com",
    "oidc.vercel.com",
    "api.pulumi.com",
    "app.spacelift.io",
    "app.harness.io",
    "accounts.google.com",
    "graph.facebook.com",
    "www.amazon.com",
    "cognito-identity.amazonaws.com",
    "auth.fly.io",
    "oidc.codefresh.io",
    "scm.azure.com",
    "login.microsoftonline.com",
    "sts.windows.net",
)
"""Issuers that sign tokens for many customers; whoever opens an account there gets one, too."""
_AUDIENCE = ("aud", "amr", "azp", "oaud")
_SEPARATORS = ":/|"


class Bound(StrEnum):
    """How far a pattern pins the subject of a token."""

    EXACT = "exact"
    WITHIN = "within one project"
    OWNER = "any project of one owner"
    OPEN = "anyone"


@dataclass(frozen=True, slots=True)
class TokenTrust:
    """What a trust in a web-identity provider asks of a token.

    `subject` is the loosest pattern by which a token gets in, None where no condition names one.
    """

    opening: Opening
    issuer: str
    is_shared: bool
    pins_audience: bool
    subject: str | None
    bound: Bound

    @property
    def is_unbounded(self) -> bool:
        """True if strangers, or unrelated projects of one owner, get in.

        A private issuer, such as a cluster's own, is unbounded only where nothing pins it at all.
        """
        return self.bound is Bound.OPEN or (self.is_shared and self.bound is Bound.OWNER)


def token_trust(opening: Opening) -> TokenTrust | None:
    """The trust in a web-identity provider; None for any other opening."""
    if opening.who is not Who.OIDC:
        return None
    issuer = _issuer(opening.name)
    tests = opening.statement.clauses
    mine = [each for each in tests if each.key.lower().startswith(f"{issuer.lower()}:")]
    audience = any(_claim(each, issuer) in _AUDIENCE and ties(each) for each in mine)
    others = [each for each in mine if _claim(each, issuer) not in _AUDIENCE and ties(each)]
    subject, bound = _tightest(others)
    is_shared = any(issuer.lower() == each or issuer.lower().endswith(f".{each}")
                    or issuer.lower().startswith(f"{each}/") for each in _SHARED)  # fmt: skip
    if issuer.lower() == "cognito-identity.amazonaws.com" and audience:
        # An identity pool is the owner's own; its ID stands in the audience.
        bound = Bound.WITHIN if bound is Bound.OPEN else bound
    return TokenTrust(opening, issuer, is_shared, audience, subject, bound)


def pins_saml_audience(opening: Opening) -> bool:
    """True if a SAML trust asks for the audience, as AWS's own sign-in page has it."""
    return any(
        each.key.lower() in ("saml:aud", "saml:iss", "saml:recipient") and ties(each)
        for each in opening.statement.clauses
    )


def bound_of(pattern: str, *, is_like: bool) -> Bound:
    """How far one pattern pins the subject: by how much of it stands before the first wildcard.

    `repo:owner/name:*` keeps to one project, `repo:owner/*` to one owner. `repo:owner*` also takes
    whoever calls himself owner2, and so does a pattern that starts with a wildcard.
    """
    if not is_like or not set(pattern) & set("*?"):
        return Bound.EXACT
    fixed = pattern[: min(at for each in "*?" if (at := pattern.find(each)) >= 0)]
    if not fixed or fixed[-1] not in _SEPARATORS:
        whole = _whole_parts(fixed)
        return Bound.WITHIN if whole > 2 else Bound.OPEN if whole < 2 else Bound.OWNER  # noqa: PLR2004
    parts = _whole_parts(fixed)
    if parts < 2:  # noqa: PLR2004 - a kind, such as `repo:`, and nobody's name
        return Bound.OPEN
    return Bound.OWNER if parts == 2 else Bound.WITHIN  # noqa: PLR2004 - kind and owner


def _whole_parts(fixed: str) -> int:
    """How many parts of the text are surely whole: those that a separator ends."""
    return sum(each in _SEPARATORS for each in fixed)


def _issuer(name: str) -> str:
    _, marker, issuer = name.partition(":oidc-provider/")
    return issuer if marker else name


def _claim(clause: Clause, issuer: str) -> str:
    return clause.key[len(issuer) + 1 :].lower()


def _tightest(tests: list[Clause]) -> tuple[str | None, Bound]:
    """Conditions add up, so the tightest counts; its values are alternatives, so their loosest."""
    order = list(Bound)
    found: tuple[str | None, Bound] = (None, Bound.OPEN)
    for clause in tests:
        is_like = "Like" in clause.operator
        values = [(value, bound_of(value, is_like=is_like)) for value in clause.values]
        loosest = max(values, key=lambda each: order.index(each[1]))
        if found[0] is None or order.index(loosest[1]) < order.index(found[1]):
            found = loosest
    return found
