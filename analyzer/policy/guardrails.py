"""In: an account. Out: the layers that its organization puts over every principal."""

from analyzer.identity import Account
from analyzer.policy.documents import Library
from analyzer.policy.effective import Layer


def guardrails(account: Account, library: Library) -> tuple[Layer, ...]:
    """The levels of service and resource control policies; none where no file tells of them."""
    del account, library
    return ()
