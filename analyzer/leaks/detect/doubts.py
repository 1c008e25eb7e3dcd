"""In: a value that has the shape of a credential. Out: why it was likely never issued."""

from analyzer.leaks.detect.candidate import EXAMPLE, EXAMPLE_ACCOUNT
from analyzer.leaks.detect.randomness import is_patterned
from analyzer.leaks.key_id import DOCUMENTATION_ACCOUNTS


def value_doubt(value: str, account: str | None = None) -> str | None:
    """The reason in a few words, out of the value and the account beside it; None if neither says.

    Takes what documentation shows for an example, and a sequence or a repetition for a placeholder.
    """
    if "EXAMPLE" in value:
        return EXAMPLE
    if account in DOCUMENTATION_ACCOUNTS:
        return EXAMPLE_ACCOUNT
    if is_patterned(value):
        return "a placeholder: the value is a sequence or a repetition"
    return None
