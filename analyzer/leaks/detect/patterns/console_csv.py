"""In: a text. Out: candidates for what the CSV files of the IAM console hold: passwords and keys.

Source: the "Download .csv" files of IAM; only their header tells a password from any other word.
"""

import re
from collections.abc import Iterator

from analyzer.leaks.detect.candidate import EXAMPLE, Candidate, Pattern
from analyzer.leaks.detect.neighbours import find_words
from analyzer.leaks.detect.patterns import access_key_ids
from analyzer.leaks.detect.prefilter_terms import FIELD_NAME, Literal
from analyzer.leaks.detect.variable_names import plain_name
from analyzer.leaks.key_id import placeholder_reason
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart

# User name,Password,Console sign-in URL   or   Access key ID,Secret access key
_HEADER = lazy_regex(
    r"^[^\n]{0,200}(?i:user ?name|access key id)[^\n]{0,200}(?i:password|secret access key)"
    r"[^\n]{0,200}$",
    re.MULTILINE,
)
_NAMES = (lazy_regex(rb"user ?name"), lazy_regex(rb"access key id"))
_CELL = r"\"((?:[^\"\n]|\"\"){0,400})\"|([^DELIMITER\n\"]{0,400})"
_DELIMITERS = ",;\t|"
_ACCOUNT = lazy_regex(r"https://(\d{12})\.signin\.")
_ROWS = 10_000
_USER = "username"
_PASSWORDS = frozenset({"password", "consolepassword"})
_LINKS = frozenset(
    {"consoleloginlink", "consolesigninurl", "directsigninlink", "consoleloginurl", "signinurl"},
)
_SECRET = lazy_regex(r"[A-Za-z0-9/+]{40}")

Cells = dict[str, tuple[int, str]]


def find(text: str) -> Iterator[Candidate]:
    """What is below each header that the console writes."""
    for header in _iter_headers(text):
        delimiter = max(_DELIMITERS, key=header[0].count)
        columns = [plain_name(value) for _, value in _split_cells(header[0], 0, delimiter)]
        if _is_console_header(columns):
            yield from _find_in_rows(text, header.end() + 1, columns, delimiter)


def _iter_headers(text: str) -> Iterator[re.Match[str]]:
    """Every line that names users or keys, and then what they sign in with."""
    end = -1
    for name in find_words(text, *_NAMES):
        if name.start() > end:
            begin, end = text.rfind("\n", 0, name.start()) + 1, text.find("\n", name.start())
            if header := _HEADER.match(text, begin):
                yield header
            if end < 0:
                return


def _is_console_header(columns: list[str]) -> bool:
    """Whether it is a table of users with a link to the console, or of keys with their secrets."""
    known = set(columns)
    if _PASSWORDS & known and _USER in known and _LINKS & known:
        return True
    return {"accesskeyid", "secretaccesskey"} <= known


def _find_in_rows(text: str, start: int, columns: list[str], delimiter: str) -> Iterator[Candidate]:
    """The candidates of each row up to one with another number of cells or a new header."""
    for _ in range(_ROWS):
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else len(text)].rstrip("\r")
        cells = _split_cells(line, start, delimiter)
        is_header = _is_console_header([plain_name(value) for _, value in cells])
        if len(cells) != len(columns) or is_header:
            return
        yield from _find_in_row(dict(zip(columns, cells, strict=True)))
        if end < 0:
            return
        start = end + 1


def _find_in_row(cells: Cells) -> Iterator[Candidate]:
    """A user's password, key ID and secret, each with the user's name."""
    user = cells.get(_USER, (0, ""))[1] or None
    links = [cells[name][1] for name in sorted(_LINKS & cells.keys())]
    account = next((found[1] for link in links if (found := _ACCOUNT.search(link))), None)
    facts = ClaimedFacts(account=account, user=user)
    for name in sorted(_PASSWORDS & cells.keys()):
        start, shown = cells[name]
        value = shown.replace('""', '"')
        if value:
            doubt = EXAMPLE if "EXAMPLE" in value else None
            kind = CredentialKind.CONSOLE_PASSWORD
            yield Candidate(
                kind,
                CredentialPart.WHOLE,
                start,
                start + len(shown),
                value,
                name,
                doubt=doubt,
                claims=facts,
            )
    start, value = cells.get("accesskeyid", (0, ""))
    for candidate in access_key_ids.find(value):
        if candidate.end - candidate.start == len(value):
            yield Candidate(
                candidate.kind,
                candidate.part,
                start,
                start + len(value),
                value,
                doubt=placeholder_reason(value),
                claims=ClaimedFacts(candidate.claims.account, user),
            )
    start, value = cells.get("secretaccesskey", (0, ""))
    if _SECRET.fullmatch(value):
        kind, name = CredentialKind.SECRET, "Secret access key"
        doubt = EXAMPLE if "EXAMPLE" in value else None
        yield Candidate(
            kind,
            CredentialPart.SECRET,
            start,
            start + len(value),
            value,
            name,
            doubt=doubt,
            claims=facts,
        )


def _split_cells(line: str, offset: int, delimiter: str) -> list[tuple[int, str]]:
    """The offset and the text of each cell; quotes around one are no part of it."""
    pattern = re.compile(_CELL.replace("DELIMITER", re.escape(delimiter)))
    cells = []
    at = 0
    while match := pattern.match(line, at):
        group = 1 if match[1] is not None else 2
        found = match[group]
        lead = len(found) - len(found.lstrip(" \ufeff"))
        cells.append((offset + match.start(group) + lead, found.strip(" \ufeff")))
        at = match.end() + 1
        if match.end() >= len(line) or line[match.end()] != delimiter:
            break
    return cells


_LINK_COLUMNS = tuple(
    first + b"in " + last for first in (b"log", b"sign", b"sign-") for last in (b"link", b"url")
)
PATTERNS = (
    Pattern(
        kinds=frozenset({CredentialKind.CONSOLE_PASSWORD}),
        triggers=(
            rb"(?i:(?:log|sign)-?in[^A-Za-z0-9\n]{0,3}(?:link|url))",
            rb"(?i:access[^A-Za-z0-9\n]{0,3}key[^A-Za-z0-9\n]{0,3}id[\" ]{0,3}[,;|\t])",
            rb"(?i:secret[^A-Za-z0-9\n]{0,3}access[^A-Za-z0-9\n]{0,3}key[\" ]{0,3}[,;|\t])",
        ),
        prefilter=tuple(Literal(each, FIELD_NAME, ignore_case=True) for each in _LINK_COLUMNS),
        find=find,
        adds_to_others=True,
    ),
)
