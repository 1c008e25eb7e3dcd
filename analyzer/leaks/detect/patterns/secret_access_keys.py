"""In: a text. Out: candidates for secret access keys, with a telling name or without.

One without a name counts only beside a key ID. A secret has no prefix and no checksum: it is forty
characters drawn at random from sixty-four.
"""

import re
from collections.abc import Iterator

from analyzer.leaks.detect.candidate import EXAMPLE, Candidate, Pattern
from analyzer.leaks.detect.confirmations import (
    ESCAPED_SIGN,
    confirm_escaped_secret,
    confirm_pieces,
    confirm_secret,
)
from analyzer.leaks.detect.enclosing import (
    is_part_of_dotted_token,
    is_piece_of_longer_run,
    lies_within,
    signed_query_spans,
    token_spans,
    unbroken_around,
)
from analyzer.leaks.detect.other_vendors import reason_of_other_vendor
from analyzer.leaks.detect.prefilter_terms import Expression, Form, Literal
from analyzer.leaks.detect.randomness import (
    LEAST_CHANGES,
    LEAST_ENTROPY,
    WORDLIKE_CHANGES,
    class_changes,
    entropy,
    is_encoded_text,
    is_made_of_words,
    is_mixed_case,
    is_patterned,
    mixes_character_classes,
    run_ends,
)
from analyzer.leaks.detect.variable_names import VariableName, plain_name, variable_name_before
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import CredentialKind, CredentialPart

_LENGTH = 40
_ALPHABET = "[A-Za-z0-9/+]"
_RUN = lazy_regex(
    rf"(?:(?<!{_ALPHABET})(?<!%(?=[0-9A-Fa-f]{{2}}))|(?<=[0-9A-Z][/+|])(?<=[AL][KS]IA[A-Z2-7]{{16}}.)"
    # In a diff each line begins with a sign that is no part of it.
    rf"|(?<=\n\+)|(?<=\A\+)"
    rf"|(?<=%[0-9A-Fa-f]{{2}})|(?<=\\[ntr])|(?<=\\x[0-9A-Fa-f]{{2}})|(?<=\\u[0-9A-Fa-f]{{4}}))"
    rf"{_ALPHABET}{{{_LENGTH}}}(?!{_ALPHABET})",
)
_PUBLISHED = ("wJalrXUtnFEMI", "je7MtGbClwBF")
_AWS = lazy_regex(r"aws|amazon|(?<![a-z0-9])s3[an]?(?![a-z0-9])", re.IGNORECASE)
_OURS = lazy_regex("(?<![A-Za-z])aws|A[Ww][Ss]|[Aa]mazon|AMAZON")
_KEYWORDS = ("secret", "key", "token", "password", "passwd", "pwd", "pass")
_LINE_REACH = 120
_LINE_ABOVE = lazy_regex(
    r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{44,100}[\"'+,\\ ]{0,4}(?:\r?\n|(?:\\r)?\\n)"
    r"[\s\"'+#*/]{0,16}\Z",
)


def find(text: str) -> Iterator[Candidate]:
    """Every random run of forty characters, named or bare, in the text's order.

    What lies inside a token is no secret whatever it is called, and what lies inside a signed
    address is none unless it is called one.
    """
    end = 0
    tokens: list[tuple[int, int]] = []
    queries: list[tuple[int, int]] = []
    for candidate in _find_runs(text):
        place = candidate.start, candidate.end
        if candidate.start >= end:
            begin, end = unbroken_around(text, end, candidate.start)
            tokens, queries = token_spans(text, begin, end), signed_query_spans(text, begin, end)
        if not lies_within(tokens, *place) and (candidate.name or not lies_within(queries, *place)):
            yield candidate


def _find_runs(text: str) -> Iterator[Candidate]:
    """Every such run that is no piece of a longer one."""
    for end in run_ends(text):
        match = _RUN.match(text, end - _LENGTH)
        if match is None or not _stands_alone(text, match.start(), end):
            continue
        value = match[0]
        # Most runs are hashes. A secret has capitals and small letters; one that is no secret says
        # EXAMPLE, in capitals.
        if value == value.lower() or (value == value.upper() and "EXAMPLE" not in value):
            continue
        is_likely = entropy(value) > LEAST_ENTROPY
        name = (
            secret_name(variable_name_before(text, match.start()))
            if is_likely or _is_fake(value)
            else ""
        )
        if name and (_is_fake(value) or (is_likely and _is_no_name(value))):
            yield _candidate(match, name, _doubt(value, text, match, name))
        elif (
            not name
            and is_likely
            and _is_random(value)
            and not _is_wrapped(text, match.start())
            and not is_part_of_dotted_token(text, match.start(), end)
        ):
            yield _candidate(match, "", _doubt(value, text, match, name))


def secret_name(given: VariableName) -> str:
    """The name, where it says that the value is a secret access key; empty where it does not."""
    for name in (given.word, given.phrase):
        if _is_secret_name(name):
            return name
    return given.word if plain_name(given.word) == "secret" and _AWS.search(given.lead) else ""


def _is_secret_name(name: str) -> bool:
    word = plain_name(name)
    if "session" in word or "security" in word or word.endswith("keyid"):
        return False
    # `aws apigateway update-api-key --api-key …` names the id of a key of API Gateway.
    if "apigateway" in word:
        return False
    if "secret" in word and ("key" in word or "access" in word):
        return True
    return _OURS.search(name) is not None and any(each in word for each in _KEYWORDS)


def _candidate(match: re.Match[str], name: str, doubt: str | None) -> Candidate:
    return Candidate(
        CredentialKind.SECRET,
        CredentialPart.SECRET,
        match.start(),
        match.end(),
        match[0],
        name,
        stands_alone=bool(name),
        doubt=doubt,
    )


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the value is no piece of a longer word in another alphabet, as url-safe Base64 has.

    Behind a "=" the run would be a name, or Base64 of something that is no secret.
    """
    before, after = text[max(0, start - 2) : start], text[end : end + 1]
    # A shell writes ${NAME:-value}, and a diff a sign before the line.
    is_free = before.endswith((":-", "\n-")) or before[-1:] not in {"-", "_"} or before == "-"
    return is_free and after not in {"-", "_", "="} and not is_piece_of_longer_run(text, start, end)


def _is_no_name(value: str) -> bool:
    """Whether a named run is more than the name of a class, a path or a constant."""
    return is_mixed_case(value) and class_changes(value) >= WORDLIKE_CHANGES


def _is_fake(value: str) -> bool:
    """Whether the value was made up, and shows it."""
    is_shown = "EXAMPLE" in value or value.startswith(_PUBLISHED)
    return is_shown or (is_mixed_case(value) and is_patterned(value))


def _is_random(value: str) -> bool:
    """Whether a nameless run looks random: mixed, and neither words nor encoded text.

    A hash from documentation has EXAMPLE in it as well, which must not make it look random.
    """
    is_varied = (
        mixes_character_classes(value.replace("EXAMPLE", ""))
        and class_changes(value) >= LEAST_CHANGES
    )
    return is_varied and not is_encoded_text(value) and not is_made_of_words(value)


def _is_wrapped(text: str, start: int) -> bool:
    """Whether the run follows a line of some more of the same characters.

    Then it is the last line of a wrapped block: of a certificate, a hash, an encoded file.
    """
    return _LINE_ABOVE.search(text[max(0, start - _LINE_REACH) : start]) is not None


def _doubt(value: str, text: str, match: re.Match[str], name: str) -> str | None:
    """Why this is likely no live secret; None if nothing says so."""
    if "EXAMPLE" in value or value.startswith(_PUBLISHED):
        return EXAMPLE
    if is_patterned(value):
        return "a placeholder: the value is a sequence or a repetition"
    around = text[max(0, match.start() - 3) : match.start()], text[match.end() : match.end() + 1]
    if around[0].endswith(("${", "{{", "{{ ")) and around[1] in {"}", " "}:
        return "a template: the value stands in for another one"
    if is_made_of_words(value):
        return "a name: the value is made of words"
    if class_changes(value) < LEAST_CHANGES - 2:
        return "a placeholder: the value is made of words"
    if is_encoded_text(value):
        return "encoded text: no secret decodes to letters only"
    return reason_of_other_vendor(name, text, match.start()) if name else None


# How the name of a secret shows: the word ends in it, or a word of a key or of AWS is joined to it.
# Whole repositories are full of the word alone.
_JOINED = rb"(?i:secret[\w.-]{0,60}(?:key|access|aws|amazon))"
_NAMES = (
    rb"(?i:secret)[^A-Za-z0-9]",
    _JOINED,
    rb"(?i:(?:key|access|aws|amazon)[\w.-]{0,60}secret[A-Za-z0-9])",
    # A soft line break of a mail cuts the name.
    rb"(?i:secret)[\w.-]{1,60}=[ \t]{0,8}\r?\n",
)
_OF_AWS = (
    rb"(?i:(?:aws|amazon)[\w. %=+-]{0,30}(?:key|token|pw|pass)"
    rb"|(?:key|token|pw|pass)[\w. %=+-]{0,30}(?:aws|amazon))"
)
_RUN_OF_FORTY = rb"[A-Za-z0-9/+]{40}(?:[^A-Za-z0-9/+]|\z)"

_WORD = Form.BASE64 | Form.UTF_16_IN_BASE64 | Form.UTF_32
PATTERNS = (
    Pattern(
        kinds=frozenset({CredentialKind.SECRET}),
        triggers=(_RUN_OF_FORTY,),
        # A secret without its ID needs a name; between the two a line may end, or several.
        prefilter=(
            Literal(b"Secret", _WORD),
            *(Literal(word, _WORD | Form.HEXADECIMAL) for word in (b"secret", b"SECRET")),
            *(
                Literal(word, Form.UTF_16, ignore_case=True)
                for word in (b"secret", b"aws", b"amazon")
            ),
            *(
                Expression(name + rb"[\s\S]{0,120}" + _RUN_OF_FORTY, confirm=confirm_secret)
                for name in _NAMES
            ),
            Expression(_OF_AWS + rb"[\s\S]{0,100}" + _RUN_OF_FORTY, confirm=confirm_secret),
            # JSON may write a slash as \/, an address a plus as %2B.
            Expression(
                rb"(?:(?i:secret)|" + _OF_AWS + rb")[\s\S]{0,120}" + ESCAPED_SIGN,
                confirm=confirm_escaped_secret,
            ),
            Expression(
                rb"(?:" + b"|".join(_NAMES) + rb")[^\n]{0,60}"
                rb"[\"'][A-Za-z0-9/+]{2,39}[\"'] ?[+.&,] ?[\"'][A-Za-z0-9/+]{2}",
                confirm=confirm_pieces,
            ),
        ),
        find=find,
    ),
)
