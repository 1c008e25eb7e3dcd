"""In: a text. Out: candidates for console passwords where one is given to a user of IAM.

A command line, a call of an SDK or its JSON, a LoginProfile of CloudFormation, the state of
Terraform. Source: "CreateLoginProfile", "UpdateLoginProfile" and "ChangePassword" of the IAM API
reference, and their commands.
"""

import re
from collections.abc import Iterator

from analyzer.leaks.detect.candidate import EXAMPLE, Candidate, Pattern
from analyzer.leaks.detect.doubts import value_doubt
from analyzer.leaks.detect.neighbours import find_words, iter_near, nearest, neighbours
from analyzer.leaks.detect.prefilter_terms import FIELD_NAME, REACH, Expression, Form, Literal
from analyzer.leaks.detect.randomness import class_changes
from analyzer.leaks.lazy_regex import lazy_regex
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart

_COMMAND = lazy_regex(
    r"(?:(?:create|update)-login-profile|iam[\s\"',\\]{1,8}change-password)"
    r"((?:'[^'\n]{1,128}'|\"[^\"\n]{1,128}\"|[^\n\\;|]|\\(?:\r?\n)?|`\r?\n){0,800})"
)
# A search for one word is much faster than one for a choice: what is before it comes after.
_PROFILE, _CHANGE = lazy_regex("-login-profile"), lazy_regex("change-password")
_IAM = lazy_regex(r"iam[\s\"',\\]{1,8}\Z")
_VERB, _LONGEST_IAM = len("create"), 11
_OPTION = lazy_regex(
    r"--(?:new-)?password\\?[\"']?[\s=,]{1,6}"
    r"(?:'(?P<single>[^'\n]{1,128})'|\\?\"(?P<double>(?:[^\"\\\n]|\\[^\n]){1,128}?)\\?\""
    r"|(?P<bare>[^\s\"']{1,128}))"
)
_OPTION_USER = lazy_regex(r"--user-name\\?[\"']?[\s=,]{1,6}\\?[\"']?([\w+=,.@-]{1,64})")
# What says that a member called "Password" is that of a login profile.
_ANCHOR = lazy_regex(
    r"(?i:(?<!:)(?:create|update)_?login_?profile(?:request|input|command)?\W"
    r"|IAMLoginProfile\s|(?<![A-Za-z0-9])iam_user:\s|password_?reset_?required(?![a-z])"
    r"|aws_iam_user_login_profile|LoginProfile\\{0,7}[\"']?\s{0,4}:[\s{])"
)
_ANCHOR_WORDS = (
    lazy_regex(rb"login_?profile"),
    lazy_regex(rb"iam_user:"),
    lazy_regex(rb"password_?reset_?required"),
)
_LONGEST_ANCHOR = 40
_MEMBER = lazy_regex(
    r"(?<![A-Za-z0-9])[\"']?(?i:password)(?:\\?[\"'])?(?:\s{0,4}[:=]\s{0,4}|[ \t]{1,4}|\()"
    r"(?:[\w.]{1,24}\()?(?:'(?P<single>[^'\n]{1,128})'|\\?\"(?P<double>(?:[^\"\\\n]|\\[^\n]){1,128}?)\\?\")"
)
_LINE = lazy_regex(
    r"^[ \t]{1,40}[Pp]assword:[ \t]{1,4}(?P<bare>[^\s\"'#!][^\s]{5,127})(?:[ \t][^\n]{0,200})?\r?$",
    re.MULTILINE,
)
_USER = lazy_regex(
    r"(?<![A-Za-z0-9])[\"']?(?i:user_?name|user)(?:\\?[\"'])?(?:\s{0,4}[:=]\s{0,4}|\s{1,4})"
    r"\\?[\"']([\w+=,.@-]{1,64})\\?[\"']"
)
_GROUPS = ("single", "double", "bare")
_REACH = 400
_LONGEST = 1000
"""Characters of a member and a user beside it, and more than there are."""
_STATE_REACH = 1500
_SHORTEST, _LEAST_CHANGES = 6, 1
# What stands for a password and is none: a variable, a template, a function, a word for it.
_REFERENCE = lazy_regex(
    r"[$%]\w+%?\Z|.{0,80}(?:\$[{(]|\{\{|<%|%\()|<[^>]*>?\Z|\$|!(?:Ref|Sub|GetAtt|ImportValue)\b"
    r"|(?:var|local|data|module|random_password|process\.env|os\.environ|params?|args?|self)[.\[]"
    r"|[^A-Za-z0-9]+\Z|x+\Z|\[|(?i:file://|arn:|resolve:|.{0,40}(?:<|your).{0,20}password)"
    r"|(?i:(?:new|old|my|the|some|temp|temporary|initial|default|user|console|string)?[_ -]?"
    r"(?:password|passwd|value|string|secret)[_ -]?\d{0,3})\Z",
)
# Without quotes it can be code: a name, a member, a call, the end of an argument.
_CODE = lazy_regex(r"[A-Za-z_]+[,;]?\Z|[A-Za-z_]\w*(?:\.\w+)+|[\w.]{1,40}[(\[]|.{1,128}[,;{]\Z")
_DOCUMENTED = frozenset(
    {
        "My!User1Login8P@ssword", "&1-3a6u:RA0djs", "SomeKindOfPassword123!@#", "myP@ssW0rd",
        "h]6EszR}vJ*m",
    }
)  # fmt: skip


def find(text: str) -> Iterator[Candidate]:
    """Every password that a command, a call or a document gives to a user."""
    for command in _iter_commands(text):
        option = _OPTION.search(command[1])
        if option:
            user = _OPTION_USER.search(command[1])
            yield from _read(option, command.start(1), user[1] if user else None)
    words = find_words(text, *_ANCHOR_WORDS)
    anchors = list(iter_near(_ANCHOR, text, words, _LONGEST_ANCHOR))
    users = list(iter_near(_USER, text, anchors, _STATE_REACH + _LONGEST))
    for pattern in (_MEMBER, _LINE):
        for match in iter_near(pattern, text, anchors, _STATE_REACH + _LONGEST):
            near = neighbours(anchors, *match.span(), _STATE_REACH)
            if any(_belongs(anchor, match, is_bare=pattern is _LINE) for anchor in near):
                user = nearest(users, *match.span(), _REACH)
                yield from _read(match, 0, user[1] if user else None)


def _iter_commands(text: str) -> Iterator[re.Match[str]]:
    """Every such command with what follows it, none within another."""
    starts = [match.start() - _VERB for match in _PROFILE.finditer(text)]
    for word in _CHANGE.finditer(text):
        before = _IAM.search(text, max(0, word.start() - _LONGEST_IAM), word.start())
        starts += [before.start()] if before else []
    end = 0
    for start in sorted(starts):
        if start >= end and (command := _COMMAND.match(text, start)):
            yield command
            end = command.end()


def _belongs(anchor: re.Match[str], member: re.Match[str], *, is_bare: bool) -> bool:
    """Whether the member called "Password" is the anchor's: YAML alone leaves the quotes out."""
    if is_bare and (not anchor[0].rstrip().endswith(":") or _CODE.match(member["bare"])):
        return False
    reach = _STATE_REACH if "aws_iam" in anchor[0] else _REACH
    return nearest([anchor], *member.span(), reach) is not None


def _read(match: re.Match[str], offset: int, user: str | None) -> Iterator[Candidate]:
    """The password, unless it only stands for one."""
    group = next(name for name in _GROUPS if match.groupdict().get(name))
    value = match[group]
    is_too_plain = len(value) < _SHORTEST or class_changes(value) < _LEAST_CHANGES
    if is_too_plain or _REFERENCE.match(value):
        return
    start, end = match.span(group)
    yield Candidate(
        CredentialKind.CONSOLE_PASSWORD,
        CredentialPart.WHOLE,
        offset + start,
        offset + end,
        value,
        "password",
        doubt=EXAMPLE if value in _DOCUMENTED else value_doubt(value),
        claims=ClaimedFacts(user=user),
    )


_COMMANDS = (b"create-login-profile", b"update-login-profile")
_RESOURCE_OF_STATE = b"aws_iam_user_login_profile"
# What may come before and behind decides the detector: it can be escaped.
_NAMES = (
    rb"login_?profile", rb"iam_user[^A-Za-z0-9_]",
    # Not the name of an exception of Cognito.
    rb"password_?reset_?required(?:[^A-Za-z]|\z)",
)  # fmt: skip
_WIDE_NAMES = (
    b"LoginProfile", b"Login_Profile", b"iam_user:", b"PasswordResetRequired",
    b"Password_Reset_Required",
)  # fmt: skip
# A password is quoted, in whatever encoding, or ends a line of YAML and is no word of a type.
_QUOTE = rb"(?:\\{0,7}[\"']|&(?:quot|apos|#3[49]|#x2[27]);|%(?:25)?2[27]|\\{1,7}[ux](?:00)?2[27])"
_SIGN = (
    rb"(?:[\s:=(>]|=(?:3[ADad]|20|09)|&(?:gt|#58|#61|#x3[ad]);|%(?:25)?(?:3[ADad]|20|09|28)"
    rb"|\\{1,7}(?:[nt]|(?:x|u00)(?:3[adeADE]|20)))"
)
_WORD = b"password"
_ASSIGNED = lazy_regex(
    rb"(?i:password)" + _QUOTE + rb"?" + _SIGN + rb"{1,12}(?:[\w.]{1,24}\()?" + _QUOTE
)
_ENDS_INDENT = lazy_regex(rb"(?:\A|[\r\n]|\\[rn])[ \t]{1,40}\Z|%(?:25)?(?:20|09)\Z")
_LONGEST_INDENT = 42
_BEGINS_BARE = lazy_regex(
    rb"[Pp]assword(?:%(?:25)?3A%(?:25)?(?:20|09)"
    rb"|:[ \t]{1,4}(?![A-Za-z_]+[,;]?(?:\s|\\{1,7}[rnt]))[^\s\"'#!])"
)


def _confirm_member(data: bytes, end: int) -> bool:
    """Whether a password is assigned near what a match is, or what is near is not ASCII.

    An escape, and a character that is not ASCII, has several bytes of which the detector reads one.
    """
    near = bytes(data[max(0, end - REACH) : end + REACH])
    # A search in small letters is many times as fast as one that ignores case.
    lowered, at = near.lower(), -1
    while (at := lowered.find(_WORD, at + 1)) >= 0:
        is_bare = _BEGINS_BARE.match(near, at) is not None
        before = near[max(0, at - _LONGEST_INDENT) : at]
        if _ASSIGNED.match(near, at) or (is_bare and _ENDS_INDENT.search(before)):
            return True
    return not near.isascii()


PATTERNS = (
    Pattern(
        kinds=frozenset({CredentialKind.CONSOLE_PASSWORD}),
        triggers=(
            rb"(?i:login[_-]?profile|password_?reset_?required|iam_user:)",
            rb"change-password",
        ),
        prefilter=(
            *(Literal(each, FIELD_NAME) for each in (*_COMMANDS, _RESOURCE_OF_STATE)),
            *(Literal(each, Form.UTF_16, ignore_case=True) for each in _WIDE_NAMES),
            *(Expression(each, ignore_case=True, confirm=_confirm_member) for each in _NAMES),
            Literal(b"iam change-password", Form.UTF_16),
            Expression(rb"iam(?:[^A-Za-z0-9]|\\[nt]|%20|&quot;){1,16}change-password"),
        ),
        find=find,
    ),
)  # fmt: skip
