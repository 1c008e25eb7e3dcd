"""In: lines. Out: our detector as plugins of detect-secrets, and its other plugins for our scan.

`detect-secrets scan -p …/analyzer/leaks/detect_secrets.py` finds what `credaudit scan` finds on
plain lines. The only module that imports detect_secrets, which is slow to load.
"""

import re
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.filters import heuristic
from detect_secrets.plugins.base import BasePlugin, RegexBasedDetector
from detect_secrets.settings import get_plugins, transient_settings
from detect_secrets.util.code_snippet import CodeSnippet, get_code_snippet

from analyzer.files import Skipped
from analyzer.leaks.detect.registry import Candidate, find_candidates
from analyzer.leaks.detect.sightings import secret_digest
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart, Sighting

LONGEST = 20_000
"""Characters of the longest line given to the other plugins, whose patterns can be slow."""
# Ours knows more shapes and fewer fakes; and an address on the internet is no secret.
_LEFT_OUT = frozenset({"AWSKeyDetector", "IPPublicDetector"})


class _AwsPlugin(RegexBasedDetector):
    """What detect-secrets wants of a plugin; a plugin has to be a subclass, so these are.

    A regex-based one, as any other loses `aws_access_key_id = …` to the filter for IDs.
    """

    denylist: tuple[re.Pattern[str], ...] = ()
    halves: frozenset[CredentialPart] = frozenset()

    def analyze_string(self, string: str) -> Generator[str, None, None]:
        """Every value in one line by itself."""
        yield from self._values([string], 0)

    def analyze_line(
        self,
        filename: str,
        line: str,
        line_number: int = 0,
        context: CodeSnippet | None = None,
        **_: Any,  # noqa: ANN401 - whatever a later version hands over
    ) -> set[PotentialSecret]:
        """The line's values; the lines around tell what a bare one is. Nothing is verified."""
        lines, at = ([line], 0) if context is None else (context.lines, context.target_index)
        return {
            PotentialSecret(self.secret_type, filename, value, line_number)
            for value in self._values(lines, at)
        }

    def _values(self, lines: list[str], at: int) -> Iterator[str]:
        text = "\n".join(line.rstrip("\r\n") for line in lines)
        begin = sum(len(line.rstrip("\r\n")) + 1 for line in lines[:at])
        end = begin + len(lines[at])
        found = find_candidates(text)
        has_id = any(mark.part is CredentialPart.ID for mark in found)
        for mark in found:
            if begin <= mark.start < end and self._counts(mark, has_id=has_id):
                yield mark.value

    def _counts(self, mark: Candidate, *, has_id: bool) -> bool:
        """A nameless run counts beside an ID. What is most likely made up has no place here."""
        return mark.part in self.halves and (mark.stands_alone or has_id) and mark.doubt is None


class AwsKeyIdDetector(_AwsPlugin):
    """Finds key IDs: what AWS issues, not whatever has the prefix."""

    secret_type = "AWS key ID (credaudit)"  # noqa: S105 - the name of a kind
    halves = frozenset({CredentialPart.ID})


class AwsSecretDetector(_AwsPlugin):
    """Finds secret access keys: by their names, or beside a key ID."""

    secret_type = "AWS secret key (credaudit)"  # noqa: S105 - likewise
    halves = frozenset({CredentialPart.SECRET})


class AwsTokenDetector(_AwsPlugin):
    """Finds what opens something by itself: API keys, passwords, tokens, signed addresses."""

    secret_type = "AWS token or password (credaudit)"  # noqa: S105 - likewise
    halves = frozenset({CredentialPart.WHOLE})


@dataclass(frozen=True, slots=True)
class PluginResult:
    """What the other plugins saw in one text, and the lines that they were spared."""

    sightings: tuple[Sighting, ...] = ()
    skipped: tuple[Skipped, ...] = ()


class DetectSecretsPlugins:
    """The other plugins of detect-secrets, ready for use; made by `other_detectors`."""

    def __init__(self, plugins: list[BasePlugin]) -> None:
        self._plugins = plugins

    def scan(self, text: str, name: str, known: Collection[Sighting] = ()) -> PluginResult:
        """What they see in the text of a file of that name, but for what is `known` already."""
        if heuristic.is_swagger_file(name) or heuristic.is_lock_file(name):
            return PluginResult()
        seen = {each.digest for each in known} | {
            secret_digest(each.key_id or "") for each in known
        }
        lines = text.split("\n")
        found: dict[tuple[int, str], Sighting] = {}
        skipped = []
        for number, line in enumerate(lines, start=1):
            if len(line) > LONGEST:
                reason = "a line too long for the plugins of detect-secrets"
                skipped.append(Skipped(f"{name}:{number}", reason, len(line), is_gap=False))
                continue
            for secret in self._on(line.rstrip(), name, number, lines):
                digest = secret_digest(secret.secret_value or "")
                # Several plugins can mean one value; the first of them names it.
                if digest not in seen:
                    found.setdefault((number, digest), _sighting(secret, number, digest))
        return PluginResult(tuple(found.values()), tuple(skipped))

    def _on(self, line: str, name: str, number: int, lines: list[str]) -> Iterator[PotentialSecret]:
        if not line or heuristic.is_indirect_reference(line):
            return
        context = get_code_snippet(lines, number)
        for plugin in self._plugins:
            found = plugin.analyze_line(
                filename=name, line=line, line_number=number, context=context
            )
            for secret in sorted(found, key=lambda each: each.secret_value or ""):
                if not _is_harmless(secret.secret_value or "", line, plugin):
                    yield secret


@contextmanager
def load_plugins() -> Iterator[DetectSecretsPlugins]:
    """The other plugins with their own settings, which end with the block.

    Settings of detect-secrets belong to the whole process: one block at a time, in one thread.
    Its filter for verification is left out, so no plugin asks any server.
    """
    classes: Iterable[type[BasePlugin]] = get_mapping_from_secret_type_to_class().values()
    names = sorted(each.__name__ for each in classes)
    wanted = [{"name": name} for name in names if name not in _LEFT_OUT]
    with transient_settings({"plugins_used": wanted, "filters_used": []}):
        yield DetectSecretsPlugins(list(get_plugins()))


def _is_harmless(value: str, line: str, plugin: BasePlugin) -> bool:
    """Whether one of detect-secrets' own filters takes it for no secret."""
    return (
        not value
        or heuristic.is_sequential_string(value)
        or heuristic.is_potential_uuid(value)
        or heuristic.is_likely_id_string(value, line, plugin)
        or heuristic.is_templated_secret(value)
        or heuristic.is_prefixed_with_dollar_sign(value)
        or heuristic.is_not_alphanumeric_string(value)
    )


def _sighting(secret: PotentialSecret, line: int, digest: str) -> Sighting:
    facts = ClaimedFacts(label=secret.type)
    return Sighting(CredentialKind.OTHER, line, CredentialPart.WHOLE, digest=digest, claims=facts)
