r"""In: a text and a run in it. Out: whether the run is a piece of something longer.

Session tokens, signatures and signed addresses are Base64 with escapes in it: between two of these
any forty characters look like a secret, and are none. A secret that is escaped itself shows as soon
as its escapes are undone.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from analyzer.leaks.lazy_regex import lazy_regex

# The code of a letter, a digit, a plus, a slash, a dash or an underline; that of "=" is 3d.
_CODE = "(?:2[BbDdFf]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9Aa])"
# A character of Base64 as an address, a program or HTML writes it: %2B, %252B, \x2b, \053, &#43;.
_ESCAPED = (
    rf"(?:%(?:25)*{_CODE}"
    rf"|\\{{1,4}}(?:x{_CODE}|u00{_CODE}|U000000{_CODE}|u\{{{_CODE}\}}"
    r"|0(?:5[357]|6[0-7]|7[01])|1[0-7]{2}|/)"
    rf"|&\#(?:[xX]0{{0,4}}{_CODE}|4[35789]|5[0-7]|6[5-9]|[78][0-9]|9[057-9]|1[01][0-9]|12[0-2]);"
    r"|&(?:plus|sol|lowbar|hyphen);)"
)
_PADDING = r"(?:%(?:25)*3[Dd]|\\{1,4}(?:x3[Dd]|u003[Dd]|075)|&\#(?:[xX]3[Dd]|61);|&equals;)"
# CloudFront writes ~ for the slash of Base64.
_GOES_ON = lazy_regex(rf"{_ESCAPED}|{_PADDING}|~[A-Za-z0-9_-]")
# What an escaped percent sign comes before is the rest of an escape.
_CAME_BEFORE = lazy_regex(rf"(?:{_ESCAPED}|%(?:25)+|[A-Za-z0-9_-]~)\Z")
# Either has one of these in it; most runs have none beside them, and need no expression compiled.
_SIGNS = frozenset("%\\&~")
_LONGEST_ESCAPE = 24
_REST_OF_ESCAPE = lazy_regex(r"u00[0-9A-Fa-f]{2}|x[0-9A-Fa-f]{2}|[0-7]{3}")

# The parts of a JSON Web Token; the first is no Base64 any more once it has been decoded.
_PART_BEFORE = lazy_regex(r"(?:[A-Za-z0-9_-]{16}(?<![AL][KS]IA[A-Z2-7]{16})|\})\.\Z")
_PART_AFTER = lazy_regex(r"\.[A-Za-z0-9_-]{16}")

_CHARACTER = rf"(?:[A-Za-z0-9+/_.~=-]|{_ESCAPED}|{_PADDING})"
# Tokens by how they begin, or by the field of an address or a form in which they stand.
_TOKEN = lazy_regex(
    r"(?:(?<![A-Za-z0-9+/_-])(?:eyJ[A-Za-z0-9+/_-]{8}|IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz|AQoDYXdz"
    r"|AQoEXAMPLE|aHR0cHM6Ly9|ABSK|AEAA|ao[ar]AAAAA"
    r"|bedrock-api-key-|aws-external-anthropic-api-key-|k8s-aws-v1\.)"
    r"|(?i:signin_?token|security-token|session[-_]?token)(?:=|%3[Dd]))"
    rf"{_CHARACTER}{{40,}}",
)
_BREAKS = " \t\r\n\"'<>`|^,()[]"
_UNBROKEN = lazy_regex(r"[^ \t\r\n\"'<>`|^,()\[\]]*+")
_ADDRESS = lazy_regex(r"[^\s\"'<>`|^,(){}\[\]]{60,}+")
_SIGNATURE = lazy_regex(r"(?i:signature|[?&;]sig)(?:=|%3[Dd])")
_QUERY = lazy_regex(r"\?|%3[Ff]")


def is_piece_of_longer_run(text: str, start: int, end: int) -> bool:
    """Whether the run goes on, on either side, behind an escaped character of Base64."""
    if text[end : end + 1] in _SIGNS and _GOES_ON.match(text, end):
        return True
    before = text[max(0, start - _LONGEST_ESCAPE) : start]
    if before.endswith("\\") and (rest := before.rstrip("\\")):
        # JSON writes a slash as \/, and a run can begin with that slash, or within an escape.
        if text[start] == "/" and (rest[-1].isalnum() or rest[-1] in "+/_-"):
            return True
        return _REST_OF_ESCAPE.match(text, start) is not None
    return not _SIGNS.isdisjoint(before) and _CAME_BEFORE.search(before) is not None


def is_part_of_dotted_token(text: str, start: int, end: int) -> bool:
    """Whether a dot, and more of the same, is on either side, as in a JSON Web Token."""
    if _PART_AFTER.match(text, end):
        return True
    before = text[max(0, start - _LONGEST_ESCAPE) : start]
    return before.endswith(".") and _PART_BEFORE.search(before) is not None


def unbroken_around(text: str, low: int, at: int) -> tuple[int, int]:
    """Begin, not before `low`, and end of what has this place in it and neither blank nor quote.

    No token and no address reaches beyond it.
    """
    begin = max(text.rfind(each, low, at) for each in _BREAKS) + 1
    end = _UNBROKEN.match(text, at)
    return max(begin, low), end.end() if end else at


def token_spans(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    """Start and end of every token that shows by its beginning or by its name, ascending."""
    return [match.span() for match in _TOKEN.finditer(text, begin, end)]


def signed_query_spans(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    """Start and end of every query or form that holds a signature, ascending.

    What stands before the query is no part of it: an address can have a name and a password.
    """
    return list(_iter_signed_queries(text, begin, end))


def _iter_signed_queries(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    for run in _ADDRESS.finditer(text, begin, end):
        if _SIGNATURE.search(text, *run.span()):
            query = _QUERY.search(text, *run.span())
            yield (query.start() if query else run.start()), run.end()


def lies_within(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether one of the spans, which ascend, holds the run and more."""
    at = bisect_right(spans, (start, end)) - 1
    return at >= 0 and end <= spans[at][1] and spans[at] != (start, end)
